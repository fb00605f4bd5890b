"""What no single key can know: references, duplicates and keys that contradict each other."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from maild.base.patterns import is_glob, is_regex, matches
from maild.base.words import Priority
from maild.settings.complaint import Complaint
from maild.settings.conditions import Condition, problem_of
from maild.settings.fields import is_loopback
from maild.settings.model import Settings, Team
from maild.settings.oauth2 import OAuth2
from maild.settings.parties import WEBMAIL
from maild.settings.places import Path
from maild.settings.roster_checks import roster_complaints


def complaints(data: Mapping[str, Any], settings: Settings | None, languages: frozenset[str]) -> tuple[Complaint, ...]:
    """Return all complaints about the raw data, and about the settings as far as they could be read."""
    found = [*_references(data), *_secrets(data), *_names(data), *_targets(data), *_owners(data)]
    if settings is not None:
        desk = (_times, _smtp, _mailboxes, _outgoing, _calendars, _doors, _postmaster)
        for check in (*desk, _cycles, _teams, _webmail, _approvals):
            found += check(settings)
        for check in (_conditions, _forms):
            found += check(settings)
        found += roster_complaints(settings)
        found += _languages(settings, languages)
    return tuple(found)


def _entries(data: Mapping[str, Any], table: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the entries of a list of tables, as far as they are tables."""
    value = data.get(table)
    if isinstance(value, list):
        yield from ((at, entry) for at, entry in enumerate(value) if isinstance(entry, dict))


_REFERENCES = (
    ("queue", "team", "team"),
    ("queue", "sla", "sla"),
    ("sla", "calendar", "calendar"),
    ("team", "escalates_to", "team"),
    ("service", "escalates_to", "team"),
    ("mailbox", "queue", "queue"),
    ("person", "organisation", "organisation"),
    ("organisation", "sla", "sla"),
    ("service", "queue", "queue"),
    ("service", "team", "team"),
    ("service", "sla", "sla"),
    ("service", "approval", "approval"),
)
_LISTED_REFERENCES = (("agent", "skills", "skill"), ("skill", "queues", "queue"), ("report", "teams", "team"))


def _references(data: Mapping[str, Any]) -> Iterator[Complaint]:
    for table, key, target in _REFERENCES:
        known = [str(entry["name"]) for _, entry in _entries(data, target) if "name" in entry]
        lower = {name.lower() for name in known}
        for at, entry in _entries(data, table):
            name = entry.get(key, "")
            if isinstance(name, str) and name and name.lower() not in lower:
                mend = f"write one of {', '.join(known)}" if known else f'write a [[{target}]] with name = "{name}"'
                yield Complaint((table, at, key), f"there is no [[{target}]] of that name", mend)
    yield from _listed_references(data)
    if "queue" not in data:
        yield Complaint(("queue",), "there is no queue", "write a [[queue]] with name, address and team")


def _listed_references(data: Mapping[str, Any]) -> Iterator[Complaint]:
    for table, key, target in _LISTED_REFERENCES:
        known = [str(entry["name"]) for _, entry in _entries(data, target) if "name" in entry]
        for at, entry in _entries(data, table):
            names = entry.get(key, ())
            for name in names if isinstance(names, list) else ():
                if str(name).lower() not in {each.lower() for each in known}:
                    mend = f"write one of {', '.join(known)}" if known else f'write a [[{target}]] with name = "{name}"'
                    yield Complaint((table, at, key), f"there is no [[{target}]] called {name}", mend)


_NAMED = (
    *("queue", "team", "calendar", "sla", "mailbox", "organisation", "supplier", "rule", "service", "approval"),
    *("skill", "report"),
)


def _names(data: Mapping[str, Any]) -> Iterator[Complaint]:
    for table in _NAMED:
        seen: set[str] = set()
        for at, entry in _entries(data, table):
            name = str(entry.get("name", at)).lower()
            if name in seen:
                yield Complaint((table, at, "name"), f"another [[{table}]] has this name", "give each its own")
            seen.add(name)


