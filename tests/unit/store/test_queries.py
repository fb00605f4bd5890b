"""What people and programs see of the desk, in the outside contract's words."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import Clock, ClockState, DeliveryState, EntryState, LinkKind, Role, Status
from maild.database.light import connect
from maild.desk.effects import AddLink, AddPost, ChangeTicket, MarkDelivery, SetClocks, SettleEntry
from maild.desk.model import Participant
from maild.message.model import Address, Attachment
from maild.sla.model import FactKind, Reading
from maild.store import housekeeping
from maild.store.mail_queries import (
    list_inbound,
    list_outbox,
    raw_inbound,
    raw_outbox,
    show_inbound,
    show_outbox,
)
from maild.store.queries import list_tickets, search
from maild.store.showing import clock_facts, show_ticket, sla_snapshot
from maild.store.status import (
    breached_clocks,
    journal_status,
    mailboxes_status,
    outbox_status,
    processes,
    sweeps_status,
    tickets_status,
)
from tests.support.waiting import LONG_SECONDS

TICKET_FIELDS = [
    "key",
    "number",
    "subject",
    "status",
    "type",
    "priority",
    "queue",
    "team",
    "level",
    "requester",
    "assignee",
    "participants",
    "language",
    "tags",
    "category",
    "created_at",
    "updated_at",
    "first_response_due",
    "next_response_due",
    "resolution_due",
    "breached",
    "merged_into",
]
MESSAGE_FIELDS = [
    "id",
    "direction",
    "from",
    "to",
    "cc",
    "subject",
    "message_id",
    "at",
    "text",
    "new_text",
    "attachments",
    "kind",
    "authentication",
    "public",
    "delivery",
]
INBOUND_FIELDS = [
    "entry",
    "received_at",
    "door",
    "mailbox",
    "client",
    "mail_from",
    "rcpt_to",
    "message_id",
    "sha256",
    "size",
    "state",
    "reason",
    "ticket",
    "attempts",
]
OUTBOX_FIELDS = [
    "id",
    "ticket",
    "template",
    "mail_from",
    "rcpt_to",
    "message_id",
    "state",
    "attempts",
    "next_attempt_at",
    "last_reply",
    "created_at",
]


@pytest.fixture
def light(url, desk):
    with connect(url) as connection:
        yield connection


def reading(desk, clock, state, cycle=1, breached=False, due=None):
    return Reading(clock, cycle, state, desk.now, due, None, 3600, 60, breached)


def test_a_list_has_every_field_of_the_contract(desk, light):
    desk.open(10427, participants=(Participant("cc@x", "", Role.CC), Participant("out@x", "", Role.CC, active=False)))
    (ticket,) = list_tickets(light, "ACME")
    assert set(TICKET_FIELDS) <= set(ticket)
    assert ticket["key"] == "ACME-10427P"
    assert ticket["created_at"] == "2026-11-21T21:42:00Z"
    assert (ticket["participants"], ticket["tags"], ticket["breached"]) == (["cc@x"], [], [])
    assert ticket["assignee"] is ticket["team"] is ticket["merged_into"] is ticket["first_response_due"] is None


def test_the_newest_stand_last_and_a_limit_keeps_the_newest(desk, light):
    for number in range(1, 6):
        desk.open(number, status=Status.OPEN if number % 2 else Status.NEW)
    assert [t["number"] for t in list_tickets(light, "A")] == [1, 2, 3, 4, 5]
    assert [t["number"] for t in list_tickets(light, "A", limit=2)] == [4, 5]
    odd = {"status": ["open", "closed"], "queue": ["support"], "assignee": []}
    assert [t["number"] for t in list_tickets(light, "A", odd, 2)] == [3, 5]
    with pytest.raises(KeyError):
        list_tickets(light, "A", {"number; DROP TABLE ticket": ["1"]})


def test_a_due_clock_is_that_of_its_present_cycle(desk, light):
    desk.open(1)
    due = desk.now + timedelta(hours=1)
    readings = (
        reading(desk, Clock.FIRST_RESPONSE, ClockState.MET, breached=True),
        reading(desk, Clock.NEXT_RESPONSE, ClockState.MET, breached=True),
        reading(desk, Clock.NEXT_RESPONSE, ClockState.RUNNING, 2, due=due),
        reading(desk, Clock.RESOLUTION, ClockState.BREACHED, breached=True, due=desk.now),
    )
    desk.do("s", SetClocks(1, readings, due))
    (ticket,) = list_tickets(light, "A")
    assert ticket["first_response_due"] is None
    assert ticket["next_response_due"] == "2026-11-21T22:42:00Z"
    assert ticket["breached"] == ["first_response", "resolution"]
    assert breached_clocks(light) == 1
    clocks = show_ticket(light, "A", 1)["clocks"]
    assert len(clocks) == 4
    assert (clocks[0]["remaining_seconds"], clocks[0]["state"]) == (3540, "met")


def test_a_ticket_shows_what_was_said_done_and_tied(desk, light):
    desk.open(1)
    desk.open(2)
    there = Attachment("a.txt", "text/plain", 3, False, "aa", part="2")
    post = desk.post("s.1", 1, "Please sign in.", cc=(Address("C", "c@x"),), attachments=(there,))
    desk.do("s", AddPost(post), AddLink(2, LinkKind.PARENT, 1), outgoing=[desk.mail(post="s.1")])
    desk.do("sent", MarkDelivery("s.o1", DeliveryState.SENT, "250 ok"))
    shown = show_ticket(light, "ACME", 1)
    assert set(TICKET_FIELDS) <= set(shown)
    first, second = shown["messages"]
    assert set(MESSAGE_FIELDS) <= set(second)
    assert first["from"] == {"name": "Marta", "address": "marta@example.net"}
    assert second["cc"] == [{"name": "C", "address": "c@x"}]
    assert second["delivery"] == [{"rcpt_to": "marta@example.net", "state": "sent", "last_reply": "250 ok"}]
    attachment = {"filename": "a.txt", "content_type": "text/plain", "size": 3, "inline": False, "sha256": "aa"}
    assert second["attachments"] == [attachment]
    assert shown["events"][0] == {
        "at": "2026-11-21T21:42:00Z",
        "actor": "marta@example.net",
        "verb": "opened",
        "detail": "she wrote",
    }
    assert shown["links"] == [{"kind": "child", "ticket": "ACME-2W"}]
    assert show_ticket(light, "ACME", 2)["links"] == [{"kind": "parent", "ticket": "ACME-1R"}]
    assert show_ticket(light, "ACME", 99) is None


def test_the_clocks_of_now_can_be_computed_without_the_configuration(desk, light):
    desk.open(1)
    assert [fact.kind for fact in clock_facts(light, 1)] == [FactKind.OPENED]
    assert sla_snapshot(light) is None
    housekeeping.save_sla_snapshot(desk.db, "{}", desk.now)
    housekeeping.save_sla_snapshot(desk.db, '{"slas": {}}', desk.now)
    assert sla_snapshot(light) == '{"slas": {}}'


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["certificado"], [1]),
        (["VPN"], [1, 2, 3]),
        (["vpn", "caducado"], [1]),
        (["printer"], [2]),
        (["100%", "renamed_"], [3]),
        (['"OR', "NEAR(", "*"], []),
        (["'; DROP TABLE ticket; --"], []),
        ([], []),
        (["  "], []),
    ],
)
def test_words_find_tickets_and_are_never_operators(desk, light, words, found):
    texts = ["El certificado ha caducado", "The printer is on fire", "nothing"]
    for number, text in enumerate(texts, 1):
        desk.open(number)
        desk.do(f"s{number}", AddPost(desk.post(f"s{number}.1", number, text)))
    desk.do("r", ChangeTicket(3, (("subject", "vpn 100% renamed_x"),)))
    assert [t["number"] for t in search(light, "A", words)] == found


def test_the_journal_is_listed_in_the_words_of_the_contract(desk, light):
    for text in ("a", "b", "c"):
        desk.receive(text)
    desk.do("s", SettleEntry("e2", EntryState.QUARANTINED, "no-queue: to: none of ours", 7))
    entries = list_inbound(light, "ACME")
    assert (entries[1]["reason"], entries[1]["because"]) == ("no-queue", "to: none of ours")
    assert [e["entry"] for e in entries] == ["e1", "e2", "e3"]
    assert set(INBOUND_FIELDS) <= set(entries[0])
    assert entries[1]["ticket"] == "ACME-7F"
    assert (entries[0]["rcpt_to"], entries[0]["mailbox"], entries[0]["reason"]) == ([], None, None)
    assert [e["entry"] for e in list_inbound(light, "A", {"state": ["quarantined", "failed"]})] == ["e2"]
    assert [e["entry"] for e in list_inbound(light, "A", {"ticket": ["7"]}, 1)] == ["e2"]
    assert show_inbound(light, "A", "e1")["results"] is None
    assert show_inbound(light, "A", "nothing") is None
    assert raw_inbound(light, "e1").endswith(b"a")
    assert raw_inbound(light, "nothing") is None


def test_the_outbox_is_listed_in_the_words_of_the_contract(desk, light):
    desk.do("s", outgoing=[desk.mail(), desk.mail("b@x", state=DeliveryState.HELD, hold="breaker", ticket=0)])
    rows = list_outbox(light, "ACME")
    assert set(OUTBOX_FIELDS) <= set(rows[0])
    assert [(r["id"], r["ticket"], r["state"], r["reason"]) for r in rows] == [
        ("s.o1", "ACME-1R", "queued", None),
        ("s.o2", None, "held", "breaker"),
    ]
    assert [r["id"] for r in list_outbox(light, "A", {"state": ["held"]})] == ["s.o2"]
    assert show_outbox(light, "A", "s.o1")["rcpt_to"] == "marta@example.net"
    assert show_outbox(light, "A", "nothing") is raw_outbox(light, "nothing") is None
    assert raw_outbox(light, "s.o1").startswith(b"Subject")


def test_the_status_counts_what_waits_and_since_when(desk, light):
    assert journal_status(light, desk.now)["oldest_waiting_seconds"] is None
    desk.open(1)
    desk.receive("waits")
    desk.do("s", outgoing=[desk.mail()])
    desk.later(seconds=90)
    journal, outbox = journal_status(light, desk.now), outbox_status(light, desk.now)
    assert (journal["received"], journal["applied"], journal["oldest_waiting_seconds"]) == (1, 1, 90)
    assert (outbox["queued"], outbox["sent"], outbox["oldest_waiting_seconds"]) == (1, 0, 90)
    assert tickets_status(light) == {"new": 1}


def test_processes_sweeps_and_mailboxes_tell_how_they_are(desk, light):
    housekeeping.beat(desk.db, "host:1", desk.now, {"roles": ["intake"]})
    housekeeping.beat(desk.db, "host:2", desk.now - timedelta(seconds=31), {})
    assert processes(light, desk.now) == [{"process": "host:1", "at": "2026-11-21T21:42:00Z", "roles": ["intake"]}]
    housekeeping.stop_beating(desk.db, "host:1")
    assert processes(light, desk.now) == []
    housekeeping.sweep_ran(desk.db, "clocks", desk.now, desk.now + timedelta(minutes=1))
    (sweep,) = sweeps_status(light)
    assert (sweep["name"], sweep["last_run"], sweep["next_run"]) == (
        "clocks",
        "2026-11-21T21:42:00Z",
        "2026-11-21T21:43:00Z",
    )
    housekeeping.mailbox_is(desk.db, "support", "ok", desk.now, contact=True, mail=True)
    housekeeping.mailbox_is(desk.db, "support", "degraded", desk.later(minutes=1), problem="away")
    housekeeping.mailbox_is(desk.db, "support", "degraded", desk.later(minutes=1), problem="still away")
    (mailbox,) = mailboxes_status(light)
    assert (mailbox["state"], mailbox["problem"]) == ("degraded", "still away")
    assert mailbox["since"] == "2026-11-21T21:43:00Z"
    assert mailbox["last_contact"] == mailbox["last_mail"] == "2026-11-21T21:42:00Z"


def test_what_short_commands_import_is_light():
    program = (
        "import sys, maild.database.light, maild.database.schema, maild.store.queries, maild.store.showing,"
        " maild.store.mail_queries, maild.store.status\n"
        "heavy = {'peewee', 'psycopg', 'pydantic', 'structlog', 'jinja2', 'apscheduler', 'dkim', 'dns'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG_SECONDS)
    assert done.stderr.strip() == ""


def test_a_list_knows_what_has_run_out_since_it_was_written_down(desk, light):
    desk.open(1)
    due = desk.now + timedelta(hours=1)
    running = reading(desk, Clock.FIRST_RESPONSE, ClockState.RUNNING, due=due)
    paused = reading(desk, Clock.RESOLUTION, ClockState.PAUSED)
    desk.do("s", SetClocks(1, (running, paused), due))
    (before,) = list_tickets(light, "A", now=due - timedelta(seconds=1))
    (after,) = list_tickets(light, "A", now=due)
    assert (before["breached"], after["breached"]) == ([], ["first_response"])


def test_of_several_askings_the_one_that_waits_is_shown(desk, light):
    desk.open(1)
    due = desk.now + timedelta(hours=1)
    answered = replace(reading(desk, Clock.SUPPLIER, ClockState.MET, 2), met_at=desk.now)
    desk.do("s", SetClocks(1, (reading(desk, Clock.SUPPLIER, ClockState.RUNNING, 1, due=due), answered), due))
    assert list_tickets(light, "A")[0]["supplier_due"] == "2026-11-21T22:42:00Z"
