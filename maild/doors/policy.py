"""What a door allows, as one value made from the configuration; a reload makes another one."""

import ssl
from dataclasses import dataclass, field, replace

from maild.doors.auth import Users
from maild.doors.throttle import Network, Rate, read_networks
from maild.settings.desk import Limits
from maild.settings.doors import Lmtp, Smtp

AUTH_FAILURES = Rate(20, seconds=600.0)  # Wrong passwords of one client, over all its connections.
MAILS_PER_CLIENT = Rate(600, seconds=60.0)
MAILS_PER_SENDER = Rate(60, seconds=60.0)


@dataclass(frozen=True, slots=True)
class DoorPolicy:
    """The rules of one door. A connection keeps the policy that it began with. In every limit 0 is none."""

    hostname: str
    octets_max: int = 25_000_000
    require_tls: bool = False
    tls: ssl.SSLContext | None = None
    users: Users = field(default_factory=dict)
    trusted_relays: tuple[Network, ...] = ()
    exempt_clients: tuple[Network, ...] = ()
    mend_line_ends: bool = False  # for trusted clients alone
    connections: int = 500
    connections_per_client: int = 50
    mails_per_client: Rate = MAILS_PER_CLIENT
    mails_per_sender: Rate = MAILS_PER_SENDER
    auth_failures: Rate = AUTH_FAILURES
    recipients: int = 100
    recipients_cut: int = 1000  # RCPT commands for one mail, whatever was answered to them
    auth_tries: int = 10
    auth_delay_seconds: float = 1.0  # before each "no" to a password
    errors: int = 20
    idle_commands: int = 100
    idle_seconds: float = 300.0  # RFC 5321 section 4.5.3.2.7
    stressed_idle_seconds: float = 10.0  # when nearly all connections are taken
    data_seconds: float = 900.0
    received_hops: int = 50

    @property
    def stressed_from(self) -> int:
        """How many connections are nearly all."""
        return max(1, self.connections * 9 // 10)


def smtp_policy(
    smtp: Smtp, limits: Limits, *, hostname: str, tls: ssl.SSLContext | None = None, users: Users | None = None
) -> DoorPolicy:
    """Make the SMTP door's policy. `hostname` is the desk's domain, used unless the table has its own."""
    return replace(
        _limited(limits, hostname=smtp.hostname or hostname),
        octets_max=smtp.max_message_size,
        require_tls=smtp.require_tls,
        tls=tls,
        users=users or {},
        trusted_relays=read_networks(smtp.trusted_relays),
        mend_line_ends=smtp.mend_line_ends,
    )


def lmtp_policy(lmtp: Lmtp, limits: Limits, *, hostname: str) -> DoorPolicy:
    """Make the LMTP door's policy.

    Its client is our own MTA, which keeps the rates itself, and would bounce to the customer what we refuse: so a bare
    CR or LF is mended here, while nothing but CRLF.CRLF ends a mail.
    """
    unlimited = Rate(0, seconds=60.0)
    return replace(
        _limited(limits, hostname=hostname),
        octets_max=lmtp.max_message_size,
        mend_line_ends=True,
        mails_per_client=unlimited,
        mails_per_sender=unlimited,
    )


def _limited(limits: Limits, *, hostname: str) -> DoorPolicy:
    return DoorPolicy(
        hostname=hostname,
        exempt_clients=read_networks(limits.exempt_clients),
        connections=limits.connections,
        connections_per_client=limits.connections_per_client,
        mails_per_client=Rate(limits.mails_per_client_minute, seconds=60.0),
        mails_per_sender=Rate(limits.mails_per_sender_minute, seconds=60.0),
        recipients=limits.recipients_per_mail,
        auth_tries=limits.auth_tries,
        errors=limits.errors_per_connection,
        idle_commands=limits.idle_commands,
        idle_seconds=limits.idle_timeout.total_seconds(),
        data_seconds=limits.data_timeout.total_seconds(),
        received_hops=limits.received_hops,
    )
