"""Agents work tickets by answering mail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import (
    DeliveryState,
    Direction,
    EntryState,
    LinkKind,
    Priority,
    Purpose,
    Role,
    Status,
    TicketType,
    Verdict,
)
from maild.desk.effects import AddLink, KeepConfirmation, MarkDelivery, MarkPost, RetryEntry
from maild.desk.model import Confirmation, Delivery, Event, Load, Participant, Post, Snapshot
from maild.desk.notices import InternalFacts, PublicFacts
from maild.message.model import Address
from maild.sla.duty import Duty
from maild.sla.model import FactKind
from maild.thread.model import Rule

from . import rulebook
from .bench import (
    ANA,
    BEN,
    EVA,
    LEAD,
    MARTA,
    MONDAY,
    after,
    decide,
    facts,
    mail,
    notice,
    posts,
    settled,
    ticket,
    told,
    verbs,
)

ANA_RUIZ = Address("Ana Ruiz", ANA)
HERS = Post("e0.1", 7, Direction.IN, MARTA, MONDAY - timedelta(hours=1), new_text="It burns.", public=True)


def answer(text, *, purpose=Purpose.PUBLIC, author=ANA_RUIZ, **more):
    return mail(text, author=author, rule=Rule.TOKEN, ticket=7, purpose=purpose, entry="e2", **more)


def lines(decision):
    facts_ = notice(decision, "transcript").facts
    assert isinstance(facts_, InternalFacts)
    return dict(facts_.lines)


def test_his_words_reach_the_requester_and_count_as_a_response():
    before = ticket(Status.NEW)
    decision = decide(answer("Please restart it."), Snapshot(ticket=before, posts=(HERS,)))
    sent = notice(decision, "agent-replied")
    assert isinstance(sent.facts, PublicFacts)
    assert (sent.facts.words, sent.facts.quoted, sent.automatic) == ("Please restart it.", "It burns.", "")
    assert sent.from_name == "Ana Ruiz (Acme Support)"
    assert after(decision, before).status is Status.OPEN
    assert FactKind.RESPONSE in facts(decision)
    (post,) = posts(decision)
    assert (post.direction, post.public, sent.post) == (Direction.OUT, True, post.id)


@pytest.mark.parametrize(
    ("text", "author"), [("Hello.\n\nRegards,\nAna", ""), ("Hello.", "Ana Ruiz"), ("Banana", "Ana Ruiz")]
)
def test_his_name_is_put_below_words_that_he_has_not_signed(text, author):
    public = notice(decide(answer(text), Snapshot(ticket=ticket())), "agent-replied").facts
    assert isinstance(public, PublicFacts)
    assert public.author == author


def test_a_requester_who_is_on_copy_too_has_one_copy():
    before = ticket(participants=(Participant(MARTA.key, "", Role.CC),))
    decision = decide(answer("Done."), Snapshot(ticket=before))
    assert told(decision)["agent-replied"] == [MARTA.key]


def test_everyone_on_copy_gets_the_same_mail():
    before = ticket(participants=(Participant("luis@example.org", "Luis", Role.CC),))
    sent = notice(decide(answer("Done."), Snapshot(ticket=before)), "agent-replied")
    assert [r.address.key for r in sent.recipients] == [MARTA.key, "luis@example.org"]
    assert [a.key for a in sent.cc] == ["luis@example.org"]


def test_commands_never_reach_the_requester():
    before = ticket()
    decision = decide(answer("#priority high\n\n#tag +vpn\nHello Marta."), Snapshot(ticket=before))
    public = notice(decision, "agent-replied").facts
    assert isinstance(public, PublicFacts)
    assert public.words == "Hello Marta."
    assert after(decision, before).priority is Priority.HIGH
    assert after(decision, before).tags == ("vpn",)


def test_commands_alone_post_no_message():
    before = ticket()
    decision = decide(answer("#priority low"), Snapshot(ticket=before))
    assert not posts(decision)
    assert told(decision) == {"transcript": [ANA]}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("#assign eva", {"assignee": EVA}),
        ("#asignar EVA", {"assignee": EVA}),
        ("#take", {"assignee": ANA, "status": Status.OPEN}),
        ("#unassign", {"assignee": None}),
        ("#prioridad urgente", {"priority": Priority.URGENT}),
        ("#pending", {"status": Status.PENDING}),
        ("#espera", {"status": Status.PENDING}),
        ("#hold 2h", {"status": Status.ON_HOLD, "until": MONDAY + timedelta(hours=2)}),
        ("#resolve", {"status": Status.RESOLVED}),
        ("#RESOLVER", {"status": Status.RESOLVED}),
        ("#close", {"status": Status.CLOSED}),
        ("#spam", {"status": Status.SPAM}),
        ('#subject "New title"', {"subject": "New title"}),
        ("#categoría hardware/printer", {"category": "hardware/printer"}),
        ('#category "a/b c"', {"category": "a/b c"}),
        ("#category -", {"category": ""}),
        ('#hold "2h"', {"status": Status.ON_HOLD, "until": MONDAY + timedelta(hours=2)}),
        ("#snooze «2h»", {"snoozed_until": MONDAY + timedelta(hours=2)}),
        ('#field "room=12 b"', {"fields": (("room", "12 b"),)}),
        ('#resolve "fixed"', {"resolution_code": "fixed"}),
        ("#type problem", {"type": TicketType.PROBLEM}),
        ("#lang es", {"language": "es"}),
        ("#snooze 2026-12-01 09:00", {"snoozed_until": MONDAY.replace(month=12, day=1, hour=8)}),
        ("#assign second-line", {"team": "second-line", "level": 2, "assignee": EVA}),
    ],
)
def test_a_command_changes_the_ticket(text, values):
    before = ticket(assignee=BEN)
    stands = after(decide(answer(text), Snapshot(ticket=before)), before)
    assert {name: getattr(stands, name) for name in values} == values


def test_resolved_carries_his_words_in_one_mail():
    decision = decide(answer("#resolve\nThe cable was loose."), Snapshot(ticket=ticket()))
    assert told(decision) == {"resolved": [MARTA.key], "transcript": [ANA]}
    public = notice(decision, "resolved").facts
    assert isinstance(public, PublicFacts)
    assert (public.words, public.ask_rating) == ("The cable was loose.", True)
    assert public.reopen_until == MONDAY + timedelta(days=7)


def test_resolving_without_words_counts_as_a_response():
    decision = decide(answer("#resolve"), Snapshot(ticket=ticket()))
    assert FactKind.RESPONSE in facts(decision)
    assert told(decision)["resolved"] == [MARTA.key]


def test_an_unknown_verb_applies_nothing_sends_nothing_and_is_answered_with_the_nearest():
    before = ticket()
    decision = decide(answer("#priority high\n#resolv\nHello Marta."), Snapshot(ticket=before))
    assert after(decision, before) == before
    assert told(decision) == {"transcript": [ANA]}
    assert "#resolve" in lines(decision)["#resolv"]
    (draft,) = posts(decision)
    assert (draft.draft, draft.public, draft.new_text) == (True, False, "Hello Marta.")
    assert not facts(decision)


def test_faults_are_told_in_the_agents_language():
    assert "no existe la orden" in lines(decide(answer("#xyzzy"), Snapshot(ticket=ticket())))["#xyzzy"]
    ben = Address("Ben", BEN)
    assert "there is no verb" in lines(decide(answer("#xyzzy", author=ben), Snapshot(ticket=ticket())))["#xyzzy"]


@pytest.mark.parametrize(
    "text",
    [
        "#assign nobody",
        "#priority enormous",
        "#pending yesterday",
        "#merge 9",
        "#link 9",
        "#cc +not-an-address",
        "#lang tlh",
        "#reopen",
        "#assign",
        "#queue nowhere",
        "#type riddle",
        "#escalate",
        "#cancel",
        "#ok",
        "#report weekly",
    ],
)
def test_a_fault_in_one_command_is_a_fault_of_the_whole_mail(text):
    before = ticket()
    decision = decide(answer(f"#tag +seen\n{text}\nHello."), Snapshot(ticket=before))
    assert after(decision, before) == before
    assert "agent-replied" not in told(decision)


def test_ok_sends_the_kept_text():
    draft = Post("e1.1", 7, Direction.OUT, ANA_RUIZ, MONDAY, new_text="Hello Marta.", draft=True)
    decision = decide(answer("#ok", purpose=Purpose.CONTROL), Snapshot(ticket=ticket(), posts=(HERS, draft)))
    public = notice(decision, "agent-replied").facts
    assert isinstance(public, PublicFacts)
    assert public.words == "Hello Marta."
    assert MarkPost("e1.1", public=False, draft=False) in decision.effects


def test_corrected_commands_send_the_kept_text_too():
    before = ticket()
    draft = Post("e1.1", 7, Direction.OUT, ANA_RUIZ, MONDAY, new_text="Hello Marta.", draft=True)
    arrived = answer("#resolve", purpose=Purpose.CONTROL)
    decision = decide(arrived, Snapshot(ticket=before, posts=(HERS, draft)))
    assert told(decision)["resolved"] == [MARTA.key]
    assert after(decision, before).status is Status.RESOLVED


def test_a_kept_note_stays_a_note_when_it_is_released():
    draft = Post("e1.1", 7, Direction.NOTE, ANA_RUIZ, MONDAY, new_text="He is difficult.", draft=True)
    decision = decide(answer("#ok", purpose=Purpose.CONTROL), Snapshot(ticket=ticket(), posts=(draft,)))
    assert "agent-replied" not in told(decision)
    assert posts(decision)[0].direction is Direction.NOTE


def test_a_dry_run_does_nothing_and_says_what_it_would():
    before = ticket()
    decision = decide(answer("#dry-run\n#priority high\nHello."), Snapshot(ticket=before))
    assert after(decision, before) == before
    assert told(decision) == {"transcript": [ANA]}
    assert "#priority high" in lines(decision)


def test_an_answer_to_an_internal_mail_is_a_note():
    before = ticket(assignee=BEN)
    decision = decide(answer("She called twice.", purpose=Purpose.INTERNAL), Snapshot(ticket=before))
    assert told(decision) == {"note-added": [BEN], "transcript": [ANA]}
    assert posts(decision)[0].direction is Direction.NOTE
    assert not facts(decision)
    assert after(decision, before).status is Status.OPEN


def test_reply_sends_an_answer_to_an_internal_mail():
    decision = decide(answer("#reply\nHello.", purpose=Purpose.INTERNAL), Snapshot(ticket=ticket()))
    assert told(decision)["agent-replied"] == [MARTA.key]


def test_note_keeps_an_answer_to_a_public_mail_inside():
    decision = decide(answer("#nota\nOnly for us."), Snapshot(ticket=ticket()))
    assert "agent-replied" not in told(decision)
    assert not posts(decision)[0].public


def test_a_note_with_resolve_tells_the_requester_without_the_note():
    decision = decide(answer("#note\n#resolve\nShe is happy now."), Snapshot(ticket=ticket()))
    public = notice(decision, "resolved").facts
    assert isinstance(public, PublicFacts)
    assert public.words == ""


def test_without_our_token_his_words_are_a_note_and_he_is_told_so():
    arrived = replace(answer("Hello."), match=mail(rule=Rule.SUBJECT_KEY, ticket=7).match)
    arrived = replace(arrived, agent_proved=True)
    decision = decide(arrived, Snapshot(ticket=ticket()))
    assert "agent-replied" not in told(decision)
    assert "transcript" in told(decision)


def test_what_the_requester_has_already_is_not_sent_again_but_counts():
    arrived = answer("Hello.", to=(MARTA,))
    arrived = replace(arrived, match=replace(arrived.match, token=None), agent_proved=True)
    decision = decide(arrived, Snapshot(ticket=ticket()))
    assert "agent-replied" not in told(decision)
    (post,) = posts(decision)
    assert (post.public, post.message_id) == (True, "<e2@example.org>")
    assert FactKind.RESPONSE in facts(decision)


def test_the_first_public_answer_takes_an_unassigned_ticket():
    before = ticket(assignee=None)
    assert after(decide(answer("Hello."), Snapshot(ticket=before)), before).assignee == ANA


def test_an_answer_to_anothers_ticket_leaves_his_assignee():
    before = ticket(assignee=BEN)
    assert after(decide(answer("Hello."), Snapshot(ticket=before)), before).assignee == BEN


def test_the_clocks_of_an_alarms_ticket_start_when_an_agent_takes_it():
    before = ticket(by_machine=True, assignee=None)
    assert FactKind.TAKEN in facts(decide(answer("#take"), Snapshot(ticket=before)))


def test_a_watcher_sees_the_answer_but_its_author_does_not():
    before = ticket(participants=(Participant(EVA, "", Role.WATCHER), Participant(ANA, "", Role.WATCHER)))
    decision = decide(answer("Hello."), Snapshot(ticket=before))
    assert told(decision)["agent-replied-copy"] == [EVA]


def test_people_in_copy_of_a_public_answer_join():
    before = ticket()
    decision = decide(answer("Hello.", cc=(Address("Luis", "luis@example.org"),)), Snapshot(ticket=before))
    assert [p.address for p in after(decision, before).participants] == ["luis@example.org"]
    assert "luis@example.org" in told(decision)["agent-replied"]


def test_an_agent_who_asked_speaks_as_requester_on_his_own_ticket():
    before = ticket(requester=ANA, assignee=BEN)
    arrived = replace(answer("#close\nIt works."), agent_proved=True)
    arrived = replace(arrived, match=mail(rule=Rule.SUBJECT_KEY, ticket=7).match)
    decision = decide(arrived, Snapshot(ticket=before))
    assert told(decision) == {"requester-wrote": [BEN]}


def test_cancel_takes_back_words_that_have_not_left():
    waiting = Delivery(
        "o1", 7, "agent-replied", MARTA.key, DeliveryState.QUEUED, "<m>", "r", "e1.1", ANA, False, MONDAY
    )
    decision = decide(answer("#cancel"), Snapshot(ticket=ticket(), deliveries=(waiting,)))
    assert MarkDelivery("o1", DeliveryState.CANCELLED, f"cancelled by {ANA}") in decision.effects
    assert facts(decision) == [FactKind.RESPONSE_WITHDRAWN]


def test_escalating_by_hand_needs_what_was_tried_and_brings_the_next_level_in():
    before = ticket()
    decision = decide(answer("#escalate tried: restart, new cable"), Snapshot(ticket=before, posts=(HERS,)))
    stands = after(decision, before)
    assert (stands.team, stands.level, stands.assignee, stands.status) == ("second-line", 2, EVA, Status.OPEN)
    assert told(decision)["escalated"] == [EVA, LEAD]
    dossier = notice(replace(decision, notices=decision.notices[:1]), "escalated").facts
    assert isinstance(dossier, InternalFacts)
    assert dossier.dossier is not None
    assert dossier.dossier.asked == HERS
    assert [(each.who, each.words) for each in dossier.dossier.tried] == [(ANA, "restart, new cable")]


@pytest.mark.parametrize(
    ("asked_by", "copied", "key"),
    [(MARTA.key, (), "ACME-9D"), ("luis@example.org", (), ""), (MARTA.key, ("luis@example.org",), "")],
)
def test_who_is_told_of_a_duplicate_reads_how_it_stands_and_its_key_only_where_all_readers_take_part(
    asked_by, copied, key
):
    other = ticket(Status.PENDING, number=9, requester=asked_by)
    before = ticket(participants=tuple(Participant(who, "", Role.CC) for who in copied))
    told_of = notice(decide(answer("#duplicate 9"), Snapshot(ticket=before, tickets={9: other})), "closed").facts
    assert (told_of.same_as, told_of.same_status) == (key, Status.PENDING)


def test_words_leave_the_date_of_a_hold_and_hold_alone_takes_it_away():
    before = ticket(Status.ON_HOLD, until=MONDAY + timedelta(days=2))
    assert after(decide(answer("We wait for the part."), Snapshot(ticket=before)), before).until == before.until
    assert after(decide(answer("#hold 3d"), Snapshot(ticket=before)), before).until == MONDAY + timedelta(days=3)
    assert after(decide(answer("#hold"), Snapshot(ticket=before)), before).until is None


def test_a_duplicate_is_closed_and_linked():
    before = ticket()
    decision = decide(answer("#duplicate 9"), Snapshot(ticket=before, tickets={9: ticket(number=9)}))
    assert AddLink(7, LinkKind.DUPLICATE, 9) in decision.effects
    assert after(decision, before).status is Status.CLOSED


def test_words_on_a_closed_ticket_are_sent_and_it_stays_closed():
    before = ticket(Status.CLOSED)
    decision = decide(answer("One more thing."), Snapshot(ticket=before))
    assert told(decision)["agent-replied"] == [MARTA.key]
    assert after(decision, before).status is Status.CLOSED


def test_reopening_tells_the_one_who_holds_it():
    before = ticket(Status.CLOSED, assignee=BEN)
    decision = decide(answer("#reopen"), Snapshot(ticket=before))
    assert after(decision, before).status is Status.OPEN
    assert told(decision)["reopened"] == [BEN]


def test_closing_with_words_reaches_everyone_on_copy_and_without_only_her():
    before = ticket(participants=(Participant("luis@example.org", "Luis", Role.CC),))
    both = [MARTA.key, "luis@example.org"]
    assert told(decide(answer("#close\nGood bye."), Snapshot(ticket=before)))["closed"] == both
    assert told(decide(answer("#close"), Snapshot(ticket=before)))["closed"] == [MARTA.key]


def test_assigning_to_the_one_who_has_it_tells_nobody():
    decision = decide(answer("#assign ben"), Snapshot(ticket=ticket(assignee=BEN)))
    assert "assigned" not in told(decision)
    assert "assigned" not in verbs(decision)


@pytest.mark.parametrize("me", ["me", "Yo", "mí"])
def test_an_agent_assigns_a_ticket_to_himself(me):
    assert after(decide(answer(f"#assign {me}"), Snapshot(ticket=ticket(assignee=EVA))), ticket()).assignee == ANA


def test_a_ticket_that_is_moved_to_the_queue_where_it_is_stays_with_whoever_has_it():
    decision = decide(answer("#queue Support"), Snapshot(ticket=ticket(assignee=EVA)))
    assert set(told(decision)) == {"transcript"}
    assert not {"queue", "assigned"} & set(verbs(decision))


def test_assigning_to_a_team_tells_whoever_gets_it_once():
    decision = decide(answer("#assign second-line"), Snapshot(ticket=ticket(assignee=BEN)))
    assert told(decision)["assigned"] == [EVA]
    assert verbs(decision).count("assigned") == 1


@pytest.mark.parametrize("command", ["#assign second-line", "#queue second", "#field service=phone"])
def test_a_ticket_that_moves_to_a_team_without_anybody_there_is_told_to_the_lead(command):
    extra = """
