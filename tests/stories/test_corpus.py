"""Real mails of every kind through real doors: each is taken once, understood or put aside with a reason."""

import base64
import json
import os
import smtplib
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.dovecot import start_dovecot
from tests.support.served import Served
from tests.support.waiting import LONG_SECONDS, eventually

HERE = Path(__file__).resolve().parents[2]
FOLDERS = [Path(folder) for folder in (os.environ.get("MAILD_CORPORA"), HERE.parent / "shared" / "corpora") if folder]
CORPUS = next((folder / "dev.jsonl" for folder in FOLDERS if (folder / "dev.jsonl").is_file()), None)
GROWTH_MAX = 64 * 1024 * 1024  # octets, of the service's own process
MACHINES = {"bounce", "auto-reply", "auto-generated", "receipt", "complaint", "loop", "list"}

pytestmark = pytest.mark.skipif(CORPUS is None, reason="the labelled mails are not here; $MAILD_CORPORA may name them")


def mails():
    """The octets of each case; words without a header become a small mail."""
    with CORPUS.open(encoding="utf-8") as lines:
        return [octets_of(case) for case in map(json.loads, lines)]


def octets_of(case):
    raw = base64.b64decode(case["raw_base64"])
    if case["format"] == "eml":
        return raw
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "Someone <someone@example.com>",
        "support@example.org",
        "Re: your message",
    )
    mail["Message-ID"] = f"<{case['id']}@corpus.example>"
    mail.set_content(raw.decode("utf-8", "replace"), subtype="html" if case["format"] == "html" else "plain")
    return mail.as_bytes()


def crlf(octets):
    return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def offer(client, octets):
    """Hand one mail to the door; returns the code of its answer."""
    client.mail("someone@example.net")
    client.rcpt("support@example.com")
    code, reply = client.data(octets)
    assert code == 250 or (500 <= code < 600 and len(reply) > 10), (code, reply)
    return code


def check(served, taken):
    """Every entry has come to its end with a reason, and no machine was answered."""
    eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
    entries = served.desk.rows("inbound", "list")
    assert len(entries) == taken
    unhandled = [row for row in entries if row["state"] not in {"applied", "quarantined", "duplicate"}]
    assert unhandled == []
    assert all(row["reason"] for row in entries if row["state"] == "quarantined")
    kinds = {}
    for number in {row["ticket"] for row in entries if row["ticket"]}:
        for message in served.desk.rows("ticket", "show", number)[0]["messages"][:1]:
            kinds[number] = message["kind"]
    answered = [row["ticket"] for row in served.desk.rows("outbox", "list") if row["template"] == "acknowledgement"]
    assert [ticket for ticket in answered if kinds[ticket] in MACHINES] == []
    return f"{len(entries)} entries, {len(kinds)} tickets, {len(answered)} acknowledgements"


@pytest.mark.soak
def test_all_real_mails_come_through_the_smtp_door(tmp_path, capsys):
    served = Served(tmp_path)
    try:
        served.start()
        before = served.memory()
        with smtplib.SMTP("127.0.0.1", served.port, timeout=LONG_SECONDS) as client:
            client.ehlo()
            codes = [offer(client, crlf(octets)) for octets in mails()]
        told = check(served, codes.count(250))
        grown = served.memory() - before
        assert grown < GROWTH_MAX
    finally:
        served.close()
    with capsys.disabled():
        sys.stdout.write(
            f"\nSMTP: {codes.count(250)} taken, {len(codes) - codes.count(250)} refused, {told}, grew {grown >> 20} MiB"
        )


@pytest.mark.soak
def test_all_real_mails_come_through_a_mailbox(tmp_path, capsys):
    with start_dovecot(tmp_path) as dovecot:
        octets = mails()
        assert dovecot.folder_uids() == []  # the first look makes the Maildir
        dovecot.deliver(octets)
        mailbox = f"""
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {dovecot.port}
tls = "none"
username = "{dovecot.user}"
password = "{dovecot.password}"
queue = "support"
after = "move:Processed"
"""
        served = Served(tmp_path, lambda text: f"{text}\n{mailbox}")
        try:
            served.start()
            before = served.memory()
            eventually(lambda: not dovecot.folder_uids(), "an empty INBOX", LONG_SECONDS)
            assert len(dovecot.folder_uids("Processed")) == len(octets)
            told = check(served, len(octets))
            grown = served.memory() - before
            assert grown < GROWTH_MAX
        finally:
            served.close()
    with capsys.disabled():
        sys.stdout.write(f"\nIMAP: {len(octets)} taken, {told}, grew {grown >> 20} MiB")
