"""`make figures`: how long functions and modules are, by room; the limits themselves are tests."""

from collections.abc import Iterable
from statistics import median, quantiles

from tests.house.code import Module, length, modules


def figures(chosen: Iterable[Module]) -> tuple[int, float, int, int, float, float, int]:
    """Lines, median and longest module; functions, median, nine in ten and longest function."""
    chosen = list(chosen)
    sizes = [len(module.text.splitlines()) for module in chosen]
    functions = [length(function) for module in chosen for function in module.functions()] or [0]
    nine_in_ten = quantiles(functions, n=10)[-1] if len(functions) > 1 else functions[0]
    return sum(sizes), median(sizes), max(sizes), len(functions), median(functions), nine_in_ten, max(functions)


HEAD = ("room", "lines", "modules: median", "longest", "functions", "median", "p90", "longest")


def main() -> None:
    """Print a row for each room and one for all."""
    rooms = sorted({module.room for module in modules() if module.room})
    rows = [figures(module for module in modules() if room in {"", module.room}) for room in [*rooms, ""]]
    print("".join(f"{title:>{max(10, len(title) + 2)}}" for title in HEAD))
    for room, row in zip([*rooms, "maild"], rows, strict=True):
        print(f"{room:>10}" + "".join(f"{n:>{max(10, len(t) + 2)}.0f}" for t, n in zip(HEAD[1:], row, strict=True)))


if __name__ == "__main__":
    main()
