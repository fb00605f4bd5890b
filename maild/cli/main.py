"""The command `maild`: finds the verb, imports its module alone, and turns failures into exit codes."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import NamedTuple, NoReturn

import click

from maild import __version__
from maild.cli import output
from maild.cli.invocation import Invocation
from maild.settings.faults import ConfigurationError


class Verb(NamedTuple):
    """Where a command lives, and its line in `maild --help`."""

    module: str
    help: str


VERBS = {
    "demo": Verb("demo", "Play a conversation with an embedded desk and stay up to be tried."),
    "init": Verb("init", "Write a commented configuration, the secret and examples."),
    "check": Verb("check", "Name every fault of the configuration, each with its mend."),
    "serve": Verb("serve", "Run the service in the foreground."),
    "status": Verb("status", "Tell how doors, journal, outbox and sweeps are."),
    "ingest": Verb("ingest", "Take in mail from standard input, files, an mbox or a Maildir."),
    "explain": Verb("explain", "Say how a mail would be understood; changes nothing."),
    "simulate": Verb("simulate", "Play past mail through the whole desk, and send nothing."),
    "ticket": Verb("ticket", "List, show, make and change tickets."),
    "inbound": Verb("inbound", "The journal of accepted mail, quarantine included."),
    "outbox": Verb("outbox", "The mail that waits to be sent."),
    "oauth": Verb("oauth", "Log in by OAuth2, and see how such log-ins are."),
    "reload": Verb("reload", "Ask the running service to read its configuration again."),
    "passwd": Verb("passwd", "Make a line for users_file."),
    "postfix-map": Verb("postfix_map", "Print the lines for Postfix."),
    "sweep": Verb("sweep", "Run the scheduled sweeps once."),
    "sla": Verb("sla", "Explain the clocks of a ticket."),
    "report": Verb("report", "Print the service figures."),
    "roster": Verb("roster", "Show and check who is on duty."),
    "kb": Verb("kb", "Search the knowledge base."),
    "template": Verb("template", "Check and preview the templates."),
    "rules": Verb("rules", "Try the rules on a mail."),
    "person": Verb("person", "Show, link, set, export and erase what is kept of a person."),
    "audit": Verb("audit", "Verify that the record was not changed."),
    "backup": Verb("backup", "Copy the database while the service runs."),
    "restore": Verb("restore", "Put a backup in place."),
    "migrate": Verb("migrate", "Bring the database to this version's schema."),
    "copy-to": Verb("copy_to", "Copy everything into another database."),
    "doctor": Verb("doctor", "Look for damage in the data."),
}


_INTERRUPTIONS = (click.Abort, KeyboardInterrupt, EOFError)


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called: `maild --help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """Return the verbs whose modules are installed, in the order of the table."""
        return [name for name, verb in VERBS.items() if _exists(verb)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return one command, None when there is none of that name."""
        verb = VERBS.get(cmd_name)
        if verb is None or not _exists(verb):
            return None
        command: click.Command = importlib.import_module(f"maild.cli.{verb.module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table's own lines, so that help needs no command's module."""
        names = self.list_commands(ctx)
        if names:
            with formatter.section("Commands"):
                formatter.write_dl([(name, VERBS[name].help) for name in names])


def _exists(verb: Verb) -> bool:
    return importlib.util.find_spec(f"maild.cli.{verb.module}") is not None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(dir_okay=False, readable=False),
    help="The configuration; else $MAILD_CONFIG, else /etc/maild/maild.toml.",
)
@click.version_option(__version__, prog_name="maild", message="%(prog)s %(version)s")
@click.pass_context
def group(ctx: click.Context, config: str | None) -> None:
    """The help desk whose user interface is e-mail."""
    ctx.obj = Invocation(config)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run `maild` and leave with an exit code of sysexits(3)."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; a person's mistake prints a sentence, never a traceback."""
    standard_output = sys.stdout
    try:
        outcome = group.main(arguments, prog_name="maild", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit:
        if sys.stdout is not standard_output:
            return 0  # click muffles it and leaves with 1 when the reader has read enough; nothing failed
        raise
    except (click.ClickException, *_INTERRUPTIONS, ConfigurationError, OSError, UnicodeError) as error:
        return _told(error)
    except Exception as error:
        code = _database_code(error)
        if code is None:
            raise
        output.say(f"maild: {error}")
        return code
    return outcome if isinstance(outcome, int) else 0


def _told(error: BaseException) -> int:
    """Say what went wrong and return the exit code that stands for it."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.code if isinstance(error, output.CommandError) else output.USAGE
    if isinstance(error, _INTERRUPTIONS):
        return 130  # What a shell says of a command that Ctrl-C ended.
    if isinstance(error, BrokenPipeError):
        return _pipe_closed()
    if isinstance(error, ConfigurationError):
        for fault in error.faults:
            output.say(str(fault))
        return output.PERMISSION if all(fault.denied for fault in error.faults) else output.CONFIGURATION
    output.say(f"maild: {_words_of(error)}")
    return _code_of(error)


def _words_of(error: BaseException) -> str:
    """Return what the system says of a file or a connection, without the number that it has for it."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def _code_of(error: BaseException) -> int:
    if isinstance(error, PermissionError):
        return output.PERMISSION
    if isinstance(error, ConnectionError | TimeoutError):
        return output.UNAVAILABLE
    return output.DATA if isinstance(error, UnicodeError) else output.IO


def _pipe_closed() -> int:
    """Leave quietly when the reader has read enough, as in `maild ticket list | head`."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


# Errors that stand for an exit code, known by name so that no database is imported to name them.
_CODES = {
    "DatabaseMissing": output.UNAVAILABLE,
    "BadPlace": output.CONFIGURATION,
    "SchemaMismatch": output.CONFIGURATION,
    "DatabaseUnavailable": output.UNAVAILABLE,
    "OperationalError": output.UNAVAILABLE,
}


def _database_code(error: Exception) -> int | None:
    """Return the exit code of a database's error; None for any other, which is a bug and keeps its traceback."""
    code = next((_CODES[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _CODES), None)
    text = str(error).lower()
    if code == output.UNAVAILABLE and ("locked" in text or "busy" in text):
        return output.TRY_AGAIN
    if code == output.UNAVAILABLE and ("readonly" in text or "permission denied" in text):
        return output.PERMISSION
    return code
