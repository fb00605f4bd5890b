"""TNEF, the container `winmail.dat` of Outlook, opened by tnefparse when that is installed."""

from dataclasses import dataclass, field

from maild.base.limits import Limits

_SIGNATURE = b"\x78\x9f\x3e\x22"


@dataclass(slots=True)
class Tnef:
    """What a container holds: its files, its body, and a defect in words when it could not be opened."""

    files: list[tuple[str, bytes]] = field(default_factory=list)
    text: str = ""
    html: bytes = b""
    defect: str = ""


def is_tnef(content_type: str, name: str) -> bool:
    """Tell whether a part is such a container."""
    return content_type in {"application/ms-tnef", "application/vnd.ms-tnef"} or name.lower() == "winmail.dat"


def read_tnef(octets: bytes, limits: Limits) -> Tnef:
    """Open a container; never raises."""
    if not octets.startswith(_SIGNATURE):
        return Tnef(defect="winmail.dat is no TNEF")
    if len(octets) > limits.container_bytes:
        return Tnef(defect=f"winmail.dat over {limits.container_bytes} octets")
    try:
        from tnefparse import TNEF
    except ImportError:
        return Tnef(defect="winmail.dat was not opened: tnefparse is not installed")
    try:
        box = TNEF(octets, do_checksum=False)
        files = [(str(file.long_filename() or file.name or ""), bytes(file.data or b"")) for file in box.attachments]
        return Tnef(files[: limits.attachments], _text(box.body), _octets(box.htmlbody))
    except Exception as error:  # A hostile container raises whatever its author likes.
        return Tnef(defect=f"winmail.dat could not be opened: {type(error).__name__}")


def _text(body: object) -> str:
    if isinstance(body, bytes):
        return body.decode("cp1252", "replace")
    return body if isinstance(body, str) else ""


def _octets(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    return body if isinstance(body, bytes) else b""
