"""Policies of approval: what may be written, and what is told to whoever mends it."""

import re
from pathlib import Path

import pytest

from maild.settings.reading import read_text

EXAMPLE = (Path(__file__).parent / "example.toml").read_text("utf-8")
PAGE = (Path(__file__).parents[3] / "docs" / "approvals-and-problems.md").read_text("utf-8")


def read(table):
    return read_text(f"{EXAMPLE}\n{table}\n")


def test_the_manuals_policy_can_be_used_as_it_stands():
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    settings = read(block).settings
    assert settings is not None
    policy = settings.approval_named("CHANGE")
    assert policy is not None
    assert [(step.approvers, step.need) for step in policy.steps] == [
        (("lead",), "any"),
        (("cfo@example.com", "cto@example.com", "ciso@example.com"), 2),
    ]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ('[{ approvers = ["boss"] }]', "boss@example.com"),
        ('[{ approvers = ["a@x.example"], need = 2 }]', "more approvals"),
        ('[{ approvers = ["a@x.example"], need = "some" }]', '"any", "all" or a number'),
        ('[{ approvers = ["support@example.com"] }]', "never writes to an address of its own"),
        ("[]", "steps"),
    ],
)
def test_a_policy_that_nobody_could_fulfil_is_a_fault(steps, said):
    faults = read(f'[[approval]]\nname = "x"\nsteps = {steps}').faults
    assert faults
    assert said in "\n".join(map(str, faults))


def test_a_manager_is_a_persons_own_or_that_of_his_organisation():
    settings = read(
        '[[organisation]]\nname = "acme"\ndomains = ["acme.example"]\nmanager = "boss@acme.example"\n'
        '[[person]]\naddress = "marta@acme.example"\nmanager = "rosa@acme.example"\n'
    ).settings
    assert settings is not None
    assert settings.manager_of("luis@acme.example") == "boss@acme.example"
    assert settings.manager_of("marta@acme.example") == "rosa@acme.example"
    assert settings.manager_of("nobody@else.example") == ""
