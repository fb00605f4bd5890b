"""`maild demo`: a whole desk on this machine alone plays a conversation, and stays up to be tried."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import textwrap
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from maild.cli import output

if TYPE_CHECKING:
    from maild.service.demo.embedded import Embedded
    from maild.service.demo.show import Line

COLUMNS = 100
_INDENT = " " * 9


@click.command()
@click.option("--exit", "leaves", is_flag=True, help="Leave when the story is over, with 0.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where configuration, database and mails go: a new or empty folder. A temporary one by default.",
)
@click.option(
    "--pause",
    type=click.FloatRange(0, 60),
    default=0.8,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait before each step; 0 to be quick.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="PORT",
    help="Where the SMTP door listens on 127.0.0.1; a free port by default.",
)
def command(leaves: bool, folder: Path | None, pause: float, port: int) -> int:
    """Play a conversation with an embedded desk, tell what happened, and stay up to be tried until Ctrl-C.

    The desk is the real service: SQLite, an SMTP door on 127.0.0.1, and in place of a smarthost a sink that keeps
    each mail as an .eml file. With maild[demo] an IMAP server is there too. It needs no configuration, no network, no
    root and no terminal, asks nothing, and touches nothing outside its own folder, which is left behind to be read.

    \b
    Each line of the timeline is one mail, in this order:
      seconds since the start · who wrote to whom · the rule that fired · the mail's file
    For a mail that came in, the rule is the one of threading (new, token), the kind (bounce, auto-reply) or why it
    is held; for one that went out, the name of its template.

    The desk's clock begins 20 minutes in the past and the story puts it forward to the time of day, so that a
    warning and a breach can be seen at once.

    \b
    Exit codes: 0 done or ended by Ctrl-C, 64 the folder is not empty, 69 the story went differently, 74 the
    folder cannot be written or the port is taken.
    """  # noqa: D301 - click's mark for a paragraph that is not wrapped
    folder = _new_folder(folder)
    _warm_up()
    from maild.log.setup import configure
    from maild.service import fork_server
    from maild.service.demo.show import Show, StoryFault

    fork_server.prepare()
    teller = Teller(stays=not leaves)
    with (folder / "maild.log").open("w", encoding="utf-8", buffering=1) as log:
        configure(log)
        teller.say(f"A desk of its own in {folder}")
        teller.say("Its clock begins 20 minutes in the past; the story puts it forward to the time of day.")
        show = Show(folder, teller.begun, teller.line, teller.ended, pause, stays=not leaves, port=port)
        try:
            show.run()
        except KeyboardInterrupt:
            pass  # pressed before the service listened for it; there is nothing to finish
        except StoryFault as fault:
            words = f"the story went differently: {fault} The log is {folder / 'maild.log'}"
            raise output.CommandError(words, output.UNAVAILABLE) from fault
        finally:
            configure()
    return 0


def _warm_up() -> None:
    """Have the fork server import its part while we import ours: the first ticket then stands a second sooner."""
    from multiprocessing import forkserver

    forkserver.set_forkserver_preload(["maild.service.child"])
    forkserver.ensure_running()


def _new_folder(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="maild-demo-"))
    wanted.mkdir(parents=True, exist_ok=True)
    if any(wanted.iterdir()):
        raise output.CommandError(f"{wanted} is not empty; name a new folder", output.USAGE)
    return wanted.absolute()


class Teller:
    """Prints the timeline: in colour on a terminal, plain elsewhere, each line at once."""

    def __init__(self, *, stays: bool) -> None:
        self._stays = stays
        self._colour = sys.stdout.isatty()
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # an arrow that a terminal does not know must not end the demo

    def say(self, text: str, style: str = "") -> None:
        """Print one line; `style` is rich's, and means something on a terminal alone."""
        text = "\n".join(output.plain(line) for line in text.splitlines())
        if not self._colour:
            click.echo(text)
            sys.stdout.flush()
            return
        from rich.console import Console
        from rich.text import Text

        Console(highlight=False, soft_wrap=True).print(Text(text, style=style))

    def begun(self, words: str) -> None:
        """Print the heading of a step."""
        self.say(f"\n{words}", "bold")

    def line(self, line: Line) -> None:
        """Print one mail, and below it why it was dealt with so."""
        style = "cyan" if line.who.endswith("desk") else "green"
        self.say(f"{line.seconds:5.1f} s  {line.who:15}  {line.rule:16}  {line.path}", style)
        if line.why:
            wrapped = textwrap.wrap(line.why, COLUMNS, initial_indent=_INDENT, subsequent_indent=_INDENT)
            self.say("\n".join(wrapped), "dim")

    def ended(self, desk: Embedded, first: float) -> None:
        """Print how long it took and, when the desk stays, how to try it."""
        self.say(f"\nThe first ticket stood {first:.1f} s after the start.", "bold")
        folder = desk.config.parent
        if not self._stays:
            self.say(f"  read  {_maild()} --config {desk.config} ticket list\n  log   {folder / 'maild.log'}")
            return
        for name, words in _ways(desk):
            self.say(f"  {name:9}{words}")
        self.say("\nWhat comes and goes is told here. Ctrl-C ends the demo; its folder stays.", "bold")


def _maild() -> str:
    """Return how this program is called again: by its name, or where it lies when a shell would not find that."""
    if shutil.which("maild") is not None:
        return "maild"
    script = sys.argv[0]
    return min(script, os.path.relpath(script), key=len) if Path(script).name == "maild" else "python -m maild"


def _ways(desk: Embedded) -> list[tuple[str, str]]:
    at = f"127.0.0.1:{desk.smtp_port}"
    server = f"127.0.0.1:{desk.imap_port}, user support, password demo, no TLS: INBOX is fetched from"
    return [
        ("write", f"swaks --server {at} --from you@example.org --to support@acme.example --body Help"),
        ("", f"or any client that sends by {at}, no TLS, no password"),
        ("answer", "a mail to its Reply-To; a mail to Ana or Ben from ana@acme.example or ben@acme.example"),
        ("read", f"{desk.mails.folder}/to-you-1.eml"),
        ("desk", f"{_maild()} --config {desk.config} ticket list"),
        ("", "ticket show 1, inbound list, outbox list, sla explain 2, status: the same way"),
        ("IMAP", server if desk.imap_port else "no IMAP server: pip install 'maild[demo]' brings one"),
        ("log", str(desk.config.parent / "maild.log")),
    ]
