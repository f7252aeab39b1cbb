"""Check everything and build the site; the previous one stays untouched unless the new one is complete."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from command_line import OK, ROOT, GermanParser, Refusal, add_profile, kept_in, moment, run
from host_words import in_german
from ikz_award import planning, report, routes, wording
from settings import demand_readable

FAILED = 1
UNTOUCHED = "Nicht gebaut; die vorhandene Website bleibt, wie sie ist"
# Parts of the project that no site may lie in.
PROTECTED = (".ci", ".git", ".github", ".venv", "content", "data", "plugins", "scripts", "tests")
FRESH, OLD = "neu", "alt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; the return value is the exit status."""
    parser = GermanParser("Prüft alles und baut die Website.")
    add_profile(parser)
    parser.add_argument(
        "--ziel",
        metavar="ORDNER",
        type=Path,
        help="Ordner der Website (Vorgabe: site, mit --profil beispiel site-beispiel). Ersetzt wird nur ein Ordner, der leer ist"
        " oder eine von diesem Befehl gebaute Website enthält",
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
    root: Path = options.projekt.resolve()
    usual = root / ("site-beispiel" if options.profil == "beispiel" else "site")
    target: Path = usual if options.ziel is None else options.ziel.resolve()
    demand_replaceable(target, root)
    if options.profil == "beispiel" and target == root / "site":
        raise Refusal("In site/ liegt nur Echtes; die Fassung mit dem erfundenen Durchgang gehört daneben.")
    clear_leftovers(target)
    demand_readable(root)
    now = moment()
    planned = planning.plan_once(root, options.profil, now, kept_in(root))
    if planned.findings:
        sys.stdout.write(report.as_text(planned.findings, wording.load()))
    if planned.failed:
        print(f"{UNTOUCHED}.", file=sys.stderr)
        return FAILED
    target.parent.mkdir(parents=True, exist_ok=True)
    with workplace(target) as folder:
        status = _generate(options.generator, root, folder / FRESH, options.profil, now)
        if status:
            print(f"{UNTOUCHED}.", file=sys.stderr)
            return status
        # Minutes may have passed.
        demand_replaceable(target, root)
        exchange(folder, target)
    print(f"Gebaut: {len(planned.addresses)} Seiten in {target.name}/ ({options.profil})")
    return OK


def demand_replaceable(target: Path, root: Path) -> None:
    """Refuse a target in which something would be lost."""
    for project in {root, ROOT}:
        if project.is_relative_to(target):
            raise Refusal(f"„{target}“ enthält das Projekt selbst; bitte einen anderen Ordner nennen.")
        for name in PROTECTED:
            if target.is_relative_to(project / name):
                raise Refusal(f"„{target}“ gehört zum Projekt ({name}); bitte einen anderen Ordner nennen.")
    if not target.exists():
        return
    if not target.is_dir():
        raise Refusal(f"„{target}“ ist kein Ordner.")
    if (target / ".git").exists() or (any(target.iterdir()) and not _is_site(target)):
        raise Refusal(
            f"„{target}“ enthält etwas anderes als eine gebaute Website und wird nicht ersetzt. Bitte einen leeren"
            " oder neuen Ordner nennen."
        )


def _is_site(folder: Path) -> bool:
    """Whether this command built what lies there."""
    try:
        content = json.loads((folder / routes.NEXT_CHANGE).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "gebaut_fuer" in content


@contextmanager
def workplace(target: Path) -> Iterator[Path]:
    """A folder beside the target, so that every move is a rename on the same disk; locked as long as it is used."""
    folder = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        tidy(folder, target)
        os.close(handle)


def exchange(folder: Path, target: Path) -> None:
    """Put the new site in place; ``tidy`` puts the old one back if this ends halfway."""
    if target.exists():
        target.rename(folder / OLD)
    (folder / FRESH).rename(target)


def tidy(folder: Path, target: Path) -> None:
    """Remove a workplace. If it holds the only site there is, that one goes back to its place first."""
    if (folder / OLD).exists() and not target.exists():
        (folder / OLD).rename(target)
    shutil.rmtree(folder, ignore_errors=True)


def clear_leftovers(target: Path) -> None:
    """Tidy what killed runs left behind; a run that is still at work holds its lock."""
    if not target.parent.is_dir():
        return
    for folder in sorted(target.parent.iterdir()):
        if not folder.name.startswith(_prefix(target)) or folder.is_symlink() or not folder.is_dir():
            continue
        if not {one.name for one in folder.iterdir()} <= {FRESH, OLD}:
            continue
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            tidy(folder, target)
        except BlockingIOError:
            continue
        finally:
            os.close(handle)


def _prefix(target: Path) -> str:
    return f".{target.name}.bau-"


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
        sys.stderr.write(in_german(done.stdout, root))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
