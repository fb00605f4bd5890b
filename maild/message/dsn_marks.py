"""The words of mail systems, as tables: who sends reports, under which subjects, and what their phrases mean."""

import re

from maild.message.alternatives import phrases

REPORT_AT = 6  # Points of the table below; a person who writes about a bounce stays beneath.

# (points, where, pattern): where is the sender's address or name, the path, the subject, the text or its opening.
# Those of MACHINE stand first; without one of them nothing is a report:
# people write about parcels and bounces under such subjects too.
MACHINE = frozenset({"daemon", "sender", "name", "path", "opening"})
UNNAMED = 2  # Points taken off where only the opening words speak for a machine: people write "could not be" too.
# And without one of these: a postmaster answers by machine that he is away.
CONTENT = frozenset({"daemon", "subject", "text", "opening"})
REPORT_WEIGHTS: tuple[tuple[int, str, re.Pattern[str]], ...] = (
    (
        5,
        "sender",
        phrases(
            r"""
                mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|mail[-_.]delivery[-_.](?:sub)?system|daemon
                po+st[-_.]?master|mailerdaemon|bounces?|microsoftexchange\w*
                .*(?:smtp|mail)[-_.]?(?:service|gateway|daemon).*|mailadm\w*|imss
            """,
            before=r"^",
            after=r"(?:@|$)",
        ),
    ),
    (
        3,
        "name",
        phrases(r"""
            mail(?:er)?[- ]?(?:delivery)?[- ](?:sub)?system|mail delivery|mail(?:er)? server at
            mailer[- ]daemon|postmaster
            system administrator|internet mail delivery|mail administrator|microsoft (?:outlook|exchange)
            administrador del sistema
        """),
    ),
    (6, "daemon", phrases(r"^mailer[-_.]?daemon(?:@|$)")),
    (4, "daemon", phrases(r"^<>$")),
    (2, "path", phrases(r"^(?:<>|<?mailer-daemon(?:@.*)?>?)$")),
    (
        3,
        "opening",
        phrases(
            r"""
                -*\s*non-delivery report|your message (?:to \S+ )?could not be delivered|hi\. this is the
                this (?:message|report) (?:was|has been) (?:created|generated) automatically by (?:the )?mail
                this is (?:the|a) (?:mail system|mail delivery|postfix|sendmail|qmail|exim|.{1,30} program)\b
                this is an automatically generated delivery status|a message that you sent could not be
                votre message n'a pas|su mensaje no (?:ha podido|pudo|se)|el mensaje no (?:ha podido|pudo|se)
                ihre nachricht konnte nicht|die nachricht konnte nicht|il messaggio non
            """,
            before=r"\A[\s*#=_-]*",
        ),
    ),
    (6, "opening", phrases(r"\A\s*\{\s*\"notificationType\"\s*:\s*\"(?:Bounce|Delivery|DeliveryDelay)\"")),
    (1, "auto", phrases(r"^\s*auto-(?:replied|generated)")),
    (
        4,
        "subject",
        phrases(
            r"""
                undeliver(?:able|ed)|notice: mail delivery|non[- ]?deliver
                returned (?:mail|e-?mail|message)|failure notice
                failure delivery
                delivery (?:status )?(?:notification|report|failure|failed|problem|error|has failed|status)
                mail (?:delivery|system)\s|mail (?:not delivered|failed|could not be delivered)
                fail(?:ed|ure) (?:mail|delivery)|message (?:delayed|delivery|undeliverable)|delayed mail
                (?:warning: )?message .{0,40}delayed|warning: message|permanent delivery|processing error
                notification d['’][ée]tat|[ée]chec de (?:la )?(?:remise|distribution|livraison)|non remis
                message non (?:remis|distribu)|unzustellbar|nicht zustellbar|zustellung|mail konnte nicht
                no se (?:puede|pudo|ha podido) entregar|no entregado|correo (?:no entregado|devuelto)
                devoluci[óo]n de correo|mensaje (?:no entregado|devuelto)|notificaci[óo]n de (?:estado|entrega)
                error (?:de|en la) entrega|n[ãa]o entregue|falha na entrega|mensagem n[ãa]o entregue|devolvido
                mancata consegna|impossibile recapitare|non recapitabile|onbestelbaar|niet bezorgd|недоставл
                не доставлено|сообщение не доставлено|niedostarcz|nedoru[čc]|levereret
                未送達|配信(?:不能|エラー)|送信エラー|退信|系统退信|无法投递
            """,
            before=r"^\W*(?:\[[^\]]*\]\s*)?(?:re:\s*)?",
        ),
    ),
    (
        2,
        "subject",
        phrases(r"""
            undeliver|deliver(?:y|ed) (?:failure|failed|error|status)|could not be delivered|non remis|returned mail
        """),
    ),
    (
        3,
        "text",
        phrases(r"""
            could ?n[o']t be delivered|(?:was|were) not delivered|unable to deliver|not able to deliver
            wasn't able to deliver|did not reach the following recipient
            following address(?:es|\(es\))? (?:failed|had)|permanent (?:fatal )?errors?|delivery (?:has )?failed
            delivery to the following recipients?|message that you sent|returned to (?:the )?sender
            not be delivered to|undeliverable|couldn't be delivered|has not (?:yet )?been delivered|delivery attempt
            following recipients?|giving up|user (?:is )?unknown|unknown user
            no such user|transcript of session|invalid user|requested action not taken|automatically rejected
            no (?:se )?(?:ha )?(?:pudo|podido|puede) (?:ser )?(?:entregar|entregado)|no ha sido entregado
            konnte(?:n)? nicht (?:zugestellt|übermittelt)|n'a pas pu [êe]tre (?:remis|d[ée]livr|distribu)
            n'ont pas pu|n[ãa]o p[ôo]de ser entregue|non [èe] stato (?:possibile|recapitato)
            не может быть доставлено|не удалось доставить|配信できません|送信できません
        """),
    ),
    (-6, "subject", phrases(r"^\W*(?:fwd?|rv|tr|wg|enc|i|rm):")),
)

