"""Gives mails to the smarthosts, one recipient at a time, over connections that are kept while there is work."""

import re
import smtplib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from maild.log import events
from maild.outbox.connection import Credentials, Unreachable, connect
from maild.outbox.schedule import Reply
from maild.settings.desk import Outgoing
from maild.settings.fields import Listen

IDLE_SECONDS = 10.0  # Servers cut at a few minutes (RFC 5321 section 4.5.3.2.7); ours is not to be in their way.
AVOID_SECONDS = 60.0  # How long a smarthost that did not answer is passed over while another one does.
MAILS_PER_CONNECTION_MAX = 100  # Many servers count, and end the conversation without a good reason.

_LINE_END = re.compile(rb"\r\n|\r|\n")
_TOKEN = re.compile(r"[a-z2-7]{48}\Z")  # ours in an envelope sender
_XTEXT = re.compile(r"[^!-*,-<>-~]")  # RFC 3461 section 4: what stands in an xtext as +XX
_CONTROL = re.compile(r"[\x00-\x20\x7f<>]")
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:[ \t]+|$)")
# Codes of RFC 4954 section 6 and RFC 3207: we may not use this server at all, whatever the mail.
_NOT_ADMITTED = frozenset({421, 454, 530, 534, 535, 538})


@dataclass(slots=True)
class _Line:
    """An open connection that may be used again."""

    client: smtplib.SMTP
    host: Listen
    mails: int
    used_at: float

    def close(self) -> None:
        """End it politely if that works at once, and in any case."""
        try:
            if self.client.sock is not None:
                self.client.sock.settimeout(1.0)
                self.client.quit()
        except (OSError, smtplib.SMTPException):
            self.client.close()  # it is gone already: nothing is lost by that


class Submission:
    """The smarthosts of one configuration. `send` may be called from several threads."""

    def __init__(self, outgoing: Outgoing, own: Credentials, clock: Callable[[], float] = time.monotonic) -> None:
        self._outgoing = outgoing
        self._own = own
        self._clock = clock
        self._idle: list[_Line] = []
        self._avoid_until: dict[Listen, float] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    def send(self, mail_from: str, rcpt_to: str, octets: bytes) -> Reply:
        """Give one mail for one recipient to the first smarthost that can be reached, and return what it said.

        Raises Unreachable when none can, or none admits us: that says nothing about this mail.
        """
        mail = _Mail(_on_the_wire(mail_from), _on_the_wire(rcpt_to), _LINE_END.sub(b"\r\n", octets))
        while (line := self._take_idle()) is not None:
            reply = self._try(line, mail)
            if reply is not None:
                return reply
        return self._send_freshly(mail)

    def rest(self) -> None:
        """Close connections that nobody has used for a while; call it now and then when there is nothing to send."""
        self._close([line for line in self._idle if self._clock() - line.used_at > IDLE_SECONDS])

    def close(self) -> None:
        """Close all idle connections; those in use are closed after their mail."""
        self._is_closed = True
        self._close(list(self._idle))

    def _close(self, lines: list[_Line]) -> None:
        with self._lock:
            chosen = [line for line in lines if line in self._idle]
            self._idle = [line for line in self._idle if line not in chosen]
        for line in chosen:
            line.close()

    def _take_idle(self) -> _Line | None:
        with self._lock:
            line = self._idle.pop() if self._idle else None
        if line is not None and self._clock() - line.used_at > IDLE_SECONDS:
            line.close()
            return self._take_idle()
        return line

    def _send_freshly(self, mail: "_Mail") -> Reply:
        because = []
        for host in self._hosts():
            try:
                client = connect(self._outgoing, host, self._own, self._outgoing.timeout.total_seconds())
            except Unreachable as fault:
                because.append(self._avoided(host, str(fault)))
                continue
            reply = self._try(_Line(client, host, 0, self._clock()), mail)
            if reply is not None:
                self._avoid_until.pop(host, None)
                return reply
            because.append(self._avoided(host, f"{host}: it ended the conversation, or does not admit us"))
        raise Unreachable("; ".join(because))

    def _hosts(self) -> list[Listen]:
        """Return the smarthosts in their order, those that failed lately last."""
        now = self._clock()
        return sorted(self._outgoing.smarthost, key=lambda host: self._avoid_until.get(host, 0.0) > now)

    def _avoided(self, host: Listen, because: str) -> str:
        self._avoid_until[host] = self._clock() + AVOID_SECONDS
        events.smarthost_unreachable(smarthost=str(host), because=because)
        return because

    def _try(self, line: _Line, mail: "_Mail") -> Reply | None:
        """Return the reply, or None when the line was no good before the mail itself was on its way."""
        try:
            reply = mail.give(line.client, str(line.host))
        except _Refused:
            line.close()
            return None
        line.mails += 1
        line.used_at = self._clock()
        if reply.code in {0, 421} or line.mails >= MAILS_PER_CONNECTION_MAX or self._is_closed:
            line.close()
        else:
            with self._lock:
                self._idle.append(line)
        return reply


