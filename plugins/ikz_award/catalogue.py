"""Indices over what is public: which cases show a pattern, belong to a category, lie in a municipality, are alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ikz_award import rota
from ikz_award.dates import PartialDate
from ikz_award.model import Data, Edition, Facts, Limits, Term
from ikz_award.phase import Phase, current, phase_of
from ikz_award.publication import Entry, Publication, PublicUptake
from ikz_award.rarity import Census, Count, State
from ikz_award.schema import Description
from ikz_award.similarity import Similarity
from ikz_award.text import sort_key
from ikz_award.traits import Geography, Trait, describe, flat

# Dates of a case that say when a pattern was at work, the earliest first.
_DATES = ("vereinbart_am", "in_betrieb_seit", "belegt_seit", "geaendert_am")
# What a good description of a case has, beside what every case must have.
_TELLING = (
    *("kurzbeschreibung", "anlass", "ziel", "umsetzung", "finanzierung", "vereinbart_am", "in_betrieb_seit"),
    *("wirkung", "links", "finanzierung_art", "innovation_art"),
)


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
    neighbours: Mapping[str, frozenset[str]]
    limits: Limits | None
    uptakes: tuple[PublicUptake, ...]
    operator: Facts
    now: datetime

    @cached_property
    def described_entries(self) -> Mapping[str, Entry]:
        """Cases with a page of their own, by key: the base of every count."""
        return {one.key: one for one in self.entries if not one.limited}

    @cached_property
    def geography(self) -> Geography:
        """Where the municipalities lie."""
        return Geography(self.municipalities, self.neighbours)

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
        """Cases by pattern code; every pattern has an entry."""
        return self._index(self.patterns, ((code, one) for one in self.entries for code in one.patterns))

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
        """Cases by legal form."""
        return self._index(
            self.legal_forms, ((one.legal_form, one) for one in self.entries if one.legal_form)
        )

    @cached_property
    def by_task_field(self) -> Mapping[str, tuple[Entry, ...]]:
        """Cases by task field."""
        return self._index(
            self.task_fields, ((code, one) for one in self.entries for code in one.task_fields)
        )

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

    def cases(self) -> tuple[Entry, ...]:
        """Everything without a prize, by title."""
        return tuple(
            sorted((one for one in self.entries if not one.is_winner), key=lambda one: sort_key(one.title))
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
    def ranked_patterns(self) -> tuple[Term, ...]:
        """Patterns, the less known first, in the order of this month."""
        return rota.order(
            self.patterns.values(),
            lambda code: bool(self.by_pattern[code]),
            lambda code: self.pattern_state(code) == "selten",
            self.turn,
        )

    def spotlights(self, category: str = "") -> tuple[tuple[Term, Entry], ...]:
        """Less-known patterns with their best documented case, in the order of this month; of one category, if named."""
        found = []
        for pattern in self.ranked_patterns:
            cases = [
                one
                for one in self.by_pattern[pattern.key]
                if not one.limited and (not category or one.category == category)
            ]
            if cases and pattern.facts["bekanntheit"] == rota.KNOWN[0]:
                found.append((pattern, min(cases, key=_documentation)))
        return tuple(found)

    def suitable_forms(self, pattern: Term) -> tuple[Term, ...]:
        """Legal forms that come into question for a pattern, as its file names them."""
        # In a preview the file of the forms, or of the aims, may be missing or faulty.
        codes = [str(row["wert"]) for row in pattern.facts["rechtsformen"]]
        return tuple(self.legal_forms[code] for code in codes if code in self.legal_forms)

    def aims_of(self, pattern: Term) -> tuple[Term, ...]:
        """What a pattern helps with, the most important first."""
        codes = [str(row["wert"]) for row in pattern.facts["ziele"]]
        return tuple(self.aims[code] for code in codes if code in self.aims)

    def seen(self, code: str) -> tuple[PartialDate | None, PartialDate | None]:
        """The earliest and the latest date at which a case of the base is told to have used the pattern."""
        dates = [
            value
            for one in self.by_pattern[code]
            if not one.limited
            for name in _DATES
            if isinstance(value := one.content[name], PartialDate)
        ]
        return (
            min(dates, key=lambda one: one.earliest, default=None),
            max(dates, key=lambda one: one.latest, default=None),
        )

    def patterns_with_cases(self) -> frozenset[str]:
        """Codes of patterns that at least one public case shows."""
        return frozenset(code for code, found in self.by_pattern.items() if found)

    def partners(self, ags: str) -> tuple[tuple[str, int], ...]:
        """Municipalities that share a case with this one, by AGS with the number of cases, the closest first."""
        count: Counter[str] = Counter(
            other for one in self.by_municipality[ags] for other in one.municipalities if other != ags
        )
        named = [(key, many) for key, many in count.items() if key in self.municipalities]
        return tuple(
            sorted(named, key=lambda pair: (-pair[1], sort_key(self.municipalities[pair[0]].title), pair[0]))
        )


def _grouped(pairs: Iterable[tuple[str, PublicUptake]]) -> Mapping[str, tuple[PublicUptake, ...]]:
    found: dict[str, list[PublicUptake]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return {key: tuple(many) for key, many in found.items()}


def _documentation(entry: Entry) -> tuple[bool, int, int, bool, str]:
    """Sorts the best documented case first: sure sources, much told, many sources, a prize."""
    facts = entry.content
    told = sum(bool(facts[name]) for name in _TELLING) + sum(
        bool(one) for one in facts["nachnutzung"].values()
    )
    return facts["beleg"] != "hoch", -told, -len(facts["quellen"]), not entry.is_winner, entry.key


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
        neighbours=data.neighbours,
        limits=data.limits,
        uptakes=publication.uptakes,
        operator=operator,
        now=now,
    )
