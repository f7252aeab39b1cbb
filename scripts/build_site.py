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

from command_line import OK, ROOT, GermanParser, moment, run
from ikz_award import build, report, wording
from ikz_award.publication import PROFILES

FAILED = 1
UNTOUCHED = "Nicht gebaut; die vorhandene Website bleibt, wie sie ist"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; the return value is the exit status."""
    parser = GermanParser("Prüft alles und baut die Website.")
    parser.add_argument("--profil", choices=PROFILES, default="entwurf", help="Fassung (Vorgabe: entwurf)")
    parser.add_argument(
        "--ziel",
        metavar="ORDNER",
        type=Path,
        default=ROOT / "site",
        help="Ordner der Website (Vorgabe: site)",
    )
    parser.add_argument(
        "--generator",
        choices=("mkdocs", "properdocs"),
        default="mkdocs",
        help="womit gebaut wird (Vorgabe: mkdocs)",
    )
    parser.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    return run(lambda: build_site(options), UNTOUCHED)


def build_site(options: argparse.Namespace) -> int:
    """Check, build beside the target, exchange."""
    root, target = options.projekt.resolve(), options.ziel.resolve()
    now = moment()
    outcome = build.build(root, options.profil, now)
    if outcome.findings:
        sys.stdout.write(report.as_text(outcome.findings, wording.load()))
    if outcome.failed:
        print(f"{UNTOUCHED}.", file=sys.stderr)
        return FAILED
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the exchange below is a rename on the same disk.
    with tempfile.TemporaryDirectory(prefix=".site-", dir=target.parent) as folder:
        fresh = Path(folder) / "site"
        status = _generate(options.generator, root, fresh, options.profil, now)
        if status:
            print(f"{UNTOUCHED}.", file=sys.stderr)
            return status
        if target.exists():
            target.rename(Path(folder) / "alt")
        shutil.move(fresh, target)
    print(f"Gebaut: {len(outcome.addresses)} Seiten in {target.name}/ ({options.profil})")
    return OK


def _generate(generator: str, root: Path, site: Path, profile: str, now: datetime) -> int:
    environment = {
        **os.environ,
        "PROFIL": profile,
        # One moment for both runs of the core: here and inside the generator.
        "SOURCE_DATE_EPOCH": str(int(now.timestamp())),
        "NO_MKDOCS_2_WARNING": "1",
        "DISABLE_MKDOCS_2_WARNING": "true",
    }
    config = str(root / "mkdocs.yml")
    command = [
        sys.executable,
        "-m",
        generator,
        "build",
        "--strict",
        "--config-file",
        config,
        "--site-dir",
        str(site),
    ]
    # Not --quiet: it would hide warnings from the strict mode that counts them. Shown only if something went wrong.
    done = subprocess.run(
        command,
        cwd=root,
        env=environment,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        sys.stderr.write(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
