"""Make the sockets that doors listen on; inherited ones come from systemd and need nothing of this."""

import os
import socket
import stat
from pathlib import Path

BACKLOG = 1024


def open_tcp(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on all addresses of a host, `*` and "" being every one; port 0 is a free one.

    Raises OSError when one cannot be had; none is then left open.
    """
    found = socket.getaddrinfo(
        None if host in {"", "*"} else host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    listeners: list[socket.socket] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            listeners.append(_bound(family, address))
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def open_unix(path: Path, *, mode: int = 0o666) -> socket.socket:
    """Return a socket that listens at a path; one that a dead process left there is replaced, a live one is not.

    Who may write to it is the folder's to say: an MTA and `maild-deliver` run as other users. Raises OSError.
    """
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        if _is_alive(path):
            raise FileExistsError(f"another process listens on {path}")
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(os.fspath(path))
        path.chmod(mode)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _is_alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            return False
    return True
