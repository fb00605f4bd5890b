"""People's words in our mails."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.notice.prose import prose, quote, words


@pytest.mark.parametrize(
    ("said", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("steps:\n1. a\n2) b", "<p>steps:</p><ol><li>a</li><li>b</li></ol>"),
        ("- only one", "<p>- only one</p>"),
        ("- a\nb\n- c", "<p>- a<br>\nb<br>\n- c</p>"),
        ("  x = 1", "<p>&nbsp;&nbsp;x = 1</p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        (
            "see https://example.org/a?b=1&c=2).",
            '<p>see <a href="https://example.org/a?b=1&amp;c=2">https://example.org/a?b=1&amp;c=2</a>).</p>',
        ),
        ("ana@example.com!", '<p><a href="mailto:ana@example.com">ana@example.com</a>!</p>'),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
        ("", ""),
    ],
)
def test_words_keep_their_paragraphs_lists_and_links(said, html):
    assert prose(said) == html


def test_a_long_quote_is_cut_and_says_so():
    said = "\n".join(map(str, range(100)))
    assert quote(said, 3) == "> 0\x00\n> 1\x00\n> 2\x00\n> […]"
    assert prose(said, 2) == "<p>0<br>\n1<br>\n[…]</p>"


def test_control_characters_and_odd_line_ends_are_left_out():
    assert words("a\x00b\x1b[1m\r\nc\rd\n") == "ab[1m\x00\nc\x00\nd"


@settings(max_examples=100)
@given(st.text(alphabet=st.sampled_from("ab <>&\"'-*1.@/:\nhtps[]"), max_size=80))
def test_nothing_that_anybody_writes_becomes_markup(said):
    html = str(prose(said))
    tags = re.findall(r"<[^>]*>", html)
    assert all(re.fullmatch(r'</?(p|ul|ol|li|a)>|<br>|<a href="(https?://|mailto:)[^"<>]*">', tag) for tag in tags)
    if not re.search(r"^\s*([-*]|\d+[.)])\s", said, re.MULTILINE):
        shown = unescape(re.sub(r"<[^>]*>", "", html)).replace("\xa0", " ")
        assert shown.split() == said.split()
