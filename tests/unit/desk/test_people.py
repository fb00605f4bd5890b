"""Persons with several addresses, organisations, VIPs and the blocked, in what the desk decides."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from maild.base.words import EntryState, Purpose, Role, Status, Verdict
from maild.desk.decide.message import decide_message
from maild.desk.effects import Decision
from maild.desk.model import Mail, Participant, Person, Sent, Snapshot
from maild.desk.notices import InternalFacts
from maild.message.model import Address
from maild.settings.model import Settings
from maild.settings.reading import read_text
from maild.thread.model import Rule

from .bench import ANA, EXAMPLE, MARTA, MONDAY, after, mail, notice, opened, settled, slas, ticket, told, verbs

HOME = "marta.gil@home.example"
PARTIES = """
[[organisation]]
name = "globex"
domains = ["globex.example"]
vip = true
sla = "gold"
language = "es"

[[person]]
address = "mallory@evil.example"
addresses = ["mal@evil.example"]
blocked = true

[[person]]
address = "hank@example.org"
language = "es"
name = "Hank"

[[sla]]
name = "gold"
calendar = "office"
targets.normal = { first_response = "1h", resolution = "1d" }
"""


@cache
def settings() -> Settings:
    """The example's settings, and some people."""
    found = read_text(EXAMPLE.read_text("utf-8") + PARTIES)
    assert found.settings is not None, found.faults
    return found.settings


def decide(arrived: Mail, snapshot: Snapshot | None = None) -> Decision:
    """What this desk does about a mail."""
    taken = replace(snapshot or Snapshot(), new_numbers=(101, 102))
    his = settings().addresses_of(arrived.message.author.key, taken.aliases)
    return decide_message(replace(arrived, addresses=his), taken, settings(), slas(), MONDAY)


LINKED: Mapping[str, str] = {HOME: MARTA.key, MARTA.key: MARTA.key}


def from_home(text: str = "It still burns.", **more: Any) -> Mail:
    """Marta writes from home."""
    author = Address("Marta at home", HOME)
    return mail(text, author=author, rule=Rule.SUBJECT_KEY, ticket=7, entry="e2", **more)


def test_a_person_who_writes_from_another_address_is_answered_there():
    before = ticket(Status.PENDING)
    decision = decide(from_home(), Snapshot(ticket=before, aliases=LINKED))
    stands = after(decision, before)
    assert (stands.requester, stands.requester_name) == (HOME, "Marta at home")
    assert stands.status is Status.OPEN
    assert told(decision) == {"requester-wrote": [ANA]}
    assert "requester" in verbs(decision)


def test_a_person_on_copy_takes_his_copy_along():
    before = ticket(requester="else@example.org", participants=(Participant(MARTA.key, "Marta", Role.CC),))
    decision = decide(from_home(), Snapshot(ticket=before, aliases=LINKED))
    active = {p.address: p.active for p in after(decision, before).participants}
    assert active == {MARTA.key: False, HOME: True}
    assert after(decision, before).requester == "else@example.org"


def test_who_asked_is_not_on_copy_of_his_own_ticket_as_well():
    before = ticket(participants=(Participant(HOME, "", Role.CC),))
    decision = decide(from_home(), Snapshot(ticket=before, aliases=LINKED))
    stands = after(decision, before)
    assert stands.requester == HOME
    assert stands.participants[-1].active is False


def test_the_limits_of_a_person_count_all_his_addresses():
    sent = {MARTA.key: Sent(2, 2), HOME: Sent(1, 1)}
    fresh = mail(author=Address("", HOME))
    assert "acknowledgement" not in told(decide(fresh, Snapshot(aliases=LINKED, sent=sent)))
    assert "acknowledgement" in told(decide(fresh, Snapshot(sent=sent)))


def test_the_language_of_a_person_is_known_under_his_other_addresses():
    known = {MARTA.key: Person(MARTA.key, language="es")}
    decision = decide(mail(author=Address("", HOME)), Snapshot(aliases=LINKED, people=known))
    assert notice(decision, "acknowledgement").language == "es"


def test_an_organisation_gives_its_tickets_their_level_language_and_mark():
    decision = decide(mail(author=Address("Hank", "hank@sub.globex.example"), language="en"))
    (new,) = opened(decision)
    assert (new.organisation, new.sla, new.language) == ("globex", "gold", "es")
    shown = notice(decision, "assigned").facts
    assert isinstance(shown, InternalFacts)
    assert shown.vip


def test_what_the_mail_says_of_a_language_goes_behind_what_is_written_of_the_person():
    decision = decide(mail(author=Address("", "hank@example.org"), language="en"))
    assert opened(decision)[0].language == "es"


@pytest.mark.parametrize("address", ["mallory@evil.example", "mal@evil.example"])
def test_a_blocked_person_is_put_aside_whatever_address_he_uses(address):
    decision = decide(mail(author=Address("", address)))
    assert settled(decision).state is EntryState.QUARANTINED
    assert settled(decision).reason.startswith("blocked")
    assert decision.notices == ()


def test_a_person_blocked_by_a_command_is_blocked_under_his_other_addresses():
    known = {MARTA.key: Person(MARTA.key, blocked=True)}
    decision = decide(mail(author=Address("", HOME)), Snapshot(aliases=LINKED, people=known))
    assert settled(decision).state is EntryState.QUARANTINED


def test_a_new_requester_brings_the_service_level_of_his_organisation():
    author = Address("Ana Ruiz", ANA)
    command = mail(
        "#requester hank@globex.example",
        author=author,
        rule=Rule.TOKEN,
        ticket=7,
        purpose=Purpose.PUBLIC,
        verdict=Verdict.PASS,
        entry="e2",
    )
    before = ticket()
    stands = after(decide(replace(command, confirmed=True), Snapshot(ticket=before)), before)
    assert (stands.requester, stands.organisation, stands.sla) == ("hank@globex.example", "globex", "gold")