[[queue]]
name = "second"
address = "second@example.com"
team = "second-line"
sla = "standard"

[[service]]
name = "phone"
team = "second-line"
"""
    taken = Snapshot(ticket=ticket(), duties={"second-line": Duty()})
    decision = rulebook.decide(extra, answer(command), taken)
    assert after(decision, ticket()).assignee is None
    assert told(decision)["new-ticket"] == [LEAD]
    there = rulebook.decide(extra, answer(command), Snapshot(ticket=ticket()))
    assert told(there)["assigned"] == [EVA]


def test_a_ticket_that_is_assigned_to_a_team_below_goes_to_him_who_had_it():
    past = (Event(MONDAY, "maild", "assigned", f"{BEN}: round robin"), Event(MONDAY, BEN, "escalated", "tried: all"))
    above = ticket(team="second-line", level=2, assignee=EVA)
    taken = Snapshot(ticket=above, events=past, loads={BEN: Load(9)})
    assert after(decide(answer("#assign first-line"), taken), above).assignee == BEN


def test_words_on_spam_are_a_fault():
    decision = decide(answer("Hello."), Snapshot(ticket=ticket(Status.SPAM)))
    assert told(decision) == {"transcript": [ANA]}
    assert posts(decision)[0].draft


# --- agents who have not proved themselves ---------------------------------------------------------------------


def unproved(text, **more):
    return replace(answer(text, **more), agent_proved=False)


def test_a_forged_agents_commands_are_held_and_the_agent_gets_a_code():
    decision = decide(unproved("#close"), Snapshot(ticket=ticket()))
    assert settled(decision).state is EntryState.QUARANTINED
    assert settled(decision).reason.startswith("agent-unproved")
    assert told(decision) == {"confirm": [ANA]}
    assert decision.notices[0].from_address == "support@example.com"  # where the mail was written to
    assert decision.notices[0].in_reply_to == unproved("#close").message.message_id != ""
    assert not verbs(decision)


def test_a_disowned_agent_is_held_even_without_commands():
    arrived = replace(mail("Hello.", author=ANA_RUIZ, verdict=Verdict.FAIL), agent_proved=False)
    assert settled(decide(arrived)).reason.startswith("agent-unproved")


def test_an_unproved_agent_without_commands_or_token_is_a_requester():
    arrived = replace(mail("My own screen is dark.", author=ANA_RUIZ), agent_proved=False)
    assert settled(decide(arrived)).state is EntryState.APPLIED


def test_a_signature_is_kept_like_a_code_that_was_used_and_only_of_a_mail_that_had_an_effect():
    def kept(**how):
        arrived = replace(unproved("#priority high"), signed=True, signature_id="s1", **how)
        effects = decide(arrived, Snapshot(ticket=ticket())).effects
        return [e.confirmation for e in effects if isinstance(e, KeepConfirmation) and e.confirmation.used]

    (used,) = kept(agent_proved=True, confirmed=True)
    assert (used.address, used.code_hash) == (ANA, "signed:s1")
    assert kept() == []


def test_at_most_three_codes_an_hour_go_out():
    assert told(decide(unproved("#close"), Snapshot(ticket=ticket(), confirms_in_an_hour=2)))
    assert not told(decide(unproved("#close"), Snapshot(ticket=ticket(), confirms_in_an_hour=3)))


def test_a_code_in_time_runs_the_held_mail_once():
    held = Confirmation("c1", "e1", ANA, "hash", MONDAY + timedelta(minutes=1))
    arrived = answer("ABCD-EF23", purpose=Purpose.CONTROL)
    decision = decide(arrived, Snapshot(confirmation=held))
    assert RetryEntry("e1", confirmed=True) in decision.effects
    assert KeepConfirmation(replace(held, used=True)) in decision.effects


@pytest.mark.parametrize(
    "changes",
    [{"used": True}, {"expires_at": MONDAY - timedelta(seconds=1)}, {"address": BEN}],
    ids=["used", "late", "anothers"],
)
def test_a_code_used_late_or_anothers_runs_nothing(changes):
    held = replace(Confirmation("c1", "e1", ANA, "hash", MONDAY + timedelta(minutes=1)), **changes)
    decision = decide(answer("ABCD-EF23", purpose=Purpose.CONTROL, queues=()), Snapshot(confirmation=held))
    assert not any(isinstance(e, RetryEntry) for e in decision.effects)


@pytest.mark.parametrize("subject", ["#mute", "mute", "#silenciar", "unsubscribe"])
def test_his_press_on_unsubscribe_without_words_mutes(subject):
    watcher = Participant(BEN, "Ben", Role.WATCHER)
    press = answer("", purpose=Purpose.INTERNAL, author=Address("Ben", BEN), subject=subject)
    assert "mute" in verbs(decide(press, Snapshot(ticket=ticket(participants=(watcher,)))))


def test_his_empty_answer_mutes_nothing():
    press = answer("", purpose=Purpose.INTERNAL, subject="Re: [ACME-7A] Printer")
    assert "mute" not in verbs(decide(press, Snapshot(ticket=ticket())))


def test_a_note_with_a_handover_is_read_in_the_mail_that_says_whose_it_is_now():
    decision = decide(answer("#assign ben\n#note\nNot the socket."), Snapshot(ticket=ticket(), posts=(HERS,)))
    said = notice(decision, "assigned").facts
    assert isinstance(said, InternalFacts)
    assert (said.words, said.author) == ("It burns.", MARTA.key)
    assert said.carried == ((ANA, "Not the socket."),)


def test_who_is_given_a_ticket_that_he_muted_hears_of_it_again():
    muted = Participant(BEN, "", Role.WATCHER, active=False)
    before = ticket(participants=(muted,))
    assert BEN in [
        p.address for p in after(decide(answer("#assign ben"), Snapshot(ticket=before)), before).with_role(Role.WATCHER)
    ]


@pytest.mark.parametrize("left", ["Best regards,\nAna Ruiz", "Un saludo,\nAna\nAcme, Madrid", "Ana", "Saludos"])
def test_below_commands_a_closing_and_his_name_are_no_words(left):
    decision = decide(answer(f"#priority high\n\n{left}"), Snapshot(ticket=ticket(Status.NEW)))
    assert (told(decision), posts(decision)) == ({"transcript": [ANA]}, [])


@pytest.mark.parametrize("left", ["Regards,\nit is done", "Ana knows more of it.", "Best regards from Ben"])
def test_below_commands_anything_more_than_a_name_is_sent(left):
    decision = decide(answer(f"#priority high\n\n{left}"), Snapshot(ticket=ticket()))
    assert told(decision)["agent-replied"] == [MARTA.key]
