"""Which ticket a mail joins, and what its sender may do there: the attacks included."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.base.keys import format_key
from maild.base.words import DoorName, Purpose, Verdict
from maild.desk.patterns import Came, suspicions
from maild.message.envelope import Envelope
from maild.message.model import Address, Field, Message, Report
from maild.message.parse import parse
from maild.proof.model import Proof, Token
from maild.proof.tokens import Keyring, hour_of
from maild.settings.model import Settings
from maild.thread.choose import choose
from maild.thread.keys import keys, wanted
from maild.thread.model import Candidate, Candidates, Match, Rule, StoredMessage

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
RING = Keyring((("a", b"secret"),))
DESK = "desk@d.example"
MARTA, EVE, ANA = "marta@example.org", "eve@evil.example", "ana@example.com"
SETTINGS = Settings.model_validate({"desk": {"domain": "d.example", "reply_address": DESK, "prefix": "ACME"}})
REF = RING.ref_of("entry-1", 0)
TICKET = Candidate(number=7, asked_for=7, people=frozenset({MARTA}))
UNKNOWN = Proof(Verdict.NONE, "none", "", "nothing speaks for it")
DISOWNED = Proof(Verdict.FAIL, "dmarc", "", "DMARC fails")


@dataclass(frozen=True)
class Found:
    automatic: bool = False


def address(person: str, purpose: Purpose = Purpose.REQUESTER, ticket: int = 7, age_days: int = 0) -> str:
    day = hour_of(NOW - timedelta(days=age_days))
    return RING.reply_address(DESK, "+", Token(purpose, ticket, RING.person_hash(person), day, REF))


def our_id(purpose: Purpose = Purpose.REQUESTER, ticket: int = 7) -> str:
    return RING.message_id(purpose, ticket, REF, "d.example")


def mail(sender: str = MARTA, *, to: str = "support@example.com", **facts: object) -> Message:
    return replace(
        Message("", "", 0, from_=(Address("", sender),), to=(Address("", to),), subject="VPN is down"),
        **facts,  # type: ignore[arg-type]  # facts of the right types
    )


def chosen(
    message: Message,
    *,
    rcpt_to: tuple[str, ...] = (),
    proof: Proof = UNKNOWN,
    agent: str | None = None,
    proved: bool = False,
    automatic: bool = False,
    stored: tuple[StoredMessage, ...] = (),
    tickets: tuple[Candidate, ...] = (TICKET,),
    duplicate_of: str = "",
) -> Match:
    found = keys(message, Envelope(DoorName.SMTP, NOW, rcpt_to=rcpt_to), keyring=RING, settings=SETTINGS)
    asked = wanted(found)
    known = tuple(s for s in stored if s.message_id in asked.message_ids)
    numbers = {*asked.tickets, *(s.ticket for s in known)}
    candidates = Candidates(duplicate_of, known, tuple(t for t in tickets if t.asked_for in numbers))
    match = choose(
        found,
        candidates,
        sender=message.author.key,
        proof=proof,
        agent=agent,
        agent_proved=proved,
        finding=Found(automatic),
        keyring=RING,
        now=NOW,
    )
    assert match.because
    return match


def outcome(match: Match) -> tuple[Rule, int | None, bool]:
    return match.rule, match.ticket, match.admitted


def test_an_answer_to_her_own_reply_address_joins_her_ticket():
    match = chosen(mail(to=address(MARTA)))
    assert outcome(match) == (Rule.TOKEN, 7, True)
    assert match.token is not None
    assert match.token.purpose is Purpose.REQUESTER


def test_the_envelope_recipient_goes_before_to_and_delivered_to():
    other = Candidate(8, 8, frozenset({MARTA}))
    message = mail(to=address(MARTA, ticket=8))
    assert chosen(message, rcpt_to=(address(MARTA),), tickets=(TICKET, other)).ticket == 7
    delivered = mail(fields=(Field("Delivered-To", f"<{address(MARTA).upper()}>"),))
    assert outcome(chosen(delivered)) == (Rule.TOKEN, 7, True)


def test_a_token_in_strange_hands_leaves_a_note():
    match = chosen(mail(EVE, to=address(MARTA)))
    assert outcome(match) == (Rule.TOKEN, 7, False)
    assert EVE in match.because


def test_the_tokens_own_person_is_admitted_without_being_a_participant():
    for purpose in (Purpose.REQUESTER, Purpose.APPROVER):
        assert outcome(chosen(mail(EVE, to=address(EVE, purpose)))) == (Rule.TOKEN, 7, True)


@pytest.mark.parametrize("proof", [UNKNOWN, DISOWNED])
def test_a_supplier_is_admitted_by_his_token_while_he_takes_part_and_leaves_a_note_afterwards(proof):
    message = mail(EVE, to=address(EVE, Purpose.SUPPLIER))
    there = (replace(TICKET, people=frozenset({MARTA, EVE})),)
    assert outcome(chosen(message, proof=proof, tickets=there)) == (Rule.TOKEN, 7, True)
    assert outcome(chosen(message, proof=proof)) == (Rule.TOKEN, 7, False)


def test_an_answer_to_all_goes_by_the_senders_own_token():
    other = Candidate(8, 8, frozenset())
    match = chosen(mail(EVE), rcpt_to=(address(MARTA), address(EVE, ticket=8)), tickets=(TICKET, other))
    assert outcome(match) == (Rule.TOKEN, 8, True)


@pytest.mark.parametrize("rule", [Rule.OUR_MESSAGE_ID_REPLY, Rule.OUR_MESSAGE_ID_REFERENCES, Rule.MARKER])
def test_a_signed_message_id_or_marker_admits_participants_and_keeps_strangers_out(rule):
    where = {
        Rule.OUR_MESSAGE_ID_REPLY: {"in_reply_to": (our_id(),)},
        Rule.OUR_MESSAGE_ID_REFERENCES: {"references": (our_id(ticket=99), our_id(), "<x@other.example>")},
        Rule.MARKER: {"markers": (RING.marker(Purpose.REQUESTER, 7, REF),)},
    }[rule]
    assert outcome(chosen(mail(**where))) == (rule, 7, True)
    assert outcome(chosen(mail(EVE, **where))) == (rule, 7, False)


def test_references_are_read_from_right_to_left():
    other = Candidate(8, 8, frozenset({MARTA}))
    match = chosen(mail(references=(our_id(), our_id(ticket=8))), tickets=(TICKET, other))
    assert match.ticket == 8


def test_the_rules_are_tried_in_their_order():
    numbers = range(1, 8)
    tickets = tuple(Candidate(n, n, frozenset({MARTA})) for n in numbers)
    stored = (StoredMessage("<a@x>", 4, "vpn is down"), StoredMessage("<b@x>", 5, "vpn is down"))
    message = mail(
        to=address(MARTA, ticket=1),
        in_reply_to=(our_id(ticket=2), "<a@x>"),
        references=(our_id(ticket=3), "<b@x>"),
        subject=f"[{format_key('ACME', 6)}] VPN is down",
        markers=(RING.marker(Purpose.REQUESTER, 7, REF),),
    )
    fired = []
    for number in numbers:
        match = chosen(message, tickets=tickets[number - 1 :], stored=stored)
        fired.append((match.ticket, match.rule))
    order = list(Rule)[list(Rule).index(Rule.TOKEN) : list(Rule).index(Rule.NONE)]
    assert fired == list(zip(numbers, order, strict=True))
    assert chosen(message, tickets=()).rule is Rule.NONE


def test_the_same_mail_again_is_a_duplicate_whatever_else_it_says():
    match = chosen(mail(to=address(MARTA)), duplicate_of="entry-9")
    assert match.rule is Rule.DUPLICATE
    assert "entry-9" in match.because


def test_in_reply_to_a_stored_mail_is_enough():
    stored = (StoredMessage("<first@example.org>", 7, "something else"),)
    assert outcome(chosen(mail(in_reply_to=("<first@example.org>",)), stored=stored)) == (
        Rule.STORED_IN_REPLY_TO,
        7,
        True,
    )
    assert chosen(mail(EVE, in_reply_to=("<first@example.org>",)), stored=stored).admitted is False


def test_references_to_a_stored_mail_want_the_same_subject():
    message = mail(references=("<first@example.org>",), subject="RV: [EXTERNAL] vpn is down")
    same, other = (StoredMessage("<first@example.org>", 7, s) for s in ("vpn is down", "printer"))
    assert outcome(chosen(message, stored=(same,))) == (Rule.STORED_REFERENCES, 7, True)
    assert outcome(chosen(message, stored=(other,))) == (Rule.NONE, None, True)


def test_of_two_tickets_of_one_mail_the_one_where_the_sender_takes_part_is_chosen():
    sibling = Candidate(6, 6, frozenset())
    stored = (StoredMessage("<m@x>", 6, ""), StoredMessage("<m@x>", 7, ""))
    assert chosen(mail(in_reply_to=("<m@x>",)), stored=stored, tickets=(sibling, TICKET)).ticket == 7


def test_a_participant_may_write_the_key_into_the_subject():
    subject = f"Once more: [{format_key('ACME', 7)}]"
    assert outcome(chosen(mail(subject=subject))) == (Rule.SUBJECT_KEY, 7, True)
    assert outcome(chosen(mail(ANA, subject=subject), agent=ANA, proved=True)) == (Rule.SUBJECT_KEY, 7, True)


def test_a_stranger_who_guesses_the_key_gets_a_new_ticket():
    match = chosen(mail(EVE, subject=f"[{format_key('ACME', 7)}] [{format_key('ACME', 999)}] hello"))
    assert outcome(match) == (Rule.NONE, None, True)
    assert match.mentions == (7,)


@pytest.mark.parametrize(
    ("pattern", "message", "agent"),
    [
        ("foreign-keys", mail(EVE, subject=f"[{format_key('ACME', 7)}]"), None),
        ("foreign-tokens", mail(EVE, to=address(MARTA)), None),
        ("foreign-tokens", mail(EVE, in_reply_to=(our_id(),)), None),
        ("foreign-tokens", mail(ANA, in_reply_to=(our_id(Purpose.PUBLIC),)), ANA),
    ],
)
@pytest.mark.parametrize("lives", [7, 9])
def test_the_reason_on_record_is_the_one_by_which_tries_are_counted(pattern, message, agent, lives):
    match = chosen(message, agent=agent, tickets=(replace(TICKET, number=lives),))
    tries = [Came(f"e{n}", "", EVE, f"{match.rule}: {match.because}", match.ticket) for n in range(9)]
    assert (pattern, EVE) in dict(suspicions(tries, SETTINGS))


def test_an_agents_name_without_proof_does_not_open_a_ticket_by_its_key():
    match = chosen(mail(ANA, subject=f"[{format_key('ACME', 7)}]"), agent=ANA)
    assert (match.ticket, match.mentions) == (None, (7,))


@pytest.mark.parametrize("purpose", [Purpose.PUBLIC, Purpose.INTERNAL])
def test_a_forged_agent_with_a_real_message_id_of_ours_leaves_a_note(purpose):
    match = chosen(mail(ANA, in_reply_to=(our_id(purpose),)), agent=ANA)
    assert outcome(match) == (Rule.OUR_MESSAGE_ID_REPLY, 7, False)
    assert "proves" in match.because
    assert chosen(mail(ANA, in_reply_to=(our_id(purpose),)), agent=ANA, proved=True).admitted


def test_an_unsigned_message_id_of_our_form_is_only_a_foreign_one():
    forged = our_id().replace("r", "p", 1)
    found = keys(mail(in_reply_to=(forged,)), Envelope(DoorName.IMAP, NOW), keyring=RING, settings=SETTINGS)
    assert found.reply_ids == ()
    assert wanted(found).message_ids == (forged,)
    assert chosen(mail(in_reply_to=(forged,))).rule is Rule.NONE


@pytest.mark.parametrize("purpose", [Purpose.PUBLIC, Purpose.INTERNAL, Purpose.CONTROL, Purpose.ENVELOPE])
def test_a_former_agents_token_admits_nobody(purpose):
    assert outcome(chosen(mail(ANA, to=address(ANA, purpose)), agent=None)) == (Rule.TOKEN, 7, False)
    assert chosen(mail(ANA, to=address(ANA, purpose, ticket=0)), agent=None).token is None


def test_the_reverse_path_of_a_mail_gives_nobody_a_right():
    to = address(ANA, Purpose.ENVELOPE)
    assert outcome(chosen(mail(ANA, to=to), agent=ANA)) == (Rule.TOKEN, 7, False)
    assert outcome(chosen(mail(ANA, to=to), agent=ANA, proved=True)) == (Rule.TOKEN, 7, True)
    assert outcome(chosen(mail(to=address(MARTA, Purpose.ENVELOPE)), proof=DISOWNED)) == (Rule.NONE, None, True)


def test_an_expired_control_token_admits_nobody():
    fresh, stale = (address(ANA, Purpose.CONTROL, age_days=days) for days in (1, 31))
    assert chosen(mail(ANA, to=fresh), agent=ANA).admitted is True
    assert chosen(mail(ANA, to=stale), agent=ANA).admitted is False


def test_an_agent_answers_a_transcript_that_belongs_to_no_ticket():
    to = address(ANA, Purpose.CONTROL, ticket=0)
    match = chosen(mail("ana.ruiz@example.com", to=to), agent=ANA)
    assert outcome(match) == (Rule.TOKEN, None, True)
    assert match.token is not None
    assert chosen(mail(EVE, to=to)).rule is Rule.NONE
    assert chosen(mail(EVE, to=to)).token is None
    reply = mail(ANA, in_reply_to=(our_id(Purpose.CONTROL, 0),))
    assert outcome(chosen(reply, agent=ANA, proved=True)) == (Rule.OUR_MESSAGE_ID_REPLY, None, True)


def test_a_requester_whose_domain_disowns_the_mail_is_believed_with_her_token_only():
    assert outcome(chosen(mail(to=address(MARTA)), proof=DISOWNED)) == (Rule.TOKEN, 7, True)
    for message in (
        mail(to=address("ben@example.org")),
        mail(in_reply_to=(our_id(),)),
        mail(subject=f"[{format_key('ACME', 7)}]"),
        mail(ANA, to=address(ANA, Purpose.PUBLIC)),
    ):
        match = chosen(message, proof=DISOWNED)
        assert outcome(match) == (Rule.NONE, None, True)
        assert match.mentions == ()
        assert "DMARC fails" in match.because


def test_an_agent_proved_by_his_token_may_fail_dmarc():
    match = chosen(mail(ANA, to=address(ANA, Purpose.PUBLIC)), proof=DISOWNED, agent=ANA, proved=True)
    assert outcome(match) == (Rule.TOKEN, 7, True)


def test_two_authors_take_part_in_nothing():
    two = replace(mail(to=address(MARTA)), from_=(Address("", MARTA), Address("", EVE)))
    assert outcome(chosen(two)) == (Rule.TOKEN, 7, False)


def test_a_display_name_that_looks_like_the_requester_is_a_stranger():
    trick = replace(mail(to=address(MARTA)), from_=(Address(MARTA, EVE),))
    assert chosen(trick).admitted is False


@pytest.mark.parametrize(
    "head",
    [
        f"From: {EVE}\r\nFrom: {MARTA}\r\n",
        f"From: {MARTA}, {EVE}\r\n",
        f'From: "{MARTA}" <{EVE}>\r\n',
        f"From: {MARTA} <{EVE}>\r\n",
        f"From: ({MARTA}) {EVE}\r\n",
        f"From: =?utf-8?q?{MARTA}?= <{EVE}>\r\n",
        f"From: <{EVE}>\r\nSender: {MARTA}\r\nReply-To: {MARTA}\r\n",
        f'From: "{MARTA}"@evil.example\r\n',
        f"From: {MARTA}>{EVE}\r\n",
        "Subject: no From\r\n",
    ],
)
def test_no_trick_with_from_makes_a_stranger_the_requester(head):
    octets = f"{head}To: {address(MARTA)}\r\nSubject: VPN\r\n\r\nHello".encode()
    assert chosen(parse(octets)).admitted is False


def test_an_answer_that_lost_its_headers_is_known_by_the_marker_in_its_quote():
    marker = RING.marker(Purpose.REQUESTER, 7, REF)
    octets = f"From: {MARTA}\r\nTo: support@example.com\r\n\r\nThanks\r\n\r\n> Hi\r\n> {marker}\r\n".encode()
    assert outcome(chosen(parse(octets))) == (Rule.MARKER, 7, True)


@pytest.mark.parametrize(
    "where",
    [
        {"to": address(MARTA)},
        {"in_reply_to": (our_id(),)},
        {"references": (our_id(),)},
        {"in_reply_to": ("<first@example.org>",)},
        {"references": ("<first@example.org>",)},
        {"subject": f"[{format_key('ACME', 7)}] VPN is down"},
        {"markers": (RING.marker(Purpose.REQUESTER, 7, REF),)},
    ],
    ids=["token", "reply", "references", "stored-reply", "stored-references", "subject", "marker"],
)
def test_a_merge_is_followed_whatever_names_the_old_ticket(where):
    merged = Candidate(number=9, asked_for=7, people=frozenset({MARTA}))
    stored = (StoredMessage("<first@example.org>", 7, "vpn is down"),)
    match = chosen(mail(**where), tickets=(merged,), stored=stored)
    assert (match.ticket, match.admitted) == (9, True)
    assert "7, now merged into 9" in match.because


def test_a_strangers_key_of_a_merged_ticket_is_a_mention_of_where_it_lives():
    merged = Candidate(number=9, asked_for=7, people=frozenset({MARTA}))
    match = chosen(mail(EVE, subject=f"[{format_key('ACME', 7)}]"), tickets=(merged,))
    assert (match.ticket, match.mentions) == (None, (9,))


@pytest.mark.parametrize("where", [{"to": address(MARTA)}, {"in_reply_to": (our_id(),)}])
def test_what_names_a_ticket_that_is_gone_makes_a_new_one(where):
    assert outcome(chosen(mail(**where), tickets=())) == (Rule.NONE, None, True)


def test_a_bounce_is_tied_by_the_signed_reverse_path_and_then_by_what_it_quotes():
    envelope_sender = RING.envelope_sender(DESK, "+", recipient=MARTA, ticket=7, ref=REF)
    by_path = chosen(mail("mailer-daemon@example.org"), rcpt_to=(envelope_sender,), automatic=True)
    assert outcome(by_path) == (Rule.REPORT, 7, True)
    assert by_path.token is not None
    assert (by_path.token.purpose, by_path.token.ref) == (Purpose.ENVELOPE, REF)
    quoted = mail("mailer-daemon@example.org", report=Report(original_message_id=our_id()))
    assert outcome(chosen(quoted, automatic=True)) == (Rule.REPORT, 7, True)
    envid = address(MARTA, Purpose.ENVELOPE).partition("+")[2].partition("@")[0]
    by_envid = mail("mailer-daemon@example.org", report=Report(original_envelope_id=envid))
    assert chosen(by_envid, automatic=True).rule is Rule.REPORT


def test_a_bounce_of_a_mail_without_a_ticket_still_names_that_mail():
    envelope_sender = RING.envelope_sender(DESK, "+", recipient=ANA, ticket=0, ref=REF)
    match = chosen(mail("mailer-daemon@example.org"), rcpt_to=(envelope_sender,), automatic=True)
    assert (match.rule, match.ticket) == (Rule.REPORT, None)
    assert match.token is not None


def test_a_person_who_writes_to_the_reverse_path_is_no_report():
    envelope_sender = RING.envelope_sender(DESK, "+", recipient=MARTA, ticket=7, ref=REF)
    assert outcome(chosen(mail(), rcpt_to=(envelope_sender,))) == (Rule.TOKEN, 7, True)
    assert outcome(chosen(mail(EVE), rcpt_to=(envelope_sender,))) == (Rule.TOKEN, 7, False)


def test_a_long_list_of_references_is_cut_at_its_old_end():
    ids = tuple(f"<{n}@example.org>" for n in range(1000))
    found = keys(mail(references=ids), Envelope(DoorName.IMAP, NOW), keyring=RING, settings=SETTINGS)
    assert len(wanted(found).message_ids) == 200
    assert wanted(found).message_ids[0] == "<999@example.org>"


def test_the_store_is_asked_for_every_ticket_and_each_once():
    message = mail(
        to=address(MARTA),
        in_reply_to=(our_id(ticket=8),),
        references=(our_id(ticket=8), our_id(ticket=9), "<x@y>"),
        subject=f"[{format_key('ACME', 10)}]",
        markers=(RING.marker(Purpose.REQUESTER, 11, REF), "maild-ref:forged"),
    )
    found = keys(message, Envelope(DoorName.IMAP, NOW), keyring=RING, settings=SETTINGS)
    assert wanted(found).tickets == (7, 8, 9, 11, 10)
    assert wanted(found).message_ids == ("<x@y>",)
