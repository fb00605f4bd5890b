"""The configuration as it lies on disk: files, secrets and credentials, read whole and refused whole."""

import base64
import os
import re
import secrets as dice
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from maild.proof.tokens import fits
from maild.service.holidays import days_left_out, holiday_files, unknown_holidays
from maild.service.location import configuration_file, configuration_files, read_octets
from maild.service.rosters import add_roster, roster_faults
from maild.service.shelves import shelf_faults
from maild.settings.faults import ConfigurationError, Fault
from maild.settings.model import Settings
from maild.settings.places import Path as Key
from maild.settings.reading import BUILT_IN_LANGUAGES, SHARED_TEMPLATES, interpret
from maild.settings.source import Source, merge

if TYPE_CHECKING:
    from maild.proof.signatures import AgentKey
    from maild.proof.signing import SigningKey

SecretKeys = tuple[tuple[str, bytes], ...]

KEY_OCTETS = 32  # As long as the output of SHA-256 that it keys (RFC 2104 section 3).
_BARE_KEY = re.compile(rf"[^\s:#]{{{KEY_OCTETS},}}")
_KEY_LINE = re.compile(r"([a-z0-9]):([A-Za-z0-9+/=_-]+)")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A checked configuration.

    `secret_keys` are (key id, octets), the signing one first; empty when the secret file is still to be made by
    `ensure_secret`. `secrets` are the passwords by their dotted keys, such as ``mailbox.support.password``.
    """

    settings: Settings
    path: Path
    secret_keys: SecretKeys = ()
    secret_path: Path | None = None  # where a missing secret belongs; None when it is given otherwise
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[Fault, ...] = ()
    dkim_key: "SigningKey | None" = field(default=None, repr=False)
    agent_keys: "tuple[AgentKey, ...]" = ()  # by which agents sign their mail

    def secret(self, key: str) -> str:
        """Return a password by its dotted key, such as ``outgoing.password``; "" when there is none."""
        return self.secrets.get(key, "")

    def __repr__(self) -> str:
        """Return where it was read; never what it holds."""
        return f"Configuration({self.path})"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that can be said of the files: a configuration when there is no fault."""

    configuration: Configuration | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def load(path: str | Path | None = None) -> Configuration:
    """Read the configuration with its conf.d and secrets; raises ConfigurationError with every fault in it."""
    report = examine(configuration_file(path))
    if report.configuration is None:
        raise ConfigurationError(report.faults)
    return report.configuration


def examine(path: Path) -> Report:
    """Read everything and connect to nothing; a missing secret file is no fault, for the first start makes it."""
    source = merge((str(file), read_octets(file)) for file in configuration_files(path))
    base = path.parent
    add_roster(source, base)
    reading = interpret(source, base=base, languages=_languages(source, base))
    hoard = _Hoard(source, base)
    passwords = dict(hoard.passwords())
    keys, secret_path = hoard.signing_keys()
    dkim_key = hoard.dkim_key()
    agent_keys = tuple(hoard.agent_keys())
    ics_faults, ics_warnings = roster_faults(source, reading.settings)
    faults = (
        *reading.faults,
        *hoard.faults,
        *_missing_files(source, reading.settings),
        *unknown_holidays(source),
        *ics_faults,
        *_no_room(source, reading.settings),
        *_commands(source, reading.judged),
    )
    if faults or reading.settings is None:
        return Report(None, faults, reading.warnings)
    unread = shelf_faults(base, reading.settings)
    warnings = (*reading.warnings, *days_left_out(source, reading.settings), *ics_warnings, *unread)
    configuration = Configuration(reading.settings, path, keys, secret_path, passwords, warnings, dkim_key, agent_keys)
    return Report(configuration, (), warnings)


def _languages(source: Source, base: Path) -> frozenset[str]:
    """Return the languages with templates: ours, and those of the administrator's own folder."""
    written = source.value(("desk", "templates"))
    folder = base / (written if isinstance(written, str) else "templates")
    own = {entry.name for entry in folder.iterdir() if entry.is_dir()} if folder.is_dir() else set()
    return frozenset((own - {SHARED_TEMPLATES}) | set(BUILT_IN_LANGUAGES))


