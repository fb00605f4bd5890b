"""The shape of a row of the languages table: the words of one language's mail clients.

Words stand as clients print them; they are compared folded (`lines.fold`), so case, accents and kinds of space do not
matter. Attribution lines are named here only by their verbs and first words: what lies between them (date, name,
address) has the same shape everywhere and is read in `attributions`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """How clients speak one language; every field is a list of words separated by "|"."""

    code: str
    from_: str
    date: str
    to: str
    cc: str
    subject: str
    forwarded: str  # what stands above a forwarded mail, between dashes or before a colon
    original: str  # what stands above the mail answered, between dashes
    verbs: str  # what ends (or stands within) an attribution line
    openers: str  # what may begin one; a date or a weekday may always
    reply_to: str = "Reply-To"