def _addresses(table: str, data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    key = "addresses" if table == "person" else "aliases"
    for at, entry in _entries(data, table):
        aliases = entry.get(key)
        yield (table, at, "address"), str(entry.get("address", "")).lower()
        for number, alias in enumerate(aliases if isinstance(aliases, list) else []):
            yield (table, at, key, number), str(alias).lower()


def _owners(data: Mapping[str, Any]) -> Iterator[Complaint]:
    """An address has one owner: a queue, the batch mailbox, an agent, a person or a supplier."""
    desk = data.get("desk")
    control = str(desk.get("control_address", "")).lower() if isinstance(desk, dict) else ""
    owners = {control: "desk.control_address"} if control else {}
    if isinstance(desk, dict) and control and control == str(desk.get("reply_address", "")).lower():
        yield Complaint(("desk", "control_address"), "it is the reply_address too", "give the batch mailbox its own")
    for table in ("queue", "agent", "person", "supplier"):
        for path, address in _addresses(table, data):
            if address and address in owners:
                yield Complaint(path, f"this address belongs to {owners[address]} already", "an address has one owner")
            owners.setdefault(address, f"a [[{table}]]")


_SECRETS = {
    "desk": ("secret",),
    "outgoing": ("password", "oauth2_client_secret", "oauth2_refresh_token"),
    "mailbox": ("password", "oauth2_client_secret", "oauth2_refresh_token"),
}


def _secrets(data: Mapping[str, Any]) -> Iterator[Complaint]:
    for table, keys in _SECRETS.items():
        value = data.get(table)
        holders: list[tuple[Path, Mapping[str, Any]]] = [((table, at), entry) for at, entry in _entries(data, table)]
        holders += [((table,), value)] if isinstance(value, dict) else []
        for path, entry in holders:
            for key in keys:
                if key in entry and f"{key}_file" in entry:
                    yield Complaint((*path, key), f"{key}_file is given too", "keep one of the two")


def _targets(data: Mapping[str, Any]) -> Iterator[Complaint]:
    for at, entry in _entries(data, "sla"):
        targets = entry.get("targets")
        if isinstance(targets, dict) and Priority.NORMAL not in targets:
            mend = 'write targets.normal = { first_response = "4h", resolution = "3d" }'
            yield Complaint(("sla", at, "targets"), "there are no targets for normal", mend)


def _cycles(settings: Settings) -> Iterator[Complaint]:
    for at, team in enumerate(settings.team):
        seen = {team.name.lower()}
        above = settings.team_named(team.escalates_to)
        while above is not None and above.name.lower() not in seen:
            seen.add(above.name.lower())
            above = settings.team_named(above.escalates_to)
        if above is not None and above.name.lower() == team.name.lower():
            yield Complaint(("team", at, "escalates_to"), "escalation comes back to this team", "it has to go up only")


def _times(settings: Settings) -> Iterator[Complaint]:
    for at, queue in enumerate(settings.queue):
        if queue.close_resolved_after and queue.reopen_within > queue.close_resolved_after:
            mend = "make reopen_within no longer than close_resolved_after: a closed ticket is not reopened"
            yield Complaint(("queue", at, "reopen_within"), "it is longer than close_resolved_after", mend)
        if queue.pending_close and queue.pending_reminder > queue.pending_close:
            problem = "it is longer than pending_close, so nobody is ever reminded"
            yield Complaint(("queue", at, "pending_reminder"), problem, "make it shorter, or 0", grave=False)


def _smtp(settings: Settings) -> Iterator[Complaint]:
    smtp = settings.smtp
    if smtp is None:
        return
    if (smtp.tls_cert_file is None) != (smtp.tls_key_file is None):
        key = "tls_cert_file" if smtp.tls_cert_file else "tls_key_file"
        yield Complaint(("smtp", key), "certificate and key come together", "write both, or none")
    if smtp.tls_cert_file is None and smtp.tls_key_file is None:
        for key, given in (("require_tls", smtp.require_tls), ("users_file", smtp.users_file is not None)):
            if given:
                yield Complaint(("smtp", key), "there is no certificate for TLS", "write tls_cert_file, tls_key_file")


def _mailboxes(settings: Settings) -> Iterator[Complaint]:
    for at, mailbox in enumerate(settings.mailbox):
        if mailbox.tls == "none" and not is_loopback(mailbox.host):
            problem = "the password would go over the network in clear"
            yield Complaint(("mailbox", at, "tls"), problem, 'write "implicit" or "starttls"')
        yield from _oauth2(("mailbox", at), mailbox)


def _outgoing(settings: Settings) -> Iterator[Complaint]:
    outgoing = settings.outgoing
    far = [host for host in outgoing.smarthost if not is_loopback(host.host)]
    if any(host.path or not host.port for host in outgoing.smarthost):
        yield Complaint(("outgoing", "smarthost"), "a smarthost is a host and port", 'write "smtp.example.com:587"')
    if outgoing.username and far and outgoing.tls in {"none", "opportunistic"}:
        problem = "the password could go over the network in clear"
        yield Complaint(("outgoing", "tls"), problem, 'write tls = "starttls" (port 587) or "implicit" (465)')
    if bool(outgoing.dkim_key_file) != bool(outgoing.dkim_selector):
        key = "dkim_key_file" if outgoing.dkim_key_file else "dkim_selector"
        yield Complaint(("outgoing", key), "key and selector come together", "write both, or none")
    if outgoing.auth == "oauth2" and not outgoing.username:
        yield Complaint(("outgoing", "auth"), "nobody is named who logs in", "write username")
    yield from _oauth2(("outgoing",), outgoing)


_OWN_URLS = {"device-code": "oauth2_device_url", "paste-code": "oauth2_authorize_url"}  # by flow, at no provider
_URLS = ("oauth2_token_url", "oauth2_device_url", "oauth2_authorize_url")


def _oauth2(path: Path, table: OAuth2) -> Iterator[Complaint]:
    if table.auth != "oauth2":
        return
    lacking = [] if table.oauth2_client_id else ["oauth2_client_id"]
    if table.oauth2_provider == "custom":
        wanted = ("oauth2_token_url", _OWN_URLS.get(table.oauth2_flow, "oauth2_token_url"))
        lacking += [key for key in dict.fromkeys(wanted) if not getattr(table, key)]
    if lacking:
        yield Complaint((*path, "auth"), "oauth2 lacks its keys", f"write {' and '.join(lacking)}")
    for key in _URLS:
        url = urlsplit(getattr(table, key))
        if url.geturl() and not (url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or ""))):
            yield Complaint((*path, key), "secrets would go over the network in clear", 'write "https://..."')
    if table.oauth2_provider == "google" and table.oauth2_flow in {"client-credentials", "device-code"}:
        mend = 'write oauth2_flow = "paste-code", and run `maild oauth login`'
        yield Complaint((*path, "oauth2_flow"), "Google lets nobody into a mailbox by this flow", mend)


