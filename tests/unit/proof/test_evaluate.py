"""What maild itself measures of a mail that comes in by SMTP."""

from datetime import UTC, datetime

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.base.words import DoorName, Verdict
from maild.message.envelope import Envelope
from maild.message.model import Address, Message
from maild.proof.dmarc import NoAnswer, organizational_domain, policy_of
from maild.proof.domains import ascii_domain, related
from maild.proof.evaluate import evaluate
from maild.proof.judge import judge
from maild.proof.model import Results

from .signing import SPF, Table, dmarc, mail, rsa_key, signed, zone

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
REJECT = dmarc("example.com", "p=reject")


def envelope(mail_from: str | None = "ana@example.com", client: str = "192.0.2.7", helo: str = "mx.example.com"):
    return Envelope(DoorName.SMTP, NOW, mail_from=mail_from, client=client, helo=helo)


def measured(octets: bytes, *tables, domain: str = "example.com", away=(), **path: object) -> Results:
    return evaluate(octets, envelope(**path), Table(*tables, away=away), domain=domain)


def verdict(results: Results, sender: str = "ana@example.com") -> Verdict:
    return judge(Message("", "", 0, from_=(Address("", sender),)), envelope(), results).verdict


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ed25519-sha256"])
def test_a_signed_mail_of_the_domain_passes(algorithm):
    results = measured(signed(mail(), algorithm=algorithm), zone("example.com"), REJECT, client="203.0.113.9")
    assert (results.dkim, results.dkim_domains) == ("pass", ("example.com",))
    assert (results.dmarc, results.aligned) == ("pass", ("dkim",))
    assert verdict(results) is Verdict.PASS


def test_spf_alone_passes_when_the_reverse_path_is_of_the_domain():
    results = measured(mail(), SPF, REJECT)
    assert (results.spf, results.spf_domain, results.dmarc) == ("pass", "example.com", "pass")


def test_a_forged_mail_fails_where_the_domain_asks_for_it():
    forged = measured(mail(), SPF, zone("example.com"), REJECT, client="203.0.113.9")
    assert (forged.spf, forged.dkim, forged.dmarc, forged.dmarc_policy) == ("fail", "", "fail", "reject")
    assert verdict(forged) is Verdict.FAIL
    mild = measured(mail(), SPF, dmarc("example.com", "p=none"), client="203.0.113.9")
    assert verdict(mild) is Verdict.NONE


def test_a_changed_mail_fails():
    changed = signed(mail()).replace(b"Hello.", b"Pay me.")
    assert measured(changed, zone("example.com"), REJECT).dkim == "fail"


def test_another_domains_signature_and_reverse_path_do_not_speak_for_from():
    evil = signed(mail(), "evil.example")
    results = measured(
        evil,
        zone("evil.example"),
        {"evil.example": [("TXT", "v=spf1 +all")]},
        REJECT,
        mail_from="x@evil.example",
    )
    assert (results.dkim, results.spf, results.dmarc, results.aligned) == ("pass", "pass", "fail", ())


def test_a_second_from_breaks_the_signature():
    doubled = b"From: ceo@example.com\r\n" + signed(mail("x@evil.example"), "evil.example")
    assert measured(doubled, zone("evil.example")).dkim == "fail"


def test_two_authors_have_no_domain_and_prove_nothing():
    results = measured(signed(mail()), zone("example.com"), REJECT, domain="")
    assert results.dmarc == ""
    assert verdict(results) is Verdict.NONE


def test_without_a_dmarc_record_an_aligned_signature_is_enough():
    for signer, expected in [("example.com", Verdict.PASS), ("mail.example.com", Verdict.PASS), ("com", Verdict.NONE)]:
        results = measured(signed(mail(), signer), zone(signer), client="203.0.113.9")
        assert results.dmarc == "none"
        assert verdict(results) is expected


def test_relaxed_alignment_reaches_sisters_and_strict_does_not():
    octets = signed(mail("ana@news.example.com"), "mail.example.com")
    relaxed = measured(octets, zone("mail.example.com"), REJECT, domain="news.example.com")
    strict = measured(
        octets, zone("mail.example.com"), dmarc("example.com", "p=reject; adkim=s"), domain="news.example.com"
    )
    assert (relaxed.dmarc, strict.dmarc) == ("pass", "fail")


