"""Strict YAML: text in, text-only values with positions out. The only module that knows PyYAML.

Every scalar stays the text that stands in the file; the schema alone decides what it means. Whatever YAML
can do beyond mappings, lists and texts is refused with a problem that names line and column.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, cast

import yaml

from ikz_award.yamltext import CONTROL, MAX_PROBLEMS, NO_BLANK, Problem, decoded, may_cut_off, no_character

MAX_BYTES = 256 * 1024
MAX_DEPTH = 6
# Values, lists and blocks together; the longest file of the project has a quarter of it.
MAX_NODES = 5000
# So far the stream is read on below the allowed depth, for the sake of the mistakes behind it. libyaml needs more than
# linear time for each level, and dies at some 25 000.
_MAX_SKIPPED = 20

Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"
Path: TypeAlias = tuple[str | int, ...]

_SHORT = 40
# By first sign, what other programs do not leave a text.
_TYPED = {
    sign: [pattern for _, pattern in known] for sign, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# libyaml where it is installed, since it is much faster.
PARSERS: dict[str, type[yaml.SafeLoader | yaml.CSafeLoader]] = {
    "libyaml": getattr(yaml, "CSafeLoader", yaml.SafeLoader),
    "python": yaml.SafeLoader,
}


@dataclass(slots=True)
class Marks:
    """Where everything of one file stands, by its path such as ``("beteiligte", 0, "name")``.

    ``keys`` and ``spots`` have the 1-based (line, column) of the key and of the value, ``ends`` the last line of a value,
    ``comments`` the place of a comment that ends a value without quotation marks.
    """

    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    spots: dict[Path, tuple[int, int]] = field(default_factory=dict)
    ends: dict[Path, int] = field(default_factory=dict)
    comments: dict[Path, tuple[int, int]] = field(default_factory=dict)


class Document:
    """One file as values and, once somebody asks where they stand, positions: hardly any file has a finding.

    ``value`` is ``None`` when nothing usable was read.
    """

    __slots__ = ("_locate", "_marks", "problems", "text", "value")

    def __init__(
        self,
        text: str = "",
        value: Raw | None = None,
        problems: list[Problem] | None = None,
        locate: Callable[[str], Marks] | None = None,
    ) -> None:
        """``locate`` finds the positions in the text."""
        self.text = text
        self.value = value
        self.problems = problems or []
        self._locate = locate
        self._marks: Marks | None = None

    @property
    def marks(self) -> Marks:
        """Where everything stands."""
        if self._marks is None:
            self._marks = self._locate(self.text) if self._locate else Marks()
        return self._marks

    @property
    def keys(self) -> dict[Path, tuple[int, int]]:
        """See ``Marks``."""
        return self.marks.keys

    @property
    def spots(self) -> dict[Path, tuple[int, int]]:
        """See ``Marks``."""
        return self.marks.spots

    @property
    def comments(self) -> dict[Path, tuple[int, int]]:
        """See ``Marks``; most files have no comment of this kind, and are not looked through for it."""
        return self.marks.comments if may_cut_off(self.text) else {}

    def holds(self, path: Path) -> bool:
        """Whether a key stands in a block of blocks, and be it without a value."""
        value: Raw | None = self.value
        for part in path:
            if not isinstance(value, dict) or part not in value:
                return False
            value = value[part]
        return True

    def is_text(self, path: Path) -> bool:
        """Whether every program that knows YAML takes the value for a text, and none for a number, a day or a yes."""
        value: Raw | None = self.value
        for part in path:
            value = value[part] if isinstance(value, list | dict) else None  # type: ignore[index]
        if not isinstance(value, str):
            return False
        line, column = self.spot(path)
        if self.text.split("\n")[line - 1][column - 1 : column] in {'"', "'", "|", ">"}:
            return True
        return not any(pattern.match(value) for pattern in _TYPED.get(value[:1], []))

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
        for number in range(line, min(self.marks.ends.get(path, line), len(lines)) + 1):
            start = column - 1 if number == line else 0
            found = lines[number - 1].find(needle, start)
            if found >= 0:
                return number, found + 1
        return line, column


def read(data: bytes, max_depth: int = MAX_DEPTH, parser: str = "libyaml") -> Document:
    """Read one document. Never raises on bad input: everything wrong is in ``problems``."""
    if len(data) > MAX_BYTES:
        return Document(problems=[Problem("E103", 1, 1, (("grenze", str(MAX_BYTES // 1024)),))])
    text, problems = decoded(data)
    if problems:
        return Document(text, problems=problems)
    if parser != "python":
        value = _plain(text, max_depth)
        if value not in (None, ""):
            return Document(text, value, locate=_Locator(max_depth, parser))
    builder = _Builder(text, max_depth)
    try:
        builder.run(yaml.parse(text, Loader=PARSERS[parser]))
    except _Stop:
        builder.value = None
    except yaml.MarkedYAMLError as error:
        problem = _syntax_problem(text, error)
        # What was refused already is mostly what the parser stumbles over next.
        told = {one.line for one in builder.problems}
        if not told or problem.line not in told | {text.count("\n") + 1}:
            builder.problems.append(problem)
        builder.value = None
    except ValueError:
        # A number beyond the last character, where a quotation left open looks like a block text.
        builder.problems.append(no_character(text))
        builder.value = None
    if builder.problems and parser != "python":
        # What is said of a faulty file must not depend on the parser; so the one that is everywhere has the last word.
        return read(data, max_depth, "python")
    return Document(text, builder.value, builder.problems, partial(_marked, builder.marks))


def _marked(marks: Marks, _: str) -> Marks:
    """Positions that are known; by its name, since documents go from process to process."""
    return marks


@dataclass(frozen=True, slots=True)
class _Locator:
    """Finds the positions in a text that was read before and found right."""

    max_depth: int
    parser: str

    def __call__(self, text: str) -> Marks:
        builder = _Builder(text, self.max_depth)
        builder.run(yaml.parse(text, Loader=PARSERS[self.parser]))
        return builder.marks


# Put together once: „A | B“ makes a new object each time it is passed.
_BEGINNINGS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def tags(text: str) -> list[tuple[str, int, int]]:
    """Every tag that is written in a text, in full, with line and column of its value; up to where it is no YAML."""
    found: list[tuple[str, int, int]] = []
    with suppress(yaml.YAMLError, ValueError):
        found.extend(
            (tag, *_start(event))
            for event in yaml.parse(text, Loader=PARSERS["libyaml"])
            if (tag := getattr(event, "tag", None))
        )
    return found


def _plain(text: str, max_depth: int) -> Raw | None:
    """The values of a file in which there is nothing to say a word about, or ``None``: then ``_Builder`` reads it.

    Most files are like that, and to read them so takes a fifth of the time. Whatever is unusual ends it.
    """
    # With an escape, a text may hold signs that do not stand in the file.
    escapes = "\\" in text
    questions = "?" in text
    value: Raw | None = None
    container: list[Raw] | dict[str, Raw] | None = None
    key: str | None = None
    around: list[tuple[list[Raw] | dict[str, Raw] | None, str | None]] = []
    nodes = documents = 0
    # Counted generously, with the ends of lists: who is beyond the limit here is counted out by the other.
    following = PARSERS["libyaml"](text).get_event
    try:
        while (event := following()) is not None:
            nodes += 1
            new: Raw
            if isinstance(event, yaml.ScalarEvent):
                if event.anchor or event.tag is not None or nodes > MAX_NODES:
                    return None
                if escapes and CONTROL.search(event.value):
                    return None
                if key is None and isinstance(container, dict):
                    # The same few keys stand in every file.
                    key = sys.intern(event.value)
                    if not key or key in container or key == "<<":
                        return None
                    continue
                # So do most of the short values.
                new = sys.intern(event.value) if len(event.value) < _SHORT else event.value
            elif isinstance(event, _ENDS):
                container, key = around.pop()
                continue
            elif isinstance(event, _BEGINNINGS):
                if event.anchor or event.tag is not None or (questions and event.flow_style):
                    return None
                if len(around) >= max_depth or (key is None and isinstance(container, dict)):
                    return None
                new = {} if isinstance(event, yaml.MappingStartEvent) else []
            else:
                documents += isinstance(event, yaml.DocumentStartEvent)
                if documents > 1 or isinstance(event, yaml.AliasEvent):
                    return None
                continue
            if isinstance(container, dict):
                container[cast("str", key)] = new
                key = None
            elif container is None:
                value = new
            else:
                container.append(new)
            if not isinstance(new, str):
                around.append((container, key))
                container = new
    except (yaml.YAMLError, ValueError):
        return None
    return value if nodes <= MAX_NODES else None


class _Stop(Exception):  # noqa: N818 - says that enough was read, not that something went wrong
    """What comes next is not worth reading, or not safe to."""


def _start(event: yaml.Event) -> tuple[int, int]:
    """Line and column of an event, from 1."""
    # Only events made by hand have none.
    mark = cast("yaml.Mark", event.start_mark)
    return mark.line + 1, mark.column + 1


def _last_line(event: yaml.Event) -> int:
    """Last line with text of an event; the end of a block text is reported at the start of the line behind it."""
    line, mark = _start(event)[0], event.end_mark
    if mark is None:
        return line
    return mark.line + 1 if mark.column else max(mark.line, line)


# Where nothing stands before it, only „#Wort“ is surely meant as text.
_COMMENTS = {
    "quoted": re.compile("#"),
    "plain": re.compile(r"[ \t]+#"),
    "nothing": re.compile(r"[ \t]*#(?=\w)"),
}


def _comment_behind(text: str, event: yaml.ScalarEvent) -> tuple[int, int] | None:
    """Place of a comment in the line in which a text ends; behind quotation marks only one without a blank before it."""
    mark = event.end_mark
    if mark is None or event.style in {"|", ">"}:
        return None
    behind = _COMMENTS["quoted" if event.style else "plain" if event.value else "nothing"]
    found = behind.match(text, mark.index)
    return (mark.line + 1, mark.column + len(found[0])) if found else None


class _Builder:
    """Turns the event stream into values with a stack of its own, so that depth is limited by us, not by Python."""

    def __init__(self, text: str, max_depth: int) -> None:
        self.text = text
        self.max_depth = max_depth
        self.value: Raw | None = None
        self.marks = Marks()
        self.problems: list[Problem] = []
        # One frame per open collection, with the key that waits for its value beside it (mappings only).
        self.stack: list[tuple[list[Raw] | dict[str, Raw], Path]] = []
        self.pending: list[str | None] = []
        self.skip_depth = 0
        self.nodes = 0
        # Where the lists and blocks in brackets open that are not closed yet; none of the other kind stands inside of one.
        self.brackets: list[tuple[int, int]] = []
        self.references: set[str] = set()

    def run(self, events: Iterator[yaml.Event]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                self._count(event)
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
                self.brackets += [_start(event)] if event.flow_style else []
                self._open(event)
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                self._close(event)
                self.brackets = self.brackets[:-1]
        if self.value in (None, "") and not self.problems:
            self.problems.append(Problem("E112", 1, 1))

    def _count(self, event: yaml.Event) -> None:
        """Stop before a file of any size costs more than a record is worth."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._problem("E137", event, grenze=str(MAX_NODES))
            raise _Stop

    def _problem(self, code: str, event: yaml.Event, **values: str) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            code, values = "E138", {"grenze": str(MAX_PROBLEMS)}
            self.problems.append(Problem(code, *_start(event), tuple(values.items())))
            raise _Stop
        self.problems.append(Problem(code, *_start(event), tuple(values.items())))

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
        text = event.value
        if self.brackets and not event.style and "?" in text:
            # PyYAML reads no further here, libyaml does; a text with this sign belongs in quotation marks.
            self.problems.append(Problem("E126", *self.brackets[-1]))
            raise _Stop
        if self.skip_depth:
            return
        hidden = CONTROL.search(text)
        if hidden:
            self._problem("E135", event, zeichen=f"U+{ord(hidden[0]):04X}")
        if not self._expects_key():
            path = self._place(text, event)
            comment = _comment_behind(self.text, event)
            if comment:
                self.marks.comments[path] = comment
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
            first = self.marks.keys[(*path, key)][0]
            self._problem("E106", event, name=key, zeile=str(first))
            key = f"{key}#{_start(event)[0]}"
        self.marks.keys[(*path, key)] = _start(event)
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
        self.marks.spots[path] = _start(event)
        self.marks.ends[path] = _last_line(event)
        if not self.stack:
            self.value = value
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
            if self.skip_depth > _MAX_SKIPPED:
                raise _Stop
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
        # Without brackets the end is told where the next thing begins.
        last = _start(event)[0] if self.brackets else _start(event)[0] - 1
        self.marks.ends[path] = max(last, self.marks.ends[path])


