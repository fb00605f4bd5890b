"""Tries what the configuration names: each probe connects once, briefly, and says what to mend."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from maild.service.configuration import Configuration

PROBE_SECONDS = 10  # Long enough for a slow TLS handshake, short enough for a person who waits.


Secret = Callable[[str], str]  # the password or access token of a log-in by its name; raises OAuth2Trouble


@dataclass(frozen=True, slots=True)
class Finding:
    """What was tried; `problem` is "" when it went well."""

    what: str  # the key that named it
    problem: str = ""
    mend: str = ""


def probe(configuration: Configuration) -> Iterator[Finding]:
    """Try the database, the DNS, each smarthost and each mailbox; changes nothing but tokens that had to be renewed."""
    yield _database(configuration)
    yield _dns(configuration)
    with _logins(configuration) as secret:
        yield from _smarthosts(configuration, secret)
        yield from _mailboxes(configuration, secret)


@contextmanager
def _logins(configuration: Configuration) -> Iterator[Secret]:
    """Give what finds passwords, and access tokens, which are renewed in the database where OAuth2 is used."""
    from maild.oauth2.providers import applications

    settings = configuration.settings
    if not applications(settings, configuration.secrets):
        yield lambda name: configuration.secret(f"{name}.password")
        return
    from maild.database.connection import DatabaseUnavailable
    from maild.database.schema import SchemaMismatch
    from maild.service.access import Access
    from maild.service.house import open_house

    def now() -> datetime:
        """Return the time of day, in UTC."""
        return datetime.now(UTC)

    try:
        house = open_house(configuration, now)
    except (DatabaseUnavailable, SchemaMismatch, OSError) as error:
        yield _unknown(str(error))
        return
    try:
        yield Access(house.db, lambda: house.office, now).secret
    finally:
        house.close()


def _unknown(because: str) -> Secret:
    from maild.oauth2.model import Kind, OAuth2Trouble

    def secret(_: str) -> str:
        """Raise OAuth2Trouble: without the database there is no token."""
        raise OAuth2Trouble(Kind.AWAY, f"tokens are kept in the database: {because}")

    return secret


def _database(configuration: Configuration) -> Finding:
    from maild.database.light import DatabaseMissing, connect
    from maild.database.place import BadPlace, read_place
    from maild.database.schema import SchemaMismatch, SchemaState, require_current

    url = configuration.settings.store.url
    try:
        place = read_place(url, configuration.path.parent)
        if place.path is not None and not place.path.exists() and place.path.parent.is_dir():
            return Finding("store.url")  # `serve` makes it
        with connect(url, configuration.path.parent) as connection:
            require_current(connection)
    except SchemaMismatch as mismatch:
        if mismatch.state is not SchemaState.EMPTY:  # `serve` fills an empty one
            problem, _, mend = str(mismatch).partition("; ")
            return Finding("store.url", problem, mend)
    except (DatabaseMissing, BadPlace, OSError) as error:
        return Finding("store.url", str(error), "let the service's user read and write it, or mend the url")
    return Finding("store.url")


def _dns(configuration: Configuration) -> Finding:
    domain = configuration.settings.desk.domain
    try:
        socket.getaddrinfo(domain, None)
    except socket.gaierror as error:
        # That a name does not exist is an answer too; what matters is that somebody answers.
        if error.errno not in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}:
            return Finding("dns", f"no answer for {domain}: {error.strerror}", "look at /etc/resolv.conf")
    return Finding("dns")


def _smarthosts(configuration: Configuration, secret: Secret) -> Iterator[Finding]:
    from maild.outbox.probe import try_smarthost
    from maild.service.delivering import credentials_of

    outgoing = configuration.settings.outgoing
    for host in outgoing.smarthost:
        problem = try_smarthost(outgoing, host, credentials_of(outgoing, "localhost", secret), timeout=PROBE_SECONDS)
        yield Finding("outgoing.smarthost", f"{host}: {problem}" if problem else "", "mend host, port, tls or password")


def _mailboxes(configuration: Configuration, secret: Secret) -> Iterator[Finding]:
    from maild.doors.probe import try_mailbox
    from maild.service.mailboxes import secret_of

    for mailbox in configuration.settings.mailbox:
        name = f"mailbox.{mailbox.name}"
        problem = try_mailbox(mailbox, secret_of(secret, name), timeout=PROBE_SECONDS)
        yield Finding(name, problem, "mend host, port, tls, user, password or folder")
