"""Tries what the configuration names: each probe connects once, briefly, and says what to mend."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

from maild.service.configuration import Configuration

PROBE_SECONDS = 10  # Long enough for a slow TLS handshake, short enough for a person who waits.


@dataclass(frozen=True, slots=True)
class Finding:
    """What was tried; `problem` is "" when it went well."""

    what: str  # the key that named it
    problem: str = ""
    mend: str = ""


def probe(configuration: Configuration) -> Iterator[Finding]:
    """Try the database, the DNS, each smarthost and each mailbox; nothing is changed anywhere."""
    yield _database(configuration)
    yield _dns(configuration)
    yield from _smarthosts(configuration)
    yield from _mailboxes(configuration)


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


def _smarthosts(configuration: Configuration) -> Iterator[Finding]:
    from maild.outbox.probe import try_smarthost

    outgoing = configuration.settings.outgoing
    for host in outgoing.smarthost:
        problem = try_smarthost(outgoing, host, configuration.secret("outgoing.password"), timeout=PROBE_SECONDS)
        yield Finding("outgoing.smarthost", f"{host}: {problem}" if problem else "", "mend host, port, tls or password")


def _mailboxes(configuration: Configuration) -> Iterator[Finding]:
    from maild.doors.probe import try_mailbox

    for mailbox in configuration.settings.mailbox:
        name = f"mailbox.{mailbox.name}"
        problem = try_mailbox(mailbox, configuration.secret(f"{name}.password"), timeout=PROBE_SECONDS)
        yield Finding(name, problem, "mend host, port, tls, user, password or folder")
