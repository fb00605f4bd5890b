"""Which charset undeclared octets are most likely written in, judged by the everyday letters of each script."""

import re

_HIGH = re.compile(rb"[\x80-\xff]+")
_LETTERS = re.compile(rb"[A-Za-z]")
_MIXED = re.compile(rb"[A-Za-z][\xa0-\xff]|[\xa0-\xff][A-Za-z]")
_PREFIX = re.compile(rb"\A\s*(?:(?:re|fwd?|aw|wg|sv|vs|tr|rv|res|enc|ref|antw)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)
_INNER_CAPITAL = re.compile(r"[^\W\d_](?<=[a-zα-ωά-ώа-яё])[A-ZΑ-ΩА-Я]")

# (everyday letters, the share that they usually have of a text, letters that hardly occur)
_SCRIPTS = {
    "cp1251": ("оеаинтсрвл", 0.66, "ъщэфцё"),
    "koi8_r": ("оеаинтсрвл", 0.66, "ъщэфцё"),
    "cp1253": ("αοιετσνηυρςίάόέήύώ", 0.86, "ψζξ"),
    "cp1255": ("יוהלארתמשנםב", 0.82, "װױײ׳״"),
    "cp1256": ("اليمنوهترب", 0.72, "ژچگپ"),
    "cp874": ("นารอกเงมยลวดทสบคห่้ีัิ์า", 0.8, "ฃฅ๛๚ฤฦ"),
}
_LATIN = {
    "cp1252": "áéíóúñüäößàèìòùâêîôûçãõåæøïëœ¡¿ªº€£«»–’“”°",
    "cp1250": "ěščřžýáíéúůťďňąćęłńóśźżőűăâîşţ€„”–",
    "cp1254": "çğıöşüâî",
}


def likely_codec(raw: bytes) -> str:
    """Return the codec that fits best; Windows-1252 when nothing speaks for another. Never raises."""
    sample = _PREFIX.sub(b"", raw[:4_000])
    found = likely_script(sample) if is_dense(sample) else ""
    return found or _likely_latin(sample)


def is_dense(raw: bytes) -> bool:
    """Tell whether high octets stand in runs, or outweigh the letters of ASCII: marks of other scripts than Latin."""
    runs = _HIGH.findall(raw)
    high = sum(map(len, runs))
    return bool(runs) and (high >= 2.5 * len(runs) or high >= len(_LETTERS.findall(raw)))


def likely_script(sample: bytes) -> str:
    """Return the codec of a script other than Latin whose everyday letters fit best; "" when none does."""
    runs = _HIGH.findall(sample)
    scores = _of_pairs(sample, runs)
    if len(_MIXED.findall(sample)) * 3 <= len(runs):
        scores |= {codec: _of_letters(sample, codec) for codec in _SCRIPTS}
    fits = {codec: score for codec, score in scores.items() if score > 0.4 and _decoded(sample, codec) is not None}
    return max(fits, key=lambda codec: fits[codec], default="")


def _decoded(sample: bytes, codec: str) -> str | None:
    """Decode strictly, but for a character that the end of the sample cuts."""
    for end in (len(sample), len(sample) - 1):
        try:
            return sample[:end].decode(codec)
        except UnicodeError:
            continue
    return None


def _of_letters(sample: bytes, codec: str) -> float:
    """Score a charset of one octet a letter."""
    text = _decoded(sample, codec)
    beyond = [char for char in (text or "").lower() if char > "\x7f"]
    if text is None or not beyond:
        return 0.0
    common, usual, rare = _SCRIPTS[codec]
    share = sum(1 for char in beyond if char in common) / len(beyond)
    strange = sum(1 for char in beyond if char in rare or not (char.isalpha() or char in common)) / len(beyond)
    capitals = len(_INNER_CAPITAL.findall(text)) / len(beyond)
    return min(share / usual, 1.1) - strange - 2 * capitals


def _of_pairs(sample: bytes, runs: list[bytes]) -> dict[str, float]:
    """Score the charsets of two octets a character by where their everyday characters lie."""
    high = b"".join(runs)
    even = b"".join(run for run in runs if len(run) % 2 == 0)
    whole = len(even) / max(1, len(high))
    plain = _share(even[1:], 0xA1, 0xFE, 2) == 1
    hangul = _share(even, 0xB0, 0xC8, 2)
    return {
        "gb18030": whole * _share(even, 0xB0, 0xD7, 2) * (1.0 if plain else 0.7),
        "cp949": whole * hangul * (1.01 if len(even) >= 6 else 0.9) if plain else 0.0,
        "euc_jp": whole * (_share(even, 0xA4, 0xA5, 2) * 1.5 + _share(even, 0xB0, 0xCF, 2) * 0.5),
        "big5hkscs": (0.85 if plain else 1.05)
        * _block(sample, "big5hkscs", "\u4e00", "\u9fff")
        * _share(_leads(sample), 0xA4, 0xC6),
        "cp932": 1.25 * _block(sample, "cp932", "\u3040", "\u30ff"),
    }


def _share(octets: bytes, low: int, high: int, step: int = 1) -> float:
    picked = octets[::step]
    return sum(1 for octet in picked if low <= octet <= high) / max(1, len(picked))


def _leads(sample: bytes) -> bytes:
    """Return the first octets of pairs, read from the left."""
    return bytes(found[0] for found in re.findall(rb"[\x81-\xfe].", sample, re.DOTALL))


def _block(sample: bytes, codec: str, low: str, high: str) -> float:
    """Return which share of the decoded characters beyond ASCII lies in a block of Unicode."""
    beyond = [char for char in _decoded(sample, codec) or "" if char > "\x7f"]
    return sum(1 for char in beyond if low <= char <= high) / max(1, len(beyond))


def _likely_latin(sample: bytes) -> str:
    """Return the Latin codec whose letters fit best, the western one when in doubt."""
    scores = {}
    for codec, letters in _LATIN.items():
        beyond = [char for char in sample.decode(codec, "replace").lower() if char > "\x7f"]
        scores[codec] = sum(1 for char in beyond if char in letters) / max(1, len(beyond))
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] > scores["cp1252"] + 0.15 else "cp1252"
