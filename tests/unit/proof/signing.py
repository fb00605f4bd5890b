"""Real keys, real signatures and a table in place of the DNS, for the tests of this room."""

import base64
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from nacl.signing import SigningKey

SPF = {"example.com": [("TXT", "v=spf1 ip4:192.0.2.0/24 -all")]}


@cache
def rsa_key(bits: int = 1024) -> tuple[bytes, str]:
    """Return a private key in PEM and its record."""
    key = rsa.generate_private_key(65537, bits)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()


@cache
def ed25519_key() -> tuple[bytes, str]:
    key = SigningKey.generate()
    public = base64.b64encode(bytes(key.verify_key)).decode()
    return base64.b64encode(bytes(key)), f"v=DKIM1; k=ed25519; p={public}"


def mail(sender: str = "ana@example.com", body: str = "Hello.\r\n", top: str = "") -> bytes:
    head = (
        f"{top}From: Ana <{sender}>\r\nTo: support@d.example\r\nSubject: Hi\r\nDate: Sun, 1 Mar 2026 09:00:00 +0000\r\n"
    )
    return f"{head}Message-ID: <1@example.com>\r\n\r\n{body}".encode()


def signed(octets: bytes, domain: str = "example.com", *, algorithm: str = "rsa-sha256", **how: object) -> bytes:
    key = ed25519_key()[0] if algorithm.startswith("ed") else rsa_key()[0]
    signer = dkim.DKIM(octets, signature_algorithm=algorithm.encode())
    return signer.sign(b"s1" if algorithm.startswith("rsa") else b"e1", domain.encode(), key, **how) + octets


def zone(*domains: str, **records: object) -> dict[str, list[tuple[str, str]]]:
    """Return the DKIM keys of these domains."""
    table: dict[str, list[tuple[str, str]]] = {}
    for domain in domains:
        table[f"s1._domainkey.{domain}"] = [("TXT", rsa_key()[1])]
        table[f"e1._domainkey.{domain}"] = [("TXT", ed25519_key()[1])]
    return table


def dmarc(domain: str, policy: str) -> dict[str, list[tuple[str, str]]]:
    return {f"_dmarc.{domain}": [("TXT", f"v=DMARC1; {policy}")]}


class Table:
    """A resolver that answers from a dictionary, keeps what was asked, and fails for the names in `away`."""

    def __init__(self, *tables: dict[str, list[tuple[str, str]]], away: tuple[str, ...] = ()) -> None:
        self.records = {name: found for table in tables for name, found in table.items()}
        self.away = away
        self.asked: list[tuple[str, str]] = []

    def __call__(self, name: str, rdtype: str) -> tuple[str, ...] | None:
        self.asked.append((name, rdtype))
        if name in self.away:
            return None
        return tuple(text for kind, text in self.records.get(name, ()) if kind == rdtype)
