"""The configuration as it lies on disk."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from maild.service.configuration import ensure_secret, examine, load, new_secret, parse_keys, require_secret, write_once
from maild.service.location import configuration_file, store_url
from maild.settings.faults import ConfigurationError

EXAMPLE = (Path(__file__).parents[1] / "settings" / "example.toml").read_text(encoding="utf-8")
MAILBOX = '\n[[mailbox]]\nname = "support"\nhost = "127.0.0.1"\nusername = "u"\ntls = "none"\n'
USER = ('smarthost = "127.0.0.1:8026"', 'smarthost = "127.0.0.1:8026"\nusername = "u"')


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.delenv("MAILD_CONFIG", raising=False)
    path = tmp_path / "maild.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


@pytest.fixture
def credentials(tmp_path, monkeypatch):
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def _faults(path):
    return [str(fault) for fault in examine(path).faults]


def test_relative_paths_begin_at_the_files_folder(desk):
    settings = load(desk).settings
    assert settings.store.url == f"sqlite:///{desk.parent}/maild.db"
    assert settings.desk.templates == desk.parent / "templates"
    assert store_url(desk) == settings.store.url


def test_four_slashes_are_an_absolute_path(desk):
    desk.write_text(EXAMPLE.replace("sqlite:///maild.db", "sqlite:////var/lib/maild/maild.db"), encoding="utf-8")
    assert load(desk).settings.store.url == store_url(desk) == "sqlite:////var/lib/maild/maild.db"


def test_the_file_is_found_by_option_then_environment_then_in_etc(monkeypatch):
    monkeypatch.setenv("MAILD_CONFIG", "/srv/desk.toml")
    assert configuration_file("/tmp/a.toml") == Path("/tmp/a.toml")
    assert configuration_file() == Path("/srv/desk.toml")
    monkeypatch.delenv("MAILD_CONFIG")
    assert configuration_file() == Path("/etc/maild/maild.toml")


def test_a_missing_file_says_how_to_make_one(tmp_path):
    for read in (load, store_url):
        with pytest.raises(ConfigurationError, match="maild init"):
            read(tmp_path / "none.toml")


def test_the_first_start_makes_the_secret_for_its_owner_alone_and_only_once(desk):
    before = load(desk)
    assert before.secret_keys == ()
    with pytest.raises(ConfigurationError, match="restore it"):
        require_secret(before)
    after = ensure_secret(before)
    file = desk.parent / "secret.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert require_secret(after) == load(desk).secret_keys
    assert ensure_secret(before).secret_keys == after.secret_keys
    assert ensure_secret(after) is after


def test_an_older_key_still_verifies_after_the_newer_first_one(desk):
    (desk.parent / "secret.key").write_text(f"b:{'B' * 43}=\n# the old one\n\na:{'A' * 43}=\n")
    assert [key_id for key_id, _ in load(desk).secret_keys] == ["b", "a"]


@pytest.mark.parametrize("text", ["", "a:short", "a b", f"a:{'A' * 43}=\na:{'B' * 43}=", f"AA:{'A' * 44}"])
def test_a_broken_secret_file_is_a_fault(desk, text):
    (desk.parent / "secret.key").write_text(text)
    assert any("desk.secret" in fault for fault in _faults(desk))


def test_a_fresh_secret_is_one_good_line():
    ((key_id, octets),) = parse_keys(new_secret())
    assert (key_id, len(octets)) == ("a", 32)
    assert parse_keys(f"a:{base64.urlsafe_b64encode(bytes([251] * 32)).decode()}") == (("a", bytes([251] * 32)),)


def test_a_long_word_alone_is_a_key_as_it_stands():
    hexadecimal = "3f" * 32
    assert parse_keys(f"{hexadecimal}\n") == (("a", hexadecimal.encode()),)


def test_a_password_comes_inline_or_from_its_file_or_from_a_credential(desk, credentials):
    text = EXAMPLE.replace(*USER)
    desk.write_text(text + MAILBOX + 'password = "inline"\n', encoding="utf-8")
    (credentials / "outgoing.password").write_text("from systemd\n")
    configuration = load(desk)
    assert configuration.secret("mailbox.support.password") == "inline"
    assert configuration.secret("outgoing.password") == "from systemd"
    assert configuration.secret("mailbox.other.password") == ""
    desk.write_text(text + MAILBOX + 'password_file = "support.pw"\n', encoding="utf-8")
    (desk.parent / "support.pw").write_text("from a file\r\n")
    assert load(desk).secret("mailbox.support.password") == "from a file"


def test_the_signing_key_may_be_a_credential(desk, credentials):
    desk.write_text(EXAMPLE.replace("secret_file", "# secret_file"), encoding="utf-8")
    (credentials / "desk.secret").write_text(new_secret())
    configuration = load(desk)
    assert len(configuration.secret_keys) == 1
    assert configuration.secret_path is None


def test_two_places_for_one_secret_are_a_fault(desk, credentials):
    (credentials / "desk.secret").write_text(new_secret())
    assert any("the credential desk.secret is given too" in fault for fault in _faults(desk))


def test_a_user_without_a_password_is_a_fault_for_each_of_them(desk):
    desk.write_text(EXAMPLE.replace(*USER) + MAILBOX + MAILBOX.replace('"support"', '"sales"'), encoding="utf-8")
    assert sum("no password" in fault for fault in _faults(desk)) == 3


def test_a_password_file_that_is_not_there_is_a_fault(desk):
    desk.write_text(EXAMPLE + MAILBOX + 'password_file = "gone.pw"\n', encoding="utf-8")
    (fault,) = examine(desk).faults
    assert (fault.key, fault.problem) == ("mailbox.support.password_file", "there is no such file")


def test_a_password_file_that_cannot_be_read_is_a_fault(desk):
    (desk.parent / "folder.pw").mkdir()
    desk.write_text(EXAMPLE + MAILBOX + 'password_file = "folder.pw"\n', encoding="utf-8")
    assert any("cannot be read" in fault for fault in _faults(desk))


def test_certificates_that_are_not_there_are_a_fault_each(desk):
    desk.write_text(EXAMPLE.replace("[smtp] ", '[smtp]\ntls_cert_file="c.pem"\ntls_key_file="k.pem"\n#'))
    assert [fault.key for fault in examine(desk).faults] == ["smtp.tls_cert_file", "smtp.tls_key_file"]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('country = "ES"', 'country = "XX"', "calendar.office.holidays.country"),
        ('subdivision = "MD"', 'subdivision = "ZZ"', "calendar.office.holidays.subdivision"),
    ],
)
def test_a_country_whose_holidays_nobody_knows_is_a_fault(desk, old, new, key):
    desk.write_text(EXAMPLE.replace(old, new), encoding="utf-8")
    assert [fault.key for fault in examine(desk).faults] == [key]


def test_conf_d_adds_to_the_file_and_its_faults_name_it(desk):
    folder = desk.parent / "conf.d"
    folder.mkdir()
    (folder / "10-agents.toml").write_text('[[agent]]\naddress = "new@example.com"\n')
    (folder / "20-store.toml").write_text("")
    (folder / "ignored.txt").write_text("no toml")
    assert load(desk).settings.agent_for("new@example.com") is not None
    (folder / "20-store.toml").write_text('[store]\nurl = "sqlite:///other.db"\n')
    (fault,) = examine(desk).faults
    assert fault.file == str(folder / "20-store.toml")
    assert fault.key == "store.url"


def test_a_language_of_the_admins_own_templates_is_a_language(desk):
    desk.write_text(EXAMPLE.replace('["en", "es"]', '["en", "es", "fr"]'), encoding="utf-8")
    assert any("templates/fr/" in fault for fault in _faults(desk))
    (desk.parent / "templates" / "fr").mkdir(parents=True)
    assert load(desk).settings.languages == ("en", "es", "fr")


def test_the_quick_way_to_the_database_imports_nothing_heavy(desk):
    code = "import sys, pathlib; from maild.service.location import store_url;"
    code += "print(store_url(pathlib.Path(sys.argv[1])));"
    code += "assert not {'pydantic', 'peewee', 'asyncio', 'email.message'} & sys.modules.keys()"
    done = subprocess.run([sys.executable, "-c", code, str(desk)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"sqlite:///{desk.parent}/maild.db"


def test_the_quick_way_does_without_a_store_and_stops_at_broken_toml(desk):
    desk.write_text("[desk]\n")
    assert store_url(desk) == f"sqlite:///{desk.parent}/maild.db"
    desk.write_text("store = 5\n")
    assert store_url(desk) == f"sqlite:///{desk.parent}/maild.db"
    desk.write_text("[store\n")
    with pytest.raises(ConfigurationError):
        store_url(desk)


def test_a_file_is_never_written_over_another(tmp_path):
    file = tmp_path / "x"
    assert write_once(file, "first")
    assert not write_once(file, "second")
    assert file.read_text() == "first"
    assert list(tmp_path.iterdir()) == [file]


def test_a_configuration_does_not_print_its_secrets(desk):
    desk.write_text(EXAMPLE + MAILBOX + 'password = "hunter2"\n', encoding="utf-8")
    configuration = load(desk)
    assert "hunter2" not in repr(configuration) + repr(configuration.settings) + str(configuration.settings)


def test_a_reply_address_without_room_for_tokens_is_a_fault(tmp_path):
    example = (Path(__file__).parents[1] / "settings" / "example.toml").read_text("utf-8")
    path = tmp_path / "maild.toml"
    path.write_text(example.replace("desk@desk.example.com", "d" * 16 + "@desk.example.com"), "utf-8")
    assert [fault.key for fault in examine(path).faults] == ["desk.reply_address"]
    path.write_text(example.replace("desk@desk.example.com", "d" * 15 + "@desk.example.com"), "utf-8")
    assert not examine(path).faults