class _Refused(Exception):
    """The server is gone, or does not want us, and has said nothing about the mail."""


@dataclass(frozen=True, slots=True)
class _Mail:
    """One mail for one recipient; octets with CRLF alone."""

    mail_from: str
    rcpt_to: str
    octets: bytes

    def give(self, client: smtplib.SMTP, smarthost: str) -> Reply:
        """Run one mail transaction (RFC 5321 section 3.3)."""
        try:
            if _CONTROL.search(self.mail_from + self.rcpt_to):
                return Reply(501, "5.1.3", "that is no address", smarthost)
            utf8 = not (self.mail_from + self.rcpt_to).isascii()
            if utf8 and not client.has_extn("smtputf8"):
                return Reply(553, "5.6.7", "the smarthost does not offer SMTPUTF8 (RFC 6531)", smarthost)
            code, words = client.mail(self.mail_from, self._options(client, utf8=utf8))
            if code in _NOT_ADMITTED:
                raise _Refused
            if code == 250:
                code, words = client.rcpt(self.rcpt_to, self._wishes(client))
        except (OSError, smtplib.SMTPException):
            raise _Refused from None
        if not 200 <= code < 300:
            return self._after_refusal(client, _reply(code, words, smarthost))
        return self._data(client, smarthost)

    def _options(self, client: smtplib.SMTP, *, utf8: bool) -> list[str]:
        options = [f"size={len(self.octets)}"] if client.has_extn("size") else []
        if utf8:
            options.append("SMTPUTF8")
        if client.has_extn("8bitmime") and not self.octets.isascii():
            options.append("BODY=8BITMIME")
        if client.has_extn("dsn"):
            options += ["RET=HDRS", *self._envelope_id()]
        return options

    def _envelope_id(self) -> list[str]:
        """Return the id that a report repeats (RFC 3461 section 4.4), by which it is known without our reverse-path."""
        token = _TOKEN.search(self.mail_from.rpartition("@")[0].lower())
        return [f"ENVID={token[0]}"] if token is not None else []

    def _wishes(self, client: smtplib.SMTP) -> list[str]:
        """Return which reports we want, and the address that they are to name (RFC 3461 sections 4.1 and 4.2)."""
        if not client.has_extn("dsn"):
            return []
        wishes = ["NOTIFY=FAILURE,DELAY"]
        if self.rcpt_to.isascii():
            address = _XTEXT.sub(lambda letter: f"+{ord(letter[0]):02X}", self.rcpt_to)
            wishes.append(f"ORCPT=rfc822;{address}")
        return wishes

    def _data(self, client: smtplib.SMTP, smarthost: str) -> Reply:
        try:
            code, words = client.data(self.octets)
        except smtplib.SMTPDataError as fault:
            words = fault.smtp_error if isinstance(fault.smtp_error, bytes) else fault.smtp_error.encode()
            return self._after_refusal(client, _reply(fault.smtp_code, words, smarthost))
        except (OSError, smtplib.SMTPException) as fault:
            # It may have been taken: we send again, and the same Message-ID lets the receiver drop the second.
            client.close()
            return Reply(0, "", f"the connection broke after DATA: {fault or type(fault).__name__}", smarthost)
        return _reply(code, words, smarthost)

    @staticmethod
    def _after_refusal(client: smtplib.SMTP, reply: Reply) -> Reply:
        """Leave the connection fit for the next mail."""
        try:
            client.rset()
        except (OSError, smtplib.SMTPException):
            client.close()  # the next mail finds it closed and takes another one
        return reply


def _on_the_wire(address: str) -> str:
    """Return an address with an ASCII domain where its local part allows that, so that SMTPUTF8 is not needed."""
    local, at, domain = address.rpartition("@")
    if domain.isascii() or not local.isascii():
        return address
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


def _reply(code: int, words: bytes, smarthost: str) -> Reply:
    text = " ".join(words.decode("utf-8", "replace").split())
    found = _ENHANCED.match(text)
    if found is None:
        return Reply(code, "", text, smarthost)
    return Reply(code, found[1], text[found.end() :].replace(f"{found[1]} ", ""), smarthost)
