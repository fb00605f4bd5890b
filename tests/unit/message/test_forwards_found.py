"""Which mail was forwarded: as an attachment, or in the words of each client and language."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message import forwards
from maild.message.languages import LANGUAGES
from maild.message.model import Address, Message
from tests.support.cost import costs_at_most

INNER = "Buenas tardes:\n\nno arranca.\n\nUn saludo\nEva"
EVA = Address("Eva Soler", "eva@casa.example")


def _rows():
    rows = []
    for language in LANGUAGES:
        names = {
            kind: getattr(language, kind).split("|")[0]
            for kind in ("from_", "date", "to", "cc", "subject", "forwarded")
        }
        rows.append(pytest.param(names, id=language.code))
    return rows


def _is_eva(found, comment="Mira esto."):
    assert found is not None
    assert (found.from_, found.subject, found.comment) == (EVA, "La avería", comment)
    assert "".join(found.text.split()) == "".join(INNER.split())


@pytest.mark.parametrize("w", _rows())
def test_gmail_in_each_language(w):
    text = (
        f"Mira esto.\n\n---------- {w['forwarded']} ---------\n{w['from_']}: Eva Soler <eva@casa.example>\n"
        f"Date: mié, 27 oct 2021 a las 9:31\nSubject: La avería\nTo: <taller@norte.example>\n\n\n{INNER}\n"
    )
    _is_eva(forwards.find(text, None, "Fwd: La avería", None))


@pytest.mark.parametrize("w", _rows())
def test_apple_mail_in_each_language(w):
    quoted = "\n".join(f"> {line}" for line in INNER.split("\n"))
    text = (
        f"Mira esto.\n\n{w['forwarded']}:\n\n> {w['from_']}: Eva Soler <eva@casa.example>\n"
        f"> {w['subject']}: La avería\n"
        f"> {w['date']}: 26 oct 2021 14:25:08 CEST\n> {w['to']}: taller@norte.example\n> \n{quoted}"
    )
    _is_eva(forwards.find(text, None, "Fwd: La avería", None))


@pytest.mark.parametrize("w", _rows())
def test_thunderbird_in_each_language(w):
    text = (
        f"Mira esto.\n\n-------- {w['forwarded']} --------\n{w['subject']}: \tLa avería\n"
        f"{w['date']}: \tWed, 3 Nov 2021 15:51:30 +0100\n{w['from_']}: \tEva Soler <eva@casa.example>\n"
        f"{w['to']}: \ttaller@norte.example\n{w['cc']}: \tW <w@norte.example>\n\n\n\n{INNER}"
    )
    _is_eva(forwards.find(text, None, "Fwd: La avería", None))


@pytest.mark.parametrize("w", _rows())
def test_yahoo_with_its_fields_on_one_line_in_each_language(w):
    text = (
        f"Mira esto.\n\n   ----- {w['forwarded']} ----- {w['from_']}: Eva Soler <eva@casa.example>"
        f'{w["to"]}: "t@norte.example" <t@norte.example>{w["cc"]}: W <w@n.example>; V <v@n.example>'
        f"{w['date']}: martes 2 2021, 09:26:50 CET{w['subject']}: La avería\n {INNER}"
    )
    _is_eva(forwards.find(text, None, "Fw: La avería", None))


@pytest.mark.parametrize("w", _rows())
@pytest.mark.parametrize("rule", ["________________________________\n", ""], ids=["rule", "bare"])
def test_outlook_in_each_language(w, rule):
    text = (
        f"Mira esto.\n\n{rule}{w['from_']}: Eva Soler <eva@casa.example>\n{w['date']}: 26 10 2021 14:25\n"
        f"{w['to']}: taller@norte.example <taller@norte.example>\n{w['subject']}: La avería\n\n{INNER}"
    )
    _is_eva(forwards.find(text, None, "RV: La avería", None))
    assert forwards.find(text, None, "RE: La avería", None) is None
    assert forwards.find(text, None, "Otra cosa", None) is None


@pytest.mark.parametrize(
    "introduction",
    [
        'El 28/10/2021, 12:46, "Eva Soler" <eva@casa.example> escribió:',
        'On 28/10/2021, 12:46, "Eva Soler" <eva@casa.example> wrote:',
        'Am 28.10.21, 12:46 schrieb "Eva Soler" <eva@casa.example>:',
        "Le 28/10/2021 12:46, « Eva Soler » <eva@casa.example> a écrit :",
        "28/10/2021 12:46 időpontban Eva Soler <eva@casa.example> ezt írta:",
        '"Eva Soler" <eva@casa.example>, 28/10/2021 12:46 tarihinde şunu yazdı:',
        "Eva Soler <eva@casa.example> kirjoitti 28/10/2021 12.46:",
    ],
)
def test_outlook_for_mac_that_prints_no_fields(introduction):
    indented = "\n".join(f"    {line}" for line in INNER.split("\n"))
    _is_eva(forwards.find(f"{introduction}\n\n{indented}\n", None, "FW: La avería", None), comment="")


@pytest.mark.parametrize(
    "sender",
    [
        "Eva Soler [mailto:eva@casa.example]",
        '"Eva Soler" <eva@casa.example>',
        "Eva Soler<mailto:eva@casa.example> <eva@casa.example<mailto:eva@casa.example>> on behalf of desk@casa.example",
        "'Eva Soler' (mailto:eva@casa.example)",
        "*Eva Soler* <eva@casa.example>",
        "Eva Soler\n <eva@casa.example>",
    ],
)
def test_the_sender_however_the_client_prints_her(sender):
    text = (
        f"-----Mensaje original-----\nDe: {sender}\nEnviado el: martes 26 10 2021 14:25\nAsunto: La avería\n\n{INNER}"
    )
    _is_eva(forwards.find(text, None, "RV: La avería", None), comment="")


def test_a_subject_that_the_client_wrapped():
    text = (
        "---------- Forwarded message ---------\nFrom: e@casa.example\nSubject: a long\nsubject\nTo: t@n.example\n\nHi"
    )
    assert forwards.find(text, None, "Fwd: x", None).subject == "a long subject"


def test_yahoo_in_portuguese_that_forgets_the_colon_of_the_subject():
    text = (
        "   ----- Mensagem encaminhada ----- De: Eva Soler <eva@casa.example>Para: T <t@n.example>"
        "Enviado: terça-feira, 2 de novembro de 2021, 09:26:50 CETAssunto La avería\n " + INNER
    )
    _is_eva(forwards.find(text, None, "Enc: La avería", None), comment="")


def test_two_fields_on_one_line_of_the_block():
    text = (
        "-------- Message d'origine --------\nDe : Eva Soler <eva@casa.example>\nDate : 23/06/24  10:46  (GMT+01:00)\n"
        "À : t@n.example Objet : La avería\n\n" + INNER
    )
    _is_eva(forwards.find(text, None, "TR: La avería", None), comment="")


def test_samsung_with_its_fields_on_one_line():
    text = (
        "Mira esto.\n\n-------- Mensaje original --------De: Eva Soler <eva@casa.example> Fecha: 26/10/21  14:25 "
        "A: T <t@n.example> Asunto: La avería \n" + INNER
    )
    _is_eva(forwards.find(text, None, "RV: La avería", None))


def test_a_mail_forwarded_as_an_attachment():
    inner = Message(
        sha256="", content_hash="", size=1, from_=(EVA,), subject="La avería", text="no arranca",
        date=datetime(2026, 3, 24, 10, 2, tzinfo=UTC),
    )  # fmt: skip
    found = forwards.find("Mira esto.\n", None, "Fwd: La avería", inner)
    assert (found.from_, found.subject, found.text, found.comment) == (EVA, "La avería", "no arranca", "Mira esto.")
    assert found.date == "2026-03-24T10:02:00+00:00"


def test_the_fields_are_read_from_the_html_where_the_plain_part_lost_them():
    html = "<p>Mira</p><p>De: Eva &lt;eva@casa.example&gt;<br>Enviado: 24/3/2026 10:02<br>Asunto: Hola</p><p>texto</p>"
    found = forwards.find("Mira\n\ntexto", html, "RV: Hola", None)
    assert (found.from_.address, found.subject, found.text) == ("eva@casa.example", "Hola", "texto")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: x", "Vale.\n\nOn Mar 8, 2012 9:59 AM, E <e@c.example> wrote:\n"
            "> ---- Forwarded message ----\n> From: a@b.example"),
        ("Re: x", "Vale.\n\n-----Mensaje original-----\nMira\n\n"
            "---- Mensaje reenviado ----\nDe: a@b.example\nAsunto: y"),
        ("Fwd: x", "El mensaje reenviado no se lee."),
        ("x", "Mensaje reenviado:\n\nno sé qué hacer con él"),
        ("x", "Reenviado por Ana\nDe: acuerdo"),
        ("Fwd: x", "De: Madrid\nPara: Barcelona\nFecha: mañana"),
        ("VS: x", "Kiitos.\n\nLähettäjä: Eva <e@c.example>\nLähetetty: 24.3.2026 10.02\nAihe: x\n\nhei"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_no_forward(subject, text):
    assert forwards.find(text, None, subject, None) is None


@settings(max_examples=100)
@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_gives_an_answer(text, subject):
    for head in ("", "---------- Forwarded message ---------\nFrom: ", "De: a@b.example\nAsunto: "):
        found = forwards.find(head + text, None, f"Fwd: {subject}", None)
        assert found is None or found.text in head + text or "\n" in text or "\r" in text


@pytest.mark.parametrize(
    "text",
    [
        "---- Forwarded message ----\n" * 35_000,
        "From: a\n" * 120_000,
        "De: a " * 160_000,
        "-" * 1_000_000,
        "> \n" * 300_000,
    ],
    ids=["separators", "fields", "labels", "rule", "quotes"],
)
def test_a_million_signs_of_anything_take_a_moment(text):
    assert costs_at_most(200, lambda: forwards.find(text, None, "Fwd: x", None))
