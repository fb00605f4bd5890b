"""A press on List-Unsubscribe: a mail without words, whose address and subject tell all."""

from maild.base.text import plain
from maild.desk.model import Mail

_SUBJECTS = frozenset({"unsubscribe", "baja", "mute", "silenciar"})


def leaving_word(mail: Mail, *, by_token: bool) -> str:
    """Return the command that a mail without words means: "#unsubscribe", "#mute", or "" when it means nothing.

    Mail clients that follow a mailto drop its body, its number sign, or (`by_token`) the subject as well: then the
    token of its address decides, unless the mail answers one, as somebody does who sends too early.
    """
    message = mail.message
    if message.new_text.strip() or message.attachments:
        return ""
    subject = plain(message.subject).strip(" .!#")
    if subject in _SUBJECTS:
        return "#mute" if mail.agent else "#unsubscribe"
    fresh = not (subject or message.quoted or message.in_reply_to or message.references)
    return "#unsubscribe" if by_token and fresh and not mail.agent else ""
