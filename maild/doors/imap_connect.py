"""How a connection to an IMAP server begins: reached, made private, logged in."""

import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError

from maild.doors.imap_model import CONNECT_SECONDS, READ_SECONDS, LoginRefused, Refused
from maild.doors.imap_wire import Wire, in_our_words
from maild.settings.doors import Mailbox
from maild.settings.fields import is_loopback

SAID_MAX = 200  # characters of a server's reason in ours


def connect(mailbox: Mailbox, secret: Callable[[], str], *, literal_octets: int, seconds: float = READ_SECONDS) -> Wire:
    """Connect and log in. `secret` gives the password, or the access token when `auth` is oauth2.

    A literal above `literal_octets`, or a silence longer than `seconds`, ends the connection. Raises Lost,
    LoginRefused, Refused, and what `secret` raises.
    """
    if mailbox.tls == "none" and not is_loopback(mailbox.host):
        raise LoginRefused(f'tls = "none" is for this machine only, not for {mailbox.host}', "PRIVACYREQUIRED")
    with in_our_words():
        client = _reach(mailbox, seconds)
    wire = Wire(client)
    try:
        _bound(client, literal_octets)
        if _secured(client, mailbox):
            word = secret()
            _log_in(client, mailbox, word)
    except BaseException:
        with suppress(OSError):
            client.shutdown()
        raise
    return wire


def _secured(client: Any, mailbox: Mailbox) -> bool:
    """Begin TLS where it is wanted; return False when the server has let us in by its greeting (RFC 3501 7.1.4)."""
    greeted = client._imap.state == "AUTH"
    if greeted and mailbox.tls == "starttls":
        # STARTTLS is not allowed any more, so whoever greets like this keeps the connection in clear (RFC 9051 6.2.1).
        raise LoginRefused("it greets with PREAUTH, and TLS cannot begin after that", "PRIVACYREQUIRED")
    if mailbox.tls == "starttls":
        with in_our_words():
            client.starttls(_trusted(mailbox))
    return not greeted


def _reach(mailbox: Mailbox, seconds: float) -> Any:
    implicit = mailbox.tls == "implicit"
    return IMAPClient(
        mailbox.host,
        mailbox.port,
        ssl=implicit,
        ssl_context=_trusted(mailbox) if implicit else None,
        timeout=SocketTimeout(connect=min(CONNECT_SECONDS, seconds), read=seconds),
    )


def _trusted(mailbox: Mailbox) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=mailbox.tls_ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    return context


def _bound(client: Any, octets: int) -> None:
    """Keep imaplib from reading a literal of any length into memory: a server may send more than it announced."""
    read = client._imap.read

    def bounded(size: int) -> bytes:
        """Read as imaplib does; raises IMAPClientAbortError before it would be too much."""
        if size > octets:
            raise IMAPClientAbortError(f"the server sends {size} octets at once, beyond the limit of {octets}")
        taken: bytes = read(size)
        return taken

    client._imap.read = bounded


def _log_in(client: Any, mailbox: Mailbox, secret: str) -> None:
    if mailbox.auth == "oauth2":
        _bear(client, mailbox, secret)
        return
    with in_our_words():
        if client.has_capability("AUTH=PLAIN") and _needs_plain(client, mailbox.username + secret):
            client.plain_login(mailbox.username, secret)
        else:
            client.login(mailbox.username, secret)


def _bear(client: Any, mailbox: Mailbox, token: str) -> None:
    """Log in with an access token: XOAUTH2, or OAUTHBEARER (RFC 7628) where the server knows that alone."""
    with in_our_words():
        bearer = client.has_capability("AUTH=OAUTHBEARER") and not client.has_capability("AUTH=XOAUTH2")
    if bearer:
        words = f"n,a={mailbox.username},\x01auth=Bearer {token}\x01\x01"
    else:
        words = f"user={mailbox.username}\x01auth=Bearer {token}\x01\x01"
    asked: list[bytes] = []

    def answer(challenge: bytes) -> bytes:
        """Say who we are; a second challenge is the reason of a refusal, which wants a word before the NO."""
        asked.append(challenge or b"")
        return words.encode() if len(asked) == 1 else (b"\x01" if bearer else b"")

    try:
        with in_our_words():
            client.sasl_login("OAUTHBEARER" if bearer else "XOAUTH2", answer)
    except Refused as refusal:
        raise LoginRefused(f"{refusal.words}{_reason(asked[1:])}", refusal.code) from refusal


def _reason(challenges: list[bytes]) -> str:
    """Return what stands in the object that a server sends when it does not take a token, such as ``; status 401``."""
    for challenge in challenges:
        try:
            said = json.loads(challenge)
        except ValueError:
            continue
        if isinstance(said, dict):
            return "; " + ", ".join(f"{name} {value}" for name, value in said.items())[:SAID_MAX]
    return ""


def _needs_plain(client: Any, words: str) -> bool:
    """LOGIN knows ASCII only; PLAIN is UTF-8 (RFC 4616)."""
    return client.has_capability("LOGINDISABLED") or not words.isascii()
