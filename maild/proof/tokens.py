"""Signed tokens: our reply addresses, envelope senders, Message-IDs and body markers.

A token is an HMAC-SHA-256 over what it says, cut to 80 bits, in lower-case base32 without padding. Mail systems fold
case and cut nothing else, so reading ignores case and every character counts. The three places where a token stands
(address, Message-ID, marker) are signed apart: one cannot be moved into another.
"""

import hmac
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from maild.base.words import Purpose
from maild.proof.model import Token

LOCAL_PART_MAX = 64  # octets, RFC 5321 section 4.5.3.1.1
AGENT_TOKEN_LIFE = timedelta(days=30)  # A lost notebook speaks for an agent no longer than a month.
AGENT_PURPOSES = frozenset({Purpose.PUBLIC, Purpose.INTERNAL, Purpose.CONTROL})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALPHABET = "a-z2-7"
_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648 section 6, in lower case
_PAIRS = tuple(first + second for first in _DIGITS for second in _DIGITS)
# Characters of five bits each: key id, purpose, ticket (12 digits need 40 bits), hour (until 2089), person, ref, MAC.
_TICKET, _HOUR, _PERSON, _REF, _MAC = 8, 4, 8, 10, 16
TOKEN_LENGTH = 2 + _TICKET + _HOUR + _PERSON + _REF + _MAC

_ADDRESS_TOKEN = re.compile(
    rf"(?P<key>[a-z0-9])(?P<purpose>[a-z])(?P<ticket>[{_ALPHABET}]{{{_TICKET}}})(?P<hour>[{_ALPHABET}]{{{_HOUR}}})"
    rf"(?P<person>[{_ALPHABET}]{{{_PERSON}}})(?P<ref>[{_ALPHABET}]{{{_REF}}})(?P<mac>[{_ALPHABET}]{{{_MAC}}})"
)
_SHARED_TOKEN = re.compile(  # Message-IDs and markers go to many people, so they name none of them, and no hour.
    rf"(?P<key>[a-z0-9])(?P<purpose>[a-z])(?P<ticket>[{_ALPHABET}]{{{_TICKET}}})(?P<ref>[{_ALPHABET}]{{{_REF}}})"
    rf"(?P<mac>[{_ALPHABET}]{{{_MAC}}})"
)
MARKER_PREFIX = "maild-ref:"
_MARKER = re.compile(rf"\s*{MARKER_PREFIX}\s*(?P<token>[a-z0-9]+)\s*", re.IGNORECASE)


def hour_of(instant: datetime) -> int:
    """Return the whole hours from 1970-01-01 to an aware instant, in UTC."""
    return (instant - _EPOCH) // timedelta(hours=1)


def is_agent_token(token: Token) -> bool:
    """Tell whether a token was made for an agent."""
    return token.purpose in AGENT_PURPOSES


def is_expired(token: Token, now: datetime) -> bool:
    """Tell whether an agent's token is older than 30 days, to the hour; other people's tokens never expire."""
    made = _EPOCH + timedelta(hours=token.hour + 1)  # at the latest
    return is_agent_token(token) and now > made + AGENT_TOKEN_LIFE


def fits(reply_address: str, delimiter: str) -> bool:
    """Tell whether an address has room for delimiter and token in its local part (RFC 5321 section 4.5.3.1.1)."""
    local, _, domain = reply_address.rpartition("@")
    return bool(local and domain) and len((local + delimiter).encode()) + TOKEN_LENGTH <= LOCAL_PART_MAX


