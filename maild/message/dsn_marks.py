"""The words of mail systems, as tables: who sends reports, under which subjects, and what their phrases mean."""

import re


def _any(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


REPORT_AT = 6  # Points of the table below; a person who writes about a bounce stays beneath.

# (points, where, pattern): where is the sender's address, the sender's name, the subject, the null path or the text.
REPORT_WEIGHTS: tuple[tuple[int, str, re.Pattern[str]], ...] = (
    (
        5,
        "sender",
        _any(
            r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|mail[-_.]delivery[-_.](?:sub)?system|daemon|po+st[-_.]?master|"
            r"mailerdaemon|bounces?|microsoftexchange\w*|.*(?:smtp|mail)[-_.]?(?:service|gateway|daemon).*|mailadm\w*|imss)(?:@|$)"
        ),
    ),
    (
        3,
        "name",
        _any(
            r"mail(?:er)?[- ]?(?:delivery)?[- ](?:sub)?system|mail delivery|mailer[- ]daemon|postmaster|system administrator|"
            r"internet mail delivery|mail administrator|microsoft (?:outlook|exchange)|administrador del sistema"
        ),
    ),
    (2, "path", _any(r"^(?:<>|<?mailer-daemon(?:@.*)?>?)$")),
    (1, "auto", _any(r"^\s*auto-(?:replied|generated)")),
    (
        4,
        "subject",
        _any(
            r"^\W*(?:\[[^\]]*\]\s*)?(?:re:\s*)?(?:undeliver(?:able|ed)|non[- ]?deliver|returned (?:mail|e-?mail|message)|failure notice|failure delivery|"
            r"delivery (?:status )?(?:notification|report|failure|failed|problem|error|has failed|status)|mail (?:delivery|system) |"
            r"mail (?:not delivered|failed|could not be delivered)|fail(?:ed|ure) (?:mail|delivery)|message (?:delayed|delivery|undeliverable)|"
            r"delayed mail|(?:warning: )?message .{0,40}delayed|warning: message|permanent delivery|processing error|"
            r"notification d['’][ée]tat|[ée]chec de (?:la )?(?:remise|distribution|livraison)|non remis|message non (?:remis|distribu)|"
            r"unzustellbar|nicht zustellbar|zustellung|mail konnte nicht|"
            r"no se (?:puede|pudo|ha podido) entregar|no entregado|correo (?:no entregado|devuelto)|devoluci[óo]n de correo|mensaje no entregado|"
            r"notificaci[óo]n de (?:estado|entrega)|error (?:de|en la) entrega|"
            r"n[ãa]o entregue|falha na entrega|mensagem n[ãa]o entregue|devolvido|"
            r"mancata consegna|impossibile recapitare|non recapitabile|onbestelbaar|niet bezorgd|"
            r"недоставл|не доставлено|сообщение не доставлено|未送達|配信(?:不能|エラー)|送信エラー|退信|系统退信|无法投递|niedostarcz|nedoru[čc]|levereret)"
        ),
    ),
    (2, "subject", _any(r"undeliver|deliver(?:y|ed) (?:failure|failed|error|status)|could not be delivered|non remis|returned mail")),
    (
        3,
        "text",
        _any(
            r"could ?n[o']t be delivered|(?:was|were) not delivered|unable to deliver|not able to deliver|wasn't able to deliver|"
            r"did not reach the following recipient|following address(?:es|\(es\))? (?:failed|had)|permanent (?:fatal )?errors?|delivery (?:has )?failed|"
            r"delivery to the following recipients?|message that you sent|returned to (?:the )?sender|not be delivered to|undeliverable|"
            r"couldn't be delivered|has not (?:yet )?been delivered|delivery attempt|following recipients?|giving up|mailbox (?:is )?(?:full|unavailable)|"
            r"user (?:is )?unknown|unknown user|no such user|transcript of session|quota|"
            r"no se (?:ha )?(?:pudo|podido|puede) (?:ser )?(?:entregar|entregado)|no ha sido entregado|"
            r"konnte(?:n)? nicht (?:zugestellt|übermittelt)|n'a pas pu [êe]tre (?:remis|d[ée]livr|distribu)|n'ont pas pu|"
            r"n[ãa]o p[ôo]de ser entregue|non [èe] stato (?:possibile|recapitato)|не может быть доставлено|не удалось доставить|配信できません|送信できません"
        ),
    ),
    (-6, "subject", _any(r"^\W*(?:fwd?|rv|tr|wg|enc|i|rm):")),
)

# Where the report ends and the copy of our mail begins.
COPY_BEGINS = _any(
    r"^(?:-+ ?(?:below this line|this is a copy|original message|returned message|the header|message header|transcript of session follows.{0,3}\Z|"
    r"undelivered message|the original message|unsent message|message text|mensaje original|ursprüngliche|forwarded message|"
    r"returned mail|start of|the body of|included is|headers? of).*|"
    r"-{2,} ?(?:enclosed|attached|original) .*|message (?:header|contents?|text|follows).*:?|original message (?:header|follows).*|"
    r"the (?:header|first \d+ lines|text) of (?:the )?(?:original |your )?message.*|(?:received|return-path|x-original-to|dkim-signature): .*)$"
)

# Bounded and never begun in the middle of a word, so that a long line costs no more than its length.
_LOCAL = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-"
ADDRESS = rf"[{_LOCAL}]{{1,100}}@(?:[A-Za-z0-9_\-]{{1,63}}\.){{1,12}}[A-Za-z0-9\-]{{1,63}}"

# Exact shapes first: one that finds an address ends the search. Group 1 is the address.
SHAPES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(shape, re.IGNORECASE | re.MULTILINE)
    for shape in (
        rf"^\s*(?:final|original)-recipient:\s*(?:rfc822;)?\s*<?({ADDRESS})",
        rf"^\s*(?:failed |bad |unknown )?(?:recipient|adressat|destinatario|destinataire|empfänger)s?(?: address)?\s*:\s*(?:\[?SMTP:)?<?({ADDRESS})",
        rf"^\s*<({ADDRESS})>:",
        rf"^\s*({ADDRESS}):?\s*$",
        rf"^\s*<({ADDRESS})>:?\s*$",
        rf"^\s*({ADDRESS}) on \d",
        rf"^\s*<?({ADDRESS})>?\.\.\. ",
        rf"\b[45]\d\d(?:[ -][45]\.\d+\.\d+)? <?({ADDRESS})>?(?:\.\.\.|:| )",
        rf"rcpt to:\s*<?({ADDRESS})",
        rf"(?:delivered|sent|addressed|delivery|deliver|message) to:?\s*<?({ADDRESS})",
        rf"(?:user|usuario|utilisateur|mailbox|recipient|address|account)[^\n@]{{0,40}}[\s<(\"'\[:]({ADDRESS})",
        rf"^\s*(?:to|an|para|pour)\s*:\s*<?({ADDRESS})",
        rf"^\s*({ADDRESS})\s*[:;,(\-]",
    )
)
ANY_ADDRESS = re.compile(rf"(?<![{_LOCAL}]){ADDRESS}")

