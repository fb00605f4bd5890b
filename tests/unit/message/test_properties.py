"""What holds for any mail whatever, made of the pieces that readers trip over."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message.attachments import read_part
from maild.message.parse import outline, parse

DATA = Path(__file__).parent / "data"
TABLES = [(DATA / f"introductions_{name}.txt").read_text(encoding="utf-8") for name in ("sure", "traps")]
ARMOUR = "-----BEGIN PGP SIGNED MESSAGE-----|-----BEGIN PGP SIGNATURE-----|-----END PGP SIGNATURE-----"
OTHERS = "> x|ER> x|-- ||<blockquote>|</blockquote>|--b|--b--|\x00|é|\u202b|Elo: a@b.example|Content-Type: text/html"
RULES = "-------- Forwarded Message --------|-------- Unu --------"
PIECES = [
    line + "\n" for line in [*"\n".join(TABLES).splitlines(), *"|".join((ARMOUR, OTHERS, RULES)).split("|"), "| x"]
]
BODIES = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
KINDS = st.sampled_from(["text/plain", "text/html", "multipart/mixed; boundary=b", "application/pkcs7-mime"])


@settings(max_examples=60)
@given(BODIES, KINDS, st.sampled_from(["Re: x", "Fwd: x", "x"]))
def test_any_mail_gives_one_answer_whose_spans_cover_its_text(body, kind, subject):
    octets = f"From: a@b.example\nSubject: {subject}\nContent-Type: {kind}\n\n{body}".encode()
    message = parse(octets)
    assert "".join(message.text[span.start : span.end] for span in message.spans) == message.text
    assert all(one.end == other.start for one, other in zip(message.spans, message.spans[1:], strict=False))
    assert not any(defect.startswith("reading gave up") for defect in message.defects)
    assert parse(octets) == message


@given(octets=st.binary(max_size=2_000))
def test_the_outline_of_any_octets_carries_the_whole_mail_as_it_came(octets):
    message = outline(octets, "it broke")
    (original,) = message.attachments
    assert read_part(octets, original.part) == octets
    assert (original.size, original.sha256) == (len(octets), message.sha256)
    assert message.unread == "it broke"
    assert message.text == ""
