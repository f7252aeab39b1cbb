"""From the plan to pages: everything rendered, and every file made. No host, no clock, no writing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

from ikz_award import (
    assets,
    calendar_file,
    cards,
    content,
    feeds,
    findable,
    heads,
    insights,
    news,
    parallel,
    phase,
    picture_files,
    planning,
    render,
    rota,
    structured_data,
    watchdog,
    wording,
)
from ikz_award.assets import Asset
from ikz_award.catalogue import Catalogue
from ikz_award.checks import rules
from ikz_award.comparison import Comparison
from ikz_award.content import ContentPage
from ikz_award.feeds import Feed
from ikz_award.findable import Findable
from ikz_award.findings import Finding, Place, Severity, has_errors, in_order
from ikz_award.glossary import Glossary, explained
from ikz_award.heads import Head
from ikz_award.naming import Names
from ikz_award.pages import PageSpec
from ikz_award.planning import Planned
from ikz_award.publication import Decision, Profile
from ikz_award.records import Cache
from ikz_award.render import RenderedPage
from ikz_award.schema import Description

# Computing time for one page; the longest of the real ones takes a hundredth of it.
_SECONDS = 5


@dataclass(frozen=True)
class Outcome:
    """All there is to publish and to say. Same files, same profile and same moment: same outcome."""

    pages: tuple[RenderedPage, ...] = ()
    assets: tuple[Asset, ...] = ()
    content: tuple[ContentPage, ...] = ()
    findings: tuple[Finding, ...] = ()
    decisions: tuple[Decision, ...] = ()
    findable: tuple[Findable, ...] = ()
    next_change: datetime | None = None
    catalogue: Catalogue | None = None
    feeds: tuple[Feed, ...] = ()
    heads: Mapping[str, Head] = field(default_factory=dict)
    # Editors' files (below content/) that must not go out now, and those that no host can read; and where the site will live, if the operator has said so.
    withheld: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()
    website: str = ""
    # Comment as it stands in the Markdown file → HTML, by address of the page.
    placeholders: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # Of some pages: those that there are not, and not for a fault of a record, which is gone with the next word.
    gone: frozenset[str] = frozenset()
    glossary: Glossary = field(default_factory=Glossary)

    @property
    def failed(self) -> bool:
        """Whether a build must not publish."""
        return has_errors(self.findings)

    @cached_property
    def _by_address(self) -> Mapping[str, RenderedPage]:
        return {one.address: one for one in self.pages}

    def page(self, address: str) -> RenderedPage | None:
        """The generated page or part of one at an address."""
        return self._by_address.get(address)

    @cached_property
    def _written(self) -> Mapping[str, ContentPage]:
        return {one.address: one for one in self.content}

    def finished(self, address: str, html: str) -> str:
        """The whole text of a page, in whatever parts it was made: technical terms marked, and its language told."""
        written = self._written.get(address)
        if written and written.language:
            return f'<div lang="{written.language}">\n{html}\n</div>'
        if written and not written.explains_terms:
            return html
        return self.glossary.mark(html, address)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every page the site must have."""
        return tuple(sorted({one.address for one in self.pages} | {one.address for one in self.content}))


def build(project_root: Path, profile: Profile, now: datetime, cache: Cache | None = None) -> Outcome:
    """The site as values; records with errors are left out, and their findings say so. Arguments as for ``planning.plan``."""
    cache = cache or Cache()
    planned = planning.plan(project_root, profile, now, cache)
    checked, public, catalogue = planned.checked, planned.public, planned.catalogue
    # Apart from what the gate decides: a date is over, a piece of news is due, the order of the patterns turns with the month.
    changes = (
        public.next_change,
        phase.next_over(public.editions, now),
        news.next_change(checked.content, now),
        rota.next_turn(now),
    )
    # By world time: the same hour of the clock comes twice in October.
    moment = min(filter(None, changes), key=datetime.timestamp)
    told = feeds.of(catalogue, planned.posts)
    shared = _context(planned, told, project_root)
    rendered, slow = _render_all(planned.specs, planned.written, shared)
    placeholders = _placeholder_html(tuple(planned.written.values()), catalogue, shared)
    drawn = cards.of(catalogue)
    return Outcome(
        pages=tuple(rendered),
        assets=tuple(assets.every(catalogue, told, drawn, profile, project_root, moment, cache.store)),
        content=tuple(planned.written.values()),
        findings=in_order([*planned.findings, *slow]),
        decisions=public.decisions,
        findable=findable.every(planned.specs, planned.written, catalogue, wording.load()),
        next_change=moment,
        catalogue=catalogue,
        feeds=told,
        heads=heads.of(catalogue, planned.specs, planned.written, placeholders, drawn),
        placeholders=placeholders,
        glossary=Glossary(explained(catalogue)),
        withheld=planned.withheld,
        unreadable=frozenset(
            one.place.path.removeprefix("content/")
            for one in planned.findings
            if one.code in content.UNREADABLE
        ),
        website=catalogue.website,
    )


