"""Write the JSON Schema files that help editors, or say whether they are up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ikz_award import editor_schema, vocabulary
from ikz_award.drafting import GermanParser
from ikz_award.schema import DescriptionError

ROOT = Path(__file__).resolve().parent.parent
OK, OUTDATED, COULD_NOT_RUN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what differs; the return value is the exit status."""
    parser = GermanParser(
        "Schreibt die JSON-Schemas unter data/schema/editor/, mit denen Editoren beim Ausfüllen helfen."
    )
    parser.add_argument(
        "--pruefen", action="store_true", help="schreibt nichts; Ergebnis 1, wenn etwas veraltet ist"
    )
    parser.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    root: Path = options.projekt.resolve()
    try:
        known, reading = vocabulary.read(root)
    except DescriptionError as error:
        return _refuse(f"Die Beschreibung der Daten ist nicht lesbar: {error}")
    unreadable = sorted(reading.unreadable & known.references.keys())
    if unreadable:
        return _refuse(
            f"Nicht lesbar: {', '.join(unreadable)}. Zuerst „make check“ ausführen und die Befunde beheben."
        )
    changes = editor_schema.outdated(root, known)
    for path, text in changes.items():
        if options.pruefen:
            print(f"Veraltet: data/{path}")
        elif text is None:
            (root / "data" / path).unlink()
            print(f"Gelöscht: data/{path}")
        else:
            (root / "data" / path).parent.mkdir(parents=True, exist_ok=True)
            (root / "data" / path).write_text(text, encoding="utf-8", newline="\n")
            print(f"Geschrieben: data/{path}")
    if not changes:
        print("Die Schemas für Editoren sind auf dem Stand.")
    elif options.pruefen:
        print("Mit „make editor-schema“ neu schreiben.", file=sys.stderr)
        return OUTDATED
    return OK


def _refuse(sentence: str) -> int:
    print(f"Nicht geschrieben: {sentence}", file=sys.stderr)
    return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
