"""What words can be the line by which a client says who wrote the words below it and when.

The shape is the same in every language: a date, a time, a name or an address, a verb, a colon, in any order. So it is
read by its parts; the languages table gives only verbs and first words.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from maild.message.headerblocks import has_address
from maild.message.languages import LANGUAGES
from maild.message.lines import fold, without_invisible, words
from maild.message.phrases import listed

VERBS = frozenset().union(*(words(language.verbs) for language in LANGUAGES))
OPENERS = tuple(f"{opener} " for opener in frozenset().union(*(words(x.openers) for x in LANGUAGES)))
_LONG_VERBS = tuple(verb for verb in VERBS if " " in verb)
NAME_ONLY_CHARS_MAX = 120
NAME_AND_MAILBOX_CHARS_MAX = 200
CITING = listed(
    "Quoting|Citando a|Citando|Zitat von|Citation de|Citazione|Citaat van|Missatge de|Mensaje de|Mensagem de",
    "Wiadomość napisana przez|Message from|Message de",
)
"""What some clients (Horde, Apple, Gmail in Catalan) put before a name in place of a verb."""
MIDDLE_VERBS = listed("schrieb|schreef|skrev|kirjutas|heeft|hat|schrieben")
"""Verbs that stand before the name also where there is no mailbox."""
DAY = re.compile(
    r"(?<![\d.])\d{1,4}[./-] ?\d{1,2}[./-] ?\d{2,4}(?!\.?\d)|\d{1,2}[- ][^\W\d]{3,9}\.?[- ]\d{2,4}"
    r"|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2} thang"
)
_TIME = re.compile(r"(?<![\d.])\d{1,2}[:.h]\d{2}(?!\d|[./-]\d)")
_AFTER_TIME = re.compile(
    r"(?::\d\d)?(?:\s?[APap]\.?\s?[Mm]\.?(?!\w))?(?:\s(?:[+-]\d{4}|(?:GMT|UTC)[+-]\d{1,4}|[A-Z]{3,5})(?=[\s,]))?"
)
_MOMENT_AT_END = re.compile(
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.? [^\W\d]{3,9}\.? \d{4}|[^\W\d]{3,9} \d{1,2}, \d{4})"
    r"(?: г\.?)?,?(?: (?:klo|kl\.?|um|o))? \d{1,2}[:.]\d{2}(?::\d{2})?(?: [ap]\.?m\.?)?(?: uhr| klo)?$"
)
_GROUPWISE = re.compile(r">>> ?\S[^<>]{0,120}(?:<[^<>\s]+>)?[^<>]{0,12}\d[\d/.: -]{6,}(?: ?[AP]M)? ?>>>$")
_NAME_WORDS_MAX = 5
_NOT_NAMES = frozenset(
    listed("i|we|he|she|they|as|like|yo|él|ella|ellos|como|según|mi|my|el|la|die|der|das|ich|wir|er|sie")
)
BRACKETED = re.compile(r"[<(\[]\s?(?:mailto:)?\s?[^\s@<>()\[\]]{1,128}@[^\s@<>()\[\]]{1,255}")
_DATE_START = re.compile(r"\d{1,4}[./:h年 -]|\d{1,2}\.? ?[^\W\d]{2,12}")
_TIME_FILLERS = ("tarihinde ",)
DIGIT = re.compile(r"\d")
RULES = "-=_*~‐ "  # what clients draw lines with around an attribution
_NAMES = listed(
    "mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|lun|mie|jue|vie|sab|dom|ene|abr|ago|dic",
    "mo|di|mi|do|fr|sa|so|gio|ven|mer|jeu|dim|sam|пн|вт|ср|чт|пт|сб|вс|нд|ons|tor|fre|lor|tir|man|ma|ti|ke|to|pe|la|su",
    "wt|sr|czw|pt|sob|nd|pon|ut|st|ct|pa|so|ne|seg|ter|qua|qui|sex|dim|za|zo|wo|vr|po|сре|пон|вто|чет|пят|суб|вос|нед|sze|mit|don|sam|son|die|fr",
)  # weekdays and months by their first letters, as dates without a year have them
_LONG_NAMES = frozenset(name for name in _NAMES if len(name) == 3)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What stands in words that may be an attribution."""

    words: str  # without invisible signs
    folded: str
    body: str  # folded, without the colon and the rules of dashes
    colon: bool  # a colon ends them
    rules: str  # "both", "front" or "": where rules of dashes stand
    starts: bool  # they begin as a date or with a word that leads to one
    day: bool
    time: bool
    mailbox: bool
    bracketed: bool  # the mailbox stands in brackets, as clients print it
    verb_last: bool
    verb_inside: bool


