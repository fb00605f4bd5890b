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


def main() -> None:
    """Print a row for each room and one for all."""
    print(f"{'room':<10} {'lines':>7} {'module':>7} {'longest':>8} {'functions':>10} {'median':>7} {'p90':>5} {'longest':>8}")
    rooms = sorted({module.room for module in modules() if module.room})
    for room in [*rooms, ""]:
        row = figures(module for module in modules() if room in {"", module.room})
        lines, module, longest, count, middle, most, worst = row
        print(
            f"{room or 'maild':<10} {lines:>7} {module:>7.0f} {longest:>8} {count:>10} {middle:>7.0f} {most:>5.0f} {worst:>8}"
        )


if __name__ == "__main__":
    main()
