"""Invitations: a calendar part without words of its own is read."""

from maild.message.parse import parse

EVENT = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
DTSTART;TZID=Europe/Madrid:20261124T100000\r
DTEND:20261124T110000Z\r
SUMMARY:Reunión sobre la impre\r
 sora\\, planta 2\r
LOCATION:Sala 2\r
END:VEVENT\r
END:VCALENDAR\r
"""


def invitation(body: str = "") -> bytes:
    words = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n" if body else ""
    return (
        "From: marta@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        f"{words}--b\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n{EVENT}--b--\r\n"
    ).encode()


def test_an_invitation_without_words_says_what_when_and_where():
    message = parse(invitation())
    assert message.text.splitlines() == [
        "Reunión sobre la impresora, planta 2",
        "2026-11-24 10:00",
        "2026-11-24 11:00 UTC",
        "Sala 2",
    ]
    assert [a.content_type for a in message.attachments] == ["text/calendar"]


def test_words_beside_an_invitation_go_before_it():
    assert parse(invitation("Nos vemos.")).text.strip() == "Nos vemos."


def test_a_mail_that_is_nothing_but_a_calendar_is_read_too():
    message = parse(f"From: a@b.example\r\nContent-Type: text/calendar; charset=utf-8\r\n\r\n{EVENT}".encode())
    assert "Sala 2" in message.text
