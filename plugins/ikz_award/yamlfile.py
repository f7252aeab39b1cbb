"""Strict YAML: text in, text-only values with positions out. The only module that knows PyYAML.

Every scalar stays the text that stands in the file; the schema alone decides what it means. Whatever YAML
can do beyond mappings, lists and texts is refused with a problem that names line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 6

Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"
Path: TypeAlias = tuple[str | int, ...]

# C0/C1 controls except tab, line feed and carriage return; the line separators YAML counts as line breaks and
# editors do not; and the direction overrides that make a text read other than it is stored.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file cannot be read as it stands; ``code`` is a finding code of the E1 family."""

    code: str
    line: int
    column: int
    values: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Document:
    """One file as values and positions.

    ``value`` is ``None`` when nothing usable was read. ``keys`` and ``spots`` map a path such as
    ``("beteiligte", 0, "name")`` to the 1-based (line, column) of the key and of the value; ``ends`` gives the last
    line of a value.
    """

    text: str = ""
    value: Raw | None = None
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    spots: dict[Path, tuple[int, int]] = field(default_factory=dict)
    ends: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def spot(self, path: Path) -> tuple[int, int]:
        """Position of the value at ``path`` or of the nearest thing around it."""
        while path:
            if path in self.spots:
                return self.spots[path]
            path = path[:-1]
        return self.spots.get((), (1, 1))

    def key_spot(self, path: Path) -> tuple[int, int]:
        """Position of the key at ``path``; list items have none, so theirs is the value's."""
        return self.keys.get(path) or self.spot(path)

    def locate(self, path: Path, needle: str) -> tuple[int, int]:
        """Position of ``needle`` inside the value at ``path``, or of the value if it is written otherwise there."""
        line, column = self.spot(path)
        lines = self.text.splitlines()
        for number in range(line, min(self.ends.get(path, line), len(lines)) + 1):
            start = column - 1 if number == line else 0
            found = lines[number - 1].find(needle, start)
            if found >= 0:
                return number, found + 1
        return line, column


