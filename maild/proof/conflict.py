"""From and Reply-To in conflict: who speaks is From, and a mail whose answers would go elsewhere is looked at twice."""

from maild.message.model import Message
from maild.proof.domains import related
from maild.settings.model import Settings


def reply_to_conflict(message: Message, settings: Settings) -> str:
    """Return how Reply-To contradicts From, in words; "" when it does not.

    It does when it names an agent who is not the author, or an address of another organisation. It never tells who
    speaks (RFC 5322 section 3.6.2): it only says where an answer is wanted.
    """
    author = message.author
    if not author.address:
        return ""
    own = {author.key, *settings.addresses_of(author.key, {})}
    agent = settings.agent_address(author.key)
    for other in message.reply_to:
        if other.key in own or (agent is not None and settings.agent_address(other.key) == agent):
            continue
        if settings.agent_address(other.key) is not None:
            return f"Reply-To names the agent {other.key}, From names {author.key}"
        if not _same_house(author.key, other.key, settings):
            return f"Reply-To {other.key} is of another organisation than From {author.key}"
    return ""


def _same_house(one: str, other: str, settings: Settings) -> bool:
    organisation = settings.organisation_of(one)
    if organisation is not None and organisation == settings.organisation_of(other):
        return True
    return related(one.rpartition("@")[2], other.rpartition("@")[2])
