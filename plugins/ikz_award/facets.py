"""The facets by which the collection is narrowed down: their values, which cases have them, and in which orders cases stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ikz_award import routes
from ikz_award.catalogue import Catalogue
from ikz_award.dates import PartialDate
from ikz_award.model import Term
from ikz_award.publication import Entry
from ikz_award.text import slug, sort_key
from ikz_award.traits import flat
from ikz_award.wording import Wording

HOME = "Nordrhein-Westfalen"
# What says since when there is a case, the surest first.
_BEGIN = ("in_betrieb_seit", "vereinbart_am", "belegt_seit")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet. ``target`` is the plain page or anchor that lists exactly these cases."""

    code: str
    title: str
    target: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """One question to all cases; ``key`` stands in addresses. Only values that some case has."""

    key: str
    title: str
    values: tuple[Value, ...]

    @property
    def in_register(self) -> bool:
        """Whether its values have no page or section of their own elsewhere."""
        return any(one.target.startswith(routes.REGISTER) for one in self.values)


@dataclass(frozen=True, slots=True)
class Listed:
    """A case of the collection: ``marks`` are its values as ``facet:code``, ``ranks`` its place in each order."""

    entry: Entry
    since: str
    marks: tuple[str, ...]
    ranks: Mapping[str, int]


def facets(catalogue: Catalogue, wording: Wording) -> tuple[Facet, ...]:
    """All facets in the order in which they are shown; those without a value are left out."""
    cases = tuple(catalogue.described_entries.values())
    found = [
        _of_terms("aufgabenfeld", catalogue.task_fields, catalogue.by_task_field),
        _of_terms("muster", catalogue.patterns, catalogue.by_pattern),
        _of_terms("rechtsform", catalogue.legal_forms, catalogue.by_legal_form),
        _told("preis", wording, ((_prize(one), one) for one in cases)),
        _editions(catalogue, cases),
        _of_terms("kategorie", catalogue.categories, _grouped((one.category, one) for one in cases)),
        _regions(catalogue, cases),
        _districts(catalogue, cases),
        _told("groesse", wording, _sizes(catalogue, cases)),
        _told("stand", wording, ((str(one.content["stand"] or ""), one) for one in cases)),
    ]
    return tuple(
        Facet(key, wording.label("facette", key), tuple(one for one in values if one.entries))
        for key, values in found
        if any(one.entries for one in values)
    )


def collection(catalogue: Catalogue, shown: Iterable[Facet]) -> tuple[Listed, ...]:
    """Every case with a page of its own, the newest first."""
    marks: dict[str, list[str]] = {key: [] for key in catalogue.described_entries}
    for facet in shown:
        for value in facet.values:
            for entry in value.entries:
                marks[entry.key].append(f"{facet.key}:{value.code}")
    by_title = sorted(catalogue.described_entries.values(), key=lambda one: (sort_key(one.title), one.key))
    orders = {
        "neueste": sorted(by_title, key=lambda one: -_begin(catalogue, one)),
        "seltenste": sorted(by_title, key=lambda one: _rarity(catalogue, one)),
        "titel": by_title,
    }
    ranks = {name: {one.key: at for at, one in enumerate(order)} for name, order in orders.items()}
    return tuple(
        Listed(
            one,
            _since(one),
            tuple(marks[one.key]),
            {name: places[one.key] for name, places in ranks.items()},
        )
        for one in orders["neueste"]
    )


_Found = tuple[str, tuple[Value, ...]]


def _of_terms(key: str, terms: Mapping[str, Term], entries: Mapping[str, tuple[Entry, ...]]) -> _Found:
    """Values that are entries of a list of terms, A to Z."""
    targets = {
        "muster": lambda code: f"{routes.pattern(code)}#faelle",
        "rechtsform": routes.legal_form,
    }
    target = targets.get(key, lambda code: routes.registered(key, code))
    ordered = sorted(terms.values(), key=lambda one: (sort_key(one.title), one.key))
    return key, tuple(
        Value(one.key, one.title, target(one.key), tuple(entries.get(one.key, ()))) for one in ordered
    )


