"""The award as values: editions, categories, patterns, municipalities and cases. Built from records that passed.

German keys of the files meet English attributes here and nowhere else: one ``from_record`` a type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, cast

from ikz_award.dates import Moment, PartialDate
from ikz_award.findings import Place
from ikz_award.records import Known, RawRecord, nothing_known
from ikz_award.schema import Description, Field, Table
from ikz_award.yamlfile import Path, Raw

Value: TypeAlias = str | int | bool | PartialDate | Moment | None
Row: TypeAlias = Mapping[str, Value]
# Public values nested as in the file, for templates: German keys, ``None`` where nothing is given.
Facts: TypeAlias = Mapping[str, Any]
Kind = Literal["einreichung", "kooperation"]


def party_count(rows: Iterable[Row]) -> int:
    """How many parties a case has; a row may stand for several."""
    return sum(row["anzahl"] if isinstance(row["anzahl"], int) else 1 for row in rows)


def last_read(facts: Facts) -> PartialDate | None:
    """The day on which the sources of a record were read last, if known."""
    days = [facts.get("geprueft_am"), *(row["gelesen_am"] for row in facts["quellen"])]
    known = [one for one in days if isinstance(one, PartialDate)]
    return max(known, key=lambda one: one.latest, default=None)


def case_key(edition: str, slug: str) -> str:
    """Name by which other records and the open data refer to a case: ``2026/slug``, or ``slug`` alone."""
    return f"{edition}/{slug}" if edition else slug


def typed(one: Field, raw: str) -> Value:
    """The value a checked text stands for."""
    text = raw.strip()
    if not text:
        return None
    if one.form == "zeitangabe":
        return PartialDate.parse(text)
    if one.form == "zeitpunkt":
        return Moment.parse(text)
    if one.type == "integer":
        return int(text)
    if one.type == "boolean":
        return text == "ja"
    if one.form == "markdown":
        return raw.rstrip("\n")
    plain = " ".join(text.split())
    # Mostly it is written so, and then there need not be two of it.
    return raw if raw == plain else plain


@dataclass(frozen=True)
class Record:
    """One checked entry of a table: typed values by dotted name, rows of its lists, and where they stand."""

    table: Table
    raw: RawRecord
    base: Path
    values: Row
    lists: Mapping[str, tuple[Row, ...]]

    def __getitem__(self, name: str) -> Value:
        return self.values.get(name)

    def text(self, name: str) -> str:
        """A text value, empty if there is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def rows(self, list_key: str) -> tuple[Row, ...]:
        """Rows of a list, maybe none."""
        return self.lists.get(list_key, ())

    def codes(self, list_key: str) -> tuple[str, ...]:
        """The values of a list of plain values."""
        return tuple(str(row["wert"]) for row in self.rows(list_key))

    def place(self, *path: str | int) -> Place:
        """Where the value at ``path`` stands, or the nearest thing around it."""
        return self.raw.place(self.raw.document.spot((*self.base, *path)))

    def key_place(self, *path: str | int) -> Place:
        """Where the key at ``path`` stands."""
        return self.raw.place(self.raw.document.key_spot((*self.base, *path)))


def record_from(
    raw: RawRecord, description: Description, value: Mapping[str, Raw], base: Path = ()
) -> Record:
    """Types for a record that passed the structural checks."""
    table = description[raw.table]
    values: dict[str, Value] = {}
    for one in table.fields:
        text = raw.keys.get(one.name, "") if one.from_path else dig(value, one.path)
        values[one.name] = typed(one, text) if isinstance(text, str) else None
    lists = {}
    for child in description.children(table.name):
        items = value.get(child.list_key)
        rows: list[Row] = []
        for item in items if isinstance(items, list) else ():
            cells: Mapping[str, Raw] = {"wert": item} if child.value_list else cast("Mapping[str, Raw]", item)
            rows.append({one.name: _cell(one, cells) for one in child.fields})
        lists[child.list_key] = tuple(rows)
    return Record(table, raw, base, MappingProxyType(values), MappingProxyType(lists))


