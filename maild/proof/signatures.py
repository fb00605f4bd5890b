"""Signatures of an agent over the whole of his mail: S/MIME (RFC 8551) and PGP/MIME (RFC 3156), by his own key alone.

There is no chain of certificates and no key server: the administrator says whose key is whose.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from maild.base.instants import to_text
from maild.base.limits import Limits
from maild.message.model import Message
from maild.message.parse import parse
from maild.message.smime import is_smime, signed_content
from maild.message.structure import Node, normalised, read_structure

SMIME, PGP = "smime", "pgp"
DIGESTS = frozenset({"sha256", "sha384", "sha512"})  # RFC 8551 section 2.1; older ones can be forged.
_SIGNATURES = {
    "application/pkcs7-signature": SMIME,
    "application/x-pkcs7-signature": SMIME,
    "application/pgp-signature": PGP,
}


class Refused(Exception):
    """A signature does not hold; the words say why."""


@dataclass(frozen=True, slots=True)
class AgentKey:
    """The public key of one agent: a certificate in PEM or DER, or an OpenPGP key."""

    agent: str  # his registered address
    method: str  # SMIME or PGP
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature over a mail is worth; all empty when the mail carries none as a whole."""

    result: str = ""  # "pass" or "fail"
    method: str = ""
    agent: str = ""  # whose key it is, with "pass" alone
    because: str = ""
    made_at: str = ""  # RFC 3339; what the signature itself says
    id: str = ""  # the same for every copy of it


def check_signature(octets: bytes, message: Message, keys: Sequence[AgentKey], limits: Limits) -> Signature:
    """Return what the signature of a whole mail says; `keys` are those of the agent whom From names.

    The words of the mail must be those that are signed, none beside. Never raises for what stands in a mail.
    """
    is_opaque = is_smime(message.content_type)
    if not is_opaque and message.content_type != "multipart/signed":
        return Signature()
    method = SMIME if is_opaque else ""
    try:
        method, entity, signature = _taken_apart(octets, limits, is_opaque=is_opaque)
        if parse(entity, limits).text.strip() != message.text.strip():
            raise Refused("it does not cover all words of the mail")
        key = next((k for k in keys if k.method == method), None)
        if key is None:
            raise Refused(f"no key of {message.author.key or 'its sender'} is configured for {method}")
        made_at = _smime(entity, signature, key.octets) if method == SMIME else _pgp(entity, signature, key.octets)
    except Refused as refused:
        return Signature("fail", method, because=str(refused))
    when = to_text(made_at) or ""
    # By what is signed, and not by the signature's octets: those can be written in more than one way.
    same = hashlib.sha256(f"{method} {when}\0".encode() + entity).hexdigest()
    return Signature("pass", method, key.agent, f"signed by the key of {key.agent} ({method})", when, same)


def _taken_apart(octets: bytes, limits: Limits, *, is_opaque: bool) -> tuple[str, bytes, bytes]:
    """Return the method, the signed entity with the line ends that are signed, and the signature."""
    root = read_structure(normalised(octets), limits).root
    if is_opaque:
        container = root.octets()[0]
        content = signed_content(container)
        if content is None:
            raise Refused("it is not a signed message that can be read")
        return SMIME, content, container
    if len(root.children) != 2 or root.children[1].type not in _SIGNATURES:
        raise Refused("it does not consist of one part and its signature")
    signed, signature = root.children
    return _SIGNATURES[signature.type], _canonical(signed), signature.octets()[0]


def _canonical(node: Node) -> bytes:
    """Return a part as it is signed: header and content, each line ended by CRLF (RFC 1847 section 2.1)."""
    return re.sub(rb"\r?\n", b"\r\n", node.mail[node.part.start : node.part.end])


