"""Approvals by mail: who may vote, what counts, and what it comes to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import (
    ApprovalState,
    DeliveryState,
    Kind,
    Purpose,
    Role,
    Status,
    TicketType,
    Verdict,
    VoteState,
)
from maild.desk.bench import Bench
from maild.desk.decide.approval import start_approval
from maild.desk.decide.approver import read_answer
from maild.desk.decide.clock import decide_clock
from maild.desk.decide.message import decide_message
from maild.desk.effects import KeepApproval, KeepUndo
from maild.desk.model import Delivery, Participant, Snapshot
from maild.desk.notices import InternalFacts, PublicFacts
from maild.message.model import Address
from maild.settings.reading import read_text
from maild.thread.model import Rule

from .bench import (
    ANA,
    BEN,
    EVA,
    EXAMPLE,
    LEAD,
    MARTA,
    MONDAY,
    after,
    bench,
    mail,
    notice,
    posts,
    slas,
    ticket,
    told,
    verbs,
)

BOSS, CFO, CEO = "boss@example.org", "cfo@example.org", "ceo@example.org"
HOME, BOSS_HOME = "marta@home.example", "boss@home.example"  # other addresses of the same people
ANA_RUIZ = Address("Ana Ruiz", ANA)
POLICIES = f"""
[[approval]]
name = "change"
steps = [{{ approvers = ["lead"] }}, {{ approvers = ["{BOSS}", "{CFO}", "{CEO}"], need = 2 }}]
types = ["change"]

[[approval]]
name = "slow"
steps = [{{ approvers = ["{BOSS}", "{CFO}"], need = "all" }}]
expires_after = "3d"
remind_after = "1d"
on_expiry = "lead"

[[organisation]]
name = "customer"
domains = ["example.org"]
manager = "{BOSS}"

[[person]]
address = "{MARTA.key}"
addresses = ["{HOME}"]

[[person]]
address = "{BOSS}"
addresses = ["{BOSS_HOME}"]

[[approval]]
name = "purchase"
steps = [{{ approvers = ["manager"] }}]
"""
READ = read_text(EXAMPLE.read_text("utf-8") + POLICIES)
assert READ.settings is not None, READ.faults
SETTINGS = READ.settings


def decide(arrived, taken, now=MONDAY):
    return decide_message(arrived, replace(taken, new_numbers=(101,)), SETTINGS, slas(), now)


def order(text, before=None, **more):
    """What an agent's commands come to on Marta's ticket."""
    arrived = mail(text, author=ANA_RUIZ, rule=Rule.TOKEN, ticket=7, purpose=Purpose.PUBLIC, entry="e2")
    return decide(arrived, Snapshot(ticket=before or ticket(), **more))


def kept(decision):
    """The approval as a decision leaves it."""
    return [e.approval for e in decision.effects if isinstance(e, KeepApproval)][-1]


def asked_by_hand(text="#ask-approval boss@example.org"):
    decision = order(text)
    return kept(decision), after(decision, ticket())


def request(approval, who, **values):
    """The outbox row of the request that somebody answers."""
    vote = approval.vote_of(who)
    at = vote.asked_at if vote is not None and vote.asked_at is not None else MONDAY
    given = {"created_at": at, **values}
    return Delivery("o1", 7, "approval-request", who, DeliveryState.SENT, "<r@x>", "ref", "", "", True, **given)


def answered(text, who, approval, before, *, own=True, purpose=Purpose.APPROVER, row=None, now=MONDAY, **more):
    """What an approver's answer comes to."""
    arrived = mail(text, author=Address("", who), rule=Rule.TOKEN, ticket=7, purpose=purpose, entry="e9", **more)
    taken = Snapshot(ticket=before, approvals=(approval,), reported=row or request(approval, who))
    return decide(replace(arrived, own_token=own), taken, now)


def test_asking_writes_to_the_approver_and_lets_the_clocks_rest():
    decision = order("#ask-approval boss@example.org: Two licences, 200 euros\n")
    assert told(decision) == {"approval-request": [BOSS], "transcript": [ANA]}
    stands = after(decision, ticket())
    assert stands.status is Status.ON_HOLD
    assert stands.participants == (Participant(BOSS, "", Role.APPROVER),)
    mail_to_boss = notice(decision, "approval-request")
    assert mail_to_boss.purpose is Purpose.APPROVER
    assert isinstance(mail_to_boss.facts, PublicFacts)
    assert (mail_to_boss.facts.words, mail_to_boss.facts.author) == ("Two licences, 200 euros", "Ana Ruiz")
    assert "approval-asked" in verbs(decision)


