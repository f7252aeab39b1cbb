"""Check everything and build the site; the previous one stays untouched unless the new one is complete."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ikz_award import build, report, wording
from ikz_award.dates import moment_from
from ikz_award.publication import PROFILES
from ikz_award.schema import DescriptionError

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; the return value is the exit status."""
    parser = argparse.ArgumentParser(description="Prüft alles und baut die Website.", add_help=False)
    parser.add_argument("-h", "--help", "--hilfe", action="help", help="zeigt diese Hilfe")
    parser.add_argument("--profil", choices=PROFILES, default="entwurf", help="Fassung (Vorgabe: entwurf)")
    parser.add_argument("--ziel", type=Path, default=ROOT / "site", help="Ordner der Website (Vorgabe: site)")
    parser.add_argument(
        "--generator", choices=("mkdocs", "properdocs"), default="mkdocs", help="womit gebaut wird"
    )
    parser.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    root, target = options.projekt.resolve(), options.ziel.resolve()
    try:
        now = moment_from(None, os.environ.get("SOURCE_DATE_EPOCH"), datetime.now().astimezone())
        outcome = build.build(root, options.profil, now)
    except (DescriptionError, ValueError) as error:
        print(f"Nicht gebaut: {error}", file=sys.stderr)
        return 2
    if outcome.findings:
        sys.stdout.write(report.as_text(outcome.findings, wording.load()))
    if outcome.failed:
        print("Nicht gebaut; die vorhandene Website bleibt, wie sie ist.", file=sys.stderr)
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the exchange below is a rename on the same disk.
    with tempfile.TemporaryDirectory(prefix=".site-", dir=target.parent) as folder:
        fresh = Path(folder) / "site"
        status = _run(options.generator, root, fresh, options.profil, now)
        if status:
            print("Nicht gebaut; die vorhandene Website bleibt, wie sie ist.", file=sys.stderr)
            return status
        if target.exists():
            target.rename(Path(folder) / "alt")
        shutil.move(fresh, target)
    print(f"Gebaut: {len(outcome.addresses)} Seiten in {target.name}/ ({options.profil})")
    return 0


def _run(generator: str, root: Path, site: Path, profile: str, now: datetime) -> int:
    environment = {
        **os.environ,
        "PROFIL": profile,
        # One moment for both runs of the core: here and inside the generator.
        "SOURCE_DATE_EPOCH": str(int(now.timestamp())),
        "NO_MKDOCS_2_WARNING": "1",
        "DISABLE_MKDOCS_2_WARNING": "true",
    }
    command = [
        sys.executable,
        "-m",
        generator,
        "build",
        "--strict",
        "--config-file",
        str(root / "mkdocs.yml"),
        "--site-dir",
        str(site),
    ]
    # Not --quiet: it would hide warnings from the strict mode that counts them. Shown only if it went wrong.
    done = subprocess.run(command, cwd=root, env=environment, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.stderr.write(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
