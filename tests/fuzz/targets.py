"""What any octets may be given to, and what must hold then; for hypothesis, atheris and files that once broke it."""

from collections.abc import Callable, Mapping

from maild.doors.reader import DataReader
from maild.message.model import Message
from maild.message.parse import outline, parse
from tests.fuzz.talk import talk
from tests.fuzz.whole_way import take_all


def mail(octets: bytes) -> None:
    """Any octets become a message, whole or by its header alone."""
    message = parse(octets)
    assert isinstance(message, Message)
    assert not [defect for defect in message.defects if defect.startswith("reading gave up")]
    assert "".join(message.text[span.start : span.end] for span in message.spans) == message.text
    (message.text + message.subject).encode()
    assert "\n" not in message.subject
    bare = outline(octets, "a test")
    assert "\n" not in bare.subject
    bare.subject.encode()


def data(octets: bytes) -> None:
    """The first octet says where the rest is cut in two; the cut never changes what is read."""
    if not octets:
        return
    stream, cut = octets[1:], octets[0]
    whole, split = _read([stream]), _read([stream[:cut], stream[cut:]])
    assert whole == split


def dialogue(octets: bytes) -> None:
    """What a client says, cut in two as in `data`: the cut changes neither the answers nor what is kept."""
    if octets:
        stream, cut = octets[1:], octets[0]
        assert talk([stream]) == talk([stream[:cut], stream[cut:]])


def ingest(octets: bytes) -> None:
    """A file, whatever is in it, becomes mails, and each of them comes to its end in the desk."""
    take_all(octets)


def _read(chunks: list[bytes]) -> object:
    reader = DataReader(10_000)
    for number, chunk in enumerate(chunks):
        ended = reader.feed(chunk)
        if ended is not None:
            return (
                reader.fault,
                reader.octets() if reader.fault is None else b"",
                ended.rest + b"".join(chunks[number + 1 :]),
            )
    return None


TARGETS: Mapping[str, Callable[[bytes], None]] = {"mail": mail, "data": data, "dialogue": dialogue, "ingest": ingest}
