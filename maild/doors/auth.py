"""Who may submit with AUTH: the users file, and the passwords that nobody can read back from it.

A line is `address:hash`; the hash is scrypt's in the PHC string format, `$scrypt$ln=15,r=8,p=1$salt$hash`. Verifying
one takes a processor for tens of milliseconds on purpose, so it never runs on the event loop.
"""

import binascii
import hashlib
import hmac
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass

COST_LOG2 = 15  # 32 MiB and about 80 ms a try: OWASP's second choice, for a door that anyone may knock at.
COST_LOG2_MAX = 17  # A line of the file must not be able to take a gibibyte.
BLOCK_SIZE = 8
SALT_OCTETS = 16
HASH_OCTETS = 32

_HASH = re.compile(
    r"\$scrypt\$ln=(?P<cost>\d{1,2}),r=(?P<block>\d{1,2}),p=(?P<lanes>\d{1,2})"
    r"\$(?P<salt>[A-Za-z0-9+/]{8,})\$(?P<hash>[A-Za-z0-9+/]{22,})"
)

Users = Mapping[str, str]
"""Addresses in lower case, and their hashes."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client says that it is; `login` is an address."""

    login: str
    password: str


class NotCredentials(Exception):
    """The client's words are no base64, no UTF-8, or not of the mechanism's form (RFC 4616, RFC 4954)."""


def make_hash(password: str, *, salt: bytes | None = None, cost_log2: int = COST_LOG2) -> str:
    """Return the hash of a password for the users file; the salt is random unless given."""
    salt = os.urandom(SALT_OCTETS) if salt is None else salt
    digest = _scrypt(password, salt, cost_log2, BLOCK_SIZE, 1, octets=HASH_OCTETS)
    return f"$scrypt$ln={cost_log2},r={BLOCK_SIZE},p=1${_to_text(salt)}${_to_text(digest)}"


def verify(password: str, hashed: str) -> bool:
    """Whether the password is the one that was hashed; False also for what is no hash. Compares in constant time."""
    form = _HASH.fullmatch(hashed)
    if form is None or not 1 <= int(form["cost"]) <= COST_LOG2_MAX:
        return False
    salt, wanted = _from_text(form["salt"]), _from_text(form["hash"])
    try:
        digest = _scrypt(password, salt, int(form["cost"]), int(form["block"]), int(form["lanes"]), octets=len(wanted))
    except ValueError:  # Parameters that OpenSSL refuses.
        return False
    return hmac.compare_digest(digest, wanted)


def is_user(users: Users, credentials: Credentials) -> bool:
    """Whether the credentials are a user's. An unknown user takes as long as a wrong password."""
    hashed = users.get(credentials.login.lower())
    if hashed is None:
        verify(credentials.password, next(iter(users.values()), _NOBODY))
        return False
    return verify(credentials.password, hashed)


def read_users(text: str) -> dict[str, str]:
    """Read a users file; blank lines and those that begin with `#` are skipped.

    Raises ValueError that names the line and never shows its content.
    """
    users: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        address, colon, hashed = line.strip().partition(":")
        if not colon or "@" not in address or _HASH.fullmatch(hashed) is None:
            raise ValueError(f"line {number} is not address:hash; make it with `maild passwd ADDRESS`")
        users[address.strip().lower()] = hashed
    return users


def from_base64(words: str) -> str:
    """Return the text that a client sent in base64; `=` alone is the empty one (RFC 4954 section 4)."""
    if words == "=":
        return ""
    try:
        return b64decode(words, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise NotCredentials("no base64 of UTF-8") from error


def from_plain(words: str) -> Credentials:
    """Read the message of AUTH PLAIN (RFC 4616 section 2); acting for somebody else is refused."""
    parts = from_base64(words).split("\0")
    if len(parts) != 3 or not parts[1] or not parts[2]:
        raise NotCredentials("not authzid NUL authcid NUL passwd")
    if parts[0] and parts[0].lower() != parts[1].lower():
        raise NotCredentials("the authorization identity is another one")
    return Credentials(login=parts[1], password=parts[2])


def _scrypt(password: str, salt: bytes, cost_log2: int, block: int, lanes: int, *, octets: int) -> bytes:
    cost = 1 << cost_log2
    memory = 128 * block * (cost + lanes + 2) + 1024
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=memory, dklen=octets)


def _to_text(octets: bytes) -> str:
    return b64encode(octets).decode("ascii").rstrip("=")


def _from_text(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4))


_NOBODY = f"$scrypt$ln={COST_LOG2},r={BLOCK_SIZE},p=1${_to_text(bytes(SALT_OCTETS))}${_to_text(bytes(HASH_OCTETS))}"
