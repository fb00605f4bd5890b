"""Ports of loopback for servers that must be told one, or that must come back on the same one."""

import os
import random
import socket
from contextlib import closing

# Below the ports that Linux gives to clients and to whoever binds port 0: none of them is taken by accident.
FIRST, LAST = 20_000, 32_000
_kept: list[socket.socket] = []


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on, and that is given to no other test while this process lives.

    The name of an abstract unix socket says that a port is given away: the kernel keeps it from all other processes of
    the machine, and frees it when this one ends, however it does.
    """
    for port in random.SystemRandom().sample(range(FIRST, LAST), LAST - FIRST):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0maild-test-port-{os.getuid()}-{port}")
            with closing(socket.create_server(("127.0.0.1", port))):
                _kept.append(claim)
                return port
        except OSError:
            claim.close()
    raise AssertionError("no port is free")