# Where the report ends and the copy of our mail begins.
COPY_BEGINS = phrases(
    r"""
                -+ ?(?:below this line|this is a copy|original message|returned message|the header|message header).*
                -+ ?(?:undelivered message|the original message|unsent message|message text|mensaje original).*
                -+ ?(?:ursprüngliche|forwarded message|returned mail|start of|the body of|included is|headers? of).*
                -{2,} ?(?:enclosed|attached|original) .*|message (?:header|contents?|text|follows).*:?
                original message (?:header|follows).*
                the (?:header|first \d+ lines|text) of (?:the )?(?:original |your )?message.*
                (?:received|return-path|x-original-to|dkim-signature|message-id|mime-version): .*
            """,
    before=r"^",
    after=r"$",
)

# Bounded and never begun in the middle of a word, so that a long line costs no more than its length.
_LOCAL = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-"
_FIRST = _LOCAL.replace("'", "").replace("`", "")  # A quote before an address is no part of it.
ADDRESS = rf"[{_FIRST}][{_LOCAL}]{{0,100}}@(?:[A-Za-z0-9_\-]{{1,63}}\.){{1,12}}[A-Za-z0-9\-]{{1,63}}"

_RECIPIENT = "(?:recipient|adressat|destinatario|destinataire|empfänger)"

# Exact shapes first: one that finds an address ends the search. Group 1 is the address.
SHAPES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(shape, re.IGNORECASE | re.MULTILINE)
    for shape in (
        rf'"emailAddress"\s*:\s*"({ADDRESS})"',
        rf'"recipients"\s*:\s*\["({ADDRESS})"',
        rf"^[ \t]*(?:final|original)-recipient:\s*(?:rfc822;)?\s*<?({ADDRESS})",
        rf"^[ \t]*(?:failed |bad |unknown )?{_RECIPIENT}s?(?: address)?[ \t]*:\s*(?:\[?SMTP:)?<?({ADDRESS})",
        rf"^[ \t]*<({ADDRESS})>:",
        rf"^[ \t]*({ADDRESS}):?\s*$",
        rf"^[ \t]*<({ADDRESS})>:?\s*$",
        rf"^[ \t]*({ADDRESS}) on \d",
        rf"^[ \t]*<?({ADDRESS})>?\.\.\. ",
        rf"\b[45]\d\d(?:[ -][45]\.\d+\.\d+)? <?({ADDRESS})>?(?:\.\.\.|:| )",
        rf"rcpt to:\s*<?({ADDRESS})",
        rf"(?:delivered|sent|addressed|delivery|deliver|message) to:?\s*<?({ADDRESS})",
        rf"(?:user|usuario|utilisateur|mailbox|recipient|address|account)[^\n@]{{0,40}}[\s<(\"'\[:]({ADDRESS})",
        rf"^[ \t]*(?:to|an|para|pour)\s*:\s*<?({ADDRESS})",
        rf"^[ \t]*({ADDRESS})\s*[:;,(\-]",
    )
)
NAMED_SHAPES = 4  # The first ones name the recipient in so many words, and are believed in a returned mail too.
ANY_ADDRESS = re.compile(rf"(?<![{_FIRST}]){ADDRESS}")

