"""From the files to the plan: read, check, model, gate, plan. Renders nothing, so it is all that a check needs."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path

from ikz_award import catalogue as catalogues
from ikz_award import content, model, news, pages, publication, records, routes, schema, wording
from ikz_award.catalogue import Catalogue
from ikz_award.checks import addresses, prose, rules, settings, structure, tables
from ikz_award.content import ContentPage
from ikz_award.dates import BERLIN, Moment
from ikz_award.findings import Finding, Place, faulty_paths, has_errors, in_order, limited
from ikz_award.model import Data, Facts
from ikz_award.pages import PageSpec
from ikz_award.publication import Profile, Publication
from ikz_award.records import Cache, Reading
from ikz_award.replay import Store
from ikz_award.verdict import Verdict


@dataclass(frozen=True)
class Checked:
    """What is known after all checks, before the gate."""

    data: Data
    reading: Reading
    content: tuple[ContentPage, ...]
    findings: tuple[Finding, ...]
    # Whether an earlier run found the same files in order, in every respect.
    is_known: bool = False


def check(
    project_root: Path,
    profile: Profile,
    now: datetime,
    cache: Cache | None = None,
    verdict: Verdict | None = None,
) -> Checked:
    """Read and check everything, or only read what the verdict says is in order.

    Raises:
        ikz_award.schema.DescriptionError: the description of the data itself is broken.
    """
    cache = cache or Cache()
    description = cache.under(schema.load(project_root / "data"))
    reading = records.read_all(project_root, description, cache)
    if verdict and verdict.is_in_order:
        texts, problems = content.read_all(project_root)
        # Somebody may have saved a file while they were read.
        if verdict.still_holds and not problems and not reading.findings:
            data = model.build(reading.records, description, frozenset(), reading.pictures, cache.known)
            return Checked(data, reading, tuple(texts), (), is_known=True)
    findings = [*reading.findings, *structure.check(reading, description, cache.known)]
    data = model.build(reading.records, description, faulty_paths(findings), reading.pictures, cache.known)
    findings += rules.check(data, now.astimezone(BERLIN).date(), cache.known)
    texts, problems = content.read_all(project_root)
    findings += problems
    findings += content.check(texts, _edition_keys(reading, data, profile))
    findings += settings.check(project_root)
    if profile == "produktion":
        findings += _operator_gaps(data, findings)
    findings = records.with_excerpts(
        limited(in_order(tables.gathered(findings))),
        reading,
        {one.path: one.text for one in texts},
        description,
    )
    return Checked(data, reading, tuple(texts), in_order(findings))


def _edition_keys(reading: Reading, data: Data, profile: Profile) -> list[str]:
    """Keys of the edition files a page may name, also of faulty ones: a placeholder that names one is not to blame."""
    fictional = {one.key for one in data.editions.values() if one.is_example}
    keys = {one.keys["schluessel"] for one in reading.files.values() if one.table == "editionen"}
    return sorted(keys if profile == "beispiel" else keys - fictional)


def _operator_gaps(data: Data, findings: Sequence[Finding]) -> Iterator[Finding]:
    record = data.operator
    if record is None:
        place = Place("data/reference/betreiber.yml")
        # A file that is there and faulty has its findings already.
        if place.path not in faulty_paths(findings):
            yield Finding("E403", place, values={"name": "betreiber.yml"})
        return
    for one in record.table.fields:
        if one.production and not record[one.name]:
            yield Finding("E403", record.key_place(*one.path), one.title, {"name": one.name})


@dataclass(frozen=True)
class Planned:
    """What will be published and what there is to say about it, before anything is rendered."""

    checked: Checked
    public: Publication
    catalogue: Catalogue
    posts: tuple[ContentPage, ...]
    withheld: frozenset[str]
    specs: tuple[PageSpec, ...]
    written: Mapping[str, ContentPage]
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether a build must not publish."""
        return has_errors(self.findings)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every page the site must have."""
        return tuple(sorted({one.address for one in self.specs} | self.written.keys()))


def plan(project_root: Path, profile: Profile, now: datetime, cache: Cache | None = None) -> Planned:
    """Everything but the rendering: enough for all findings and all decisions, in a fraction of the time.

    Args:
        project_root: folder that holds ``data/`` and ``content/``.
        profile: see ``publication``.
        now: aware moment the site is built for.
        cache: documents kept from the run before (preview only).
    """
    cache = cache or Cache()
    with _undisturbed():
        return _planned(project_root, profile, now, cache)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hardly anything that is made here becomes garbage before the end; looking for some takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _planned(project_root: Path, profile: Profile, now: datetime, cache: Cache) -> Planned:
    verdict = Verdict.of(cache.store, project_root, profile, now)
    checked = check(project_root, profile, now, cache, verdict)
    faulty = faulty_paths(checked.findings)
    data = _without(checked.data, faulty)
    public = publication.publish(data, profile, now)
    catalogue = catalogues.build(data, public, _operator_facts(data), now)
    posts = news.newest_first(checked.content, now)
    written = {one.address: one for one in checked.content if news.is_out(one, now)}
    specs, clashes = _without_clashes(pages.plan(catalogue, posts, wording.load()), written)
    made = {routes.file_of(one.address) for one in specs}
    files = made | _files(project_root)
    withheld = news.withheld(checked.content, files, now)
    if checked.is_known:
        return Planned(checked, public, catalogue, posts, frozenset(withheld), tuple(specs), written, ())
    hidden = _hidden(checked.reading, public, faulty)
    found = limited(in_order(_prose(checked.content, files, hidden, now)))
    dead = records.with_excerpts(found, checked.reading, _texts(checked), data.description)
    told = {one.place.path for one in checked.findings}
    twins = addresses.check(_made(specs, written), _editors_files(project_root))
    fresh = [one for one in twins if one.place.path not in told]
    findings = limited(in_order([*checked.findings, *clashes, *dead, *fresh]))
    if not findings:
        verdict.keep(_until(public, data, checked.content, now))
    return Planned(checked, public, catalogue, posts, frozenset(withheld), tuple(specs), written, findings)


def _until(public: Publication, data: Data, texts: Sequence[ContentPage], now: datetime) -> datetime:
    """When the same files may give other findings: some are about the day, some about what is public."""
    tomorrow = datetime.combine(now.astimezone(BERLIN).date() + timedelta(days=1), time.min, BERLIN)
    given = (one.record["einwilligung.erteilt_am"] for one in data.cases)
    moments = [one.begins for one in given if isinstance(one, Moment)]
    moments += filter(None, (public.next_change, news.next_change(texts, now)))
    return min([tomorrow, *(one for one in moments if one > now)], key=datetime.timestamp)


def plan_once(project_root: Path, profile: Profile, now: datetime, kept_in: Path) -> Planned:
    """The plan for a command that ends with it; what it finds in order, the next one need not look at again."""
    store = Store(kept_in, f"{project_root} {profile} Prüfung")
    planned = plan(project_root, profile, now, Cache(store=store))
    store.settle()
    return planned


def _without(data: Data, faulty: frozenset[str]) -> Data:
    """Rules may have found more: a case with an error is not shown."""
    cases = tuple(one for one in data.cases if one.record.raw.path not in faulty)
    uptakes = tuple(one for one in data.uptakes if one.record.raw.path not in faulty)
    return replace(data, cases=cases, uptakes=uptakes)


def _files(project_root: Path) -> set[str]:
    """Everything of the editors below ``content/``; what cannot be read has a finding of its own."""
    root = project_root / "content"
    return {one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file()}


def _made(specs: Sequence[PageSpec], written: Mapping[str, ContentPage]) -> Iterator[tuple[str, str]]:
    """Where generated pages will stand, with their record or their title."""
    for spec in specs:
        if spec.address not in written:
            yield f"{spec.address}index.html", spec.source or spec.title


def _editors_files(project_root: Path) -> Iterator[tuple[str, str]]:
    """Where the editors' files will stand, with their path in the project; links are not followed and have findings already."""
    root = project_root / "content"
    for file in sorted(root.rglob("*")):
        if content.is_publishable(root, file) and file.is_file():
            name = file.relative_to(root).as_posix()
            is_page = file.suffix == ".md"
            public = f"{routes.of_content(name)}index.html" if is_page else routes.public_path(name)
            yield public, f"content/{name}"


