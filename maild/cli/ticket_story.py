"""A ticket as people read it: who, by when, what was said, and what was done and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from maild.cli import output
from maild.cli.looking import span

Ticket = Mapping[str, Any]

_FACTS = (
    ("status", "priority", "type"),
    ("queue", "team", "level"),
    ("assignee", "requester"),
    ("participants",),
    ("category", "tags", "language"),
    ("service", "resolution_code"),
    ("created_at", "updated_at"),
    ("merged_into",),
)


def print_summary(ticket: Ticket, *, as_json: bool = False) -> None:
    """Print how a ticket stands, without its story; programs get all of it."""
    if as_json:
        output.print_row(ticket)
    else:
        output.show("\n".join(_head(ticket)))


def print_story(ticket: Ticket) -> None:
    """Print a ticket whole, on a terminal with drawn tables."""
    print_summary(ticket)
    if ticket["clocks"]:
        output.show("\nClocks")
        columns = ("clock", "state", "due", "left", "of", "met")
        output.print_table([_clock(clock) for clock in ticket["clocks"]], columns)
    if ticket["links"]:
        output.show("\nLinks")
        output.print_table([[link["kind"], link["ticket"]] for link in ticket["links"]], ("kind", "ticket"))
    if ticket["approvals"]:
        output.show("\nApprovals")
        output.print_table(
            list(_votes(ticket["approvals"])), ("approval", "step", "needs", "approver", "vote", "comment")
        )
    if ticket["rating"]:
        output.show(f"\nRating\n  {ticket['rating']['score']} of 5  {' '.join(ticket['rating']['comment'].split())}")
    if ticket["workaround"]:
        output.show("\nWorkaround\n" + "\n".join(f"  | {line}" for line in ticket["workaround"].splitlines()))
    output.show("\nMessages")
    shown: set[str] = set()
    for message in ticket["messages"]:
        output.show("\n".join(_message(message, shown)))
    output.show("\nTimeline")
    output.print_table([_event(event) for event in ticket["events"]], ("at", "actor", "what", "why"))


def _head(ticket: Ticket) -> Iterator[str]:
    yield f"{ticket['key']}  {ticket['subject']}"
    for names in _FACTS:
        said = [f"{name.removesuffix('_at')} {output.plain(ticket[name])}" for name in names if _is_said(ticket[name])]
        if said:
            yield "  " + "   ".join(said)


def _is_said(value: object) -> bool:
    return value is not None and value != []


def _clock(clock: Ticket) -> Sequence[str]:
    name = clock["clock"] if clock["cycle"] == 1 else f"{clock['clock']} {clock['cycle']}"
    left = span(clock["remaining_seconds"]) if clock["state"] in {"running", "paused", "breached"} else "-"
    of = span(clock["target_seconds"])
    return [name, clock["state"], output.plain(clock["due_at"]), left, of, output.plain(clock["met_at"])]


def _votes(approvals: Sequence[Ticket]) -> Iterator[Sequence[str]]:
    """Yield a row for every vote of every approval."""
    for approval in approvals:
        name = f"{approval['policy'] or 'by hand'}: {approval['state']}"
        for step in approval["steps"]:
            for vote in step["votes"]:
                given = f"{vote['state']} to {vote['delegate']}" if vote["delegate"] else vote["state"]
                yield [name, str(step["step"]), step["need"], vote["approver"], given, vote["comment"] or "-"]


_WAYS = {"in": "wrote", "out": "answered", "note": "noted (internal)"}


def _message(message: Ticket, shown: set[str]) -> Iterator[str]:
    """Yield the lines of one message; `shown` are the images of earlier ones, named once a ticket."""
    author = message["from"]
    name = f"{author['name']} <{author['address']}>" if author["name"] else author["address"]
    way = "drafted (not sent)" if message["draft"] else _WAYS[message["direction"]]
    hidden = " (internal)" if message["direction"] == "in" and not message["public"] else ""
    kind = "" if message["kind"] == "human" else f" [{message['kind']}]"
    yield f"\n  {message['at']}  {message['id']}  {name} {way}{hidden}{kind}"
    for delivery in message["delivery"]:
        reply = f": {delivery['last_reply']}" if delivery["last_reply"] else ""
        yield f"    to {delivery['rcpt_to']}: {delivery['state']}{reply}"
    for attachment in message["attachments"]:
        if attachment["inline"] and attachment["sha256"] in shown:
            continue
        shown.add(attachment["sha256"])
        yield f"    attached: {attachment['filename']} ({attachment['content_type']}, {attachment['size']} octets)"
    yield from (f"  | {line}" for line in (message["new_text"] or message["text"]).strip().splitlines())


def _event(event: Ticket) -> Sequence[str]:
    return [output.plain(event[name]) for name in ("at", "actor", "verb", "detail")]
