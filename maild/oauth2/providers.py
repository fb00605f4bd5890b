"""The endpoints and scopes of the large providers, and an application made of settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from maild.oauth2.model import Application, Flow
from maild.settings.doors import Mailbox
from maild.settings.model import Settings
from maild.settings.oauth2 import OAuth2

OUTGOING = "outgoing"  # the name of the log-in at the smarthosts


@dataclass(frozen=True, slots=True)
class _Provider:
    token_url: str = ""
    device_url: str = ""
    authorize_url: str = ""
    fetch_scope: str = ""
    send_scope: str = ""
    own_scope: str = ""  # of an application that speaks for itself


_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/"
_PROVIDERS = {
    "microsoft": _Provider(
        _MICROSOFT + "token",
        _MICROSOFT + "devicecode",
        _MICROSOFT + "authorize",
        "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        "https://outlook.office.com/SMTP.Send offline_access",
        "https://outlook.office365.com/.default",
    ),
    "google": _Provider(
        "https://oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com/device/code",
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://mail.google.com/",
        "https://mail.google.com/",
    ),
    "custom": _Provider(),
}


def applications(settings: Settings, secrets: Mapping[str, str]) -> dict[str, Application]:
    """Return the application of each log-in by OAuth2, by the name of the log-in."""
    return {name: application(name, table, secrets) for name, table in _tables(settings).items()}


def ends_of_logins(settings: Settings) -> dict[str, date | None]:
    """Return each log-in by OAuth2 with the day on which it ends, where the configuration names one."""
    return {name: table.oauth2_expires for name, table in _tables(settings).items()}


def _tables(settings: Settings) -> dict[str, OAuth2]:
    tables: dict[str, OAuth2] = {f"mailbox.{mailbox.name}": mailbox for mailbox in settings.mailbox}
    tables[OUTGOING] = settings.outgoing
    return {name: table for name, table in tables.items() if table.auth == "oauth2"}


def application(name: str, table: OAuth2, secrets: Mapping[str, str]) -> Application:
    """Return the application that a table describes; what it leaves out is the provider's."""
    provider, flow = _PROVIDERS[table.oauth2_provider], Flow(table.oauth2_flow)
    tenant = quote(table.oauth2_tenant, safe="")
    return Application(
        name=name,
        flow=flow,
        client_id=table.oauth2_client_id,
        scope=table.oauth2_scope or _scope(provider, flow, fetches=isinstance(table, Mailbox)),
        token_url=table.oauth2_token_url or provider.token_url.format(tenant=tenant),
        device_url=table.oauth2_device_url or provider.device_url.format(tenant=tenant),
        authorize_url=table.oauth2_authorize_url or provider.authorize_url.format(tenant=tenant),
        redirect_url=table.oauth2_redirect_url,
        client_secret=secrets.get(f"{name}.oauth2_client_secret", ""),
        refresh_token=secrets.get(f"{name}.oauth2_refresh_token", ""),
        google=table.oauth2_provider == "google",
    )


def _scope(provider: _Provider, flow: Flow, *, fetches: bool) -> str:
    if flow is Flow.CLIENT_CREDENTIALS:
        return provider.own_scope
    return provider.fetch_scope if fetches else provider.send_scope
