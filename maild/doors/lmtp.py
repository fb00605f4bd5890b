"""The LMTP door: as SMTP, but each recipient gets its own answer at the end of a mail (RFC 2033)."""

from maild.base.words import DoorName
from maild.doors.commands import MailSession
from maild.doors.dialogue import LMTP_VERBS
from maild.doors.smtp import Door


class LmtpSession(MailSession):
    """A connection of the LMTP door."""

    door = DoorName.LMTP
    verbs = LMTP_VERBS
    protocol = "LMTP"

    def for_all(self, reply: str) -> str:
        """Repeat what became of the mail for each accepted recipient (RFC 2033 section 4.2)."""
        return "\r\n".join([reply] * len(self.dialogue.transaction.recipients))


class LmtpDoor(Door):
    """A Door whose connections speak LMTP. Its mail is trusted: our own MTA brings it."""

    session_type = LmtpSession
