"""The tables about the desk itself: who we are, where we store, whom we believe, how we send, how much we take."""

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, StrictBool

from maild.base.limits import Limits as PlainLimits
from maild.settings.fields import (
    Address,
    AddressOrNone,
    Count,
    Domain,
    Duration,
    File,
    Language,
    Listen,
    ListenAddress,
    Network,
    Octets,
    Prefix,
    StoreUrl,
    Table,
    Zone,
    one_or_many,
)
from maild.settings.oauth2 import OAuth2


def _delimiter(value: object) -> str:
    if not (isinstance(value, str) and len(value) == 1 and value in "+-=_.#"):
        raise ValueError('write one character, "+" as a rule')
    return value


def _hour(value: object) -> str:
    try:
        text = value if isinstance(value, str) else ""
        return text and time.fromisoformat(text).strftime("%H:%M")
    except ValueError:
        raise ValueError('write a time of day such as "03:00", or ""') from None


def _quiet(value: object) -> str:
    begins, dash, ends = (value if isinstance(value, str) else "?").partition("-")
    if value == "":
        return ""
    try:
        span = [time.fromisoformat(part.strip()).strftime("%H:%M") for part in (begins, ends) if dash]
    except ValueError:
        span = []
    if len(set(span)) != 2:
        raise ValueError('write hours such as "22:00-07:00", or ""')
    return "-".join(span)


class Desk(Table):
    """Who we are: names and addresses of the desk as a whole."""

    name: str = Field("Support", description="The desk's name, in the From of its mails.")
    domain: Domain = Field(description="The right-hand side of every Message-ID.")
    prefix: Prefix = Field("DESK", description="What ticket keys begin with: ACME gives ACME-10427P.")
    languages: tuple[Language, ...] = Field(
        ("en",), min_length=1, description="The languages in which the desk answers; the first is the default."
    )
    timezone: Zone = Field("UTC", description="The IANA time zone of the desk.")
    reply_address: Address = Field(
        description="Where answers go, best in the queues' domain. Tokens stand behind the delimiter: desk+TOKEN@..."
    )
    recipient_delimiter: Annotated[str, BeforeValidator(_delimiter)] = Field(
        "+", description="The character between an address and the token behind it."
    )
    postmaster: AddressOrNone = Field("", description='Who gets operational alerts; "" is postmaster@ the domain.')
    control_address: AddressOrNone = Field(
        "", description='The batch mailbox: one command a line, from agents; "" for none.'
    )
    first_number: Count = Field(1, ge=1, description="The number of the first ticket.")
    reconcile_at: Annotated[str, BeforeValidator(_hour)] = Field(
        "03:00",
        description="When, in the desk's time zone, each mailbox is compared nightly with what was taken from it;"
        ' "" for never.',
    )
    notify_close: StrictBool = Field(
        False, description="Whether a requester is told when the clock closes a resolved ticket."
    )
    templates: File = Field(
        File("templates"), description="Folder of your own templates, <language>/<name>; they go before ours."
    )
    roster_file: File | None = Field(None, description="Who is on duty when; without it all members at all hours.")
    canned: File = Field(File("canned"), description="Folder of canned texts, <language>/<name>.md, for #canned.")
    knowledge_base: File | None = Field(None, description="Folder of articles, <language>/<name>.md.")
    secret: SecretStr | None = Field(None, description="The signing key itself; better in a file or a credential.")
    secret_file: File | None = Field(
        None, description="File with the signing keys, a line `id:base64` each: the first signs, the others verify."
    )


class Store(Table):
    """Where tickets and accepted mail are kept."""

    url: StoreUrl = Field(
        "sqlite:///maild.db",
        description='"sqlite:///maild.db" beside this file, four slashes for an absolute path, or "postgresql://...".',
    )


class ProofTable(Table):
    """Who is believed."""

    authserv_id: str = Field("", description='Whose Authentication-Results count (RFC 8601); "" for nobody\'s.')
    agents: Literal["pass", "pass-or-token", "pass-and-token"] = Field(
        "pass-or-token", description="What proves an agent: a passed check of From, a token of his, either, or both."
    )
    nameservers: tuple[str, ...] = Field((), description="DNS servers to ask; empty: the system's.")


