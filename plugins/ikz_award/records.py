"""Find and read the files below ``data/``: every file becomes a ``RawRecord`` with its positions, or a finding."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from ikz_award import files, parallel, yamlfile, yamltext
from ikz_award import text as texts
from ikz_award.files import Found, Names
from ikz_award.findings import Finding, Place, Severity
from ikz_award.replay import Store
from ikz_award.schema import Description, Source, Table
from ikz_award.yamlfile import Document, Marks, Raw
from ikz_award.yamltext import Problem

# Folders below data/ that hold no records: the description itself.
_NO_RECORDS = ("schema/",)
_ALSO_ALLOWED = {"datapackage.yml", "reference/kommunen.quelle.yml"}
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")
# What operating systems and editors leave behind.
_LEFTOVER = re.compile(
    r"\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|~\$.*|.*~|\..*\.sw[a-p]|.*\.swp", re.IGNORECASE
)
MAX_CSV_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class RawRecord:
    """One file, unjudged. ``keys`` are the column values that come from its path."""

    table: str
    path: str
    keys: Mapping[str, str]
    document: Document

    def place(self, spot: tuple[int, int]) -> Place:
        """A position of this file as a place."""
        return Place(self.path, *spot)


@dataclass(slots=True)
class Reading:
    """All files of one run: ``files`` every one by path, ``records`` those that can be judged.

    ``unreadable`` names tables of which at least one file could not be read.
    """

    files: dict[str, RawRecord] = field(default_factory=dict)
    records: list[RawRecord] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    pictures: dict[str, Path] = field(default_factory=dict)


# Asks what is known of a record by itself, each kind of thing under a name of its own, and takes what is found out.
Known: TypeAlias = Callable[[RawRecord], dict[str, Any]]


def nothing_known(_: RawRecord) -> dict[str, Any]:
    """For whoever looks at records once."""
    return {}


@dataclass(slots=True)
class Cache:
    """What is kept between two runs of a preview: documents by path, and what was found out about each by itself.

    A file is read again when its size or time changed. ``store`` holds what outlives the process.
    """

    entries: dict[str, tuple[tuple[int, int], Document]] = field(default_factory=dict)
    judged: dict[str, tuple[Document, dict[str, Any]]] = field(default_factory=dict)
    description: Description | None = None
    reads: int = 0
    store: Store = field(default_factory=Store)

    def get(
        self, path: str, file: Path, info: tuple[int, int], read: Callable[[bytes], Document], most: int
    ) -> Document:
        """The document of ``file``, which has so many bytes at most; from memory if it is unchanged."""
        known = self.entries.get(path)
        if known and known[0] == info:
            return known[1]
        self.reads += 1
        document = read(files.read(file, most))
        self.entries[path] = (info, document)
        return document

    def read_ahead(self, wanted: Iterable[tuple[str, Path, tuple[int, int]]]) -> None:
        """Read many files on every core, those that ``get`` will ask for with ``yamlfile.read``."""
        fresh = [one for one in wanted if self.entries.get(one[0], (None,))[0] != one[2]]
        for (path, _, info), document in zip(fresh, parallel.each(_read_ahead, fresh), strict=True):
            if document:
                self.reads += 1
                self.entries[path] = (info, document)

    def under(self, description: Description) -> Description:
        """Forget what was found out under another description. It is read anew each time, and is mostly the same."""
        if self.description is None or self.description != description:
            self.judged.clear()
            self.description = description
        return self.description

    def known(self, record: RawRecord) -> dict[str, Any]:
        """See ``Known``: what holds as long as the document and the description are the same."""
        document, found = self.judged.get(record.path, (None, None))
        if document is not record.document or found is None:
            found = {}
            self.judged[record.path] = record.document, found
        return found


def _read_ahead(wanted: tuple[str, Path, tuple[int, int]]) -> Document | None:
    """The document of a file; what cannot be read, whoever asks for it will find out."""
    try:
        return yamlfile.read(files.read(wanted[1], yamlfile.MAX_BYTES))
    except OSError:
        return None


def read_all(project_root: Path, description: Description, cache: Cache | None = None) -> Reading:
    """Read every record below ``project_root/data``, in the order of their paths."""
    reading = Reading()
    cache = cache or Cache()
    data_root = project_root / "data"
    sources = [(table, source, source.regex) for table in description.roots for source in table.sources]
    there: set[str] = set()
    names = Names()
    found = list(files.walk(data_root))
    cache.read_ahead(
        (f"data/{one.relative}", one.file, (one.size, one.changed))
        for one in found
        if one.kind == "file"
        and one.file.suffix == ".yml"
        and any(r.fullmatch(one.relative) for *_, r in sources)
    )
    for one in found:
        file, relative = one.file, one.relative
        path = f"data/{relative}"
        match = next(((t, s, m) for t, s, r in sources if (m := r.fullmatch(relative))), None)
        there.add(relative)
        if one.kind == "folder" and (match or file.suffix in {".yml", ".yaml"}):
            _refuse(reading, "E133", path, match and match[0])
        elif one.kind in {"other", "unreadable"}:
            _refuse(reading, "E116", files.shown(path), match and match[0])
        elif _is_misnamed(reading, names, one, match and match[0]):
            there.discard(relative)
        if one.kind != "file" or relative not in there:
            continue
        if relative.startswith(_NO_RECORDS) or relative in _ALSO_ALLOWED or file.name == "LIESMICH.md":
            continue
        if match is None:
            if file.parent.suffix not in {".yml", ".yaml"}:
                _other_file(reading, one, [source for _, source, _ in sources])
            continue
        table, source, matched = match
        try:
            keys = {**source.values, **matched.groupdict()}
            form = (read_csv, MAX_CSV_BYTES) if table.shape == "csv" else (yamlfile.read, yamlfile.MAX_BYTES)
            document = cache.get(path, file, (one.size, one.changed), *form)
        except OSError:
            reading.findings.append(Finding("E116", Place(path)))
            reading.unreadable.add(table.name)
            continue
        record = reading.files[path] = RawRecord(table.name, path, keys, document)
        problems = _file_findings(table, record)
        reading.findings += problems
        if record.document.problems or record.document.value is None or problems:
            reading.unreadable.add(table.name)
        else:
            reading.records.append(record)
    for table, source, _ in sources:
        # A folder may be empty; a single file may not be missing. The operator's data have a check of their own.
        if table.name != "betreiber" and "{" not in source.pattern and source.pattern not in there:
            _refuse(reading, "E132", f"data/{source.pattern}", table)
    return reading


def _refuse(reading: Reading, code: str, path: str, table: Table | None) -> None:
    """A place where nothing can be read; whatever refers to the table must not be blamed for it."""
    reading.findings.append(Finding(code, Place(path), values={"wert": path}))
    if table:
        reading.unreadable.add(table.name)


def _is_misnamed(reading: Reading, names: Names, one: Found, table: Table | None) -> bool:
    """Whether a file or folder is called so that not every system could hold it; then it is left unread."""
    wrong = names.judge(one.relative)
    if wrong:
        code, values = wrong
        if "andere" in values:
            values = {"andere": f"data/{values['andere']}"}
        reading.findings.append(Finding(code, Place(files.shown(f"data/{one.relative}")), values=values))
        if table:
            reading.unreadable.add(table.name)
    return wrong is not None


def _other_file(reading: Reading, one: Found, sources: Sequence[Source]) -> None:
    """A file no table asks for: a picture, a leftover, or a mistake such as ``.yaml`` or a wrong folder."""
    file, relative, path = one.file, one.relative, f"data/{one.relative}"
    if _LEFTOVER.fullmatch(file.name):
        reading.findings.append(Finding("E134", Place(path), severity=Severity.NOTE))
    elif file.suffix in _PICTURES and file.parent.name == "bilder":
        reading.pictures[path] = file
    else:
        guess = _meant(relative, sources)
        reading.findings.append(Finding("E117", Place(path), suggestion=guess and f"data/{guess}"))


def _meant(relative: str, sources: Sequence[Source]) -> str:
    """Where a file was probably meant to lie, below ``data/``; empty if that is anyone's guess."""
    folder, _, name = relative.rpartition("/")
    stem, _, suffix = name.lower().removesuffix(".txt").rpartition(".")
    if f".{suffix}" in _PICTURES and folder:
        own = folder if folder.endswith("/bilder") else f"{folder}/bilder"
        return f"{own}/{name[: len(stem)]}.{suffix}"
    if suffix not in {"yml", "yaml"}:
        return ""
    given = [*relative.split("/")[:-1], name[: len(stem)]]
    as_record = "/".join(given) + ".yml"
    patterns = [source.pattern for source in sources]
    if any(source.regex.fullmatch(as_record) for source in sources):
        return as_record
    near = texts.nearest(as_record, [one for one in patterns if "{" not in one], 0.8)
    if near or not folder:
        return near
    first = texts.nearest(given[0], {one.partition("/")[0] for one in patterns})
    pattern = next(
        (one for one in patterns if first and re.fullmatch(rf"{first}(/\{{\w+\}})+\.yml", one)), ""
    )
    if not pattern:
        return ""
    # Folders keep the names they have; one that is missing stays open.
    folders = [given[at] if at < len(given) - 1 else "…" for at in range(1, pattern.count("/"))]
    return f"{'/'.join([first, *folders, given[-1]])}.yml"


