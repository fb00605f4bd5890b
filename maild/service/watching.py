"""Looks after the service itself: alarms go to the postmaster, and once a day the leads hear what is held."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from maild.database.dialect import Reader
from maild.desk.answering import BREAKER, BREAKERS
from maild.desk.decide.alert import decide_alert, decide_quarantine
from maild.desk.patterns import suspicions
from maild.log import events
from maild.oauth2.expiry import ends_soon
from maild.service.acting import Actor
from maild.service.office import Office
from maild.store import health
from maild.store.housekeeping import save_meta
from maild.store.logins import logins
from maild.store.model import Asked
from maild.store.reconciliation import in_words, reconciliation

QUARANTINE_HOUR = 7  # of the desk's day
TOLD = "alarms"  # Under this name stand the alarms that were told and are not over.
LOGIN_STILL = timedelta(minutes=5)  # A provider that hiccups is not told of.
DEAD, BACK = "mailbox-dead", "mailbox-back"

Alarm = tuple[str, str]  # its name and what it is about, such as ("mailbox-dead", "support")
Free = Callable[[], int | None]  # free octets on the disk of the database; None: it is on another machine


def watch(actor: Actor, office: Office, now: datetime, free: Free) -> int:
    """Tell of what has become wrong since the last look, each kind at most once an hour; returns how many kinds.

    What an hour's limit kept back is told when the hour is over, if it lasts.
    """
    with actor.db.reading() as reader:
        wrong = dict(_wrong(reader, office, now, free))
        kept = health.meta(reader, TOLD)
    told = {(name, about) for name, about in json.loads(kept or "[]")}
    back = {(BACK, about): "" for name, about in told - wrong.keys() if name == DEAD}
    fresh = {alarm: said for alarm, said in wrong.items() if alarm not in told} | back
    sent = {name for name in dict.fromkeys(name for name, _ in fresh) if _tell(actor, office, now, name, fresh)}
    still = {alarm for alarm in told if alarm in wrong or (alarm[0] == DEAD and BACK not in sent)}
    still |= {alarm for alarm in fresh if alarm[0] in sent and alarm[0] != BACK}
    if still != told:
        save_meta(actor.db, TOLD, json.dumps(sorted(still)), now)
    _say(still - told, told - still, wrong)
    return len(sent)


def _say(raised: set[Alarm], over: set[Alarm], wrong: dict[Alarm, str]) -> None:
    for name, about in sorted(raised):
        events.alarm_raised(alarm=name, about=about, because=wrong[name, about])
    for name, about in sorted(over):
        events.alarm_over(alarm=name, about=about)


def _wrong(reader: Reader, office: Office, now: datetime, free: Free) -> Iterable[tuple[Alarm, str]]:
    """Yield what is wrong now, with what can be said of it."""
    known = {mailbox.name for mailbox in office.settings.mailbox}
    for name, problem in health.dead_mailboxes(reader).items():
        if name in known:
            yield (DEAD, name), problem
    yield from _logins(reader, now)
    for sentence in in_words(reconciliation(reader)):
        about, _, problem = sentence.partition(": ")
        yield ("reconciliation", about), problem
    for reason, held in health.held_lately(reader, BREAKERS, now).items():
        about = "" if reason == BREAKER else reason.removeprefix(BREAKERS).split()[2]
        yield ("breaker", about), f"{reason}: {held}"
    if why := health.why_still(reader, now):
        yield ("outbox", ""), why
    yield from suspicions(health.mail_of_an_hour(reader, now), office.settings)
    octets, floor = free(), office.settings.limits.free_space
    if octets is not None and octets < 2 * floor:
        yield ("disk", ""), f"{octets // 1_000_000} MB, {floor // 1_000_000} MB"


def _logins(reader: Reader, now: datetime) -> Iterable[tuple[Alarm, str]]:
    for login in logins(reader):
        if login.problem and login.since is not None and now - login.since >= LOGIN_STILL:
            yield ("oauth2", login.name), login.problem
        if soon := ends_soon(login.expires_on, now.date()):
            yield ("oauth2-expires", login.name), soon


def _tell(actor: Actor, office: Office, now: datetime, name: str, fresh: dict[Alarm, str]) -> bool:
    """Tell of all alarms of one name; False when the hour of the last such mail is not over."""
    hour = int(now.timestamp()) // 3600
    with actor.db.reading() as reader:
        last = [health.applied_at(reader, f"alert:{name}:{each}") for each in (hour, hour - 1)]
    if last[0] is not None or (last[1] is not None and last[1] > now - timedelta(hours=1)):
        return False
    lines = [(about, said) for (each, about), said in fresh.items() if each == name]
    asked = Asked(people=(office.settings.postmaster,))
    actor.act(f"alert:{name}:{hour}", asked, office, now, partial(decide_alert, alarm=name, lines=lines))
    return True


def tell_quarantine(actor: Actor, office: Office, now: datetime) -> int:
    """Tell once a day, from 7 in the morning of the desk, what is held; returns how many mails wait."""
    local = now.astimezone(office.settings.zone)
    stimulus = f"quarantine:{local.date()}"
    if local.hour < QUARANTINE_HOUR:
        return 0
    with actor.db.reading() as reader:
        if health.applied_at(reader, stimulus) is not None:
            return 0
        held = health.held_mail(reader)
    actor.act(stimulus, Asked(), office, now, partial(decide_quarantine, held=held))
    return len(held)
