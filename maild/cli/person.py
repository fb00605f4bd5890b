"""`maild person`: what is kept of somebody, under all his addresses; for administrators and for the law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from maild.base.keys import format_key
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.ticket_orders import read_requester, read_values, require_language
from maild.cli.working import Desk, now, work

if TYPE_CHECKING:
    from maild.database.connection import Transaction
    from maild.database.dialect import Reader
    from maild.desk.model import Person

YES = frozenset({"yes", "true", "1"})
NO = frozenset({"no", "false", "0"})


@click.group(cls=output.Group)
def command() -> None:
    """Show, link, set, export and erase what is kept of a person. Any address of his names him."""


@command.command("show")
@click.argument("address")
@output.json_option
@pass_invocation
def show(invocation: Invocation, address: str, as_json: bool) -> None:
    """Show what is known of a person, and his tickets."""
    with work(invocation) as desk:
        _print(desk, _read(desk, address), as_json=as_json)


@command.command("link")
@click.argument("address")
@click.argument("others", nargs=-1, required=True, metavar="OTHER...")
@output.json_option
@pass_invocation
def link(invocation: Invocation, address: str, others: Sequence[str], as_json: bool) -> None:
    """Make OTHER addresses the same person's: mail from them is his, on his tickets too."""
    from maild.store.persons import link_addresses

    with _changing(invocation, address, as_json=as_json) as (desk, who, transaction):
        link_addresses(transaction, who, [_read(desk, other) for other in others])


@command.command("unlink")
@click.argument("address")
@output.json_option
@pass_invocation
def unlink(invocation: Invocation, address: str, as_json: bool) -> None:
    """Make an address a person of its own again."""
    from maild.store.persons import unlink_address

    with _changing(invocation, address, as_json=as_json) as (_, who, transaction):
        if not unlink_address(transaction, who):
            raise output.CommandError(f"{who} is linked to no other address here; a [[person]] is in the file")


@command.command("set")
@click.argument("address")
@click.argument("values", nargs=-1, required=True, metavar="NAME=VALUE...")
@output.json_option
@pass_invocation
def set_(invocation: Invocation, address: str, values: Sequence[str], as_json: bool) -> None:
    """Set name, language, organisation, vip=yes or blocked=yes of a person; an empty value takes it away."""
    from maild.desk.effects import RememberPerson
    from maild.store.work import Work
    from maild.store.write_around import write_around

    with _changing(invocation, address, as_json=as_json) as (desk, who, transaction):
        changes = dict(_change(desk, name, value) for name, value in read_values(values))
        person = replace(_known(transaction, who), **changes)
        write_around(Work(transaction, now()), RememberPerson(person))


@contextmanager
def _changing(invocation: Invocation, address: str, *, as_json: bool) -> Iterator[tuple[Desk, str, Transaction]]:
    """Open the desk to change one person in one transaction; what is known of him then is printed."""
    with work(invocation) as desk:
        who = _read(desk, address)
        with desk.house.db.transaction() as transaction:
            yield desk, who, transaction
        _print(desk, who, as_json=as_json)


@command.command("export")
@click.argument("address")
@click.option("--json", is_flag=True, expose_value=False, help="Change nothing: JSON Lines are all that it prints.")
@pass_invocation
def export(invocation: Invocation, address: str) -> None:
    """Print all that is kept of a person as JSON Lines: first himself, then each of his tickets, whole.

    Tickets hold what others wrote too, notes of agents among it: look through them before you hand them over.
    """
    from maild.store.persons import tickets_of

    with work(invocation) as desk:
        who = _read(desk, address)
        output.print_row({"person": whole(desk, who)})
        with desk.house.db.reading() as reader:
            numbers = tickets_of(reader, addresses_of(desk, reader, who))
        for number in numbers:
            output.print_row({"ticket": desk.whole(number)})


@command.command("erase")
@click.argument("address")
@click.option("--yes", "is_sure", is_flag=True, help="Do it; what is erased does not come back.")
@click.option("--dry-run", is_flag=True, help="Say what would be erased and change nothing.")
@output.json_option
@pass_invocation
def erase_(invocation: Invocation, address: str, is_sure: bool, dry_run: bool, as_json: bool) -> None:
    """Erase a person under all his addresses, and print a certificate; tickets stay, without him.

    His words, mails, subjects and fields go, his name goes out of what others wrote on his tickets, and a pseudonym
    takes the place of his addresses. Backups and mail that was sent are out of reach.
    """
    if not (is_sure or dry_run):
        raise click.UsageError("this cannot be taken back: --dry-run shows what goes, --yes does it")
    with work(invocation) as desk:
        who = _read(desk, address)
        certificate = _erase(desk, who, dry_run=dry_run)
        output.print_fields(certificate, as_json=as_json)