def parse_keys(text: str) -> SecretKeys:
    """Read lines `id:base64`; blank lines and # comments are skipped. Raises ValueError when a line is none.

    One line alone of 32 characters or more and no colon is a key as it stands, with the id `a`.
    """
    if _BARE_KEY.fullmatch(text.strip()):
        return (("a", text.strip().encode()),)
    keys = []
    for line in text.splitlines():
        written = _KEY_LINE.fullmatch(line.strip())
        if written:
            keys.append((written[1], base64.b64decode(written[2], altchars=b"-_" if set("-_") & set(line) else None)))
        elif line.strip() and not line.startswith("#"):
            raise ValueError("a line is no `id:base64`")
    if not keys or any(len(octets) < KEY_OCTETS for _, octets in keys):
        raise ValueError(f"there is no key, or one of less than {KEY_OCTETS} octets")
    if len({key_id for key_id, _ in keys}) != len(keys):
        raise ValueError("two keys have the same id")
    return tuple(keys)


def new_secret() -> str:
    """Return the text of a fresh secret file."""
    return f"a:{base64.b64encode(dice.token_bytes(KEY_OCTETS)).decode()}\n"


_NEEDED_BY = {"oauth2_client_secret": "client-credentials", "oauth2_refresh_token": "refresh-token"}  # the flow
_LACKS = {
    "password": "there is a user and no password",
    "oauth2_client_secret": "client-credentials need the client's secret",
    "oauth2_refresh_token": "there is no refresh token; another oauth2_flow lets a person log in",
}


@dataclass
class _Hoard:
    """Finds each secret in the one place where it is given: inline, in its file, or as a systemd credential."""

    source: Source
    base: Path
    faults: list[Fault] = field(default_factory=list)

    def passwords(self) -> Iterator[tuple[str, str]]:
        """Yield the passwords by their dotted keys."""
        for path in self._password_keys():
            name = self.source.key(path)
            text = self._find(path, name)
            if text:
                yield name, text
            elif self._lacks(path):
                mend = f"write {path[-1]}_file, or give the credential {name}"
                self.faults.append(self.source.fault(path, _LACKS[str(path[-1])], mend))

    def _lacks(self, path: Key) -> bool:
        """Tell whether a user is to log in and no place was named for the password."""
        holder = self.source.value(path[:-1])
        if not isinstance(holder, dict):
            return False
        key = str(path[-1])
        if key == "password":
            wanted = bool(holder.get("username")) and holder.get("auth") != "oauth2"
        else:
            wanted = holder.get("oauth2_flow", "refresh-token") == _NEEDED_BY.get(key)
        return wanted and not {key, f"{key}_file"} & holder.keys()

    def _password_keys(self) -> Iterator[Key]:
        mailboxes = self.source.data.get("mailbox")
        holders: list[tuple[Key, object]] = [(("outgoing",), self.source.data.get("outgoing"))]
        holders += [(("mailbox", at), each) for at, each in enumerate(mailboxes if isinstance(mailboxes, list) else [])]
        for path, holder in holders:
            if isinstance(holder, dict):
                yield (*path, "password")
                if holder.get("auth") == "oauth2":
                    yield from ((*path, key) for key in _NEEDED_BY)

    def signing_keys(self) -> tuple[SecretKeys, Path | None]:
        """Return the keys, or none and the path at which to make them."""
        path: Key = ("desk", "secret")
        text = self._find(path, "desk.secret", may_be_missing=True)
        written = self.source.value(("desk", "secret_file"))
        if text is None:
            return (), self.base / (written if isinstance(written, str) else "secret.key")
        try:
            return parse_keys(text), None
        except ValueError as error:
            mend = "restore the file that made the tickets' tokens, or make a new one with `maild init`"
            self.faults.append(self.source.fault(path, str(error), mend))
            return (), None

    def dkim_key(self) -> "SigningKey | None":
        """Return the key that signs what we send; None when the desk has none."""
        if not self.source.value(("outgoing", "dkim_selector")):
            return None
        from maild.proof.signing import BadKey, read_key  # late: the library costs a tenth of a second

        text = self._find(("outgoing", "dkim_key"), "outgoing.dkim_key")
        try:
            return read_key(text) if text is not None else None
        except BadKey as error:
            mend = "write an RSA or Ed25519 private key in PEM, as `openssl genrsa 2048` makes it"
            self.faults.append(self.source.fault(("outgoing", "dkim_key_file"), str(error), mend))
            return None

    def agent_keys(self) -> "Iterator[AgentKey]":
        """Yield the keys by which agents sign their mail; one that is none is a fault."""
        agents = self.source.data.get("agent")
        for at, agent in enumerate(agents if isinstance(agents, list) else []):
            for key, method in (("smime_certificate_file", "smime"), ("pgp_key_file", "pgp")):
                written = agent.get(key) if isinstance(agent, dict) else None
                if not isinstance(written, str):
                    continue
                from maild.proof.signatures import read_agent_key  # late: most desks know no such key

                try:
                    octets = (self.base / written).read_bytes()
                    yield read_agent_key(str(agent.get("address", "")).strip().lower(), method, octets)
                except (OSError, ValueError) as error:
                    mend = "write the agent's own public key or certificate, in PEM for instance"
                    self.faults.append(self.source.fault(("agent", at, key), str(error), mend))

    def _find(self, path: Key, name: str, *, may_be_missing: bool = False) -> str | None:
        inline = self.source.value(path)
        file_key = (*path[:-1], f"{path[-1]}_file")
        file = self.source.value(file_key)
        credential = _credential(name)
        if credential is not None and (inline is not None or file is not None):
            problem = f"the credential {name} is given too"
            self.faults.append(self.source.fault(path if inline is not None else file_key, problem, "keep one of them"))
        if isinstance(inline, str):
            return inline
        if isinstance(file, str):
            return self._read(file_key, self.base / file, may_be_missing=may_be_missing)
        if credential is None and name == "desk.secret":
            return self._read(file_key, self.base / "secret.key", may_be_missing=True)
        return credential

    def _read(self, key: Key, file: Path, *, may_be_missing: bool) -> str | None:
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except FileNotFoundError:
            if not may_be_missing:
                self.faults.append(self.source.fault(key, "there is no such file", "write the secret alone into it"))
        except (OSError, UnicodeDecodeError) as error:
            problem = f"it cannot be read: {getattr(error, 'strerror', None) or error}"
            fault = self.source.fault(key, problem, "let the service's user read it (0600)")
            self.faults.append(replace(fault, denied=isinstance(error, PermissionError)))
        return None


