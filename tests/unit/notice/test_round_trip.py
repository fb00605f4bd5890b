"""An answer to our mails: what maild itself reads out of it when it comes back."""

import pytest

from maild.base.words import DoorName, Kind
from maild.message.envelope import Envelope
from maild.message.parse import parse
from maild.notice.catalogue import CATALOGUE, is_outside
from maild.notice.headers import loop_value
from maild.notice.samples import sample
from maild.triage.kinds import classify
from maild.triage.model import OwnMarks
from tests.unit.notice.desk import KEYRING, NOW, body, read, rendered, settings

SAID = "Yes, that helped.\n\nMarta"


def answer(text, subject, html=""):
    head = f"From: marta@example.org\nTo: desk@desk.example.com\nSubject: Re: {subject}\nMIME-Version: 1.0\n"
    if html:
        return f"{head}Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{html}".encode()
    return f"{head}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}".encode()


def quoted(text):
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", CATALOGUE)
def test_only_what_was_written_now_is_new_whatever_the_client_does_to_the_rest(name, language):
    (composed,) = rendered(sample(name, language))
    text, subject = body(composed), read(composed)["Subject"]
    for octets in (
        answer(f"{SAID}\n\nOn Fri, 20 Nov 2026 at 10:30, Acme Support wrote:\n{quoted(text)}\n", subject),
        answer(f"{SAID}\n\n{text}", subject),
    ):
        message = parse(octets)
        assert message.new_text.split() == SAID.split() or message.new_text == "Yes, that helped."
        assert [KEYRING.read_marker(marker) for marker in message.markers] != [None] * len(message.markers)


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_answer_in_html_that_quotes_nothing_properly_is_cut_at_our_line_too(name):
    (composed,) = rendered(sample(name, "en"))
    html = f"<p>Yes, that helped.</p>{body(composed, 'html')}"
    message = parse(answer("", read(composed)["Subject"], html))
    assert message.new_text.strip() == "Yes, that helped."
    assert KEYRING.read_marker(message.markers[0]).ticket in {0, 10427}


@pytest.mark.parametrize("name", [name for name in CATALOGUE if sample(name, "en").automatic])
def test_our_automatic_mail_that_comes_back_is_a_loop_and_another_desks_is_never_answered(name):
    (composed,) = rendered(sample(name, "en"))
    message, envelope = parse(composed.octets), Envelope(DoorName.SMTP, NOW, mail_from="someone@example.org")
    own = OwnMarks(frozenset(), "desk.example.com", loop_value(settings()))
    assert classify(message, envelope, own).kind is Kind.LOOP
    assert classify(message, envelope, OwnMarks()).automatic


@pytest.mark.parametrize("name", [name for name in CATALOGUE if is_outside(name)])
def test_our_own_mail_parses_without_a_defect(name):
    (composed,) = rendered(sample(name, "es"))
    message = parse(composed.octets)
    assert message.defects == ()
    assert message.message_id == composed.message_id
