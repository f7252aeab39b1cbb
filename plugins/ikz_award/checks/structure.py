"""The shape of a record against the schema: unknown keys, wrong nesting, what is missing, what its form forbids.

Everything that needs the position of a key, or that one field decides about another, is checked here; the tables it
leaves behind go to frictionless in one batch.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, cast
from urllib.parse import urlsplit

from ikz_award import parallel
from ikz_award import text as texts
from ikz_award.checks import tables
from ikz_award.checks.tables import INTERNAL_VALUE, Flat, finding
from ikz_award.dates import Moment, PartialDate
from ikz_award.findings import Finding, Place, Severity
from ikz_award.model import case_key, dig
from ikz_award.records import Known, RawRecord, Reading, nothing_known
from ikz_award.schema import Description, Field, Table
from ikz_award.yamlfile import Path, Raw
from ikz_award.yamltext import lacks_blank

# Lists that hold names of fields.
_OF_NAMES = _UNKNOWN, _WITHOUT_CONSENT = "unbekannt", "ohne_einwilligung"
# What becomes of the entries of a record: table, cells, and where the entry stands.
_Rows: TypeAlias = list[tuple[str, list[str], Path]]
# Where a comment cuts a text off.
_Comments: TypeAlias = Mapping[Path, tuple[int, int]]
_CASES, _UPTAKES, _YARDSTICKS = "faelle", "uebernahmen", "massstaebe"
# A row may be short and still get every column of its head: from 4000 signs come 670 kB of table. No text needs that.
_MAX_CELLS = 1000
# Table that holds the values of a dimension a yardstick can speak of.
_DIMENSIONS = {"muster": "muster", "aufgabenfeld": "aufgabenfelder", "rechtsform": "rechtsformen"}


@dataclass(frozen=True, slots=True)
class _Form:
    """What the entries of a table may hold, put together once for all of them.

    ``known`` has the keys of the entry itself under an empty name, and those of each block in it.
    """

    table: Table
    children: tuple[Table, ...]
    known: Mapping[str, frozenset[str]]
    from_path: frozenset[str]
    internal: frozenset[str]
    free_texts: frozenset[str]
    public_names: frozenset[str]

    @classmethod
    def of(cls, table: Table, description: Description) -> _Form:
        children = description.children(table.name)
        written = [one for one in table.fields if not one.from_path]
        blocks = {one.path[0] for one in written if len(one.path) > 1}
        top = {child.list_key for child in children} | {one.path[0] for one in written}
        inside = {
            block: frozenset(one.path[1] for one in written if len(one.path) > 1 and one.path[0] == block)
            for block in blocks
        }
        cases = description[_CASES]
        public = {one.name for one in cases.public_fields if not one.from_path}
        return cls(
            table,
            children,
            {"": frozenset(top), **inside},
            frozenset(one.name for one in table.fields if one.from_path),
            frozenset(one.path[0] for one in table.fields if one.internal),
            frozenset(one.name for one in table.fields if _is_free_text(table, one)),
            frozenset(public | {child.list_key for child in description.children(_CASES)}),
        )


@dataclass(frozen=True, slots=True)
class _Walk:
    """What a walk through a record leaves behind."""

    findings: list[Finding]
    rows: _Rows


def check(reading: Reading, description: Description, known: Known = nothing_known) -> list[Finding]:
    """All structural findings of all records of one run; a record that is ``known`` is not walked through again."""
    flats = {table.name: Flat(table) for table in description.tables}
    findings: list[Finding] = []
    for record, walk in _walks(reading, description, known):
        findings += walk.findings
        for table, row, base in walk.rows:
            flats[table].rows.append(row)
            flats[table].origins.append((record, base))
    # A value that already has a finding of the walk gets no second one from the batch.
    told = {(one.place, one.label) for one in findings}
    findings += [
        one for one in tables.check(flats, description, reading) if (one.place, one.label) not in told
    ]
    findings += _unknown_models(reading)
    findings += _unknown_values(flats, reading)
    return [*findings, *_unused_pictures(reading, description)]


def _walks(reading: Reading, description: Description, known: Known) -> Iterator[tuple[RawRecord, _Walk]]:
    forms = {table.name: _Form.of(table, description) for table in description.tables}
    found = [(record, known(record)) for record in reading.records]
    missing = [(record, one) for record, one in found if "shape" not in one]
    walks = parallel.each(partial(_walk, forms), [record for record, _ in missing])
    for (_, one), walk in zip(missing, walks, strict=True):
        one["shape"] = walk
    for record, one in found:
        yield record, one["shape"]


def _walk(forms: Mapping[str, _Form], record: RawRecord) -> _Walk:
    rows: _Rows = []
    return _Walk(list(_walk_record(record, forms, rows)), rows)


def _unused_pictures(reading: Reading, description: Description) -> Iterator[Finding]:
    """Pictures no record names; where a record cannot be read or names one that is missing, that is the cause."""
    owner = description["bilder"].parent
    if owner in reading.unreadable:
        return
    named = {
        posixpath.join(posixpath.dirname(record.path), "bilder", str(row.get("datei")))
        for record in reading.records
        if record.table == owner and isinstance(record.document.value, dict)
        for row in cast("list[Raw]", record.document.value.get("bilder") or [])
        if isinstance(row, dict)
    }
    missing = {posixpath.dirname(one) for one in named - reading.pictures.keys()}
    for path in sorted(reading.pictures.keys() - named):
        if posixpath.dirname(path) not in missing:
            yield Finding("E334", Place(path), severity=Severity.NOTE)


def _unknown_models(reading: Reading) -> Iterator[Finding]:
    """Uptakes of cases that no file holds; here, because a case with faults of its own is still there."""
    if _CASES in reading.unreadable:
        return
    known = {
        case_key(one.keys.get("edition", ""), one.keys["slug"])
        for one in reading.files.values()
        if one.table == _CASES
    }
    for record in reading.records:
        value = dig(record.document.value, ("fall",)) if record.table == _UPTAKES else None
        wanted = value.strip() if isinstance(value, str) else ""
        if wanted and wanted not in known:
            # The edition before the name is easily forgotten.
            near = next((one for one in sorted(known) if one.endswith(f"/{wanted}")), "")
            yield finding(
                record,
                "E336",
                ("fall",),
                "Vorbild",
                suggestion=near or texts.nearest(wanted, sorted(known)),
                wert=wanted,
            )


def _unknown_values(flats: Mapping[str, Flat], reading: Reading) -> Iterator[Finding]:
    """Yardsticks whose dimension does not have the value: a reference of which another field names the table."""
    flat = flats[_YARDSTICKS]
    names = [one.name for one in flat.table.fields]
    for row, (record, base) in zip(flat.rows, flat.origins, strict=True):
        cells = dict(zip(names, row[1:], strict=True))
        table = _DIMENSIONS.get(cells["merkmal"].strip(), "")
        value = cells["wert"].strip()
        if not table or not value or table in reading.unreadable:
            continue
        target = flats[table]
        column = target.table.fields.index(target.table.by_name["code"]) + 1
        if value not in {one[column] for one in target.rows}:
            near = tables.code_meant(value, target, column)
            where = f"data/{target.table.sources[0].pattern.partition('{')[0]}"
            yield finding(record, "E337", (*base, "wert"), "Wert", suggestion=near, wert=value, wo=where)


def _walk_record(record: RawRecord, forms: Mapping[str, _Form], rows: _Rows) -> Iterator[Finding]:
    form, comments = forms[record.table], record.document.comments
    value = record.document.value
    if isinstance(value, dict):
        yield from _walk_entry(record, form, value, (), comments, forms, rows)
        return
    for index, item in enumerate(cast("list[Raw]", value)):
        if isinstance(item, dict):
            yield from _walk_entry(record, form, item, (index,), comments, forms, rows)
        else:
            yield finding(record, "E213", (index,), form.table.title, soll="ein Block mit Schlüsseln")


def _walk_entry(
    record: RawRecord,
    form: _Form,
    value: dict[str, Raw],
    base: Path,
    comments: _Comments,
    forms: Mapping[str, _Form],
    rows: _Rows,
) -> Iterator[Finding]:
    table = form.table
    unknown = {one for one in cast("list[Raw]", value.get(_UNKNOWN) or []) if isinstance(one, str)}
    strange = list(_unknown_keys(record, form, value, base))
    yield from strange
    # A misspelt key is one mistake: what it was meant to be is not missing as well.
    near = {one.suggestion.replace(": ", ".") for one in strange if one.suggestion}
    meant = near | {one.name for one in table.fields if one.path[-1] in near} if near else near
    named = unknown if isinstance(value.get(_UNKNOWN), list) else set()
    raws = [None if one.from_path else dig(value, one.path) for one in table.fields]
    yield from _cells(record, form, raws, base, named, meant, comments)
    yield from _listed_names(record, form, value, base)
    rows.append((table.name, _row(record, table, raws, base), base))
    for child in form.children:
        yield from _walk_list(record, forms[child.name], value, base, comments, rows, unknown | meant)


def _walk_list(
    record: RawRecord,
    form: _Form,
    value: dict[str, Raw],
    base: Path,
    comments: _Comments,
    rows: _Rows,
    unknown: set[str],
) -> Iterator[Finding]:
    child = form.table
    path = (*base, child.list_key)
    items = value.get(child.list_key)
    if items in (None, ""):
        items = []
    if not isinstance(items, list):
        yield finding(
            record, "E213", path, child.list_key, soll="eine Liste, in der jeder Eintrag mit „- “ beginnt"
        )
        return
    # Called „unbekannt“, which a required list cannot be, it has a finding there.
    if len(items) < child.min_rows and child.list_key not in unknown:
        yield finding(
            record, "E216", path, child.title, at_key=True, anzahl=str(child.min_rows), name=child.list_key
        )
    for index, item in enumerate(items):
        spot = (*path, index)
        if child.value_list:
            if not isinstance(item, str):
                yield finding(record, "E213", spot, child.title, soll="ein einzelner Wert")
                continue
            raws: list[Raw | None] = [item if one.name == "wert" else None for one in child.fields]
            if not item.strip():
                yield finding(record, "E222", spot, child.title)
        elif isinstance(item, dict):
            raws = [None if one.from_path else dig(item, one.path) for one in child.fields]
            strange = list(_unknown_keys(record, form, item, spot))
            yield from strange
            meant = {one.suggestion for one in strange}
            yield from _cells(record, form, raws, spot, set(), meant, comments)
        elif isinstance(item, str) and lacks_blank(item):
            yield finding(record, "E129", spot, child.title)
            continue
        else:
            yield finding(record, "E213", spot, child.title, soll="ein Block mit Schlüsseln")
            continue
        rows.append((child.name, _row(record, child, raws, spot), spot))


def _row(record: RawRecord, table: Table, raws: list[Raw | None], base: Path) -> list[str]:
    owner = record.path if table.parent else ""
    if table.parent and len(base) > 2:
        owner = f"{owner}#{base[0]}"
    cells = [owner]
    for one, raw in zip(table.fields, raws, strict=True):
        cell = record.keys.get(one.name, "") if one.from_path else raw
        cells.append(cell.strip() if isinstance(cell, str) else "")
    return cells


def _unknown_keys(record: RawRecord, form: _Form, value: dict[str, Raw], base: Path) -> Iterator[Finding]:
    known, top = form.known, form.known[""]
    for key, inner in value.items():
        if key in form.from_path:
            yield finding(record, "E218", (*base, key), key, at_key=True, name=key)
        elif key not in top:
            yield _unknown_key(record, (*base, key), key, known)
        elif key not in known:
            continue
        elif isinstance(inner, dict):
            for name in inner:
                if name not in known[key]:
                    path, names = (*base, key, name), {"": known[key]}
                    yield _unknown_key(record, path, name, names, internal=key in form.internal)
        elif inner != "":
            yield finding(
                record, "E213", (*base, key), key, soll="ein Block mit Schlüsseln, eingerückt darunter"
            )


def _unknown_key(
    record: RawRecord,
    path: Path,
    key: str,
    known: Mapping[str, frozenset[str]],
    *,
    internal: bool = False,
) -> Finding:
    shown = re.sub(r"(#|\?)\d+$", "", key)
    near = texts.nearest(shown, sorted(known[""]))
    if not near:
        # Perhaps it is right but one level too high: „schritte“ instead of „nachnutzung: schritte“.
        near = next(
            (
                f"{group}: {name}"
                for group, names in known.items()
                if group
                for name in sorted(names)
                if name == shown
            ),
            "",
        )
    # Whoever writes an address where a key belongs must not see it repeated in a log, nor a name below „kontakt“.
    safe = shown if re.fullmatch(r"[\w .-]{1,60}", shown) and (near or not internal) else "…"
    return finding(record, "E201", path, "", at_key=True, suggestion=near, name=safe)


def _cells(
    record: RawRecord,
    form: _Form,
    raws: list[Raw | None],
    base: Path,
    unknown: set[str],
    meant: set[str],
    comments: _Comments,
) -> Iterator[Finding]:
    kind = record.keys.get("art", "")
    for one, raw in zip(form.table.fields, raws, strict=True):
        if one.from_path:
            continue
        applies = not one.only_for or one.only_for == kind
        if raw is not None and raw != "" and not applies:
            path = (*base, *one.path)
            yield finding(record, "E214", path, one.title, at_key=True, name=one.name)
        elif raw is not None and not isinstance(raw, str):
            yield finding(record, "E213", (*base, *one.path), one.title, soll="ein einzelner Text")
        elif raw and (value := raw.strip()):
            if one.name in unknown and one.unknown_allowed:
                path = (*base, *one.path)
                yield finding(record, "E215", path, one.title, at_key=True, name=one.name)
            yield from _cell(record, one, value, base)
        elif one.required and applies and one.name not in unknown and one.name not in meant:
            code, path = "E225" if one.unknown_allowed else "E202", (*base, *one.path)
            yield finding(record, code, path, one.title, at_key=True, name=one.name, beispiel=one.example)
        if comments and applies and one.name in form.free_texts and (*base, *one.path) in comments:
            # Behind a code or a date a comment is a comment; here it is the rest of a sentence.
            yield Finding("E127", record.place(comments[(*base, *one.path)]), one.title)


def _is_free_text(table: Table, one: Field) -> bool:
    referring = {key.field for key in table.foreign_keys}
    return (
        one.type == "string"
        and one.form in {"text", "markdown"}
        and not (one.enum or one.pattern or one.name in referring)
    )


def _cell(record: RawRecord, one: Field, value: str, base: Path) -> Iterator[Finding]:
    path, shown = (*base, *one.path), INTERNAL_VALUE if one.internal else value
    if one.form in {"zeitangabe", "zeitpunkt"}:
        parse = PartialDate.parse if one.form == "zeitangabe" else Moment.parse
        try:
            parse(value)
        except ValueError:
            yield finding(record, "E209" if one.form == "zeitangabe" else "E210", path, one.title, wert=shown)
    elif one.form == "adresse":
        if not is_address(value):
            yield finding(record, "E211", path, one.title, wert=shown)
    elif one.type == "integer":
        # Stricter than Python, which also takes 10_000 and digits of other scripts.
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", value):
            yield finding(record, "E204", path, one.title, wert=shown)
    elif one.form == "text" and re.search(r"[\r\n]", value):
        yield finding(record, "E220", path, one.title)
    elif one.form == "markdown" and _cells_at_most(value) > _MAX_CELLS:
        count = str(_cells_at_most(value))
        yield finding(record, "E142", path, one.title, anzahl=count, grenze=str(_MAX_CELLS))
    if one.max_words and texts.word_count(value) > one.max_words:
        count = str(texts.word_count(value))
        yield finding(record, "E207", path, one.title, anzahl=count, grenze=str(one.max_words))


def _cells_at_most(text: str) -> int:
    """How many cells the tables of a text can have: no more rows than lines, and no more columns than the longest row."""
    lines = text.split("\n")
    return max(one.count("|") for one in lines) * len(lines)


def is_address(value: str) -> bool:
    """Whether this is an ``http``, ``https`` or ``mailto`` address that a browser can follow (RFC 3986)."""
    if re.search(r"[\s<>\"\\^`{|}]", value):
        return False
    try:
        parts = urlsplit(value)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return bool(texts.EMAIL.fullmatch(parts.path))
    host = parts.hostname or ""
    return parts.scheme in {"http", "https"} and "." in host and port_is_fine and not parts.username


def _listed_names(record: RawRecord, form: _Form, value: dict[str, Raw], base: Path) -> Iterator[Finding]:
    """``unbekannt`` and ``ohne_einwilligung`` hold names of fields, which no foreign key can express."""
    for child in form.children:
        items = value.get(child.list_key)
        if child.list_key not in _OF_NAMES or not isinstance(items, list):
            continue
        names = form.public_names if child.list_key == _WITHOUT_CONSENT else _unknowable(record, form)
        for index, item in enumerate(items):
            if isinstance(item, str) and item.strip() and item not in names:
                near, path = texts.nearest(item, sorted(names)), (*base, child.list_key, index)
                yield finding(record, "E219", path, child.list_key, suggestion=near, wert=item)


def _unknowable(record: RawRecord, form: _Form) -> set[str]:
    """What a record may call unknown."""
    kinds = {"", record.keys.get("art", "")}
    fields = {one.name for one in form.table.fields if one.unknown_allowed and one.only_for in kinds}
    return fields | ({one.list_key for one in form.children if not one.min_rows} - set(_OF_NAMES))