@lru_cache(maxsize=64)  # a line is asked about as the head and as the tail of its neighbours
def _reading(joined: str) -> _Reading:
    visible = joined if joined.isascii() else without_invisible(joined).strip()
    folded = fold(visible)
    body, colon, rules = _stripped(folded)
    return _Reading(
        visible,
        folded,
        body,
        colon,
        rules,
        starts_like_a_date(folded),
        bool(DAY.search(folded)),
        bool(_TIME.search(folded)),
        has_address(visible),
        bool(BRACKETED.search(visible)),
        ends_with_verb(body),
        _contains_verb(body),
    )


def _between_rules(r: _Reading) -> bool:
    """`---- On …, Bob wrote ----` of Zoho and Android."""
    return bool(r.rules) and r.verb_last and (r.starts or r.rules == "both")


def _date_mailbox_verb(r: _Reading) -> bool:
    """`On DATE, NAME <ADDRESS> wrote:`, the most common of all; the colon may be lost."""
    dated = (r.day and r.starts) or _has_named_day(r.folded)
    return dated and r.mailbox and r.verb_last and (r.colon or r.time)


def _bracketed_verb(r: _Reading) -> bool:
    """`NAME <ADDRESS>, DATE TIME wrote:`, where the name comes first."""
    return r.day and r.time and r.bracketed and r.verb_last and r.colon


def _date_verb_mailbox(r: _Reading) -> bool:
    """`Am DATE schrieb NAME <ADDRESS>:`, where the verb comes before the name."""
    return r.day and r.time and r.starts and r.bracketed and r.verb_inside and r.colon


def _date_mailbox(r: _Reading) -> bool:
    """`DATE TIME, NAME <ADDRESS>:` of Gmail in many languages, Yandex and Mail.Ru: no verb."""
    dated = (r.day or _has_named_day(r.folded)) and r.time and r.starts
    return dated and r.mailbox and r.colon and r.words.rstrip(" :：").endswith((">", ")"))


def _behind_time(r: _Reading) -> str:
    """Return the words behind the last time and its zone; "" when there is no time."""
    times = list(_TIME.finditer(r.words))
    if not times:
        return ""
    rest = _AFTER_TIME.match(r.words, times[-1].end())
    return r.words[rest.end() if rest else times[-1].end() :]


def _date_name_verb(r: _Reading) -> bool:
    """`On DATE, at TIME, NAME wrote:`. People write so too; a client has a comma or a capital or seconds."""
    if not (r.day and r.time and r.starts and r.verb_last and r.colon):
        return False
    tail = r.words[[found.end() for found in _TIME.finditer(r.words)][-1] :]
    name = tail.partition(",")[2].strip().removeprefix("ο ") if "," in tail else ""
    if tail.startswith(":") or name[:1].isupper() or (name and not name[:1].islower()):
        return True
    return name.casefold() == "you wrote:" or _is_name_and_clients_verb(_behind_time(r).strip(" ,:"))


def _is_name_and_clients_verb(words_: str) -> bool:
    """Say whether a name stands between words that no person writes so: "tarihinde NAME yazdı", "NAME napsal(a)"."""
    for filler in _TIME_FILLERS:
        bare = words_.removeprefix(filler)
        if bare != words_:
            return bare[:1].isupper()
    name, _, verb = words_.rpartition(" ")
    return verb.endswith((")", "/a")) and _is_a_name(name)


def _date_verb_name(r: _Reading) -> bool:
    """`Am DATE um TIME schrieb NAME:`, in the languages where the verb comes before the name."""
    if not (r.day and r.time and r.starts and r.colon and len(r.words) <= NAME_ONLY_CHARS_MAX):
        return False
    tail = _behind_time(r).lstrip(", ").removeprefix("Uhr ").removeprefix("uhr ")
    verb, _, name = tail.partition(" ")
    return fold(verb) in MIDDLE_VERBS and not name[:1].islower()


def _name_verb_moment(r: _Reading) -> bool:
    """`NAME wrote on DATE TIME:` of Notes and others; date and time stand side by side, as only a program puts them."""
    moment = _MOMENT_AT_END.search(r.body)
    if not (r.colon and moment and len(r.body) <= NAME_ONLY_CHARS_MAX):
        return False
    parts = r.body[: moment.start()].split()
    if parts and f"{parts[-1]} " in OPENERS:
        parts.pop()
    for count in range(1, 4):
        if " ".join(parts[-count:]) in VERBS:
            name = " ".join(r.words.strip(" *_").split()[: len(parts) - count])
            return _is_a_name(name) or has_address(name)
    return False


