"""Everything that the log can say; nobody writes a log line elsewhere, and the manual's list is made from here.

Facts are names, addresses, counts and reasons in words, never the text of a mail and never a secret.
"""

import structlog

_log = structlog.stdlib.get_logger("maild")


def service_started(*, version: str, roles: str) -> None:
    """The service is ready."""
    _log.info("service-started", version=version, roles=roles)


def service_stopping(*, because: str) -> None:
    """The service takes no new work and finishes what is in hand."""
    _log.info("service-stopping", because=because)


def part_left(*, part: str, seconds: float) -> None:
    """A part of the service waits for somebody who is silent, and is not waited for; the next start takes it up."""
    _log.warning("part-left", part=part, seconds=seconds)


def service_stopped() -> None:
    """The service has finished."""
    _log.info("service-stopped")


def configuration_reloaded(*, path: str) -> None:
    """A new configuration is in force."""
    _log.info("configuration-reloaded", path=path)


def sla_edited(*, sla: str) -> None:
    """A service level, its hours or its holidays are others from now on; what has been stays as it was."""
    _log.info("sla-edited", sla=sla)


def configuration_refused(*, path: str, because: str) -> None:
    """A new configuration is broken; the old one stays in force."""
    _log.error("configuration-refused", path=path, because=because)


def schema_migrated(*, before: int, after: int) -> None:
    """The database's tables were brought to another version."""
    _log.info("schema-migrated", before=before, after=after)


def database_unavailable(*, because: str) -> None:
    """The database cannot be used now; it is tried again."""
    _log.error("database-unavailable", because=because)


def database_recovered() -> None:
    """The database can be used again."""
    _log.info("database-recovered")


def door_opened(*, door: str, address: str) -> None:
    """A door listens, or a mailbox is connected."""
    _log.info("door-opened", door=door, address=address)


def door_closed(*, door: str, address: str) -> None:
    """A door listens no more."""
    _log.info("door-closed", door=door, address=address)


def connection_refused(*, door: str, client: str, because: str) -> None:
    """A client was turned away or cut."""
    _log.warning("connection-refused", door=door, client=client, because=because)


def recipient_refused(*, door: str, client: str, rcpt_to: str, reply: str) -> None:
    """A recipient was answered with 4xx or 5xx."""
    _log.info("recipient-refused", door=door, client=client, rcpt_to=rcpt_to, reply=reply)


def authentication_failed(*, door: str, client: str, user: str) -> None:
    """A client gave a wrong name or password."""
    _log.warning("authentication-failed", door=door, client=client, user=user)


def message_accepted(
    *, entry: str, door: str, size: int, client: str = "", mailbox: str = "", mail_from: str = "", rcpt_to: str = ""
) -> None:
    """A mail is durable in the journal; from here on it is ours. `size` is in octets."""
    _log.info(
        "message-accepted",
        entry=entry,
        door=door,
        size=size,
        client=client or None,
        mailbox=mailbox or None,
        mail_from=mail_from,
        rcpt_to=rcpt_to,
    )


def message_refused(*, door: str, client: str, reply: str, because: str) -> None:
    """A mail was answered with 4xx or 5xx and is not ours."""
    _log.warning("message-refused", door=door, client=client, reply=reply, because=because)


def mailbox_connected(*, mailbox: str, host: str) -> None:
    """An IMAP mailbox is watched."""
    _log.info("mailbox-connected", mailbox=mailbox, host=host)


def mailbox_lost(*, mailbox: str, because: str, retry_seconds: float) -> None:
    """An IMAP connection ended; it is tried again after the wait."""
    _log.warning("mailbox-lost", mailbox=mailbox, because=because, retry_seconds=round(retry_seconds, 1))


def mailbox_dead(*, mailbox: str, because: str) -> None:
    """An IMAP mailbox has not been reached for long; a person has to look."""
    _log.error("mailbox-dead", mailbox=mailbox, because=because)


def token_renewed(*, login: str, seconds: float) -> None:
    """A provider gave an access token for a log-in by OAuth2; it is good for so long."""
    _log.info("token-renewed", login=login, seconds=round(seconds))


def token_refused(*, login: str, kind: str, because: str) -> None:
    """No access token is to be had for a log-in by OAuth2; `kind` says who has to do something about it."""
    _log.error("token-refused", login=login, kind=kind, because=because)


def mailbox_reconciled(*, mailbox: str, on_server: int, missing: int) -> None:
    """A folder was compared with our rows: how many mails lie in it, and how many of them we never took."""
    (_log.error if missing else _log.info)("mailbox-reconciled", mailbox=mailbox, on_server=on_server, missing=missing)


