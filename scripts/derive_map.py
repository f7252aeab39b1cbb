#!/usr/bin/env python3
"""Derive ``data/reference/karte.csv`` from the BKG administrative areas as packed on npm: outlines as paths of SVG.

Borders are cut into lines between the points where three areas meet, and every line is simplified once: so what two
areas share stays shared, and a district is exactly the sum of its municipalities.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from administrative_areas import MUNICIPALITIES, Rows, derive, expect, features
from derive_neighbours import Point, edges

COLUMNS = ("ags", "form", "x", "y")
DISTRICTS = 31  # without the towns that are a district of their own
DISTRICT_DIGITS = 5
# A step of the drawing, and how large a triangle has to be for its corner to be kept; metres and square metres.
STEP = 200.0
SMALLEST = 350_000.0
# A ring needs three corners, and with its start again at its end four points.
CORNERS = 3
EARTH = 6_371_000.0
MIDDLE = 7.66  # degrees east
# Points tried inside an area, to each side, for one that lies well inside.
TRIES = 14

Edge: TypeAlias = tuple[Point, Point]
Line: TypeAlias = tuple[Point, ...]
Spot: TypeAlias = tuple[int, int]
Walk: TypeAlias = tuple[Spot, ...]


def project(point: Point) -> Point:
    """Metres on the transverse Mercator projection of the sphere, true to shape (Snyder, Map Projections, USGS 1987, 8-1 to 8-3)."""
    across, up = math.radians(point[0] - MIDDLE), math.radians(point[1])
    b = math.cos(up) * math.sin(across)
    return EARTH * math.atanh(b), EARTH * math.atan2(math.tan(up), math.cos(across))


def owners(folder: Path) -> dict[Edge, frozenset[str]]:
    """Every edge with the municipalities on its sides; one alone is a border of the state."""
    found: defaultdict[Edge, set[str]] = defaultdict(set)
    keys = set()
    for feature in features(folder, "gemeinden"):
        keys.add(feature["properties"]["AGS"])
        for edge in edges(feature["geometry"]):
            # An edge a second time in the same municipality lies inside of it.
            found[edge] ^= {feature["properties"]["AGS"]}
    expect("Gemeinden", len(keys), MUNICIPALITIES)
    return {edge: frozenset(sides) for edge, sides in found.items() if sides}


def lines(owned: Mapping[Edge, frozenset[str]]) -> Iterator[tuple[Line, frozenset[str]]]:
    """Borders from one meeting point to the next, or round to their start, each with what lies on its sides."""
    near: defaultdict[Point, list[Point]] = defaultdict(list)
    for one, other in sorted(owned):
        near[one].append(other)
        near[other].append(one)
    meeting = {point for point, others in near.items() if len(others) != 2}
    left = set(owned)
    # First what starts where areas meet, then the rings that meet nothing.
    for start in (*sorted(meeting), *sorted(near)):
        for other in near[start]:
            if _edge(start, other) not in left:
                continue
            line = [start, other]
            left.discard(_edge(start, other))
            while line[-1] not in meeting and line[-1] != start:
                following = next(one for one in near[line[-1]] if one != line[-2])
                left.discard(_edge(line[-1], following))
                line.append(following)
            yield tuple(line), owned[_edge(start, other)]


def _edge(one: Point, other: Point) -> Edge:
    return min(one, other), max(one, other)


def simplify(line: Sequence[Point]) -> Line:
    """Without the corners that show least (Visvalingam and Whyatt, 1993); the ends stay, and of a ring three corners."""
    least = CORNERS + 1 if line[0] == line[-1] else 2
    before = {at: at - 1 for at in range(1, len(line))}
    behind = {at: at + 1 for at in range(len(line) - 1)}

    def area(at: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = (line[one] for one in (before[at], at, behind[at]))
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    sizes = {at: area(at) for at in range(1, len(line) - 1)}
    waiting = [(size, at) for at, size in sizes.items()]
    heapify(waiting)
    while waiting and len(sizes) + 2 > least:
        size, at = heappop(waiting)
        if sizes.get(at) != size:
            continue
        if size >= SMALLEST:
            break
        del sizes[at]
        previous, following = before[at], behind[at]
        behind[previous], before[following] = following, previous
        for one in (previous, following):
            if one in sizes:
                # Never smaller than what was dropped beside it, or a long bow would vanish corner by corner.
                sizes[one] = max(area(one), size)
                heappush(waiting, (sizes[one], one))
    return (line[0], *(line[at] for at in sorted(sizes)), line[-1])


def stitch(borders: Iterable[Walk]) -> list[Walk]:
    """Rings made of the borders of one area; filled by the even-odd rule it does not matter which way they go."""
    ends: defaultdict[Spot, list[Walk]] = defaultdict(list)
    closed = []
    for one in borders:
        if one[0] == one[-1]:
            closed.append(one)
        else:
            ends[one[0]].append(one)
            ends[one[-1]].append(one[::-1])
    for start in sorted(ends):
        while ends[start]:
            ring = [start]
            while ends[ring[-1]]:
                following = ends[ring[-1]].pop()
                ends[following[-1]].remove(following[::-1])
                ring += following[1:]
            closed.append(tuple(ring))
    return sorted((one for one in closed if len(set(one)) >= CORNERS), key=size, reverse=True)


def size(ring: Walk) -> float:
    """What a ring encloses."""
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring))) / 2


def path(rings: Iterable[Walk]) -> str:
    """Rings as the data of an SVG path, as short as they can be written."""
    return "".join(
        f"M{ring[0][0]} {ring[0][1]}l"
        + " ".join(f"{bx - ax} {by - ay}" for (ax, ay), (bx, by) in pairwise(ring[:-1])).replace(" -", "-")
        + "z"
        for ring in rings
    )


def inside(ring: Walk) -> Spot:
    """A point well inside the ring: of some tried, the one farthest from its border."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    tried = [
        (min(xs) + (max(xs) - min(xs)) * (i + 0.5) / TRIES, min(ys) + (max(ys) - min(ys)) * (j + 0.5) / TRIES)
        for i in range(TRIES)
        for j in range(TRIES)
    ]
    x, y = max((one for one in tried if _encloses(ring, one)), key=lambda one: _distance(ring, one))
    return round(x), round(y)