def looks_like_token_address(address: str, reply_address: str, delimiter: str) -> bool:
    """Tell whether RCPT may accept an address: the bare reply address, or it with any well-formed token.

    The signature is not looked at, so that nobody can learn at the door which tokens are real.
    """
    if address.strip().lower() == reply_address.lower():
        return True
    text = _tag_of(address, reply_address, delimiter)
    return text is not None and _ADDRESS_TOKEN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of the desk, each with an id of one character: the first signs, every one verifies.

    To rotate, put a new key in front; drop the old one when its mails are no longer answered.
    """

    keys: tuple[tuple[str, bytes], ...]

    def __post_init__(self) -> None:
        """Refuse a keyring that could sign nothing, or whose key ids would not survive a mail system."""
        ids = [key_id for key_id, _ in self.keys]
        if not ids or len(set(ids)) < len(ids) or not all(re.fullmatch("[a-z0-9]", key_id) for key_id in ids):
            raise ValueError("a keyring needs at least one key, each with its own id out of a-z and 0-9")
        if not all(secret for _, secret in self.keys):
            raise ValueError("a key of the keyring is empty")

    def person_hash(self, address: str, key_id: str = "") -> str:
        """Return the 40-bit keyed hash of an address, by the signing key or by the one named.

        Keyed, so that nobody else can test whether a token was made for an address.
        """
        return self._digest(key_id or self.keys[0][0], "person", address.strip().lower(), _PERSON)

    def belongs_to(self, token: Token, address: str) -> bool:
        """Tell whether a token was made for this address; never for one that names no person."""
        if not token.person or not address or self._secret(token.key_id) is None:
            return False
        return hmac.compare_digest(token.person, self.person_hash(address, token.key_id))

    def ref_of(self, stimulus: str, index: int) -> str:
        """Return the unique part of the mail that a stimulus sends as its `index`-th: always the same."""
        return self._digest(self.keys[0][0], "ref", f"{index}\0{stimulus}", _REF)

    @property
    def secret(self) -> bytes:
        """The signing secret, from which one-time codes are derived too."""
        return self.keys[0][1]

    def sign(self, token: Token) -> str:
        """Return a token as the text that stands behind the delimiter of a reply address.

        The first key signs, so `token.person` is to come from `person_hash(address)`.
        """
        key_id = self.keys[0][0]
        said = (
            f"{key_id}{token.purpose.value}{_pack(token.ticket, _TICKET)}{_pack(token.hour, _HOUR)}"
            f"{token.person or 'a' * _PERSON}{_filled_ref(token.ref)}"
        )
        return said + self._digest(key_id, "address", said, _MAC)

    def read(self, text: str) -> Token | None:
        """Return the token in a text of `sign`, or None when it is none of ours. Letters may be of any case."""
        parts = self._verified(_ADDRESS_TOKEN, "address", text)
        if parts is None:
            return None
        token = _shared_token(parts)
        return token and replace(
            token,
            person="" if parts["person"] == "a" * _PERSON else parts["person"],
            hour=_unpack(parts["hour"]),
        )

    def reply_address(self, reply_address: str, delimiter: str, token: Token) -> str:
        """Return the address to which an answer comes back with this token."""
        local, _, domain = reply_address.rpartition("@")
        return f"{local}{delimiter}{self.sign(token)}@{domain}"

    def read_address(self, address: str, reply_address: str, delimiter: str) -> Token | None:
        """Return the token in a recipient address, or None when it carries none of ours."""
        text = _tag_of(address, reply_address, delimiter)
        return None if text is None else self.read(text)

    def envelope_sender(
        self, reply_address: str, delimiter: str, *, recipient: str, ticket: int, ref: str, hour: int = 0
    ) -> str:
        """Return the reverse-path of one copy of a mail (VERP): what comes back to it tells whose copy it was."""
        person = self.person_hash(recipient)
        return self.reply_address(reply_address, delimiter, Token(Purpose.ENVELOPE, ticket, person, hour, ref))

    def message_id(self, purpose: Purpose, ticket: int, ref: str, domain: str) -> str:
        """Return a signed Message-ID, in angle brackets, that also says what an answer to it is."""
        return f"<{self._sign_shared('message-id', purpose, ticket, ref)}@{domain}>"

    def read_message_id(self, text: str, domain: str) -> Token | None:
        """Return what a Message-ID of ours says, or None when it is not ours. Brackets may be missing."""
        left, _, right = text.strip().removeprefix("<").removesuffix(">").rpartition("@")
        if right.lower() != domain.lower():
            return None
        return self._read_shared("message-id", left)

    def marker(self, purpose: Purpose, ticket: int, ref: str) -> str:
        """Return the hidden text of a body, ``maild-ref:TOKEN``, that outlives clients which drop our headers."""
        return MARKER_PREFIX + self._sign_shared("marker", purpose, ticket, ref)

    def read_marker(self, text: str) -> Token | None:
        """Return what a marker of ours says, with or without its prefix, or None when it is not ours."""
        found = _MARKER.fullmatch(text)
        return self._read_shared("marker", found["token"] if found else text.strip())

    def _sign_shared(self, place: str, purpose: Purpose, ticket: int, ref: str) -> str:
        key_id = self.keys[0][0]
        said = f"{key_id}{purpose.value}{_pack(ticket, _TICKET)}{_filled_ref(ref)}"
        return said + self._digest(key_id, place, said, _MAC)

    def _read_shared(self, place: str, text: str) -> Token | None:
        parts = self._verified(_SHARED_TOKEN, place, text)
        return None if parts is None else _shared_token(parts)

    def _verified(self, layout: re.Pattern[str], place: str, text: str) -> re.Match[str] | None:
        # Only ASCII is folded: U+212A is a K to str.lower, and nobody's mail system makes it.
        parts = layout.fullmatch(text.lower()) if text.isascii() else None
        if parts is None or self._secret(parts["key"]) is None:
            return None
        said = parts.string[: parts.start("mac")]
        return parts if hmac.compare_digest(parts["mac"], self._digest(parts["key"], place, said, _MAC)) else None

    def _secret(self, key_id: str) -> bytes | None:
        return next((secret for known, secret in self.keys if known == key_id), None)

    def _digest(self, key_id: str, place: str, said: str, characters: int) -> str:
        secret = self._secret(key_id)
        assert secret is not None, "callers ask only for keys of this ring"
        mac = _keyed(secret).copy()
        mac.update(f"maild {place}\0{said}".encode())
        return _pack(int.from_bytes(mac.digest(), "big") >> 256 - 5 * characters, characters)


@lru_cache(maxsize=8)
def _keyed(secret: bytes) -> hmac.HMAC:
    """Return an HMAC of this key that has read nothing, to be copied: half of its work is done with the key alone."""
    return hmac.new(secret, digestmod="sha256")


def _shared_token(parts: re.Match[str]) -> Token | None:
    try:
        purpose = Purpose(parts["purpose"])
    except ValueError:  # signed by a later version of the desk
        return None
    ref = "" if parts["ref"] == "a" * _REF else parts["ref"]
    return Token(purpose, _unpack(parts["ticket"]), person="", hour=0, ref=ref, key_id=parts["key"])


def _tag_of(address: str, reply_address: str, delimiter: str) -> str | None:
    """Return what stands behind the delimiter in an address made from `reply_address`, in lower case."""
    local, _, domain = address.strip().rpartition("@")
    own_local, _, own_domain = reply_address.lower().rpartition("@")
    opening = own_local + delimiter
    if not address.isascii() or domain.lower() != own_domain or not local.lower().startswith(opening):
        return None
    return local.lower()[len(opening) :]


def _filled_ref(ref: str) -> str:
    assert not ref or re.fullmatch(f"[{_ALPHABET}]{{{_REF}}}", ref), "a ref comes from ref_of"
    return ref or "a" * _REF


def _pack(number: int, characters: int) -> str:
    """Return a number in base32, two characters at a time: everything that a token holds has an even width."""
    assert 0 <= number < 1 << 5 * characters, f"{number} does not fit into a token"
    return "".join([_PAIRS[number >> 5 * place & 1023] for place in range(characters - 2, -1, -2)])


def _unpack(text: str) -> int:
    number = 0
    for character in text:
        number = number << 5 | _DIGITS.index(character)
    return number
