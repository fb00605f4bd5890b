"""The commands that wait for somebody: DATA for the journal, AUTH for a password, STARTTLS for a handshake."""

import asyncio
from concurrent.futures import CancelledError, Future

from maild.doors import auth
from maild.doors.dialogue import TOO_BIG, Transaction
from maild.doors.incoming import Incoming, TryAgain
from maild.doors.reader import DataReader, Fault, received_hops
from maild.doors.session import Session
from maild.doors.throttle import client_key
from maild.journal.model import JournalUnavailable
from maild.log import events
from maild.message.envelope import Envelope

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

    def own(self, verb: str, argument: str) -> str | None:
        """Obey DATA, QUIT, STARTTLS and AUTH."""
        match verb:
            case "DATA":
                return self._begin_data(argument)
            case "QUIT":
                self._is_leaving = True
                return BYE
            case "STARTTLS":
                return self._begin_starttls(argument)
            case "AUTH":
                return self._begin_auth(argument)
            case _:
                return super().own(verb, argument)

    def _begin_starttls(self, argument: str) -> str | None:
        refused = self.dialogue.before_tls(argument)
        if refused:
            return refused
        self.send_on_errand(self._starttls)
        return None

    async def _starttls(self) -> str:
        self._unsaid.append(READY_FOR_TLS)  # Said by `begin_tls`, which reads nothing in clear behind it.
        await self.begin_tls()
        return ""

    # DATA

    def _begin_data(self, argument: str) -> str:
        refused = self.dialogue.before_data(argument)
        if refused:
            return refused
        mend = self.policy.mend_line_ends and self.client.is_trusted
        self._incoming = DataReader(self.policy.octets_max, mend_line_ends=mend, folder=self.callbacks.spool_folder)
        self._data_until = self.loop.time() + self.policy.data_seconds if self.policy.data_seconds else 0.0
        return GO_ON

    def next_step(self) -> bool:
        """Obey the next command, or take the next octets of a mail."""
        if self._incoming is None:
            return super().next_step()
        octets = self.lines.rest()
        if not octets:
            return False
        self.heard = self.loop.time()
        ended = self._incoming.feed(octets)
        if ended is not None:
            self.lines.feed(ended.rest)
            self._end_data(self._incoming)
        return True

    def _end_data(self, reader: DataReader) -> None:
        """Hand over a mail that has been read to its end; its answer comes with the journal's, or now."""
        try:
            kept = self._handed_over(reader)
        except Exception as fault:
            self._data_done(self._refused(fault))
        else:
            if isinstance(kept, str):
                self._data_done(kept)
                return
            self.is_busy = self._is_held = True
            self.crowd.promises.watch(kept, self._kept)

    def _handed_over(self, reader: DataReader) -> "Future[str] | str":
        """Return the journal's promise, or the reply to a mail that is not for it."""
        if reader.fault is not None:
            reply = REFUSALS[reader.fault]
            self._log_refusal(reply, reader.fault)
            return reply
        incoming = Incoming(envelope=self._envelope(), octets=reader.octets())
        if self.policy.received_hops and received_hops(incoming.content.head) > self.policy.received_hops:
            return LOOPING
        return self.callbacks.accept(incoming)

    def _kept(self, kept: "Future[str]") -> None:
        """Answer a mail that the journal has kept, durably, or could not keep. The client may be gone meanwhile."""
        try:
            reply = f"250 2.0.0 Ok: queued as {kept.result()}"
            self.mail_taken()
        except CancelledError:
            reply = self._refused(TryAgain(detail="the journal has stopped"))
        except Exception as fault:
            reply = self._refused(fault)
        self.is_busy = self._is_held = False
        self._data_done(reply)
        self._go_on()

    def _data_done(self, reply: str) -> None:
        reply = self.for_all(reply)
        if self._incoming is not None:
            self._incoming.close()
        self._incoming = None
        self._data_until = 0.0
        self.heard = self.loop.time()
        self.dialogue.transaction = Transaction()
        self._replied(reply)

    def _refused(self, fault: Exception) -> str:
        """Return the reply to a fault; whatever it is, it is ours and temporary: the client keeps the mail."""
        if isinstance(fault, TryAgain | JournalUnavailable):
            reply = TryAgain(fault.status).reply
            self._log_refusal(reply, fault.detail)
        else:
            events.worker_failed(worker=self.door)
            reply = TryAgain().reply
            self._log_refusal(reply, type(fault).__name__)
        return reply

    def _log_refusal(self, reply: str, because: str) -> None:
        events.message_refused(door=self.door, client=self.client.address, reply=reply, because=because)

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

    def _begin_auth(self, argument: str) -> str | None:
        refused = self.dialogue.before_auth()
        if refused:
            return refused
        key = client_key(self.client.address)
        if self.crowd.auth_failures.is_empty(key, self.policy.auth_failures, self.loop.time()):
            return REST_A_WHILE
        self.send_on_errand(lambda: self._auth(key, argument))
        return None

    async def _auth(self, key: str, argument: str) -> str:
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
        line = await self.next_line()
        if not line.endswith(b"\r\n"):
            raise auth.NotCredentials("no whole line")
        return line[:-2].decode("ascii", errors="replace")
