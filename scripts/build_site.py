"""Check everything, build the site, look at it once more; the previous one stays unless the new one is complete."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import release
from command_line import OK, ROOT, GermanParser, Refusal, add_profile, kept_in, moment, resolved, run
from host_words import in_german, said_anyway
from ikz_award import gate_list, planning, report, routes, wording
from ikz_award.planning import Planned
from release import Workplace
from settings import demand_readable

FAILED = 1
UNTOUCHED = "Nicht gebaut; die vorhandene Website bleibt, wie sie ist"
# Parts of the project that no site may lie in.
PROTECTED = (".ci", ".git", ".github", ".venv", "content", "data", "plugins", "scripts", "tests")
# What the generator and its theme add to what the core plans; with a star if the name may differ from build to build.
GENERATED = (
    *("404.html", "sitemap.xml", "sitemap.xml.gz", "_headers", ".htaccess", "server/nginx.conf"),
    *("assets/images/favicon.png", "assets/javascripts/*.js", "assets/stylesheets/*.css"),
    *("pagefind/pagefind.js", "pagefind/pagefind-entry.json", "pagefind/wasm.de.pagefind"),
    *(
        "pagefind/*.pf_meta",
        "pagefind/fragment/*.pf_fragment",
        "pagefind/index/*.pf_index",
        "pagefind/filter/*.pf_filter",
    ),
)
# Longer than any build takes. The wait is worth it: the run in front may have read the state before the last change.
PATIENCE = 900
GATE = Path(__file__).with_name("final_gate.py")


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
    parser.add_argument(
        "--warten",
        metavar="SEKUNDEN",
        type=int,
        default=PATIENCE,
        help=f"wie lange gewartet wird, wenn schon ein anderer Lauf nach demselben Ordner baut (Vorgabe: {PATIENCE})",
    )
    parser.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    return run(lambda: build_site(options), UNTOUCHED)


def build_site(options: argparse.Namespace) -> int:
    """Check, build beside the target, look at the result, switch."""
    root: Path = options.projekt.resolve()
    usual = root / ("site-beispiel" if options.profil == "beispiel" else "site")
    # Where a link leads, so that the link stays.
    target = resolved(usual if options.ziel is None else options.ziel)
    demand_replaceable(target, root)
    if options.profil == "beispiel" and target == (root / "site").resolve():
        raise Refusal("In site/ liegt nur Echtes; die Fassung mit dem erfundenen Durchgang gehört daneben.")

    def waiting() -> None:
        print(
            f"Ein anderer Lauf baut gerade nach {target.name}/; gewartet wird auf sein Ende.", file=sys.stderr
        )

    try:
        with release.workplace(target, options.warten, waiting) as place:
            status, pages = _in(place, options, root)
    except release.BusyError:
        raise Refusal(
            f"Ein anderer Lauf baut schon länger als {options.warten} Sekunden nach „{target}“. Bitte später noch einmal."
        ) from None
    if status:
        print(f"{UNTOUCHED}.", file=sys.stderr)
        return status
    print(f"Gebaut: {pages} Seiten in {target.name}/ ({options.profil})")
    return OK


def _in(place: Workplace, options: argparse.Namespace, root: Path) -> tuple[int, int]:
    """Exit status and number of pages. The moment is that of the build and not the one at which waiting began."""
    demand_replaceable(place.target, root)
    demand_readable(root)
    now = moment(profile=options.profil)
    planned = planning.plan_once(root, options.profil, now, kept_in(root))
    if planned.findings:
        sys.stdout.write(report.as_text(planned.findings, wording.load()))
    if planned.failed:
        return FAILED, 0
    status = _generate(options.generator, root, place, options.profil, now)
    status = status or _gate(place, planned, root)
    if not status:
        # Minutes may have passed.
        demand_replaceable(place.target, root)
        place.put_in_place()
    return status, len(planned.addresses)


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


def _gate(place: Workplace, planned: Planned, root: Path) -> int:
    """Let a program of its own look at the finished folder; it knows nothing but what it is told here."""
    listed = gate_list.of(planned, root)
    listed["dateien"] += GENERATED
    # Not by way of a file: internal values are in it, and a killed run leaves what it wrote.
    command = [sys.executable, str(GATE), str(place.fresh), "--liste", "-"]
    done = subprocess.run(
        command,
        check=False,
        encoding="utf-8",
        input=json.dumps(listed),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        sys.stderr.write(done.stdout)
    return done.returncode


def _generate(generator: str, root: Path, place: Workplace, profile: str, now: datetime) -> int:
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
        str(place.fresh),
    ]
    # Not --quiet: it would hide warnings from the strict mode that counts them.
    done = subprocess.run(
        command,
        cwd=root,
        env=environment,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # It holds the lock, too: killed alone, this run leaves a generator that still writes.
        pass_fds=[place.lock],
    )
    sys.stderr.write(in_german(done.stdout, root) if done.returncode else said_anyway(done.stdout))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
