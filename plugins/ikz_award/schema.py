"""The description of the data, read from ``data/datapackage.yml`` and ``data/schema/``.

What the Table Schema standard does not know (visibility, markup, positions in a path …) is explained at the top of
those files; this module only gives it types. It is the one place that turns schema keys into Python names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, get_args

from ikz_award import files, yamlfile
from ikz_award.findings import Finding, Place
from ikz_award.yamlfile import Document, Raw
from ikz_award.yamlfile import Path as KeyPath

Form = Literal["text", "markdown", "zeitangabe", "zeitpunkt", "adresse"]
Shape = Literal["datensatz", "liste", "csv", "berechnet"]

# The description nests deeper than any record.
_MAX_DEPTH = 12


class DescriptionError(Exception):
    """The description itself is broken. An engineer's error, not an editor's; the message is a German sentence.

    ``place`` is where; ``finding`` says more if the file is no readable YAML.
    """

    def __init__(self, place: Place, sentence: str, finding: Finding | None = None) -> None:
        super().__init__(f"{place}: {sentence}")
        self.place = place
        self.finding = finding


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
    # Keys from the record's top to the value.
    path: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the name apart once: every value of every record is looked up by it."""
        object.__setattr__(self, "path", tuple(self.name.split(".")))


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

    @cached_property
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

    @cached_property
    def _by_parent(self) -> Mapping[str, tuple[Table, ...]]:
        return {
            parent: tuple(one for one in self.tables if one.parent == parent)
            for parent in {one.parent for one in self.tables}
        }

    def children(self, name: str) -> tuple[Table, ...]:
        """Tables that are lists inside the records of table ``name``."""
        return self._by_parent.get(name, ())

    @property
    def roots(self) -> tuple[Table, ...]:
        """Tables that have files of their own."""
        return tuple(one for one in self.tables if not one.parent and one.shape != "berechnet")

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
    package = _opened(data_root, "datapackage.yml")
    resources = package.need((), "resources")
    if not isinstance(resources, list):
        raise package.error(("resources",), "„resources“ ist keine Liste.")
    # Every resource is a block: ``need`` says so if one is not.
    tables = tuple(
        _table(package, index, _schema(data_root, package, index)) for index in range(len(resources))
    )
    return Description(title=_text(package.need((), "title")), tables=tables)


def _opened(data_root: Path, name: str, named_at: Callable[[], Place] | None = None) -> _File:
    path = f"{data_root.name}/{name}"
    try:
        return _read(path, files.read(data_root / name, yamlfile.MAX_BYTES))
    except FileNotFoundError as error:
        # Where another file names this one, that is the line to mend.
        place = named_at() if named_at else Place(path)
        raise DescriptionError(place, f"Die Datei „{path}“ fehlt.") from error
    except OSError as error:
        sentence = "Die Datei lässt sich nicht lesen. Sie muss eine gewöhnliche Datei sein, mit Zugriffsrechten zum Lesen."
        raise DescriptionError(Place(path), sentence) from error


# A preview reads the description again and again, and hardly anybody changes it. Nobody writes into a document.
@lru_cache(maxsize=256)
def _read(path: str, data: bytes) -> _File:
    return _File(path, yamlfile.read(data, _MAX_DEPTH))


class _File:
    """One file of the description, with the places of what it says."""

    def __init__(self, path: str, document: Document) -> None:
        self.path = path
        self.document = document
        problems = self.document.problems
        if problems:
            place = Place(self.path, problems[0].line, problems[0].column)
            finding = Finding(problems[0].code, place, values=dict(problems[0].values))
            raise DescriptionError(place, f"Ab hier ist die Datei nicht lesbar ({finding.code}).", finding)
        if not isinstance(self.document.value, dict):
            raise self.error((), "Die Datei enthält keinen Block mit Schlüsseln.")

    def error(self, path: KeyPath, sentence: str) -> DescriptionError:
        """What is wrong with the value at ``path`` or, if it is not there, around it."""
        return DescriptionError(Place(self.path, *self.document.key_spot(path)), sentence)

    def at(self, path: KeyPath) -> dict[str, Raw]:
        """The block at ``path``."""
        value: Raw | None = self.document.value
        for part in path:
            if isinstance(value, list) and isinstance(part, int):
                value = value[part]
            elif isinstance(value, dict) and isinstance(part, str):
                value = value.get(part)
        if not isinstance(value, dict):
            raise self.error(path, f"{_told(path)} ist kein Block mit Schlüsseln.")
        return value

    def need(self, path: KeyPath, key: str) -> Raw:
        """The value of a key that has to be in the block at ``path``."""
        value = self.at(path).get(key)
        if value in (None, ""):
            raise self.error(path, f"Hier fehlt „{key}“.")
        return value

    def number(self, path: KeyPath, key: str) -> int | None:
        """A whole number, if the key is there."""
        value = self.at(path).get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,15}", value):
            raise self.error((*path, key), f"„{key}“ ist keine ganze Zahl.")
        return int(value)


