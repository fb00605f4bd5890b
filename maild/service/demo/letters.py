"""What the people of the story write, in their words."""

from maild.service.demo.stage import Person

MARTA = Person("Marta Gil", "marta@example.org")
JOHN = Person("John Reed", "john@example.net")
ANA = Person("Ana Ruiz", "ana@acme.example")
BEN = Person("Ben Cole", "ben@acme.example")
MAILER = Person("Mail Delivery System", "mailer-daemon@example.net")

MARTA_ASKS = """\
Buenos días:

desde esta mañana la impresora de la segunda planta no imprime. En la pantalla pone «Error 49».

Un saludo,
Marta
"""
MARTA_IS_AWAY = """\
Estoy fuera de la oficina hasta el lunes. Leeré su mensaje a la vuelta.
"""
ANA_ASKS = """\
#priority high
Hola, Marta:

¿puede apagarla, esperar un minuto y volver a encenderla? Dígame si el error sigue ahí.
"""
MARTA_ANSWERS = """\
Hecho. Ahora imprime la primera página y se para en la segunda.
"""
ANA_SLIPS = """\
#reslove
Le hemos cambiado el fusor; ya imprime.
"""
FORGER = """\
#priority low
#close
"""
ANA_RESOLVES = """\
#resolve
Le hemos cambiado el fusor; ya imprime.
"""
JOHN_ASKS = """\
Hello,

I cannot sign in to the customer portal since the update. It says "session expired" at once.

Thanks,
John
"""
BEN_ANSWERS = """\
Hello John, please delete the portal's cookies once and sign in again.
"""
BOUNCE = """\
From: Mail Delivery System <{mailer}>
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: {message_id}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="report"

--report
Content-Type: text/plain; charset=utf-8

The mail to <{recipient}> could not be delivered: the mailbox is full.

--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 the mailbox is full

--report
Content-Type: text/rfc822-headers

Message-ID: {original}
Subject: {subject}

--report--
"""
