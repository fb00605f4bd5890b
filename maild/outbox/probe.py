"""Tries whether a smarthost would take our mail, without giving it any."""

from maild.outbox.connection import Credentials, Unreachable, connect
from maild.settings.desk import Outgoing
from maild.settings.fields import Listen


def try_smarthost(outgoing: Outgoing, host: Listen, own: Credentials, *, timeout: float) -> str:
    """Connect, begin TLS and log in as delivery would; return what went wrong, "" when nothing did."""
    try:
        client = connect(outgoing, host, own, timeout)
    except Unreachable as fault:
        return str(fault)
    client.close()
    return ""
