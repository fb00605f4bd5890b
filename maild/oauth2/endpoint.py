"""One question to an endpoint of a provider: a form goes out, an object or a clear trouble comes back."""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from maild.oauth2.model import Kind, OAuth2Trouble
from maild.settings.fields import is_loopback

TIMEOUT_SECONDS = 20.0
ANSWER_OCTETS_MAX = 1_000_000
WORDS_MAX = 300  # of what a server says, in our sentences
WAIT_SECONDS_MAX = 3600.0  # a server that asks for more is asked again all the same

# RFC 6749 section 5.2 and RFC 8628 section 3.5: what each error asks of whom.
_KINDS = {
    "invalid_grant": Kind.GRANT,
    "interaction_required": Kind.GRANT,
    "consent_required": Kind.GRANT,
    "login_required": Kind.GRANT,
    "expired_token": Kind.GRANT,
    "access_denied": Kind.GRANT,
    "invalid_client": Kind.CLIENT,
    "unauthorized_client": Kind.CLIENT,
    "authorization_pending": Kind.PENDING,
    "slow_down": Kind.THROTTLED,
    "temporarily_unavailable": Kind.AWAY,
    "server_error": Kind.AWAY,
}
_MEND = {
    Kind.GRANT: "the grant is gone, a person has to log in again",
    Kind.CLIENT: "the application or its secret is refused, renew oauth2_client_secret",
    Kind.CONFIGURATION: "the provider does not accept what the configuration asks for",
    Kind.THROTTLED: "the provider wants us to come later",
    Kind.AWAY: "the provider is in trouble itself",
    Kind.PENDING: "nobody has let us in yet",
}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token endpoint that sends us elsewhere with our secret is none."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nobody."""


def ask(url: str, form: Mapping[str, str], timeout: float = TIMEOUT_SECONDS) -> dict[str, Any]:
    """Post a form and return the object that is answered; raises OAuth2Trouble for everything else.

    Certificates are verified; redirects are not followed; no more than a megabyte is read.
    """
    octets = urlencode(form).encode()
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    request = urllib.request.Request(url, octets, headers)  # noqa: S310 the settings let https and loopback through
    host = urlsplit(url).netloc
    try:
        with _opener(url).open(request, timeout=timeout) as answer:
            return _object(answer.read(ANSWER_OCTETS_MAX + 1), host)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error, host) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unreached(error, host) from None


def _opener(url: str) -> urllib.request.OpenerDirector:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context), _NoRedirect()]
    if is_loopback(urlsplit(url).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))  # a proxy cannot reach this machine's loopback
    return urllib.request.build_opener(*handlers)


def _object(octets: bytes, host: str) -> dict[str, Any]:
    try:
        said = json.loads(octets) if len(octets) <= ANSWER_OCTETS_MAX else None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise OAuth2Trouble(Kind.AWAY, f"{host} answers what is no JSON object")
    return said


def _refusal(error: urllib.error.HTTPError, host: str) -> OAuth2Trouble:
    """Read an error answer: of RFC 6749 section 5.2 where the body has that form, else by its status."""
    wait = _wait_seconds(error.headers.get("Retry-After", ""))
    try:
        said = _object(error.read(ANSWER_OCTETS_MAX + 1), host)
    except (OSError, http.client.HTTPException, OAuth2Trouble):
        said = {}
    name = said.get("error")
    kind = _by_status(error.code) or (_KINDS.get(name) if isinstance(name, str) else None) or Kind.CONFIGURATION
    detail = said.get("error_description") or said.get("error_uri") or ""
    words = " ".join(f"{name or error.reason} {detail}".split())[:WORDS_MAX]
    return OAuth2Trouble(kind, f"{_MEND[kind]}: {host} says {error.code} {words}", wait)


def _by_status(code: int) -> Kind | None:
    if code == http.client.TOO_MANY_REQUESTS:
        return Kind.THROTTLED
    return Kind.AWAY if code >= http.client.INTERNAL_SERVER_ERROR or code < http.client.BAD_REQUEST else None


def _wait_seconds(written: str) -> float:
    """Return the seconds of a Retry-After field (RFC 9110 section 10.2.3): a number or a date; 0 for anything else."""
    if written.strip().isascii() and written.strip().isdigit():
        return min(float(written.strip()[:9]), WAIT_SECONDS_MAX)
    try:
        until = parsedate_to_datetime(written)
    except ValueError:
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (until - datetime.now(UTC)).total_seconds()), WAIT_SECONDS_MAX)


def _unreached(error: Exception, host: str) -> OAuth2Trouble:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return OAuth2Trouble(Kind.TLS, f"{host} shows a certificate that does not hold: {cause.verify_message}")
    if isinstance(cause, ssl.SSLError):
        return OAuth2Trouble(Kind.TLS, f"{host} does not speak TLS with us: {cause.reason or cause}")
    if isinstance(cause, TimeoutError):
        return OAuth2Trouble(Kind.AWAY, f"{host} is silent")
    return OAuth2Trouble(Kind.AWAY, f"{host} cannot be reached: {cause or type(error).__name__}")
