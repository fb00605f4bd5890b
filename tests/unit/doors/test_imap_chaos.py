"""A server that fails at random: whatever it does, each mail is in the journal once, whole, and none is gone before."""

import random
from collections import Counter

import pytest

from maild.doors.imap_model import Lost, Refused
from maild.journal.model import JournalUnavailable
from tests.support.imap_script import ALL, ScriptedImap

from .imap_house import desk, mail

PLAIN = ("AUTH=PLAIN",)


class Trouble:
    """What may happen at a command, by the dice."""

    def __init__(self, dice, chance):
        self.dice = dice
        self.chance = chance
        self.mails = 0

    def answer_to(self, line):
        if self.dice.random() > self.chance or line.startswith("LOGOUT"):
            return None
        return self.dice.choice([b"", self.done_and_cut, self.half, self.refuse, self.more_mail, self.expunge])

    def done_and_cut(self, session, tag, line):
        """Do it, and be cut before anybody hears of it."""
        answers = []
        session.send, send = answers.append, session.send
        try:
            session.do(tag, line)
        finally:
            session.send = send
        session.hang_up()

    def half(self, session, tag, line):
        answers = []
        session.send, send = answers.append, session.send
        try:
            session.do(tag, line)
        finally:
            session.send = send
        octets = b"".join(answers)
        session.send(octets[: self.dice.randrange(len(octets))])
        session.hang_up()

    def refuse(self, session, tag, line):
        code = self.dice.choice(["[UNAVAILABLE] ", "[OVERQUOTA] ", ""])
        session.send(f"{tag} NO {code}not now\r\n".encode())

    def more_mail(self, session, tag, line):
        self.mails += 1
        session.server.inbox.put(mail(f"late{self.mails}"))
        session.do(tag, line)

    def expunge(self, session, tag, line):
        """Somebody else looks at the folder; nothing of ours is touched by it."""
        session.send(b"* 1 FETCH (FLAGS (\\Answered))\r\n")
        session.do(tag, line)


@pytest.mark.parametrize("capabilities", [ALL, PLAIN], ids=["all", "plain"])
@pytest.mark.parametrize("after", ["move:Processed", "delete", "leave", "seen"])
@pytest.mark.parametrize("seed", range(2))
def test_whatever_the_server_does_each_mail_is_kept_once_and_whole(tmp_path, seed, after, capabilities):
    dice = random.Random(f"{seed} {after} {capabilities}")
    with ScriptedImap(capabilities) as server, desk(tmp_path, server, after=after) as ours:
        trouble = Trouble(dice, 0.25)
        sent = [mail(f"m{n}", "x" * dice.randrange(3000)) for n in range(15)]
        server.put(*sent)
        server.answer_to = trouble.answer_to
        for _ in range(25):
            _look(ours, dice)
            _nothing_is_lost(server, ours, sent)
        trouble.chance = 0.0
        for _ in range(3):
            _look(ours, dice)
            ours.later(minutes=40)
        sent += [mail(f"late{n}") for n in range(1, trouble.mails + 1)]
        assert Counter(ours.octets()) == Counter(sent)
        _is_tidy(server, after, sent)


def _look(ours, dice):
    try:
        ours.look()
    except (Lost, Refused, JournalUnavailable):
        ours.reconnect()
        if dice.random() < 0.3:
            ours.restart()
    ours.later(seconds=dice.randrange(30))


def _nothing_is_lost(server, ours, sent):
    there = [octets for folder in list(server.folders.values()) for octets in list(folder.mails.values())]
    assert set(sent) <= {*there, *ours.octets()}
    assert max(Counter(ours.octets()).values(), default=1) == 1


def _is_tidy(server, after, sent):
    if after in {"leave", "seen"}:
        assert len(server.inbox.mails) == len(sent)
    else:
        left = [uid for uid in server.inbox.mails if "\\Deleted" not in server.inbox.flags[uid]]
        assert left == []
    if after.startswith("move"):
        assert set(server.folders["Processed"].mails.values()) == set(sent)
