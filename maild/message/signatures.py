"""Where the sender's own words end and her signature, device line or disclaimer begins."""

from collections.abc import Iterable

from maild.message.lines import LINE_CHARS_MAX, Line, fold, is_blank
from maild.message.phrases import (
    CLOSINGS,
    COMMON_DEVICES,
    DEVICE_STARTS,
    DEVICES,
    DISCLAIMER_PROOFS,
    DISCLAIMER_STARTS,
    EXCUSES,
    OPEN_STARTS,
)

UNMARKED_SIGNATURE_LINES_MAX = 12  # Behind "--" without its space: a longer text is no signature.
CLOSING_CHARS_MAX = 60
CLOSING_LINES_MAX = 8  # Name, post, company, address, telephones, web.
SIGNATURE_LINE_CHARS_MAX = 80
FOOTER_LINES_MAX = 8
DISCLAIMER_HEAD_CHARS = 14
DISCLAIMER_CHARS_MAX = 1_500  # It has proved itself by then.
DEVICE_LINE_CHARS_MAX = 300  # With a long tracked link.
DEVICE_LINE_WORDS_MAX = 14
UNKNOWN_DEVICE_WORDS_MAX = 8
_OWNERS = frozenset(("my", "mi", "mon", "meinem", "mio", "meu", "min", "mijn", "meva", "mojego"))
_LONG_DEVICES = tuple(device for device in DEVICES if len(device) > 4)


def begins(lines: list[Line], first: int, last: int) -> int:
    """Return the line in first..last (last not included) where the signature begins; `last` when there is none."""
    last_word = last
    while last_word > first and is_blank(lines[last_word - 1].text):
        last_word -= 1
    found = _delimited(lines, first, last_word)
    cut = min(found, _disclaimed(lines, first, min(found, last_word)))
    cut = min(cut, _footed(lines, first, min(cut, last_word)))
    cut = _from_device(lines, first, _trimmed(lines, first, min(cut, last_word)))
    cut = _closed(lines, first, _trimmed(lines, first, cut))
    return cut if cut < last_word else last


def _trimmed(lines: list[Line], first: int, last: int) -> int:
    while last > first and is_blank(lines[last - 1].text):
        last -= 1
    return last


def _delimited(lines: list[Line], first: int, last: int) -> int:
    """The delimiter of RFC 3676 section 4.3, with or without the space that many clients lose."""
    for index in range(first, last):
        text = lines[index].text
        if text == "-- " and index + 1 < last:
            return index
        short = last - index - 1 <= UNMARKED_SIGNATURE_LINES_MAX
        if text.strip("\xa0 ") == "--" and short and _asks_nothing(lines, index, last):
            return index
    return last


def _disclaimed(lines: list[Line], first: int, last: int) -> int:
    """A disclaimer begins a paragraph and reaches to the end; its own words prove it."""
    for index in range(first, last):
        text = lines[index].text
        if not text or (index > first and not is_blank(lines[index - 1].text)):
            continue
        head = fold(text[:60].strip(" *_-=\xa0\t"))
        if head.startswith(DISCLAIMER_STARTS):
            said = fold(" ".join(line.text[:LINE_CHARS_MAX] for line in lines[index : min(index + 15, last)]))
            # What it begins with proves nothing: "Confidential: my password is …" is no disclaimer.
            proved = any(proof in said[DISCLAIMER_HEAD_CHARS:DISCLAIMER_CHARS_MAX] for proof in DISCLAIMER_PROOFS)
            if proved and _asks_nothing(lines, index, last):
                return index
    return last


def _asks_nothing(lines: list[Line], index: int, last: int) -> bool:
    """Say whether no question follows: a signature asks nothing, a person who writes on below might."""
    return not any(line.text.rstrip().endswith("?") for line in lines[index:last])


def _footed(lines: list[Line], first: int, last: int) -> int:
    """The footer of a mailing list, below a rule of underscores."""
    for index in range(max(first, last - FOOTER_LINES_MAX), last):
        text = lines[index].text.strip()
        if len(text) >= 2 and not text.strip("_"):
            below = fold(" ".join(line.text[:LINE_CHARS_MAX] for line in lines[index + 1 : last]))
            if "mailing list" in below or "lista de correo" in below or "listinfo" in below or "unsubscribe" in below:
                return index
    return last


