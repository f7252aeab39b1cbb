"""Where the time of our own build goes: a clock around the steps of the core and of the host, set from outside of both."""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import bench_measure
from bench_peers import SCRIPTS, Frame, Ours

# Step of the work → the functions in which it is done, as „module:name“. Time counts for the innermost of them.
STAGES: Mapping[str, Sequence[str]] = {
    "lesen": ("ikz_award.schema:load", "ikz_award.records:read_all", "ikz_award.content:read_all"),
    "prüfen": (
        "ikz_award.checks.structure:check",
        "ikz_award.checks.rules:check",
        "ikz_award.checks.prose:check",
        "ikz_award.checks.addresses:check",
        "ikz_award.content:check",
    ),
    "prüfen: Tabellen": ("ikz_award.checks.tables:check",),
    "Modell": ("ikz_award.model:build",),
    "freigeben": ("ikz_award.publication:publish",),
    "zählen": (
        "ikz_award.catalogue:build",
        "ikz_award.rarity:Census.__init__",
        "ikz_award.rarity:Census.rarest",
        "ikz_award.similarity:Similarity.__init__",
        "ikz_award.similarity:Similarity.like",
    ),
    "planen": ("ikz_award.pages:plan", "ikz_award.findable:every"),
    "darstellen": ("ikz_award.render:render",),
    "Begriffe": ("ikz_award.glossary:Glossary.mark",),
    "Köpfe und Feeds": ("ikz_award.heads:of", "ikz_award.feeds:of"),
    "Dateien": ("ikz_award.assets:every", "ikz_award.cards:of"),
    "Suche": ("ikz_award.search_index:write",),
    "Richtlinie": ("ikz_award.security_policy:with_policy", "ikz_award.security_policy:strange_scripts"),
    "schreiben": (
        "mkdocs.utils:write_file",
        "mkdocs.utils:copy_file",
        "mkdocs.utils:clean_directory",
        "mkdocs.structure.files:Files.copy_static_files",
    ),
    "Speicher": ("ikz_award.replay:Store.known", "ikz_award.replay:Store.settle"),
}
LOADING, REST, LAST_LOOK = "Programm laden", "Übriges, auch MkDocs selbst", "Schlussprüfung"
# Time in which another of our programs works, and its clock runs.
_WAITING = "warten"
# The programs of one build, by what stands in their command line.
PROGRAMS = {"build_site.py": "Prüflauf", "mkdocs": "Generator", "final_gate.py": LAST_LOOK}
_FOLDER = "IKZ_UHR"
# Python runs a module of this name before any program.
_STARTER = """\
import sys
sys.path.insert(0, {scripts!r})
import bench_stages
bench_stages.begin()
"""


class Clock:
    """Seconds by step; a step inside of another one stops the other's clock."""

    def __init__(self, stage: str = REST) -> None:
        self.spent: dict[str, float] = {}
        self._open: list[str] = [stage]
        self._since = time.perf_counter()

    def around(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed; if it returns something that is worked off later, that, too."""

        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - it stands for any function
            self.enter(stage)
            try:
                found = function(*arguments, **named)
            finally:
                self.leave()
            return self._later(stage, found) if isinstance(found, Iterator) else found

        return timed

    def _later(self, stage: str, found: Iterator[Any]) -> Iterator[Any]:
        while True:
            self.enter(stage)
            try:
                one = next(found)
            except StopIteration:
                return
            finally:
                self.leave()
            yield one

    def stop(self) -> Mapping[str, float]:
        """What every step took until now."""
        self._add()
        return self.spent

    def enter(self, stage: str) -> None:
        """A step begins."""
        self._add()
        self._open.append(stage)

    def leave(self) -> None:
        """The innermost step is over."""
        self._add()
        self._open.pop()

    def _add(self) -> None:
        now = time.perf_counter()
        self.spent[self._open[-1]] = self.spent.get(self._open[-1], 0.0) + now - self._since
        self._since = now


def begin() -> None:
    """Start the clock of this program, if it is one of a build; what it shows is written when the program ends."""
    said = {Path(one).name for one in sys.orig_argv}
    program = next((name for word, name in PROGRAMS.items() if word in said), None)
    if program is None:
        return
    clock = Clock(LAST_LOOK if program == LAST_LOOK else REST)
    if program != LAST_LOOK:
        clock.enter(LOADING)
        wind_up(clock, host=program == "Generator")
        clock.leave()
    if program == "Prüflauf":
        vars(subprocess)["run"] = clock.around(_WAITING, subprocess.run)
    file = Path(os.environ[_FOLDER]) / f"{program}.json"
    atexit.register(lambda: file.write_text(json.dumps(clock.stop(), ensure_ascii=False), encoding="utf-8"))


def wind_up(clock: Clock, *, host: bool) -> None:
    """Put the clock around every function of the list; those of the host only in its own program."""
    for stage, places in STAGES.items():
        for place in places:
            module, _, path = place.partition(":")
            if module.startswith("mkdocs") and not host:
                continue
            *owners, name = path.split(".")
            owner: Any = importlib.import_module(module)
            for one in owners:
                owner = getattr(owner, one)
            setattr(owner, name, clock.around(stage, getattr(owner, name)))


def profile(root: Path, work: Path, size: int, patience: float) -> str:
    """A table for one size: the real command, cold and then with nothing changed.

    Raises:
        bench_measure.FailedError: our own build fails.
    """
    ours = Ours(work)
    ours.lay_out(root, size, Frame())
    starter, notes = work / "uhr", work / "zeiten"
    for folder in (starter, notes):
        folder.mkdir()
    (starter / "sitecustomize.py").write_text(_STARTER.format(scripts=str(SCRIPTS)), encoding="utf-8")
    paths = (str(starter), os.environ.get("PYTHONPATH", ""))
    ordinary = ours.command()
    told = {"PYTHONPATH": os.pathsep.join(filter(None, paths)), _FOLDER: str(notes)}
    command = replace(ordinary, environment={**ordinary.environment, **told})
    columns: dict[str, Mapping[str, float]] = {}
    walls = {}
    for name in ("kalt", "unverändert"):
        walls[name] = bench_measure.run(command, patience).seconds
        for program in PROGRAMS.values():
            columns[f"{name}: {program}"] = json.loads(
                (notes / f"{program}.json").read_text(encoding="utf-8")
            )
    return _table(size, columns, walls)


def _table(size: int, columns: Mapping[str, Mapping[str, float]], walls: Mapping[str, float]) -> str:
    lines = [
        f"### Stufen bei {size} Fällen, in Sekunden",
        "",
        f"| Stufe | {' | '.join(columns)} |",
        f"| --- |{' ---: |' * len(columns)}",
    ]
    for stage in (LOADING, *STAGES, LAST_LOOK, REST):
        cells = [f"{one[stage]:.2f}" if stage in one else "–" for one in columns.values()]
        lines.append(f"| {stage} | {' | '.join(cells)} |")
    sums = [sum(value for key, value in one.items() if key != _WAITING) for one in columns.values()]
    lines.append(f"| zusammen | {' | '.join(f'{one:.2f}' for one in sums)} |")
    told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in walls.items())
    ending = f"Der ganze Befehl: {told}. Was zur Summe fehlt, sind Start und Ende von Python; die Uhr selbst kostet ein wenig."
    return "\n".join([*lines, "", ending]) + "\n"
