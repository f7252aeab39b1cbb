"""What pages of one kind share, cut out of one finished page, so that each is its own values between the same pieces.

A probe puts sentinels where a page has values of its own. Whoever knows the frame makes a page of them, and it is cut where they
come out again, whatever way of escaping they went through. Values are put in afterwards and never looked at, so none of them can
pass for a sentinel.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

Way = Callable[[str], str]
# So much of a token tells that there was one, though the rest was cut off.
_SHORTEST = 8


class UnfitError(Exception):
    """A page does with a value what cannot be done again without making it."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Pieces of a page, and between them which of its values stand there, and in which way."""

    first: bytes
    others: tuple[tuple[str, Way, bytes], ...]

    def filled(self, values: Mapping[str, str]) -> bytes:
        """The page with these values."""
        parts = [self.first]
        for field, way, piece in self.others:
            parts += (_encoded(way(values[field])), piece)
        return b"".join(parts)

    @property
    def pieces(self) -> tuple[str, ...]:
        """What every page has, cut where its own values stand."""
        return tuple(one.decode() for one in (self.first, *(piece for _, _, piece in self.others)))


class Probe:
    """Values that stand for those of a page. ``token`` is of lower case letters and digits and stands nowhere else in the site."""

    def __init__(self, token: str) -> None:
        self._token = token
        # Each value as it may come out, with its field and the way it went, by its mark.
        self._found: dict[str, dict[str, tuple[str, Way]]] = {}

    def text(self, field: str) -> str:
        """A plain text, with every sign that one way of escaping writes otherwise than another."""
        mark = self._mark()
        value = f"{mark}<\"  '&>{self._token}"
        # In the order of how much they change: where two give the same, the simpler one is meant.
        for way in _WAYS:
            self._found[mark].setdefault(way(value), (field, way))
        return value

    def markup(self, field: str) -> str:
        """HTML with a heading, as the content of a page has one. It comes out as it goes in, or the page is unfit."""
        mark = self._mark()
        value = f"<h1>{mark}</h1>{self._token}"
        self._found[mark][value] = field, _as_is
        return value

    def name(self, field: str) -> str:
        """Part of an address, or an anchor: nothing in it has to be escaped."""
        mark = self._mark()
        self._found[mark][mark] = field, _as_is
        return mark

    def _mark(self) -> str:
        # Of one length, or one could be the beginning of another.
        mark = f"{self._token}{len(self._found):05d}"
        self._found[mark] = {}
        return mark

    def cut(self, page: str) -> Shell:
        """What pages like this one share.

        Raises:
            UnfitError: something else became of a value than a known way of escaping makes of it.
        """
        pieces: list[str] = []
        places: list[tuple[str, Way]] = []
        end = 0
        for mark in re.finditer(rf"{self._token}\d{{5}}", page):
            for value, place in self._found.get(mark[0], {}).items():
                start = mark.start() - value.index(mark[0])
                if start >= end and page.startswith(value, start):
                    pieces.append(page[end:start])
                    places.append(place)
                    end = start + len(value)
                    break
        pieces.append(page[end:])
        # One that came out in no known way was left in.
        if any(self._token[:_SHORTEST] in one.lower() for one in pieces):
            raise UnfitError
        first, *others = map(_encoded, pieces)
        return Shell(first, tuple((*place, piece) for place, piece in zip(places, others, strict=True)))


def _encoded(text: str) -> bytes:
    """As hosts write it."""
    return text.encode("utf-8", "xmlcharrefreplace")


def _as_is(value: str) -> str:
    return value


def _escaped(value: str) -> str:
    """By Jinja and all that is built on it, whose signs for quotation marks are others than those of Python itself."""
    return str(Markup.escape(value))


def _twice(value: str) -> str:
    return _escaped(html.escape(value))


def _as_label(value: str) -> str:
    """A title that was HTML, without tags and in one line, as a theme has it in an attribute."""
    return _escaped(Markup(html.escape(value)).striptags())  # noqa: S704 - escaped right here


# Each by its name, so that pieces can go to another process.
_WAYS: tuple[Way, ...] = (_as_is, html.escape, _escaped, _twice, _as_label)
