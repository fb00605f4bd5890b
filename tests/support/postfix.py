"""A real Postfix of our own with its own configuration and spool: `with start_postfix(house) as postfix: …`."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.needs import lack, need
from tests.support.waiting import LONG_SECONDS, eventually

DAEMONS = "/usr/lib/postfix/sbin"

MAIN = """
compatibility_level = 3.6
queue_directory = {base}/spool
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
maillog_file = {base}/log/mail.log
maillog_file_prefixes = {base}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.com
mydestination = pipe.example.com
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
recipient_delimiter = +
relay_domains = example.com desk.example.com
relay_transport = smtp:[127.0.0.1]:{sink}
default_transport = smtp:[127.0.0.1]:{sink}
transport_maps = texthash:{base}/transport
alias_maps = hash:{base}/aliases
alias_database =
local_recipient_maps = $alias_maps
smtpd_recipient_restrictions = permit_mynetworks, reject
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

# Run as nobody by local(8), who may not enter the home of whoever runs the tests.
DELIVER = """#!/bin/sh
PYTHONPATH={root} exec {python} -c 'from maild.doors.deliver import main; main()' "$@"
"""


@dataclass(frozen=True)
class Postfix:
    """A running Postfix that listens on the loopback interface."""

    base: Path
    port: int

    def log(self) -> str:
        """What it wrote into its log."""
        return (self.base / "log" / "mail.log").read_text("utf-8", "replace")

    def queued(self) -> str:
        """What waits in its queue, as mailq prints it."""
        return _postfix(self.base, "postqueue", "-j")


def require_postfix() -> None:
    """Skip the test where Postfix is absent, or we may not start it."""
    need("postfix", "it is the mail server of these stories")
    if os.geteuid() != 0:
        lack("Postfix wants root to start")


@contextlib.contextmanager
def start_postfix(
    port: int, sink: int, transport: Sequence[str], aliases: Sequence[str], *, more: str = ""
) -> Iterator[Postfix]:
    """Serve on `port`; all mail but that of `transport` and `aliases`, lines of their tables, goes to the sink's port.

    `DELIVER` in an alias stands for our maild-deliver. `more` are lines of main.cf in place of ours of the same name.
    """
    base = Path(tempfile.mkdtemp(prefix="maild-postfix-"))
    try:
        _write(base, port, sink, transport, aliases)
        _overrule(base / "main.cf", more)
        _postfix(base, "postalias", f"hash:{base}/aliases")
        _postfix(base, "postfix", "check")
        _postfix(base, "postfix", "start")
        try:
            eventually(lambda: _answers(port), "Postfix", LONG_SECONDS)
            yield Postfix(base, port)
        finally:
            _postfix(base, "postfix", "stop")
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _write(base: Path, port: int, sink: int, transport: Sequence[str], aliases: Sequence[str]) -> None:
    base.chmod(0o755)
    for folder in ("spool", "data", "log"):
        (base / folder).mkdir()
    shutil.chown(base / "data", "postfix")
    deliver = base / "maild-deliver"
    root = Path(__file__).parents[2]
    deliver.write_text(
        DELIVER.format(root=root, python=need("/usr/bin/python3", "local(8) runs maild-deliver with it"))
    )
    deliver.chmod(0o755)
    (base / "main.cf").write_text(MAIN.format(base=base, daemons=DAEMONS, sink=sink))
    (base / "master.cf").write_text(MASTER.format(port=port))
    (base / "transport").write_text("\n".join(transport) + "\n")
    (base / "aliases").write_text("\n".join(aliases).replace("DELIVER", str(deliver)) + "\n")


def _overrule(main: Path, more: str) -> None:
    names = {line.partition("=")[0].strip() for line in more.splitlines()}
    kept = [line for line in main.read_text().splitlines() if line.partition("=")[0].strip() not in names]
    main.write_text("\n".join([*kept, more, ""]))


def _postfix(base: Path, command: str, *words: str) -> str:
    run = subprocess.run(
        [command, "-c", str(base), *words],
        capture_output=True,
        text=True,
        timeout=LONG_SECONDS,
        check=False,
        env=_environment(),
    )
    assert run.returncode == 0, (command, words, run.stdout, run.stderr, _last_words(base))
    return run.stdout


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"}


def _last_words(base: Path) -> str:
    log = base / "log" / "mail.log"
    return log.read_text("utf-8", "replace")[-2000:] if log.exists() else ""


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        return client.recv(3) == b"220"
    return False
