"""The commands that have to wait for somebody: DATA for the journal, AUTH for a password, STARTTLS for a handshake."""

import asyncio
from concurrent.futures import Future

from maild.doors import auth
from maild.doors.dialogue import TOO_BIG, Transaction
from maild.doors.incoming import Incoming, TryAgain
from maild.doors.reader import DataReader, Ended, Fault, received_hops
from maild.doors.session import Session
from maild.doors.throttle import client_key
from maild.journal.model import JournalUnavailable
from maild.log import events
from maild.message.envelope import Envelope

CHUNK_OCTETS = 256 * 1024

GO_ON = "354 End data with <CR><LF>.<CR><LF>"
BYE = "221 2.0.0 Bye"
READY_FOR_TLS = "220 2.0.0 Ready to start TLS"
BARE_IN_DATA = "554 5.6.0 The mail has a bare CR or LF"  # RFC 5321 section 2.3.8
LOOPING = "554 5.4.6 Too many hops"  # RFC 5321 section 6.3
WELCOME = "235 2.7.0 Authentication successful"
WRONG_PASSWORD = "535 5.7.8 Authentication credentials invalid"
NO_CREDENTIALS = "501 5.5.2 Cannot read that"
GIVEN_UP = "501 5.7.0 Authentication cancelled"
UNKNOWN_MECHANISM = "504 5.5.4 Mechanism not available"
TOO_MANY_TRIES = "421 4.7.0 Too many failed passwords"
REST_A_WHILE = "454 4.7.0 Too many failed passwords, please try again later"

REFUSALS = {Fault.TOO_BIG: TOO_BIG, Fault.BARE_LINE_END: BARE_IN_DATA, Fault.NO_ROOM: TryAgain("4.3.1").reply}


