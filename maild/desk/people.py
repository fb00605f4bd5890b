"""Who is who: languages, names, teams, and who is told about a ticket."""

from collections.abc import Iterable

from maild.base.text import plain
from maild.base.words import Role
from maild.desk.bench import Bench
from maild.desk.model import Ticket
from maild.desk.notices import Recipient
from maild.message.model import Address
from maild.settings.model import Organisation, Queue, Settings
from maild.settings.people import Skill, Team
from maild.sla.duty import Duty


def addresses_of(bench: Bench, address: str) -> frozenset[str]:
    """Return all addresses of the person to whom one belongs, itself among them."""
    return bench.settings.addresses_of(address, bench.snapshot.aliases)


def organisation_of(bench: Bench, address: str) -> Organisation | None:
    """Return the organisation of a person, by any of his addresses; None when none is known."""
    settings, his = bench.settings, sorted(addresses_of(bench, address), key=lambda a: (a != address, a))
    stored = next((name for a in his if (name := bench.person(a).organisation)), "")
    found = settings.organisation_named(stored) if stored else None
    return found or next((o for a in his if (o := settings.organisation_of(a)) is not None), None)


def is_vip(bench: Bench, address: str) -> bool:
    """Tell whether a person, or his organisation, is a VIP."""
    organisation = organisation_of(bench, address)
    his = addresses_of(bench, address)
    return (organisation is not None and organisation.vip) or any(
        bench.settings.is_vip(a) or bench.person(a).vip for a in his
    )


def is_blocked(bench: Bench, address: str) -> bool:
    """Tell whether mail of a person is put aside, and none written to him, by any of his addresses."""
    written = bench.settings.person_for(address)
    return (written is not None and written.blocked) or any(
        bench.person(a).blocked for a in addresses_of(bench, address)
    )


def why_suspended(bench: Bench, address: str) -> str | None:
    """Return why no mail of any kind goes to this person now: blocked, or it does not arrive there."""
    person = bench.person(address)
    if is_blocked(bench, address):
        return f"{address} is blocked"
    if person.suspended_until is not None and person.suspended_until > bench.now:
        return f"mail to {address} is suspended: {person.suspended_because}"
    return None


def sla_for(bench: Bench, queue: Queue, requester: str) -> str:
    """Return the service level of a requester's tickets in a queue: her organisation's, else the queue's."""
    organisation = organisation_of(bench, requester)
    return (organisation.sla if organisation is not None else "") or queue.sla


def language_of(bench: Bench, address: str, hint: str = "") -> str:
    """Return the language for a person: an agent's own, the stored one, the written one, the mail's, the desk's."""
    languages = bench.settings.desk.languages
    agent = bench.settings.agent_for(address)
    wanted = (agent.language, hint) if agent is not None else (*_languages_known(bench, address), hint)
    return next((language for language in wanted if language in languages), languages[0])


def _languages_known(bench: Bench, address: str) -> tuple[str, ...]:
    """Return what was stored for a person, under this address before others, then what the configuration says."""
    others = sorted(addresses_of(bench, address) - {address})
    stored = tuple(bench.person(a).language for a in (address, *others))
    written, organisation = bench.settings.person_for(address), organisation_of(bench, address)
    return (
        *stored,
        written.language if written is not None else "",
        organisation.language if organisation is not None else "",
    )


def name_of(bench: Bench, address: str) -> str:
    """Return how a person is called; the address's local part when no name is known."""
    name = mailbox_of(bench, address).name
    return name or (address.partition("@")[0] if "@" in address else bench.settings.desk.name)


def mailbox_of(bench: Bench, address: str) -> Address:
    """Return a person's mailbox with the name that is known."""
    agent, written = bench.settings.agent_for(address), bench.settings.person_for(address)
    if agent is not None:
        return Address(agent.name, address)
    return Address(bench.person(address).name or (written.name if written is not None else ""), address)


def recipients(bench: Bench, addresses: Iterable[str | None], role: Role) -> tuple[Recipient, ...]:
    """Return recipients, each once, without the empty ones and without our own addresses."""
    own = bench.settings.own_addresses
    chosen = dict.fromkeys(a for a in addresses if a and a not in own)
    return tuple(Recipient(mailbox_of(bench, address), role) for address in chosen)


def duty_of(bench: Bench, team_name: str) -> Duty:
    """Return who is on duty in a team at this moment; without a roster all its members."""
    team = bench.settings.team_named(team_name)
    if team is None:
        return Duty()
    return bench.snapshot.duties.get(team.name, Duty(team.members))


def team_on_duty(bench: Bench, ticket: Ticket) -> tuple[str, ...]:
    """Return those on duty in the ticket's team who may have it, and would hear of it: mail reaches them."""
    there = duty_of(bench, ticket.team).on
    return tuple(m for m in there if m != ticket.requester and why_suspended(bench, m) is None)


