"""What machines say in subjects and opening words, as tables; several languages, English and Spanish first.

Points below `marks.HELD_BACK_AT` need company: a person may write "Out of office" or "Vacaciones" too.
"""

import re

from maild.base.words import Kind
from maild.message.alternatives import phrases
from maild.triage.marks import Weight

OPENING_CHARACTERS = 800  # A machine says what it is at the top.
CLOSING_CHARACTERS = 1_500  # A newsletter says at the end how to leave it.

_ANSWERED = r"^\W*(?:re|rv|fwd?|tr|wg|i|enc|rm|aw|sv):"  # A person put this before it.
_I_AM = r"(?:i am|i'm|estoy|ich bin|je suis|sono|estou) "
_BEFORE = r"^\W*(?:\[[^\]]*\]\s*)?"

_OUT_OF_OFFICE = r"""
    out[- ]of[- ](?:the[- ])?office|away from (?:my|the) (?:mail|office|desk|e-?mail)|ooo
    fuera de (?:la )?oficina|ausen(?:te|cia)(?: temporal)? de la oficina|fora de l['’]oficina|fora do escritório
    aviso de ausencia
    abwesenheits(?:notiz|nachricht|meldung|assistent)|nicht im (?:büro|haus)|außer haus|absen(?:t|ce) du bureau
    hors du bureau|fuori (?:sede|ufficio)|niet aanwezig|poza biurem|вне офиса|нет на месте|frånvaro|fraværende
"""
_AWAY = r"""
    (?:on )?(?:vacation|holidays?|leave)|(?:de )?vacaciones|ausen(?:te|cia)(?: temporal)?|abwesenheit|(?:im )?urlaub
    absen(?:t|ce|te)|en congés?|assente|assenza|in ferie|ausência|férias|afwezig(?:heid)?|op vakantie|nieobecno\w+
    atvaļinājum\w*|отпуск\w*
"""
_AUTOMATIC_REPLY = r"""
    auto(?:mat(?:ic(?:ally)?|ed|ische?))?[- _]?(?:generated[- ])?(?:re(?:ply|sponse)|answer)
    re(?:spuesta|sposta) auto(?:m[áaà]tica|matizada)|contestaci[óo]n autom[áa]tica|contestador autom[áa]tico
    mensaje autom[áa]tico(?: de (?:ausencia|respuesta))?|auto-?respuesta|auto-?resposta|acuse de recibo autom[áa]tico
    auto(?:matische)?[- ]?antwort|automatisch antwoord|r[ée]ponse automatique|message automatique
    risposta automatica|messaggio automatico|resposta autom[áàa]tica|autosvar|automatiskt? svar
    auto(?:mati|maatti)nen vastaus|automatick[áa] odpov[eě]\w*|odpowied[źz] automatyczna|automatyczna odpowied[źz]
    automata válasz|autom[āa]tisk\w+ atbilde|автоматический ответ|автоответ|автоматична відповідь
    自動応答|自動返信|自动回复|自動回覆|자동 회신|otomatik yanıt
"""

