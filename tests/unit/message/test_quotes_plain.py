"""What is new in a plain mail: Spanish and English clients, and the traps in which nothing may be cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message import quotes
from maild.message.model import Message, Span
from tests.support.cost import costs_at_most

OWN = "Sigue sin arrancar tras el cambio.\n¿Podéis mirarlo?"
QUOTED = "> Buenas tardes:\n> \n> hemos cambiado la pieza.\n"
BARE = "Buenas tardes:\n\nhemos cambiado la pieza.\n"

SPANISH = [
    "El mar, 24 mar 2025 a las 11:02, Taller Norte (<taller@norte.example>) escribió:",
    "El mar, 24 mar 2025 a las 11:02, Taller Norte (<taller@norte.example>) escribio:",
    "El mar, 24 mar 2025 a las 11:02, Taller Norte (<taller@norte.example>) escribi\ufffd:",
    "-------- Mensaje original --------De: Taller <t@norte.example> Fecha: 26/10/21  14:25  (GMT+01:00) "
    "A: Eva <eva@casa.example> Asunto: Re: Avería ",
    "El lun, 26 feb 2024 a la(s) 9:22\u202fp.\u00a0m., Taller Norte <taller@norte.example> escribió:",
    "El lun, 26 feb 2024 a la(s) 9:22\u202fp.\u202fm., Taller Norte (\ntaller@norte.example) escribió:",
    "El lun., 26 feb. 2024 a las 21:22, Taller Norte\n(<taller@norte.example>) escribió:",
    "El lun., 26 feb. 2024 a las 21:22, Taller Norte (<taller@norte.example>)\nescribió:",
    "El 26 oct 2021, a las 14:25, Taller Norte <taller@norte.example> escribió:",
    "El 26 oct 2021, a las 14:25, Taller Norte\n<taller@norte.example> escribió:",
    "El 26/10/21 a las 14:25, Taller Norte escribió:",
    "El martes, 26 de octubre de 2021 14:25:08 CEST, Taller Norte <taller@norte.example> escribió:",
    "  El martes, 26 de octubre de 2021, 02:25:08 p. m. GMT-5, Taller\n<taller@norte.example> escribió:",
    "El 2021-10-26 14:25, Taller Norte escribió:",
    "El 26 de octubre de 2021 14:25:08 CEST, Taller Norte <taller@norte.example> escribió:",
    "El martes, 26 de octubre de 2021 a las 14:25, Taller <taller@norte.example> escribió:",
    "---- El mar, 26 oct 2021 14:25:08 +0200 Taller <taller@norte.example> escribió ----",
    "-------- Mensaje original --------\nDe: Taller <taller@norte.example>\nFecha: 26/10/21 14:25 (GMT+01:00)\n"
    "A: Eva <eva@casa.example>\nAsunto: Re: Avería",
    "-----Mensaje original-----\nDe: Taller [mailto:taller@norte.example]\n"
    "Enviado el: martes, 26 de octubre de 2021 14:25\nPara: Eva\nCC: Luis\nAsunto: RE: Avería",
    "________________________________\nDe: Taller <taller@norte.example>\n"
    "Enviado: martes, 26 de octubre de 2021 14:25\nPara: Eva <eva@casa.example>\nAsunto: Re: Avería",
    "De: Taller Norte\nEnviado el: martes, 26 de octubre de 2021 14:25\nPara: Eva\nAsunto: RE: Avería",
    'De: "Taller" <taller@norte.example>\nPara: "Eva" <eva@casa.example>, "Luis" <luis@casa.example>,\n'
    ' "Ana" <ana@casa.example>\nEnviados: Martes, 26 de Octubre 2021 14:25:08\nAsunto: Re: Avería',
]
ENGLISH = [
    "On Tue, Oct 26, 2021 at 2:25 PM North Garage <garage@north.example> wrote:",
    "On Tue, Oct 26, 2021 at 2:25\u202fPM North Garage <\ngarage@north.example> wrote:",
    "On Oct 26, 2021, at 2:25 PM, North Garage <garage@north.example>\nwrote:",
    "On 26/10/2021 14:25, North Garage wrote:",
    "On Tuesday, 26 October 2021 at 14:25:08 CEST, North Garage <garage@north.example> wrote:",
    "On Tuesday, October 26th, 2021 at 2:25 PM, North Garage <garage@north.example> wrote:",
    "2021-10-26 14:25 GMT+02:00 North Garage <garage@north.example>:",
    "-----Original Message-----\nFrom: North Garage\nSent: Tuesday, October 26, 2021 2:25 PM\nTo: Eva\nSubject: RE: x",
    "________________________________\nFrom: North Garage <garage@north.example>\n"
    "Sent: Tuesday, October 26, 2021 2:25 PM\nTo: Eva <eva@home.example>\nSubject: Re: Fault",
    "*From:* North Garage <garage@north.example>\n*Sent:* Tuesday, October 26, 2021 2:25 PM\n"
    "*To:* Eva <eva@home.example>\n*Subject:* Re: Fault",
    "From:        North Garage/Sales/NORTH\nTo:        Eva/Office/HOME@HOME\nDate:        26/10/2021 14:25\n"
    "Subject:        Re: Fault",
    "------- Original Message -------",
    quotes.REPLY_LINE["en"],
    quotes.REPLY_LINE["es"],
]
OTHERS = [
    "Am Mi., 27. Okt. 2021 um 09:31 Uhr schrieb Nord <nord@werk.example>:",
    "Am 26.10.21 um 14:25 schrieb Nord:",
    "Le mer. 27 oct. 2021 à 09:31, Nord <nord@atelier.example> a écrit :",
    "Il giorno mer 27 ott 2021 alle ore 09:31 Nord <nord@officina.example> ha scritto:",
    "Em qua., 27 de out. de 2021 às 09:31, Norte <norte@oficina.example> escreveu:",
    "Op wo 27 okt. 2021 om 09:31 schreef Noord <noord@garage.example>:",
    "śr., 27 paź 2021 o 09:31 Północ <polnoc@warsztat.example> napisał(a):",
    "ср, 27 окт. 2021 г. в 09:31, Север <sever@garazh.example>:",
    "ke 27. lokak. 2021 klo 9.31 Pohjoinen (<pohjoinen@paja.example>) kirjoitti:",
    "Észak <eszak@muhely.example> ezt írta (időpont: 2021. okt. 27., Sze, 9:31):",
    "Kuzey <kuzey@garaj.example>, 27 Eki 2021 Çar, 09:31 tarihinde şunu yazdı:",
    "2021年10月27日(水) 9:31 北 <kita@garage.example>:",
    "北 <bei@garage.example> 于2021年10月27日周三 上午9:31写道：",
    "\u202bבתאריך יום ד׳, 27 באוק׳ 2021 ב-9:31 מאת \u202aצפון\u202c\u200f"
    " <\u202atsafon@musach.example\u202c\u200f>:\u202c",
]


def _read(text, subject="Re: Avería", html=None, only=False):
    text, spans = quotes.partition(text, html, subject=subject, is_html_only=only)
    assert "".join(text[span.start : span.end] for span in spans) == text
    return Message(sha256="", content_hash="", size=0, text=text, spans=spans)


@pytest.mark.parametrize("quote", [QUOTED, BARE], ids=["marked", "bare"])
@pytest.mark.parametrize("introduction", SPANISH + ENGLISH + OTHERS)
def test_an_answer_above_the_quote_is_all_that_is_new(introduction, quote):
    message = _read(f"{OWN}\n\n{introduction}\n\n{quote}")
    assert message.new_text == OWN
    assert "hemos cambiado" in message.quoted


@pytest.mark.parametrize("introduction", [words for words in SPANISH + ENGLISH if "Mensaje" not in words])
def test_no_blank_line_is_needed_above_the_introduction(introduction):
    assert _read(f"{OWN}\n{introduction}\n{QUOTED}").new_text == OWN


@pytest.mark.parametrize(
    "words",
    [
        "El martes Juan escribió: que no funciona",
        "El martes Juan escribió:\nque no funciona\ny que lo miréis hoy",
        "El 24 de marzo me escribió:\nno funciona",
        "El 3/5/2024 a las 10:30 el cliente escribió:\nno funciona",
        "Como escribió Ana el 3/4/2024 a las 10:00: no funciona",
        "El 3 de mayo de 2024 escribí a taller@norte.example y me respondieron:\nque ya estaba",
        "De: Madrid\nPara: Barcelona\nFecha: 12/03/2025\nNecesito cambiar el billete.",
        "De: Juan\nAsunto: no funciona\nMensaje: hola",
        "Hola:\n\nFecha: 3/5/2024 10:30\nPara: 2 personas\nAsunto: reserva",
        "Fecha: 12/03/2025\nHora: 10:00\nLugar: Madrid",
        "Enviado desde mi casa, el paquete no llega.",
        "El pedido fue enviado el lunes.\nEnviado el: lunes\nRecibido el: martes",
        "No me llega el correo:\nDe: pagos@tienda.example\nAsunto: Factura\n¿Lo habéis enviado?",
        "Postfix dice:\n<ana@casa.example>: host mail.casa.example[192.0.2.78] said:\n550 no user\n¿Qué hago?",
        "Mensaje original en papel, sin firma",
        "Reenviado por mi jefe: mire esto.",
        "On Monday Bob wrote: it fails",
        "On Monday Bob wrote:\nit fails\nwhat now?",
        "On your machine you can run:\n\n    telnet localhost 25\n\nand it should answer.",
        "From: Madrid\nTo: Paris\nDate: 3 May\ntwo tickets please",
        "Please answer below.\n\n------------- Answer below -------------\n\nAll was fine.",
        "Step 1\n---\nStep 2\n___\nStep 3",
        "Sent from my office yesterday, still not here",
        "The shell says:\n>>> import that\nTraceback",
        ">From here on it fails",
        "This is not -- as you may think -- a signature.",
        "Importante: este documento es confidencial, no lo compartáis con nadie más.",
        "Confidential: my new password is below, please change it for me.",
        "Part one\n--\nand what about part two?",
        "Sent by mail yesterday",
        "El pedido va enviado por correo",
        "Gracias\n\nAna",
        "Saludos,\nAna",
        "Does this mail system work?\nDate of delivery: today",
    ],
)
@pytest.mark.parametrize("subject", ["Re: Avería", "Avería"])
def test_words_that_only_look_like_a_quote_are_kept(words, subject):
    assert _read(words, subject).new_text == words


def test_answers_between_the_quoted_lines_are_new():
    message = _read(f"Hola:\n\n{SPANISH[0]}\n> ¿Arranca?\nNo, nada.\n\n> ¿Y la luz?\nParpadea.\n\nUn saludo\n")
    assert message.new_text.split("\n") == ["Hola:", "", "No, nada.", "", "Parpadea.", "", "Un saludo"]
    assert message.quoted.count("¿") == 2


def test_an_answer_below_the_quote_is_new():
    assert _read(f"{ENGLISH[0]}\n\n> Does it start?\n\nNo, it does not.").new_text == "No, it does not."


def test_a_quoted_line_that_the_client_wrapped_without_its_mark_stays_quoted():
    wrapped = "> this is a quoted line that was so long that the client of the sender had to\nwrap it\n> as you see\n"
    assert _read(f"Yes.\n\n{ENGLISH[0]}\n{wrapped}").new_text == "Yes."


def test_words_on_the_line_of_the_introduction_are_kept():
    message = _read("thanks! On Wed, Apr 4, 2012 at 3:59 PM, bob@north.example wrote:\n> Hi")
    assert message.new_text == "thanks!"


def test_a_contact_form_is_no_quote_and_an_empty_answer_is():
    block = "De: eva@casa.example\nFecha: 3/5/2024 10:30\nPara: taller@norte.example\nAsunto: Avería\n\nNo arranca."
    assert _read(block, "Formulario de contacto").new_text == block
    assert _read(block, "Re: Avería").new_text == ""


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nEva Soler\nTaller Norte",
        "--\nEva Soler\nTel. 600 000 000",
        "Enviado desde mi iPhone",
        "Enviado desde mi Redmi Note 8",
        "Obtener Outlook para iOS<https://aka.example/x>",
        "Sent from my iPhone, please excuse the typos",
        "Get Outlook for Android",
        "Von meinem iPhone gesendet",
        "Un saludo,\n\nEva Soler\nJefa de compras\nTaller Norte S.L.",
        "Kind regards,\n\nEva Soler\nHead of Purchasing",
        "AVISO LEGAL: Este mensaje y sus adjuntos son confidenciales y se dirigen a su destinatario.",
        "This e-mail and any attachments are confidential and intended solely for the addressee.",
        "Antes de imprimir este mensaje, piense en el medio ambiente.",
        "_______________________________________________\nusers mailing list\nusers@lists.example\n",
    ],
)
@pytest.mark.parametrize("below", ["", f"\n\n{SPANISH[0]}\n{QUOTED}"], ids=["alone", "above a quote"])
def test_a_signature_is_told_from_the_words_above_it(signature, below):
    message = _read(f"{OWN}\n\n{signature}{below}")
    assert message.new_text.rstrip() == OWN
    assert message.signature.rstrip() == signature.rstrip()


def test_a_mail_of_nothing_but_a_signature_has_no_new_words():
    assert _read(f"Enviado desde mi iPhone\n\n{SPANISH[6]}\n{QUOTED}").new_text == ""


def test_the_signature_above_a_forward_ends_there():
    forward = "---------- Forwarded message ---------\nDe: Eva <eva@casa.example>\nAsunto: x\n\nno arranca\n\n-- \nEva"
    message = _read(f"Mira esto.\n\n-- \nAna\n\n{forward}", "Fwd: x")
    assert message.new_text.startswith("Mira esto.")
    assert message.new_text.endswith("no arranca\n\n-- \nEva")
    assert message.signature.strip() == "-- \nAna"


def test_a_forward_quoted_below_own_words_is_quoted():
    message = _read(
        "Mira.\n\n> Begin forwarded message:\n>\n> From: Eva <eva@casa.example>\n> Subject: x\n>\n> hola", "Fwd: x"
    )
    assert message.new_text == "Mira."


def test_a_bare_block_below_a_changed_subject_is_still_a_quote():
    block = "De: eva@casa.example\nFecha: 3/5/2024 10:30\nPara: taller@norte.example\nAsunto: Avería\n\nNo arranca."
    assert _read(f"Otra cosa.\n\n{block}", "Otro asunto").new_text == "Otra cosa."


def test_our_hidden_marker_cuts_with_certainty():
    assert _read("Vale.\n\nmaild-ref:abc123\nlo de antes").new_text == "Vale."
    assert _read(f"Vale.\n\n{SPANISH[0]}\n\n{quotes.REPLY_LINE['es']}\nlo de antes").new_text == "Vale."


@settings(max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.sampled_from(SPANISH + ENGLISH + OTHERS),
            st.sampled_from(["> uno", ">", "-- ", "Enviado desde mi iPhone", "", "\r", "Saludos,", "De: a@b.example"]),
        ),
        max_size=12,
    ),
    st.sampled_from(["Re: x", "Fwd: x", "RV: x", "x", ""]),
)
def test_the_spans_cover_any_text_without_gap_or_overlap(pieces, subject):
    text = "\n".join(pieces)
    kept, spans = quotes.partition(text, None, subject=subject, is_html_only=False)
    assert kept == text
    at = 0
    for span in spans:
        assert isinstance(span, Span)
        assert span.start == at < span.end
        assert span.what in {"new", "quoted", "signature"}
        at = span.end
    assert at == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "> a\n" * 250_000,
        "x" * 1_000_000,
        ">" * 1_000_000,
        "\n" * 1_000_000,
        " " * 1_000_000,
        "De: a@b.example\n" * 60_000,
        "El 26/10/21 a las 14:25, X <a@b.example>\n" * 25_000,
        "-- \n" * 250_000,
        "a:" * 500_000,
        ("De: a " * 600 + "\n") * 270,
    ],
    ids=["quotes", "line", "signs", "blank", "spaces", "fields", "introductions", "delimiters", "colons", "labels"],
)
def test_a_million_signs_of_anything_take_a_moment(text):
    def partition():
        _, spans = quotes.partition(text, None, subject="Fwd: x", is_html_only=False)
        assert spans[-1].end == len(text)

    assert costs_at_most(200, partition)


@pytest.mark.parametrize("subject", ["RV: [ACME-1A] Avería", "Fwd: [ACME-1A] Avería"])
def test_our_own_mail_sent_back_as_a_forward_is_no_news(subject):
    head = "De: Soporte <s@x.example>\nEnviado el: lunes, 23 de noviembre de 2026 10:00\nPara: Eva\nAsunto: Avería\n"
    ours = f"Sigue igual.\n\n{head}\n{quotes.REPLY_LINE['es']}\n\nHemos cambiado la pieza.\n"
    text, spans = quotes.partition(ours, None, subject=subject, is_html_only=False)
    assert Message(sha256="", content_hash="", size=0, text=text, spans=spans).new_text == "Sigue igual."
    text, spans = quotes.partition(ours.replace("##-", ""), None, subject=subject, is_html_only=False)
    assert "Hemos cambiado" in Message(sha256="", content_hash="", size=0, text=text, spans=spans).new_text


def test_a_forwarded_mail_that_quotes_ours_below_is_news():
    head = "De: Luis <luis@x.example>\nEnviado el: lunes, 23 de noviembre de 2026 10:00\nPara: Eva\nAsunto: Avería\n"
    theirs = f"Para que lo veas.\n\n{head}\nSe ha roto otra vez.\n\n> {quotes.REPLY_LINE['es']}\n> Hemos cambiado.\n"
    text, spans = quotes.partition(theirs, None, subject="RV: Avería", is_html_only=False)
    assert "Se ha roto otra vez." in Message(sha256="", content_hash="", size=0, text=text, spans=spans).new_text
