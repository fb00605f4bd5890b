"""Reports in the words of mail systems, and mails that only look like them."""

import email

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.base.words import Kind
from maild.message.dsn import read_report
from maild.message.model import Report
from tests.support.cost import costs_at_most


def report_of(headers: str, body: str):
    octets = f"{headers.strip()}\n\n{body}".encode()
    return read_report(octets, email.message_from_bytes(octets), body)


DAEMON = "From: MAILER-DAEMON@mx.example.net\nTo: desk@desk.example.com\nSubject: failure notice\nReturn-Path: <>"

SYSTEMS = {
    "qmail": (
        DAEMON,
        "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to "
        "the following addresses.\nThis is a permanent error; I've given up.\n\n<marta@example.org>:\n192.0.2.1 does "
        "not like recipient.\nRemote host said: 550 5.1.1 unknown user\n\n--- Below this line is a copy.\n\n"
        "Message-ID: <m1@desk.example.com>\nTo: marta@example.org, other@example.org\n",
    ),
    "exim": (
        "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\nTo: desk@desk.example.com\n"
        "Subject: Mail delivery failed: returning message to sender\nX-Failed-Recipients: marta@example.org",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not "
        "be delivered to one or more of its\nrecipients. The following address(es) failed:\n\n"
        "  marta@example.org\n    550 5.1.1 unknown user\n\n------ This is a copy of the message ------\n\n"
        "Message-ID: <m1@desk.example.com>\n",
    ),
    "sendmail": (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>\nTo: desk@desk.example.com\n"
        "Subject: Returned mail: User unknown",
        "The original message was received at Mon, 1 Jan 2026\n\n   ----- The following addresses had permanent fatal "
        "errors -----\n<marta@example.org>\n\n   ----- Transcript of session follows -----\n550 <marta@example.org>... "
        "5.1.1 User unknown\n\n   ----- Original message follows -----\n\nMessage-ID: <m1@desk.example.com>\n",
    ),
    "spanish": (
        "From: Administrador del sistema <postmaster@example.es>\nTo: desk@desk.example.com\n"
        "Subject: No se pudo entregar el mensaje",
        "Su mensaje no se ha podido entregar al destinatario siguiente:\n\nDestinatario: marta@example.org\n"
        "Motivo: 550 5.1.1 el usuario no existe\n\n-----Mensaje original-----\nMessage-ID: <m1@desk.example.com>\n",
    ),
    "without a known language": (
        DAEMON.replace("failure notice", "xyzzy"),
        "Qwerty marta@example.org asdfgh 5.1.1\n\nMessage-ID: <m1@desk.example.com>\n",
    ),
    "notification service": (
        "From: no-reply@sns.example.com\nTo: desk@desk.example.com\nSubject: Notification",
        '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"marta@example.org",'
        '"status":"5.1.1"}]}}\n\nMessage-ID: <m1@desk.example.com>\n',
    ),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_report_in_prose_names_who_failed_and_what_was_returned(system):
    report = report_of(*SYSTEMS[system])
    assert [r.address for r in report.recipients] == ["marta@example.org"]
    assert report.original_message_id == "<m1@desk.example.com>"
    recipient = report.recipients[0]
    assert (recipient.status, recipient.permanent, recipient.what) == ("5.1.1", True, "hard")
    assert report.kind is Kind.BOUNCE


def test_each_of_two_addresses_has_its_own_reason():
    report = report_of(
        DAEMON,
        "Could not be delivered.\n\n<marta@example.org>:\n550 5.1.1 unknown user\n\n<ben@example.org>:\nmailbox full\n",
    )
    assert {(r.address, r.what) for r in report.recipients} == {
        ("ben@example.org", "full"),
        ("marta@example.org", "hard"),
    }


SHAPES = [
    "'{}' on 4/29/2026 11:34 PM\n    The e-mail account does not exist.",
    "Could not be delivered to: <{}>\n    As their mailbox is full.",
    "Unknown user: {}",
    ">>> RCPT TO:<{}>\n<<< 550 Unknown user",
    "--- The following addresses had delivery problems ---\n\n<{}>   (User unknown)",
    "Unable to deliver message to: <{}>",
    "The following recipients were affected:\n    {}",
    "El mensaje no pudo ser entregado a {}: buzón lleno",
    "宛先: {}\n理由: 550 user unknown",
    "User ana ({}) not listed",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_many_systems_name_the_address_in_many_ways(shape):
    report = report_of(DAEMON, f"The mail was returned.\n\n{shape.format('marta@example.org')}\n")
    assert [r.address for r in report.recipients] == ["marta@example.org"]


def test_a_report_without_from_is_read():
    report = report_of(
        "To: desk@desk.example.com\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender",
        "Your message could not be delivered to:\n\nmarta@example.org\n",
    )
    assert [r.address for r in report.recipients] == ["marta@example.org"]


def test_a_warning_is_no_failure():
    report = report_of(
        "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\nSubject: Warning: message delayed 24 hours",
        "A message has not yet been delivered.\n\n  marta@example.org\n    connection timed out\n",
    )
    assert report.recipients[0].action == "delayed"
    assert not report.recipients[0].permanent


def test_a_notice_of_delivery_is_no_failure():
    report = report_of(
        "From: no-reply@sns.example.com\nSubject: Notification",
        '{"notificationType":"Delivery","delivery":{"recipients":["marta@example.org"]}}',
    )
    assert report.recipients[0].action == "delivered"
    assert not report.recipients[0].permanent


def test_one_who_wrote_to_himself_is_the_one_who_failed():
    report = report_of(
        "From: MAILER-DAEMON@example.org\nTo: ana@example.org\nSubject: failure notice",
        "I wasn't able to deliver your message.\n\n<ana@example.org>:\n552 quota exceeded\n",
    )
    assert [(r.address, r.what) for r in report.recipients] == [("ana@example.org", "full")]


def test_the_recipient_of_the_copy_is_taken_when_nobody_is_named():
    report = report_of(
        DAEMON, "Could not be delivered.\n\nSorry.\n\n--- Below this line is a copy\nTo: marta@example.org\n"
    )
    assert [r.address for r in report.recipients] == ["marta@example.org"]


def test_a_report_that_names_nobody_is_still_a_report():
    report = report_of(DAEMON, "Could not be delivered.")
    assert report.recipients == ()


PEOPLE = [
    ("From: Ana <ana@example.org>\nSubject: Delivery failed", "My parcel could not be delivered."),
    ("From: Ana <ana@example.org>\nSubject: Undelivered Mail Returned to Sender", "I got:\n<ben@x.org>: user unknown"),
    ("From: Ana <ana@example.org>\nSubject: Re: Undeliverable: Hello", "What is this?\n> marta@example.org failed"),
    ("From: postmaster@example.org\nReturn-Path: <>\nSubject: I am away", "Back on Monday."),
    (
        "From: Ana <ana@example.org>\nReturn-Path: <ana@example.org>\nSubject: quota",
        "My mailbox is full, user unknown?",
    ),
    ("Subject: hello", "I wasn't able to deliver the parcel."),
]


@pytest.mark.parametrize(("headers", "body"), PEOPLE)
def test_a_mail_about_a_bounce_is_no_bounce(headers, body):
    assert report_of(headers, body) is None


@settings(max_examples=150)
@given(
    st.binary(max_size=400),
    st.sampled_from(["message/delivery-status", "message/disposition-notification", "message/feedback-report"]),
    st.text(max_size=200),
)
def test_whatever_stands_in_a_report_is_answered(octets, kind, text):
    mail = (
        b"From: MAILER-DAEMON\nSubject: failure notice\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        + b"Content-Type: "
        + kind.encode()
        + b"\n\n"
        + octets
        + b"\n--b--\n"
    )
    report = read_report(mail, email.message_from_bytes(mail), text)
    assert report is None or isinstance(report, Report)
    for recipient in report.recipients if report else ():
        recipient.address.encode("utf-8")
        recipient.diagnostic.encode("utf-8")


@pytest.mark.parametrize(
    "piece", ["a", "a@", "a.", "\n", "<a@b", "user ", "5.1.1 ", "To: a@b.c,", "(", "Message-ID: <"]
)
def test_a_long_report_costs_no_more_than_its_length(piece):
    text = piece * (300_000 // len(piece))
    assert costs_at_most(150, lambda: report_of(DAEMON, text))
