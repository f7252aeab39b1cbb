#!/usr/bin/env python3
"""Derive ``data/reference/nachbarn.csv`` from the BKG administrative areas as packed on npm.

Two municipalities are neighbours if their outlines share an edge, that is two consecutive vertices; one common point
is not enough. The outlines of two municipalities meet in exactly the same coordinates, so nothing is rounded.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from administrative_areas import MUNICIPALITIES, Rows, WrongPackageError, derive, expect, features

COLUMNS = ("ags", "nachbar")
SIDES = 2

Point = tuple[float, ...]


def edges(geometry: dict[str, Any]) -> Iterator[tuple[Point, Point]]:
    """All edges of an outline, holes included, whatever the direction they are drawn in."""
    areas = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for area in areas:
        for ring in area:
            for one, other in pairwise(tuple(point) for point in ring):
                if one != other:
                    yield min(one, other), max(one, other)


def rows(folder: Path) -> Rows:
    """Every pair of neighbours once, the smaller AGS first, sorted."""
    municipalities: set[str] = set()
    owners: defaultdict[tuple[Point, Point], set[str]] = defaultdict(set)
    for feature in features(folder, "gemeinden"):
        ags = feature["properties"]["AGS"]
        municipalities.add(ags)
        for edge in edges(feature["geometry"]):
            owners[edge].add(ags)
    expect("Gemeinden", len(municipalities), MUNICIPALITIES)
    crowded = [sorted(sharing) for sharing in owners.values() if len(sharing) > SIDES]
    if crowded:
        raise WrongPackageError(f"Eine Grenze gehört zu mehr als zwei Gemeinden: {', '.join(min(crowded))}.")
    pairs = {tuple(sorted(sharing)) for sharing in owners.values() if len(sharing) == SIDES}
    alone = municipalities - {ags for pair in pairs for ags in pair}
    if alone:
        raise WrongPackageError(f"Ohne Nachbargemeinde: {', '.join(sorted(alone))}.")
    return sorted(pairs)


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    return derive(
        "Schreibt, welche Gemeinden in Nordrhein-Westfalen eine gemeinsame Grenze haben, aus den "
        "Verwaltungsgebieten des Bundesamtes für Kartographie und Geodäsie.",
        "nachbarn.csv",
        rows,
        COLUMNS,
        lambda table: (
            f"jedes Paar benachbarter Gemeinden einmal, {len({ags for pair in table for ags in pair})} Gemeinden"
        ),
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