def _cell(one: Field, cells: Mapping[str, Raw]) -> Value:
    text = dig(cells, one.path)
    return typed(one, text) if isinstance(text, str) else None


# An abstract „Mapping“ would cost more than the look-up, and so would „A | B“, which makes a new object each time.
_MAPPINGS = (dict, MappingProxyType)


def dig(value: Raw | Mapping[str, Raw] | None, path: tuple[str, ...]) -> Raw | None:
    """The raw value below ``value``, or ``None``."""
    for key in path:
        if not isinstance(value, _MAPPINGS):
            return None
        value = value.get(key)
    return cast("Raw | None", value)


def facts(record: Record, description: Description) -> Facts:
    """All public values of a record of reference data, nested as in the file. Cases go through the gate instead."""
    if record.table.name == "faelle":
        message = "cases become public through the gate only"
        raise TypeError(message)
    return nest(record.table.public_fields, record.values, public_rows(record, description))


def public_rows(record: Record, description: Description) -> Mapping[str, tuple[Row, ...]]:
    """Rows of every list of the record, without internal columns."""
    return {
        child.list_key: record.rows(child.list_key)
        if child.public_fields == child.fields
        else tuple(
            {one.name: row[one.name] for one in child.public_fields} for row in record.rows(child.list_key)
        )
        for child in description.children(record.table.name)
    }


def nest(fields: tuple[Field, ...], values: Row, lists: Mapping[str, tuple[Row, ...]]) -> Facts:
    """Dotted names become nested mappings; every key exists, so that a template cannot ask for nothing."""
    result: dict[str, Any] = dict(lists)
    for one in fields:
        target = result
        for key in one.path[:-1]:
            target = target.setdefault(key, {})
        target[one.path[-1]] = values.get(one.name)
    return MappingProxyType(result)


@dataclass(frozen=True)
class EditionCategory:
    """A category as one edition calls and orders it."""

    key: str
    special: bool
    label: str


@dataclass(frozen=True)
class Edition:
    """One round of the award. ``None`` means unknown, and the pages say so."""

    record: Record
    facts: Facts
    key: str
    number: int
    short: str
    is_example: bool
    opens: Moment | None
    closes: Moment | None
    announced: Moment | None
    cut_off: PartialDate | None
    categories: tuple[EditionCategory, ...]
    rules: Mapping[str, str]
    public_without_consent: frozenset[str]

    @classmethod
    def from_record(cls, record: Record, description: Description) -> Edition:
        """Map the keys of an edition file."""
        categories = tuple(
            EditionCategory(
                str(row["kategorie"]),
                bool(row["sonder"]),
                str(row["bezeichnung"] or ""),
            )
            for row in record.rows("kategorien")
        )
        return cls(
            record=record,
            facts=facts(record, description),
            key=record.text("schluessel"),
            number=cast("int", record["nummer"]),
            short=record.text("kurz"),
            is_example=bool(record["beispiel"]),
            opens=cast("Moment | None", record["bewerbung.beginn"]),
            closes=cast("Moment | None", record["bewerbung.ende"]),
            announced=cast("Moment | None", record["bekanntgabe"]),
            cut_off=cast("PartialDate | None", record["stichtag"]),
            categories=categories,
            rules={str(row["regel"]): str(row["fundstelle"]) for row in record.rows("regeln")},
            public_without_consent=frozenset(record.codes("ohne_einwilligung")),
        )

    def category(self, key: str) -> EditionCategory | None:
        """The category of this key, if the edition has it."""
        return next((one for one in self.categories if one.key == key), None)


@dataclass(frozen=True)
class Term:
    """An entry of a list of terms: category, legal form, task field, municipality or pattern."""

    key: str
    title: str
    facts: Facts
    record: Record


