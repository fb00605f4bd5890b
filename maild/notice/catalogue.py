"""Every template with the one audience it is written for: a row here and a file in each language make a notice."""

from maild.base.words import Audience

_R, _A, _L = Audience.REQUESTER, Audience.AGENT, Audience.LEAD

CATALOGUE: dict[str, Audience] = {
    "acknowledgement": _R,
    "too-large": _R,
    "agent-replied": _R,
    "resolved": _R,
    "closed": _R,
    "pending-reminder": _R,
    "fields-wanted": _R,
    "survey": _R,
    "status": _R,
    "announcement": _R,
    "approval-outcome": _R,
    "approval-request": Audience.APPROVER,
    "supplier-asked": Audience.SUPPLIER,
    "assigned": _A,
    "new-ticket": _A,
    "requester-wrote": _A,
    "supplier-wrote": _A,
    "reopened": _A,
    "stranger-wrote": _A,
    "note-added": _A,
    "agent-replied-copy": _A,
    "escalated": _A,
    "sla-warning": _A,
    "sla-breach": _A,
    "reminder": _A,
    "bounced": _A,
    "approval-decided": _A,
    "transcript": _A,
    "confirm": _A,
    "digest": _A,
    "daily": _L,
    "quarantine": _L,
    "roster": _L,
    "report": _L,
    "alert": Audience.ADMIN,
}

# Who may read what: people outside see public values alone, everyone inside may see the ticket.
OUTSIDE = frozenset({Audience.REQUESTER, Audience.APPROVER, Audience.SUPPLIER})


class WrongAudience(Exception):
    """A notice was about to be shown to people whom its template, or its facts, are not for."""


def audience_of(template: str) -> Audience:
    """Return for whom a template is written; raises WrongAudience for one that is not in the catalogue."""
    audience = CATALOGUE.get(template)
    if audience is None:
        raise WrongAudience(f"{template!r} is not in the catalogue, so nobody may read it")
    return audience


def is_outside(template: str) -> bool:
    """Tell whether a template goes to people outside the desk, who see public values alone."""
    return audience_of(template) in OUTSIDE
