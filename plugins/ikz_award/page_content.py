"""What the template of each page gets beside the catalogue: found out when a page is rendered, and not before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ikz_award import insights, routes, structured_data
from ikz_award.catalogue import Catalogue
from ikz_award.model import Edition, Term, last_read
from ikz_award.publication import Entry
from ikz_award.rarity import Count
from ikz_award.schema import Field
from ikz_award.text import sort_key
from ikz_award.traits import DIMENSIONS, Trait, flat

About = Mapping[str, Any]
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


def _winners_by_category(
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


def of_category(catalogue: Catalogue, category: Term) -> About:
    """Cases of a category by edition, and what there is besides."""
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


def categories_in_order(catalogue: Catalogue) -> list[Term]:
    """In the order of the current edition, then the rest."""
    order = [one.key for one in catalogue.current.categories] if catalogue.current else []
    known = [catalogue.categories[key] for key in order if key in catalogue.categories]
    return known + [one for one in catalogue.categories.values() if one.key not in order]


def of_map(catalogue: Catalogue) -> About:
    """Who takes part in how many cases."""
    on_map = insights.on_map(catalogue)
    places = _by_title({key: catalogue.municipalities[key] for key in on_map.counts})
    return {"on_map": on_map, "places": places, "name_of": municipality_name}


def of_case(catalogue: Catalogue, entry: Entry) -> About:
    """A case, what is rare about it, and what is like it."""
    return {
        "entry": entry,
        "facts": entry.content,
        "rarest": catalogue.census.rarest(flat(catalogue.traits[entry.key])),
        "alike": catalogue.similarity.like(entry),
        "further": _further_facts(entry, catalogue),
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


def _further_facts(entry: Entry, catalogue: Catalogue) -> list[tuple[Field, Any]]:
    """Public values the page has no place of its own for: a field that was added to the schema only."""
    found = []
    for one in catalogue.description["faelle"].public_fields:
        value: Any = entry.content
        for key in one.path:
            value = value[key]
        if value is not None and one.path[0] not in _PLACED:
            found.append((one, value))
    return found


def of_pattern(catalogue: Catalogue, pattern: Term) -> About:
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


def of_municipality(catalogue: Catalogue, municipality: Term) -> About:
    """What a municipality does with whom, and what its neighbours do."""
    entries = catalogue.by_municipality.get(municipality.key, ())
    return {
        "municipality": municipality,
        "entries": entries,
        "patterns": insights.shown_patterns(catalogue, entries),
        "partners": insights.partners(catalogue, municipality.key),
        "nearby": insights.nearby(catalogue, municipality.key),
    }


def of_winners(catalogue: Catalogue, edition: Edition) -> About:
    """Who won in an edition."""
    return {
        "edition": edition,
        "rows": _winners_by_category(catalogue, edition),
        "others": _elsewhere(catalogue, edition),
    }


def of_method(catalogue: Catalogue) -> About:
    """How cases are counted, with every number that is behind a statement."""
    return {
        "as_of": insights.last_read_of_all(catalogue),
        "by_dimension": _by_dimension(catalogue),
        "dimensions": DIMENSIONS,
        "disagreements": insights.disagreements(catalogue),
        "upcoming": next(iter(catalogue.pattern_groups), ()),
        "pairs": insights.tested_pairs(catalogue.census),
    }


def of_gaps(catalogue: Catalogue) -> About:
    """What there is, and what there is not."""
    return {"grids": [insights.grid(catalogue, "rechtsform"), insights.grid(catalogue, "muster")]}


def of_fit(catalogue: Catalogue) -> About:
    """What can be chosen, and what others tried."""
    return {
        "tried": insights.tried(catalogue),
        "municipalities": _by_title(catalogue.municipalities),
        "task_fields": _by_title(catalogue.task_fields),
    }


def municipality_name(term: Term) -> str:
    """Name with its kind where that is not part of it: „Stadt Bocholt“, „Kreis Borken“."""
    kind = {"kreisfreie-stadt": "Stadt ", "stadt": "Stadt ", "gemeinde": "Gemeinde "}.get(
        term.facts["art"], ""
    )
    return f"{kind}{term.title}"


def legal_groups(catalogue: Catalogue) -> dict[str, list[Term]]:
    """Legal forms by group, in the order of the table."""
    groups: dict[str, list[Term]] = {}
    for one in catalogue.legal_forms.values():
        groups.setdefault(one.facts["gruppe"], []).append(one)
    return groups


def _by_dimension(catalogue: Catalogue) -> dict[str, list[tuple[Trait, Count]]]:
    found: dict[str, list[tuple[Trait, Count]]] = {}
    for trait, count in catalogue.census.values.items():
        found.setdefault(trait.dimension, []).append((trait, count))
    return found


def _by_title(terms: Mapping[str, Term]) -> list[Term]:
    return sorted(terms.values(), key=lambda one: (sort_key(one.title), one.key))
