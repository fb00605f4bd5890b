"""No person is held back, whatever she writes about; a machine that answers by itself is, also without any field."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.base.words import DoorName, Kind
from maild.message.envelope import Envelope
from maild.message.parse import parse
from maild.triage import classify
from tests.unit.triage.mails import OWN

DATA = Path(__file__).parent / "data"


def _rows(name):
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _finding(row):
    head = f"From: {row['sender']}\nTo: support@example.com\nSubject: {row['subject']}\n{row.get('fields', '')}"
    mail = f"{head}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{row['text']}\n"
    path = "ana@casa.example" if row.get("path", True) else ""
    envelope = Envelope(DoorName.SMTP, datetime(2026, 11, 21, tzinfo=UTC), mail_from=path)
    return classify(parse(mail.encode()), envelope, OWN)


@pytest.mark.parametrize("row", _rows("people.jsonl"), ids=lambda row: row["text"][:30])
def test_a_person_is_let_through(row):
    finding = _finding(row)
    assert finding.kind is Kind.HUMAN, finding


@pytest.mark.parametrize("row", _rows("machines.jsonl"), ids=lambda row: row["subject"][:30])
def test_a_machine_is_held_back(row):
    assert _finding(row).kind is not Kind.HUMAN
