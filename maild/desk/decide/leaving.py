"""Who wants no more mail about a ticket: by a press on List-Unsubscribe, whose address and subject tell all."""

from dataclasses import replace

from maild.base.text import plain
from maild.base.words import Role
from maild.desk.bench import Case
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


def leave_copy(case: Case, who: str, because: str) -> bool:
    """Let somebody on copy leave the ticket; False when she is not on copy."""
    for participant in case.ticket.with_role(Role.CC):
        if participant.address == who:
            case.put(replace(participant, active=False))
            case.event(who, "left", because)
            return True
    return False
