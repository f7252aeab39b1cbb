"""Change the program bit by bit and count what no test notices: mutation testing of what must not be wrong, by Cosmic Ray.

Cosmic Ray makes the changes and keeps their outcomes. They are tried in copies below ``build/mutation/``, one for each core
(``mutation_runner.py``): only with the tests that run through the changed line, the most promising first. What is measured with which
tests, the goals, and the survivors that change nothing stand in ``pyproject.toml`` under ``tool.mutation``. A run that was
broken off goes on where it stopped; ``--neu`` begins again.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import queue
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cosmic_ray.plugins
from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkItem, WorkResult

from german_parser import GermanParser

ROOT = Path(__file__).resolve().parent.parent
# What the tests in question need of the project.
COPIED = ("plugins", "scripts", "tests", "data", "content", "mkdocs.yml", "pyproject.toml")
# How much longer than before tests may take, since a change may also make them slower, and a machine may be busy.
FACTOR, ALLOWANCE = 4, 20
# So many lines around a change are most likely about the same thing.
_NEAR = 12
UNSOUND = "Fehler: Schon ohne Veränderung laufen die Tests nicht durch."


@dataclass(frozen=True)
class Mutant:
    """One change that was tried: where, what the line became, and whether a test noticed."""

    place: str
    line: str
    noticed: bool


class Workshop:
    """A copy of the project, and the process that tries changes in it."""

    def __init__(self, copy: Path) -> None:
        self.copy = copy
        if not copy.exists():
            lay_out(copy)
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(str(copy / one) for one in ("plugins", "scripts", "tests"))
        }
        process = subprocess.Popen(
            [sys.executable, copy / "scripts/mutation_runner.py"],
            cwd=copy,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if not (process.stdin and process.stdout):
            raise RuntimeError("both are asked for above")
        self.process, self.jobs, self.answers = process, process.stdin, process.stdout

    def ask(self, kind: str, **job: object) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Give a job and wait for the answer."""
        self.jobs.write(json.dumps({"art": kind, **job}) + "\n")
        self.jobs.flush()
        line = self.answers.readline()
        if not line:
            raise SystemExit(UNSOUND)
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self.jobs.close()
        self.process.wait()


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutation"]
    parser = GermanParser("Verändert das Programm und zählt, was kein Test bemerkt.")
    parser.add_argument("--teil", action="append", choices=sorted(settings["parts"]), help="nur diesen Teil")
    parser.add_argument("--neu", action="store_true", help="nicht fortsetzen, von vorn beginnen")
    parser.add_argument(
        "--stichprobe", type=int, metavar="ANZAHL", help="höchstens so viele Veränderungen je Teil"
    )
    parser.add_argument(
        "--los", default="", metavar="WORT", help="ein anderes Wort zieht eine andere Stichprobe"
    )
    given = parser.parse_args(arguments)
    enough = True
    for name in given.teil or settings["parts"]:
        folder = ROOT / "build/mutation" / name
        if given.neu:
            shutil.rmtree(folder, ignore_errors=True)
        part = settings["parts"][name]
        if not all((ROOT / one).exists() for one in part["modules"]):
            raise SystemExit(f"Fehler: {name} nennt in pyproject.toml eine Datei, die es nicht gibt.")
        mutants, of = tried(folder, part, settings["excluded"], given.stichprobe, given.los)
        if len(mutants) < of:
            print(f"{name}: Stichprobe, {len(mutants)} von {of} Veränderungen.")
        enough &= report(name, mutants, part["goal"], settings["equivalent"])
    return 0 if enough else 1


def tried(
    folder: Path, part: dict[str, Any], excluded: Sequence[str], most: int | None, lot: str
) -> tuple[list[Mutant], int]:
    """Changes with their outcome, and how many changes there are; the same ones are chosen again as long as they can be made."""
    first = Workshop(folder / "projekt-0")
    modules = sorted(
        file.relative_to(first.copy)
        for one in part["modules"]
        for file in ([first.copy / one] if one.endswith(".py") else (first.copy / one).glob("[!_]*.py"))
    )
    tests = shlex.split(part["tests"])
    known = folder / "wege.json"
    if not known.exists():
        found = first.ask("messen", tests=tests, modules=[str(one) for one in modules])
        known.write_text(json.dumps(found), encoding="utf-8")
    ways = json.loads(known.read_text(encoding="utf-8"))
    with use_db(folder / "stand.sqlite", WorkDB.Mode.create) as database:
        if not database.num_work_items:
            os.chdir(first.copy)
            init(modules, database, {})
        items = sorted(
            (one for one in database.work_items if not re.match("|".join(excluded), of(one).operator_name)),
            key=lambda one: rank(one, lot),
        )
        chosen = items[:most]
        done = {job for job, _ in database.results}
        waiting = [one for one in chosen if one.job_id not in done]
        if waiting:
            try_all(waiting, first, ways, tests, database)
        outcomes = dict(database.results)
        return [mutant(one, outcomes[one.job_id]) for one in chosen], len(items)