def _told(key: str, wording: Wording, pairs: Iterable[tuple[str, Entry]]) -> _Found:
    """Values that the wording names, in its order."""
    entries = _grouped(pairs)
    return key, tuple(
        Value(code, title, routes.registered(key, code), entries.get(code, ()))
        for code, title in wording.labels[key].items()
    )


def _editions(catalogue: Catalogue, cases: Iterable[Entry]) -> _Found:
    entries = _grouped((one.edition, one) for one in cases)
    return "durchgang", tuple(
        Value(one.key, one.short, routes.registered("durchgang", one.key), entries.get(one.key, ()))
        for one in catalogue.newest_first
    )


def _regions(catalogue: Catalogue, cases: Iterable[Entry]) -> _Found:
    """Regions of the state, and the other states behind them."""
    cases = tuple(cases)
    own = _grouped(
        (str(term.facts["regierungsbezirk"]), entry) for entry in cases for term in _terms(catalogue, entry)
    )
    others = _grouped(
        (str(one.content["land"]), one) for one in cases if one.content["land"] not in (None, HOME)
    )
    return "bezirk", (*_by_name("bezirk", own), *_by_name("bezirk", others))


def _districts(catalogue: Catalogue, cases: Iterable[Entry]) -> _Found:
    names = {
        str(one.facts["kreis_ags"]): str(one.facts["kreis"]) for one in catalogue.municipalities.values()
    }
    entries = _grouped(
        (str(term.facts["kreis_ags"]), entry) for entry in cases for term in _terms(catalogue, entry)
    )
    ordered = sorted(entries, key=lambda ags: (sort_key(names[ags]), ags))
    return "kreis", tuple(
        Value(ags, names[ags], routes.registered("kreis", ags), entries[ags]) for ags in ordered
    )


def _sizes(catalogue: Catalogue, cases: Iterable[Entry]) -> Iterator[tuple[str, Entry]]:
    for entry in cases:
        for term in _terms(catalogue, entry):
            yield str(term.facts["groesse"]), entry


def _terms(catalogue: Catalogue, entry: Entry) -> list[Term]:
    return [catalogue.municipalities[ags] for ags in entry.municipalities if ags in catalogue.municipalities]


def _prize(entry: Entry) -> str:
    if entry.is_winner:
        return "ja"
    return "ohne-preis" if entry.kind == "einreichung" else "nein"


def _by_name(key: str, entries: Mapping[str, tuple[Entry, ...]]) -> Iterator[Value]:
    for name in sorted(entries, key=sort_key):
        yield Value(slug(name), name, routes.registered(key, slug(name)), entries[name])


def _grouped(pairs: Iterable[tuple[str, Entry]]) -> dict[str, tuple[Entry, ...]]:
    """Cases by value, each once, A to Z."""
    found: dict[str, dict[str, Entry]] = {}
    for code, entry in pairs:
        if code:
            found.setdefault(code, {})[entry.key] = entry
    return {
        code: tuple(sorted(many.values(), key=lambda one: (sort_key(one.title), one.key)))
        for code, many in found.items()
    }


def _first_date(entry: Entry) -> PartialDate | None:
    dates = (entry.content[name] for name in _BEGIN)
    return next((one for one in dates if isinstance(one, PartialDate)), None)


def _begin(catalogue: Catalogue, entry: Entry) -> int:
    """When it began as a number of days; by its edition if nothing else is known, and 0 if nothing is."""
    date = _first_date(entry)
    if date:
        return date.earliest.toordinal()
    edition = catalogue.editions.get(entry.edition)
    return edition.announced.begins.toordinal() if edition and edition.announced else 0


def _since(entry: Entry) -> str:
    date = _first_date(entry)
    return str(date.earliest.year) if date else ""


def _rarity(catalogue: Catalogue, entry: Entry) -> float:
    """How common its rarest trait can be at most; a case of which nothing can be told comes last."""
    told = catalogue.census.rarest(flat(catalogue.traits[entry.key]))
    return told[0].count.high if told else 1.0
