"""Flattened tables against the schema. The only module that knows frictionless.

Types, limits, patterns, uniqueness and references of every record, checked in one batch; what frictionless says is told
again as findings with the place in the file.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from ikz_award import text as texts
from ikz_award.findings import Finding
from ikz_award.records import Cache, RawRecord, Reading
from ikz_award.schema import Description, Field, ForeignKey, Table
from ikz_award.yamlfile import Path

# Importing it takes longer than reading all records, and where nothing changed nobody asks it.
if TYPE_CHECKING:
    from frictionless import Error

INTERNAL_VALUE = "(interner Wert)"
_NO_ERROR_LIMIT = 10_000_000
_MAX_SHOWN = 100
# From this number of files on, the same unknown value is one cause and told once.
_MANY_FILES = 4
# Column that keeps rows of different records apart where a key is unique within its record only.
_OWNER = "_datensatz"


@dataclass(slots=True)
class Flat:
    """One table as rows of texts (owner first), each with its record and the path of its mapping."""

    table: Table
    rows: list[list[str]] = field(default_factory=list)
    origins: list[tuple[RawRecord, Path]] = field(default_factory=list)


class _Rows(list[list[str]]):
    """Rows that nobody changes. frictionless copies a descriptor several times, and all its rows with it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Rows:
        """The rows themselves."""
        return self


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that decides about the errors of one table: its descriptor, its rows, and what they may refer to."""

    descriptor: str
    rows: tuple[tuple[str, ...], ...]
    targets: tuple[frozenset[str], ...]

    def in_writing(self) -> str:
        """The sheet as one text."""
        return json.dumps([self.descriptor, self.rows, [sorted(one) for one in self.targets]])


# What frictionless said of a sheet, so that a table nobody touched is not asked about again.
Verdicts: TypeAlias = "dict[Sheet, tuple[Error, ...]]"


def finding(
    record: RawRecord,
    code: str,
    path: Path,
    label: str,
    *,
    at_key: bool = False,
    suggestion: str = "",
    **values: str,
) -> Finding:
    """A finding at the value, or at the key, of a path in a record; its value in one line, cut if it is long."""
    document = record.document
    if "wert" in values:
        line = " ".join(values["wert"].split())
        values["wert"] = line if len(line) <= _MAX_SHOWN else f"{line[:_MAX_SHOWN]}…"
    spot = document.key_spot(path) if at_key else document.spot(path)
    return Finding(code, record.place(spot), label, values, suggestion)


def _resource_name(table: str) -> str:
    """Data Package names have no underscore."""
    return table.replace("_", "-")


def _schema(flat: Flat, reading: Reading) -> dict[str, Any]:
    table = flat.table
    fields: list[dict[str, Any]] = [{"name": _OWNER, "type": "string"}]
    fields += [_field_descriptor(one) for one in table.fields]
    schema: dict[str, Any] = {"fields": fields}
    key = list(table.primary_key) or (["wert"] if table.value_list else [])
    if key and not all(table.by_name[one].from_path for one in key):
        schema["primaryKey"] = [_OWNER, *key]
    foreign = _foreign(flat, reading)
    if foreign:
        schema["foreignKeys"] = [
            {
                "fields": [one.field],
                "reference": {
                    "resource": "" if one.table == table.name else _resource_name(one.table),
                    "fields": [one.target_field],
                },
            }
            for one in foreign
        ]
    return schema


def _foreign(flat: Flat, reading: Reading) -> list[ForeignKey]:
    """References that can be judged: what refers to an unreadable table is not to blame."""
    return [one for one in flat.table.foreign_keys if one.table not in reading.unreadable]


def _values(flat: Flat, name: str) -> list[str]:
    column = flat.table.fields.index(flat.table.by_name[name]) + 1
    return [row[column] for row in flat.rows]


def _resource(flat: Flat, schema: dict[str, Any]) -> dict[str, Any]:
    header = [_OWNER, *(one.name for one in flat.table.fields)]
    return {
        "name": _resource_name(flat.table.name),
        "data": _Rows([header, *flat.rows]),
        "schema": schema,
    }


def _lookup(flat: Flat, names: Iterable[str]) -> dict[str, Any]:
    """A table others refer to, without anything in it that could be wrong."""
    columns = sorted(names)
    rows = [list(row) for row in zip(*(_values(flat, one) for one in columns), strict=True)]
    fields = [{"name": one, "type": "string"} for one in columns]
    return {
        "name": _resource_name(flat.table.name),
        "data": _Rows([columns, *rows]),
        "schema": {"fields": fields},
    }


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


def check(
    flats: dict[str, Flat], description: Description, reading: Reading, cache: Cache
) -> Iterator[Finding]:
    """Findings of one frictionless run over all tables that changed.

    Args:
        flats: every table by name.
        description: the description of the data.
        reading: where the records come from, and which tables could not be read.
        cache: has the verdicts of earlier runs; afterwards those of this one.

    Raises:
        RuntimeError: frictionless refuses our own descriptor, which is a mistake in this module.
    """
    # An empty table has nothing to check and, having no rows, no types frictionless could see.
    filled = {
        name: flat
        for name, flat in flats.items()
        if flat.rows or any(key.table == name for table in description.tables for key in table.foreign_keys)
    }
    sheets, schemas = {}, {}
    for name, flat in filled.items():
        schemas[name] = _schema(flat, reading)
        targets = (frozenset(_values(flats[one.table], one.target_field)) for one in _foreign(flat, reading))
        sheets[name] = Sheet(json.dumps(schemas[name]), tuple(map(tuple, flat.rows)), tuple(targets))
    known: Verdicts = cache.verdicts
    unjudged = {name: sheet for name, sheet in sheets.items() if sheet not in known}
    # Only that a table is in order outlives the process: what is wrong with one may say what nobody should read.
    written = {name: sheet.in_writing() for name, sheet in unjudged.items()}
    known |= {
        unjudged[name]: () for name, text in written.items() if cache.store.known("tabelle", text) is not None
    }
    fresh = {name: filled[name] for name, sheet in unjudged.items() if sheet not in known}
    told = _run(fresh, schemas, flats, reading)
    for name, said in told.items():
        if not said:
            cache.store.keep("tabelle", written[name], b"")
    verdicts = {sheet: told[name] if name in fresh else known[sheet] for name, sheet in sheets.items()}
    known.clear()
    known.update(verdicts)
    for name, sheet in sheets.items():
        seen: set[tuple[int, str]] = set()
        for error in verdicts[sheet]:
            yield from _translate(error, filled[name], flats, seen)


def _run(
    fresh: dict[str, Flat], schemas: dict[str, dict[str, Any]], flats: dict[str, Flat], reading: Reading
) -> dict[str, tuple[Error, ...]]:
    """What frictionless says of these tables, by name."""
    if not fresh:
        return {}
    from frictionless import Package  # noqa: PLC0415 - see above

    wanted: dict[str, set[str]] = defaultdict(set)
    for flat in fresh.values():
        for one in _foreign(flat, reading):
            if one.table not in fresh:
                wanted[one.table].add(one.target_field)
    resources = [_resource(flat, schemas[name]) for name, flat in fresh.items()]
    resources += [_lookup(flats[name], columns) for name, columns in wanted.items()]
    package = Package.from_descriptor({"name": "pruefung", "resources": resources})
    # Each by itself: as a whole, the package and its descriptors would be checked once more.
    told = {}
    for name in fresh:
        report = package.get_resource(_resource_name(name)).validate(limit_errors=_NO_ERROR_LIMIT)
        for error in report.errors:
            message = f"frictionless: {error.message}"
            raise RuntimeError(message)
        # An operator who has not said anything yet is a row without a value; what is missing, the walk tells.
        told[name] = tuple(one for one in report.task.errors if one.type != "blank-row")
    return told


def _translate(
    error: Error, flat: Flat, flats: dict[str, Flat], seen: set[tuple[int, str]]
) -> Iterator[Finding]:
    from frictionless import errors  # noqa: PLC0415 - see above

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
    error: Error, record: RawRecord, path: Path, one: Field, raw: str, flats: dict[str, Flat]
) -> Finding:
    from frictionless import errors  # noqa: PLC0415 - see above

    value = INTERNAL_VALUE if one.internal else raw
    if isinstance(error, errors.ForeignKeyError):
        target = flats[error.reference_name.replace("-", "_") or record.table]
        column = target.table.fields.index(target.table.by_name[error.reference_field_names[0]]) + 1
        near = code_meant(value, target, column)
        # Of a folder with one file each, the folder: „data/patterns/“.
        where = target.table.sources[0].pattern.partition("{")[0] if target.table.sources else ""
        if one.from_path:
            return finding(record, "E115", (), one.title, suggestion=near, wert=value, wo=where)
        if target.table.name == "kommunen":
            return finding(record, "E226", path, one.title, suggestion=near, wert=value)
        return finding(record, "E208", path, one.title, suggestion=near, wert=value, wo=f"data/{where}")
    if isinstance(error, errors.PrimaryKeyError):
        return finding(record, "E217", path, one.title, wert=value)
    if isinstance(error, errors.TypeError):
        code = "E205" if one.type == "boolean" else "E204"
        return finding(record, code, path, one.title, wert=value)
    rule = re.match(r'constraint "(\w+)" is "(.*)"', error.note, re.DOTALL)
    kind, limit = (rule[1], rule[2]) if rule else ("", "")
    if one.from_path:
        return finding(record, "E115", (), one.title, wert=value, wo="")
    if kind == "enum":
        allowed = ", ".join(one.enum)
        return finding(
            record,
            "E203",
            path,
            one.title,
            suggestion=texts.nearest(value, one.enum),
            wert=value,
            erlaubt=allowed,
        )
    if kind == "maxLength":
        return finding(record, "E206", path, one.title, anzahl=str(len(raw)), grenze=limit)
    if kind in {"minimum", "maximum"}:
        word = "mindestens" if kind == "minimum" else "höchstens"
        return finding(record, "E212", path, one.title, wert=value, grenze=f"{word} {limit}")
    if raw.isdigit() and re.fullmatch(one.pattern, f"0{raw}") and not one.internal:
        return finding(record, "E223", path, one.title, suggestion=f"0{raw}", wert=value)
    return finding(record, "E221", path, one.title, wert=value, muster=one.description or one.pattern)


def code_meant(value: str, target: Flat, column: int) -> str:
    """The code whose German title was written in its place, or else the code most like the value."""
    names = [one.name for one in target.table.fields]
    title = next((names.index(one) + 1 for one in ("titel", "name") if one in names), column)
    codes = {row[title].casefold(): row[column] for row in target.rows}
    # „Öffentlich-rechtliche Vereinbarung“ means the entry that says no more, not the one that names a kind.
    bare = {re.sub(r"\s*\(.*\)$", "", name): code for name, code in codes.items()}
    by_title = codes.get(value.casefold(), "") or bare.get(value.casefold(), "")
    near = texts.nearest_code(value, (row[column] for row in target.rows))
    return by_title or near or codes.get(texts.nearest_code(value, codes), "")


def gathered(findings: Iterable[Finding]) -> list[Finding]:
    """Many files that name the same unknown value have one cause: it is told at the first of them."""
    kept: list[Finding] = []
    unknown: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in findings:
        if one.code == "E208":
            unknown[one.values["wo"], one.values["wert"]].append(one)
        else:
            kept.append(one)
    for same in unknown.values():
        paths = {one.place.path for one in same}
        if len(paths) < _MANY_FILES:
            kept += same
            continue
        first = min(same, key=lambda one: one.sort_key)
        kept.append(replace(first, code="E224", values={**first.values, "weitere": str(len(paths) - 1)}))
    return kept