def some(
    project_root: Path, profile: Profile, now: datetime, cache: Cache, addresses: Collection[str]
) -> Outcome:
    """Of what ``build`` makes, generated pages at some addresses, with all findings; in a fraction of the time."""
    planned = planning.plan(project_root, profile, now, cache)
    catalogue = planned.catalogue
    specs = [one for one in planned.specs if one.address in addresses and one.address not in planned.written]
    shared = _context(planned, feeds.of(catalogue, planned.posts), project_root)
    rendered, slow = _render_all(specs, {}, shared)
    are_faulty = any(
        one.place.path.startswith("data/") for one in planned.findings if one.severity is Severity.ERROR
    )
    return Outcome(
        pages=tuple(rendered),
        findings=in_order([*planned.findings, *slow]),
        gone=frozenset() if are_faulty else frozenset(addresses) - {one.address for one in planned.specs},
        heads=heads.of(catalogue, specs, {}, {}, cards.of(catalogue)),
        glossary=Glossary(explained(catalogue)),
    )


def _context(planned: Planned, told: tuple[Feed, ...], project_root: Path) -> dict[str, object]:
    catalogue = planned.catalogue
    description, words = catalogue.description, wording.load()
    names = Names(catalogue, words)
    return {
        "all_feeds": told,
        "posts": planned.posts,
        "catalogue": catalogue,
        "names": names,
        "comparison": Comparison(catalogue, names, words),
        "website": catalogue.website,
        "rule_summaries": {one.name: one.summary for one in rules.all_rules()},
        "timeline": partial(phase.standings, now=catalogue.now),
        "search_filters": findable.FILTERS,
        "way_data": partial(structured_data.for_way, catalogue.website),
        "dated_editions": calendar_file.dated(catalogue),
        "spotlights": partial(insights.spotlights, catalogue),
        "operator_fields": description["betreiber"].public_fields,
        "field_title": partial(_field_title, description, "faelle"),
        "picture_variants": lambda picture: picture_files.variants(project_root / picture.source),
        "edition_title": partial(_field_title, description, "editionen"),
    }


def _field_title(description: Description, table: str, name: str) -> str:
    """German title of a field or list, by its key."""
    one = description[table].by_name.get(name)
    if one:
        return one.title
    return next((child.title for child in description.children(table) if child.list_key == name), name)


def _render_all(
    specs: Sequence[PageSpec], written: Mapping[str, ContentPage], shared: Mapping[str, object]
) -> tuple[list[RenderedPage], list[Finding]]:
    """Every page; for one that takes too long, a finding in its place."""
    made = parallel.each(partial(_render_in_time, written=written, shared=shared), specs)
    rendered = [one for one in made if isinstance(one, RenderedPage)]
    return rendered, [one for one in made if isinstance(one, Finding)]


def _render_in_time(
    spec: PageSpec, written: Mapping[str, ContentPage], shared: Mapping[str, object]
) -> RenderedPage | Finding:
    try:
        with watchdog.at_most(_SECONDS):
            return _render(spec, written, shared)
    except watchdog.TooLongError:
        values = {"adresse": f"/{spec.address}", "sekunden": str(_SECONDS)}
        return Finding("E143", Place(spec.source or "data"), values=values)


def _render(spec: PageSpec, written: Mapping[str, ContentPage], shared: Mapping[str, object]) -> RenderedPage:
    follows = spec.address in written
    html = render.render(spec.template, spec.address, {**shared, **spec.context})
    if not follows and spec.mode != "page":
        html = f"<h1>{render.escape(spec.title)}</h1>\n{html}"
    return RenderedPage(
        address=spec.address,
        title=spec.title,
        description=spec.description,
        html=html,
        headings=render.headings(html),
        follows_content=follows,
    )


def _placeholder_html(
    texts: Sequence[ContentPage], catalogue: Catalogue, shared: Mapping[str, object]
) -> dict[str, dict[str, str]]:
    result: dict[str, dict[str, str]] = {}
    for page in texts:
        for one in page.placeholders:
            html = _placeholder(one, page.address, catalogue, shared)
            if html is not None:
                result.setdefault(page.address, {})[one.raw] = html
    return result


def _placeholder(
    one: content.Placeholder, address: str, catalogue: Catalogue, shared: Mapping[str, object]
) -> str | None:
    """HTML of a placeholder; ``None`` if it is faulty, which a finding already says."""
    argument: object = one.argument
    if one.name not in content.ALL:
        return None
    if one.name != content.OPERATOR:
        edition = catalogue.editions.get(one.argument) if one.argument else catalogue.current
        if edition is None and one.name not in content.FREE_BLOCKS:
            return "" if one.argument or not catalogue.editions else None
        argument = edition
    elif one.argument not in content.OPERATOR_PARTS:
        return None
    context = {**shared, "name": one.name, "argument": argument}
    return render.render("placeholder.html", address, context)
