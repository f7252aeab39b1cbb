"""What all cases together say: white spots, what others see differently, what was tried for a task, what neighbours do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from ikz_award.catalogue import Catalogue
from ikz_award.model import Term
from ikz_award.publication import Entry
from ikz_award.rarity import Count
from ikz_award.text import sort_key
from ikz_award.traits import DIMENSIONS, Trait


def shown_patterns(catalogue: Catalogue, entries: Iterable[Entry]) -> list[Term]:
    """Patterns these cases show, the less known first."""
    shown = {code for one in entries for code in one.patterns}
    return [one for one in catalogue.ranked_patterns if one.key in shown]


def nearby(catalogue: Catalogue, ags: str) -> list[tuple[Entry, list[Term]]]:
    """Cases of the neighbours in which the municipality itself has no part, each with the neighbours in it."""
    around = catalogue.neighbours.get(ags, frozenset())
    found: dict[str, tuple[Entry, list[Term]]] = {}
    for key in sorted(around, key=lambda one: sort_key(catalogue.municipalities[one].title)):
        for entry in catalogue.by_municipality.get(key, ()):
            if not entry.limited and ags not in entry.municipalities:
                found.setdefault(entry.key, (entry, []))[1].append(catalogue.municipalities[key])
    return sorted(found.values(), key=lambda one: (-len(one[1]), sort_key(one[0].title)))


def disagreements(catalogue: Catalogue) -> list[tuple[Trait, Count, tuple[Term, ...]]]:
    """Traits the count calls rare though others call them widespread, with what they say."""
    found = []
    for trait, yardsticks in catalogue.yardsticks_by_trait.items():
        count = catalogue.census.of(trait)
        known = tuple(one for one in yardsticks if one.facts["spricht_fuer"] == "bekannt")
        if known and catalogue.census.state(count) in {"selten", "leer"}:
            found.append((trait, count, known))
    return sorted(found, key=lambda one: (DIMENSIONS.index(one[0].dimension), one[0]))


def upcoming(catalogue: Catalogue) -> tuple[Term, ...]:
    """The patterns that take turns at the top, in the order of the months to come."""
    first = catalogue.ranked_patterns[:1]
    if not first or catalogue.pattern_state(first[0].key) != "selten":
        return ()
    return tuple(
        one
        for one in catalogue.ranked_patterns
        if one.facts["bekanntheit"] == first[0].facts["bekanntheit"]
        and catalogue.pattern_state(one.key) == "selten"
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """Task fields against another dimension: ``cells`` holds the count and the cases by both codes."""

    dimension: str
    columns: tuple[Term, ...]
    rows: tuple[tuple[str, tuple[Term, ...]], ...]
    cells: Mapping[tuple[str, str], tuple[Count, tuple[Entry, ...]]]


def grid(catalogue: Catalogue, dimension: str) -> Grid:
    """White spots of task fields against ``rechtsform`` or ``muster``."""
    columns = catalogue.legal_forms.values() if dimension == "rechtsform" else catalogue.ranked_patterns
    # Forms of other states say nothing about what is missing here.
    kept = tuple(one for one in columns if one.facts.get("gruppe") != "anderes-land")
    rows: dict[str, list[Term]] = {}
    for one in catalogue.task_fields.values():
        rows.setdefault(str(one.facts["gruppe"]), []).append(one)
    cases: dict[tuple[str, str], list[Entry]] = {}
    for entry in catalogue.described_entries.values():
        values = (entry.legal_form,) if dimension == "rechtsform" else entry.patterns
        for pair in product(entry.task_fields, values):
            cases.setdefault(pair, []).append(entry)
    cells = {
        pair: (catalogue.census.of(Trait("aufgabenfeld", pair[0]), Trait(dimension, pair[1])), tuple(found))
        for pair, found in cases.items()
        if pair[1]
    }
    return Grid(dimension, kept, tuple((name, tuple(many)) for name, many in rows.items()), cells)


def tried(catalogue: Catalogue) -> list[tuple[Term, list[tuple[Term, list[Entry]]]]]:
    """Task fields with the patterns tried there and their cases, the less known patterns first."""
    found = []
    for field_ in catalogue.task_fields.values():
        entries = [one for one in catalogue.by_task_field[field_.key] if not one.limited]
        patterns = [
            (one, [entry for entry in entries if one.key in entry.patterns])
            for one in shown_patterns(catalogue, entries)
        ]
        if patterns:
            found.append((field_, patterns))
    return found
