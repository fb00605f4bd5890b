"""Tries whether a smarthost would take our mail, without giving it any."""

import smtplib
import ssl

from maild.settings.desk import Outgoing
from maild.settings.fields import Listen


def try_smarthost(outgoing: Outgoing, host: Listen, password: str, *, timeout: float) -> str:
    """Connect, begin TLS and log in as delivery would; return what went wrong, "" when nothing did."""
    trusted = ssl.create_default_context(cafile=outgoing.tls_ca_file)
    try:
        with _connected(outgoing, host, trusted, timeout) as client:
            client.ehlo()
            if outgoing.tls == "starttls" or (outgoing.tls == "opportunistic" and client.has_extn("starttls")):
                client.starttls(context=trusted)
            if outgoing.username:
                client.login(outgoing.username, password)
            client.noop()
    except (OSError, smtplib.SMTPException) as error:
        return str(error) or type(error).__name__
    return ""


def _connected(outgoing: Outgoing, host: Listen, trusted: ssl.SSLContext, timeout: float) -> smtplib.SMTP:
    if outgoing.tls == "implicit":
        return smtplib.SMTP_SSL(host.host, host.port, timeout=timeout, context=trusted)
    return smtplib.SMTP(host.host, host.port, timeout=timeout)
