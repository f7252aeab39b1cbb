"""What is published for machines: every open table as CSV, all of them as JSON, and a Data Package that describes them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from ikz_award import routes, wording
from ikz_award.catalogue import Catalogue
from ikz_award.dates import Moment, PartialDate
from ikz_award.model import Facts, Limits, Term, Value
from ikz_award.naming import Names
from ikz_award.rarity import Count
from ikz_award.schema import Table
from ikz_award.traits import flat

# A spreadsheet takes these at the start of a cell for a formula, the wide ones of East Asian keyboards too (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_TEXT_MARK = "'"
_TOLD = (
    "Beginnt ein Text mit einem Zeichen, das Tabellenprogramme für eine Formel halten, steht in der CSV-Datei ein Apostroph davor; "
    "Zahlen bleiben, wie sie sind. Wer es zurücknimmt, streicht einen Apostroph vor =, +, -, @, Tabulator oder Zeilenwechsel, auch hinter weiteren Apostrophen."
)
# Column that names the record a row of a list belongs to.
_OWNERS = {
    "faelle": "fall",
    "editionen": "durchgang",
    "glossar": "begriff",
    "kategorien": "kategorie",
    "muster": "von_muster",
    "rechtsformen": "rechtsform",
    "uebernahmen": "uebernahme",
}
_DECIMALS = 4


def files(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """Address and bytes of every file, in a stable order."""
    tables = {
        table.name: list(_rows(table, catalogue)) for table in catalogue.description.tables if table.is_open
    }
    for name, rows in tables.items():
        yield f"{routes.OPEN_DATA}{name}.csv", _csv(_columns(catalogue.description[name]), rows)
    yield f"{routes.OPEN_DATA}landespreis-ikz.json", _json_tables(tables)
    yield f"{routes.OPEN_DATA}datapackage.json", _json(_package(catalogue, tables))


def next_change(built_for: datetime, moment: datetime | None) -> bytes:
    """The file by which CI learns when to build again."""
    return _json(
        {"gebaut_fuer": built_for.isoformat(), "naechste_aenderung": moment.isoformat() if moment else None}
    )


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _json_tables(tables: Mapping[str, list[dict[str, Any]]]) -> bytes:
    """The same as ``_json``, for rows without anything inside of them; that one is slow at indenting."""
    row = json.JSONEncoder(ensure_ascii=False, separators=(",\n   ", ": ")).encode
    parts = []
    for name, rows in tables.items():
        lines = ",\n".join([f"  {{\n   {row(one)[1:-1]}\n  }}" for one in rows])
        parts.append(f" {json.dumps(name)}: [\n{lines}\n ]" if rows else f" {json.dumps(name)}: []")
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def _columns(table: Table) -> list[str]:
    own = [one.name for one in table.public_fields]
    return [_owner_column(table), *own] if table.parent else own


def _owner_column(table: Table) -> str:
    # A list that was added by data alone still names its record.
    return _OWNERS.get(table.parent, "datensatz")


def _rows(table: Table, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    root = table.parent or table.name
    if table.shape == "berechnet":
        yield from _CALCULATED[table.name](catalogue)
        return
    for key, facts in _records(root, catalogue):
        if not table.parent:
            yield {one.name: _plain(_dig(facts, one.path)) for one in table.public_fields}
            continue
        for row in facts[table.list_key]:
            yield {_owner_column(table): key, **{name: _plain(value) for name, value in row.items()}}


def _records(root: str, catalogue: Catalogue) -> Iterator[tuple[str, Facts]]:
    if root == "faelle":
        yield from ((one.key, one.content) for one in catalogue.entries if not one.limited)
    elif root == "editionen":
        yield from ((one.key, one.facts) for one in catalogue.editions.values())
    elif root == "uebernahmen":
        yield from ((one.slug, one.content) for one in catalogue.uptakes)
    elif root == "nachbarn":
        pairs = sorted((a, b) for a, near in catalogue.neighbours.items() for b in near if a < b)
        yield from ((f"{a} {b}", {"ags": a, "nachbar": b}) for a, b in pairs)
    elif root == "auswertung":
        yield from (("auswertung", _limits(one)) for one in filter(None, [catalogue.limits]))
    else:
        terms: Mapping[str, Mapping[str, Term]] = {
            "kategorien": catalogue.categories,
            "rechtsformen": catalogue.legal_forms,
            "aufgabenfelder": catalogue.task_fields,
            "kommunen": catalogue.municipalities,
            "muster": catalogue.patterns,
            "ziele": catalogue.aims,
            "massstaebe": catalogue.yardsticks,
            "glossar": catalogue.glossary,
        }
        yield from ((one.key, one.facts) for one in terms[root].values())


def _limits(limits: Limits) -> Facts:
    return {
        "grenze_prozent": round(limits.share * 100),
        "grenze_grund": limits.share_reason,
        "mindestbasis": limits.minimum,
        "mindestbasis_grund": limits.minimum_reason,
        "mindesterwartung": limits.expected,
        "mindesterwartung_grund": limits.expected_reason,
    }


def _traits_by_case(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for key, described in catalogue.traits.items():
        for trait in flat(described):
            yield {"fall": key, "merkmal": trait.dimension, "wert": trait.value}


def _counts(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    names = Names(catalogue, wording.load())
    for trait, count in catalogue.census.values.items():
        yield {
            "merkmal": trait.dimension,
            "wert": trait.value,
            "bezeichnung": names.value(trait),
            "anzahl": count.n,
            "grundgesamtheit": count.base,
            "anteil": round(count.share, _DECIMALS),
            **_judged(catalogue, count),
        }


def _pair_counts(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for (first, second), count in catalogue.census.pairs.items():
        yield {
            "merkmal_a": first.dimension,
            "wert_a": first.value,
            "merkmal_b": second.dimension,
            "wert_b": second.value,
            "anzahl": count.n,
            "grundgesamtheit": count.base,
            "erwartet": round(count.expected or 0.0, _DECIMALS),
            **_judged(catalogue, count),
        }


def _judged(catalogue: Catalogue, count: Count) -> dict[str, Any]:
    return {
        "untere_grenze": round(count.low, _DECIMALS),
        "obere_grenze": round(count.high, _DECIMALS),
        "einstufung": catalogue.census.state(count),
    }


_CALCULATED: Mapping[str, Callable[[Catalogue], Iterator[dict[str, Any]]]] = {
    "fall_merkmale": _traits_by_case,
    "merkmale": _counts,
    "merkmalspaare": _pair_counts,
}


def _dig(facts: Facts, path: tuple[str, ...]) -> Value:
    value = facts
    for key in path:
        value = value[key]
    return cast("Value", value)


def _plain(value: Value) -> object:
    return value.iso if isinstance(value, PartialDate | Moment) else value


def _csv(columns: list[str], rows: list[dict[str, Any]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return stream.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # What looks as if it had been marked is marked as well, so that whoever takes the mark off gets every text back.
        return f"{_TEXT_MARK}{value}" if value.lstrip(_TEXT_MARK).startswith(_FORMULA) else value
    if isinstance(value, bool):
        return "ja" if value else "nein"
    return str(value)


def _package(catalogue: Catalogue, tables: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "name": "landespreis-ikz",
        "title": catalogue.description.title,
        "description": _TOLD,
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/deed.de"}],
        "resources": [_resource(catalogue.description[name]) for name in tables],
    }


def _resource(table: Table) -> dict[str, Any]:
    fields: list[dict[str, str]] = [{"name": _owner_column(table), "type": "string"}] if table.parent else []
    fields += [{"name": one.name, "type": one.type, "title": one.title} for one in table.public_fields]
    for one in fields:
        if one["type"] == "boolean":
            # Table Schema lists the words of a boolean here; everything else in a field is a single text.
            one |= {"trueValues": ["ja"], "falseValues": ["nein"]}  # type: ignore[dict-item]
    return {
        "name": table.name.replace("_", "-"),
        "title": table.title,
        "path": f"{table.name}.csv",
        "format": "csv",
        "encoding": "utf-8",
        "schema": {"fields": fields},
    }
