"""The dates of the editions as iCalendar, with the rules of the time zone; **the only module that knows icalendar**.

A date nobody knows is no event. The names of events are permanent, and everything about them comes from the data: the
sources were last read on a day, and that day is the stamp and, counted, the revision. So a later state always wins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from ikz_award import routes
from ikz_award.catalogue import Catalogue
from ikz_award.dates import BERLIN, Moment
from ikz_award.model import Edition, last_read
from ikz_award.phase import Milestone, timeline
from ikz_award.text import slug

# Calendar programs tell from it who wrote a file.
_PRODUCT = "-//Landespreis IKZ NRW//Termine//DE"
_FIRST_DAY = date(2020, 1, 1)
_ZONE = "Europe/Berlin"


def dated(catalogue: Catalogue) -> list[Edition]:
    """Editions with a known date, the latest first. Each of them has a file."""
    return [one for one in catalogue.newest_first if any(two.begins for two in timeline(one))]


def files(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """One file for each edition with known dates, and one for all of them."""
    editions = dated(catalogue)
    for edition in editions:
        yield routes.calendar(edition.key), _calendar(catalogue, edition.short, [edition])
    if editions:
        yield routes.CALENDAR, _calendar(catalogue, "Landespreis IKZ NRW", editions)


def _calendar(catalogue: Catalogue, name: str, editions: Iterable[Edition]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", _ZONE)
    events = [one for edition in editions for one in _events(catalogue, edition)]
    calendar.add_component(_zone())
    for one in events:
        calendar.add_component(one)
    data: bytes = calendar.to_ical()
    return data


def _zone() -> Timezone:
    """The clock of Germany as it has been since 1996. What the library derives itself changes it an hour late in spring."""
    zone = Timezone()
    zone.add("tzid", _ZONE)
    for kind, name, begins, month, before, after in (
        (TimezoneDaylight, "CEST", datetime(1996, 3, 31, 2), 3, 1, 2),  # noqa: DTZ001 - local by definition
        (TimezoneStandard, "CET", datetime(1996, 10, 27, 3), 10, 2, 1),  # noqa: DTZ001
    ):
        change = kind()
        change.add("tzname", name)
        change.add("dtstart", begins)
        change.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1SU"})
        change.add("tzoffsetfrom", timedelta(hours=before))
        change.add("tzoffsetto", timedelta(hours=after))
        zone.add_component(change)
    return zone


def _events(catalogue: Catalogue, edition: Edition) -> Iterator[Event]:
    read = last_read(edition.facts)
    day = read.earliest if read else _FIRST_DAY
    names: Counter[str] = Counter()
    for milestone in timeline(edition):
        key = slug(milestone.title)
        names[key] += 1
        if milestone.begins is None:
            continue
        event = Event()
        event.add("uid", routes.permanent_id(f"kalender/{edition.key}/{key}/{names[key]}"))
        event.add("dtstamp", datetime.combine(day, time(12), UTC))
        event.add("last-modified", datetime.combine(day, time(12), UTC))
        event.add("sequence", (day - _FIRST_DAY).days)
        event.add("summary", f"{milestone.title}: {edition.short}")
        _when(event, milestone.begins, milestone)
        address = f"{catalogue.website}/{routes.call(edition.key)}" if catalogue.website else ""
        told = [milestone.note, f"Ausschreibung: {address}" if address else ""]
        description = "\n".join(filter(None, told))
        if description:
            event.add("description", description)
        if address:
            event.add("url", address)
        # A date of the award keeps nobody from other appointments.
        event.add("transp", "TRANSPARENT")
        event.add("status", "CONFIRMED")
        yield event


def _when(event: Event, begins: Moment, milestone: Milestone) -> None:
    """A point in time with the clock of Germany; a day without a clock is a whole day, whose end does not count."""
    if begins.instant is None:
        last = milestone.ends.day if milestone.ends else begins.day
        event.add("dtstart", begins.day)
        event.add("dtend", last + timedelta(days=1))
        return
    event.add("dtstart", begins.instant.astimezone(BERLIN))
    if milestone.ends and milestone.ends.instant:
        event.add("dtend", milestone.ends.instant.astimezone(BERLIN))
