"""The plan: which pages exist, at which address, from which template. Rendering them is ``render``'s business."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import Any, Literal

from ikz_award import facets, glossary, page_content, routes
from ikz_award.catalogue import Catalogue
from ikz_award.checks import rules
from ikz_award.content import ContentPage
from ikz_award.model import Term
from ikz_award.text import sort_key
from ikz_award.wording import Wording

# page: ours alone. overview: follows the editors' text if there is one. default: only if editors wrote none.
Mode = Literal["page", "overview", "default"]
_DESCRIPTION_LENGTH = 155


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
            {"groups": page_content.legal_groups(catalogue)},
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
            partial(page_content.of_winners, catalogue, edition),
            "overview",
        )


def _category_pages(catalogue: Catalogue) -> Iterator[PageSpec]:
    yield PageSpec(
        routes.CATEGORIES,
        "Kategorien",
        "Die Wettbewerbskategorien des Landespreises und was in jede gehört.",
        "categories.html",
        {"categories": page_content.categories_in_order(catalogue)},
        "overview",
    )
    for category in catalogue.categories.values():
        yield PageSpec(
            routes.category(category.key),
            category.title,
            category.facts["kurz"],
            "category.html",
            partial(page_content.of_category, catalogue, category),
            "overview",
        )


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
        partial(page_content.of_map, catalogue),
        "overview",
    )


def _case_pages(catalogue: Catalogue) -> Iterator[PageSpec]:
    for entry in (one for one in catalogue.entries if not one.limited):
        yield PageSpec(
            routes.entry(entry),
            entry.title,
            entry.content["ein_satz"] or entry.title,
            "case.html",
            partial(page_content.of_case, catalogue, entry),
            source=entry.source,
        )


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
            partial(page_content.of_pattern, catalogue, pattern),
        )


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
        name = page_content.municipality_name(one)
        yield PageSpec(
            routes.municipality(one.key),
            name,
            f"Kooperationen mit Beteiligung von {name}.",
            "municipality.html",
            partial(page_content.of_municipality, catalogue, one),
        )


def _tool_pages(catalogue: Catalogue) -> Iterator[PageSpec]:
    """Pages on all cases together: how they are counted, what is missing, who took over what; and two tools."""
    yield PageSpec(
        routes.METHOD,
        "So gehen wir vor",
        "Wie gezählt wird, was selten heißt und was die Zahlen nicht sagen.",
        "method.html",
        partial(page_content.of_method, catalogue),
        "overview",
    )
    yield PageSpec(
        routes.GAPS,
        "Weiße Flecken",
        "Welche Aufgaben in welcher Rechtsform und nach welchem Muster gemeinsam erledigt werden, und was noch fehlt.",
        "gaps.html",
        partial(page_content.of_gaps, catalogue),
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
        partial(page_content.of_fit, catalogue),
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
