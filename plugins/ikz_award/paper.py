"""A document as a value, with gaps for others to fill, and as Markdown. What stands in it is the business of others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from ikz_award import wording
from ikz_award.dates import PartialDate

# Not allowed in XML 1.0, so not in a DOCX either; and marks that turn the direction of a text without being seen.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_BLANKS = re.compile(r"[ \t\r\n\x85\u2028\u2029]+")
_MARKERS = frozenset(">+=-")
_NUMBER = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))")
# What is escaped, and quicker to tell: whether there may be anything to escape.
_SIGNS = re.compile(r"[\\`*\[\]<~#_&]")
_ANYWHERE = re.compile(r"[\\`*\[\]<~#]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")


@dataclass(frozen=True, slots=True)
class Gap:
    """A place the municipality fills; ``hint`` says with what."""

    hint: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address readers can follow, shown as it is."""

    address: str


Piece: TypeAlias = str | Gap | Link


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words, gaps and addresses in a row."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; ``start`` is the number of its first item, ``boxes`` means items that are ticked off."""

    items: tuple[Paragraph, ...]
    ordered: bool = False
    start: int = 1
    boxes: bool = False


Block: TypeAlias = Paragraph | Listing


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; never empty. ``parts`` are sections one level down."""

    title: str
    blocks: tuple[Block, ...]
    parts: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. The last of its sections lists ``sources``, pairs of title and address.

    ``as_of`` is the day on which the sources were read last, if known. It does not depend on the day of the build, so the
    same data make the same paper on any day.
    """

    title: str
    lead: tuple[Paragraph, ...]
    sections: tuple[Section, ...]
    sources: tuple[tuple[str, str], ...]
    as_of: PartialDate | None = None


def to_markdown(paper: Paper) -> str:
    """The paper as Markdown (CommonMark). Words of the data can neither format nor link anything."""
    lines = [f"# {_escaped(paper.title)}"]
    lines += [_inline(one) for one in paper.lead]
    for section in paper.sections:
        lines += _markdown(section, 2)
    return "\n\n".join(lines) + "\n"


def gap_text(gap: Gap) -> str:
    """A gap in words, in square brackets."""
    return _in_brackets(gap.hint)


def legible(text: str) -> str:
    """A text on one line, without signs that break a document or turn it around unseen; blanks at its ends stay."""
    # Most texts have nothing to remove: all such signs and blanks but the space count as not printable.
    if text.isprintable() and "  " not in text:
        return text
    return _BLANKS.sub(" ", _UNFIT.sub("", text))


def _in_brackets(hint: str) -> str:
    sentences = cast("Any", wording.texts("beschlussvorlage.yml")["saetze"])
    return cast("str", sentences["luecke"]).format(hinweis=hint)


def _escaped(text: str) -> str:
    """A text in which nothing means more than it says; words with underscores and addresses stay readable."""
    plain = legible(text)
    return _ANYWHERE.sub(r"\\\g<0>", plain) if _SIGNS.search(plain) else plain


def _inline(paragraph: Paragraph) -> str:
    parts = []
    for piece in paragraph.pieces:
        match piece:
            case Gap():
                parts.append(f"**{_in_brackets(_escaped(piece.hint))}**")
            case Link():
                parts.append(_target(legible(piece.address)))
            case _:
                parts.append(_escaped(piece))
    line = "".join(parts).strip(" ")
    # A number or a sign at the start would make a list or a heading of the paragraph.
    if line[:1] in _MARKERS:
        return f"\\{line}"
    return _NUMBER.sub(r"\1\\", line) if line[:1].isdigit() else line


def _target(address: str) -> str:
    """An address as a link where it is one, as words where nobody could follow it."""
    whole = re.fullmatch(r"(?:https?://|mailto:)[^\s<>]+", address, re.IGNORECASE)
    return f"<{address}>" if whole else _escaped(address)


def _markdown(section: Section, level: int) -> list[str]:
    lines = [f"{'#' * level} {_escaped(section.title)}"]
    for block in section.blocks:
        if isinstance(block, Paragraph):
            lines.append(_inline(block))
        else:
            lines.append("\n".join(_item(block, index) for index in range(len(block.items))))
    for part in section.parts:
        lines += _markdown(part, level + 1)
    return lines


def _item(listing: Listing, index: int) -> str:
    text = _inline(listing.items[index])
    if listing.ordered:
        return f"{listing.start + index}. {text}"
    return f"- [ ] {text}" if listing.boxes else f"- {text}"
