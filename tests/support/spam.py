"""The two filters that most receivers run, as Debian has them, looking at a mail as if it came from our smarthost."""

import contextlib
import json
import re
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.rcode
import dns.rrset

from tests.support.needs import need
from tests.support.ports import free_port
from tests.support.waiting import LONG_SECONDS, eventually, join

CLIENT, HELO = "93.184.215.14", "mx.example.com"  # an address of the world outside: loopback would be trusted
_OPTIONS = """
dns {{ nameserver = ["{names}"]; timeout = 30s; retransmits = 3; }}
disable_hyperscan = true;
url_tld = "{suffixes}";
"""
_SUFFIXES = "com\norg\nexample\n"  # the whole list is compiled for half a minute
_WORKER = 'bind_socket = "127.0.0.1:{port}"; count = 1; task_timeout = 120s;\n'
_QUIET = "enabled = false;\n"
_RULE = re.compile(r"(?m)^ ?(-?\d+\.\d) ([A-Z][A-Z0-9_]+) ")

Names = Mapping[tuple[str, str], str]  # (name, type) -> the record; all other names do not exist


@dataclass(frozen=True)
class Sent:
    """A mail with its envelope."""

    mail_from: str
    rcpt_to: str
    octets: bytes


@contextlib.contextmanager
def names(records: Names) -> Iterator[str]:
    """Serve these records on loopback, and give the server's address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        address = listener.getsockname()
        server = threading.Thread(target=_answer, args=[listener, records], daemon=True)
        server.start()
        try:
            yield f"127.0.0.1:{address[1]}"
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
                end.sendto(b"", address)
            join(server)


def _answer(listener: socket.socket, records: Names) -> None:
    while True:
        octets, client = listener.recvfrom(4096)
        if not octets:
            return
        question = dns.message.from_wire(octets)
        answer = dns.message.make_response(question)
        asked = question.question[0]
        kind = dns.rdatatype.to_text(asked.rdtype)
        name = asked.name.to_text(omit_final_dot=True).lower()
        record = records.get((name, kind))
        if record is not None:
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, record))
        elif not any(known == name for known, _ in records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        listener.sendto(answer.to_wire(), client)


@contextlib.contextmanager
def rspamd(folder: Path, records: Names) -> Iterator[int]:
    """Run rspamd with the rules that it comes with and a DNS of these records; gives its port."""
    program = need("rspamd", "it scores our mails")
    port = free_port()
    for name in ("local.d", "override.d", "db", "run", "log"):
        (folder / name).mkdir()
    (folder / "local.d" / "worker-normal.inc").write_text(_WORKER.format(port=port), encoding="utf-8")
    for worker in ("controller", "proxy", "fuzzy"):
        (folder / "local.d" / f"worker-{worker}.inc").write_text(_QUIET, encoding="utf-8")
    with names(records) as server:
        suffixes = folder / "suffixes"
        suffixes.write_text(_SUFFIXES, encoding="utf-8")
        options = _OPTIONS.format(names=server, suffixes=suffixes.resolve())
        (folder / "override.d" / "options.inc").write_text(options, encoding="utf-8")
        places = {"LOCAL_CONFDIR": ".", "DBDIR": "db", "RUNDIR": "run", "LOGDIR": "log"}
        variables = [f"--var={name}={(folder / place).resolve()}" for name, place in places.items()]
        with (folder / "out").open("wb") as out:
            process = subprocess.Popen([program, "-f", "-i", *variables], stdout=out, stderr=out)
        try:
            eventually(lambda: _answers(port), "rspamd's answer", LONG_SECONDS)
            yield port
        finally:
            process.terminate()
            process.wait(LONG_SECONDS)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=30) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def rspamd_rules(port: int, mail: Sent) -> dict[str, float]:
    """Return the rules that matched, with their scores; above 0 they speak against the mail."""
    envelope = {"From": mail.mail_from, "Rcpt": mail.rcpt_to, "Ip": CLIENT, "Helo": HELO, "Hostname": HELO}
    question = urllib.request.Request(f"http://127.0.0.1:{port}/checkv2", data=mail.octets, headers=envelope)
    with urllib.request.urlopen(question, timeout=LONG_SECONDS) as answer:
        found = json.load(answer)
    return {name: symbol["score"] for name, symbol in found["symbols"].items()}


def spamassassin_rules(folder: Path, mails: list[Sent], received: str) -> list[dict[str, float]]:
    """Return the rules that matched each mail, asked without a network; `received` is the time of arrival."""
    program = need("spamassassin", "it scores our mails")
    mbox = folder / "mails.mbox"
    mbox.write_bytes(b"".join(_of_mbox(mail, received) for mail in mails))
    command = [program, "--local", "--test-mode", "--mbox", str(mbox)]
    said = subprocess.run(command, capture_output=True, check=True, timeout=LONG_SECONDS).stdout.decode(
        "utf-8", "replace"
    )
    parts = said.split("Content analysis details:")[1:]
    assert len(parts) == len(mails)
    return [{name: float(score) for score, name in _RULE.findall(part.partition("\nFrom ")[0])} for part in parts]


def _of_mbox(mail: Sent, received: str) -> bytes:
    trace = (
        f"From x Fri Nov 20 09:30:05 2026\nReturn-Path: <{mail.mail_from}>\n"
        f"Received: from {HELO} ({HELO} [{CLIENT}])\n\tby mx.example.org (Postfix) with ESMTPS id 4XyZ1\n"
        f"\tfor <{mail.rcpt_to}>; {received}\n"
    )
    octets = mail.octets.replace(b"\r\n", b"\n")
    return trace.encode() + re.sub(rb"(?m)^From ", b">From ", octets) + b"\n\n"
