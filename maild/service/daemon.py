"""The service in the foreground: its parts are started in order, watched, reloaded, and ended side by side."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from maild import __version__
from maild.database.connection import DatabaseUnavailable
from maild.database.dialect import Word
from maild.database.waking import Listener
from maild.doors.opening import Doors
from maild.journal.space import free_octets
from maild.log import events
from maild.service.access import Access
from maild.service.child import Plan
from maild.service.children import Children, Composers, reader_count
from maild.service.composer import ComposingPlan
from maild.service.configuration import Configuration, load
from maild.service.delivering import Deliverer, Recorder
from maild.service.garbage import YOUNG_MAX, keep_freed_memory, settle
from maild.service.house import House, database_folder, open_house, publish
from maild.service.leaving import CHILDREN_SECONDS, LAST_SECONDS, PARTS_SECONDS, end_together
from maild.service.leftovers import process_name, take_over
from maild.service.listening import callbacks
from maild.service.mailboxes import Mailboxes
from maild.service.notify import Notifier, inherited_sockets
from maild.service.office import Office, open_office
from maild.service.pipeline import Pipeline
from maild.service.reconciling import reconcile_nightly
from maild.service.sweeping import sweep
from maild.service.watching import tell_quarantine, watch
from maild.service.workers import Repeater, Worker
from maild.settings.faults import ConfigurationError
from maild.store.housekeeping import beat, drop_lease, stop_beating, sweep_ran, take_lease
from maild.sweeps.timetable import Job, Run, Timetable

ROLES = ("intake", "worker", "delivery", "scheduler")
BEAT_SECONDS = 5.0
TOKENS_SECONDS = 15.0  # How often the ends of access tokens are looked at; they are renewed minutes ahead.
SWEEP_EVERY = timedelta(seconds=15)
WATCH_EVERY = timedelta(minutes=1)
RECONCILE_EVERY = timedelta(minutes=5)  # Also how long a mail may take before a second look misses it.
RENEW_EVERY = timedelta(days=1)  # The calendars hold the holidays of the years around today.
# How long a thread that decides on a mail keeps the interpreter from the one that talks to clients; Python's own 5 ms
# would be waited for behind each system call of a door.
SWITCH_SECONDS = 0.0005
SWEEP_LEASE = timedelta(minutes=5)
RECONCILE_LEASE = timedelta(minutes=30)  # Many mailboxes, each slow.


class Part(Protocol):
    """Something with a thread of its own."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Finish what is in hand and leave."""


def utc_now() -> datetime:
    """Return the time of day; the one clock that the service reads."""
    return datetime.now(UTC)


