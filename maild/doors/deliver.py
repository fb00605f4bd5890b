"""The pipe door for an MTA's alias: a mail on standard input goes to the LMTP socket.

Started anew for each mail, so it imports the standard library alone, and little of it. Whatever is not clearly the
mail's own fault ends with 75, and the MTA tries again (sysexits(3)).
"""

import os
import socket
import sys
from collections.abc import Sequence
from typing import BinaryIO, NoReturn

EX_OK = 0
EX_USAGE = 64
EX_DATAERR = 65
EX_NOUSER = 67
EX_UNAVAILABLE = 69
EX_TEMPFAIL = 75

SOCKET = "/run/maild/lmtp.sock"
TIMEOUT_SECONDS = 300
USAGE = "usage: maild-deliver [--socket PATH] [-f SENDER] RECIPIENT..."
HELP = f"""{USAGE}

Hands a mail on standard input to maild over LMTP.

  --socket PATH  the LMTP socket; else $MAILD_LMTP, else {SOCKET}; host:port is one too
  -f SENDER      the envelope sender; else that of a From_ line, else the null one

Exit codes: 0 the mail is durable; 64 usage; 65 the mail is refused for good; 67 no such
recipient; 69 refused for another reason; 75 the daemon is away or asks to try again."""


class Refused(Exception):
    """The delivery did not come about; `code` is the exit code."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Deliver standard input and exit with the code that an MTA understands."""
    try:
        deliver(*_read_arguments(list(sys.argv[1:] if arguments is None else arguments)), sys.stdin.buffer)
    except Refused as refused:
        sys.stderr.write(f"maild-deliver: {refused}\n")
        sys.exit(refused.code)
    except (OSError, EOFError) as error:
        sys.stderr.write(f"maild-deliver: the daemon is away: {error}\n")
        sys.exit(EX_TEMPFAIL)
    sys.exit(EX_OK)


def _read_arguments(words: list[str]) -> tuple[str, str | None, list[str]]:
    where = os.environ.get("MAILD_LMTP", "") or SOCKET
    sender: str | None = None
    recipients: list[str] = []
    while words:
        word = words.pop(0)
        if word in {"-h", "--help"}:
            sys.stdout.write(HELP + "\n")
            sys.exit(EX_OK)
        if word == "--socket" or word.startswith("--socket="):
            where = _value(word, words)
        elif word.startswith("-f"):
            sender = (word[2:] or _value(word, words)).strip("<>")
        elif word == "--":
            recipients += words
            break
        elif word.startswith("-"):
            raise Refused(EX_USAGE, USAGE)
        else:
            recipients.append(word)
    _check([*recipients, sender or ""])
    if not recipients:
        raise Refused(EX_USAGE, USAGE)
    return where, sender, recipients


def _value(word: str, rest: list[str]) -> str:
    _, equals, value = word.partition("=")
    if not equals and not rest:
        raise Refused(EX_USAGE, USAGE)
    return value if equals else rest.pop(0)


def _check(addresses: list[str]) -> None:
    # An address is written into a command: a line end or a bracket in it would be another command.
    for address in addresses:
        if not address.isprintable() or any(character in address for character in "<> "):
            raise Refused(EX_USAGE, "an address has characters that none may have")


def deliver(where: str, sender: str | None, recipients: Sequence[str], mail: BinaryIO) -> None:
    """Hand over one mail to all recipients; raises Refused, or OSError and EOFError when the daemon is away.

    The whole mail is read first: a pipe that breaks must not leave half a mail behind.
    """
    octets = mail.read()
    from_line, octets = split_from_line(octets)
    if sender is None:
        sender = from_line
    with _connected(where) as connection, connection.makefile("rb") as replies:
        _Conversation(connection, replies).play(sender, recipients, stuffed(octets))


def _connected(where: str) -> socket.socket:
    host, colon, port = where.removeprefix("tcp:").rpartition(":")
    if colon and port.isdigit() and "/" not in where:
        return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(where.removeprefix("unix:"))
    except OSError:
        connection.close()
        raise
    return connection


class _Conversation:
    """The client's half of LMTP (RFC 2033)."""

    def __init__(self, connection: socket.socket, replies: BinaryIO) -> None:
        self._connection = connection
        self._replies = replies

    def play(self, sender: str, recipients: Sequence[str], stuffed_octets: bytes) -> None:
        """Say it all; returns when every recipient was answered with 2xx."""
        utf8 = "" if all(address.isascii() for address in (sender, *recipients)) else " SMTPUTF8"
        self._expect("2")
        self._ask("LHLO localhost")
        self._ask(f"MAIL FROM:<{sender}>{utf8}")
        for recipient in recipients:
            self._ask(f"RCPT TO:<{recipient}>", refused_for_good=EX_NOUSER)
        self._ask("DATA", wanted="3")
        self._connection.sendall(stuffed_octets)
        answers = [self._reply() for _ in recipients]
        # One recipient's "later" outweighs another's "never": the MTA has one mail and one exit code.
        for answer in sorted(answers, key=lambda answer: answer[:1] == "5"):
            _judge(answer, "2", EX_DATAERR)
        # The mail is durable; nothing that happens to the farewell may make the MTA send it again.
        self._connection.settimeout(1)
        try:
            self._connection.sendall(b"QUIT\r\n")
        except OSError:
            return

    def _ask(self, command: str, *, wanted: str = "2", refused_for_good: int = EX_UNAVAILABLE) -> None:
        self._connection.sendall(command.encode() + b"\r\n")
        self._expect(wanted, refused_for_good)

    def _expect(self, wanted: str, refused_for_good: int = EX_UNAVAILABLE) -> None:
        _judge(self._reply(), wanted, refused_for_good)

    def _reply(self) -> str:
        while True:
            line = self._replies.readline(4096)
            if not line.endswith(b"\n"):
                raise EOFError("the connection was closed")
            if line[3:4] != b"-":
                return line.decode("utf-8", "replace").rstrip("\r\n")


def _judge(reply: str, wanted: str, refused_for_good: int) -> None:
    if reply[:1] == wanted:
        return
    raise Refused(refused_for_good if reply[:1] == "5" else EX_TEMPFAIL, reply)


def split_from_line(octets: bytes) -> tuple[str, bytes]:
    """Return the sender of an mbox From_ line, "" without one, and the mail behind it."""
    if not octets.startswith((b"From ", b">From ")):
        return "", octets
    line, _, rest = octets.partition(b"\n")
    words = line.decode("utf-8", "replace").split()
    sender = words[1].strip("<>") if len(words) > 1 else ""
    return (sender if "@" in sender and sender.isprintable() else ""), rest


def stuffed(octets: bytes) -> bytes:
    """Return what DATA wants: line ends CRLF, dots doubled, the end behind (RFC 5321 section 4.5.2)."""
    octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if octets and not octets.endswith(b"\r\n"):
        octets += b"\r\n"
    octets = (b"\r\n" + octets).replace(b"\r\n.", b"\r\n..")[2:]
    return octets + b".\r\n"


if __name__ == "__main__":
    main()
