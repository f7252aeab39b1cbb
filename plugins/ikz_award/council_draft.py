"""A council paper in the making: its sentences, and its sources, numbered in the order in which they are first needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from ikz_award import richtext, wording
from ikz_award.dates import PartialDate
from ikz_award.model import Facts
from ikz_award.paper import Block, Gap, Link, Listing, Paper, Paragraph, Piece, Section
from ikz_award.publication import Entry

_GAP = re.compile(r"\[\[(.+?)\]\]")


@dataclass
class Draft:
    """A paper in the making: numbers its sources in the order in which they are first needed.

    ``titles`` are those of sources by address; one known only for paragraphs of a law has them in ``places`` instead.
    """

    site: str
    titles: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)

    def cite(self, rows: Iterable[Mapping[str, Any]]) -> str:
        """„Quellen 1 bis 3“ for rows with address and title, or empty."""
        numbers = []
        for row in rows:
            address = str(row["adresse"])
            if not self.titles.get(address):
                title = _laws().get(address) or str(row.get("titel") or address)
                read = row.get("gelesen_am")
                self.titles[address] = say("saetze", "gelesen", titel=title, tag=read) if read else title
            numbers.append(list(self.titles).index(address) + 1)
        return _numbered(sorted(set(numbers)))

    def law(self, key: str) -> str:
        """The same for a law that a sentence of ours names."""
        return self.cite([_texts()["gesetze"][key]])

    def place(self, address: str | None, place: str) -> str:
        """The same for a page that tells a paragraph of a law; its own title may be unknown."""
        if not address:
            return ""
        if not self.titles.setdefault(address, _laws().get(address, "")):
            places = self.places.setdefault(address, [])
            if place not in places:
                places.append(place)
        return _numbered([list(self.titles).index(address) + 1])

    def behind(self, rows: Iterable[Mapping[str, Any]]) -> str:
        """The same in brackets, to stand behind a word."""
        found = self.cite(rows)
        return say("saetze", "nachweis", quellen=found) if found else ""

    def witness(self, entry: Entry) -> str:
        """Who says what an entry tells."""
        return self.cite(entry.content["quellen"]) or say("saetze", "einreichende")

    def quoted(self, key: str, entry: Entry, text: object) -> tuple[Block, ...]:
        """A long text of a case below a sentence that says so."""
        blocks = long_text(text)
        return (line(key, nachweis=self.witness(entry)), *blocks) if blocks else ()

    def where(self, path: str) -> tuple[Piece, ...]:
        """The address of a page of the site; a gap while that of the site is unknown, as a path leads nowhere on paper."""
        return (Link(f"{self.site}/{path}"),) if self.site else line("adresse").pieces

    def paper(
        self,
        *,
        title: str,
        sections: Iterable[Section | None],
        page: str,
        address: str,
        as_of: PartialDate | None,
    ) -> Paper:
        """The paper, closed by the list of everything that was cited in it.

        Args:
            title: its title.
            sections: what stands in it.
            page: title of the page it belongs to.
            address: address of that page below the site's root.
            as_of: the day on which the sources were read last, if known.
        """
        sources = tuple(
            (name or say("saetze", "fundstellen", stellen="; ".join(self.places[target])), target)
            for target, name in self.titles.items()
        )
        made: list[Piece] = [say("saetze", "herkunft", seite=page), *self.where(address), ". "]
        if as_of:
            made.append(say("saetze", "herkunft_stand", stand=as_of) + " ")
        closing = section(
            "quellen",
            listing((_reference(*one) for one in sources), ordered=True),
            Paragraph((*made, say("saetze", "lizenz"))),
        )
        present = tuple(one for one in (*sections, closing) if one is not None)
        return Paper(title, (line("vorspann"),), present, sources, as_of)


def _reference(title: str, address: str) -> Paragraph:
    return Paragraph((Link(address),) if title == address else (f"{title}, ", Link(address)))


def _numbered(numbers: Sequence[int]) -> str:
    """„Quelle 2“ or „Quellen 1 bis 3 und 7“."""
    if not numbers:
        return ""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    words: list[str] = []
    for run in runs:
        long = len(run) > 2
        words += [say("saetze", "von_bis", von=run[0], bis=run[-1])] if long else [str(one) for one in run]
    joined = say("saetze", "und").join(filter(None, (", ".join(words[:-1]), words[-1])))
    return say("saetze", "quelle" if len(numbers) == 1 else "quellen", zahlen=joined)


def say(group: str, key: str, **values: object) -> str:
    """Words without gaps, by their place in the texts."""
    return cast("str", _texts()[group][key]).format(**values)


def line(key: str, **values: object) -> Paragraph:
    """A sentence with its gaps."""
    return Paragraph(_pieces(_texts()["saetze"][key], **values))


def section(
    key: str, *blocks: Block | None, parts: Iterable[Section | None] = (), **values: object
) -> Section | None:
    """A section of what is there; ``None`` if nothing is, so that no heading stands alone."""
    present = tuple(one for one in blocks if one is not None)
    below = tuple(one for one in parts if one is not None)
    return Section(say("ueberschriften", key, **values), present, below) if present or below else None


def listing(items: Iterable[Paragraph], *, ordered: bool = False, boxes: bool = False) -> Listing | None:
    """A list of what is there; ``None`` if nothing is."""
    rows = tuple(items)
    return Listing(rows, ordered=ordered, boxes=boxes) if rows else None


def long_text(text: object, label: str = "") -> tuple[Block, ...]:
    """A long text as blocks; ``label`` names the sentence in front of it."""
    blocks: list[Block] = []
    for one in richtext.to_blocks(cast("str | None", text)):
        if isinstance(one, richtext.Prose):
            blocks.append(Paragraph((one.text,)))
        else:
            blocks.append(Listing(tuple(Paragraph((item,)) for item in one.items), one.ordered, one.start))
    if not blocks or not label:
        return tuple(blocks)
    words = line(label).pieces
    first = blocks[0]
    if isinstance(first, Paragraph):
        return (Paragraph((*words, *first.pieces)), *blocks[1:])
    return (Paragraph(words), *blocks)


def dig(facts: Facts, *path: str) -> Any:  # noqa: ANN401 - values of records are of any kind
    """The value below ``facts``; nothing if the description of the data does not know a key."""
    value: Any = facts
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _pieces(template: str, **values: object) -> tuple[Piece, ...]:
    """A sentence with its gaps. They are found before the values come in, so a value cannot bring one along."""
    parts = [(gap, part.format(**values)) for gap, part in _cut(template)]
    return tuple(Gap(part) if gap else part for gap, part in parts if part)


@cache
def _cut(template: str) -> tuple[tuple[bool, str], ...]:
    """The parts of a sentence of ours, and which of them are gaps."""
    return tuple((index % 2 == 1, part) for index, part in enumerate(_GAP.split(template)))


@cache
def _texts() -> Mapping[str, Mapping[str, Any]]:
    return cast("Mapping[str, Mapping[str, Any]]", wording.texts("beschlussvorlage.yml"))


@cache
def _laws() -> Mapping[str, str]:
    """Titles of laws by address: a reference to one of their sentences is not the name of the page."""
    return {one["adresse"]: one["titel"] for one in _texts()["gesetze"].values()}
