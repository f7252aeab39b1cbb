"""What the search knows about a page besides its text: kind, one sentence, and by what it can be filtered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ikz_award import facets, routes
from ikz_award.catalogue import Catalogue
from ikz_award.content import ContentPage
from ikz_award.pages import PageSpec
from ikz_award.publication import Entry
from ikz_award.text import sort_key
from ikz_award.wording import Wording

# In the order in which readers see them: the kind of page, and facets of the collection. The names stand in addresses.
FILTERS = (
    *("art", "aufgabenfeld", "muster", "rechtsform"),
    *("preis", "kategorie", "durchgang", "bezirk", "kreis"),
)
# Pages of municipalities repeat what their cases say, and there are hundreds of them.
_WEIGHTS = {"kommune": 0.2, "mitteilung": 0.7}
# The search itself, and lists which nearly every word would find.
_NOT_FOUND = (routes.SEARCH, routes.REGISTER, routes.TAGS)
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Findable:
    """A page of the site; ``filters`` has German values by name of the filter, ``rank`` its place from A to Z.

    What is said on pages of little ``weight`` is mostly said on others, too. Under ``words`` it is found as well, though
    they stand nowhere on it: those of everyday life for a task field.
    """

    address: str
    title: str
    sentence: str
    filters: Values
    rank: int
    weight: float
    words: str = ""


def every(
    specs: Iterable[PageSpec], written: Mapping[str, ContentPage], catalogue: Catalogue, wording: Wording
) -> tuple[Findable, ...]:
    """All pages worth finding, in the order of their addresses."""
    told = {one.address: (one.title, one.description) for one in specs}
    told |= {one.address: (one.title, one.description) for one in written.values()}
    for one in _NOT_FOUND:
        told.pop(one, None)
    filters = _filters(catalogue, wording)
    words = {routes.entry(one): _everyday(one, catalogue) for one in catalogue.described_entries.values()}
    order = sorted(told, key=lambda address: (sort_key(told[address][0]), address))
    ranks = {address: place for place, address in enumerate(order)}
    return tuple(
        Findable(
            address,
            *told[address],
            {"art": (wording.label("seitenart", _kind(address)),), **filters.get(address, {})},
            ranks[address],
            _WEIGHTS.get(_kind(address), 1),
            words.get(address, ""),
        )
        for address in sorted(told)
    )


def _kind(address: str) -> str:
    """Kind of a page, from its address: those of winners lie one level below those of their edition."""
    kinds = {
        (routes.PATTERNS, 2): "muster",
        (routes.CASES, 2): "kooperation",
        (routes.WINNERS, 3): "preistraeger",
        (routes.MUNICIPALITIES, 2): "kommune",
        (routes.NEWS, 2): "mitteilung",
        (routes.CATEGORIES, 2): "kategorie",
    }
    return kinds.get((f"{address.partition('/')[0]}/", address.count("/")), "seite")


def _everyday(entry: Entry, catalogue: Catalogue) -> str:
    fields = (
        catalogue.task_fields[code].facts for code in entry.task_fields if code in catalogue.task_fields
    )
    return ", ".join(one["suchwoerter"] for one in fields if one["suchwoerter"])


def _filters(catalogue: Catalogue, wording: Wording) -> Mapping[str, Values]:
    """Cases by the facets of the collection; the pages about them by what they are about."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for facet in facets.facets(catalogue, wording):
        for value in facet.values if facet.key in FILTERS else ():
            for entry in value.entries:
                found[routes.entry(entry)][facet.key].append(value.title)
    for pattern in catalogue.patterns.values():
        found[routes.pattern(pattern.key)]["muster"].append(pattern.title)
    for ags in sorted(catalogue.told_municipalities):
        place = catalogue.municipalities[ags].facts
        found[routes.municipality(ags)]["bezirk"].append(str(place["regierungsbezirk"]))
        found[routes.municipality(ags)]["kreis"].append(str(place["kreis"]))
    for category in catalogue.categories.values():
        found[routes.category(category.key)]["kategorie"].append(category.title)
    for edition in catalogue.editions.values():
        for route in (routes.call, routes.terms, routes.winners):
            found[route(edition.key)]["durchgang"].append(edition.short)
    return {
        address: {name: tuple(titles) for name, titles in values.items()} for address, values in found.items()
    }
