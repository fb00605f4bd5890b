"""Whole conversations as mail programs hold them: what each sends back, from the first question to the last thanks."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import escape
from itertools import count

import pytest

from maild.message.threadindex import CHILD_OCTETS, HEAD_OCTETS, read_index
from tests.stories.stage import SUPPORT, Stage, Talk, smtp_stage
from tests.support.desk import Received

INDEX = base64.b64encode(bytes([1, 220, 88]) + bytes(range(19))).decode()
BARE = "desk@desk.example.com"
REFERENCES_MOST = 10
_ids = count(1)

Quote = Callable[[str, Received], tuple[str, str]]  # her words and what she answers: the plain part and the HTML part


@dataclass(frozen=True)
class Client:
    """What one mail program makes of an answer."""

    name: str
    quote: Quote
    prefix: str = "Re: "
    references: str = "whole"  # whole, last (only our mail), none, only-in-reply-to; their: the ids are a relay's own
    plus: bool = True  # False: it, or an address book, has stripped the tag of the reply address
    names: tuple[str, ...] = ("Marta Gil",)  # in From, one after the other
    index: bool = False  # Outlook's Thread-Index and Thread-Topic
    more: dict[str, str] = field(default_factory=dict)


def gmail(words: str, had: Received) -> tuple[str, str]:
    above = "On Mon, Nov 23, 2026 at 10:00 AM Acme Support &lt;<a href='mailto:x@y.example'>x@y.example</a>&gt; wrote:"
    quoted = "\n".join(f"> {line}".rstrip() for line in had.text.splitlines())
    html = (
        f'<div dir="ltr">{words}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        f'class="gmail_attr">{above}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">'
        f"{had.html}</blockquote></div>"
    )
    above_text = "On Mon, Nov 23, 2026 at 10:00 AM Acme Support <\nsupport@example.com> wrote:"
    return f"{words}\n\n{above_text}\n\n{quoted}\n", html


def gmail_app(words: str, had: Received) -> tuple[str, str]:
    quoted = "\n".join(f"> {line}".rstrip() for line in had.text.splitlines())
    above = "El lun, 23 nov 2026, 10:00, Acme Support <support@example.com> escribió:"
    html = (
        f'<div dir="auto">{words}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{escape(above)}'
        f'<br></div><blockquote class="gmail_quote">{had.html}</blockquote></div>'
    )
    return f"{words}\n\n{above}\n\n{quoted}\n", html


def _outlook_head(had: Received, labels: tuple[str, ...]) -> list[str]:
    values = ("Acme Support <support@example.com>", "lunes, 23 de noviembre de 2026 10:00", "Marta Gil")
    return [f"{label}: {v}" for label, v in zip(labels, (*values, str(had.mail["Subject"])), strict=True)]


def outlook(labels: tuple[str, ...]) -> Quote:
    def quote(words: str, had: Received) -> tuple[str, str]:
        head = _outlook_head(had, labels)
        bold = "<br>".join(f"<b>{label}:</b> {escape(v)}" for label, _, v in (line.partition(": ") for line in head))
        html = (
            f'<div class="WordSection1"><p class="MsoNormal">{words}<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;'
            '</o:p></p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
            f'<p class="MsoNormal">{bold}<o:p></o:p></p></div>{had.html}</div>'
        )
        return f"{words}\n\n" + "\n".join(head) + f"\n\n{had.text}", html

    return quote


def outlook_com(words: str, had: Received) -> tuple[str, str]:
    head = _outlook_head(had, ("From", "Sent", "To", "Subject"))
    html = (
        f'<div class="elementToProof">{words}</div><div id="appendonsend"></div><hr style="display:inline-block;'
        f'width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">{"<br>".join(map(escape, head))}</div>{had.html}'
    )
    return f"{words}\n\n{'_' * 32}\n" + "\n".join(head) + f"\n\n{had.text}", html


def apple(words: str, had: Received) -> tuple[str, str]:
    quoted = "\n".join(f"> {line}".rstrip() for line in had.text.splitlines())
    above = "On 23 Nov 2026, at 10:00, Acme Support <support@example.com> wrote:"
    html = (
        f'<div>{words}</div><div><br><blockquote type="cite"><div>{escape(above)}</div><br><div>{had.html}</div>'
        "</blockquote></div><br>"
    )
    return f"{words}\n\n> {above}\n> \n{quoted}\n", html


def thunderbird(words: str, had: Received) -> tuple[str, str]:
    quoted = "\n".join(f"> {line}".rstrip() for line in had.text.splitlines())
    return f"{words}\n\nAm 23.11.26 um 10:00 schrieb Acme Support:\n{quoted}\n\n-- \nMarta Gil\nCalle Mayor 1\n", ""


def k9(words: str, had: Received) -> tuple[str, str]:
    quoted = "\n".join(f">{line}" for line in had.text.splitlines())
    above = "El 23 de noviembre de 2026 10:00:00 CET, Acme Support <support@example.com> escribió:"
    return f"{words}\n\n{above}\n{quoted}\n\n-- \nEnviado desde mi dispositivo Android con K-9 Mail.\n", ""


SPANISH_HEAD = ("De", "Enviado el", "Para", "Asunto")
GERMAN_HEAD = ("Von", "Gesendet", "An", "Betreff")
CLIENTS = [
    Client("gmail-web", gmail),
    Client("gmail-app", gmail_app, references="last", names=("Marta Gil", "Marta", "")),
    Client("outlook-desktop", outlook(SPANISH_HEAD), "RE: ", index=True, more={"Accept-Language": "es-ES"}),
    Client("outlook-behind-exchange", outlook(GERMAN_HEAD), "AW: ", references="their", index=True),
    Client("outlook-behind-ses", outlook(SPANISH_HEAD), "RV: ", references="their", names=("GIL MARTA", "Gil, Marta")),
    Client("outlook-com", outlook_com, references="only-in-reply-to", index=True),
    Client("outlook-com-without-the-tag", outlook_com, references="only-in-reply-to", plus=False),
    Client("apple-mail", apple, names=("Marta Gil", "Marta Gil (iPhone)")),
    Client("thunderbird", thunderbird),
    Client("thunderbird-without-the-tag", thunderbird, plus=False, references="last"),
    Client("k9", k9, references="none"),
    Client("nothing-left-but-subject-and-quote", k9, "Re: RE: ", references="none", plus=False),
    Client("all-ids-are-a-relays-and-the-tag-is-gone", outlook(SPANISH_HEAD), "RE: ", references="their", plus=False),
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One desk that all of them write to."""
    with smtp_stage(tmp_path_factory.mktemp("clients"), "en") as running:
        yield running


