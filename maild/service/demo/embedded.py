"""The embedded desk: the real service in one folder, with the world that it needs on loopback around it."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from maild.doors.sink import Sink
from maild.service.configuration import load
from maild.service.daemon import Daemon
from maild.service.demo import imap
from maild.service.demo.clock import DemoClock
from maild.service.demo.mails import Mails
from maild.service.demo.names import Names
from maild.service.demo.settings import configuration


@dataclass(frozen=True, slots=True)
class Embedded:
    """A desk that is up, and where everything is. Its folder is not removed."""

    daemon: Daemon
    clock: DemoClock
    mails: Mails
    config: Path
    imap_port: int  # 0: no IMAP server
    leaving: threading.Event  # set when the desk goes down: whoever waits for it gives up

    @property
    def smtp_port(self) -> int:
        """Where the SMTP door listens."""
        return int(dict(self.daemon.addresses())["smtp"].rpartition(":")[2])


async def run(folder: Path, clock: DemoClock, ready: Callable[[Embedded], None], *, smtp_port: int = 0) -> None:
    """Serve the demo's desk in `folder` until SIGINT, SIGTERM or `daemon.stop`; `ready` is called once it stands.

    Raises OSError when a port or the folder cannot be had.
    """
    mails, leaving = Mails(folder / "mails"), threading.Event()
    async with AsyncExitStack() as stack:
        sink, server = Sink(mails.received), imap.ImapServer()
        await sink.open()
        stack.callback(sink.close)
        await server.open()
        stack.push_async_callback(server.close)
        names = await _open_names(stack)
        config = folder / "maild.toml"
        text = configuration(
            smtp=smtp_port, sink=sink.port, names=names, imap=server.port, user=imap.USER, password=imap.PASSWORD
        )
        config.write_text(text, encoding="utf-8")
        daemon = Daemon(load(config), environment={}, now=clock)
        desk = Embedded(daemon, clock, mails, config, server.port, leaving)
        stack.callback(leaving.set)
        await daemon.run(lambda: ready(desk))


async def _open_names(stack: AsyncExitStack) -> int:
    """Open the name server and return its port."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Names, local_addr=("127.0.0.1", 0))
    stack.callback(transport.close)
    port: int = transport.get_extra_info("sockname")[1]
    return port
