"""Talk to systemd: readiness, watchdog, reload, and sockets that it opened for us (sd_notify(3), sd_listen_fds(3))."""

import os
import socket
import time
from collections.abc import Mapping

FIRST_INHERITED_DESCRIPTOR = 3  # SD_LISTEN_FDS_START


class Notifier:
    """Sends states to `$NOTIFY_SOCKET`; without one, and so outside systemd, it says nothing."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        microseconds = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_seconds = int(microseconds) / 1e6 if microseconds.isdigit() and ours else 0.0

    def ready(self) -> None:
        """The service has started, or finished a reload."""
        self._send("READY=1")

    def reloading(self) -> None:
        """A reload begins (Type=notify-reload wants the monotonic clock beside it)."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The service ends."""
        self._send("STOPPING=1")

    def watchdog(self) -> None:
        """The service is alive."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Say in one line how things stand, for `systemctl status`."""
        self._send("STATUS=" + text.replace("\n", " "))

    def _send(self, state: str) -> None:
        if not self._address:
            return
        # A leading @ stands for the abstract namespace.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
            link.connect(address)
            link.send(state.encode())


def inherited_sockets(environment: Mapping[str, str]) -> dict[str, list[socket.socket]]:
    """Return the sockets that systemd opened for this process, by FileDescriptorName (smtp, lmtp, ...)."""
    if environment.get("LISTEN_PID") != str(os.getpid()):
        return {}
    count = int(environment.get("LISTEN_FDS", "0"))
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    found: dict[str, list[socket.socket]] = {}
    for index in range(count):
        name = names[index] if index < len(names) and names[index] else "smtp"
        inherited = socket.socket(fileno=FIRST_INHERITED_DESCRIPTOR + index)
        inherited.set_inheritable(False)
        found.setdefault(name, []).append(inherited)
    return found
