"""A mail that only says thanks."""

import pytest

from maild.triage import is_thanks_only


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "thank you very much",
        "Thanks, it works now!",
        "Many thanks for your quick help.",
        "Gracias",
        "¡Muchas gracias!",
        "Mil gracias por la ayuda",
        "Gracias, ya funciona. Un saludo",
        "Thanks,\nAna",
        "Muchas gracias\nMarta López Ruiz",
        "Vielen Dank!",
        "Merci beaucoup",
        "Obrigado",
        "Grazie mille",
    ],
)
def test_thanks_and_nothing_else(text):
    assert is_thanks_only(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "ok",
        "Thanks, but it does not work",
        "Thanks, does it work now?",
        "Gracias, ¿y la otra",
        "Gracias pero sigue igual",
        "Thanks. Still Broken",
        "Thanks, please close 2 tickets",
        "Thank you very much for all your help again thanks",
        "Thanks, Ana Maria Lopez Ruiz",
        "Ana",
    ],
)
def test_anything_more_is_a_persons_word(text):
    assert not is_thanks_only(text)
