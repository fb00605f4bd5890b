"""Authentication-Results: ours are believed, everybody else's are not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.base.words import DoorName, Verdict
from maild.message.envelope import Envelope
from maild.message.model import Address, Field, Message
from maild.proof.authres import read_results
from maild.proof.judge import judge
from maild.proof.measure import measure
from maild.proof.model import Results
from maild.settings.model import Settings

from .signing import SPF, Table, dmarc, mail, signed, zone

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PASS = (
    "mx.example.net; dkim=pass header.d=example.com; spf=pass smtp.mailfrom=example.com;"
    " dmarc=pass (p=reject) header.from=example.com"
)
FAIL = (
    "mx.example.net; spf=fail smtp.mailfrom=ana@example.com;"
    " dmarc=fail (p=REJECT sp=none dis=none) header.from=example.com"
)
FOREIGN = "from laptop (unknown [203.0.113.5]) by mail.evil.example with ESMTP id 1; Sun, 1 Mar 2026 09:00:00 +0000"
BORDER = "from mail.evil.example (mail.evil.example [203.0.113.9]) by mx.example.net with ESMTPS id 2"
INNER = "from mx.example.net (mx.example.net [10.0.0.2]) by store.example.net with LMTP id 3"


def header(*lines: tuple[str, str]) -> tuple[Field, ...]:
    names = {"A": "Authentication-Results", "R": "Received"}
    return tuple(Field(names.get(name, name), value) for name, value in lines)


def told(*lines: tuple[str, str], domain: str = "example.com") -> Results:
    return read_results(header(*lines), authserv_id="mx.example.net", own_domains=("d.example",), domain=domain)


def verdict(results: Results, sender: str = "ana@example.com") -> Verdict:
    message = Message("", "", 0, from_=(Address("", sender),))
    return judge(message, Envelope(DoorName.IMAP, NOW, trusted=True), results).verdict


@pytest.mark.parametrize(
    "lines",
    [
        [("A", PASS)],
        [("A", PASS), ("R", BORDER), ("R", FOREIGN)],
        [("A", PASS.upper().replace("HEADER.", "header.").replace("SMTP.", "smtp.")), ("R", FOREIGN)],
        [("R", INNER), ("A", PASS), ("R", BORDER), ("R", FOREIGN)],
        [("R", BORDER), ("A", PASS), ("R", FOREIGN)],
        [("R", "by 2002:a05:6a10:: with SMTP id x"), ("R", BORDER), ("A", PASS)],
        [("R", "from localhost (localhost [127.0.0.1]) by mx.example.net"), ("A", PASS), ("R", BORDER)],
        [("R", "from mx.example.net by desk.d.example with LMTP"), ("A", PASS)],
        [("A", "mx.example.net 1; dmarc=pass header.from=example.com")],
        [("A", "(our border) mx.example.net; dmarc=pass")],
    ],
)
def test_our_borders_word_counts(lines):
    results = told(*lines)
    assert results.dmarc == "pass"
    assert results.source == "Authentication-Results of mx.example.net"
    assert verdict(results) is Verdict.PASS


@pytest.mark.parametrize(
    "lines",
    [
        [("R", FOREIGN), ("A", PASS)],
        [("A", PASS.replace("mx.example.net", "mx.evil.example"))],
        [("A", PASS.replace("mx.example.net", "mx.example.net.evil.example"))],
        [("A", "none; dmarc=pass header.from=example.com")],
        [("R", BORDER), ("R", FOREIGN), ("A", PASS)],
        [("R", BORDER), ("R", INNER), ("A", PASS)],
        [("R", "no hosts at all"), ("A", PASS)],
        [("A", "")],
    ],
)
def test_a_forged_field_is_ignored_and_named(lines):
    results = told(*lines)
    assert (results.dmarc, results.source) == ("", "")
    assert "ignored an Authentication-Results" in results.notes[0]
    assert verdict(results) is Verdict.NONE


@pytest.mark.parametrize(
    "hop",
    [
        BORDER,
        "from store.example.net (mail.evil.example [203.0.113.9]) by mx.example.net",
        "from store.example.net (unknown [203.0.113.9]) by mx.example.net",
        "from store.example.net ([203.0.113.9]) by mx.example.net",
        "from store.example.net by mx.example.net with ESMTP",
        "from x ([999.1]) by mx.example.net",
    ],
)
def test_a_forged_field_below_our_own_is_ignored_whatever_name_its_sender_gave(hop):
    results = told(("A", "mx.example.net; spf=fail smtp.mailfrom=evil.example"), ("R", hop), ("A", PASS))
    assert (results.spf, results.dmarc) == ("fail", "")
    assert "below the first foreign Received" in results.notes[0]


def test_of_two_fields_of_ours_both_count_and_the_topmost_wins():
    results = told(("A", FAIL), ("A", PASS))
    assert (results.dmarc, results.spf, results.dkim) == ("fail", "fail", "pass")
    assert verdict(results) is Verdict.FAIL


@pytest.mark.parametrize(
    ("value", "policy", "expected"),
    [
        (FAIL, "reject", Verdict.FAIL),
        (FAIL.replace("REJECT", "quarantine"), "quarantine", Verdict.FAIL),
        (FAIL.replace("REJECT", "NONE"), "none", Verdict.NONE),
        ("mx.example.net; dmarc=fail action=none header.from=example.com", "none", Verdict.NONE),
        ("mx.example.net; dmarc=fail header.from=example.com", "quarantine", Verdict.FAIL),
        ("mx.example.net; dmarc=temperror header.from=example.com", "", Verdict.TEMPERROR),
    ],
)
def test_a_failure_weighs_what_the_domain_asked_for(value, policy, expected):
    results = told(("A", value))
    assert (results.dmarc_policy, verdict(results)) == (policy, expected)


def test_a_result_about_another_from_is_ignored():
    results = told(("A", PASS), domain="example.org")
    assert results.dmarc == ""
    assert "not the domain of From" in results.notes[0]
    assert verdict(results, "ana@example.org") is Verdict.NONE


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("dkim=pass header.d=example.com", Verdict.PASS),
        ("dkim=pass header.i=@mail.example.com", Verdict.PASS),
        ("spf=pass smtp.mailfrom=ana@example.com", Verdict.PASS),
        ("spf=pass smtp.helo=example.com", Verdict.PASS),
        ("dkim=fail header.d=example.com", Verdict.NONE),
        ("dkim=pass header.d=com", Verdict.NONE),
        ("dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example", Verdict.NONE),
        ("spf=temperror smtp.mailfrom=example.com", Verdict.TEMPERROR),
        ("dkim=pass", Verdict.NONE),
        ("none", Verdict.NONE),
    ],
)
def test_without_a_dmarc_result_an_aligned_pass_is_enough(value, expected):
    assert verdict(told(("A", f"mx.example.net; {value}"))) is expected


def test_a_field_of_ours_that_cannot_be_read_proves_nothing_and_is_named():
    results = told(("A", "mx.example.net; dmarc"))
    assert verdict(results) is Verdict.NONE
    assert "could not read" in results.notes[0]


@given(st.text(max_size=200), st.sampled_from(["", "mx.example.net; ", "mx.example.net; dmarc=fail "]))
def test_any_field_is_read_without_an_error(text, start):
    assert told(("A", start + text), ("R", text), ("A", text)).domain == "example.com"


def desk(authserv_id: str = "mx.example.net") -> Settings:
    return Settings.model_validate(
        {"desk": {"domain": "d.example", "reply_address": "desk@d.example"}, "proof": {"authserv_id": authserv_id}}
    )


def taken(door: DoorName, *, trusted: bool, octets: bytes = b"", lines=(("A", PASS),)) -> Results:
    envelope = Envelope(door, NOW, mail_from="x@evil.example", client="203.0.113.9", trusted=trusted)
    message = Message("", "", 0, from_=(Address("", "ana@example.com"),), fields=header(*lines))
    table = Table(SPF, zone("example.com"), dmarc("example.com", "p=reject"))
    return measure(octets or mail(), message, envelope, table, desk())


def test_an_unknown_client_is_measured_whatever_its_mail_says():
    results = taken(DoorName.SMTP, trusted=False)
    assert (results.source, results.dmarc) == ("maild", "fail")


@pytest.mark.parametrize("door", list(DoorName))
def test_at_a_trusted_door_our_borders_word_counts(door):
    assert taken(door, trusted=True).dmarc == "pass"


def test_lmtp_without_our_field_has_signatures_checked_and_no_spf():
    results = taken(DoorName.LMTP, trusted=True, octets=signed(mail()), lines=())
    assert (results.source, results.spf, results.dkim, results.dmarc) == ("maild", "", "pass", "pass")
    assert taken(DoorName.LMTP, trusted=True, lines=()).dmarc == ""
    assert taken(DoorName.IMAP, trusted=True, lines=()).source == ""


def test_without_an_authserv_id_no_field_counts():
    message = Message("", "", 0, from_=(Address("", "ana@example.com"),), fields=header(("A", PASS)))
    envelope = Envelope(DoorName.IMAP, NOW, trusted=True)
    assert measure(mail(), message, envelope, Table(), desk("")).dmarc == ""
