"""Which cases are alike, and why: they share traits, and a rare one says more than a common one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
        self._holders: dict[Trait, list[str]] = defaultdict(list)
        for key, traits in described.items():
            for one in traits:
                self._holders[one].append(key)

    def like(self, entry: Entry) -> tuple[Likeness, ...]:
        """The cases most alike; a tie goes to the one with a prize, then by title."""
        mine = self._traits[entry.key]
        ranked = []
        for key in self._candidates(entry.key, mine):
            shared = sorted(mine & self._traits[key], key=lambda one: (-self._bits[one], one))
            other = self._entries[key]
            bits = sum(self._bits[one] for one in shared)
            ranked.append((-bits, not other.is_winner, sort_key(other.title), key, shared))
        ranked.sort(key=lambda one: one[:4])
        return tuple(
            Likeness(self._entries[key], tuple(self._telling(shared)))
            for _, _, _, key, shared in ranked[:_SHOWN]
        )

    def _candidates(self, own: str, mine: frozenset[Trait]) -> set[str]:
        found: set[str] = set()
        for one in sorted(mine, key=lambda trait: (-self._bits[trait], trait)):
            if len(found) >= _ENOUGH or self._bits[one] < _LEAST_BITS:
                break
            found.update(self._holders[one])
        return found - {own}

    def _telling(self, shared: Sequence[Trait]) -> list[Trait]:
        return [one for one in shared if self._bits[one] >= _LEAST_BITS][:_REASONS]
