"""The whole configuration as one frozen value, and the questions that other rooms ask of it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from maild.base.domains import in_own_letters
from maild.settings.approvals import Approval, ApprovalStep
from maild.settings.catalogue import PriorityTable, Resolution, Rule, Service
from maild.settings.desk import Desk, Limits, Outgoing, ProofTable, Store
from maild.settings.doors import Lmtp, Mailbox, Smtp
from maild.settings.fields import Table
from maild.settings.parties import WEBMAIL, Organisation, Person, Supplier, domain_of, is_within
from maild.settings.people import Agent, Calendar, Escalation, Holidays, Hours, Queue, Skill, Sla, Targets, Team
from maild.settings.report import Report
from maild.settings.roster import Roster

__all__ = [
    "Agent",
    "Approval",
    "ApprovalStep",
    "Calendar",
    "Desk",
    "Escalation",
    "Holidays",
    "Hours",
    "Limits",
    "Lmtp",
    "Mailbox",
    "Organisation",
    "Outgoing",
    "Person",
    "PriorityTable",
    "ProofTable",
    "Queue",
    "Report",
    "Resolution",
    "Roster",
    "Rule",
    "Service",
    "Settings",
    "Skill",
    "Sla",
    "Smtp",
    "Store",
    "Supplier",
    "Targets",
    "Team",
]


class _Named(Protocol):
    @property
    def name(self) -> str:
        """What other tables call it by."""
        ...  # pragma: no cover


Entry = TypeVar("Entry", bound=_Named)


def _find(entries: Sequence[Entry], name: str) -> Entry | None:
    return next((entry for entry in entries if entry.name.lower() == name.strip().lower()), None)


class Settings(Table):
    """Everything the administrator decides. Addresses are in lower case, paths absolute once read from a file."""

    desk: Desk = Field(description="The desk itself.")
    store: Store = Field(Store(), description="Where tickets and mail are kept.")
    smtp: Smtp | None = Field(None, description="The SMTP door.")
    lmtp: Lmtp | None = Field(None, description="The LMTP door.")
    mailbox: tuple[Mailbox, ...] = Field((), description="The IMAP mailboxes.")
    proof: ProofTable = Field(ProofTable(), description="Who is believed.")
    outgoing: Outgoing = Field(Outgoing(), description="How mail leaves.")
    limits: Limits = Field(Limits(), description="How much of anything.")
    queue: tuple[Queue, ...] = Field((), description="The support addresses.")
    team: tuple[Team, ...] = Field((), description="The teams.")
    agent: tuple[Agent, ...] = Field((), description="The agents' names, languages and preferences.")
    skill: tuple[Skill, ...] = Field((), description="What some tickets ask of their agent.")
    calendar: tuple[Calendar, ...] = Field((), description="The calendars.")
    sla: tuple[Sla, ...] = Field((), description="The service levels.")
    rule: tuple[Rule, ...] = Field((), description="The rules, in order.")
    service: tuple[Service, ...] = Field((), description="The service catalogue.")
    priority: PriorityTable = Field(PriorityTable(), description="How priorities are found.")
    resolution: Resolution = Field(Resolution(), description="The codes of #resolve.")
    person: tuple[Person, ...] = Field((), description="People with several addresses, VIPs, the blocked.")
    organisation: tuple[Organisation, ...] = Field((), description="Customers, by their domains.")
    supplier: tuple[Supplier, ...] = Field((), description="Third parties that are asked with #supplier.")
    approval: tuple[Approval, ...] = Field((), description="The policies of approval.")
    report: tuple[Report, ...] = Field((), description="The reports that the clock sends.")
    roster: Roster | None = Field(None, description="Who is on duty when; it has a file of its own.")

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, data: object) -> object:
        """Give each queue the desk's `notify_close` unless it has its own."""
        if not isinstance(data, dict) or not isinstance(data.get("queue"), list):
            return data
        desk = data.get("desk")
        shared = desk.get("notify_close", False) if isinstance(desk, dict) else False
        queues = [{"notify_close": shared, **queue} if isinstance(queue, dict) else queue for queue in data["queue"]]
        return {**data, "queue": queues}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the desk, the default first."""
        return self.desk.languages

    @property
    def zone(self) -> ZoneInfo:
        """The desk's time zone."""
        return ZoneInfo(self.desk.timezone)

    @property
    def postmaster(self) -> str:
        """Who gets operational alerts: as written, else postmaster@ the desk's domain."""
        return self.desk.postmaster or f"postmaster@{self.desk.domain.lower()}"

    def queue_named(self, name: str) -> Queue | None:
        """Return the queue of that name, in any case."""
        return _find(self.queue, name)

    def team_named(self, name: str) -> Team | None:
        """Return the team of that name, in any case."""
        return _find(self.team, name)

    def sla_named(self, name: str) -> Sla | None:
        """Return the service level of that name, in any case."""
        return _find(self.sla, name)

    def service_named(self, name: str) -> Service | None:
        """Return the service of that name, in any case."""
        return _find(self.service, name)

    def approval_named(self, name: str) -> Approval | None:
        """Return the policy of approval of that name, in any case."""
        return _find(self.approval, name)

    def report_named(self, name: str) -> Report | None:
        """Return the report of that name, in any case."""
        return _find(self.report, name)

    def calendar_named(self, name: str) -> Calendar | None:
        """Return the calendar of that name, in any case."""
        return _find(self.calendar, name)

    def mailbox_named(self, name: str) -> Mailbox | None:
        """Return the mailbox of that name, in any case."""
        return _find(self.mailbox, name)

    @cached_property
    def _queues_by_address(self) -> dict[str, Queue]:
        return {address: queue for queue in reversed(self.queue) for address in queue.addresses}

    def queue_of_address(self, address: str) -> Queue | None:
        """Return the queue to which a bare address or alias belongs, in any case."""
        return self._queues_by_address.get(address.strip().lower())

    @cached_property
    def _agents_by_address(self) -> dict[str, Agent]:
        found: dict[str, Agent] = {}
        for entry in map(self._with_defaults, self.agent):
            found.update(dict.fromkeys((*entry.aliases, entry.address), entry))
        for address in self._people_of_teams():
            if address not in found:
                found[address] = self._with_defaults(Agent(address=address))
        return found

    def _people_of_teams(self) -> Iterable[str]:
        for team in self.team:
            yield from _people(team)

    def _with_defaults(self, agent: Agent) -> Agent:
        return agent.model_copy(
            update={
                "language": agent.language or self.desk.languages[0],
                "timezone": agent.timezone or self.desk.timezone,
            }
        )

    def agent_for(self, address: str) -> Agent | None:
        """Return who an address or alias belongs to, language and time zone filled in; None for a stranger.

        Members, leads and managers of teams are agents without an [[agent]] of their own.
        """
        return self._agents_by_address.get(address.strip().lower())

    def agent_address(self, address: str) -> str | None:
        """Return the one address of the agent to whom an address or alias belongs; None for a stranger."""
        agent = self.agent_for(address)
        return agent.address if agent else None

    def zone_for(self, address: str) -> ZoneInfo:
        """Return the time zone by which somebody reads times: an agent's own, the desk's for everybody else."""
        agent = self.agent_for(address)
        return ZoneInfo(agent.timezone) if agent is not None else self.zone

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        """All agents, as `agent_for` gives them: members, leads and managers in the order of teams, then the others."""
        everyone = [*self._people_of_teams(), *(entry.address for entry in self.agent)]
        by_own_address = {agent.address: agent for agent in map(self._agents_by_address.__getitem__, everyone)}
        return tuple(by_own_address.values())

    def teams_of(self, address: str) -> tuple[Team, ...]:
        """Return the teams in which an agent is a member, lead or manager, by any address of his."""
        agent = self.agent_address(address)
        return tuple(team for team in self.team if agent and agent in map(self.agent_address, _people(team)))

    def is_lead(self, address: str) -> bool:
        """Tell whether an address is that of a team's lead."""
        agent = self.agent_address(address)
        return agent is not None and any(team.lead and self.agent_address(team.lead) == agent for team in self.team)

    @cached_property
    def _persons_by_address(self) -> dict[str, Person]:
        return {address: person for person in reversed(self.person) for address in person.all_addresses}

    def person_for(self, address: str) -> Person | None:
        """Return the [[person]] to whom an address belongs, in any case; None when nobody wrote one."""
        return self._persons_by_address.get(address.strip().lower())

    def addresses_of(self, address: str, linked: Mapping[str, str]) -> frozenset[str]:
        """Return all addresses of the person to whom one belongs, by [[person]] and by what was linked since.

        `linked` names for an address the one that its person is known by.
        """
        first = address.strip().lower()
        if first not in linked and first not in self._persons_by_address:  # as most people are
            return frozenset((first,))
        found: set[str] = set()
        fresh = {first}
        while fresh:
            found |= fresh
            known = {linked[a] for a in found if a in linked}
            near = {a for a, person in linked.items() if person in known} | known
            written = [p for a in found if (p := self.person_for(a)) is not None]
            fresh = (near | {a for person in written for a in person.all_addresses}) - found
        return frozenset(found)

    def organisation_named(self, name: str) -> Organisation | None:
        """Return the organisation of that name, in any case."""
        return _find(self.organisation, name)

    def organisation_of(self, address: str) -> Organisation | None:
        """Return the organisation of a person: the one written for him, else that of his domain or one above it.

        Public webmail belongs to nobody.
        """
        person = self.person_for(address)
        if person is not None and person.organisation:
            return self.organisation_named(person.organisation)
        domain = domain_of(address)
        if not domain or domain in WEBMAIL:
            return None
        return next((o for o in self.organisation if is_within(domain, o.domains)), None)

    def manager_of(self, address: str) -> str:
        """Return who approves for a person: his own manager, else his organisation's; "" when none is written."""
        person, organisation = self.person_for(address), self.organisation_of(address)
        own = person.manager if person is not None else ""
        return own or (organisation.manager if organisation is not None else "")

    def is_vip(self, address: str) -> bool:
        """Tell whether a person, or his organisation, is a VIP."""
        person, organisation = self.person_for(address), self.organisation_of(address)
        return (person is not None and person.vip) or (organisation is not None and organisation.vip)

    def supplier_called(self, word: str) -> Supplier | None:
        """Return the supplier of that name or address, in any case."""
        return _find(self.supplier, word) or next((s for s in self.supplier if s.address == word.strip().lower()), None)

    def supplier_of(self, address: str) -> Supplier | None:
        """Return the supplier for whom an address may answer: its own, or one in its domains."""
        domain = domain_of(address)
        return self.supplier_called(address) or next((s for s in self.supplier if is_within(domain, s.domains)), None)

    @cached_property
    def own_addresses(self) -> frozenset[str]:
        """The desk's own bare addresses, to which it never writes."""
        desk = {self.desk.reply_address, self.desk.control_address} - {""}
        return frozenset(desk | self._queues_by_address.keys())

    def is_own(self, address: str) -> bool:
        """Tell whether an address is the desk's own, with or without something behind the delimiter."""
        local, _, domain = address.strip().lower().rpartition("@")
        bare = f"{local.partition(self.desk.recipient_delimiter)[0]}@{domain}"
        return address.strip().lower() in self.own_addresses or bare in self.own_addresses

    @cached_property
    def own_domains(self) -> frozenset[str]:
        """The domains of our own addresses, and the desk's; postmaster@ each of them is accepted."""
        desk = in_own_letters(self.desk.domain.lower())
        return frozenset({address.rpartition("@")[2] for address in self.own_addresses} | {desk})


def _people(team: Team) -> tuple[str, ...]:
    return (*team.members, *(address for address in (team.lead, team.manager) if address))
