"""What it costs to understand a mail, on top of what mail-parser takes for its own parse, and hostile mails' worst."""

import base64
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import mailparser

from maild.base.words import DoorName
from maild.message.envelope import Envelope
from maild.message.parse import parse
from maild.triage import OwnMarks, classify, language

REPEATS = 3  # The least of them counts: the others met a neighbour.
COST_MS_MAX = 2.0  # CPU at the median, on top of mail-parser's own parse.
HOSTILE_SECONDS_MAX = 10.0  # CPU for one mail, as the parse child is allowed.
ROOT = Path(__file__).parents[1]


def report(folder: Path) -> Iterator[str]:
    """Yield the rows; labelled mails are looked for in $MAILD_CORPORA, then beside the project."""
    del folder
    corpus = Path(os.environ.get("MAILD_CORPORA", ROOT.parent / "shared" / "corpora")) / "dev.jsonl"
    if not corpus.exists():
        yield f"left out: no labelled mails at {corpus} (set MAILD_CORPORA)"
        return
    mails = _mails(corpus)
    ordinary = [octets for kind, octets in mails if kind != "hostile"]
    ours = [_cpu_ms(_understand, octets) for octets in ordinary]
    theirs = [_cpu_ms(_mail_parser, octets) for octets in ordinary]
    on_top = statistics.median(max(0.0, one - other) for one, other in zip(ours, theirs, strict=True))
    yield f"{len(ordinary)} labelled mails, ms of CPU a mail at the median"
    yield f"  mail-parser's own parse                       {statistics.median(theirs):8.2f}"
    yield f"  all that maild understands                    {statistics.median(ours):8.2f}"
    yield f"parse cost on top of mail-parser at the median  {on_top:8.2f}  {_verdict(on_top, COST_MS_MAX)}"
    hostile = [_cpu_ms(_understand, octets) / 1000 for kind, octets in mails if kind == "hostile"]
    yield from _worst(f"{len(hostile)} hostile mails of the labelled set", hostile)
    bombs = {name: _cpu_ms(_understand, octets) / 1000 for name, octets in _bombs().items()}
    for name, seconds in bombs.items():
        yield f"  {name:<46}{seconds:8.2f}"
    yield from _worst(f"{len(bombs)} bombs", list(bombs.values()))


def _mails(corpus: Path) -> list[tuple[str, bytes]]:
    """Return kind and octets of each labelled mail; bare texts stand in a mail without more than a subject."""
    found = []
    for line in corpus.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        raw = base64.b64decode(case["raw_base64"])
        subtype = {"eml": "", "html": "html", "text": "plain"}[case["format"]]
        head = f"From: a@b.example\nSubject: A case\nContent-Type: text/{subtype}; charset=utf-8\n\n".encode()
        found.append((case["kind"], head + raw if subtype else raw))
    return found


def _understand(octets: bytes) -> None:
    message = parse(octets)
    envelope = Envelope(DoorName.SMTP, datetime(2026, 11, 23, tzinfo=UTC))
    classify(message, envelope, OwnMarks(frozenset(), "desk.example.com", "bench", frozenset()))
    language(message.new_text or message.text, message.subject)


def _mail_parser(octets: bytes) -> None:
    """Let mail-parser read a mail; what it raises on hostile ones is its answer."""
    try:
        mailparser.parse_from_bytes(octets)
    except Exception as error:  # It raises outside its own family; the time until then is what is measured.
        del error


def _cpu_ms(work: Callable[[bytes], None], octets: bytes) -> float:
    """Return the milliseconds of CPU that the work takes at its best; long work is not repeated."""
    best = float("inf")
    for _ in range(REPEATS):
        begun = time.process_time()
        work(octets)
        best = min(best, 1000 * (time.process_time() - begun))
        if best > 200:
            break
    return best


def _worst(what: str, seconds: list[float]) -> Iterator[str]:
    worst = max(seconds)
    yield f"{what + ': the worst, seconds of CPU':<48}{worst:8.2f}  {_verdict(worst, HOSTILE_SECONDS_MAX)}"


def _verdict(figure: float, most: float) -> str:
    return f"within {most:g}" if figure <= most else f"over {most:g}"


def _bombs() -> dict[str, bytes]:
    """Return the mails that cost other parsers seconds to minutes, or their lives."""
    plain = b"From: a@b.example\nSubject: x\n"
    html = plain + b"Content-Type: text/html\n\n"
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(1_000))
    return {
        "Content-Type with 100 kB of folded semicolons": plain + b'Content-Type: text/plain;"' + b"\n ;" * 33_000,
        "From of 100 kB of commas": b"From: " + b", " * 50_000 + b"\n\nx",
        "Subject of 900 kB of encoded words": b"Subject: " + b"=?utf-8?q?x?=\n " * 60_000 + b"\n\nx",
        "20 kB of unclosed tags": html + b"<a/" * 7_000,
        "tables in tables, a thousand deep": html + b"<table><tr><td>" * 1_000,
        "MIME a thousand deep": plain + nested,
        "300,000 empty lines ninety deep": plain + nested[:4_500] + b"\n" * 300_000,
        "1 MB of > on one line": plain + b"\n" + b">" * 1_000_000,
        "100,000 lines that begin like attributions": plain + b"\n" + b"On 3 May 2024 at 10:30, Eva\n" * 100_000,
        "100,000 lines of header words": plain + b"\nFrom: a@b.example\nSubject: x\n" * 50_000,
        "25 MB of base64": plain + b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
        + (b"QUJD" * 18 + b"\n") * 340_000,
    }  # fmt: skip
