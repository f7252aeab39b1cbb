"""Write the same pages as Markdown files with HTML in them, for another generator, with a manifest of all addresses."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from command_line import OK, ROOT, GermanParser, Refusal, add_profile, moment, run
from ikz_award import build, report, wording
from ikz_award.adapters import folder

FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Export; the return value is the exit status."""
    parser = GermanParser(
        "Schreibt alle Seiten als Dateien für einen anderen Seitengenerator.", usage="[OPTIONEN] ORDNER"
    )
    parser.add_argument("ordner", type=Path, metavar="ORDNER", help="leerer oder neuer Ordner")
    add_profile(parser)
    parser.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    return run(lambda: export(options))


def export(options: argparse.Namespace) -> int:
    """Write the folder, unless something is wrong."""
    target: Path = options.ordner
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refusal(f"„{target}“ ist nicht leer.")
    root = options.projekt.resolve()
    outcome = build.build(root, options.profil, moment())
    if outcome.failed:
        sys.stdout.write(report.as_text(outcome.findings, wording.load()))
        return FAILED
    folder.write(outcome, root, target)
    print(f"Geschrieben: {len(outcome.addresses)} Seiten in {target}")
    return OK


if __name__ == "__main__":
    sys.exit(main())
