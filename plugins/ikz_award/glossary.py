"""Technical terms: their explanations in German order, and a mark at their first use on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from ikz_award import routes
from ikz_award.catalogue import Catalogue
from ikz_award.text import sort_key

# A piece of HTML that is not text. Scripts, styles and templates count whole, with all that is in them.
_MARKUP = re.compile(
    r"""(<!--.*?-->|<(?P<whole>script|style|template)\b.*?</(?P=whole)\s*>|<(?:[^<>"']|"[^"]*"|'[^']*')*>)""",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<rest>[^>]*)", re.IGNORECASE)
_CLASSES = re.compile(r'\bclass="([^"]*)"')
_WORD = re.compile(r"[^\W\d_][\w-]*")
# A link in a link is none, and headings, labels, controls and code are read as a whole. A label stands close above its value,
# too close for two targets.
_SKIPPED = frozenset(
    (
        *("a", "button", "code", "dt", "figcaption", "form", "nav", "pre", "summary", "svg", "th"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    )
)
# Cards lead to one page each; names, sources and citations are not our words.
_SKIPPED_CLASSES = frozenset(
    ["ikz-karte", "ikz-beteiligte", "ikz-quellen", "ikz-zitat", "ikz-nur-vorlesen", "ikz-nur-druck"]
)


@dataclass(frozen=True, slots=True)
class Explained:
    """A term with all that a reader is told about it. ``forms`` are its spellings in running text."""

    key: str
    title: str
    text: str
    basis: str
    source: str
    legal_form: str
    forms: tuple[str, ...]


def explained(catalogue: Catalogue) -> tuple[Explained, ...]:
    """All terms in the order of a German list; a legal form is explained in the words of its own table."""
    found = []
    for term in sorted(catalogue.glossary.values(), key=lambda one: (sort_key(one.title), one.key)):
        form = catalogue.legal_forms.get(term.facts["rechtsform"] or "")
        facts = form.facts if form else term.facts
        if facts["erklaerung"]:
            found.append(
                Explained(
                    key=term.key,
                    title=term.title,
                    text=facts["erklaerung"],
                    basis=facts["grundlage"] or "",
                    source=facts["quelle"] or "",
                    legal_form=form.key if form else "",
                    forms=tuple(str(row["wert"]) for row in term.facts["wortformen"]),
                )
            )
    return tuple(found)


def by_letter(terms: Sequence[Explained]) -> Mapping[str, list[Explained]]:
    """Terms by the letter under which a German list has them."""
    letters: dict[str, list[Explained]] = {}
    for one in terms:
        letters.setdefault(sort_key(one.title)[:1].upper(), []).append(one)
    return letters


class Glossary:
    """Marks terms in finished HTML."""

    def __init__(self, terms: Sequence[Explained] = ()) -> None:
        self._by_first_word: dict[str, list[tuple[re.Pattern[str], Explained]]] = {}
        spellings = [(form, term) for term in terms for form in term.forms]
        # The longer form first: „belegte Übernahme“ is not „Übernahme“.
        for form, term in sorted(spellings, key=lambda pair: -len(pair[0])):
            first = _WORD.search(form)
            if first:
                known = self._by_first_word.setdefault(_folded(first[0]), [])
                known.append((_pattern(form[first.start() :]), term))
        # In both spellings, see ``_folded``.
        self._first_words = {
            f"{first}{word[1:]}" for word in self._by_first_word for first in (word[:1], word[:1].upper())
        }

    def mark(self, html: str, address: str) -> str:
        """The same HTML, where each term is a link to its explanation when it stands there for the first time."""
        if not self._by_first_word or address == routes.GLOSSARY:
            return html
        done: set[str] = set()
        parts: list[str] = []
        end = 0
        for start, stop in _texts(html):
            text = html[start:stop]
            # Most have none of the words, and that is told in one go.
            if not self._first_words.isdisjoint(_WORD.findall(text)):
                parts += [html[end:start], self._marked(text, address, done)]
                end = stop
        return "".join([*parts, html[end:]])

    def _marked(self, text: str, address: str, done: set[str]) -> str:
        parts: list[str] = []
        end = 0
        for word in _WORD.finditer(text):
            if word.start() < end:
                continue
            for pattern, term in self._by_first_word.get(_folded(word[0]), ()):
                match = pattern.match(text, word.start())
                if match:
                    if term.key not in done:
                        done.add(term.key)
                        parts += [text[end : match.start()], _link(match[0], term, address)]
                        end = match.end()
                    break
        return "".join([*parts, text[end:]])


def _texts(html: str) -> Iterator[tuple[int, int]]:
    """Beginning and end of each text in which a term may be marked."""
    skipping, depth = "", 0
    position = 0
    for match in _MARKUP.finditer(html):
        start = match.start()
        if start > position and not skipping:
            yield position, start
        position = match.end()
        if match["whole"]:
            continue
        name, ends, is_skipped = _read(match[0])
        if skipping:
            depth += (-1 if ends else 1) if name == skipping else 0
            skipping = skipping if depth else ""
        elif is_skipped:
            skipping, depth = name, 1
    if not skipping:
        yield position, len(html)


# Nearly all tags of a page are the same few.
@lru_cache(maxsize=4096)
def _read(tag: str) -> tuple[str, bool, bool]:
    """Name of a tag, whether it ends an element, and whether it begins one in which nothing is marked; a comment has no name."""
    found = _TAG.match(tag)
    if found is None:
        return "", False, False
    name, ends = found["name"].lower(), bool(found["end"])
    return name, ends, not ends and not tag.endswith("/>") and _is_skipped(name, tag)


def _is_skipped(name: str, tag: str) -> bool:
    classes = _CLASSES.search(tag)
    hidden = 'aria-hidden="true"' in tag
    return name in _SKIPPED or hidden or bool(classes and _SKIPPED_CLASSES & set(classes[1].split()))


def _folded(word: str) -> str:
    """A sentence may begin with the word."""
    return word[:1].lower() + word[1:]


def _pattern(form: str) -> re.Pattern[str]:
    words = r"(?:\s|&nbsp;)+".join(re.escape(word) for word in form.split())
    first = form[:1]
    return re.compile(
        rf"[{re.escape(first.lower() + first.upper())}]{words[len(re.escape(first)) :]}(?![\w-])"
    )


def _link(words: str, term: Explained, address: str) -> str:
    told = f"{term.text} ({term.basis})" if term.basis else term.text
    target = routes.relative(address, routes.term(term.key))
    return (
        f'<a class="ikz-begriff" href="{target}" data-ikz-begriff="{escape(term.title)}" '
        f'data-ikz-erklaerung="{escape(told)}">{words}</a>'
    )
