"""What all cases together say: white spots, disagreements, spotlights, who works with whom, what neighbours do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

from ikz_award import rota
from ikz_award.catalogue import Catalogue
from ikz_award.dates import BERLIN, PartialDate
from ikz_award.model import Term, last_read
from ikz_award.publication import Entry
from ikz_award.rarity import Census, Count
from ikz_award.text import sort_key
from ikz_award.traits import DIMENSIONS, Trait

# Dates of a case that say when a pattern was at work.
_DATES = ("vereinbart_am", "in_betrieb_seit", "belegt_seit", "geaendert_am")
# What a good description of a case has, beside what every case must have.
_TELLING = (
    *("kurzbeschreibung", "anlass", "ziel", "umsetzung", "finanzierung", "vereinbart_am", "in_betrieb_seit"),
    *("wirkung", "links", "finanzierung_art", "innovation_art"),
)


def shown_patterns(catalogue: Catalogue, entries: Iterable[Entry]) -> list[Term]:
    """Patterns these cases show, the less known first."""
    shown = {code for one in entries for code in one.patterns}
    return [one for one in catalogue.ranked_patterns if one.key in shown]


def on_tasks_of(catalogue: Catalogue, category: Term) -> tuple[Entry, ...]:
    """Documented cooperations on the tasks of a category, the best documented first."""
    fields = {str(row["wert"]) for row in category.facts["aufgabenfelder"]}
    found = (one for one in catalogue.described_entries.values() if one.kind == "kooperation")
    return tuple(sorted((one for one in found if fields.intersection(one.task_fields)), key=_documentation))


def spotlights(
    catalogue: Catalogue, entries: Iterable[Entry] | None = None
) -> tuple[tuple[Term, Entry], ...]:
    """Less-known patterns with their best documented case, in the order of this month; among ``entries`` if given."""
    wanted = None if entries is None else {one.key for one in entries}
    found = []
    for pattern in catalogue.ranked_patterns:
        cases = [one for one in catalogue.by_pattern[pattern.key] if wanted is None or one.key in wanted]
        if cases and pattern.facts["bekanntheit"] == rota.KNOWN[0]:
            found.append((pattern, min(cases, key=_documentation)))
    return tuple(found)


def _documentation(entry: Entry) -> tuple[bool, int, int, bool, str]:
    """Sorts the best documented case first: sure sources, much told, many sources, a prize."""
    facts = entry.content
    told = sum(bool(facts[name]) for name in _TELLING)
    told += sum(bool(one) for one in facts["nachnutzung"].values())
    return facts["beleg"] != "hoch", -told, -len(facts["quellen"]), not entry.is_winner, entry.key


def seen(catalogue: Catalogue, code: str) -> tuple[PartialDate | None, PartialDate | None]:
    """The earliest and the latest date at which a case is told to have used the pattern; what is planned is left out."""
    today = catalogue.now.astimezone(BERLIN).date()
    dates = [
        value
        for one in catalogue.by_pattern[code]
        for name in _DATES
        if isinstance(value := one.content[name], PartialDate) and value.earliest <= today
    ]
    return (
        min(dates, key=lambda one: one.earliest, default=None),
        max(dates, key=lambda one: one.latest, default=None),
    )


def last_read_of_all(catalogue: Catalogue) -> PartialDate | None:
    """The day on which a source of any case was read last."""
    days = [one for entry in catalogue.described_entries.values() if (one := last_read(entry.content))]
    return max(days, key=lambda one: one.latest, default=None)


def partners(catalogue: Catalogue, ags: str) -> tuple[tuple[str, int], ...]:
    """Municipalities that share a case with this one, by AGS with the number of cases, the closest first."""
    count: Counter[str] = Counter(
        other
        for one in catalogue.by_municipality.get(ags, ())
        for other in one.municipalities
        if other != ags
    )
    known = catalogue.municipalities
    named = [(key, many) for key, many in count.items() if key in known]
    return tuple(sorted(named, key=lambda pair: (-pair[1], sort_key(known[pair[0]].title), pair[0])))


def nearby(catalogue: Catalogue, ags: str) -> list[tuple[Entry, list[Term]]]:
    """Cases of the neighbours in which the municipality itself has no part, each with the neighbours in it."""
    around = catalogue.geography.around(ags)
    found: dict[str, tuple[Entry, list[Term]]] = {}
    for key in sorted(around, key=lambda one: sort_key(catalogue.municipalities[one].title)):
        for entry in catalogue.by_municipality.get(key, ()):
            if not entry.limited and ags not in entry.municipalities:
                found.setdefault(entry.key, (entry, []))[1].append(catalogue.municipalities[key])
    return sorted(found.values(), key=lambda one: (-len(one[1]), sort_key(one[0].title)))


class Line(NamedTuple):
    """What the lines of a case on the map say in words: names of those they join. Without a lead all stand in ``others``."""

    entry: Entry
    lead: str
    others: tuple[str, ...]


class OnMap(NamedTuple):
    """What the map of all cases shows: municipalities and districts with the number of their cases, and what joins them.

    ``elsewhere`` counts the cases of which nobody is on the map.
    """

    counts: Mapping[str, int]
    joins: str
    lines: tuple[Line, ...]
    elsewhere: int


def on_map(catalogue: Catalogue) -> OnMap:
    """All cases on one map."""
    cases = [
        (one, catalogue.atlas.of_case(one.content["beteiligte"], one.content["federfuehrung"]))
        for one in catalogue.described_entries.values()
    ]
    lines = [
        Line(
            entry,
            next((one.name for one in drawing.places if one.is_lead), ""),
            tuple(sorted((one.name for one in drawing.places if not one.is_lead), key=sort_key)),
        )
        for entry, drawing in cases
        if drawing.joins
    ]
    return OnMap(
        {
            ags: len(many)
            for ags, many in sorted(catalogue.by_municipality.items())
            if ags in catalogue.municipalities
        },
        "".join(one.joins for _, one in cases),
        tuple(sorted(lines, key=lambda one: (sort_key(one.entry.title), one.entry.key))),
        sum(not one.places for _, one in cases),
    )


def disagreements(catalogue: Catalogue) -> list[tuple[Trait, Count, tuple[Term, ...]]]:
    """Traits the count calls rare though others call them widespread, with what they say."""
    found = []
    for trait, yardsticks in catalogue.yardsticks_by_trait.items():
        count = catalogue.census.of(trait)
        known = tuple(one for one in yardsticks if one.facts["spricht_fuer"] == "bekannt")
        if known and catalogue.census.state(count) in {"selten", "leer"}:
            found.append((trait, count, known))
    return sorted(found, key=lambda one: (DIMENSIONS.index(one[0].dimension), one[0]))


class Tested(NamedTuple):
    """How many pairs of traits were to be expected often enough for a statement, and how many of these are rare."""

    tested: int
    rare: int


def tested_pairs(census: Census) -> Tested:
    """Pairs of traits that occur, whether they meet or not."""
    states = [
        census.state(count)
        for one, other in combinations(census.values, 2)
        if one.dimension != other.dimension
        and census.limits
        and (count := census.of(one, other)).base >= census.limits.minimum
        and (count.expected or 0) >= census.limits.expected
    ]
    return Tested(len(states), states.count("selten"))


@dataclass(frozen=True, slots=True)
class Grid:
    """Task fields against another dimension: ``cells`` holds the count and the cases by both codes.

    ``unknown`` holds the cases by task field of which that dimension is not known: they are in no cell.
    """

    dimension: str
    columns: tuple[Term, ...]
    rows: tuple[tuple[str, tuple[Term, ...]], ...]
    cells: Mapping[tuple[str, str], tuple[Count, tuple[Entry, ...]]]
    unknown: Mapping[str, tuple[Entry, ...]]


def grid(catalogue: Catalogue, dimension: str) -> Grid:
    """White spots of task fields against ``rechtsform`` or ``muster``."""
    columns = catalogue.legal_forms.values() if dimension == "rechtsform" else catalogue.ranked_patterns
    # Forms of other states say nothing about what is missing here.
    kept = tuple(one for one in columns if one.facts.get("gruppe") != "anderes-land")
    rows: dict[str, list[Term]] = {}
    for one in catalogue.task_fields.values():
        rows.setdefault(str(one.facts["gruppe"]), []).append(one)
    cases: dict[tuple[str, str], list[Entry]] = {}
    unknown: dict[str, list[Entry]] = {}
    for key, entry in catalogue.described_entries.items():
        values = catalogue.traits[key].get(dimension, ())
        for pair in product(entry.task_fields, values):
            cases.setdefault(pair, []).append(entry)
        for code in () if values else entry.task_fields:
            unknown.setdefault(code, []).append(entry)
    cells = {
        pair: (catalogue.census.of(Trait("aufgabenfeld", pair[0]), Trait(dimension, pair[1])), tuple(found))
        for pair, found in cases.items()
    }
    filled = {code for _, code in cells}
    return Grid(
        dimension,
        tuple(sorted(kept, key=lambda one: one.key not in filled)),
        tuple((name, tuple(many)) for name, many in rows.items()),
        cells,
        {code: tuple(found) for code, found in unknown.items()},
    )


def tried(catalogue: Catalogue) -> list[tuple[Term, list[tuple[Term, list[Entry]]]]]:
    """Task fields with the patterns tried there and their cases, the less known patterns first."""
    found = []
    for field_ in catalogue.task_fields.values():
        entries = catalogue.by_task_field[field_.key]
        patterns = [
            (one, [entry for entry in entries if one.key in entry.patterns])
            for one in shown_patterns(catalogue, entries)
        ]
        if patterns:
            found.append((field_, patterns))
    return found
