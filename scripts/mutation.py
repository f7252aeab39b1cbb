"""Change the program bit by bit and count what no test notices: mutation testing of what must not be wrong, by Cosmic Ray.

Works on a copy below ``build/mutation/``, since the program is changed in place there. What is measured with which tests, the
goals, and the survivors that change nothing stand in ``pyproject.toml`` under ``tool.mutation``. A run that was broken off goes on
where it stopped; ``--neu`` begins again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from german_parser import GermanParser

ROOT = Path(__file__).resolve().parent.parent
# What the tests in question need of the project.
COPIED = ("plugins", "scripts", "tests", "data", "content", "mkdocs.yml", "pyproject.toml")
SETTINGS = """\
[cosmic-ray]
module-path = {modules}
timeout = {timeout}
excluded-modules = []
test-command = {command}

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = {excluded}
"""


@dataclass(frozen=True)
class Mutant:
    """One change that was tried: where, what the line became, and whether a test noticed."""

    place: str
    line: str
    noticed: bool


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutation"]
    parser = GermanParser("Verändert das Programm und zählt, was kein Test bemerkt.")
    parser.add_argument("--teil", action="append", choices=sorted(settings["parts"]), help="nur diesen Teil")
    parser.add_argument("--neu", action="store_true", help="nicht fortsetzen, von vorn beginnen")
    given = parser.parse_args(arguments)
    enough = True
    for name in given.teil or settings["parts"]:
        folder = ROOT / "build/mutation" / name
        if given.neu:
            shutil.rmtree(folder, ignore_errors=True)
        part = settings["parts"][name]
        if not all((ROOT / one).exists() for one in part["modules"]):
            raise SystemExit(f"Fehler: {name} nennt in pyproject.toml eine Datei, die es nicht gibt.")
        enough &= report(name, list(tried(folder, part, settings)), part["goal"], settings["equivalent"])
    return 0 if enough else 1


def tried(folder: Path, part: dict[str, Any], settings: dict[str, Any]) -> Iterator[Mutant]:
    """Every change with its outcome."""
    copy = folder / "projekt"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(str(copy / one) for one in COPIED[:3])}
    tool = Path(sys.executable).with_name("cosmic-ray")

    def run(*command: object) -> str:
        done = subprocess.run(
            [*map(str, command)], cwd=copy, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    if not (folder / "fertig-kopiert").exists():
        lay_out(copy)
        pytest = f"{sys.executable} -B -m pytest -n 0 -x -q -p no:cacheprovider"
        text = SETTINGS.format(
            modules=json.dumps(part["modules"]),
            timeout=settings["timeout"],
            command=json.dumps(f"{pytest} {part['tests']}"),
            excluded=json.dumps(settings["excluded"]),
        )
        (folder / "cosmic-ray.toml").write_text(text, encoding="utf-8")
        # Without a change everything passes, or nothing that follows means anything.
        run(tool, "baseline", folder / "cosmic-ray.toml")
        run(tool, "init", folder / "cosmic-ray.toml", folder / "stand.sqlite", "--force")
        run(tool.with_name("cr-filter-operators"), folder / "stand.sqlite", folder / "cosmic-ray.toml")
        (folder / "fertig-kopiert").touch()
    run(tool, "exec", folder / "cosmic-ray.toml", folder / "stand.sqlite")
    for line in run(tool, "dump", folder / "stand.sqlite").splitlines():
        item, result = json.loads(line)
        if result["worker_outcome"] != "skipped":
            change = item["mutations"][0]
            became = [one[1:].strip() for one in (result["diff"] or "").splitlines() if one[:1] == "+"]
            yield Mutant(
                f"{change['module_path']}:{change['start_pos'][0]}",
                became[-1] if became else "",
                result["test_outcome"] != "survived",
            )


def lay_out(copy: Path) -> None:
    """A fresh copy of what the tests need."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    passed_over = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, symlinks=True, ignore=passed_over)
        else:
            shutil.copy2(source, copy / name)


def report(name: str, mutants: list[Mutant], goal: int, equivalent: list[dict[str, str]]) -> bool:
    """Say how many were noticed, and show the others; whether that is enough."""
    explained = {one["line"]: one["reason"] for one in equivalent}
    counted = [one for one in mutants if one.noticed or one.line not in explained]
    share = 100 * sum(one.noticed for one in counted) / len(counted) if counted else 0.0
    print(f"{name}: {share:.1f} Prozent von {len(counted)} Veränderungen bemerkt, verlangt sind {goal}.")
    for one in mutants:
        if not one.noticed:
            print(f"  {one.place}: {one.line}")
            print(f"    {explained.get(one.line, 'Kein Test bemerkt das.')}")
    return share >= goal


if __name__ == "__main__":
    raise SystemExit(main())
