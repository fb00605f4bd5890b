"""What conditions look at: one small function a key, over the ticket and the mail that came, if one did."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from maild.desk.bench import Case
from maild.desk.model import Mail, Ticket
from maild.desk.people import addresses_of, is_vip, organisation_of
from maild.message.model import Address
from maild.settings.conditions import WEEKDAYS
from maild.settings.model import Settings
from maild.settings.people import Calendar as CalendarTable
from maild.sla.calendar import Calendar, is_open


@dataclass(frozen=True, slots=True)
class Scene:
    """A ticket as it stands, and the mail that is decided on; None when no mail came."""

    case: Case
    mail: Mail | None

    @property
    def ticket(self) -> Ticket:
        """The ticket as it stands now."""
        return self.case.ticket

    @property
    def settings(self) -> Settings:
        """The configuration in force."""
        return self.case.bench.settings

    def values(self, key: str) -> tuple[str, ...]:
        """Return all that stands under the key of a condition; () when there is nothing."""
        for prefix, look in _OPEN.items():
            if key.startswith(prefix):
                return tuple(look(self, key.removeprefix(prefix)))
        return tuple(value for value in _LOOK[key](self) if value)


def _subject(scene: Scene) -> Iterable[str]:
    return (scene.mail.message.subject if scene.mail is not None else scene.ticket.subject,)


def _from(scene: Scene) -> Iterable[str]:
    author = scene.mail.message.author if scene.mail is not None else Address("", scene.ticket.requester)
    return author.key, author.name


def _named(addresses: Iterable[Address]) -> Iterable[str]:
    return tuple(address.key for address in addresses)


def _text(scene: Scene) -> Iterable[str]:
    return (scene.mail.message.new_text,) if scene.mail is not None else ()


def _attachments(scene: Scene) -> Iterable[str]:
    found = scene.mail.message.attachments if scene.mail is not None else ()
    return tuple(value for attachment in found for value in (attachment.filename, attachment.content_type))


def _size(scene: Scene) -> Iterable[str]:
    return (str(scene.mail.message.size),) if scene.mail is not None else ()


def _person(scene: Scene) -> Iterable[str]:
    ticket, known = scene.ticket, scene.settings.person_for(scene.ticket.requester)
    addresses = sorted(addresses_of(scene.case.bench, ticket.requester) - {ticket.requester})
    return (ticket.requester, ticket.requester_name, *addresses, known.name if known is not None else "")


def _organisation(scene: Scene) -> Iterable[str]:
    organisation = organisation_of(scene.case.bench, scene.ticket.requester)
    domain = scene.ticket.requester.rpartition("@")[2]
    return (organisation.name, domain) if organisation is not None else (domain,)


def _weekday(scene: Scene) -> Iterable[str]:
    return (WEEKDAYS[scene.case.bench.at.astimezone(scene.settings.zone).weekday()],)


def _time(scene: Scene) -> Iterable[str]:
    return (scene.case.bench.at.astimezone(scene.settings.zone).strftime("%H:%M"),)


def _calendar(scene: Scene) -> Iterable[str]:
    """Return the calendars in whose working time it happens."""
    at, zone = scene.case.bench.at, scene.settings.desk.timezone
    return tuple(table.name for table in scene.settings.calendar if is_open(_compiled(table, at.year, zone), at))


@lru_cache(maxsize=64)
def _compiled(table: CalendarTable, year: int, zone: str) -> Calendar:
    from maild.sla.compile import calendar_from  # late: the tables of public holidays are slow to import

    return calendar_from(table, range(year - 1, year + 2), zone)


_LOOK: Mapping[str, Callable[[Scene], Iterable[str]]] = {
    "subject": _subject,
    "from": _from,
    "to": lambda s: _named(s.mail.message.to) if s.mail is not None else (),
    "cc": lambda s: _named(s.mail.message.cc) if s.mail is not None else (),
    "text": _text,
    "address": lambda s: (s.ticket.address,),
    "kind": lambda s: (str(s.mail.finding.kind),) if s.mail is not None else (),
    "verdict": lambda s: (str(s.mail.proof.verdict),) if s.mail is not None else (),
    "attachment": _attachments,
    "size": _size,
    "language": lambda s: (s.ticket.language,),
    "queue": lambda s: (s.ticket.queue,),
    "team": lambda s: (s.ticket.team,),
    "status": lambda s: (str(s.ticket.status),),
    "type": lambda s: (str(s.ticket.type),),
    "priority": lambda s: (str(s.ticket.priority),),
    "category": lambda s: (s.ticket.category,),
    "tag": lambda s: s.ticket.tags,
    "service": lambda s: (s.ticket.service,),
    "assignee": lambda s: (s.ticket.assignee or "",),
    "person": _person,
    "organisation": _organisation,
    "vip": lambda s: (str(is_vip(s.case.bench, s.ticket.requester)).lower(),),
    "weekday": _weekday,
    "time": _time,
    "calendar": _calendar,
}
_OPEN: Mapping[str, Callable[[Scene, str], Iterable[str]]] = {
    "header.": lambda s, name: s.mail.message.values(name) if s.mail is not None else (),
    "field.": lambda s, name: tuple(value for field, value in s.ticket.fields if field == name.lower()),
}
