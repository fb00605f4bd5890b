"""Tries every template with sample facts, and names the place of whatever is wrong."""

import re
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jinja2 import TemplateSyntaxError

from maild.base.keys import format_key
from maild.base.words import Role
from maild.desk.notices import Notice
from maild.notice.catalogue import CATALOGUE
from maild.notice.samples import NOW, sample
from maild.notice.templates import HTML, TEXT, Page, Templates
from maild.notice.values import Frame, values_of

SAMPLE_TOKEN = "sample-token"
_REMOTE = re.compile(r"(?:\bsrc|\bbackground)\s*=|url\(|<link\b|@import", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template, and where; `line` 0 when no line is to blame."""

    template: str
    language: str
    path: str
    line: int
    problem: str

    def __str__(self) -> str:
        """Return it on one line, the place first, as compilers do."""
        place = f"{self.path}:{self.line}" if self.line else self.path or self.language
        return f"{place}: {self.template}: {self.problem}"


def check_templates(templates: Templates, languages: Iterable[str], names: Iterable[str] = CATALOGUE) -> list[Fault]:
    """Return every fault: templates that do not render, files that nobody reads, and what does not belong in mail."""
    names = tuple(names)
    faults: list[Fault] = []
    for language in languages:
        for name in names:
            for sparse in (False, True):
                faults += _tried(templates, language, name, sparse=sparse)
    return list(dict.fromkeys([*faults, *_strangers(templates)]))


def preview(
    templates: Templates, name: str, language: str, *, sparse: bool = False, desk: str = "Acme Support"
) -> Page:
    """Return a template rendered with sample facts, faults and all: whatever is wrong is raised."""
    notice = sample(name, language, sparse=sparse)
    return templates.strictly(language, name, values_of(notice, sample_frame(notice, desk=desk)))


def sample_frame(notice: Notice, *, desk: str = "Acme Support", now: datetime = NOW) -> Frame:
    """Return what stands around the facts of a sample."""
    key = format_key("ACME", notice.ticket) if notice.ticket else ""
    return Frame(
        language=notice.language,
        zone=ZoneInfo("Europe/Madrid"),
        now=now,
        desk=desk,
        key=key,
        subject=f"[{key}] {notice.subject}" if key else "",
        title=notice.subject,
        role=notice.recipients[0].role if notice.recipients else Role.REQUESTER,
        purpose=notice.purpose,
        reply_to=f"desk+{SAMPLE_TOKEN}@desk.example.com",
        marker=f"maild-ref:{SAMPLE_TOKEN}",
        reader=notice.recipients[0].address.key if notice.recipients else "",
    )


def _tried(templates: Templates, language: str, name: str, *, sparse: bool) -> Iterator[Fault]:
    try:
        page = preview(templates, name, language, sparse=sparse)
    except Exception as fault:  # whatever a template raises is what we are here to report
        path, line = _place(fault, templates, language, name)
        yield Fault(name, language, path, line, f"{type(fault).__name__}: {fault}")
        return
    for form, text in ((TEXT, page.text), (HTML, page.html)):
        path = str(templates.find(language, name, form) or "")
        if f"maild-ref:{SAMPLE_TOKEN}" not in text:
            yield Fault(name, language, path, 0, "it leaves out {{ marker }}, by which an answer finds its ticket")
    if found := _REMOTE.search(page.html):
        path = str(templates.find(language, name, HTML) or "")
        yield Fault(name, language, path, 0, f"it loads something from elsewhere: {found[0]}")


def _place(fault: Exception, templates: Templates, language: str, name: str) -> tuple[str, int]:
    """Return the innermost template file and line that a fault passed through."""
    if isinstance(fault, TemplateSyntaxError):
        return fault.filename or "", fault.lineno
    frames = traceback.extract_tb(fault.__traceback__)
    inside = [f for f in frames if f.filename.endswith((TEXT, HTML))]
    if inside:
        return inside[-1].filename, inside[-1].lineno or 0
    return str(templates.find(language, name, TEXT) or ""), 0


def _strangers(templates: Templates) -> Iterator[Fault]:
    """Yield files that no notice reads: a misspelt name would else go unseen. `_mine.txt` may be anybody's own part."""
    for folder in templates.folders:
        for path in sorted(folder.glob("*/*")) if folder.is_dir() else ():
            known = path.suffix not in {TEXT, HTML} or path.stem in CATALOGUE or path.name.startswith("_")
            if not known:
                problem = f"no notice has this name; there are {', '.join(CATALOGUE)}"
                yield Fault(path.stem, path.parent.name, str(path), 0, problem)
