"""Look at a finished site once more before it goes out: a program of its own that knows nothing but the folder and a list.

Here is what only all files together say; each by itself is looked at in ``final_gate_files``, by as many processes as there are
cores. It imports nothing of the package that built the site, so that a mistake there is not made twice. The list is JSON; all keys
are optional, and what is not listed is not checked:

    seiten     addresses of all pages, each ends in „/“, the home page is „“: no other, and none missing
    dateien    all other files: a path has to be there, a pattern with „*“ may be
    bereiche   beginnings of addresses below which no text of any file may name an address that is not among the pages
    spalten    name of a column of a table (CSV or JSON) → the only values in it
    kennungen  beginning of a path → the only names „urn:uuid:…“ in files there
    website    where the site will live, so that links to there are its own
    ausserhalb addresses there that belong to another program, such as a form
    verboten   texts that must not stand anywhere
"""

from __future__ import annotations

import json
import multiprocessing
import os
import posixpath
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from final_gate_files import Files
from final_gate_notes import Notes, Rules, folded, place, shown
from german_parser import COULD_NOT_RUN, OK, GermanParser, cause

FOUND = 1
# What another generator may do otherwise; everything else holds for any site.
OPTIONAL = {
    "richtlinie": "jede Seite sagt, was ein Browser auf ihr darf",
    "unbekannt": "es gibt keine Dateien außer den genannten",
    "anker": "Verweise auf eine Stelle einer Seite finden sie",
}
# The same sentence more often than this is told with its number.
MOST = 5

# Fewer files are looked at before a second process has begun.
_FILES_TO_SHARE = 300
_WILDCARD = re.compile(r"[*?\[]")


class Gate:
    """One look at one folder; what is wrong collects in ``found``: file, line or 0, sentence."""

    def __init__(self, site: Path, listed: Mapping[str, Any], without: Iterable[str]) -> None:
        self.rules = Rules(site, listed, without)
        self.notes = Notes()
        # Every file with its size; a file is known by its number here, too.
        self.sizes: dict[str, int] = {}
        self.files: tuple[str, ...] = ()

    @property
    def found(self) -> list[tuple[str, int, str]]:
        """What is wrong, in no order."""
        return self.notes.found

    def look(self, processes: int = 1) -> None:
        """Everything, once; few files by one process, however many there may be."""
        self._list(self.rules.site, "")
        self.files = tuple(self.sizes)
        if processes > 1 and len(self.files) >= _FILES_TO_SHARE:
            self._look_together(processes)
        else:
            self.look_at(range(len(self.files)), self.notes)
        if self.notes.looked_at != len(self.files):
            raise RuntimeError("Es wurden nicht alle Dateien angesehen.")
        readable = self.sizes.keys() - self.notes.unreadable
        self._addresses(one for one in self.files if one in readable)
        self._completeness(readable)
        self._targets(readable)

    # --- the folder

    def _list(self, folder: Path, start: str) -> None:
        with os.scandir(folder) as entries:
            for one in sorted(entries, key=lambda entry: entry.name):
                name = f"{start}{one.name}"
                if one.is_symlink():
                    self.notes.say(name, 0, "Das ist ein Verweis auf eine andere Datei und keine eigene.")
                elif one.is_dir():
                    self._list(folder / one.name, f"{name}/")
                elif not one.is_file():
                    self.notes.say(name, 0, "Das ist keine gewöhnliche Datei.")
                else:
                    self.sizes[name] = one.stat().st_size

    def look_at(self, share: Iterable[int], notes: Notes) -> None:
        """Note what files with these numbers say, each by itself."""
        files = Files(self.rules, notes)
        for number in share:
            files.look(self.files[number], number)

    def _look_together(self, processes: int) -> None:
        """Share the files among processes. If one of them dies, that is an error here, and no site goes out."""
        # Each gets as many pages, tables and pictures as the others, and as large ones.
        order = sorted(
            range(len(self.files)),
            key=lambda number: (
                posixpath.splitext(self.files[number])[1],
                self.sizes[self.files[number]],
                number,
            ),
        )
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(processes, context, _be_helper, (self,)) as helpers:
            for notes in helpers.map(_help, [order[start::processes] for start in range(processes)]):
                self.notes.add(notes)

    def _addresses(self, names: Iterable[str]) -> None:
        """No two files where a server or a disk could tell them apart no longer."""
        taken: dict[str, str] = {}
        for name in names:
            address = re.sub(r"(?:(?:^|/)index)?\.html$", "", name) or "."
            other = taken.setdefault(folded(address), name)
            if other != name:
                self.notes.say(name, 0, f"Diese Adresse gibt es zweimal: auch „{shown(other)}“.")

    def _completeness(self, names: AbstractSet[str]) -> None:
        pages = {f"{address}index.html" for address in self.rules.pages or ()}
        for name in pages - names:
            self.notes.say(name, 0, "Die Seite fehlt.")
        if self.rules.files is None:
            return
        patterns = {one for one in self.rules.files if "*" in one}
        known = self.rules.files - patterns
        for name in known - names:
            self.notes.say(name, 0, "Die Datei fehlt.")
        if "unbekannt" in self.rules.without:
            return
        # A pattern for each picture of thousands: only those that begin like the name are tried.
        beginning: defaultdict[str, list[str]] = defaultdict(list)
        for one in patterns:
            beginning[_WILDCARD.split(one, maxsplit=1)[0]].append(one)
        lengths = {len(one) for one in beginning}
        for name in names - known - pages:
            tried = (one for length in lengths for one in beginning.get(name[:length], ()))
            # A star stands for a part of a name and for no folder.
            if not any(fnmatchcase(name, one) and name.count("/") == one.count("/") for one in tried):
                self.notes.say(name, 0, "Diese Datei steht nicht auf der Liste dessen, was hinausgehen darf.")

    # --- where links lead

    def _targets(self, names: AbstractSet[str]) -> None:
        pages = {
            name.removesuffix("index.html"): name
            for name in self.notes.anchors
            if name.endswith("index.html")
        }
        for (value, target), places in self.notes.links.items():
            missing = self._missing(target, pages, names)
            for number, line in map(place, places) if missing else ():
                sentence = f"Der Verweis „{shown(value)}“ führt ins Leere: {missing}."
                self.notes.say(self.files[number], line, sentence)

    def _missing(self, target: str, pages: Mapping[str, str], names: AbstractSet[str]) -> str:
        path, _, anchor = target.partition("#")
        path, anchor = unquote(path.partition("?")[0]), unquote(anchor)
        file = pages.get(path) or (path if path in names else "")
        if not file:
            return f"„/{shown(path.lstrip('/'))}“ gibt es nicht"
        if (
            anchor
            and anchor != "top"
            and file in self.notes.anchors
            and anchor not in self.notes.anchors[file].split("\0")
            and "anker" not in self.rules.without
        ):
            return "die Seite gibt es, die Stelle nicht"
        return ""


