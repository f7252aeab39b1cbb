"""Long texts of records: a little Markdown in, HTML by allow-list or plain blocks out. The only module that knows nh3 and markdown-it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

# What the long texts of a case may contain; headings would break the order of the page around them.
_TAGS = {
    "p",
    "br",
    "em",
    "strong",
    "ul",
    "ol",
    "li",
    "a",
    "blockquote",
    "code",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}

_PARSER = (
    MarkdownIt("commonmark", {"html": False, "linkify": False})
    .enable("table")
    .disable(["heading", "lheading", "image"])
)


def _with_scheme(_: str, attribute: str, value: str) -> str | None:
    """Drop links without a scheme: ``//host/path`` would lead away under the scheme of the page."""
    if attribute == "href" and not value.lower().startswith(tuple(f"{one}:" for one in _SCHEMES)):
        return None
    return value


def to_html(text: str | None) -> Markup:
    """Safe HTML for a long text. Raw HTML in it shows as text; foreign links open without telling where from."""
    if not text:
        return Markup()
    # markdown-it keeps raw HTML as text; nh3 then decides by allow-list alone, whatever the parser let through.
    cleaned = nh3.clean(
        _PARSER.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_with_scheme,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )
    return Markup(cleaned.strip())  # noqa: S704 - the allow-list above is what makes it safe


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph of a long text, without markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """A list of a long text, without markup; ``start`` is the number its first item carries."""

    items: tuple[str, ...]
    ordered: bool
    start: int = 1


# The texts of a pattern stand in the paper of every case that shows it.
@lru_cache(maxsize=1 << 12)
def to_blocks(text: str | None) -> tuple[Prose | Points, ...]:
    """The paragraphs and lists of a long text, for documents that know no HTML.

    Emphasis is dropped, a link keeps its address in brackets behind its words. A list inside a list becomes a part of
    the item it belongs to, and a table a list of its rows, each cell with the head of its column.
    """
    return tuple(_blocks(SyntaxTreeNode(_PARSER.parse(text)))) if text else ()


def _blocks(parent: SyntaxTreeNode) -> Iterator[Prose | Points]:
    for node in parent.children:
        match node.type:
            case "bullet_list" | "ordered_list":
                items = tuple(filter(None, (_flat(item) for item in node.children)))
                if items:
                    yield Points(items, node.type == "ordered_list", int(node.attrs.get("start", 1)))
            case "table":
                yield from _rows(node)
            case "blockquote":
                yield from _blocks(node)
            case "hr":
                pass
            case _:
                words = _words(node)
                if words:
                    yield Prose(words)


def _flat(item: SyntaxTreeNode) -> str:
    """An item of a list as one text, whatever stands in it."""
    parts = (block.text if isinstance(block, Prose) else "; ".join(block.items) for block in _blocks(item))
    return " ".join(parts)


def _rows(table: SyntaxTreeNode) -> Iterator[Points]:
    head, *body = (
        [[_words(cell) for cell in row.children] for row in part.children] for part in table.children
    )
    rows = (
        "; ".join(
            f"{name}: {cell}" if name else cell for name, cell in zip(head[0], row, strict=False) if cell
        )
        for part in body
        for row in part
    )
    items = tuple(filter(None, rows))
    if items:
        yield Points(items, ordered=False)


def _words(node: SyntaxTreeNode) -> str:
    # Only the blanks of the source are joined; a protected one, as in „§ 23“, is meant.
    return re.sub(r"[ \t\r\n]+", " ", _text(node)).strip()


def _text(node: SyntaxTreeNode) -> str:
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    if not node.children:
        return node.content
    inner = "".join(_text(child) for child in node.children)
    if node.type != "link":
        return inner
    address = str(node.attrs.get("href", ""))
    if _with_scheme("a", "href", address) is None:
        return inner
    shown = address.removeprefix("mailto:")
    return inner if shown in {inner, ""} else f"{inner} ({shown})".strip()
