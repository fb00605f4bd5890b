"""What an administrator is told about a broken configuration."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.settings.reading import interpret, read_text
from maild.settings.source import merge

EXAMPLE = (Path(__file__).parent / "example.toml").read_text(encoding="utf-8")


def _changed(*changes):
    text = EXAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def _only_fault(*changes):
    reading = read_text(_changed(*changes))
    assert reading.settings is None
    assert len(reading.faults) == 1, [str(fault) for fault in reading.faults]
    return reading.faults[0]


def _line(text):
    return next(number for number, line in enumerate(EXAMPLE.splitlines(), 1) if text in line)


def test_the_example_has_no_fault_and_no_warning():
    reading = read_text(EXAMPLE)
    assert reading.settings is not None
    assert not reading.faults
    assert not reading.warnings


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_valid_one():
    fault = _only_fault(("assign = ", "asign = "))
    assert (fault.key, fault.line) == ("team.first-line.asign", _line("assign ="))
    assert fault.mend == "did you mean assign?"


def test_a_bad_entry_of_a_list_is_one_fault_and_not_an_empty_list_too():
    fault = _only_fault(('listen = ["127.0.0.1:8025"]', 'listen = ["127.0.0.1:99999"]'))
    assert fault.key == "smtp.listen[1]"


def test_a_bad_text_that_stands_for_a_list_of_one_is_shown_whole_and_not_by_its_first_letter():
    fault = _only_fault(('smarthost = "127.0.0.1:8026"', 'smarthost = "mail@example.com"'))
    assert (fault.key, fault.value) == ("outgoing.smarthost", '"mail@example.com"')


def test_an_empty_list_where_one_is_needed_is_told_in_words():
    fault = _only_fault(('listen = ["127.0.0.1:8025"]', "listen = []"))
    assert fault.problem == "it is empty"
    assert fault.mend == "write at least one, or leave the key out where it has a default"


def test_an_unknown_table_is_named_with_the_nearest_valid_one():
    fault = _only_fault(("[smtp]", "[stmp]"))
    assert fault.key == "stmp"
    assert fault.mend == "did you mean smtp?"


def test_every_fault_is_told_in_one_run():
    text = _changed(
        ("reply_address", "replay_address"),
        ('team = "first-line"', 'team = "fist-line"'),
        ('reopen_within = "7d"', 'reopen_within = "7x"'),
        ("level = 1", 'level = "one"'),
        ("targets.normal", "targets.nromal"),
        ("[store]", "[[store]]"),
        ('language = "es"', 'language = "fr"'),
        ('timezone = "Europe/Madrid"', 'timezone = "Europe/Sol"'),
    )
    assert {fault.key for fault in read_text(text).faults} == {
        "desk.reply_address",
        "desk.replay_address",
        "desk.timezone",
        "store",
        "queue.support.team",
        "queue.support.reopen_within",
        "team.first-line.level",
        "sla.standard.targets.nromal",
        "sla.standard.targets",
        "agent.ana@example.com.language",
    }


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('team = "first-line"', 'team = "third"', "queue.support.team", "write one of first-line, second-line"),
        ('sla = "standard"', 'sla = "gold"', "queue.support.sla", "write one of standard"),
        ('calendar = "office"', 'calendar = "none"', "sla.standard.calendar", "write one of office"),
        ('escalates_to = "second-line"', 'escalates_to = "first-line"', "team.first-line.escalates_to", "go up only"),
        ('close_resolved_after = "7d"', 'close_resolved_after = "6d"', "queue.support.reopen_within", "no longer than"),
        ('"25MB"', '"25 megs"', "smtp.max_message_size", "25MiB"),
        ('["127.0.0.1:8025"]', '["127.0.0.1"]', "smtp.listen[1]", "[::1]:25"),
        ('["127.0.0.1:8025"]', '["[::zz]:25"]', "smtp.listen[1]", ""),
        ('assign = "least-loaded"', 'assign = "random"', "team.first-line.assign", "round-robin"),
        ('mon = ["09:00-14:00"', 'mon = ["09:60-14:00"', "calendar.office.hours.mon[1]", "09:00-14:00"),
        ('mon = ["09:00-14:00"', 'mon = ["09:00-15:30"', "calendar.office.hours", "begin after the last"),
        ('["2026-12-24"]', '["Christmas"]', "calendar.office.holidays.extra[1]", "2026-12-24"),
        ("warn_at = [50,", "warn_at = [500,", "sla.standard.warn_at[1]", "99"),
        ('first_response = "30m"', 'first_response = "0m"', "sla.standard.targets.urgent.first_response", "longer"),
        ('languages = ["en", "es"]', 'languages = ["en", "es", "tlh"]', "desk.languages[3]", "templates/tlh/"),
        ('control_address = "control@', 'control_address = "desk@', "desk.control_address", "its own"),
        ('aliases = ["help@example.com"]', 'aliases = ["control@desk.example.com"]', "queue.support.aliases[1]", "one"),
        ('lead = "lead@example.com"', 'lead = "support@example.com"', "team.first-line.lead", "the person's address"),
        ('postmaster = "ops@example.com"', 'postmaster = "help@example.com"', "desk.postmaster", "outside the desk"),
        ('address = "ben@example.com"', 'address = "ana@example.com"', "agent.ana@example.com.address", "one owner"),
        ('url = "sqlite:///maild.db"', 'url = "mysql://x"', "store.url", "postgresql://"),
        ('prefix = "ACME"', 'prefix = "7UP"', "desk.prefix", "a letter first"),
        ('name = "second-line"', 'name = "First-Line"', "team.First-Line.name", "give each its own"),
        ('undo_window = "0s"', "undo_window = 5", "outgoing.undo_window", "2h"),
        ('smarthost = "127.0.0.1:8026"', 'smarthost = "unix:/x"', "outgoing.smarthost", "smtp.example.com:587"),
    ],
)
def test_a_fault_names_its_key_and_its_mend(old, new, key, words):
    faults = {fault.key: str(fault) for fault in read_text(_changed((old, new))).faults}
    assert key in faults, faults
    assert words in faults[key]


@pytest.mark.parametrize(
    ("extra", "key"),
    [
        ('[[mailbox]]\nname="m"\nhost="imap.example.com"\nusername="u"\npassword="x"\ntls="none"', "mailbox.m.tls"),
        ('[[mailbox]]\nname="m"\nhost="::1"\nusername="u"\npassword="x"\npassword_file="y"', "mailbox.m.password"),
        ('[[mailbox]]\nname="m"\nhost="::1"\nusername="u"\npassword="x"\nafter="shred"', "mailbox.m.after"),
        ('[[mailbox]]\nname="m"\nhost="::1"\nusername="u"\nauth="oauth2"', "mailbox.m.auth"),
        ('[[mailbox]]\nname="m"\nhost="::1"\nusername="u"\nqueue="nowhere"', "mailbox.m.queue"),
        ('[[calendar]]\nname="shut"\nhours={}', "calendar.shut.hours"),
        ('[[calendar]]\nname="c"\nhours={mon=["0:00-24:00"]}\nholidays={subdivision="MD"}', "calendar.c.holidays"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(extra, key):
    faults = read_text(f"{EXAMPLE}\n{extra}\n").faults
    assert any(fault.key.startswith(key) for fault in faults), [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ('tls_cert_file = "c.pem"', "smtp.tls_cert_file"),
        ("require_tls = true", "smtp.require_tls"),
        ('users_file = "users"', "smtp.users_file"),
    ],
)
def test_tls_without_a_whole_certificate_is_refused(table, key):
    assert _only_fault(("[smtp] ", f"[smtp]\n{table}\n#")).key == key


def test_a_password_never_goes_to_a_far_smarthost_in_clear():
    fault = _only_fault(('"127.0.0.1:8026"', '"smtp.example.com:587"\nusername = "u"\n#'))
    assert fault.key == "outgoing.tls"


def test_a_secret_is_never_shown():
    reading = read_text(_changed(("secret_file", "secret = 5 #")))
    assert [fault.key for fault in reading.faults] == ["desk.secret"]
    assert reading.faults[0].value == ""


def test_a_desk_without_a_queue_is_refused():
    reading = read_text('[desk]\ndomain = "d.example"\nreply_address = "desk@d.example"\n')
    assert [fault.key for fault in reading.faults] == ["queue"]
    assert "[[queue]]" in reading.faults[0].mend


def test_an_empty_file_says_all_that_it_lacks():
    assert {fault.key for fault in read_text("").faults} == {"desk", "queue"}


def test_what_is_not_served_yet_is_a_warning_and_no_fault(monkeypatch):
    monkeypatch.setattr("maild.settings.reading.IDLE", frozenset({"desk.notify_close", "smtp", "agent.name"}))
    reading = read_text(_changed(('prefix = "ACME"', 'prefix = "ACME"\nnotify_close = true')))
    assert reading.settings is not None
    assert [warning.key for warning in reading.warnings] == [
        "desk.notify_close",
        "smtp",
        "agent.ana@example.com.name",
    ]


def test_strange_but_possible_things_are_warned_of():
    text = _changed(
        ('members = ["eva@example.com"]', "members = []"),
        ("level = 2", "level = 1"),
        ("level = 1", "level = 2"),
        ('pending_reminder = "3d"', 'pending_reminder = "30d"'),
        ("[smtp] ", "[limits]\n#"),
        ("listen =", "# listen ="),
        ("max_message_size", "# max_message_size"),
    )
    reading = read_text(text)
    assert not reading.faults
    assert {warning.key for warning in reading.warnings} == {
        "queue.support.pending_reminder",
        "smtp",
        "team.first-line.escalates_to",
        "team.second-line.members",
    }


def test_broken_toml_is_told_with_its_line():
    fault = read_text('[desk]\nname = "unfinished\n').faults[0]
    assert (fault.file, fault.line) == ("maild.toml", 2)


def test_a_file_that_is_not_utf_8_is_told_with_its_line():
    source = merge([("maild.toml", b"[desk]\nname = 'Espa\xf1a'\n")])
    assert source.faults[0].line == 2
    assert "UTF-8" in source.faults[0].problem


def test_tables_merge_lists_of_tables_grow_and_a_scalar_stands_once():
    more = (
        b'[desk]\nname = "Twice"\nfirst_number = 100\n\n[[agent]]\naddress = "new@example.com"\ntranscripts = "some"\n'
    )
    source = merge([("maild.toml", EXAMPLE.encode()), ("conf.d/more.toml", more)])
    reading = interpret(source)
    twice, word = sorted(reading.faults, key=lambda fault: fault.key, reverse=True)
    assert (twice.file, twice.line, twice.key) == ("conf.d/more.toml", 2, "desk.name")
    assert "maild.toml:2" in twice.problem
    assert (word.file, word.line, word.key) == ("conf.d/more.toml", 7, "agent.new@example.com.transcripts")


def test_the_queue_takes_the_desks_word_on_closing_unless_it_has_its_own():
    text = _changed(('prefix = "ACME"', 'prefix = "ACME"\nnotify_close = true'))
    assert read_text(text).settings.queue[0].notify_close
    text = text.replace('aliases = ["help@example.com"]', "notify_close = false")
    assert not read_text(text).settings.queue[0].notify_close


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(
    table=st.sampled_from(["desk", "queue", "team", "agent", "calendar", "sla", "mailbox", "smtp", "limits", "store"]),
    key=st.sampled_from(["name", "address", "aliases", "targets", "hours", "members", "team", "listen", "domain"]),
    value=_values,
)
def test_whatever_stands_in_a_table_is_a_fault_or_settings_and_never_an_exception(table, key, value):
    source = merge([("maild.toml", EXAMPLE.encode())])
    for holder in (value, {key: value}, [{key: value}]):
        source.data[table] = holder
        reading = interpret(source)
        assert (reading.settings is None) == bool(reading.faults)


def test_broken_toml_is_the_only_fault_told_since_what_seems_missing_may_stand_below_it():
    reading = read_text('[desk]\ndomain = "desk.example.com\nreply_address = "desk@desk.example.com"\n')
    assert [fault.problem.partition(":")[0] for fault in reading.faults] == ["this is no TOML"]
    assert not reading.warnings
