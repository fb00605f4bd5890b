"""The pages of the manual that are made from the program: `make docs` writes them, a test compares them."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator

import click

from maild.cli.main import group
from maild.desk.commands.run import HANDLERS
from maild.desk.commands.verbs import VERBS, Tier
from tests.house.code import ROOT, modules
from tests.house.rfcs import TITLES

RFC = re.compile(r"RFC (\d{3,4})(?: (?:section |appendix )?([A-F\d][\d.]*\d|[A-F\d]))?((?:, \d{4}\b)*)")
TIERS = {Tier.READS: "reads", Tier.CHANGES: "changes", Tier.DESTROYS: "wants a confirmation"}
SERVED_BY_THE_READER = {"end"}


def citations() -> dict[int, dict[str, set[str]]]:
    """Return by RFC and module the sections that the code cites."""
    found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for module in modules():
        for number, section, more in RFC.findall(module.text):
            found[int(number)][module.name].update({section} - {""})
            for further in re.findall(r"\d{4}", more):
                found[int(further)][module.name].update()
    return found


def rfc_page() -> str:
    """Return docs/rfc.md."""
    lines = [
        "# RFCs",
        "",
        "What rules where. Made from the citations in the code by `make docs`; the section stands behind the module.",
        "Not every rule of these is obeyed: the code cites the sections that it follows, and says where it does not.",
        "",
        "| RFC | title | where |",
        "|---|---|---|",
    ]
    for number, places in sorted(citations().items()):
        where = ", ".join(
            f"`{name.removeprefix('maild/')}`"
            + (f" ({', '.join(sorted(sections, key=_in_order))})" if sections else "")
            for name, sections in sorted(places.items())
        )
        lines.append(f"| {number} | {TITLES.get(number, '?')} | {where} |")
    return "\n".join(lines) + "\n"


def _in_order(section: str) -> list[tuple[int, str]]:
    return [(int(part) if part.isdigit() else 0, part) for part in section.split(".")]


def events() -> Iterator[tuple[str, str, list[str], str]]:
    """Yield each event of the log: name, level, keys, and what it means."""
    (module,) = (module for module in modules() if module.name == "maild/log/events.py")
    for function in module.tree.body:
        if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
            continue
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and _is_log(node)]
        if not calls:
            continue
        call = calls[0]
        assert isinstance(call.func, ast.Attribute), function.name
        assert isinstance(call.args[0], ast.Constant), function.name
        keys = [keyword.arg for keyword in call.keywords if keyword.arg not in {None, "exc_info"}]
        means = " ".join((ast.get_docstring(function) or "").split())
        yield str(call.args[0].value), call.func.attr, [key for key in keys if key], means


def _is_log(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "_log"


def log_page() -> str:
    """Return docs/log.md."""
    lines = [
        "# The log",
        "",
        "One record a line on standard error, as `key=value` pairs; under systemd the journal gets the level too.",
        "A record is an event out of this list and its facts, never the text of a mail and never a secret. `entry` is",
        "the id that the SMTP reply gave; it stands in every line about that mail. Made from `maild/log/events.py` by",
        "`make docs`.",
        "",
        "| event | level | facts | means |",
        "|---|---|---|---|",
    ]
    for name, level, keys, means in sorted(events()):
        lines.append(f"| `{name}` | {level} | {', '.join(f'`{key}`' for key in keys)} | {_cell(means)} |")
    return "\n".join(lines) + "\n"


_COMMANDS_HEAD = """\
# Commands by mail

An agent answers a mail of the desk. The first lines of his new text may be commands, `#verb value`, one a line:

```
#assign eva
#priority high
#resolve
Hello Marta, the certificate is renewed; please sign in again.
```

- English or Spanish, in any case, accents optional. `#` and then a digit, or `##`, is text.
- Blank lines before and between commands are skipped. The first other line ends the commands, as do `#end` and `--`.
- Values are words, `"quoted words"`, addresses, `+tag -tag`, `name=value` and times: `15m`, `2h`, `3d` from now,
  `fri 9:00`, `mañana 10:00`, `2026-12-01` (09:00), `2026-12-01T09:30:00Z`. A weekday is the next one, never
  today; the past is a fault.
- All or nothing: on any fault nothing is changed and nothing is sent. The agent gets a transcript with the line, the
  reason and the nearest verb; his words are kept as a draft for 14 days. `#ok` in an answer to any mail of the ticket
  sends them as they are; corrected commands do in an answer to that transcript, and to no other mail.
- Command lines never reach the requester. Commands alone post no message.
- Whether the text behind the commands goes to the requester or becomes a note is said in the first line of the mail
  that is answered. `#note` and `#reply` override it.
- A mail in an agent's name that is not proved (`[proof] agents`) waits; the agent gets a code to confirm it with.
- `#merge`, `#requester`, `#block` and whatever is done to more than 20 tickets want a code too: the mail waits, and an
  answer with the code as its first word, or `#ok CODE`, runs it once within the hour.
