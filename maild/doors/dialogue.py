"""What an SMTP or LMTP client has said so far, and the answers that follow from it alone (RFC 5321, RFC 2033).

No socket and no waiting: one command in, one reply out, without the CRLF of its last line.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from maild.base.domains import in_own_letters
from maild.base.words import DoorName
from maild.doors.incoming import RecipientCheck, TryAgain
from maild.doors.paths import Argument, NotAPath, read_argument
from maild.doors.policy import DoorPolicy

OK = "250 2.0.0 Ok"
NOT_SAID = "252 2.0.0 Send some mail, it will be tried"  # RFC 5321 section 7.3: the same for all that ask.
UNKNOWN_RECIPIENT = "550 5.1.1 No such mailbox here"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"  # RFC 5321 section 4.5.3.1.10
TOO_BIG = "552 5.3.4 Message is larger than the fixed maximum"
NEEDS_UTF8 = "553 5.6.7 That address needs SMTPUTF8"  # RFC 6531 section 3.5
HELO_CHARACTERS_MAX = 255
_BODIES = {"7BIT", "8BITMIME"}


@dataclass(frozen=True, slots=True)
class Client:
    """Who is at the other end. `address` is an IP address, "" on a unix socket."""

    address: str = ""
    is_exempt: bool = False  # from the limits per client and sender
    is_trusted: bool = False  # its Authentication-Results count


@dataclass(slots=True)
class Transaction:
    """One mail in the making: from MAIL to the end of DATA."""

    mail_from: str | None = None
    is_utf8: bool = False
    recipients: list[str] = field(default_factory=list)
    rcpt_commands: int = 0


@dataclass(slots=True)
class Dialogue:
    """The state of one connection. Each method obeys the verb of its name and returns the whole reply.

    `recipient_known` and `refusal` may raise TryAgain; `refusal` is asked at MAIL with the sender, and returns "" or a
    4xx reply (rates, free space).
    """

    door: DoorName
    policy: DoorPolicy
    client: Client
    recipient_known: RecipientCheck
    refusal: Callable[[str], str]
    is_secure: bool = False  # TLS
    helo: str = ""
    is_extended: bool = False
    authenticated_as: str = ""
    transaction: Transaction = field(default_factory=Transaction)

    def forget(self) -> None:
        """TLS has begun: nothing that was said before it counts (RFC 3207 section 4.2)."""
        self.is_secure = True
        self.helo = self.authenticated_as = ""
        self.is_extended = False
        self.transaction = Transaction()

    def say_helo(self, argument: str) -> str:
        """Obey HELO."""
        return self._greeted(argument) or f"250 {self.policy.hostname}"

    def say_ehlo(self, argument: str) -> str:
        """Obey EHLO or LHLO: the extensions, one a line."""
        refused = self._greeted(argument)
        if refused:
            return refused
        self.is_extended = True
        lines = [self.policy.hostname, *self._extensions()]
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def _greeted(self, argument: str) -> str:
        if not argument or len(argument) > HELO_CHARACTERS_MAX:
            return "501 5.5.4 Say your host name"
        self.helo = argument
        self.is_extended = False
        self.transaction = Transaction()
        return ""

    def _extensions(self) -> list[str]:
        names = ["PIPELINING", f"SIZE {self.policy.octets_max}", "8BITMIME", "SMTPUTF8"]
        if self.policy.tls is not None and not self.is_secure:
            names.append("STARTTLS")
        if self.policy.users and self.is_secure:
            names.append("AUTH PLAIN LOGIN")
        return [*names, "ENHANCEDSTATUSCODES"]

    def say_mail(self, argument: str) -> str:
        """Obey MAIL."""
        if not self.helo:
            return "503 5.5.1 Say EHLO first"
        if self.policy.require_tls and not self.is_secure:
            return "530 5.7.0 Must issue a STARTTLS command first"
        if self.transaction.mail_from is not None:
            return "503 5.5.1 One mail at a time"
        sender = read_argument("FROM:", argument)
        refused = self._bad_sender(sender) or self.refusal(sender.address)
        if refused:
            return refused
        self.transaction = Transaction(mail_from=sender.address, is_utf8="SMTPUTF8" in sender.parameters)
        return "250 2.1.0 Ok"

    def _bad_sender(self, sender: Argument) -> str:
        given = dict(sender.parameters)
        if given and not self.is_extended:
            return "555 5.5.4 Parameters need EHLO"
        if not sender.address.isascii() and "SMTPUTF8" not in given:
            return NEEDS_UTF8
        size = given.pop("SIZE", "0")
        if not (size.isascii() and size.isdigit() and len(size) <= 20):
            return "501 5.5.4 SIZE is a number of octets"
        if self.policy.octets_max and int(size) > self.policy.octets_max:
            return TOO_BIG
        if given.pop("BODY", "7BIT").upper() not in _BODIES or given.pop("SMTPUTF8", ""):
            return "501 5.5.4 BODY is 7BIT or 8BITMIME, SMTPUTF8 stands alone"
        if self.is_secure and self.policy.users:
            given.pop("AUTH", "")  # RFC 4954 section 5: we give it no meaning.
        return "555 5.5.4 Parameter not recognized" if given else ""

    def say_rcpt(self, argument: str) -> str:
        """Obey RCPT: known here, or 550; there is no other way out of this house (RFC 5321 section 3.6)."""
        mail = self.transaction
        if mail.mail_from is None:
            return "503 5.5.1 Say MAIL first"
        mail.rcpt_commands += 1
        recipient = read_argument("TO:", argument)
        if self.policy.recipients and len(mail.recipients) >= self.policy.recipients:
            return TOO_MANY_RECIPIENTS
        address = in_own_letters(recipient.address)
        refused = self._bad_recipient(recipient) or ("" if self.recipient_known(address) else UNKNOWN_RECIPIENT)
        if refused:
            return refused
        mail.recipients.append(address)
        return "250 2.1.5 Ok"

    def _bad_recipient(self, recipient: Argument) -> str:
        if not recipient.address:
            return "501 5.5.4 Syntax: TO:<address>"
        if recipient.parameters:
            return "555 5.5.4 Parameter not recognized"
        if not recipient.address.isascii() and not self.transaction.is_utf8:
            return NEEDS_UTF8
        return ""

    def before_data(self, argument: str) -> str:
        """Return why DATA cannot begin, or ""."""
        if argument:
            return "501 5.5.4 Syntax: DATA"
        if self.transaction.mail_from is None:
            return "503 5.5.1 Say MAIL first"
        if not self.transaction.recipients:
            return "554 5.5.1 No valid recipients"
        return ""

    def before_auth(self) -> str:
        """Return why AUTH cannot begin, or "" (RFC 4954 section 4)."""
        if not self.policy.users:
            return "502 5.5.1 AUTH is not available"
        if not self.is_secure:
            return "538 5.7.11 Encryption required for requested authentication mechanism"
        if not self.is_extended:
            return "503 5.5.1 Say EHLO first"
        if self.authenticated_as or self.transaction.mail_from is not None:
            return "503 5.5.1 Not now"
        return ""

    def before_tls(self, argument: str) -> str:
        """Return why STARTTLS cannot begin, or ""."""
        if argument:
            return "501 5.5.4 Syntax: STARTTLS"
        if self.is_secure:
            return "503 5.5.1 TLS has begun already"
        return "" if self.policy.tls is not None else "502 5.5.1 TLS is not available"

    def say_rset(self, argument: str) -> str:
        """Obey RSET."""
        if argument:
            return "501 5.5.4 Syntax: RSET"
        self.transaction = Transaction()
        return OK

    def say_noop(self, _argument: str) -> str:
        """Obey NOOP; its argument means nothing."""
        return OK

    def say_vrfy(self, argument: str) -> str:
        """Obey VRFY or EXPN: the same words for the known and the unknown."""
        return NOT_SAID if argument else "501 5.5.4 Say an address"

    def say_help(self, _argument: str) -> str:
        """Obey HELP."""
        return "214 2.0.0 See RFC 5321"


Verb = Callable[[Dialogue, str], str]

QUICK: dict[str, Verb] = {
    "MAIL": Dialogue.say_mail,
    "RCPT": Dialogue.say_rcpt,
    "RSET": Dialogue.say_rset,
    "NOOP": Dialogue.say_noop,
    "VRFY": Dialogue.say_vrfy,
    "EXPN": Dialogue.say_vrfy,
    "HELP": Dialogue.say_help,
}
SMTP_VERBS: dict[str, Verb] = {**QUICK, "HELO": Dialogue.say_helo, "EHLO": Dialogue.say_ehlo}
LMTP_VERBS: dict[str, Verb] = {**QUICK, "LHLO": Dialogue.say_ehlo}  # RFC 2033 section 4.1: neither HELO nor EHLO
BRING_NO_MAIL = frozenset({"NOOP", "RSET", "VRFY", "EXPN", "HELP", "HELO", "EHLO", "LHLO"})


def obey(dialogue: Dialogue, verb: Verb, argument: str) -> str:
    """Obey a verb; grammar faults and TryAgain become their replies, anything else is the caller's to catch."""
    try:
        return verb(dialogue, argument)
    except NotAPath as refused:
        return refused.reply
    except TryAgain as fault:
        return fault.reply
