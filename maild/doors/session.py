"""One connection: aiosmtpd's protocol, with our own way of reading commands and data.

What is replaced, and why: aiosmtpd's DATA holds a line without end in memory and looks at each line apart; its commands
may end in a bare LF; its faults go to the client in words; it looks through all its attributes for each connection,
which alone costs a quarter of a millisecond; and its read loop is a coroutine that is resumed for each line.
Here octets are obeyed as they come, in `data_received`: only AUTH and STARTTLS, which wait, are coroutines.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP

from maild.base.words import DoorName
from maild.doors.crowd import Crowd
from maild.doors.dialogue import BRING_NO_MAIL, SMTP_VERBS, Client, Dialogue, obey
from maild.doors.incoming import Accept, RecipientCheck, TryAgain
from maild.doors.lines import Lines
from maild.doors.policy import DoorPolicy
from maild.doors.reader import DataReader
from maild.doors.throttle import is_within
from maild.log import events

AHEAD_OCTETS_MAX = 64 * 1024  # A client that sends more while it has to wait is not read on.
COMMANDS_AT_ONCE = 100  # Then the other clients have their turn.
COMMAND_OCTETS_MAX = 2048  # RFC 5321 section 4.5.3.1.4 asks for 512; our tokens, SMTPUTF8 and AUTH need more.
HANDSHAKE_SECONDS = 30.0
TICK_SECONDS = 10.0

NOT_MAIL = "521 5.5.1 This is a mail server"
IDLE = "421 4.4.2 Nothing was heard for too long"
DATA_TOO_SLOW = "421 4.4.2 The mail took too long"
LEAVING = "421 4.3.2 The service is stopping"
TOO_MANY_ERRORS = "421 4.7.0 Too many errors"
TOO_MUCH_IDLING = "421 4.7.0 Too many commands without a mail"
TOO_MANY_RCPTS = "421 4.7.0 Too many recipients"
BARE_LF = "500 5.5.2 A line ends in CR LF"
TOO_LONG = "500 5.5.2 Line too long"
BAD_OCTETS = "500 5.5.2 Control characters or bad UTF-8"
UNKNOWN_VERB = "500 5.5.1 Command not recognized"

_NOT_MAIL = re.compile(r"GET|POST|PUT|HEAD|OPTIONS|DELETE|PATCH|TRACE|CONNECT|PRI|PROXY|[!-9;-~]+:")


Errand = Callable[[], Awaitable[str]]
"""What a command does that has to wait; gives its reply, "" for none."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What a door asks of the rest of the house; all are called on the event loop and must not block."""

    accept: Accept
    recipient_known: RecipientCheck
    now: Callable[[], datetime]
    has_room: Callable[[], bool] = lambda: True  # False while free space is below the floor
    spool_folder: Path | None = None  # where large mails wait until they are kept; None: the system's own place


