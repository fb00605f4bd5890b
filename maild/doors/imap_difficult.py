"""Mails that could not be fetched: tried again alone and ever more rarely, so that they hold up no other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WAITS = (
    timedelta(0),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
)  # after each try; then the last
HOPELESS_TRIES = 4  # and HOPELESS_AFTER: a server that is ill for some minutes must not cost us the bodies of its mails
HOPELESS_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Try:
    first_at: datetime
    next_at: datetime
    tries: int


class Difficult:
    """Which UIDs of a folder could not be fetched, and when each is tried again."""

    def __init__(self) -> None:
        self._tries: dict[int, _Try] = {}

    def failed(self, uids: Iterable[int], now: datetime) -> None:
        """Note a try that brought nothing."""
        for uid in uids:
            before = self._tries.get(uid, _Try(now, now, 0))
            wait = WAITS[min(before.tries, len(WAITS) - 1)]
            self._tries[uid] = replace(before, tries=before.tries + 1, next_at=now + wait)

    def forget(self, uids: Iterable[int]) -> None:
        """Note that these were fetched after all."""
        for uid in uids:
            self._tries.pop(uid, None)

    def keep_only(self, uids: Iterable[int]) -> None:
        """Forget all that are not in the folder any more."""
        there = set(uids)
        self._tries = {uid: tried for uid, tried in self._tries.items() if uid in there}

    def __contains__(self, uid: int) -> bool:
        return uid in self._tries

    def is_due(self, uid: int, now: datetime) -> bool:
        """Tell whether a mail may be tried now; always for one that did not fail yet."""
        return uid not in self._tries or now >= self._tries[uid].next_at

    def is_hopeless(self, uid: int, now: datetime) -> bool:
        """Tell whether a mail failed so often and for so long that its header must do."""
        tried = self._tries.get(uid)
        return tried is not None and tried.tries >= HOPELESS_TRIES and now - tried.first_at >= HOPELESS_AFTER

    def words(self) -> str:
        """Name what failed more than once, for people; "" when nothing did."""
        stuck = sorted(uid for uid, tried in self._tries.items() if tried.tries > 1)
        if not stuck:
            return ""
        named = ", ".join(str(uid) for uid in stuck[:5]) + (" and more" if len(stuck) > 5 else "")
        return f"cannot fetch the mail with UID {named}"
