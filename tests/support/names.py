"""A DNS server of our own on a free port of the loopback interface that knows no name at all."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.rcode

from tests.support.waiting import join


def _answer(listener: socket.socket) -> None:
    while True:
        octets, client = listener.recvfrom(4096)
        if not octets:
            return
        answer = dns.message.make_response(dns.message.from_wire(octets))
        answer.set_rcode(dns.rcode.NXDOMAIN)
        listener.sendto(answer.to_wire(), client)


@contextlib.contextmanager
def no_names() -> Iterator[str]:
    """Serve, and give the address as `nameservers` wants it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        address = listener.getsockname()
        server = threading.Thread(target=_answer, args=[listener], daemon=True)
        server.start()
        try:
            yield f"127.0.0.1:{address[1]}"
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
                end.sendto(b"", address)
            join(server)
