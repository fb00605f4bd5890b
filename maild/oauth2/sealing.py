"""Refresh tokens as they lie in the database: sealed with the desk's secret, so that a copy of it lets nobody in."""

import base64
import hmac
from collections.abc import Sequence

SecretKeys = Sequence[tuple[str, bytes]]  # (key id, octets), the sealing one first


class Unsealable(Exception):
    """It was sealed with a secret that we do not have, or was changed since."""


def seal(text: str, keys: SecretKeys) -> str:
    """Return a text that `unseal` reads with the same keys: ``KEY-ID:base64`` of XSalsa20-Poly1305."""
    from nacl.secret import SecretBox  # late: few desks need it

    key_id, key = keys[0]
    return f"{key_id}:{base64.b64encode(SecretBox(_derived(key)).encrypt(text.encode())).decode('ascii')}"


def unseal(sealed: str, keys: SecretKeys) -> str:
    """Return what was sealed; raises Unsealable."""
    from nacl.exceptions import CryptoError
    from nacl.secret import SecretBox

    key_id, _, octets = sealed.partition(":")
    key = dict(keys).get(key_id)
    if key is None:
        raise Unsealable
    try:
        return SecretBox(_derived(key)).decrypt(base64.b64decode(octets)).decode()
    except (CryptoError, ValueError):
        raise Unsealable from None


def _derived(key: bytes) -> bytes:
    """Return a key for this use alone: what signs tokens seals nothing."""
    return hmac.digest(key, b"maild oauth2 refresh token", "sha256")
