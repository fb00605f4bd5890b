"""How far From is believed, and when an agent is an agent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.base.words import DoorName, Purpose, Verdict
from maild.message.envelope import Envelope
from maild.message.model import Address, Field, Message
from maild.proof.judge import agent_token, is_agent_proved, judge
from maild.proof.model import Proof, Results, Token
from maild.proof.tokens import Keyring, hour_of
from maild.settings.model import Settings

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
RING = Keyring((("a", b"secret"),))
ANA = "ana@example.com"


def mail(*authors: str) -> Message:
    return Message("", "", 0, from_=tuple(Address("Ana", author) for author in authors or (ANA,)))


def envelope(authenticated_as: str = "") -> Envelope:
    return Envelope(DoorName.SMTP, NOW, authenticated_as=authenticated_as)


def settings(policy: str = "pass-or-token") -> Settings:
    return Settings.model_validate(
        {"desk": {"domain": "d.example", "reply_address": "desk@d.example"}, "proof": {"agents": policy}}
    )


def measured(**facts: object) -> Results:
    return Results(**{"domain": "example.com", **facts})  # type: ignore[arg-type]  # facts of the right types


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        (measured(dmarc="pass"), Verdict.PASS),
        (measured(dmarc="fail", dmarc_policy="reject"), Verdict.FAIL),
        (measured(dmarc="fail", dmarc_policy="quarantine"), Verdict.FAIL),
        (measured(dmarc="fail", dmarc_policy="none"), Verdict.NONE),
        (measured(dmarc="fail", dmarc_policy="none", aligned=("dkim",)), Verdict.NONE),
        (measured(dmarc="none", aligned=("dkim",)), Verdict.PASS),
        (measured(dmarc="none", aligned=("spf",)), Verdict.PASS),
        (measured(dmarc="none", dkim="pass", spf="pass"), Verdict.NONE),
        (measured(dmarc="none", spf="fail"), Verdict.NONE),
        (measured(dmarc="temperror", aligned=("spf",)), Verdict.TEMPERROR),
        (measured(dmarc="none", dkim="temperror"), Verdict.TEMPERROR),
        (Results(), Verdict.NONE),
        (measured(domain="other.example", dmarc="pass"), Verdict.NONE),
    ],
)
def test_the_verdict_follows_from_what_was_measured(results, verdict):
    proof = judge(mail(), envelope(), results)
    assert proof.verdict is verdict
    assert proof.because


def test_a_submission_by_that_very_address_is_believed():
    assert judge(mail(), envelope("Ana@example.com"), Results()).method == "auth"
    assert judge(mail("ben@example.com"), envelope(ANA), Results()).verdict is Verdict.NONE


def test_who_breaks_the_reader_is_believed_as_little_as_a_forger():
    unread = replace(mail(), unread="the reader died")
    assert judge(unread, envelope(), Results()).verdict is Verdict.FAIL
    assert judge(unread, envelope(), measured(dmarc="pass", source="maild")).verdict is Verdict.PASS
    assert judge(unread, envelope(ANA), Results()).verdict is Verdict.PASS


def test_two_authors_are_nobody():
    proof = judge(mail(ANA, "ben@example.com"), envelope(ANA), measured(dmarc="pass"))
    assert proof.verdict is Verdict.NONE


def test_a_second_from_field_is_believed_from_nobody_even_when_both_are_the_same():
    twice = replace(mail(), fields=(Field("From", ANA), Field("from", ANA)))
    proof = judge(twice, envelope(ANA), measured(dmarc="pass"))
    assert proof.verdict is Verdict.NONE
    assert "more than one From field" in proof.because


def token(address: str = ANA, purpose: Purpose = Purpose.PUBLIC, age_days: int = 0) -> Token:
    made = hour_of(NOW - timedelta(days=age_days))
    return Token(purpose, 7, RING.person_hash(address), made, key_id="a")


@pytest.mark.parametrize(
    ("policy", "verdict", "held", "proved"),
    [
        ("pass", Verdict.PASS, None, True),
        ("pass", Verdict.NONE, token(), False),
        ("pass-or-token", Verdict.PASS, None, True),
        ("pass-or-token", Verdict.NONE, token(), True),
        ("pass-or-token", Verdict.NONE, token(purpose=Purpose.CONTROL), True),
        ("pass-or-token", Verdict.NONE, None, False),
        ("pass-or-token", Verdict.TEMPERROR, None, False),
        ("pass-or-token", Verdict.NONE, token("ben@example.com"), False),
        ("pass-or-token", Verdict.NONE, token(purpose=Purpose.REQUESTER), False),
        ("pass-or-token", Verdict.NONE, token(age_days=31), False),
        ("pass-or-token", Verdict.NONE, Token(Purpose.PUBLIC, 7, "", 0, key_id="a"), False),
        ("pass-and-token", Verdict.PASS, None, False),
        ("pass-and-token", Verdict.NONE, token(), False),
        ("pass-and-token", Verdict.PASS, token(), True),
        ("pass-and-token", Verdict.PASS, token(age_days=31), False),
    ],
)
def test_an_agent_is_proved_by_the_policy(policy, verdict, held, proved):
    proof = Proof(verdict, "dmarc", "example.com", "", author=ANA)
    assert is_agent_proved(proof, held, ANA, settings(policy), keyring=RING, now=NOW) is proved


def test_the_agents_own_token_is_found_among_others():
    mine = token()
    assert agent_token((token("ben@example.com"), token(age_days=40), mine), ANA, RING, NOW) == mine
    assert agent_token((token("ben@example.com"),), ANA, RING, NOW) is None


def test_a_proof_of_the_web_form_does_not_prove_the_agent_whom_its_reply_to_names():
    proof = judge(mail("form@example.com"), envelope(), measured(dmarc="pass"))
    assert proof.verdict is Verdict.PASS
    assert not is_agent_proved(proof, None, ANA, settings(), keyring=RING, now=NOW)


def test_an_agent_may_write_from_his_alias():
    desk = {"domain": "d.example", "reply_address": "desk@d.example"}
    known = Settings.model_validate({"desk": desk, "agent": [{"address": ANA, "aliases": ["ana.ruiz@example.com"]}]})
    proof = judge(mail("Ana.Ruiz@example.com"), envelope(), measured(dmarc="pass"))
    assert is_agent_proved(proof, None, ANA, known, keyring=RING, now=NOW)
