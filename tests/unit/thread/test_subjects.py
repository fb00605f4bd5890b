"""Subjects that differ only by what clients and gateways put in front are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.thread.subjects import canonical_subject


@pytest.mark.parametrize(
    "subject",
    [
        "VPN is down",
        "Re: VPN is down",
        "RE: Re: re: VPN is down",
        "Re[2]: VPN is down",
        "Re (3) : VPN is down",
        "RE^4: vpn IS down",
        "AW: WG: VPN is down",
        "SV: VPN is down",
        "RV: Fwd: FW: VPN  is\tdown",
        "TR: VPN is down",
        "RIF: R: I: VPN is down",
        "回复：VPN is down",
        "Automatic reply: VPN is down",
        "Respuesta automática: RE: VPN is down",
        "[EXTERNAL] VPN is down",
        "RE: [EXTERNAL] Re: [SPAM] ***SPAM*** VPN is down",
        "[ACME-10427P] VPN is down",
        "Re: [ACME-10427P] Re: VPN is [acme-10427p] down",
        "EXTERNAL: VPN is down",
        "\u200bRe:\u00a0VPN is down\u00ad",
    ],
)
def test_the_same_subject_through_any_client_is_the_same(subject):
    assert canonical_subject(subject, "ACME") == "vpn is down"


@pytest.mark.parametrize(
    ("subject", "canonical"),
    [
        ("Report: VPN is down", "report: vpn is down"),
        ("Reunión", "reunión"),
        ("[team-list] VPN", "[team-list] vpn"),
        ("[OTHER-10427P] VPN", "[other-10427p] vpn"),
        ("Re:", ""),
        ("", ""),
        ("Straße", "strasse"),
    ],
)
def test_words_of_the_subject_itself_stay(subject, canonical):
    assert canonical_subject(subject, "ACME") == canonical


@given(st.text(max_size=200))
def test_a_canonical_subject_is_its_own(subject):
    once = canonical_subject(subject, "ACME")
    assert canonical_subject("RE: " + once, "ACME") == canonical_subject(once, "ACME")
    assert "\n" not in once
