"""The reports of mail servers everywhere, in the shapes that their makers document: one file a server."""

from pathlib import Path

import pytest

from maild.base.words import Kind
from maild.message.parse import parse

FILES = sorted((Path(__file__).parent / "data" / "bounces").glob("*.eml"))
DELAYED = {"delayed_dsn", "exim_delay", "google_delay", "opensmtpd_warn"}
CLASSES = {"wanadoo": "full", "zimbra": "full", "imail2": "full", "barracuda": "policy", "sophos": "policy"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_one_who_did_not_get_the_mail_is_named(file):
    report = parse(file.read_bytes()).report
    assert report is not None
    assert report.kind is Kind.BOUNCE
    (recipient,) = report.recipients
    assert recipient.address == "ana@casa.example"
    action = "delivered" if file.stem.startswith("success") else "delayed" if file.stem in DELAYED else "failed"
    assert recipient.action == action
    assert recipient.what == CLASSES.get(file.stem, recipient.what)
    assert recipient.permanent == (action == "failed" and not recipient.status.startswith("4"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_person_who_forwards_a_report_writes_none(file):
    text = parse(file.read_bytes()).text
    for words in (f"What does this mean?\n\n{text}", "Mirad esto:\n\n> " + text.replace("\n", "\n> ")):
        mail = f"From: Eva <eva@casa.example>\nSubject: Fwd: Undelivered Mail\n\n{words}".encode()
        assert parse(mail).report is None


def test_a_person_may_say_that_a_message_could_not_be_delivered():
    mail = b"From: a@b.example\nSubject: Your message\n\nYour message could not be delivered to me, I moved.\n"
    assert parse(mail).report is None