def _calendars(settings: Settings) -> Iterator[Complaint]:
    for at, calendar in enumerate(settings.calendar):
        days = calendar.hours.by_weekday()
        if not any(days):
            mend = 'write hours = { mon = ["09:00-17:00"] }'
            yield Complaint(("calendar", at, "hours"), "there is no working time at all", mend)
        if any(first.closes > second.opens for day in days for first, second in pairwise(day)):
            yield Complaint(("calendar", at, "hours"), "two spans of one day overlap", "let each begin after the last")
        if calendar.holidays.subdivision and not calendar.holidays.country:
            path = ("calendar", at, "holidays", "subdivision")
            yield Complaint(path, "a subdivision needs its country", 'write country = "ES" for instance')


def _doors(settings: Settings) -> Iterator[Complaint]:
    if settings.smtp is None and settings.lmtp is None and not settings.mailbox:
        problem = "no mail comes in but by `maild ingest`"
        yield Complaint(("smtp",), problem, "write [smtp], [lmtp] or a [[mailbox]]", grave=False)


def _teams(settings: Settings) -> Iterator[Complaint]:
    for at, team in enumerate(settings.team):
        if not team.members:
            mend = "write members, addresses of agents"
            yield Complaint(("team", at, "members"), "nobody is there to work its tickets", mend, grave=False)
        above = settings.team_named(team.escalates_to)
        if above is not None and above.level < team.level:
            problem = f"it has level {above.level}, below this team's {team.level}"
            yield Complaint(("team", at, "escalates_to"), problem, "escalation goes up", grave=False)
        yield from _own_people(settings, at, team)


