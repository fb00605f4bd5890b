"""People in two languages who write to one desk through one door, and what they read."""

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.desk import Clock, Desk, Received
from tests.support.waiting import T, eventually

HALF_PAST_NINE = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)  # of a Monday in Madrid: the office has just opened
MADRID = ZoneInfo("Europe/Madrid")
WIRE = default.clone(linesep="\r\n")
SUPPORT = "support@example.com"


@dataclass(frozen=True)
class Words:
    """What people write in one language, and what they are told in it."""

    language: str
    subject: str
    hello: str
    more: str
    advice: str
    wrote: str  # over a quote
    next: str  # of the acknowledgement
    when: str  # we promise an answer, with the hour
    away: str
    away_subject: str
    verbs: dict[str, str]


ENGLISH = Words(
    language="en",
    subject="Printer on floor 2",
    hello="Hello, the printer on floor 2 has not printed anything since this morning.",
    more="It still does not print, and now it smells of smoke.",
    advice="Please switch it off and on again, and tell me what the display says.",
    wrote="On Mon, 23 Nov 2026 at 10:00, {who} wrote:",
    next="a person reads it and answers you by mail",
    when="We answer before Monday 23 November, {:%H:%M}",
    away="I am out of the office until Thursday and will answer when I am back.",
    away_subject="Automatic reply: {subject}",
    verbs={},
)
SPANISH = Words(
    language="es",
    subject="Impresora de la planta 2",
    hello="Hola, la impresora de la planta 2 no imprime nada desde esta mañana.",
    more="Sigue sin imprimir, y ahora además huele a humo.",
    advice="Apáguela y vuelva a encenderla, por favor, y dígame qué pone en la pantalla.",
    wrote="El lun, 23 nov 2026 a las 10:00, {who} escribió:",
    next="una persona lo lee y le responde por correo",
    when="Respondemos antes del lunes 23 de noviembre, {:%H:%M}",
    away="Estoy fuera de la oficina hasta el jueves y responderé a mi vuelta.",
    away_subject="Respuesta automática: {subject}",
    verbs={
        "note": "nota",
        "assign": "asignar",
        "priority": "prioridad",
        "pending": "espera",
        "hold": "pausar",
        "resolve": "resolver",
        "close": "cerrar",
        "subject": "asunto",
        "ok": "vale",
        "reply": "responder",
        "reopen": "reabrir",
    },
)
LANGUAGES = {"en": ENGLISH, "es": SPANISH}


def steady(language: str, more: str = "") -> Callable[[str], str]:
    """Return the change of the example's configuration that a desk shared by many people needs."""

    def change(text: str) -> str:
        text = text.replace('language = "es"\naliases = []', f'language = "{language}"\naliases = []')
        text = text.replace(
            'address = "ben@example.com"\n\n', f'address = "ben@example.com"\nlanguage = "{language}"\n\n'
        )
        # A trusted relay's results are believed or absent: nothing asks the DNS.
        text = text.replace('max_message_size = "25MB"', 'max_message_size = "25MB"\ntrusted_relays = ["127.0.0.1"]')
        return f"{text}\n[limits]\nnotices_per_agent_10min = 0\n{more}"

    return change


@dataclass
class Talk:
    """A ticket as its people know it: hers, what she was sent first, and what the agent was."""

    stage: "Stage"
    asked: EmailMessage
    requester: str
    ack: Received
    told: Received

    @property
    def agent(self) -> str:
        """Who has it."""
        return self.told.rcpt_to

    @property
    def colleague(self) -> str:
        """The other one of the first line."""
        return "ben@example.com" if self.agent == "ana@example.com" else "ana@example.com"

    @property
    def key(self) -> str:
        """The key of her ticket."""
        found = re.search(r"\[(ACME-\d+[A-Z])\]", str(self.ack.mail["Subject"]))
        assert found is not None
        return found[1]

    @property
    def promise(self) -> str:
        """What she is to be told of when she will be answered."""
        due = datetime.fromisoformat(self.ticket()["first_response_due"])
        return self.stage.words.when.format(due.astimezone(MADRID))

    def ticket(self) -> dict[str, Any]:
        """The ticket as `maild ticket show` tells it now."""
        return self.stage.rows("ticket", "show", self.key)[0]

    def says(self, received: Received, text: str, **fields: str | None) -> dict[str, Any]:
        """She answers a mail; returns the entry's row when it is done."""
        return self.stage.arrive(self.stage.answer(received, text, author=f"Marta Gil <{self.requester}>", **fields))

    def works(self, text: str, received: Received | None = None, **fields: str | None) -> dict[str, Any]:
        """The agent answers his notification, or another mail that he got."""
        received = received or self.told
        return self.stage.arrive(self.stage.answer(received, text, author=received.rcpt_to, **fields))

    def gets_answer(self, text: str = "") -> Received:
        """The agent answers, and she reads it."""
        words = text or self.stage.words.advice
        self.works(words)
        return self.stage.desk.mail_to(self.requester, having=words.splitlines()[-1][:40])

    def mails(self, address: str) -> list[Received]:
        """What somebody got about this ticket."""
        return [m for m in self.stage.desk.sink.to(address) if self.key in str(m.mail["Subject"])]


