"""The register of rules: what a rule is and may look at, and the decorators by which one enters it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeAlias, TypeVar

from ikz_award import text as texts
from ikz_award.findings import Finding
from ikz_award.model import DISTRICT_KINDS, Case, Data, Edition, Record
from ikz_award.schema import Description, Field, Form, Table

_Choice: TypeAlias = Callable[[Table, tuple[Form, ...]], tuple[Field, ...]]
_Told: TypeAlias = tuple[tuple[str | int, ...], str, str]
_Found: TypeAlias = tuple[tuple[Field, ...], tuple[tuple[Table, tuple[Field, ...]], ...]]


@dataclass(frozen=True)
class Reader:
    """Reads values of records by what kind of value they are; depends on nothing but a record and the description."""

    description: Description
    # The same for all records of a table.
    _chosen: dict[tuple[str, tuple[Form, ...], _Choice], _Found] = field(default_factory=dict)
    # Of the record that rules looked at last: one after the other asks for the same.
    _told: dict[tuple[Form, ...], tuple[Record, Sequence[_Told]]] = field(default_factory=dict)

    def fields(self, table: Table, forms: tuple[Form, ...], choose: _Choice) -> _Found:
        """What a choice among the fields leaves of a table, and of the lists in its records that have any of them."""
        known = self._chosen.get((table.name, forms, choose))
        if known is None:
            children = self.description.children(table.name)
            listed = tuple((child, found) for child in children if (found := choose(child, forms)))
            known = self._chosen[table.name, forms, choose] = choose(table, forms), listed
        return known

    def public(self, record: Record, *forms: Form) -> Sequence[_Told]:
        """Every value that people read, with its path and label; no codes, keys or file names."""
        known = self._told.get(forms)
        if known is None or known[0] is not record:
            known = self._told[forms] = record, tuple(self._public(record, forms))
        return known[1]

    def _public(self, record: Record, forms: tuple[Form, ...]) -> Iterator[_Told]:
        own, children = self.fields(record.table, forms, _read_by_people)
        for one in own:
            value = record.values[one.name]
            if isinstance(value, str):
                yield (*record.base, *one.path), one.title, value
        for child, fields in children:
            for index, row in enumerate(record.rows(child.list_key)):
                for one in fields:
                    value = row[one.name]
                    if isinstance(value, str):
                        inner = () if child.value_list else one.path
                        yield (*record.base, child.list_key, index, *inner), one.title, value


@dataclass(frozen=True)
class Context:
    """What rules may look at beside their subject. ``today`` is an argument, never the clock."""

    data: Data
    today: date

    @cached_property
    def reader(self) -> Reader:
        """What reads the values of records."""
        return Reader(self.data.description)

    @cached_property
    def key_by_name(self) -> Mapping[tuple[bool, frozenset[str]], str]:
        """AGS by name, apart for districts (``True``) and municipalities: „Kreis Coesfeld“ is not „Coesfeld“."""
        found: dict[tuple[bool, frozenset[str]], str] = {}
        for key, one in self.data.municipalities.items():
            name = (one.facts["art"] in DISTRICT_KINDS, texts.base_name(one.title))
            # A name that two of them have tells neither.
            found[name] = "" if name in found else key
        return found

    @cached_property
    def namesakes(self) -> Mapping[tuple[str, frozenset[str]], Sequence[Case]]:
        """Cases with the same title and the same parties."""
        found: dict[tuple[str, frozenset[str]], list[Case]] = defaultdict(list)
        for one in self.data.cases:
            found[case_identity(one)].append(one)
        return found


def case_identity(case: Case) -> tuple[str, frozenset[str]]:
    """What two cases have in common that are one."""
    return case.title.casefold(), frozenset(str(row["name"]).casefold() for row in case.parties)


def _read_by_people(table: Table, forms: tuple[Form, ...]) -> tuple[Field, ...]:
    coded = {key.field for key in table.foreign_keys}
    return tuple(
        one
        for one in table.public_fields
        if one.type == "string"
        and one.form in forms
        and not (one.enum or one.pattern or one.from_path or one.name in coded)
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its permanent name and code, whether it needs confirmation by the edition, and where it comes from."""

    name: str
    code: str
    of_award: bool
    clause: str
    summary: str


CaseCheck: TypeAlias = Callable[[Case, Context], Iterator[Finding]]
EditionCheck: TypeAlias = Callable[[Edition, Sequence[Case], Context], Iterator[Finding]]
RecordCheck: TypeAlias = Callable[[Record, Context], Iterator[Finding]]
LoneCheck: TypeAlias = Callable[[Record, Reader], Iterator[Finding]]
_Check = TypeVar("_Check")
_Beside = TypeVar("_Beside")

CASE_RULES: dict[Rule, CaseCheck] = {}
EDITION_RULES: dict[Rule, EditionCheck] = {}
RECORD_RULES: dict[Rule, RecordCheck] = {}
LONE_RULES: dict[Rule, LoneCheck] = {}


def case_rule(
    name: str, code: str, *, clause: str, summary: str, of_award: bool
) -> Callable[[CaseCheck], CaseCheck]:
    """A rule that looks at one case."""
    return _entry(CASE_RULES, Rule(name, code, of_award, clause, summary))


def edition_rule(
    name: str, code: str, *, clause: str, summary: str, of_award: bool
) -> Callable[[EditionCheck], EditionCheck]:
    """A rule that looks at an edition and all its cases."""
    return _entry(EDITION_RULES, Rule(name, code, of_award, clause, summary))


def record_rule(
    name: str, code: str, *, clause: str, summary: str, of_award: bool, table: str = ""
) -> Callable[[RecordCheck], RecordCheck]:
    """A rule that looks at any record that is to be published, or at those of one table."""
    enter = _entry(RECORD_RULES, Rule(name, code, of_award, clause, summary))
    return lambda check: enter(_of_table(check, table) if table else check)


def lone_rule(
    name: str, code: str, *, clause: str, summary: str, of_award: bool, table: str = ""
) -> Callable[[LoneCheck], LoneCheck]:
    """The same, of a rule that looks at nothing else: what it finds holds until the record changes."""
    enter = _entry(LONE_RULES, Rule(name, code, of_award, clause, summary))
    return lambda check: enter(_of_table(check, table) if table else check)


def _of_table(
    check: Callable[[Record, _Beside], Iterator[Finding]], table: str
) -> Callable[[Record, _Beside], Iterator[Finding]]:
    def of_table(record: Record, beside: _Beside) -> Iterator[Finding]:
        return check(record, beside) if record.table.name == table else iter(())

    return of_table


def _entry(register: dict[Rule, _Check], rule: Rule) -> Callable[[_Check], _Check]:
    def enter(check: _Check) -> _Check:
        register[rule] = check
        return check

    return enter


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    return tuple(sorted((*CASE_RULES, *EDITION_RULES, *RECORD_RULES, *LONE_RULES), key=lambda one: one.code))


def confirmable_names() -> frozenset[str]:
    """Names an edition may list under ``regeln``."""
    return frozenset(one.name for one in all_rules() if one.of_award)
