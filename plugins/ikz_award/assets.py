"""Every file of the site that is not a page: looks, scripts, pictures, open data, papers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib import resources
from pathlib import Path

from ikz_award import (
    calendar_file,
    cards,
    council_paper,
    feeds,
    open_data,
    picture_files,
    render,
    routes,
    security_contact,
    tool_data,
    word,
    wording,
)
from ikz_award.cards import Card
from ikz_award.catalogue import Catalogue
from ikz_award.comparison import Comparison
from ikz_award.council_paper import Pending
from ikz_award.feeds import Feed
from ikz_award.naming import Names
from ikz_award.paper import to_markdown
from ikz_award.publication import Profile
from ikz_award.replay import Store

# The style sheet is written in parts and sent as one file; what comes later wins.
STYLE = (
    *("tokens", "frame", "small", "cards", "home", "edition", "case"),
    *("counting", "copying", "tools", "words", "search", "news", "draft", "collection", "map", "print"),
)
SCRIPTS = ("ikz.js", "werkzeuge.js", "begriffe.js", "suche.js", "sammlung.js")
# Bricolage Grotesque, SIL Open Font License 1.1; the licence lies beside it.
FONT = "bricolage-grotesque.woff2"


@dataclass(frozen=True, slots=True, eq=False)
class Asset:
    """A file that goes out as it is: its bytes, or what fetches them, since all files together would not go into memory."""

    address: str
    _data: bytes | Callable[[], bytes] = field(repr=False)

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self._data if isinstance(self._data, bytes) else self._data()

    def __eq__(self, other: object) -> bool:
        """Whether both say the same."""
        return isinstance(other, Asset) and (self.address, self.data) == (other.address, other.data)

    def __hash__(self) -> int:
        """By its address, which no two of a site have."""
        return hash(self.address)


def every(
    catalogue: Catalogue,
    told: Iterable[Feed],
    drawn: Mapping[str, Card],
    profile: Profile,
    project_root: Path,
    moment: datetime | None,
    store: Store,
) -> Iterator[Asset]:
    """All of them; ``told`` are the feeds, ``drawn`` the cards, and ``moment`` is when the site has to be built again.

    What takes long to make comes from ``store`` if it was made before.
    """
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
    for address, data in (
        *feeds.files(catalogue, told),
        *calendar_file.files(catalogue),
    ):
        yield Asset(address, data)
    drawings = store.make_all("karte", ((repr(card), partial(cards.draw, card)) for card in drawn.values()))
    for address, drawing in zip(drawn, drawings, strict=True):
        yield Asset(routes.card(address), drawing)
    yield Asset(routes.ROBOTS, robots(catalogue.website, profile))
    yield from _papers(council_paper.for_all(catalogue), store)
    yield Asset(routes.MAP_BASE, render.render("map_base.svg", "", {"atlas": catalogue.atlas}).encode())
    contact = security_contact.text(catalogue.operator, catalogue.website, catalogue.now)
    if contact:
        yield Asset(routes.SECURITY_CONTACT, contact.encode())
    yield Asset(routes.NEXT_CHANGE, open_data.next_change(catalogue.now, moment))


def _papers(pending: Iterable[Pending], store: Store) -> Iterator[Asset]:
    """Council papers as Word files and as texts. Where both are known, the paper itself is not made."""
    pending = tuple(pending)
    made = store.make_all("vorlage", ((one.source, partial(_paper, one)) for one in pending))
    for one, both in zip(pending, made, strict=True):
        yield Asset(routes.paper(one.address, "docx"), partial(_part, both, 1))
        yield Asset(routes.paper(one.address, "txt"), partial(_part, both, 0))


def _paper(pending: Pending) -> bytes:
    """A paper as text and as Word file, the length of the text before both."""
    paper = pending.make()
    text = to_markdown(paper).encode()
    return b"%d\n%s%s" % (len(text), text, word.to_docx(paper))


def _part(both: Callable[[], bytes], which: int) -> bytes:
    length, _, rest = both().partition(b"\n")
    return (rest[: int(length)], rest[int(length) :])[which]


def robots(website: str, profile: Profile) -> bytes:
    """Everybody may read what is published; a draft is for nobody's index."""
    if profile != "produktion":
        return b"User-agent: *\nDisallow: /\n"
    sitemap = f"\nSitemap: {website}/sitemap.xml\n" if website else ""
    return f"User-agent: *\nAllow: /\n{sitemap}".encode()


def _own() -> Iterator[Asset]:
    """What lies in the package."""
    folder = resources.files("ikz_award").joinpath("static")
    style = b"\n".join(folder.joinpath(f"style/{name}.css").read_bytes() for name in STYLE)
    yield Asset(f"{routes.ASSETS}ikz.css", style)
    yield Asset(f"{routes.ASSETS}favicon.svg", folder.joinpath("favicon.svg").read_bytes())
    yield Asset(f"{routes.ASSETS}fonts/{FONT}", folder.joinpath(f"fonts/{FONT}").read_bytes())
    for name in SCRIPTS:
        yield Asset(f"{routes.ASSETS}{name}", folder.joinpath(name).read_bytes())
