"""The role addresses that are never answered."""

import pytest

from maild.triage import never_answered
from maild.triage.roles import local_part


@pytest.mark.parametrize(
    "local",
    [
        *("mailer-daemon", "postmaster", "abuse", "noreply", "no-reply", "donotreply", "do-not-reply", "bounce"),
        *("bounces", "owner-news", "news-request", "news-bounces", "MAILER-DAEMON", "No-Reply"),
    ],
)
def test_a_role_address_is_never_answered(local):
    reason = never_answered(f"{local}@example.org")
    assert reason is not None
    assert "role address" in reason


@pytest.mark.parametrize(
    "local", ["info", "sales", "root", "support", "ana", "owner", "request", "noreply2", "bounces+1", "newsletter"]
)
def test_the_list_is_closed(local):
    assert never_answered(f"{local}@example.org") is None


@pytest.mark.parametrize("address", ["", "ana", "@example.org", "<>"])
def test_what_is_no_address_is_never_answered(address):
    assert never_answered(address) == "it is no address"


def test_the_local_part_is_read_without_decoration():
    assert local_part('<"No-Reply"@example.org>') == "no-reply"
