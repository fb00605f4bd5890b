"""One look into a mailbox: nothing lost, nothing twice, nothing touched before it is ours."""

import contextlib

import pytest

from maild.base.words import DoorName
from maild.doors import imap_wire
from maild.doors.imap_model import Lost, Refused
from maild.journal.model import JournalUnavailable
from tests.support.imap_script import Folder, ScriptedImap

from .imap_house import NOW, desk, mail


@pytest.fixture
def server():
    with ScriptedImap() as server:
        yield server


@contextlib.contextmanager
def without(server, *capabilities):
    server.capabilities = tuple(name for name in server.capabilities if name not in capabilities)
    yield server


def test_a_mail_is_kept_byte_for_byte_and_then_moved(tmp_path, server):
    octets = mail("one") + b"8-bit \xff and a bare \n line end and a NUL \0"
    server.put(octets)
    with desk(tmp_path, server) as ours:
        assert ours.look().taken == 1
        assert ours.octets() == [octets]
        envelope = ours.entries()[0].envelope
    assert (envelope.door, envelope.mailbox, envelope.queue) == (DoorName.IMAP, "support", "support")
    assert (envelope.mail_from, envelope.rcpt_to, envelope.trusted, envelope.received_at) == (None, (), True, NOW)
    assert server.inbox.mails == {}
    assert list(server.folders["Processed"].mails.values()) == [octets]


def test_a_mail_that_somebody_has_read_already_is_taken_all_the_same(tmp_path, server):
    [uid] = server.put(mail("read"))
    server.inbox.flags[uid].add("\\Seen")
    with desk(tmp_path, server, after="seen") as ours:
        ours.look()
        assert ours.subjects() == ["read"]


def test_taking_a_mail_does_not_mark_it_as_read(tmp_path, server):
    [uid] = server.put(mail("one"))
    with desk(tmp_path, server, after="leave") as ours:
        ours.look()
        assert ours.subjects() == ["one"]
    assert server.inbox.flags[uid] == set()
    assert server.count("UID STORE") == 0
    assert all("PEEK" in line for line in server.lines if "BODY" in line)


def test_a_mail_that_stays_is_taken_once(tmp_path, server):
    server.put(mail("one"))
    with desk(tmp_path, server, after="leave") as ours:
        ours.look()
        assert ours.look().taken == 0
        ours.restart()
        assert ours.look().taken == 0
        server.put(mail("two"))
        assert ours.look().taken == 1
        assert ours.subjects() == ["one", "two"]


def test_nothing_is_touched_before_the_mail_is_durable(tmp_path, server):
    class Full:
        def append_now(self, items):
            raise JournalUnavailable("disk full")

    server.put(mail("one"))
    with desk(tmp_path, server) as ours:
        full = Full()
        full.taken_uids, full.highest_uid = ours.journal.taken_uids, ours.journal.highest_uid
        ours.store = full
        ours.restart()
        with pytest.raises(JournalUnavailable):
            ours.look()
        assert len(server.inbox.mails) == 1
        assert server.count("UID (MOVE|STORE|COPY)") == 0
        ours.store = ours.journal
        ours.restart()
        assert ours.look().taken == 1


def test_a_crash_between_commit_and_move_is_healed_without_fetching_again(tmp_path, server):
    server.put(mail("one"), mail("two"))
    server.on("UID MOVE", b"")
    with desk(tmp_path, server) as ours:
        with pytest.raises(Lost):
            ours.look()
        assert len(server.inbox.mails) == 2
        fetches = server.count(r"UID FETCH .*BODY")
        ours.restart()
        assert ours.look().taken == 0
        assert ours.subjects() == ["one", "two"]
    assert server.inbox.mails == {}
    assert server.count(r"UID FETCH .*BODY") == fetches


def test_the_folder_is_made_when_it_is_missing_and_used_when_it_is_there(tmp_path, server):
    with desk(tmp_path, server) as ours:
        server.put(mail("one"))
        ours.look()
        server.put(mail("two"))
        ours.look()
    assert server.count("CREATE") == 1
    assert len(server.folders["Processed"].mails) == 2


def test_a_folder_that_somebody_made_meanwhile_is_no_fault(tmp_path, server):
    server.put(mail("one"))

    def made_meanwhile(session, tag, line):
        server.folders["Processed"] = Folder()
        session.send(f"{tag} NO [ALREADYEXISTS] it is there\r\n".encode())

    server.on("CREATE", made_meanwhile)
    with desk(tmp_path, server) as ours:
        assert ours.look().problem == ""
    assert server.inbox.mails == {}


