"""The contract's example configuration, as it stands."""

import pickle
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from maild.base.instants import WorkingTime
from maild.base.words import Clock, Priority
from maild.settings.model import Settings

EXAMPLE = Path(__file__).parent / "example.toml"


@pytest.fixture(scope="module")
def settings():
    return Settings.model_validate(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")))


def test_durations_sizes_and_targets_have_their_units(settings):
    queue = settings.queue_named("Support")
    assert queue.reopen_within == timedelta(days=7)
    assert settings.smtp.max_message_size == 25_000_000
    sla = settings.sla_named("standard")
    assert sla.targets_of(Priority.NORMAL).resolution == WorkingTime(days=3, seconds=0)
    assert sla.targets_of(Priority.HIGH) == sla.targets_of(Priority.NORMAL)
    assert sla.targets_of(Priority.URGENT).of(Clock.FIRST_RESPONSE) == WorkingTime(days=0, seconds=1800)


def test_a_lead_without_an_agent_table_is_an_agent_in_the_language_of_the_desk(settings):
    lead = settings.agent_for("Lead@Example.com")
    assert (lead.address, lead.language, lead.timezone) == ("lead@example.com", "en", "Europe/Madrid")
    assert settings.agent_for("ana@example.com").language == "es"
    assert settings.agent_for("stranger@example.com") is None
    assert settings.is_lead("lead@example.com")
    assert not settings.is_lead("ana@example.com")
    assert [team.name for team in settings.teams_of("lead@example.com")] == ["first-line", "second-line"]


def test_the_desk_knows_its_own_addresses_with_any_token_behind_them(settings):
    assert settings.is_own("DESK+anything@desk.example.com")
    assert settings.is_own("help@example.com")
    assert not settings.is_own("ana@example.com")
    assert settings.own_domains == {"example.com", "desk.example.com"}
    assert settings.queue_of_address("Help@Example.com").name == "support"
    assert settings.queue_of_address("desk@desk.example.com") is None


def test_settings_travel_to_another_process(settings):
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_an_agent_is_one_person_by_any_of_his_addresses(settings):
    text = EXAMPLE.read_text(encoding="utf-8")
    text = text.replace("aliases = []", 'aliases = ["ana.ruiz@example.com"]').replace(
        'lead = "lead@example.com"', 'lead = "Ana.Ruiz@example.com"'
    )
    changed = Settings.model_validate(tomllib.loads(text))
    assert changed.agent_address("ANA.ruiz@example.com") == "ana@example.com"
    assert [agent.address for agent in changed.agents] == ["ana@example.com", "ben@example.com", "eva@example.com"]
    assert changed.is_lead("ana@example.com")
    assert changed.agent_for("ana.ruiz@example.com").display_name == "Ana Ruiz"
    assert changed.agent_for("ben@example.com").display_name == "ben"


def test_things_are_found_by_name_in_any_case_and_strangers_are_none(settings):
    assert settings.calendar_named("OFFICE").hours.by_weekday()[5] == ()
    assert settings.team_named("First-Line").level == 1
    assert settings.mailbox_named("none") is None
    assert settings.languages == ("en", "es")
    assert settings.zone.key == "Europe/Madrid"
    assert settings.postmaster == "ops@example.com"
