"""Octets that end the process which reads them. Light: a parse child imports it within its limits."""

import ctypes
import os
import signal
import threading
from dataclasses import dataclass

GREED_OCTETS = 2_000_000_000  # more than any reader may have


@dataclass(frozen=True)
class Poison:
    """Octets that are fetched in the child, which they end in one way or another."""

    how: str

    def fetch(self) -> bytes:
        """Do it."""
        match self.how:
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "segfault":
                ctypes.string_at(0)
            case "busy":
                while True:
                    pass
            case "greedy":
                return bytes(GREED_OCTETS)
            case "left":
                os._exit(3)
            case "deep":
                return self.fetch()
            case "silent":
                threading.Event().wait()
        return b""
