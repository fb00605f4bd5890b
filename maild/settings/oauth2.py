"""The keys of logging in by OAuth2 (RFC 6749), the same for a mailbox and for the smarthosts."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr

from maild.settings.fields import File, Table


def _day(value: object) -> object:
    """Read a day as TOML writes it, bare or in quotes; raises ValueError when it is none."""
    return date.fromisoformat(value) if isinstance(value, str) else value


class OAuth2(Table):
    """How we get access tokens; without `auth = "oauth2"` none of it counts."""

    auth: Literal["password", "oauth2"] = Field("password", description="How to log in.")
    oauth2_provider: Literal["microsoft", "google", "custom"] = Field(
        "custom", description="Whose endpoints and scopes are meant; custom names its own."
    )
    oauth2_flow: Literal["client-credentials", "refresh-token", "device-code", "paste-code"] = Field(
        "refresh-token",
        description="How we are granted access: as the application itself, by a refresh token of the file,"
        " or by a person who runs `maild oauth login` and types a code there, or pastes one.",
    )
    oauth2_tenant: str = Field("organizations", description="The tenant at Microsoft: its domain or its identifier.")
    oauth2_token_url: str = Field("", description='Where to ask for access tokens; "" is the provider\'s.')
    oauth2_device_url: str = Field("", description='Where device codes are given out; "" is the provider\'s.')
    oauth2_authorize_url: str = Field("", description='Where a person lets us in; "" is the provider\'s.')
    oauth2_redirect_url: str = Field(
        "http://localhost", description="The redirect address registered for the application, for paste-code."
    )
    oauth2_client_id: str = Field("", description="The registered application.")
    oauth2_client_secret: SecretStr | None = Field(None, description="Its secret; better in a file or a credential.")
    oauth2_client_secret_file: File | None = Field(None, description="File that holds its secret alone.")
    oauth2_refresh_token: SecretStr | None = Field(None, description="The refresh token; better in a file.")
    oauth2_refresh_token_file: File | None = Field(None, description="File that holds the refresh token alone.")
    oauth2_scope: str = Field("", description='The scopes to ask for, with spaces between; "" is the provider\'s.')
    oauth2_expires: Annotated[date, BeforeValidator(_day)] | None = Field(
        None, description="The day on which client secret or refresh token expires, 2027-01-31; warned 14 days ahead."
    )
