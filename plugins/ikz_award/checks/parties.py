"""Rules of parties: each stands once and under its name, one of them leads, and no case of theirs stands twice. Always in force."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Sequence

from ikz_award import text as texts
from ikz_award.checks.award import OUT_OF_THE_RACE
from ikz_award.checks.names import Identity, fits, identity, is_authority
from ikz_award.checks.registry import Context, case_identity, case_rule, edition_rule
from ikz_award.findings import Finding, Severity
from ikz_award.model import DISTRICT_KINDS, Case, Edition, Row, Term, party_count

_NEARLY = 0.85
_COOPERATING = 2


@case_rule(
    "federfuehrung-beteiligt",
    "E317",
    of_award=False,
    clause="Gute Daten",
    summary="Die federführende Stelle steht unter „beteiligte“, gleich geschrieben.",
)
def _lead_is_party(case: Case, _: Context) -> Iterator[Finding]:
    names = [str(row["name"]) for row in case.parties]
    if case.lead and case.lead not in names:
        near = texts.nearest(case.lead, names, 0.4)
        yield Finding("E317", case.record.place("federfuehrung"), "Federführung", {"wert": case.lead}, near)


@case_rule(
    "kein-fall-doppelt",
    "E331",
    of_award=False,
    clause="Gute Daten",
    summary="Kein Fall steht mit gleichem Titel und gleichen Beteiligten in zwei Dateien.",
)
def _no_duplicate(case: Case, context: Context) -> Iterator[Finding]:
    path = case.record.raw.path
    for other in context.namesakes[case_identity(case)]:
        # The same project may enter again another time.
        again = case.is_submission and other.is_submission and case.edition != other.edition
        if other.record.raw.path < path and not again:
            values = {"datei": other.record.raw.path}
            yield Finding("E331", case.record.place("titel"), "Titel", values, severity=Severity.WARNING)
            return


@case_rule(
    "name-passt-zum-schluessel",
    "E332",
    of_award=False,
    clause="Gute Daten",
    summary="Der Name einer Kommune passt zu ihrem Gemeindeschlüssel.",
)
def _name_fits_key(case: Case, context: Context) -> Iterator[Finding]:
    for index, row, known in _keyed(case, context):
        if not fits(str(row["name"]), known):
            values = {"wert": str(row["name"]), "ags": known.key, "kommune": known.title}
            place = case.record.place("beteiligte", index, "ags")
            yield Finding("E332", place, "Name", values, severity=Severity.WARNING)


@case_rule(
    "art-passt-zum-schluessel",
    "E354",
    of_award=False,
    clause="Gute Daten",
    summary="Was nach seinem Gemeindeschlüssel ein Kreis ist, ist auch als Kreis eingetragen.",
)
def _kind_fits_key(case: Case, context: Context) -> Iterator[Finding]:
    for index, row, known in _keyed(case, context):
        is_district = known.facts["art"] in DISTRICT_KINDS
        if is_authority(row) and is_district != (row["art"] == "kreis"):
            kind = "ein Kreis" if is_district else "kein Kreis"
            values = {"wert": str(row["name"]), "ags": known.key, "kommune": kind, "art": str(row["art"])}
            place = case.record.place("beteiligte", index, "art")
            yield Finding("E354", place, "Art", values, severity=Severity.WARNING)


def _keyed(case: Case, context: Context) -> Iterator[tuple[int, Row, Term]]:
    """Parties whose municipality key is known, with what it stands for."""
    for index, row in enumerate(case.parties):
        known = context.data.municipalities.get(str(row["ags"]))
        if known:
            yield index, row, known


@case_rule(
    "mindestens-zwei-beteiligte",
    "E353",
    of_award=False,
    clause="Gute Daten",
    summary="Eine dokumentierte Kooperation hat mindestens zwei Beteiligte.",
)
def _not_alone(case: Case, _: Context) -> Iterator[Finding]:
    # The award has a rule of its own on its partners.
    if not case.is_submission and party_count(case.parties) < _COOPERATING:
        place = case.record.key_place("beteiligte")
        yield Finding("E353", place, "Beteiligte", severity=Severity.WARNING)


@edition_rule(
    "kein-fall-fast-doppelt",
    "E335",
    of_award=False,
    clause="Gute Daten",
    summary="Keine zwei Einreichungen eines Durchgangs haben dieselben Beteiligten und fast denselben Titel.",
)
def _no_near_duplicate(_: Edition, cases: Sequence[Case], context: Context) -> Iterator[Finding]:
    by_parties: dict[frozenset[Identity], list[Case]] = defaultdict(list)
    for case in cases:
        # What was withdrawn is often handed in again, a little better.
        if case.status not in OUT_OF_THE_RACE:
            by_parties[frozenset(identity(row, context) for row in case.parties)].append(case)
    for same in by_parties.values():
        same.sort(key=lambda one: one.record.raw.path)
        for number, case in enumerate(same):
            other = next((one for one in same[:number] if _is_nearly(one, case)), None)
            if other:
                values = {"wert": other.title, "datei": other.record.raw.path}
                place = case.record.place("titel")
                yield Finding("E335", place, "Titel", values, severity=Severity.WARNING)


def _is_nearly(one: Case, other: Case) -> bool:
    """Alike, and not the same: that has a rule of its own."""
    if case_identity(one) == case_identity(other):
        return False
    matcher = difflib.SequenceMatcher(None, one.title.casefold(), other.title.casefold(), autojunk=False)
    return matcher.real_quick_ratio() >= _NEARLY and matcher.ratio() >= _NEARLY


@case_rule(
    "beteiligte-einmal",
    "E340",
    of_award=False,
    clause="Gute Daten",
    summary="Jede Kommune steht unter „beteiligte“ nur einmal.",
)
def _each_party_once(case: Case, context: Context) -> Iterator[Finding]:
    first: dict[Identity, int] = {}
    keys: dict[str, int] = {}
    for index, row in enumerate(case.parties):
        ags = str(row["ags"] or "")
        by_key = keys.setdefault(ags, index) if ags else index
        is_named = is_authority(row) and not row["anzahl"]
        by_name = first.setdefault(identity(row, context), index) if is_named else index
        other = min(by_key, by_name)
        if other != index:
            values = {"wert": str(row["name"]), "andere": str(case.parties[other]["name"])}
            # A key says it for sure; elsewhere two municipalities can have the same name.
            severity = Severity.ERROR if by_key != index else Severity.WARNING
            place = case.record.place("beteiligte", index, "name")
            yield Finding("E340", place, "Name", values, severity=severity)