def read(data: bytes, max_depth: int = MAX_DEPTH) -> Document:
    """Read one document. Never raises on bad input: everything wrong is in ``problems``."""
    document = Document()
    if len(data) > MAX_BYTES:
        document.problems.append(
            Problem("E103", 1, 1, (("groesse", str(len(data) // 1024)), ("grenze", str(MAX_BYTES // 1024))))
        )
        return document
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.problems.append(Problem("E101", *undecodable(error)))
        return document
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    document.text = text
    for match in CONTROL.finditer(text):
        line, column = _line_column(text, match.start())
        document.problems.append(Problem("E102", line, column, (("zeichen", f"U+{ord(match[0]):04X}"),)))
    if document.problems:
        return document
    try:
        _Builder(document, max_depth).run(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        problem = _syntax_problem(text, error)
        # What was refused already is mostly what the parser stumbles over next.
        told = {one.line for one in document.problems}
        if not told or problem.line not in told | {text.count("\n") + 1}:
            document.problems.append(problem)
        document.value = None
    except RecursionError:
        document.problems.append(Problem("E111", 1, 1, (("grenze", str(max_depth)),)))
        document.value = None
    return document


def undecodable(error: UnicodeDecodeError) -> tuple[int, int]:
    """Line and column of the first byte that is no UTF-8."""
    before = error.object[: error.start]
    return before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1


def _line_column(text: str, index: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index) + 1, index - start + 1


def _start(event: yaml.Event) -> tuple[int, int]:
    """Line and column of an event, from 1."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _last_line(event: yaml.Event) -> int:
    """Last line with text of an event; the end of a block text is reported at the start of the line behind it."""
    line, mark = _start(event)[0], event.end_mark
    if mark is None:
        return line
    return mark.line + 1 if mark.column else max(mark.line, line)


class _Builder:
    """Turns the event stream into values with a stack of its own, so that depth is limited by us, not by Python."""

    def __init__(self, document: Document, max_depth: int) -> None:
        self.document = document
        self.max_depth = max_depth
        # One frame per open collection, with the key that waits for its value beside it (mappings only).
        self.stack: list[tuple[list[Raw] | dict[str, Raw], Path]] = []
        self.pending: list[str | None] = []
        self.skip_depth = 0
        self.references: set[str] = set()

    def run(self, events: Iterator[yaml.Event]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._problem("E110", event)
                    return
            elif isinstance(event, yaml.AliasEvent):
                self._reference(event, event.anchor or "")
                self._place("", event)
            elif isinstance(event, yaml.ScalarEvent):
                self._refuse_node_features(event)
                self._scalar(event)
            elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
                self._refuse_node_features(event)
                self._open(event)
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                self._close(event)
        if self.document.value is None and not self.document.problems:
            self.document.problems.append(Problem("E112", 1, 1))

    def _problem(self, code: str, event: yaml.Event, **values: str) -> None:
        self.document.problems.append(Problem(code, *_start(event), tuple(values.items())))

    def _refuse_node_features(
        self, event: yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent
    ) -> None:
        if event.anchor:
            self._reference(event, event.anchor)
        if event.tag is not None:
            self._problem("E109", event, name=event.tag.replace("tag:yaml.org,2002:", "!!"))

    def _reference(self, event: yaml.Event, name: str) -> None:
        """One finding a name, wherever else the file uses it."""
        if name not in self.references:
            self.references.add(name)
            self._problem("E107", event, name=name)

    def _expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1][0], dict) and self.pending[-1] is None

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self.skip_depth:
            return
        text = event.value
        if not self._expects_key():
            self._place(text, event)
            return
        container, path = self.stack[-1]
        key = text
        if key == "<<" and not event.style:
            self._problem("E108", event)
            key = f"<<{_start(event)[0]}"
        elif not key:
            self._problem("E114", event)
            key = f"?{_start(event)[0]}"
        elif key in container:
            first = self.document.keys[(*path, key)][0]
            self._problem("E106", event, name=key, zeile=str(first))
            key = f"{key}#{_start(event)[0]}"
        self.document.keys[(*path, key)] = _start(event)
        self.pending[-1] = key

    def _next_path(self) -> Path:
        if not self.stack:
            return ()
        container, path = self.stack[-1]
        if isinstance(container, dict):
            return (*path, self.pending[-1] or "")
        return (*path, len(container))

    def _place(self, value: Raw, event: yaml.Event) -> Path:
        """Put a value where the stream is, note its position, and return its path."""
        path = self._next_path()
        if self._expects_key():
            self._problem("E114", event)
            self.pending[-1] = f"?{_start(event)[0]}"
            return path
        self.document.spots[path] = _start(event)
        self.document.ends[path] = _last_line(event)
        if not self.stack:
            self.document.value = value
            return path
        container = self.stack[-1][0]
        if isinstance(container, dict):
            container[self.pending[-1] or ""] = value
            self.pending[-1] = None
        else:
            container.append(value)
        return path

    def _open(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent) -> None:
        if self.skip_depth:
            self.skip_depth += 1
            return
        if self._expects_key():
            # A mapping or list as a key: say so once, then read past it.
            self._problem("E114", event)
            self.skip_depth = 1
            self.pending[-1] = f"?{_start(event)[0]}"
            return
        if len(self.stack) >= self.max_depth:
            self._problem("E111", event, grenze=str(self.max_depth))
            self._place("", event)
            self.skip_depth = 1
            return
        value: list[Raw] | dict[str, Raw] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        path = self._place(value, event)
        self.stack.append((value, path))
        self.pending.append(None)

    def _close(self, event: yaml.Event) -> None:
        if self.skip_depth:
            self.skip_depth -= 1
            return
        _, path = self.stack.pop()
        self.pending.pop()
        self.document.ends[path] = max(_start(event)[0] - 1, self.document.ends[path])


# What libyaml says, and which of our sentences fits. Order matters: the first hit wins.
_SYNTAX = (
    ("mapping values are not allowed", "E118"),
    ("did not find expected <document start>", "E104"),
    ("while scanning a quoted scalar", "E119"),
    ("found unexpected end of stream", "E119"),
    ("found character that cannot start any token", "E105"),
    ("found a tab character", "E105"),
    ("could not find expected ':'", "E120"),
    ("while parsing a quoted scalar", "E124"),
    ("while parsing a flow", "E126"),
    ("found undefined tag handle", "E109"),
)


def _syntax_problem(text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = f"{error.context or ''} {error.problem or ''}"
    code = next((code for phrase, code in _SYNTAX if phrase in said), "E104")
    lines = text.split("\n")
    if code in {"E119", "E120", "E126"} and error.context_mark:
        # The place where the quotation or the bracket opens is the one to mend, not the end of the file.
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
    if line > len(lines):
        line, column = len(lines), len(lines[-1]) + 1
    source = lines[line - 1] if line <= len(lines) else ""
    if code == "E105" and "\t" not in source[: max(column, 1)]:
        sign = source[column - 1 : column]
        return Problem("E121" if sign else "E104", line, column, (("zeichen", sign),))
    if code == "E109":
        return Problem(code, line, column, (("name", source[column - 1 :].partition(" ")[0]),))
    return Problem(code, line, column)
