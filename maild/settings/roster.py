"""The tables of the roster file: shifts, rotations, the order on call, and absences."""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from maild.settings.fields import (
    Address,
    AddressOrNone,
    Count,
    Duration,
    File,
    Name,
    OpenSpan,
    Table,
    ZoneOrNone,
    one_or_many,
)

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKING_WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")


def _whole_days(value: timedelta) -> timedelta:
    if value % timedelta(days=1) or value < timedelta(days=1):
        raise ValueError('people change at midnight; write whole days such as "7d"')
    return value


People = Annotated[tuple[Address, ...], BeforeValidator(one_or_many)]
OpenSpans = Annotated[tuple[OpenSpan, ...], BeforeValidator(one_or_many)]
Files = Annotated[tuple[File, ...], BeforeValidator(one_or_many)]
WholeDays = Annotated[Duration, AfterValidator(_whole_days)]


class Shift(Table):
    """Hours at which people of a team are on duty together. A team without shifts has all members always on duty."""

    name: Name = Field(description="The shift's name in lists.")
    team: str = Field(description="The team that is on duty.")
    who: People = Field((), description="Its people; with `ics` and without this, the attendees of each event.")
    days: tuple[Day, ...] = Field(WORKING_WEEK, description="The days on which it begins.")
    hours: OpenSpans = Field((), description='"09:00-17:00", or a list; "22:00-06:00" ends on the next morning.')
    ics: Files = Field((), description="iCalendar files whose events are the hours, in place of days and hours.")
    timezone: ZoneOrNone = Field("", description='Its IANA time zone; "" is the desk\'s.')
    first_day: date | None = Field(None, description="The first day on which it begins; none: since ever.")
    last_day: date | None = Field(None, description="The last day on which it begins; none: for ever.")
    holidays: str = Field("", description='The calendar on whose holidays it is not worked; "" for none.')


class Rotation(Table):
    """Hours at which one of several people is on duty, each in his turn."""

    name: Name = Field(description="The rotation's name in lists.")
    team: str = Field(description="The team that is on duty.")
    who: People = Field(min_length=1, description="Its people, in the order of their turns.")
    every: WholeDays = Field(timedelta(days=7), description="How long a turn is, in whole days.")
    start: date = Field(description="The first day of the first one's turn.")
    days: tuple[Day, ...] = Field(WORKING_WEEK, description="The days on which it begins.")
    hours: OpenSpans = Field(min_length=1, description='"09:00-17:00", or a list; "22:00-06:00" is a night.')
    timezone: ZoneOrNone = Field("", description='Its IANA time zone; "" is the desk\'s.')
    last_day: date | None = Field(None, description="The last day on which it begins; none: for ever.")
    holidays: str = Field("", description='The calendar on whose holidays it is not worked; "" for none.')


class OnCall(Table):
    """Who is told of new tickets of a team while nobody of it is on duty; without it the lead is."""

    team: str = Field(description="The team.")
    who: People = Field(min_length=1, description="Its people: the first who is not away is told.")
    every: WholeDays | None = Field(None, description="When the order moves on by one, in whole days; none: never.")
    start: date | None = Field(None, description="The first day of the order as it is written.")


class Absence(Table):
    """Days on which somebody is not there. Agents may say so themselves by mail: `#away`."""

    who: Address = Field(description="Who is away.")
    first_day: date | None = Field(None, description="The first day, in his time zone.")
    last_day: date | None = Field(None, description="The last day; none: the first alone.")
    substitute: AddressOrNone = Field("", description='Who does his work meanwhile; "" for nobody.')
    ics: Files = Field((), description="iCalendar files whose events are absences of his, in place of the days.")


class Roster(Table):
    """Who is on duty when, in a file of its own: `[desk] roster_file`. Its tables are written `[[shift]]` there."""

    shift: tuple[Shift, ...] = Field((), description="Hours of people together.")
    rotation: tuple[Rotation, ...] = Field((), description="Hours of people in turn.")
    on_call: tuple[OnCall, ...] = Field((), description="Who is told when nobody is on duty.")
    absence: tuple[Absence, ...] = Field((), description="Who is away when.")
    hours_a_week: Duration = Field(
        timedelta(hours=40), description="More hours of duty a week are an overload; 0 for no limit."
    )
    open_tickets: Count = Field(
        25, description="More new and open tickets, a person or on average of those on duty, are one; 0 for no limit."
    )
    weeks: Annotated[Count, Field(ge=1, le=52)] = Field(
        4, description="How many weeks the lead's weekly mail and `maild roster check` look ahead."
    )
