"""One conversation with a smarthost: connected, secured and logged in exactly as the configuration wants it."""

import smtplib
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass

from maild.settings.desk import Outgoing
from maild.settings.fields import Listen, is_loopback

_ADMITTED, _CHALLENGE = 235, 334  # RFC 4954 sections 4 and 6
_REASON_MAX = 200  # octets of a server's reason in ours


class Unreachable(Exception):
    """No smarthost could be asked: nothing is wrong with the mail, all of it waits."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How we present ourselves."""

    hostname: str  # in EHLO
    password: str = ""
    token: Callable[[], str] | None = None  # gives an access token for OAuth2 in place of it, or raises Unreachable
    refused: Callable[[], None] = lambda: None  # called when a smarthost did not take the token

    def __repr__(self) -> str:
        """Return it without the password."""
        return f"Credentials({self.hostname})"


def connect(outgoing: Outgoing, host: Listen, own: Credentials, timeout: float) -> smtplib.SMTP:
    """Return a client after EHLO, TLS and AUTH.

    Raises Unreachable when any of it fails. TLS that is wanted is never left out, and a password goes over
    verified TLS, over loopback, or where `tls = "none"` says so, nowhere else.
    """
    client: smtplib.SMTP | None = None
    try:
        client = _dialled(outgoing, host, own, timeout)
        _open(client, outgoing, host, own)
    except (OSError, smtplib.SMTPException, Unreachable) as fault:
        if client is not None:
            client.close()
        raise Unreachable(f"{host}: {_in_words(fault)}") from None
    return client


def _dialled(outgoing: Outgoing, host: Listen, own: Credentials, timeout: float) -> smtplib.SMTP:
    if outgoing.tls == "implicit":
        return smtplib.SMTP_SSL(host.host, host.port, own.hostname, timeout=timeout, context=_trust(outgoing))
    return smtplib.SMTP(host.host, host.port, own.hostname, timeout=timeout)


def _open(client: smtplib.SMTP, outgoing: Outgoing, host: Listen, own: Credentials) -> None:
    client.ehlo_or_helo_if_needed()
    secured = outgoing.tls == "implicit" or _secured(client, outgoing)
    if outgoing.username:
        if not secured and outgoing.tls != "none" and not is_loopback(host.host):
            raise Unreachable("it offers no TLS, and a password goes nowhere in the clear")
        if own.token is not None:
            _bear(client, outgoing.username, own.token(), own.refused)
        else:
            _log_in(client, outgoing.username, own.password)


def _log_in(client: smtplib.SMTP, username: str, password: str) -> None:
    if (username + password).isascii():
        client.login(username, password)
        return
    # smtplib writes ASCII alone; PLAIN is UTF-8 (RFC 4616 section 2).
    said = b64encode(f"\0{username}\0{password}".encode()).decode("ascii")
    code, words = client.docmd("AUTH", f"PLAIN {said}")
    if code != _ADMITTED:
        raise smtplib.SMTPAuthenticationError(code, words)


def _bear(client: smtplib.SMTP, username: str, token: str, refused: Callable[[], None]) -> None:
    """Log in with an access token: XOAUTH2, or OAUTHBEARER (RFC 7628) where the server offers that alone."""
    offered = client.esmtp_features.get("auth", "").upper().split()
    if "XOAUTH2" not in offered and "OAUTHBEARER" not in offered:
        raise Unreachable("it offers neither XOAUTH2 nor OAUTHBEARER for OAuth2")
    bearer = "XOAUTH2" not in offered
    said = (
        f"n,a={username},\x01auth=Bearer {token}\x01\x01"
        if bearer
        else f"user={username}\x01auth=Bearer {token}\x01\x01"
    )
    # Without an initial response: a line of SMTP has 512 octets (RFC 5321 section 4.5.3.1.4), and tokens have more.
    code, words = client.docmd("AUTH", "OAUTHBEARER" if bearer else "XOAUTH2")
    if code == _CHALLENGE:
        code, words = client.docmd(b64encode(said.encode()).decode("ascii"))
    if code == _CHALLENGE:  # the reason of a refusal, which wants a word before the 535
        reason = _reason(words)
        code, words = client.docmd("AQ==" if bearer else "")
        words = words + reason
    if code != _ADMITTED:
        refused()
        raise smtplib.SMTPAuthenticationError(code, words)


def _reason(challenge: bytes) -> bytes:
    """Return what a server says of a token that it does not take: a JSON object in base64."""
    try:
        return b"; " + b" ".join(b64decode(challenge).split())[:_REASON_MAX]
    except ValueError:
        return b""


def _secured(client: smtplib.SMTP, outgoing: Outgoing) -> bool:
    """Begin TLS where it is wanted; returns whether it is on."""
    if outgoing.tls == "none":
        return False
    if not client.has_extn("starttls"):
        if outgoing.tls == "starttls":
            raise Unreachable("it offers no STARTTLS, which is required")
        return False
    client.starttls(context=_trust(outgoing))
    client.ehlo_or_helo_if_needed()
    return True


def _trust(outgoing: Outgoing) -> ssl.SSLContext:
    """Return what certificates must be like.

    TLS that is only taken when offered keeps listeners out, and asks for no name (RFC 7435), unless a password or
    a list of certificates says that this smarthost and no other is meant.
    """
    context = ssl.create_default_context(cafile=outgoing.tls_ca_file)
    if outgoing.tls == "opportunistic" and not outgoing.username and outgoing.tls_ca_file is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _in_words(fault: Exception) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        words = fault.smtp_error
        return f"{fault.smtp_code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
    return str(fault) or type(fault).__name__
