"""The description of the data, read from ``data/datapackage.yml`` and ``data/schema/``.

What the Table Schema standard does not know (visibility, markup, positions in a path …) is explained at the top of
those files; this module only gives it types. It is the one place that turns schema keys into Python names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from ikz_award import yamlfile
from ikz_award.yamlfile import Raw

Form = Literal["text", "markdown", "zeitangabe", "zeitpunkt", "adresse"]
Shape = Literal["datensatz", "liste", "csv"]

# The description nests deeper than any record.
_MAX_DEPTH = 12


class DescriptionError(Exception):
    """The description itself is broken; the message names file, line and cause. An engineer's error, not an editor's."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column; ``name`` is dotted where the record nests (``nachnutzung.schritte``)."""

    name: str
    title: str
    description: str = ""
    type: str = "string"
    form: Form = "text"
    required: bool = False
    enum: tuple[str, ...] = ()
    pattern: str = ""
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    max_words: int | None = None
    internal: bool = False
    unknown_allowed: bool = False
    only_for: str = ""
    from_path: bool = False
    production: bool = False
    example: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        """Keys from the record's top to the value."""
        return tuple(self.name.split("."))


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """``field`` holds a value of ``target_field`` in table ``table``."""

    field: str
    table: str
    target_field: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where records of a table lie: a path below ``data/`` with ``{column}`` parts, and fixed column values."""

    pattern: str
    values: Mapping[str, str]

    @property
    def regex(self) -> re.Pattern[str]:
        """Matches a path below ``data/``; one named group a column."""
        parts = re.split(r"\{(\w+)\}", self.pattern)
        return re.compile(
            "".join(
                f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
            )
        )


@dataclass(frozen=True)
class Table:
    """A table of the package. A table with a ``parent`` is a list inside each of the parent's records."""

    name: str
    title: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    shape: Shape = "datensatz"
    sources: tuple[Source, ...] = ()
    parent: str = ""
    list_key: str = ""
    value_list: bool = False
    min_rows: int = 0
    is_open: bool = False

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by their dotted name."""
        return {one.name: one for one in self.fields}

    @property
    def public_fields(self) -> tuple[Field, ...]:
        """Fields that may leave the gate."""
        return tuple(one for one in self.fields if not one.internal)


@dataclass(frozen=True)
class Description:
    """All tables, in the order of the package."""

    title: str
    tables: tuple[Table, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Table]:
        """Tables by name."""
        return {one.name: one for one in self.tables}

    def __getitem__(self, name: str) -> Table:
        return self.by_name[name]

    def children(self, name: str) -> tuple[Table, ...]:
        """Tables that are lists inside the records of table ``name``."""
        return tuple(one for one in self.tables if one.parent == name)

    @property
    def roots(self) -> tuple[Table, ...]:
        """Tables that have files of their own."""
        return tuple(one for one in self.tables if not one.parent)

    def public_top_keys(self, name: str) -> frozenset[str]:
        """Top-level keys of a record under which nothing internal can stand."""
        table = self[name]
        internal = {one.path[0] for one in table.fields if one.internal}
        known = {one.path[0] for one in table.fields} | {one.list_key for one in self.children(name)}
        return frozenset(known - internal)


def load(data_root: Path) -> Description:
    """Read the description below ``data_root``.

    Raises:
        DescriptionError: a file is missing, is not readable YAML, or says something this module does not understand.
    """
    package = _mapping(data_root / "datapackage.yml")
    tables = tuple(_table(data_root, entry) for entry in _rows(package["resources"]))
    return Description(title=str(package["title"]), tables=tables)


def _mapping(path: Path) -> dict[str, Raw]:
    try:
        document = yamlfile.read(path.read_bytes(), _MAX_DEPTH)
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise DescriptionError(message) from error
    if document.problems or not isinstance(document.value, dict):
        where = document.problems[0] if document.problems else yamlfile.Problem("E113", 1, 1)
        message = f"{path}:{where.line}:{where.column}: {where.code}"
        raise DescriptionError(message)
    return document.value


def _rows(raw: Raw) -> Iterator[dict[str, Raw]]:
    if isinstance(raw, list):
        yield from (one for one in raw if isinstance(one, dict))


def _text(raw: Raw | None) -> str:
    return raw if isinstance(raw, str) else ""


def _texts(raw: Raw | None) -> tuple[str, ...]:
    if isinstance(raw, list):
        return tuple(one for one in raw if isinstance(one, str))
    return (raw,) if isinstance(raw, str) else ()


def _number(raw: Raw | None) -> int | None:
    return int(raw) if isinstance(raw, str) else None


def _flag(raw: Raw | None) -> bool:
    return raw in {"ja", "true"}


def _table(data_root: Path, entry: dict[str, Raw]) -> Table:
    schema = _mapping(data_root / _text(entry["schema"]))
    ours = entry.get("ikz")
    if not isinstance(ours, dict):
        message = f"{data_root}/datapackage.yml: „ikz“ fehlt bei {entry.get('name')}"
        raise DescriptionError(message)
    sources = tuple(
        Source(_text(one["pfad"]), {key: _text(value) for key, value in dict(one.get("werte") or {}).items()})  # type: ignore[arg-type]
        for one in _rows(ours.get("dateien", []))
    )
    if "path" in entry:
        sources = (Source(_text(entry["path"]), {}),)
    foreign = []
    for one in _rows(schema.get("foreignKeys", [])):
        reference = one["reference"]
        if not isinstance(reference, dict):
            message = f"{entry['schema']}: „reference“ ist kein Block"
            raise DescriptionError(message)
        target = _text(reference["resource"]) or _text(entry["name"])
        foreign.append(ForeignKey(_text(one["fields"]), target, _text(reference["fields"])))
    shape = _text(ours.get("form")) or "datensatz"
    if shape not in {"datensatz", "liste", "csv"}:
        message = f"{data_root}/datapackage.yml: unbekannte form {shape}"
        raise DescriptionError(message)
    return Table(
        name=_text(entry["name"]),
        title=_text(entry["title"]),
        fields=tuple(_field(one) for one in _rows(schema["fields"])),
        primary_key=_texts(schema.get("primaryKey")),
        foreign_keys=tuple(foreign),
        shape=shape,  # type: ignore[arg-type]
        sources=sources,
        parent=_text(ours.get("teil_von")),
        list_key=_text(ours.get("liste")),
        value_list=_flag(ours.get("werteliste")),
        min_rows=_number(ours.get("mindestens")) or 0,
        is_open=_flag(ours.get("offen")),
    )


def _field(raw: dict[str, Raw]) -> Field:
    rules = raw.get("constraints")
    limits = rules if isinstance(rules, dict) else {}
    visibility = _text(raw.get("sichtbarkeit")) or "oeffentlich"
    if visibility not in {"oeffentlich", "intern"}:
        # A misspelt „intern“ must not make a field public.
        message = f"Feld {raw.get('name')}: sichtbarkeit „{visibility}“ gibt es nicht"
        raise DescriptionError(message)
    return Field(
        name=_text(raw["name"]),
        title=_text(raw["title"]),
        description=_text(raw.get("description")),
        type=_text(raw.get("type")) or "string",
        form=_text(raw.get("form")) or "text",  # type: ignore[arg-type]
        required=_flag(limits.get("required")),
        enum=_texts(limits.get("enum")),
        pattern=_text(limits.get("pattern")),
        max_length=_number(limits.get("maxLength")),
        minimum=_number(limits.get("minimum")),
        maximum=_number(limits.get("maximum")),
        max_words=_number(raw.get("woerter")),
        internal=visibility == "intern",
        unknown_allowed=_flag(raw.get("unbekannt_erlaubt")),
        only_for=_text(raw.get("gilt_fuer")),
        from_path=_flag(raw.get("aus_pfad")),
        production=_flag(raw.get("pflicht_produktion")),
        example=_text(raw.get("example")),
    )
