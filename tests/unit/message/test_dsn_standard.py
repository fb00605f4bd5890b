"""Reports that follow a standard: RFC 3464, RFC 5965, RFC 8098, RFC 5429."""

import email

import pytest

from maild.base.words import Kind
from maild.message.dsn import make_recipient, read_report


def report_of(text: str, body: str = ""):
    octets = text.strip("\n").encode()
    return read_report(octets, email.message_from_bytes(octets), body)


DSN = """
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: desk+b1@desk.example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

This is the mail system at host mx.example.net.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Original-Envelope-Id: envelope-7

Original-Recipient: rfc822;marta@example.org
Final-Recipient: rfc822; marta.lopez@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <marta.lopez@example.org>:
    Recipient address rejected: User unknown

Final-Recipient: rfc822; ben@example.org
Action: delayed (still trying)
Status: 4.2.2 (mailbox full)
Diagnostic-Code: smtp; 452 4.2.2 over quota

--b
Content-Type: message/rfc822

From: support@example.com
To: marta@example.org
Message-ID: <reply-1@desk.example.com>
Subject: [ACME-1R] Printer

Hello Marta

--b--
"""


def test_each_recipient_is_read_with_address_status_and_class():
    report = report_of(DSN)
    marta, ben = report.recipients
    assert (marta.address, marta.status, marta.action, marta.permanent, marta.what) == (
        "marta@example.org",
        "5.1.1",
        "failed",
        True,
        "hard",
    )
    assert "User unknown" in marta.diagnostic
    assert (ben.address, ben.status, ben.action, ben.permanent, ben.what) == (
        "ben@example.org",
        "4.2.2",
        "delayed",
        False,
        "full",
    )


def test_the_mail_that_it_reports_on_is_known():
    report = report_of(DSN)
    assert report.kind is Kind.BOUNCE
    assert report.original_message_id == "<reply-1@desk.example.com>"
    assert report.original_envelope_id == "envelope-7"


def test_headers_alone_name_the_original_too():
    headers_only = DSN.replace("message/rfc822", "text/rfc822-headers")
    assert report_of(headers_only).original_message_id == "<reply-1@desk.example.com>"


def test_a_success_report_is_no_failure():
    report = report_of(DSN.replace("Action: failed", "Action: relayed").replace("Status: 5.1.1", "Status: 2.0.0"))
    assert report.recipients[0].action == "relayed"
    assert not report.recipients[0].permanent
    assert report.recipients[0].what == "unknown"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("rfc822; ana@example.org", "ana@example.org"),
        ("RFC822;<ana@example.org>", "ana@example.org"),
        ("<ana@example.org>", "ana@example.org"),
        ("rfc822; ana@example.org (Ana Ruiz)", "ana@example.org"),
        ("utf-8; jörg@example.org", "jörg@example.org"),
        ("X400; /CN=ana", None),
    ],
)
def test_an_address_is_read_however_it_is_decorated(written, address):
    mail = DSN.replace("Original-Recipient: rfc822;marta@example.org\n", "").replace(
        "rfc822; marta.lopez@example.org", written
    )
    recipients = report_of(mail).recipients
    assert recipients[0].address == (address or "ben@example.org")


@pytest.mark.parametrize(("action", "read"), [("error", "failed"), ("FAILED", "failed"), ("delay;", "delayed")])
def test_an_action_that_no_standard_names_is_understood(action, read):
    assert report_of(DSN.replace("Action: failed", f"Action: {action}")).recipients[0].action == read


def test_a_forwarded_report_is_a_persons_mail():
    indented = f"""
From: Ana <ana@example.org>
To: support@example.com
Subject: Fwd: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: text/plain

What does this mean?

--outer
Content-Type: message/rfc822

{DSN.strip()}

--outer--
"""
    assert report_of(indented, "What does this mean?") is None