def unreached(bench: Bench, ticket: Ticket) -> tuple[str, ...]:
    """Return why those on duty in the ticket's team whom no mail reaches are passed over, each in words."""
    there = duty_of(bench, ticket.team).on
    return tuple(why for m in there if m != ticket.requester and (why := why_suspended(bench, m)) is not None)


def workers_of(bench: Bench, ticket: Ticket) -> tuple[str, ...]:
    """Return who is written to about a ticket.

    That is its assignee, and while he is away his substitute too, or without one the team on duty; so also while no
    mail reaches him or he has muted it. A ticket of nobody is the team's on duty; when nobody is, the first on call
    hears of it, else the lead, else all members.
    """
    if not ticket.assignee:
        return _whoever_is_there(bench, ticket)
    away = bench.snapshot.away
    hears = why_suspended(bench, ticket.assignee) is None and not has_muted(ticket, ticket.assignee)
    if ticket.assignee not in away and hears:
        return (ticket.assignee,)
    substitute = away.get(ticket.assignee)
    others = (substitute,) if substitute else _whoever_is_there(bench, ticket)
    return tuple(dict.fromkeys((ticket.assignee, *others)))


def has_muted(ticket: Ticket, agent: str) -> bool:
    """Tell whether an agent wants to hear no more of a ticket."""
    return any(p.address == agent and p.role is Role.WATCHER and not p.active for p in ticket.participants)


def _whoever_is_there(bench: Bench, ticket: Ticket) -> tuple[str, ...]:
    there = team_on_duty(bench, ticket)
    if there:
        return there
    on_call = duty_of(bench, ticket.team).on_call
    called = [who for who in on_call if who != ticket.requester and why_suspended(bench, who) is None]
    if called:
        return (called[0],)
    return duty_lead(bench, ticket.team) or members_of(bench, ticket)


def duty_lead(bench: Bench, team_name: str) -> tuple[str, ...]:
    """Return who leads a team just now: its lead, his substitute while he is away; nobody for a team without one."""
    return _there_for(bench, lead_of(bench, team_name))


def duty_manager(bench: Bench, team_name: str) -> tuple[str, ...]:
    """Return who decides above a team just now: its manager, else its lead, or his substitute while he is away."""
    return _there_for(bench, manager_of(bench, team_name))


def _there_for(bench: Bench, who: str | None) -> tuple[str, ...]:
    return (bench.snapshot.away.get(who) or who,) if who is not None else ()


def members_of(bench: Bench, ticket: Ticket) -> tuple[str, ...]:
    """Return all members of the ticket's team who may have it, on duty or not."""
    team = bench.settings.team_named(ticket.team)
    return tuple(m for m in team.members if m != ticket.requester) if team is not None else ()


def skills_of(settings: Settings, ticket: Ticket) -> frozenset[str]:
    """Return the skills that a ticket asks for by its tags, category and queue."""
    return frozenset(skill.name.lower() for skill in settings.skill if _asks_for(ticket, skill))


def _asks_for(ticket: Ticket, skill: Skill) -> bool:
    category = ticket.category.lower()
    inside = any(category == c.lower() or category.startswith(f"{c.lower()}/") for c in skill.categories)
    tagged = {tag.lower() for tag in skill.tags} & {tag.lower() for tag in ticket.tags}
    return bool(inside or tagged or ticket.queue.lower() in {queue.lower() for queue in skill.queues})


ME = frozenset({"me", "yo", "mi"})  # How an agent names himself, in plain letters.


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


def own_address(settings: Settings, address: str) -> str | None:
    """Return the one address of whoever an address or alias in the configuration names; None for an empty one."""
    return settings.agent_address(address) or address or None


def leads(settings: Settings) -> tuple[str, ...]:
    """Return the leads of teams, each once, by their own addresses."""
    found = (own_address(settings, team.lead) for team in settings.team)
    return tuple(dict.fromkeys(lead for lead in found if lead is not None))


def teams_led(settings: Settings, lead: str) -> tuple[Team, ...]:
    """Return the teams of a lead, who is named by his own address."""
    return tuple(team for team in settings.team if own_address(settings, team.lead) == lead)


def lead_of(bench: Bench, team_name: str) -> str | None:
    """Return the lead of a team by his own address, None when it has none."""
    team = bench.settings.team_named(team_name)
    return own_address(bench.settings, team.lead) if team is not None else None


def manager_of(bench: Bench, team_name: str) -> str | None:
    """Return the manager of a team by his own address, its lead when none is named; None when it has neither."""
    team = bench.settings.team_named(team_name)
    return own_address(bench.settings, team.manager or team.lead) if team is not None else None


def is_on_ticket(ticket: Ticket, address: str) -> bool:
    """True for the requester and everyone on copy, who speak as such there even when they are agents."""
    return address == ticket.requester or any(
        p.address == address and p.role is Role.CC and p.active for p in ticket.participants
    )
