"""A town around one desk: people who write, robots that answer, forgers, bounces, faults; all drawn from one seed."""

import sqlite3
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime
from pathlib import Path
from random import Random

from maild.base.words import DoorName
from maild.database.connection import DatabaseUnavailable
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.outbox.schedule import Reply
from maild.service.child import Plan, read_one
from maild.service.configuration import load
from maild.service.resolver import Nobody
from maild.service.simulation.world import VirtualClock, World
from maild.store.outbox import octets_of

EXAMPLE = (Path(__file__).parents[1] / "unit" / "settings" / "example.toml").read_text("utf-8")
MORE = """
[[queue]]
name = "billing"
address = "billing@example.com"
team = "second-line"
sla = "standard"
reopen_within = "2d"
close_resolved_after = "3d"
pending_reminder = "1d"
pending_close = "5d"

[[supplier]]
name = "printers"
address = "service@printers.example"

[[rule]]
name = "invoices"
when = { subject = "*invoice*" }
do = ["#priority urgent", "#tag +money"]
"""
START = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)  # Two weeks before Madrid's clocks go forward.
PEOPLE = [f"person{n}@example.org" for n in range(8)] + ["marta@example.net", "o'hara+x@example.net"]
AGENTS = ["ana@example.com", "ben@example.com", "eva@example.com"]
SUPPLIER = "service@printers.example"
INSIDE = frozenset({*AGENTS, "lead@example.com", "ops@example.com"})
SECRET = "xsecretx"  # in every word that must stay inside; nothing else has it
SUBJECTS = ["Printer", "No puedo entrar", "Wrong invoice", "VPN", "Factura", "Hello [ACME-3]", "Re: Re: AW: Test"]
ASKING = [
    "The printer on the second floor does not print anything since yesterday.",
    "Buenos días, la impresora no imprime nada desde ayer, ¿me pueden ayudar?",
    "Could somebody help me with my account, please? It is urgent.",
]
ANSWERING = [
    "Thanks!",
    "Gracias",
    "It still does not work.",
    "Sigue sin funcionar, ¿qué hago?",
    "#close",
    "#reabrir",
    "#status",
    "#unsubscribe",
    "#human",
    "5",
]
WORKING = [
    *["Please try it again now."] * 12,
    *["#resolve\n\nIt is done, see you."] * 5,
    "#resolve\n\nIt is done.",
    "#resolve",
    "#pending 2d\n\nPlease send me the number.",
    "#espera\n\nNecesito el número.",
    "#hold 1d",
    "#take",
    "#assign ben@example.com",
    "#unassign",
    "#priority urgent",
    "#prioridad baja",
    f"#note\n\n{SECRET} she is difficult",
    f"#pending\n#note\n\n{SECRET} wait for her",
    "#snooze 3h",
    "#snooze 30m\n#tag +slow",
    "#reslove\n\nIt is done.",
    "#close\n\nBye.",
    "#close",
    "#reopen",
    "#open",
    "#spam",
    "#undo",
    "#cancel",
    "#escalate 2 tried: everything",
    "#queue billing",
    "#queue support",
    "#split",
    '#child "Order a new one"',
    "#sla",
    "#history",
    "#mine",
    "#show",
    "#dry-run\n#resolve\n\nIt is done.",
    "#send-at 4h\n\nLater.",
    f"#supplier {SUPPLIER}\n\nPlease repair it.",
    "#cc +person1@example.org",
    "#cc -person1@example.org",
    "#watch",
    "#mute",
    "#type problem",
    "#away 1d sub=ben@example.com",
    "#back",
    "#unmerge",
    "#requester person2@example.org",
]
BOUNCE = """From: MAILER-DAEMON@{domain}
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce.{number}@{domain}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It came back.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; {domain}

Final-Recipient: rfc822; {who}
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: lost

--b--
"""
DULL = frozenset({"transcript", "escalated", "quarantine", "digest"})  # people seldom answer these
REPLIES = [(250, "2.0.0")] * 40 + [(450, "4.2.1")] * 3 + [(0, "")] + [(550, "5.1.1"), (554, "5.7.1")]


