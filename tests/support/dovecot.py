"""A real Dovecot of our own on a free port of the loopback interface: `with start_dovecot(tmp_path) as dovecot: …`."""

import contextlib
import grp
import imaplib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.waiting import LONG_SECONDS, PATIENCE_SECONDS, eventually

PROGRAM = "/usr/sbin/dovecot"
USER, PASSWORD = "support@example.com", "correct horse"

CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 0
mail_location = {location}:{base}/mail
mail_fsync = never
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
mail_max_userip_connections = 50
{more}
"""


def missing():
    """Why Dovecot cannot be used here, "" when it can."""
    if not Path(PROGRAM).exists():
        return "Dovecot is not installed"
    return "" if os.geteuid() == 0 else "Dovecot of this version wants root to start"


def require_dovecot():
    """Skip the test where Dovecot is absent; fail it when $MAILD_REQUIRE_ALL is set."""
    if reason := missing():
        (pytest.fail if os.environ.get("MAILD_REQUIRE_ALL") else pytest.skip)(reason)


class Dovecot:
    """A running server with one user."""

    host = "127.0.0.1"
    user = USER
    password = PASSWORD

    def __init__(self, base, port, tls_port):
        self.base = base
        self.port = port
        self.tls_port = tls_port  # 0 without a certificate

    @contextlib.contextmanager
    def client(self, folder=None):
        """A plain imaplib client, logged in, with a folder selected if one is named."""
        with imaplib.IMAP4(self.host, self.port, timeout=PATIENCE_SECONDS) as client:
            client.login(self.user, self.password)
            if folder is not None:
                client.select(f'"{folder}"')
            yield client

    def append(self, octets, folder="INBOX"):
        """Put a mail, or a list of mails, into a folder."""
        with self.client() as client:
            for mail in [octets] if isinstance(octets, bytes) else octets:
                answer, words = client.append(f'"{folder}"', None, None, mail)
                assert answer == "OK", words

    def deliver(self, mails, folder="new"):
        """Put many mails into the INBOX at once, as files; for a Maildir only."""
        place = self.base / "mail" / folder
        for at, octets in enumerate(mails):
            path = place / f"{1_700_000_000 + at}.{os.getpid()}.bulk"
            path.write_bytes(octets)
            os.chown(path, *_owner())

    def folder_uids(self, folder="INBOX"):
        """The UIDs in a folder; an empty list when there is no such folder."""
        with self.client() as client:
            if client.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            return [int(uid) for uid in client.uid("SEARCH", "ALL")[1][0].split()]

    def flags(self, folder="INBOX"):
        """The flags of each mail in a folder, by UID."""
        with self.client() as client:
            client.select(f'"{folder}"', readonly=True)
            lines = [line for line in client.fetch("1:*", "(UID FLAGS)")[1] if line]
        found = [(re.search(rb"UID (\d+)", line), line) for line in lines]  # without UID: another session's change
        return {int(uid[1]): imaplib.ParseFlags(line) for uid, line in found if uid}


@contextlib.contextmanager
def start_dovecot(tmp_path=None, *, location="maildir", cert_file=None, key_file=None, more=""):
    """Start a Dovecot and stop it in the end. `tmp_path` is only where its log is copied, when there is one.

    With a certificate it listens for TLS too, on `tls_port`, and offers STARTTLS. `more` is configuration.
    """
    require_dovecot()
    # Not under pytest's folder: its name is too long for unix sockets, and closed to Dovecot's own users.
    base = Path(tempfile.mkdtemp(prefix="maild-dovecot-", dir="/tmp"))
    base.chmod(0o755)
    port, tls_port = free_port(), free_port() if cert_file else 0
    _write(base, location, port, tls_port, cert_file, key_file, more)
    process = subprocess.Popen(
        [PROGRAM, "-F", "-c", str(base / "dovecot.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_up(process, base, port)
        yield Dovecot(base, port, tls_port)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE_SECONDS)
        if tmp_path is not None and (base / "log").exists():
            shutil.copy(base / "log", Path(tmp_path) / "dovecot.log")
        shutil.rmtree(base, ignore_errors=True)


def _write(base, location, port, tls_port, cert_file, key_file, more):
    uid, gid = _owner()
    for name in ("run", "state", "home", "mail"):
        (base / name).mkdir()
    os.chown(base / "home", uid, gid)
    os.chown(base / "mail", uid, gid)
    (base / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    certificate = f"ssl_cert = <{cert_file}\nssl_key = <{key_file}\n" if cert_file else ""
    text = CONFIG.format(
        base=base,
        location=location,
        port=port,
        tls_port=tls_port,
        ssl="yes" if cert_file else "no",
        certificate=certificate,
        internal=_user("dovecot"),
        internal_group=_group("dovecot"),
        login=_user("dovenull"),
        uid=uid,
        gid=gid,
        more=more,
    )
    (base / "dovecot.conf").write_text(text)


def _owner():
    """Whose mails they are; never root, whom Dovecot refuses."""
    nobody = pwd.getpwnam(_user("dovecot"))
    return nobody.pw_uid, nobody.pw_gid


def _user(name):
    try:
        return pwd.getpwnam(name).pw_name
    except KeyError:
        return "nobody"


def _group(name):
    try:
        return grp.getgrnam(name).gr_name
    except KeyError:
        return "nogroup"


def _wait_until_up(process, base, port):
    eventually(lambda: process.poll() is not None or _greets(port), "Dovecot's greeting", LONG_SECONDS)
    if process.poll() is not None:
        log = base / "log"
        pytest.fail(f"Dovecot did not start: {log.read_text()[-2000:] if log.exists() else process.poll()}")


def _greets(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
        return probe.recv(4) == b"* OK"
    return False
