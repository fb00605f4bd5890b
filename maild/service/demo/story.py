"""The story that the demo plays: a table of steps, each with who does what and which mails the desk sends of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid
from re import search
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from maild.service.demo import letters as say
from maild.service.demo.letters import ANA, BEN, JOHN, MAILER, MARTA
from maild.service.demo.stage import Person, Stage, StoryFault, Taken, Told

TO_WARNING, TO_BREACH = timedelta(minutes=15), timedelta(minutes=5)
BEHIND = TO_WARNING + TO_BREACH  # the story's clock starts so much in the past and ends as the time of day


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens; `hears` are the templates of all mails that the desk sends of it, with their readers."""

    words: str
    act: Callable[[Stage], Taken | None]
    hears: frozenset[tuple[str, str]]


class Audience(Protocol):
    """Who is told how the story goes, as it goes."""

    def begun(self, step: Step) -> None:
        """A step begins."""

    def took(self, taken: Taken) -> None:
        """The desk has dealt with a mail."""

    def sent(self, told: Told) -> None:
        """The desk has sent a mail."""


def play(stage: Stage, audience: Audience) -> None:
    """Play the steps in order. Raises StoryFault when the desk does something else, Left when it goes down."""
    for step in steps(imap=bool(stage.desk.imap_port)):
        audience.begun(step)
        taken = step.act(stage)
        if taken is not None:
            audience.took(taken)
        heard = stage.hear()
        for told in heard:
            audience.sent(told)
        got = sorted((told.row["template"], told.row["rcpt_to"].partition("@")[0]) for told in heard)
        if got != sorted(step.hears):
            raise StoryFault(f"{step.words} The desk sent {got}, not {sorted(step.hears)}.")


def _marta_asks(stage: Stage) -> Taken:
    return stage.post(stage.compose(MARTA, "La impresora no imprime", say.MARTA_ASKS))


def _marta_is_away(stage: Stage) -> Taken:
    got = stage.last(MARTA.address, "acknowledgement")
    mail = stage.compose(
        MARTA,
        f"Respuesta automática: {got.kept.mail['Subject']}",
        say.MARTA_IS_AWAY,
        to=got.row["mail_from"],  # RFC 3834 section 4: to the envelope's sender
        Auto_Submitted="auto-replied",
        In_Reply_To=got.kept.message_id,
    )
    return stage.post(mail, mail_from="")


def _rate(stage: Stage) -> Taken:
    """Press the last of the five buttons: a link that writes a mail (RFC 6068)."""
    html = stage.last(MARTA.address, "resolved").kept.part("html")
    button = search(r'href="(mailto:[^"]*body=5)"', html)
    if button is None:
        raise StoryFault("the mail `resolved` has no button for a rating")
    link = urlsplit(button[1].replace("&amp;", "&"))
    said = parse_qs(link.query)
    return stage.post(stage.compose(MARTA, said["subject"][0], said["body"][0], to=unquote(link.path)))


def _forge(stage: Stage) -> Taken:
    key = stage.last(MARTA.address, "acknowledgement").row["ticket"]
    return stage.post(stage.compose(ANA, f"[{key}]", say.FORGER), mail_from="forger@elsewhere.example")


def _john_asks(stage: Stage) -> Taken:
    mail = stage.compose(JOHN, "Cannot sign in to the portal", say.JOHN_ASKS)
    return stage.put(mail) if stage.desk.imap_port else stage.post(mail)


def _bounce(stage: Stage) -> Taken:
    lost = stage.last(JOHN.address, "agent-replied")
    text = say.BOUNCE.format(
        mailer=MAILER.address,
        to=lost.row["mail_from"],
        date=format_datetime(stage.desk.clock()),
        message_id=make_msgid(domain="example.net"),
        recipient=JOHN.address,
        original=lost.kept.message_id,
        subject=lost.kept.mail["Subject"],
    )
    mail = message_from_string(text, policy=default)
    assert isinstance(mail, EmailMessage)
    return stage.post(mail, mail_from="")


def _answer(author: Person, template: str, text: str) -> Callable[[Stage], Taken]:
    return lambda stage: stage.post(stage.answer(author, template, text))


def _later(by: timedelta) -> Callable[[Stage], None]:
    return lambda stage: stage.advance(by)


def _step(words: str, act: Callable[[Stage], Taken | None], *hears: str) -> Step:
    """Make a step; `hears` are written "template reader"."""
    pairs = ((template, reader) for template, reader in (line.split() for line in hears))
    return Step(words, act, frozenset(pairs))


MARTAS_TICKET = (
    _step("Marta writes to support, in Spanish.", _marta_asks, "acknowledgement marta", "assigned ana"),
    _step("Her out-of-office answers: recorded, and answered by nobody.", _marta_is_away),
    _step(
        "Ana answers the mail that told her; its first line is a command.",
        _answer(ANA, "assigned", say.ANA_ASKS),
        "agent-replied marta",
        "transcript ana",
    ),
    _step("Marta answers.", _answer(MARTA, "agent-replied", say.MARTA_ANSWERS), "requester-wrote ana"),
    _step(
        "Ana mistypes a verb: nothing is done, nothing is sent, and she is told why.",
        _answer(ANA, "requester-wrote", say.ANA_SLIPS),
        "transcript ana",
    ),
    _step("A forger writes commands in Ana's name: his mail is held, and Ana is asked.", _forge, "confirm ana"),
    _step(
        "Ana resolves the ticket.",
        _answer(ANA, "requester-wrote", say.ANA_RESOLVES),
        "resolved marta",
        "transcript ana",
    ),
    _step("Marta presses the button 5 in that mail.", _rate, "requester-wrote ana"),
)
_JOHN_HEARS = ("acknowledgement john", "assigned ben")
JOHN_BY_IMAP = _step("John writes, in English; his mail is fetched by IMAP.", _john_asks, *_JOHN_HEARS)
JOHN_BY_SMTP = _step(
    "John writes, in English (by SMTP: maild[demo] would bring an IMAP server).", _john_asks, *_JOHN_HEARS
)
JOHNS_TICKET = (
    _step("Ben answers him.", _answer(BEN, "assigned", say.BEN_ANSWERS), "agent-replied john"),
    _step(
        "The answer bounces: Ben is told, and his first response does not count any more.",
        _bounce,
        "bounced ben",
    ),
    _step("The desk's clock is put 15 minutes forward, to 75 % of the target.", _later(TO_WARNING), "sla-warning ben"),
    _step(
        "And 5 more, to the time of day: the target is missed.", _later(TO_BREACH), "sla-breach ben", "escalated lea"
    ),
)


def steps(*, imap: bool) -> tuple[Step, ...]:
    """Return the whole story; `imap`: there is an IMAP server."""
    return (*MARTAS_TICKET, JOHN_BY_IMAP if imap else JOHN_BY_SMTP, *JOHNS_TICKET)
