"""What kind of mail arrived, told by its words when its fields are silent."""

import pytest

from maild.base.words import Kind

from .mails import kind_of

AWAY = [
    ("Automatic reply: Printer", "I am out of the office until Monday."),
    ("Out of Office: Re: [ACME-1R] Printer", "I am away."),
    ("Out of Office AutoReply: Printer", "Back on Monday."),
    ("Fuera de la oficina", "Estoy fuera de la oficina hasta el lunes. Volveré el 3."),
    ("Respuesta automática: Impresora", "Estoy de vacaciones."),
    ("Abwesenheitsnotiz: Drucker", "Ich bin bis Montag nicht im Büro."),
    ("Réponse automatique : imprimante", "Je suis absent jusqu'au 3 mai."),
    ("Re: Printer", "This is an automated message. I am out of the office until Monday."),
]


@pytest.mark.parametrize(("subject", "text"), AWAY)
def test_an_out_of_office_without_fields_is_told_by_its_words(subject, text):
    finding = kind_of(subject, text)
    assert finding.kind is Kind.AUTO_REPLY
    assert finding.out_of_office


@pytest.mark.parametrize(
    "subject",
    [
        "Auto Reply: Printer",
        "Autosvar: Skrivare",
        "Risposta automatica: stampante",
        "Resposta automática: impressora",
        "Automatisch antwoord: printer",
        "Acme GmbH - Automatische Antwort: Drucker",
        "自動応答: プリンター",
        "Автоответ: принтер",
    ],
)
def test_an_automatic_reply_names_itself_in_many_languages(subject):
    finding = kind_of(subject, "x")
    assert finding.kind is Kind.AUTO_REPLY
    assert not finding.out_of_office


PEOPLE = [
    ("Out of office", "How do I set my out of office reply in Outlook?"),
    ("Out of office", "I will be out of the office next week. Please forward my mail to Ben."),
    ("OOO", "please enable my OOO"),
    ("Vacaciones", "Estaré de vacaciones del 3 al 10, dadme acceso remoto por favor."),
    ("Vacaciones: solicitud", "Quiero pedir el formulario."),
    ("Urlaub: Antrag", "ich brauche das Formular"),
    ("Automatic reply: how do I set it up?", "see subject"),
    ("Automatic reply: not working", "Nobody gets it."),
    ("Automatic reply does not work", "I set it and nothing happens."),
    ("Respuesta automática: ¿cómo la activo?", "no lo encuentro"),
    ("Re: Automatic reply: Printer", "I am back, please call me."),
    ("Fwd: Automatic reply: Printer", "What is this."),
    ("Re: [ACME-1R] Printer", "Thank you for your email. I'm on vacation, I will be back on Monday and try then."),
    ("Auto: no arranca", "mi auto no arranca"),
    ("Delivery failed", "My parcel could not be delivered."),
    ("Undelivered Mail Returned to Sender", "I get this whenever I write to Ben."),
    ("Newsletter", "The newsletter form is broken."),
    ("Error", "I get 'this is an automated message, do not reply to this e-mail' when I log in."),
]


@pytest.mark.parametrize(("subject", "text"), PEOPLE)
def test_a_person_who_writes_about_such_mail_is_not_held_back(subject, text):
    assert kind_of(subject, text).kind is Kind.HUMAN


@pytest.mark.parametrize(
    "text", ["I AM OUT OF THE OFFICE.", "I am on vacatıon.", "ICH BIN AUSSER HAUS, nicht im BÜRO."]
)
def test_who_shouts_that_he_is_away_is_away_too(text):
    finding = kind_of("Out of office", text)
    assert finding.out_of_office
    assert finding.evidence[1].removeprefix("it says: ") in text


def test_the_words_that_speak_for_it_are_the_evidence():
    finding = kind_of("Out of office", "I am out of the office until Monday.")
    assert finding.evidence == ("Subject: Out of office", "it says: I am out of the office")


@pytest.mark.parametrize(
    "text",
    [
        "This is an automatically generated e-mail.\nPlease do not reply to this message.",
        "Hello Ana\nThis is an automated message. Replies to this address are not read.",
        "Este correo ha sido generado automáticamente.\n\nPor favor, no responda a este mensaje.",
        "Este es un mensaje automático, por favor no responda: No conteste a este correo.",
        "Diese E-Mail wurde automatisch erstellt. Bitte antworten Sie nicht.",
    ],
)
def test_a_machine_that_says_so_and_wants_no_answer_is_one(text):
    assert kind_of("Order 7", text).kind is Kind.AUTO_GENERATED


def test_a_mailing_says_how_to_leave_it_in_field_and_text():
    text = "Our autumn offers.\n\nTo unsubscribe, click here."
    assert kind_of("Offers", text, List_Unsubscribe="<https://x.org/u>").kind is Kind.LIST
    assert kind_of("Offers", text).kind is Kind.HUMAN
    assert kind_of("Please unsubscribe me", text, X_Auto_Response_Suppress="All").kind is Kind.HUMAN


def test_a_sender_who_is_called_no_reply_needs_company():
    assert kind_of(sender_name="Shop (no-reply)").kind is Kind.HUMAN
    assert kind_of(sender_name="Shop (no-reply)", X_Auto_Response_Suppress="All").kind is Kind.AUTO_GENERATED
