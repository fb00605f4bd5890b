"""Draw the verdict on From out of what was measured, and tell whether an agent is proved."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from maild.base.instants import from_text
from maild.base.words import Verdict
from maild.message.envelope import Envelope
from maild.message.model import Message
from maild.proof.model import Proof, Results, Token
from maild.proof.tokens import Keyring, is_agent_token, is_expired
from maild.settings.model import Settings

SIGNATURE_LIFE = timedelta(days=3)  # A mail may lie over a weekend; a stolen one is worth nothing after it.
SIGNATURE_SKEW = timedelta(minutes=15)  # between the clocks of the agent and of the desk
_ENFORCED = frozenset({"quarantine", "reject"})


def judge(message: Message, envelope: Envelope, results: Results) -> Proof:
    """Return how far the From address is believed, and why in words.

    TEMPERROR counts as NONE wherever a mail is decided upon; it is told apart for the record.
    """
    return replace(_judged(message, envelope, results), author=message.author.key)


def _judged(message: Message, envelope: Envelope, results: Results) -> Proof:
    author = message.author
    if not author.address:
        return Proof(Verdict.NONE, "none", "", "From does not name exactly one mailbox")
    if len(message.values("from")) > 1:
        # RFC 7489 section 6.6.1: whoever evaluated the mail may have read the other one.
        return Proof(Verdict.NONE, "none", author.domain, "the mail has more than one From field")
    if envelope.authenticated_as and envelope.authenticated_as.strip().lower() == author.key:
        return Proof(
            Verdict.PASS, "auth", author.domain, f"{author.key} authenticated itself when it submitted the mail"
        )
    if message.unread and not results.source:
        # Who breaks the reader must not win by it what a measured forgery would not get.
        return Proof(Verdict.FAIL, "none", author.domain, "the mail could not be read, so nothing was measured")
    if results.domain != author.domain:
        # Results about another domain prove nothing here, whoever read From differently.
        return Proof(Verdict.NONE, "none", author.domain, "nothing was measured for the domain of From")
    return _of_dmarc(results) or _of_alignment(results) or _unproved(results)


def _of_dmarc(results: Results) -> Proof | None:
    """Return the verdict when the domain has a DMARC record that settles it (RFC 7489 section 6.6.2)."""
    domain = results.domain
    if results.dmarc == "pass":
        return Proof(Verdict.PASS, "dmarc", domain, f"DMARC passes for {domain}")
    if results.dmarc == "fail" and results.dmarc_policy in _ENFORCED:
        because = f"DMARC fails for {domain}, whose policy is {results.dmarc_policy}"
        return Proof(Verdict.FAIL, "dmarc", domain, because)
    if results.dmarc == "fail":
        return Proof(Verdict.NONE, "dmarc", domain, f"DMARC fails for {domain}, whose policy asks for nothing")
    if results.dmarc == "temperror":
        return Proof(Verdict.TEMPERROR, "dmarc", domain, f"the DNS did not answer for the DMARC record of {domain}")
    return None


def _of_alignment(results: Results) -> Proof | None:
    if not results.aligned:
        return None
    method = results.aligned[0]
    because = f"{results.domain} has no DMARC record known to us, and an aligned {method.upper()} passes"
    return Proof(Verdict.PASS, method, results.domain, because)


def _unproved(results: Results) -> Proof:
    if "temperror" in (results.dkim, results.spf):
        return Proof(Verdict.TEMPERROR, "none", results.domain, "the DNS did not answer in time")
    said = [f"{name}={word}" for name, word in (("dkim", results.dkim), ("spf", results.spf)) if word]
    because = f"nothing speaks for {results.domain}" + (f" ({', '.join(said)})" if said else "")
    return Proof(Verdict.NONE, "none", results.domain, because)


def agent_token(tokens: Iterable[Token], address: str, keyring: Keyring, now: datetime) -> Token | None:
    """Return the first token that speaks for the agent at this address: made for an agent, for him, and not expired."""
    return next(
        (t for t in tokens if is_agent_token(t) and keyring.belongs_to(t, address) and not is_expired(t, now)), None
    )


def why_signature_fails(results: Results, message: Message, envelope: Envelope, agent: str) -> str:
    """Return why the mail's signature does not speak for the agent in From; "" when it does.

    It must be by his own key and fresh: an old block that somebody sends again proves nothing.
    """
    if results.signature != "pass":
        return results.signature_because or "the mail is not signed as a whole"
    if results.signature_agent != agent or len(message.values("from")) > 1:
        return f"the signature is not of {agent}"
    age = envelope.received_at - from_text(results.signature_made_at)
    if not -SIGNATURE_SKEW <= age <= SIGNATURE_LIFE:
        return f"the signature was made at {results.signature_made_at}, which is too long ago or still to come"
    return ""


def is_agent_proved(
    proof: Proof, token: Token | None, address: str, settings: Settings, *, keyring: Keyring, now: datetime
) -> bool:
    """Tell whether a mail in an agent's name is his, by ``[proof] agents``.

    `address` is the agent's registered address, to which his tokens are made; `token` one that the mail was sent to.
    """
    # The verdict is about From; where a web form's Reply-To speaks in its place, it proves nobody.
    about = settings.agent_address(proof.author) or proof.author
    passed = proof.verdict is Verdict.PASS and about == address.lower()
    held = token is not None and agent_token((token,), address, keyring, now) is not None
    match settings.proof.agents:
        case "pass":
            return passed
        case "pass-and-token":
            return passed and held
        case "pass-or-token":
            return passed or held