class Stage:
    """A desk, the door that mail comes in by, and the language that is spoken."""

    door = "smtp"

    def __init__(self, desk: Desk, words: Words = ENGLISH) -> None:
        self.desk = desk
        self.words = words
        self._people = itertools.count(1)

    def verb(self, word: str) -> str:
        """A verb of the command language in this language."""
        return f"#{self.words.verbs.get(word, word)}"

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """What a command prints with --json."""
        return self.desk.rows(*words)

    def somebody(self) -> str:
        """An address that nobody has used yet."""
        return f"marta.{next(self._people)}@example.org"

    def compose(self, text: str, *, author: str, **fields: str | None) -> EmailMessage:
        """A mail as a client makes it."""
        subject = fields.pop("subject", None) or fields.pop("Subject", None) or self.words.subject
        return self.desk.compose(text, author=author, subject=subject, **fields)

    def answer(self, received: Received, text: str, *, author: str, **fields: str | None) -> EmailMessage:
        """An answer as a client makes it: to the Reply-To, with a quote below."""
        quoted = "\n".join(f"> {line}" for line in received.text.splitlines())
        sender = received.mail["From"].addresses[0]
        given: dict[str, str | None] = {
            "To": str(received.mail["Reply-To"]),
            "In-Reply-To": str(received.mail["Message-ID"]),
            "References": f"{received.mail['References'] or ''} {received.mail['Message-ID']}".strip(),
            "Subject": f"Re: {received.mail['Subject']}",
        }
        above = self.words.wrote.format(who=sender.display_name or sender.addr_spec)
        return self.compose(f"{text}\n\n{above}\n{quoted}\n", author=author, **(given | fields))

    def hand_in(self, mail: EmailMessage, to: str | None = None, mail_from: str | None = None) -> None:
        """Give a mail to the door."""
        self.desk.send(mail, to=to, mail_from=mail_from)

    def arrive(self, mail: EmailMessage, to: str | None = None, mail_from: str | None = None) -> dict[str, Any]:
        """Give a mail to the door; returns its row in the journal once all is done and all mail has left."""
        before = len(self.entries(str(mail["Message-ID"])))
        self.hand_in(mail, to, mail_from)

        def look() -> list[dict[str, Any]]:
            rows = self.entries(str(mail["Message-ID"]))[before:]
            return [row for row in rows if row["state"] not in {"received", "failed"}]

        row = eventually(look, f"the entry of {mail['Subject']}")[-1]
        self.quiet()
        return row

    def entries(self, message_id: str) -> list[dict[str, Any]]:
        """The rows of the journal for a Message-ID, oldest first."""
        return [
            row
            for row in self.rows("inbound", "list")
            if (row["message_id"] or "").strip("<>") == message_id.strip("<>")
        ]

    def quiet(self) -> None:
        """Wait until nothing waits to be delivered."""
        eventually(lambda: not self.rows("outbox", "list", "--state", "queued"), "an empty outbox")

    def until(self, look: Callable[[], T], what: str) -> T:
        """Wait until `look` finds something that a mail has caused later on, and until all mail about it has left."""
        found = eventually(look, what)
        self.quiet()
        return found

    def sweep(self) -> None:
        """Have the service do what is due by now, and wait until what it wrote has left."""
        self.desk.sweep()
        self.quiet()

    def opened(self, who: str = "", **fields: str | None) -> Talk:
        """Somebody new asks for help and is acknowledged; an agent has it and was told."""
        who = who or self.somebody()
        mail = self.compose(self.words.hello, author=f"Marta Gil <{who}>", **fields)
        row = self.arrive(mail)
        ack = self.desk.mail_to(who, number=len(self.desk.sink.to(who)) or 1)
        agent = self.rows("ticket", "show", row["ticket"])[0]["assignee"]
        key = str(ack.mail["Subject"]).split("]")[0]
        return Talk(self, mail, who, ack, self.desk.mail_to(agent, having=key))


class MailboxStage(Stage):
    """The mail comes in by IMAP: an MTA has put it into a mailbox that the desk fetches from."""

    door = "imap"

    def __init__(self, desk: Desk, words: Words, server: Any) -> None:
        super().__init__(desk, words)
        self.server = server

    def hand_in(self, mail: EmailMessage, to: str | None = None, mail_from: str | None = None) -> None:
        """Deliver as an MTA does at the end: envelope sender and recipient become fields."""
        sender = mail_from if mail_from is not None else mail["From"].addresses[0].addr_spec
        recipient = to or mail["To"].addresses[0].addr_spec
        above = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n".encode()
        self.server.append(above + mail.as_bytes(policy=WIRE))


def mailbox_table(server: Any) -> str:
    """The [[mailbox]] table for a server of the tests."""
    return (
        f'\n[[mailbox]]\nname = "support"\nhost = "{server.host}"\nport = {server.port}\ntls = "none"\n'
        f'username = "{server.user}"\npassword = "{server.password}"\nqueue = "support"\nafter = "move:Processed"\n'
        'poll_interval = "1s"\n'
    )


@contextlib.contextmanager
def smtp_stage(folder: Path, language: str, **options: Any) -> Iterator[Stage]:
    """A running desk whose mail comes in by SMTP."""
    desk = Desk(folder, steady(language, options.pop("more", "")), clock=Clock(HALF_PAST_NINE), **options)
    try:
        desk.start()
        yield Stage(desk, LANGUAGES[language])
    finally:
        desk.close()


@contextlib.contextmanager
def mailbox_stage(folder: Path, language: str, server: Any) -> Iterator[Stage]:
    """A running desk whose mail comes in by IMAP."""
    desk = Desk(folder, steady(language, mailbox_table(server)), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        yield MailboxStage(desk, LANGUAGES[language], server)
    finally:
        desk.close()
