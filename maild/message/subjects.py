"""What clients put before a subject to say that a mail answers or forwards another."""

from maild.message.lines import fold

REPLY_PREFIXES = (
    "re|aw|antw|antwort|sv|odp|res|resp|rif|r|ref|vs|ynt|yanit|atb|na|"
    "回复|回覆|答复|답장|返信|ats|vá|bls|σχετ|απ|rép|rep"
)
"""What clients put before the subject of an answer."""

FORWARD_PREFIXES = (
    "fw|fwd|rv|tr|wg|i|pd|enc|doorst|dv|vb|vl|vs|ilt|ilet|továbbítás|továbbítva|转发|轉寄|전달|転送|fs|trs|πρθ|προωθ|redir|"
    "reenv|reenviado|weitergeleitet|przekaż|preposlané|přeposláno|пересл|пер|fyi|rm"
)
"""What clients put before the subject of a forward; "vs" is an answer in Finnish."""

_FORWARDS = frozenset(fold(prefix) for prefix in FORWARD_PREFIXES.split("|"))
_REPLIES = frozenset(fold(prefix) for prefix in REPLY_PREFIXES.split("|"))


def is_forward(subject: str) -> bool:
    """Say whether a subject begins with a client's sign of a forward (Fwd:, RV:, TR:, WG:, …)."""
    return prefix_of(subject) in _FORWARDS


def is_reply(subject: str) -> bool:
    """Say whether a subject begins with a client's sign of an answer (Re:, AW:, SV:, …)."""
    return prefix_of(subject) in _REPLIES


def prefix_of(subject: str) -> str:
    """Return the folded word before the first colon, "" when there is none or it is too long to be a client's."""
    head, colon, _ = subject[:200].replace("：", ":").strip(" [").partition(":")
    head = head.partition("[")[0].partition("(")[0]
    return fold(head).rstrip(".") if colon and len(head) <= 20 else ""


def without_prefix(subject: str) -> str:
    """Return the subject without one sign of a forward."""
    if not is_forward(subject):
        return subject.strip()
    return subject.replace("：", ":").partition(":")[2].strip().removesuffix("]").strip()
