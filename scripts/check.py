"""Check all records, texts and editions, or some of them, and print what is wrong and what to do."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ikz_award import build, report, wording
from ikz_award.dates import moment_from
from ikz_award.findings import Finding, has_errors
from ikz_award.publication import PROFILES
from ikz_award.schema import DescriptionError

ROOT = Path(__file__).resolve().parent.parent
OK, FOUND, COULD_NOT_RUN = 0, 1, 2


def parser() -> argparse.ArgumentParser:
    """Options, with help in German."""
    one = argparse.ArgumentParser(
        description="Prüft Datensätze, Texte und Durchgänge und sagt, was zu tun ist.", add_help=False
    )
    one.add_argument("-h", "--help", "--hilfe", action="help", help="zeigt diese Hilfe")
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
    root: Path = options.projekt.resolve()
    try:
        now = moment_from(options.heute, os.environ.get("SOURCE_DATE_EPOCH"), datetime.now().astimezone())
    except ValueError:
        return _refuse(f"--heute „{options.heute}“ ist kein Tag; so schreiben: 2026-02-09")
    wanted = []
    for text in options.pfade:
        path = Path(text).resolve()
        if not path.exists():
            return _refuse(f"„{text}“ gibt es nicht")
        if not path.is_relative_to(root):
            return _refuse(f"„{text}“ liegt nicht in diesem Projekt")
        wanted.append(path.relative_to(root).as_posix())
    try:
        outcome = build.build(root, options.profil, now)
    except DescriptionError as error:
        return _refuse(f"Die Beschreibung der Daten ist nicht lesbar: {error}")
    findings = [one for one in outcome.findings if _is_wanted(one.place.path, wanted)]
    if options.warum:
        for decision in outcome.decisions:
            if _is_wanted(decision.path, wanted):
                print(
                    f"{decision.path}: {'öffentlich' if decision.published else 'nicht öffentlich'} – {decision.reason}"
                )
    sys.stdout.write(report.FORMATS[options.format](findings, wording.load()))
    return FOUND if _counts(findings, strict=options.strict) else OK


def _counts(findings: Sequence[Finding], *, strict: bool) -> bool:
    return has_errors(findings) or (strict and bool(findings))


def _is_wanted(path: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(one in {".", path} or path.startswith(f"{one}/") for one in wanted)


def _refuse(sentence: str) -> int:
    print(f"Prüfung nicht möglich: {sentence}.", file=sys.stderr)
    return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
