"""The table about approvals: who has to agree before something is done, and how long they are waited for."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt, field_validator

from maild.base.words import TicketType
from maild.settings.fields import Duration, Name, Table, one_or_many, read_address

APPROVER_WORDS = ("lead", "manager")  # who is meant is known only on the ticket


def _approver(value: object) -> str:
    if isinstance(value, str) and value.strip().lower() in APPROVER_WORDS:
        return value.strip().lower()
    try:
        return read_address(value)
    except ValueError:
        raise ValueError('write an address such as "boss@example.com", "lead" or "manager"') from None


def _need(value: object) -> object:
    if value in {"any", "all"} or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ValueError('write "any", "all" or a number such as 2')


class ApprovalStep(Table):
    """One round of asking; the next one begins when it has agreed."""

    approvers: Annotated[tuple[Annotated[str, BeforeValidator(_approver)], ...], BeforeValidator(one_or_many)] = Field(
        min_length=1,
        description='Addresses, "lead" for the lead of the ticket\'s team, "manager" for the requester\'s manager.',
    )
    need: Annotated[Literal["any", "all"] | StrictInt, BeforeValidator(_need)] = Field(
        "any", description='How many of them have to approve: "any" one, "all", or a number.'
    )


class Approval(Table):
    """A policy of approval: its steps in order, reminders and expiry."""

    name: Name = Field(description="The policy's name, for `#ask-approval`.")
    steps: tuple[ApprovalStep, ...] = Field(min_length=1, description="The rounds of asking, in order.")
    remind_after: Duration = Field(
        timedelta(days=2), description="How often those who have not decided are reminded; 0 for never."
    )
    expires_after: Duration = Field(
        timedelta(days=7), description="How long a step may take before `on_expiry` is done; 0 for ever."
    )
    on_expiry: Literal["reject", "lead"] = Field(
        "reject", description="What then: it counts as rejected, or the lead of the ticket's team decides."
    )
    types: tuple[TicketType, ...] = Field(
        (), description='Types of tickets that cannot be resolved without it, ["change"] for instance.'
    )

    @field_validator("steps")
    @classmethod
    def _enough(cls, steps: tuple[ApprovalStep, ...]) -> tuple[ApprovalStep, ...]:
        for step in steps:
            if isinstance(step.need, int) and step.need > len(set(step.approvers)):
                raise ValueError("a step needs more approvals than it asks people; lower its need")
        return steps
