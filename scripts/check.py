"""Check all records, texts and editions, or some of them, and print what is wrong and what to do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from command_line import OK, ROOT, GermanParser, Refusal, moment, run
from ikz_award import build, report, wording
from ikz_award.findings import has_errors
from ikz_award.publication import PROFILES

FOUND = 1


def parser() -> argparse.ArgumentParser:
    """Options, with help in German."""
    one = GermanParser(
        "Prüft Datensätze, Texte und Durchgänge und sagt, was zu tun ist.", usage="[OPTIONEN] [PFAD …]"
    )
    one.add_argument("pfade", nargs="*", metavar="PFAD", help="nur Befunde zu diesen Dateien oder Ordnern")
    one.add_argument(
        "--format", choices=tuple(report.FORMATS), default="text", help="Form der Ausgabe (Vorgabe: text)"
    )
    one.add_argument("--heute", metavar="TAG", help="so prüfen, als wäre heute dieser Tag (2026-02-09)")
    one.add_argument(
        "--warum", action="store_true", help="sagt zu jedem Datensatz, ob er öffentlich ist und warum"
    )
    one.add_argument("--strict", action="store_true", help="auch Warnungen führen zum Ergebnis 1")
    one.add_argument(
        "--profil",
        choices=PROFILES,
        default="entwurf",
        help="Fassung, für die geprüft wird (Vorgabe: entwurf)",
    )
    one.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return one


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks; the return value is the exit status."""
    options = parser().parse_args(arguments)
    return run(lambda: check(options), "Prüfung nicht möglich")


def check(options: argparse.Namespace) -> int:
    """Print what was asked for; 1 if something counts as an error."""
    root: Path = options.projekt.resolve()
    now = moment(options.heute)
    wanted = [_inside(root, text) for text in options.pfade]
    outcome = build.build(root, options.profil, now)
    findings = [one for one in outcome.findings if _is_wanted(one.place.path, wanted)]
    if options.warum:
        for decision in outcome.decisions:
            if _is_wanted(decision.path, wanted):
                state = "öffentlich" if decision.published else "nicht öffentlich"
                print(f"{decision.path}: {state} – {decision.reason}")
    sys.stdout.write(report.FORMATS[options.format](findings, wording.load()))
    return FOUND if has_errors(findings) or (options.strict and findings) else OK


def _inside(root: Path, text: str) -> str:
    path = Path(text).resolve()
    if not path.exists():
        raise Refusal(f"„{text}“ gibt es nicht.")
    if not path.is_relative_to(root):
        raise Refusal(f"„{text}“ liegt nicht in diesem Projekt.")
    return path.relative_to(root).as_posix()


def _is_wanted(path: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(one in {".", path} or path.startswith(f"{one}/") for one in wanted)


if __name__ == "__main__":
    sys.exit(main())