def _postmaster(settings: Settings) -> Iterator[Complaint]:
    if settings.desk.postmaster and settings.is_own(settings.desk.postmaster):
        problem = "the desk never writes to an address of its own, so alerts would reach nobody"
        yield Complaint(("desk", "postmaster"), problem, "write the address of a person outside the desk")


def _conditions(settings: Settings) -> Iterator[Complaint]:
    """What is wrong with the conditions of rules and services, key by key."""
    names = {
        "queue": tuple(queue.name for queue in settings.queue),
        "team": tuple(team.name for team in settings.team),
        "service": tuple(service.name for service in settings.service),
        "calendar": tuple(calendar.name for calendar in settings.calendar),
    }
    found: list[tuple[Path, tuple[Condition, ...]]] = []
    found += [(("rule", at, "when"), rule.conditions) for at, rule in enumerate(settings.rule)]
    found += [(("service", at, "match"), service.conditions) for at, service in enumerate(settings.service)]
    for path, conditions in found:
        for condition in conditions:
            key = (*path, condition.written)
            if wrong := problem_of(condition, names):
                yield Complaint(key, *wrong)
            elif condition.key == "text" and not any(is_glob(v) or is_regex(v) for v in condition.values):
                problem = "a mail is hardly ever this and nothing else"
                yield Complaint(key, problem, f'write "*{condition.values[0]}*"', grave=False)


def _forms(settings: Settings) -> Iterator[Complaint]:
    """Fields of a service that contradict themselves, or each other."""
    for at, service in enumerate(settings.service):
        seen: set[str] = set()
        for number, field in enumerate(service.fields):
            path: Path = ("service", at, "fields", number)
            if field.name in seen:
                yield Complaint((*path, "name"), "another field of this service has this name", "give each its own")
            seen.add(field.name)
            bad = [c for c in field.choices if field.pattern and not matches(field.pattern, c)]
            if bad:
                yield Complaint((*path, "choices"), f"{bad[0]} does not fit the pattern", "keep one of the two")


def _webmail(settings: Settings) -> Iterator[Complaint]:
    for at, organisation in enumerate(settings.organisation):
        for number, domain in enumerate(organisation.domains):
            if domain.lower() in WEBMAIL:
                mend = "write its people as [[person]] with organisation instead"
                path = ("organisation", at, "domains", number)
                yield Complaint(path, "anybody may have an address there, so it says nothing", mend, grave=False)


def _approvals(settings: Settings) -> Iterator[Complaint]:
    for at, policy in enumerate(settings.approval):
        for number, step in enumerate(policy.steps):
            path: Path = ("approval", at, "steps", number, "approvers")
            if any("@" in who and settings.is_own(who) for who in step.approvers):
                yield Complaint(path, "the desk never writes to an address of its own", "write the person's address")
        leads = policy.on_expiry == "lead" or any("lead" in step.approvers for step in policy.steps)
        if leads and not all(team.lead for team in settings.team):
            problem, mend = "a team has no lead, and its tickets nobody to decide", "give every [[team]] a lead"
            yield Complaint(("approval", at), problem, mend, grave=False)
        if policy.expires_after and policy.remind_after >= policy.expires_after:
            problem = "it is no shorter than expires_after, so nobody is ever reminded"
            yield Complaint(("approval", at, "remind_after"), problem, "make it shorter, or 0", grave=False)


def _own_people(settings: Settings, at: int, team: Team) -> Iterator[Complaint]:
    people = [(("team", at, "members", number), address) for number, address in enumerate(team.members)]
    for path, address in [*people, (("team", at, "lead"), team.lead), (("team", at, "manager"), team.manager)]:
        if address and settings.is_own(address):
            yield Complaint(path, "the desk never writes to an address of its own", "write the person's address")


def _languages(settings: Settings, known: frozenset[str]) -> Iterator[Complaint]:
    for at, language in enumerate(settings.desk.languages):
        if language not in known:
            mend = f"write templates/{language}/, or one of {', '.join(sorted(known))}"
            yield Complaint(("desk", "languages", at), "there are no templates in this language", mend)
    for at, agent in enumerate(settings.agent):
        if agent.language and agent.language not in settings.desk.languages:
            mend = f"write one of {', '.join(settings.desk.languages)}"
            yield Complaint(("agent", at, "language"), "it is no language of this desk", mend)
