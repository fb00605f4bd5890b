"""Tell the language of a text from its small words and letters; good from two words on."""

import re
from collections import Counter, defaultdict
from functools import lru_cache

from maild.triage import model_of_languages as model

CHARACTERS_MAX = 1200  # Some two hundred words; more text does not change the answer.
SCORE_MIN = 0.6  # Less is no more than one word that many languages share.
SUBJECT_SHARE = 0.5  # A subject is often copied from elsewhere, so it counts half.

# Words that are frequent in help-desk mail and rare in the other languages. A word in several lists counts for each.
WORDS: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "es": """
            el la los las un una unos unas de del al y o que no es en por para con sin se me te le lo mi tu su nos hola
            buenos buenas días dias tardes noches gracias saludos favor puedo puede pueden puedes podéis tengo tiene
            tenemos quiero quisiera necesito necesitamos ayuda problema contraseña correo factura pedido cuenta usuario
            ordenador impresora funciona sigue está esta estoy este esto eso muy más mas pero como cómo cuando cuándo
            donde dónde qué quién porque desde hasta hace hoy ayer mañana también todavía aún ya sí si he ha hemos han
            ser estar hacer ver urgente adjunto envío envio respuesta consulta solicitud pantalla reunión nada
            algo todo todos otra otro nuevo nueva acceso cambiar cordial saludo estimado estimada estimados señor
            va van imprime instalar teclado ratón roto rota baja alta carpeta bloqueado bloqueada conecta
            conexión entrar servidor portátil llega sale sigue fallo resuelto cerrar abrir borrar olvidé
        """,
        "en": """
            the a an of and or to in is it that this for with on not be are was were i you he she we they my your our
            their have has had do does did can could would should will please thanks thank hello hi hey dear regards
            help need want problem issue password account order invoice printer work works working broken doesn't don't
            can't cannot isn't from by at as but if when how what why who where there here any some all more new just
            again still get got see sent send reply question request urgent attached access change screen login
            yes no me us am been best kind morning afternoon since after before because install broken
            keyboard mouse laptop unsubscribe connect folder locked print fixed down close open delete forgot wrong
        """,
        "fr": """
            le la les un une des du de et ou que qui ne pas est en pour avec sans sur dans ce cette ces je tu il elle
            nous vous ils mon ma mes votre vos notre bonjour bonsoir merci cordialement salutations svp aide besoin
            problème mot passe compte facture commande imprimante fonctionne marche plus mais comme quand où comment
            pourquoi depuis j'ai n'est c'est suis sont avez avons peut pouvez voudrais demande pièce jointe aujourd'hui
            hier demain toujours encore très bien s'il plaît erreur écran
        """,
        "de": """
            der die das den dem des ein eine einen einem einer und oder nicht ist sind war in im für mit ohne auf von
            zu zum zur bei aus ich du er sie wir ihr mein meine ihre unser hallo guten tag morgen danke vielen dank
            grüße gruß freundlichen bitte hilfe brauche problem passwort konto rechnung bestellung drucker funktioniert
            geht mehr aber wie wann wo warum was seit habe hat haben kann können möchte werden wird noch sehr auch dass
            wenn keine kein fehler anbei heute gestern schon mich mir uns
        """,
        "pt": """
            o os as um uma uns umas de do da dos das no na nos nas e ou que não é em por para com sem se me lhe meu
            minha seu sua olá oi bom dia boa tarde noite obrigado obrigada cumprimentos atenciosamente ajuda preciso
            problema senha conta fatura pedido impressora funciona mais mas como quando onde porquê desde tenho tem
            temos posso pode podem gostaria quero está estou isto isso este esta muito também ainda já hoje ontem
            amanhã anexo ao à são foi erro você vocês favor abraço
        """,
        "it": """
            il lo la i gli le un uno una di del della dei delle e o che non è in per con senza su nel nella al alla si
            mi ti ci mio mia suo sua ciao salve buongiorno buonasera grazie saluti cordiali aiuto bisogno problema
            password conto fattura ordine stampante funziona più ma come quando dove perché da dal ho ha abbiamo posso
            può potete vorrei sono siamo questo questa molto anche ancora già oggi ieri domani allegato errore ed
        """,
        "nl": """
            de het een en of van niet is in op voor met zonder aan bij uit ik je jij u hij zij wij we mijn uw onze hallo
            goedemorgen goedemiddag dag dank bedankt vriendelijke groet groeten alstublieft graag hulp nodig probleem
            wachtwoord account factuur bestelling printer werkt meer maar hoe wanneer waar waarom wat sinds heb heeft
            hebben kan kunnen zou wil worden wordt nog zeer ook dat als geen fout bijlage vandaag gisteren morgen naar
            er deze dit mij ons
        """,
        "ca": """
            el la els les un una uns unes de del dels al als i o que no és en per amb sense es em et li meu meva seu
            seva hola bon dia bona tarda gràcies merci salutacions ajuda puc pot poden tinc té tenim vull voldria
            necessito problema contrasenya correu factura comanda compte impressora funciona més però com quan on
            què perquè des avui ahir demà també encara ja està estic això aquest aquesta aquests molt si us plau ha
            han hem fer adjunt resposta res tot tots va lent l'ordinador ordinador
        """,
    }.items()
}
OWN_LANGUAGES = ("es", "en")
SURE_SCORE = 3.0  # Three words of its own: nobody else need be asked.
# Scripts by the language that people write us in with them, and the share of the letters that says so. Japanese stands
# before Chinese, whose signs it uses too.
SCRIPTS: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    ("ja", 0.15, re.compile(r"[\u3040-\u30ff]")),
    ("ko", 0.4, re.compile(r"[\uac00-\ud7a3]")),
    ("zh", 0.4, re.compile(r"[\u4e00-\u9fff]")),
    ("el", 0.5, re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("he", 0.5, re.compile(r"[\u05d0-\u05ea]")),
    ("ar", 0.5, re.compile(r"[\u0620-\u064a]")),
    ("th", 0.3, re.compile(r"[\u0e01-\u0e3a]")),
    ("ru", 0.5, re.compile(r"[\u0400-\u04ff]")),
)
SCRIPT_LETTERS_MIN = 4  # A word; two signs may be anybody's.
UKRAINIAN = re.compile(r"[іїєґ]", re.IGNORECASE)  # letters that Russian lacks
_HAVING: dict[str, tuple[str, ...]] = {
    word: tuple(code for code, words in WORDS.items() if word in words) for word in frozenset().union(*WORDS.values())
}
# Letters and pairs that one or two languages have and the others lack; none reaches beyond a blank.
LETTERS: tuple[tuple[re.Pattern[str], dict[str, float]], ...] = tuple(
    (re.compile(pattern), weights)
    for pattern, weights in (
        (r"ñ|¿|¡", {"es": 2.0}),
        (r"ción\b|ciones\b|(?<=\w)dad\b|(?<=\w)[ií]as?\b", {"es": 0.7}),
        (r"ção\b|ções\b|ã|õ|lh[aeo]|nh[aeo]", {"pt": 1.0}),
        (r"ß|\bsch|cht\b|ung\b|[äöü]", {"de": 0.8}),
        (r"l·l|ç\b|\bl'|\bd'|ció\b|ny\b", {"ca": 0.6}),
        (r"[èêëîœ]|eux\b|\b[ldjncs]['’]|\bqu['’]", {"fr": 0.6}),
        (r"zion[ei]\b|\bdell['’]|\bgli\b|[àòù]\b", {"it": 0.8}),
        (r"ij|aa|oe\b|\bge\w+d\b", {"nl": 0.4}),
        (r"\bth|ing\b|'(?:t|m|re|ve|s)\b|ould\b|\bwh", {"en": 0.5}),
    )
)
_CATALAN = "però"
_CATALAN_PAIR, _PAIR_POINTS = re.compile(rf"\bque\b.*\b{_CATALAN}\b"), 0.6
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOT_WORDS = re.compile(r"https?://\S+|\S+@\S+|[\w/\\.-]+\.[a-z]{2,4}\b")


