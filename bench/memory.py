"""How much memory large mails add to the service process: VmHWM, which the kernel keeps, beside aiosmtpd's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.driver import LINE, mail, send
from bench.intake import TAKERS, Taker, Taking

LARGE = 24_000_000  # The default's 25 MB, with room for the header.


def large_mail(number: int) -> bytes:
    """Return one mail of LARGE octets as it goes over the wire."""
    head, end = mail(number, "large", "short").removesuffix(b".\r\n"), b".\r\n"
    return head + LINE * ((LARGE - len(head)) // len(LINE)) + end


def high_water(pid: int) -> int:
    """Return the most resident memory that a process has had, in octets."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def forget(pid: int) -> None:
    """Let the kernel begin anew with what it keeps for `high_water` (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def added(taking: Taking, at_once: int) -> int:
    """Return how many octets of memory so many large mails at once add to a process."""
    send(taking.port, 1, [mail(n, f"warm{at_once}", "200 KB") for n in range(5)])
    forget(taking.pid)
    before = high_water(taking.pid)
    octets = large_mail(at_once)
    with ThreadPoolExecutor(at_once) as clients:
        list(clients.map(lambda _: send(taking.port, 1, [octets]), range(at_once)))
    return high_water(taking.pid) - before


def report(folder: Path) -> Iterator[str]:
    """Yield how much one and twenty mails of 24 MB add."""
    yield f"{'MB that mails of 24 MB add':34}{'one':>8}{'twenty at once':>16}"
    for name in ("maild", "intake alone", "discarding"):
        one, twenty = (_of(TAKERS[name], folder / f"{name}{number}", number) for number in (1, 20))
        yield f"{name:34}{one / 1e6:8.0f}{twenty / 1e6:16.0f}"


def _of(taker: Taker, folder: Path, at_once: int) -> int:
    folder.mkdir()
    with taker(folder) as taking:
        return added(taking, at_once)
