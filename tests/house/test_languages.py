"""Whoever writes in Spanish gets all that whoever writes in English gets."""

import re

import pytest

from maild.notice.catalogue import CATALOGUE
from tests.house.code import ROOT

TEMPLATES = ROOT / "templates"
LANGUAGES = sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir() and path.name != "shared")
NAMES = re.compile(r"\{%-?\s*(?:block|include|extends|from|import)\s+[\"']?([\w./-]+)")


def files(language):
    return {path.name for path in (TEMPLATES / language).iterdir()}


def test_english_and_spanish_are_there():
    assert {"en", "es"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_is_there_in_text_and_html(language):
    wanted = {f"{name}{form}" for name in CATALOGUE for form in (".txt", ".html")}
    assert not wanted - files(language)


def test_the_languages_have_the_same_files_and_none_that_nobody_sends():
    for language in LANGUAGES:
        assert files(language) == files("en"), language
    notices = {name.rpartition(".")[0] for name in files("en") if not name.startswith("_")}
    assert notices == set(CATALOGUE)


@pytest.mark.parametrize("name", sorted(files("en")))
def test_a_template_is_put_together_alike_in_both_languages(name):
    english, spanish = ((TEMPLATES / language / name).read_text(encoding="utf-8") for language in ("en", "es"))
    assert set(NAMES.findall(english)) == set(NAMES.findall(spanish))
