"""What happens in the town: each deed is drawn by its weight and does one thing to the desk."""

from datetime import timedelta

from maild.base.words import EntryState
from maild.service.replaying import replay

from .town import text_of
from .words import (
    AGENTS,
    ANSWERING,
    APPROVERS,
    ASKING,
    BATCHES,
    BOUNCE,
    CONTROL,
    OTHER_TARGETS,
    PEOPLE,
    SECRET,
    SUBJECTS,
    SUPPLIER,
    VOTING,
    WORKING,
)

# What nobody may change who is not proved; a ticket is named by its number.
STANDING = (
    "SELECT number, status, type, priority, queue, team, level, requester, assignee, tags, category, until,"
    " merged_into FROM ticket"
)
PRESENT = "SELECT ticket, address, role, active FROM participant"
VOTES = "SELECT v.approval, v.approver, v.state FROM approval_vote v"


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


def ties(town):
    """An agent merges the ticket into another, or ties it to it; some numbers name none."""
    found = town.heard(AGENTS)
    if found is not None:
        who, got, _ = found
        verb = town.dice.choice(["#merge", "#merge", "#duplicate", "#link", "#parent", "#parent"])
        town.put(town.answer(got, who, f"{verb} {town.dice.randrange(1, 12)}"), believed=True)


def works_in_batch(town):
    """An agent works on several tickets at once."""
    one, other = sorted(town.dice.sample(range(1, 15), 2))
    text = town.dice.choice(BATCHES).format(n=one, m=other)
    town.put(town.mail(town.dice.choice(AGENTS), "batch", text, to=CONTROL), believed=True)


def confirms(town):
    """An agent answers a mail that asks him for a code."""
    found = town.heard(AGENTS, lambda mail: "OK " in text_of(mail))
    if found is None:
        return
    who, got, _ = found
    words = text_of(got).split()
    code = next((word for word in words if len(word) == 9 and word[4] == "-" and word.isupper()), "AAAA-BBBB")
    town.put(town.answer(got, who, f"#ok {code}" if town.dice.random() < 0.5 else code), believed=True)


def votes(town):
    """Somebody who was asked for an approval answers: a vote, a comment, to somebody else."""
    found = town.heard(APPROVERS, lambda mail: "approve" in text_of(mail).lower() or "aprobar" in text_of(mail).lower())
    if found is not None:
        who, got, _ = found
        town.put(town.answer(got, who, town.dice.choice(VOTING)))


def is_away(town):
    """A robot answers in somebody's place, to the envelope's sender or to Reply-To."""
    found = town.heard([*PEOPLE, *AGENTS, *APPROVERS])
    if found is not None:
        who, got, sender = found
        mail = town.answer(got, who, "Approve nothing, I am away until Monday.", Auto_Submitted="auto-replied")
        town.put(mail, to=sender if town.dice.random() < 0.7 else "", robot=True)


def alarms(town):
    """A machine writes about something new, or a list does."""
    fields = town.dice.choice([{"Auto-Submitted": "auto-generated"}, {"List-Id": "<news.example.org>"}])
    fields = {name.replace("-", "_"): value for name, value in fields.items()}
    text = town.dice.choice(["Disk full.", "#close", "Thanks, all is well again."])
    town.put(town.mail("alarm@machines.example", "Disk 7", text, to="support@example.com", **fields), robot=True)


def bounces(town):
    """A mail of the desk comes back, for good or for now."""
    if not town.got:
        return
    who, got, sender = town.dice.choice(town.got[-60:])
    text = BOUNCE.format(
        domain=who.rpartition("@")[2],
        to=sender,
        who=who,
        number=town.numbers,
        status=town.dice.choice(["5.1.1", "5.1.1", "4.2.2"]),
        message_id=got["Message-ID"],
    )
    town.take(text.encode(), sender, mail_from="", robot=True)


def forges(town):
    """A stranger writes in an agent's name, or with somebody's token or key; nothing that was there changes."""
    found = town.heard([*PEOPLE, *AGENTS, *APPROVERS])
    if found is None:
        return
    whose, got, _ = found
    who = town.dice.choice([each for each in ("ana@example.com", "stranger@elsewhere.example") if each != whose])
    text = town.dice.choice(["#close", "#reply\n\nGive me the password", "approve", "Tell me all of it."])
    mail = town.mail(who, str(got["Subject"]), text, to="support@example.com")
    if town.dice.random() < 0.6:
        mail = town.answer(got, who, text)
    before, was_waiting = _standing(town), town.world.unsettled()
    entries = town.put(mail, sender="forger@elsewhere.example")
    if not was_waiting and not _may_speak(town, entries, who):
        after = _standing(town)
        town.wrong.extend(f"{entries} in the name of {who} changed {row}" for row in before if row not in after)


def _standing(town):
    return [tuple(row.values()) for sql in (STANDING, PRESENT, VOTES) for row in town.rows(sql)]


def _may_speak(town, entries, who):
    """Say whether a mail came to a ticket whose requester or participant its From is, of which none is disowned."""
    tickets = [row["ticket"] for row in town.rows("SELECT id, ticket FROM entry") if row["id"] in entries]
    people = {(row["ticket"], row["address"]) for row in town.rows(f"{PRESENT} WHERE active")}
    people |= {(row["number"], row["requester"]) for row in town.rows("SELECT number, requester FROM ticket")}
    return any((ticket, who) in people for ticket in tickets)


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
    town.restart()


def edits(town):
    """The administrator writes other targets, and restarts the service."""
    path = town.folder / "maild.toml"
    text = path.read_text("utf-8")
    is_now = next(targets for targets in OTHER_TARGETS if targets in text)
    path.write_text(text.replace(is_now, town.dice.choice(OTHER_TARGETS)), "utf-8")
    town.restart()


def dies(town):
    """The process will die: in the middle of a decision, or between the smarthost's yes and its own record."""
    town.dies_at = town.dice.choice(["decision", "delivery"])


def is_cut_off(town):
    """The smarthost is away for hours."""
    town.smarthost_away_until = town.clock.now + timedelta(minutes=town.dice.choice([5, 60, 600]))


def is_busy(town):
    """Somebody else holds the database while the desk looks for what is due."""
    town.lock()
    town.suffer(town.world.settle)


def replays(town):
    """The administrator runs an applied mail again, all the way; nothing may come of it."""
    entry = town.world.house.journal.get(town.dice.choice(town.taken)) if town.taken else None
    if entry is None or entry.state is not EntryState.APPLIED or not entry.results:
        return
    town.is_calm = True
    if not replay(town.world.house, entry):
        town.wrong.append(f"entry {entry.id} was applied twice")
    town.is_calm = False


DEEDS = {
    asks: 14, answers: 14, works: 34, ties: 4, works_in_batch: 2, confirms: 4, votes: 6, is_away: 4, alarms: 2,
    bounces: 3, forges: 4, supplies: 2, jumps: 1, restarts: 1, edits: 1, dies: 2, is_cut_off: 1, is_busy: 1, replays: 2,
}  # fmt: skip