def _from_device(lines: list[Line], first: int, last: int) -> int:
    """A line such as "Sent from my iPhone" ends the words; a link may stand on the line below it."""
    for index in range(max(first, last - 3), last):
        if is_device_line(lines[index].text) and all(
            is_blank(line.text) or _is_link(line.text) or is_device_line(line.text) for line in lines[index + 1 : last]
        ):
            return index
    return last


def _is_link(text: str) -> bool:
    bare = text.strip(" <>[]()\t")
    return bare.startswith(("http://", "https://", "www.")) and " " not in bare


def is_device_line(text: str) -> bool:
    """Say whether a client wrote this line to name itself or its device."""
    if len(text) > DEVICE_LINE_CHARS_MAX:
        return False
    for link in ("<http", "[http", "(http"):
        text = text.partition(link)[0]
    bare = text.strip(" \t\xa0*_.-[]()—–")
    folded = fold(bare)
    if not folded.startswith(DEVICE_STARTS) or len(folded.split()) > DEVICE_LINE_WORDS_MAX:
        return False
    return not folded.startswith(OPEN_STARTS) or _names_a_device(bare)


def _names_a_device(bare: str) -> bool:
    """Say whether a device is named: one we know, or after "from my" a name with a capital or a number.

    Only an excuse for the brevity may follow it: "Sent from my desk, which is easier than my phone" is a sentence.
    """
    head, _, rest = bare.replace(". ", ", ").partition(", ")
    if rest and not fold(rest).startswith(EXCUSES):
        return False
    said = fold(head).split()
    owned = not _OWNERS.isdisjoint(said)
    if any(_is_device(word, folded, owned) for word, folded in zip(head.split(), said, strict=False)):
        return True
    named = any(word[:1].isupper() or word.isdigit() for word in head.split()[3:])
    return named and len(said) <= UNKNOWN_DEVICE_WORDS_MAX and said[1:3] in (["from", "my"], ["desde", "mi"])


def _is_device(word: str, folded: str, owned: bool) -> bool:
    """Say whether a word names a device. "Sent by mail yesterday" is a sentence; "Mail" and "my phone" are devices."""
    known = folded.strip("'’") in DEVICES or folded.startswith(_LONG_DEVICES)
    return known and (owned or folded not in COMMON_DEVICES or not word.islower())


def _closed(lines: list[Line], first: int, last: int) -> int:
    """A closing alone on its line ("Regards,") with a name and further particulars below it, to the end.

    A closing with nothing but a name is what she wrote, and stays.
    """
    for index in range(max(first, last - CLOSING_LINES_MAX - 4), last):
        if _is_closing(lines[index].text):
            below = [line.text.strip() for line in lines[index + 1 : last] if not is_blank(line.text)]
            if 2 <= len(below) <= CLOSING_LINES_MAX and all(_is_particular(words) for words in below):
                return index
    return last


def names_alone(text: str, names: Iterable[str]) -> bool:
    """Say whether a text is nothing but a signature: a closing, or one of these names, and particulars below it."""
    words = [line.strip() for line in text.splitlines() if line.strip()]
    named = words[1:] if words and _is_closing(words[0]) else words
    known = frozenset(part for name in names for part in fold(name).split())
    if not named or not known.issuperset(fold(named[0]).split()):
        return bool(words) and not named
    return len(named) <= CLOSING_LINES_MAX and all(map(_is_particular, named))


def _is_closing(text: str) -> bool:
    return len(text) <= CLOSING_CHARS_MAX and fold(text.strip(" ,.!;:-*\t\xa0")) in CLOSINGS


def _is_particular(text: str) -> bool:
    """Say whether a line may stand in a signature: short, no sentence, no question."""
    ends = text.rstrip()
    return len(text) <= SIGNATURE_LINE_CHARS_MAX and not ends.endswith(("?", ":", ",")) and len(text.split()) <= 10