class _Undone(Exception):
    """A dry run is over."""


def _erase(desk: Desk, who: str, *, dry_run: bool) -> dict[str, Any]:
    from contextlib import suppress
    from secrets import token_hex

    from maild.base.instants import to_text
    from maild.store.erasing import erase

    with desk.house.db.reading() as reader:
        addresses = addresses_of(desk, reader, who)
    working = [a for a in addresses if desk.settings.agent_address(a) is not None]
    if working:
        raise output.CommandError(f"{working[0]} is an agent in the configuration; take him out there first")
    pseudonym = f"erased-{token_hex(6)}@erased.invalid"  # drawn, so that nobody finds the address by trying
    with suppress(_Undone), desk.house.db.transaction() as transaction:
        done = erase(transaction, addresses, pseudonym, desk.actor, desk.stimulus(), now())
        if dry_run:
            raise _Undone
    return {
        "erased_at": to_text(done.erased_at),
        "dry_run": dry_run,
        "pseudonym": pseudonym,
        "addresses": done.addresses,
        "tickets": [format_key(desk.prefix, number) for number in done.tickets],
        "rows": done.rows,
        "left": done.left,
    }


def _change(desk: Desk, name: str, value: str) -> tuple[str, Any]:
    """Return an attribute of a person and its value; raises CommandError (65) for what is none."""
    if name in {"vip", "blocked"}:
        if value.lower() not in YES | NO:
            raise output.CommandError(f"{name}={value}: write {name}=yes or {name}=no")
        return name, value.lower() in YES
    if name == "language":
        require_language(desk.settings, value)
        return name, value.lower()
    if name == "organisation":
        if value and desk.settings.organisation_named(value) is None:
            raise output.CommandError(f"there is no [[organisation]] {value}")
        return name, value
    if name == "name":
        return name, value
    raise output.CommandError(f"{name} cannot be set; name, language, organisation, vip, blocked")


def _read(desk: Desk, text: str) -> str:
    return read_requester(desk.settings, text).key


def addresses_of(desk: Desk, reader: Reader, who: str) -> tuple[str, ...]:
    """Return all addresses of a person, the one that was named first."""
    from maild.store.persons import load_aliases

    linked = load_aliases(reader, desk.settings.addresses_of(who, {}))
    return (who, *sorted(desk.settings.addresses_of(who, linked) - {who}))


def _known(reader: Reader, who: str) -> Person:
    from maild.desk.model import Person
    from maild.store.rows import load_people

    return load_people(reader, [who]).get(who, Person(who))


def whole(desk: Desk, who: str) -> dict[str, Any]:
    """Return what is known of a person, for programs."""
    from maild.base.instants import to_text
    from maild.store.persons import tickets_of
    from maild.store.rows import load_people

    with desk.house.db.reading() as reader:
        addresses = addresses_of(desk, reader, who)
        people = load_people(reader, addresses)
        tickets = tickets_of(reader, addresses)
    settings, known = desk.settings, [people[a] for a in addresses if a in people]
    written, organisation = settings.person_for(who), settings.organisation_of(who)
    suspended = [p.suspended_until for p in known if p.suspended_until is not None]
    return {
        "address": who,
        "addresses": list(addresses),
        "name": _first(*(p.name for p in known), written.name if written else ""),
        "language": _first(*(p.language for p in known), written.language if written else ""),
        "organisation": _first(*(p.organisation for p in known), organisation.name if organisation else ""),
        "vip": any(p.vip for p in known) or settings.is_vip(who),
        "blocked": any(p.blocked for p in known) or bool(written and written.blocked),
        "suspended_until": to_text(max(suspended)) if suspended else None,
        "tickets": [format_key(desk.prefix, number) for number in tickets],
    }


def _first(*known: str) -> str | None:
    """Return the first that is known; None when nothing is."""
    return next((each for each in known if each), None)


def _print(desk: Desk, who: str, *, as_json: bool) -> None:
    output.print_fields(whole(desk, who), as_json=as_json)
