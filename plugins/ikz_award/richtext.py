"""Long texts of records: a little Markdown in, HTML by allow-list out. The only module that knows nh3 and markdown-it."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
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
