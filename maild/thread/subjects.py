"""The subject as it is compared: without what mail clients and gateways put in front of it."""

import re
import unicodedata

from maild.base.keys import DIGITS_MAX

SUBJECT_MAX = 998  # characters, RFC 5322 section 2.1.1

_ANSWERS = "re|aw|sv|vs|antw|antwort|r|rif|res|ref|odp|ynt|ang|bls|vá|回复|答复|返信|回覆|respuesta|réponse"
_FORWARDS = "fw|fwd|wg|rv|reenv|tr|i|vl|vb|pd|enc|doorst|továbbítás|ilt|转发|轉寄|transférer"
_MACHINES = (
    "automatic reply|auto reply|autoreply|auto|out of office|respuesta automática|fuera de oficina"
    "|fuera de la oficina|automatische antwort|abwesenheitsnotiz|réponse automatique|risposta automatica"
)
# "Re[2]:", "Re (3):", "RE^4:" and the fullwidth colon of Chinese clients, which normalisation has made a colon.
_PREFIX = re.compile(rf"(?:{_ANSWERS}|{_FORWARDS}|{_MACHINES})\s?(?:[\[(]\d{{1,3}}[\])]|\^?\d{{1,3}})?\s?:")
_TAG = re.compile(
    r"[\[({<*]{1,3}\s?(?:external|extern|externo|externe|ext|external e?-?mail|external sender|correo externo"
    r"|spam|possible spam|suspected spam|junk|bulk|caution|unverified|no verificado|secure|encrypted|cifrado)"
    r"\s?[\])}>*]{1,3}|(?:external|externo) ?:"
)


def canonical_subject(subject: str, prefix: str) -> str:
    """Return a subject without answer and forward prefixes, gateway tags, our keys, case and superfluous space.

    Two mails of one conversation have the same canonical subject whichever clients they went through.
    """
    text = without_keys(subject[:SUBJECT_MAX], prefix)
    text = _one_line(unicodedata.normalize("NFKC", text).casefold())
    while found := _PREFIX.match(text) or _TAG.match(text):
        text = text[found.end() :].lstrip()
    return text


def without_keys(subject: str, prefix: str) -> str:
    """Return a subject without our keys: a new ticket has a key of its own, and no mail carries two."""
    key = re.compile(rf"\[{re.escape(prefix)}-[0-9]{{1,{DIGITS_MAX}}}[a-z]\]\s?", re.IGNORECASE | re.ASCII)
    return key.sub("", subject).strip()


def _one_line(text: str) -> str:
    # Invisible characters (Cf) differ between clients and can be seen by nobody.
    seen = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())
