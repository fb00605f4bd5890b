"""The verb with which an agent says how often he is written to: digest."""

from maild.base.rhythm import NOW, OFF, is_gathered, read_rhythm
from maild.base.text import plain
from maild.desk.commands.model import Command
from maild.desk.commands.running import Asking, Refused
from maild.desk.effects import KeepRhythm
from maild.desk.folding import rhythm_of

_SPANISH = {
    "ahora": "now",
    "al-momento": "now",
    "cada-hora": "hourly",
    "horario": "hourly",
    "diario": "daily",
    "no": "off",
    "nunca": "off",
}
_BACK = frozenset({"default", "normal", "defecto"})


def _digest(asking: Asking, command: Command) -> str:
    """Keep what an agent wants, in place of what the configuration says; without a value say what holds."""
    bench = asking.bench
    if bench.settings.agent_for(asking.agent) is None:
        raise Refused(asking.say("no-agent", who=asking.agent))
    if not command.values:
        return _in_words(asking, rhythm_of(bench.settings, bench.snapshot.rhythms, asking.agent))
    head, *rest = (plain(value) for value in command.values)
    if head in _BACK and not rest:
        bench.effects.append(KeepRhythm(asking.agent, ""))
        return asking.say("digest-default", how=_in_words(asking, rhythm_of(bench.settings, {}, asking.agent)))
    try:
        rhythm = read_rhythm(" ".join((_SPANISH.get(head, head), *(each for each in rest if each not in {"a", "las"}))))
    except ValueError:
        raise Refused(asking.say("no-digest", text=command.rest)) from None
    bench.effects.append(KeepRhythm(asking.agent, rhythm))
    return _in_words(asking, rhythm)


def _in_words(asking: Asking, rhythm: str) -> str:
    if rhythm in {NOW, OFF} or not is_gathered(rhythm):
        return asking.say(f"digest-{rhythm}")
    name, _, clock = rhythm.partition(" ")
    return asking.say(f"digest-{name}", clock=clock)


HANDLERS = {"digest": _digest}
