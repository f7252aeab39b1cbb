"""Indices over what is public: which cases show a pattern, belong to a category, lie in a municipality, are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ikz_award import rota
from ikz_award.atlas import Atlas
from ikz_award.dates import PartialDate
from ikz_award.model import Data, Edition, Facts, Limits, Outline, Term
from ikz_award.phase import Phase, current, phase_of
from ikz_award.publication import Entry, Publication, PublicUptake
from ikz_award.rarity import Census, Count, State
from ikz_award.schema import Description
from ikz_award.similarity import Similarity
from ikz_award.text import sort_key
from ikz_award.traits import Geography, Trait, describe, flat


@dataclass(frozen=True)
class Catalogue:
    """All that pages are made from. Holds entries, never cases."""

    description: Description
    entries: tuple[Entry, ...]
    editions: Mapping[str, Edition]
    categories: Mapping[str, Term]
    legal_forms: Mapping[str, Term]
    task_fields: Mapping[str, Term]
    municipalities: Mapping[str, Term]
    patterns: Mapping[str, Term]
    aims: Mapping[str, Term]
    yardsticks: Mapping[str, Term]
    glossary: Mapping[str, Term]
    neighbours: Mapping[str, frozenset[str]]
    outlines: Mapping[str, Outline]
    limits: Limits | None
    uptakes: tuple[PublicUptake, ...]
    operator: Facts
    now: datetime

    @property
    def website(self) -> str:
        """Where the site will live, without a slash at its end; empty while the operator has not said so."""
        return (self.operator["website"] or "").rstrip("/")

    @cached_property
    def described_entries(self) -> Mapping[str, Entry]:
        """Cases with a page of their own, by key: the base of every count."""
        return {one.key: one for one in self.entries if not one.limited}

    @property
    def _base(self) -> Iterable[Entry]:
        return self.described_entries.values()

    @cached_property
    def geography(self) -> Geography:
        """Where the municipalities lie."""
        return Geography(self.municipalities, self.neighbours)

    @cached_property
    def atlas(self) -> Atlas:
        """Where things lie on the map."""
        return Atlas(self.outlines, self.municipalities)

    @cached_property
    def traits(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Traits of every case of the base by dimension, by key of the case."""
        return {key: describe(one, self.geography) for key, one in self.described_entries.items()}

    @cached_property
    def census(self) -> Census:
        """Counts over the base."""
        return Census((flat(one) for one in self.traits.values()), self.limits)

    @cached_property
    def similarity(self) -> Similarity:
        """Which cases of the base are alike."""
        described = {key: flat(one) for key, one in self.traits.items()}
        return Similarity(described, self.described_entries, self.census)

    def pattern_count(self, code: str) -> Count:
        """How many cases of the base show a pattern."""
        return self.census.of(Trait("muster", code))

    def pattern_state(self, code: str) -> State:
        """What may be said about that."""
        return self.census.state(self.pattern_count(code))

    @cached_property
    def yardsticks_by_trait(self) -> Mapping[Trait, tuple[Term, ...]]:
        """What others say about how widespread something is."""
        found: dict[Trait, list[Term]] = defaultdict(list)
        for one in self.yardsticks.values():
            found[Trait(one.facts["merkmal"], one.facts["wert"])].append(one)
        return {
            trait: tuple(sorted(many, key=lambda one: (-one.facts["jahr"], one.key)))
            for trait, many in found.items()
        }

    @cached_property
    def uptakes_by_pattern(self) -> Mapping[str, tuple[PublicUptake, ...]]:
        """Documented uptakes by pattern."""
        return _grouped((one.pattern, one) for one in self.uptakes)

    @cached_property
    def uptakes_by_case(self) -> Mapping[str, tuple[PublicUptake, ...]]:
        """Documented uptakes by key of the case that was the model."""
        return _grouped((one.case_key, one) for one in self.uptakes if one.case_key)

    @cached_property
    def uptakes_by_municipality(self) -> Mapping[str, tuple[PublicUptake, ...]]:
        """Documented uptakes by AGS of either side."""
        return _grouped((ags, one) for one in self.uptakes for ags in sorted(one.municipalities))

    @cached_property
    def by_pattern(self) -> Mapping[str, tuple[Entry, ...]]:
        """Cases of the base by pattern code; every pattern has an entry."""
        return self._index(self.patterns, ((code, one) for one in self._base for code in one.patterns))

    @cached_property
    def by_category(self) -> Mapping[str, tuple[Entry, ...]]:
        """Submissions by category key."""
        return self._index(self.categories, ((one.category, one) for one in self.entries if one.category))

    @cached_property
    def by_municipality(self) -> Mapping[str, tuple[Entry, ...]]:
        """Cases by AGS of a party; only municipalities with cases."""
        return self._index((), ((ags, one) for one in self.entries for ags in one.municipalities))

    @cached_property
    def by_legal_form(self) -> Mapping[str, tuple[Entry, ...]]:
        """Cases of the base by legal form."""
        return self._index(self.legal_forms, ((one.legal_form, one) for one in self._base if one.legal_form))

    @cached_property
    def by_task_field(self) -> Mapping[str, tuple[Entry, ...]]:
        """Cases of the base by task field."""
        return self._index(self.task_fields, ((code, one) for one in self._base for code in one.task_fields))

    @cached_property
    def told_municipalities(self) -> frozenset[str]:
        """AGS of all that have a page: they take part in a case, or stand on a side of an uptake."""
        told = self.by_municipality.keys() | self.uptakes_by_municipality.keys()
        return frozenset(told & self.municipalities.keys())

    def _index(
        self, keys: Iterable[str], pairs: Iterable[tuple[str, Entry]]
    ) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = defaultdict(list)
        for key, one in pairs:
            found[key].append(one)
        order = {key: tuple(found.get(key, ())) for key in keys}
        return order | {key: tuple(value) for key, value in found.items()}

    @cached_property
    def current(self) -> Edition | None:
        """The edition the site speaks of first."""
        return current(self.editions.values())

    @cached_property
    def newest_first(self) -> tuple[Edition, ...]:
        """Editions, the latest first."""
        return tuple(sorted(self.editions.values(), key=lambda one: -one.number))

    def phase(self, edition: Edition) -> Phase:
        """What the edition is doing when the site is built."""
        return phase_of(edition, self.now)

    def winners(self, edition: str) -> tuple[Entry, ...]:
        """Awarded entries of an edition, in the order of its categories."""
        order = {one.key: index for index, one in enumerate(self.editions[edition].categories)}
        found = [one for one in self.entries if one.is_winner and one.edition == edition]
        return tuple(
            sorted(found, key=lambda one: (order.get(one.category, len(order)), sort_key(one.title)))
        )

    def by_group(self, entries: Iterable[Entry]) -> Mapping[str, tuple[Entry, ...]]:
        """Cases by group of their first task field, in the order of the list of task fields; the rest at the end."""
        groups: dict[str, list[Entry]] = {str(one.facts["gruppe"]): [] for one in self.task_fields.values()}
        for entry in sorted(entries, key=lambda one: sort_key(one.title)):
            known = [self.task_fields[code] for code in entry.task_fields if code in self.task_fields]
            groups.setdefault(str(known[0].facts["gruppe"]) if known else "Ohne Aufgabenfeld", []).append(
                entry
            )
        return {name: tuple(found) for name, found in groups.items() if found}

    @cached_property
    def turn(self) -> int:
        """Where the order of the patterns stands this month."""
        return rota.seed(self.now, self.current.number if self.current else 0)

    @cached_property
    def pattern_groups(self) -> tuple[tuple[Term, ...], ...]:
        """Patterns in the groups in which they take turns, the less known first."""
        return rota.groups(
            self.patterns.values(),
            lambda code: bool(self.by_pattern[code]),
            lambda code: self.pattern_state(code) == "selten",
            self.turn,
        )

    @cached_property
    def ranked_patterns(self) -> tuple[Term, ...]:
        """Patterns, the less known first, in the order of this month."""
        return tuple(one for group in self.pattern_groups for one in group)

    def suitable_forms(self, pattern: Term) -> tuple[Term, ...]:
        """Legal forms that come into question for a pattern, as its file names them."""
        # In a preview the file of the forms, or of the aims, may be missing or faulty.
        codes = [str(row["wert"]) for row in pattern.facts["rechtsformen"]]
        return tuple(self.legal_forms[code] for code in codes if code in self.legal_forms)

    def aims_of(self, pattern: Term) -> tuple[Term, ...]:
        """What a pattern helps with, the most important first."""
        codes = [str(row["wert"]) for row in pattern.facts["ziele"]]
        return tuple(self.aims[code] for code in codes if code in self.aims)


def _grouped(pairs: Iterable[tuple[str, PublicUptake]]) -> Mapping[str, tuple[PublicUptake, ...]]:
    found: dict[str, list[PublicUptake]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return {key: tuple(many) for key, many in found.items()}


def _latest_first(uptake: PublicUptake) -> tuple[bool, int, str]:
    day = uptake.content["uebernommen_am"]
    return not isinstance(day, PartialDate), -day.earliest.toordinal() if day else 0, uptake.slug


def build(data: Data, publication: Publication, operator: Facts, now: datetime) -> Catalogue:
    """Indices over a publication."""
    return Catalogue(
        description=data.description,
        entries=publication.entries,
        editions={one.key: one for one in publication.editions},
        categories=data.categories,
        legal_forms=data.legal_forms,
        task_fields=data.task_fields,
        municipalities=data.municipalities,
        patterns=data.patterns,
        aims=data.aims,
        yardsticks=data.yardsticks,
        glossary=data.glossary,
        neighbours=data.neighbours,
        outlines=data.outlines,
        limits=data.limits,
        uptakes=tuple(sorted(publication.uptakes, key=_latest_first)),
        operator=operator,
        now=now,
    )