- A draft for the requester is a held mail of the outbox. `maild outbox release` sends it and counts it as the response,
  `maild outbox drop` and `#cancel` drop it.
- `#undo` takes the agent's last commands on the ticket back, and his words that still wait (`undo_window`), unless a
  mail to the requester has left, a ticket was opened, or somebody has changed the same since; `#away`, `#digest`,
  `#time` and `#block` go back too. `#unmerge` takes a merge back.
- `#forwarded` above a forward to a queue's address opens a ticket of whoever wrote the inner mail; the words between
  become a note, other commands are run on it.
- `#list` takes `status=`, `queue=`, `team=`, `assignee=` (`me`), `requester=`, `type=`, `priority=`, `category=` and
  `tag=` with values between commas, and words; without a status it lists what is not finished.

## The batch mailbox

A mail to `[desk] control_address` holds one command a line, its tickets first. The answer is one transcript.

```
10427 close
ACME-10427P note She called.
124-130 tag +vpn
limit queue=redes
131,135 assign eva
mine
--
```

- Each line is all or nothing on its tickets; another line is not touched by its fault. A range takes what is there.
- `limit name=value` guards the lines below it, by the names of `#list`; `limit` alone lifts it.
- `note` and `reply` take the rest of their line as words. `mine`, `list`, `who-is-on` and `help` want no ticket.
- It stops at `--`, `stop`, `thanks` or `gracias`. A line `dry-run` makes the whole mail a rehearsal.
- Who is no agent is not answered; his mail is quarantined as `control-not-agent`.

Requesters may write, in answers to mail of the desk: `#close`, `#reopen`, `#status`, `#lang`, `#human`, `#unsubscribe`
(this one cc too), in Spanish `#cerrar`, `#reabrir`, `#estado`, `#idioma`, `#persona`, `#baja`.

## Verbs

This table is made from the program by `make docs`.

| verb | verbo | values | does | hace | harm |
|---|---|---|---|---|---|
"""


def commands_page() -> str:
    """Return docs/commands.md."""
    lines = []
    for verb in VERBS:
        served = verb.word in HANDLERS or verb.word in SERVED_BY_THE_READER
        mark = "" if served else " *Not served by this version.*"
        values = f"`{verb.values}`" if verb.values else ""
        cells = (f"`#{verb.word}`", f"`#{verb.spanish}`", values, verb.does + mark, verb.hace, TIERS[verb.tier])
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return _COMMANDS_HEAD + "\n".join(lines) + "\n"


_CLI_HEAD = """\
# The command `maild`

`maild [--config FILE] COMMAND`. Exit codes are those of sysexits(3): 0, 64 usage, 65 bad data, 69 unavailable, 74 I/O,
75 try again, 77 no permission, 78 bad configuration. With `--json` a command prints JSON Lines on standard output and
nothing else; words for people go to standard error. Times are RFC 3339 in UTC. `maild COMMAND --help` says the same as
this page, which is made from the program by `make docs`.

Beside it stands `maild-deliver [--socket PATH] [-f SENDER] RECIPIENT...`, which hands a mail on standard input to the
LMTP socket and leaves with 75 when the service is away.
"""


def cli_page() -> str:
    """Return docs/cli.md."""
    parts = [_CLI_HEAD]
    with click.Context(group, info_name="maild") as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None, name
            parts += _command(command, f"maild {name}", "##")
    return "\n".join(parts)


def _command(command: click.Command, name: str, heading: str) -> Iterator[str]:
    arguments = " ".join(each.make_metavar(click.Context(command)) for each in command.params if _is_argument(each))
    usage = " ".join(filter(None, (name, arguments)))
    yield f"{heading} `{usage}`\n\n{_help(command.help)}\n"
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    if options:
        yield "\n".join(_option(each) for each in options) + "\n"
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from _command(inner, f"{name} {inner.name}", "###")


def _is_argument(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Argument)


def _option(option: click.Option) -> str:
    names = ", ".join((*option.opts, *option.secondary_opts))
    value = "" if option.is_flag or option.count else f" {option.make_metavar(click.Context(click.Command('maild')))}"
    return f"- `{names}{value}`" + (f": {' '.join(option.help.split())}" if option.help else "")


def _help(text: str | None) -> str:
    """Return a help text in Markdown; what stands behind a form feed is not shown, as click has it."""
    paragraphs = (text or "").partition("\f")[0].strip().split("\n\n")
    return "\n\n".join(part if part.startswith("\b") else " ".join(part.split()) for part in paragraphs).replace(
        "\b\n", ""
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {
    "docs/rfc.md": rfc_page,
    "docs/log.md": log_page,
    "docs/commands.md": commands_page,
    "docs/cli.md": cli_page,
}


def main() -> None:
    """Write every page that is made from the program."""
    from maild.settings import manual

    made = {**PAGES, "config/maild.toml": manual.commented_file, "docs/configuration.md": manual.page}
    for name, page in made.items():
        path = ROOT / name
        path.write_text(page(), encoding="utf-8")
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
