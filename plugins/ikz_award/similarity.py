"""Which cases are alike, and why: they share traits, and a rare one says more than a common one."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
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
    """Likeness within one set of described cases.

    Traits are numbers here, the most telling first, and what a case has is the bits of one: with ten thousand cases, a
    million pairs are compared.
    """

    def __init__(
        self, described: Mapping[str, Sequence[Trait]], entries: Mapping[str, Entry], census: Census
    ) -> None:
        self._entries = entries
        bits = {one: census.information(one) for one in census.values}
        self._traits = sorted(bits, key=lambda one: (-bits[one], one))
        self._bits = [bits[one] for one in self._traits]
        numbers = {one: number for number, one in enumerate(self._traits)}
        self._numbers = {key: sorted({numbers[one] for one in traits}) for key, traits in described.items()}
        self._masks = {key: sum(1 << one for one in mine) for key, mine in self._numbers.items()}
        self._holders: dict[int, set[str]] = defaultdict(set)
        for key, mine in self._numbers.items():
            for one in mine:
                self._holders[one].add(key)
        # There are far fewer pairs of traits, and of things two cases share, than pairs of cases.
        self._holders_of_both = cache(lambda first, second: self._holders[first] & self._holders[second])
        self._worth = cache(lambda shared: sum(self._bits[one] for one in _numbers_in(shared)))

    def like(self, entry: Entry) -> tuple[Likeness, ...]:
        """The cases most alike; a tie goes to the one with a prize, then by title."""
        masks, worth_of = self._masks, self._worth
        mine = masks[entry.key]
        # Equal sets of traits have equal sums, since each is summed once.
        bits = {key: worth_of(mine & masks[key]) for key in self._candidates(self._numbers[entry.key])}
        bits.pop(entry.key, None)
        least = min(heapq.nlargest(_SHOWN, bits.values()), default=0.0)
        # Only of those that may be shown, it is asked who comes first.
        best = sorted(
            (key for key, worth in bits.items() if worth >= least), key=lambda key: self._rank(key, bits[key])
        )
        return tuple(
            Likeness(self._entries[key], tuple(self._telling(_numbers_in(mine & masks[key]))))
            for key in best[:_SHOWN]
        )

    def _rank(self, key: str, bits: float) -> tuple[float, bool, str, str]:
        entry = self._entries[key]
        return -bits, not entry.is_winner, sort_key(entry.title), key

    def _candidates(self, mine: Sequence[int]) -> set[str]:
        """Whoever shares two telling traits, and where these are few, one; so the work does not grow with the collection."""
        telling = [one for one in mine if self._bits[one] >= _LEAST_BITS]
        found: set[str] = set()
        for first, second in combinations(telling, 2):
            if len(found) >= _ENOUGH:
                return found
            found |= self._holders_of_both(first, second)
        for one in telling:
            if len(found) >= _ENOUGH:
                break
            found |= self._holders[one]
        return found

    def _telling(self, shared: Iterable[int]) -> list[Trait]:
        return [self._traits[one] for one in shared if self._bits[one] >= _LEAST_BITS][:_REASONS]


def _numbers_in(mask: int) -> Iterator[int]:
    """The places of the bits that are set, from the lowest on."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
