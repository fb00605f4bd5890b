"""Rules tried on a mail: which fire, which do not and why, with or without a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from maild.database.connection import open_database
from maild.database.migrate import migrate
from maild.desk.effects import Decision
from maild.desk.rules.model import Ruling
from maild.message.envelope import Envelope
from maild.service.configuration import Configuration
from maild.service.office import open_office
from maild.service.onlooker import Onlooker, worded
from maild.service.reading import Reading
from maild.settings.catalogue import Rule

_NO_SECRET = (("a", bytes(32)),)  # Nothing is signed that leaves.


@dataclass(frozen=True, slots=True)
class Trial:
    """What the rules said of one mail, in their order, and all that would be done."""

    rulings: tuple[Ruling, ...]
    would: tuple[str, ...]


@contextmanager
def rule_desk(configuration: Configuration) -> Iterator[Onlooker]:
    """Yield the desk as somebody sees it who may not touch it; one without tickets when there is no database yet."""
    if not configuration.secret_keys:
        configuration = replace(configuration, secret_keys=_NO_SECRET, secret_path=None)
    found = Onlooker.opened(configuration)
    if found is not None:
        yield found
        return
    with TemporaryDirectory(prefix="maild-rules-") as folder:
        db = open_database("sqlite:///maild.db", Path(folder))
        try:
            migrate(db, datetime.now(UTC))
            yield Onlooker(db, open_office(configuration, datetime.now(UTC)))
        finally:
            db.close()


def try_rules(desk: Onlooker, reading: Reading, envelope: Envelope) -> Trial:
    """Decide on a mail without doing it, and return what each rule said; one that was not tried says so too."""
    _, decision = desk.decision(reading, envelope)
    settings = desk.office.settings
    tried = {ruling.rule for ruling in decision.rulings}
    rest = {rule.name: _not_tried(rule, decision) for rule in settings.rule if rule.name not in tried}
    order = [rule.name for rule in settings.rule]
    rulings = sorted((*decision.rulings, *rest.values()), key=lambda ruling: order.index(ruling.rule))
    return Trial(tuple(rulings), worded(decision, settings.desk.prefix))


def _not_tried(rule: Rule, decision: Decision) -> Ruling:
    opens = (decision.ticket or 0) < 0
    what = "opens a ticket" if opens else "opens none and its ticket's status stays"
    moments = " and ".join(rule.on)
    because = f"it is for {moments}, and this mail {what}"
    return Ruling(rule.name, decision.ticket or 0, moments, False, because)
