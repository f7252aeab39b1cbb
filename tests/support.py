"""What several tests share: the cases below ``tests/cases/`` and projects to run them on.

A case is a folder: ``LIESMICH.txt`` says in one German sentence what it shows, ``eingabe/`` holds files at their place
in the project, ``erwartet.txt`` the whole report. They are laid over the small project ``tests/cases/_grundlage/``.
Optional: ``heute.txt`` (day of the run), ``profil.txt`` and ``vorbereitung.txt`` with one order a line:

    verknuepfung <pfad> -> <ziel>     a symbolic link
    fuelle <pfad> <kB>                one line of this many kilobytes behind what the file holds
    loesche <pfad>                    a file of the small project that is missing in this case

``IKZ_GOLDEN=schreiben .venv/bin/python -m pytest tests/test_cases.py tests/test_report.py`` writes every expectation
anew. Read the difference before it is committed: the expectations are the specification.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest

from ikz_award import build, planning, report, routes, wording
from ikz_award.build import Outcome
from ikz_award.dates import moment_from
from ikz_award.publication import Profile
from ikz_award.records import Cache
from ikz_award.replay import Store

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
BASE = CASES / "_grundlage"
# After the announcement, so that everything that may be public is.
DEFAULT_DAY = "2030-07-01"
# What tests let be drawn or written again and again. Without a folder it forgets nothing, and nothing lies on a disk.
_STORE = Store()
# Every internal value of the small project and of the cases contains it.
PLANTED = "geheim"


def shared_cache(store: Store | None = None) -> Cache:
    """A cache that knows what was drawn and written before in this process; every file is read anew."""
    return Cache(store=store or _STORE)


@cache
def winners() -> tuple[str, ...]:
    """Winners of the project that have a page, as „2022/name“. Each may withdraw on any day, so no test names one."""
    now = datetime.now().astimezone()
    specs = planning.plan(ROOT, "entwurf", now, shared_cache()).specs
    found = (re.fullmatch(rf"{routes.WINNERS}(\d+/[^/]+)/", one.address) for one in specs)
    return tuple(sorted(one[1] for one in found if one))


@dataclass(frozen=True)
class Case:
    """One folder below ``tests/cases/``."""

    folder: Path

    def __str__(self) -> str:
        return self.folder.relative_to(CASES).as_posix()

    def _line(self, name: str, default: str) -> str:
        file = self.folder / name
        return file.read_text("utf-8").strip() if file.exists() else default

    @property
    def sentence(self) -> str:
        return self._line("LIESMICH.txt", "")

    @property
    def now(self) -> datetime:
        return day(self._line("heute.txt", DEFAULT_DAY))

    @property
    def profile(self) -> Profile:
        return cast("Profile", self._line("profil.txt", "entwurf"))

    @property
    def golden(self) -> Path:
        return self.folder / "erwartet.txt"

    def lay_out(self, root: Path) -> None:
        """Write the project of this case below ``root``."""
        lay_out_base(root)
        given = self.folder / "eingabe"
        if given.is_dir():
            shutil.copytree(given, root, dirs_exist_ok=True)
        for order in self._line("vorbereitung.txt", "").splitlines():
            _carry_out(order, root)


def _carry_out(order: str, root: Path) -> None:
    match order.split():
        case ["verknuepfung", path, "->", target]:
            (root / path).symlink_to(target)
        case ["fuelle", path, kilobytes]:
            with (root / path).open("ab") as file:
                file.write(b"x" * int(kilobytes) * 1024)
        case ["loesche", path]:
            (root / path).unlink()
        case _:
            raise ValueError(order)


def is_alive(number: int) -> bool:
    """Whether a process still works; one that has ended and only waits to be collected does not."""
    try:
        text = Path("/proc", str(number), "stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in {"Z", "X"}


def day(text: str) -> datetime:
    """Noon of a day in Germany, or the moment itself."""
    return moment_from(text, None, datetime.now().astimezone())


def lay_out_base(root: Path) -> Path:
    """The small, correct project with the description of the data of the real one."""
    shutil.copytree(BASE, root, dirs_exist_ok=True)
    shutil.copytree(ROOT / "data" / "schema", root / "data" / "schema", dirs_exist_ok=True)
    shutil.copy(ROOT / "data" / "datapackage.yml", root / "data" / "datapackage.yml")
    return root


def leave_out_map(root: Path) -> None:
    """Empty the tables of outlines and of neighbours: they are most of all rows, and hardly any test asks for them."""
    for name in ("nachbarn", "karte"):
        table = root / f"data/reference/{name}.csv"
        table.write_text(table.read_text("utf-8").partition("\n")[0] + "\n", "utf-8")


def copy_repository(root: Path) -> Path:
    """The repository's own data and pages."""
    for name in ("data", "content"):
        shutil.copytree(ROOT / name, root / name, symlinks=True)
    return root


def all_cases() -> list[Case]:
    """Every case, by family and name."""
    families = (one for one in sorted(CASES.iterdir()) if one.is_dir() and not one.name.startswith("_"))
    return [Case(folder) for family in families for folder in sorted(family.iterdir()) if folder.is_dir()]


@dataclass(frozen=True)
class Result:
    """Everything the program says about a case, by format, and everything it would publish."""

    said: Mapping[str, str]
    decisions: tuple[str, ...]
    published: tuple[str, ...]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Findings as the JSON form tells them."""
        return [json.loads(line) for line in self.said["json"].splitlines()]


def run(case: Case) -> Result:
    """Lay out a case, check it and build it."""
    words = wording.load()
    with TemporaryDirectory() as name:
        root = Path(name)
        case.lay_out(root)
        outcome = build.build(root, case.profile, case.now, shared_cache())
    return Result(
        {form: write(outcome.findings, words) for form, write in report.FORMATS.items()},
        tuple(f"{one.path}: {one.reason}" for one in outcome.decisions),
        tuple(published_text(outcome)),
    )


class Results(dict[Case, Result]):
    """Results by case, made when first asked for; ``make_all`` uses every core."""

    def __missing__(self, case: Case) -> Result:
        self[case] = run(case)
        return self[case]

    def make_all(self, cases: Sequence[Case]) -> None:
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
            self.update(zip(cases, pool.map(run, cases, chunksize=4), strict=True))


def compare(golden: Path, text: str) -> None:
    """Compare a whole output with its golden file, or write it when asked to."""
    if os.environ.get("IKZ_GOLDEN") == "schreiben":
        golden.write_text(text, "utf-8", newline="\n")
        pytest.skip(f"geschrieben: {golden.name}")
    assert golden.is_file(), f"{golden} fehlt; siehe tests/support.py"
    assert text == golden.read_bytes().decode()


def published_text(outcome: Outcome) -> Iterator[str]:
    """Everything that would leave the house: pages, files and what stands in for placeholders."""
    for page in outcome.pages:
        yield f"{page.address}\n{page.title}\n{page.description}\n{page.html}"
    for asset in outcome.assets:
        yield f"{asset.address}\n{asset.data.decode('utf-8', 'replace')}"
    for known in outcome.placeholders.values():
        yield from known.values()
