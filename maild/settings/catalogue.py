"""The tables about what is asked for: rules, the service catalogue, priorities and resolution codes."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt

from maild.base.patterns import check_pattern
from maild.base.words import Priority, TicketType
from maild.settings.conditions import Condition, Values, conditions_of, read_when
from maild.settings.fields import LanguageOrNone, Name, Table, one_or_many

Moment = Literal["new", "reply", "status"]
Degree = Literal["low", "medium", "high"]
DEGREES: tuple[Degree, ...] = ("low", "medium", "high")
_FIELD = re.compile(r"[^\W\d_][\w.-]{0,39}")
_ANY_LANGUAGE = "*"


def _per_language(value: object) -> object:
    """Let one text stand for every language."""
    return {_ANY_LANGUAGE: value} if isinstance(value, str) else value


def _pattern(value: str) -> str:
    if value:
        check_pattern(value)
    return value


def _field_name(value: str) -> str:
    if _FIELD.fullmatch(value) is None:
        raise ValueError('write a short name such as "room": letters and digits, a letter first')
    return value.lower()


When = Annotated[dict[str, Values], BeforeValidator(read_when)]
Words = Annotated[dict[str, str], BeforeValidator(_per_language)]
Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]
Pattern = Annotated[str, AfterValidator(_pattern)]


class Rule(Table):
    """What to do with tickets of a kind: conditions, and the commands to run when all hold."""

    name: Name = Field(description="The rule's name in the timeline.")
    on: Annotated[tuple[Moment, ...], BeforeValidator(one_or_many)] = Field(
        ("new",),
        min_length=1,
        description='When it is tried: at a "new" ticket, a requester\'s "reply", a change of "status".',
    )
    when: When = Field(
        description='Conditions, all of which must hold: subject = "*vpn*", from, queue, header.X-Foo ... see rules.md.'
    )
    do: Texts = Field(description='Commands as an agent writes them, "#priority high" for instance.')
    last: StrictBool = Field(False, description="Whether later rules are left out once it has run.")

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Its conditions in order."""
        return conditions_of(self.when)


class ServiceField(Table):
    """Something that has to be known before a service can be given."""

    name: Annotated[str, AfterValidator(_field_name)] = Field(description="The name in #field and in lists.")
    label: Words = Field({}, description='What the requester reads: { en = "Room", es = "Sala" }, or one text.')
    required: StrictBool = Field(True, description="Whether it is asked for when it is missing.")
    pattern: Pattern = Field("", description='What it looks like: "B-*" or "/^[0-9]{3}$/"; "" for anything.')
    choices: Texts = Field((), description="The answers that are allowed; empty for any.")
    hint: Words = Field({}, description="A few words beside the question, by language or one text.")

    def label_in(self, language: str) -> str:
        """Return its label in a language; the name when there is none."""
        return in_language(self.label, language) or self.name.replace("_", " ").capitalize()


class Service(Table):
    """A service of the catalogue: who gives it, how soon, and what has to be known for it."""

    name: Name = Field(description="The service's name in commands and lists.")
    title: Words = Field({}, description='What the requester reads: { en = "VPN access" }, or one text.')
    queue: str = Field("", description='The queue that its tickets go to; "": they stay.')
    team: str = Field("", description='The team that gives it; "" is the queue\'s.')
    escalates_to: str = Field("", description='The team of the next level for it; "" is what its team says.')
    sla: str = Field("", description='Its service level; "" is the queue\'s.')
    type: TicketType | None = Field(None, description="The type of its tickets.")
    category: str = Field("", description="The category of its tickets.")
    priority: Priority | None = Field(None, description="The priority that its tickets begin with.")
    match: When = Field({}, description="Which new tickets are of this service, with the conditions of rules.")
    fields: tuple[ServiceField, ...] = Field((), description="What has to be known; asked for once, by mail.")
    approval: str = Field("", description='The approval policy that its tickets need; "" for none.')

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions under which a new ticket is of this service; none: never by itself."""
        return conditions_of(self.match)

    def title_in(self, language: str) -> str:
        """Return its title in a language; the name when there is none."""
        return in_language(self.title, language) or self.name


def in_language(words: dict[str, str], language: str) -> str:
    """Return words in a language, else those for all, else the first; "" when there are none."""
    return words.get(language) or words.get(_ANY_LANGUAGE) or next(iter(words.values()), "")


class Keyword(Table):
    """Words of a new ticket that make it at least so urgent."""

    words: Texts = Field(min_length=1, description="Words or phrases of the subject or the text; case does not count.")
    language: LanguageOrNone = Field("", description='The language of the tickets that it counts for; "" for all.')
    priority: Priority = Field(Priority.HIGH, description="The priority that the ticket gets at least.")


def _row(low: Priority, medium: Priority, high: Priority) -> dict[Degree, Priority]:
    return {"low": low, "medium": medium, "high": high}


_LOW, _NORMAL, _HIGH, _URGENT = Priority


_MATRIX: dict[Degree, dict[Degree, Priority]] = {
    "low": _row(_LOW, _LOW, _NORMAL),
    "medium": _row(_LOW, _NORMAL, _HIGH),
    "high": _row(_NORMAL, _HIGH, _URGENT),
}


class PriorityTable(Table):
    """How the desk finds a priority; what an agent sets himself stays."""

    matrix: dict[Degree, dict[Degree, Priority]] = Field(
        _MATRIX,
        description="By impact and then urgency: matrix.high.medium is for high impact and medium urgency. A place that"
        " is left out is as here.",
    )
    vip_raises: StrictInt = Field(1, ge=0, le=3, description="By how many steps a VIP's new ticket is raised; 0: none.")
    headers: StrictBool = Field(
        False, description="Whether X-Priority and Importance of a mail count; every sender is free to set them."
    )
    keyword: tuple[Keyword, ...] = Field((), description="Words that raise a new ticket.")

    def of(self, impact: str, urgency: str) -> Priority | None:
        """Return the priority of an impact and an urgency; None when one of them is no degree."""
        places = {
            (str(above), str(beside)): priority
            for matrix in (_MATRIX, self.matrix)
            for above, row in matrix.items()
            for beside, priority in row.items()
        }
        return places.get((impact, urgency))


_ANY_CODES = ("solved", "workaround", "duplicate", "withdrawn", "no-action")


class Resolution(Table):
    """The codes that `#resolve` takes for each type; an empty list takes any word."""

    incident: Texts = Field(
        (*_ANY_CODES, "fixed", "not-reproducible", "user-error", "third-party"), description="Codes of incidents."
    )
    request: Texts = Field((*_ANY_CODES, "fulfilled", "rejected"), description="Codes of requests.")
    question: Texts = Field((*_ANY_CODES, "answered"), description="Codes of questions.")
    problem: Texts = Field((*_ANY_CODES, "fixed", "known-error", "accepted"), description="Codes of problems.")
    change: Texts = Field(
        (*_ANY_CODES, "implemented", "rolled-back", "rejected", "failed"), description="Codes of changes."
    )

    def codes_of(self, type_: TicketType) -> tuple[str, ...]:
        """Return the codes that tickets of a type are resolved with; empty: any word."""
        codes: tuple[str, ...] = getattr(self, type_.value)
        return codes
