"""What would be done with a mail, found out without doing it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from maild.base.limits import DEFAULT_LIMITS
from maild.proof.tokens import Keyring
from maild.service.reading import Reading, own_marks, read, with_own_marks
from maild.triage import OwnMarks

if TYPE_CHECKING:
    from maild.message.envelope import Envelope
    from maild.service.configuration import Configuration
    from maild.service.onlooker import Onlooker


@dataclass(frozen=True, slots=True)
class Prospect:
    """The ticket that a mail would belong to, its commands, and the actions in order, in words.

    `rule` None: nothing can be said of tickets. `ticket` None beside a rule: a new one if `opens`, else none.
    """

    ticket: str | None = None
    rule: str | None = None
    opens: bool = False
    commands: tuple[str, ...] = ()
    would: tuple[str, ...] = ()


class Prospector:
    """Says of mails what the desk would do with them. Looks at the database, when there is one, and changes nothing."""

    def __init__(self, configuration: Configuration | None) -> None:
        self._configuration = configuration

    def explain(self, reading: Reading, envelope: Envelope) -> Prospect:
        """Return the prospect of one mail. Without a configuration and its secret nothing is said of tickets."""
        commands = _commands(reading)
        if self._desk is None:
            return Prospect(commands=commands)
        return replace(self._desk.prospect(reading, envelope), commands=commands)

    @cached_property
    def _desk(self) -> Onlooker | None:
        if self._configuration is None or not self._configuration.secret_keys:
            return None
        from maild.service.onlooker import Onlooker  # It brings the database and the templates along.

        return Onlooker.opened(self._configuration)


def _commands(reading: Reading) -> tuple[str, ...]:
    """Return the command lines at the head of the new text, known verbs or not."""
    from maild.desk.commands.parse import parse_block

    block = parse_block(reading.message.new_text)
    lines = [(c.number, c.line) for c in block.commands] + [(f.number, f.line) for f in block.faults]
    return tuple(line for _, line in sorted(lines))


def understand(octets: bytes, envelope: Envelope, configuration: Configuration | None) -> Reading:
    """Read a mail as a parse child would, but ask no DNS: of its From only a trusted Authentication-Results is told."""
    if configuration is None:
        return read(octets, envelope, OwnMarks(), DEFAULT_LIMITS)
    from maild.proof.domains import ask_nobody
    from maild.proof.measure import measure  # It brings the DNS and DKIM libraries along.

    settings = configuration.settings
    own = own_marks(settings)
    reading = read(octets, envelope, own, DEFAULT_LIMITS)
    if _is_ours(reading.message.message_id, configuration):
        reading = with_own_marks(reading, envelope, replace(own, is_ours=frozenset({reading.message.message_id})))
    return replace(reading, results=measure(octets, reading.message, envelope, ask_nobody, settings))


def _is_ours(message_id: str, configuration: Configuration) -> bool:
    """Whether we signed a Message-ID; nothing is ours before the secret was made."""
    if not message_id or not configuration.secret_keys:
        return False
    return (
        Keyring(configuration.secret_keys).read_message_id(message_id, configuration.settings.desk.domain) is not None
    )