DELAYED = phrases(r"""
            delay|deferred|warning|still being retried|will (?:be retried|keep trying|retry)|not yet been delivered
            temporary (?:problem|failure)|retras|demorad|verzöger|retard
        """)
DELAYED_FOR_SURE = phrases(r"""
    will retry for|delayed for more than|only a temporary|status notification \(delay|delivery incomplete
    still being retried|no action is required on your part|you do not need to resend|se reintentar[áa] durante
""")
DELIVERED = phrases(r"""
    \A\s*\{\s*"notificationType"\s*:\s*"Delivery"
""")
GAVE_UP = phrases(r"""
            giving up|permanent|returned|failed permanently|gave up|could not be delivered
            retry time(?:out)? (?:exceeded|not reached)|technical details of permanent|failure\b
        """)

NO_RECIPIENTS = phrases(r"^(?:mailer-?daemon|po+stmaster|abuse|hostmaster|support|helpdesk|help|admin|administrator)@")

# What a failure means, by words; the first that is found counts. RFC 3463 codes are asked before (`CODES`).
WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "full",
        phrases(r"""
            (?:mail ?box|inbox|quota|storage|disk)[^\n]{0,40}(?:full|exceed|over)|over ?quota|quota exceeded
            insufficient (?:system )?storage|buz[óo]n (?:est[áa] )?lleno|postfach[^\n]{0,30}voll
            bo[îi]te[^\n]{0,30}pleine|too much mail data|full mailbox
        """),
    ),
    (
        "hard",
        phrases(r"""
            (?:user|recipient|mailbox|address|account|usuario|utilisateur)[^\n]{0,60}(?:unknown|not (?:found|exist))
            (?:user|recipient|mailbox|address|account|usuario)[^\n]{0,60}(?:does ?n[o']t exist|no existe|disabled)
            (?:user|recipient|mailbox|address|account)[^\n]{0,60}(?:not (?:listed|known)|inactive|invalid|rejected)
            (?:user|recipient|mailbox|address|account)[^\n]{0,60}(?:unavailable|suspended)
            unknown (?:user|recipient|local|address|host)
            no such (?:user|mailbox|recipient|address|person|account|domain|host)
            invalid (?:recipient|mailbox|address|user)|not a valid|unrouteable|unroutable
            no mailbox (?:here )?by that name|host (?:unknown|not found)|domain not found|name or service not known
            couldn't find any host|doesn't have a|relay(?:ing)? (?:access )?denied|has moved|unbekannt|inconnu
            desconocid|no est[áa] dado de alta
        """),
    ),
    (
        "policy",
        phrases(r"""
            spam|blocked|blacklist|black list|block ?list|\bdnsbl\b|spamhaus|reputation|\bspf\b|\bdkim\b|\bdmarc\b
            policy|virus|content (?:filter|reject)|message (?:content )?rejected|rejected for|access denied
            not authenticated|prohibited|junk|too (?:large|big)|size (?:limit|exceed)
            exceeds? (?:the )?(?:maximum|size)|reverse dns|\bptr\b|banned
        """),
    ),
    (
        "soft",
        phrases(r"""
            time[d]?[- ]?out|temporar|try again|deferred|delayed|greylist|connection (?:refused|reset|lost)|retry
            unreachable|too many (?:hops|connections|messages)|rate limit|not yet been delivered|still being retried
            loops? back|loop
        """),
    ),
)
# RFC 3463: subject and detail of the status, the class digit apart.
CODES: dict[str, str] = {
    "1.0": "hard",
    "1.1": "hard",
    "1.2": "hard",
    "1.3": "hard",
    "1.4": "hard",
    "1.6": "hard",
    "1.10": "hard",
    "1.7": "policy",
    "1.8": "policy",
    "2.0": "soft",
    "2.1": "hard",
    "2.2": "full",
    "2.3": "policy",
    "2.4": "soft",
    "3.0": "soft",
    "3.1": "full",
    "3.2": "soft",
    "3.3": "policy",
    "3.4": "policy",
    "3.5": "soft",
    "4.0": "soft",
    "4.1": "soft",
    "4.2": "soft",
    "4.3": "soft",
    "4.4": "hard",
    "4.5": "soft",
    "4.6": "soft",
    "4.7": "soft",
    "6.0": "policy",
    "6.1": "policy",
    "6.3": "policy",
    "7.0": "policy",
    "7.1": "policy",
    "7.2": "policy",
}
REPLY_CODE = re.compile(r"(?<![\w.-])([45])\d\d(?=[ -])")  # RFC 5321 section 4.2.1
STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
FAILED_STATUS = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
