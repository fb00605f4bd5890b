"""Whoever tries again and again what never works is noticed."""

import pytest

from maild.desk.patterns import Came, suspicions
from tests.unit.desk.bench import settings

KEYS = "new: its subject names {}, where eve@evil.example takes no part"
TOKEN = "token: it answers a mail of ticket 7; eve@evil.example takes no part there, so it is kept as a note"
FORGED = "agent-unproved: nothing proves it"
REPORT = "bounce: it says so"


def came(count, reason, client="192.0.2.9", sender="eve@evil.example", ticket=None):
    return [Came(f"e{n}", client, sender, reason, ticket) for n in range(count)]


def told(*mails):
    return {alarm for alarm, _ in suspicions([mail for some in mails for mail in some], settings())}


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("foreign-keys", KEYS.format("7")),
        ("foreign-tokens", TOKEN),
        ("unproved-commands", FORGED),
        ("forged-reports", REPORT),
    ],
)
def test_more_than_five_tries_in_an_hour_are_told_of_sender_domain_and_client(pattern, reason):
    assert told(came(5, reason)) == set()
    assert told(came(6, reason)) == {(pattern, who) for who in ("eve@evil.example", "@evil.example", "192.0.2.9")}


def test_one_mail_with_many_keys_counts_each():
    assert ("foreign-keys", "192.0.2.9") in told(came(1, KEYS.format("1, 2, 3, 4, 5, 6")))


def test_tries_of_many_senders_add_up_by_their_client():
    mails = [came(1, FORGED, sender=f"a@host{n}.example") for n in range(6)]
    named = [[Came(f"f{n}", m.client, m.mail_from, m.reason, None)] for n, (m,) in enumerate(mails)]
    assert told(*named) == {("unproved-commands", "192.0.2.9")}


def test_a_report_on_mail_of_ours_and_her_own_key_are_no_tries():
    assert told(came(9, REPORT, ticket=7), came(9, "subject-key: its subject carries the key of ticket 7")) == set()


def test_the_entries_are_named():
    words = dict(suspicions(came(30, FORGED), settings()))["unproved-commands", "192.0.2.9"]
    assert words.startswith("e0, e1, ")
    assert words.endswith(" + 10")
