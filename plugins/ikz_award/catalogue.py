"""Indices over what is public: which cases show a pattern, belong to a category, lie in a municipality, are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ikz_award.model import Data, Edition, Facts, Term
from ikz_award.phase import Phase, current, phase_of
from ikz_award.publication import Entry, Publication
from ikz_award.schema import Description
from ikz_award.text import sort_key

_RELATED = 4
_SHARED_PATTERN, _SHARED_FIELD, _SHARED_FORM = 3, 2, 1


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
    operator: Facts
    now: datetime

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

    def cases_by_group(self) -> Mapping[str, tuple[Entry, ...]]:
        """The same by group of their first task field, in the order of the list of task fields; the rest at the end."""
        groups: dict[str, list[Entry]] = {str(one.facts["gruppe"]): [] for one in self.task_fields.values()}
        for entry in self.cases():
            known = [self.task_fields[code] for code in entry.task_fields if code in self.task_fields]
            groups.setdefault(str(known[0].facts["gruppe"]) if known else "Ohne Aufgabenfeld", []).append(
                entry
            )
        return {name: tuple(found) for name, found in groups.items() if found}

    def ranked_patterns(self) -> tuple[Term, ...]:
        """Patterns, the least known first; among equals the rarer in this collection, then by title."""
        order = {"wenig-bekannt": 0, "dazwischen": 1, "bekannt": 2}
        return tuple(
            sorted(
                self.patterns.values(),
                key=lambda one: (
                    order[one.facts["bekanntheit"]],
                    len(self.by_pattern[one.key]),
                    sort_key(one.title),
                ),
            )
        )

    def patterns_with_cases(self) -> frozenset[str]:
        """Codes of patterns that at least one public case shows."""
        return frozenset(code for code, found in self.by_pattern.items() if found)

    def related(self, entry: Entry) -> tuple[Entry, ...]:
        """Other cases that share patterns, task fields or the legal form, the most alike first."""

        def score(other: Entry) -> int:
            return (
                _SHARED_PATTERN * len(set(entry.patterns) & set(other.patterns))
                + _SHARED_FIELD * len(set(entry.task_fields) & set(other.task_fields))
                + _SHARED_FORM * (bool(entry.legal_form) and entry.legal_form == other.legal_form)
            )

        # Candidates come from the indices, so that the cost grows with what is shared, not with the collection.
        near = {
            id(one): one
            for index, codes in ((self.by_pattern, entry.patterns), (self.by_task_field, entry.task_fields))
            for code in codes
            for one in index[code]
            if one is not entry
        }
        ranked = sorted(
            near.values(), key=lambda one: (-score(one), not one.is_winner, sort_key(one.title), one.slug)
        )
        return tuple(ranked[:_RELATED])


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
        operator=operator,
        now=now,
    )
