"""Every file of the site that is not a page: looks, scripts, pictures, open data, papers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path

from ikz_award import (
    council_paper,
    open_data,
    picture_files,
    routes,
    security_contact,
    tool_data,
    word,
    wording,
)
from ikz_award.catalogue import Catalogue
from ikz_award.comparison import Comparison
from ikz_award.naming import Names
from ikz_award.paper import to_markdown

# The style sheet is written in parts and sent as one file; what comes later wins.
STYLE = (
    *("tokens", "frame", "small", "cards", "home", "edition", "case"),
    *("counting", "copying", "tools", "draft", "print"),
)
SCRIPTS = ("ikz.js", "werkzeuge.js")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that goes out as it is."""

    address: str
    data: bytes


def every(catalogue: Catalogue, project_root: Path, moment: datetime | None) -> Iterator[Asset]:
    """All of them; ``moment`` is when the site has to be built again."""
    yield from _own()
    for entry in catalogue.entries:
        for picture in entry.pictures:
            *smaller, largest = picture_files.variants(project_root / picture.source)
            yield Asset(routes.picture(entry, picture.name), largest.data)
            for one in smaller:
                yield Asset(routes.picture(entry, picture.name, one.width), one.data)
    words = wording.load()
    comparison = Comparison(catalogue, Names(catalogue, words), words)
    for address, data in (*open_data.files(catalogue), *tool_data.files(catalogue, comparison, words)):
        yield Asset(address, data)
    for address, paper in council_paper.for_all(catalogue):
        yield Asset(routes.paper(address, "docx"), _word(paper))
        yield Asset(routes.paper(address, "txt"), to_markdown(paper).encode())
    contact = security_contact.text(catalogue.operator, catalogue.website, catalogue.now)
    if contact:
        yield Asset(routes.SECURITY_CONTACT, contact.encode())
    yield Asset(routes.NEXT_CHANGE, open_data.next_change(catalogue.now, moment))


def _own() -> Iterator[Asset]:
    """What lies in the package."""
    folder = resources.files("ikz_award").joinpath("static")
    style = b"\n".join(folder.joinpath(f"style/{name}.css").read_bytes() for name in STYLE)
    yield Asset(f"{routes.ASSETS}ikz.css", style)
    for name in SCRIPTS:
        yield Asset(f"{routes.ASSETS}{name}", folder.joinpath(name).read_bytes())


# A preview builds again and again; a paper is a value, so the same one is made once.
_word = lru_cache(maxsize=1024)(word.to_docx)
