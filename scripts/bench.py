"""Compare this project with other generators on the same invented cases, and say where its own time goes."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import bench_tables
import bench_tools
from bench_measure import FailedError
from bench_peers import ALL, Ours
from bench_rounds import STAGES, Order, Results, compare
from bench_stages import profile
from command_line import INTERRUPTED, OK, ROOT, GermanParser, Refusal, run

TOO_SLOW = 1
NAMES = tuple(one.name for one in ALL)


def parser() -> argparse.ArgumentParser:
    """Options, with help in German."""
    one = GermanParser(
        "Vergleicht dieses Projekt mit anderen Seitengeneratoren: dieselben erfundenen Fälle, gleich schwere Seiten, abwechselnd"
        " gemessen. Schreibt tabelle.md und messung.json. Fehlende Programme werden beim ersten Mal geladen (braucht Netz) und"
        " liegen in ~/.cache/ikz-bench; was sich nicht laden lässt, steht als „nicht gemessen“ in der Tabelle.",
        epilog=f"Namen: {', '.join(f'{one.name} ({one.title})' for one in ALL)}",
    )
    one.add_argument(
        "--groessen", metavar="ZAHL,…", type=_sizes, default=[100], help="wie viele Fälle (Vorgabe: 100)"
    )
    one.add_argument(
        "--wiederholungen",
        metavar="ZAHL",
        type=_positive,
        default=3,
        help="wie oft jeder gemessen wird (Vorgabe: 3)",
    )
    one.add_argument(
        "--nur",
        metavar="NAME,…",
        type=_names,
        default=list(NAMES),
        help="nur diese vergleichen; dieses Projekt immer",
    )
    one.add_argument(
        "--hoechstens",
        metavar="NAME=ZAHL",
        type=_limit,
        action="append",
        default=[],
        help="endet mit 1, wenn der volle Bau dieses Projekts mehr als so viel Mal so lange dauert; mehrfach möglich",
    )
    one.add_argument(
        "--frist",
        metavar="SEKUNDEN",
        type=_positive,
        default=1800,
        help="länger darf kein Lauf dauern (Vorgabe: 1800)",
    )
    one.add_argument(
        "--suche", action="store_true", help="misst auch das Verzeichnis einer Suche über die fertigen Seiten"
    )
    one.add_argument(
        "--stufen",
        action="store_true",
        help="vergleicht nicht, sondern sagt, welche Stufe unseres Baus wie lange dauert",
    )
    one.add_argument(
        "--ausgabe",
        metavar="ORDNER",
        type=Path,
        default=ROOT / "build/bench",
        help="wohin (Vorgabe: build/bench)",
    )
    one.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return one


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"„{text}“ ist keine Zahl über null")
    return int(text)


def _sizes(text: str) -> list[int]:
    return sorted({_positive(one) for one in text.split(",")})


def _known(name: str) -> str:
    if name not in NAMES:
        raise argparse.ArgumentTypeError(f"„{name}“ gibt es nicht; möglich sind {', '.join(NAMES)}")
    return name


def _names(text: str) -> list[str]:
    return [_known(one) for one in text.split(",")]


def _limit(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return _known(name), float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(f"„{text}“ ist kein Name mit einer Zahl") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; the return value is the exit status."""
    options = parser().parse_args(arguments)
    # Whoever ends this program ends what it started, too, and leaves no folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(INTERRUPTED))
    return run(lambda: bench(options), "Nicht gemessen")


def bench(options: argparse.Namespace) -> int:
    """Measure what was asked for."""
    root: Path = options.projekt.resolve()
    options.ausgabe.mkdir(parents=True, exist_ok=True)
    bench_tools.folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="werk-", dir=bench_tools.folder()) as work:
        order = Order(
            project=root,
            work=Path(work),
            kinds=[one for one in ALL if one is Ours or one.name in options.nur],
            sizes=options.groessen,
            repetitions=options.wiederholungen,
            patience=options.frist,
            searches=options.suche,
            tell=_tell,
            keep=lambda results: _keep(results, options.ausgabe),
        )
        try:
            if options.stufen:
                for size in options.groessen:
                    print(profile(root, Path(work) / str(size), size, options.frist))
                return OK
            results = compare(order)
        except FailedError as problem:
            raise Refusal(f"Der eigene Bau {problem}.") from problem
    _keep(results, options.ausgabe)
    print(bench_tables.markdown(results))
    broken = list(_broken(results, options.hoechstens, options.groessen))
    sys.stdout.flush()
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return TOO_SLOW if broken else OK


def _broken(results: Results, limits: Sequence[tuple[str, float]], sizes: Sequence[int]) -> list[str]:
    """Limits that do not hold. Where there is nothing to compare there is no verdict; the table says so."""
    found = []
    for name, limit in limits:
        for size in sizes:
            value = bench_tables.ratio(results, size, STAGES[0], name, bench_tables.seconds)
            if value is not None and value > limit:
                found.append(
                    f"Zu langsam: Bei {size} Fällen dauert der volle Bau {value:.1f}-mal so lange wie bei „{results.titles[name]}“,"
                    f" erlaubt ist das {limit:g}-Fache."
                )
    return found


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _keep(results: Results, folder: Path) -> None:
    text = json.dumps(asdict(results), ensure_ascii=False, indent=1)
    (folder / "messung.json").write_text(f"{text}\n", encoding="utf-8")
    (folder / "tabelle.md").write_text(bench_tables.markdown(results), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
