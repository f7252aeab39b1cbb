"""The index of a search over the finished pages of the cases, made for everybody by the same program."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench_measure import Command, run

PAGES = "kooperationen/fall-*/index.html"


@dataclass(frozen=True)
class Searched:
    """Seconds and bytes of the index; what a browser loads for the first query, and how much of that is the program itself."""

    peer: str
    size: int
    seconds: float
    bytes: int
    first: int
    program: int


def measure(peer: str, size: int, site: Path, target: Path, patience: float) -> Searched:
    """Make the index of a finished site.

    Raises:
        bench_measure.FailedError: Pagefind fails.
    """
    options = ["--site", str(site), "--glob", PAGES, "--output-path", str(target), "--quiet"]
    cost = run(Command([sys.executable, "-m", "pagefind", *options], site, {}), patience)
    total = sum(one.stat().st_size for one in target.rglob("*") if one.is_file())
    return Searched(peer, size, cost.seconds, total, *first_query(target))


def first_query(index: Path) -> tuple[int, int]:
    """Bytes as they travel: the program, the list of all, and of the parts the largest of each kind; and those of the program."""
    wasm = [one for one in index.glob("wasm.*.pagefind") if "unknown" not in one.name]
    program = _packed([index / "pagefind.js", *wasm])
    lists = _packed([index / "pagefind-entry.json", *index.glob("*.pf_meta")])
    return program + lists + _largest(index / "index") + _largest(index / "fragment"), program


def _packed(files: Iterable[Path]) -> int:
    """What is packed already becomes no smaller."""
    return sum(len(gzip.compress(one.read_bytes())) for one in files)


def _largest(folder: Path) -> int:
    return max((one.stat().st_size for one in folder.glob("*")), default=0)
