"""Third parties on a ticket: they are asked by mail of its own, and what they answer stays inside the desk."""

from collections.abc import Sequence

from maild.base.words import Audience, Direction, EntryState, Purpose, Role, Status
from maild.desk.bench import Case
from maild.desk.commands.model import Fault
from maild.desk.commands.phrases import say
from maild.desk.decide.words import Words, not_before
from maild.desk.lifecycle import Act, after
from maild.desk.model import Mail, Participant, Post
from maild.desk.notices import Notice, PublicFacts
from maild.desk.people import language_of, mailbox_of, name_of, recipients, workers_of
from maild.desk.posting import post_mail, post_of
from maild.desk.telling import carried, tell_agents, words_of_agent
from maild.message.model import Address
from maild.sla.model import Fact, FactKind

OVER = frozenset({Status.SPAM, Status.MERGED})  # Nobody is asked about these.


def supplier_of(case: Case, mail: Mail) -> str | None:
    """Return the supplier on the ticket for whom a mail speaks, None when for nobody.

    A supplier speaks as one in whatever he writes to the ticket; a colleague of his, by the domains of
    [[supplier]], only with the supplier's token.
    """
    settings, author = case.bench.settings, mail.message.author.key
    there = [p.address for p in case.ticket.with_role(Role.SUPPLIER)]
    if author in there and mail.match.admitted:
        return author
    token = mail.match.token
    if token is None or token.purpose is not Purpose.SUPPLIER or mail.agent is not None:
        return None
    firm = settings.supplier_of(author)
    return firm.address if firm is not None and firm.address in there else None


def supplier_wrote(case: Case, mail: Mail, supplier: str) -> tuple[int, EntryState, str]:
    """Keep what a supplier answered inside the desk, end the waiting, and tell whoever works the ticket."""
    because, author = f"{mail.match.rule}: {mail.match.because}", mail.message.author.key
    post_mail(case, mail, public=False)
    case.event(author, "supplier-wrote", f"{supplier}: {because}", _fact(case, FactKind.SUPPLIER_ANSWERED, supplier))
    case.change(updated_at=case.bench.now)
    ticket = case.ticket
    if ticket.status is Status.ON_HOLD:
        case.set_status(author, Status.OPEN, f"the supplier {supplier} answered")
    if ticket.status is not Status.SPAM:
        firm = case.bench.settings.supplier_of(supplier)
        tell_agents(
            case,
            "supplier-wrote",
            [*workers_of(case.bench, ticket), *_watchers(case)],
            words=mail.message.new_text,
            author=author,
            reason=firm.name if firm is not None else supplier,
            attachments=tuple(a.filename for a in mail.message.attachments if not a.inline),
        )
    return ticket.number, EntryState.APPLIED, because


def _watchers(case: Case) -> list[str]:
    return [p.address for p in case.ticket.with_role(Role.WATCHER)]


def ask_suppliers(case: Case, words: Words) -> Fault | None:
    """Write an agent's words to the suppliers that he named, and to nobody else; the ticket waits meanwhile.

    Returns a fault when the ticket's status does not allow it; then nothing of it may be kept.
    """
    mail, ticket = words.mail, case.ticket
    assert mail.agent is not None
    if not words.text:
        return None
    if ticket.status in OVER:
        said = say(language_of(case.bench, mail.agent), "closed-words", status=str(ticket.status))
        return Fault("", 0, said)
    asked = tuple(mailbox_of(case.bench, address) for address in words.outcome.suppliers)
    post = _posted(case, words, asked)
    for supplier in asked:
        case.event(
            mail.agent, "supplier-asked", supplier.address, _fact(case, FactKind.SUPPLIER_ASKED, supplier.address)
        )
        _write(case, words, post, supplier)
    _wait(case, words, asked)
    case.change(updated_at=case.bench.now)
    told, to = [case.ticket.assignee, *_watchers(case)], ", ".join(a.address for a in asked)
    tell_agents(case, "note-added", told, but=mail.agent, words=words.text, author=mail.agent, reason=f"→ {to}")
    return None


def _posted(case: Case, words: Words, asked: tuple[Address, ...]) -> Post:
    post = words.kept(post_of(case, words.mail, public=False, direction=Direction.NOTE, new_text=words.text))
    post = words.to(post, asked)
    case.post(post)
    return post


def _wait(case: Case, words: Words, asked: Sequence[Address]) -> None:
    """Put the ticket on hold, unless the agent said how it stands, or its queue goes on meanwhile."""
    queue = case.bench.settings.queue_named(case.ticket.queue)
    if words.outcome.status is not None or queue is None or not queue.hold_for_supplier:
        return
    if case.ticket.status in {Status.NEW, Status.OPEN, Status.PENDING}:
        following = after(case.ticket.status, Act.HOLD)
        assert isinstance(following, Status)
        names = ", ".join(a.address for a in asked)
        case.set_status(words.mail.agent or "", following, f"waits for {names}")


def _write(case: Case, words: Words, post: Post, supplier: Address) -> None:
    """Send the words with a token of the supplier's own; nothing that anybody else wrote goes along."""
    bench, ticket, agent = case.bench, case.ticket, words.mail.agent or ""
    firm = bench.settings.supplier_of(supplier.key)
    language = firm.language if firm is not None and firm.language in bench.settings.languages else ""
    heard = tuple(p.message_id for p in case.past.posts if p.author.key == supplier.key and p.message_id)
    bench.notify(
        Notice(
            "supplier-asked",
            Audience.SUPPLIER,
            language or language_of(bench, supplier.key),
            recipients(bench, [supplier.key], Role.SUPPLIER),
            (supplier,),
            PublicFacts("", ticket.status, words=words.text, author=words.signed(name_of(bench, agent))),
            Purpose.SUPPLIER,
            ticket.number,
            ticket.first_subject,
            from_address=ticket.address,
            from_name=words_of_agent(case, agent),
            automatic="",
            in_reply_to=heard[-1] if heard else "",
            references=heard,
            not_before=not_before(case, words.outcome),
            post=post.id,
            words_of=agent,
            attachments=carried(post.entry, (a for a in post.attachments if not a.inline)),
        )
    )


def put_supplier(case: Case, actor: str, address: str, *, joins: bool) -> None:
    """Let a third party join or leave the ticket."""
    firm = case.bench.settings.supplier_called(address)
    case.put(Participant(address, firm.name if firm is not None else "", Role.SUPPLIER, active=joins))
    gone = None if joins else _fact(case, FactKind.SUPPLIER_ANSWERED, address)
    case.event(actor, "supplier", f"{address} {'joins' if joins else 'leaves'}", gone)


def _fact(case: Case, kind: FactKind, supplier: str) -> Fact:
    """Return what asking and answering mean for the supplier's clock."""
    return Fact(case.bench.at, kind, response=supplier.lower())
