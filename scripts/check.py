"""Check all records, texts and editions, or some of them, and print what is wrong and what to do."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from command_line import OK, ROOT, GermanParser, Refusal, add_profile, kept_in, moment, resolved, run
from ikz_award import report, verdict, wording
from ikz_award.findings import Severity

if TYPE_CHECKING:
    from ikz_award.planning import Planned

FOUND = 1
# Notes beside the data.
UNCHECKED = ("LIESMICH.md", "kommunen.quelle.yml")


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
        "--warum",
        action="store_true",
        help="sagt zu jedem Datensatz, ob er öffentlich ist und warum; bei jeder Form außer text in der Fehlerausgabe",
    )
    one.add_argument(
        "--strict", action="store_true", help="auch Warnungen führen zum Ergebnis 1, Hinweise nicht"
    )
    add_profile(one, "Fassung, für die geprüft wird")
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
    # To say why something is public, there must be a plan.
    if not options.warum and verdict.is_in_order(kept_in(root), root, options.profil, now):
        sys.stdout.write(report.FORMATS[options.format]([], wording.load()))
        return OK
    # Late, since loading it takes longer than to see that nothing has changed.
    from ikz_award import planning  # noqa: PLC0415

    planned = planning.plan_once(root, options.profil, now, kept_in(root))
    findings = [one for one in planned.findings if _is_wanted(one.place.path, wanted)]
    if options.warum:
        # What a machine reads must hold findings alone.
        stream = sys.stdout if options.format == "text" else sys.stderr
        for path, reason in sorted(_reasons(root, planned).items()):
            if _is_wanted(path, wanted):
                print(f"{path}: {reason}", file=stream)
    sys.stdout.write(report.FORMATS[options.format](findings, wording.load()))
    counting = (Severity.ERROR, Severity.WARNING) if options.strict else (Severity.ERROR,)
    return FOUND if any(one.severity in counting for one in findings) else OK


def _inside(root: Path, text: str) -> str:
    path = resolved(Path(text))
    if not path.exists():
        raise Refusal(f"„{text}“ gibt es nicht.")
    if not path.is_relative_to(root):
        raise Refusal(f"„{text}“ liegt nicht in diesem Projekt.")
    inside = path.relative_to(root).as_posix()
    if not _is_checked(PurePosixPath(inside), path):
        raise Refusal(
            f"„{text}“ wird nicht geprüft; geprüft wird, was unter data/ und content/ liegt, und mkdocs.yml."
        )
    return inside


def _is_checked(inside: PurePosixPath, path: Path) -> bool:
    """Whether a finding can point there."""
    if not inside.parts or inside.parts[0] not in verdict.CHECKED:
        return not inside.parts
    if path.is_dir():
        return any(path.iterdir())
    return path.name not in UNCHECKED and (inside.parts[0] != "content" or path.suffix == ".md")


def _reasons(root: Path, planned: Planned) -> dict[str, str]:
    """For every case and every uptake whether it is public, and why; those with errors never come before the gate."""
    told = {
        one.path: f"{'öffentlich' if one.published else 'nicht öffentlich'} – {one.reason}"
        for one in planned.public.decisions
    }
    errors: dict[str, list[str]] = {}
    for one in planned.findings:
        if one.severity is Severity.ERROR:
            errors.setdefault(one.place.path, []).append(f"{one.code} (Zeile {one.place.line})")
    description = planned.checked.data.description
    for source in (*description["faelle"].sources, *description["uebernahmen"].sources):
        for file in (root / "data").glob(re.sub(r"\{\w+\}", "*", source.pattern)):
            path = file.relative_to(root).as_posix()
            if path in errors:
                told[path] = f"nicht öffentlich – Fehler {', '.join(errors[path])}"
            else:
                told.setdefault(path, "nicht öffentlich – ein Fehler in den Daten, auf die er sich bezieht")
    return told


def _is_wanted(path: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(one in {".", path} or path.startswith(f"{one}/") for one in wanted)


if __name__ == "__main__":
    sys.exit(main())
