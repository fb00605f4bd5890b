"""Read the arguments of MAIL, RCPT and EHLO (RFC 5321 section 4.1.2); pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

PATH_CHARACTERS_MAX = 320  # RFC 5321 section 4.5.3.1.3 asks for 256; signed tokens make long local parts.

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PLAIN = r'[^\s<>()\[\],;:@"\\]+'
_LOCAL = rf"(?:{_QUOTED}|{_PLAIN})"
_DOMAIN = r"(?:[A-Za-z0-9_\u0080-\U0010ffff](?:[A-Za-z0-9_.\-\u0080-\U0010ffff]*)|\[[A-Za-z0-9:.]+\])"
_MAILBOX = re.compile(rf"(?P<local>{_LOCAL})@(?P<domain>{_DOMAIN})")
_ARGUMENT = re.compile(rf"\s*(?:<(?P<path>(?:{_QUOTED}|[^>\"])*)>|(?P<bare>(?:{_QUOTED}|[^\s\"])+))(?P<rest>(?:\s.*)?)")
_NEEDLESSLY_QUOTED = re.compile(r'"([A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]+)"')
_PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[^=\s]+))?")


@dataclass(frozen=True, slots=True)
class Argument:
    """What stands behind `FROM:` or `TO:`: an address without brackets, and parameters by upper-case name."""

    address: str
    parameters: Mapping[str, str]


class NotAPath(Exception):
    """The argument breaks the grammar; `reply` is the whole answer."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


@lru_cache(maxsize=256)  # most mails are for the same few addresses
def read_argument(keyword: str, argument: str) -> Argument:
    """Read `FROM:<address> parameters`; raises NotAPath. A space behind the colon and missing brackets are forgiven."""
    if argument[: len(keyword)].upper() != keyword:
        raise NotAPath(f"501 5.5.4 Syntax: {keyword}<address>")
    split = _ARGUMENT.fullmatch(argument, len(keyword))
    if split is None:
        raise NotAPath(f"501 5.5.4 Syntax: {keyword}<address>")
    path = split["path"] if split["path"] is not None else split["bare"]
    return Argument(address=_address(path.strip()), parameters=_parameters(split["rest"]))


def _address(path: str) -> str:
    if path.startswith("@"):
        # A source route (RFC 5321 appendix F.2). Nobody needs one, and it once was a way to relay.
        raise NotAPath("550 5.7.1 Source routes are not accepted")
    if path == "" or path.lower() == "postmaster":
        return path
    mailbox = _MAILBOX.fullmatch(path)
    if mailbox is None or len(path) > PATH_CHARACTERS_MAX:
        raise NotAPath("553 5.1.3 That is no address")
    return f"{_NEEDLESSLY_QUOTED.sub(_unquoted, mailbox['local'])}@{mailbox['domain']}"


def _unquoted(quoted: re.Match[str]) -> str:
    # RFC 5321 section 4.1.2: "ana"@example.com and ana@example.com are one mailbox.
    inner = quoted[1]
    return quoted[0] if inner.startswith(".") or inner.endswith(".") or ".." in inner else inner


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in text.split():
        parameter = _PARAMETER.fullmatch(word)
        if parameter is None or parameter["name"].upper() in found:
            raise NotAPath("501 5.5.4 Parameters are NAME=VALUE, each once")
        found[parameter["name"].upper()] = parameter["value"] or ""
    return found
