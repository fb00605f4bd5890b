"""Answers in the HTML of each client, in English and Spanish, alone and beside plain text: one file a client."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from maild.message.html import to_text
from maild.message.parse import parse

FILES = sorted((Path(__file__).parent / "data" / "html").glob("*.html"))


def _mail(html, text=None):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "eva@casa.example", "s@x.example", "Re: Avería"
    if text is None:
        mail.set_content(html, subtype="html")
    else:
        mail.set_content(text)
        mail.add_alternative(html, subtype="html")
    return parse(mail.as_bytes())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("is_alone", [True, False], ids=["alone", "beside"])
def test_what_she_wrote_now_is_told_from_what_her_client_added(file, is_alone):
    html = file.read_text(encoding="utf-8")
    message = _mail(html, None if is_alone else to_text(html))
    assert " ".join(message.new_text.split()) == "Sigue sin arrancar. ¿Podéis mirarlo?"
    assert "hemos cambiado" in message.quoted