DELAYED = _any(
    r"delay|deferred|warning|still being retried|will (?:be retried|keep trying|retry)|not yet been delivered|temporary (?:problem|failure)|"
    r"retras|demorad|verzöger|retard"
)
GAVE_UP = _any(
    r"giving up|permanent|returned|failed permanently|gave up|could not be delivered|retry time(?:out)? (?:exceeded|not reached)|"
    r"technical details of permanent|failure\b"
)

NO_RECIPIENTS = _any(r"^(?:mailer-?daemon|po+stmaster|abuse|hostmaster|support|helpdesk|help|admin|administrator)@")

# What a failure means, by words; the first that is found counts. RFC 3463 codes are asked before (`CODES`).
WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "full",
        _any(
            r"(?:mail ?box|inbox|quota|storage|disk)[^\n]{0,40}(?:full|exceed|over)|over ?quota|quota exceeded|insufficient (?:system )?storage|"
            r"buz[óo]n (?:est[áa] )?lleno|postfach[^\n]{0,30}voll|bo[îi]te[^\n]{0,30}pleine|too much mail data|full mailbox"
        ),
    ),
    (
        "hard",
        _any(
            r"(?:user|recipient|mailbox|address|account|usuario|utilisateur)[^\n]{0,60}(?:unknown|not (?:found|exist|listed|known)|does ?n[o']t exist|"
            r"no existe|disabled|inactive|invalid|rejected|unavailable|suspended)|unknown (?:user|recipient|local|address|host)|no such (?:user|mailbox|"
            r"recipient|address|person|account|domain|host)|invalid (?:recipient|mailbox|address|user)|not a valid|unrouteable|unroutable|"
            r"no mailbox (?:here )?by that name|host (?:unknown|not found)|domain not found|name or service not known|couldn't find any host|"
            r"doesn't have a|relay(?:ing)? (?:access )?denied|has moved|unbekannt|inconnu|desconocid|no est[áa] dado de alta"
        ),
    ),
    (
        "policy",
        _any(
            r"spam|blocked|blacklist|black list|block ?list|\bdnsbl\b|spamhaus|reputation|\bspf\b|\bdkim\b|\bdmarc\b|policy|virus|content (?:filter|reject)|"
            r"message (?:content )?rejected|rejected for|access denied|not authenticated|prohibited|junk|too (?:large|big)|size (?:limit|exceed)|"
            r"exceeds? (?:the )?(?:maximum|size)|reverse dns|\bptr\b|banned"
        ),
    ),
    (
        "soft",
        _any(
            r"time[d]?[- ]?out|temporar|try again|deferred|delayed|greylist|connection (?:refused|reset|lost)|retry|unreachable|"
            r"too many (?:hops|connections|messages)|rate limit|not yet been delivered|still being retried|loops? back|loop"
        ),
    ),
)
# RFC 3463: subject and detail of the status, the class digit apart.
CODES: dict[str, str] = {
    "1.0": "hard", "1.1": "hard", "1.2": "hard", "1.3": "hard", "1.4": "hard", "1.6": "hard", "1.10": "hard",
    "1.7": "policy", "1.8": "policy", "2.0": "soft", "2.1": "hard", "2.2": "full", "2.3": "policy", "2.4": "soft", "3.0": "soft",
    "3.1": "full", "3.2": "soft", "3.3": "policy", "3.4": "policy", "3.5": "soft", "4.0": "soft", "4.1": "soft", "4.2": "soft",
    "4.3": "soft", "4.4": "hard", "4.5": "soft", "4.6": "soft", "4.7": "soft", "6.0": "policy", "6.1": "policy", "6.3": "policy",
    "7.0": "policy", "7.1": "policy", "7.2": "policy",
}
STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<![\d.\-:/])([45])\d\d(?=[ -])")
