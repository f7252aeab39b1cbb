"""The gate: the one place where a case becomes public. Templates, indices and files receive ``Entry`` values only.

Decided by allow-list from four things: the field's visibility, the status, the consent, and the moment of the
announcement. Every decision has a reason that can be printed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal, cast

from ikz_award.dates import BERLIN, Moment
from ikz_award.model import Case, Data, Edition, Facts, Row, Uptake, case_key, nest, public_rows

Profile = Literal["entwurf", "beispiel", "produktion"]
PROFILES: tuple[Profile, ...] = ("entwurf", "beispiel", "produktion")

# Clocks of machines differ a little.
_TOLERANCE = 300
_NEVER = {
    "entwurf": "Status „entwurf“ ist nie öffentlich",
    "eingereicht": "Status „eingereicht“ ist nie öffentlich",
    "nicht-zugelassen": "Status „nicht-zugelassen“ ist nie öffentlich",
    "zurueckgezogen": "Status „zurueckgezogen“ ist nie öffentlich",
}


@dataclass(frozen=True)
class Picture:
    """A picture that may be shown. ``source`` is its path in the project, ``name`` the published one without an ending."""

    source: str
    name: str
    alt: str
    credit: str
    licence: str


@dataclass(frozen=True)
class Entry:
    """A case as the public may see it. Made by this module only.

    ``source`` is its file and never shown. ``content`` has the record's public keys, nested as in the file; ``limited`` says that only what the edition
    publishes without consent is in it.
    """

    kind: Literal["einreichung", "kooperation"]
    source: str
    edition: str
    slug: str
    title: str
    content: Facts
    category: str
    legal_form: str
    patterns: tuple[str, ...]
    task_fields: tuple[str, ...]
    municipalities: tuple[str, ...]
    pictures: tuple[Picture, ...]
    is_winner: bool
    limited: bool

    @property
    def key(self) -> str:
        """See ``model.case_key``."""
        return case_key(self.edition, self.slug)


@dataclass(frozen=True)
class PublicUptake:
    """A documented uptake as the public may see it. Made by this module only; ``case_key`` names a public entry or none."""

    slug: str
    content: Facts
    pattern: str
    case_key: str

    @property
    def municipalities(self) -> frozenset[str]:
        """AGS of both sides, as far as known."""
        return frozenset(str(self.content[name]) for name in ("von_ags", "an_ags") if self.content[name])


@dataclass(frozen=True)
class Decision:
    """Why a case or an uptake is or is not public. ``path`` is its file."""

    path: str
    published: bool
    reason: str


@dataclass(frozen=True)
class Publication:
    """What may be shown now, why, and when that changes by itself (``None``: never)."""

    entries: tuple[Entry, ...]
    uptakes: tuple[PublicUptake, ...]
    editions: tuple[Edition, ...]
    decisions: tuple[Decision, ...]
    next_change: datetime | None


def is_ahead(profile: Profile, moment: datetime, clock: datetime) -> bool:
    """Whether what goes out would be built for a time that has not come: whoever sets the moment must not end an embargo."""
    return profile == "produktion" and moment.timestamp() > clock.timestamp() + _TOLERANCE


def publish(data: Data, profile: Profile, now: datetime) -> Publication:
    """Decide about every case.

    Args:
        data: cases and editions that passed the checks.
        profile: fictional editions are visible in ``beispiel`` only, and real submissions are not.
        now: an aware moment; the same data and the same moment give the same publication.
    """
    editions = tuple(one for one in data.editions.values() if one.is_example == (profile == "beispiel"))
    visible = {one.key for one in editions}
    entries: list[Entry] = []
    decisions: list[Decision] = []
    for case in data.cases:
        entry, reason = _decide(case, data, visible, now)
        decisions.append(Decision(case.record.raw.path, entry is not None, reason))
        if entry:
            entries.append(entry)
    # Those without an address keep an order made of what is shown alone: that of their files would tell of the names.
    entries.sort(
        key=lambda one: (one.kind, one.edition, one.slug, one.title, "" if one.slug else repr(one.content))
    )
    public = {one.key for one in entries if not one.limited}
    uptakes = []
    for uptake in sorted(data.uptakes, key=lambda one: one.slug):
        # A case that is still closed must not be told by who copied it.
        shown = not uptake.case_key or uptake.case_key in public
        reason = "belegte Übernahme aus öffentlichen Quellen" if shown else "das Vorbild ist nicht öffentlich"
        decisions.append(Decision(uptake.record.raw.path, shown, reason))
        if shown:
            uptakes.append(_release_uptake(uptake, data))
    return Publication(
        entries=tuple(entries),
        uptakes=tuple(uptakes),
        editions=editions,
        decisions=tuple(sorted(decisions, key=lambda one: one.path)),
        next_change=_next_change(editions, now),
    )


def _decide(case: Case, data: Data, visible: set[str], now: datetime) -> tuple[Entry | None, str]:
    if not case.is_submission:
        return _release(case, data), "dokumentierte Kooperation aus öffentlichen Quellen"
    edition = data.editions[case.edition]
    if edition.key not in visible:
        other = (
            "erfundener Durchgang, nur mit PROFIL=beispiel"
            if edition.is_example
            else "mit PROFIL=beispiel nicht gezeigt"
        )
        return None, other
    if case.status in _NEVER:
        return None, _NEVER[case.status]
    embargo = _embargo(edition, now)
    if embargo:
        return None, embargo
    allowed, basis = _basis(case, now)
    if allowed:
        return _release(case, data), f"Status „{case.status}“, bekannt gegeben, {basis}"
    if case.status == "ausgezeichnet" and edition.public_without_consent:
        names = ", ".join(sorted(edition.public_without_consent))
        return _release(
            case, data, edition.public_without_consent
        ), f"{basis}; der Durchgang veröffentlicht ohne sie: {names}"
    return None, basis


def _embargo(edition: Edition, now: datetime) -> str:
    """Why results of the edition are still closed, or empty. A day without a clock ends the embargo with its end."""
    if edition.announced is None:
        return "gesperrt: die Bekanntgabe des Durchgangs ist nicht eingetragen"
    if not edition.announced.fits:
        return "gesperrt: die Bekanntgabe nennt einen Abstand zur Weltzeit, der in Deutschland an diesem Tag nicht gilt"
    if now < edition.announced.ends:
        return f"gesperrt bis zur Bekanntgabe ({edition.announced})"
    return ""


def _basis(case: Case, now: datetime) -> tuple[bool, str]:
    """Whether there is a ground for publication, and which."""
    record = case.record
    withdrawn = record["einwilligung.widerrufen_am"]
    # A withdrawal counts from the moment the office writes it down, even if it is dated later.
    if withdrawn is not None:
        return False, "Einwilligung widerrufen"
    if record["einwilligung.grundlage"] == "oeffentliche-quellen":
        if record.rows("quellen"):
            return True, "allein aus öffentlichen Quellen"
        return False, "keine Quellen genannt"
    given = record["einwilligung.erteilt_am"]
    if record["einwilligung.veroeffentlichung"] is not True:
        return False, "keine Einwilligung"
    if not isinstance(given, Moment) or not given.fits or given.begins > now:
        return False, "Einwilligung ohne lesbares Datum oder mit einem Datum in der Zukunft"
    return True, "Einwilligung liegt vor"


def _release(case: Case, data: Data, only: frozenset[str] | None = None) -> Entry:
    """Copy the public fields, and nothing else, into an entry."""
    record = case.record
    table = record.table
    values = {one.name: record[one.name] for one in table.public_fields if only is None or one.name in only}
    lists = {
        key: rows if only is None or key in only else ()
        for key, rows in public_rows(record, data.description).items()
    }
    # Pictures need a consent of their own, and one that was not withdrawn.
    if case.is_submission and (only is not None or not record["einwilligung.bilder"]):
        lists["bilder"] = ()
    pictures = tuple(_picture(row, record.raw.path, index) for index, row in enumerate(lists["bilder"], 1))
    # What a file was called when it came may tell more than the picture.
    lists["bilder"] = tuple(
        {**row, "datei": f"{one.name}.webp"} for row, one in zip(lists["bilder"], pictures, strict=True)
    )
    parties = lists["beteiligte"]
    return Entry(
        kind=case.kind,
        source=record.raw.path if only is None else "",
        edition=case.edition,
        # A file name may tell who they are; without consent the entry gets no page of its own.
        slug=case.slug if only is None else "",
        title=cast("str", values.get("titel") or "Titel nicht veröffentlicht"),
        content=nest(table.public_fields, values, lists),
        category=cast("str", values.get("kategorie") or ""),
        legal_form=cast("str", values.get("rechtsform") or ""),
        patterns=_codes(lists["muster"]),
        task_fields=_codes(lists["aufgabenfelder"]),
        municipalities=tuple(dict.fromkeys(str(row["ags"]) for row in parties if row["ags"])),
        pictures=pictures,
        is_winner=case.status == "ausgezeichnet",
        limited=only is not None,
    )


def _release_uptake(uptake: Uptake, data: Data) -> PublicUptake:
    record = uptake.record
    values = {one.name: record[one.name] for one in record.table.public_fields}
    content = nest(record.table.public_fields, values, public_rows(record, data.description))
    return PublicUptake(uptake.slug, content, uptake.pattern, uptake.case_key)


def _codes(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(str(row["wert"]) for row in rows)


def _picture(row: Row, path: str, number: int) -> Picture:
    source = (PurePosixPath(path).parent / "bilder" / str(row["datei"])).as_posix()
    return Picture(source, f"bild-{number}", str(row["alt"]), str(row["nachweis"]), str(row["lizenz"]))


def _next_change(editions: Collection[Edition], now: datetime) -> datetime | None:
    """The next moment at which the same data say something else: phases and announcements.

    Only what everybody may know goes in; a consent dated ahead is a finding, not a moment.
    """
    moments = []
    for edition in editions:
        if edition.opens:
            moments.append(edition.opens.begins)
        moments += [one.ends for one in (edition.closes, edition.announced) if one]
    # Within one zone Python compares what clocks show, and in October they show an hour twice.
    first = min((one for one in moments if one > now), key=datetime.timestamp, default=None)
    return first.astimezone(BERLIN) if first else None
