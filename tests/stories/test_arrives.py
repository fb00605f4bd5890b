"""A mail of each notice, signed, before the filters that most receivers run: no rule speaks against us."""

import base64
import re
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from maild.notice.catalogue import CATALOGUE
from maild.notice.render import render
from maild.notice.samples import sample
from maild.proof.signing import Signer, read_key
from tests.support.spam import CLIENT, HELO, Sent, rspamd, rspamd_rules, spamassassin_rules
from tests.unit.notice.desk import KEYRING, nothing_to_fetch, settings, templates

# What is not the mail's doing, each with its reason.
NOT_OURS = {
    "FORGED_SENDER": "0.3 for every sender of bulk or automatic mail: the envelope sender is not From, so that bounces"
    " come home to the mail that they are about; its domain is aligned",
    "URI_COUNT_ODD": "1.0 when the domains in the words, such as agents' addresses in a report, come to an odd number",
    "RCVD_COUNT_ZERO": "the test gives the mail without the Received field of a smarthost",
}


def _records(public):
    spf = f'"v=spf1 ip4:{CLIENT} -all"'
    key = base64.b64encode(public).decode()
    halves = " ".join(f'"{part}"' for part in ("v=DKIM1; k=rsa; p=", key[:200], key[200:]))
    found = {("s1._domainkey.example.com", "TXT"): halves, ("_dmarc.example.com", "TXT"): '"v=DMARC1; p=reject"'}
    for domain in ("example.com", "desk.example.com", HELO):
        found |= {(domain, "TXT"): spf, (domain, "A"): CLIENT, (domain, "MX"): f"10 {HELO}."}
    reverse = ".".join(reversed(CLIENT.split("."))) + ".in-addr.arpa"
    return found | {(reverse, "PTR"): f"{HELO}."}


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def mails(key):
    """A signed mail of each notice in each language, written now: a filter looks at the Date."""
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    signer = Signer(read_key(pem), "s1", "example.com")
    now = datetime.now(UTC).replace(microsecond=0)
    # As the manual advises: answers go to the queues' own domain.
    at_home = settings().desk.model_copy(update={"reply_address": "desk@example.com"})
    desk = settings().model_copy(update={"desk": at_home})
    return {
        f"{name} {language} {number}": Sent(mail.mail_from, mail.rcpt_to, mail.octets)
        for language in ("en", "es")
        for name in CATALOGUE
        for number, mail in enumerate(
            render(
                sample(name, language),
                0,
                stimulus=f"01{name}",
                settings=desk,
                keyring=KEYRING,
                templates=templates(),
                now=now,
                fetch=nothing_to_fetch,
                sign=signer.sign,
            )
        )
    }


def _against(rules):
    return {name: score for name, score in rules.items() if score > 0 and name not in NOT_OURS}


def test_no_rule_of_rspamd_speaks_against_a_notice(mails, key, tmp_path):
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    with rspamd(tmp_path, _records(der)) as port:
        found = {name: rspamd_rules(port, mail) for name, mail in mails.items()}
    assert {name: _against(rules) for name, rules in found.items() if _against(rules)} == {}
    proved = {"R_DKIM_ALLOW", "R_SPF_ALLOW", "DMARC_POLICY_ALLOW"}
    assert {name: proved - rules.keys() for name, rules in found.items() if proved - rules.keys()} == {}


def test_no_rule_of_spamassassin_speaks_against_a_notice(mails, tmp_path):
    found = spamassassin_rules(tmp_path, list(mails.values()), format_datetime(datetime.now(UTC)))
    against = {name: _against(rules) for name, rules in zip(mails, found, strict=True) if _against(rules)}
    assert against == {}


def test_a_filter_that_is_asked_does_see_what_is_wrong(mails, tmp_path):
    one = next(iter(mails.values()))
    dateless = re.sub(rb"(?m)^Date: .*\r\n", b"", one.octets)
    now = format_datetime(datetime.now(UTC))
    (rules,) = spamassassin_rules(tmp_path, [Sent(one.mail_from, one.rcpt_to, dateless)], now)
    assert "MISSING_DATE" in _against(rules)