class _Sent(Table):
    smarthost: Annotated[tuple[ListenAddress, ...], BeforeValidator(one_or_many)] = Field(
        (Listen("127.0.0.1", 25),), min_length=1, description="Host and port of the smarthost, or a list in order."
    )
    tls: Literal["opportunistic", "starttls", "implicit", "none"] = Field(
        "opportunistic", description="STARTTLS when offered, always, TLS from the first octet, or never."
    )
    tls_ca_file: File | None = Field(None, description="Certificates to trust in place of the system's.")
    username: str = Field("", description='The user for AUTH; "" for no AUTH.')
    password: SecretStr | None = Field(None, description="The password itself; better in a file or a credential.")
    password_file: File | None = Field(None, description="File that holds the password alone.")
    undo_window: Duration = Field(
        timedelta(0), description="How long an agent's public reply waits and can be cancelled, 2m for instance."
    )
    quiet_hours: Annotated[str, BeforeValidator(_quiet)] = Field(
        "",
        description='When mail that nobody waits for stays until the end of them, "22:00-07:00" by the clock of its'
        " reader: reminders, surveys, copies and daily lists. Answers, acknowledgements and alarms always leave.",
    )
    give_up_after: Duration = Field(timedelta(days=5), description="How long delivery of a mail is tried.")
    timeout: Duration = Field(timedelta(seconds=60), description="How long to wait for the smarthost.")
    connections: Count = Field(4, ge=1, le=100, description="Connections to smarthosts at once, of one daemon.")
    connections_per_domain: Count = Field(
        2, ge=1, description="How many of them may carry mail to one domain, so that a slow one leaves room for others."
    )
    mails_per_minute_per_domain: Count = Field(
        0, description="Mails a minute to the recipients of one domain, evenly; 0 is no limit."
    )
    dkim_key_file: File | None = Field(None, description="RSA or Ed25519 key in PEM, to sign what we send.")
    dkim_selector: str = Field("", description="The selector under which the key stands in the DNS.")
    dkim_domain: str = Field("", description='The domain that signs; "" is the domain of From.')


class Outgoing(OAuth2, _Sent):
    """How mail leaves: the smarthosts and how to speak to them."""


# The large providers of mailboxes: a loop by one of their customers says nothing of the others.
SHARED_DOMAINS = (
    *("gmail.com", "googlemail.com", "outlook.com", "outlook.es", "hotmail.com", "hotmail.es", "live.com", "msn.com"),
    *(
        "yahoo.com",
        "yahoo.es",
        "ymail.com",
        "aol.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "gmx.com",
        "gmx.net",
        "gmx.de",
    ),
    *("web.de", "t-online.de", "mail.com", "proton.me", "protonmail.com", "pm.me", "fastmail.com", "zoho.com"),
    *("telefonica.net", "orange.fr", "free.fr", "libero.it", "mail.ru", "yandex.ru", "qq.com", "163.com", "126.com"),
)


