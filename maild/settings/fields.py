"""The kinds of value a setting may have: each reads what stands in the file and says how to mend it."""

import ipaddress
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, ValidationInfo

from maild.base.domains import in_own_letters
from maild.base.instants import WorkingTime, read_duration, read_working_time

DAY_MINUTES = 1440

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[A-Za-z0-9_.\-\u0080-\U0010ffff]{1,253}")
_SIZE = re.compile(r"(\d{1,12})\s*(B|kB|KB|KiB|MB|MiB|GB|GiB)?", re.ASCII)
_SIZE_UNITS = {
    None: 1,
    "B": 1,
    "kB": 1_000,
    "KB": 1_000,
    "KiB": 1_024,
    "MB": 1_000_000,
    "MiB": 1_048_576,
    "GB": 1_000_000_000,
    "GiB": 1_073_741_824,
}
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})")


class Table(BaseModel):
    """A table of the file: frozen, and a key it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Span(NamedTuple):
    """A stretch of time, in minutes after midnight; `closes` is past 1440 for a night that ends the next day."""

    opens: int
    closes: int


class Listen(NamedTuple):
    """Where a door listens: a host and port, or the path of a unix socket."""

    host: str
    port: int
    path: str = ""

    def __str__(self) -> str:
        """Return it as it is written in the file."""
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _text(value: object, wanted: str) -> str:
    if isinstance(value, str):
        return value.strip()
    raise ValueError(f"it must be text in quotes; write {wanted}")


def _matching(pattern: re.Pattern[str], wanted: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        """Return the text if it matches; raises ValueError with what is wanted else."""
        text = _text(value, wanted)
        if pattern.fullmatch(text) is None:
            raise ValueError(f"write {wanted}")
        return text

    return check


def read_wall_time(value: object) -> timedelta:
    """Read a duration in wall time such as ``7d``; raises ValueError when it is none."""
    if isinstance(value, timedelta):
        return value
    text = _text(value, '"90s", "15m", "2h" or "7d"')
    return timedelta(0) if text == "0" else read_duration(text)


def read_size(value: object) -> int:
    """Read a size such as ``25MB`` or ``25MiB`` into octets; raises ValueError when it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    written = _SIZE.fullmatch(_text(value, '"25MB" or "25MiB"'))
    if written is None:
        raise ValueError('write a size such as "500kB", "25MB" or "25MiB"')
    return int(written[1]) * _SIZE_UNITS[written[2]]


def _working_time(value: object) -> WorkingTime:
    if isinstance(value, WorkingTime):
        return value
    target = read_working_time(_text(value, '"30m", "4h" or "3d"'))
    if target == WorkingTime(0, 0):
        raise ValueError("a target is longer than nothing; leave the key out for no clock")
    return target


def read_span(value: object) -> Span:
    """Read ``09:00-14:00``, or ``22:00-06:00`` for a night over midnight; raises ValueError when it is none."""
    if isinstance(value, Span):
        return value
    written = _SPAN.fullmatch(_text(value, '"09:00-14:00"'))
    if written is None:
        raise ValueError('write hours such as "09:00-14:00"')
    hours = [int(part) for part in written.groups()]
    span = Span(hours[0] * 60 + hours[1], hours[2] * 60 + hours[3])
    if (
        max(hours[1], hours[3]) > 59
        or span.opens >= DAY_MINUTES
        or span.closes > DAY_MINUTES
        or span.opens == span.closes
    ):
        raise ValueError('write hours such as "09:00-14:00", "22:00-06:00" for a night, "24:00" at most')
    return span if span.closes > span.opens else Span(span.opens, span.closes + DAY_MINUTES)


def read_address(value: object) -> str:
    """Return an e-mail address in lower case, its domain in its own letters; raises ValueError when it is none."""
    text = _text(value, '"someone@example.com"')
    if _ADDRESS.fullmatch(text) is None or ".." in text.rpartition("@")[2]:
        raise ValueError('write an address such as "someone@example.com"')
    return in_own_letters(text).lower()


def _address_or_none(value: object) -> str:
    return "" if value == "" else read_address(value)


def _zone(value: object) -> str:
    text = _text(value, '"Europe/Madrid"')
    try:
        ZoneInfo(text or "none")
    except (OSError, ValueError, LookupError):
        raise ValueError('write an IANA time zone such as "Europe/Madrid" or "UTC"') from None
    return text


def _zone_or_none(value: object) -> str:
    return "" if value == "" else _zone(value)


