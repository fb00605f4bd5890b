"""What a mail says to mail programs beside its words."""

import base64
from dataclasses import replace

import pytest

from maild.base.words import Role
from maild.desk.notices import Recipient
from maild.message.model import Address
from maild.notice.catalogue import CATALOGUE
from maild.notice.samples import NOW, WITHOUT_TICKET, sample
from tests.unit.notice.desk import read, rendered

INDEX = base64.b64encode(bytes.fromhex("01dd000000000102030405060708090a0b0c0d0e0f10")).decode()
LUIS = Recipient(Address("Luis", "luis@example.org"), Role.CC)


def test_outlook_finds_our_answer_in_its_conversation():
    notice = replace(sample("agent-replied", "en"), thread_index=INDEX, thread_topic="VPN caído")
    mail = read(rendered(notice)[0])
    assert mail["Thread-Topic"] == "VPN caído"
    octets = base64.b64decode(mail["Thread-Index"])
    assert (octets[:22], len(octets)) == (base64.b64decode(INDEX), 27)
    assert rendered(notice) == rendered(notice)


def test_who_wrote_without_a_thread_index_gets_none():
    mail = read(rendered(sample("agent-replied", "en"))[0])
    assert (mail["Thread-Index"], mail["Thread-Topic"]) == (None, None)


def test_agents_may_sort_by_the_queue_and_leave_tickets_that_others_have():
    mail = read(rendered(sample("agent-replied-copy", "en"))[0])
    assert mail["List-Id"] == "<support.desk.example.com>"
    assert mail["List-Unsubscribe"] is None  # Ana has it
    notice = sample("agent-replied-copy", "en")
    eva = Recipient(Address("Eva", "eva@example.com"), Role.AGENT)
    mail = read(rendered(replace(notice, recipients=(eva,)))[0])
    address = mail["Reply-To"].addresses[0].addr_spec
    assert mail["List-Unsubscribe"] == f"<mailto:{address}?subject=%23mute&body=%23mute>"


def test_on_copy_one_may_leave_and_the_requester_reads_of_no_list():
    notice = sample("agent-replied", "en")
    hers, his = rendered(replace(notice, recipients=(*notice.recipients, LUIS)))
    assert read(hers)["List-Id"] is read(hers)["List-Unsubscribe"] is None
    assert read(his)["List-Id"] == "<tickets.desk.example.com>"
    assert "body=%23unsubscribe>" in read(his)["List-Unsubscribe"]


@pytest.mark.parametrize("template", sorted({"transcript", "confirm"} | WITHOUT_TICKET))
def test_what_an_agent_asked_for_and_what_belongs_to_no_ticket_is_of_no_list(template):
    assert read(rendered(sample(template, "en"))[0])["List-Id"] is None


@pytest.mark.parametrize("template", sorted(CATALOGUE))
def test_only_automatic_mail_carries_the_loop_field(template):
    for automatic in ("auto-generated", ""):
        mail = read(rendered(replace(sample(template, "en"), automatic=automatic), now=NOW)[0])
        assert (mail["X-Maild-Loop"] is not None) is bool(automatic), mail.keys()