# Only the heaviest that is found counts.
SUBJECTS = (
    Weight(4, phrases(_AUTOMATIC_REPLY, before=_BEFORE, after=r"(?: message)?\s*[:：]")),
    Weight(4, phrases(_AUTOMATIC_REPLY, before=rf"(?!{_ANSWERED})^.{{0,60}}\W", after=":")),
    Weight(4, phrases(_OUT_OF_OFFICE + _AWAY, before=_BEFORE, after=r"\W*(?:auto\W?re(?:ply|sponse)\W*)?\bre:"), True),
    Weight(4, phrases(_OUT_OF_OFFICE + _AWAY, before=_BEFORE, after=r" auto\W?re(?:ply|sponse)\b"), True),
    Weight(3, phrases(_AUTOMATIC_REPLY, before=_BEFORE, after=r"\s*(?:[(\[–—-]|\W*$)")),
    Weight(3, phrases(r"auto-?responder\s*:", before=_BEFORE)),
    Weight(3, phrases(_AUTOMATIC_REPLY, before=r"[(\[]\s*", after=r"\s*[)\]]\W*$")),
    Weight(
        3, phrases(_OUT_OF_OFFICE, before=_BEFORE, after=r"(?: (?:reply|response|notification|message))?\s*[:：]"), True
    ),
    Weight(3, phrases(_OUT_OF_OFFICE + "|vacation", after=r" (?:reply|response|notification)\W*$"), True),
    Weight(2, phrases(_OUT_OF_OFFICE, before=_BEFORE, after=r"\W*(?:$|[-–—(])"), True),
    Weight(2, phrases("delivery status notification|undeliver|returned mail|failure notice", before=r"^\W*")),
    Weight(1, phrases(_AWAY, before=_BEFORE, after=r"\s*(?:[:：–—-]|\W*$)"), True),
    Weight(
        1,
        phrases(
            _OUT_OF_OFFICE + _AWAY, before=rf"{_BEFORE}(?:i am|i'm|estoy|ich bin|je suis|sono|estou) ", after=r"\W*$"
        ),
        True,
    ),
    Weight(2, phrases(_AUTOMATIC_REPLY + r"|auto", before=r"^\W*", after=r"\s*:\s*(?:re|rv|fwd?|aw|sv)\b")),
    Weight(1, phrases(r"newsletter|bolet[íi]n|do not reply|no responder", before=r"\b", after=r"\b"), kind=Kind.LIST),
)

_SENTENCE = r"(?:^|[.!:*_=#>-]\s*)"  # A person who quotes a machine has words of his own before it.

_RECEIVED = phrases(
    r"""
        (?:we have|we've|we) received your (?:e-?mail|message|request|enquiry|inquiry)
        your (?:e-?mail|message|request|enquiry|inquiry) (?:was|has been) received|thank you for contacting
        (?:hemos|he) recibido (?:su|tu) (?:mensaje|correo|solicitud|consulta|petici[óo]n)
        su (?:mensaje|correo|solicitud|consulta) (?:ha sido|fue) recibid[oa]
        gracias por (?:contactar|ponerse en contacto)
        wir haben ihre (?:e-?mail|nachricht|anfrage) erhalten|nous avons bien re[çc]u votre
    """,
    before=_SENTENCE,
)

