"""Where the configuration file is and which database it names, found without reading the rest of it."""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from maild.settings.faults import ConfigurationError, Fault

DEFAULT_FILE = Path("/etc/maild/maild.toml")
DEFAULT_STORE = "sqlite:///maild.db"


def configuration_file(given: str | Path | None = None) -> Path:
    """Return the absolute path of the configuration file: `given`, else $MAILD_CONFIG, else /etc/maild/maild.toml."""
    return Path(given or os.environ.get("MAILD_CONFIG") or DEFAULT_FILE).expanduser().absolute()


def configuration_files(path: Path) -> tuple[Path, ...]:
    """Return the file and then those of conf.d beside it, by name."""
    return (path, *sorted((path.parent / "conf.d").glob("*.toml")))


def configuration_digest(path: Path) -> str:
    """Return the SHA-256, in hex, of the configuration's files, one behind the other."""
    digest = hashlib.sha256()
    for file in configuration_files(path):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()


def read_octets(path: Path) -> bytes:
    """Return a configuration file's octets; raises ConfigurationError when there is none, PermissionError as it is."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        mend = "write one with `maild init DIR`, or name yours with --config FILE or $MAILD_CONFIG"
        raise ConfigurationError([Fault(str(path), None, "", "", "there is no such file", mend)]) from None


def resolve_sqlite(url: str, base: Path) -> str:
    """Return a SQLite url whose path is absolute: three slashes are relative to `base`, four are absolute."""
    prefix = "sqlite:///"
    return f"{prefix}{base / url.removeprefix(prefix)}" if url.startswith(prefix) else url


def store_url(path: Path) -> str:
    """Return `[store] url` with an absolute path, and check nothing else: for commands that have to be quick.

    Raises ConfigurationError when the file is missing or is no TOML.
    """
    for file in reversed(configuration_files(path)):
        url = _store_of(_parse(file)).get("url")
        if isinstance(url, str):
            return resolve_sqlite(url, path.parent)
    return resolve_sqlite(DEFAULT_STORE, path.parent)


def _parse(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(read_octets(file).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mend = "`maild check` names every fault"
        raise ConfigurationError([Fault(str(file), None, "", "", str(error), mend)]) from None


def _store_of(data: Mapping[str, object]) -> Mapping[str, object]:
    store = data.get("store")
    return store if isinstance(store, dict) else {}