class Session(SMTP):
    """One client's connection, from its greeting to its last octet.

    Subclasses in `smtp` and `lmtp` say how a mail ends; `commands` adds DATA, AUTH and STARTTLS.
    """

    door = DoorName.SMTP
    verbs = SMTP_VERBS
    protocol = "ESMTP"

    def __init__(self, policy: DoorPolicy, callbacks: Callbacks, crowd: Crowd, *, implicit_tls: bool = False) -> None:
        """Begin before there is a transport; must be called on the running event loop."""
        self._be_a_protocol(asyncio.get_running_loop(), policy)
        self.policy = policy
        self.callbacks = callbacks
        self.crowd = crowd
        self.client = Client()
        self.heard = self.loop.time()
        self.is_busy = False
        self.lines = Lines(COMMAND_OCTETS_MAX)
        self._is_handshaking = implicit_tls
        self._turned_away = ""
        self._is_leaving = False
        self._is_retiring = False
        self._is_held = True  # nothing is obeyed now: before the greeting, and while a command waits for somebody
        self._is_stuffed = False  # the client does not read our answers
        self._is_deaf = False  # we do not read the client
        self._has_ended = False  # the client will say no more
        self._wanted_line: asyncio.Future[bytes] | None = None  # by an AUTH that has asked something
        self._errand: asyncio.Future[Errand] = self.loop.create_future()
        self._incoming: DataReader | None = None  # while the octets that come are a mail's
        self._unsaid: list[str] = []
        self._data_until = 0.0  # 0: no data are being read
        self._errors = self._idling = 0
        self.dialogue = self._new_dialogue()

    def _be_a_protocol(self, loop: asyncio.AbstractEventLoop, policy: DoorPolicy) -> None:
        # SMTP.__init__ is left out on purpose, see above; a test compares what it would set.
        unused = asyncio.StreamReader(loop=loop)
        asyncio.StreamReaderProtocol.__init__(self, unused, client_connected_cb=self._cb_client_connected, loop=loop)
        self.loop = loop
        self.enable_SMTPUTF8 = True
        self.session = None
        self.envelope = None
        self.transport = None
        self._handle_hooks = {}
        self._timeout_handle = None
        self._timeout_duration = policy.idle_seconds
        self._original_transport = None
        self._handler_coroutine = None

    def _new_dialogue(self) -> Dialogue:
        return Dialogue(
            door=self.door,
            policy=self.policy,
            client=self.client,
            recipient_known=self.callbacks.recipient_known,
            refusal=self._refusal_of_sender,
        )

    def _refusal_of_sender(self, sender: str) -> str:
        if not self.callbacks.has_room():
            return TryAgain("4.3.1").reply
        return self.crowd.too_fast(self, sender, self.policy, self.loop.time())

    # The transport's side: aiosmtpd and asyncio call these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there: know it, count it, begin to talk."""
        self.client = self._recognise(transport)
        self.dialogue = self._new_dialogue()
        self._turned_away = self.crowd.admit(self, self.policy)
        super().connection_made(transport)

    def _recognise(self, transport: asyncio.BaseTransport) -> Client:
        peer = transport.get_extra_info("peername")
        if not isinstance(peer, tuple):  # A unix socket.
            return Client(is_exempt=True, is_trusted=self.door is DoorName.LMTP)
        address = str(peer[0])
        return Client(
            address=address,
            is_exempt=is_within(address, self.policy.exempt_clients),
            is_trusted=self.door is DoorName.LMTP or is_within(address, self.policy.trusted_relays),
        )

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone; what it did not finish is forgotten."""
        self._is_leaving = True
        self.crowd.leave(self)
        if self._incoming is not None and not self.is_busy:
            self._incoming.close()
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Obey what the client says, unless it has to wait."""
        self.lines.feed(data)
        self._go_on()

    def eof_received(self) -> bool:
        """The client will say no more; what it has said already is still answered."""
        self._has_ended = True
        self._go_on()
        return not self.dialogue.is_secure

    def pause_writing(self) -> None:
        """The client does not read: obey nothing more until it does."""
        super().pause_writing()
        self._is_stuffed = True

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        self._is_stuffed = False
        self.loop.call_soon(self._go_on)

    def _reset_timeout(self, duration: float | None = None) -> None:
        # One timer a connection, which looks at `heard`, in place of one a command.
        self.heard = self.loop.time()
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(duration or self._tick_seconds(), self._timeout_cb)

    def _tick_seconds(self) -> float:
        times = (self.policy.idle_seconds, self.policy.stressed_idle_seconds, self.policy.data_seconds, TICK_SECONDS)
        return min(seconds for seconds in times if seconds)

    def _timeout_cb(self) -> None:
        reply = self._too_late()
        self._timeout_handle = self.loop.call_later(self._tick_seconds() / 2, self._timeout_cb)
        if reply:
            self.cut(reply)

    def _too_late(self) -> str:
        now = self.loop.time()
        if self.is_busy:
            return ""
        if self._data_until and now >= self._data_until:
            return DATA_TOO_SLOW
        is_stressed = self.crowd.is_stressed(self.policy)
        allowed = self.policy.stressed_idle_seconds if is_stressed else self.policy.idle_seconds
        return IDLE if allowed and now - self.heard >= allowed else ""

    def cut(self, reply: str) -> None:
        """Say a last word and hang up, at once."""
        self._is_leaving = True
        if not isinstance(self.transport, asyncio.Transport):
            return
        if self.transport.is_closing():
            self.transport.abort()  # It hung up already, and its last words are not read.
            return
        events.connection_refused(door=self.door, client=self.client.address, because=reply)
        if not self._is_handshaking:
            self._unsaid.append(reply)
            self._write()
        is_stuck = self.transport.get_write_buffer_size() > 0
        self.transport.close()
        if is_stuck:
            self.transport.abort()  # A client that does not read may not keep us either.

    def retire(self) -> None:
        """The door closes: hang up now, or behind the mail that is in hand."""
        self._is_retiring = True
        if not self._is_leaving and not self.is_busy and self.dialogue.transaction.mail_from is None:
            self.cut(LEAVING)

    # The conversation.

    async def push(self, status: str | bytes) -> None:
        """Say a reply now, behind those that wait."""
        self._unsaid.append(status if isinstance(status, str) else status.decode())
        self._write()

    def _write(self) -> None:
        if self._unsaid and isinstance(self.transport, asyncio.Transport):
            self.transport.write(("\r\n".join(self._unsaid) + "\r\n").encode())
        self._unsaid.clear()

    async def _handle_client(self) -> None:
        # aiosmtpd starts this for each connection; it greets, and then goes on the errands of the commands that wait.
        try:
            if self._turned_away:
                self.cut(self._turned_away)
                return
            if self._is_handshaking:
                await self.begin_tls()
            self._resume(f"220 {self.policy.hostname} {self.protocol} maild")
            while not self._is_leaving:
                errand = await self._errand
                self._errand = self.loop.create_future()
                self._resume(await self._reply_of(errand))
        except OSError as error:  # The client hung up, or its TLS failed: ConnectionError and SSLError are such.
            self._gone(error)
        except Exception:
            events.worker_failed(worker=self.door)
            self._hang_up()

    def _gone(self, error: OSError) -> None:
        events.connection_refused(door=self.door, client=self.client.address, because=type(error).__name__)
        self._hang_up()

    def _hang_up(self) -> None:
        self._is_leaving = True
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()

    async def _reply_of(self, errand: Errand) -> str:
        try:
            return await errand()
        except OSError:  # The client's line, not ours.
            raise
        except Exception:
            return self._fault_of_ours()

    def send_on_errand(self, errand: Errand) -> None:
        """Let a command wait for somebody; what it returns is its reply, and until then nothing else is obeyed."""
        self._is_held = True
        self._errand.set_result(errand)

    async def next_line(self) -> bytes:
        """Return the line that an errand has asked the client for; "" when none will come."""
        self._wanted_line = self.loop.create_future()
        self._go_on()
        try:
            return await self._wanted_line
        finally:
            self._wanted_line = None

    def _resume(self, reply: str) -> None:
        """Say what came of what was waited for, and obey on."""
        self._is_held = False
        self._replied(reply)
        self._go_on()

    def _go_on(self) -> None:
        """Obey all that can be obeyed now, and say the answers in one write (RFC 2920 section 3.2)."""
        try:
            if self._wanted_line is not None:
                self._hand_over_line(self._wanted_line)
            commands = 0
            while self._is_open() and commands < COMMANDS_AT_ONCE and self.next_step():
                commands += 1
            if commands == COMMANDS_AT_ONCE:
                self.loop.call_soon(self._go_on)
            elif self._has_ended and self._is_open():
                self._say_no_more()
            self._write()
        except Exception:
            events.worker_failed(worker=self.door)
            self._is_leaving = True
        if self._is_leaving:
            self._hang_up()
        else:
            self._listen_or_not()

    def _hand_over_line(self, wanted: "asyncio.Future[bytes]") -> None:
        if wanted.done():
            return
        line = self.lines.line()
        if line is not None:
            self.heard = self.loop.time()
        if line is not None or self._has_ended:
            wanted.set_result(line or b"")

    def _is_open(self) -> bool:
        return not (self._is_held or self._is_leaving or self._is_stuffed)

    def _say_no_more(self) -> None:
        self._is_leaving = True
        if self._incoming is not None:
            self._write()  # A whole mail may stand before it, and its answer has to be heard.
            self._gone(ConnectionResetError())  # Half a mail is no mail.

    def _listen_or_not(self) -> None:
        """Stop reading a client that sends on and on while it has to wait."""
        is_full = len(self.lines) > AHEAD_OCTETS_MAX
        if is_full is self._is_deaf or not isinstance(self.transport, asyncio.Transport):
            return
        self._is_deaf = is_full
        if is_full:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def next_step(self) -> bool:
        """Obey the next command; False when none has come whole."""
        line = self.lines.line()
        if line is None:
            return False
        self.heard = self.loop.time()
        reply = self._answer(line)
        if reply is not None:
            self._replied(reply)
        return True

    def _replied(self, reply: str) -> None:
        """Note the answer to a command, count it, and hang up at the limits."""
        if reply:
            self._unsaid.append(reply)
        self._count(reply)
        if self._is_retiring and not self._is_leaving and self.dialogue.transaction.mail_from is None:
            self.cut(LEAVING)

    def _answer(self, line: bytes) -> str | None:
        refused, text = self._as_text(line)
        if refused:
            return refused
        word, _, argument = text.partition(" ")
        verb = word.upper()
        if verb in BRING_NO_MAIL:
            self._idling += 1
        quick = self.verbs.get(verb)
        try:
            if quick is None:
                return self.own(verb, argument.strip())
            reply = obey(self.dialogue, quick, argument.strip())
        except Exception:
            return self._fault_of_ours()
        if verb == "RCPT" and reply.startswith("5"):
            events.recipient_refused(door=self.door, client=self.client.address, rcpt_to=_path(argument), reply=reply)
        return reply

    def _fault_of_ours(self) -> str:
        """Answer an error that nobody expected: it is temporary, and no word of it is the client's business."""
        events.worker_failed(worker=self.door)
        return TryAgain().reply

    def _as_text(self, line: bytes) -> tuple[str, str]:
        if len(line) > COMMAND_OCTETS_MAX:
            return TOO_LONG, ""
        if not line.endswith(b"\r\n"):
            return BARE_LF, ""
        try:
            text = line[:-2].decode("utf-8").rstrip(" \t")
        except UnicodeDecodeError:
            return BAD_OCTETS, ""
        return ("" if text.isprintable() else BAD_OCTETS), text

    def own(self, verb: str, argument: str) -> str | None:  # noqa: ARG002 - for verbs that take one
        """Obey a verb that is the connection's own; None when the reply comes later, "" when there is none.

        Here none is: what is no verb of ours is refused; another protocol is cut, before its body can pass for a mail.
        """
        if _NOT_MAIL.fullmatch(verb):
            self.cut(NOT_MAIL)
            return ""
        return UNKNOWN_VERB

    def _count(self, reply: str) -> None:
        """Count errors and idling, and hang up at their limits."""
        if reply.startswith("5"):
            self._errors += 1
        limit = ""
        if self.policy.errors and self._errors >= self.policy.errors:
            limit = TOO_MANY_ERRORS
        elif self.policy.idle_commands and self._idling > self.policy.idle_commands:
            limit = TOO_MUCH_IDLING
        elif self.dialogue.transaction.rcpt_commands >= self.policy.recipients_cut:
            limit = TOO_MANY_RCPTS
        if limit and not self._is_leaving:
            self.cut(limit)

    def mail_taken(self) -> None:
        """A mail has come: errors and idling count from here anew."""
        self._errors = self._idling = 0

    async def begin_tls(self) -> None:
        """Turn the connection into a secure one; what the client said in clear is dropped (RFC 3207 section 4.2).

        Until `start_tls` has stopped the old transport nothing waits, so no octet of the handshake is dropped with it.
        """
        if self.policy.tls is None or not isinstance(self.transport, asyncio.Transport):
            raise ConnectionAbortedError
        self._write()
        self.lines.drop()
        self._is_deaf = False
        self._is_handshaking = True
        self._original_transport = self.transport
        try:
            secure = await self.loop.start_tls(
                self.transport, self, self.policy.tls, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
            if secure is None or self.session is None:
                raise ConnectionResetError
        except OSError:
            self.crowd.leave(self)  # asyncio tells nobody of a connection that is lost within its handshake
            raise
        self.transport = secure
        self._is_handshaking = False
        self.dialogue.forget()


def _path(argument: str) -> str:
    """Return the address in the argument of RCPT for the log, read or not: ``TO:<a@b>`` is ``a@b``."""
    path = argument.partition(":")[2].strip().partition(" ")[0]
    return path[1:-1] if path.startswith("<") and path.endswith(">") else path or argument