def grown(index: str) -> str:
    """The Thread-Index of an answer, as Outlook makes it: five octets more."""
    return base64.b64encode(base64.b64decode(index) + bytes([0, 0, 16, next(_ids) % 256, 7])).decode()


def threaded(client: Client, had: Received) -> dict[str, str | None]:
    """In-Reply-To and References of an answer, as far as the program writes them."""
    own, before = str(had.mail["Message-ID"]), str(had.mail["References"] or "")
    if client.references == "their":  # a relay gave our mail another id, and her program knows no other
        own, before = f"<010201{next(_ids):06d}-000000@eu-west-1.amazonses.com>", ""
    shapes: dict[str, tuple[str | None, str | None]] = {
        "last": (own, own),
        "only-in-reply-to": (own, None),
        "none": (None, None),
    }
    answered, references = shapes.get(client.references, (own, f"{before} {own}".strip()))
    return {"In-Reply-To": answered, "References": references}


def answers(client: Client, talk: Talk, had: Received, words: str, name: str) -> EmailMessage:
    """Her answer to a mail, as her program makes it."""
    fields: dict[str, str | None] = threaded(client, had) | client.more
    if client.index:
        fields |= {"Thread-Index": grown(str(had.mail["Thread-Index"])), "Thread-Topic": talk.stage.words.subject}
    plain, html = client.quote(words, had)
    mail = talk.stage.compose(
        plain,
        author=f'"{name}" <{talk.requester}>' if name else talk.requester,
        subject=f"{client.prefix}{had.mail['Subject']}",
        To=str(had.mail["Reply-To"]) if client.plus else f"Acme Support <{BARE}>",
        **fields,
    )
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def is_in_order(mail: EmailMessage, ids: list[str]) -> bool:
    """Tell whether the References that are among these ids stand as they came about."""
    named = [i for i in str(mail["References"]).split() if i in ids]
    return named == sorted(named, key=ids.index)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_conversation_stays_one_ticket_of_which_the_new_words_are_kept(stage, client):
    first = {"Thread-Index": INDEX, "Thread-Topic": stage.words.subject} if client.index else {}
    talk = stage.opened(**first)
    had, said, index = talk.ack, [str(talk.asked["Message-ID"])], INDEX
    for turn in range(3):
        words = f"Answer {turn} of mine: the lamp blinks {turn + 2} times now."
        mail = answers(client, talk, had, words, client.names[turn % len(client.names)])
        row = stage.arrive(mail)
        assert row["ticket"] == talk.key, row
        assert talk.ticket()["messages"][-1]["new_text"].strip() == words
        said += [str(had.mail["Message-ID"]), str(mail["Message-ID"])]
        index = str(mail["Thread-Index"] or index)
        had = talk.gets_answer(f"Then turn it off for {turn + 2} minutes, please.")
        assert had.mail["Subject"] == f"[{talk.key}] {stage.words.subject}"
        assert had.mail["From"].addresses[0].addr_spec == SUPPORT
        references = str(had.mail["References"]).split()
        assert len(references) == len(set(references)) <= REFERENCES_MOST
        assert references[-1] == had.mail["In-Reply-To"] == mail["Message-ID"]
        assert is_in_order(had.mail, said)
        if client.index:
            ours = base64.b64decode(read_index(str(had.mail["Thread-Index"])))
            assert ours[:-CHILD_OCTETS] == base64.b64decode(index)
            assert ours[:HEAD_OCTETS] == base64.b64decode(INDEX)
            assert had.mail["Thread-Topic"] == stage.words.subject
        else:
            assert (had.mail["Thread-Index"], had.mail["Thread-Topic"]) == (None, None)
    assert talk.ticket()["subject"] == stage.words.subject
    assert len(talk.mails(talk.requester)) == 4


