"""What mail clients print in English and the other Germanic languages: one row a language."""

from maild.message.language import Language

GERMANIC: tuple[Language, ...] = (
    Language(
        "en",
        from_="From|Sender",
        date="Date|Sent|Sent at|Sent on",
        to="To|Recipient|Recipients",
        cc="Cc|Bcc",
        subject="Subject",
        forwarded="Forwarded message|Forwarded Message|Begin forwarded message|Forwarded mail|Forwarded email|"
        "Forwarded by|Start of forwarded message|Forwarded text",
        original="Original Message|Original message|Reply message|Original email|Original e-mail|Original mail|"
        "Original Appointment|Reply Message|Message original|Replied Message",
        verbs="wrote|writes|sent|said|wrote the following|has written|schrieb/wrote",
        openers="On|At|In a message dated|In message|Quoting",
        reply_to="Reply-To|Reply To",
    ),
    Language(
        "de",
        from_="Von|Absender",
        date="Datum|Gesendet|Gesendet am|Date",
        to="An|Empfänger",
        cc="Cc|Kopie|Bcc|Kopie an",
        subject="Betreff|Betrifft",
        forwarded="Weitergeleitete Nachricht|Anfang der weitergeleiteten Nachricht|Weitergeleitete E-Mail|"
        "Weitergeleitete Mail|Weitergeleitet von|Beginn der weitergeleiteten Nachricht|Weitergeleitete Message",
        original="Ursprüngliche Nachricht|Originalnachricht|Original-Nachricht|Original Nachricht|Ursprüngliche Mail|"
        "Urspruengliche Nachricht|Ursprünglicher Termin",
        verbs="schrieb|schrieb am|geschrieben|schrieb folgendes|hat geschrieben|schreibt|gesendet",
        openers="Am|Vom|Den",
        reply_to="Antwort an",
    ),
    Language(
        "nl",
        from_="Van|Afzender",
        date="Datum|Verzonden|Verzonden op|Verstuurd",
        to="Aan|Naar|Ontvanger",
        cc="Cc|Kopie|CC",
        subject="Onderwerp|Betreft",
        forwarded="Doorgestuurd bericht|Begin doorgestuurd bericht|Doorgestuurde bericht|Doorgestuurde e-mail|"
        "Doorgestuurd door|Doorgestuurd door",
        original="Oorspronkelijk bericht|Origineel bericht|Oorspronkelijk e-mailbericht",
        verbs="schreef|geschreven|het volgende geschreven|schreef het volgende",
        openers="Op",
        reply_to="Antwoord aan",
    ),
    Language(
        "sv",
        from_="Från|Avsändare",
        date="Datum|Skickat|Skickad|Sänt",
        to="Till|Mottagare",
        cc="Kopia|Cc|Hemlig kopia",
        subject="Ämne|Rubrik",
        forwarded="Vidarebefordrat meddelande|Vidarebefordrat mejl|Vidarebefordrat mail|Vidarebefordrat brev|"
        "Vidarebefordrat e-postmeddelande|Vidarebefordrat mejl från",
        original="Ursprungligt meddelande|Originalmeddelande|Ursprungsmeddelande",
        verbs="skrev|skrev följande|skickade",
        openers="Den|På|Kl",
        reply_to="Svara till",
    ),
    Language(
        "da",
        from_="Fra|Afsender",
        date="Dato|Sendt|Sendt den",
        to="Til|Modtager",
        cc="Cc|Kopi",
        subject="Emne",
        forwarded="Videresendt besked|Videresendt meddelelse|Start på videresendt besked|Videresendt e-mail|"
        "Videresendt mail|Start på videresendt meddelelse",
        original="Oprindelig meddelelse|Oprindelig besked|Original meddelelse|Original besked|Oprindelig mail",
        verbs="skrev|skrev følgende",
        openers="Den|D.|På|Kl.",
        reply_to="Svar til",
    ),
    Language(
        "no",
        from_="Fra|Avsender",
        date="Dato|Sendt",
        to="Til|Mottaker",
        cc="Kopi|Cc",
        subject="Emne",
        forwarded="Videresendt melding|Videresendt e-post|Videresend melding|Begynnelsen på videresendt melding|"
        "Videresendt meldning",
        original="Opprinnelig melding|Original melding|Opprinnelig e-post",
        verbs="skrev|skrev følgende",
        openers="Den|På|Kl.",
        reply_to="Svar til",
    ),
)
