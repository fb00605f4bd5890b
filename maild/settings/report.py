"""The table of the reports that the clock sends."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt

from maild.settings.fields import Address, Name, Table, one_or_many


class Report(Table):
    """Service figures that are mailed by the clock; `#report name` sends them at any time."""

    name: Name = Field(description="The report's name, for `#report`.")
    every: Literal["day", "week", "month"] = Field(
        "week", description="How often, and of what: the latest whole day, week from Monday on, or month."
    )
    hour: StrictInt = Field(7, ge=0, le=23, description="The hour of the desk's time zone at which it is sent.")
    to: Annotated[tuple[Address, ...], BeforeValidator(one_or_many)] = Field(description="Who gets it.")
    teams: Annotated[tuple[str, ...], BeforeValidator(one_or_many)] = Field(
        (), description="Of which teams' tickets; none: of all."
    )