def _told(path: KeyPath) -> str:
    """The key a path ends with, or that it is an entry of a list."""
    last = path[-1] if path else ""
    return f"„{last}“" if isinstance(last, str) else "Der Eintrag"


def _rows(raw: Raw) -> Iterator[dict[str, Raw]]:
    if isinstance(raw, list):
        yield from (one for one in raw if isinstance(one, dict))


def _text(raw: Raw | None) -> str:
    return raw if isinstance(raw, str) else ""


def _texts(raw: Raw | None) -> tuple[str, ...]:
    if isinstance(raw, list):
        return tuple(one for one in raw if isinstance(one, str))
    return (raw,) if isinstance(raw, str) else ()


def _flag(raw: Raw | None) -> bool:
    return raw in {"ja", "true"}


def _schema(data_root: Path, package: _File, index: int) -> _File:
    """The file that describes the columns of a table."""
    where: KeyPath = ("resources", index)
    for key in ("name", "title"):
        package.need(where, key)
    file = _text(package.need(where, "schema"))
    return _opened(data_root, file, lambda: Place(package.path, *package.document.spot((*where, "schema"))))


@lru_cache(maxsize=512)
def _table(package: _File, index: int, schema: _File) -> Table:
    where: KeyPath = ("resources", index)
    entry = package.at(where)
    name, title = (_text(package.need(where, key)) for key in ("name", "title"))
    package.need(where, "ikz")
    ours = package.at((*where, "ikz"))
    sources = tuple(
        Source(_text(one.get("pfad")), {key: _text(value) for key, value in _block(one.get("werte")).items()})
        for one in _rows(ours.get("dateien", []))
    )
    if "path" in entry:
        sources = (Source(_text(entry["path"]), {}),)
    shape = _text(ours.get("form")) or "datensatz"
    if shape not in get_args(Shape):
        raise package.error((*where, "ikz", "form"), f"Die Form „{shape}“ gibt es nicht.")
    fields = schema.need((), "fields")
    if not isinstance(fields, list):
        raise schema.error(("fields",), "„fields“ ist keine Liste.")
    return Table(
        name=name,
        title=title,
        fields=tuple(_field(schema, ("fields", number)) for number in range(len(fields))),
        primary_key=_texts(schema.at(()).get("primaryKey")),
        foreign_keys=tuple(_foreign_keys(schema, name)),
        shape=shape,  # type: ignore[arg-type]
        sources=sources,
        parent=_text(ours.get("teil_von")),
        list_key=_text(ours.get("liste")),
        value_list=_flag(ours.get("werteliste")),
        min_rows=package.number((*where, "ikz"), "mindestens") or 0,
        is_open=_flag(ours.get("offen")),
    )


def _block(raw: Raw | None) -> dict[str, Raw]:
    return raw if isinstance(raw, dict) else {}


def _foreign_keys(schema: _File, table: str) -> Iterator[ForeignKey]:
    keys = schema.at(()).get("foreignKeys")
    for index in range(len(keys) if isinstance(keys, list) else 0):
        path: KeyPath = ("foreignKeys", index)
        schema.need(path, "reference")
        reference = schema.at((*path, "reference"))
        # Without a name of its own it is the same table.
        target = _text(reference.get("resource")) or table
        column = _text(schema.need((*path, "reference"), "fields"))
        yield ForeignKey(_text(schema.need(path, "fields")), target, column)


def _field(schema: _File, path: KeyPath) -> Field:
    raw = schema.at(path)
    limits = _block(raw.get("constraints"))
    inside = (*path, "constraints") if limits else path
    name, title = (_text(schema.need(path, key)) for key in ("name", "title"))
    visibility = _text(raw.get("sichtbarkeit")) or "oeffentlich"
    if visibility not in {"oeffentlich", "intern"}:
        # A misspelt „intern“ must not make a field public.
        sentence = f"Feld „{name}“: Die Sichtbarkeit „{visibility}“ gibt es nicht; möglich sind oeffentlich und intern."
        raise schema.error((*path, "sichtbarkeit"), sentence)
    return Field(
        name=name,
        title=title,
        description=_text(raw.get("description")),
        type=_text(raw.get("type")) or "string",
        form=_text(raw.get("form")) or "text",  # type: ignore[arg-type]
        required=_flag(limits.get("required")),
        enum=_texts(limits.get("enum")),
        pattern=_text(limits.get("pattern")),
        max_length=schema.number(inside, "maxLength"),
        minimum=schema.number(inside, "minimum"),
        maximum=schema.number(inside, "maximum"),
        max_words=schema.number(path, "woerter"),
        internal=visibility == "intern",
        unknown_allowed=_flag(raw.get("unbekannt_erlaubt")),
        only_for=_text(raw.get("gilt_fuer")),
        from_path=_flag(raw.get("aus_pfad")),
        production=_flag(raw.get("pflicht_produktion")),
        example=_text(raw.get("example")),
    )
