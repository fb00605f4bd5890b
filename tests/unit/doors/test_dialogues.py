"""Conversations that anyone can read and add: tests/dialogues/*.txt.

C: the client says this line. S: the server must answer this line; * is anything. L: as S, all lines of one reply match.
B: the client sends these octets, with \\r, \\n and \\x00 as in Python. R: so many of one character, then a line end.
N: so many lines; L: then takes all but the last wanted lines. J: so many mails were kept. S: (closed): it hangs up.
"""

import re
from pathlib import Path

import pytest

from maild.doors.lmtp import LmtpDoor
from maild.doors.smtp import Door

from .house import house

DIALOGUES = sorted((Path(__file__).parents[2] / "dialogues").glob("*.txt"))


@pytest.fixture(scope="module")
def doors():
    with house() as smtp, house(door=LmtpDoor) as lmtp:
        yield {Door: smtp, LmtpDoor: lmtp}


def matches(wanted: str, line: str) -> bool:
    return re.fullmatch(re.escape(wanted).replace(r"\*", ".*"), line) is not None


class Player:
    def __init__(self, line, keeper):
        self.line, self.keeper, self.expected = line, keeper, 1

    def C(self, words):
        self.line.send(words.encode() + b"\r\n")

    def B(self, words):
        self.line.send(words.encode("latin-1").decode("unicode_escape").encode("latin-1"))

    def R(self, words):
        amount, character = words.split()
        self.line.send(character.encode() * int(amount) + b"\r\n")

    def N(self, words):
        amount, _, line = words.partition(" ")
        self.line.send((line.encode() + b"\r\n") * int(amount))
        self.expected = int(amount)

    def S(self, words):
        answer = self.line.file.readline().decode()
        assert matches("" if words == "(closed)" else words, answer.rstrip("\r\n")), (words, answer)

    def L(self, words):
        for _ in range(self.expected):
            for answer in self.line.reply().splitlines():
                assert matches(words.replace(" ", "?", 1).replace("?", answer[3:4], 1), answer), (words, answer)
        self.expected = 1

    def J(self, words):
        assert len(self.keeper.mails) == int(words)


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_a_dialogue_goes_as_it_is_written(path, doors):
    text = path.read_text(encoding="utf-8")
    running = doors[LmtpDoor if "# door: lmtp" in text else Door]
    running.keeper.mails.clear()
    running.keeper.numbers = iter(range(1, 99))
    with running.line(greeted=False) as line:
        player = Player(line, running.keeper)
        for said in text.splitlines():
            speaker, _, words = said.partition(":")
            if not said.startswith("#"):
                getattr(player, speaker)(words.removeprefix(" "))


def test_there_are_dialogues():
    assert len(DIALOGUES) > 20
