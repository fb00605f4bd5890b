"""Facts, addresses and attachments as JSON in a column, and back."""

import json
from collections.abc import Iterable

from maild.base.words import Priority, Status
from maild.database.dialect import clean, instant, known_instant, to_json
from maild.message.model import Address, Attachment
from maild.sla.model import Fact, FactKind


def write_fact(fact: Fact) -> str:
    """Return a fact as compact JSON; what is empty is left out."""
    written = {
        "at": instant(fact.at),
        "kind": str(fact.kind),
        "status": fact.status,
        "priority": fact.priority,
        "sla": fact.sla,
        "response": fact.response,
        "by_machine": fact.by_machine,
    }
    return to_json({name: value for name, value in written.items() if value})


def read_fact(text: str) -> Fact:
    """Read what write_fact wrote."""
    read = json.loads(text)
    return Fact(
        at=known_instant(read["at"]),
        kind=FactKind(read["kind"]),
        status=Status(read["status"]) if "status" in read else None,
        priority=Priority(read["priority"]) if "priority" in read else None,
        sla=read.get("sla", ""),
        response=read.get("response", ""),
        by_machine=read.get("by_machine", False),
    )


def write_addresses(addresses: Iterable[Address]) -> str:
    """Return a list of {name, address} as JSON."""
    return to_json([{"name": clean(a.name), "address": clean(a.address)} for a in addresses])


def read_addresses(text: str) -> tuple[Address, ...]:
    """Read what write_addresses wrote."""
    return tuple(Address(a["name"], a["address"]) for a in json.loads(text))


def write_attachments(attachments: Iterable[Attachment]) -> str:
    """Return a list of attachments, without their octets, as JSON."""
    return to_json(
        [
            {
                "filename": clean(a.filename),
                "content_type": clean(a.content_type),
                "size": a.size,
                "inline": a.inline,
                "sha256": a.sha256,
                "content_id": clean(a.content_id),
                "part": a.part,
            }
            for a in attachments
        ]
    )


def read_attachments(text: str) -> tuple[Attachment, ...]:
    """Read what write_attachments wrote."""
    return tuple(Attachment(**read) for read in json.loads(text))


def write_texts(texts: Iterable[str]) -> str:
    """Return a list of texts as JSON."""
    return to_json([clean(text) for text in texts])


def write_fields(fields: Iterable[tuple[str, str]]) -> str:
    """Return a ticket's own fields as a JSON object, by name."""
    return to_json({clean(name): clean(value) for name, value in sorted(fields)})
