"""What always holds of a desk's tables, whatever happened; each function returns what is wrong, in words."""

from collections import defaultdict
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

from maild.database.dialect import stored_instant
from maild.service.sweeping import due_tickets
from maild.sla.clocks import read_clocks
from maild.sla.model import FactKind
from maild.store.outbox import octets_of
from maild.store.showing import clock_facts
from maild.store.verifying import verify

from .words import INSIDE, SECRET, SUPPLIER

# What there is at most once: a number and what of, for each that there is more often.
ONCE = {
    "acknowledgements of a ticket": "SELECT ticket AS k, count(*) AS n FROM outbox"
    " WHERE template = 'acknowledgement' GROUP BY 1 HAVING count(*) > 1",
    "mails to a person of one decision": "SELECT stimulus || ' ' || rcpt_to AS k, count(*) AS n FROM outbox"
    " WHERE template NOT IN ('transcript', 'confirm') GROUP BY 1 HAVING count(*) > 1",
    "decisions with one Message-ID": "SELECT message_id AS k, count(DISTINCT stimulus) AS n FROM outbox"
    " GROUP BY 1 HAVING count(DISTINCT stimulus) > 1",
    "lines of one threshold of a clock that has one cycle": "SELECT ticket || ' ' ||"
    " substr(detail, 1, instr(detail, '%')) AS k, count(*) AS n FROM event"
    " WHERE verb = 'sla' AND substr(detail, 1, 5) IN ('first', 'resol') GROUP BY 1 HAVING count(*) > 1",
}
STATUSES = {"new", "open", "pending", "on-hold", "resolved", "closed", "merged", "spam"}
ENTRY_ENDS = {"applied", "quarantined", "duplicate"}
SAME = {"breached": "running"}


