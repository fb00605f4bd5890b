"""Names of attachments as clients write them: RFC 2231, RFC 2047 where it does not belong, and raw octets."""

import base64
from urllib.parse import quote

import pytest

from maild.message.attachments import read_part
from maild.message.parse import parse


def _word(text, charset="utf-8"):
    return b"=?%s?B?%s?=" % (charset.encode(), base64.b64encode(text.encode(charset)))


def _percent(text, charset="utf-8"):
    return quote(text.encode(charset)).encode()


A = b"attachment; "
N = "Informe año 2024.pdf"
LONG = "Relación de incidencias pendientes de resolución.xlsx"

CASES = [
    (b'application/pdf; name="' + _word(N) + b'"', A + b'filename="' + _word(N) + b'"', N),  # Gmail
    (b'application/pdf; name="' + _word(N) + b'"', A + b"filename*=UTF-8''" + _percent(N), N),
    (
        b'application/pdf; name="=?iso-8859-1?Q?Informe_a=F1o_2024.pdf?="',
        A + b'filename="=?iso-8859-1?Q?Informe_a=F1o_2024.pdf?="',
        N,
    ),  # Outlook
    (
        b'application/pdf; name="Informe =?iso-8859-1?Q?a=F1o_2024.pdf?="',
        A + b'filename="Informe =?iso-8859-1?Q?a=F1o_2024.pdf?="',
        N,
    ),
    (b'application/pdf;\n\tname="Informe =?ISO-8859-1?Q?a=F1o?= 2024.pdf"', b"", N),
    (b"application/pdf", A + b"filename*=iso-8859-1'es'Informe%20a%F1o%202024.pdf", N),
    (
        b"application/vnd.ms-excel",
        A + b"\n filename*0*=UTF-8''" + _percent(LONG[:20]) + b";\n filename*1*=" + _percent(LONG[20:]),
        LONG,
    ),  # Thunderbird
    (
        b"application/vnd.ms-excel",
        A + b"\n filename*0*=utf-8''Relaci%C3%B3n%20de;\n filename*1=\" incidencias.xlsx\"",
        "Relación de incidencias.xlsx",
    ),
    (
        b"application/vnd.ms-excel",
        A + b"\n filename*1*=%20incidencias.xlsx;\n filename*0*=utf-8''Relaci%C3%B3n%20de",
        "Relación de incidencias.xlsx",
    ),
    (b"application/pdf; name*=UTF-8''" + _percent(N), b"attachment", N),
    (b"application/pdf; name=" + N.encode(), A + b"filename=" + N.encode(), N),  # raw utf8 unquoted
    (
        b'application/pdf; name="' + N.encode("cp1252") + b'"',
        A + b'filename="' + N.encode("cp1252") + b'"',
        N,
    ),  # old php
    (b'application/pdf; name="a\\"b.pdf"', A + b'filename="a\\"b.pdf"', 'a"b.pdf'),
    (b"application/pdf", A + b'filename="C:\\\\Users\\\\eva\\\\factura.pdf"', "factura.pdf"),
    (b"application/pdf", A + b'filename="C:\\Users\\eva\\factura.pdf"', "factura.pdf"),
    (b"application/pdf", A + b"filename='factura 2024.pdf'", "factura 2024.pdf"),
    (b"application/pdf", A + b"FILENAME=FACTURA.PDF", "FACTURA.PDF"),
    (b"application/pdf", A + b'filename = "factura.pdf"', "factura.pdf"),
    (b"application/pdf", b'attachment filename="factura.pdf"', "factura.pdf"),
    (b"application/pdf", A + b'filename="factura.pdf', "factura.pdf"),
    (b"application/pdf", A + b'filename="' + _word(LONG[:22]) + b"\n " + _word(LONG[22:]) + b'"', LONG),
    (b"application/pdf", A + b"filename=" + _word(N), N),  # unquoted encoded word
    (b"application/pdf", A + b'filename="=?UTF-8?Q?Informe=20a=C3=B1o=202024=2Epdf?="', N),
    (b"application/pdf", A + b'filename="=?UTF-8?Q?Informe a=C3=B1o 2024.pdf?="', N),  # spaces in Q
    (b"application/pdf", A + b"filename=\"UTF-8''Informe%20a%C3%B1o%202024.pdf\"", N),
    (b"application/pdf", A + b"filename*=\"UTF-8''Informe%20a%C3%B1o%202024.pdf\"", N),
    (b"application/pdf", A + b"filename*=Informe%20a%C3%B1o%202024.pdf", N),
    (b"application/pdf", A + b"filename*=UTF8''Informe%20a%C3%B1o%202024.pdf", N),
    (b"application/pdf", A + b"filename*=''Informe%20a%C3%B1o%202024.pdf", N),
    (b"application/pdf", A + b"filename=\"informe.pdf\"; filename*=UTF-8''" + _percent(N), N),
    (b"application/pdf", A + b'filename*0="informe muy "; filename*1="largo.pdf"', "informe muy largo.pdf"),
    (
        b"application/pdf",
        A + b'filename*0="' + _word("relación ") + b'"; filename*1="' + _word("año.pdf") + b'"',
        "relación año.pdf",
    ),
    (
        b"application/pdf",
        A + b'filename="=?iso-2022-jp?B?' + base64.b64encode("報告書.pdf".encode("iso-2022-jp")) + b'?="',
        "報告書.pdf",
    ),
    (b"application/pdf", A + b'filename="' + "報告書.pdf".encode("iso-2022-jp") + b'"', "報告書.pdf"),
    (
        b"application/pdf",
        A + b'filename="=?gb2312?B?' + base64.b64encode("报告书.pdf".encode("gb18030")) + b'?="',
        "报告书.pdf",
    ),
    (
        b"application/pdf",
        A + b'filename="=?koi8-r?B?' + base64.b64encode("отчёт.pdf".encode("koi8-r")) + b'?="',
        "отчёт.pdf",
    ),
    (b"application/pdf", A + b"filename*=koi8-r''" + _percent("отчёт.pdf", "koi8-r"), "отчёт.pdf"),
    (b'application/pdf; name="=?Windows-1252?Q?presupuesto_=80_2024.pdf?="', b"attachment", "presupuesto € 2024.pdf"),
    (
        b"application/pdf",
        A + b'size=12;\n\tfilename="factura.pdf"; creation-date="Tue, 26 Oct 2021 14:25:08 GMT"',
        "factura.pdf",
    ),
    (b"application/pdf", A + b"filename=factura marzo 2024.pdf", "factura marzo 2024.pdf"),
    (
        b'application/pdf; x-unix-mode=0644; name="factura (1).pdf"',
        b'inline; filename="factura (1).pdf"',
        "factura (1).pdf",
    ),  # Apple
    (
        b'application/pdf; x-unix-mode=0644; name="=?utf-8?Q?an=CC=83o.pdf?="',
        b"attachment; filename*=utf-8''an%CC%83o.pdf",
        "an\u0303o.pdf",
    ),
    (b"application/octet-stream", A + b'filename="=?ISO-8859-15?Q?a=F1o_=A4.pdf?="', "año €.pdf"),
    (b'application/octet-stream; name="../../etc/passwd"', A + b'filename="../../etc/passwd"', "passwd"),
    (b'application/octet-stream; charset="utf-8"; name="a.txt"', b"", "a.txt"),
    (
        b'application/pdf; name="=?utf-8?B?'
        + base64.b64encode("Relación de incidencias".encode()[:8])
        + b"?= =?utf-8?B?"
        + base64.b64encode("Relación de incidencias".encode()[8:])
        + b'?=.pdf"',
        b"attachment",
        "Relación de incidencias.pdf",
    ),
    (b"application/pdf; name==?UTF-8?Q?a=C3=B1o.pdf?=", b"attachment", "año.pdf"),
    (b"application/pdf", b"attachment;filename=a.pdf;filename*=", "a.pdf"),
    (b"application/pdf", b"attachment; filename=\"\"; filename*=utf-8''a.pdf", "a.pdf"),
    (b'application/pdf; name="real.pdf"', b'attachment; filename=""', "real.pdf"),
    (b"application/pdf", b'attachment; filename="a\n b.pdf"', "a b.pdf"),
    (b"application/pdf", b'attachment;\n\tfilename="\n\t\tfactura.pdf"', "factura.pdf"),
    (b'image/png; name="image001.png"', b'inline; filename="image001.png"', "image001.png"),
    (b"application/pdf", b"attachment; filename*0*=ISO-8859-1''A%F1; filename*1*=o%20; filename*2=2.pdf", "Año 2.pdf"),
    (b"application/pdf", b"attachment; filename*00*=UTF-8''A%C3%B1; filename*01*=o.pdf", "Año.pdf"),
    (b"application/pdf", b"attachment; filename*1*=UTF-8''A%C3%B1; filename*2*=o.pdf", "Año.pdf"),
]


HEAD = b"""From: a@b.example
Subject: x
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

hola
--x
"""


@pytest.mark.parametrize(("content_type", "disposition", "name"), CASES)
def test_an_attachment_has_the_name_that_its_sender_saw(content_type, disposition, name):
    fields = b"Content-Type: %s\n" % content_type + (b"Content-Disposition: %s\n" % disposition if disposition else b"")
    mail = HEAD + fields + b"Content-Transfer-Encoding: base64\n\naG9sYQ==\n--x--\n"
    (attachment,) = parse(mail).attachments
    assert attachment.filename == name
    assert read_part(mail, attachment.part) == b"hola"
