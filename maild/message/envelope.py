"""The envelope of an accepted mail: what the door knows beside the octets (RFC 5321 section 2.3.1)."""

from dataclasses import dataclass
from datetime import datetime

from maild.base.words import DoorName

# The last header field of an entry of which the IMAP door fetched the header alone: ``size=<octets>; <reason>``.
# The mail is in the mailbox still. A field of this name that a sender wrote changes nothing but what people are told.
NOT_FETCHED = "X-Maild-Not-Fetched"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail's envelope. Addresses stand without angle brackets."""

    door: DoorName
    received_at: datetime
    mail_from: str | None = None  # "" is the null reverse-path; None: the door does not know it (IMAP, files)
    rcpt_to: tuple[str, ...] = ()  # empty: the door does not know them
    client: str = ""  # the SMTP client's IP address, "" when there is none
    helo: str = ""
    mailbox: str = ""  # the name of the [[mailbox]], for the IMAP door
    queue: str = ""  # the queue that the mailbox or an administrator names, used when no address does
    authenticated_as: str = ""  # the address of a submission with AUTH
    trusted: bool = False  # fields of our authserv_id count: IMAP, LMTP, ingest, trusted_relays