def test_the_parts_of_a_report_in_a_persons_forward_make_no_report():
    forwarded = DSN.replace("Mail Delivery System", "Ana").replace("MAILER-DAEMON@mx.example.net", "ana@example.org")
    forwarded = forwarded.replace("multipart/report; report-type=delivery-status", "multipart/mixed")
    assert report_of(forwarded.replace("Subject: ", "Subject: Fwd: "), "What is this?") is None
    assert report_of(forwarded, "What is this?") is None
    assert report_of(DSN.replace("multipart/report; report-type=delivery-status", "multipart/mixed"), "") is not None


def test_a_report_type_without_a_report_is_a_persons_broken_mail():
    assert report_of("From: a@example.org\nContent-Type: multipart/report; boundary=b\n\n--b\n\nHello\n--b--\n") is None


def test_a_complaint_names_the_mail_and_the_recipient():
    """RFC 5965 section 3."""
    report = report_of(
        """
From: feedback@provider.example
To: abuse@example.com
Subject: FW: Your answer
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

This is an email abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1
Version: 1
Original-Mail-From: <desk@desk.example.com>
Original-Rcpt-To: <marta@example.org>

--b
Content-Type: message/rfc822

Message-ID: <reply-2@desk.example.com>
Subject: Your answer

Hello
--b--
"""
    )
    assert report.kind is Kind.COMPLAINT
    assert report.original_rcpt_to == "marta@example.org"
    assert report.original_message_id == "<reply-2@desk.example.com>"
    assert report.recipients == ()


RECEIPT = """
From: Marta <marta@example.org>
To: support@example.com
Subject: Read: Printer
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: text/plain

The mail was displayed.

--b
Content-Type: message/disposition-notification

Reporting-UA: pc; Mailer 1
Final-Recipient: rfc822;marta@example.org
Original-Message-ID: <reply-3@desk.example.com>
Disposition: manual-action/MDN-sent-manually; displayed

--b--
"""


def test_a_receipt_names_the_mail_that_was_read():
    """RFC 8098 section 3.1."""
    report = report_of(RECEIPT, "The mail was displayed.")
    assert report.kind is Kind.RECEIPT
    assert report.original_message_id == "<reply-3@desk.example.com>"
    assert report.original_rcpt_to == "marta@example.org"


def test_a_rejection_in_the_form_of_a_receipt_is_a_bounce():
    """RFC 5429 section 2.1."""
    report = report_of(
        RECEIPT.replace("MDN-sent-manually; displayed", "MDN-sent-automatically; deleted"),
        "Your message was automatically rejected: quota exceeded",
    )
    assert report.kind is Kind.BOUNCE
    assert [r.address for r in report.recipients] == ["marta@example.org"]


@pytest.mark.parametrize(
    ("status", "diagnostic", "what"),
    [
        ("5.1.1", "", "hard"),
        ("5.1.1", "rejected for policy reasons", "hard"),
        ("5.2.2", "", "full"),
        ("5.7.1", "", "policy"),
        ("4.4.1", "connection timed out", "soft"),
        ("5.0.0", "550 No such user here", "hard"),
        ("", "552 5.2.2 mailbox full", "full"),
        ("", "blocked by our spam filter", "policy"),
        ("", "el usuario no existe", "hard"),
        ("", "buzón lleno", "full"),
        ("5.0.0", "", "hard"),
        ("4.0.0", "", "soft"),
        ("5.3.0", "553 Unknown E-Mail Address", "soft"),
        ("", "", "unknown"),
        ("2.1.5", "250 Ok", "unknown"),
    ],
)
def test_code_and_words_name_the_class(status, diagnostic, what):
    assert make_recipient("a@example.org", status, "failed", diagnostic).what == what


def test_a_status_of_zeros_gives_way_to_the_one_in_the_diagnostic():
    recipient = make_recipient("a@example.org", "5.0.0", "failed", "smtp; 550 5.1.1 unknown")
    assert recipient.status == "5.1.1"


def test_a_long_diagnostic_is_shortened():
    assert len(make_recipient("a@example.org", "5.1.1", "failed", "x" * 90_000).diagnostic) == 1_000