def test_a_long_conversation_names_its_root_and_its_newest_mails(stage):
    client = Client("thunderbird", thunderbird)
    talk = stage.opened()
    had, root, said = talk.ack, str(talk.ack.mail["References"]).split()[0], [str(talk.asked["Message-ID"])]
    for turn in range(8):
        mail = answers(client, talk, had, f"It is answer {turn}.", "Marta Gil")
        stage.arrive(mail)
        said += [str(had.mail["Message-ID"]), str(mail["Message-ID"])]
        had = talk.gets_answer(f"That was answer {turn}, thank you very much.")
    references = str(had.mail["References"]).split()
    assert len(references) == REFERENCES_MOST
    assert references[0] == root
    assert references[-3:] == said[-3:]
    assert is_in_order(had.mail, said)


# A press on "unsubscribe".


@pytest.mark.parametrize("subject", ["as-it-stands", "unsubscribe", "baja", ""])
def test_a_press_on_unsubscribe_that_sends_an_empty_mail_takes_him_out(stage, subject):
    leaver = stage.somebody()
    talk = stage.opened(Cc=leaver)
    talk.gets_answer("This is the first of our answers.")
    copy = stage.desk.mail_to(leaver)
    url = str(copy.mail["List-Unsubscribe"]).strip("<>")
    address, _, _ = url.removeprefix("mailto:").partition("?")
    press = stage.compose("", author=leaver, To=address, subject="x")
    del press["Subject"]
    if subject:
        press["Subject"] = "#unsubscribe" if subject == "as-it-stands" else subject
    row = stage.arrive(press)
    assert (row["ticket"], row["state"]) == (talk.key, "applied")
    assert "left" in {event["verb"] for event in talk.ticket()["events"]}
    talk.gets_answer("This is the second of our answers.")
    assert len(stage.desk.sink.to(leaver)) == 1
