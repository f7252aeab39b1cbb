"""An edition in time: its phase at a moment, and its dates in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from ikz_award.dates import BERLIN, Moment
from ikz_award.model import Edition

Phase = Literal["vorher", "offen", "geschlossen", "bekanntgegeben"]
Standing = Literal["vorbei", "naechstes", "spaeter", "unbekannt"]


def phase_of(edition: Edition, now: datetime) -> Phase:
    """The phase at ``now``; an edition without known dates counts as not yet open."""
    if edition.announced and now >= edition.announced.ends:
        return "bekanntgegeben"
    if edition.closes and now >= edition.closes.ends:
        return "geschlossen"
    if edition.opens and now >= edition.opens.begins:
        return "offen"
    return "vorher"


@dataclass(frozen=True, slots=True)
class Milestone:
    """A date of an edition; ``begins`` is ``None`` if it is not known."""

    title: str
    begins: Moment | None
    ends: Moment | None
    note: str


def timeline(edition: Edition) -> list[Milestone]:
    """Window, events and announcement in the order of their dates, unknown ones last."""
    no_clock = "Uhrzeit nicht bekannt" if edition.closes and not edition.closes.clock else ""
    found = [
        Milestone("Bewerbungsfrist beginnt", edition.opens, None, ""),
        Milestone("Bewerbungsfrist endet", edition.closes, None, no_clock),
        Milestone("Bekanntgabe der Ergebnisse", edition.announced, None, ""),
    ]
    for row in edition.record.rows("termine"):
        note = ". ".join(str(row[key]) for key in ("ort", "hinweis") if row[key])
        begins, ends = cast("Moment", row["beginn"]), cast("Moment | None", row["ende"])
        found.append(Milestone(str(row["titel"]), begins, ends, note))
    known = sorted((one for one in found if one.begins), key=lambda one: cast("Moment", one.begins).begins)
    return [*known, *(one for one in found if not one.begins)]


def standings(edition: Edition, now: datetime) -> list[tuple[Milestone, Standing]]:
    """The timeline as it stands at ``now``: what is over, the one date that comes next, and the rest."""
    found: list[tuple[Milestone, Standing]] = []
    coming: Standing = "naechstes"
    for one in timeline(edition):
        over = _over(one)
        if over is None:
            found.append((one, "unbekannt"))
        elif over <= now:
            found.append((one, "vorbei"))
        else:
            found.append((one, coming))
            coming = "spaeter"
    return found


def next_over(editions: Iterable[Edition], now: datetime) -> datetime | None:
    """When the next date of any edition is over, so that a page stops calling it the next one."""
    ends = (_over(one) for edition in editions for one in timeline(edition))
    # By world time: the same hour of the clock comes twice in October.
    first = min((one for one in ends if one and one > now), key=datetime.timestamp, default=None)
    return first.astimezone(BERLIN) if first else None


def _over(one: Milestone) -> datetime | None:
    last = one.ends or one.begins
    return last.ends if last else None


def current(editions: Iterable[Edition]) -> Edition | None:
    """The edition the home page speaks of: the one with the highest number."""
    return max(editions, key=lambda one: one.number, default=None)
