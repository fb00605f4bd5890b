"""The language of short texts."""

import pytest

from maild.triage import language
from tests.support.cost import costs_at_most


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hola, no funciona", "es"),
        ("La impresora no imprime", "es"),
        ("No puedo entrar", "es"),
        ("se cayo el servidor", "es"),
        ("olvidé mi contraseña", "es"),
        ("gracias", "es"),
        ("Hi, mi VPN no va", "es"),
        ("VPN no conecta", "es"),
        ("Teclado roto", "es"),
        ("help please", "en"),
        ("my vpn is down", "en"),
        ("I cannot log in", "en"),
        ("Thanks!", "en"),
        ("password reset", "en"),
        ("Broken laptop", "en"),
        ("hi, wifi not working in room 3", "en"),
        ("Bonjour, mon imprimante ne marche pas", "fr"),
        ("Hallo, mein Drucker geht nicht", "de"),
        ("Olá, não consigo entrar", "pt"),
        ("Ciao, non funziona", "it"),
        ("Hallo, mijn printer werkt niet", "nl"),
        ("Bon dia, la impressora no funciona, gràcies", "ca"),
    ],
)
def test_a_short_text_is_enough(text, code):
    assert language(text, "") == code


@pytest.mark.parametrize("text", ["", "ok", "VPN", "12345", "https://example.com/the/help", "ana@example.com", "漢字"])
def test_what_cannot_be_told_is_not_guessed(text):
    assert language(text, "") == ""


def test_the_subject_helps_and_weighs_less():
    assert language("VPN", "no puedo entrar") == "es"
    assert language("Hola, necesito ayuda con la factura", "Invoice for the order") == "es"


def test_a_very_long_text_costs_no_more_than_its_beginning():
    text = "hola, no funciona la impresora " * 200_000
    assert language(text, "") == "es"
    assert costs_at_most(50, lambda: language(text, ""))
