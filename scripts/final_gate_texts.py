"""Whether anything a text says may not be said: addresses of nothing public, and forbidden texts.

Nearly all lines of a site stand on many pages, and nearly all are harmless. A line is therefore looked at once, quickly and
rather too strictly; only a text with a line that is suspected is looked at closely, and only that look finds anything.
Neither an address nor a forbidden text without a line break reaches over the end of a line. One with a line break is
suspected wherever its longest line stands, and such a line is never taken for harmless.
"""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from urllib.parse import unquote

from final_gate_notes import Notes, Rules, folded, shown, split

# Marks within a text, and signs that nobody sees; a letter by its number, and what JSON and tables write for some signs. A
# pattern that begins with a certain sign is found many times as fast as one that may begin with any of several.
_MARK = re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200d\u2060\ufeff]")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}(?:%[0-9a-fA-F]{2})*")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_WRITTEN = (("\\n", "\n"), ('\\"', '"'), ('""', '"'), ("\\/", "/"))
_STEPS = re.compile(r"(?:[\w.-]+/)+")
_LETTER = re.compile(r"[\w-]")
_NAME = re.compile(rb"urn:uuid:[0-9a-f-]{36}")
_WORD = re.compile(r"\w+")
# So many characters of harmless lines are remembered, so many words; then it begins anew.
_LINES_KEPT = 4_000_000
_WORDS_KEPT = 100_000
# So much of a long text is looked at in one go.
_PIECE = 2**20
# Looking for so many phrases is quicker than for words.
_FEW = 300
# A key of fewer characters would be found everywhere.
_SHORTEST_KEY = 4


