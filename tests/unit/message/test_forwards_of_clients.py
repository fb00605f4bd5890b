"""What each client prints above a mail that it forwards, in many languages; and answers that look like forwards."""

import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from maild.message.parse import parse

ROWS = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "forwards.jsonl").read_text("utf-8").splitlines()
]
BODY = "Buenas tardes:\n\nla caldera no arranca.\n\nUn saludo\nLuis"
BLOCK = (
    "________________________________\nDe: Luis Gil <luis@taller.example>\n"
    "Enviado: martes, 26 de octubre de 2021 14:25\nPara: eva@casa.example <eva@casa.example>\nAsunto: Avería\n\n"
)
OLD_BLOCK = BLOCK.replace("_" * 32, "-----Mensaje original-----")
UNKNOWN = (
    "-------- Alkotra wemo --------\nSubjo: Avería\nDato: Tue, 26 Oct 2021 14:25:08 +0200\n"
    "Elo: Luis <luis@taller.example>\nAlo: eva@casa.example\n\n"
)


def _read(text, subject):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "eva@casa.example", "s@x.example", subject
    mail.set_content(text)
    return parse(mail.as_bytes())


@pytest.mark.parametrize("comment", ["", "Os paso este correo, ¿lo miráis?\n\n"], ids=["bare", "commented"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["client"])
def test_the_mail_inside_is_told_from_the_words_above_it(row, comment):
    body = BODY.replace("\n", "\n> ") if row["above"].endswith("> ") else BODY
    forwarded = _read(f"{comment}{row['above']}{body}\n", row["subject"]).forwarded
    assert forwarded is not None
    assert forwarded.from_.address == "luis@taller.example"
    assert forwarded.from_.name in ("Luis Gil", "")
    assert forwarded.subject == "Avería"
    assert forwarded.text.split() == BODY.split()
    assert forwarded.comment.startswith(comment.strip())
    assert "Luis" not in forwarded.comment


@pytest.mark.parametrize("block", [BLOCK, OLD_BLOCK, UNKNOWN], ids=["rule", "words", "unknown"])
def test_a_forward_without_its_sign_is_one_when_nothing_stands_above(block):
    forwarded = _read(block + BODY, "Avería").forwarded
    assert forwarded is not None
    assert forwarded.from_.address == "luis@taller.example"


@pytest.mark.parametrize("words", ["FYI", "Te reenvío el correo del cliente.", "Forwarding this to you."])
@pytest.mark.parametrize("block", [BLOCK, OLD_BLOCK], ids=["rule", "words"])
def test_a_forward_without_its_sign_is_one_when_its_sender_says_so(words, block):
    assert _read(f"{words}\n{block}{BODY}", "Avería").forwarded is not None


@pytest.mark.parametrize("subject", ["Avería", "RE: Avería"])
@pytest.mark.parametrize("block", [BLOCK, OLD_BLOCK, UNKNOWN], ids=["rule", "words", "unknown"])
def test_an_answer_above_such_words_is_no_forward(subject, block):
    message = _read(f"Gracias, ya va.\n\n{block}{BODY}", subject)
    assert message.forwarded is None
    assert message.new_text == "Gracias, ya va."


@pytest.mark.parametrize(
    "text",
    [
        "De: Luis <luis@taller.example>\nFecha: 26/10/2021 14:25\nAsunto: Avería\nMensaje: no va",
        "Mensaje reenviado por mi jefe: mire esto.",
        "-- reenviado --",
        "----- Pedido -----\nNombre: Ana\nCorreo: ana@casa.example\nTalla: 38\n\nGracias",
    ],
)
def test_a_form_or_a_sentence_is_no_forward(text):
    message = _read(text, "Consulta")
    assert message.forwarded is None
    assert message.new_text.strip() == text
