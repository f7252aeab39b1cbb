"""Where municipalities and districts lie on the map: which outlines a case or a municipality shows, and what joins them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ikz_award.model import DISTRICT_KINDS, Outline, Row, Term

# What is kept free around the outlines.
_MARGIN = 12
# A picture of a part of the state never shows less than this of it, so that one sees where it lies.
_LEAST = 560
_NUMBER = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class Place:
    """An outline to be shown. ``is_lead`` marks what the others are joined to."""

    ags: str
    name: str
    outline: Outline
    is_district: bool
    is_lead: bool


@dataclass(frozen=True, slots=True)
class MapDrawing:
    """A small map: its part of the whole as ``viewBox``, districts before what lies in them, and who is not on it."""

    view: str
    places: tuple[Place, ...]
    joins: str
    missing: tuple[str, ...]


class Atlas:
    """All outlines there are. A municipality without one is simply not on the map."""

    def __init__(self, outlines: Mapping[str, Outline], municipalities: Mapping[str, Term]) -> None:
        self._outlines = {key: one for key, one in outlines.items() if key in municipalities}
        self._terms = municipalities

    def is_district(self, ags: str) -> bool:
        """Whether this is a district of several municipalities."""
        return self._terms[ags].facts["art"] in DISTRICT_KINDS

    @cached_property
    def municipalities(self) -> Mapping[str, Outline]:
        """Outlines of towns and municipalities by AGS."""
        return {key: one for key, one in sorted(self._outlines.items()) if not self.is_district(key)}

    @cached_property
    def districts(self) -> Mapping[str, Outline]:
        """Outlines of districts by AGS."""
        return {key: one for key, one in sorted(self._outlines.items()) if self.is_district(key)}

    @cached_property
    def base(self) -> tuple[Outline, ...]:
        """Districts, and the towns that belong to none: together the whole state."""
        towns = (
            one for key, one in self.municipalities.items() if self._terms[key].facts["kreis_ags"] == key
        )
        return (*self.districts.values(), *towns)

    @cached_property
    def _extent(self) -> tuple[int, int]:
        corners = [_corner(one.path) for one in self._outlines.values()]
        return max((x for x, _ in corners), default=0), max((y for _, y in corners), default=0)

    @property
    def view(self) -> str:
        """The whole state as ``viewBox``."""
        width, height = self._extent
        return f"{-_MARGIN} {-_MARGIN} {width + 2 * _MARGIN} {height + 2 * _MARGIN}"

    def of_case(self, parties: Iterable[Row], lead: str | None) -> MapDrawing:
        """The parties of a case, each joined to the one that leads."""
        found: dict[str, Place] = {}
        missing = []
        for row in parties:
            ags, name = str(row["ags"] or ""), str(row["name"])
            if ags not in self._outlines:
                missing.append(name)
            elif ags not in found:
                found[ags] = Place(ags, name, self._outlines[ags], self.is_district(ags), name == lead)
        return self._picture(found.values(), missing)

    def around(self, ags: str, partners: Iterable[str]) -> MapDrawing:
        """A municipality joined to those it works with."""
        keys = dict.fromkeys((ags, *partners))
        known = [
            Place(key, self._terms[key].title, self._outlines[key], self.is_district(key), key == ags)
            for key in keys
            if key in self._outlines
        ]
        return self._picture(known, [])

    def _picture(self, places: Iterable[Place], missing: Iterable[str]) -> MapDrawing:
        ordered = tuple(sorted(places, key=lambda one: (not one.is_district, one.is_lead)))
        return MapDrawing(self._part(ordered), ordered, joins(ordered), tuple(missing))

    def _part(self, places: Iterable[Place]) -> str:
        """A square around the places, within the state where that is possible."""
        spots = [spot for one in places for spot in _spots(one.outline.path)]
        if not spots:
            return self.view
        xs, ys = sorted(x for x, _ in spots), sorted(y for _, y in spots)
        side = max(_LEAST, xs[-1] - xs[0] + 4 * _MARGIN, ys[-1] - ys[0] + 4 * _MARGIN)
        width, height = self._extent
        left = _start(xs[0], xs[-1], side, width)
        top = _start(ys[0], ys[-1], side, height)
        return f"{left} {top} {side} {side}"


def joins(places: Iterable[Place]) -> str:
    """Lines from the lead to everybody else as path data; without a lead they meet in the middle."""
    known = tuple(places)
    leads = [one for one in known if one.is_lead]
    others = [one for one in known if not one.is_lead]
    if len(known) <= 1:
        return ""
    if leads:
        middle = leads[0].outline.x, leads[0].outline.y
    else:
        middle = (
            round(sum(one.outline.x for one in known) / len(known)),
            round(sum(one.outline.y for one in known) / len(known)),
        )
    return "".join(f"M{middle[0]} {middle[1]}L{one.outline.x} {one.outline.y}" for one in others)


def _start(low: int, high: int, side: int, limit: int) -> int:
    """Where a part begins that has what it shows in its middle, but does not look far beyond the border."""
    wanted = (low + high - side) // 2
    return max(-_MARGIN, min(wanted, limit + _MARGIN - side))


def _spots(path: str) -> list[tuple[int, int]]:
    """Corners of an outline: each ring begins at a place, and goes on in steps."""
    found = []
    for ring in path.split("M")[1:]:
        numbers = [int(one) for one in _NUMBER.findall(ring)]
        x = y = 0
        for step in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + step[0], y + step[1]
            found.append((x, y))
    return found


def _corner(path: str) -> tuple[int, int]:
    spots = _spots(path)
    return max(x for x, _ in spots), max(y for _, y in spots)
