"""Read the head of an agent's new text: commands first, then his words."""

import re
from dataclasses import replace

from maild.desk.commands.model import Block, Command, Fault
from maild.desk.commands.phrases import say
from maild.desk.commands.verbs import find_verb, nearest_verb

COMMANDS_MAX = 50  # More is no answer to a mail but an accident.
VALUE = re.compile(r'"([^"]*)"|“([^”]*)”|«([^»]*)»|(\S+)')
# `#` then a letter; `#1` and `##` are text.
_COMMAND = re.compile(r"#(?P<verb>[^\W\d_][\w-]*):?(?:[ \t\u00a0]+(?P<rest>.*))?")


def has_commands(text: str) -> bool:
    """True when the text begins with a command, known or not."""
    block = parse_block(text)
    return bool(block.commands or block.faults)


def parse_block(text: str, language: str = "en") -> Block:
    """Read a new text whole; a line that cannot be read is a fault and does not end the block.

    Blank lines before and between commands are skipped. The block ends at the first line that is no command,
    at `#end`, or at `--`. Faults are worded in `language`.
    """
    commands: list[Command] = []
    faults: list[Fault] = []
    lines = text.splitlines()
    rest_from = len(lines)
    for number, line in enumerate(lines, 1):
        stripped = line.strip().strip("\u200b\ufeff\u00a0")
        if not stripped:
            continue
        found = _COMMAND.fullmatch(stripped)
        if found is None:
            rest_from = number if stripped == "--" else number - 1
            break
        verb = find_verb(found["verb"])
        if verb is not None and verb.word == "end":
            rest_from = number
            break
        if verb is None:
            reason = say(language, "no-verb", verb=found["verb"])
            faults.append(Fault(stripped, number, reason, nearest_verb(found["verb"])))
            continue
        rest = (found["rest"] or "").strip()
        commands.append(Command(verb.word, _values(rest), rest, stripped, number))
    words = "\n".join(lines[rest_from:]).strip("\r\n \t")
    head = sum(1 for line in lines[:rest_from] if line.strip())
    return _limited(Block(tuple(commands), tuple(faults), words, head), language)


def _values(rest: str) -> tuple[str, ...]:
    return tuple(next(g for g in m.groups() if g is not None) for m in VALUE.finditer(rest))


def _limited(block: Block, language: str) -> Block:
    if len(block.commands) <= COMMANDS_MAX:
        return block
    first = block.commands[COMMANDS_MAX]
    fault = Fault(first.line, first.number, say(language, "too-many", most=COMMANDS_MAX))
    return replace(block, faults=(*block.faults, fault))
