"""A page's content as the search gets it: without what readers do not see, and with its compounds marked."""

from __future__ import annotations

import html
from collections.abc import Sequence
from html.parser import HTMLParser

from ikz_award.compounds import WORD, Splitter

# Stands between the parts of a compound. The search takes a word with a sign inside for itself and for its parts, at the
# same place of the text; the page of the search takes the sign out again before it shows an excerpt.
JOINT = "|"
# The title goes over on its own, see ``search_index``.
_NOT_READ = frozenset(["h1", "script", "style", "template", "svg", "noscript", "form", "button", "nav"])
_VOID = frozenset(["br", "hr", "img", "input", "wbr", "source", "col"])
# What a page says about others, or says twice: whoever searches wants the page it is about.
_ELSEWHERE = frozenset(
    [
        "ikz-zitat",
        "ikz-steckbrief",
        "ikz-vergleich",
        "ikz-seltenes",
        "ikz-aehnlich",
        "ikz-nur-druck",
        "ikz-flecken",
    ]
)
_CARD = "ikz-karte"
# Within a word or a line; behind everything else begins a new word, though the HTML has no blank there.
_INLINE = frozenset(
    ["a", "abbr", "b", "cite", "code", "em", "i", "mark", "q", "s", "small", "strong", "sub", "sup"]
)


def mark(text: str, splitter: Splitter) -> str:
    """A text in which every compound shows its two parts."""
    return WORD.sub(lambda match: JOINT.join(splitter.parts(match[0]) or (match[0],)), text)


def read(source: str) -> list[tuple[bool, str]]:
    """HTML in pieces: texts (plain) and tags in turn, each with whether it is a text."""
    return _Reader(source).pieces


class _Reader(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[bool, str]] = []
        # Open elements: tag, where its pieces begin, and whether it is a card.
        self._open: list[tuple[str, int, bool]] = []
        self._hidden = 0
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave out what nobody should find here, with all that is in it."""
        values = dict(attrs)
        classes = set((values.get("class") or "").split())
        if tag not in _VOID:
            unread = tag in _NOT_READ or bool({"hidden", "data-search-exclude"} & values.keys())
            if self._hidden or unread or classes & _ELSEWHERE:
                self._hidden += 1
            self._open.append((tag, len(self.pieces), _CARD in classes))
        if not self._hidden:
            self.pieces.append((False, self.get_starttag_text() or ""))

    def handle_endtag(self, tag: str) -> None:
        """Close what is open. A card that leads to a page of its own is not read: what it says is said there."""
        if not any(one[0] == tag for one in self._open):
            return
        closed = ""
        while closed != tag:
            closed, start, is_card = self._open.pop()
            if self._hidden:
                self._hidden -= 1
            else:
                self.pieces.append((False, f"</{closed}>"))
                if closed not in _INLINE:
                    self.pieces.append((True, " "))
                if is_card and any(
                    not text and piece.startswith("<a ") for text, piece in self.pieces[start:]
                ):
                    del self.pieces[start:]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        if not self._hidden:
            self.pieces.append((True, data.replace(JOINT, "/")))


class Content:
    """A page as the search gets it, from the pieces of its HTML."""

    def __init__(self, pieces: Sequence[tuple[bool, str]]) -> None:
        self.pieces = pieces

    @property
    def texts(self) -> list[str]:
        """What a reader reads."""
        return [" ".join(piece.split()) for is_text, piece in self.pieces if is_text and piece.strip()]

    def marked(self, splitter: Splitter) -> str:
        """HTML in which every compound shows its two parts."""
        return "".join(
            html.escape(mark(piece, splitter)) if is_text else piece for is_text, piece in self.pieces
        )

    def inner_parts(self, splitter: Splitter) -> list[str]:
        """Nouns deeper inside its compounds, which no sign can show without hiding others."""
        words = {match[0] for text in self.texts for match in WORD.finditer(text)}
        return sorted(frozenset().union(*map(splitter.inner, words)))
