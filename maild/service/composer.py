"""What a composing child runs: it makes the mails of decisions, octet for octet as the service itself would."""

from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from maild.desk.effects import Composed, Decision
from maild.message.attachments import read_part
from maild.message.model import Attachment
from maild.notice.templates import Compiled, Templates
from maild.proof.signing import Signer
from maild.proof.tokens import Keyring
from maild.service.child import InJournal, answer_all
from maild.service.composing import compose_all
from maild.settings.model import Settings


@dataclass(frozen=True, slots=True)
class ComposingPlan:
    """What a child needs to know of the configuration."""

    settings: Settings
    keyring: Keyring
    folders: tuple[Path, ...]  # of templates
    signer: Signer | None
    url: str  # of the database, an absolute path in it: attachments that are sent on are fetched there
    compiled: Compiled | None = None  # what the service has compiled of the templates by the time the child starts


@dataclass(frozen=True, slots=True)
class Order:
    """Notices to be composed."""

    decision: Decision  # with its stimulus and notices, and nothing else of it
    now: datetime


@dataclass(frozen=True, slots=True)
class _Means:
    """The configuration as the child has compiled it."""

    settings: Settings
    keyring: Keyring
    templates: Templates
    signer: Signer | None
    url: str


def serve_orders(pipe: Connection, plan: ComposingPlan) -> None:
    """Answer each Order on the pipe with its mails, or with the words of what went wrong; leave at its end.

    The service composes itself what came to nothing here, and logs what is wrong.
    """
    answer_all(pipe, plan, _compiled, _composed)


def _compiled(plan: ComposingPlan) -> _Means:
    return _Means(
        plan.settings,
        plan.keyring,
        Templates(plan.folders, spared=False, compiled=plan.compiled),
        plan.signer,
        plan.url,
    )


def _composed(order: Order, means: _Means) -> tuple[Composed, ...]:
    def fetch(entry: str, attachment: Attachment) -> bytes:
        """Return the octets of an attachment out of its mail in the journal."""
        return read_part(InJournal(entry, means.url).fetch(), attachment.part)

    return compose_all(order.decision, means, order.now, fetch)
