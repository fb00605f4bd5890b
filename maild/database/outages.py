"""One who needs the database says once that it is away, and once that it is back, however often he meets either."""

from maild.log import events


class Outages:
    """What one thread has met last, which alone may call; in the beginning the database is there."""

    def __init__(self) -> None:
        self._is_away = False

    def away(self, because: str) -> None:
        """Note that the database cannot be had, `because` in its own words."""
        if not self._is_away:
            self._is_away = True
            events.database_unavailable(because=because)

    def back(self) -> None:
        """Note that the database did what it was asked."""
        if self._is_away:
            self._is_away = False
            events.database_recovered()