class Watch:
    """Looks at a town again and again; remembers how far it has looked."""

    def __init__(self, town):
        self.town = town
        self.seen = 0  # outbox rows
        self.versions = {}  # tickets as they were looked at last

    def glance(self):
        """Return what is wrong with what is new since the last look, at a cost that does not grow with the months."""
        db = self.town.world.house.db
        rows = db.execute("SELECT * FROM outbox WHERE seq > ? ORDER BY seq", (self.seen,))
        self.seen = rows[-1]["seq"] if rows else self.seen
        versions = {row["number"]: row["version"] for row in db.execute("SELECT number, version FROM ticket")}
        moved = [number for number, version in versions.items() if self.versions.get(number) != version]
        self.versions = versions
        wrong = [*self.town.wrong, *self.lost(db), *self.mails(db, rows), *self.clocks(db, moved)]
        return [*wrong, *self.tickets(db), *self.once(db)]

    def look(self):
        """Return everything that is wrong now."""
        db = self.town.world.house.db
        self.seen, self.versions = 0, {}
        return [*self.glance(), *self.limits(db), *self.record(db), *self.due()]

    def lost(self, db):
        """Nothing accepted is lost, each entry ends on one ticket or with a reason, and nothing is applied twice."""
        states = {row["id"]: row for row in db.execute("SELECT id, state, reason, ticket, claimed_until FROM entry")}
        for entry in self.town.taken:
            row = states.get(entry)
            if row is None:
                yield f"entry {entry} is gone"
            elif row["state"] not in ENTRY_ENDS and row["claimed_until"] is None:
                yield f"entry {entry} is {row['state']}: {row['reason']}"
            elif row["state"] == "quarantined" and "Error" in row["reason"]:
                yield f"entry {entry} broke the desk: {row['reason']}"
            elif row["state"] in ENTRY_ENDS and row["ticket"] is None and not row["reason"]:
                yield f"entry {entry} is {row['state']} on no ticket, and nobody knows why"
        twice = "SELECT entry, count(DISTINCT ticket) AS tickets, count(*) AS posts FROM post WHERE entry <> ''"
        for row in db.execute(f"{twice} AND direction <> 'out' AND NOT draft GROUP BY 1"):
            if row["posts"] > max(row["tickets"], 1):
                yield f"entry {row['entry']} stands twice on a ticket"
            if row["tickets"] > 1 and row["entry"] not in self.town.to_many:
                yield f"entry {row['entry']} stands on {row['tickets']} tickets"

    def mails(self, db, rows):
        """What every mail of ours keeps to, whoever gets it."""
        keyring, desk = self.town.world.office.keyring, self.town.world.office.settings.desk
        for row in rows:
            about = f"{row['id']} ({row['template']} to {row['rcpt_to']})"
            mail = message_from_bytes(octets_of(db, row["id"]), policy=default)
            if row["stimulus"] in self.town.robots and row["rcpt_to"] not in INSIDE:
                yield f"{about} answers a robot"
            if row["rcpt_to"] not in {*INSIDE, SUPPLIER} and SECRET in _text(mail):
                yield f"{about} has internal words"
            if self.town.world.office.settings.is_own(row["rcpt_to"]):
                yield f"{about} goes to ourselves"
            for address in (str(mail["Reply-To"] or ""), row["mail_from"]):
                bare = address.rpartition("<")[2].rstrip(">")
                token = keyring.read_address(bare, desk.reply_address, desk.recipient_delimiter)
                if token is not None and not keyring.belongs_to(token, row["rcpt_to"]):
                    yield f"{about} has a token of somebody else: {bare}"
            if SECRET not in _text(mail) and not mail["Auto-Submitted"] and row["automatic"]:
                yield f"{about} does not say that it is automatic"

    def once(self, db):
        """What there is once."""
        for name, sql in ONCE.items():
            for row in db.execute(sql):
                if str(row["k"]).partition(" ")[0] in self.town.to_many:
                    continue
                yield f"{row['n']} {name}: {row['k']}"

    def limits(self, db):
        """Nobody outside gets more automatic mail than the limits allow."""
        had = defaultdict(list)
        for row in db.execute("SELECT rcpt_to, created_at FROM outbox WHERE automatic ORDER BY created_at"):
            had[row["rcpt_to"]].append(stored_instant(row["created_at"]))
        for person in had.keys() - INSIDE:
            for most, window in ((3, timedelta(minutes=10)), (10, timedelta(days=1))):
                over = [a for a, b in zip(had[person], had[person][most:], strict=False) if b - a < window]
                if over:
                    yield f"{person} had more than {most} automatic mails in {window} from {over[0]}"

    def tickets(self, db):
        """Statuses, merges, people and timelines."""
        tickets = {row["number"]: row for row in db.execute("SELECT * FROM ticket")}
        for number, row in tickets.items():
            if row["status"] not in STATUSES or (row["status"] == "merged") != (row["merged_into"] is not None):
                yield f"ticket {number} is {row['status']}, merged into {row['merged_into']}"
            if (row["status"] == "resolved") and row["resolved_at"] is None:
                yield f"ticket {number} is resolved, nobody knows since when"
            if row["assignee"] is not None and row["assignee"] not in INSIDE:
                yield f"ticket {number} is assigned to {row['assignee']}"
            hops, at = 0, row
            while at is not None and at["merged_into"] is not None and hops < 50:
                hops, at = hops + 1, tickets.get(at["merged_into"])
            if at is None or hops == 50:
                yield f"ticket {number} leads nowhere"
        late = "SELECT id, next_attempt_at FROM outbox WHERE state IN ('queued', 'deferred') AND next_attempt_at < ?"
        for row in db.execute(late, (self.town.clock.now - timedelta(hours=3),)):
            yield f"delivery {row['id']} waits since {row['next_attempt_at']}"
        bare = "SELECT ticket, verb, actor, detail FROM event WHERE actor = '' OR verb = '' OR detail = ''"
        for row in db.execute(bare):
            yield f"ticket {row['ticket']}: a line of the timeline without an actor, a verb or a reason: {dict(row)}"
        by_itself = (
            "SELECT e.ticket FROM event e JOIN ticket t ON t.number = e.ticket"
            " WHERE e.verb = 'assigned' AND e.actor = 'maild' AND e.detail LIKE t.requester || ':%'"
        )
        for row in db.execute(by_itself):
            yield f"ticket {row['ticket']} was given to its requester, by nobody's order"
        ghosts = "SELECT DISTINCT ticket FROM event WHERE ticket NOT IN (SELECT number FROM ticket)"
        for row in db.execute(ghosts):
            yield f"events of ticket {row['ticket']}, which is none"

    def clocks(self, db, moved):
        """Each clock of a ticket that moved is what its facts say."""
        kept = defaultdict(dict)
        for row in db.execute("SELECT * FROM clock"):
            kept[row["ticket"]][row["clock"], row["cycle"]] = row
        slas, now = self.town.world.office.slas, self.town.clock.now
        with db.reading() as reader:
            tickets = {row["number"]: row for row in db.execute("SELECT * FROM ticket ORDER BY number")}
            for number in moved:
                ticket = tickets[number]
                facts = clock_facts(reader, number)
                yield from _told(ticket, facts)
                last = max((fact.at for fact in facts), default=now)
                fresh = {(str(r.clock), r.cycle): r for r in read_clocks(facts, slas, max(now, last))}
                if fresh.keys() != kept[number].keys():
                    yield f"ticket {number} has clocks {sorted(kept[number])}, by its facts {sorted(fresh)}"
                    continue
                for key, reading in fresh.items():
                    row = kept[number][key]
                    told = _state(row["state"]), stored_instant(row["due_at"]), stored_instant(row["met_at"])
                    read = _state(str(reading.state)), reading.due_at, reading.met_at
                    if told != read:
                        yield f"ticket {number}, {key}: {told}, by its facts {read}"

    def record(self, db):
        """The audit record is whole, and every timeline is what it says."""
        with db.reading() as reader:
            for fault in verify(reader).faults:
                yield f"the record, row {fault.seq}, ticket {fault.ticket}: {fault.problem}"

    def due(self):
        """What is due has been done."""
        self.town.is_calm = True
        self.town.world.settle()
        self.town.is_calm = False
        left = due_tickets(self.town.world.house.actor, self.town.world.office.settings, self.town.clock.now)
        if left:
            yield f"still due after a sweep: {left}"


def _told(ticket, facts):
    """A ticket is what its timeline says of it."""
    said = [fact for fact in facts if fact.kind is FactKind.STATUS]
    if (str(said[-1].status) if said else "new") != ticket["status"]:
        yield f"ticket {ticket['number']} is {ticket['status']}, by its timeline {said[-1:]}"
    targets = [fact for fact in facts if fact.priority is not None]
    if targets and str(targets[-1].priority) != ticket["priority"]:
        yield f"ticket {ticket['number']} has priority {ticket['priority']}, by its timeline {targets[-1]}"


def _state(state):
    return SAME.get(state, state)


def _text(mail):
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([str(mail["Subject"]), *parts])
