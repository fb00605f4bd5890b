"""Rules do what an agent would, on new tickets, on answers and on changes of status."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import Kind, Priority, Purpose, Status
from maild.desk.decide.admin import WorkTicket, decide_work
from maild.desk.decide.clock import decide_clock
from maild.desk.model import Load, Person, Snapshot
from maild.message.model import Address, Attachment, Field
from maild.sla.compile import slas_from
from maild.sla.model import FactKind
from maild.thread.model import Rule

from .bench import ANA, BEN, EVA, LEAD, MARTA, MONDAY, after, bench, mail, opened, ticket, told
from .rulebook import decide, desk, events

VPN = """
[[rule]]
name = "vpn"
when = { subject = "*vpn*" }
do = ["#queue networks", "#priority high", "#etiqueta +vpn"]
[[queue]]
name = "networks"
address = "networks@example.com"
team = "second-line"
sla = "standard"
"""


def rule(when: str, do: str = '"#tag +hit"', more: str = "") -> str:
    return f'[[rule]]\nname = "it"\nwhen = {{ {when} }}\ndo = [{do}]\n{more}\n'


def hit(when: str, arrived=None, snapshot=None) -> bool:
    (new,) = opened(decide(rule(when), arrived or mail(), snapshot))
    return "hit" in new.tags


@pytest.mark.parametrize("when", ["vip = true", 'organisation = "globex"', 'person = "marta@home.example"'])
def test_a_rule_sees_what_the_shell_says_of_a_person_as_it_sees_the_configuration(when):
    extra = '[[organisation]]\nname = "globex"\ndomains = ["globex.example"]\n'
    marta = Person("marta@example.org", vip=True, organisation="globex")
    known = Snapshot(
        people={marta.address: marta}, aliases=dict.fromkeys((marta.address, "marta@home.example"), marta.address)
    )
    (new,) = opened(decide(extra + rule(when), mail(), known))
    assert "hit" in new.tags


def test_a_rule_decides_queue_team_priority_and_so_who_gets_the_ticket_and_by_when():
    decision = decide(VPN, mail(subject="My VPN is down"))
    (new,) = opened(decision)
    assert (new.queue, new.team, new.assignee, new.priority) == ("networks", "second-line", EVA, Priority.HIGH)
    assert new.tags == ("vpn",)
    assert told(decision) == {"acknowledgement": [MARTA.key], "assigned": [EVA]}


def test_nobody_is_given_the_ticket_on_the_way_to_whoever_gets_it():
    decision = decide(VPN, mail(subject="VPN"))
    assert [(e.actor, e.detail.split(":")[0]) for e in events(decision, "assigned")] == [("maild", EVA)]


def test_the_timeline_says_which_rule_did_it_and_why():
    decision = decide(VPN, mail(subject="My VPN is down"))
    (fired,) = events(decision, "rule")
    assert (fired.actor, fired.detail) == ("rule:vpn", "subject is My VPN is down")
    (raised,) = events(decision, "priority")
    assert (raised.actor, raised.detail) == ("rule:vpn", "normal to high: #priority")
    assert any("rule: subject is My VPN is down" in line for line in decision.would)


def test_a_rule_that_does_not_fire_leaves_no_trace_on_the_ticket():
    assert events(decide(VPN, mail(subject="Printer")), "rule") == []


def test_every_condition_must_hold():
    assert hit('subject = "printer", queue = "support"')
    assert not hit('subject = "printer", queue = "billing*"')


def test_any_value_of_a_list_is_enough_and_not_turns_a_condition_round():
    assert hit('subject = ["scanner", "printer"]')
    assert not hit('not.subject = ["scanner", "printer"]')
    assert hit('not.subject = "scanner"')


@pytest.mark.parametrize(
    "when",
    [
        'from = "*@example.org"',
        'from = "marta gil"',
        'text = "*fire*"',
        'text = "/on\\\\s+FIRE/"',
        'to = "support@example.com"',
        'cc = "*@example.net"',
        'header.X-Mailer = "*roundcube*"',
        'header.Subject = "*"',
        'address = "support@example.com"',
        'kind = "human"',
        'language = "en"',
        'verdict = ["none", "pass"]',
        'attachment = "*.pdf"',
        'attachment = "application/pdf"',
        'size = ">10B"',
        'size = "<1MB"',
        'team = "first-line"',
        'status = "new"',
        'type = "incident"',
        'priority = "normal"',
        'person = "marta@example.org"',
        'organisation = "example.org"',
        "vip = false",
        'weekday = ["mon", "tue"]',
        'time = "09:30-10:30"',
        'time = "22:00-11:00"',
        'calendar = "office"',
    ],
)
def test_a_condition_holds(when):
    fields = (Field("Subject", "Printer"), Field("X-Mailer", "Roundcube Webmail/1.6"))
    arrived = mail(
        to=(Address("", "support@example.com"),),
        cc=(Address("", "luis@example.net"),),
        fields=fields,
        attachments=(Attachment("Plan.PDF", "application/pdf", 10, False, ""),),
    )
    assert hit(when, arrived)
    key = when.partition(" ")[0]
    assert not hit(when.replace(key, f"not.{key}", 1), arrived)


@pytest.mark.parametrize(
    "when",
    [
        'header.X-None = "*"',
        'attachment = "*"',
        'size = ">1MB"',
        'weekday = "sun"',
        'time = "22:00-06:00"',
        'verdict = "fail"',
        "vip = true",
        'field.room = "*"',
        'tag = "*"',
        'subject = "print"',
        'not.calendar = "office"',
    ],
)
def test_a_condition_does_not_hold(when):
    assert not hit(when)


def test_accents_and_case_do_not_count():
    assert hit('subject = "impresión *"', mail(subject="IMPRESION fallida"))


def test_a_hostile_mail_cannot_make_an_expression_run_for_long():
    assert not hit('text = "/(a+)+$/"', mail("a" * 90_000 + "b"))


def test_later_rules_see_what_earlier_ones_did():
    both = rule('subject = "*"', '"#tag +one"') + rule('tag = "one"', '"#tag +two"').replace('"it"', '"that"')
    (new,) = opened(decide(both, mail()))
    assert new.tags == ("one", "two")


def test_the_last_rule_is_the_last():
    both = rule('subject = "*"', '"#tag +one"', "last = true") + rule('tag = "one"', '"#tag +two"').replace("it", "at")
    decision = decide(both, mail())
    (new,) = opened(decision)
    assert new.tags == ("one",)
    assert [(r.rule, r.fired, r.because) for r in decision.rulings][1] == ("at", False, "it was the last")


def test_a_rule_that_cannot_be_done_does_nothing_of_it_and_says_so():
    # The new ticket is not one that can be reopened; a resolved one, in another rule's time, could be.
    decision = decide(rule('subject = "*"', '"#tag +x", "#reopen"') + VPN, mail(subject="VPN"))
    (new,) = opened(decision)
    assert new.tags == ("vpn",)
    (failed,) = events(decision, "rule-failed")
    assert failed.actor == "rule:it"
    assert "#reopen" in failed.detail


def test_automatic_mail_is_sorted_and_never_answered():
    extra = rule('kind = "auto-generated"', '"#priority urgent", "#tag +alarm", "#resolve"')
    decision = decide(extra, mail("disk full", subject="ALARM", kind=Kind.AUTO_GENERATED))
    (new,) = opened(decision)
    assert (new.priority, new.tags, new.status) == (Priority.URGENT, ("alarm",), Status.RESOLVED)
    assert told(decision) == {}


def test_a_rule_that_assigns_automatic_mail_starts_no_clock():
    extra = rule('kind = "auto-generated"', '"#assign ben"')
    decision = decide(extra, mail("disk full", subject="ALARM", kind=Kind.AUTO_GENERATED))
    (new,) = opened(decision)
    assert new.assignee == BEN
    assert told(decision) == {"assigned": [BEN]}
    assert not [e for e in events(decision) if e.fact is not None and e.fact.kind is FactKind.TAKEN]


def test_what_a_rule_calls_spam_is_neither_acknowledged_nor_handed_out():
    decision = decide(rule('subject = "*lottery*"', '"#spam"'), mail(subject="Lottery"))
    (new,) = opened(decision)
    assert new.status is Status.SPAM
    assert told(decision) == {}


def test_the_hand_that_a_rule_names_goes_before_the_least_loaded():
    decision = decide(rule('subject = "*"', '"#assign ben"'), mail(), Snapshot(loads={BEN: Load(9)}))
    (new,) = opened(decision)
    assert (new.assignee, told(decision)["assigned"]) == (BEN, [BEN])


REPLY = """
[[rule]]
name = "urgent-answer"
on = "reply"
when = { text = "*production is down*" }
do = ["#priority urgent"]
"""


def test_a_rule_for_answers_is_tried_on_answers_alone():
    answer = mail("Now production is down!", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER)
    decision = decide(REPLY, answer, Snapshot(ticket=ticket()))
    assert after(decision, ticket()).priority is Priority.URGENT
    (new,) = opened(decide(REPLY, mail("production is down")))
    assert new.priority is Priority.NORMAL


STATUS = """
[[rule]]
name = "resolved-vpn"
on = "status"
when = { status = "resolved", queue = "support" }
do = ["#tag +done", "#open"]
[[rule]]
name = "opened"
on = "status"
when = { status = "open" }
do = ["#tag +loop"]
last = true
"""


def test_a_rule_for_a_changed_status_runs_once_and_sets_off_no_other_decision():
    said = mail("#resolve\nDone.", author=Address("Ana", ANA), rule=Rule.TOKEN, ticket=7, purpose=Purpose.PUBLIC)
    decision = decide(STATUS, said, Snapshot(ticket=ticket()))
    left = after(decision, ticket())
    assert (left.status, left.tags) == (Status.OPEN, ("done", "loop"))
    assert len(events(decision, "rule")) == 2


def test_escalation_by_a_rule_brings_the_dossier_to_the_lead_of_the_next_team():
    decision = decide(rule('subject = "*"', '"#escalate tried: nothing yet"'), mail())
    (new,) = opened(decision)
    assert (new.team, new.assignee) == ("second-line", EVA)
    assert LEAD in told(decision)["escalated"]


def test_the_same_mail_at_another_hour_is_outside_of_the_calendar():
    night = MONDAY + timedelta(hours=12)
    arrived = mail(at=night)
    assert hit('not.calendar = "office"', replace(arrived, envelope=replace(arrived.envelope, received_at=night)))


def test_a_status_that_the_clock_changes_sets_rules_off_too():
    extra = rule('status = "open"', '"#tag +woken"', 'on = "status"')
    waiting = ticket(Status.PENDING, until=MONDAY)
    settings = desk(extra)
    decision = decide_clock(bench(Snapshot(ticket=waiting), desk=settings, levels=slas_from(settings, MONDAY)))
    left = after(decision, waiting)
    assert (left.status, left.tags) == (Status.OPEN, ("woken",))


def test_a_shell_command_that_changes_the_status_sets_rules_off_too():
    extra = rule('status = "on-hold", not.tag = "held"', '"#tag +held"', 'on = ["reply", "status"]')
    settings = desk(extra)
    order = WorkTicket((("status", "on-hold"),))
    taken = Snapshot(ticket=ticket())
    decision, _ = decide_work(bench(taken, desk=settings, levels=slas_from(settings, MONDAY)), "cli:root", order)
    assert decision is not None
    assert after(decision, ticket()).tags == ("held",)


def test_the_same_rules_and_mail_give_the_same_decision():
    assert decide(VPN, mail(subject="VPN")) == decide(VPN, mail(subject="VPN"))
