"""Build with the program of an earlier commit and the records of today, so that going back brings nothing hidden back."""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from build_site import UNTOUCHED, demand_replaceable
from command_line import OK, ROOT, GermanParser, Refusal, add_profile, moment, resolved, run
from ikz_award import planning

LOCK = "requirements-site.lock"
# What describes the records belongs to the program that reads them.
DESCRIPTION = ("schema", "datapackage.yml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; the return value is the exit status."""
    parser = GermanParser(
        "Baut die Website mit dem Programm eines früheren Standes. Datensätze und Seiten sind die von heute; was heute nicht"
        " öffentlich ist, bekommt das frühere Programm gar nicht erst zu sehen.",
        usage="[OPTIONEN] STAND",
    )
    parser.add_argument(
        "stand", metavar="STAND", help="Commit, dessen Programm bauen soll, zum Beispiel HEAD~1"
    )
    add_profile(parser)
    parser.add_argument(
        "--ziel", metavar="ORDNER", type=Path, help="Ordner der Website (Vorgabe wie bei „make site“)"
    )
    parser.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    return run(lambda: roll_back(options), UNTOUCHED)


def roll_back(options: argparse.Namespace) -> int:
    """Lay the earlier program and the records of today side by side, and let that program build."""
    root: Path = options.projekt.resolve()
    usual = root / ("site-beispiel" if options.profil == "beispiel" else "site")
    target: Path = usual if options.ziel is None else resolved(options.ziel)
    demand_replaceable(target, root)
    commit = (
        _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{options.stand}^{{commit}}")
        .decode()
        .strip()
    )
    now = moment(profile=options.profil)
    planned = planning.plan(root, options.profil, now)
    with tempfile.TemporaryDirectory(prefix="ikz-zurueck-") as name:
        old = Path(name).resolve() / "stand"
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "--format=tar", commit))) as archive:
            archive.extractall(old, filter="data")
        lay_over(root, old)
        left_out = hide(old, planned)
        environment = {
            **os.environ,
            # Before the installed package, which is that of today.
            "PYTHONPATH": str(old / "plugins"),
            "SOURCE_DATE_EPOCH": str(int(now.timestamp())),
        }
        command = [
            *_python(root, old),
            str(old / "scripts/build_site.py"),
            "--profil",
            options.profil,
            "--ziel",
            str(target),
        ]
        done = subprocess.run(command, cwd=old, env=environment, check=False)
    if done.returncode:
        print(
            f"Das Programm vom Stand {commit[:12]} kommt mit den Daten von heute nicht zurecht; bitte einen jüngeren nehmen.",
            file=sys.stderr,
        )
        return done.returncode
    print(
        f"Programm vom Stand {commit[:12]}, Daten von heute; nicht öffentlich und deshalb weggelassen: {left_out} Dateien"
    )
    return OK


def lay_over(root: Path, old: Path) -> None:
    """Put today's records and pages where the earlier ones were; the description of the records stays."""
    for name in ("content", "data"):
        keep = {one: old / name / one for one in DESCRIPTION if (old / name / one).exists()}
        fresh = old / f"{name}.heute"
        shutil.copytree(root / name, fresh, symlinks=True, ignore=_description if name == "data" else None)
        for one, path in keep.items():
            path.rename(fresh / one)
        shutil.rmtree(old / name, ignore_errors=True)
        fresh.rename(old / name)


def _description(folder: str, names: list[str]) -> set[str]:
    return set(names).intersection(DESCRIPTION) if Path(folder).name == "data" else set()


def hide(old: Path, planned: planning.Planned) -> int:
    """Remove every record and page that may not go out now; faulty ones never came before the gate. Return how many."""
    public = {one.path for one in planned.public.decisions if one.published}
    description = planned.checked.data.description
    sources = (*description["faelle"].sources, *description["uebernahmen"].sources)
    records = {file for one in sources for file in (old / "data").glob(re.sub(r"\{\w+\}", "*", one.pattern))}
    hidden = {file for file in records if file.relative_to(old).as_posix() not in public}
    hidden |= {old / "content" / one for one in planned.withheld}
    for file in hidden:
        file.unlink()
    return len(hidden)


def _python(root: Path, old: Path) -> list[str]:
    """Today's interpreter, or one of its own for a program that was locked to other packages."""
    if (old / LOCK).read_bytes() == (root / LOCK).read_bytes():
        return [sys.executable]
    done = subprocess.run([sys.executable, "scripts/bootstrap.py", "--gruppe", "site"], cwd=old, check=False)
    if done.returncode:
        raise Refusal("Die Pakete des früheren Standes ließen sich nicht einrichten.")
    return [str(old / ".venv/bin/python")]


def _git(root: Path, *arguments: str) -> bytes:
    """What Git answers."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], check=False, capture_output=True)
    except FileNotFoundError:
        raise Refusal("Dafür ist Git nötig; es ist nicht installiert.") from None
    if done.returncode:
        raise Refusal(f"Diesen Stand kennt Git nicht: „{arguments[-1].partition('^')[0]}“.")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