def _credential(name: str) -> str | None:
    """Return a systemd credential of that name (systemd.exec(5), LoadCredential=), None when there is none."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(folder) / name if folder else None
    return file.read_text(encoding="utf-8").rstrip("\r\n") if file and file.is_file() else None


_FILES: tuple[Key, ...] = (
    ("smtp", "tls_cert_file"),
    ("smtp", "tls_key_file"),
    ("smtp", "users_file"),
    ("outgoing", "tls_ca_file"),
)


def _missing_files(source: Source, settings: Settings | None) -> list[Fault]:
    """Return a fault for each file that is named and not there."""
    found = []
    keys = [*_FILES, *(("mailbox", at, "tls_ca_file") for at in range(len(settings.mailbox if settings else ())))]
    keys += holiday_files(source)
    for key in keys:
        written = source.value(key)
        if isinstance(written, str) and not (Path(source.file).parent / written).is_file():
            found.append(source.fault(key, "there is no such file", "a relative path begins at this file's folder"))
    return found


def _no_room(source: Source, settings: Settings | None) -> list[Fault]:
    """A reply address must have room for its tokens (RFC 5321 section 4.5.3.1.1: 64 octets of local part)."""
    if settings is None or fits(settings.desk.reply_address, settings.desk.recipient_delimiter):
        return []
    return [source.fault(("desk", "reply_address"), "a token behind it passes 64 octets", "shorten its local part")]


def _commands(source: Source, settings: Settings | None) -> list[Fault]:
    """Return a fault for each command of a rule that cannot be done."""
    if settings is None or not settings.rule:
        return []
    from maild.desk.rules.check import faults_of  # late: it brings the whole desk along

    return [
        source.fault(("rule", at, "do", number), problem, mend)
        for at, rule in enumerate(settings.rule)
        for number, problem, mend in faults_of(rule.do, settings)
    ]


def ensure_secret(configuration: Configuration) -> Configuration:
    """Return the configuration with its signing keys, after making a missing secret file (0600, whole or not at all).

    Call it for an empty database alone: beside existing tickets a new secret would void every token in the world,
    and a missing one is a ConfigurationError of `require_secret`.
    """
    if configuration.secret_path is None:
        return configuration
    write_once(configuration.secret_path, new_secret(), mode=0o600)
    return load(configuration.path)


def require_secret(configuration: Configuration) -> SecretKeys:
    """Return the signing keys; raises ConfigurationError with the mend when the file is missing."""
    if configuration.secret_path is not None:
        mend = "restore it from the backup; without it no token that was sent holds any more"
        fault = Fault(
            str(configuration.path), None, "desk.secret_file", str(configuration.secret_path), "it is gone", mend
        )
        raise ConfigurationError([fault])
    return configuration.secret_keys


def write_once(path: Path, text: str, *, mode: int = 0o644) -> bool:
    """Write a file that appears whole or not at all and never over another; returns False when there is one."""
    if path.exists():
        return False
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # Unlike rename, it fails when somebody else was first.
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
