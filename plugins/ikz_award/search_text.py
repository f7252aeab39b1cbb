"""A page's content as the search gets it: without what readers do not see, and with its compounds marked."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, TypeAlias

from lxml import etree

from ikz_award.compounds import LONG_WORD, Splitter

Element: TypeAlias = Any
# Stands between the parts of a compound. The search takes a word with a sign inside for itself and for its parts, at the
# same place of the text; the page of the search takes the sign out again before it shows an excerpt.
JOINT = "|"
# The title goes over on its own, see ``search_index``.
_NOT_READ = frozenset(["h1", "script", "style", "template", "svg", "noscript", "form", "button", "nav"])
_VOID = frozenset(["br", "hr", "img", "input", "wbr", "source", "col"])
# What a page says about others, or says twice: whoever searches wants the page it is about.
_ELSEWHERE = frozenset(
    [
        *("ikz-zitat", "ikz-steckbrief", "ikz-vergleich", "ikz-seltenes", "ikz-aehnlich"),
        *("ikz-nur-druck", "ikz-flecken"),
    ]
)
_CARD = "ikz-karte"
# Within a word or a line; behind everything else begins a new word, though the HTML has no blank there.
_INLINE = frozenset(
    ["a", "abbr", "b", "cite", "code", "em", "i", "mark", "q", "s", "small", "strong", "sub", "sup"]
)


def mark(text: str, splitter: Splitter) -> str:
    """A text in which every compound shows its two parts."""
    return LONG_WORD.sub(lambda match: JOINT.join(splitter.parts(match[0]) or (match[0],)), text)


def read(source: str) -> list[tuple[bool, str]]:
    """HTML in pieces: texts (plain) and tags in turn, each with whether it is a text.

    Of attributes, only anchors stay. What nobody should find here is left out with all that is in it, and so is a card that
    leads to a page of its own: what it says is said there.
    """
    body = etree.fromstring(f"<body>{source}</body>", _parser()).find("body")
    pieces: list[tuple[bool, str]] = []
    walk = etree.iterwalk(body, events=("start", "end"))
    left_out: set[Element] = set()
    for event, one in walk:
        tag = one.tag
        if event == "start":
            text = one.text
            if _is_unread(one):
                walk.skip_subtree()
                left_out.add(one)
                continue
            anchor = one.get("id")
            pieces.append((False, f'<{tag} id="{html.escape(anchor)}">' if anchor else f"<{tag}>"))
        else:
            text = one.tail
            if one in left_out:
                left_out.remove(one)
            elif tag not in _VOID:
                pieces.append((False, f"</{tag}>"))
                if tag not in _INLINE:
                    pieces.append((True, " "))
        if text:
            pieces.append((True, text.replace(JOINT, "/")))
    return pieces


def _is_unread(one: Element) -> bool:
    if one.tag in _NOT_READ or one.get("hidden") is not None or one.get("data-search-exclude") is not None:
        return True
    classes = (one.get("class") or "").split()
    return not _ELSEWHERE.isdisjoint(classes) or (_CARD in classes and one.find(".//a") is not None)


def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)


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
        words = {word for text in self.texts for word in LONG_WORD.findall(text)}
        return sorted(frozenset().union(*map(splitter.inner, words)))
