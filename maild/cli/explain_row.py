"""What `maild explain` says of one mail: the object for programs, the picture for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from maild.base.instants import to_text
from maild.base.words import Kind
from maild.proof.judge import judge

if TYPE_CHECKING:
    from maild.message.envelope import Envelope
    from maild.message.model import Address, Attachment, Forwarded, Message, Report
    from maild.service.explaining import Prospect
    from maild.service.reading import Reading

Line = tuple[str, str]  # what is printed, and rich's style for it
STYLES = {"new": "bold", "quoted": "dim", "signature": "italic cyan"}


def empty(file: str, defects: list[str]) -> dict[str, Any]:
    """Return the answer about a mail that could not be understood at all."""
    return {
        "file": file,
        **dict.fromkeys(("message_id", "date", "from")),
        **{name: [] for name in ("reply_to", "to", "cc")},
        **{"subject": "", "text": "", "html": None, "new_text": "", "quoted": "", "signature": ""},
        **{"attachments": [], "language": None, "kind": None, "kind_evidence": [], "bounce": None},
        "authentication": {"verdict": None, "dkim": None, "spf": None, "dmarc": None},
        **{"forwarded": None, "commands": [], "defects": defects, "ticket": None, "would": []},
    }


def row(file: str, reading: Reading, prospect: Prospect, envelope: Envelope) -> dict[str, Any]:
    """Return the object of `--json`; its shape is the contract of the manual."""
    message = reading.message
    return {
        "file": file,
        **_headers(message),
        "text": message.text,
        "html": message.html,
        "new_text": message.new_text,
        "quoted": message.quoted,
        "signature": message.signature,
        "attachments": [_attachment(attachment) for attachment in message.attachments],
        "language": reading.language or None,
        "kind": reading.finding.kind.value,
        "kind_because": reading.finding.because,
        "kind_evidence": list(reading.finding.evidence),
        "out_of_office": reading.finding.out_of_office,
        "bounce": _bounce(message.report),
        "authentication": _authentication(reading, envelope),
        "forwarded": _forwarded(message.forwarded),
        "commands": list(prospect.commands),
        "defects": list(message.defects),
        "ticket": None if prospect.rule is None else _ticket(prospect),
        "would": list(prospect.would),
    }


def _ticket(prospect: Prospect) -> dict[str, Any]:
    return {"key": prospect.ticket, "rule": prospect.rule, "new": prospect.opens}


def _headers(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.message_id or None,
        "date": to_text(message.date),
        "from": _person(message.from_[0]) if message.from_ else None,
        "reply_to": [_person(address) for address in message.reply_to],
        "to": [_person(address) for address in message.to],
        "cc": [_person(address) for address in message.cc],
        "subject": message.subject,
    }


def _person(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "inline": attachment.inline,
        "sha256": attachment.sha256,
    }


def _bounce(report: Report | None) -> dict[str, Any] | None:
    if report is None or report.kind is not Kind.BOUNCE:
        return None
    return {
        "recipients": [
            {
                "address": recipient.address,
                "status": recipient.status or None,
                "action": recipient.action,
                "permanent": recipient.permanent,
                "class": recipient.what,
                "diagnostic": recipient.diagnostic,
            }
            for recipient in report.recipients
        ],
        "original_message_id": report.original_message_id or None,
    }


def _authentication(reading: Reading, envelope: Envelope) -> dict[str, str | None]:
    proof, results = judge(reading.message, envelope, reading.results), reading.results
    return {
        "verdict": proof.verdict.value,
        "dkim": results.dkim or None,
        "spf": results.spf or None,
        "dmarc": results.dmarc or None,
        "because": proof.because,
        "signature": results.signature or None,
    }


def _forwarded(forwarded: Forwarded | None) -> dict[str, Any] | None:
    if forwarded is None:
        return None
    return {
        "from": _person(forwarded.from_),
        "subject": forwarded.subject,
        "date": forwarded.date or None,
        "text": forwarded.text,
        "comment": forwarded.comment,
    }


def picture(said: dict[str, Any], reading: Reading | None) -> Iterator[Line]:
    """Yield the lines that show a person how one mail is understood: what is new, quoted, signature, and why."""
    yield f"{said['file']}", "bold underline"
    yield from _titles(said)
    yield from _judgement(said)
    yield from _facts(said)
    if reading is not None:
        yield from _body(reading.message)
    for attachment in said["attachments"]:
        yield f"attached   {attachment['filename']} ({attachment['content_type']}, {attachment['size']} octets)", ""
    for defect in said["defects"]:
        yield f"defect     {defect}", "yellow"
    for action in said["would"]:
        yield f"would      {action}", "green"


def _titles(said: dict[str, Any]) -> Iterator[Line]:
    sender = said["from"]
    for title, value in (
        ("from", _written(sender) if sender else "-"),
        ("to", ", ".join(map(_written, (*said["to"], *said["cc"]))) or "-"),
        ("date", said["date"] or "-"),
        ("subject", said["subject"] or "-"),
        ("language", said["language"] or "-"),
    ):
        yield f"{title:<10} {value}", ""


def _written(person: dict[str, str]) -> str:
    return f"{person['name']} <{person['address']}>" if person["name"] else person["address"]


def _judgement(said: dict[str, Any]) -> Iterator[Line]:
    because = said.get("kind_because")
    kind = said["kind"] or "unknown"
    yield f"kind       {kind}" + (f": {because}" if because else ""), "green" if kind == "human" else "magenta"
    for fact in said["kind_evidence"]:
        if fact != because:
            yield f"           {fact}", "dim"


def _facts(said: dict[str, Any]) -> Iterator[Line]:
    proof = said["authentication"]
    if proof["verdict"]:
        yield f"believed   {proof['verdict']}: {proof.get('because', '')}", ""
    for recipient in said["bounce"]["recipients"] if said["bounce"] else ():
        yield f"bounced    {recipient['address']} {recipient['status'] or ''} {recipient['action']}", "red"
    if said["forwarded"]:
        yield f"forwarded  {_written(said['forwarded']['from'])}: {said['forwarded']['subject']}", ""
    for line in said["commands"]:
        yield f"command    {line}", "blue"
    if said["ticket"]:
        ticket = said["ticket"]
        yield f"ticket     {ticket['key'] or ('a new one' if ticket['new'] else 'none')} (rule: {ticket['rule']})", ""


def _body(message: Message) -> Iterator[Line]:
    """The body with what each stretch is in the margin."""
    for span in message.spans:
        stretch = message.text[span.start : span.end].strip("\n")
        for number, line in enumerate(stretch.split("\n") if stretch.strip() else ()):
            margin = span.what if number == 0 else ""
            yield f"{margin:<10} | {line}", STYLES.get(span.what, "")
