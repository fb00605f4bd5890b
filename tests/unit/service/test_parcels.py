"""What goes to the children and back arrives as it was, and none of it is packed by loops."""

import os
import pickle
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from multiprocessing import Pipe
from threading import Thread

import pytest

from maild.base.limits import DEFAULT_LIMITS
from maild.base.words import DoorName
from maild.desk.effects import Decision
from maild.message.envelope import Envelope
from maild.notice.catalogue import CATALOGUE
from maild.notice.samples import sample
from maild.service.composer import Order
from maild.service.parcels import PACKED, send, take
from maild.service.reading import read
from maild.triage.model import OwnMarks

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MAIL = (
    b"From: Marta <marta@example.org>\r\nTo: support@example.com\r\nSubject: Printer\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt is out of paper.\r\n'
    b"\r\nOn 3 May 2026 at 10:30, Ana wrote:\r\n> Is there paper?\r\n--b\r\nContent-Type: application/pdf\r\n"
    b'Content-Disposition: attachment; filename="a.pdf"\r\n\r\n%PDF\r\n--b--\r\n'
)


def a_reading():
    own = OwnMarks(frozenset(), "desk.example.com", "desk", frozenset())
    return read(MAIL, Envelope(DoorName.SMTP, NOW, "marta@example.org"), own, DEFAULT_LIMITS)


def kinds_in(value: object) -> Iterator[type]:
    if is_dataclass(value):
        yield type(value)
        value = [getattr(value, each.name) for each in fields(value)]
    if isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from kinds_in(each)


def test_a_mail_that_was_read_arrives_as_it_was():
    ours, theirs = Pipe()
    reading = a_reading()
    send(theirs, reading)
    assert ours.recv() == reading
    assert set(kinds_in(reading)) <= set(PACKED)


@pytest.mark.parametrize("template", sorted(CATALOGUE))
def test_the_order_of_a_mail_arrives_as_it_was(template):
    order = Order(Decision("e1", notices=(sample(template, "en"),)), NOW)
    assert pickle.loads(pickle.dumps(order)) == order
    assert set(kinds_in(order)) - {Order} <= set(PACKED)


@pytest.mark.parametrize("size", [0, 100, 64 * 1024 - 20, 64 * 1024, 3_000_000])
def test_a_parcel_of_any_size_arrives_whole(size):
    ours, theirs = Pipe()
    text = "x" * size
    sender = Thread(target=send, args=(theirs, text))
    sender.start()
    assert take(ours) == text
    sender.join()
    send(ours, text[:100])
    assert theirs.recv() == text[:100]


def test_the_end_of_a_pipe_is_told_from_half_a_parcel():
    ours, theirs = Pipe()
    theirs.close()
    with pytest.raises(EOFError):
        take(ours)
    ours, theirs = Pipe()
    os.write(theirs.fileno(), b"\0\0\0\x09half")
    theirs.close()
    with pytest.raises(OSError, match="end of file"):
        take(ours)
