"""What the search knows about a page besides its text: kind, one sentence, and by what it can be filtered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ikz_award import routes
from ikz_award.catalogue import Catalogue
from ikz_award.content import ContentPage
from ikz_award.pages import PageSpec
from ikz_award.publication import Entry
from ikz_award.text import sort_key
from ikz_award.wording import Wording

# In the order in which readers see them. The names stand in addresses.
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

    What is said on pages of little ``weight`` is mostly said on others, too.
    """

    address: str
    title: str
    sentence: str
    filters: Values
    rank: int
    weight: float


def every(
    specs: Iterable[PageSpec], written: Mapping[str, ContentPage], catalogue: Catalogue, wording: Wording
) -> tuple[Findable, ...]:
    """All pages worth finding, in the order of their addresses."""
    told = {one.address: (one.title, one.description) for one in specs}
    told |= {one.address: (one.title, one.description) for one in written.values()}
    for one in _NOT_FOUND:
        told.pop(one, None)
    filters = dict(_filters(catalogue, wording))
    order = sorted(told, key=lambda address: (sort_key(told[address][0]), address))
    ranks = {address: place for place, address in enumerate(order)}
    return tuple(
        Findable(
            address,
            *told[address],
            {"art": (wording.label("seitenart", _kind(address)),), **filters.get(address, {})},
            ranks[address],
            _WEIGHTS.get(_kind(address), 1),
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
    }
    return kinds.get((f"{address.partition('/')[0]}/", address.count("/")), "seite")


def _filters(catalogue: Catalogue, wording: Wording) -> Iterator[tuple[str, Values]]:
    for entry in catalogue.described_entries.values():
        yield routes.entry(entry), _filled(_of_entry(entry, catalogue, wording))
    for pattern in catalogue.patterns.values():
        yield routes.pattern(pattern.key), {"muster": (pattern.title,)}
    for ags in catalogue.told_municipalities:
        yield routes.municipality(ags), _filled(_of_places((ags,), catalogue))
    for category in catalogue.categories.values():
        yield routes.category(category.key), {"kategorie": (category.title,)}
    for edition in catalogue.editions.values():
        for address in (routes.call, routes.terms, routes.winners):
            yield address(edition.key), {"durchgang": (edition.short,)}


def _of_entry(entry: Entry, catalogue: Catalogue, wording: Wording) -> Values:
    named = {
        "aufgabenfeld": (catalogue.task_fields, entry.task_fields),
        "muster": (catalogue.patterns, entry.patterns),
        "rechtsform": (catalogue.legal_forms, (entry.legal_form,)),
        "kategorie": (catalogue.categories, (entry.category,)),
    }
    edition = catalogue.editions.get(entry.edition)
    prize = str(entry.content["auszeichnung"]["art"] or "preis") if entry.is_winner else ""
    return {
        **{
            name: tuple(terms[code].title for code in codes if code in terms)
            for name, (terms, codes) in named.items()
        },
        "preis": (wording.label("auszeichnung", prize),) if prize else (),
        "durchgang": (edition.short,) if edition else (),
        **_of_places(entry.municipalities, catalogue),
    }


def _of_places(keys: Iterable[str], catalogue: Catalogue) -> Values:
    places = [catalogue.municipalities[key] for key in keys if key in catalogue.municipalities]
    return {
        "bezirk": tuple(sorted({str(one.facts["regierungsbezirk"]) for one in places})),
        "kreis": tuple(sorted({str(one.facts["kreis"]) for one in places})),
    }


def _filled(values: Values) -> Values:
    return {name: found for name, found in values.items() if found}