TEXTS = (
    Weight(1, _RECEIVED),
    Weight(
        2,
        phrases(r"""
            \b(?:i am|i'm|i’m)\b.{0,40}\b(?:out of (?:the )?office|on vacation|on holidays?|travell?ing)\b
            \b(?:i am|i'm|i’m)\b.{0,40}\bon (?:annual |parental |sick |maternity )?leave\b
            \b(?:i am|i'm|i’m)\b.{0,40}\baway from (?:my|the) (?:office|desk|e-?mails?|mail)\b
            \b(?:estoy|me encuentro)\b.{0,40}\b(?:fuera de (?:la )?oficina|de vacaciones|ausente|de baja)
            \bich bin\b.{0,60}\b(?:nicht (?:im büro|erreichbar|im haus)|abwesend|außer haus|im urlaub)
            \bje (?:suis|serai)\b.{0,40}\b(?:absente?|en congés?|en vacances|hors du bureau)
            \b(?:estou|estarei)\b.{0,40}\b(?:ausente|fora do escritório|de férias)
            \b(?:sono|sarò)\b.{0,40}\b(?:assente|in ferie|fuori (?:sede|ufficio))
            \bik ben\b.{0,40}\b(?:afwezig|niet aanwezig|op vakantie)
            \b(?:soc|estic|estaré)\b.{0,30}\b(?:fora de l['’]oficina|de vacances|absent)
        """),
        True,
    ),
    # People plan their holidays in the future tense.
    Weight(
        1,
        phrases(
            r"""
                out of (?:the )?office|on (?:annual |parental )?leave|on vacation|on holidays?|away from
                fuera de (?:la )?oficina|de vacaciones|ausente|de baja
            """,
            before=r"\b(?:i will be|i'll be|i’ll be|estar[ée]|me encontrar[ée])\b.{0,40}\b",
        ),
        True,
    ),
    Weight(
        3,
        phrases(
            r"""
                this is an? (?:automat(?:ed|ic)|auto[- ]?generated) (?:e-?mail|message|notification|response|reply)
                this is an automatically generated (?:e-?mail|message|notification|response|reply)
                this (?:e-?mail|message|mail|response|reply) (?:was|has been|is) (?:auto[- ]?|automatically )generated
                this (?:e-?mail|message|mail|response|reply) (?:was|has been|is) automatically sent
                this (?:e-?mail|message|mail|response|reply) (?:was|has been|is) (?:sent|generated) automatically
                est[ea] (?:es un )?(?:mensaje|correo)(?: electr[óo]nico)? (?:es )?autom[áa]tic
                este (?:mensaje|correo)(?: electr[óo]nico)? (?:ha sido|fue|se ha) \w+ (?:de forma )?autom[áa]tic
                est[ea] es un (?:mensaje|correo|e-?mail)(?: electr[óo]nico)? \w+ (?:de forma )?autom[áa]tic
                este es un acuse de recibo autom[áa]tico|acuse de recibo autom[áa]tico
                (?:esta es una )?respuesta autom[áa]tica|dies(?:e e-?mail| ist eine)\b.{0,30}\bautomatisch
                diese nachricht wurde automatisch|ceci est un (?:message|mail|courriel) automatique
                ce (?:message|mail|courriel)\b.{0,30}\bautomatique|quest[oa]\b.{0,30}\bautomatic
                est[ae]? (?:mensagem|e-?mail)\b.{0,30}\bautom[áa]tic|dit is een automatisch
                aquest (?:és un )?(?:missatge|correu)\b.{0,30}\bautom[àa]tic
            """,
            before=_SENTENCE,
        ),
        kind=Kind.AUTO_GENERATED,
    ),
    Weight(
        2,
        phrases(
            r"""
                (?:please )?do not (?:reply|respond) (?:directly )?to this (?:automat\w+ )?(?:e-?mail|message|mail)
                (?:please )?do not reply\b|replies to this (?:e-?mail|message|mailbox|address) (?:are|will) not
                (?:por favor,? )?no (?:responda|respondas|conteste|contestes)(?: a este (?:mensaje|correo|e-?mail))?
                bitte antworten sie nicht|(?:merci de )?ne pas répondre|si prega di non rispondere|não responda
            """,
            before=_SENTENCE,
        ),
        kind=Kind.AUTO_GENERATED,
    ),
    Weight(
        1,
        phrases(r"""
            \b(?:limited|no|without) access to (?:my )?e-?mail|\bacceso limitado al? (?:mi )?correo
            \bi will (?:be back|return|respond|reply)\b.{0,40}\b(?:on|when|after|upon)\b
            \b(?:volver[ée]|regreso|me reincorporar[ée]|contestar[ée])\b.{0,30}\b(?:el|a partir|cuando)\b
            \bin urgent cases\b|\bfor urgent matters\b|\bpara (?:cualquier )?(?:asunto|tema)s? urgentes?\b
            \bdringenden fällen\b
        """),
        True,
    ),
)

# How to leave a mailing. Beside a List-Unsubscribe field it is a mailing; people write of leaving one too.
CLOSING_POINTS_ALONE = 1
CLOSING = Weight(
    2,
    phrases(r"""
        \bunsubscribe\b|\bin your browser\b|\bmanage (?:your )?(?:e-?mail )?(?:preferences|subscription)|\bopt[- ]out\b
        \bdar(?:se|te|me)? de baja\b|\bcancelar (?:la |tu |su )?suscripci[óo]n|\ben (?:tu|su) navegador\b
        \bse désabonner\b|\bdésinscri|\babmelden\b|\babbestellen\b|\bdisiscri|\bcancelar a subscrição|\buitschrijven\b
    """),
    kind=Kind.LIST,
)

# A machine neither asks nor complains: these words speak for a person who writes about automatic mail.
ASKING = phrases(
    r"[?¿]|\bdoes ?n[o']t work|\bnot working|\bplease help|\bno funciona|\bayuda\b|\bcan(?:not|'t)\b|\bno puedo\b"
)
ASKING_POINTS = -1

_NEW_SENTENCE = re.compile(r"\s*\n\s*(?=[^\W\d_a-záéíóúñ])")


def opening(text: str) -> str:
    """Return the first words of a text in one line; a line that begins with a capital begins a sentence."""
    return " ".join(_NEW_SENTENCE.sub(". ", text[:OPENING_CHARACTERS].strip()).split())
