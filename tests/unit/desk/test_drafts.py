"""Words that have not left: drafts in the outbox, and what their agent, or an administrator, does with them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import DeliveryState, Direction, Purpose, Status
from maild.desk.decide.delivery import DeliveryOutcome, decide_delivery
from maild.desk.decide.message import decide_message
from maild.desk.decide.release import decide_release
from maild.desk.effects import MarkDelivery, MarkPost
from maild.desk.model import Delivery, Post, Snapshot
from maild.desk.notices import InternalFacts, PublicFacts
from maild.message.model import Address, Span
from maild.sla.model import FactKind
from maild.thread.model import Rule

from .bench import (
    ANA,
    EVA,
    MARTA,
    MONDAY,
    after,
    bench,
    decide,
    facts,
    mail,
    notice,
    posts,
    settings,
    slas,
    ticket,
    told,
)

ANA_RUIZ = Address("Ana Ruiz", ANA)
DRAFT = Post("e1.1", 7, Direction.OUT, ANA_RUIZ, MONDAY, new_text="Hello Marta.", draft=True)
HELD = Delivery(
    "e1.o1", 7, "agent-replied", MARTA.key, DeliveryState.HELD, "<d@x>", "r", "e1.1", ANA, False, MONDAY, draft=True
)


def answer(text, *, purpose=Purpose.PUBLIC, **more):
    return mail(text, author=ANA_RUIZ, rule=Rule.TOKEN, ticket=7, purpose=purpose, entry="e2", **more)


def draft_of(decision):
    (found,) = [n for n in decision.notices if n.draft]
    return found


def test_refused_words_wait_in_the_outbox_for_their_release():
    decision = decide(answer("#xyzzy\nHello Marta."), Snapshot(ticket=ticket()))
    waiting = draft_of(decision)
    assert (waiting.template, waiting.words_of, waiting.post) == ("agent-replied", ANA, posts(decision)[0].id)
    assert "#ok" in waiting.hold
    assert isinstance(waiting.facts, PublicFacts)
    assert waiting.facts.words == "Hello Marta."
    assert not facts(decision)


@pytest.mark.parametrize(
    ("text", "purpose"), [("#xyzzy\nHello.", Purpose.INTERNAL), ("#note\n#xyzzy\nHello.", Purpose.PUBLIC)]
)
def test_refused_words_for_a_note_have_no_mail_to_wait(text, purpose):
    decision = decide(answer(text, purpose=purpose), Snapshot(ticket=ticket()))
    assert not any(n.draft for n in decision.notices)
    assert posts(decision)[0].direction is Direction.NOTE


@pytest.mark.parametrize("text", ["#priority high\nHello Marta.", "Hello Marta."])
def test_who_answers_a_transcript_with_words_is_told_that_they_were_not_sent(text):
    decision = decide(answer(text, purpose=Purpose.CONTROL), Snapshot(ticket=ticket()))
    assert told(decision) == {"transcript": [ANA]}
    transcript = notice(decision, "transcript").facts
    assert isinstance(transcript, InternalFacts)
    assert transcript.lines[-1][1].startswith("guardado como nota")


def test_who_commands_alone_is_told_of_no_note():
    decision = decide(answer("#priority high", purpose=Purpose.CONTROL), Snapshot(ticket=ticket()))
    transcript = notice(decision, "transcript").facts
    assert isinstance(transcript, InternalFacts)
    assert not any("guardado como nota" in became for _, became in transcript.lines)


def test_ok_takes_the_draft_out_of_the_outbox_and_sends_it():
    snapshot = Snapshot(ticket=ticket(), posts=(DRAFT,), deliveries=(HELD,))
    decision = decide(answer("#ok", purpose=Purpose.CONTROL), snapshot)
    (mark,) = [e for e in decision.effects if isinstance(e, MarkDelivery)]
    assert (mark.delivery, mark.state, mark.draft) == ("e1.o1", DeliveryState.CANCELLED, False)
    assert told(decision)["agent-replied"] == [MARTA.key]
    assert FactKind.RESPONSE in facts(decision)


TRANSCRIPT = replace(HELD, id="e1.o2", template="transcript", post="", state=DeliveryState.SENT, draft=False)
ANOTHER = replace(TRANSCRIPT, id="e0.o1")  # of other commands, on another day


def test_corrected_commands_in_answer_to_its_transcript_send_the_draft():
    snapshot = Snapshot(ticket=ticket(), posts=(DRAFT,), deliveries=(HELD,), reported=TRANSCRIPT)
    decision = decide(answer("#priority high", purpose=Purpose.CONTROL), snapshot)
    assert told(decision)["agent-replied"] == [MARTA.key]
    assert after(decision, ticket()).priority == "high"


@pytest.mark.parametrize("answered", [ANOTHER, None])
def test_commands_in_answer_to_another_transcript_leave_the_draft_where_it_is(answered):
    snapshot = Snapshot(ticket=ticket(), posts=(DRAFT,), deliveries=(HELD,), reported=answered)
    decision = decide(answer("#priority high", purpose=Purpose.CONTROL), snapshot)
    assert told(decision) == {"transcript": [ANA]}
    assert not [e for e in decision.effects if isinstance(e, MarkDelivery)]


def test_a_second_fault_keeps_the_words_with_the_new_transcript():
    snapshot = Snapshot(ticket=ticket(), posts=(DRAFT,), deliveries=(HELD,), reported=TRANSCRIPT)
    decision = decide(answer("#priority huge", purpose=Purpose.CONTROL), snapshot)
    assert MarkDelivery("e1.o1", DeliveryState.CANCELLED, "kept anew with e2", draft=False) in decision.effects
    assert draft_of(decision).facts.words == "Hello Marta."
    transcript = notice(decision, "transcript").facts
    assert (transcript.draft, transcript.words) == (True, "Hello Marta.")


KEPT_NOTE = Post("e1.1", 7, Direction.NOTE, ANA_RUIZ, MONDAY, entry="e1", new_text="He called.", draft=True)


def test_a_note_that_was_kept_as_a_draft_is_noted_once():
    decision = decide(answer("#ok", purpose=Purpose.INTERNAL), Snapshot(ticket=ticket(), posts=(KEPT_NOTE,)))
    (noted,) = posts(decision)
    assert (noted.entry, noted.new_text, noted.draft) == ("e1", "He called.", False)
    assert MarkPost("e1.1", public=False, draft=False) not in decision.effects  # it was never said
    again = decide(answer("#ok", purpose=Purpose.INTERNAL), Snapshot(ticket=ticket(), posts=(KEPT_NOTE, noted)))
    assert not posts(again)


@pytest.mark.parametrize("purpose", [Purpose.PUBLIC, Purpose.INTERNAL])
def test_ok_in_answer_to_any_mail_of_the_ticket_sends_the_draft(purpose):
    snapshot = Snapshot(ticket=ticket(), posts=(DRAFT,), deliveries=(HELD,))
    assert told(decide(answer("#ok", purpose=purpose), snapshot))["agent-replied"] == [MARTA.key]


def test_ok_with_other_words_below_is_refused_because_it_cannot_send_both():
    snapshot = Snapshot(ticket=ticket(), posts=(DRAFT,), deliveries=(HELD,))
    decision = decide(answer("#ok\nAnd this too."), snapshot)
    assert "agent-replied" not in told(decision) or draft_of(decision)
    assert notice(decision, "transcript").facts.reason == "fault"


def test_a_draft_that_nobody_released_in_time_is_gone():
    gone = replace(HELD, state=DeliveryState.CANCELLED)
    decision = decide(
        answer("#ok", purpose=Purpose.CONTROL), Snapshot(ticket=ticket(), posts=(DRAFT,), deliveries=(gone,))
    )
    assert told(decision) == {"transcript": [ANA]}
    old = replace(DRAFT, direction=Direction.NOTE, at=MONDAY - timedelta(days=15))
    decision = decide(answer("#ok", purpose=Purpose.CONTROL), Snapshot(ticket=ticket(), posts=(old,)))
    assert told(decision) == {"transcript": [ANA]}


def test_cancel_drops_a_draft_without_taking_back_a_response_that_never_was():
    decision = decide(answer("#cancel"), Snapshot(ticket=ticket(), posts=(DRAFT,), deliveries=(HELD,)))
    assert MarkDelivery("e1.o1", DeliveryState.CANCELLED, f"cancelled by {ANA}") in decision.effects
    assert MarkPost("e1.1", public=False, draft=False) in decision.effects
    assert not facts(decision)


def test_cancelled_words_are_no_longer_shown_as_said():
    waiting = replace(HELD, draft=False, state=DeliveryState.QUEUED)
    decision = decide(answer("#cancel", purpose=Purpose.INTERNAL), Snapshot(ticket=ticket(), deliveries=(waiting,)))
    assert MarkPost("e1.1", public=False, draft=False) in decision.effects
    assert facts(decision) == [FactKind.RESPONSE_WITHDRAWN]


def release(before, *copies):
    snapshot = Snapshot(ticket=before, posts=(DRAFT,), deliveries=copies, reported=copies[0])
    return decide_release(bench(snapshot), "cli:root")


def test_a_draft_released_at_the_shell_goes_to_all_and_counts_as_the_response():
    before = ticket(Status.NEW, assignee=None)
    copy = replace(HELD, id="e1.o2", rcpt_to="luis@example.org")
    decision = release(before, HELD, copy)
    states = [(e.delivery, e.state, e.draft) for e in decision.effects if isinstance(e, MarkDelivery)]
    assert states == [("e1.o1", DeliveryState.QUEUED, False), ("e1.o2", DeliveryState.QUEUED, False)]
    assert MarkPost("e1.1", public=True, draft=False, message_id="<d@x>") in decision.effects
    assert FactKind.RESPONSE in facts(decision)
    assert (after(decision, before).status, after(decision, before).assignee) == (Status.OPEN, ANA)


def test_no_draft_is_released_on_spam():
    assert release(ticket(Status.SPAM), HELD) is None


def test_a_dropped_draft_takes_no_response_back():
    outcome = DeliveryOutcome("e1.o1", DeliveryState.CANCELLED, "dropped")
    snapshot = Snapshot(ticket=ticket(), reported=HELD)
    assert not facts(decide_delivery(bench(snapshot), outcome))


# --- who comes on copy -------------------------------------------------------------------------------------------

LUIS = Address("Luis", "luis@example.org")


def lines(decision):
    found = notice(decision, "transcript").facts
    assert isinstance(found, InternalFacts)
    return "\n".join(text for _, text in found.lines)


@pytest.mark.parametrize("text", ["He knows her.", "#reply\nHello both."])
def test_an_answer_to_an_internal_mail_brings_nobody_on_copy_and_names_them(text):
    before = ticket()
    cc = (LUIS, Address("", EVA), MARTA)
    decision = decide(answer(text, purpose=Purpose.INTERNAL, cc=cc), Snapshot(ticket=before))
    assert after(decision, before).participants == ()
    assert LUIS.key in lines(decision)
    assert EVA not in lines(decision)


def test_who_is_put_on_copy_brings_what_he_wrote_before():
    his = Post("e1.1", 7, Direction.IN, LUIS, MONDAY, message_id="<l@x>", new_text="Me too.")
    hers = replace(his, id="e1.2", author=MARTA)
    decision = decide(answer(f"#cc +{LUIS.key}"), Snapshot(ticket=ticket(), posts=(his, hers)))
    marked = [e.post for e in decision.effects if isinstance(e, MarkPost) and e.public]
    assert marked == ["e1.1"]


@pytest.mark.parametrize("text", ["#cancel", "#cancelar\n#priority high", "#help", "#show", "#historia\n#plazos"])
def test_who_cancels_or_only_asks_in_answer_to_the_transcript_sends_nothing(text):
    decision = decide(
        answer(text, purpose=Purpose.CONTROL), Snapshot(ticket=ticket(), posts=(DRAFT,), deliveries=(HELD,))
    )
    assert told(decision) == {"transcript": [ANA]}
    assert not posts(decision)


def test_the_full_text_goes_out_with_its_quotes_and_without_the_commands():
    text = "#full\n\n#priority high\n--\nHello Marta.\n\n> #full\n> What you asked.\n\nAnd below."
    quote, below = text.index("> #full"), text.index("And below.")
    arrived = answer(text)
    spans = (Span(0, quote, "new"), Span(quote, below, "quoted"), Span(below, len(text), "new"))
    arrived = replace(arrived, message=replace(arrived.message, spans=spans))
    said = notice(decide(arrived, Snapshot(ticket=ticket())), "agent-replied").facts
    assert isinstance(said, PublicFacts)
    assert said.words == "Hello Marta.\n\n> #full\n> What you asked.\n\nAnd below."


@pytest.mark.parametrize(("text", "waits"), [("Hello Marta.", True), ("#note\nIt burns.", False)])
def test_words_that_wait_can_be_taken_back_and_their_author_is_told_until_when(text, waits):
    outgoing = settings().outgoing.model_copy(update={"undo_window": timedelta(minutes=2)})
    patient = settings().model_copy(update={"outgoing": outgoing})
    decision = decide_message(answer(text), Snapshot(ticket=ticket()), patient, slas(), MONDAY)
    (transcript,) = [n for n in decision.notices if n.template == "transcript"]
    assert isinstance(transcript.facts, InternalFacts)
    said = "\n".join(became for _, became in transcript.facts.lines)
    assert ("2026-11-23 10:02" in said and "#cancel" in said) is waits