def _hidden(reading: Reading, public: Publication, faulty: frozenset[str]) -> dict[str, str]:
    """Pages that records would have, with the reason why they have none; no reason for records that are at fault."""
    reasons = {one.path: one.reason for one in public.decisions if not one.published}
    found: dict[str, str] = {}
    for path, raw in reading.files.items():
        if path not in reasons and path not in faulty:
            continue
        reason = "" if path in faulty else reasons[path]
        if raw.table == "faelle":
            slug = raw.keys["slug"]
            addresses = [f"{routes.CASES}{slug}/"]
            if "edition" in raw.keys:
                addresses.append(f"{routes.winners(raw.keys['edition'])}{slug}/")
            found |= {routes.file_of(one): reason for one in addresses}
        elif raw.table == "muster":
            found[routes.file_of(routes.pattern(raw.keys["code"]))] = reason
    return found


def _prose(
    texts: Sequence[ContentPage], files: Collection[str], hidden: Mapping[str, str], now: datetime
) -> Iterator[Finding]:
    """Findings in the editors' pages, each judged for the moment at which it will be read; a draft knows no such moment."""
    groups: dict[datetime | None, list[ContentPage]] = {}
    for page in texts:
        groups.setdefault(now if news.is_out(page, now) else news.begins(page), []).append(page)
    for moment, group in groups.items():
        waiting = news.withheld(texts, files, moment) if moment else {}
        yield from prose.check(group, set(files) - waiting.keys(), {**hidden, **waiting})


def _texts(checked: Checked) -> dict[str, str]:
    return {one.path: one.text for one in checked.content}


def _without_clashes(
    specs: Sequence[PageSpec], written: Mapping[str, ContentPage]
) -> tuple[list[PageSpec], list[Finding]]:
    """One page an address: the first that asks for it; for each other a finding."""
    kept: dict[str, PageSpec] = {}
    findings = []
    for spec in specs:
        if spec.mode == "default" and spec.address in written:
            continue
        values = {"adresse": f"/{spec.address}"}
        if spec.mode == "page" and spec.address in written:
            values["andere"] = spec.source or spec.title
            findings.append(Finding("E404", Place(written[spec.address].path), values=values))
        elif spec.address in kept:
            values["andere"] = kept[spec.address].source or kept[spec.address].title
            findings.append(Finding("E404", Place(spec.source or "data"), values=values))
        else:
            kept[spec.address] = spec
    return list(kept.values()), findings


def _operator_facts(data: Data) -> Facts:
    table = data.description["betreiber"]
    if data.operator is None:
        return model.nest(table.fields, {}, {})
    return model.facts(data.operator, data.description)