def _encloses(ring: Walk, point: Point) -> bool:
    x, y = point
    crossings = [
        (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax
        for (ax, ay), (bx, by) in pairwise(ring)
    ]
    return sum(crossings) % 2 == 1


def _distance(ring: Walk, point: Point) -> float:
    x, y = point
    found = []
    for (ax, ay), (bx, by) in pairwise(ring):
        dx, dy = bx - ax, by - ay
        along = max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
        found.append(math.hypot(x - ax - along * dx, y - ay - along * dy))
    return min(found)


def rows(folder: Path) -> Rows:
    """Every municipality and every district of several, with its outline and a point inside of it."""
    borders = [(simplify([project(point) for point in line]), sides) for line, sides in lines(owners(folder))]
    west = min(x for line, _ in borders for x, _ in line)
    north = max(y for line, _ in borders for _, y in line)

    def drawn(line: Line) -> Walk:
        spots = [(round((x - west) / STEP), round((north - y) / STEP)) for x, y in line]
        return tuple(one for at, one in enumerate(spots) if at == 0 or one != spots[at - 1])

    parts: defaultdict[str, list[Walk]] = defaultdict(list)
    for line, sides in borders:
        walk = drawn(line)
        for ags in sides if len(walk) > 1 else ():
            parts[ags].append(walk)
        for district in {ags[:DISTRICT_DIGITS] for ags in sides}:
            alone = sum(ags.startswith(district) for ags in sides) == 1
            if alone and len(walk) > 1:
                parts[district].append(walk)
    result: Rows = []
    for key, walks in parts.items():
        rings = stitch(walks)
        if len(key) == DISTRICT_DIGITS:
            if f"{key}000" in parts:
                continue
            key = f"{key}000"  # noqa: PLW2901 - the same district as the table of municipalities calls it
        result.append((key, path(rings), *(str(one) for one in inside(rings[0]))))
    result.sort()
    expect("Flächen", len(result), MUNICIPALITIES + DISTRICTS)
    return result


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    return derive(
        "Schreibt die vereinfachten Umrisse der Gemeinden und Kreise in Nordrhein-Westfalen aus den "
        "Verwaltungsgebieten des Bundesamtes für Kartographie und Geodäsie.",
        "karte.csv",
        rows,
        COLUMNS,
        lambda table: f"{len(table) - DISTRICTS} Gemeinden und {DISTRICTS} Kreise als Umriss",
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