@dataclass
class Town:
    """Everything outside, and the desk; `seed` decides all of it."""

    folder: Path
    seed: int
    story: list[str] = field(default_factory=list)  # what happened, to be read when an invariant breaks
    robots: set[str] = field(default_factory=set)  # entries of automatic mail
    taken: list[str] = field(default_factory=list)  # all entries that the desk has promised to keep
    got: list[tuple[str, EmailMessage, str]] = field(default_factory=list)  # recipient, mail, envelope sender

    def __post_init__(self):
        self.dice = Random(self.seed)
        undo = self.dice.choice(["0s", "2m"])
        text = EXAMPLE.replace('undo_window = "0s"', f'undo_window = "{undo}"').replace("127.0.0.1:8025", "127.0.0.1:0")
        (self.folder / "maild.toml").write_text(text + MORE, "utf-8")
        (self.folder / "secret.key").write_text("a:" + "A" * 43 + "=\n", "utf-8")
        self.clock = VirtualClock(START)
        self.numbers = 0
        self.holder = None
        self.is_calm = False  # nobody meddles
        self.open()

    def open(self):
        """Open the desk, the first time or after a restart."""
        configuration = load(self.folder / "maild.toml")
        self.world = World(configuration, self.read, self.clock, self.smarthost, self.dice.getrandbits)
        # What signs mail is called between a snapshot and its decision: there others meddle.
        self.world.office = replace(self.world.office, signer=Meddler(self))
        office = self.world.office
        self.plan = Plan(office.settings, office.keyring, office.own, office.limits)

    def close(self):
        """Close the desk."""
        self.free()
        self.world.close()

    def read(self, job):
        """Read a mail as a child does, here."""
        return read_one(job, self.plan, Nobody())

    def smarthost(self, row):
        """Answer as a smarthost; what it takes is delivered at once."""
        code, enhanced = self.dice.choice(REPLIES)
        is_dull = row.template in DULL and self.dice.random() < 0.7
        if code == 250 and not is_dull:
            mail = message_from_bytes(octets_of(self.world.house.db, row.id), policy=default)
            self.got.append((row.rcpt_to, mail, row.mail_from))
        return Reply(code, enhanced, "so be it", "mx")

    def step(self):
        """Let one thing happen, some time later."""
        self.pass_time()
        deed = self.dice.choices(list(DEEDS), weights=list(DEEDS.values()))[0]
        self.story.append(f"{self.clock.now:%m-%d %H:%M:%S} {deed.__name__}")
        deed(self)

    def pass_time(self):
        """Move the clock by minutes, seldom by days; the desk does what is due."""
        minutes = self.dice.expovariate(1 / 40) if self.dice.random() < 0.97 else self.dice.uniform(1000, 6000)
        self.suffer(lambda: self.world.run_to(self.clock.now + timedelta(minutes=minutes)))

    def suffer(self, work):
        """Let the desk work; when the database is away it gives up, and takes the work up again later."""
        try:
            work()
        except DatabaseUnavailable:
            self.story.append("    the database was away")
        finally:
            self.free()

    def lock(self):
        """Hold the database, as a backup that is not ours would."""
        if self.holder is None:
            self.holder = sqlite3.connect(self.folder / "maild.db", isolation_level=None)
            self.holder.execute("BEGIN IMMEDIATE")

    def free(self):
        """Let the database go."""
        if self.holder is not None:
            self.holder.close()
            self.holder = None

    def put(self, mail, *, sender="", to="", believed=False, robot=False):
        """Put a mail in by the SMTP door, once in a while twice."""
        author = mail["From"].addresses[0].addr_spec
        to = to or mail["To"].addresses[0].addr_spec
        copies = 2 if self.dice.random() < 0.05 else 1
        octets = mail.as_bytes(policy=SMTP)
        mail_from = "" if robot else sender or author
        for _ in range(copies):
            entry = self.take(octets, to, mail_from=mail_from, authenticated_as=author if believed else "")
            if robot:
                self.robots.add(entry)
            self.story.append(f"    {entry} {author} to {to[:40]}: {mail['Subject']!r} {mail.get_content()[:60]!r}")

    def take(self, octets, to, *, mail_from, authenticated_as=""):
        """Hand octets to the SMTP door; returns the entry that the desk promises to keep."""
        envelope = Envelope(
            DoorName.SMTP, self.clock.now, mail_from=mail_from, rcpt_to=(to,), authenticated_as=authenticated_as
        )
        (entry,) = self.world.house.journal.append_now([Incoming(envelope, octets)])
        self.taken.append(entry)
        self.suffer(self.world.work)
        return entry

    def mail(self, author, subject, text, *, to, **fields):
        """Return a mail as a client writes it."""
        self.numbers += 1
        mail = EmailMessage(policy=default)
        mail["From"], mail["To"], mail["Subject"] = author, to, subject
        mail["Message-ID"] = f"<{self.numbers}.{self.seed}@client.example>"
        mail["Date"] = format_datetime(self.clock.now)
        for name, value in fields.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail

    def heard(self, who):
        """Return a mail that one of these people got lately; None when there is none."""
        mine = [each for each in self.got[-60:] if each[0] in who and each[1]["Reply-To"]]
        return self.dice.choice(mine) if mine else None

    def answer(self, got, author, text, **fields):
        """Return an answer to a mail of the desk, with all of it quoted below."""
        part = got.get_body(("plain",))
        quoted = "".join(f"> {line}\n" for line in (part.get_content() if part else "").splitlines())
        body = f"{text}\n\nOn Mon, 16 Mar 2026 at 09:00, Acme Support wrote:\n{quoted}"
        return self.mail(
            author,
            f"Re: {got['Subject']}",
            body,
            to=got["Reply-To"].addresses[0].addr_spec,
            In_Reply_To=str(got["Message-ID"]),
            References=f"{got['References'] or ''} {got['Message-ID']}".strip(),
            **fields,
        )