# The look in whose helper process this is.
_asked_by: list[Gate] = []


def _be_helper(gate: Gate) -> None:
    _asked_by.append(gate)


def _help(share: Sequence[int]) -> Notes:
    notes = Notes()
    _asked_by[0].look_at(share, notes)
    return notes


def _processes() -> int:
    """So many can work at the same time; one if a process cannot be had as a copy of this one."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def told(found: Sequence[tuple[str, int, str]]) -> Iterator[str]:
    """Findings as lines, in order; the same sentence for many files a few times only."""
    seen: Counter[str] = Counter(sentence for _, _, sentence in set(found))
    so_far: Counter[str] = Counter()
    for name, line, sentence in sorted(set(found)):
        so_far[sentence] += 1
        if so_far[sentence] <= MOST:
            yield f"{shown(name)}{f':{line}' if line else ''}: {sentence}"
        elif so_far[sentence] == MOST + 1:
            yield f"… und noch {seen[sentence] - MOST}-mal: {sentence}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Look; the return value is the exit status."""
    parser = GermanParser(
        "Sieht eine fertige Website noch einmal an, bevor sie hinausgeht, gleich womit sie gebaut wurde.",
        usage="[OPTIONEN] ORDNER",
    )
    parser.add_argument("ordner", type=Path, metavar="ORDNER", help="die fertige Website")
    parser.add_argument(
        "--liste",
        metavar="DATEI",
        help="JSON: was hinausgehen darf, siehe den Kopf des Programms; „-“ liest die Standardeingabe",
    )
    parser.add_argument(
        "--verboten", type=Path, metavar="DATEI", help="je Zeile ein Text, der nirgends stehen darf"
    )
    rules = "; ".join(f"{name}: {what}" for name, what in OPTIONAL.items())
    parser.add_argument(
        "--ohne",
        metavar="REGEL",
        action="append",
        default=[],
        choices=sorted(OPTIONAL),
        help=f"Regel, die für diesen Seitengenerator nicht gilt, mehrfach möglich ({rules})",
    )
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        listed = _listed(options.liste) if options.liste else {}
        if options.verboten:
            listed = {**listed, "verboten": options.verboten.read_text("utf-8").splitlines()}
    except OSError as problem:
        return _refuse(cause(problem))
    except (ValueError, TypeError):
        return _refuse("Die Liste ist kein lesbares JSON oder kein Text in UTF-8.")
    if not isinstance(listed, dict):
        return _refuse("Die Liste ist kein JSON-Objekt.")
    if not options.ordner.is_dir():
        return _refuse(f"„{options.ordner}“ ist kein Ordner.")
    try:
        gate = Gate(options.ordner, _of_texts(listed), options.ohne)
    except (TypeError, ValueError, AttributeError):
        return _refuse("Die Liste hat nicht die Form, die der Kopf des Programms beschreibt.")
    try:
        gate.look(_processes())
    except BrokenProcessPool:
        return _refuse(
            "Ein Teil der Endkontrolle ist abgebrochen; vielleicht reicht der Arbeitsspeicher nicht."
        )
    for line in told(gate.found):
        print(line)
    if gate.found:
        findings, files = len(set(gate.found)), len({name for name, _, _ in gate.found})
        counted = f"{findings} {'Befund' if findings == 1 else 'Befunde'} in {files} {'Datei' if files == 1 else 'Dateien'}"
        print(f"Endkontrolle: {counted}; so geht die Website nicht hinaus.")
        return FOUND
    print(f"Endkontrolle: {len(gate.files)} Dateien, nichts gefunden.")
    return OK


def _listed(name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    return json.loads(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())


def _of_texts(listed: Mapping[str, Any]) -> Mapping[str, Any]:
    """The list, if there are texts where there have to be.

    Raises:
        TypeError: there is something else.
    """
    for key in ("seiten", "dateien", "bereiche", "ausserhalb", "verboten"):
        for one in listed.get(key, ()):
            if not isinstance(one, str):
                raise TypeError(key)
    return listed


def _refuse(reason: str) -> int:
    print(f"Nicht geprüft. {reason}", file=sys.stderr)
    return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
