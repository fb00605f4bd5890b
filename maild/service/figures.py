"""The service figures, made for who asks."""

from collections.abc import Mapping
from datetime import datetime

from maild.database.dialect import Reader
from maild.desk.model import Prepared
from maild.desk.reporting import ReportWish
from maild.reports.model import period_of
from maild.reports.page import prepare
from maild.reports.reading import read_report
from maild.service.office import Office


def prepared(
    reader: Reader, wish: ReportWish, office: Office, languages: tuple[str, ...], now: datetime
) -> Mapping[str, Prepared]:
    """Return a report by language; nothing for days that hold no time that has been."""
    try:
        period = period_of(wish.first, wish.last, office.settings.zone, now)
    except ValueError:
        return {}
    found = read_report(reader, office.slas, period, wish.teams)
    return {language: prepare(found, language, wish.title) for language in languages}