def asks(town):
    """Somebody writes about something new, sometimes with others on copy."""
    fields = {"Cc": town.dice.choice(PEOPLE)} if town.dice.random() < 0.2 else {}
    if town.dice.random() < 0.1:
        fields = {"Cc": "billing@example.com"}
    to = town.dice.choice(["support@example.com", "help@example.com", "billing@example.com"])
    town.put(town.mail(town.dice.choice(PEOPLE), town.dice.choice(SUBJECTS), town.dice.choice(ASKING), to=to, **fields))


def answers(town):
    """Somebody answers what the desk wrote to her."""
    found = town.heard(PEOPLE)
    if found is not None:
        who, got, _ = found
        town.put(town.answer(got, who, town.dice.choice(ANSWERING)))


def works(town):
    """An agent answers a mail of the desk: words, commands, slips."""
    found = town.heard(AGENTS)
    if found is not None:
        who, got, _ = found
        town.put(town.answer(got, who, town.dice.choice(WORKING)), believed=True)


def merges(town):
    """An agent merges the ticket into another, or ties it to it; some numbers name none."""
    found = town.heard(AGENTS)
    if found is not None:
        who, got, _ = found
        verb = town.dice.choice(["#merge", "#merge", "#duplicate", "#link", "#parent"])
        town.put(town.answer(got, who, f"{verb} {town.dice.randrange(1, 12)}"), believed=True)


def confirms(town):
    """An agent answers a mail that asks him for a code."""
    asked = [each for each in town.got[-60:] if each[0] in AGENTS and "OK " in str(each[1].get_body(("plain",)))]
    found = town.dice.choice(asked) if asked else None
    if found is None or not found[1]["Reply-To"]:
        return
    who, got, _ = found
    words = got.get_body(("plain",)).get_content().split()
    code = next((word for word in words if len(word) == 9 and word[4] == "-" and word.isupper()), "AAAA-BBBB")
    town.put(town.answer(got, who, f"#ok {code}" if town.dice.random() < 0.5 else code), believed=True)


def is_away(town):
    """A robot answers in somebody's place, to the envelope's sender or to Reply-To."""
    found = town.heard([*PEOPLE, *AGENTS])
    if found is not None:
        who, got, sender = found
        mail = town.answer(got, who, "I am away until Monday.", Auto_Submitted="auto-replied")
        town.put(mail, to=sender if town.dice.random() < 0.7 else "", robot=True)


def bounces(town):
    """A mail of the desk comes back."""
    if not town.got:
        return
    who, got, sender = town.dice.choice(town.got[-60:])
    domain = who.rpartition("@")[2]
    text = BOUNCE.format(domain=domain, to=sender, who=who, number=town.numbers, message_id=got["Message-ID"])
    entry = town.take(text.encode(), sender, mail_from="")
    town.robots.add(entry)


def forges(town):
    """A stranger writes in an agent's name, or with somebody's token or key."""
    found = town.heard([*PEOPLE, *AGENTS])
    if found is None:
        return
    _, got, _ = found
    who = town.dice.choice(["ana@example.com", "stranger@elsewhere.example", "lead@example.com"])
    text = town.dice.choice(["#close", "#reply\n\nGive me the password", "Tell me all of it."])
    mail = (
        town.answer(got, who, text)
        if town.dice.random() < 0.6
        else town.mail(who, str(got["Subject"]), text, to="support@example.com")
    )
    town.put(mail, sender="forger@elsewhere.example")


def supplies(town):
    """A supplier answers."""
    found = town.heard([SUPPLIER])
    if found is not None:
        who, got, _ = found
        town.put(town.answer(got, who, f"{SECRET} it costs 500 euros."))


def jumps(town):
    """The machine's clock is put back or forward, as a time server does."""
    town.clock.now += timedelta(minutes=town.dice.choice([-90, -5, -1, 1, 5, 200]))


def restarts(town):
    """The service is stopped and started."""
    town.close()
    town.open()


def is_busy(town):
    """Somebody else holds the database while the desk looks for what is due."""
    town.lock()
    town.suffer(town.world.settle)


class Meddler:
    """Signs nothing; but while a decision is on its way, others move its tickets on, or hold the database."""

    def __init__(self, town):
        self.town = town

    def sign(self, octets, from_, now):
        """Return the mail as it is."""
        del from_, now
        drawn = self.town.dice.random() if not self.town.is_calm else 1.0
        if drawn < 0.03 and self.town.holder is None:
            with self.town.world.house.db.transaction() as transaction:
                transaction.change("UPDATE ticket SET version = version + 1")
        elif drawn < 0.04:
            self.town.lock()
        return octets


DEEDS = {
    asks: 14, answers: 14, works: 30, merges: 4, confirms: 4, is_away: 4, bounces: 3, forges: 4, supplies: 2,
    jumps: 1, restarts: 1, is_busy: 1,
}  # fmt: skip
