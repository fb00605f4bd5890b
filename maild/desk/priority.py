"""How soon a ticket is worked on: from service, impact and urgency, keywords and VIPs; each step says why."""

import re
from collections.abc import Iterator

from maild.base.patterns import SEARCHED_CHARACTERS_MAX
from maild.base.text import plain
from maild.base.words import Priority
from maild.desk.bench import Case
from maild.desk.model import SYSTEM, Mail
from maild.desk.people import is_vip
from maild.settings.catalogue import Degree, Keyword
from maild.sla.model import Fact, FactKind

STEPS = tuple(Priority)  # mildest first
IMPACT, URGENCY = "impact", "urgency"
DEGREES_ES: dict[str, Degree] = {
    **{"alto": "high", "alta": "high", "medio": "medium", "media": "medium"},
    **{"normal": "medium", "bajo": "low", "baja": "low"},
}
# What mail programs write (Exchange, Outlook and others); no standard has these fields.
_BY_HEADER = {
    ("X-Priority", "1"): Priority.URGENT,
    ("X-Priority", "2"): Priority.HIGH,
    ("X-Priority", "4"): Priority.LOW,
    ("X-Priority", "5"): Priority.LOW,
    ("Importance", "high"): Priority.HIGH,
    ("Importance", "low"): Priority.LOW,
}


def set_priority(case: Case, actor: str, priority: Priority, why: str) -> None:
    """Change the priority; the clocks are counted anew with its targets."""
    if priority is case.ticket.priority:
        return
    before = case.ticket.priority
    case.change(priority=priority)
    fact = Fact(case.bench.at, FactKind.TARGETS, priority=priority, sla=case.ticket.sla)
    case.event(actor, "priority", f"{before} to {priority}: {why}", fact)


def first_priority(case: Case, mail: Mail) -> None:
    """Find the priority of a new ticket, unless somebody has fixed it; the service has had its say before."""
    if case.ticket.priority_by:
        return
    if case.bench.settings.priority.headers:
        for priority, why in _of_headers(mail):
            set_priority(case, SYSTEM, priority, why)
    keywords = case.bench.settings.priority.keyword
    said = plain(f"{mail.message.subject}\n{mail.message.new_text}"[:SEARCHED_CHARACTERS_MAX]) if keywords else ""
    for keyword in keywords:
        found = _found(keyword, case.ticket.language, said)
        if found and STEPS.index(keyword.priority) > STEPS.index(case.ticket.priority):
            set_priority(case, SYSTEM, keyword.priority, f"the words “{found}” stand in it")
    raise_for_vip(case, SYSTEM)


def weigh(case: Case, actor: str) -> None:
    """Find the priority anew from impact and urgency, when both are given and nobody has fixed it."""
    fields = dict(case.ticket.fields)
    impact, urgency = fields.get(IMPACT, ""), fields.get(URGENCY, "")
    priority = case.bench.settings.priority.of(impact, urgency)
    if priority is None or case.ticket.priority_by:
        return
    set_priority(case, actor, priority, f"impact {impact} and urgency {urgency}")
    raise_for_vip(case, actor)


def degree(text: str) -> Degree | None:
    """Return the degree of impact or urgency that a word means, in English or Spanish; None when it means none."""
    word = plain(text.strip())
    known: dict[str, Degree] = {"low": "low", "medium": "medium", "high": "high", **DEGREES_ES}
    return known.get(word)


def _of_headers(mail: Mail) -> Iterator[tuple[Priority, str]]:
    for (name, value), priority in _BY_HEADER.items():
        if any(v.strip().lower()[: len(value)] == value for v in mail.message.values(name)):
            yield priority, f"its {name} is {value}"
            return


def _found(keyword: Keyword, language: str, said: str) -> str:
    """Return the first of the words that stands in what was said; "" when none does, or in another language."""
    if keyword.language and keyword.language != language:
        return ""
    return next((word for word in keyword.words if re.search(rf"(?<!\w){re.escape(plain(word))}(?!\w)", said)), "")


def raise_for_vip(case: Case, actor: str) -> None:
    """Raise the priority that the desk has found by the steps that a VIP is given."""
    steps = case.bench.settings.priority.vip_raises
    if not steps or not is_vip(case.bench, case.ticket.requester):
        return
    at = min(STEPS.index(case.ticket.priority) + steps, len(STEPS) - 1)
    set_priority(case, actor, STEPS[at], f"{case.ticket.requester} is a VIP")
