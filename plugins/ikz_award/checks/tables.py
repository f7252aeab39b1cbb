"""Flattened tables against the schema. The only module that knows frictionless.

Types, limits, patterns, uniqueness and references of every record, checked in one batch; what frictionless says is told
again as findings with the place in the file. It takes longer over a row than all other checks together, so it only gets the
rows of which plain comparing does not show that they are in order.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ikz_award import text as texts
from ikz_award.findings import Finding
from ikz_award.records import RawRecord, Reading
from ikz_award.schema import Description, Field, ForeignKey, Table
from ikz_award.yamlfile import Path

# Importing it takes longer than reading all records, and where everything is in order nobody asks it.
if TYPE_CHECKING:
    from frictionless import Error

INTERNAL_VALUE = "(interner Wert)"
_NO_ERROR_LIMIT = 10_000_000
_MAX_SHOWN = 100
# From this number of files on, the same unknown value is one cause and told once.
_MANY_FILES = 4
_WHOLE = re.compile("[+-]?[0-9]{1,15}")
# What every table that others refer to is called beside its own rows.
_TARGET = "ziel-"
_TRUE, _FALSE = "ja", "nein"
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
    fields: list[dict[str, Any]] = [{"name": _OWNER, "type": "string"}]
    fields += [_field_descriptor(one) for one in flat.table.fields]
    schema: dict[str, Any] = {"fields": fields}
    key = _key(flat.table)
    if key:
        schema["primaryKey"] = [_OWNER, *key]
    foreign = _foreign(flat, reading)
    if foreign:
        schema["foreignKeys"] = [
            {
                "fields": [one.field],
                "reference": {
                    "resource": _TARGET + _resource_name(one.table),
                    "fields": [one.target_field],
                },
            }
            for one in foreign
        ]
    return schema


def _key(table: Table) -> Sequence[str]:
    """Fields that tell the rows of a record apart; files have their paths for that."""
    key = table.primary_key or (("wert",) if table.value_list else ())
    return () if all(table.by_name[one].from_path for one in key) else key


def _foreign(flat: Flat, reading: Reading) -> list[ForeignKey]:
    """References that can be judged: what refers to an unreadable table is not to blame."""
    return [one for one in flat.table.foreign_keys if one.table not in reading.unreadable]


def _column(flat: Flat, name: str) -> int:
    return flat.table.fields.index(flat.table.by_name[name]) + 1


def _values(flat: Flat, name: str) -> list[str]:
    column = _column(flat, name)
    return [row[column] for row in flat.rows]


def _resource(flat: Flat, numbers: Sequence[int], reading: Reading) -> dict[str, Any]:
    header = [_OWNER, *(one.name for one in flat.table.fields)]
    return {
        "name": _resource_name(flat.table.name),
        "data": _Rows([header, *(flat.rows[one] for one in numbers)]),
        "schema": _schema(flat, reading),
    }


def _lookup(flat: Flat, names: Iterable[str]) -> dict[str, Any]:
    """A table others refer to, without anything in it that could be wrong."""
    columns = sorted(names)
    rows = [list(row) for row in zip(*(_values(flat, one) for one in columns), strict=True)]
    fields = [{"name": one, "type": "string"} for one in columns]
    return {
        "name": _TARGET + _resource_name(flat.table.name),
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
        result |= {"trueValues": [_TRUE], "falseValues": [_FALSE]}
    return result


def check(flats: dict[str, Flat], description: Description, reading: Reading) -> Iterator[Finding]:
    """Findings of one frictionless run over all rows that may be wrong.

    Args:
        flats: every table by name.
        description: the description of the data.
        reading: where the records come from, and which tables could not be read.

    Raises:
        RuntimeError: frictionless refuses our own descriptor, which is a mistake in this module.
    """
    doubtful = {one.name: _in_doubt(flats[one.name], flats, reading) for one in description.tables}
    for name, errors in _run({name: some for name, some in doubtful.items() if some}, flats, reading).items():
        seen: set[tuple[int, str]] = set()
        for error in errors:
            yield from _translate(error, flats[name], doubtful[name], flats, seen)


def _in_doubt(flat: Flat, flats: dict[str, Flat], reading: Reading) -> list[int]:
    """Numbers of the rows that are not surely in order, column by column: most values occur many times."""
    targets = {
        one.field: frozenset(_values(flats[one.table], one.target_field)) for one in _foreign(flat, reading)
    }
    doubtful: set[int] = set()
    for column, one in enumerate(flat.table.fields, 1):
        known, is_sure = targets.get(one.name), _judge(one)
        wrong = {
            value
            for value in {row[column] for row in flat.rows}
            if value and not (is_sure(value) and (known is None or value in known))
        }
        if wrong:
            doubtful.update(number for number, row in enumerate(flat.rows) if row[column] in wrong)
    doubtful.update(_same_keys(flat))
    return sorted(doubtful)


def _judge(one: Field) -> Callable[[str], bool]:
    """What is surely a right value of a field; anything else may be one, too."""
    if one.type == "boolean":
        return (_TRUE, _FALSE).__contains__
    if one.type == "integer" and not one.enum:
        least = -math.inf if one.minimum is None else one.minimum
        most = math.inf if one.maximum is None else one.maximum
        return lambda value: bool(_WHOLE.fullmatch(value)) and least <= int(value) <= most
    if one.type == "string":
        longest = math.inf if one.max_length is None else one.max_length
        pattern = re.compile(f"^{one.pattern}$") if one.pattern else None
        return lambda value: (
            len(value) <= longest
            and (not one.enum or value in one.enum)
            and (pattern is None or bool(pattern.match(value)))
        )
    return lambda _: False


def _same_keys(flat: Flat) -> Iterator[int]:
    """Rows that have their key in common with another one, or none."""
    names = _key(flat.table)
    if not names:
        return
    columns = [0, *(_column(flat, one) for one in names)]
    keys = [tuple(row[one] for one in columns) for row in flat.rows]
    # Numbers written in two ways are one key; there is no such table, so far.
    is_text = all(flat.table.by_name[one].type == "string" for one in names)
    count = Counter(keys)
    for number, key in enumerate(keys):
        if not is_text or count[key] > 1 or not all(key[1:]):
            yield number


def _run(
    doubtful: dict[str, list[int]], flats: dict[str, Flat], reading: Reading
) -> dict[str, tuple[Error, ...]]:
    """What frictionless says of these rows, by table."""
    if not doubtful:
        return {}
    from frictionless import Package  # noqa: PLC0415 - see above

    wanted: dict[str, set[str]] = defaultdict(set)
    for name in doubtful:
        for one in _foreign(flats[name], reading):
            wanted[one.table].add(one.target_field)
    resources = [_resource(flats[name], numbers, reading) for name, numbers in doubtful.items()]
    resources += [_lookup(flats[name], columns) for name, columns in wanted.items()]
    package = Package.from_descriptor({"name": "pruefung", "resources": resources})
    # Each by itself: as a whole, the package and its descriptors would be checked once more.
    told = {}
    for name in doubtful:
        report = package.get_resource(_resource_name(name)).validate(limit_errors=_NO_ERROR_LIMIT)
        for error in report.errors:
            message = f"frictionless: {error.message}"
            raise RuntimeError(message)
        # An operator who has not said anything yet is a row without a value; what is missing, the walk tells.
        told[name] = tuple(one for one in report.task.errors if one.type != "blank-row")
    return told


def _translate(
    error: Error, flat: Flat, numbers: Sequence[int], flats: dict[str, Flat], seen: set[tuple[int, str]]
) -> Iterator[Finding]:
    from frictionless import errors  # noqa: PLC0415 - see above

    if not isinstance(error, errors.RowError):
        message = f"frictionless: {error.message}"
        raise RuntimeError(message)  # noqa: TRY004 - our descriptor is wrong, not the type of a value
    number = numbers[error.row_number - 2]
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
    raw = flat.rows[number][_column(flat, name)]
    yield _batch_finding(error, record, path, one, raw, flats)


def _batch_finding(
    error: Error, record: RawRecord, path: Path, one: Field, raw: str, flats: dict[str, Flat]
) -> Finding:
    from frictionless import errors  # noqa: PLC0415 - see above

    value = INTERNAL_VALUE if one.internal else raw
    if isinstance(error, errors.ForeignKeyError):
        target = flats[error.reference_name.removeprefix(_TARGET).replace("-", "_")]
        column = _column(target, error.reference_field_names[0])
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