def _file_findings(table: Table, record: RawRecord) -> list[Finding]:
    document = record.document
    findings = [
        Finding(one.code, Place(record.path, one.line, one.column), values=dict(one.values))
        for one in document.problems
    ]
    wanted: type = dict if table.shape == "datensatz" else list
    if not findings and not isinstance(document.value, wanted):
        code = "E113" if wanted is dict else "E122"
        findings.append(Finding(code, Place(record.path, *document.spot(()))))
    return findings


def read_csv(data: bytes) -> Document:
    """A CSV file (RFC 4180, header row, comma) as a list of mappings, positions by line."""
    if len(data) > MAX_CSV_BYTES:
        return Document(problems=[Problem("E103", 1, 1, (("grenze", str(MAX_CSV_BYTES // 1024)),))])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Document(problems=[Problem("E101", *yamltext.undecodable(error))])
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Raw] = []
    line = 0
    try:
        header = next(reader, [])
        line = reader.line_num
        for cells in reader:
            line = reader.line_num
            if len(cells) != len(header):
                values = (("spalten", str(len(cells))), ("soll", str(len(header))))
                problems.append(Problem("E123", line, 1, values))
                continue
            rows.append(dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        # The reader stops at the end of the file; the row that is not closed began behind the last good one.
        return Document(text, problems=[*problems, Problem("E125", line + 1, 1, (("grund", str(error)),))])
    return Document(text, rows, problems, _csv_marks)


def _csv_marks(text: str) -> Marks:
    """Where the cells of a table stand that could be read."""
    marks = Marks()
    marks.spots[()] = (1, 1)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    for number, cells in enumerate(reader):
        marks.spots[(number,)] = (reader.line_num, 1)
        column = 1
        for name, cell in zip(header, cells, strict=False):
            marks.spots[(number, name)] = marks.keys[(number, name)] = (reader.line_num, column)
            column += len(cell) + 1
    return marks


def with_excerpts(
    findings: Iterable[Finding], reading: Reading, texts: Mapping[str, str], description: Description
) -> list[Finding]:
    """Add the source line to each finding; of everything that is not surely public only the key is shown.

    Args:
        findings: findings of any kind.
        reading: where the records' texts and tables are.
        texts: further texts by path (Markdown pages), all public.
        description: says which keys are public.
    """
    done = []
    for finding in findings:
        path = finding.place.path
        source = reading.files.get(path)
        if source:
            text, line, table = source.document.text, finding.place.line, description[source.table]
            public = _is_public(source.document, line, table, description)
            excerpt = _line(text, line) if public else _only_key(_line(text, line), table)
            values = finding.values if public else _without_names(finding, table)
            done.append(replace(finding, excerpt=_visible(excerpt), values=values))
        else:
            excerpt = _line(texts.get(path, ""), finding.place.line)
            done.append(replace(finding, excerpt=_visible(excerpt)))
    return done


def _line(text: str, line: int) -> str:
    lines = text.split("\n")
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _visible(excerpt: str) -> str:
    """The same number of characters, none of which moves the cursor or turns the direction of writing."""
    return yamltext.CONTROL.sub(
        "\N{REPLACEMENT CHARACTER}", excerpt.replace("\r", "\N{REPLACEMENT CHARACTER}")
    )


def _is_public(document: Document, line: int, table: Table, description: Description) -> bool:
    """Whether a line surely holds nothing internal, also if the file is written in a way that cannot be read."""
    internal = {one.path[0] for one in table.fields if one.internal}
    if not internal:
        return True
    # As far as it was read: in braces it may stand behind a public key, or its name be written with a backslash.
    known = ((key,) for key in internal if (key,) in document.spots)
    if any(document.key_spot(path)[0] <= line <= document.marks.ends[path] for path in known):
        return False
    above = document.text.split("\n")[:line]
    start = next(
        (at for at in range(len(above) - 1, -1, -1) if above[at][:1] not in {"", " ", "-", "#", "\t"}), 0
    )
    top = above[start].partition(":")[0].strip() if above else ""
    if top not in description.public_top_keys(table.name):
        return False
    # „kontakt“ that slipped below another key, or stands in braces, is still the internal one.
    allowed = {one.path[1] for one in table.fields if one.path[0] == top and len(one.path) > 1}
    hidden = "|".join(sorted(internal - allowed))
    return not re.search(rf"(?<![\w-])({hidden})[\"']?\s*:", "\n".join(above[start:]))


def _only_key(source: str, table: Table) -> str:
    key, colon, value = source.partition(":")
    if not colon or key.strip() not in _names(table):
        return ""
    return f"{key}: …" if value.strip() else f"{key}:"


def _without_names(finding: Finding, table: Table) -> Mapping[str, str]:
    """What a parser takes for a name may be a word of an internal text; then it is not repeated."""
    if not finding.code.startswith("E1") or finding.values.get("name", "") in {"", *_names(table)}:
        return finding.values
    return {**finding.values, "name": "…"}


def _names(table: Table) -> frozenset[str]:
    return frozenset(part for one in table.fields for part in one.path)
