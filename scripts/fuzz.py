"""Feed spoilt records and pages to the reader, in child processes with limits, and keep every input that it does not survive.

What counts as a find: an exception, a signal, more than a second or 256 MB, a finding outside of its file, and two answers
where the two YAML parsers should give one. The same number gives the same inputs, whatever the machine.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import json
import multiprocessing
import multiprocessing.pool
import os
import random
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from command_line import OK, ROOT, GermanParser, run

FOUND = 1
MAX_SECONDS = 1.0
MAX_MEGABYTES = 256
# Wall time after which a child is ended, far above what it may need, so that a busy machine is not taken for a slow reader.
WATCHDOG = 20.0
_BATCH = 250
_MAX_INPUT, _MAX_SEED = 300_000, 12_000
_SEEDS = ("tests/gauntlet/*/*", "data/**/*.yml", "data/**/*.csv", "content/**/*.md")
# What mutation by chance would hardly ever write.
_PIECES = (
    *(
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!python/x ",
        b"!x ",
        b"%YAML 1.2\n",
        b"---\n",
        b"...\n",
        b"? ",
        b": ",
        b"- ",
        b"|\n",
    ),
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b"'",
        b"\\U00110000",
        b"\\ud83d",
        b"\\0",
        b"\t",
        b"\r",
        b"\xef\xbb\xbf",
        b"\xff",
    ),
    *(
        b"\xc2\xa0",
        b"\xe2\x80\xa8",
        b"\xe2\x80\xae",
        b"<!-- ikz: ",
        b"-->",
        b"```\n",
        b"<a href=",
        b"]( javascript:",
    ),
    *(
        b"2026-02-30",
        b"0x1F",
        b"9" * 400,
        b"[" * 60,
        b"- " * 60,
        b"{a: " * 60,
        b"a: b\n" * 60,
        b"<<<<<<< x\n",
    ),
)
Reader = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Find:
    """An input, by its number, and why it is one."""

    number: int
    reason: str


def reader(data: bytes) -> str:
    """The reader of the project; the answer is empty, or says what is wrong with its answers."""
    # Late, so that a child that is given another reader does not need the package.
    from ikz_award import content, records, yamlfile  # noqa: PLC0415

    told = []
    # The parser in Python is slow; every eighth input is enough to see whether it says the same.
    for name in yamlfile.PARSERS if zlib.crc32(data) % 8 == 0 else ("libyaml",):
        document = yamlfile.read(data, parser=name)
        places = [(one.code, one.line, one.column) for one in document.problems]
        told.append((places, document.value))
    if told[0] != told[-1]:
        return f"zwei Antworten: {str(told[0])[:200]} und {str(told[-1])[:200]}"
    page, findings = content.read("content/x.md", "x.md", data)
    pairs = [(one.place.line, one.place.column) for one in findings]
    pairs += [(line, column) for _, line, column in told[0][0]]
    pairs += [(one.line, one.column) for one in records.read_csv(data).problems]
    lines = data.count(b"\n") + data.count(b"\r") + 1
    wrong = [one for one in pairs if not (1 <= one[0] <= lines and 1 <= one[1] <= len(data) + 1)]
    if page:
        list(content.check([page], ["2026"]))
    return f"Stelle außerhalb der Datei: {wrong[0]}" if wrong else ""


def seeds(root: Path) -> list[bytes]:
    """The gauntlet and all real records and pages, in the order of their paths."""
    found = sorted({one for pattern in _SEEDS for one in root.glob(pattern) if one.is_file()})
    return [one.read_bytes()[:_MAX_SEED] for one in found]


def inputs(some: Sequence[bytes], seed: int, first: int, count: int) -> Iterator[tuple[int, bytes]]:
    """Inputs by number; each depends on the seed and its number alone."""
    for number in range(first, first + count):
        chance = random.Random(f"{seed}/{number}")  # noqa: S311 - for tests, not for secrets
        yield number, _mutated(chance, some)[:_MAX_INPUT]


def _mutated(chance: random.Random, some: Sequence[bytes]) -> bytes:
    data = bytearray(chance.choice(some))
    for _ in range(chance.randint(1, 6)):
        at, to = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
        to = min(to, at + chance.choice((1, 4, 40, 4000)))
        match chance.randrange(7):
            case 0:
                data[at:at] = chance.choice(_PIECES)
            case 1:
                data[at:to] = chance.choice(_PIECES)
            case 2:
                del data[at:to]
            case 3:
                data[at:at] = data[at:to] * chance.randint(1, 4)
            case 4:
                data[at:to] = chance.randbytes(min(to - at, 4))
            case 5:
                other = chance.choice(some)
                start = chance.randint(0, len(other))
                data[at:at] = other[start : start + chance.choice((10, 100, 2000))]
            case _:
                lines = bytes(data).split(b"\n")
                where, whence = chance.randrange(len(lines)), chance.randrange(len(lines))
                lines.insert(where, b" " * chance.randint(0, 8) + lines[whence].lstrip(b" "))
                data = bytearray(b"\n".join(lines))
    return bytes(data)


def _work(pipe: Connection, name: str, root: Path, seed: int, first: int, count: int) -> None:
    """In a child: try a row of inputs, telling the number before each and what came of it behind."""
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    module, _, attribute = name.partition(":")
    read: Reader = getattr(importlib.import_module(module), attribute)
    some = seeds(root)
    read(b"titel: x\n")
    used = _megabytes("VmSize")
    limit = (used + MAX_MEGABYTES) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for number, data in inputs(some, seed, first, count):
        pipe.send((number, None))
        start = time.process_time()
        try:
            reason = read(data)
        except BaseException as error:  # noqa: BLE001 - whatever escapes is what is looked for
            reason = f"Ausnahme {type(error).__name__}: {str(error)[:200]}"
        needed = time.process_time() - start
        if needed > MAX_SECONDS and not reason:
            reason = f"{needed:.1f} s"
        pipe.send((number, reason))
    pipe.send((-1, ""))


def _megabytes(key: str) -> int:
    status = Path("/proc/self/status")
    line = next((one for one in status.read_text().splitlines() if one.startswith(key)), "x 0 kB")
    return int(line.split()[1]) // 1024


def hunt(name: str, root: Path, seed: int, first: int, count: int) -> list[Find]:
    """Try a row of inputs; a child that dies or hangs is replaced by one that goes on behind its last input."""
    finds: list[Find] = []
    end = first + count
    while first < end:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        child = multiprocessing.get_context("fork").Process(
            target=_work, args=(theirs, name, root, seed, first, end - first)
        )
        child.start()
        theirs.close()
        number = first
        try:
            while number >= 0:
                if not ours.poll(WATCHDOG):
                    child.kill()
                    child.join()
                    finds.append(Find(number, f"hängt, nach {WATCHDOG:g} s beendet"))
                    break
                number, reason = ours.recv()
                if reason:
                    finds.append(Find(number, reason))
                first = max(first, number + 1) if number >= 0 else end
        except EOFError:
            child.join()
            reason = f"Signal {-(child.exitcode or 0)}" if (child.exitcode or 0) < 0 else "Ende ohne Antwort"
            finds.append(Find(first - 1, reason))
        child.join()
    return finds


def parser() -> argparse.ArgumentParser:
    """Options, with help in German."""
    one = GermanParser(
        "Verdirbt Datensätze und Seiten und sieht nach, ob der Leser jede übersteht.", usage="[OPTIONEN]"
    )
    one.add_argument("--anzahl", type=int, default=10_000, help="so viele Eingaben (Vorgabe: 10000)")
    one.add_argument("--saat", type=int, default=1, help="Zahl, aus der alle Eingaben folgen (Vorgabe: 1)")
    one.add_argument(
        "--funde", type=Path, default=ROOT / "build/funde", help="Ordner für Eingaben, an denen er scheitert"
    )
    one.add_argument("--leser", default="fuzz:reader", help=argparse.SUPPRESS)
    one.add_argument(
        "--prozesse",
        type=int,
        default=os.cpu_count() or 1,
        help="so viele nebeneinander (Vorgabe: alle Kerne)",
    )
    one.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return one


def main(arguments: Sequence[str] | None = None) -> int:
    """Hunt; the return value is the exit status."""
    options = parser().parse_args(arguments)
    return run(lambda: _main(options), "Suche nicht möglich")


def _main(options: argparse.Namespace) -> int:
    starts = range(0, options.anzahl, _BATCH * 4)
    rows = [
        (options.leser, options.projekt, options.saat, one, min(_BATCH * 4, options.anzahl - one))
        for one in starts
    ]
    finds: list[Find] = []
    with multiprocessing.pool.ThreadPool(max(1, options.prozesse)) as pool:
        for some in pool.imap_unordered(lambda row: hunt(*row), rows):
            finds += some
    some_seeds = seeds(options.projekt)
    for find in sorted(finds, key=lambda one: one.number):
        options.funde.mkdir(parents=True, exist_ok=True)
        ((_, data),) = inputs(some_seeds, options.saat, find.number, 1)
        file = options.funde / f"{options.saat}-{find.number}"
        file.write_bytes(data)
        print(json.dumps({"eingabe": file.name, "grund": find.reason}, ensure_ascii=False))
    print(f"Saat {options.saat}: {options.anzahl} Eingaben, {len(finds)} Funde.")
    return FOUND if finds else OK


if __name__ == "__main__":
    sys.exit(main())
