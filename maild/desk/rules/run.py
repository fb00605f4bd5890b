"""Rules run in order on a ticket, by the handlers of agents' commands; what each said stays on the bench."""

from dataclasses import replace

from maild.base.words import Audience
from maild.desk.bench import Bench, Case
from maild.desk.commands.model import Outcome
from maild.desk.commands.parse import parse_block
from maild.desk.commands.run import run_block
from maild.desk.decide.answer import TEMPLATES, send_words
from maild.desk.decide.words import Words
from maild.desk.model import RULE, Mail
from maild.desk.rules.judge import judge
from maild.desk.rules.model import Ruling
from maild.desk.rules.scene import Scene
from maild.desk.speaking import nobodys_mail
from maild.settings.catalogue import Moment, Rule


def run_rules(case: Case, mail: Mail | None, on: Moment) -> None:
    """Try every rule of a moment in order and do what those say that fire; one that is `last` ends it.

    What a rule does starts no other rule by itself, so they cannot chase each other; the later ones of the same moment
    see the ticket as the earlier ones left it. A rule whose commands cannot be done does none of them.
    """
    stopped = ""
    for rule in case.bench.settings.rule:
        if on not in rule.on:
            continue
        if stopped:
            case.bench.rulings.append(Ruling(rule.name, case.ticket.number, on, False, f"{stopped} was the last"))
            continue
        if _try(case, mail, on, rule) and rule.last:
            stopped = rule.name


def status_rules(bench: Bench) -> None:
    """Run the rules of a changed status on every ticket whose status this decision has changed; once each."""
    for case in list(bench.cases.values()):
        if not case.opened and case.ticket.status is not case.before.status:
            run_rules(case, None, "status")


def _try(case: Case, mail: Mail | None, on: Moment, rule: Rule) -> bool:
    found = judge(rule.conditions, Scene(case, mail))
    if found.failed is not None:
        condition = found.failed
        ruling = Ruling(
            rule.name, case.ticket.number, on, False, found.because, condition.written, condition.values, found.seen
        )
        case.bench.rulings.append(ruling)
        return False
    fault = _do(case, mail, rule, found.because)
    ruling = Ruling(rule.name, case.ticket.number, on, True, found.because, commands=rule.do, fault=fault)
    case.bench.rulings.append(ruling)
    return not fault


def _do(case: Case, mail: Mail | None, rule: Rule, because: str) -> str:
    """Run a rule's commands, all or none; return why they could not be done, "" when they could."""
    actor, bench = RULE + rule.name, case.bench
    spoken = replace(mail or nobodys_mail(case, actor), agent=actor)
    block = parse_block("\n".join(rule.do))
    trial = bench.trial()
    worked, outcome = trial.case(case.ticket), Outcome(faults=list(block.faults), lines=[])
    worked.event(actor, "rule", because)
    if not outcome.faults:
        run_block(worked, spoken, block, outcome, by_mail=False)
    if not outcome.faults and outcome.status in TEMPLATES:
        fault = send_words(worked, Words(spoken, "", outcome, joins=False))
        outcome.faults.extend([fault] if fault is not None else [])
    if outcome.faults:
        said = "; ".join(f"{f.line}: {f.reason}" if f.line else f.reason for f in outcome.faults)
        case.event(actor, "rule-failed", f"{because}; nothing of it was done: {said}")
        return said
    _hush(trial, mail)
    bench.adopt(trial)
    return ""


def _hush(trial: Bench, mail: Mail | None) -> None:
    """Take back what a rule must not say: anything to whoever sent automatic mail, and who has a ticket that is new."""
    if mail is not None and mail.finding.automatic:
        trial.notices = [n for n in trial.notices if n.audience is not Audience.REQUESTER]
    if trial.assigns_later:
        trial.notices = [n for n in trial.notices if n.template not in {"assigned", "new-ticket"}]
