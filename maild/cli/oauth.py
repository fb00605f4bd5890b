"""`maild oauth`: the log-ins by OAuth2, and letting a person grant one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import look
from maild.cli.working import now, work
from maild.store.logins import logins

if TYPE_CHECKING:
    from maild.oauth2.model import Application, DeviceCode, Issued
    from maild.service.access import Vault
    from maild.service.house import House

COLUMNS = ("name", "renewed_at", "expires_on", "problem")
SLOWER_SECONDS = 5.0  # RFC 8628 section 3.5: how much slower to ask after each "slow_down"


@click.group(cls=output.Group)
def command() -> None:
    """Log-ins by OAuth2: at IMAP mailboxes, and at the smarthosts."""


@command.command("list")
@output.json_option
@pass_invocation
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the log-ins that the running configuration has, and how they are."""
    with look(invocation) as view:
        rows = [login.as_row() for login in logins(view.reader)]
    output.print_rows(rows, as_json=as_json, columns=COLUMNS)


@command.command()
@click.argument("name", metavar="MAILBOX")
@pass_invocation
def login(invocation: Invocation, name: str) -> None:
    """Let a person grant access to MAILBOX (its name in the configuration), or to the smarthosts: `outgoing`.

    Shows an address and a code to type there, or takes the code, or the whole address, that the browser ends at; from
    standard input when that is no terminal. Works while the service runs, and without it: the refresh token goes into
    the database, sealed with the desk's secret, and the service uses it from its next try on. Where no person is
    needed it only tries whether a token is to be had. 69 when there is none.
    """
    from maild.oauth2.model import OAuth2Trouble
    from maild.service.access import Vault

    with work(invocation) as desk:
        house = desk.house
        application = _application(house, name)
        try:
            issued = _grant(application, Vault(house.db, lambda: house.office.secret_keys, now))
        except OAuth2Trouble as trouble:
            raise output.CommandError(f"{application.name}: {trouble.words}", output.UNAVAILABLE) from None
    until = issued.expires_at.astimezone(UTC).strftime("%H:%M UTC")
    output.say(f"{application.name}: granted; the first access token is good until {until}")


def _application(house: House, name: str) -> Application:
    from maild.oauth2.providers import applications

    known = applications(house.office.settings, house.office.secrets)
    found = known.get(f"mailbox.{name}") or known.get(name)
    if found is None:
        there = ", ".join(each.removeprefix("mailbox.") for each in known) or "none"
        raise output.CommandError(f'no log-in {name} has auth = "oauth2"; those that have it: {there}')
    return found


def _grant(application: Application, vault: Vault) -> Issued:
    """Get a first token by the application's flow and keep what it is renewed by."""
    from maild.oauth2.endpoint import ask
    from maild.oauth2.grants import renewed
    from maild.oauth2.model import Flow, Kind, OAuth2Trouble
    from maild.oauth2.wallet import Grant, grant_in_force, seed_of

    if application.flow in {Flow.CLIENT_CREDENTIALS, Flow.REFRESH_TOKEN}:
        grant = grant_in_force(application, vault)
        issued = renewed(application, grant.refresh_token, ask, now())
    else:
        issued = (_by_device if application.flow is Flow.DEVICE_CODE else _by_paste)(application)
        grant = Grant(seed=seed_of(application))
        if not issued.refresh_token:
            words = "the provider gave no refresh token; offline_access, or its like, is missing in oauth2_scope"
            raise OAuth2Trouble(Kind.CONFIGURATION, words)
    if issued.refresh_token and application.flow is not Flow.CLIENT_CREDENTIALS:
        vault.save(application.name, Grant(issued.refresh_token, grant.seed, issued.refresh_expires_at))
    else:
        vault.well(application.name)
    return issued


def _by_device(application: Application) -> Issued:
    from maild.oauth2.endpoint import ask
    from maild.oauth2.grants import begin_device, poll_device

    code = begin_device(application, ask, now())
    output.say(f"Open {code.url} in any browser and type the code {code.user_code}")
    output.say(f"Log in there as the user of {application.name}. Waiting...")
    return _until_granted(code, lambda: poll_device(application, code, ask, now()))


def _until_granted(code: DeviceCode, poll: Callable[[], Issued]) -> Issued:
    from maild.oauth2.model import Kind, OAuth2Trouble

    interval = code.interval
    while now() + timedelta(seconds=interval) < code.expires_at:
        time.sleep(interval)
        try:
            return poll()
        except OAuth2Trouble as trouble:
            if not trouble.passing:
                raise
            if trouble.kind is Kind.THROTTLED:
                interval = max(interval + SLOWER_SECONDS, trouble.wait_seconds)
    raise OAuth2Trouble(Kind.GRANT, "nobody typed the code in time")


def _by_paste(application: Application) -> Issued:
    from secrets import token_urlsafe

    from maild.oauth2.endpoint import ask
    from maild.oauth2.grants import authorize_address, pasted_code, redeem

    verifier, state = token_urlsafe(48), token_urlsafe(16)  # RFC 7636 section 4.1: 43 to 128 characters
    output.say("Open this address in any browser, and log in there:")
    output.show(authorize_address(application, verifier, state))
    output.say(f"The browser ends at {application.redirect_url}, where nobody need answer: copy its whole address.")
    text = click.prompt("Address or code", err=True) if sys.stdin.isatty() else sys.stdin.readline()
    return redeem(application, pasted_code(text, state), verifier, ask, now())
