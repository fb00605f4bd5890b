"""`maild template` as an administrator calls it."""

import json
from pathlib import Path

import pytest

from maild.cli import main

EXAMPLE = (Path(__file__).parents[1] / "settings" / "example.toml").read_text(encoding="utf-8")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.delenv("MAILD_CONFIG", raising=False)
    path = tmp_path / "maild.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "templates" / "es").mkdir(parents=True)
    return path


def called(capsys, *arguments):
    code = main.run([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_sound_templates_are_said_to_be_sound(capsys, desk):
    assert called(capsys, "--config", desk, "template", "check") == (0, "", "en, es: no faults\n")


def test_a_fault_is_named_with_its_file_and_line_and_leaves_with_78(capsys, desk):
    path = desk.parent / "templates" / "es" / "closed.txt"
    path.write_text("{{ marker }}\n{{ facts.internal }}\n")
    code, out, err = called(capsys, "--config", desk, "template", "check")
    assert code == 78
    assert f"fault: {path}:2: closed: UndefinedError" in out
    assert "fault" in err
    desk.write_text(EXAMPLE.replace('["en", "es"]', '["es"]'))
    code, out, _ = called(capsys, "--config", desk, "template", "check", "--json")
    row = json.loads(out.splitlines()[0])
    assert (row["template"], row["language"], row["path"], row["line"]) == ("closed", "es", str(path), 2)
    code, _, err = called(capsys, "--config", desk, "template", "preview", "closed", "--lang", "es")
    assert code == 78
    assert "closed: UndefinedError" in err


def test_a_preview_shows_what_a_reader_would_see(capsys, desk):
    code, out, _ = called(capsys, "--config", desk, "template", "preview", "acknowledgement", "--lang", "es")
    assert code == 0
    assert "Respondemos antes del lunes 23 de noviembre, 10:30 (hora de Madrid)." in out
    code, out, _ = called(capsys, "--config", desk, "template", "preview", "assigned", "--html")
    assert '<html lang="en"' in out
    code, out, _ = called(capsys, "--config", desk, "template", "preview", "acknowledgement", "--sparse")
    assert "We answer" not in out


def test_what_is_not_there_is_65_and_a_sentence(capsys, desk):
    code, _, err = called(capsys, "--config", desk, "template", "preview", "nothing")
    assert (code, "there is no template nothing" in err) == (65, True)
    code, _, err = called(capsys, "--config", desk, "template", "preview", "closed", "--lang", "tlh")
    assert (code, "there are no templates in tlh" in err) == (65, True)


def test_without_a_configuration_our_own_templates_are_tried(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("MAILD_CONFIG", str(tmp_path / "none.toml"))
    assert "is closed" in called(capsys, "template", "preview", "closed")[1]


def test_a_broken_configuration_is_said_first(capsys, desk):
    desk.write_text("[desk]\nnome = 1\n")
    code, _, err = called(capsys, "--config", desk, "template", "check")
    assert code == 78
    assert "nome" in err
