"""What editors and records put into the site, and where: no name that a server, a disk or the generator takes for another."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from ikz_award.findings import Finding, Place

# Written by the generator, by its theme, or by us for programs; nothing else may lie there.
RESERVED = ("404", "assets", "feeds", "kalender", "pagefind", "search", "server", "sitemap")
# The generator takes it for the page of its folder.
_INDEX_AS_WELL = "readme.md"


def check(made: Iterable[tuple[str, str]], written: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Findings about paths in the site.

    Args:
        made: path of each generated file in the site, with the record or the words that stand for it; not judged by what
            is reserved for them.
        written: the same for the editors' files, with their path in the project.
    """
    spelled: dict[str, tuple[str, str]] = {}
    files: dict[str, str] = {}
    folders: set[str] = set()
    for own, (path, source) in (*((True, one) for one in made), *((False, one) for one in written)):
        place = Place(source if "/" in source else "data")
        if not own and (_folded(path).split("/")[0].partition(".")[0] in RESERVED):
            yield Finding("E462", place, values={"wert": path.split("/")[0]})
        if not own and source.lower().endswith(f"/{_INDEX_AS_WELL}"):
            yield Finding("E463", place, values={"wert": source.rpartition("/")[2]})
        steps = path.split("/")
        for index in range(1, len(steps) + 1):
            part = "/".join(steps[:index])
            is_file = index == len(steps)
            other, whose = spelled.setdefault(_folded(part), (part, source))
            # Whether the very same file is wanted twice, others say.
            if other != part or part in (folders if is_file else files):
                shown = whose if "/" in whose else f"/{other}"
                yield Finding("E460", place, values={"wert": part, "andere": shown})
                break
            if is_file:
                files.setdefault(path, source)
            else:
                folders.add(part)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
