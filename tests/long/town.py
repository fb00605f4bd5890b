"""A town around one desk: who writes to it, its smarthost, its administrator, its faults; all drawn from one seed."""

import sqlite3
from dataclasses import dataclass, field, replace
from datetime import timedelta
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

from .words import CONTROL, DULL, EXAMPLE, MORE, REPLIES, ROSTER, START

AWAY = (0, "")  # what a smarthost that is away answers


class Crash(BaseException):
    """The process dies here, with everything that it has not committed."""


@dataclass
class Town:
    """Everything outside, and the desk; `seed` decides all of it."""

    folder: Path
    seed: int
    story: list[str] = field(default_factory=list)  # what happened, to be read when an invariant breaks
    robots: set[str] = field(default_factory=set)  # entries of automatic mail
    taken: list[str] = field(default_factory=list)  # all entries that the desk has promised to keep
    to_many: set[str] = field(default_factory=set)  # entries that were written to two queues, or about many tickets
    got: list[tuple[str, EmailMessage, str]] = field(default_factory=list)  # recipient, mail, envelope sender
    wrong: list[str] = field(default_factory=list)  # what a deed itself has found

    def __post_init__(self):
        self.dice = Random(self.seed)
        undo = self.dice.choice(["0s", "2m"])
        text = EXAMPLE.replace('undo_window = "0s"', f'undo_window = "{undo}"').replace("127.0.0.1:8025", "127.0.0.1:0")
        if self.dice.random() < 0.5:
            text = text.replace("[desk]\n", '[desk]\nroster_file = "roster.toml"\n')
        (self.folder / "maild.toml").write_text(text + MORE, "utf-8")
        (self.folder / "roster.toml").write_text(ROSTER, "utf-8")
        (self.folder / "secret.key").write_text("a:" + "A" * 43 + "=\n", "utf-8")
        self.clock = VirtualClock(START)
        self.numbers = 0
        self.holder = None
        self.smarthost_away_until = START
        self.dies_at = ""  # where the next crash waits: "decision" or "delivery"
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

    def restart(self):
        """Stop the desk and start it again, with the configuration as it stands by now."""
        self.close()
        self.open()
        self.suffer(self.world.settle)

    def read(self, job):
        """Read a mail as a child does, here."""
        return read_one(job, self.plan, Nobody())

    def smarthost(self, row):
        """Answer as a smarthost; what it takes is delivered at once, even if the desk dies before it has noted so."""
        is_away = self.clock.now < self.smarthost_away_until
        code, enhanced = AWAY if is_away else self.dice.choice(REPLIES)
        is_dull = row.template in DULL and self.dice.random() < 0.7
        if code == 250 and not is_dull:
            mail = message_from_bytes(octets_of(self.world.house.db, row.id), policy=default)
            self.got.append((row.rcpt_to, mail, row.mail_from))
        self.die_at("delivery")
        return Reply(code, enhanced, "so be it", "mx")

    def die_at(self, place):
        """Die here if that is the place of the next crash."""
        if self.dies_at == place and not self.is_calm:
            self.dies_at = ""
            raise Crash

    def step(self, deeds):
        """Let one of the deeds happen, some time later, drawn by their weights."""
        self.pass_time()
        deed = self.dice.choices(list(deeds), weights=list(deeds.values()))[0]
        self.story.append(f"{self.clock.now:%m-%d %H:%M:%S} {deed.__name__}")
        deed(self)

    def pass_time(self):
        """Move the clock by minutes, seldom by days; the desk does what is due."""
        minutes = self.dice.expovariate(1 / 40) if self.dice.random() < 0.97 else self.dice.uniform(1000, 6000)
        self.suffer(lambda: self.world.run_to(self.clock.now + timedelta(minutes=minutes)))

    def suffer(self, work):
        """Let the desk work; when the database is away, or it dies, it takes the work up again later."""
        try:
            work()
        except DatabaseUnavailable:
            self.story.append("    the database was away")
        except Crash:
            self.story.append("    the desk died, and is started again")
            self.restart()
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

    def rows(self, sql, values=()):
        """Return rows of the desk's tables."""
        return self.world.house.db.execute(sql, values)

    def put(self, mail, *, sender="", to="", believed=False, robot=False):
        """Put a mail in by the SMTP door, once in a while twice; returns its entries."""
        author = mail["From"].addresses[0].addr_spec
        to = to or mail["To"].addresses[0].addr_spec
        copies = 2 if self.dice.random() < 0.05 else 1
        octets = mail.as_bytes(policy=SMTP)
        mail_from = "" if robot else sender or author
        entries = []
        for _ in range(copies):
            entries.append(self.take(octets, to, mail_from=mail_from, believed=author if believed else "", robot=robot))
            said = f"{author} to {to[:40]}: {mail['Subject']!r} {mail.get_content()[:60]!r}"
            self.story.append(f"    {entries[-1]} {said}")
        return entries

    def take(self, octets, to, *, mail_from, believed="", robot=False):
        """Hand octets to the SMTP door; returns the entry that the desk promises to keep."""
        envelope = Envelope(
            DoorName.SMTP, self.clock.now, mail_from=mail_from, rcpt_to=(to,), authenticated_as=believed
        )
        (entry,) = self.world.house.journal.append_now([Incoming(envelope, octets)])
        self.taken.append(entry)
        if robot:
            self.robots.add(entry)
        is_to_two = b"billing@example.com" in octets.partition(b"\r\n\r\n")[0] and "billing" not in to
        if is_to_two or to == CONTROL:
            self.to_many.add(entry)
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

    def heard(self, who, among=lambda mail: True):
        """Return a mail that one of these people got lately; None when there is none."""
        mine = [each for each in self.got[-60:] if each[0] in who and each[1]["Reply-To"] and among(each[1])]
        return self.dice.choice(mine) if mine else None

    def answer(self, got, author, text, **fields):
        """Return an answer to a mail of the desk, with all of it quoted below."""
        quoted = "".join(f"> {line}\n" for line in text_of(got).splitlines())
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


class Meddler:
    """Signs nothing; but while a decision is on its way, others move its tickets on, hold the database, or it dies."""

    def __init__(self, town):
        self.town = town

    def sign(self, octets, from_, now):
        """Return the mail as it is."""
        del from_, now
        self.town.die_at("decision")
        drawn = self.town.dice.random() if not self.town.is_calm else 1.0
        if drawn < 0.03 and self.town.holder is None:
            with self.town.world.house.db.transaction() as transaction:
                transaction.change("UPDATE ticket SET version = version + 1")
        elif drawn < 0.04:
            self.town.lock()
        return octets


def text_of(mail):
    """Return the plain text of a mail, "" when it has none."""
    part = mail.get_body(("plain",))
    return part.get_content() if part else ""