def test_without_move_a_mail_is_copied_and_expunged_by_its_uid(tmp_path, server):
    server.put(mail("one"))
    [other] = server.put(mail("other"))
    with without(server, "MOVE"), desk(tmp_path, server) as ours:
        ours.look()
    assert server.inbox.mails == {}
    assert len(server.folders["Processed"].mails) == 2
    assert server.count("UID EXPUNGE") == 1
    assert other


def test_without_uidplus_nothing_is_expunged_that_somebody_else_deleted(tmp_path, server):
    server.put(mail("one"))
    with without(server, "MOVE", "UIDPLUS"), desk(tmp_path, server) as ours:
        ours.look()
        assert server.inbox.mails == {}
        server.put(mail("two"))
        ours.look()
        [kept] = [server.inbox.put(mail("late"))]
        server.inbox.flags[kept].add("\\Deleted")
        server.on("UID SEARCH UID", b"* SEARCH 4\r\nTAG OK done\r\n")
        server.inbox.put(mail("three"), 4)
        ours.look()
    assert kept in server.inbox.mails
    assert server.inbox.flags[4] == {"\\Deleted"}
    assert len(server.folders["Processed"].mails) == 3


def test_a_mail_that_was_copied_and_not_expunged_is_not_copied_twice(tmp_path, server):
    server.put(mail("one"))
    server.on("UID EXPUNGE", b"")
    with without(server, "MOVE"), desk(tmp_path, server) as ours:
        with pytest.raises(Lost):
            ours.look()
        ours.restart()
        ours.look()
    assert server.inbox.mails == {}
    assert len(server.folders["Processed"].mails) == 1


def test_under_another_uidvalidity_everything_is_listed_anew(tmp_path, server):
    server.put(mail("one"))
    with desk(tmp_path, server, after="leave") as ours:
        ours.look()
        server.uidvalidity = 8
        ours.reconnect()
        assert ours.look().taken == 1
        first, second = ours.entries()
    assert first.sha256 == second.sha256


def test_a_gap_below_the_newest_mail_is_found(tmp_path, server):
    server.inbox.put(mail("five"), 5)
    with desk(tmp_path, server, after="leave") as ours:
        ours.look()
        server.inbox.put(mail("three"), 3)
        assert ours.look().taken == 0
        ours.later(minutes=31)
        assert ours.look().taken == 1
        assert ours.subjects() == ["five", "three"]


def test_a_mail_that_vanishes_before_it_is_described_is_no_error(tmp_path, server):
    server.put(mail("gone"), mail("here"))

    def vanish(session, tag, line):
        server.inbox.take_out(1)
        session.do(tag, line)

    server.on("UID FETCH .*SIZE", vanish)
    with desk(tmp_path, server) as ours:
        looked = ours.look()
        assert (looked.taken, looked.more, looked.problem) == (1, False, "")
        assert ours.subjects() == ["here"]


def test_a_mail_that_vanishes_before_it_is_fetched_is_no_error(tmp_path, server):
    server.put(mail("gone"), mail("here"))

    def vanish(session, tag, line):
        server.inbox.take_out(1)
        session.do(tag, line)

    server.on("UID FETCH .*BODY", vanish)
    with desk(tmp_path, server) as ours:
        assert ours.look().taken == 1
        looked = ours.look()
        assert (looked.taken, looked.more, looked.problem) == (0, False, "")
        assert ours.subjects() == ["here"]


def test_of_half_a_mail_nothing_is_kept_and_the_next_look_takes_it_whole(tmp_path, server):
    server.put(mail("one"))

    def half(session, tag, line):
        session.send(session.fetched(1, 1, "(BODY.PEEK[])")[:-40])
        session.hang_up()

    server.on("UID FETCH .*BODY", half)
    with desk(tmp_path, server) as ours:
        with pytest.raises(Lost):
            ours.look()
        assert ours.entries() == []
        ours.reconnect()
        assert ours.look().taken == 1
        assert ours.octets() == [mail("one")]


def test_a_mail_larger_than_the_server_said_ends_the_connection(tmp_path, server):
    server.put(mail("huge", "x" * 20_000))
    server.sizes[1] = 100
    with desk(tmp_path, server) as ours:
        with pytest.raises(Lost, match="beyond the limit"):
            ours.look()
        assert ours.entries() == []


