"""An agent answers his digest: each line names its ticket, as in the batch mailbox."""

from maild.base.words import Purpose
from maild.proof.model import Token
from maild.proof.tokens import hour_of
from tests.unit.cli_desk.conftest import _now

ANSWER = """From: Ana Ruiz <ana@example.com>
To: {to}
Subject: Re: Your tickets
Message-ID: <two@example.com>
Date: Sun, 22 Nov 2026 09:00:00 +0000

{key} priority high
"""


def _answer(shell, person, author="ana@example.com"):
    with shell.house() as house:
        keyring, desk = house.office.keyring, house.office.settings.desk
        token = Token(Purpose.INTERNAL, 0, keyring.person_hash(person), hour_of(_now()), keyring.ref_of("digest", 0))
        to = keyring.reply_address(desk.reply_address, desk.recipient_delimiter, token)
    (ticket,) = shell.rows("ticket", "list")
    octets = ANSWER.format(to=to, key=ticket["key"]).replace("ana@example.com", author, 1)
    shell.arrive(octets.encode(), to=to, mail_from=author)
    (ticket,) = shell.rows("ticket", "list")
    return ticket["priority"]


def test_lines_in_an_answer_to_a_digest_work_on_the_tickets_that_they_name(shell):
    shell.arrive()
    assert _answer(shell, "ana@example.com") == "high"
    assert [row["rcpt_to"] for row in shell.rows("outbox", "list") if row["template"] == "transcript"] == [
        "ana@example.com"
    ]


def test_somebody_elses_digest_is_no_way_in(shell):
    shell.arrive()
    assert _answer(shell, "ana@example.com", author="ben@example.com") == "normal"
    assert _answer(shell, "ana@example.com", author="mallory@client.example") == "normal"