def entry_applied(*, entry: str, ticket: str, rule: str, because: str = "") -> None:
    """A journal entry has become part of a ticket, or was recorded without one."""
    _log.info("entry-applied", entry=entry, ticket=ticket, rule=rule, because=because)


def entry_duplicate(*, entry: str, of: str) -> None:
    """A mail arrived again; it has no second effect."""
    _log.info("entry-duplicate", entry=entry, of=of)


def entry_failed(*, entry: str, attempts: int, because: str) -> None:
    """A try to apply an entry failed; another will come."""
    _log.warning("entry-failed", entry=entry, attempts=attempts, because=because)


def entry_quarantined(*, entry: str, because: str) -> None:
    """An entry waits for a person."""
    _log.error("entry-quarantined", entry=entry, because=because)


def entry_released(*, entry: str, queue: str = "") -> None:
    """A person let an entry go on."""
    _log.info("entry-released", entry=entry, queue=queue or None)


def entry_dropped(*, entry: str, because: str) -> None:
    """An entry was put aside for good; its octets are kept."""
    _log.info("entry-dropped", entry=entry, because=because)


def decision_repeated(*, ticket: str, because: str) -> None:
    """A ticket moved on while a decision was made; it is decided again."""
    _log.info("decision-repeated", ticket=ticket, because=because)


def group_broken(*, entries: int, because: str) -> None:
    """Several mails were to be kept by one commit and none was; each is decided by itself now."""
    _log.info("group-broken", entries=entries, because=because)


def alarm_raised(*, alarm: str, about: str, because: str) -> None:
    """Something has become wrong with the service itself, such as "disk" or "breaker"; the postmaster is told."""
    _log.error("alarm-raised", alarm=alarm, about=about, because=because)


def alarm_over(*, alarm: str, about: str) -> None:
    """What an alarm was raised for is right again."""
    _log.info("alarm-over", alarm=alarm, about=about)


def worker_failed(*, worker: str) -> None:
    """A thread of the service met an error that it did not expect; call it in an `except`. It goes on."""
    _log.error("worker-failed", worker=worker, exc_info=True)


def parser_died(*, entry: str, because: str) -> None:
    """The process that read a mail was ended by its limits."""
    _log.warning("parser-died", entry=entry, because=because)


def delivery_sent(*, delivery: str, rcpt_to: str, template: str, ticket: str, smarthost: str, reply: str) -> None:
    """The smarthost has taken a mail for one recipient."""
    _log.info(
        "delivery-sent",
        ticket=ticket,
        delivery=delivery,
        rcpt_to=rcpt_to,
        template=template,
        smarthost=smarthost,
        reply=reply,
    )


def delivery_deferred(*, delivery: str, rcpt_to: str, ticket: str, reply: str, attempts: int, until: str) -> None:
    """The smarthost did not take a mail; it is tried again at `until`."""
    _log.warning(
        "delivery-deferred",
        ticket=ticket,
        delivery=delivery,
        rcpt_to=rcpt_to,
        reply=reply,
        attempts=attempts,
        until=until,
    )


def delivery_failed(*, delivery: str, rcpt_to: str, ticket: str, reply: str, attempts: int) -> None:
    """A mail was given up; the ticket shows it and its writer is told."""
    _log.error("delivery-failed", ticket=ticket, delivery=delivery, rcpt_to=rcpt_to, reply=reply, attempts=attempts)


def smarthost_unreachable(*, smarthost: str, because: str) -> None:
    """A smarthost did not answer, or not as it must."""
    _log.warning("smarthost-unreachable", smarthost=smarthost, because=because)


def sweep_ran(*, sweep: str, found: int, seconds: float) -> None:
    """A scheduled sweep has finished; `found` is how many things it acted on."""
    _log.info("sweep-ran", sweep=sweep, found=found, seconds=round(seconds, 3))


def sweep_failed(*, sweep: str, because: str) -> None:
    """A scheduled sweep failed; the next one tries again."""
    _log.error("sweep-failed", sweep=sweep, because=because)


def lease_lost(*, lease: str, because: str) -> None:
    """Another process holds what this one held; this one stops acting on it."""
    _log.warning("lease-lost", lease=lease, because=because)


def clock_passed(*, ticket: str, clock: str, percent: int) -> None:
    """An SLA clock has passed a percentage of its target."""
    _log.info("clock-passed", ticket=ticket, clock=clock, percent=percent)


def template_failed(*, template: str, language: str, because: str) -> None:
    """A template of the administrator's is broken; the one that came with maild was used in its place."""
    _log.error("template-failed", template=template, language=language, because=because)
