"""Dates as the sources give them: a year, a month, a day; and moments with the clock of Germany."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_CLOCK = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})")
_FIRST_YEAR, _LAST_YEAR = 1800, 2200


def _in_range(text: str) -> str:
    """The text itself, if its year is one that the award or its sources can have."""
    if not _FIRST_YEAR <= int(text[:4]) <= _LAST_YEAR:
        raise ValueError(text)
    return text


def _in_german(day: date, pattern: str) -> str:
    # Loading it takes longer than a check in which nobody is told a date.
    from babel.dates import format_date  # noqa: PLC0415

    return format_date(day, pattern, locale="de")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, a month of a year, or a day (ISO 8601 with reduced precision)."""

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read ``2019``, ``2019-05`` or ``2019-05-31``.

        Raises:
            ValueError: another form, or a day that does not exist.
        """
        match = _PARTIAL.fullmatch(text)
        if not match:
            raise ValueError(text)
        year, month, day = (int(part) if part else None for part in match.groups())
        if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise ValueError(text)
        date(year, 1 if month is None else month, 1 if day is None else day)
        return cls(year, month, day)

    @property
    def earliest(self) -> date:
        """First day this can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """Last day this can mean."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def iso(self) -> str:
        """As written in a record."""
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part)]
        return "-".join(parts)

    def __str__(self) -> str:
        if self.month is None:
            return str(self.year)
        if self.day is None:
            return _in_german(self.earliest, "MMMM y")
        return in_words(date(self.year, self.month, self.day))


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or a point in time. A day without a clock lasts until its end in Germany."""

    day: date
    instant: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read ``2026-02-09`` or ``2026-02-09T14:30+01:00``.

        Raises:
            ValueError: another form, no offset, or a time that does not exist.
        """
        match = _CLOCK.fullmatch(text)
        if match:
            instant = datetime.fromisoformat(_in_range(text))
            return cls(instant.astimezone(BERLIN).date(), instant)
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        return cls(date.fromisoformat(_in_range(text)))

    @property
    def begins(self) -> datetime:
        """First instant."""
        return self.instant or datetime.combine(self.day, time.min, BERLIN)

    @property
    def ends(self) -> datetime:
        """First instant after it; for a point in time that point itself."""
        return self.instant or datetime.combine(self.day + timedelta(days=1), time.min, BERLIN)

    @property
    def fits(self) -> bool:
        """Whether Germany keeps the distance to world time that is written; nobody can tell what another one was to mean."""
        return self.instant is None or self.instant.utcoffset() == self.instant.astimezone(BERLIN).utcoffset()

    @property
    def iso(self) -> str:
        """As written in a record."""
        return self.instant.isoformat(timespec="minutes") if self.instant else self.day.isoformat()

    @property
    def clock(self) -> str:
        """Time of day in Germany, or empty."""
        if self.instant is None:
            return ""
        local = self.instant.astimezone(BERLIN)
        return f"{local:%H:%M} Uhr" if local.minute else f"{local.hour} Uhr"

    @property
    def in_full(self) -> str:
        """As a page tells a deadline: with the day of the week and, if there is a clock, which of the two it is."""
        day = _in_german(self.day, "EEEE, d. MMMM y")
        return f"{day}, {self.clock_in_full}" if self.instant else day

    @property
    def in_full_without_zone(self) -> str:
        """As the begin of a span in one day, whose end names the time that Germany keeps then: „…, 10:00“."""
        day = _in_german(self.day, "EEEE, d. MMMM y")
        return f"{day}, {self.instant.astimezone(BERLIN):%H:%M}" if self.instant else day

    @property
    def clock_in_full(self) -> str:
        """Time of day with the name of the time that Germany keeps then (MEZ or MESZ), or empty."""
        if self.instant is None:
            return ""
        from babel.dates import format_datetime  # noqa: PLC0415 - see below

        return format_datetime(self.instant, "HH:mm 'Uhr' (zzz)", tzinfo=BERLIN, locale="de")

    def __str__(self) -> str:
        return f"{in_words(self.day)}, {self.clock}" if self.clock else in_words(self.day)


@cache
def in_words(day: date) -> str:
    """``9. Februar 2026``."""
    return _in_german(day, "d. MMMM y")


def moment_from(text: str | None, epoch: str | None, clock: datetime) -> datetime:
    """The moment a build is for: an argument first, then ``SOURCE_DATE_EPOCH``, then the clock.

    A day alone means its noon in Germany.

    Raises:
        ValueError: the argument is neither a day nor a moment, or the epoch is no number or beyond all years.
    """
    if text:
        moment = Moment.parse(text)
        return moment.instant or datetime.combine(moment.day, time(12), BERLIN)
    if epoch:
        try:
            return datetime.fromtimestamp(int(epoch), UTC).astimezone(BERLIN)
        except (OverflowError, OSError) as error:
            raise ValueError(epoch) from error
    return clock.astimezone(BERLIN)