class MailSession(Session):
    """A connection that can take mail; how the end of one is answered is the subclass's."""

    tries = 0

    async def slow(self, verb: str, argument: str) -> str:
        """Obey DATA, QUIT, STARTTLS and AUTH."""
        match verb:
            case "DATA":
                return await self._data(argument)
            case "QUIT":
                self._is_leaving = True
                return BYE
            case "STARTTLS":
                return await self._starttls(argument)
            case "AUTH":
                return await self._auth(argument)
            case _:
                return self.not_mail(verb)

    async def _starttls(self, argument: str) -> str:
        refused = self.dialogue.before_tls(argument)
        if not refused:
            self._unsaid.append(READY_FOR_TLS)
            await self.begin_tls()
        return refused

    # DATA

    async def _data(self, argument: str) -> str:
        refused = self.dialogue.before_data(argument)
        if refused:
            return refused
        await self.push(GO_ON)
        reader = DataReader(
            self.policy.octets_max, mend_line_ends=self.policy.mend_line_ends and self.client.is_trusted
        )
        self._data_until = self.loop.time() + self.policy.data_seconds if self.policy.data_seconds else 0.0
        try:
            await self._read_data(reader)
            self.is_busy = True
            return await self._finish(reader)
        finally:
            self._data_until = 0.0
            self.is_busy = False
            self.heard = self.loop.time()
            self.dialogue.transaction = Transaction()
            reader.close()

    async def _read_data(self, reader: DataReader) -> None:
        ended: Ended | None = None
        while ended is None:
            chunk = await self.inbox.read(CHUNK_OCTETS)
            if not chunk:
                raise ConnectionResetError  # Half a mail is no mail.
            self.heard = self.loop.time()
            ended = reader.feed(chunk)
        self.inbox.put_back(ended.rest)

    async def _finish(self, reader: DataReader) -> str:
        """Answer a mail that has been read to its end."""
        if reader.fault is not None:
            reply = REFUSALS[reader.fault]
            events.message_refused(door=self.door, client=self.client.address, reply=reply, because=reader.fault)
            return self.for_all(reply)
        try:
            octets = await asyncio.to_thread(reader.octets) if reader.is_spooled else reader.octets()
            if self.policy.received_hops and received_hops(octets) > self.policy.received_hops:
                return self.for_all(LOOPING)
            entry = await self._accepted(octets)
        except asyncio.CancelledError:
            raise
        except (TryAgain, JournalUnavailable) as fault:
            reply = TryAgain(fault.status).reply
            self._log_fault(reply, fault.detail)
            return self.for_all(reply)
        except Exception as fault:
            # Whatever it is, it is ours and temporary: the client keeps the mail.
            events.worker_failed(worker=self.door)
            self._log_fault(TryAgain().reply, type(fault).__name__)
            return self.for_all(TryAgain().reply)
        self.mail_taken()
        return self.for_all(f"250 2.0.0 Ok: queued as {entry}")

    def _log_fault(self, reply: str, because: str) -> None:
        events.message_refused(door=self.door, client=self.client.address, reply=reply, because=because)

    async def _accepted(self, octets: bytes) -> str:
        """Return the entry id once the mail is durable; raises TryAgain."""
        incoming = Incoming(envelope=self._envelope(), octets=octets)
        kept = asyncio.wrap_future(self.callbacks.accept(incoming), loop=self.loop)
        kept.add_done_callback(_looked_at)
        # Shielded: a client that goes away now must not take the mail out of its group.
        try:
            return await asyncio.shield(kept)
        except asyncio.CancelledError:
            if kept.cancelled():
                raise TryAgain(detail="the journal has stopped") from None
            raise

    def _envelope(self) -> Envelope:
        mail = self.dialogue.transaction
        return Envelope(
            door=self.door,
            received_at=self.callbacks.now(),
            mail_from=mail.mail_from,
            rcpt_to=tuple(mail.recipients),
            client=self.client.address,
            helo=self.dialogue.helo,
            authenticated_as=self.dialogue.authenticated_as,
            trusted=self.client.is_trusted,
        )

    def for_all(self, reply: str) -> str:
        """Return the answer to the end of a mail, from what became of it; LMTP repeats it for each recipient."""
        return reply

    # AUTH

    async def _auth(self, argument: str) -> str:
        refused = self.dialogue.before_auth()
        if refused:
            return refused
        key = client_key(self.client.address)
        if self.crowd.auth_failures.is_empty(key, self.policy.auth_failures, self.loop.time()):
            return REST_A_WHILE
        mechanism, _, initial = argument.partition(" ")
        try:
            credentials = await self._credentials(mechanism.upper(), initial.strip())
        except auth.NotCredentials:
            return self._failed_try(NO_CREDENTIALS)
        if isinstance(credentials, str):
            return credentials
        async with self.crowd.auth_gate:
            is_user = await asyncio.to_thread(auth.is_user, self.policy.users, credentials)
        if is_user:
            self.dialogue.authenticated_as = credentials.login.lower()
            return WELCOME
        self.crowd.auth_failures.take(key, self.policy.auth_failures, self.loop.time())
        events.authentication_failed(door=self.door, client=self.client.address, user=credentials.login)
        await asyncio.sleep(self.policy.auth_delay_seconds)  # A guesser waits; so does who mistypes, once.
        return self._failed_try(WRONG_PASSWORD)

    def _failed_try(self, reply: str) -> str:
        self.tries += 1
        if self.policy.auth_tries and self.tries >= self.policy.auth_tries:
            self.cut(TOO_MANY_TRIES)
            return ""
        return reply

    async def _credentials(self, mechanism: str, initial: str) -> auth.Credentials | str:
        """Return what the client says that it is, or the reply that ends the try."""
        if mechanism not in {"PLAIN", "LOGIN"}:
            return UNKNOWN_MECHANISM
        first = initial or await self._challenge("" if mechanism == "PLAIN" else "VXNlcm5hbWU6")  # "Username:"
        if first == "*":
            return GIVEN_UP
        if mechanism == "PLAIN":
            return auth.from_plain(first)
        login = auth.from_base64(first)
        second = await self._challenge("UGFzc3dvcmQ6")  # "Password:"
        if second == "*":
            return GIVEN_UP
        return auth.Credentials(login=login, password=auth.from_base64(second))

    async def _challenge(self, words: str) -> str:
        await self.push(f"334 {words}")
        line = await self._line()
        if not line.endswith(b"\r\n"):
            raise auth.NotCredentials("no whole line")
        self.heard = self.loop.time()
        return line[:-2].decode("ascii", errors="replace")


def _looked_at(kept: "asyncio.Future[str] | Future[str]") -> None:
    # Nobody may be left to hear of a fault; asked for once, it is not reported a second time.
    if not kept.cancelled():
        kept.exception()
