"""The results of a comparison as Markdown: costs, ratios to this project, growth, and the floor beside them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from bench_rounds import STAGES, Measured, Results

OURS, CHECK = "eigen", "pruefung"
_NONE = "–"


def markdown(results: Results) -> str:
    """Everything, as tables."""
    sizes = sorted(
        {one.size for one in results.measured} | {one.size for one in results.failures if one.size}
    )
    parts = [f"Gemessen auf: {results.machine}. Mediane, in Klammern das kleinste und das größte Ergebnis."]
    if results.start is not None and results.base is not None:
        parts.append(
            f"Sockel: Start von Python und MkDocs {results.start:.2f} s; unsere Website mit zehn Fällen {results.base:.2f} s."
        )
    for size in sizes:
        parts += [f"### {size} Fälle", "\n".join(_costs(results, size))]
        ratios = list(_ratios(results, size))
        if ratios:
            parts.append("\n".join(ratios))
    if len(sizes) > 1:
        parts += ["### Wachstum", "\n".join(_growth(results, sizes))]
    if results.floors:
        parts += ["### Boden", "\n".join(_floors(results))]
    if results.searched:
        parts += ["### Suche: Pagefind über die Fallseiten, für alle gleich", "\n".join(_searches(results))]
    if results.failures:
        parts += ["### Nicht gemessen", "\n".join(_failures(results))]
    return "\n\n".join(parts) + "\n"


def ratio(
    results: Results, size: int, stage: str, peer: str, value: Callable[[Measured], float | None]
) -> float | None:
    """How many times as much as a peer this project needs; nothing if one of the two was not measured."""
    mine, theirs = _median(results, size, stage, OURS, value), _median(results, size, stage, peer, value)
    return mine / theirs if mine is not None and theirs else None


def seconds(one: Measured) -> float:
    """By the clock."""
    return one.seconds


def memory(one: Measured) -> float | None:
    """At most, in MB."""
    return one.memory


def _values(
    results: Results, size: int, stage: str, peer: str, value: Callable[[Measured], float | None]
) -> list[float]:
    rows = (one for one in results.measured if (one.size, one.stage, one.peer) == (size, stage, peer))
    return [found for found in map(value, rows) if found is not None]


def _median(
    results: Results, size: int, stage: str, peer: str, value: Callable[[Measured], float | None]
) -> float | None:
    found = _values(results, size, stage, peer, value)
    return statistics.median(found) if found else None


def _costs(results: Results, size: int) -> Iterator[str]:
    titles = ["", "Version", "prüft", *STAGES, "Rechenzeit, kalt", "Speicher, kalt", "kB je Fallseite"]
    yield from _head(titles, left=3)
    for peer, title in results.titles.items():
        cells = [title, results.versions.get(peer, _NONE), "ja" if peer in results.checking else "nein"]
        cells += [_spread(_values(results, size, stage, peer, seconds)) for stage in STAGES]
        cells.append(_number(_median(results, size, STAGES[0], peer, lambda one: one.cpu), "{:.2f} s"))
        cells.append(_number(_median(results, size, STAGES[0], peer, memory), "{:.0f} MB"))
        pages = [one for one in results.written if (one.peer, one.size) == (peer, size) and one.count]
        cells.append(_number(pages[0].bytes / pages[0].count / 1000 if pages else None, "{:.1f}"))
        yield _row(cells)


def _ratios(results: Results, size: int) -> Iterator[str]:
    others = [one for one in results.titles if one not in {OURS, CHECK}]
    rows = []
    for peer in others:
        found = [ratio(results, size, stage, peer, seconds) for stage in STAGES]
        found.append(ratio(results, size, STAGES[0], peer, memory))
        if any(one is not None for one in found):
            rows.append([results.titles[peer], *(_number(one, "{:.2f} ×") for one in found)])
    if rows:
        yield from _head(["dieses Projekt gegen", *STAGES, "Speicher, kalt"], left=1)
        yield from map(_row, rows)


def _growth(results: Results, sizes: Sequence[int]) -> Iterator[str]:
    steps = list(pairwise(sizes))
    yield from _head(["kalt", *(f"{more} gegen {less}" for less, more in steps)], left=1)
    for peer, title in results.titles.items():
        medians = {one: _median(results, one, STAGES[0], peer, seconds) for one in sizes}
        cells = []
        for less, more in steps:
            small, large = medians[less], medians[more]
            cells.append(_number(large / small if small and large is not None else None, "{:.1f} ×"))
        yield _row([title, *cells])


def _floors(results: Results) -> Iterator[str]:
    titles = ["Fälle", "Dateien lesen", "YAML lesen, nur libyaml", "alle Seiten schreiben"]
    yield from _head([*titles, "make check kalt / YAML", "make check unverändert"], left=0)
    for one in results.floors:
        cold, warm = (_median(results, one.size, stage, CHECK, seconds) for stage in STAGES[:2])
        cells = [str(one.size), *(_number(value, "{:.3f} s") for value in (one.read, one.parse, one.write))]
        cells.append(_number(cold / one.parse if cold is not None else None, "{:.1f} ×"))
        yield _row([*cells, _number(warm, "{:.2f} s")])


def _searches(results: Results) -> Iterator[str]:
    yield from _head(["", "Fälle", "Zeit", "Verzeichnis", "erste Suche", "davon das Programm"], left=1)
    for one in results.searched:
        cells = [results.titles[one.peer], str(one.size), f"{one.seconds:.2f} s"]
        yield _row(
            [
                *cells,
                f"{one.bytes / 1e6:.1f} MB",
                f"{one.first / 1000:.0f} kB",
                f"{one.program / 1000:.0f} kB",
            ]
        )


def _failures(results: Results) -> Iterator[str]:
    for one in results.failures:
        size = f", {one.size} Fälle" if one.size else ""
        yield f"- {results.titles[one.peer]}{size}: {one.reason}"


def _head(titles: Sequence[str], left: int) -> Iterator[str]:
    yield _row(titles)
    yield _row(["---" if place < left else "---:" for place in range(len(titles))])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(one.replace('|', '/') for one in cells)} |"


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "nicht gemessen"
    middle = f"{statistics.median(values):.2f} s"
    return f"{middle} ({min(values):.2f}–{max(values):.2f})" if len(values) > 1 else middle


def _number(value: float | None, form: str) -> str:
    return _NONE if value is None else form.format(value)
