"""A new ticket is sorted in before anybody gets it: its service, its priority, the rules, and what is missing."""

from maild.desk.bench import Case
from maild.desk.catalogue import ask_approval, ask_for_fields, give_service, take_answers
from maild.desk.decide.family import known_error_behind, what_is_known
from maild.desk.model import SYSTEM, KnownError, Mail
from maild.desk.priority import first_priority, weigh
from maild.desk.rules.judge import judge
from maild.desk.rules.run import run_rules
from maild.desk.rules.scene import Scene


def sort_in(case: Case, mail: Mail) -> KnownError | None:
    """Let catalogue, priorities and rules have their say on a new ticket; nobody is assigned meanwhile.

    Returns the known error that explains it, if one does.
    """
    bench = case.bench
    bench.assigns_later = True
    _find_service(case, mail)
    first_priority(case, mail)
    run_rules(case, mail, "new")
    take_answers(case, mail.message.author.key, mail)
    weigh(case, SYSTEM)
    bench.assigns_later = False
    error = known_error_behind(case, mail)
    ask_for_fields(case, mail, known=what_is_known(case, error))
    ask_approval(case)
    return error


def sort_in_task(case: Case, mail: Mail) -> None:
    """Let the rules have their say on a task; catalogue and priorities are for those who ask, not for colleagues."""
    case.bench.assigns_later = True
    run_rules(case, mail, "new")
    case.bench.assigns_later = False


def _find_service(case: Case, mail: Mail) -> None:
    """Give a new ticket the first service of the catalogue whose conditions hold."""
    for service in case.bench.settings.service:
        if not service.conditions:
            continue
        found = judge(service.conditions, Scene(case, mail))
        if found.failed is None:
            give_service(case, SYSTEM, service, found.because)
            return
