"""How often a trait, or a pair of traits, occurs among the public cases, and when that may be called rare.

Counts are told against the cases of which the dimension is known. Nothing here is a score, and nothing ranks a case.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from ikz_award.intervals import wilson
from ikz_award.model import Limits
from ikz_award.traits import DIMENSIONS, Trait

# empty: no case. small: too few cases for a statement. rare: surely below the limit. seen: everything else.
State = Literal["leer", "klein", "selten", "belegt"]
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Count:
    """``n`` of ``base`` cases, and what independence would make of it if this is a pair (``None`` if it is not)."""

    n: int
    base: int
    expected: float | None = None

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 if there is no base."""
        return self.n / self.base if self.base else 0.0

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return wilson(self.n, self.base)[0]

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return wilson(self.n, self.base)[1]


@dataclass(frozen=True, slots=True)
class Statement:
    """One or two traits of a case and how often they occur; ``is_rare`` only if the limit is surely kept."""

    traits: tuple[Trait, ...]
    count: Count
    is_rare: bool


class Census:
    """All counts over a set of described cases. The order of the cases does not matter."""

    def __init__(self, cases: Iterable[Sequence[Trait]], limits: Limits | None) -> None:
        self.limits = limits
        self.size = 0
        # In how many cases a trait occurs; two dimensions are known together; a trait occurs while a dimension is known.
        self._values: Counter[Trait] = Counter()
        self._pairs: Counter[tuple[Trait, Trait]] = Counter()
        self._known: Counter[str] = Counter()
        self._known_both: Counter[tuple[str, str]] = Counter()
        self._beside: Counter[tuple[Trait, str]] = Counter()
        for traits in cases:
            self._add(traits)

    def _add(self, traits: Sequence[Trait]) -> None:
        self.size += 1
        dimensions = tuple(dict.fromkeys(one.dimension for one in traits))
        self._values.update(traits)
        self._known.update(dimensions)
        self._known_both.update((a, b) for a in dimensions for b in dimensions if a != b)
        self._beside.update((one, name) for one in traits for name in dimensions if name != one.dimension)
        self._pairs.update(_ordered(a, b) for a, b in combinations(traits, 2) if a.dimension != b.dimension)

    @property
    def values(self) -> Mapping[Trait, Count]:
        """Every trait that occurs, by dimension and then the rarest first."""
        found = {one: self.of(one) for one in self._values}
        return dict(sorted(found.items(), key=lambda pair: (_place(pair[0]), pair[1].n, pair[0])))

    @property
    def pairs(self) -> Mapping[tuple[Trait, Trait], Count]:
        """Every pair that occurs, in the same order."""
        return {
            pair: self.of(*pair)
            for pair in sorted(self._pairs, key=lambda one: (_place(one[0]), _place(one[1]), one))
        }

    def known(self, dimension: str) -> int:
        """Of how many cases this dimension is known."""
        return self._known[dimension]

    def of(self, first: Trait, second: Trait | None = None) -> Count:
        """How often a trait, or two traits together, occur; also if they never do. Of one dimension two have no base."""
        if second is None:
            return Count(self._values[first], self._known[first.dimension])
        base = self._known_both[first.dimension, second.dimension]
        alone = self._beside[first, second.dimension] * self._beside[second, first.dimension]
        return Count(self._pairs[_ordered(first, second)], base, alone / base if base else 0.0)

    def state(self, count: Count) -> State:
        """What may be said about a count. Two traits rarely meet by chance as well: a pair must surely miss its expectation."""
        if count.n == 0:
            return "leer"
        limits = self.limits
        if limits is None or count.base < limits.minimum:
            return "klein"
        if count.expected is not None:
            if count.expected < limits.expected:
                return "klein"
            if count.high * count.base >= count.expected:
                return "belegt"
        return "selten" if count.high < limits.share else "belegt"

    def is_rare(self, *traits: Trait) -> bool:
        """Whether one trait or a pair occurs, and surely in fewer cases than the limit."""
        return self.state(self.of(*traits)) == "selten"

    def information(self, trait: Trait) -> float:
        """What sharing a trait says, in bits: the rarer, the more (Shannon)."""
        count = self.of(trait)
        return -math.log2(count.share) if count.n else 0.0

    def rarest(self, traits: Sequence[Trait]) -> tuple[Statement, ...]:
        """The three rarest traits or pairs of a case.

        A pair counts only if both its traits are common by themselves and surely meet less often than chance would have
        it; else it would only repeat that one of them is rare, or tell noise. Every trait is told once.
        """
        if self.limits is None:
            return ()
        told = [one for one in traits if self.of(one).base >= self.limits.minimum]
        common = [one for one in told if not self.is_rare(one)]
        found = [((one,), self.of(one)) for one in told] + [
            (pair, self.of(*pair))
            for pair in combinations(common, 2)
            if pair[0].dimension != pair[1].dimension and self.is_rare(*pair)
        ]
        found.sort(key=lambda one: (one[1].high, len(one[0]), [_place(trait) for trait in one[0]], one[0]))
        chosen: list[Statement] = []
        used: set[Trait] = set()
        for one, count in found:
            if len(chosen) < _SHOWN and used.isdisjoint(one):
                chosen.append(Statement(tuple(one), count, self.state(count) == "selten"))
                used.update(one)
        return tuple(chosen)


def _place(trait: Trait) -> int:
    return DIMENSIONS.index(trait.dimension)


def _ordered(first: Trait, second: Trait) -> tuple[Trait, Trait]:
    """One key for a pair, whichever comes first."""
    return (first, second) if (_place(first), first) <= (_place(second), second) else (second, first)