class Daemon:
    """One process of the service."""

    def __init__(
        self,
        configuration: Configuration,
        roles: Sequence[str] = ROLES,
        *,
        environment: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._now = now
        self._roles = tuple(roles) or ROLES
        self._environment = os.environ if environment is None else environment
        self._notifier = Notifier(self._environment)
        self._name = process_name()
        self._house: House = open_house(configuration, now, check_pages=True)
        take_over(self._house.db)
        self._configuration = self._house.configuration
        self._office = self._house.office
        self._children = Children(reader_count(), self._plan())
        self._composers = Composers(os.cpu_count() or 1, self._composing_plan())
        folder = database_folder(configuration)
        self._doors = Doors(callbacks(self._house.journal, self._current, now, folder))
        self._access = Access(self._house.db, self._current, now)
        self._mailboxes = Mailboxes(self._house, self._current, self._access, now, self._name)
        self._parts: dict[str, Part] = {}  # by their names in the log
        self._wake: Callable[[], None] = _nothing
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._changing = threading.Lock()  # over which configuration is in force, in the database and here
        self._reloads = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until SIGTERM, SIGINT or `stop`; `ready` is called once every part stands.

        Signals are heard in the main thread alone; elsewhere `stop` and `reload` take their place.
        """
        self._loop = asyncio.get_running_loop()
        sys.setswitchinterval(SWITCH_SECONDS)
        keep_freed_memory()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(number, self._stop_now)
            self._loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        try:
            await self._start()
            settle(YOUNG_MAX)
            events.service_started(version=__version__, roles=",".join(self._roles))
            self._notifier.ready()
            ready()
            await self._watch()
        finally:
            self._notifier.stopping()
            await self._leave()

    def stop(self) -> None:
        """Ask the service, from any thread, to finish what is in hand and leave."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop_now)

    def reload(self) -> None:
        """Ask the service, from any thread, to read its configuration again."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._reload.set)

    @property
    def reloads(self) -> int:
        """How many times the configuration was read again since the start, and put in force or refused."""
        return self._reloads

    @property
    def stopping(self) -> bool:
        """True once it was asked to leave."""
        return self._stop.is_set()

    def addresses(self) -> list[tuple[str, str]]:
        """Return what listens: ("smtp", "127.0.0.1:8025")."""
        return self._doors.addresses()

    def _stop_now(self) -> None:
        events.service_stopping(because="it was asked to")
        self._stop.set()

    async def _start(self) -> None:
        self._parts = self._make_parts()
        for part in self._parts.values():
            part.start()
        if "intake" in self._roles:
            await self._doors.apply(self._office.settings, self._inherited())
            self._mailboxes.start()
        beater = self._parts["heartbeat"] = Repeater("heartbeat", self._beat, pause=BEAT_SECONDS)
        beater.start()

    def _inherited(self) -> dict[str, list[socket.socket]]:
        """Return the sockets that systemd opened; those without a table in the configuration are closed again."""
        settings = self._office.settings
        tables = {"smtp": settings.smtp, "smtps": settings.smtp, "lmtp": settings.lmtp}
        found = inherited_sockets(self._environment)
        for name in [name for name in found if tables.get(name) is None]:
            for unwanted in found.pop(name):
                unwanted.close()
            events.door_closed(door=name, address="inherited, and not in the configuration")
        return found

    def _make_parts(self) -> dict[str, Part]:
        house, parts = self._house, dict[str, Part]()
        office = self._current
        if "delivery" in self._roles:
            recorder = Recorder(house.actor, office, self._now)
            deliverer = Deliverer(recorder, office, self._access, self._now, self._name)
            self._wake = deliverer.wake
            parts["delivery"] = deliverer
        if "worker" in self._roles:
            pipeline = Pipeline(house.db, house.journal, office, self._children.read, self._now)
            # On a server commits of many nodes overlap; there each entry keeps its own, and locks no rows for long.
            composers = self._composers if house.db.place.path is not None else None
            parts["worker"] = Worker(house.journal, pipeline, self._name, reader_count(), self._wake, composers)
        if house.db.place.path is None and {"worker", "delivery"} & set(self._roles):
            heard = {Word.ENTRY: house.journal.wake.set, Word.OUTBOX: self._wake}
            parts["listener"] = Listener(house.db.place, heard)
        if {"intake", "delivery"} & set(self._roles):
            parts["tokens"] = Repeater("tokens", self._access.keep_fresh, pause=TOKENS_SECONDS)
        if "scheduler" in self._roles:
            jobs = [
                Job("sla", SWEEP_EVERY, self.sweep),
                Job("watch", WATCH_EVERY, self.watch),
                Job("calendars", RENEW_EVERY, self.renew),
                Job("reconcile", RECONCILE_EVERY, self.reconcile),
            ]
            parts["timetable"] = Timetable(jobs, self._now, self._swept)
        return parts

    def _current(self) -> Office:
        return self._office

    def _plan(self) -> Plan:
        office = self._office
        return Plan(office.settings, office.keyring, office.own, office.limits, office.agent_keys)

    def _composing_plan(self) -> ComposingPlan:
        office, place = self._office, self._house.db.place
        written = office.templates
        return ComposingPlan(
            office.settings, office.keyring, written.folders, office.signer, place.full_url, written.compiled
        )

    async def _watch(self) -> None:
        """Feed the watchdog and answer SIGHUP until it is time to leave."""
        seconds = self._notifier.watchdog_seconds / 2 or None
        while not self._stop.is_set():
            waits = [asyncio.ensure_future(self._stop.wait()), asyncio.ensure_future(self._reload.wait())]
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            if self._reload.is_set():
                self._reload.clear()
                await self._reload_now()
            self._notifier.watchdog()

    async def _reload_now(self) -> None:
        """Put the configuration file in force; a broken one is refused and everything stays as it is."""
        self._notifier.reloading()
        try:
            configuration = await asyncio.to_thread(load, self._configuration.path)
            office = await asyncio.to_thread(open_office, configuration, self._now())
            await self._receive_by(office)
            await self._put_in_force(configuration, office)
        except (ConfigurationError, DatabaseUnavailable, OSError, ValueError) as fault:
            events.configuration_refused(path=str(self._configuration.path), because=str(fault))
        else:
            await asyncio.to_thread(self._take_up)
            events.configuration_reloaded(path=str(configuration.path))
        self._reloads += 1
        self._notifier.ready()

    async def _receive_by(self, office: Office) -> None:
        if "intake" in self._roles:
            await self._doors.apply(office.settings)

    async def _put_in_force(self, configuration: Configuration, office: Office) -> None:
        """Publish it and work by it; where the database cannot be had, the doors go back to what holds."""
        try:
            await asyncio.to_thread(self._change, configuration, office)
        except DatabaseUnavailable:
            await self._receive_by(self._office)
            raise

    def _change(self, configuration: Configuration, office: Office) -> None:
        with self._changing:
            office = publish(self._house.db, office, self._now())
            self._configuration, self._office = configuration, office

    def _take_up(self) -> None:
        self._children.reload(self._plan())
        self._composers.reload(self._composing_plan())
        self._mailboxes.reload()

    def _beat(self) -> None:
        doors = [{"door": kind, "address": address} for kind, address in self._doors.addresses()]
        detail = {"pid": os.getpid(), "roles": list(self._roles), "doors": doors}
        beat(self._house.db, self._name, self._now(), detail)

    def sweep(self) -> int:
        """Do what is due now, as the timetable does by itself; from any thread. Returns how many tickets were due."""
        if not self._keeps_sweeping():
            return 0
        found = len(sweep(self._house.actor, self._office, self._now(), self._keeps_sweeping))
        self._wake()  # what was told now leaves now
        return found

    def _keeps_sweeping(self) -> bool:
        """Prolong the right to sweep; False when another process has it by now, or it is time to leave."""
        if self.stopping:
            return False
        return take_lease(self._house.db, "sweep", self._name, self._now(), SWEEP_LEASE) is not None

    def watch(self) -> int:
        """Look after the service itself, as the timetable does; returns how much there was to tell."""
        if take_lease(self._house.db, "watch", self._name, self._now(), SWEEP_LEASE) is None:
            return 0
        actor, office, now = self._house.actor, self._office, self._now()
        found = watch(actor, office, now, self._free) + tell_quarantine(actor, office, now)
        self._wake()
        return found

    def reconcile(self) -> int:
        """Compare mailboxes and journal if it is time for it, as the timetable does; returns how much differs."""
        if take_lease(self._house.db, "reconcile", self._name, self._now(), RECONCILE_LEASE) is None:
            return 0
        house, settings = self._house, self._office.settings
        return reconcile_nightly(house.db, house.journal, settings, self._access.secret, self._now())

    def _free(self) -> int | None:
        folder = database_folder(self._configuration)
        return free_octets(folder) if folder is not None else None

    def renew(self) -> int:
        """Open the office anew for the holidays of the years around today, as the timetable does.

        A reload that comes meanwhile has done it already, and wins.
        """
        configuration = self._configuration
        office = open_office(configuration, self._now())
        with self._changing:
            if self._configuration is configuration:
                self._office = publish(self._house.db, office, self._now())
        return 0

    def _swept(self, run: Run) -> None:
        assert run.last_run is not None
        sweep_ran(self._house.db, run.name, run.last_run, run.next_run, run.problem)

    async def _leave(self) -> None:
        """Leave within ten seconds, whoever is silent then."""
        await asyncio.gather(self._doors.close(), asyncio.to_thread(self._end_work))
        await asyncio.to_thread(end_together, {"database": self._let_go}, LAST_SECONDS)
        events.service_stopped()

    def _end_work(self) -> None:
        parts = {name: part.stop for name, part in self._parts.items()}
        end_together({"mailboxes": self._mailboxes.stop, **parts}, PARTS_SECONDS)
        end_together({"readers": self._children.stop, "composers": self._composers.stop}, CHILDREN_SECONDS)

    def _let_go(self) -> None:
        drop_lease(self._house.db, "sweep", self._name)  # another node may sweep at once
        stop_beating(self._house.db, self._name)
        self._house.close()


def _nothing() -> None:
    """Wake nobody: another process delivers."""