def try_all(
    items: Sequence[WorkItem], first: Workshop, ways: dict[str, Any], tests: list[str], database: WorkDB
) -> None:
    """Try changes in as many copies as there are cores, and note each outcome at once."""
    free: queue.SimpleQueue[Workshop] = queue.SimpleQueue()
    cores = os.cpu_count() or 1
    shops = [first, *(Workshop(first.copy.with_name(f"projekt-{number}")) for number in range(1, cores))]
    for one in shops:
        one.ask("aufwaermen", tests=tests)
        # Were anything noticed where nothing is changed, nothing that follows would mean anything.
        if one.ask("versuchen", **unchanged(items[0], one, ways))["outcome"] != "unbemerkt":
            raise SystemExit(UNSOUND)
        free.put(one)

    def attempt(item: WorkItem) -> tuple[WorkItem, WorkResult]:
        shop = free.get()
        try:
            return item, result(item, shop, ways)
        finally:
            free.put(shop)

    with ThreadPoolExecutor(cores) as pool:
        for item, outcome in pool.map(attempt, items):
            database.set_result(item.job_id, outcome)
    for one in shops:
        one.close()


def unchanged(item: WorkItem, shop: Workshop, ways: dict[str, Any]) -> dict[str, Any]:
    """The job of trying a change, with the module as it is."""
    change, seconds = of(item), ways["seconds"]
    lines = ways["lines"].get(str(change.module_path), {})
    # What runs when the module is loaded, or in a child of a test, belongs to no test: then any may notice.
    line = change.start_pos[0]
    tests = lines.get(str(line)) or list(seconds)
    # Whoever is among the few that run through a line nearby was made for what stands here.
    among: dict[str, int] = {}
    for number in range(line - _NEAR, line + _NEAR + 1):
        few = lines.get(str(number), ())
        among |= {one: min(among.get(one, len(few)), len(few)) for one in few}
    return {
        "module": str(change.module_path),
        "text": (shop.copy / change.module_path).read_text(encoding="utf-8"),
        "tests": sorted(tests, key=lambda one: (among.get(one, len(seconds)), seconds[one])),
        "seconds": FACTOR * sum(seconds[one] for one in tests) + ALLOWANCE,
    }


def result(item: WorkItem, shop: Workshop, ways: dict[str, Any]) -> WorkResult:
    """Try one change."""
    change, job = of(item), unchanged(item, shop, ways)
    operator = cosmic_ray.plugins.get_operator(change.operator_name)(**change.operator_args)
    text = mutate_code(job["text"], operator, change.occurrence)
    if text is None:
        return WorkResult(worker_outcome=WorkerOutcome.NO_TEST)
    outcome = shop.ask("versuchen", **job | {"text": text})["outcome"]
    return WorkResult(
        worker_outcome=WorkerOutcome.NORMAL,
        test_outcome=TestOutcome.SURVIVED if outcome == "unbemerkt" else TestOutcome.KILLED,
        output=outcome,
        diff="\n".join(difflib.unified_diff(job["text"].splitlines(), text.splitlines(), n=0, lineterm="")),
    )


def of(item: WorkItem) -> MutationSpec:
    """The one change of an item."""
    return item.mutations[0]


def rank(item: WorkItem, lot: str) -> str:
    """A number by lot that stays: the first so and so many are a sample, which nobody knew who wrote tests for the one before."""
    change = of(item)
    told = f"{lot}|{change.module_path}|{change.operator_name}|{change.operator_args}|{change.occurrence}"
    return hashlib.sha256(told.encode()).hexdigest()


def mutant(item: WorkItem, outcome: WorkResult) -> Mutant:
    """What became of a change, for the report."""
    became = [one[1:].strip() for one in (outcome.diff or "").splitlines() if one[:1] == "+"]
    return Mutant(
        f"{of(item).module_path}:{of(item).start_pos[0]}", became[-1] if became else "", outcome.is_killed
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