def _smime(entity: bytes, container: bytes, certificate: bytes) -> datetime:
    """Check a CMS signature (RFC 5652 section 5) by one certificate; returns when it was made."""
    from asn1crypto import cms, pem  # late: only desks that know certificates need it
    from cryptography import x509

    try:
        der = pem.unarmor(certificate)[2] if pem.detect(certificate) else certificate
        known = x509.load_der_x509_certificate(der)
        info = cms.ContentInfo.load(container)
        if info["content_type"].native != "signed_data":
            raise Refused("it is not signed data")
        signers = list(info["content"]["signer_infos"])
    except (ValueError, TypeError, KeyError) as error:
        raise Refused("its signature cannot be read") from error
    reasons = []
    for signer in signers:
        try:
            made_at = _signer(entity, signer, known.public_key())
        except Refused as refused:
            reasons.append(str(refused))
            continue
        except (ValueError, TypeError, KeyError) as error:
            reasons.append(f"its signature cannot be read: {type(error).__name__}")
            continue
        if not known.not_valid_before_utc <= made_at <= known.not_valid_after_utc:
            raise Refused("the certificate was not valid when it was made")
        return made_at
    raise Refused(reasons[0] if reasons else "nobody signed it")


def _signer(entity: bytes, signer: Any, public_key: Any) -> datetime:
    """Check one SignerInfo; returns its signing time, which has to be there."""
    digest = signer["digest_algorithm"]["algorithm"].native
    if digest not in DIGESTS:
        raise Refused(f"its digest {digest} is too weak")
    attributes = {a["type"].native: a["values"][0].native for a in signer["signed_attrs"]}
    if attributes.get("content_type") != "data" or not isinstance(attributes.get("signing_time"), datetime):
        raise Refused("it does not say when it was made")
    if not hmac.compare_digest(attributes.get("message_digest", b""), hashlib.new(digest, entity).digest()):
        raise Refused("the words were changed after they were signed")
    said = signer["signed_attrs"].untag().dump()
    _verify(public_key, signer["signature"].native, said, digest, signer["signature_algorithm"].signature_algo)
    made_at: datetime = attributes["signing_time"]
    return made_at


def _verify(public_key: Any, signature: bytes, said: bytes, digest: str, algorithm: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    kind: hashes.HashAlgorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[
        digest
    ]
    try:
        if isinstance(public_key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(kind), padding.PSS.AUTO)
            public_key.verify(signature, said, pss if algorithm == "rsassa_pss" else padding.PKCS1v15(), kind)
        elif isinstance(public_key, ec.EllipticCurvePublicKey):
            public_key.verify(signature, said, ec.ECDSA(kind))
        elif isinstance(public_key, ed25519.Ed25519PublicKey):
            public_key.verify(signature, said)
        else:
            raise Refused("the certificate has a kind of key that is not known")
    except InvalidSignature as error:
        raise Refused("the key of this agent did not make it") from error


def _pgp(entity: bytes, armoured: bytes, key: bytes) -> datetime:
    """Check a detached OpenPGP signature by one key; returns when it was made."""
    import pysequoia  # late: `maild check` names it when a key is configured and it is missing

    try:
        known = pysequoia.Cert.from_bytes(key)
        signature = pysequoia.Sig.from_bytes(armoured)
        found = pysequoia.verify(bytes=entity, store=lambda _: [known], signature=signature)
    except Exception as error:  # the library has no errors of its own; whatever a mail does to it, it proves nothing
        raise Refused("the key of this agent did not make it, or the words were changed") from error
    if not found.valid_sigs or signature.created is None:
        raise Refused("the key of this agent did not make it")
    made_at: datetime = signature.created
    return made_at


def read_agent_key(agent: str, method: str, octets: bytes) -> AgentKey:
    """Return an agent's key after looking whether it is one; raises ValueError with what is wrong."""
    if method == SMIME:
        from cryptography import x509

        load = x509.load_pem_x509_certificate if b"-----BEGIN" in octets else x509.load_der_x509_certificate
        load(octets)
        return AgentKey(agent, method, octets)
    try:
        import pysequoia
    except ImportError:
        raise ValueError("the library for OpenPGP is not installed: pip install maild[pgp]") from None
    try:
        pysequoia.Cert.from_bytes(octets)
    except Exception as error:
        raise ValueError(f"it is no OpenPGP key: {error}"[:200]) from error
    return AgentKey(agent, method, octets)
