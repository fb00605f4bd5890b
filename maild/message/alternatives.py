"""Tables of phrases as they are read: one pattern out of lines of alternatives."""

import re


def phrases(lines: str, *, before: str = "", after: str = "") -> re.Pattern[str]:
    """Return a pattern for any of the alternatives between `before` and `after`; case never counts.

    Each line holds one alternative, or several between bars; blanks around a line do not count.
    """
    alternatives = "|".join(filter(None, map(str.strip, lines.splitlines())))
    return re.compile(f"{before}(?:{alternatives}){after}", re.IGNORECASE)
