"""Whether conditions hold, and if not, the first that does not with what was seen instead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from maild.base.patterns import matches
from maild.desk.rules.scene import Scene
from maild.settings.conditions import SIZE, Condition, hours_of
from maild.settings.fields import DAY_MINUTES, read_size

SHOWN_CHARACTERS_MAX = 80  # Enough to see why; a text is not told again in a timeline.


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of some conditions; `failed` is the first that does not hold, None when all do."""

    because: str
    failed: Condition | None = None
    seen: tuple[str, ...] = ()


def judge(conditions: Sequence[Condition], scene: Scene) -> Judgement:
    """Try conditions in order, and stop at the first that does not hold; without any, all hold."""
    reasons = []
    for condition in conditions:
        values = scene.values(condition.key)
        shown = tuple(map(_shown, values))
        hit = next((v for v in values if _any(condition, v)), None)
        if (hit is None) is not condition.negated:
            return Judgement(_why_not(condition, shown), condition, shown)
        reasons.append(_why(condition, hit))
    return Judgement(" and ".join(reasons) or "it has no conditions")


def _any(condition: Condition, value: str) -> bool:
    compare = _COMPARE.get(condition.key, matches)
    return any(compare(pattern, value) for pattern in condition.values)


def _size(wanted: str, value: str) -> bool:
    found = SIZE.fullmatch(wanted.strip())
    assert found is not None, "checked when it was read"
    most = read_size(found[2])
    return int(value) > most if found[1] == ">" else int(value) < most


def _time(wanted: str, value: str) -> bool:
    span = hours_of(wanted)
    minute = int(value[:2]) * 60 + int(value[3:])
    return span.opens <= minute < span.closes or span.opens <= minute + DAY_MINUTES < span.closes


_COMPARE: Mapping[str, Callable[[str, str], bool]] = {"size": _size, "time": _time}


def _why(condition: Condition, hit: str | None) -> str:
    if hit is None:
        return f"{condition.key} is not {_alternatives(condition)}"
    return f"{condition.key} is {_shown(hit) if _is_short(hit) else f'as {_alternatives(condition)}'}"


def _why_not(condition: Condition, shown: tuple[str, ...]) -> str:
    seen = ", ".join(shown) or "nothing"
    but = "which it must not be: " if condition.negated else "not "
    return f"{condition.key} is {seen}, {but}{_alternatives(condition)}"


def _alternatives(condition: Condition) -> str:
    return " or ".join(condition.values)


def _is_short(value: str) -> bool:
    return len(value) <= SHOWN_CHARACTERS_MAX and "\n" not in value


def _shown(value: str) -> str:
    line = " ".join(value[: 5 * SHOWN_CHARACTERS_MAX].split())
    return line if len(line) <= SHOWN_CHARACTERS_MAX else f"{line[: SHOWN_CHARACTERS_MAX - 3]}..."