def test_a_signature_that_leaves_the_body_open_does_not_count():
    results = measured(signed(mail(), length=True) + b"Pay me.\r\n", zone("example.com"), REJECT)
    assert (results.dkim, results.aligned) == ("policy", ())
    assert "body open" in results.notes[0]


def test_sha1_does_not_count():
    assert measured(signed(mail(), algorithm="rsa-sha1"), zone("example.com"), REJECT).dkim == "policy"


def test_one_good_signature_among_bad_ones_is_enough_and_too_many_are_not_looked_at():
    octets = signed(mail())
    for n in range(6):
        octets = signed(octets, f"d{n}.example")
    results = measured(octets, zone("example.com", "d5.example"), REJECT)
    assert (results.dkim, results.dkim_domains) == ("pass", ("d5.example",))
    assert "2 further DKIM signatures" in results.notes[-1]


def test_a_silent_dns_is_a_temporary_error_and_never_a_failure():
    away = ("s1._domainkey.example.com",)
    results = measured(signed(mail()), SPF, zone("example.com"), REJECT, away=away, client="203.0.113.9")
    assert (results.dkim, results.dmarc) == ("temperror", "temperror")
    assert verdict(results) is Verdict.TEMPERROR
    assert measured(mail(), SPF, away=("_dmarc.example.com",)).dmarc == "temperror"
    assert measured(mail(), SPF, away=("example.com",)).spf == "temperror"


def test_each_question_is_asked_once():
    table = Table(SPF, zone("example.com"), REJECT)
    evaluate(signed(signed(mail())), envelope(), table, domain="example.com")
    assert len(table.asked) == len(set(table.asked))


def test_without_a_client_dmarc_cannot_fail():
    assert measured(mail(), SPF, REJECT, client="").dmarc == ""
    assert measured(signed(mail()), zone("example.com"), REJECT, client="").dmarc == "pass"


def test_a_null_reverse_path_is_checked_by_the_helo_name():
    results = measured(mail(), SPF, mail_from="", helo="example.com")
    assert (results.spf, results.spf_domain) == ("pass", "example.com")


@pytest.mark.parametrize(
    ("record", "client", "word"),
    [
        ("v=spf1 mx -all", "198.51.100.4", "pass"),
        ("v=spf1 a:host.example.com -all", "198.51.100.4", "pass"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", "pass"),
        ("v=spf1 ptr -all", "198.51.100.4", "pass"),
        ("v=spf1 redirect=_spf.example.com", "198.51.100.4", "softfail"),
        (
            "v=spf1 include:n1.example.com include:n2.example.com a:n3.example.com a:n4.example.com ?all",
            "192.0.2.1",
            "permerror",
        ),
        ("v=spf1 nonsense", "192.0.2.1", "permerror"),
        ("v=spf1 a:n1.example.com a:n2.example.com a:n3.example.com ?all", "192.0.2.1", "permerror"),
        ("some other text", "192.0.2.1", "none"),
    ],
)
def test_spf_records_of_every_kind_are_read_through_our_resolver(record, client, word):
    table = {
        "example.com": [("TXT", record), ("MX", "10 host.example.com."), ("MX", "20 other.example.com")],
        "host.example.com": [("A", "198.51.100.4")],
        "_spf.example.com": [("TXT", "v=spf1 ~all")],
        "4.100.51.198.in-addr.arpa": [("PTR", "host.example.com.")],
    }
    assert measured(mail(), table, client=client).spf == word


def test_a_chain_of_seals_is_recorded_and_proves_no_author():
    octets = b"Authentication-Results: lists.example; dkim=pass header.d=example.com\r\n" + signed(mail())
    sealed = b"".join(dkim.arc_sign(octets, b"s1", b"lists.example", rsa_key()[0], b"lists.example")) + octets
    results = measured(sealed.replace(b"Hello", b"[list] Hello"), zone("lists.example"), client="203.0.113.9")
    assert results.arc == "fail"
    results = measured(sealed, zone("lists.example"), client="203.0.113.9")
    assert (results.arc, results.arc_domains) == ("pass", ("lists.example",))
    assert verdict(results) is Verdict.NONE
    assert measured(sealed, away=("s1._domainkey.lists.example",)).arc == "temperror"
    assert measured(b"ARC-Seal: i=1; cv=none\r\n" * 11 + mail()).arc == "permerror"


def test_a_mail_made_to_cost_time_is_not_looked_at():
    bomb = signed(mail(body="Hello\r\n")) + b" " * 300_000 + b"x\r\n"
    results = measured(bomb, zone("example.com"), REJECT)
    assert results.dkim == "permerror"
    assert "runs of blanks" in results.notes[0]
    usual = signed(mail(body=(" " * 300 + "x\r\n") * 50), canonicalize=(b"relaxed", b"relaxed"))
    assert measured(usual, zone("example.com"), REJECT).dkim == "pass"


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from([b"DKIM-Signature", b"ARC-Seal", b"From"]))
def test_any_octets_are_measured_without_an_error(octets, name):
    for hostile in (octets, name + b": " + octets, name + b": " + octets + b"\r\n" + signed(mail())):
        assert measured(hostile, zone("example.com")).source == "maild"