@pytest.mark.parametrize("text", ["approve", "Approve.", "APROBAR\n\ngracias", "#approve", "\n\naprobar, claro"])
def test_the_first_word_approves(text):
    approval, before = asked_by_hand()
    decision = answered(text, BOSS, approval, before)
    assert kept(decision).state is ApprovalState.GRANTED
    assert after(decision, before).status is Status.OPEN
    assert told(decision) == {"approval-outcome": [MARTA.key], "approval-decided": [ANA]}
    assert [p.public for p in posts(decision)] == [False]


@pytest.mark.parametrize("text", ["Yes, approve", "approved", "ok", "approve?", "I reject", "", "👍"])
def test_anything_else_is_a_comment_and_never_a_vote(text):
    approval, before = asked_by_hand()
    decision = answered(text, BOSS, approval, before)
    assert not [e for e in decision.effects if isinstance(e, KeepApproval)]
    assert after(decision, before).status is Status.ON_HOLD
    assert told(decision) == {"note-added": [ANA]}


def test_a_rejection_tells_the_requester_why():
    approval, before = asked_by_hand()
    decision = answered("Rechazar: no hay presupuesto", BOSS, approval, before)
    assert kept(decision).state is ApprovalState.REJECTED
    facts = notice(decision, "approval-outcome").facts
    assert isinstance(facts, PublicFacts)
    assert (facts.decision, facts.words) == ("rejected", "no hay presupuesto")
    said = notice(decision, "approval-decided").facts
    assert isinstance(said, InternalFacts)
    assert said.lines == ((BOSS, "rejected: no hay presupuesto"),)


def test_a_rejection_without_a_reason_waits_for_it_and_is_asked_for_it_once():
    approval, before = asked_by_hand()
    first = answered("reject", BOSS, approval, before)
    waiting = kept(first)
    assert (waiting.state, waiting.votes[0].state, waiting.votes[0].wants_note) == ("asked", VoteState.ASKED, True)
    facts = notice(first, "approval-request").facts
    assert isinstance(facts, PublicFacts)
    assert facts.stage == "wants-note"
    again = answered("reject", BOSS, waiting, before)
    assert told(again) == {}
    reason = answered("It is too dear.", BOSS, waiting, before)
    assert kept(reason).votes[0].comment == "It is too dear."
    assert kept(reason).state is ApprovalState.REJECTED


@pytest.mark.parametrize(
    "more",
    [
        {"own": False},
        {"purpose": Purpose.REQUESTER},
        {"verdict": Verdict.FAIL},
        {"row": request(asked_by_hand()[0], BOSS, created_at=MONDAY - timedelta(days=9))},
    ],
    ids=["somebody else's token", "no approver's token", "disowned by its domain", "an older request"],
)
def test_only_an_answer_to_his_own_request_counts(more):
    approval, before = asked_by_hand()
    decision = answered("approve", BOSS, approval, before, **more)
    assert not [e for e in decision.effects if isinstance(e, KeepApproval)]
    assert "vote-not-counted" in verbs(decision)


def test_a_forwarded_request_in_other_hands_is_a_strangers_words():
    approval, before = asked_by_hand()
    decision = answered("approve", "colleague@example.org", approval, before, own=False, admitted=False)
    assert (verbs(decision), told(decision)) == (["stranger-wrote"], {"stranger-wrote": [ANA]})
    assert not [e for e in decision.effects if isinstance(e, KeepApproval)]


def test_a_requester_who_got_hold_of_the_request_only_writes_to_her_ticket():
    approval, before = asked_by_hand()
    decision = answered("approve", MARTA.key, approval, before, own=False)
    assert not [e for e in decision.effects if isinstance(e, KeepApproval)]
    assert {"vote-not-counted", "wrote"} <= set(verbs(decision))


def test_who_answers_too_late_leaves_a_comment():
    approval, before = asked_by_hand()
    decided = kept(answered("approve", BOSS, approval, before))
    late = answered("reject, I changed my mind", BOSS, decided, before)
    assert "vote-not-counted" in verbs(late)


def test_a_machine_in_his_mailbox_does_not_vote():
    approval, before = asked_by_hand()
    decision = answered("approve", BOSS, approval, before, kind=Kind.AUTO_REPLY)
    assert verbs(decision) == ["recorded"]
    assert not [e for e in decision.effects if isinstance(e, KeepApproval)]


def test_a_question_has_nothing_to_approve():
    assert verbs(order("#ask-approval eva", ticket(type=TicketType.QUESTION))) == ["commands-refused"]


def test_an_approver_who_is_on_copy_too_votes_with_his_token():
    approval, _ = asked_by_hand()
    before = ticket(Status.ON_HOLD, participants=(Participant(BOSS, "", Role.CC),))
    assert kept(answered("approve", BOSS, approval, before)).state is ApprovalState.GRANTED


