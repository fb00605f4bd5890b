"""Who is who: languages, names, teams, and who is told about a ticket."""

from collections.abc import Iterable

from maild.base.text import plain
from maild.base.words import Role
from maild.desk.bench import Bench
from maild.desk.model import Ticket
from maild.desk.notices import Recipient
from maild.message.model import Address
from maild.settings.model import Settings


def language_of(bench: Bench, address: str, hint: str = "") -> str:
    """Return the language for a person: an agent's own, the stored one, the mail's, the desk's first."""
    languages = bench.settings.desk.languages
    agent = bench.settings.agent_for(address)
    stored = agent.language if agent is not None else bench.person(address).language
    for language in (stored, hint):
        if language in languages:
            return language
    return languages[0]


def name_of(bench: Bench, address: str) -> str:
    """Return how a person is called; the address's local part when no name is known."""
    agent = bench.settings.agent_for(address)
    name = agent.name if agent is not None else bench.person(address).name
    return name or (address.partition("@")[0] if "@" in address else bench.settings.desk.name)


def mailbox_of(bench: Bench, address: str) -> Address:
    """Return a person's mailbox with the name that is known."""
    agent = bench.settings.agent_for(address)
    return Address(agent.name if agent is not None else bench.person(address).name, address)


def recipients(bench: Bench, addresses: Iterable[str | None], role: Role) -> tuple[Recipient, ...]:
    """Return recipients, each once, without the empty ones and without our own addresses."""
    own = bench.settings.own_addresses
    chosen = dict.fromkeys(a for a in addresses if a and a not in own)
    return tuple(Recipient(mailbox_of(bench, address), role) for address in chosen)


def on_duty(bench: Bench, team_name: str) -> tuple[str, ...]:
    """Return the members of a team who are on duty; without a roster all are."""
    team = bench.settings.team_named(team_name)
    return team.members if team is not None else ()


def team_on_duty(bench: Bench, ticket: Ticket) -> tuple[str, ...]:
    """Return the members of the ticket's team who are on duty and may have it."""
    return tuple(m for m in on_duty(bench, ticket.team) if m != ticket.requester)


def agents_called(settings: Settings, word: str) -> list[str]:
    """Return the agents meant by an address, a local part, or a (first) name."""
    address = settings.agent_address(word)
    if address is not None:
        return [address]
    wanted = plain(word)
    found = [
        a.address
        for a in settings.agents
        if wanted in {a.address.partition("@")[0], plain(a.name), *plain(a.name).split()}
    ]
    return list(dict.fromkeys(found))


def lead_of(bench: Bench, team_name: str) -> str | None:
    """Return the lead of a team, None when it has none."""
    team = bench.settings.team_named(team_name)
    return team.lead if team is not None and team.lead else None


def is_on_ticket(ticket: Ticket, address: str) -> bool:
    """True for the requester and everyone on copy, who speak as such there even when they are agents."""
    return address == ticket.requester or any(
        p.address == address and p.role is Role.CC and p.active for p in ticket.participants
    )