# What libyaml says, or PyYAML where it is worded otherwise, and which of our sentences fits. Order matters: the first hit wins.
_SYNTAX = (
    ("mapping values are not allowed", "E118"),
    ("did not find expected <document start>", "E104"),
    ("but found ':'", "E114"),
    ("while scanning a quoted scalar", "E119"),
    ("found unexpected end of stream", "E119"),
    ("that cannot start any token", "E105"),
    ("found a tab character", "E105"),
    ("could not find expected ':'", "E120"),
    ("while parsing a quoted scalar", "E124"),
    ("while scanning a double-quoted scalar", "E124"),
    ("while parsing a flow", "E126"),
    ("found undefined tag handle", "E109"),
    ("while scanning an alias", "E107"),
    ("while scanning an anchor", "E107"),
)


def _syntax_problem(text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = f"{error.context or ''} {error.problem or ''}"
    code = next((code for phrase, code in _SYNTAX if phrase in said), "E104")
    lines = text.split("\n")
    if code in {"E107", "E119", "E120", "E126"} and error.context_mark:
        # The place where the quotation or the bracket opens is the one to mend, not the end of the file.
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
    if line > len(lines):
        line, column = len(lines), len(lines[-1]) + 1
    source = lines[line - 1]
    if code == "E124":
        # The two parsers point at different signs of it.
        column = source.rfind("\\", 0, column) + 1 or column
    if code in {"E118", "E120"}:
        # „schlüssel:wert“ is a text for YAML, which then takes offence at this line or the next.
        for number in range(line, max(line - 2, 0), -1):
            no_blank = NO_BLANK.match(lines[number - 1])
            if no_blank:
                return Problem("E129", number, no_blank.end())
    if code == "E118" and line > 1:
        # The line before, if it begins where this one does and has no colon at all: YAML takes both for one text.
        above = lines[line - 2]
        start = len(above) - len(above.lstrip(" -"))
        key = re.match(r" *(?=[a-z_]+:)", source)
        if key and key.end() == start < len(above) and ":" not in above and above[start] != "#":
            return Problem("E120", line - 1, start + 1)
    if code == "E105" and "\t" not in source[: max(column, 1)]:
        sign = source[column - 1 : column]
        return Problem("E121" if sign else "E104", line, column, (("zeichen", sign),))
    if code in {"E107", "E109"}:
        return Problem(code, line, column, (("name", source[column - 1 :].partition(" ")[0]),))
    return Problem(code, line, column)