@dataclass(frozen=True)
class Case:
    """A submission or a documented cooperation as it stands in the file, internal fields included.

    Only the rules and the gate see it.
    """

    record: Record
    kind: Kind
    edition: str
    slug: str
    title: str
    status: str
    category: str
    lead: str
    legal_form: str
    parties: tuple[Row, ...]
    patterns: tuple[str, ...]

    @classmethod
    def from_record(cls, record: Record) -> Case:
        """Map the keys of a case file."""
        return cls(
            record=record,
            kind=cast("Kind", record.text("art")),
            edition=record.text("edition"),
            slug=record.text("slug"),
            title=record.text("titel"),
            status=record.text("status"),
            category=record.text("kategorie"),
            lead=record.text("federfuehrung"),
            legal_form=record.text("rechtsform"),
            parties=record.rows("beteiligte"),
            patterns=record.codes("muster"),
        )

    @property
    def is_submission(self) -> bool:
        """Whether it takes part in the award."""
        return self.kind == "einreichung"

    @property
    def key(self) -> str:
        """See ``case_key``."""
        return case_key(self.edition, self.slug)


@dataclass(frozen=True)
class Uptake:
    """Somebody took a cooperation over from somebody. Only the rules and the gate see it.

    ``case_key`` names the model as ``Case.key`` does, empty if it is not in the collection.
    """

    record: Record
    slug: str
    pattern: str
    case_key: str

    @classmethod
    def from_record(cls, record: Record) -> Uptake:
        """Map the keys of an uptake file."""
        return cls(record, record.text("slug"), record.text("muster"), record.text("fall"))


@dataclass(frozen=True, slots=True)
class Limits:
    """What „selten“ means: a share between 0 and 1, the smallest base, and for pairs the smallest expected count; with reasons."""

    share: float
    share_reason: str
    minimum: int
    minimum_reason: str
    expected: int
    expected_reason: str
    record: Record

    @classmethod
    def from_record(cls, record: Record) -> Limits:
        """Map the keys of the file of limits."""
        return cls(
            share=cast("int", record["grenze_prozent"]) / 100,
            share_reason=record.text("grenze_grund"),
            minimum=cast("int", record["mindestbasis"]),
            minimum_reason=record.text("mindestbasis_grund"),
            expected=cast("int", record["mindesterwartung"]),
            expected_reason=record.text("mindesterwartung_grund"),
            record=record,
        )


@dataclass(frozen=True, slots=True)
class Outline:
    """The shape of a municipality or district on the map, as the data of an SVG path, and a point inside of it."""

    path: str
    x: int
    y: int

    @classmethod
    def from_record(cls, record: Record) -> Outline:
        """Map the columns of the table of outlines."""
        return cls(record.text("form"), cast("int", record["x"]), cast("int", record["y"]))


@dataclass(frozen=True)
class Data:
    """Everything that passed, keyed by code; ``operator`` is what the site's operator has filled in.

    ``neighbours`` has every municipality's neighbours by AGS, both ways, ``outlines`` their shapes and those of districts.
    """

    description: Description
    editions: Mapping[str, Edition] = field(default_factory=dict)
    categories: Mapping[str, Term] = field(default_factory=dict)
    legal_forms: Mapping[str, Term] = field(default_factory=dict)
    task_fields: Mapping[str, Term] = field(default_factory=dict)
    municipalities: Mapping[str, Term] = field(default_factory=dict)
    patterns: Mapping[str, Term] = field(default_factory=dict)
    aims: Mapping[str, Term] = field(default_factory=dict)
    yardsticks: Mapping[str, Term] = field(default_factory=dict)
    glossary: Mapping[str, Term] = field(default_factory=dict)
    neighbours: Mapping[str, frozenset[str]] = field(default_factory=dict)
    outlines: Mapping[str, Outline] = field(default_factory=dict)
    limits: Limits | None = None
    cases: tuple[Case, ...] = ()
    uptakes: tuple[Uptake, ...] = ()
    operator: Record | None = None
    pictures: Mapping[str, FilePath] = field(default_factory=dict)


