"""A notice becomes finished mails: who gets which token, thread, subject and words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.base.words import Audience, DeliveryState, Purpose, Role
from maild.desk.notices import Recipient
from maild.message.model import Address, Attachment
from maild.notice.catalogue import CATALOGUE, WrongAudience, is_outside
from maild.notice.samples import internal_facts, public_facts, sample
from tests.unit.notice.desk import KEYRING, NOW, body, read, rendered

LUIS = Recipient(Address("Luis", "luis@example.org"), Role.CC)
INSIDE = [name for name in CATALOGUE if not is_outside(name)]
OUTSIDE = [name for name in CATALOGUE if is_outside(name)]


def token_of(composed):
    address = read(composed)["Reply-To"].addresses[0].addr_spec
    return KEYRING.read_address(address, "desk@desk.example.com", "+")


def test_the_same_run_gives_the_same_octets_and_a_replay_the_same_message_id():
    notice = sample("acknowledgement", "en")
    assert rendered(notice) == rendered(notice)
    later = rendered(notice, now=NOW + timedelta(days=2))
    assert later[0].message_id == rendered(notice)[0].message_id
    assert later[0].octets != rendered(notice)[0].octets
    assert rendered(notice, 1)[0].message_id != rendered(notice)[0].message_id


def test_everyone_gets_a_copy_with_a_reply_address_and_an_envelope_sender_of_his_own():
    notice = sample("agent-replied", "en")
    notice = replace(notice, recipients=(*notice.recipients, LUIS), cc=(LUIS.address,))
    marta, luis = rendered(notice)
    for name in ("To", "Cc", "Message-ID", "References", "Subject"):
        assert read(marta)[name] == read(luis)[name]
    assert marta.message_id == luis.message_id == read(luis)["Message-ID"]
    assert KEYRING.belongs_to(token_of(luis), "luis@example.org")
    assert not KEYRING.belongs_to(token_of(marta), "luis@example.org")
    assert token_of(marta).purpose is Purpose.REQUESTER
    back = KEYRING.read_address(luis.mail_from, "desk@desk.example.com", "+")
    assert (back.purpose, back.ticket, back.ref) == (Purpose.ENVELOPE, notice.ticket, luis.ref)
    assert KEYRING.belongs_to(back, "luis@example.org")
    assert (marta.rcpt_to, luis.rcpt_to) == ("marta@example.org", "luis@example.org")


def test_only_the_requester_is_asked_to_rate_and_only_people_on_copy_may_leave():
    notice = sample("resolved", "en")
    marta, luis = rendered(replace(notice, recipients=(*notice.recipients, LUIS), cc=(LUIS.address,)))
    assert "How did we do?" in body(marta)
    assert "#unsubscribe" not in body(marta)
    assert "How did we do?" not in body(luis) + body(luis, "html")
    assert "#unsubscribe" in body(luis)


@pytest.mark.parametrize("template", CATALOGUE)
def test_the_purpose_of_a_notice_stands_in_its_token_message_id_and_marker(template):
    notice = sample(template, "en")
    (composed,) = rendered(notice)
    assert token_of(composed).purpose is notice.purpose
    assert KEYRING.read_message_id(composed.message_id, "desk.example.com").purpose is notice.purpose
    marker = KEYRING.marker(notice.purpose, notice.ticket, composed.ref)
    assert body(composed).strip().endswith(marker)
    assert marker in body(composed, "html")


def test_a_ticket_has_one_root_for_the_requester_and_another_for_the_agents():
    roots = {}
    for template in ("acknowledgement", "resolved", "assigned", "note-added"):
        (composed,) = rendered(sample(template, "en"))
        roots.setdefault(is_outside(template), set()).add(read(composed)["References"].split()[0])
    assert [len(found) for found in roots.values()] == [1, 1]
    assert roots[True] != roots[False]
    token = KEYRING.read_message_id(next(iter(roots[False])), "desk.example.com")
    assert (token.purpose, token.ticket) == (Purpose.INTERNAL, 10427)


def test_references_keep_the_root_with_the_first_ids_and_the_newest():
    ids = tuple(f"<{n}@example.org>" for n in range(20))
    (composed,) = rendered(replace(sample("agent-replied", "en"), references=ids, in_reply_to=ids[-1]))
    found = read(composed)["References"].split()
    assert found[1:4] == list(ids[:3])
    assert found[4:] == list(ids[-6:])
    assert read(composed)["In-Reply-To"] == ids[-1]


def test_the_subject_is_the_first_one_behind_the_key_and_the_key_stands_there_once():
    notice = sample("resolved", "en")
    assert read(rendered(notice)[0])["Subject"] == "[ACME-10427P] VPN certificate has expired"
    again = replace(notice, subject="Re: [ACME-10427P] VPN")
    assert read(rendered(again)[0])["Subject"] == "Re: [ACME-10427P] VPN"
    foreign = replace(notice, subject="[ACME-7K] VPN")
    assert read(rendered(foreign)[0])["Subject"] == "[ACME-10427P] [ACME-7K] VPN"


def test_a_mail_about_no_ticket_takes_the_subject_of_its_template():
    (composed,) = rendered(sample("transcript", "en", sparse=True))
    assert read(composed)["Subject"].startswith("[ACME-10427P]")
    alone = replace(sample("transcript", "en"), ticket=0, subject="", facts=replace(internal_facts(), ticket=None))
    assert read(rendered(alone)[0])["Subject"] == "What became of your commands"


def test_automatic_mail_says_so_and_an_agents_words_do_not():
    automatic = read(rendered(replace(sample("acknowledgement", "en"), automatic="auto-replied"))[0])
    assert automatic["Auto-Submitted"] == "auto-replied"
    assert automatic["X-Auto-Response-Suppress"] == "OOF, AutoReply, DR, RN, NRN"
    assert automatic["X-Maild-Loop"] == "desk.example.com"
    words = read(rendered(sample("agent-replied", "en"))[0])
    assert not {"Auto-Submitted", "X-Auto-Response-Suppress", "X-Maild-Loop"} & set(words.keys())
    assert words["From"] == '"Ana Ruiz (Acme Support)" <support@example.com>'


def test_words_that_wait_are_queued_for_later_and_held_ones_wait_for_a_person():
    notice = sample("agent-replied", "en")
    later = NOW + timedelta(minutes=2)
    (composed,) = rendered(replace(notice, not_before=later, words_of="ana@example.com", post="e1.1"))
    assert (composed.state, composed.next_attempt_at) == (DeliveryState.QUEUED, later)
    assert (composed.words_of, composed.post, composed.automatic) == ("ana@example.com", "e1.1", False)
    (composed,) = rendered(replace(notice, hold="the limit is reached"))
    assert (composed.state, composed.hold) == (DeliveryState.HELD, "the limit is reached")
    (composed,) = rendered(replace(notice, draft=True))
    assert (composed.state, composed.draft) == (DeliveryState.HELD, True)


def test_what_an_agent_attached_is_sent_on():
    attachment = Attachment("manual.pdf", "application/pdf", 4, inline=False, sha256="", part="2")
    asked = []

    def fetch(entry, wanted):
        asked.append((entry, wanted))
        return b"%PDF"

    notice = replace(sample("agent-replied", "en"), attachments=(("01MAIL", attachment),))
    (composed,) = rendered(notice, fetch=fetch)
    (part,) = read(composed).iter_attachments()
    assert (part.get_filename(), part.get_content_type(), part.get_content()) == (
        "manual.pdf",
        "application/pdf",
        b"%PDF",
    )
    assert asked == [("01MAIL", attachment)]


@pytest.mark.parametrize("template", OUTSIDE)
def test_no_template_for_people_outside_is_ever_given_internal_facts(template):
    with pytest.raises(WrongAudience):
        rendered(replace(sample(template, "en"), facts=internal_facts()))
    with pytest.raises(WrongAudience):
        rendered(replace(sample(template, "en"), audience=Audience.AGENT))


@pytest.mark.parametrize("template", INSIDE)
def test_no_template_for_agents_is_sent_to_a_requester(template):
    with pytest.raises(WrongAudience):
        rendered(replace(sample(template, "en"), facts=public_facts()))
    with pytest.raises(WrongAudience):
        rendered(replace(sample(template, "en"), audience=Audience.REQUESTER, facts=public_facts()))


def test_a_template_that_nobody_declared_is_not_sent():
    with pytest.raises(WrongAudience):
        rendered(replace(sample("closed", "en"), template="surprise"))


def test_an_agent_reads_his_own_clock_and_a_requester_the_desks():
    ben = Recipient(Address("Ben", "ben@example.com"), Role.AGENT)
    ana, in_new_york = rendered(
        replace(sample("assigned", "en"), recipients=(*sample("assigned", "en").recipients, ben))
    )
    assert "Friday 20 November, 13:30" in body(ana)
    assert "Friday 20 November, 07:30" in body(in_new_york)
    assert "before Monday 23 November, 10:30" in body(rendered(sample("acknowledgement", "en"))[0])


@pytest.mark.parametrize(
    "address",
    ["josé@example.org", f"jose@{'é' * 64}.example.org", "jose@‥example.org", "jose@\ufffd\ufffd.example.org"],
)
def test_a_requester_whose_address_no_header_can_name_is_written_to_all_the_same(address):
    jose = Address("José", address)
    notice = replace(sample("acknowledgement", "es"), to=(jose,), recipients=(Recipient(jose, Role.REQUESTER),))
    (composed,) = rendered(notice)
    assert composed.rcpt_to == address
    assert read(composed)["To"] == "Acme Support <support@example.com>"


@pytest.mark.parametrize("name", CATALOGUE)
def test_words_of_any_length_go_out_whole(name):
    long = '"&' * 150_000 + "\n" * 1000
    notice = sample(name, "en")
    (composed,) = rendered(replace(notice, facts=replace(notice.facts, words=long)))
    (part,) = [p for p in read(composed).iter_attachments() if p.get_filename() == "message.txt"]
    assert part.get_content().strip() == long.strip()
    assert len(body(composed)) < 500_000


@settings(max_examples=60)
@given(
    name=st.sampled_from(sorted(CATALOGUE)),
    said=st.text(max_size=60) | st.text(alphabet="\ud800\u2028\x00\x85\r\n{}%#<&\"' é", max_size=40),
)
def test_no_words_of_anybody_can_stop_a_notice(name, said):
    notice = sample(name, "es")
    changed = {
        key: said
        for key in ("words", "author", "reason", "summary", "quoted", "requester_name", "diagnostic", "deliver_to")
        if hasattr(notice.facts, key)
    }
    to = replace(notice.to[0], name=said)
    (composed,) = rendered(
        replace(notice, subject=said, from_name=said, to=(to,), facts=replace(notice.facts, **changed))
    )
    header = composed.octets.partition(b"\r\n\r\n")[0]
    assert header.isascii()
    assert composed.octets.count(b"\nBcc:") == 0
