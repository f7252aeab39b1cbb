"""The rounds of a comparison: every stage of everybody, in turn, and what came out of it as values."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bench_corpus
import bench_floor
import bench_search
from bench_floor import Floor
from bench_measure import Command, FailedError, run
from bench_peers import Frame, Ours, Peer, cut
from bench_search import Searched
from bench_tools import MissingError

# In this order, since each begins with what the one before left.
STAGES = ("kalt", "unverändert", "ein Text geändert", "ein Fall mehr")
# So many cases show what our pages look like; their build is also the base that any build costs.
SAMPLE = 10


@dataclass(frozen=True)
class Measured:
    """One run; memory in MB, where the system tells it."""

    peer: str
    size: int
    stage: str
    repetition: int
    seconds: float
    cpu: float
    memory: float | None


@dataclass(frozen=True)
class Written:
    """The pages of the cases after a full build."""

    peer: str
    size: int
    count: int
    bytes: int


@dataclass(frozen=True)
class Failure:
    """Why there is no number, in German; size 0 if for no size."""

    peer: str
    size: int
    reason: str


@dataclass
class Results:
    """All there is to tell; what is not in here was not measured."""

    machine: str = ""
    titles: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    checking: list[str] = field(default_factory=list)
    # Seconds for starting Python and MkDocs, and for a site with very few cases.
    start: float | None = None
    base: float | None = None
    measured: list[Measured] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    floors: list[Floor] = field(default_factory=list)
    searched: list[Searched] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """What is to be compared, and where."""

    project: Path
    work: Path
    kinds: Sequence[type[Peer]]
    sizes: Sequence[int]
    repetitions: int
    patience: float
    # Whether the index of a search is measured, too.
    searches: bool
    # What is told while it goes on, and what is done with the results after each stage.
    tell: Callable[[str], None]
    keep: Callable[[Results], None]


def compare(order: Order) -> Results:
    """Run everything; who fails is out and the others go on."""
    results = Results(machine=_machine(), titles={one.name: one.title for one in order.kinds})
    results.checking = [one.name for one in order.kinds if one.checks]
    frame, weight = _sample(order, results)
    kinds = [one for one in order.kinds if _ready(one, order, results)]
    frames = {one: _fitting(one, frame, weight, order, results) for one in kinds}
    for size in order.sizes:
        _size(size, {one: frames[one] for one in kinds if frames[one] is not None}, order, results)
    return results


def _machine() -> str:

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} Kerne, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _sample(order: Order, results: Results) -> tuple[Frame, float]:
    """Build a few of our pages.

    Raises:
        FailedError: our own build fails.
    """
    order.tell(f"Rahmen: eigene Website mit {SAMPLE} Fällen")
    program = [sys.executable, "-m", "mkdocs", "--version"]
    results.start = run(Command(program, order.work, {}), order.patience).seconds
    ours = Ours(order.work / "muster")
    ours.lay_out(order.project, SAMPLE, Frame())
    results.base = run(ours.command(), order.patience).seconds
    pages = ours.pages()
    frame = cut(pages[0].read_text(encoding="utf-8"))
    return frame, statistics.fmean(one.stat().st_size for one in pages)


def _ready(kind: type[Peer], order: Order, results: Results) -> bool:
    order.tell(f"Bereitstellen: {kind.title}")
    try:
        results.versions[kind.name] = kind(order.work / kind.name).install()
    except MissingError as problem:
        return _out(results, order, kind.name, 0, str(problem))
    return True


def _fitting(kind: type[Peer], frame: Frame, weight: float, order: Order, results: Results) -> Frame | None:
    """The frame with which its pages weigh as much as ours; none if it does not work with a few cases."""
    if not kind.takes_frame:
        return frame
    peer = kind(order.work / f"{kind.name}-{SAMPLE}")
    try:
        peer.lay_out(order.work / "muster/projekt", SAMPLE, frame)
        run(peer.command(), order.patience)
    except (FailedError, MissingError) as problem:
        _out(results, order, kind.name, 0, f"Probe mit {SAMPLE} Fällen: {problem}")
        return None
    pages = peer.pages()
    if len(pages) != SAMPLE:
        _out(results, order, kind.name, 0, f"Probe: schrieb {len(pages)} Fallseiten statt {SAMPLE}")
        return None
    return frame.heavier(weight - statistics.fmean(one.stat().st_size for one in pages))


def _size(size: int, frames: Mapping[type[Peer], Frame | None], order: Order, results: Results) -> None:
    work = order.work / str(size)
    project = work / "projekt"
    bench_corpus.write(order.project, project, size)
    peers = []
    for kind, frame in frames.items():
        peer = kind(work / kind.name)
        peer.folder.mkdir(parents=True)
        try:
            peer.lay_out(project, size, frame or Frame())
        except MissingError as problem:
            _out(results, order, kind.name, size, str(problem))
        else:
            peers.append(peer)
    for repetition in range(order.repetitions):
        number = repetition * 7 % size
        for stage in STAGES:
            for peer in list(peers):
                if not _stage(peer, stage, size, repetition, number, order, results):
                    peers.remove(peer)
            order.keep(results)
        for peer in peers:
            peer.put(number)
            peer.drop(size)
    order.tell(f"{size}: Boden")
    ours = next((one for one in peers if isinstance(one, Ours) and one.pages()), None)
    results.floors.append(bench_floor.measure(project, ours.site if ours else None, work / "boden", size))
    for peer in peers if order.searches else ():
        _search(peer, size, work / "suche", order, results)
    order.keep(results)
    shutil.rmtree(work)


def _search(peer: Peer, size: int, target: Path, order: Order, results: Results) -> None:
    if not peer.writes_pages:
        return
    order.tell(f"{size}, Suche: {peer.title}")
    try:
        results.searched.append(bench_search.measure(peer.name, size, peer.site, target, order.patience))
    except FailedError as problem:
        _out(results, order, peer.name, size, f"Suche: {problem}")
    shutil.rmtree(target, ignore_errors=True)


def _stage(
    peer: Peer, stage: str, size: int, repetition: int, number: int, order: Order, results: Results
) -> bool:
    """One run of one peer; whether it did what it should."""
    order.tell(f"{size}, {repetition + 1} von {order.repetitions}, {stage}: {peer.title}")
    change = f"Geändert für die Messung {repetition + 1}."
    if stage == STAGES[0]:
        peer.forget()
    elif stage == STAGES[2]:
        # A generator that compares times to the second must see that the file is a newer one.
        time.sleep(1)
        peer.put(number, change)
    elif stage == STAGES[3]:
        peer.put(size)
    try:
        cost = run(peer.command(), order.patience)
    except FailedError as problem:
        return _out(results, order, peer.name, size, f"{stage}: {problem}")
    pages = peer.pages()
    expected = size + (stage == STAGES[3])
    if peer.writes_pages and len(pages) != expected:
        return _out(
            results, order, peer.name, size, f"{stage}: schrieb {len(pages)} Fallseiten statt {expected}"
        )
    if (
        peer.writes_pages
        and stage == STAGES[2]
        and change not in peer.page(number).read_text(encoding="utf-8")
    ):
        return _out(results, order, peer.name, size, f"{stage}: die Änderung steht nicht auf der Seite")
    row = Measured(peer.name, size, stage, repetition, cost.seconds, cost.cpu, cost.memory)
    results.measured.append(row)
    if stage == STAGES[0] and repetition == 0:
        total = sum(one.stat().st_size for one in pages)
        results.written.append(Written(peer.name, size, len(pages), total))
    return True


def _out(results: Results, order: Order, name: str, size: int, reason: str) -> bool:
    """Note a failure and tell it; always false."""
    order.tell(f"Nicht gemessen: {results.titles[name]}: {reason}")
    results.failures.append(Failure(name, size, reason))
    return False
