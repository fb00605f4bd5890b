"""Keys of the contract that this version accepts and does not serve yet; `maild check` names those in use.

One line to take out when a key comes to life.
"""

IDLE: frozenset[str] = frozenset()

# Values that an idle key may have without a word, because they are what this version does.
SERVED_ALL_THE_SAME: dict[str, tuple[str, ...]] = {}
