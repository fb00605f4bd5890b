"""The service catalogue at work: a ticket gets its service, and what has to be known for it is asked for once."""

from collections.abc import Iterable, Mapping
from typing import Any

from maild.base.words import Status
from maild.desk.answering import why_no_acknowledgement, why_no_automatic_mail
from maild.desk.bench import Case
from maild.desk.commands.phrases import say
from maild.desk.decide.approval import start_approval
from maild.desk.decide.arrival import assign
from maild.desk.decide.family import may_become
from maild.desk.forms import fit, missing, read_answers
from maild.desk.model import SYSTEM, Mail
from maild.desk.notices import PublicFacts, Wanted
from maild.desk.priority import IMPACT, URGENCY, degree, raise_for_vip, set_priority, weigh
from maild.desk.telling import tell_requester
from maild.settings.catalogue import Service, ServiceField, in_language
from maild.sla.model import Fact, FactKind

ASKED_MAX = 2  # Once for what is missing, once more for what was wrong.
_NOTHING: Mapping[str, Any] = {}
_WAITS = frozenset({Status.NEW, Status.OPEN, Status.PENDING})


def service_of(case: Case) -> Service | None:
    """Return the service of a ticket, None when it has none that is still in the catalogue."""
    return case.bench.settings.service_named(case.ticket.service) if case.ticket.service else None


def give_service(case: Case, actor: str, service: Service, why: str) -> None:
    """Make a ticket one of a service: queue, team, service level, type, category and priority as the catalogue says."""
    if service.name == case.ticket.service:
        return
    before = case.ticket
    changes: dict[str, Any] = {"service": service.name, "fields_asked": 0}
    if service.category:
        changes["category"] = service.category
    if service.type is not None and may_become(case, service.type):
        changes["type"] = service.type
    case.change(**changes, **_place(case, service))
    fact = Fact(case.bench.at, FactKind.TARGETS, priority=case.ticket.priority, sla=case.ticket.sla)
    case.event(actor, "service", f"{service.name}: {why}", fact if case.ticket.sla != before.sla else None)
    if service.priority is not None and not case.ticket.priority_by:
        set_priority(case, actor, service.priority, f"that of the service {service.name}")
        raise_for_vip(case, actor)
    if (before.queue, before.team) != (case.ticket.queue, case.ticket.team):
        assign(case, actor)


def _place(case: Case, service: Service) -> dict[str, Any]:
    """Return queue, team and service level as attributes of a ticket, as far as the service moves it."""
    settings = case.bench.settings
    queue = settings.queue_named(service.queue)
    team = settings.team_named(service.team or (queue.team if queue is not None else ""))
    sla = settings.sla_named(service.sla or (queue.sla if queue is not None else ""))
    place: dict[str, Any] = {}
    if queue is not None and queue.name != case.ticket.queue:
        place |= {"queue": queue.name, "address": queue.address}
    if team is not None:
        place |= {"team": team.name, "level": team.level}
    if sla is not None:
        place["sla"] = sla.name
    return place


def ask_for_fields(
    case: Case,
    mail: Mail | None = None,
    wrong: Iterable[tuple[ServiceField, str]] = (),
    known: Mapping[str, Any] = _NOTHING,
) -> None:
    """Ask the requester for what is missing, once, and once more for what was `wrong`; the ticket waits meanwhile.

    `mail` is the one that opened the ticket, and `known` what its acknowledgement would have said of a known error.
    Nothing is asked of a machine, nor of somebody who may get no mail.
    """
    service, bad = service_of(case), {field.name: value for field, value in wrong}
    if service is None or case.ticket.status not in _WAITS:
        return
    wanted = missing(service, dict(case.ticket.fields))
    if not wanted or case.ticket.fields_asked >= (ASKED_MAX if bad else 1):
        return
    names = ", ".join(field.name for field in wanted)
    reason = _why_not(case, mail)
    if reason is not None:
        case.event(SYSTEM, "fields-missing", f"{names}; not asked for: {reason}")
        return
    language = case.ticket.language
    facts = PublicFacts(
        requester_name=case.ticket.requester_name,
        status=Status.PENDING,
        service=service.title_in(language),
        wanted=tuple(_wanted(field, language, bad.get(field.name, "")) for field in wanted),
        **known,
    )
    tell_requester(case, "fields-wanted", facts, automatic="auto-replied")
    case.change(fields_asked=case.ticket.fields_asked + 1)
    case.event(SYSTEM, "fields-wanted", f"{names} for the service {service.name}")
    case.set_status(SYSTEM, Status.PENDING, f"the requester is asked for {names}")


def ask_approval(case: Case) -> None:
    """Ask for the approval that the ticket's service needs, once all that it needs is known; never twice."""
    service, ticket = service_of(case), case.ticket
    if service is None or not service.approval or ticket.by_machine or missing(service, dict(ticket.fields)):
        return
    if ticket.status not in _WAITS or any(a.policy == service.approval for a in case.bench.approvals(ticket.number)):
        return
    refusal = start_approval(case, service.approval, SYSTEM, service.title_in(ticket.language))
    if refusal is not None:
        case.event(SYSTEM, "approval-not-asked", say("en", refusal.phrase, who=refusal.who, status=refusal.who))


def _why_not(case: Case, mail: Mail | None) -> str | None:
    if case.bench.quiet:
        return "she is not to be told"
    if case.ticket.by_machine:
        return "a machine opened it"
    if "unverified" in case.ticket.tags:
        return "its sender was not believed"
    if mail is not None:
        return why_no_acknowledgement(case.bench, mail)
    return why_no_automatic_mail(case.bench, case.ticket.requester)


def _wanted(field: ServiceField, language: str, given: str) -> Wanted:
    return Wanted(field.label_in(language), in_language(field.hint, language), field.choices, given[:100])


def take_answers(case: Case, actor: str, mail: Mail) -> tuple[tuple[ServiceField, str], ...]:
    """Keep what a mail says of the fields of the ticket's service; return the fields with values that do not fit.

    What she wrote goes before what stands in the block that she quoted and filled in.
    """
    service = service_of(case)
    if service is None or not service.fields:
        return ()
    said = read_answers(service.fields, mail.message.quoted) | read_answers(service.fields, mail.message.new_text)
    wrong, values = [], dict(case.ticket.fields)
    for field in service.fields:
        if field.name not in said:
            continue
        value = fit(field, said[field.name])
        if field.name in {IMPACT, URGENCY}:
            value = degree(said[field.name])
        if value is None:
            wrong.append((field, said[field.name]))
        elif values.get(field.name) != value:
            values[field.name] = value
            case.event(actor, "field", f"{field.name}={value}")
    case.change(fields=tuple(sorted(values.items())))
    return tuple(wrong)


def still_waits(case: Case, actor: str, mail: Mail) -> bool:
    """Read the answer to what was asked for; True when the ticket goes on waiting because a value was wrong."""
    service = service_of(case)
    if service is None or not case.ticket.fields_asked:
        return False
    before = missing(service, dict(case.ticket.fields))
    if not before:
        return False
    wrong = take_answers(case, actor, mail)
    weigh(case, SYSTEM)
    left = missing(service, dict(case.ticket.fields))
    if not left:
        case.event(SYSTEM, "fields-complete", f"all that the service {service.name} needs is known")
        ask_approval(case)
        return case.ticket.status is Status.ON_HOLD
    asked = case.ticket.fields_asked
    if wrong and case.ticket.status is Status.PENDING:
        ask_for_fields(case, None, wrong)
    if case.ticket.fields_asked > asked:
        return True
    case.event(SYSTEM, "fields-missing", ", ".join(field.name for field in left))
    return False
