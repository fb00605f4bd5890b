"""Phrases that clients and companies put below a person's own words: device lines, closings, disclaimers.

Each table is a list of words separated by "|", folded for comparing; a language or a device is added by its words.
"""

from maild.message.lines import fold


def listed(*rows: str) -> tuple[str, ...]:
    """Return the folded words of these "|" lists, each once, in order."""
    return tuple(dict.fromkeys(fold(word) for row in rows for word in row.split("|") if word))


DEVICE_STARTS = listed(
    "Sent from my|Sent from|Sent via|Sent with|Sent using|Get Outlook for|Get BlueMail|Send from my|Sent by",
    "Enviado desde mi|Enviado desde|Enviado con|Enviado mediante|Enviado a través de|Enviado usando|Enviado por",
    "Enviado de mi|Mandado desde mi|Escrito desde mi|Obtener Outlook|Obtén Outlook|Obtenga Outlook|Descargar Outlook",
    "Descarga Outlook|Consigue Outlook|Enviat des de|Enviat des del meu|Enviado dende|Nire",
    "Envoyé de mon|Envoyé depuis|Envoyé à partir de|Envoyé avec|Envoyé par|Télécharger Outlook|Obtenez Outlook",
    "Von meinem|Gesendet von|Gesendet mit|Diese Nachricht wurde von meinem|Holen Sie sich Outlook|Outlook für",
    "Inviato da|Inviato dal mio|Inviato con|Scarica Outlook|Ottieni Outlook|Enviado do meu|Enviado a partir de",
    "Enviado via|Enviado pelo|Obter o Outlook|Obter Outlook|Baixar o Outlook|Verzonden vanaf|Verzonden met",
    "Verstuurd vanaf|Outlook voor|Skickat från|Skickades från|Hämta Outlook|Sendt fra|Sendt via|Hent Outlook",
    "Få Outlook",
    "Lähetetty|Hanki Outlook|Wysłane z|Wysłano z|Pobierz program Outlook|Pobierz Outlook|Odesláno z|Odesláno ze",
    "Odoslané z|Získat Outlook|Отправлено с|Отправлено из|Надіслано з|Küldve|iPhone-ról küldve|Trimis de pe",
    "Poslano s|Poslano sa|Poslano iz|iPhone'umdan gönderildi|iPhone'dan gönderildi|Στάλθηκε από|发自我的|從我的",
    "iPhoneから送信|나의",
)
"""How a line begins by which a client names itself or its device."""

OPEN_STARTS = listed(
    "Sent from|Sent with|Sent via|Sent using|Sent by|Send from my|Enviado desde|Enviado con|Enviado por|Enviado de mi",
    "Enviado via|Enviado a través de|Enviado mediante|Enviado usando|Enviado pelo|Mandado desde mi|Escrito desde mi",
    "Lähetetty|Sendt fra|Sendt via|Envoyé depuis|Envoyé avec|Envoyé par|Gesendet von|Gesendet mit|Inviato da",
    "Inviato con|Küldve|나의|Von meinem|Verzonden met|Poslano s|Poslano iz|Nire",
)
"""Those of them with which a person may begin a sentence too: a device must follow."""

DEVICES = listed(
    "iphone|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|redmi|oneplus|pixel|nokia|motorola|moto|htc|sony|lg|oppo|poco",
    "blackberry|windows|outlook|mail|correo|yahoo|gmail|proton|protonmail|movil|móvil|mobile|phone|telefono|smartphone",
    "dispositivo|tablet|tableta|celular|typeapp|bluemail|aqua|spark|airmail|thunderbird|hotmail|aol|gmx|web.de|zoho",
    "mailbird|superhuman|honor|realme|vivo|mobil|mobiltelefon|handy|portable|courrier|posta|e-mail|telefon|device|mac",
    "puhelimesta|iphonesta|mobiltelefonom|ordenador|mailspring|fastmail|tutanota|tuta|roundcube|zimbra|libero",
)
"""Words that name a device, a client or a provider."""

