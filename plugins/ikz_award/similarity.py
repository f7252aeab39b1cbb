"""Which cases are alike, and why: they share traits, and a rare one says more than a common one."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ikz_award.publication import Entry
from ikz_award.rarity import Census
from ikz_award.text import sort_key
from ikz_award.traits import Trait

_SHOWN = 4
_REASONS = 3
# Candidates come from the rarest traits first; with so many found, the common ones are not asked for more.
_ENOUGH = 60
# Sharing what every second case has is no likeness.
_LEAST_BITS = 1.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another case and the traits it shares, the most telling first."""

    entry: Entry
    shared: tuple[Trait, ...]


class Similarity:
    """Likeness within one set of described cases."""

    def __init__(
        self, described: Mapping[str, Sequence[Trait]], entries: Mapping[str, Entry], census: Census
    ) -> None:
        self._traits = {key: frozenset(traits) for key, traits in described.items()}
        self._entries = entries
        self._bits = {one: census.information(one) for one in census.values}
        self._holders: dict[Trait, set[str]] = defaultdict(set)
        for key, traits in described.items():
            for one in traits:
                self._holders[one].add(key)

    def like(self, entry: Entry) -> tuple[Likeness, ...]:
        """The cases most alike; a tie goes to the one with a prize, then by title."""
        mine = self._in_order(self._traits[entry.key])
        told = [(one, self._bits[one]) for one in mine]
        bits = {}
        for key in self._candidates(mine) - {entry.key}:
            theirs = self._traits[key]
            # Summed in one order, so that equal sets of traits have equal sums.
            bits[key] = sum([worth for one, worth in told if one in theirs])
        least = min(heapq.nlargest(_SHOWN, bits.values()), default=0.0)
        # Only of those that may be shown, it is asked who comes first.
        best = sorted(
            (key for key, worth in bits.items() if worth >= least), key=lambda key: self._rank(key, bits[key])
        )
        return tuple(
            Likeness(
                self._entries[key], tuple(self._telling([one for one in mine if one in self._traits[key]]))
            )
            for key in best[:_SHOWN]
        )

    def _rank(self, key: str, bits: float) -> tuple[float, bool, str, str]:
        entry = self._entries[key]
        return -bits, not entry.is_winner, sort_key(entry.title), key

    def _in_order(self, traits: Iterable[Trait]) -> list[Trait]:
        return sorted(traits, key=lambda one: (-self._bits[one], one))

    def _candidates(self, mine: Sequence[Trait]) -> set[str]:
        """Whoever shares two telling traits, and where these are few, one; so the work does not grow with the collection."""
        telling = [one for one in mine if self._bits[one] >= _LEAST_BITS]
        found: set[str] = set()
        for first, second in combinations(telling, 2):
            if len(found) >= _ENOUGH:
                return found
            found |= self._holders[first] & self._holders[second]
        for one in telling:
            if len(found) >= _ENOUGH:
                break
            found |= self._holders[one]
        return found

    def _telling(self, shared: Sequence[Trait]) -> list[Trait]:
        return [one for one in shared if self._bits[one] >= _LEAST_BITS][:_REASONS]
