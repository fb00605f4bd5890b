"""The tables about the doors: the SMTP and LMTP listeners, and the IMAP mailboxes."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, StrictBool, StrictInt, model_validator

from maild.settings.fields import (
    Duration,
    File,
    Listen,
    ListenAddress,
    Name,
    Network,
    Octets,
    Table,
    one_or_many,
    read_wall_time,
)
from maild.settings.oauth2 import OAuth2


class Smtp(Table):
    """The SMTP door; without this table there is none."""

    listen: Annotated[tuple[ListenAddress, ...], BeforeValidator(one_or_many)] = Field(
        (Listen("127.0.0.1", 8025),), min_length=1, description="Where to listen: host:port, any number."
    )
    listen_tls: Annotated[tuple[ListenAddress, ...], BeforeValidator(one_or_many)] = Field(
        (), description="Where to listen with TLS from the first octet (RFC 8314): host:port, any number."
    )
    hostname: str = Field("", description='The name in the greeting; "" is the domain of the desk.')
    max_message_size: Octets = Field(25_000_000, description="The largest mail; MB is 1,000,000 octets, MiB 1,048,576.")
    tls_cert_file: File | None = Field(None, description="Certificate chain in PEM; with the key, STARTTLS is offered.")
    tls_key_file: File | None = Field(None, description="Private key in PEM.")
    require_tls: StrictBool = Field(False, description="Refuse mail without STARTTLS.")
    trusted_relays: tuple[Network, ...] = Field(
        (), description="Clients whose Authentication-Results of our authserv_id count."
    )
    mend_line_ends: StrictBool = Field(
        False, description="Make CRLF of a bare CR or LF in mail from trusted_relays, in place of refusing the mail."
    )
    users_file: File | None = Field(
        None, description="Lines `address:scrypt-hash` of `maild passwd`: who may submit with AUTH, over TLS."
    )


class Lmtp(Table):
    """The LMTP door; without this table there is none."""

    listen: Annotated[tuple[ListenAddress, ...], BeforeValidator(one_or_many)] = Field(
        (Listen("", 0, "/run/maild/lmtp.sock"),), min_length=1, description="Where to listen: unix:PATH or host:port."
    )
    max_message_size: Octets = Field(25_000_000, description="The largest mail.")


def _after(value: object) -> str:
    text = value if isinstance(value, str) else ""
    verb, _, rest = text.partition(":")
    if text in {"seen", "delete", "leave"} or (verb == "move" and rest.strip()):
        return text
    if verb == "delete" and rest:
        read_wall_time(rest)
        return text
    raise ValueError('write "move:FOLDER", "seen", "delete", "delete:30d" or "leave"')


class _Fetched(Table):
    name: Name = Field(description="The mailbox's name in lists and logs.")
    host: str = Field(min_length=1, description="The IMAP server.")
    port: StrictInt = Field(0, ge=0, le=65_535, description="Its port; 0 is 993, or 143 unless tls is implicit.")
    tls: Literal["implicit", "starttls", "none"] = Field(
        "implicit", description="TLS from the first octet, STARTTLS, or none (loopback only)."
    )
    tls_ca_file: File | None = Field(None, description="Certificates to trust in place of the system's.")
    username: str = Field(min_length=1, description="The user to log in as.")
    password: SecretStr | None = Field(None, description="The password itself; better in a file or a credential.")
    password_file: File | None = Field(None, description="File that holds the password alone.")
    folder: str = Field("INBOX", min_length=1, description="The folder to fetch from.")
    queue: str = Field("", description='The queue of mail whose recipients name none; "" for none.')
    after: Annotated[str, BeforeValidator(_after)] = Field(
        "seen",
        description='What to do with a mail once it is ours: "move:FOLDER", "seen", "delete", "delete:30d", "leave".',
    )
    poll_interval: Duration = Field(
        timedelta(seconds=60),
        description="How often to look; with IDLE a mail is taken at once, and this is the net under it.",
    )
    max_message_size: Octets = Field(25_000_000, description="The largest mail; of larger ones only the header.")


class Mailbox(OAuth2, _Fetched):
    """A mailbox that we fetch by IMAP; any number of them."""

    @model_validator(mode="before")
    @classmethod
    def _own_port(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("port", 0) == 0:
            return {**data, "port": 993 if data.get("tls", "implicit") == "implicit" else 143}
        return data

    @property
    def move_to(self) -> str:
        """The folder to which an accepted mail is moved, "" when it is not moved."""
        return self.after.removeprefix("move:").strip() if self.after.startswith("move:") else ""
