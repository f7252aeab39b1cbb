"""Write the same pages as Markdown files with HTML in them, for another generator, with a manifest of all addresses."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ikz_award import build, report, wording
from ikz_award.adapters import folder
from ikz_award.dates import moment_from
from ikz_award.publication import PROFILES
from ikz_award.schema import DescriptionError

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Export; the return value is the exit status."""
    parser = argparse.ArgumentParser(
        description="Schreibt alle Seiten als Dateien für einen anderen Seitengenerator.", add_help=False
    )
    parser.add_argument("-h", "--help", "--hilfe", action="help", help="zeigt diese Hilfe")
    parser.add_argument("ordner", type=Path, metavar="ORDNER", help="leerer oder neuer Ordner")
    parser.add_argument("--profil", choices=PROFILES, default="entwurf", help="Fassung (Vorgabe: entwurf)")
    parser.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    target: Path = options.ordner
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        print(f"Nicht geschrieben: „{target}“ ist nicht leer.", file=sys.stderr)
        return 2
    root = options.projekt.resolve()
    try:
        now = moment_from(None, os.environ.get("SOURCE_DATE_EPOCH"), datetime.now().astimezone())
        outcome = build.build(root, options.profil, now)
    except (DescriptionError, ValueError) as error:
        print(f"Nicht geschrieben: {error}", file=sys.stderr)
        return 2
    if outcome.failed:
        sys.stdout.write(report.as_text(outcome.findings, wording.load()))
        return 1
    folder.write(outcome, root, target)
    print(f"Geschrieben: {len(outcome.addresses)} Seiten in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