@pytest.mark.parametrize("field", ["v=1; a=rsa-sha256; d=; s=; h=from; bh=x; b=x", "v=1", ";;;", "d=\u00ff"])
def test_a_broken_signature_is_a_permanent_error_with_a_reason(field):
    results = measured(b"DKIM-Signature: " + field.encode() + b"\r\n" + mail(), REJECT)
    assert results.dkim in ("permerror", "fail")


@pytest.mark.parametrize(
    ("record", "asks"),
    [
        ("p=reject", "reject"),
        ("p=Quarantine; pct=50", "quarantine"),
        ("p=reject; t=y", "quarantine"),
        ("p=quarantine; pct=0", "none"),
        ("p=whatever; rua=mailto:x@example.com", "none"),
        ("p=none; sp=reject", "none"),
    ],
)
def test_the_policy_is_what_the_record_asks_for(record, asks):
    policy = policy_of("example.com", Table(dmarc("example.com", record)))
    assert policy is not None
    assert policy.asks == asks


def test_a_subdomain_inherits_the_subdomain_policy():
    policy = policy_of("a.b.example.com", Table(dmarc("example.com", "p=none; sp=reject")))
    assert policy is not None
    assert policy.asks == "reject"


def test_two_records_or_a_foreign_text_are_no_record():
    twice = {"_dmarc.example.com": [("TXT", "v=DMARC1; p=reject"), ("TXT", "v=DMARC1; p=none")]}
    other = {"_dmarc.example.com": [("TXT", "p=reject; v=DMARC1"), ("TXT", "v=spf1 -all")]}
    assert policy_of("example.com", Table(twice)) is None
    assert policy_of("example.com", Table(other)) is None


def test_the_tree_walk_finds_the_organization():
    table = Table(
        dmarc("example.com", "p=none"),
        dmarc("a.example.com", "p=none"),
        dmarc("gov.example", "p=reject; psd=y"),
        dmarc("unit.big.example", "p=none; psd=n"),
        dmarc("big.example", "p=none"),
        dmarc("co.uk", "p=none"),
    )
    assert organizational_domain("x.a.example.com", table) == "example.com"
    assert organizational_domain("mail.tax.gov.example", table) == "tax.gov.example"
    assert organizational_domain("mail.unit.big.example", table) == "unit.big.example"
    assert organizational_domain("mail.acme.co.uk", table) == "mail.acme.co.uk"
    assert organizational_domain("nobody.test", table) == "nobody.test"
    inherited = policy_of("tax.gov.example", table)
    assert inherited is not None
    assert inherited.asks == "reject"


def test_a_name_of_many_labels_costs_eight_questions():
    table = Table()
    organizational_domain(".".join("abcdefghijklmnop") + ".example.com", table)
    assert len(table.asked) == 8


def test_a_silent_dns_leaves_the_policy_unknown():
    with pytest.raises(NoAnswer):
        policy_of("example.com", Table(away=("_dmarc.example.com",)))


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        ("example.com", "EXAMPLE.com.", True),
        ("mail.example.com", "example.com", True),
        ("badexample.com", "example.com", False),
        ("a.example.com", "b.example.com", False),
        ("example.com", "com", False),
        ("acme.co.uk", "co.uk", False),
        ("", "", False),
        ("büro.example", "xn--bro-hoa.example", True),
    ],
)
def test_related_names(one, other, are):
    assert related(one, other) is are


def test_a_name_that_cannot_be_one_is_empty():
    assert ascii_domain("ü" * 80) == ""
