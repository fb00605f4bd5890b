"""The service leaves in its time, whoever it waits for."""

import sqlite3
import threading
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from maild.service import children, daemon, delivering, leaving
from maild.service.leaving import end_together
from tests.support.desk import Desk
from tests.support.imap_script import ScriptedImap
from tests.support.provider import Answer, provider
from tests.support.talker import talking
from tests.support.waiting import PATIENCE_SECONDS

MAILBOX = """
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {port}
tls = "none"
username = "support@example.com"
auth = "oauth2"
oauth2_flow = "client-credentials"
oauth2_client_id = "app"
oauth2_client_secret = "shh"
oauth2_scope = "imap"
oauth2_token_url = "{url}/token"
"""


@pytest.fixture
def _hasty(monkeypatch):
    """Wait for nobody, and look after tokens again and again."""
    monkeypatch.setattr(daemon, "PARTS_SECONDS", 0.1)
    monkeypatch.setattr(daemon, "LAST_SECONDS", 0.1)
    monkeypatch.setattr(daemon, "TOKENS_SECONDS", 0.01)


def left_of(desk):
    """Stop a desk; the names of the parts that were not waited for."""
    with capture_logs() as logs:
        desk.stop()
    assert "service-stopped" in {log["event"] for log in logs}
    return {log["part"] for log in logs if log["event"] == "part-left"}


@pytest.mark.usefixtures("_hasty")
def test_an_endpoint_that_never_ends_its_answer_with_a_token_does_not_keep_the_service(tmp_path):
    with provider() as issuer, ScriptedImap() as imap, talking() as talker:
        issuer.answers = [Answer(200, talker=talker)]
        mailbox = MAILBOX.format(port=imap.port, url=issuer.url)
        with closing(Desk(tmp_path, lambda text: text + mailbox)) as desk:
            desk.start(("intake",))
            assert talker.begun.wait(PATIENCE_SECONDS)
            assert left_of(desk) >= {"mailboxes", "tokens"}


@pytest.mark.usefixtures("_hasty")
def test_a_database_that_somebody_else_has_locked_does_not_keep_the_service(tmp_path):
    with (
        closing(Desk(tmp_path)) as desk,
        closing(sqlite3.connect(tmp_path / "maild.db", isolation_level=None)) as other,
    ):
        desk.start(("intake",))
        other.execute("BEGIN IMMEDIATE")
        assert "database" in left_of(desk)


def test_a_part_that_cannot_end_keeps_no_other_from_it():
    ended, never = threading.Event(), threading.Event()

    def broken():
        raise OSError("its wire is gone")

    with capture_logs() as logs:
        end_together({"broken": broken, "silent": never.wait, "good": ended.set}, 0.1)
    never.set()
    assert ended.wait(PATIENCE_SECONDS)
    assert {(log["event"], log.get("part") or log["worker"]) for log in logs} >= {
        ("worker-failed", "broken"),
        ("part-left", "silent"),
    }


def test_all_that_it_waits_for_at_the_end_is_less_than_ten_seconds():
    work = leaving.PARTS_SECONDS + leaving.CHILDREN_SECONDS
    doors = 5.0  # The grace of Doors.close.
    assert max(work, doors) + leaving.LAST_SECONDS < 10
    assert delivering.LAST_WORD_SECONDS < leaving.PARTS_SECONDS
    assert children.STOP_SECONDS + children.LAST_SECONDS < leaving.CHILDREN_SECONDS
