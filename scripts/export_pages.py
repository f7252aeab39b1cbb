"""Write the same pages as Markdown files with HTML in them, for another generator, with a manifest and settings."""

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
        "Schreibt alle Seiten als Dateien für einen anderen Seitengenerator: docs/ mit den Seiten, manifest.json mit allen"
        f" Adressen und {folder.SETTINGS}, mit der „zensical build“ den Ordner ohne Weiteres baut. Eine {folder.SETTINGS},"
        " die schon im Ordner liegt, wird nicht überschrieben: Ihre Änderungen bleiben, und der Befehl sagt es.",
        usage="[OPTIONEN] ORDNER",
    )
    parser.add_argument(
        "ordner",
        type=Path,
        metavar="ORDNER",
        help=f"leerer oder neuer Ordner; eine {folder.SETTINGS} darf darin liegen, sonst nichts",
    )
    add_profile(parser)
    parser.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    return run(lambda: export(options))


def export(options: argparse.Namespace) -> int:
    """Write the folder, unless something is wrong."""
    target: Path = options.ordner
    if target.exists() and not target.is_dir():
        raise Refusal(f"„{target}“ ist kein Ordner.")
    if target.exists() and any(one.name != folder.SETTINGS for one in target.iterdir()):
        raise Refusal(
            f"„{target}“ ist nicht leer. Darin darf nur eine {folder.SETTINGS} liegen; sie bleibt, wie sie ist."
        )
    root = options.projekt.resolve()
    outcome = build.build(root, options.profil, moment(profile=options.profil))
    if outcome.failed:
        sys.stdout.write(report.as_text(outcome.findings, wording.load()))
        return FAILED
    settings = target / folder.SETTINGS
    kept = settings.exists() and settings.read_bytes() != folder.settings(outcome, root).encode()
    folder.write(outcome, root, target)
    if kept:
        print(f"{settings} war schon da und bleibt, wie sie ist.")
    print(f"Geschrieben: {len(outcome.addresses)} Seiten in {target}")
    return OK


if __name__ == "__main__":
    sys.exit(main())