class Limits(Table):
    """How much of anything; 0 is no limit."""

    automatic_per_person_10min: Count = Field(3, description="Automatic mails to one requester in 10 minutes.")
    automatic_per_person_day: Count = Field(10, description="Automatic mails to one requester in 24 hours.")
    automatic_per_minute: Count = Field(
        600, description="Automatic mails a minute over all; then the breaker opens and they are held."
    )
    automatic_per_ticket_10min: Count = Field(
        20, description="Automatic mails to requesters about one ticket in 10 minutes."
    )
    automatic_per_ticket_day: Count = Field(
        60, description="Automatic mails to requesters about one ticket in 24 hours."
    )
    automatic_per_domain_10min: Count = Field(
        3_000,
        description="Automatic mails to requesters of one domain in 10 minutes, but for ours and `shared_domains`; "
        "none of it when `automatic_per_minute` is 0.",
    )
    shared_domains: tuple[str, ...] = Field(
        SHARED_DOMAINS, description="Domains of people who have nothing to do with each other: no limit by domain."
    )
    automatic_per_queue_10min: Count = Field(
        5_000,
        description="Automatic mails to requesters from one queue in 10 minutes, then its mails are held; none of it "
        "when `automatic_per_minute` is 0.",
    )
    same_answers_per_hour: Count = Field(
        10,
        description="Automatic mails of one kind under one subject to one requester in an hour; none of it when "
        "`automatic_per_person_day` is 0.",
    )
    equal_mails_within: Duration = Field(
        timedelta(0),
        description="Equal mails of one sender within this time are one ticket, while it is open; 0: each is its own.",
    )
    held_mail_life: Duration = Field(
        timedelta(0),
        description="How long automatic mail that a limit holds waits before it is cancelled; 0: until a person says.",
    )
    reopens_per_ticket_day: Count = Field(
        10, description="How often requesters' mail reopens one ticket in 24 hours; then it is recorded alone."
    )
    surveys_per_person: Count = Field(1, description="Mails in 30 days that ask one requester for a rating alone.")
    notices_per_agent_10min: Count = Field(
        60, description="Notices to one agent in 10 minutes; the rest comes as one digest."
    )
    sla_notices_per_sweep: Count = Field(
        10, description="Warnings and breaches to one agent in one sweep; when there are more they come as one digest."
    )
    connections: Count = Field(500, description="SMTP and LMTP connections in all; the longest idle is cut first.")
    connections_per_client: Count = Field(50, description="Connections from one IP address.")
    mails_per_client_minute: Count = Field(600, description="Mails from one IP address in a minute; then 4xx.")
    mails_per_sender_minute: Count = Field(60, description="Mails from one envelope sender in a minute; then 4xx.")
    suspicious_per_hour: Count = Field(
        5,
        description="Mails of one sender, domain or client in an hour that try others' keys or tokens, commands without"
        " proof, or forged reports; then the leads are told.",
    )
    recipients_per_mail: Count = Field(100, description="Recipients of one mail.")
    exempt_clients: tuple[Network, ...] = Field(
        ("127.0.0.0/8", "::1"), description="Clients without a limit of their own, nor one of their senders."
    )
    auth_tries: Count = Field(10, description="Failed AUTH tries of one connection.")
    errors_per_connection: Count = Field(20, description="Refused commands of one connection.")
    idle_commands: Count = Field(100, description="Commands in a row that bring no mail, NOOP for instance.")
    idle_timeout: Duration = Field(timedelta(seconds=300), description="How long a client may be silent.")
    data_timeout: Duration = Field(timedelta(minutes=15), description="How long one DATA may take in all.")
    received_hops: Count = Field(50, description="Received fields, beyond which a mail is looping (RFC 5321 6.3).")
    free_space: Octets = Field(100_000_000, description="Free space on the disk, below which mail waits outside.")
    header_size: Octets = Field(100_000, description="Octets of all header fields of a mail.")
    field_size: Octets = Field(16_000, description="Octets of one header field.")
    structured_field_size: Octets = Field(2_000, description="Octets of a field with a grammar, such as Content-Type.")
    header_fields: Count = Field(500, description="Header fields of a mail.")
    addresses: Count = Field(100, description="Addresses read in one field.")
    parameters: Count = Field(50, description="Parameters of one field.")
    mime_depth: Count = Field(30, description="Parts within parts.")
    mime_parts: Count = Field(500, description="Parts of a mail.")
    parse_cpu: Duration = Field(timedelta(seconds=10), description="Processor time to understand one mail.")
    parse_memory: Octets = Field(1_073_741_824, description="Memory to understand one mail.")

    @property
    def per_domain(self) -> int:
        """What holds of `automatic_per_domain_10min`: who lifts the limit over all means this one too."""
        return self.automatic_per_domain_10min if self.automatic_per_minute else 0

    @property
    def per_queue(self) -> int:
        """What holds of `automatic_per_queue_10min`."""
        return self.automatic_per_queue_10min if self.automatic_per_minute else 0

    @property
    def same_answers(self) -> int:
        """What holds of `same_answers_per_hour`: who lifts a person's limit means this one too."""
        return self.same_answers_per_hour if self.automatic_per_person_day else 0

    def plain(self, max_message_size: int = 25_000_000) -> PlainLimits:
        """Return the limits as the core counts them: in octets and seconds, 0 as a number that nothing reaches."""
        wanted = {name: self._number(key) for name, key in _PLAIN_NAMES.items()}
        return PlainLimits(**wanted, message_bytes=max_message_size or NO_LIMIT)

    def _number(self, key: str) -> int:
        value = getattr(self, key)
        seconds = int(value.total_seconds()) if isinstance(value, timedelta) else int(value)
        return seconds or NO_LIMIT


NO_LIMIT = 2**31 - 1

_PLAIN_NAMES = {
    "header_bytes": "header_size",
    "field_bytes": "field_size",
    "structured_field_bytes": "structured_field_size",
    "fields": "header_fields",
    "addresses": "addresses",
    "parameters": "parameters",
    "mime_depth": "mime_depth",
    "mime_parts": "mime_parts",
    "parse_cpu_seconds": "parse_cpu",
    "parse_memory_bytes": "parse_memory",
    "recipients": "recipients_per_mail",
    "received_hops": "received_hops",
    "auth_tries": "auth_tries",
    "errors": "errors_per_connection",
    "idle_commands": "idle_commands",
    "connections": "connections",
    "connections_per_client": "connections_per_client",
    "idle_seconds": "idle_timeout",
    "data_seconds": "data_timeout",
    "automatic_per_person_10min": "automatic_per_person_10min",
    "automatic_per_person_day": "automatic_per_person_day",
    "automatic_per_minute": "automatic_per_minute",
    "automatic_per_ticket_10min": "automatic_per_ticket_10min",
    "automatic_per_ticket_day": "automatic_per_ticket_day",
    "automatic_per_domain_10min": "automatic_per_domain_10min",
    "automatic_per_queue_10min": "automatic_per_queue_10min",
    "same_answers_per_hour": "same_answers_per_hour",
    "notices_per_agent_10min": "notices_per_agent_10min",
}
