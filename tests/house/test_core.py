"""The same entry, snapshot, policy and `now` give the same decision: the core reads nothing else."""

import ast

from tests.house.code import core, modules

CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
CLOCK_OWNERS = {"datetime", "date", "time", "datetime.datetime", "datetime.date"}
FORBIDDEN = {
    *(
        "socket",
        "ssl",
        "smtplib",
        "imaplib",
        "select",
        "selectors",
        "subprocess",
        "threading",
        "multiprocessing",
        "asyncio",
    ),
    *("imapclient", "aiosmtpd", "dns", "sqlite3", "peewee", "playhouse", "psycopg", "apscheduler", "jinja2"),
    *("random", "secrets", "uuid", "time", "os", "pathlib", "shutil", "tempfile", "logging", "structlog", "tomllib"),
}
BUILT_IN = {"open", "input", "print", "exec", "eval", "__import__"}
# One library, one door (design.md): the modules that may import it begin with one of these.
DOORS = {
    "aiosmtpd": ("maild/doors/",),
    "imapclient": ("maild/doors/",),
    "smtplib": ("maild/outbox/",),
    "peewee": ("maild/database/", "maild/journal/", "maild/store/"),
    "playhouse": ("maild/database/", "maild/journal/", "maild/store/"),
    "sqlite3": ("maild/database/",),
    "psycopg": ("maild/database/",),
    "apscheduler": ("maild/sweeps/",),
    "jinja2": ("maild/notice/",),
    "mailparser": ("maild/message/",),
    "flufl": ("maild/message/",),
    "dkim": ("maild/proof/",),
    "spf": ("maild/proof/",),
    "authres": ("maild/proof/",),
    "dns": ("maild/proof/", "maild/service/resolver.py"),  # the core is given a resolver
    "structlog": ("maild/log/",),
    "click": ("maild/cli/",),
    "rich": ("maild/cli/",),
    "starlette": ("maild/web/",),
    "pydantic": ("maild/settings/",),
}


def called(tree):
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_the_core_reads_no_clock_and_opens_nothing():
    strays = []
    for module in core():
        names = called(module.tree)
        clocks = {n for n in names if n.rpartition(".")[2] in CLOCKS and n.rpartition(".")[0] in CLOCK_OWNERS}
        strays += [f"{module.name} calls {name}" for name in clocks | names & BUILT_IN]
    assert not strays


def test_the_core_meets_no_network_database_thread_dice_or_environment():
    assert not [
        f"{module.name}:{line} imports {name}"
        for module in core()
        for line, name in module.imports()
        if name.partition(".")[0] in FORBIDDEN
    ]


def test_every_library_has_one_door():
    strays = [
        f"{module.name}:{line} imports {name}"
        for module in modules()
        for line, name in module.imports()
        if (doors := DOORS.get(name.partition(".")[0])) and not module.name.startswith(doors)
    ]
    assert not strays
