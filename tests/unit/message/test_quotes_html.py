"""What is new in a mail of HTML: the containers in which each client puts its quotes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.base.limits import DEFAULT_LIMITS
from maild.message import quotes
from maild.message.html import to_text
from maild.message.model import Message
from tests.support.cost import costs_at_most

TOP = "<div>Sigue sin arrancar.</div><div>Gracias, Eva</div>"
NEW = "Siguesinarrancar.Gracias,Eva"
WHEN = "El mar, 24 mar 2025 a las 11:02, Taller (&lt;t@norte.example&gt;) escribió:"
FIELDS = (
    "<b>De:</b> Taller &lt;t@norte.example&gt;<br><b>Enviado el:</b> martes, 24 de marzo de 2025 11:02<br>"
    "<b>Para:</b> Eva<br><b>Asunto:</b> RE: x"
)

ANSWERS = {
    "gmail": f'{TOP}<br><div class="gmail_quote"><div class="gmail_attr">{WHEN}<br></div>'
    ""
    '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid">'
    "lo de antes</blockquote></div>",
    "gmail, long ago": f'{TOP}<div class="gmail_quote">2014-10-17 11:28 GMT+03:00 T <span>&lt;t@n.example&gt;</span>:'
    '<br><blockquote class="gmail_quote">lo de antes</blockquote></div>',
    "gmail, answers inside": f'<div class="gmail_quote"><div class="gmail_attr">{WHEN}</div>'
    '<blockquote class="gmail_quote">uno</blockquote><div>Sigue sin arrancar.</div>'
    '<blockquote class="gmail_quote">dos</blockquote><div>Gracias, Eva</div></div>',
    "outlook on the web": f'{TOP}<div id="appendonsend"></div><hr><div id="divRplyFwdMsg" dir="ltr">{FIELDS}</div>'
    "<div>lo de antes</div>",
    "outlook on the web, quoted twice": f'{TOP}<hr><div id="x_divRplyFwdMsg">Anything</div><div>lo de antes</div>',
    "outlook": f'<div class="WordSection1">{TOP}<div style="border:none;border-top:solid #E1E1E1 1.0pt">'
    f"<p class=MsoNormal>{FIELDS}</p></div><p>lo de antes</p></div>",
    "outlook for mac": f'{TOP}<span id="OLK_SRC_BODY_SECTION"><div>lo de antes</div></span>',
    "outlook on a phone": f'{TOP}<div class="ms-outlook-mobile-reference-message"><div>lo de antes</div></div>',
    "apple": f'{TOP}<br><blockquote type="cite"><div>{WHEN}</div><br><div>lo de antes</div></blockquote>',
    "apple, answers inside": '<div>Sigue sin arrancar.</div><blockquote type="cite">uno'
    "</blockquote><div>Gracias, Eva</div>",
    "thunderbird": f'{TOP}<div class="moz-cite-prefix">El 26/10/21 a las 14:25, T escribió:<br></div>'
    '<blockquote type="cite" cite="mid:1@norte.example">lo de antes</blockquote>',
    "yahoo": f'{TOP}<div id="ydp3yahoo_quoted_123" class="ydp3yahoo_quoted"><div>lo de antes</div></div>',
    "proton": f'{TOP}<div class="protonmail_quote">Whatever:<br><blockquote type="cite">lo de antes</blockquote></div>',
    "roundcube": f'{TOP}<p id="reply-intro">El 2021-10-26 14:25, T escribió:</p>'
    '<blockquote type="cite">antes</blockquote>',
    "zimbra": f'{TOP}<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>De: </b>T<br></div>'
    '<div data-marker="__QUOTED_TEXT__">lo de antes</div>',
    "samsung": f"{TOP}<div>-------- Mensaje original --------</div><div>De: T &lt;t@norte.example&gt; </div>"
    "<div>Fecha: 26/10/21 14:25 (GMT+01:00) </div><div>A: Eva </div><div>Asunto: x </div>lo de antes",
    "spark": f'{TOP}<div name="messageReplySection">lo de antes</div>',
    "a client that we do not know": f"{TOP}<div>{WHEN}</div><blockquote><div>lo de antes</div></blockquote>",
}

PIECES = [
    *ANSWERS.values(),
    "<div>",
    "</div>",
    "<blockquote>",
    "</blockquote>",
    '<blockquote type="cite">',
    "words",
    "<br>",
]
PIECES += [
    "\ue0f0",
    "\ue0f1",
    '<div class="gmail_quote">',
    '<hr id="zwchr">',
    "<style>",
    "<a href='http://x.example'>",
    "<td>",
]


def _read(html, text=None, subject="Re: x"):
    plain = to_text(html, DEFAULT_LIMITS) if text is None else text
    kept, spans = quotes.partition(plain, html, subject=subject, is_html_only=text is None)
    assert "".join(kept[span.start : span.end] for span in spans) == kept
    return Message(sha256="", content_hash="", size=0, text=kept, spans=spans)


@pytest.mark.parametrize("client", ANSWERS)
def test_what_a_client_puts_into_its_quote_is_not_new(client):
    assert "".join(_read(ANSWERS[client]).new_text.split()) == NEW


@pytest.mark.parametrize("client", ANSWERS)
def test_the_text_is_the_same_as_without_a_look_at_the_quotes(client):
    assert _read(ANSWERS[client]).text == to_text(ANSWERS[client], DEFAULT_LIMITS)


def test_a_quotation_that_the_sender_makes_herself_is_kept():
    page = "<p>The manual says:</p><blockquote>Press the red button.</blockquote><p>Which one is it?</p>"
    assert "red button" in _read(page, subject="A question").new_text
    indent = '<p>So:</p><blockquote style="margin:0 0 0 40px;border:none;padding:0px">indented</blockquote>'
    assert "indented" in _read(indent).new_text


def test_a_forward_in_gmails_container_is_no_quote():
    page = (
        '<div>Mira</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        "De: T &lt;t@norte.example&gt;<br>Date: mar, 24 mar 2025 a las 11:02<br>Subject: x<br>To: Eva</div>"
        "lo suyo</div>"
    )
    assert "lo suyo" in _read(page, subject="Fwd: x").new_text


def test_the_html_says_what_is_quoted_where_the_plain_part_does_not():
    html = (
        '<p>Vale, <b>gracias</b>.</p><div class="moz-cite-prefix">Any words</div>'
        '<blockquote type="cite">antes</blockquote>'
    )
    message = _read(html, "Vale, *gracias*.\n\nAny words\n\nantes\n")
    assert message.new_text == "Vale, *gracias*."
    other = _read(html, "Otra cosa.\n\nAny words\n\nantes\n")
    assert other.new_text == other.text.strip()


def test_signs_of_ours_in_a_mail_mark_nothing():
    page = "<p>uno \ue0f0dos</p><blockquote type=cite>tres</blockquote>"
    assert _read(page).new_text == "uno dos"


@settings(max_examples=100)
@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=10)), max_size=15).map("".join),
    st.one_of(st.none(), st.text(max_size=30)),
)
def test_the_spans_cover_the_text_of_any_markup(page, plain):
    _read(page, plain)
    _read(page, plain, subject="RV: x")


@pytest.mark.parametrize(
    "page",
    [
        "<blockquote>" * 50_000 + "x" + "</blockquote>" * 50_000,
        "<blockquote type=cite>x</blockquote>y" * 20_000,
        "<div class=gmail_quote>x</div>" * 20_000,
        "<div class=gmail_quote><blockquote>x" * 20_000,
        "<blockquote" + "<a/" * 20_000,
        '<div class="' + "a " * 400_000 + '"><blockquote>x',
        "<blockquote>",
        "",
    ],
    ids=["deep", "wide", "many", "nested", "unclosed", "classes", "empty", "nothing"],
)
def test_hostile_markup_takes_a_moment(page):
    def partition():
        text, spans = quotes.partition("", page, subject="Re: x", is_html_only=True)
        assert (spans[-1].end if spans else 0) == len(text)

    assert costs_at_most(200, partition)