def test_steps_go_in_order_and_two_of_three_are_enough():
    first = order("#ask-approval change")
    approval = kept(first)
    assert told(first)["approval-request"] == [LEAD]
    before = after(first, ticket())
    second = answered("approve", LEAD, approval, before)
    assert sorted(told(second)["approval-request"]) == sorted([BOSS, CFO, CEO])
    third = answered("approve", CFO, kept(second), before)
    assert kept(third).state is ApprovalState.ASKED
    fourth = answered("reject, no", BOSS, kept(third), before)
    assert kept(fourth).state is ApprovalState.ASKED
    fifth = answered("approve", CEO, kept(fourth), before)
    assert kept(fifth).state is ApprovalState.GRANTED


def test_it_is_rejected_when_not_enough_are_left():
    approval = replace(kept(order("#ask-approval change")))
    before = ticket(Status.ON_HOLD)
    approval = kept(answered("approve", LEAD, approval, before))
    approval = kept(answered("reject, no", BOSS, approval, before))
    assert kept(answered("reject, no", CFO, approval, before)).state is ApprovalState.REJECTED


def test_all_means_all():
    approval, before = asked_by_hand(f"#ask-approval {BOSS} {CFO} need=all")
    half = answered("approve", BOSS, approval, before)
    assert kept(half).state is ApprovalState.ASKED
    assert kept(answered("approve", CFO, kept(half), before)).state is ApprovalState.GRANTED


def test_delegation_gives_the_other_a_request_of_his_own_and_takes_ones_own_vote_away():
    approval, before = asked_by_hand()
    passed = answered(f"delegate {CFO}\nYou know better", BOSS, approval, before)
    assert told(passed)["approval-request"] == [CFO]
    assert [(v.approver, v.state) for v in kept(passed).votes] == [(BOSS, "delegated"), (CFO, "asked")]
    assert "delegated" in verbs(passed)
    assert "vote-not-counted" in verbs(answered("approve", BOSS, kept(passed), before))
    assert kept(answered("aprobar", CFO, kept(passed), before)).state is ApprovalState.GRANTED


@pytest.mark.parametrize("who", ["", MARTA.key, HOME, BOSS, BOSS_HOME, "support@example.com"])
def test_a_vote_is_not_passed_on_to_nobody_the_requester_or_oneself(who):
    approval, before = asked_by_hand()
    decision = answered(f"delegar {who}", BOSS, approval, before)
    assert not [e for e in decision.effects if isinstance(e, KeepApproval)]
    facts = notice(decision, "approval-request").facts
    assert isinstance(facts, PublicFacts)
    assert facts.stage == "no-delegate"


def clock(approval, before, **later):
    now = MONDAY + timedelta(**later)
    return decide_clock(bench(Snapshot(ticket=replace(before, facts=()), approvals=(approval,)), now, SETTINGS))


def test_who_has_not_decided_is_reminded_and_defer_puts_it_off():
    approval, before = asked_by_hand()
    assert told(clock(approval, before, days=1)) == {}
    reminded = clock(approval, before, days=2, minutes=1)
    assert told(reminded) == {"approval-request": [BOSS]}
    assert told(clock(kept(reminded), before, days=2, minutes=2)) == {}
    deferred = answered("defer 4d", BOSS, approval, before)
    assert told(deferred) == {}
    assert told(clock(kept(deferred), before, days=3)) == {}
    assert told(clock(kept(deferred), before, days=4, minutes=1)) == {"approval-request": [BOSS]}


def test_whoever_defers_where_nobody_is_reminded_is_not_asked_again_at_once():
    approval, before = asked_by_hand()
    deferred = answered("defer", BOSS, replace(approval, remind_after=timedelta(0)), before)
    assert told(clock(kept(deferred), before, minutes=1)) == {}
    assert told(clock(kept(deferred), before, days=2, minutes=1)) == {"approval-request": [BOSS]}


def test_what_nobody_decides_expires_and_is_not_approved():
    approval, before = asked_by_hand()
    decision = clock(approval, before, days=7, minutes=1)
    assert kept(decision).state is ApprovalState.EXPIRED
    assert told(decision) == {"approval-outcome": [MARTA.key], "approval-decided": [ANA]}
    assert after(decision, before).status is Status.OPEN


def test_or_the_lead_decides_in_place_of_those_who_did_not():
    first = order("#ask-approval slow")
    before = after(first, ticket())
    half = kept(answered("approve", BOSS, kept(first), before))
    expired = clock(half, before, days=3, minutes=1)
    assert told(expired) == {"approval-request": [LEAD]}
    asked = kept(expired)
    at = MONDAY + timedelta(days=3, minutes=2)
    assert kept(answered("approve", LEAD, asked, before, now=at)).state is ApprovalState.GRANTED
    assert kept(answered("reject, no", LEAD, asked, before, now=at)).state is ApprovalState.REJECTED
    assert kept(clock(asked, before, days=7)).state is ApprovalState.EXPIRED