class Phrases:
    """Whether any of some phrases stands in a text; of many, without looking for each.

    Wherever a phrase stands, each of its words is a word of the text or part of one; of each, the rarest is looked for.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        words = {one: _WORD.findall(one) for one in phrases}
        often = Counter(word for some in words.values() for word in set(some))
        self._each = [one for one, some in words.items() if not some or len(words) <= _FEW]
        self._by_key: defaultdict[str, list[str]] = defaultdict(list)
        for phrase, some in words.items():
            if some and len(words) > _FEW:
                key = min(some, key=lambda word: (len(word) < _SHORTEST_KEY, often[word], -len(word)))
                self._by_key[key].append(phrase)
        self._lengths = sorted(set(map(len, self._by_key)))
        self._harmless: set[str] = set()

    def stand_in(self, text: str) -> bool:
        """Whether one does; the text is folded, as the phrases are."""
        if any(one in text for one in self._each):
            return True
        if not self._by_key:
            return False
        if len(self._harmless) > _WORDS_KEPT:
            self._harmless.clear()
        for word in set(_WORD.findall(text)) - self._harmless:
            keys = self._keys_in(word)
            if not keys:
                self._harmless.add(word)
            elif any(phrase in text for key in keys for phrase in self._by_key[key]):
                return True
        return False

    def _keys_in(self, word: str) -> set[str]:
        return {
            piece
            for length in self._lengths
            for start in range(len(word) - length + 1)
            if (piece := word[start : start + length]) in self._by_key
        }


class Texts:
    """Looks at texts of one kind, one after the other, and remembers which lines were harmless.

    Lines with anything like ``unsettled`` are not: of each text with one the caller is told.
    """

    def __init__(self, rules: Rules, notes: Notes, unsettled: re.Pattern[str] | None = None) -> None:
        self._rules, self._notes, self._unsettled = rules, notes, unsettled
        self._harmless: set[str] = set()
        self._kept = 0
        # What follows is looked at ahead, so that an area within an address is seen as well.
        self._areas = [
            (
                re.compile(f"{re.escape(area)}(?=((?:[\\w.-]+/)+))"),
                {one.removeprefix(area) for one in rules.named if one.startswith(area)},
            )
            for area in rules.areas
        ]
        self._named = tuple(rules.names)
        self._phrases = Phrases(one for one in rules.forbidden if "\n" not in one)
        self._longest = Phrases(max(one.split("\n"), key=len) for one in rules.forbidden if "\n" in one)

    def look_line_by_line(self, name: str, text: str) -> bool:
        """Look at a text that shares lines with others; returns whether the pattern that settles nothing stands in it."""
        if name.startswith(self._named):
            self._names(name, text.encode())
        lines = [one for one in text.split("\n") if one not in self._harmless]
        rest = "\n".join(lines)
        suspected, holds_for_lines = self._suspects(rest) if rest else (False, True)
        harmless = not suspected or self._look_closely(name, text)
        unsettled = self._unsettled.search if self._unsettled else _never
        is_unsettled = bool(unsettled(rest))
        if harmless and holds_for_lines:
            self._remember([one for one in lines if not is_unsettled or not unsettled(one)])
        return is_unsettled

    def look(self, name: str, data: bytes, faults: str = "replace") -> None:
        """Look at a text like no other; piece by piece, so that a long one is not in memory several times."""
        # All of it first: of what is no text, nothing is said but that.
        for one in _pieces(data) if faults == "strict" else ():
            one.decode()
        if name.startswith(self._named):
            self._names(name, data)
        if any(self._suspects(one.decode("utf-8", faults))[0] for one in _pieces(data)):
            self._look_closely(name, data.decode("utf-8", faults))

    def look_at_name(self, name: str) -> None:
        """Look at what a file is called."""
        if self._phrases.stand_in(_as_read(name)):
            self._look_closely(name, name)

    def _suspects(self, text: str) -> tuple[bool, bool]:
        """Whether a text needs a close look; and whether what that finds holds for each line by itself."""
        plain = _as_read(text) if self._rules.forbidden else ""
        over_lines = self._longest.stand_in(plain)
        suspected = (
            over_lines
            or self._phrases.stand_in(plain)
            or any(not known.issuperset(steps.findall(text)) for steps, known in self._areas)
        )
        return suspected, not over_lines

    def _remember(self, lines: Sequence[str]) -> None:
        if self._kept > _LINES_KEPT:
            self._harmless.clear()
            self._kept = 0
        self._harmless.update(lines)
        self._kept += sum(map(len, lines))

    def _look_closely(self, name: str, text: str) -> bool:
        """Say what is wrong, where; returns whether nothing is."""
        before = len(self._notes.found)
        for area in self._rules.areas:
            self._addresses(name, area, text)
        if self._rules.forbidden:
            plain = _as_read(text)
            for index, one in enumerate(self._rules.forbidden, 1):
                if one in plain:
                    # The text itself must not get into a log.
                    self._notes.say(name, 0, f"Hier steht der verbotene Text Nummer {index} der Liste.")
        return len(self._notes.found) == before

    def _addresses(self, name: str, area: str, text: str) -> None:
        at = 0
        for before, piece in pairwise(text.split(area)):
            at += len(before)
            match = _STEPS.match(piece)
            if match and f"{area}{match[0]}" not in self._rules.named and not _LETTER.search(before[-1:]):
                # Addresses elsewhere may look like ours.
                start = re.search(r"[^\s\"'<>()]*\Z", before)
                host = split(start[0].replace("\\/", "/"))[1] if start else ""
                if not host or self._rules.is_own(host):
                    line = text.count("\n", 0, at) + 1
                    address = shown(f"{area}{match[0]}")
                    self._notes.say(
                        name, line, f"„{address}“ wird genannt und ist keine öffentliche Adresse."
                    )
            at += len(area)

    def _names(self, name: str, data: bytes) -> None:
        """The permanent names in a file of which the list knows all."""
        for start, names in self._rules.names.items():
            if name.startswith(start):
                for match in _NAME.finditer(data):
                    one = match[0].decode()
                    if one not in names:
                        line = data.count(b"\n", 0, match.start()) + 1
                        self._notes.say(name, line, f"Die Kennung „{one}“ gehört zu nichts Öffentlichem.")


def _as_read(text: str) -> str:
    """A text as it stands, and again as whoever opens the file reads it: no form of writing hides anything."""
    plain = html.unescape(text)
    read = _UNICODE.sub(lambda one: chr(int(one[1], 16)), plain) if "\\u" in plain else plain
    # Only where something stands: the library takes every word of a long text apart.
    read = _PERCENT.sub(lambda one: unquote(one[0]), read)
    if read != plain:
        # What stands within a mark is gone with it below.
        plain = f"{plain}\n{read}"
    read = _MARK.sub("", read)
    if not read.isascii():
        read = _UNSEEN.sub("", read)
    for written, meant in _WRITTEN:
        read = read.replace(written, meant)
    return folded(plain) if read == plain else folded(f"{plain}\n{read}")


def _never(_text: str) -> None:
    """A search that finds nothing."""


def _pieces(data: bytes) -> Iterator[bytes]:
    """Whole lines, about a million bytes of them."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _PIECE) + 1 or len(data)
        yield data[start:end]
        start = end