def _is_a_name(words_: str) -> bool:
    """Say whether these are a few words with capitals: a name, and not the beginning of a sentence."""
    parts = words_.strip(" \"'").split()
    if not _NOT_NAMES.isdisjoint(map(fold, parts)):
        return False
    return 1 <= len(parts) <= _NAME_WORDS_MAX and all(not part.strip("\"'(,")[:1].islower() for part in parts)


def _groupwise(r: _Reading) -> bool:
    """`>>> NAME <ADDRESS> DATE TIME >>>` of GroupWise."""
    return r.day and bool(_GROUPWISE.match(r.words))


def _mailbox_verb_date(r: _Reading) -> bool:
    """`NAME <ADDRESS> wrote on DATE:`; the brackets and the date at its end tell it from prose."""
    tail = r.body[-40:]
    ends = bool(DAY.search(tail) and _TIME.search(tail))
    return r.colon and r.bracketed and r.verb_inside and ends and len(r.body) < NAME_AND_MAILBOX_CHARS_MAX


def _cited(r: _Reading) -> bool:
    """`Message of NAME <ADDRESS> of DATE:`, in the languages where a noun stands for the verb."""
    return r.colon and r.bracketed and r.day and r.time and r.folded.startswith(CITING)


_SHAPES = (
    _between_rules,
    _date_mailbox_verb,
    _bracketed_verb,
    _date_verb_mailbox,
    _date_mailbox,
    _date_name_verb,
    _date_verb_name,
    _mailbox_verb_date,
    _name_verb_moment,
    _cited,
    _groupwise,
)


def is_certain(joined: str) -> bool:
    """Say whether these words can only be a client's: nothing quoted need follow."""
    reading = _reading(joined)
    return any(shape(reading) for shape in _SHAPES)


def is_likely(joined: str) -> bool:
    """Say whether these words are an attribution if quoted lines follow."""
    r = _reading(joined)
    dated = r.day and (r.time or r.bracketed)
    introduces = r.verb_last or r.folded.startswith(CITING) or (r.verb_inside and dated)
    if r.colon and introduces and len(joined) < NAME_AND_MAILBOX_CHARS_MAX:
        return True
    begins = bool(_DATE_START.match(r.words)) and r.day
    return begins and r.mailbox and (r.words.endswith((">", ">:")) or (r.time and r.colon))


def _stripped(folded: str) -> tuple[str, bool, str]:
    """Return the words without colon and rules, whether a colon ended them, and where rules of dashes stand."""
    bare = folded.strip(" *_")
    leads = bare.startswith("---")
    trails = bare.endswith("---")
    bare = bare.strip(RULES)
    has_colon = bare.endswith((":", "："))
    return bare.rstrip(": ：*_"), has_colon, "both" if leads and trails else "front" if leads else ""


def ends_with_verb(body: str) -> bool:
    """Say whether folded words end with the verb of an attribution, a colon behind it or not."""
    body = body.rstrip(": ：*_")
    parts = body[-60:].split(" ")
    if any(" ".join(parts[-count:]) in VERBS for count in range(1, 5)):
        return True
    return body.endswith(("写道", "寫道", "写入", "のメール", "작성"))


def _contains_verb(body: str) -> bool:
    if not VERBS.isdisjoint(body.split()):
        return True
    padded = f" {body} "
    return any(f" {verb} " in padded for verb in _LONG_VERBS)


def starts_like_a_date(folded: str) -> bool:
    """Say whether folded words begin as a date, or with a word that leads to one."""
    bare = folded.lstrip(" -*_\"'(")
    head = bare[:60]
    if not DIGIT.search(head):
        return False
    first = bare.split(" ", 1)[0].rstrip(".,")
    return first[:1].isdigit() or first in _NAMES or first[:3] in _LONG_NAMES or bare.startswith(OPENERS)


def _has_named_day(folded: str) -> bool:
    """Say whether the name of a month or a weekday stands beside a number: a date without its year."""
    parts = folded[:60].replace(",", " ").replace(". ", " ").split()
    return any(
        (one.isdigit() and _is_name(other)) or (other.isdigit() and _is_name(one)) for one, other in pairwise(parts)
    )


def _is_name(part: str) -> bool:
    return part in _NAMES or part[:3] in _LONG_NAMES
