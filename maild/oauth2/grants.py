"""The questions of each flow: which form goes to which endpoint, and what its answer means."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from maild.oauth2.model import Application, DeviceCode, Flow, Issued, Kind, OAuth2Trouble

Ask = Callable[[str, Mapping[str, str]], dict[str, Any]]  # (URL, form): the object; raises OAuth2Trouble

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LIFETIME_SECONDS = 3600.0  # of an access token whose answer does not say; what the large providers give
INTERVAL_SECONDS = 5.0  # RFC 8628 section 3.2


def renewed(application: Application, refresh_token: str, ask: Ask, now: datetime) -> Issued:
    """Return a fresh access token: by client credentials, or by the refresh token (RFC 6749 sections 4.4 and 6)."""
    if application.flow is Flow.CLIENT_CREDENTIALS:
        form = {"grant_type": "client_credentials", "scope": application.scope}
    else:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        if application.scope and not application.google:  # Google gives what was granted, and refuses to be asked
            form["scope"] = application.scope
    return _issued(application, form, ask, now)


def begin_device(application: Application, ask: Ask, now: datetime) -> DeviceCode:
    """Return what a person has to type where (RFC 8628 section 3.1)."""
    said = ask(application.device_url, {"client_id": application.client_id, "scope": application.scope})
    url = said.get("verification_uri") or said.get("verification_url")  # the second is Google's older word
    code, device = said.get("user_code"), said.get("device_code")
    if not (isinstance(url, str) and isinstance(code, str) and isinstance(device, str)):
        raise OAuth2Trouble(Kind.AWAY, "the provider gave no device code")
    lasts = _seconds(said.get("expires_in"), 900.0)
    interval = _seconds(said.get("interval"), INTERVAL_SECONDS)
    return DeviceCode(code, url, device, interval, now + timedelta(seconds=lasts))


def poll_device(application: Application, code: DeviceCode, ask: Ask, now: datetime) -> Issued:
    """Ask once whether the person has let us in; raises OAuth2Trouble PENDING or THROTTLED while not."""
    return _issued(application, {"grant_type": DEVICE_GRANT, "device_code": code.device_code}, ask, now)


def authorize_address(application: Application, verifier: str, state: str) -> str:
    """Return the address that a person opens in a browser (RFC 6749 section 4.1.1, RFC 7636 section 4.3)."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": application.redirect_url,
        "scope": application.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if application.google:  # else it gives a refresh token the first time alone
        asked |= {"access_type": "offline", "prompt": "consent"}
    joint = "&" if urlsplit(application.authorize_url).query else "?"
    return f"{application.authorize_url}{joint}{urlencode(asked)}"


def pasted_code(text: str, state: str) -> str:
    """Return the code of what a person pasted: the code alone, or the whole address that the browser ended at.

    Raises OAuth2Trouble when the address tells of a refusal, or belongs to another attempt.
    """
    text = text.strip()
    if "code=" not in text and "error=" not in text:
        return text
    said = parse_qs(urlsplit(text).query or text.partition("?")[2] or text)
    if "error" in said:
        words = f"{said['error'][0]} {said.get('error_description', [''])[0]}".strip()
        raise OAuth2Trouble(Kind.GRANT, f"the provider did not let us in: {words}")
    if said.get("state", [state])[0] != state:
        raise OAuth2Trouble(Kind.GRANT, "this address belongs to another attempt; open the one above")
    return said.get("code", [""])[0]


def redeem(application: Application, code: str, verifier: str, ask: Ask, now: datetime) -> Issued:
    """Return what a pasted code is worth (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": application.redirect_url}
    return _issued(application, {**form, "code_verifier": verifier}, ask, now)


def _issued(application: Application, form: Mapping[str, str], ask: Ask, now: datetime) -> Issued:
    """Ask the token endpoint, with the client's identity in the form (RFC 6749 section 2.3.1)."""
    identity = {"client_id": application.client_id}
    if application.client_secret:
        identity["client_secret"] = application.client_secret
    said = ask(application.token_url, {**form, **identity})
    token, refresh = said.get("access_token"), said.get("refresh_token")
    if not (isinstance(token, str) and token.isascii() and token.isprintable() and token):
        raise OAuth2Trouble(Kind.AWAY, "the provider answered without an access token")
    lasts = _seconds(said.get("expires_in"), LIFETIME_SECONDS)
    refresh_lasts = _seconds(said.get("refresh_token_expires_in"), 0.0)
    return Issued(
        token,
        now + timedelta(seconds=lasts),
        refresh if isinstance(refresh, str) else "",
        now + timedelta(seconds=refresh_lasts) if refresh_lasts else None,
    )


def _seconds(value: object, otherwise: float) -> float:
    """Return a number of seconds, also one that is written as text, as some providers do."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:10])
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e9:
        return float(value)
    return otherwise
