"""Who can mend the service hears what is wrong with it, and the leads hear once a day what is held."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from maild.base.words import DoorName
from maild.desk.answering import BREAKER
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.service.sweeping import held_expired
from maild.service.watching import tell_quarantine, watch
from maild.settings.doors import Mailbox
from maild.store.grants import grant_is, publish_logins
from maild.store.housekeeping import mailbox_is

OPS, LEAD = "ops@example.com", "lead@example.com"


@pytest.fixture
def desk(work):
    mailbox = Mailbox(name="support", host="127.0.0.1", tls="none", username="u", queue="support")
    settings = work.office.settings.model_copy(update={"mailbox": (mailbox,)})
    work.office = replace(work.office, settings=settings)
    return work


def _look(desk, free=10**12):
    found = watch(desk.actor, desk.office, desk.now, lambda: free)
    desk.run("UPDATE outbox SET state = 'sent', sent_at = ? WHERE state = 'queued' AND template = 'alert'", desk.now)
    return found


def _alerts(desk):
    return [(row["rcpt_to"], desk.text(row)) for row in desk.outbox(template="alert")]


def test_a_dead_mailbox_is_told_once_and_so_is_its_return(desk):
    mailbox_is(desk.db, "support", "ok", desk.now)
    assert _look(desk) == 0
    mailbox_is(desk.db, "support", "dead", desk.now, problem="the password is refused")
    assert (_look(desk), _look(desk)) == (1, 0)
    desk.later(hours=3)
    assert _look(desk) == 0
    ((who, text),) = _alerts(desk)
    assert who == OPS
    assert "a mailbox cannot be reached" in text
    assert "support: the password is refused" in text
    mailbox_is(desk.db, "support", "ok", desk.now)
    assert (_look(desk), _look(desk)) == (1, 0)
    assert "a mailbox is back" in _alerts(desk)[1][1]


def test_a_mailbox_that_comes_and_goes_is_told_once_an_hour_and_the_last_word_is_right(desk):
    for minute in range(90):
        mailbox_is(desk.db, "support", "dead" if minute % 2 == 0 else "ok", desk.now)
        _look(desk)
        desk.later(minutes=1)
    desk.later(hours=2)
    _look(desk)
    said = ["back" if "is back" in text else "dead" for _, text in _alerts(desk)]
    assert said.count("dead") == 2
    assert said[-1] == "back"


def test_when_the_breaker_holds_mail_the_lead_hears_too(desk):
    desk.ticket()
    desk.run("UPDATE outbox SET state = 'held', reason = ? WHERE template = 'acknowledgement'", BREAKER)
    assert _look(desk) == 1
    assert sorted(who for who, _ in _alerts(desk)) == [LEAD, OPS]
    assert all(row["state"] == "sent" for row in desk.outbox(template="alert"))


def test_an_outbox_that_nobody_works_off_is_told_after_15_minutes(desk):
    desk.ticket()
    desk.later(minutes=14)
    assert _look(desk) == 0
    desk.later(minutes=2)
    assert _look(desk) == 1
    assert "nobody delivers" in _alerts(desk)[0][1]


@pytest.mark.parametrize(("reply", "told"), [("127.0.0.1:25: refused", 1), ("450 4.7.1 greylisted", 0), ("250 ok", 0)])
def test_a_smarthost_that_is_away_is_told_and_a_receiver_that_defers_is_not(desk, reply, told):
    desk.ticket()
    desk.later(minutes=16)
    desk.run("UPDATE outbox SET state = 'deferred', next_attempt_at = ?, last_reply = ?", _soon(desk), reply)
    assert _look(desk) == told
    if told:
        desk.later(hours=2)
        desk.run("UPDATE outbox SET sent_at = ? WHERE state = 'sent'", desk.now)
        desk.run("UPDATE outbox SET next_attempt_at = ? WHERE state = 'deferred'", _soon(desk))
        assert _look(desk) == 0


def _soon(desk):
    return desk.now + timedelta(minutes=9)


def test_a_disk_that_is_nearly_full_is_told_and_a_database_elsewhere_has_none(desk):
    assert (_look(desk, 200_000_000), _look(desk, None)) == (0, 0)
    assert _look(desk, 150_000_000) == 1
    assert "150 MB, 100 MB" in _alerts(desk)[0][1]


def test_each_morning_the_leads_are_told_what_is_held_for_their_queues(desk):
    for name, reason, queues in (("a", "unproved: no token", '["support"]'), ("b", "no-queue: not ours", "[]")):
        facts = f"'{name}', '2026', 'smtp', '', '', '', '{name}@x', '[]', '', '', FALSE, '', '', 1, 'quarantined'"
        desk.run(
            "INSERT INTO entry (id, received_at, door, mailbox, client, helo, mail_from, rcpt_to, queue,"
            " authenticated_as, trusted, message_id, sha256, size, state, reason, attempts, claimed_by, confirmed,"
            f" content_hash, queues) VALUES ({facts}, ?, 0, '', FALSE, '', ?)",
            reason,
            queues,
        )
    desk.now = datetime(2026, 11, 24, 5, 59, tzinfo=UTC)  # 6:59 in Madrid
    assert tell_quarantine(desk.actor, desk.office, desk.now) == 0
    desk.later(minutes=1)
    assert tell_quarantine(desk.actor, desk.office, desk.now) == 2
    assert tell_quarantine(desk.actor, desk.office, desk.later(hours=5)) == 0
    mails = {row["rcpt_to"]: desk.text(row) for row in desk.outbox(template="quarantine")}
    assert mails.keys() == {LEAD, OPS}
    assert "a a@x: unproved: no token" in mails[LEAD]
    assert "b b@x: no-queue: not ours" in mails[OPS]
    assert tell_quarantine(desk.actor, desk.office, desk.later(days=1)) == 2


def test_on_a_morning_without_held_mail_nobody_hears_of_it(desk):
    assert tell_quarantine(desk.actor, desk.office, desk.now) == 0
    assert not desk.outbox(template="quarantine")


def test_the_log_says_when_an_alarm_begins_and_when_it_is_over(desk):
    with capture_logs() as said:
        mailbox_is(desk.db, "support", "dead", desk.now, problem="the password is refused")
        _look(desk)
        desk.later(hours=2)
        mailbox_is(desk.db, "support", "ok", desk.now)
        _look(desk)
    raised, over = (line for line in said if line["event"].startswith("alarm-"))
    assert (raised["event"], raised["about"], raised["because"]) == (
        "alarm-raised",
        "support",
        "the password is refused",
    )
    assert (over["event"], over["alarm"]) == ("alarm-over", "mailbox-dead")


def test_an_oauth2_log_in_that_ends_soon_or_fails_for_minutes_is_told(desk):
    publish_logins(desk.db, {"outgoing": date(2026, 12, 5)}, desk.now)
    assert (_look(desk), _look(desk)) == (1, 0)
    assert "outgoing: it expires in 12 days, on 2026-12-05" in _alerts(desk)[0][1]
    grant_is(desk.db, "outgoing", desk.now, "login.example.com is silent")
    assert _look(desk) == 0
    desk.later(minutes=5)
    assert _look(desk) == 1
    assert "outgoing: login.example.com is silent" in _alerts(desk)[1][1]


def test_whoever_tries_many_foreign_keys_is_told_of_once_with_the_mails(desk):
    envelope = Envelope(DoorName.SMTP, desk.now, mail_from="eve@evil.example", client="192.0.2.9")
    entries = desk.house.journal.append_now([Incoming(envelope, b"Subject: %d\r\n\r\nx" % n) for n in range(6)])
    why = "new: its subject names 7, where eve@evil.example takes no part"
    desk.run("UPDATE entry SET state = 'applied', reason = ?, ticket = 8", why)
    assert (_look(desk), _look(desk)) == (1, 0)
    told = dict(_alerts(desk))
    assert sorted(told) == [LEAD, OPS]
    assert "somebody tries keys of others' tickets" in told[OPS]
    assert "@evil.example: " in told[OPS]
    assert entries[0] in told[OPS]
    desk.later(hours=2)
    assert _look(desk) == 0


@pytest.mark.parametrize(("hours", "state"), [(23, "held"), (25, "cancelled")])
def test_what_the_breaker_held_is_cancelled_when_nobody_released_it_for_a_day(desk, hours, state):
    desk.ticket()
    desk.run("UPDATE outbox SET state = 'held', reason = ? WHERE template = 'acknowledgement'", BREAKER)
    desk.later(hours=hours)
    assert held_expired(desk.actor, desk.office, desk.now) == (), "unless the desk says how long, it waits"
    desk.settle("limits", held_mail_life=timedelta(hours=24))
    held_expired(desk.actor, desk.office, desk.now)
    (row,) = desk.outbox(template="acknowledgement")
    assert row["state"] == state


def test_what_a_person_held_waits_for_a_person(desk):
    desk.ticket()
    desk.run("UPDATE outbox SET state = 'held', reason = 'hold by cli:root' WHERE template = 'acknowledgement'")
    desk.later(hours=50)
    desk.settle("limits", held_mail_life=timedelta(hours=24))
    assert held_expired(desk.actor, desk.office, desk.now) == []


def test_when_the_limit_of_a_queue_holds_mail_the_alarm_says_which(desk):
    desk.ticket()
    reason = "the limit on automatic mail in queue support is reached"
    desk.run("UPDATE outbox SET state = 'held', reason = ? WHERE template = 'acknowledgement'", reason)
    assert (_look(desk), _look(desk)) == (1, 0)
    assert sorted(who for who, _ in _alerts(desk)) == [LEAD, OPS]
    assert all(reason in text for _, text in _alerts(desk))
