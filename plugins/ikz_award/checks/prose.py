"""What may stand in the editors' Markdown: no active content, no pictures of others, and links that lead somewhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator

from ikz_award import text as texts
from ikz_award.content import ContentPage, without_code
from ikz_award.findings import Finding, Place

_ACTIVE = re.compile(
    r"<\s*(?:script|iframe|object|embed|style|form|svg|math|link|meta|base|template)\b|<[^>]*\son[a-z]+\s*=|"
    r"\b(?:javascript|vbscript)\s*:|\bdata:text/",
    re.IGNORECASE,
)
_FOREIGN_PICTURE = re.compile(
    r"!\[[^\]]*\]\(\s*(?:https?:)?//|<img\b[^>]*\bsrc\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE
)
_NO_COLON = re.compile(r"<!--\s*ikz(?!\s*:)\b", re.IGNORECASE)
_LINK = re.compile(r"\]\(\s*<?([^)\s>#?]+)")


def check(pages: Iterable[ContentPage], files: Collection[str]) -> Iterator[Finding]:
    """Findings in the editors' pages.

    Args:
        pages: the pages.
        files: paths below ``content/`` a link may lead to, generated pages included.
    """
    for page in pages:
        plain = without_code(page.text)
        for code, pattern in (("E412", _ACTIVE), ("E413", _FOREIGN_PICTURE), ("E414", _NO_COLON)):
            for match in pattern.finditer(plain):
                shown = " ".join(match[0].split())[:40]
                yield Finding(code, _place(page, match.start()), values={"wert": shown})
        for match in _LINK.finditer(plain):
            target = match[1]
            if ":" in target or target.startswith("/") or target.endswith("/"):
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(page.file), target))
            if path not in files:
                near = texts.nearest(path, files)
                guess = posixpath.relpath(near, posixpath.dirname(page.file) or ".") if near else ""
                yield Finding("E415", _place(page, match.start(1)), "", {"wert": target}, guess)


def _place(page: ContentPage, index: int) -> Place:
    before = page.text[:index]
    return Place(page.path, before.count("\n") + 1, index - before.rfind("\n"))
