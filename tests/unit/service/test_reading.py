"""Reading one mail: parse, measure, classify, tell the language, as one value that crosses processes."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime

from maild.base.limits import DEFAULT_LIMITS
from maild.base.words import DoorName, Kind
from maild.message.envelope import Envelope
from maild.proof.model import Results
from maild.service.reading import read, with_own_marks
from maild.triage import OwnMarks

ENVELOPE = Envelope(DoorName.SMTP, datetime(2026, 11, 21, tzinfo=UTC), mail_from="ana@example.org")
MAIL = (
    b"From: Ana <ana@example.org>\r\nMessage-ID: <m1@desk.example.com>\r\nSubject: Re: Printer\r\n\r\n"
    b"hola, no funciona\r\n\r\nOn Mon, Nov 2, 2026 at 9:00 AM Ben <ben@example.com> wrote:\r\n"
    b"> Hello, please try the other printer and tell us whether it works.\r\n"
)


def test_a_reading_survives_the_way_between_processes():
    reading = read(MAIL, ENVELOPE, OwnMarks(), DEFAULT_LIMITS)
    assert pickle.loads(pickle.dumps(reading)) == reading
    assert reading.finding.kind is Kind.HUMAN
    assert reading.results == Results()


def test_the_language_is_that_of_the_new_words():
    assert read(MAIL, ENVELOPE, OwnMarks(), DEFAULT_LIMITS).language == "es"


def test_a_measure_is_asked_once_with_the_octets():
    asked = []

    def evaluate(octets, envelope):
        asked.append((octets, envelope))
        return Results(dkim="pass")

    assert read(MAIL, ENVELOPE, OwnMarks(), DEFAULT_LIMITS, evaluate).results.dkim == "pass"
    assert asked == [(MAIL, ENVELOPE)]


def test_our_own_message_id_makes_it_a_loop_when_it_is_known():
    own = OwnMarks(domain="desk.example.com")
    reading = read(MAIL, ENVELOPE, own, DEFAULT_LIMITS)
    again = with_own_marks(reading, ENVELOPE, replace(own, is_ours=frozenset({"<m1@desk.example.com>"})))
    assert again.finding.kind is Kind.LOOP
    assert again.message is reading.message
