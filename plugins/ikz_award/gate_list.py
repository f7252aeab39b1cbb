"""What the final look at a finished site is told: every public address, file, key and name, and what must not stand there.

Made from the plan and never from what a generator wrote, so that the two can disagree.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ikz_award import (
    assets,
    calendar_file,
    cards,
    content,
    council_sections,
    feeds,
    planning,
    routes,
    security_contact,
)

# Below these each record has an address of its own.
_AREAS = (routes.WINNERS, routes.CASES, routes.PATTERNS, routes.MUNICIPALITIES)
# Shorter ones are words that may stand anywhere.
_SHORTEST_SECRET = 8
# From so many on, one look at every place of a text is quicker than a search for each of them.
_MANY = 500


def of(planned: planning.Planned, project_root: Path) -> dict[str, Any]:
    """The list, as ``scripts/final_gate.py`` describes it; without the files that a generator adds."""
    catalogue = planned.catalogue
    cases = list(catalogue.described_entries.values())
    told = feeds.of(catalogue, planned.posts)
    names = [f"feeds/{one.topic}" for one in told] + [item.key for one in told for item in one.items]
    return {
        "seiten": list(planned.addresses),
        "dateien": sorted({*_files(planned), *_written(planned, project_root)}),
        "bereiche": list(_AREAS),
        "spalten": {
            "fall": sorted(one.key for one in cases),
            "faelle": sorted(one.key for one in cases),
            "slug": sorted({one.slug for one in cases} | {one.slug for one in catalogue.uptakes}),
            "durchgang": sorted(catalogue.editions),
            "edition": sorted(catalogue.editions),
            "von_muster": sorted(catalogue.patterns),
            "uebernahme": sorted(one.slug for one in catalogue.uptakes),
        },
        "kennungen": {"feeds/": sorted(map(routes.permanent_id, names))},
        "website": catalogue.website,
        # A form of the operator may live on the same host, and is none of our pages.
        "ausserhalb": [one for one in [catalogue.operator["barrierefreiheit"]["formular"]] if one],
        "verboten": sorted(_secrets(planned)),
    }


def _files(planned: planning.Planned) -> Iterator[str]:
    """Everything that is made, apart from pages."""
    catalogue = planned.catalogue
    yield from (
        f"{routes.ASSETS}{one}" for one in ("ikz.css", "favicon.svg", f"fonts/{assets.FONT}", *assets.SCRIPTS)
    )
    yield from (routes.MAP_BASE, routes.ROBOTS, routes.NEXT_CHANGE, routes.COMPARE_DATA, routes.FIT_DATA)
    yield from (f"{routes.OPEN_DATA}{one}.json" for one in ("landespreis-ikz", "datapackage"))
    yield from (f"{routes.OPEN_DATA}{one.name}.csv" for one in catalogue.description.tables if one.is_open)
    yield from map(routes.card, cards.of(catalogue))
    for one in feeds.of(catalogue, planned.posts):
        yield from (routes.feed(one.topic, kind) for kind in ("xml", "json"))
    editions = calendar_file.dated(catalogue)
    yield from (routes.calendar(one.key) for one in editions)
    if editions:
        yield routes.CALENDAR
    with_paper = [routes.entry(one) for one in catalogue.described_entries.values()]
    with_paper += [
        routes.pattern(one.key) for one in catalogue.patterns.values() if council_sections.has_paper(one)
    ]
    for address in with_paper:
        yield from (routes.paper(address, kind) for kind in ("docx", "txt"))
    for entry in catalogue.entries:
        for picture in entry.pictures:
            largest = routes.picture(entry, picture.name)
            # In which smaller widths, its file knows.
            yield from (largest, largest.replace(".webp", "-*.webp"))
    if security_contact.text(catalogue.operator, catalogue.website, catalogue.now):
        yield routes.SECURITY_CONTACT


def _written(planned: planning.Planned, project_root: Path) -> Iterator[str]:
    """The editors' files that are no pages."""
    root = project_root / "content"
    for file in root.rglob("*"):
        name = file.relative_to(root).as_posix()
        if (
            file.is_file()
            and file.suffix != ".md"
            and name not in planned.withheld
            and content.is_publishable(root, file)
        ):
            yield routes.public_path(name)


def _secrets(planned: planning.Planned) -> set[str]:
    """Internal values of all cases, unless the public may read the same words elsewhere."""
    catalogue = planned.catalogue
    terms = (catalogue.categories, catalogue.patterns, catalogue.municipalities, catalogue.glossary)
    public = [one.content for one in catalogue.entries] + [one.content for one in catalogue.uptakes]
    public += [one.facts for group in terms for one in group.values()]
    public += [one.facts for one in catalogue.editions.values()]
    public.append(catalogue.operator)
    said = json.dumps(public, ensure_ascii=False, default=str)
    said += "\n".join(one.text for one in planned.written.values())
    values = {
        case.record.text(one.name).strip()
        for case in planned.checked.data.cases
        for one in case.record.table.fields
        if one.internal
    }
    long = {one for one in values if len(one) >= _SHORTEST_SECRET}
    return long - set(_standing_in(said, long))


def _standing_in(text: str, values: set[str]) -> Iterator[str]:
    """Those values that stand in a text; of many, it is gone through once for all. None is shorter than a secret."""
    if len(values) < _MANY:
        yield from (one for one in values if one in text)
        return
    by_start: defaultdict[str, list[str]] = defaultdict(list)
    for one in values:
        by_start[one[:_SHORTEST_SECRET]].append(one)
    for at in range(len(text)):
        for one in by_start.get(text[at : at + _SHORTEST_SECRET], ()):
            if text.startswith(one, at):
                yield one
