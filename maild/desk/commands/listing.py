"""What `#mine` and `#list` ask for: `name=value` and words, in English or Spanish."""

from maild.base.text import plain
from maild.base.words import Status
from maild.desk.commands.model import Command
from maild.desk.commands.spanish import NAMES_ES, PRIORITIES_ES, STATUSES_ES, TYPES_ES
from maild.desk.model import Query
from maild.desk.people import ME, agents_called
from maild.settings.model import Settings

_ASKED = (
    "status",
    "queue",
    "team",
    "assignee",
    "requester",
    "type",
    "priority",
    "organisation",
    "category",
    "service",
    "tag",
)
NAMES = {word: name for name in _ASKED for word in (name, plain(NAMES_ES[name]))}
UNFINISHED = tuple(str(s) for s in (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD))
_ALL = frozenset({"all", "any", "todos", "todo"})
_SPANISH = {
    "status": {plain(es): en for en, es in STATUSES_ES.items()},
    "priority": {es: en for en, es in PRIORITIES_ES.items()},
    "type": {es: en for en, es in TYPES_ES.items()},
}


def query_key(command: Command) -> str:
    """Return the name under which the snapshot holds the answer to a question."""
    return f"{command.verb} {command.rest}".strip()


def query_of(command: Command, agent: str, settings: Settings) -> Query:
    """Return which tickets a question means: without a status those not finished, `#mine` those of the agent.

    Raises ValueError with the word that means nothing.
    """
    filters: dict[str, tuple[str, ...]] = {"assignee": (agent,)} if command.verb == "mine" else {}
    words = []
    for word in command.values:
        name, sign, value = word.partition("=")
        if not sign:
            words.append(word)
        elif plain(name) in NAMES:
            name = NAMES[plain(name)]
            filters[name] = tuple(_value(name, each, agent, settings) for each in value.split(",") if each)
        else:
            raise ValueError(word)
    if "status" not in filters:
        filters["status"] = UNFINISHED
    elif set(filters["status"]) & _ALL:
        del filters["status"]
    return Query(tuple(sorted(filters.items())), tuple(words))


def _value(name: str, text: str, agent: str, settings: Settings) -> str:
    word = plain(text)
    if name == "assignee":
        found = [agent] if word in ME else agents_called(settings, text)
        if len(found) != 1:
            raise ValueError(text)
        return found[0]
    if name == "service" and (service := settings.service_named(text)) is not None:
        return service.name
    if name == "category":
        return text
    return _SPANISH.get(name, {}).get(word, word)
