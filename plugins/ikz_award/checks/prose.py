"""What may stand in the editors' Markdown: no active content, no foreign pictures, no contact data, links that lead on."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import unquote

from ikz_award import text as texts
from ikz_award.checks.privacy import phones
from ikz_award.content import ANY_COMMENT, ContentPage, without_code
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
_MAILTO = re.compile(r"mailto:[^\s)>\"']*", re.IGNORECASE)
_LOCAL_PART = re.compile(r"[\w.+-]+")


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
        yield from _contact_data(page)
        for match in _LINK.finditer(plain):
            target = match[1]
            if ":" in target or target.startswith("/") or target.endswith("/"):
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(page.file), target))
            if path not in files:
                near = texts.nearest(path, files)
                guess = posixpath.relpath(near, posixpath.dirname(page.file) or ".") if near else ""
                yield Finding("E415", _place(page, match.start(1)), "", {"wert": target}, guess)


def _contact_data(page: ContentPage) -> Iterator[Finding]:
    """Addresses of people, and numbers; once a line, also in code, which is shown. Notes among editors are not."""
    text = ANY_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), page.text)
    # As readers and their mail programs see it; every line stays a line.
    shown = html.unescape(_MAILTO.sub(lambda match: " ".join(unquote(match[0]).split()), text))
    people = [one for one in texts.emails(shown) if not texts.is_functional_address(_local_part(one))]
    lines = page.text.split("\n")
    for code, found in (("E327", people), ("E328", phones(shown))):
        for one in dict.fromkeys(found):
            spots = (match.start() for match in re.finditer(re.escape(one), shown))
            for line in dict.fromkeys(shown.count("\n", 0, at) for at in spots):
                # Written otherwise, the part before the @ may still stand there.
                columns = (lines[line].find(part) + 1 for part in (one, _local_part(one)))
                column = next(filter(None, columns), 1)
                place = Place(page.path, line + 1, column)
                yield Finding(code, place, "", {"wert": " ".join(one.split())})


def _local_part(address: str) -> str:
    """What stands before the @, or before its disguise."""
    found = _LOCAL_PART.match(address)
    return found[0] if found else address


def _place(page: ContentPage, index: int) -> Place:
    before = page.text[:index]
    return Place(page.path, before.count("\n") + 1, index - before.rfind("\n"))
