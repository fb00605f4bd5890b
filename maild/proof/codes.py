"""One-time codes: what an agent answers with when nothing else proves that a mail is his."""

import hashlib
import hmac
import re

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789"  # no 0 and 1, which are taken for O and I
_CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}", re.ASCII)
_LINE = re.compile(r"[ \t>]*(?:#ok\s+|#vale\s+)?(?P<word>\S+)", re.IGNORECASE)


def make_code(secret: bytes, entry: str, n: int = 0) -> str:
    """Return the `n`-th code for a held entry, ``XXXX-XXXX``: 40 bits that only the holder of the secret can work out.

    Derived, not drawn, so that deciding again gives the same mail.
    """
    number = int.from_bytes(hmac.digest(secret, f"maild code\0{n}\0{entry}".encode(), hashlib.sha256))
    letters = []
    for _ in range(8):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def hash_code(code: str) -> str:
    """Return what is stored in place of a code, in hex."""
    return hashlib.sha256(f"maild code\0{code.strip().upper()}".encode()).hexdigest()


def find_code(text: str) -> str | None:
    """Return the code that is the first word of an answer, alone or behind ``#ok``, in capitals; None without one."""
    found = _LINE.match(text.lstrip())
    word = found["word"].strip("*_`\"'.,;:!").upper() if found else ""
    return word if _CODE.fullmatch(word) else None
