"""Where in the file a key stands."""

from maild.settings.places import line_of, locate

TEXT = '''\
top = 1
[desk] # comment
name = "a # no comment ["
"quoted key" = 2
words = """
[not.a.table]
no = "key"
"""
list = [
  "x = 1", # ]
  { inner = 2 },
]
[[queue]]
name = "one"
[queue.inner]
deep = true
[[queue]]
a.b.c = 3
[[queue.part]]
x = 1
'''


def test_keys_are_found_on_their_lines():
    lines = locate(TEXT)
    assert lines[("top",)] == 1
    assert lines[("desk",)] == 2
    assert lines[("desk", "name")] == 3
    assert lines[("desk", "quoted key")] == 4
    assert lines[("desk", "words")] == 5
    assert lines[("desk", "list")] == 9
    assert lines[("queue",)] == lines[("queue", 0)] == 13
    assert lines[("queue", 0, "inner", "deep")] == 16
    assert lines[("queue", 1, "a", "b")] == lines[("queue", 1, "a", "b", "c")] == 18
    assert lines[("queue", 1, "part", 0, "x")] == 20
    assert ("desk", "no") not in lines


def test_what_has_no_line_of_its_own_stands_on_the_line_around_it():
    lines = locate(TEXT)
    assert line_of(lines, ("desk", "list", 1, "inner")) == 9
    assert line_of(lines, ("nowhere",)) is None
