"""`maild init`: a commented configuration, the secret, and folders for what the admin may add."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation

SYSTEM_FOLDER = Path("/etc/maild")
SYSTEM_STORE = "sqlite:////var/lib/maild/maild.db"
SERVICE_USER = "maild"

Answers = dict[str, object]


class Question(NamedTuple):
    """One thing to ask: the setting it is for, and the words.

    `local` makes the default an address in the support address's domain; else it is that of the example.
    """

    key: str
    words: str
    local: str = ""


QUESTIONS = (
    Question("desk.name", "Name of the desk"),
    Question("desk.prefix", "Prefix of ticket keys"),
    Question("desk.languages", "Languages of its answers, the usual one first"),
    Question("desk.timezone", "Time zone"),
    Question("queue.address", "Support address"),
    Question("desk.reply_address", "Address for answers (tokens go behind a plus)", "desk@"),
    Question("desk.domain", "Domain of the desk, for Message-IDs", "desk."),
    Question("desk.postmaster", "Who gets operational alerts", "ops@"),
    Question("agent.address", "Address of the first agent", "agent@"),
    Question("team.lead", "Address of the team's lead", "lead@"),
    Question("outgoing.smarthost", "Smarthost, host:port"),
)

_TEMPLATES = """\
Your own templates go here, as <language>/<name>.txt and <language>/<name>.html beside each other. A file here goes
before ours of the same name; whatever is not here stays as it comes. What all languages have in common, the layout
for instance, is in shared/. A new folder is a new language. `maild template check` tries them all.
"""

_ARTICLE_EN = """\
# I forgot my password

Open the sign-in page, choose "Forgotten password" and follow the mail that you get.
"""

_ARTICLE_ES = """\
# He olvidado mi contraseña

Abra la página de acceso, elija «He olvidado mi contraseña» y siga el correo que recibirá.
"""


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--no-input", is_flag=True, help="Ask nothing and write the example's values.")
@pass_invocation
def command(invocation: Invocation, folder: Path | None, no_input: bool) -> int:
    """Write maild.toml, the secret, templates/, canned texts, articles and a roster into DIR (default: /etc/maild).

    What is there already stays as it is. The knowledge base and the roster are examples: they do nothing before
    maild.toml names them.
    """
    from maild.service.configuration import new_secret

    config = folder / "maild.toml" if folder else invocation.path if invocation.given else SYSTEM_FOLDER / "maild.toml"
    target = config.absolute().parent
    is_new = not config.exists()
    answers = _ask(is_new and not no_input and sys.stdin.isatty())
    target.mkdir(parents=True, exist_ok=True)
    if is_new:
        # Beside an old configuration a new secret would void every token that was ever sent.
        _write(target / "secret.key", new_secret(), mode=0o600)
    _write(config, _configuration(target, answers), mode=0o640)
    for name, text in _examples().items():
        _write(target / name, text, mode=0o644)
    output.say(f"Next: look through {config}, then `maild --config {config} check`.")
    return 0


def _ask(is_asking: bool) -> Answers:
    """Return the answers by setting; none when nobody is there to ask."""
    answers: Answers = {}
    if not is_asking:
        return answers
    for question in QUESTIONS:
        answers[question.key] = click.prompt(question.words, default=_proposed(question, answers), err=True)
    agent = str(answers["agent.address"])
    answers["desk.languages"] = re.findall(r"[\w-]+", str(answers["desk.languages"]))
    return {**answers, "team.members": [agent], "agent.name": agent.partition("@")[0].title()}


def _proposed(question: Question, answers: Answers) -> str:
    from maild.settings.manual import EXAMPLE

    if question.local:
        return question.local + str(answers["queue.address"]).partition("@")[2]
    example = EXAMPLE[question.key]
    return ", ".join(example) if isinstance(example, list) else str(example)


def _configuration(target: Path, answers: Mapping[str, object]) -> str:
    from maild.settings.manual import commented_file

    store = {"store.url": SYSTEM_STORE} if target == SYSTEM_FOLDER else {}
    return commented_file({**store, **answers})


def _examples() -> dict[str, str]:
    from maild.settings.roster_example import EXAMPLE as ROSTER

    return {
        "templates/README": _TEMPLATES,
        "canned/en/thanks.md": "Thank you for your patience, {requester}. Your request is {key}.\n",
        "canned/es/thanks.md": "Gracias por su paciencia, {requester}. Su solicitud es {key}.\n",
        "kb/en/forgotten-password.md": _ARTICLE_EN,
        "kb/es/contrasena-olvidada.md": _ARTICLE_ES,
        "roster.toml.example": ROSTER,
    }


def _write(path: Path, text: str, *, mode: int) -> None:
    from maild.service.configuration import write_once

    path.parent.mkdir(parents=True, exist_ok=True)
    is_written = write_once(path, text, mode=mode)
    if is_written and mode != 0o644:
        _hand_over(path)
    output.say(f"{'wrote' if is_written else 'kept '} {path}")


def _hand_over(path: Path) -> None:
    """Give a file that only its owner reads to the service's user, when root made it and there is such a user."""
    import pwd

    if os.geteuid() != 0 or path.parent != SYSTEM_FOLDER:
        return
    if SERVICE_USER in {entry.pw_name for entry in pwd.getpwall()}:
        shutil.chown(path, SERVICE_USER, SERVICE_USER)
