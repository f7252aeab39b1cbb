"""Strict YAML: text in, text-only values with positions out. The only module that knows PyYAML.

Every scalar stays the text that stands in the file; the schema alone decides what it means. Whatever YAML
can do beyond mappings, lists and texts is refused with a problem that names line and column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 6
# Values, lists and blocks together; the longest file of the project has a quarter of it.
MAX_NODES = 5000
# Mistakes told of one file; whoever has more of them has one cause.
MAX_PROBLEMS = 50
# So far the stream is read on below the allowed depth, for the sake of the mistakes behind it. libyaml needs more than
# linear time for each level, and dies at some 25 000.
_MAX_SKIPPED = 20

Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"
Path: TypeAlias = tuple[str | int, ...]

# C0/C1 controls except tab, line feed and carriage return; the line separators YAML counts as line breaks and
# editors do not; the direction overrides that make a text read other than it is stored; and what word processors
# leave behind unseen: soft hyphens and blanks without width.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\u115f\u1160\u180e\u3164\U000e0000-\U000e007f]"
)
# A letter and its dots as two characters („u“ and U+0308), as some systems store file names and copied text.
DECOMPOSED = re.compile("[A-Za-z][\u0300-\u036f]")
# What files begin with that are no text, whatever they are called: packed and old Office files, PDF, pictures.
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})(?= |$)", re.MULTILINE)
_OPENS_BLOCK = re.compile(r"(?:^|[:-])[ \t]+[|>][-+0-9]*[ \t]*(?:#.*)?$")
# Where YAML wants a blank and a word processor left one that may not break, or a narrow one: indentation, behind a dash,
# before a value.
_HARD_BLANK = re.compile(r"^ *(?:(?:- *)*|(?:- +)*[\w.-]+:[ ]*)([\xa0\u2000-\u200a\u202f\u205f\u3000])")
_OPENS_QUOTE = re.compile(r"^ *(?:- +)*((?:[\w.-]+: +)?)([\"'])")
_QUOTED = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL),
    "'": re.compile(r"'(?:[^']|'')*'"),
}
_ENTRY = re.compile(r"^( *)(?:- |[A-Za-z_]+:(?: |$))")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
# What no character is: halves of pairs, and numbers beyond the last one. The two parsers fall over them differently.
_NO_CHARACTER = re.compile(r"\\(?:u[dD][89a-fA-F][0-9a-fA-F]{2}|U(?!000[0-9a-fA-F]|0010)[0-9a-fA-F]{8})")
_COMMENT_LINE = re.compile(r" *#")
_NO_BLANK = re.compile(r"^ *(?:- +)*[a-z_]+:(?=[^\s/:])")
# By first sign, what other programs do not leave a text.
_TYPED = {
    sign: [pattern for _, pattern in known] for sign, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# libyaml where it is installed, since it is much faster.
PARSERS: dict[str, type[yaml.SafeLoader | yaml.CSafeLoader]] = {
    "libyaml": getattr(yaml, "CSafeLoader", yaml.SafeLoader),
    "python": yaml.SafeLoader,
}


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
    line of a value, ``comments`` the place of a comment that ends a value without quotation marks.
    """

    text: str = ""
    value: Raw | None = None
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    spots: dict[Path, tuple[int, int]] = field(default_factory=dict)
    ends: dict[Path, int] = field(default_factory=dict)
    comments: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

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
        for number in range(line, min(self.ends.get(path, line), len(lines)) + 1):
            start = column - 1 if number == line else 0
            found = lines[number - 1].find(needle, start)
            if found >= 0:
                return number, found + 1
        return line, column


