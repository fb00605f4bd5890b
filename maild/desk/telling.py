"""The desk's mails as notices: who gets which, with which values, and what an answer to it will be."""

from collections.abc import Iterable
from typing import Any

from maild.base.words import Audience, Purpose, Role
from maild.desk.answering import why_enough_of, why_held, why_no_automatic_mail
from maild.desk.bench import Bench, Case
from maild.desk.model import Mail
from maild.desk.notices import InternalFacts, Notice, PublicFacts, Recipient
from maild.desk.people import has_muted, is_vip, language_of, mailbox_of, name_of, recipients, why_suspended
from maild.message.model import Attachment

# An answer to these goes to the requester; an answer to any other mail for agents becomes a note.
PUBLIC_TEMPLATES = frozenset({"assigned", "new-ticket", "requester-wrote"})
# What nobody has to hear of: other news of a ticket that all have muted reach them nevertheless.
_ASIDE = frozenset({"note-added", "agent-replied-copy"})


def tell_requester(
    case: Case,
    template: str,
    facts: PublicFacts,
    *,
    alone: str = "",
    with_cc: bool = False,
    automatic: str = "auto-generated",
    hold: str = "",
    **rest: Any,
) -> None:
    """Write to the requester, and to those on copy when `with_cc`; or `alone` to one of them by his address.

    Words of a person (`automatic` is "") are kept back from nobody but our own addresses; an automatic
    mail goes only where it may, and the timeline says where it may not.
    """
    bench, ticket = case.bench, case.ticket
    to = alone or ticket.requester
    cc = [p.address for p in ticket.with_role(Role.CC)] if with_cc else []
    role = Role.REQUESTER if to == ticket.requester else Role.CC
    chosen = [*recipients(bench, [to], role), *recipients(bench, cc, Role.CC)]
    if automatic:
        chosen = [r for r in chosen if _may_have(case, template, r)]
    bench.notify(
        Notice(
            template,
            Audience.REQUESTER,
            language_of(bench, to, ticket.language),
            tuple(chosen),
            (mailbox_of(bench, to),),
            facts,
            Purpose.REQUESTER,
            ticket.number,
            ticket.first_subject,
            cc=tuple(mailbox_of(bench, a) for a in cc),
            from_address=ticket.address,
            automatic=automatic,
            in_reply_to=ticket.public_ids[-1] if ticket.public_ids else "",
            references=ticket.public_ids,
            thread_index=ticket.thread_index,
            thread_topic=ticket.thread_topic,
            hold=hold or (why_held(case, template) if automatic else ""),
            **rest,
        )
    )


def _may_have(case: Case, template: str, recipient: Recipient) -> bool:
    address = recipient.address.key
    reason = why_no_automatic_mail(case.bench, address) or why_enough_of(case, template, address)
    if "unverified" in case.ticket.tags and recipient.address.key == case.ticket.requester:
        reason = "its sender was not believed"
    if any(p.role is Role.REQUESTER and p.address == recipient.address.key for p in case.ticket.participants):
        reason = f"{recipient.address.key} wants no automatic mail about this ticket"
    if reason is not None:
        case.event("maild", "not-sent", f"{template} to {recipient.address.key}: {reason}")
    return reason is None


def tell_agents(
    case: Case,
    template: str,
    addresses: Iterable[str | None],
    *,
    but: str = "",
    role: Role = Role.AGENT,
    **values: Any,
) -> None:
    """Write to agents or leads, each in his language; `but` is who did it himself and is not told."""
    bench, ticket = case.bench, case.ticket
    purpose = Purpose.PUBLIC if template in PUBLIC_TEMPLATES else Purpose.INTERNAL
    for recipient in recipients(bench, _listening(case, template, (a for a in addresses if a != but)), role):
        address = recipient.address.key
        if (reason := why_suspended(bench, address)) is not None:
            case.event("maild", "not-sent", f"{template} to {address}: {reason}")
            continue
        bench.notify(
            Notice(
                template,
                Audience.LEAD if role is Role.LEAD else Audience.AGENT,
                language_of(bench, address),
                (recipient,),
                (recipient.address,),
                InternalFacts(
                    ticket=ticket,
                    readings=case.readings(),
                    events=case.past.events[-5:],
                    vip=is_vip(bench, ticket.requester),
                    **values,
                ),
                purpose,
                ticket.number,
                ticket.first_subject,
                from_address=ticket.address,
            )
        )


def _listening(case: Case, template: str, addresses: Iterable[str | None]) -> tuple[str, ...]:
    """Return whom to tell but for those who muted the ticket; all of them when news would else reach nobody."""
    asked = tuple(filter(None, addresses))
    listening = tuple(who for who in asked if not has_muted(case.ticket, who))
    return listening if listening or template in _ASIDE else asked


def tell_sender(
    case: Case | None, bench: Bench, template: str, address: str, facts: InternalFacts, mail: Mail | None = None
) -> None:
    """Answer an agent about his own mail: `transcript` or `confirm`; where no ticket says From whom, `mail` does."""
    ticket = case.ticket if case is not None else None
    answered = mail.message.message_id if mail is not None and ticket is None else ""
    written_to = mail.address if mail is not None else ""
    bench.notify(
        Notice(
            template,
            Audience.AGENT,
            language_of(bench, address),
            recipients(bench, [address], Role.AGENT),
            (mailbox_of(bench, address),),
            facts,
            Purpose.CONTROL,
            ticket.number if ticket is not None else 0,
            ticket.first_subject if ticket is not None else "",
            from_address=ticket.address if ticket is not None else written_to,
            automatic="auto-replied",
            in_reply_to=answered,
            references=(answered,) if answered else (),
        )
    )


def tell_apart(
    bench: Bench,
    template: str,
    address: str,
    role: Role,
    facts: InternalFacts,
    files: tuple[tuple[str, str, bytes], ...] = (),
) -> None:
    """Write to one agent, lead or administrator about no ticket; whether mail may go there, the caller has asked."""
    bench.notify(
        Notice(
            template,
            Audience(role.value),
            language_of(bench, address),
            recipients(bench, [address], role),
            (mailbox_of(bench, address),),
            facts,
            Purpose.INTERNAL,
            files=files,
        )
    )


def words_of_agent(case: Case, agent: str) -> str:
    """Return the From name over an agent's words, such as "Ana Ruiz (Acme Support)"."""
    desk = case.bench.settings.desk.name
    name = name_of(case.bench, agent)
    return name if name == desk else f"{name} ({desk})"


def carried(entry: str, attachments: Iterable[Attachment]) -> tuple[tuple[str, Attachment], ...]:
    """Return the attachments of an agent's mail as they are sent on."""
    return tuple((entry, a) for a in attachments)
