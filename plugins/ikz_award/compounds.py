"""Parts of German compounds, found with nothing but the words of the collection itself: no list to keep, no language model.

A word is taken apart only if all of it is made of nouns that stand alone somewhere, so „Verbund“ never becomes „Bund“.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

Tally: TypeAlias = tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]]

WORD = re.compile(r"[^\W\d_]+")
# A word with what stands before and behind it; before the first stands nothing.
_NOTHING = "   "
_PLACE = re.compile(rf"(?<=({'.' * len(_NOTHING)}))({WORD.pattern})(?=(.{{0,2}}))", re.DOTALL)
# What may stand between two parts, and what inflection adds to the end of the last; the longest first.
_LINKS = ("es", "en", "er", "s", "n", "e", "")
_ENDINGS = ("innen", "ern", "en", "er", "es", "em", "in", "e", "n", "s", "")
_PLAIN = str.maketrans("äöü", "aou")
_SHORTEST = 3
_SHORTEST_COMPOUND = 8
# Whole words, since a search begins at their first letter; none that is shorter can be a compound.
LONG_WORD = re.compile(rf"[^\W\d_]{{{_SHORTEST_COMPOUND},}}")
# What only ever starts sentences, but never has a small letter, is a noun from this length on.
_SHORTEST_FIRST = 5
# From this length on a noun at the end is enough, whatever stands before: „Berufsfeuerwehr“ where nobody writes „Beruf“.
_TELLING = 7
_SHORTEST_UNKNOWN = 4
# Endings that look like nouns, and prefixes that change the meaning of what follows: no „Teilung“ in „Abteilung“.
_SUFFIXES = frozenset(
    [
        *("heit", "keit", "schaft", "schaften", "haft", "tum", "ung", "nis", "sal", "ling"),
        *("ende", "lage", "lagen"),
    ]
)
_PREFIXES = frozenset(
    [
        *(
            "ab",
            "an",
            "auf",
            "aus",
            "be",
            "bei",
            "durch",
            "ein",
            "ent",
            "er",
            "fort",
            "ge",
            "gegen",
            "gleich",
        ),
        *("her", "hin", "in", "los", "miss", "mit", "nach", "nicht", "rück", "über", "um", "un", "unter"),
        *("ver", "vor", "voraus", "wieder", "zer", "zu", "zurück", "zusammen", "auseinander"),
    ]
)
_CODE = frozenset("_/@=")
_JOINTS = _CODE | {".", "-"}
_SENTENCE_END = frozenset('.!?:…„“"»«(–•|')


def tally(texts: Iterable[str]) -> Tally:
    """How often each word, in small letters, has a capital inside a sentence, one where a sentence begins, and none."""
    inside: Counter[str] = Counter()
    first: Counter[str] = Counter()
    small: Counter[str] = Counter()
    # The same words stand in the same places again and again; each is judged once.
    places = Counter(place for text in texts for place in _PLACE.findall(f"{_NOTHING}{text}"))
    for (before, word, after), count in places.items():
        if word[1:] != word[1:].lower() or len(word) < _SHORTEST or _is_of_a_name(before[-1], after):
            continue
        kind = small if word[0].islower() else first if _begins_sentence(before) else inside
        kind[word.lower()] += count
    return inside, first, small


def nouns(tallies: Iterable[Tally]) -> frozenset[str]:
    """Words that are written with a capital, and more often so inside a sentence than without one; in small letters."""
    inside: Counter[str] = Counter()
    first: set[str] = set()
    small: Counter[str] = Counter()
    for one in tallies:
        inside.update(one[0])
        first.update(one[1])
        small.update(one[2])
    often = {one for one, count in inside.items() if count > small[one]}
    # At the start of a sentence every word has a capital; headings and lists are full of such starts.
    return frozenset(often | {one for one in first if len(one) >= _SHORTEST_FIRST and not small[one]})


def _is_of_a_name(before: str, after: str) -> bool:
    """Part of an address, a file name or a code, where capitals mean nothing."""
    return before in _JOINTS or after[:1] in _CODE or (after[:1] in _JOINTS and after[1:].islower())


def _begins_sentence(before: str) -> bool:
    shown = before.rstrip()
    return not shown or shown[-1] in _SENTENCE_END


class Splitter:
    """Takes words apart; the same word gets the same answer whatever was asked before."""

    def __init__(self, vocabulary: frozenset[str]) -> None:
        self._known = vocabulary - _SUFFIXES - _PREFIXES
        self._sure = lru_cache(maxsize=None)(self._sure_cuts)
        self._cuts = lru_cache(maxsize=None)(self._every_cut)
        self._within = lru_cache(maxsize=None)(self._all_within)

    def parts(self, word: str) -> tuple[str, ...]:
        """The two parts as they are written, the first with its linking element; empty if it is no compound."""
        cuts = self._cuts(word)
        return (word[: cuts[0]], word[cuts[0] :]) if cuts else ()

    def inner(self, word: str) -> frozenset[str]:
        """Nouns inside that are none of the two parts: parts of parts, and those of other ways to cut."""
        return self._within(word) - {one.capitalize() for one in self.parts(word)}

    def _all_within(self, word: str) -> frozenset[str]:
        found = {one for cut in self._cuts(word) for one in (word[:cut], word[cut:].capitalize())}
        return frozenset(found.union(*map(self._within, found)))

    def _every_cut(self, word: str) -> tuple[int, ...]:
        """Where a word of a text can be cut in two, the best place first."""
        if len(word) < _SHORTEST_COMPOUND or not word[0].isupper() or not WORD.fullmatch(word):
            return ()
        small = word.lower()
        if small[1:] != word[1:] or small in _SUFFIXES:
            return ()
        return self._sure(small) or self._likely(small)

    def _sure_cuts(self, word: str) -> tuple[int, ...]:
        """Both sides are nouns, or such compounds themselves; simple sides first, then the longest first one: „Klimaschutz-Konzept“."""
        found = []
        for cut in range(_SHORTEST, len(word) - _SHORTEST + 1):
            first, last = word[:cut], word[cut:]
            simple = self._is_first(first), self._is_last(last)
            if (simple[0] or self._is_compound_first(first)) and (simple[1] or bool(self._sure(last))):
                found.append((-sum(simple), -cut))
        return tuple(-cut for _, cut in sorted(found))

    def _likely(self, word: str) -> tuple[int, ...]:
        """Behind something unknown stands a noun so long that this is no accident."""
        for cut in range(_SHORTEST_UNKNOWN, len(word) - _TELLING + 1):
            if word[:cut] in _PREFIXES:
                return ()
            if self._is_last(word[cut:]):
                return (cut,)
        return ()

    def _is_first(self, part: str) -> bool:
        return any(one in self._known or f"{one}e" in self._known for one in _without(_LINKS, part))

    def _is_compound_first(self, part: str) -> bool:
        return any(self._sure(one) for one in _without(_LINKS, part))

    def _is_last(self, part: str) -> bool:
        stems = {form for one in _without(_ENDINGS, part) for form in (one, f"{one}e")}
        known = any(one in self._known or one.translate(_PLAIN) in self._known for one in stems)
        return known and part not in _SUFFIXES


def _without(endings: Iterable[str], word: str) -> Iterator[str]:
    return (
        word.removesuffix(one) for one in endings if word.endswith(one) and len(word) - len(one) >= _SHORTEST
    )