def test_a_ticket_that_is_over_waits_for_nobody():
    approval, _ = asked_by_hand()
    decision = clock(approval, ticket(Status.CLOSED), days=3)
    assert (kept(decision).state, told(decision)) == (ApprovalState.CANCELLED, {})


def test_a_change_is_not_resolved_without_its_approval():
    change = ticket(type=TicketType.CHANGE)
    refused = order("#resolve\nDone.", change)
    assert (told(refused), after(refused, change).status) == ({"transcript": [ANA]}, Status.OPEN)
    rejected = replace(kept(order("#ask-approval change", change)), state=ApprovalState.REJECTED)
    assert after(order("#resolve\nDone.", change, approvals=(rejected,)), change).status is Status.OPEN
    granted = replace(rejected, state=ApprovalState.GRANTED)
    assert after(order("#resolve\nDone.", change, approvals=(rejected, granted)), change).status is Status.RESOLVED
    assert after(order("#close\nWithdrawn.", change), change).status is Status.CLOSED


def test_the_manager_of_the_requesters_organisation_is_asked():
    assert told(order("#ask-approval purchase"))["approval-request"] == [BOSS]
    assert told(order("#pedir-aprobacion manager"))["approval-request"] == [BOSS]


@pytest.mark.parametrize(
    "text",
    [
        f"#ask-approval {MARTA.key}",
        f"#ask-approval {HOME}",
        f"#ask-approval {BOSS} {BOSS_HOME} need=2",
        "#ask-approval ana",
        f"#ask-approval {BOSS} need=3",
        "#ask-approval nobody",
        "#ask-approval support@example.com",
        f"#ask-approval {BOSS} need=some",
        "#approve",
        "#reject no",
    ],
)
def test_what_makes_no_sense_is_a_fault(text):
    decision = order(text)
    assert not [e for e in decision.effects if isinstance(e, KeepApproval)]
    assert verbs(decision) == ["commands-refused"]


def test_whoever_has_several_addresses_is_asked_once():
    approval, _ = asked_by_hand(f"#ask-approval {BOSS} {BOSS_HOME}")
    assert [vote.approver for vote in approval.votes] == [BOSS]


def test_an_approver_may_answer_from_his_other_address():
    approval, before = asked_by_hand()
    decision = answered("approve", BOSS_HOME, approval, before, row=request(approval, BOSS))
    assert kept(decision).state is ApprovalState.GRANTED


def test_nobody_is_asked_twice_at_a_time():
    approval, before = asked_by_hand()
    assert verbs(order("#ask-approval eva", before, approvals=(approval,))) == ["commands-refused"]


def test_who_has_become_the_requester_meanwhile_has_no_vote():
    approval, before = asked_by_hand()
    decision = answered("approve", BOSS, approval, replace(before, requester=BOSS_HOME))
    assert "vote-not-counted" in verbs(decision)
    assert not [e for e in decision.effects if isinstance(e, KeepApproval)]


def test_an_agent_who_was_asked_may_decide_with_a_command():
    approval = kept(order("#ask-approval ben"))
    ben = mail("#reject too risky", author=Address("", BEN), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL)
    before = ticket(Status.ON_HOLD)
    decision = decide(ben, Snapshot(ticket=before, approvals=(approval,)))
    assert kept(decision).state is ApprovalState.REJECTED
    eva = mail("#approve", author=Address("", EVA), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL)
    assert verbs(decide(eva, Snapshot(ticket=before, approvals=(approval,)))) == ["commands-refused"]


def test_asking_cannot_be_taken_back():
    undo = next(e.undo for e in order("#ask-approval eva").effects if isinstance(e, KeepUndo))
    assert undo.refusal == "undo-approval"


def test_a_policy_can_be_started_by_the_catalogue():
    bench = Bench("s1", Snapshot(), SETTINGS, slas(), MONDAY, MONDAY)
    assert start_approval(bench.case(ticket()), "purchase", "maild", "A new laptop") is None
    assert [n.template for n in bench.notices] == ["approval-request"]
    refused = start_approval(bench.case(ticket(number=8)), "nothing", "maild", "")
    assert refused is not None
    assert refused.phrase == "no-policy"


def test_words_are_read_by_the_first_alone():
    assert (read_answer("delegar a cfo@x").word, read_answer("delegar a cfo@x").rest) == ("delegate", "a cfo@x")
    assert read_answer("approve-ish").word == ""
