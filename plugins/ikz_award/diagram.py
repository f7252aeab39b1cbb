"""The picture of a cooperation: its parties as a constellation around the lead, always the same for the same parties."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ikz_award.model import MUNICIPAL, Row, party_count

_SIZE, _CENTRE = 200, 100
_MAX_DOTS = 36
_RING = 12
_RADII = (62, 82, 94)
_FEW, _WIDE = 5, 74
# Few parties, large dots: up to so many parties, so large a radius.
_DOT_SIZES = ((2, 22), (5, 17), (8, 13), (_MAX_DOTS, 9))


@dataclass(frozen=True, slots=True)
class Dot:
    """A party in a square of 200 units: position, radius, and whether it is municipal."""

    x: float
    y: float
    r: float
    municipal: bool
    lead: bool


def constellation(parties: Iterable[Row], lead: str | None) -> tuple[Dot, ...]:
    """Lead in the middle, the others on rings of twelve; entries that stand for many count as many, up to a limit."""
    rows = list(parties)
    others = [row for row in rows if row["name"] != lead]
    kinds = tuple(
        row["art"] in MUNICIPAL or bool(row["kommunal_beherrscht"])
        for row in others
        for _ in range(party_count([row]))
    )[:_MAX_DOTS]
    # The name decides where the first dot stands, so that two small cooperations do not look the same.
    return _placed(kinds, sum(map(ord, lead or "")) % _RING, has_lead=len(others) < len(rows))


# Many cooperations have as many parties, and so the same picture.
@lru_cache(maxsize=1 << 12)
def _placed(kinds: tuple[bool, ...], first: int, *, has_lead: bool) -> tuple[Dot, ...]:
    size = next(radius for most, radius in _DOT_SIZES if len(kinds) <= most)
    turn = 2 * math.pi * first / _RING
    dots = []
    if has_lead:
        dots.append(Dot(_CENTRE, _CENTRE, size * 1.35, municipal=True, lead=True))
    for index, municipal in enumerate(kinds):
        ring, slot = divmod(index, _RING)
        on_ring = min(_RING, len(kinds) - ring * _RING)
        # Turn each ring a little, so that no dot hides another.
        angle = 2 * math.pi * slot / on_ring + turn + ring * math.pi / _RING
        radius = _RADII[ring] if len(kinds) > _FEW else _WIDE
        x, y = _CENTRE + radius * math.cos(angle), _CENTRE + radius * math.sin(angle)
        dots.append(Dot(round(x, 1), round(y, 1), max(size - 2.2 * ring, 4), municipal, lead=False))
    return tuple(dots)
