"""`maild postfix-map`: the lines that hand the desk's mail from Postfix to maild."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation

if TYPE_CHECKING:
    from maild.settings.model import Settings

DEFAULT_SOCKET = "unix:/run/maild-lmtp.sock"  # what systemd/maild-lmtp.socket opens for Postfix's group
MAP = "/etc/postfix/maild_transport"


@click.command("postfix-map")
@pass_invocation
def command(invocation: Invocation) -> None:
    """Print a transport(5) map for Postfix, and beside it, as comments, the other lines that it takes.

    `maild postfix-map > /etc/postfix/maild_transport && postmap /etc/postfix/maild_transport` makes the map.
    """
    output.show("\n".join(lines(invocation.configuration.settings)))


def lines(settings: Settings) -> Iterator[str]:
    """Yield the lines: a map that postmap(1) takes as it stands, everything else being comments."""
    yield from _head(settings)
    where = _lmtp(settings)
    addresses = sorted(settings.own_addresses)
    width = max(map(len, addresses), default=0)
    for address in addresses:
        yield f"{address:{width}}  lmtp:{where}"
    yield from _aliases(settings, addresses)


def _head(settings: Settings) -> Iterator[str]:
    delimiter, domains = settings.desk.recipient_delimiter, " ".join(sorted(settings.own_domains))
    yield f"# {MAP}: mail for {settings.desk.name} goes to maild by LMTP."
    yield "#"
    yield "# 1. Save these lines there and run:  postmap hash:" + MAP
    yield "# 2. In main.cf (transport(5) looks for user+token@domain first, then for user@domain):"
    yield "#"
    yield f"#      transport_maps = hash:{MAP}"
    if delimiter:
        yield f"#      recipient_delimiter = {delimiter}"
    yield "#"
    yield "#    Postfix must take mail for these domains: each stands in mydestination, virtual_mailbox_domains or"
    yield f"#    relay_domains, and the addresses below in its table of recipients:  {domains}"
    if delimiter:
        yield f"#    Answers come to {_with_token(settings)}: the part behind the {delimiter} must be let through."
    yield "# 3. On Debian lmtp(8) runs in a chroot and would not find the socket: in master.cf give the line"
    yield '#    "lmtp unix ... lmtp" an n in its chroot column, or have maild listen on a TCP port.'
    if settings.lmtp is None:
        yield "# 4. maild has no LMTP door yet. In maild.toml:"
        yield "#"
        yield "#      [lmtp]"
        yield f'#      listen = ["{DEFAULT_SOCKET}"]'
    yield "#"


def _with_token(settings: Settings) -> str:
    local, _, domain = settings.desk.reply_address.rpartition("@")
    return f"{local}{settings.desk.recipient_delimiter}TOKEN@{domain}"


def _lmtp(settings: Settings) -> str:
    """Return where the LMTP door is, as lmtp(8) writes it: a unix socket before a port."""
    places = settings.lmtp.listen if settings.lmtp is not None else ()
    for place in sorted(places, key=lambda each: not each.path):
        return f"unix:{place.path}" if place.path else f"inet:{place}"
    return DEFAULT_SOCKET


def _aliases(settings: Settings, addresses: list[str]) -> Iterator[str]:
    """Yield the other way, for a machine where only /etc/aliases may be changed: one line a local part."""
    where = _lmtp(settings).removeprefix("unix:").removeprefix("inet:")
    yield "#"
    yield "# The other way, through a pipe, for addresses of mydestination's domains: these lines in /etc/aliases,"
    yield "# then newaliases. maild-deliver leaves with 75 while maild is away, and Postfix tries again."
    yield "#"
    for address in addresses:
        local = address.rpartition("@")[0]
        yield f'# {local}: "|/usr/local/bin/maild-deliver --socket {where} {address}"'
    if settings.desk.recipient_delimiter:
        yield "#"
        yield "# These lines lose the token behind the delimiter, which answers need: for the reply address use the"
        yield "# map above, or a pipe(8) service in master.cf with maild_destination_recipient_limit = 1:"
        yield "#"
        yield "#   maild unix - n n - - pipe flags=F user=maild argv=/usr/local/bin/maild-deliver"
        yield f"#     --socket {where} -f ${{sender}} ${{original_recipient}}"