COMMON_DEVICES = listed(
    "correo|mail|e-mail|courrier|posta|mobile|portable|device|phone|movil|telefon|ordenador|honor|vivo"
)
"""Those of them that are common words too."""

EXCUSES = listed(
    "please|excuse|sorry|pardon|apologies|so please|forgive|brevity|typos|disculp|perdon|perdona|por favor|lamento",
    "siento|entschuldig|bitte|désolé|merci|excusez|with |mit |con ",
)
"""How an excuse begins that people put behind the name of their device."""

CLOSINGS = listed(
    "Regards|Best regards|Kind regards|Kindest regards|Warm regards|Warmest regards|With kind regards|Sincerely",
    "Yours sincerely|Yours faithfully|Best wishes|Respectfully|Saludos|Un saludo|Saludos cordiales|Un cordial saludo",
    "Cordialmente|Atentamente|Reciba un cordial saludo|Muy atentamente|Le saluda atentamente|Reciban un saludo|Atte",
    "Recibe un cordial saludo|Un saludo cordial|Cordiales saludos|Mit freundlichen Grüßen|Freundliche Grüße|MfG",
    "Viele Grüße|Beste Grüße|Cordialement|Bien cordialement|Bien à vous|Salutations|Cordiali saluti|Distinti saluti",
    "Atenciosamente|Cumprimentos|Com os melhores cumprimentos|Met vriendelijke groet|Met vriendelijke groeten",
    "Med vänliga hälsningar|Med venlig hilsen|Vennlig hilsen|Ystävällisin terveisin|Z poważaniem|Pozdrawiam",
    "S pozdravem|С уважением|Atentament|Salutacions|Agur bero bat",
)
"""Closings that stand alone on a line above a signature."""

DISCLAIMER_STARTS = listed(
    "Aviso legal|Aviso de confidencialidad|Cláusula de confidencialidad|Advertencia legal|Nota de confidencialidad",
    "Este mensaje y|Este mensaje va|Este mensaje se dirige|Este mensaje está|Este mensaje puede|Este mensaje contiene",
    "Este mensaje (|Este mensaje, |Este mensaje es|Este mensaje ha sido|Este correo|Este e-mail|Este email|AVISO:",
    "La información contenida en|La información incluida en|El contenido de este|Antes de imprimir",
    "Protección de datos|Información básica sobre protección|De conformidad con|En cumplimiento de|Le informamos que",
    "Confidencialidad|CONFIDENCIAL|No imprima|Si no es usted el destinatario|Si usted no es el destinatario",
    "Disclaimer|Confidentiality|Legal notice|Confidential|This message|This e-mail|This email|This communication",
    "This transmission|The information contained in|The information in this|The contents of this|Privileged",
    "If you are not the intended|If you have received this|Notice:|Important notice|Please consider the environment",
    "Before printing|Think before you print|P Please consider|This electronic",
    "Ce message|Ce courriel|Avis de confidentialité|Diese E-Mail|Diese Nachricht|Der Inhalt dieser|Les informations",
    "Questo messaggio|Le informazioni contenute|Esta mensagem|As informações contidas|Aquest missatge|Aquest correu",
    "Dit bericht|Deze e-mail|Virus-free|Libre de virus|Sin virus|El software de antivirus Avast",
)
"""How a paragraph begins that may be a disclaimer."""

DISCLAIMER_PROOFS = listed(
    "confidencial|confidenti|intended recipient|addressee|intended solely|intended only|privileged|virus-free|avast",
    "libre de virus|antes de imprimir|before printing|before you print|lopd|rgpd|gdpr|reglamento (ue)|ley orgánica",
    "protección de datos|data protection|the environment|medio ambiente|vertraulich|riservat|vertrouwelijk",
    "destinatario autorizado|destinataire|uso exclusivo|únicamente a su destinatario|exclusivamente a su destinatario",
    "exclusivamente al destinatario|is intended for|secreto profesional|protecció de dades",
)
"""What a disclaimer says somewhere in its first lines, and a person hardly ever."""
