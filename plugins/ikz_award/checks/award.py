"""Rules of the award, one small generator each. Each is in force for an edition only if its record confirms it.

Sources: terms of participation and FAQ of the 1st edition; the clause stands with each rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import cast

from ikz_award import text as texts
from ikz_award.checks.names import Identity, identity, is_authority, named
from ikz_award.checks.registry import Context, case_rule, edition_rule
from ikz_award.dates import Moment, PartialDate
from ikz_award.findings import Finding
from ikz_award.model import Case, Edition, Row, party_count

MIN_PARTNERS = 2
# What municipalities can control; a state or a body abroad is neither controlled nor private.
_CONTROLLABLE = {"kommunales-unternehmen", "verein", "verband"}
_PUBLIC = {"land", "ausland"}
_PRIVATE_LAW = "privatrecht"
# Status of a submission that the rules of the award no longer hold for.
OUT_OF_THE_RACE = frozenset({"nicht-zugelassen", "zurueckgezogen"})
_SAVINGS_BANK = re.compile(r"(?<!\w)[\w-]*sparkasse[n]?(?!\w*verband)", re.IGNORECASE)


@case_rule(
    "zwei-kommunale-partner",
    "E301",
    of_award=True,
    clause="Teilnahmebedingungen, Abschnitt zur Teilnahmeberechtigung",
    summary="Mindestens zwei verschiedene kommunale Partner; eine von Kommunen beherrschte Stelle zählt mit.",
)
def _two_partners(case: Case, context: Context) -> Iterator[Finding]:
    municipal = [row for row in case.parties if is_municipal(row)]
    named = {identity(row, context) for row in municipal if not row["anzahl"]}
    count = len(named) + party_count(row for row in municipal if row["anzahl"])
    if count < MIN_PARTNERS:
        yield Finding("E301", case.record.key_place("beteiligte"), "Beteiligte", {"anzahl": str(count)})


def is_municipal(party: Row) -> bool:
    """A territorial authority, or a body that municipalities control."""
    return is_authority(party) or bool(party["kommunal_beherrscht"])


@case_rule(
    "rechtsform-beherrschbar",
    "E302",
    of_award=True,
    clause="Teilnahmebedingungen, Abschnitt zur Rechtsform",
    summary=(
        "Privatrechtliche Formen nur, wenn Kommunen sie beherrschen können. Anteile kennt die Prüfung nicht: Sind nicht "
        "alle Beteiligten Kommunen, muss eine beherrschte Stelle führen, oder es gibt davon nicht weniger als private."
    ),
)
def _controllable(case: Case, context: Context) -> Iterator[Finding]:
    form = context.data.legal_forms.get(case.legal_form)
    if form is None or not (form.facts["nur_wenn_beherrscht"] or form.facts["gruppe"] == _PRIVATE_LAW):
        return
    controlled = [row for row in case.parties if row["art"] in _CONTROLLABLE and row["kommunal_beherrscht"]]
    others = [row for row in case.parties if not is_authority(row) and row not in controlled]
    # Shares are not in the data: who leads, and how many there are of each kind, stand for them.
    private = party_count(row for row in others if row["art"] not in _PUBLIC)
    leads = any(row["name"] == case.lead for row in controlled)
    outweighs = bool(controlled) and party_count(controlled) >= private
    if others and not (leads or outweighs):
        yield Finding("E302", case.record.place("rechtsform"), "Rechtsform", {"wert": form.title})


@case_rule(
    "keine-sparkassen",
    "E303",
    of_award=True,
    clause="Teilnahmebedingungen, Abschnitt zu den Ausschlüssen",
    summary="Sparkassen sind von der Teilnahme ausgeschlossen.",
)
def _no_savings_banks(case: Case, _: Context) -> Iterator[Finding]:
    for index, row in enumerate(case.parties):
        if _SAVINGS_BANK.search(str(row["name"])):
            yield Finding(
                "E303",
                case.record.place("beteiligte", index, "name"),
                "Beteiligte",
                {"wert": str(row["name"])},
            )


@case_rule(
    "stichtag",
    "E304",
    of_award=True,
    clause="Teilnahmebedingungen, Abschnitt zum Zeitraum",
    summary="Vertraglich vereinbart oder geändert nach dem Stichtag des Durchgangs.",
)
def _after_cut_off(case: Case, context: Context) -> Iterator[Finding]:
    cut_off = context.data.editions[case.edition].cut_off
    if cut_off is None:
        return
    known = [name for name in ("vereinbart_am", "geaendert_am") if case.record[name]]
    dates = [cast("PartialDate", case.record[name]) for name in known]
    # A year alone may lie on both sides of the day: only what is surely too early is a finding.
    if dates and all(one.latest <= cut_off.latest for one in dates):
        yield Finding(
            "E304",
            case.record.place(known[-1]),
            "Vereinbart",
            {"wert": str(max(dates, key=lambda one: one.latest)), "stichtag": str(cut_off)},
        )


@edition_rule(
    "eine-einreichung-je-federfuehrung",
    "E305",
    of_award=True,
    clause="Teilnahmebedingungen, Abschnitt zur Einreichung",
    summary="Jede federführende Kommune reicht höchstens einmal je Durchgang ein.",
)
def _one_entry_per_lead(_: Edition, cases: Sequence[Case], context: Context) -> Iterator[Finding]:
    first: dict[Identity, Case] = {}
    for case in cases:
        if not case.lead or case.status in {"entwurf", *OUT_OF_THE_RACE}:
            continue
        other = first.setdefault(_lead(case, context), case)
        if other is not case:
            values = {"wert": case.lead, "datei": other.record.raw.path}
            yield Finding("E305", case.record.place("federfuehrung"), "Federführung", values)


def _lead(case: Case, context: Context) -> Identity:
    """Who leads: the party of that name, however written, or what the name alone tells."""
    words = texts.base_name(case.lead)
    alone = named(case.lead)
    same = [row for row in case.parties if row["name"] == case.lead] or [
        row
        for row in case.parties
        if row["art"] == alone["art"] and texts.base_name(str(row["name"])) == words
    ]
    return identity(next((row for row in same if row["ags"]), same[0] if same else alone), context)


@edition_rule(
    "ein-preis-je-kategorie",
    "E306",
    of_award=True,
    clause="FAQ, Anzahl der Preise",
    summary="Ein Preis je Kategorie und Durchgang; er wird nicht geteilt.",
)
def _one_winner_per_category(_: Edition, cases: Sequence[Case], context: Context) -> Iterator[Finding]:
    first: dict[str, Case] = {}
    for case in cases:
        if case.status != "ausgezeichnet" or case.record["auszeichnung.art"] != "preis" or not case.category:
            continue
        other = first.setdefault(case.category, case)
        if other is not case:
            title = context.data.categories[case.category].title
            values = {"wert": title, "datei": other.record.raw.path}
            yield Finding("E306", case.record.place("kategorie"), "Kategorie", values)


@case_rule(
    "kategorie-im-durchgang",
    "E307",
    of_award=True,
    clause="Ausschreibung, Kategorien",
    summary="Die Kategorie gehört zum Durchgang.",
)
def _category_of_edition(case: Case, context: Context) -> Iterator[Finding]:
    edition = context.data.editions[case.edition]
    if case.category and edition.category(case.category) is None:
        near = texts.nearest(case.category, [one.key for one in edition.categories])
        values = {"wert": case.category, "edition": edition.short}
        yield Finding("E307", case.record.place("kategorie"), "Kategorie", values, near)


@case_rule(
    "frist",
    "E308",
    of_award=True,
    clause="Ausschreibung, Bewerbungsfrist",
    summary="Eingereicht innerhalb der Bewerbungsfrist; ein Tag ohne Uhrzeit zählt bis zu seinem Ende.",
)
def _within_window(case: Case, context: Context) -> Iterator[Finding]:
    edition = context.data.editions[case.edition]
    received = case.record["eingereicht_am"]
    if not isinstance(received, Moment):
        return
    early = edition.opens is not None and received.ends <= edition.opens.begins
    late = edition.closes is not None and received.begins >= edition.closes.ends
    if received.instant and edition.closes and edition.closes.instant:
        late = received.instant > edition.closes.instant
    if early or late:
        values = {"beginn": str(edition.opens or "unbekannt"), "ende": str(edition.closes or "unbekannt")}
        yield Finding("E308", case.record.place("eingereicht_am"), "Eingereicht am", values)