def test_of_a_large_mail_the_header_makes_a_ticket_and_it_is_not_fetched_again(tmp_path, server):
    server.put(mail("large", "x" * 6_000), mail("small"))
    with desk(tmp_path, server, after="leave") as ours:
        assert ours.look().taken == 2
        ours.restart()
        assert ours.look().taken == 0
        large = ours.octets()[0]
    assert large == mail("large", "")[:-2] + b"X-Maild-Not-Fetched: size=%d; larger than 5000 octets\r\n\r\n" % len(
        server.inbox.mails[1]
    )
    assert server.count(r"UID FETCH 1 .*BODY.PEEK\[HEADER\]") == 1
    assert server.count(r"UID FETCH .*BODY.PEEK\[\]") == 1


def test_a_large_mail_is_never_deleted(tmp_path, server):
    server.put(mail("large", "x" * 6_000), mail("small"))
    with desk(tmp_path, server, after="delete") as ours:
        ours.look()
        ours.restart()
        ours.look()
        assert ours.subjects() == ["large", "small"]
    assert list(server.inbox.mails) == [1]
    assert server.inbox.flags[1] == {"\\Flagged"}


def test_a_mail_without_a_header_that_is_too_large_is_kept_too(tmp_path, server):
    server.put(b"\r\n\r\n" + b"x" * 6_000)
    with desk(tmp_path, server) as ours:
        assert ours.look().taken == 1
        assert ours.octets()[0].startswith(b"X-Maild-Not-Fetched: size=6004;")


def test_a_read_only_folder_is_read_and_said_to_be_so(tmp_path, server):
    server.writable = False
    server.put(mail("one"))
    with desk(tmp_path, server) as ours:
        looked = ours.look()
        assert (looked.taken, looked.problem) == (1, "INBOX is read-only: mails are taken and stay where they are")
        assert ours.look().taken == 0
    assert server.count("UID (MOVE|STORE|COPY)") == 0


def test_leaving_mail_in_a_read_only_folder_is_no_problem(tmp_path, server):
    server.writable = False
    with desk(tmp_path, server, after="leave") as ours:
        assert ours.look().problem == ""


def test_a_full_quota_stops_the_move_and_not_the_mail(tmp_path, server):
    server.put(mail("one"))
    server.on("UID MOVE", b"TAG NO [OVERQUOTA] quota exceeded\r\n", times=2)
    with desk(tmp_path, server) as ours:
        looked = ours.look()
        assert looked.taken == 1
        assert "refuses to move them" in looked.problem
        assert "quota exceeded" in looked.problem
        assert "quota exceeded" in ours.look().problem
        assert ours.look().problem == ""
        assert ours.subjects() == ["one"]
    assert server.inbox.mails == {}
    assert server.count("CREATE") == 1


def test_one_mail_that_the_server_cannot_send_holds_up_no_other(tmp_path, server):
    server.put(mail("one"), mail("bad"), mail("three"))
    broken = rb"UID FETCH (\d+,)*2(,\d+)* .*BODY.PEEK\[\]".decode()
    server.on(broken, b"TAG NO [SERVERBUG] internal error\r\n", times=100)
    with desk(tmp_path, server) as ours:
        while ours.look().more:
            pass
        assert ours.subjects() == ["one", "three"]
        ours.later(seconds=15)
        assert ours.look().problem == "cannot fetch the mail with UID 2"
        for _ in range(15):
            ours.later(minutes=5)
            ours.look()
        assert ours.subjects() == ["one", "three", "bad"]
        assert ours.octets()[-1].endswith(
            b"X-Maild-Not-Fetched: size=%d; the server could not send it\r\n\r\n" % len(mail("bad"))
        )
        assert ours.look().problem == ""


def test_a_mail_that_cuts_the_connection_each_time_holds_up_no_other(tmp_path, server):
    server.put(mail("one"), mail("bad"), mail("three"))
    server.on(r"UID FETCH (\d+,)*2(,\d+)* .*BODY.PEEK\[\]", b"", times=100)
    with desk(tmp_path, server) as ours:
        for _ in range(3):
            with contextlib.suppress(Lost):
                ours.look()
            ours.reconnect()
        assert ours.subjects() == ["one", "three"]
        looked = ours.look()
        assert (looked.taken, looked.more) == (0, False)


