"""Texts in the administrator's folders."""

from pathlib import Path

from maild.service.configuration import examine
from maild.service.shelves import OCTETS_MAX, read_canned, read_knowledge

EXAMPLE = Path(__file__).parents[1] / "settings" / "example.toml"


def put(folder, **texts):
    for name, text in texts.items():
        language, _, stem = name.partition("_")
        (folder / language).mkdir(parents=True, exist_ok=True)
        (folder / language / f"{stem}.md").write_bytes(text)


def test_texts_are_found_by_language_and_name_and_what_is_no_text_is_left_out(tmp_path):
    put(
        tmp_path,
        en_Thanks=b"Thank you",
        es_thanks="Gracias ñ".encode(),
        en_bad=b"\xff\xfe",
        en_huge=b"x" * (OCTETS_MAX + 1),
    )
    (tmp_path / "README").write_text("no text", "utf-8")
    assert read_canned(tmp_path) == {"thanks": {"en": "Thank you", "es": "Gracias ñ"}}
    assert read_canned(tmp_path / "none") == {}


def test_no_folder_is_no_knowledge(tmp_path):
    assert read_knowledge(None).articles == {}
    put(tmp_path, en_vpn=b"# VPN\n\nRestart it.")
    assert read_knowledge(tmp_path).articles["vpn"]["en"].article.title == "VPN"


def test_the_check_names_what_is_wrong_with_a_text(tmp_path):
    file = tmp_path / "maild.toml"
    text = EXAMPLE.read_text("utf-8")
    file.write_text(text.replace("[desk]\n", '[desk]\nknowledge_base = "kb"\n'), "utf-8")
    put(tmp_path / "canned", en_a=b"Dear {name}", en_b=b"\xff")
    said = " ".join(map(str, examine(file).warnings))
    for words in ("name", "{requester}", "cannot be read as text", "there is no such folder"):
        assert words in said