def language(text: str, subject: str) -> str:
    """Return the code of the language ("es", "en", "fr", "de", "pt", "it", "nl", "ca"), or "" when it cannot be told.

    `text` are the new words without quotes; the subject is asked with half the weight.
    """
    script = _by_script(text[:CHARACTERS_MAX])
    if script:
        return script
    scores = _scores(text)
    for code, score in _scores(subject).items():
        scores[code] += score * SUBJECT_SHARE
    # The order of WORDS breaks a tie: the desk's own languages before their neighbours.
    best = max(WORDS, key=lambda code: scores.get(code, 0.0))
    own = best if scores.get(best, 0.0) >= SCORE_MIN else ""
    if own in OWN_LANGUAGES and scores[own] >= SURE_SCORE:
        return own
    told = model.ask(text[:CHARACTERS_MAX])
    return told if told and (not own or told not in WORDS) else own


def _by_script(text: str) -> str:
    """Return the language of which nearly all letters are, where a script has one language that people write us in."""
    if text.isascii():
        return ""
    letters = sum(map(str.isalpha, text))
    for code, share, pattern in SCRIPTS if letters >= SCRIPT_LETTERS_MIN else ():
        if len(pattern.findall(text)) > share * letters:
            return "uk" if code == "ru" and UKRAINIAN.search(text) else code
    return ""


def _scores(text: str) -> dict[str, float]:
    """Points of each language; a word that several languages share is split among them."""
    said = text[:CHARACTERS_MAX].lower()
    scores = dict.fromkeys(WORDS, 0.0)
    for word, times in Counter(said.split()).items():
        if word.isascii() and not word.islower():  # figures and signs: every mail has others, which fill the cache
            continue
        for code, points in _points(word):
            scores[code] += times * points
    if _CATALAN in said:
        scores["ca"] += _PAIR_POINTS * len(_CATALAN_PAIR.findall(said))
    return {code: round(points, 6) for code, points in scores.items()}  # in whatever order they were added


@lru_cache(maxsize=4096)  # People say the same few words again and again; a pattern for each costs far more.
def _points(word: str) -> tuple[tuple[str, float], ...]:
    """Return the points that a word gives, as it stands between blanks; addresses and names of files give none."""
    plain = _NOT_WORDS.sub(" ", word)
    points: defaultdict[str, float] = defaultdict(float)
    for each in _WORD.findall(plain.replace("’", "'")):
        having = _HAVING.get(each, ())
        for code in having:
            points[code] += 2.0 / (1 + len(having))
    for pattern, weights in LETTERS:
        seen = len(pattern.findall(plain))
        for code, weight in weights.items() if seen else ():
            points[code] += seen * weight
    return tuple(points.items())