# Table name → attribute of Data, key field, title field.
# Territorial authorities among the kinds of parties, and the kinds of districts in the table of municipalities.
MUNICIPAL = frozenset({"kommune", "kreis"})
DISTRICT_KINDS = frozenset({"kreis", "staedteregion"})
_TERMS = (
    ("kategorien", "categories", "schluessel", "titel"),
    ("rechtsformen", "legal_forms", "code", "titel"),
    ("aufgabenfelder", "task_fields", "code", "titel"),
    ("kommunen", "municipalities", "ags", "name"),
    ("muster", "patterns", "code", "titel"),
    ("ziele", "aims", "code", "titel"),
    ("massstaebe", "yardsticks", "code", "aussage"),
    ("glossar", "glossary", "code", "titel"),
)


def build(
    raws: list[RawRecord],
    description: Description,
    faulty: frozenset[str],
    pictures: Mapping[str, FilePath],
    known: Known = nothing_known,
) -> Data:
    """Turn all records without an error into the model.

    Cases whose edition, category, legal form or pattern is not there are left out as well.
    """
    by_table: dict[str, list[Record]] = {table.name: [] for table in description.roots}
    for raw in raws:
        if raw.path in faulty:
            continue
        found = known(raw)
        if "entries" not in found:
            found["entries"] = tuple(_records_of(raw, description))
        by_table[raw.table] += found["entries"]
    terms: dict[str, Any] = {
        attribute: {
            one.key: one
            for one in (_term(record, key, title, description, known) for record in by_table[table])
        }
        for table, attribute, key, title in _TERMS
    }
    editions = {
        one.key: one for one in (Edition.from_record(record, description) for record in by_table["editionen"])
    }
    data = Data(
        description=description,
        editions=dict(sorted(editions.items(), key=lambda pair: pair[1].number)),
        operator=next(iter(by_table["betreiber"]), None),
        neighbours=_both_ways(by_table["nachbarn"]),
        outlines={one.text("ags"): Outline.from_record(one) for one in by_table["karte"]},
        limits=next((Limits.from_record(one) for one in by_table["auswertung"]), None),
        pictures=pictures,
        **terms,
    )
    cases = tuple(_case(record, known) for record in by_table["faelle"])
    uptakes = tuple(Uptake.from_record(record) for record in by_table["uebernahmen"])
    return replace(
        data,
        cases=tuple(one for one in cases if _is_whole(one, data)),
        uptakes=tuple(one for one in uptakes if one.pattern in data.patterns),
    )


def _records_of(raw: RawRecord, description: Description) -> Iterator[Record]:
    if isinstance(raw.document.value, list):
        for index, item in enumerate(raw.document.value):
            yield record_from(raw, description, cast("dict[str, Raw]", item), (index,))
    else:
        yield record_from(raw, description, cast("dict[str, Raw]", raw.document.value))


def _term(record: Record, key: str, title: str, description: Description, known: Known) -> Term:
    terms = known(record.raw).setdefault("terms", {})
    if record.base not in terms:
        terms[record.base] = Term(record.text(key), record.text(title), facts(record, description), record)
    return cast("Term", terms[record.base])


def _case(record: Record, known: Known) -> Case:
    found = known(record.raw)
    if "case" not in found:
        found["case"] = Case.from_record(record)
    return cast("Case", found["case"])


def _both_ways(records: list[Record]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in records:
        first, second = one.text("ags"), one.text("nachbar")
        found.setdefault(first, set()).add(second)
        found.setdefault(second, set()).add(first)
    return {ags: frozenset(others) for ags, others in found.items()}


def _is_whole(case: Case, data: Data) -> bool:
    return (
        (not case.edition or case.edition in data.editions)
        and (not case.category or case.category in data.categories)
        and (not case.legal_form or case.legal_form in data.legal_forms)
        and all(code in data.patterns for code in case.patterns)
        and all(code in data.task_fields for code in case.record.codes("aufgabenfelder"))
    )
