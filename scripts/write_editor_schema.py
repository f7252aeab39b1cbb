"""Write the JSON Schema files that help editors, or say whether they are up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from command_line import OK, ROOT, GermanParser, Refusal, run
from ikz_award import editor_schema, vocabulary

OUTDATED = 1


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
    return run(lambda: write(options.projekt.resolve(), only_look=options.pruefen))


def write(root: Path, *, only_look: bool) -> int:
    """Write the files that differ, or only name them."""
    known, reading = vocabulary.read(root)
    unreadable = sorted(reading.unreadable & known.references.keys())
    if unreadable:
        raise Refusal(
            f"Nicht lesbar: {', '.join(unreadable)}. Zuerst „make check“ ausführen und die Befunde beheben."
        )
    changes = editor_schema.outdated(root, known)
    for path, text in changes.items():
        if only_look:
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
    elif only_look:
        print("Mit „make editor-schema“ neu schreiben.", file=sys.stderr)
        return OUTDATED
    return OK


if __name__ == "__main__":
    sys.exit(main())
