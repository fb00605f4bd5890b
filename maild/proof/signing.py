"""DKIM signatures of what we send (RFC 6376; Ed25519 by RFC 8463), so that receivers may believe our From."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import dkim
from dkim.crypto import UnparsableKeyError, parse_pem_private_key

from maild.proof.dkims import Silence
from maild.proof.domains import ascii_domain

RSA, ED25519 = "rsa-sha256", "ed25519-sha256"
RSA_BITS_MIN = 1024  # RFC 8301 section 3.2: verifiers do not look at a shorter one.

# RFC 8410 section 7: what stands before the 32 octets of an Ed25519 key in PKCS #8.
_ED25519_HEAD = bytes.fromhex("302e020100300506032b657004220420")
_PEM = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END \1-----")

# Signed when they are there; what a mailing list changes by its duty is left out (RFC 6376 section 5.4.1).
SIGNED = (
    "from", "subject", "to", "cc", "reply-to", "date", "message-id", "in-reply-to", "references", "mime-version",
    "content-type", "content-transfer-encoding", "auto-submitted", "list-id", "list-unsubscribe",
    "list-unsubscribe-post",
)  # fmt: skip
# Signed once more than they are there, so that nobody can add a second one (RFC 6376 section 8.15).
SEALED = ("from", "subject", "to", "reply-to")


class BadKey(ValueError):
    """The octets are no private key that can sign."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key as the library wants it: RSA in PEM, Ed25519 as base64 of its 32 octets."""

    algorithm: str  # RSA or ED25519
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """How the desk signs: its key, the selector under which that stands in the DNS, and the domain; "" is From's."""

    key: SigningKey
    selector: str
    domain: str = ""

    def sign(self, octets: bytes, from_: str, now: datetime) -> bytes:
        """Return a finished mail with its signature, for mail whose From is the address `from_`."""
        domain = self.domain or from_.rpartition("@")[2]
        return sign(octets, self.key, self.selector, domain, now)


def read_key(text: str) -> SigningKey:
    """Read a private key in PEM, RSA (PKCS #1 or #8) or Ed25519 (PKCS #8), or an Ed25519 one as bare base64.

    Raises BadKey, which says why in words and shows nothing of the key.
    """
    pem = _PEM.search(text)
    octets = _octets(pem[2] if pem is not None else text)
    if pem is None and len(octets) == 32:
        return SigningKey(ED25519, base64.b64encode(octets))
    if pem is None:
        raise BadKey("it is no private key in PEM")
    if octets.startswith(_ED25519_HEAD) and len(octets) == len(_ED25519_HEAD) + 32:
        return SigningKey(ED25519, base64.b64encode(octets[-32:]))
    return SigningKey(RSA, _rsa(pem[1], octets))


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadKey("it is no private key in PEM") from None


def _rsa(label: str, der: bytes) -> bytes:
    """Return an RSA key in the one way of writing PEM that the library reads."""
    if label == "ENCRYPTED PRIVATE KEY":
        raise BadKey("it is protected by a password")
    body = base64.encodebytes(der).strip()
    pem = b"-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n" % body
    try:
        modulus = parse_pem_private_key(pem)["modulus"]
    except (UnparsableKeyError, IndexError, AssertionError):
        raise BadKey("it is neither an RSA nor an Ed25519 key") from None
    if modulus.bit_length() < RSA_BITS_MIN:
        raise BadKey(f"it has {modulus.bit_length()} bits, and no receiver looks at less than {RSA_BITS_MIN}")
    return pem


def sign(octets: bytes, key: SigningKey, selector: str, domain: str, now: datetime) -> bytes:
    """Return a mail with a DKIM-Signature in front; the same arguments always give the same octets.

    Lines end with CRLF. From, Subject, To and Reply-To are sealed: adding another one breaks the signature.
    """
    signer = dkim.DKIM(octets, logger=Silence())
    signer.gen_header = _at(now, signer.gen_header)
    there = [name for name, _ in signer.headers]
    names = [name for name in SIGNED for at in there if at.lower() == name.encode()]
    field_ = signer.sign(
        selector.encode("ascii"),
        ascii_domain(domain).encode("ascii"),
        key.octets,
        signature_algorithm=key.algorithm.encode("ascii"),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name.encode("ascii") for name in (*names, *SEALED)],
    )
    return bytes(field_) + octets


def _at(now: datetime, write: Callable[..., bytes]) -> Callable[..., bytes]:
    """Return the library's way of writing the field with our time in it: `t` is when we signed (section 3.5)."""
    at = str(int(now.timestamp())).encode("ascii")

    def written(fields: list[tuple[bytes, bytes]], *rest: Any, **more: Any) -> bytes:
        """Write the fields with our instant in place of the clock's."""
        return write([(name, at if name == b"t" else value) for name, value in fields], *rest, **more)

    return written
