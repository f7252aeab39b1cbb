"""Records against the schema. The only module that knows frictionless.

The walk through a file (unknown keys, wrong nesting, what is missing, what needs positions) is ours; types, limits,
uniqueness and references are frictionless', in one batch over flattened tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from frictionless import Package, errors

from ikz_award import text as texts
from ikz_award.dates import Moment, PartialDate
from ikz_award.findings import Finding
from ikz_award.model import dig
from ikz_award.records import RawRecord, Reading
from ikz_award.schema import Description, Field, Table
from ikz_award.yamlfile import Path, Raw

_NO_ERROR_LIMIT = 10_000_000
_INTERNAL_VALUE = "(interner Wert)"
# Column that keeps rows of different records apart where a key is unique within its record only.
_OWNER = "_datensatz"


@dataclass(slots=True)
class _Flat:
    """One table as rows of texts, each with its record and the path of its mapping."""

    table: Table
    rows: list[list[str]] = field(default_factory=list)
    origins: list[tuple[RawRecord, Path]] = field(default_factory=list)


def check(reading: Reading, description: Description) -> list[Finding]:
    """All structural findings of all records of one run."""
    flats = {table.name: _Flat(table) for table in description.tables}
    findings = [one for record in reading.records for one in _walk_record(record, description, flats)]
    # A value that already has a finding of the walk gets no second one from the batch.
    told = {(one.place, one.label) for one in findings}
    findings += [one for one in _batch(flats, description, reading) if (one.place, one.label) not in told]
    return findings


def _walk_record(record: RawRecord, description: Description, flats: dict[str, _Flat]) -> Iterator[Finding]:
    table = description[record.table]
    value = record.document.value
    if isinstance(value, dict):
        yield from _walk_entry(record, table, value, (), description, flats)
        return
    for index, item in enumerate(cast("list[Raw]", value)):
        if isinstance(item, dict):
            yield from _walk_entry(record, table, item, (index,), description, flats)
        else:
            yield _finding(record, "E213", (index,), table.title, soll="ein Block mit Schlüsseln")


def _walk_entry(
    record: RawRecord,
    table: Table,
    value: dict[str, Raw],
    base: Path,
    description: Description,
    flats: dict[str, _Flat],
) -> Iterator[Finding]:
    children = description.children(table.name)
    unknown = {one for one in cast("list[Raw]", value.get("unbekannt") or []) if isinstance(one, str)}
    yield from _unknown_keys(record, table, value, base, children)
    yield from _cells(
        record, table, value, base, unknown if isinstance(value.get("unbekannt"), list) else set()
    )
    yield from _listed_names(record, table, value, base, description)
    flats[table.name].rows.append(_row(record, table, value, base))
    flats[table.name].origins.append((record, base))
    for child in children:
        yield from _walk_list(record, child, value, base, flats[child.name], unknown)


def _walk_list(
    record: RawRecord, child: Table, value: dict[str, Raw], base: Path, flat: _Flat, unknown: set[str]
) -> Iterator[Finding]:
    path = (*base, child.list_key)
    items = value.get(child.list_key)
    if items in (None, ""):
        items = []
    if not isinstance(items, list):
        yield _finding(
            record, "E213", path, child.list_key, soll="eine Liste: jeder Eintrag beginnt mit „- “"
        )
        return
    if len(items) < child.min_rows and child.list_key not in unknown:
        yield _finding(
            record, "E216", path, child.title, at_key=True, anzahl=str(child.min_rows), name=child.list_key
        )
    for index, item in enumerate(items):
        spot = (*path, index)
        if child.value_list:
            if not isinstance(item, str):
                yield _finding(record, "E213", spot, child.title, soll="ein einzelner Wert")
                continue
            cells: dict[str, Raw] = {"wert": item}
            if not item.strip():
                yield _finding(record, "E202", spot, child.title, name="wert")
        elif isinstance(item, dict):
            cells = item
            yield from _unknown_keys(record, child, item, spot, ())
            yield from _cells(record, child, item, spot, set())
        else:
            yield _finding(record, "E213", spot, child.title, soll="ein Block mit Schlüsseln")
            continue
        flat.rows.append(_row(record, child, cells, spot))
        flat.origins.append((record, spot))


def _row(record: RawRecord, table: Table, value: Mapping[str, Raw], base: Path) -> list[str]:
    owner = record.path if table.parent else ""
    if table.parent and len(base) > 2:  # noqa: PLR2004 - a list inside an entry of a list file
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
    for key, inner in value.items():
        if key in from_path:
            yield _finding(record, "E218", (*base, key), key, at_key=True, name=key)
        elif key not in known[""]:
            yield _unknown_key(record, (*base, key), key, known)
        elif key in known and isinstance(inner, dict):
            for name in inner:
                if name not in known[key]:
                    yield _unknown_key(record, (*base, key, name), name, {"": known[key]})
        elif key in known and inner != "":
            yield _finding(
                record, "E213", (*base, key), key, soll="ein Block mit Schlüsseln, eingerückt darunter"
            )


def _unknown_key(record: RawRecord, path: Path, key: str, known: dict[str, set[str]]) -> Finding:
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
    # Whoever writes an address where a key belongs must not see it repeated in a log.
    safe = shown if re.fullmatch(r"[\w .-]{1,60}", shown) else "…"
    return _finding(record, "E201", path, "", at_key=True, suggestion=near, name=safe)


def _cells(
    record: RawRecord, table: Table, value: dict[str, Raw], base: Path, unknown: set[str]
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
            yield _finding(record, "E214", path, one.title, at_key=True, name=one.name)
        elif given and not isinstance(raw, str):
            yield _finding(record, "E213", path, one.title, soll="ein einzelner Text")
        elif given and isinstance(raw, str) and raw.strip():
            if one.name in unknown:
                yield _finding(record, "E215", path, one.title, at_key=True, name=one.name)
            yield from _cell(record, one, raw, path)
        elif one.required and applies and one.name not in unknown:
            yield _finding(record, "E202", path, one.title, at_key=True, name=one.name, beispiel=one.example)


def _cell(record: RawRecord, one: Field, raw: str, path: Path) -> Iterator[Finding]:
    value = raw.strip()
    shown = _INTERNAL_VALUE if one.internal else value
    if one.form in {"zeitangabe", "zeitpunkt"}:
        parse = PartialDate.parse if one.form == "zeitangabe" else Moment.parse
        try:
            parse(value)
        except ValueError:
            yield _finding(
                record, "E209" if one.form == "zeitangabe" else "E210", path, one.title, wert=shown
            )
    elif one.form == "adresse":
        if not is_address(value):
            yield _finding(record, "E211", path, one.title, wert=shown)
    elif one.form == "text" and "\n" in value:
        yield _finding(record, "E220", path, one.title)
    if one.max_words and texts.word_count(value) > one.max_words:
        count = str(texts.word_count(value))
        yield _finding(record, "E207", path, one.title, anzahl=count, grenze=str(one.max_words))


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
    lists = {child.list_key for child in description.children(table.name)}
    allowed = {
        "unbekannt": {one.name for one in table.fields if one.unknown_allowed}
        | (lists - {"unbekannt", "ohne_einwilligung"}),
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
                yield _finding(record, "E219", (*base, list_key, index), list_key, suggestion=near, wert=item)


def _finding(
    record: RawRecord,
    code: str,
    path: Path,
    label: str,
    *,
    at_key: bool = False,
    suggestion: str = "",
    **values: str,
) -> Finding:
    document = record.document
    spot = document.key_spot(path) if at_key else document.spot(path)
    return Finding(code, record.place(spot), label, values, suggestion)


# --- the batch -----------------------------------------------------------------------------------------------------


def _descriptor(flats: dict[str, _Flat], reading: Reading) -> dict[str, Any]:
    resources = []
    for name, flat in flats.items():
        table = flat.table
        fields: list[dict[str, Any]] = [{"name": _OWNER, "type": "string"}]
        fields += [_field_descriptor(one) for one in table.fields]
        schema: dict[str, Any] = {"fields": fields}
        key = list(table.primary_key) or (["wert"] if table.value_list else [])
        if key and not all(table.by_name[one].from_path for one in key):
            schema["primaryKey"] = [_OWNER, *key]
        foreign = [one for one in table.foreign_keys if one.table not in reading.unreadable]
        if foreign:
            schema["foreignKeys"] = [
                {
                    "fields": [one.field],
                    "reference": {
                        "resource": "" if one.table == name else one.table,
                        "fields": [one.target_field],
                    },
                }
                for one in foreign
            ]
        header = [_OWNER, *(one.name for one in table.fields)]
        resources.append({"name": name.replace("_", "-"), "data": [header, *flat.rows], "schema": schema})
    for resource in resources:
        for key in resource["schema"].get("foreignKeys", []):
            key["reference"]["resource"] = key["reference"]["resource"].replace("_", "-")
    return {"name": "pruefung", "resources": resources}


def _field_descriptor(one: Field) -> dict[str, Any]:
    # Dates and addresses are checked in the walk; a missing value is, too, since „unbekannt“ may excuse it.
    constraints: dict[str, Any] = {}
    if one.enum:
        constraints["enum"] = list(one.enum)
    if one.pattern:
        constraints["pattern"] = one.pattern
    if one.max_length is not None:
        constraints["maxLength"] = one.max_length
    if one.minimum is not None:
        constraints["minimum"] = one.minimum
    if one.maximum is not None:
        constraints["maximum"] = one.maximum
    result: dict[str, Any] = {"name": one.name, "type": one.type, "constraints": constraints}
    if one.type == "boolean":
        result |= {"trueValues": ["ja"], "falseValues": ["nein"]}
    return result


def _batch(flats: dict[str, _Flat], description: Description, reading: Reading) -> Iterator[Finding]:
    # An empty table has nothing to check and, having no rows, no types frictionless could see.
    filled = {
        name: flat
        for name, flat in flats.items()
        if flat.rows or any(key.table == name for table in description.tables for key in table.foreign_keys)
    }
    report = Package.from_descriptor(_descriptor(filled, reading)).validate(limit_errors=_NO_ERROR_LIMIT)
    for error in report.errors:
        message = f"frictionless: {error.message}"
        raise RuntimeError(message)
    names = {name.replace("_", "-"): name for name in filled}
    for task in report.tasks:
        flat = filled[names[task.name]]
        seen: set[tuple[int, str]] = set()
        for error in task.errors:
            yield from _translate(error, flat, flats, seen)


def _translate(
    error: Any, flat: _Flat, flats: dict[str, _Flat], seen: set[tuple[int, str]]
) -> Iterator[Finding]:
    if not isinstance(error, errors.RowError):
        message = f"frictionless: {error.message}"
        raise RuntimeError(message)  # noqa: TRY004 - our descriptor is wrong, not the type of a value
    number = error.row_number - 2
    record, base = flat.origins[number]
    if isinstance(error, errors.ForeignKeyError):
        name = error.field_names[0]
    elif isinstance(error, errors.PrimaryKeyError):
        name = next((one for one in (flat.table.primary_key or ("wert",))), "")
    else:
        name = getattr(error, "field_name", "")
    if not name or (number, name) in seen:
        return
    seen.add((number, name))
    one = flat.table.by_name[name]
    path = base if flat.table.value_list else (*base, *one.path)
    raw = flat.rows[number][flat.table.fields.index(one) + 1]
    yield _batch_finding(error, record, path, one, raw, flats)


def _batch_finding(
    error: Any, record: RawRecord, path: Path, one: Field, raw: str, flats: dict[str, _Flat]
) -> Finding:
    value = _INTERNAL_VALUE if one.internal else raw
    if isinstance(error, errors.ForeignKeyError):
        target = flats[error.reference_name.replace("-", "_") or record.table]
        column = target.table.fields.index(target.table.by_name[error.reference_field_names[0]]) + 1
        near = texts.nearest(value, (row[column] for row in target.rows))
        where = target.table.sources[0].pattern if target.table.sources else ""
        if one.from_path:
            return _finding(record, "E115", (), one.title, suggestion=near, wert=value, wo=where)
        return _finding(record, "E208", path, one.title, suggestion=near, wert=value, wo=f"data/{where}")
    if isinstance(error, errors.PrimaryKeyError):
        return _finding(record, "E217", path, one.title, wert=value)
    if isinstance(error, errors.TypeError):
        code = "E205" if one.type == "boolean" else "E204"
        return _finding(record, code, path, one.title, wert=value)
    rule = re.match(r'constraint "(\w+)" is "(.*)"', error.note, re.DOTALL)
    kind, limit = (rule[1], rule[2]) if rule else ("", "")
    if one.from_path:
        return _finding(record, "E115", (), one.title, wert=value, wo="")
    if kind == "enum":
        allowed = ", ".join(one.enum)
        return _finding(
            record,
            "E203",
            path,
            one.title,
            suggestion=texts.nearest(value, one.enum),
            wert=value,
            erlaubt=allowed,
        )
    if kind == "maxLength":
        return _finding(record, "E206", path, one.title, anzahl=str(len(raw)), grenze=limit)
    if kind in {"minimum", "maximum"}:
        word = "mindestens" if kind == "minimum" else "höchstens"
        return _finding(record, "E212", path, one.title, wert=value, grenze=f"{word} {limit}")
    return _finding(record, "E221", path, one.title, wert=value, muster=one.description or one.pattern)
