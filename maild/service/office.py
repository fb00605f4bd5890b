"""Everything that one configuration means, compiled once: what the daemon works by until the next reload."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from maild.base.limits import DEFAULT_LIMITS, Limits
from maild.desk.canned import Canned
from maild.desk.knowledge import Knowledge
from maild.notice.templates import Templates, template_folders
from maild.proof.signatures import AgentKey
from maild.proof.signing import Signer
from maild.proof.tokens import Keyring
from maild.service.configuration import Configuration, SecretKeys, require_secret
from maild.service.holidays import published_holidays
from maild.service.reading import own_marks
from maild.service.rosters import open_roster
from maild.service.shelves import read_canned, read_knowledge
from maild.settings.model import Settings
from maild.sla.compile import slas_from
from maild.sla.model import Sla
from maild.sla.roster import Roster
from maild.store.model import Tally
from maild.store.traffic import Counted
from maild.triage.model import OwnMarks


@dataclass(frozen=True, slots=True)
class Office:
    """The configuration in force. Frozen: a reload makes another one."""

    settings: Settings
    slas: Mapping[str, Sla]
    keyring: Keyring
    own: OwnMarks
    templates: Templates
    path: Path
    tally: Tally
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_keys: SecretKeys = field(default=(), repr=False)  # what the keyring and the sealed tokens are made of
    limits: Limits = DEFAULT_LIMITS
    roster: Roster = field(default_factory=Roster)
    signer: Signer | None = None  # None: what we send is not signed with DKIM
    canned: Canned = field(default_factory=dict)
    knowledge: Knowledge = field(default_factory=Knowledge)
    agent_keys: tuple[AgentKey, ...] = ()  # by which agents sign their mail


def open_office(configuration: Configuration, now: datetime) -> Office:
    """Compile a configuration whose secret is there; the calendars get the holidays of the years around `now`.

    Raises OSError when a file of holidays cannot be read.
    """
    settings, base = configuration.settings, configuration.path.parent
    articles = settings.desk.knowledge_base
    return Office(
        settings=settings,
        slas=slas_from(settings, now, published_holidays(settings)),
        keyring=Keyring(require_secret(configuration)),
        own=own_marks(settings),
        templates=Templates(template_folders(configuration.path.parent, settings.desk.templates)),
        path=configuration.path,
        tally=_tally(settings),
        secrets=configuration.secrets,
        secret_keys=require_secret(configuration),
        limits=limits_of(settings),
        roster=open_roster(settings, now),
        signer=_signer(configuration),
        agent_keys=configuration.agent_keys,
        canned=read_canned(base / settings.desk.canned),
        knowledge=read_knowledge(base / articles if articles is not None else None),
    )


def _tally(settings: Settings) -> Tally:
    """Return what has to be counted: nothing for a limit that there is not."""
    limits = settings.limits
    agents = tuple(agent.address for agent in settings.agents)
    traffic = Counted(
        a_ticket=max(limits.automatic_per_ticket_10min, limits.automatic_per_ticket_day),
        a_domain=limits.per_domain,
        a_queue=limits.per_queue,
        same_answers=limits.same_answers,
        shared=settings.own_domains | {domain.lower() for domain in limits.shared_domains},
    )
    return Tally(
        agents,
        notices=limits.notices_per_agent_10min > 0,
        in_a_minute=limits.automatic_per_minute,
        traffic=traffic,
        last_agents=any(team.sticky for team in settings.team),
    )


def _signer(configuration: Configuration) -> Signer | None:
    outgoing = configuration.settings.outgoing
    if configuration.dkim_key is None:
        return None
    return Signer(configuration.dkim_key, outgoing.dkim_selector, outgoing.dkim_domain)


def limits_of(settings: Settings) -> Limits:
    """Return the limits of reading a mail, with the size that the doors accept."""
    if settings.smtp is None:
        return DEFAULT_LIMITS
    return replace(DEFAULT_LIMITS, message_bytes=max(settings.smtp.max_message_size, 1))
