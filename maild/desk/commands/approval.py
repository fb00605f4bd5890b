"""Verbs of approval: ask-approval, approve, reject."""

from maild.base.text import plain
from maild.desk.approvals import Approval, Vote
from maild.desk.commands.model import Command
from maild.desk.commands.parse import VALUE
from maild.desk.commands.running import Refused, Run
from maild.desk.decide.approval import ask_people, cast, open_approval, person_meant, start_approval, vote_of
from maild.desk.lifecycle import TYPES
from maild.settings.approvals import APPROVER_WORDS

_NEEDS = {"any": "any", "all": "all", "cualquiera": "any", "todos": "all"}
_NEED = ("need=", "hace-falta=")


def _ask(run: Run, command: Command) -> str:
    """Ask by a policy, or the people who are named; behind a colon stands what they read."""
    kind = run.case.ticket.type
    if not TYPES[kind].approvals:
        raise Refused(run.say("type-no", type=str(kind), verb=command.verb))
    run.value(command)
    who, _, question = command.rest.partition(":")
    words = [next(g for g in m.groups() if g is not None).strip(",") for m in VALUE.finditer(who)]
    names = [word for word in words if not word.startswith(_NEED)]
    need = next((word.partition("=")[2] for word in words if word.startswith(_NEED)), "any")
    if len(names) == 1 and run.bench.settings.approval_named(names[0]) is not None:
        refused = start_approval(run.case, names[0], run.agent, question.strip())
    else:
        people = [_person(run, name) for name in names]
        refused = ask_people(run.case, run.agent, people, _need(run, need), question.strip())
    if refused is not None:
        raise Refused(run.say(refused.phrase, who=refused.who, status=refused.who))
    approval = open_approval(run.case)
    asked = [v.approver for v in approval.asked()] if approval is not None else []
    run.outcome.status = run.case.ticket.status
    return run.say("approval-asked", who=", ".join(asked))


def _need(run: Run, word: str) -> str:
    need = _NEEDS.get(plain(word), word)
    if need not in {"any", "all"} and not (need.isascii() and need.isdigit()):
        raise Refused(run.say("no-need", who=word))
    return need


def _person(run: Run, name: str) -> str:
    if name.lower() in APPROVER_WORDS:
        found = person_meant(run.case, name.lower())
        if not found:
            raise Refused(run.say("no-approver", who=name))
        return found
    return person_meant(run.case, run.address(name)) if "@" in name else run.agent_named(name)


def _own_vote(run: Run) -> tuple[Approval, Vote]:
    approval = open_approval(run.case)
    vote = vote_of(run.case, approval, run.agent) if approval is not None else None
    if approval is None or vote is None:
        raise Refused(run.say("not-asked"))
    return approval, vote


def _approve(run: Run, command: Command) -> str:
    approval, vote = _own_vote(run)
    cast(run.case, approval, vote, command.whole, approves=True)
    return run.say("approved")


def _reject(run: Run, command: Command) -> str:
    approval, vote = _own_vote(run)
    run.value(command)
    cast(run.case, approval, vote, command.whole, approves=False)
    return run.say("rejected")


HANDLERS = {"ask-approval": _ask, "approve": _approve, "reject": _reject}
