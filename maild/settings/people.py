"""The tables about the work: queues, teams, agents, calendars and service levels."""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from maild.base.rhythm import read_rhythm
from maild.base.words import Clock, Priority
from maild.settings.fields import (
    Address,
    AddressOrNone,
    Duration,
    File,
    Language,
    LanguageOrNone,
    MonthDay,
    Name,
    OpenSpan,
    Span,
    Table,
    Target,
    ZoneOrNone,
    read_wall_time,
)


def _rhythm(value: object) -> str:
    return read_rhythm(value if isinstance(value, str) else "")


def _survey(value: object) -> object:
    if value in {"resolved", "never"} or isinstance(value, timedelta):
        return value
    try:
        return read_wall_time(value)
    except ValueError:
        raise ValueError('write "resolved", "never" or a duration such as "24h"') from None


class Queue(Table):
    """A support address with its team, SLA and waiting times."""

    name: Name = Field(description="The queue's name in lists and commands.")
    address: Address = Field(description="The support address; what the desk sends comes From it.")
    aliases: tuple[Address, ...] = Field((), description="Other addresses of this queue.")
    team: str = Field(description="The team that works its tickets.")
    sla: str = Field("", description='The service level of its tickets; "" for no clocks.')
    reopen_within: Duration = Field(
        timedelta(days=7),
        description="How long after `resolved` an answer reopens; later it makes a linked new ticket.",
    )
    close_resolved_after: Duration = Field(timedelta(days=7), description="When a resolved ticket is closed.")
    pending_reminder: Duration = Field(
        timedelta(days=3), description="When the requester of a pending ticket is reminded; 0 for never."
    )
    pending_close: Duration = Field(timedelta(days=14), description="When a pending ticket is closed; 0 for never.")
    notify_close: StrictBool = Field(
        False, description="Whether the requester is told when the clock closes a ticket; else as in [desk]."
    )
    survey_after: Annotated[timedelta | Literal["resolved", "never"], BeforeValidator(_survey)] = Field(
        "resolved", description='When a rating is asked: "resolved", in that mail; "24h", by its own mail; "never".'
    )
    low_rating: StrictInt = Field(
        2, ge=0, le=5, description="Of a rating of this figure and lower ones the lead hears too; 0 for never."
    )
    hold_for_supplier: StrictBool = Field(
        True, description="Whether a ticket is on hold from the question to a supplier to its answer."
    )
    acknowledge_blind: StrictBool = Field(
        True,
        description="Whether mail that names none of our domains in To and Cc is acknowledged; it may be forwarded.",
    )
    forms: tuple[Address, ...] = Field(
        (), description="Senders of web forms and the like: their Reply-To is the requester."
    )

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its address and then its aliases, in lower case."""
        return (self.address, *self.aliases)


class Team(Table):
    """People who work tickets together on one support level."""

    name: Name = Field(description="The team's name in lists and commands.")
    level: StrictInt = Field(1, ge=1, le=3, description="The support level; escalation goes up.")
    members: tuple[Address, ...] = Field((), description="The agents, in the order of assignment when all else ties.")
    lead: AddressOrNone = Field("", description="Who leads it and hears of breaches.")
    manager: AddressOrNone = Field("", description='Who hears what goes up to the manager; "" is the lead.')
    escalates_to: str = Field("", description='The team of the next level; "" for none.')
    assign: Literal["least-loaded", "round-robin", "none"] = Field(
        "least-loaded", description="How new tickets find their agent."
    )
    weights: dict[Priority, Annotated[StrictInt, Field(ge=1, le=100)]] = Field(
        {},
        description="How much a ticket of a priority counts for least-loaded, { urgent = 4, high = 2 } for instance; 1 "
        "for those left out.",
    )
    daily: StrictBool = Field(
        True, description="Whether its lead is told each working day how the team stands, when its hours begin."
    )
    sticky: StrictBool = Field(
        False, description="Whether a requester's new ticket goes to the agent who had her last one, if he may have it."
    )


class Agent(Table):
    """What we know of an agent beside his team; members and leads are agents without it."""

    address: Address = Field(description="The address he writes from and is written to.")
    name: str = Field("", description="The name on his answers.")
    language: LanguageOrNone = Field("", description='The language of his notices; "" is the desk\'s.')
    timezone: ZoneOrNone = Field("", description='The time zone of his commands; "" is the desk\'s.')
    aliases: tuple[Address, ...] = Field((), description="Other addresses he writes from.")
    skills: tuple[Name, ...] = Field((), description="The [[skill]]s that he has.")
    languages: tuple[Language, ...] = Field(
        (), description="The languages in which he answers; tickets in one of them rather go to him. None: in all."
    )
    smime_certificate_file: File | None = Field(
        None, description="His S/MIME certificate, PEM or DER: mail that it signs is proved and needs no code."
    )
    pgp_key_file: File | None = Field(
        None, description="His OpenPGP public key: mail that it signs (PGP/MIME) is proved and needs no code."
    )
    transcripts: Literal["all", "faults"] = Field(
        "all", description="Whether every command is answered with a transcript, or faults alone."
    )

    digest: Annotated[str, BeforeValidator(_rhythm)] = Field(
        "now",
        description='How often he hears of his tickets: "now", "hourly", "daily" or "daily 17:00", "off"; what cannot '
        "wait comes at once. What he says by #digest goes before it.",
    )

    @property
    def display_name(self) -> str:
        """His name, or the local part of his address."""
        return self.name or self.address.partition("@")[0]


class Hours(Table):
    """Opening hours by weekday, several spans a day; a day without any is closed."""

    mon: tuple[OpenSpan, ...] = Field((), description='Monday, ["09:00-14:00", "15:00-18:00"] for instance.')
    tue: tuple[OpenSpan, ...] = Field((), description="Tuesday.")
    wed: tuple[OpenSpan, ...] = Field((), description="Wednesday.")
    thu: tuple[OpenSpan, ...] = Field((), description="Thursday.")
    fri: tuple[OpenSpan, ...] = Field((), description="Friday.")
    sat: tuple[OpenSpan, ...] = Field((), description="Saturday.")
    sun: tuple[OpenSpan, ...] = Field((), description="Sunday.")

    def by_weekday(self) -> tuple[tuple[Span, ...], ...]:
        """Return the spans of the seven days, Monday first, each day in order."""
        days = (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)
        return tuple(tuple(sorted(spans)) for spans in days)


class Holidays(Table):
    """Days on which nobody works: those of a country, and more or fewer by hand."""

    country: str = Field("", pattern="^([A-Z]{2})?$", description='ISO 3166 code such as "ES"; "" for none.')
    subdivision: str = Field("", description='Part of the country such as "MD".')
    extra: tuple[date, ...] = Field((), description='Further holidays, "2026-12-24" for instance.')
    yearly: tuple[MonthDay, ...] = Field(
        (), description='Holidays of every year by month and day, "12-24" for instance.'
    )
    files: tuple[File, ...] = Field((), description="iCalendar files (RFC 5545) whose all-day events are holidays.")
    worked: tuple[date, ...] = Field((), description="Holidays on which we work all the same.")


class Calendar(Table):
    """When working time runs."""

    name: Name = Field(description="The calendar's name.")
    timezone: ZoneOrNone = Field("", description='Its IANA time zone; "" is the desk\'s.')
    hours: Hours = Field(description="The opening hours by weekday.")
    holidays: Holidays = Field(Holidays(), description="The days without working time.")


class Targets(Table):
    """Working time allowed for each clock; a clock without a target does not exist."""

    first_response: Target | None = Field(None, description="Until an agent first answers.")
    next_response: Target | None = Field(None, description="Until an agent answers what the requester wrote next.")
    resolution: Target | None = Field(None, description="Until it is resolved.")
    approval: Target | None = Field(None, description="Until an approver decides; it runs while the others are paused.")
    supplier: Target | None = Field(None, description="Until a supplier answers; it runs while the others are paused.")

    def of(self, clock: Clock) -> Target | None:
        """Return the target of a clock, None when there is no such clock."""
        return {
            Clock.FIRST_RESPONSE: self.first_response,
            Clock.NEXT_RESPONSE: self.next_response,
            Clock.RESOLUTION: self.resolution,
            Clock.APPROVAL: self.approval,
            Clock.SUPPLIER: self.supplier,
        }[clock]


class Escalation(Table):
    """What a clock does when it has used so many percent of its target."""

    clock: Clock = Field(description="first_response, next_response, resolution, approval or supplier.")
    at: StrictInt = Field(100, ge=1, le=1000, description="Percent of the target.")
    to: Literal["lead", "manager", "next-level"] = Field(
        "lead", description="The lead or the manager is told, or the ticket goes to the next level."
    )


class Sla(Table):
    """A service level: targets by priority, warnings and escalations."""

    name: Name = Field(description="The service level's name.")
    calendar: str = Field(description="The calendar whose working time counts.")
    targets: dict[Priority, Targets] = Field(
        description="By priority; `normal` is required, and stands in for those left out. d is one working day."
    )
    warn_at: tuple[Annotated[StrictInt, Field(ge=1, le=99)], ...] = Field(
        (50, 75, 90), description="Percent of a target at which the assignee is warned; 100 is the breach."
    )
    escalate: tuple[Escalation, ...] = Field((), description="What goes to whom at which percentage.")
    notify: Literal["service-hours", "24x7"] = Field(
        "service-hours", description="When warnings and breaches are told: in the calendar's hours, or at any hour."
    )

    def targets_of(self, priority: Priority) -> Targets:
        """Return the targets of a priority; those of `normal` when it has none."""
        return self.targets.get(priority, self.targets[Priority.NORMAL])


class Skill(Table):
    """What some tickets ask of their agent: one with a tag, category or queue named here goes to nobody without it."""

    name: Name = Field(description="The skill's name; agents have it in `skills`.")
    tags: tuple[str, ...] = Field((), description="Tags of the tickets that ask for it.")
    categories: tuple[str, ...] = Field((), description="Categories of such tickets; those below are in them.")
    queues: tuple[str, ...] = Field((), description="Queues all of whose tickets ask for it.")
