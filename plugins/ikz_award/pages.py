"""The plan: which pages exist, at which address, from which template. Rendering them is ``render``'s business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import Any, Literal

from ikz_award import facets, glossary, insights, routes, structured_data
from ikz_award.catalogue import Catalogue
from ikz_award.checks import rules
from ikz_award.content import ContentPage
from ikz_award.model import Edition, Term, last_read
from ikz_award.publication import Entry
from ikz_award.rarity import Count
from ikz_award.schema import Field
from ikz_award.text import sort_key
from ikz_award.traits import DIMENSIONS, Trait, flat
from ikz_award.wording import Wording

# page: ours alone. overview: follows the editors' text if there is one. default: only if editors wrote none.
Mode = Literal["page", "overview", "default"]
_DESCRIPTION_LENGTH = 155
# Top-level keys of a case for which the template of its page has a place.
_PLACED = frozenset(
    [
        "art",
        "edition",
        "slug",
        "titel",
        "status",
        "kategorie",
        "federfuehrung",
        "land",
        "rechtsform",
        "vereinbart_am",
        "geaendert_am",
        "in_betrieb_seit",
        "belegt_seit",
        "stand",
        "ein_satz",
        "kurzbeschreibung",
        "anlass",
        "ziel",
        "umsetzung",
        "finanzierung",
        "kriterien",
        "nachnutzung",
        "auszeichnung",
        "weitere_auszeichnung",
        "beleg",
        "beleg_hinweis",
        "geprueft_am",
    ]
)


@dataclass(frozen=True)
class PageSpec:
    """A page to be made. ``title`` and ``description`` are plain text, ``source`` is the file it comes from.

    ``about`` is what its template gets, or what finds that out: a check asks for no page's content.
    """

    address: str
    title: str
    description: str
    template: str
    about: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = field(default_factory=dict)
    mode: Mode = "page"
    source: str = ""
    shared: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def context(self) -> Mapping[str, Any]:
        """Everything the template gets."""
        about = self.about() if callable(self.about) else self.about
        return {**self.shared, **about, "title": self.title}


def plan(catalogue: Catalogue, posts: Sequence[ContentPage], wording: Wording) -> list[PageSpec]:
    """Every generated page, in a stable order. ``posts`` are the news that are out, the newest first."""
    shared = {"catalogue": catalogue}
    specs = [
        *_edition_pages(catalogue),
        *_category_pages(catalogue),
        *_collection_pages(catalogue, wording),
        *_case_pages(catalogue),
        *_pattern_pages(catalogue),
        *_municipality_pages(catalogue),
        *_tool_pages(catalogue),
        PageSpec(
            routes.SEARCH,
            "Suche",
            "Alle Seiten durchsuchen, mit Filtern nach Aufgabe, Muster, Rechtsform, Preis und Ort.",
            "search.html",
            mode="overview",
        ),
        PageSpec(
            routes.LEGAL_FORMS,
            "Rechtsformen",
            "Rechtsformen der kommunalen Zusammenarbeit, in einem Satz erklärt.",
            "legal_forms.html",
            {"groups": _legal_groups(catalogue)},
            "overview",
        ),
        PageSpec(
            routes.GLOSSARY,
            "Glossar",
            "Fachwörter der kommunalen Zusammenarbeit, in einem oder zwei einfachen Sätzen erklärt.",
            "glossary.html",
            {"letters": glossary.by_letter(glossary.explained(catalogue))},
            "overview",
        ),
        PageSpec(
            routes.RULES,
            "Prüfregeln",
            "Jede Regel, nach der Datensätze geprüft werden, mit Fundstelle und Kennung.",
            "rules.html",
            {"rules": rules.all_rules(), "wording": wording},
            "overview",
        ),
        PageSpec(
            routes.NEWS,
            "Mitteilungen",
            "Neues zum Landespreis und zu dieser Sammlung.",
            "news.html",
            {"posts": posts},
            "overview",
        ),
        PageSpec(
            routes.OPEN_DATA,
            "Daten",
            "Alle veröffentlichten Daten zum Herunterladen, mit Datenhandbuch.",
            "open_data.html",
            {"tables": [one for one in catalogue.description.tables if one.is_open]},
            "overview",
        ),
    ]
    return [_complete(spec, shared) for spec in specs]


def _complete(spec: PageSpec, shared: Mapping[str, Any]) -> PageSpec:
    return PageSpec(
        spec.address,
        spec.title,
        _shorten(spec.description),
        spec.template,
        spec.about,
        spec.mode,
        spec.source,
        shared,
    )


def _shorten(text: str) -> str:
    """A description that search engines show whole."""
    if len(text) <= _DESCRIPTION_LENGTH:
        return text
    return text[: _DESCRIPTION_LENGTH - 1].rpartition(" ")[0].rstrip(" ,;:–") + " …"


def _edition_pages(catalogue: Catalogue) -> Iterator[PageSpec]:
    yield PageSpec(
        routes.WINNERS,
        "Preisträger",
        "Die ausgezeichneten Kooperationen aller Durchgänge.",
        "winners_index.html",
        {"editions": catalogue.newest_first},
        "overview",
    )
    for edition in catalogue.newest_first:
        context = {"edition": edition}
        yield PageSpec(
            routes.call(edition.key),
            f"Ausschreibung {edition.short}",
            f"Fristen, Kategorien, Kriterien und Preisgeld: {edition.short}.",
            "call.html",
            context,
            "default",
        )
        yield PageSpec(
            routes.terms(edition.key),
            f"Teilnahmebedingungen {edition.short}",
            f"Wer teilnehmen kann und welche Regeln bestätigt sind: {edition.short}.",
            "terms.html",
            context,
            "default",
        )
        yield PageSpec(
            routes.winners(edition.key),
            f"Preisträger {edition.short}",
            f"Ausgezeichnete Kooperationen: {edition.short}.",
            "winners.html",
            {
                **context,
                "rows": winners_by_category(catalogue, edition),
                "others": _elsewhere(catalogue, edition),
            },
            "overview",
        )


def winners_by_category(
    catalogue: Catalogue, edition: Edition
) -> list[tuple[Term, bool, str, tuple[Entry, ...]]]:
    """Category, whether it is the special one, its name in the edition, its winners."""
    found = catalogue.winners(edition.key)
    return [
        (
            catalogue.categories[one.key],
            one.special,
            one.label or catalogue.categories[one.key].title,
            tuple(entry for entry in found if entry.category == one.key),
        )
        for one in edition.categories
        if one.key in catalogue.categories
    ]


def _elsewhere(catalogue: Catalogue, edition: Edition) -> tuple[Entry, ...]:
    """Winners whose category may not be told."""
    keys = {one.key for one in edition.categories}
    return tuple(one for one in catalogue.winners(edition.key) if one.category not in keys)


def _category_pages(catalogue: Catalogue) -> Iterator[PageSpec]:
    yield PageSpec(
        routes.CATEGORIES,
        "Kategorien",
        "Die Wettbewerbskategorien des Landespreises und was in jede gehört.",
        "categories.html",
        {"categories": _categories_in_order(catalogue)},
        "overview",
    )
    for category in catalogue.categories.values():
        yield PageSpec(
            routes.category(category.key),
            category.title,
            category.facts["kurz"],
            "category.html",
            partial(_about_category, catalogue, category),
            "overview",
        )


def _about_category(catalogue: Catalogue, category: Term) -> Mapping[str, Any]:
    entries = catalogue.by_category[category.key]
    by_edition = [
        (edition, [one for one in entries if one.edition == edition.key])
        for edition in catalogue.newest_first
        if edition.category(category.key)
    ]
    # Whatever was handed in comes first; the rest shows what there is besides.
    documented = insights.on_tasks_of(catalogue, category)
    spotlights = insights.spotlights(catalogue, entries) or insights.spotlights(catalogue, documented)
    return {
        "category": category,
        "by_edition": by_edition,
        "patterns": insights.shown_patterns(catalogue, (*entries, *documented)),
        "documented": documented,
        "spotlight": next(iter(spotlights), None),
    }


def _categories_in_order(catalogue: Catalogue) -> list[Term]:
    """In the order of the current edition, then the rest."""
    order = [one.key for one in catalogue.current.categories] if catalogue.current else []
    known = [catalogue.categories[key] for key in order if key in catalogue.categories]
    return known + [one for one in catalogue.categories.values() if one.key not in order]


def _collection_pages(catalogue: Catalogue, wording: Wording) -> Iterator[PageSpec]:
    """All cases in one place: to be narrowed down, written out by every value, and on the map."""
    shown = cache(partial(facets.facets, catalogue, wording))
    yield PageSpec(
        routes.CASES,
        "Kooperationen",
        "Alle Kooperationen der Sammlung, auch die Preisträger, nach Aufgabe, Muster, Rechtsform und Ort, mit Quellen.",
        "cases.html",
        lambda: {"facets": shown(), "listed": facets.collection(catalogue, shown())},
        "overview",
    )
    yield PageSpec(
        routes.REGISTER,
        "Register",
        "Alle Kooperationen der Sammlung nach Aufgabe, Ort, Durchgang und Stand als Verzeichnis.",
        "register.html",
        lambda: {"facets": shown()},
        "overview",
    )
    yield PageSpec(
        routes.MAP,
        "Karte",
        "Welche Kommunen in Nordrhein-Westfalen an einer Kooperation dieser Sammlung beteiligt sind, als Karte und Tabelle.",
        "map.html",
        partial(_about_map, catalogue),
        "overview",
    )


def _about_map(catalogue: Catalogue) -> Mapping[str, Any]:
    on_map = insights.on_map(catalogue)
    places = _by_title({key: catalogue.municipalities[key] for key in on_map.counts})
    return {"on_map": on_map, "places": places, "name_of": municipality_name}


def _case_pages(catalogue: Catalogue) -> Iterator[PageSpec]:
    for entry in (one for one in catalogue.entries if not one.limited):
        yield PageSpec(
            routes.entry(entry),
            entry.title,
            entry.content["ein_satz"] or entry.title,
            "case.html",
            partial(_about_case, catalogue, entry),
            source=entry.source,
        )


def _about_case(catalogue: Catalogue, entry: Entry) -> Mapping[str, Any]:
    return {
        "entry": entry,
        "facts": entry.content,
        "rarest": catalogue.census.rarest(flat(catalogue.traits[entry.key])),
        "alike": catalogue.similarity.like(entry),
        "further": further_facts(entry, catalogue),
        "structured": _structured(catalogue, entry),
        "as_of": last_read(entry.content),
    }


def _structured(catalogue: Catalogue, entry: Entry) -> str:
    """What search engines are told; nothing about awards that are invented."""
    edition = catalogue.editions.get(entry.edition)
    if edition and edition.is_example:
        return ""
    short = edition.short if edition else ""
    return structured_data.for_entry(entry, routes.entry(entry), catalogue.website, short)


def further_facts(entry: Entry, catalogue: Catalogue) -> list[tuple[Field, Any]]:
    """Public values the page has no place of its own for: a field that was added to the schema only."""
    found = []
    for one in catalogue.description["faelle"].public_fields:
        value: Any = entry.content
        for key in one.path:
            value = value[key]
        if value is not None and one.path[0] not in _PLACED:
            found.append((one, value))
    return found


def _pattern_pages(catalogue: Catalogue) -> Iterator[PageSpec]:
    yield PageSpec(
        routes.PATTERNS,
        "Muster",
        "Kooperationsmuster: wiederkehrende Lösungen, von wenig bekannt bis verbreitet.",
        "patterns.html",
        lambda: {"patterns": catalogue.ranked_patterns},
        "overview",
    )
    for pattern in catalogue.patterns.values():
        yield PageSpec(
            routes.pattern(pattern.key),
            pattern.title,
            pattern.facts["ein_satz"],
            "pattern.html",
            partial(_about_pattern, catalogue, pattern),
        )


def _about_pattern(catalogue: Catalogue, pattern: Term) -> Mapping[str, Any]:
    """A pattern, and everything about it that is computed and not written."""
    entries = catalogue.by_pattern[pattern.key]
    forms = Counter(one.legal_form for one in entries)
    first, last = insights.seen(catalogue, pattern.key)
    return {
        "pattern": pattern,
        "facts": pattern.facts,
        "entries": entries,
        "first": first,
        "last": last,
        "forms": [(catalogue.legal_forms[code], many) for code, many in forms.most_common() if code],
        "without_form": forms[""],
        "suitable": catalogue.suitable_forms(pattern),
        "aims": catalogue.aims_of(pattern),
        "uptakes": catalogue.uptakes_by_pattern.get(pattern.key, ()),
        "trait": Trait("muster", pattern.key),
        "as_of": last_read(pattern.facts),
    }


def _municipality_pages(catalogue: Catalogue) -> Iterator[PageSpec]:
    found = [catalogue.municipalities[ags] for ags in sorted(catalogue.told_municipalities)]
    districts: dict[str, list[Term]] = {}
    for one in sorted(found, key=lambda term: sort_key(term.title)):
        districts.setdefault(one.facts["regierungsbezirk"], []).append(one)
    yield PageSpec(
        routes.MUNICIPALITIES,
        "Kommunen",
        "Kommunen in Nordrhein-Westfalen, die an einer Kooperation dieser Sammlung beteiligt sind.",
        "municipalities.html",
        {"districts": dict(sorted(districts.items()))},
        "overview",
    )
    for one in found:
        name = municipality_name(one)
        yield PageSpec(
            routes.municipality(one.key),
            name,
            f"Kooperationen mit Beteiligung von {name}.",
            "municipality.html",
            partial(_about_municipality, catalogue, one),
        )


def _about_municipality(catalogue: Catalogue, municipality: Term) -> Mapping[str, Any]:
    entries = catalogue.by_municipality.get(municipality.key, ())
    return {
        "municipality": municipality,
        "entries": entries,
        "patterns": insights.shown_patterns(catalogue, entries),
        "partners": insights.partners(catalogue, municipality.key),
        "nearby": insights.nearby(catalogue, municipality.key),
    }


def _tool_pages(catalogue: Catalogue) -> Iterator[PageSpec]:
    """Pages on all cases together: how they are counted, what is missing, who took over what; and two tools."""
    yield PageSpec(
        routes.METHOD,
        "So gehen wir vor",
        "Wie gezählt wird, was selten heißt und was die Zahlen nicht sagen.",
        "method.html",
        lambda: {
            "as_of": insights.last_read_of_all(catalogue),
            "by_dimension": _by_dimension(catalogue),
            "dimensions": DIMENSIONS,
            "disagreements": insights.disagreements(catalogue),
            "upcoming": next(iter(catalogue.pattern_groups), ()),
            "pairs": insights.tested_pairs(catalogue.census),
        },
        "overview",
    )
    yield PageSpec(
        routes.GAPS,
        "Weiße Flecken",
        "Welche Aufgaben in welcher Rechtsform und nach welchem Muster gemeinsam erledigt werden, und was noch fehlt.",
        "gaps.html",
        lambda: {"grids": [insights.grid(catalogue, "rechtsform"), insights.grid(catalogue, "muster")]},
        "overview",
    )
    yield PageSpec(
        routes.UPTAKES,
        "Übernahmen",
        "Wer welche Kooperation von wem übernommen hat, mit Beleg.",
        "uptakes.html",
        mode="overview",
    )
    yield PageSpec(
        routes.FIT,
        "Passt das zu uns?",
        "Kommune, Aufgabe und Ziel wählen und sehen, was vergleichbare Kommunen und Nachbarn gemeinsam machen.",
        "fit.html",
        lambda: {
            "tried": insights.tried(catalogue),
            "municipalities": _by_title(catalogue.municipalities),
            "task_fields": _by_title(catalogue.task_fields),
        },
        "overview",
    )
    yield PageSpec(
        routes.COMPARE,
        "Fälle vergleichen",
        "Zwei bis vier Kooperationen nebeneinander, Angabe für Angabe.",
        "compare.html",
        lambda: {"groups": catalogue.by_group(catalogue.described_entries.values())},
        "overview",
    )


def municipality_name(term: Term) -> str:
    """Name with its kind where that is not part of it: „Stadt Bocholt“, „Kreis Borken“."""
    kind = {"kreisfreie-stadt": "Stadt ", "stadt": "Stadt ", "gemeinde": "Gemeinde "}.get(
        term.facts["art"], ""
    )
    return f"{kind}{term.title}"


def _legal_groups(catalogue: Catalogue) -> dict[str, list[Term]]:
    groups: dict[str, list[Term]] = {}
    for one in catalogue.legal_forms.values():
        groups.setdefault(one.facts["gruppe"], []).append(one)
    return groups


def _by_title(terms: Mapping[str, Term]) -> list[Term]:
    return sorted(terms.values(), key=lambda one: (sort_key(one.title), one.key))


def _by_dimension(catalogue: Catalogue) -> dict[str, list[tuple[Trait, Count]]]:
    found: dict[str, list[tuple[Trait, Count]]] = {}
    for trait, count in catalogue.census.values.items():
        found.setdefault(trait.dimension, []).append((trait, count))
    return found