def test_an_empty_answer_for_a_mail_is_no_mail(tmp_path, server):
    server.put(mail("one"))
    server.on("UID FETCH .*BODY", b"* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\nTAG OK done\r\n")
    with desk(tmp_path, server) as ours:
        assert ours.look().taken == 0
        assert ours.look().taken == 1
        assert ours.octets() == [mail("one")]


def test_many_mails_come_fifty_to_a_fetch_a_commit_and_a_move(tmp_path, server):
    server.put(*(mail(f"m{n}") for n in range(120)))
    with desk(tmp_path, server) as ours:
        assert ours.look().taken == 120
        assert ours.subjects() == [f"m{n}" for n in range(120)]
    bodies = [line for line in server.lines if "BODY" in line]
    assert [line.count(",") + 1 for line in bodies] == [50, 50, 20]
    assert server.count("UID MOVE") == 4  # the first wants the folder


def test_a_look_ends_after_some_batches_and_says_that_there_is_more(tmp_path, server):
    server.put(*(mail(f"m{n}") for n in range(1020)))
    with desk(tmp_path, server) as ours:
        looked = ours.look()
        assert (looked.taken, looked.more) == (1000, True)
        looked = ours.look()
        assert (looked.taken, looked.more) == (20, False)


def test_a_folder_that_is_too_large_for_one_answer_is_listed_in_parts(tmp_path, server, monkeypatch):
    monkeypatch.setattr(imap_wire, "LIST_MAILS", 2)
    server.put(*(mail(f"m{n}") for n in range(5)))
    with desk(tmp_path, server) as ours:
        assert ours.look().taken == 5
    assert [line for line in server.lines if "SEARCH" in line] == [f"UID SEARCH {s}" for s in ("1:2", "3:4", "5:*")]


def test_stopping_leaves_the_rest_for_the_next_look(tmp_path, server):
    server.put(mail("one"))
    with desk(tmp_path, server) as ours:
        ours.stops = True
        assert ours.look().taken == 0
        ours.stops = False
        assert ours.look().taken == 1


def test_seen_marks_what_was_taken_and_nothing_that_a_person_marked_as_unread(tmp_path, server):
    uids = server.put(*(mail(f"m{n}") for n in range(60)))
    with desk(tmp_path, server, after="seen") as ours:
        ours.look()
        assert all(flags == {"\\Seen"} for flags in server.inbox.flags.values())
        server.inbox.flags[uids[0]].clear()
        server.inbox.flags[uids[59]].clear()
        ours.restart()
        ours.look()
    assert server.inbox.flags[uids[0]] == set()
    assert server.inbox.flags[uids[59]] == {"\\Seen"}


def test_a_mail_that_was_left_to_be_deleted_is_deleted_the_next_time(tmp_path, server):
    server.put(mail("one"))
    server.on("UID STORE", b"")
    with desk(tmp_path, server, after="delete") as ours:
        with pytest.raises(Lost):
            ours.look()
        ours.restart()
        ours.look()
        assert ours.subjects() == ["one"]
    assert server.inbox.mails == {}


def test_a_mailbox_that_is_not_there_is_said_to_be_so(tmp_path, server):
    with desk(tmp_path, server, folder="Nowhere") as ours, pytest.raises(Refused, match="no such folder"):
        ours.look()


def test_a_server_that_names_a_mail_twice_has_it_once(tmp_path, server):
    [uid] = server.put(mail("one"))
    octets = mail("one")
    body = b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, len(octets), octets)
    server.on("UID SEARCH", b"* SEARCH %d %d %d\r\nTAG OK done\r\n" % (uid, uid, uid))
    server.on(r"UID FETCH.*BODY", body + body + b"TAG OK done\r\n")
    with desk(tmp_path, server, after="leave") as one:
        one.look()
        one.look()
        assert one.octets() == [octets]


def test_a_folder_below_the_servers_prefix_is_made_there(tmp_path, server):
    server.capabilities = ("MOVE", "NAMESPACE")
    server.on("NAMESPACE", b'* NAMESPACE (("INBOX." ".")) NIL NIL\r\nTAG OK done\r\n')
    server.put(mail("one"))
    with desk(tmp_path, server, after="move:Done/2026") as one:
        one.look()
    assert len(server.folders["INBOX.Done.2026"].mails) == 1
