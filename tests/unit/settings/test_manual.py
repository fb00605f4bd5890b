"""The files that are made from the declarations."""

import os
import re
import tomllib
from pathlib import Path

import pytest

from maild.settings import manual
from maild.settings.idle import IDLE
from maild.settings.model import Settings
from maild.settings.reading import read_text

ROOT = Path(__file__).parents[3]
MADE = {"config/maild.toml": manual.commented_file, "docs/configuration.md": manual.page}


@pytest.mark.parametrize("name", MADE)
def test_the_file_is_what_the_declarations_say(name):
    file, text = ROOT / name, MADE[name]()
    if os.environ.get("MAILD_WRITE_MANUAL"):
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, "run this test once with MAILD_WRITE_MANUAL=1"


def test_the_shipped_configuration_works_as_it_stands():
    reading = read_text(manual.commented_file())
    assert reading.faults == ()
    assert reading.warnings == ()


def test_every_default_in_the_shipped_configuration_is_the_programs():
    live = Settings.model_validate(tomllib.loads(manual.commented_file()))
    text = re.sub(r'^# (\w+ = (?!"\.\.\."$).*)$', r"\1", manual.commented_file(), flags=re.MULTILINE)
    text = re.sub(r"^# (\[\[?\w+\]\]?)$", r"\1", text, flags=re.MULTILINE)
    written = Settings.model_validate(tomllib.loads(text))
    off = {"lmtp", "mailbox", "rule", "service", "person", "organisation", "supplier", "approval", "skill", "report"}
    assert written.model_dump(exclude=off) == live.model_dump(exclude=off)
    assert (len(written.mailbox), len(written.rule)) == (1, 1)


def test_every_setting_has_words_for_the_manual():
    page = manual.page()
    for key in manual.settings_of():
        assert f"`{key.rpartition('.')[2]}`" in page or f"[{key}]" in page, key
    for _, field, model, _ in manual.tables():
        assert field.description
        assert all(each.description for each in model.model_fields.values())


def test_only_settings_that_exist_are_called_idle():
    assert set(manual.settings_of()) >= IDLE


def test_an_answer_with_quotes_or_control_characters_is_still_toml():
    text = manual.commented_file({"desk.name": 'Say "hi" \\ \u0007\nbye'})
    assert tomllib.loads(text)["desk"]["name"] == 'Say "hi" \\ \u0007\nbye'