def _path(value: Path, info: ValidationInfo) -> Path:
    return _base(info) / value


def _base(info: ValidationInfo) -> Path:
    """Return the folder of the configuration file; without one, paths stay as they are written."""
    context: dict[str, Any] = info.context or {}
    base = context.get("base")
    return base if isinstance(base, Path) else Path()


def read_listen(value: object) -> Listen:
    """Read ``127.0.0.1:8025``, ``[::1]:25`` or ``unix:/run/maild/lmtp.sock``; raises ValueError for anything else."""
    if isinstance(value, Listen):
        return value
    text = _text(value, '"127.0.0.1:8025" or "unix:/run/maild/lmtp.sock"')
    if text.startswith("unix:") and len(text) > len("unix:"):
        return Listen("", 0, text.removeprefix("unix:"))
    host, colon, port = text.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and int(port) < 65_536):
        raise ValueError('write "127.0.0.1:8025", "[::1]:25" or "unix:/run/maild/lmtp.sock"')
    return Listen(_listen_host(host), int(port))


def _listen_host(host: str) -> str:
    if host in {"", "*"}:
        return "0.0.0.0"  # noqa: S104 - what an administrator means by "*:25"
    bare = host.removeprefix("[").removesuffix("]")
    if _HOST.fullmatch(bare) is None:
        ipaddress.IPv6Address(bare)
    return bare


def _resolved_listen(value: Listen, info: ValidationInfo) -> Listen:
    return value._replace(path=str(_base(info) / value.path)) if value.path else value


def is_loopback(host: str) -> bool:
    """Tell whether a host name or IP address means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _network(value: object) -> str:
    text = _text(value, '"192.0.2.0/24"')
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError('write an IP address or a network such as "192.0.2.0/24" or "::1"') from None
    return text


def _store_url(value: object, info: ValidationInfo) -> str:
    wanted = '"sqlite:///maild.db" or "postgresql://user@host/database"'
    text = _text(value, wanted)
    if re.match(r"postgres(ql)?://.", text):
        return text
    if not text.startswith("sqlite:///") or len(text) == len("sqlite:///"):
        raise ValueError(f"write {wanted}")
    return f"sqlite:///{_base(info) / text.removeprefix('sqlite:///')}"


def one_or_many(value: object) -> object:
    """Let a single text stand for a list of one."""
    return [value] if isinstance(value, str) else value


def _month_day(value: object) -> tuple[int, int]:
    wanted = 'a month and day such as "12-24"'
    text = _text(value, wanted)
    try:
        day = date.fromisoformat(f"2024-{text}")  # a leap year: the 29th of February is one every fourth
    except ValueError:
        raise ValueError(f"write {wanted}") from None
    return day.month, day.day


Duration = Annotated[timedelta, BeforeValidator(read_wall_time)]
MonthDay = Annotated[tuple[int, int], BeforeValidator(_month_day)]
Octets = Annotated[int, BeforeValidator(read_size)]
Target = Annotated[WorkingTime, BeforeValidator(_working_time)]
OpenSpan = Annotated[Span, BeforeValidator(read_span)]
Address = Annotated[str, BeforeValidator(read_address)]
AddressOrNone = Annotated[str, BeforeValidator(_address_or_none)]
Zone = Annotated[str, BeforeValidator(_zone)]
ZoneOrNone = Annotated[str, BeforeValidator(_zone_or_none)]
Name = Annotated[str, BeforeValidator(_matching(_NAME, 'a short name such as "first-line": letters, digits, . _ -'))]
Language = Annotated[str, BeforeValidator(_matching(_LANGUAGE, 'a language code such as "en" or "es"'))]
LanguageOrNone = Annotated[
    str, BeforeValidator(_matching(re.compile(rf"({_LANGUAGE.pattern})?"), 'a language code such as "en" or "es"'))
]
Prefix = Annotated[str, BeforeValidator(_matching(_PREFIX, 'letters and digits, a letter first, such as "ACME"'))]
Domain = Annotated[str, BeforeValidator(_matching(_HOST, 'a domain name such as "desk.example.com"'))]
ListenAddress = Annotated[Listen, BeforeValidator(read_listen), AfterValidator(_resolved_listen)]
Network = Annotated[str, BeforeValidator(_network)]
File = Annotated[Path, AfterValidator(_path)]
StoreUrl = Annotated[str, BeforeValidator(_store_url)]
Count = Annotated[StrictInt, Field(ge=0)]
