"""Tell a mail that only says thanks: it is recorded and changes nothing."""

import re

WORDS_MAX = 8

# Each word must be known, and one of them must thank. Phrases need no place here: words are enough.
_THANKS = """
    thanks thank thx thnx ty tks cheers appreciated
    gracias agradecido agradecida agradezco
    danke dankeschön merci obrigado obrigada grazie bedankt dank dankjewel gràcies mercès
"""
THANKS = frozenset(_THANKS.split())
COMPANY = {
    "en": """
        you u very much so a lot again all for your the help quick reply answer response support it that this works
        worked now fine perfect great excellent awesome super ok okay yes kind regards best have nice good day weekend
        many everything is to everyone team solved hi hello dear sir madam and bye
    """,
    "es": """
        muchas mil muchísimas muchisimas de nuevo otra vez por todo la el su tu vuestra vuestro ayuda rapidez respuesta
        pronta atención atencion funciona ya ahora perfecto genial estupendo excelente vale ok sí si un saludo saludos
        cordial buenos buenas días dias tardes buen día dia fin semana hola a todos equipo resuelto solucionado y os le
        les te muy amable amables igualmente cordiales abrazo
    """,
    "de": """
        vielen schön sehr herzlichen für die ihre hilfe schnelle antwort nochmals alles klar funktioniert jetzt grüße
        gruß mit freundlichen
    """,
    "fr": """
        beaucoup bien mille à vous pour votre aide réponse rapide encore parfait ça marche cordialement bonne journée
        bonjour
    """,
    "pt": "muito muita pela pelo sua ajuda resposta rápida perfeito bom dia abraço cumprimentos olá",
    "it": "mille molte tante per il suo la sua aiuto risposta rapida perfetto funziona ora saluti buona giornata",
    "nl": "je u wel hartelijk voor de uw snelle hulp reactie het werkt nu groeten met vriendelijke veel",
    "ca": "moltes per la vostra seva ajuda resposta perfecte ja funciona salutacions bon dia",
}
_KNOWN = THANKS.union(*(words.split() for words in COMPANY.values()))
# A capitalised word that is no name: with it a mail says more than thanks.
_NO_NAMES = """
    still not no but broken problem error urgent however wait stop cancel pero aún aun sigue todavía fallo falla
"""
_TROUBLE = frozenset(_NO_NAMES.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NAMES_MAX = 3  # Given name and two surnames, as Spaniards sign.


def is_thanks_only(text: str) -> bool:
    """Return whether a text says nothing but thanks: at most eight words, no question mark, no digit.

    A name may stand at the end ("Thanks, Ana"); any other word that is not on the lists says more than thanks.
    """
    if "?" in text or "¿" in text or re.search(r"\d", text):
        return False
    words = _WORD.findall(text)
    if not words or len(words) > WORDS_MAX:
        return False
    said = [word.lower() for word in _without_name(words)]
    return any(word in THANKS for word in said) and all(word in _KNOWN for word in said)


def _without_name(words: list[str]) -> list[str]:
    """Drop up to three capitalised unknown words from the end."""
    kept = list(words)
    while len(words) - len(kept) < _NAMES_MAX and len(kept) > 1 and _is_name(kept[-1]):
        kept.pop()
    return kept


def _is_name(word: str) -> bool:
    return word.istitle() and word.lower() not in _KNOWN and word.lower() not in _TROUBLE
