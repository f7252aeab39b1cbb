"""The shape of a record against the schema: unknown keys, wrong nesting, what is missing, what its form forbids.

Everything that needs the position of a key, or that one field decides about another, is checked here; the tables it
leaves behind go to frictionless in one batch.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast
from urllib.parse import urlsplit

from ikz_award import text as texts
from ikz_award.checks import tables
from ikz_award.checks.tables import INTERNAL_VALUE, Flat, finding
from ikz_award.dates import Moment, PartialDate
from ikz_award.findings import Finding, Place, Severity
from ikz_award.model import case_key, dig
from ikz_award.records import Cache, RawRecord, Reading
from ikz_award.schema import Description, Field, Table
from ikz_award.yamlfile import Path, Raw
from ikz_award.yamltext import lacks_blank

_CASES, _UPTAKES, _YARDSTICKS = "faelle", "uebernahmen", "massstaebe"
# A row may be short and still get every column of its head: from 4000 signs come 670 kB of table. No text needs that.
_MAX_CELLS = 1000
# Table that holds the values of a dimension a yardstick can speak of.
_DIMENSIONS = {"muster": "muster", "aufgabenfeld": "aufgabenfelder", "rechtsform": "rechtsformen"}


def check(reading: Reading, description: Description, cache: Cache) -> list[Finding]:
    """All structural findings of all records of one run; ``cache`` holds what an earlier run found out."""
    flats = {table.name: Flat(table) for table in description.tables}
    findings = [one for record in reading.records for one in _walk_record(record, description, flats)]
    # A value that already has a finding of the walk gets no second one from the batch.
    told = {(one.place, one.label) for one in findings}
    findings += [
        one for one in tables.check(flats, description, reading, cache) if (one.place, one.label) not in told
    ]
    findings += _unknown_models(reading)
    findings += _unknown_values(flats, reading)
    return [*findings, *_unused_pictures(reading, description)]


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


def _walk_record(record: RawRecord, description: Description, flats: dict[str, Flat]) -> Iterator[Finding]:
    table = description[record.table]
    value = record.document.value
    if isinstance(value, dict):
        yield from _walk_entry(record, table, value, (), description, flats)
        return
    for index, item in enumerate(cast("list[Raw]", value)):
        if isinstance(item, dict):
            yield from _walk_entry(record, table, item, (index,), description, flats)
        else:
            yield finding(record, "E213", (index,), table.title, soll="ein Block mit Schlüsseln")


def _walk_entry(
    record: RawRecord,
    table: Table,
    value: dict[str, Raw],
    base: Path,
    description: Description,
    flats: dict[str, Flat],
) -> Iterator[Finding]:
    children = description.children(table.name)
    unknown = {one for one in cast("list[Raw]", value.get("unbekannt") or []) if isinstance(one, str)}
    strange = list(_unknown_keys(record, table, value, base, children))
    yield from strange
    # A misspelt key is one mistake: what it was meant to be is not missing as well.
    near = {one.suggestion.replace(": ", ".") for one in strange if one.suggestion}
    meant = near | {one.name for one in table.fields if one.path[-1] in near}
    named = unknown if isinstance(value.get("unbekannt"), list) else set()
    yield from _cells(record, table, value, base, named, meant)
    yield from _listed_names(record, table, value, base, description)
    flats[table.name].rows.append(_row(record, table, value, base))
    flats[table.name].origins.append((record, base))
    for child in children:
        yield from _walk_list(record, child, value, base, flats[child.name], unknown | meant)


def _walk_list(
    record: RawRecord, child: Table, value: dict[str, Raw], base: Path, flat: Flat, unknown: set[str]
) -> Iterator[Finding]:
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
            cells: dict[str, Raw] = {"wert": item}
            if not item.strip():
                yield finding(record, "E222", spot, child.title)
        elif isinstance(item, dict):
            cells = item
            strange = list(_unknown_keys(record, child, item, spot, ()))
            yield from strange
            yield from _cells(record, child, item, spot, set(), {one.suggestion for one in strange})
        elif isinstance(item, str) and lacks_blank(item):
            yield finding(record, "E129", spot, child.title)
            continue
        else:
            yield finding(record, "E213", spot, child.title, soll="ein Block mit Schlüsseln")
            continue
        flat.rows.append(_row(record, child, cells, spot))
        flat.origins.append((record, spot))


def _row(record: RawRecord, table: Table, value: Mapping[str, Raw], base: Path) -> list[str]:
    owner = record.path if table.parent else ""
    if table.parent and len(base) > 2:
        owner = f"{owner}#{base[0]}"
    cells = [owner]
    for one in table.fields:
        raw = record.keys.get(one.name, "") if one.from_path else dig(value, one.path)
        cells.append(raw.strip() if isinstance(raw, str) else "")
    return cells


def _unknown_keys(
    record: RawRecord, table: Table, value: dict[str, Raw], base: Path, children: Iterable[Table]
) -> Iterator[Finding]:
    known: dict[str, set[str]] = {"": {child.list_key for child in children}}
    for one in table.fields:
        if one.from_path:
            continue
        known[""].add(one.path[0])
        if len(one.path) > 1:
            known.setdefault(one.path[0], set()).add(one.path[1])
    from_path = {one.name for one in table.fields if one.from_path}
    internal = {one.path[0] for one in table.fields if one.internal}
    for key, inner in value.items():
        if key in from_path:
            yield finding(record, "E218", (*base, key), key, at_key=True, name=key)
        elif key not in known[""]:
            yield _unknown_key(record, (*base, key), key, known)
        elif key in known and isinstance(inner, dict):
            for name in inner:
                if name not in known[key]:
                    path, names = (*base, key, name), {"": known[key]}
                    yield _unknown_key(record, path, name, names, internal=key in internal)
        elif key in known and inner != "":
            yield finding(
                record, "E213", (*base, key), key, soll="ein Block mit Schlüsseln, eingerückt darunter"
            )


def _unknown_key(
    record: RawRecord,
    path: Path,
    key: str,
    known: dict[str, set[str]],
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
    record: RawRecord, table: Table, value: dict[str, Raw], base: Path, unknown: set[str], meant: set[str]
) -> Iterator[Finding]:
    kind = record.keys.get("art", "")
    for one in table.fields:
        if one.from_path:
            continue
        path = (*base, *one.path)
        raw = dig(value, one.path)
        applies = not one.only_for or one.only_for == kind
        given = raw is not None and raw != ""
        if given and not applies:
            yield finding(record, "E214", path, one.title, at_key=True, name=one.name)
        elif given and not isinstance(raw, str):
            yield finding(record, "E213", path, one.title, soll="ein einzelner Text")
        elif given and isinstance(raw, str) and raw.strip():
            if one.name in unknown and one.unknown_allowed:
                yield finding(record, "E215", path, one.title, at_key=True, name=one.name)
            yield from _cell(record, one, raw, path)
        elif one.required and applies and one.name not in unknown | meant:
            code = "E225" if one.unknown_allowed else "E202"
            yield finding(record, code, path, one.title, at_key=True, name=one.name, beispiel=one.example)
        if path in record.document.comments and applies and _is_free_text(table, one):
            # Behind a code or a date a comment is a comment; here it is the rest of a sentence.
            yield Finding("E127", record.place(record.document.comments[path]), one.title)


def _is_free_text(table: Table, one: Field) -> bool:
    referring = {key.field for key in table.foreign_keys}
    return (
        one.type == "string"
        and one.form in {"text", "markdown"}
        and not (one.enum or one.pattern or one.name in referring)
    )


def _cell(record: RawRecord, one: Field, raw: str, path: Path) -> Iterator[Finding]:
    value = raw.strip()
    shown = INTERNAL_VALUE if one.internal else value
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
    elif one.form == "text" and "\n" in value:
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


def _listed_names(
    record: RawRecord, table: Table, value: dict[str, Raw], base: Path, description: Description
) -> Iterator[Finding]:
    """``unbekannt`` and ``ohne_einwilligung`` hold names of fields, which no foreign key can express."""
    children = description.children(table.name)
    lists = {child.list_key for child in children}
    allowed = {
        "unbekannt": {
            one.name
            for one in table.fields
            if one.unknown_allowed and one.only_for in {"", record.keys.get("art", "")}
        }
        | ({one.list_key for one in children if not one.min_rows} - {"unbekannt", "ohne_einwilligung"}),
        "ohne_einwilligung": {one.name for one in description["faelle"].public_fields if not one.from_path}
        | {child.list_key for child in description.children("faelle")},
    }
    for list_key, names in allowed.items():
        items = value.get(list_key)
        if list_key not in lists or not isinstance(items, list):
            continue
        for index, item in enumerate(items):
            if isinstance(item, str) and item.strip() and item not in names:
                near = texts.nearest(item, sorted(names))
                yield finding(record, "E219", (*base, list_key, index), list_key, suggestion=near, wert=item)
