"""What mail clients print in Spanish and the other Romance languages: one row a language."""

from maild.message.language import Language

ROMANCE: tuple[Language, ...] = (
    Language(
        "es",
        from_="De|Remitente|Desde",
        date="Fecha|Enviado|Enviado el|Enviados|Enviada|Enviada el|Fecha de envío|Fecha y hora",
        to="Para|A|Destinatario|Destinatarios",
        cc="CC|CCO|Con copia|Copia|Con copia a|Copia a",
        subject="Asunto",
        forwarded="Mensaje reenviado|Inicio del mensaje reenviado|Mensaje Reenviado|Inicio de mensaje reenviado|"
        "Correo reenviado|Reenviado por|Remitido por|Mensaje enviado por|Comienzo del mensaje reenviado",
        original="Mensaje original|Mensaje Original|Correo original|Mensaje de respuesta|Mensaje anterior|"
        "Cita original",
        # The accent is lost in many ways.
        verbs="escribió|ha escrito|escribió lo siguiente|envió|escribe|escribi?|escribi\ufffd|escribiÃ³",
        openers="El|A las|Con fecha|En|El día",
        reply_to="Responder a|Responder a:|Reply-To",
    ),
    Language(
        "ca",
        from_="De|Remitent",
        date="Data|Enviat|Enviat el|Data d'enviament",
        to="Per a|A|Per|Destinatari",
        cc="Cc|A/c",
        subject="Assumpte|Tema",
        forwarded="Missatge reenviat|Inici del missatge reenviat|Inici del missatge remès",
        original="Missatge original|Missatge de resposta",
        verbs="va escriure|ha escrit",
        openers="El|El dia|A les|En data",
    ),
    Language(
        "gl",
        from_="De|Remitente",
        date="Data|Enviado|Enviado o",
        to="Para|A",
        cc="CC",
        subject="Asunto",
        forwarded="Mensaxe reenviada",
        original="Mensaxe orixinal",
        verbs="escribiu",
        openers="O|En|O día",
    ),
    Language(
        "pt",
        from_="De|Remetente",
        date="Data|Enviado|Enviado em|Enviada|Enviada em|Date",
        to="Para|A|Destinatário",
        cc="Cc|Cco|Com cópia|Cópia",
        subject="Assunto",
        forwarded="Mensagem encaminhada|Mensagem reencaminhada|Início da mensagem encaminhada|"
        "Início da mensagem reencaminhada|Mensagem Encaminhada|E-mail encaminhado|Encaminhado por",
        original="Mensagem original|Mensagem Original|Mensagem anterior",
        verbs="escreveu|escreveu o seguinte|enviou|escreveu no dia",
        openers="Em|No dia|Na data de|A|Às",
        reply_to="Responder a|Responder para",
    ),
    Language(
        "fr",
        from_="De|Expéditeur",
        date="Date|Envoyé|Envoyé le|Message du|Date d'envoi",
        to="À|A|Pour|Destinataire|Destinataires",
        cc="Cc|Cci|Copie à|Copie",
        subject="Objet|Sujet",
        forwarded="Message transféré|Début du message transféré|Début du message réexpédié|Message transmis|"
        "Message réexpédié|Courriel transféré|E-mail transféré",
        original="Message d'origine|Message original|Message initial|Courriel original|Message d’origine|"
        "E-mail d'origine",
        verbs="a écrit|écrivait|a envoyé|a écrit ce qui suit|écrit|a ?crit|a \ufffdcrit|a Ã©crit",
        openers="Le|En date de|En date du",
        reply_to="Répondre à",
    ),
    Language(
        "it",
        from_="Da|Mittente",
        date="Data|Inviato|Inviata|Inviato il|Data invio",
        to="A|Per|Destinatario",
        cc="Cc|Ccn|Copia|P.c.",
        subject="Oggetto",
        forwarded="Messaggio inoltrato|Inizio messaggio inoltrato|Inizio del messaggio inoltrato|"
        "Inoltrato da|Messaggio Inoltrato",
        original="Messaggio originale|Messaggio Originale|Messaggio originario",
        verbs="ha scritto|scrisse|scrive|ha inviato|ha scritto quanto segue",
        openers="Il|Il giorno|In data|Alle|Il giorno il",
        reply_to="Rispondi a",
    ),
    Language(
        "ro",
        from_="De la|Expeditor|Expeditorul|De",
        date="Data|Dată|Trimis|Trimis la|Dată trimitere",
        to="Către|Destinatar|Pentru|La",
        cc="Cc|Copie",
        subject="Subiect|Subiectul",
        forwarded="Mesaj redirecționat|Începe mesajul redirecționat|Mesaj redirecţionat|Mesaj retransmis|"
        "Începutul mesajului redirecționat|Mesaj înaintat|Începutul mesajului retransmis",
        original="Mesaj original|Mesaj inițial|Mesajul original",
        verbs="a scris|scris|a scris următoarele",
        openers="Pe|În|În data de|La|Pe data de",
    ),
)
