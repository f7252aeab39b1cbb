"""What editors may write, in words: kinds of records, allowed values with their German names, limits.

Derived from the description and from the reference data. Both the JSON Schema for editors and the skeletons of new
records are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ikz_award import records, schema, wording
from ikz_award.checks import rules
from ikz_award.model import dig
from ikz_award.records import RawRecord, Reading
from ikz_award.schema import Description, Field, Table
from ikz_award.wording import Wording
from ikz_award.yamlfile import Raw

# Name of a kind of record where one file holds one record of a table whose name is a plural.
_SINGULAR = {"editionen": "edition"}
# Fields that hold names the description cannot know as a list of values or a foreign key.
_RULE_FIELD = ("edition_regeln", "regel")
UNKNOWN, WITHOUT_CONSENT = "unbekannt", "ohne_einwilligung"
CASES = "faelle"
_SCHEMA_FOLDER = "schema/editor"

# What a form means, and what a description contains that says so itself.
_FORMS = {
    "markdown": ("Markdown", "Markdown"),
    "zeitangabe": ("2019, 2019-05 oder 2019-05-31", "2019-05"),
    "zeitpunkt": ("2026-02-09 oder 2026-02-09T14:30+01:00", "T14:30"),
    "adresse": ("mit https://, http:// oder mailto:", "https://"),
}
_TYPES = {"boolean": "ja oder nein", "integer": "ganze Zahl"}


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of file that editors write. ``kind`` is the fixed value of the column ``art``, or empty."""

    name: str
    table: Table
    kind: str
    pattern: str

    @property
    def fields(self) -> tuple[Field, ...]:
        """Fields that stand in such a file."""
        return tuple(
            one for one in self.table.fields if not one.from_path and one.only_for in ("", self.kind)
        )

    @property
    def schema_file(self) -> str:
        """Path of its JSON Schema below ``data/``."""
        return f"{_SCHEMA_FOLDER}/{self.name}.schema.json"

    @property
    def schema_link(self) -> str:
        """The same, as a record of this kind has to name it."""
        return "../" * self.pattern.count("/") + self.schema_file


def kinds(description: Description) -> tuple[RecordKind, ...]:
    """Every kind of YAML file below ``data/``, in the order of the package."""
    return tuple(
        RecordKind(
            source.values.get("art") or _SINGULAR.get(table.name, table.name),
            table,
            source.values.get("art", ""),
            source.pattern,
        )
        for table in description.roots
        if table.shape != "csv"
        for source in table.sources
    )


@dataclass(frozen=True)
class Vocabulary:
    """Allowed values; ``references`` has code and title of every entry of a table that others refer to."""

    description: Description
    references: Mapping[str, Mapping[str, str]]
    words: Wording

    @classmethod
    def of(cls, reading: Reading, description: Description) -> Vocabulary:
        """Take the codes from files that were read; whether they are sound does not matter here."""
        return cls(description, _references(reading, description), wording.load())

    def kind(self, name: str) -> RecordKind:
        """The kind of record of this name."""
        return next(one for one in kinds(self.description) if one.name == name)

    def allowed(self, table: Table, one: Field, kind: str = "") -> Mapping[str, str]:
        """Value → German name, in a sensible order; empty if any text will do.

        Args:
            table: table of the field, maybe a list inside a record.
            one: the field.
            kind: ``art`` of the record, which decides what may be called unknown.
        """
        if one.enum:
            return {value: self._label(one.enum, value) for value in one.enum}
        if (table.name, one.name) == _RULE_FIELD:
            return {rule.name: rule.summary for rule in rules.all_rules() if rule.of_award}
        if table.value_list and table.list_key in {UNKNOWN, WITHOUT_CONSENT}:
            return self._names(table, kind)
        key = next((key for key in table.foreign_keys if key.field == one.name), None)
        return self.references.get(key.table, {}) if key else {}

    def _label(self, enum: tuple[str, ...], value: str) -> str:
        groups = (labels for labels in self.words.labels.values() if all(code in labels for code in enum))
        return next(groups, {}).get(value, value)

    def _names(self, table: Table, kind: str) -> dict[str, str]:
        """Keys of a record that one of its lists may name."""
        of_cases = table.list_key == WITHOUT_CONSENT
        owner = self.description[CASES if of_cases else table.parent]
        fields = [
            one
            for one in owner.fields
            if not one.from_path
            and (
                one in owner.public_fields if of_cases else one.unknown_allowed and one.only_for in ("", kind)
            )
        ]
        left_out = set() if of_cases else {UNKNOWN, WITHOUT_CONSENT}
        lists = [
            one
            for one in self.description.children(owner.name)
            if one.list_key not in left_out and (of_cases or not one.min_rows)
        ]
        return {one.name: one.title for one in fields} | {one.list_key: one.title for one in lists}


def limits(one: Field, *, listed: bool = False) -> list[str]:
    """What the description demands of a value, in German; ``listed`` if the allowed values are told anyway."""
    told = []
    if one.required:
        told.append("Pflicht")
    if one.unknown_allowed:
        told.append(f"darf unter „{UNKNOWN}“ stehen")
    if one.internal:
        told.append("bleibt intern")
    words, sign = _FORMS.get(one.form, ("", ""))
    if words and sign not in one.description:
        told.append(words)
    if one.type in _TYPES:
        told.append(_TYPES[one.type])
    if one.minimum is not None and one.maximum is not None:
        told.append(f"{one.minimum} bis {one.maximum}")
    elif one.minimum is not None:
        told.append(f"mindestens {one.minimum}")
    elif one.maximum is not None:
        told.append(f"höchstens {one.maximum}")
    if one.max_words is not None:
        told.append(f"höchstens {one.max_words} Wörter")
    if one.max_length is not None and not listed:
        told.append(f"höchstens {one.max_length} Zeichen")
    return told


def _references(reading: Reading, description: Description) -> dict[str, dict[str, str]]:
    targets = {key.table: key.target_field for table in description.tables for key in table.foreign_keys}
    result: dict[str, dict[str, str]] = {name: {} for name in targets if description[name].shape != "csv"}
    for record in reading.records:
        if record.table in result:
            result[record.table] |= _codes(record, targets[record.table])
    return result


def _codes(record: RawRecord, target: str) -> dict[str, str]:
    value = record.document.value
    entries = value if isinstance(value, list) else [cast("Raw", value)]
    codes = {}
    for entry in entries:
        code, title = record.keys.get(target) or dig(entry, (target,)), dig(entry, ("titel",))
        if isinstance(code, str) and code:
            codes[code] = " ".join(title.split()) if isinstance(title, str) else code
    return codes


def read(project_root: Path) -> tuple[Vocabulary, Reading]:
    """Vocabulary of a project, and what was read for it.

    Raises:
        ikz_award.schema.DescriptionError: the description of the data itself is broken.
    """
    description = schema.load(project_root / "data")
    reading = records.read_all(project_root, description)
    return Vocabulary.of(reading, description), reading
