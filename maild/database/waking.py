"""Wake the workers of other processes at once, where the database can carry a word: PostgreSQL's LISTEN and NOTIFY.

Nothing rests on it. Whoever waits for work also looks for it every second: a word that is lost, or a proxy that carries
none, costs that second and no mail.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from maild.database.connection import server_session
from maild.database.dialect import Word
from maild.database.outages import Outages
from maild.database.place import Place

if TYPE_CHECKING:
    import psycopg  # maild[postgres]

LEAVE_SECONDS = 0.5  # How long a listener may take to notice that it should leave.
AGAIN_SECONDS = 1.0  # Between two tries to reach a server that is away.


class Listener:
    """A thread with a connection of its own that calls back on each word, and on all of them whenever it comes back.

    Callbacks run on that thread and must not block. A connection that breaks is made anew until `stop`.
    """

    def __init__(self, place: Place, heard: Mapping[Word, Callable[[], None]]) -> None:
        """Prepare to listen at a PostgreSQL server; SQLite carries no words."""
        assert place.path is None
        self._url = place.url
        self._heard = heard
        self._leaving = threading.Event()
        self._outages = Outages()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        import psycopg

        while not self._leaving.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, **server_session(read_only=True)) as connection:
                    self._listen(connection)
            except psycopg.Error as error:
                self._outages.away(" ".join(str(error).split()))
                self._leaving.wait(AGAIN_SECONDS)

    def _listen(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        for word in self._heard:
            connection.execute(f"LISTEN {word}")
        self._outages.back()
        for call in self._heard.values():  # words were lost while nobody listened
            call()
        while not self._leaving.is_set():
            for notice in connection.notifies(timeout=LEAVE_SECONDS):
                self._heard[Word(notice.channel)]()
                if self._leaving.is_set():
                    break
