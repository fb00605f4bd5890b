"""The far end of an IMAP wire as a test wants it: a small server whose every answer can be replaced by a worse one."""

import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from tests.support.waiting import join

ALL = ("IDLE", "MOVE", "UIDPLUS", "AUTH=PLAIN")


@dataclass
class Folder:
    """A folder's mails by UID, and the flags of each."""

    mails: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    next_uid: int = 1

    def put(self, octets, uid=None):
        uid = uid or self.next_uid
        self.mails[uid] = octets
        self.flags[uid] = set()
        self.next_uid = max(self.next_uid, uid) + 1
        return uid

    def take_out(self, uid):
        self.flags.pop(uid, None)
        return self.mails.pop(uid, None)


class Cut(Exception):
    """The server closes the connection."""


class ScriptedImap:
    """One user, some folders. `on(pattern, answer, times)` replaces the answer to commands that match.

    An answer is octets, in which TAG stands for the tag, or a callable of (session, tag, line) that sends for itself;
    b"" cuts the connection. What is sent untagged before it is up to the test.
    """

    user, password = "support@example.com", "secret"

    def __init__(self, capabilities=ALL, *, uidvalidity=7, writable=True):
        self.capabilities = capabilities
        self.uidvalidity = uidvalidity
        self.writable = writable
        self.folders = {"INBOX": Folder()}
        self.lines = []  # every command that came, without its tag
        self.sizes = {}  # UIDs about whose size the server lies
        self.greeting = b"* OK ready\r\n"
        self.sessions = []
        self.lock = threading.RLock()
        self._answers = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    @property
    def inbox(self):
        return self.folders["INBOX"]

    def put(self, *mails):
        with self.lock:
            uids = [self.inbox.put(octets) for octets in mails]
        for session in list(self.sessions):
            session.announce()
        return uids

    def on(self, pattern, answer, times=1):
        self._answers.append([re.compile(pattern, re.I), answer, times])

    def count(self, pattern):
        return sum(bool(re.match(pattern, line, re.I)) for line in list(self.lines))

    def answer_to(self, line):
        for entry in self._answers:
            if entry[2] and entry[0].match(line):
                entry[2] -= 1
                return entry[1]
        return None

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        join(self._threads[0])  # then no session begins any more
        for session in list(self.sessions):
            session.hang_up()
        for thread in self._threads:
            join(thread)

    def _listen(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session = Session(self, connection)
            self.sessions.append(session)
            thread = threading.Thread(target=session.run, daemon=True)
            self._threads.append(thread)
            thread.start()


class Session:
    """One connection."""

    def __init__(self, server, connection):
        self.server = server
        self.connection = connection
        self.folder = None
        self.idle = False
        self.reader = connection.makefile("rb")

    def send(self, octets):
        try:
            self.connection.sendall(octets)
        except OSError:
            raise Cut from None

    def hang_up(self):
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def announce(self):
        if self.idle and self.folder is not None:
            with suppress(Cut):  # the client has left meanwhile, and will look when it comes back
                self.send(b"* %d EXISTS\r\n" % len(self.folder.mails))

    def run(self):
        try:
            self.send(self.server.greeting)
            while line := self.reader.readline():
                tag, _, command = line.decode("utf-8", "replace").strip().partition(" ")
                self.server.lines.append(command)
                self._answer(tag, command)
        except (Cut, OSError):
            pass
        finally:
            self.server.sessions.remove(self)
            self.reader.close()
            self.connection.close()

    def _answer(self, tag, command):
        answer = self.server.answer_to(command)
        if answer is None:
            with self.server.lock:
                self.do(tag, command)
        elif callable(answer):
            answer(self, tag, command)
        elif answer:
            self.send(answer.replace(b"TAG", tag.encode()))
        else:
            raise Cut

    def ok(self, tag, words="done"):
        self.send(f"{tag} OK {words}\r\n".encode())

    def do(self, tag, command):
        """Answer as a good server would."""
        verb, _, rest = command.partition(" ")
        if verb.upper() == "UID":
            verb, _, rest = rest.partition(" ")
            verb = f"uid_{verb}"
        act = getattr(self, f"do_{verb.lower()}", None)
        if act is None:
            self.send(f"{tag} BAD {verb} is unknown\r\n".encode())
        else:
            act(tag, rest)

    def do_capability(self, tag, rest):
        self.send(f"* CAPABILITY IMAP4rev1 {' '.join(self.server.capabilities)}\r\n".encode())
        self.ok(tag)

    def do_login(self, tag, rest):
        if rest == f'{self.server.user} "{self.server.password}"':
            self.ok(tag)
        else:
            self.send(f"{tag} NO [AUTHENTICATIONFAILED] wrong password\r\n".encode())

    def do_authenticate(self, tag, rest):
        self.send(b"+ \r\n")
        self.server.lines.append("SASL " + self.reader.readline().decode().strip())
        self.ok(tag)

    def do_select(self, tag, rest):
        self.folder = self.server.folders.get(rest.strip('"'))
        if self.folder is None:
            self.send(f"{tag} NO [NONEXISTENT] no such folder\r\n".encode())
            return
        self.send(b"* FLAGS (\\Seen \\Deleted)\r\n* %d EXISTS\r\n* 0 RECENT\r\n" % len(self.folder.mails))
        self.send(b"* OK [UIDVALIDITY %d] valid\r\n" % self.server.uidvalidity)
        self.ok(tag, "[READ-WRITE] selected" if self.server.writable else "[READ-ONLY] selected")

    def do_examine(self, tag, rest):
        self.do_select(tag, rest)

    def do_noop(self, tag, rest):
        self.ok(tag)

    do_subscribe = do_noop

    def do_logout(self, tag, rest):
        self.send(b"* BYE see you\r\n")
        self.ok(tag)
        raise Cut

    def do_create(self, tag, rest):
        name = rest.strip('"')
        if name in self.server.folders:
            self.send(f"{tag} NO [ALREADYEXISTS] it is there\r\n".encode())
        else:
            self.server.folders[name] = Folder()
            self.ok(tag)

    def do_idle(self, tag, rest):
        self.send(b"+ idling\r\n")
        self.idle = True
        self.server.lock.release()  # IDLE lasts; others must be able to change the folder meanwhile
        try:
            done = self.reader.readline()
        finally:
            self.server.lock.acquire()
        self.idle = False
        if not done:
            raise Cut
        self.ok(tag)

    def do_uid_search(self, tag, rest):
        uids = sorted(self.folder.mails)
        if rest.startswith("UID "):
            first = int(rest[4:].split(":")[0])
            uids = [uid for uid in uids if uid >= first] or uids[-1:]
        elif rest == "DELETED":
            uids = [uid for uid in uids if "\\Deleted" in self.folder.flags[uid]]
        elif span := re.fullmatch(r"(\d+):(\d+|\*)", rest):
            uids = uids[int(span[1]) - 1 : None if span[2] == "*" else int(span[2])]
        self.send(f"* SEARCH {' '.join(map(str, uids))}".rstrip().encode() + b"\r\n")
        self.ok(tag)

    def do_uid_fetch(self, tag, rest):
        wanted, _, items = rest.partition(" ")
        for seq, uid in enumerate(sorted(self.folder.mails), 1):
            if uid in self.members(wanted):
                self.send(self.fetched(seq, uid, items))
        self.ok(tag)

    def fetched(self, seq, uid, items):
        octets = self.folder.mails[uid]
        if "RFC822.SIZE" in items:
            flags = " ".join(sorted(self.folder.flags[uid]))
            size = self.server.sizes.get(uid, len(octets))
            return f"* {seq} FETCH (UID {uid} RFC822.SIZE {size} FLAGS ({flags}))\r\n".encode()
        if "INTERNALDATE" in items:
            return f'* {seq} FETCH (UID {uid} INTERNALDATE "21-Nov-2026 20:00:00 +0100")\r\n'.encode()
        if "HEADER" in items:
            octets = octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        name = items.strip("()").replace(".PEEK", "")
        return f"* {seq} FETCH (UID {uid} {name} {{{len(octets)}}}\r\n".encode() + octets + b")\r\n"

    def members(self, wanted):
        return {int(uid) for uid in wanted.split(",")}

    def do_uid_store(self, tag, rest):
        wanted, _, flags = rest.split(" ", 2)
        for uid in self.members(wanted) & set(self.folder.mails):
            self.folder.flags[uid] |= set(flags.strip("()").split())
        self.ok(tag)

    def do_uid_copy(self, tag, rest, *, leave=True):
        wanted, _, name = rest.partition(" ")
        target = self.server.folders.get(name.strip('"'))
        if target is None:
            self.send(f"{tag} NO [TRYCREATE] no such folder\r\n".encode())
            return
        for uid in sorted(self.members(wanted) & set(self.folder.mails)):
            target.put(self.folder.mails[uid] if leave else self.folder.take_out(uid))
        self.ok(tag)

    def do_uid_move(self, tag, rest):
        self.do_uid_copy(tag, rest, leave=False)

    def do_expunge(self, tag, rest):
        for uid in [uid for uid, flags in self.folder.flags.items() if "\\Deleted" in flags]:
            self.folder.take_out(uid)
        self.ok(tag)

    def do_uid_expunge(self, tag, rest):
        for uid in self.members(rest):
            if "\\Deleted" in self.folder.flags.get(uid, ()):
                self.folder.take_out(uid)
        self.ok(tag)