def read(data: bytes, max_depth: int = MAX_DEPTH, parser: str = "libyaml") -> Document:
    """Read one document. Never raises on bad input: everything wrong is in ``problems``."""
    document = Document()
    if len(data) > MAX_BYTES:
        document.problems.append(Problem("E103", 1, 1, (("grenze", str(MAX_BYTES // 1024)),)))
        return document
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        no_text = data.startswith(_BINARY) or (b"\0" in data and not data.startswith(_UTF_16))
        document.problems.append(Problem("E130", 1, 1) if no_text else Problem("E101", *undecodable(error)))
        return document
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    document.text = text
    document.problems += [Problem("E130", 1, 1)] if data.startswith(_BINARY) else _seen_in_text(text)
    if not document.problems:
        document.problems += _unclosed_quote(text)
    if document.problems:
        return document
    try:
        _Builder(document, max_depth).run(yaml.parse(text, Loader=PARSERS[parser]))
    except _Stop:
        document.value = None
    except yaml.MarkedYAMLError as error:
        if parser != "python":
            # What is said of a faulty file must not depend on the parser; so the one that is everywhere has the last word.
            return read(data, max_depth, "python")
        problem = _syntax_problem(text, error)
        # What was refused already is mostly what the parser stumbles over next.
        told = {one.line for one in document.problems}
        if not told or problem.line not in told | {text.count("\n") + 1}:
            document.problems.append(problem)
        document.value = None
    return document


class _Stop(Exception):  # noqa: N818 - says that enough was read, not that something went wrong
    """What comes next is not worth reading, or not safe to."""


def _seen_in_text(text: str) -> list[Problem]:
    """What is wrong whatever it would mean as YAML; the first kind found, since it explains the others."""
    conflicts = list(_CONFLICT.finditer(text))
    if conflicts:
        # One finding a conflict: where it begins, or at the mark that was forgotten.
        starts = [one for one in conflicts if one[0][0] == "<"] or conflicts[:1]
        return _limited(
            Problem("E128", *_line_column(text, one.start()), (("zeichen", one[0]),)) for one in starts
        )
    signs = _limited(
        Problem("E102", *_line_column(text, one.start()), (("zeichen", f"U+{ord(one[0]):04X}"),))
        for one in CONTROL.finditer(text)
    )
    signs += _limited(
        Problem("E102", number, found.end(), (("zeichen", f"U+{ord(found[1]):04X}"),))
        for number, line in _outside_blocks(text)
        if (found := _HARD_BLANK.match(line))
    )
    if signs:
        return sorted(signs, key=lambda one: (one.line, one.column))
    directive = _DIRECTIVE.search(text)
    if directive:
        return [Problem("E136", *_line_column(text, directive.start()))]
    wrong = _limited(_seen_outside_blocks(text))
    if wrong:
        return wrong
    doubled = [one for one in DECOMPOSED.finditer(text) if len(unicodedata.normalize("NFC", one[0])) == 1]
    if doubled:
        first = doubled[0]
        values = (("zeichen", unicodedata.normalize("NFC", first[0])), ("anzahl", str(len(doubled))))
        return [Problem("E131", *_line_column(text, first.start()), values)]
    return []


def _seen_outside_blocks(text: str) -> Iterator[Problem]:
    """Tabs and escapes that one parser lets pass and the other does not; hence both never see them."""
    for number, line in _outside_blocks(text):
        if _COMMENT_LINE.match(line):
            continue
        if "\t" in line:
            yield Problem("E105", number, line.index("\t") + 1)
        escape = _NO_CHARACTER.search(line)
        if escape:
            yield Problem("E124", number, escape.start() + 1)


def _limited(problems: Iterator[Problem]) -> list[Problem]:
    """As many as are worth telling, and a word at the last one if there are more."""
    told = list(islice(problems, MAX_PROBLEMS + 1))
    if len(told) > MAX_PROBLEMS:
        told[-1] = Problem("E138", told[-1].line, told[-1].column, (("grenze", str(MAX_PROBLEMS)),))
    return told


def _unclosed_quote(text: str) -> Iterator[Problem]:
    """The first quotation that swallows an entry of its own level: it is not closed, whatever follows later on."""
    starts = [0, *(one.end() for one in re.finditer("\n", text))]
    inside = 0
    for number, line in _outside_blocks(text):
        found = _OPENS_QUOTE.match(line)
        if not found or number <= inside:
            continue
        quoted = _QUOTED[found[2]].match(text, starts[number - 1] + found.start(2))
        swallowed = quoted[0].split("\n")[1:] if quoted else []
        if any((one := _ENTRY.match(row)) and len(one[1]) <= found.start(1) for row in swallowed):
            yield Problem("E119", number, found.start(2) + 1)
            return
        inside = number + len(swallowed)


def _outside_blocks(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their number, without those that belong to a block text (``|`` or ``>``)."""
    block = -1
    for number, line in enumerate(text.split("\n"), 1):
        indent = len(line) - len(line.lstrip(" "))
        if block >= 0 and (not line.strip(" ") or indent > block):
            continue
        block = indent if _OPENS_BLOCK.search(line) else -1
        yield number, line


def lacks_blank(value: str) -> bool:
    """Whether a text was meant to be a key with its value: „name:Stadt“."""
    return bool(_NO_BLANK.match(value))


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


def _comment_behind(text: str, event: yaml.ScalarEvent) -> tuple[int, int] | None:
    """Place of a comment in the line in which a text ends; behind quotation marks only one without a blank before it."""
    mark = event.end_mark
    if mark is None or event.style in {"|", ">"}:
        return None
    rest = text[mark.index : text.find("\n", mark.index) % (len(text) + 1)]
    # Where nothing stands before it, only „#Wort“ is surely meant as text.
    plain = r"[ \t]+#" if event.value else r"[ \t]*#(?=\w)"
    found = re.match(r"#" if event.style else plain, rest)
    return (mark.line + 1, mark.column + found.end()) if found else None


class _Builder:
    """Turns the event stream into values with a stack of its own, so that depth is limited by us, not by Python."""

    def __init__(self, document: Document, max_depth: int) -> None:
        self.document = document
        self.max_depth = max_depth
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
        if self.document.value in (None, "") and not self.document.problems:
            self.document.problems.append(Problem("E112", 1, 1))

    def _count(self, event: yaml.Event) -> None:
        """Stop before a file of any size costs more than a record is worth."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._problem("E137", event, grenze=str(MAX_NODES))
            raise _Stop

    def _problem(self, code: str, event: yaml.Event, **values: str) -> None:
        if len(self.document.problems) >= MAX_PROBLEMS:
            code, values = "E138", {"grenze": str(MAX_PROBLEMS)}
            self.document.problems.append(Problem(code, *_start(event), tuple(values.items())))
            raise _Stop
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
        text = event.value
        if self.brackets and not event.style and "?" in text:
            # PyYAML reads no further here, libyaml does; a text with this sign belongs in quotation marks.
            self.document.problems.append(Problem("E126", *self.brackets[-1]))
            raise _Stop
        if self.skip_depth:
            return
        hidden = CONTROL.search(text)
        if hidden:
            self._problem("E135", event, zeichen=f"U+{ord(hidden[0]):04X}")
        if not self._expects_key():
            path = self._place(text, event)
            comment = _comment_behind(self.document.text, event)
            if comment:
                self.document.comments[path] = comment
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
        self.document.ends[path] = max(last, self.document.ends[path])


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
            no_blank = _NO_BLANK.match(lines[number - 1])
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
