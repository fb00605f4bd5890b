"""The log: one record a line, whatever a mail contains."""

import inspect
import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.log import events
from maild.log.about import about
from maild.log.setup import VALUE_CHARACTERS_MAX, configure, in_one_write, printable

SAYABLE = [f for n, f in vars(events).items() if inspect.isfunction(f) and not n.startswith("_")]


@pytest.fixture(autouse=True)
def _leave_the_log_as_it_was():
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def told(tell, **how):
    stream = io.StringIO()
    configure(stream, **how)
    tell()
    return stream.getvalue()


def test_a_record_is_logfmt_with_the_event_in_front():
    line = told(lambda: events.entry_failed(entry="e1", attempts=2, because="it is odd"))
    assert line.startswith("at=2")
    assert ' level=warning event=entry-failed entry=e1 attempts=2 because="it is odd"\n' in line


def test_a_log_that_cannot_be_written_stops_nobody():
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    configure(Full())
    events.entry_failed(entry="e1", attempts=2, because="it is odd")


def test_records_of_many_mails_are_written_at_once_in_their_order_and_even_when_something_fails():
    written = []

    class Stream(io.StringIO):
        def write(self, text):
            written.append(text)
            return len(text)

    def fail():
        with in_one_write():
            events.entry_duplicate(entry="e1", of="e0")
            events.entry_duplicate(entry="e2", of="e0")
            assert not written
            raise ValueError("odd")

    configure(Stream())
    with pytest.raises(ValueError, match="odd"):
        fail()
    events.service_stopped()
    assert [text.count("\n") for text in written] == [2, 1]
    assert written[0].index("entry=e1") < written[0].index("entry=e2")


def test_a_value_is_quoted_where_it_could_be_taken_for_several():
    line = told(lambda: events.entry_quarantined(entry="e1", because='say "a=b" \\ or \\'))
    assert line.endswith('because="say \\"a=b\\" \\\\ or \\\\"\n')
    assert told(lambda: events._log.info("odd", yes=True, no=False, none=None)).endswith("yes=true no=false none=\n")


def test_under_systemd_a_line_begins_with_its_priority_and_has_no_time():
    line = told(lambda: events.entry_quarantined(entry="e1", because="no-queue"), systemd=True)
    assert line == "<3>level=error event=entry-quarantined entry=e1 because=no-queue\n"


def test_a_subject_cannot_forge_a_record():
    line = told(lambda: events.entry_failed(entry="e1", attempts=1, because="a\r\nlevel=error event=x \x1b[31m\u2028"))
    assert line.count("\n") == 1
    assert "\x1b" not in line
    assert "\u2028" not in line


@given(st.text(alphabet=st.characters()))
def test_whatever_is_logged_stays_one_printable_line(text):
    shown = printable(text)
    assert "\n" not in shown
    assert all(ord(letter) >= 32 for letter in shown)
    shown.encode()


def test_a_long_value_is_cut():
    assert len(printable("x" * 10_000)) == VALUE_CHARACTERS_MAX + 1


@pytest.mark.parametrize("say", SAYABLE, ids=lambda f: f.__name__)
def test_everything_the_log_can_say_fits_one_line_and_is_described(say):
    facts = {n: 1 if p.annotation in (int, float) else "a\nb" for n, p in inspect.signature(say).parameters.items()}
    line = told(lambda: say(**facts))
    assert line.count("\n") == 1
    assert f"event={say.__name__.replace('_', '-')} " in line.replace("\n", " ")
    assert say.__doc__


def test_what_is_bound_stands_in_every_record_inside_and_in_none_after():
    def tell():
        with about(entry="e7", ticket=12):
            events.database_recovered()
        events.database_recovered()

    first, second = told(tell).splitlines()
    assert first.endswith("event=database-recovered entry=e7 ticket=12")
    assert second.endswith("event=database-recovered")


def test_an_error_is_told_in_one_line_with_its_place():
    def tell():
        try:
            raise ValueError("no\nway")
        except ValueError:
            events.worker_failed(worker="pipeline")

    line = told(tell)
    assert line.count("\n") == 1
    assert 'error="ValueError: no\\\\nway"' in line
    assert 'where="test_log.py:' in line


def test_a_library_speaks_in_the_same_form_and_only_when_something_is_wrong():
    def tell():
        logging.getLogger("mail.log").info("chatter")
        try:
            raise OSError("gone")
        except OSError:
            logging.getLogger("mail.log").exception("lost\n%s", "it")

    line = told(tell)
    assert line.count("\n") == 1
    assert r"event=lost\nit" in line
    assert "error=" in line


def test_setting_up_again_replaces_the_first_stream():
    first, second = io.StringIO(), io.StringIO()
    configure(first)
    configure(second, level="warning")
    events.service_stopped()
    events.alarm_raised(alarm="disk", about="", because="1 MB, 2 MB")
    assert first.getvalue() == ""
    assert second.getvalue().count("\n") == 1


def test_an_error_given_by_hand_is_told_without_a_place_when_it_has_none():
    line = told(lambda: events._log.error("odd", exc_info=ValueError("x")))
    assert 'error="ValueError: x" where=\n' in line


def test_no_error_is_no_error():
    line = told(lambda: events._log.error("odd", exc_info=None))
    assert "error=" not in line
