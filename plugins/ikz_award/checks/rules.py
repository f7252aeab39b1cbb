"""The rules of the award and of good data, one small generator each.

A rule of the award is in force for an edition only if the edition's record confirms it (``regeln``), with the clause it
rests on; a rule of good data is always in force. Sources of the award's rules: terms of participation and FAQ of the
1st edition. The page „Prüfregeln“ is made from this module.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias, cast
from urllib.parse import urlsplit

from ikz_award import pictures
from ikz_award import text as texts
from ikz_award.dates import Moment, PartialDate, in_words
from ikz_award.findings import Finding, Severity
from ikz_award.model import Case, Data, Edition, Record, Row

MIN_PARTNERS = 2
_MUNICIPAL = {"kommune", "kreis"}
_PRIVATE_LAW = "privatrecht"
_SAVINGS_BANK = re.compile(r"(?<!\w)[\w-]*sparkasse[n]?(?!\w*verband)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Context:
    """What rules may look at beside their subject. ``today`` is an argument, never the clock."""

    data: Data
    today: date


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its permanent name and code, whether it needs confirmation by the edition, and where it comes from."""

    name: str
    code: str
    of_award: bool
    clause: str
    summary: str


CaseCheck: TypeAlias = Callable[[Case, Context], Iterator[Finding]]
EditionCheck: TypeAlias = Callable[[Edition, Sequence[Case], Context], Iterator[Finding]]
RecordCheck: TypeAlias = Callable[[Record, Context], Iterator[Finding]]

CASE_RULES: dict[Rule, CaseCheck] = {}
EDITION_RULES: dict[Rule, EditionCheck] = {}
RECORD_RULES: dict[Rule, RecordCheck] = {}


def _case_rule(rule: Rule) -> Callable[[CaseCheck], CaseCheck]:
    def register(check: CaseCheck) -> CaseCheck:
        CASE_RULES[rule] = check
        return check

    return register


def _edition_rule(rule: Rule) -> Callable[[EditionCheck], EditionCheck]:
    def register(check: EditionCheck) -> EditionCheck:
        EDITION_RULES[rule] = check
        return check

    return register


def _record_rule(rule: Rule) -> Callable[[RecordCheck], RecordCheck]:
    def register(check: RecordCheck) -> RecordCheck:
        RECORD_RULES[rule] = check
        return check

    return register


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    return tuple(sorted((*CASE_RULES, *EDITION_RULES, *RECORD_RULES), key=lambda one: one.code))


def confirmable_names() -> frozenset[str]:
    """Names an edition may list under ``regeln``."""
    return frozenset(one.name for one in all_rules() if one.of_award)


def check(data: Data, today: date) -> list[Finding]:
    """All rules over all records that passed the structural checks."""
    context = Context(data, today)
    findings: list[Finding] = []
    by_edition: dict[str, list[Case]] = defaultdict(list)
    for case in data.cases:
        by_edition[case.edition].append(case)
        for rule, case_check in CASE_RULES.items():
            if _in_force(rule, case, data):
                findings += case_check(case, context)
    for key, edition in data.editions.items():
        for rule, edition_check in EDITION_RULES.items():
            if not rule.of_award or rule.name in edition.rules:
                findings += edition_check(edition, by_edition[key], context)
    for record in _records(data):
        for record_check in RECORD_RULES.values():
            findings += record_check(record, context)
    return findings


def _in_force(rule: Rule, case: Case, data: Data) -> bool:
    if not rule.of_award:
        return True
    return case.is_submission and rule.name in data.editions[case.edition].rules


def _records(data: Data) -> Iterator[Record]:
    yield from (one.record for one in data.cases)
    yield from (one.record for one in data.editions.values())
    yield from (one.record for one in data.patterns.values())


# --- rules of the award ----------------------------------------------------------------------------------------------


@_case_rule(
    Rule(
        "zwei-kommunale-partner",
        "E301",
        of_award=True,
        clause="Teilnahmebedingungen, Abschnitt zur Teilnahmeberechtigung",
        summary="Mindestens zwei kommunale Partner; eine von Kommunen beherrschte Stelle zählt mit.",
    )
)
def _two_partners(case: Case, _: Context) -> Iterator[Finding]:
    count = sum(_weight(row) for row in case.parties if is_municipal(row))
    if count < MIN_PARTNERS and "beteiligte" not in case.record.codes("unbekannt"):
        yield Finding("E301", case.record.key_place("beteiligte"), "Beteiligte", {"anzahl": str(count)})


def is_municipal(party: Row) -> bool:
    """A territorial authority, or a body that municipalities control."""
    return party["art"] in _MUNICIPAL or bool(party["kommunal_beherrscht"])


def _weight(party: Row) -> int:
    return cast("int", party["anzahl"] or 1)


@_case_rule(
    Rule(
        "rechtsform-beherrschbar",
        "E302",
        of_award=True,
        clause="Teilnahmebedingungen, Abschnitt zur Rechtsform",
        summary="Privatrechtliche Formen nur, wenn Kommunen sie beherrschen können.",
    )
)
def _controllable(case: Case, context: Context) -> Iterator[Finding]:
    form = context.data.legal_forms.get(case.legal_form)
    if form is None or not (form.facts["nur_wenn_beherrscht"] or form.facts["gruppe"] == _PRIVATE_LAW):
        return
    carriers = [row for row in case.parties if row["kommunal_beherrscht"]]
    private = [row for row in case.parties if row["art"] == "privat"]
    if not carriers and (private or not all(is_municipal(row) for row in case.parties)):
        yield Finding("E302", case.record.place("rechtsform"), "Rechtsform", {"wert": form.title})


@_case_rule(
    Rule(
        "keine-sparkassen",
        "E303",
        of_award=True,
        clause="Teilnahmebedingungen, Abschnitt zu den Ausschlüssen",
        summary="Sparkassen sind von der Teilnahme ausgeschlossen.",
    )
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


@_case_rule(
    Rule(
        "stichtag",
        "E304",
        of_award=True,
        clause="Teilnahmebedingungen, Abschnitt zum Zeitraum",
        summary="Vertraglich vereinbart oder geändert nach dem Stichtag des Durchgangs.",
    )
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


@_edition_rule(
    Rule(
        "eine-einreichung-je-federfuehrung",
        "E305",
        of_award=True,
        clause="Teilnahmebedingungen, Abschnitt zur Einreichung",
        summary="Jede federführende Kommune reicht höchstens einmal je Durchgang ein.",
    )
)
def _one_entry_per_lead(_: Edition, cases: Sequence[Case], __: Context) -> Iterator[Finding]:
    first: dict[str, Case] = {}
    for case in cases:
        if not case.lead or case.status in {"entwurf", "zurueckgezogen"}:
            continue
        lead = next(
            (str(row["ags"]) for row in case.parties if row["name"] == case.lead and row["ags"]),
            case.lead.casefold(),
        )
        other = first.setdefault(lead, case)
        if other is not case:
            values = {"wert": case.lead, "datei": other.record.raw.path}
            yield Finding("E305", case.record.place("federfuehrung"), "Federführung", values)


@_edition_rule(
    Rule(
        "ein-preis-je-kategorie",
        "E306",
        of_award=True,
        clause="FAQ, Anzahl der Preise",
        summary="Ein Preis je Kategorie und Durchgang; er wird nicht geteilt.",
    )
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


@_case_rule(
    Rule(
        "kategorie-im-durchgang",
        "E307",
        of_award=True,
        clause="Ausschreibung, Kategorien",
        summary="Die Kategorie gehört zum Durchgang.",
    )
)
def _category_of_edition(case: Case, context: Context) -> Iterator[Finding]:
    edition = context.data.editions[case.edition]
    if case.category and edition.category(case.category) is None:
        near = texts.nearest(case.category, [one.key for one in edition.categories])
        values = {"wert": case.category, "edition": edition.short}
        yield Finding("E307", case.record.place("kategorie"), "Kategorie", values, near)


@_case_rule(
    Rule(
        "frist",
        "E308",
        of_award=True,
        clause="Ausschreibung, Bewerbungsfrist",
        summary="Eingereicht innerhalb der Bewerbungsfrist; ein Tag ohne Uhrzeit zählt bis zu seinem Ende.",
    )
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


# --- rules of law and of good data ---------------------------------------------------------------------------------


@_case_rule(
    Rule(
        "kein-uebergang-ueber-die-grenze",
        "E309",
        of_award=False,
        clause="Abkommen von 1991 mit den Niederlanden über grenzüberschreitende Zusammenarbeit, Artikel 6",
        summary="Über die Staatsgrenze hinweg kann eine Vereinbarung Aufgaben nicht übertragen.",
    )
)
def _no_delegation_abroad(case: Case, context: Context) -> Iterator[Finding]:
    form = context.data.legal_forms.get(case.legal_form)
    abroad = next((index for index, row in enumerate(case.parties) if row["art"] == "ausland"), None)
    # § 23 (1) 1st alternative GkG NRW: the right and the duty to do the task pass to another partner.
    if abroad is not None and form is not None and form.facts["zustaendigkeit"] == "geht-ueber":
        values = {"wert": form.title, "stelle": str(case.parties[abroad]["name"])}
        yield Finding("E309", case.record.place("rechtsform"), "Rechtsform", values)


@_case_rule(
    Rule(
        "bilddatei",
        "E310",
        of_award=False,
        clause="Barrierefreiheit und Ladezeit",
        summary="Bilddateien sind vorhanden, von der genannten Art und innerhalb der Grenzen.",
    )
)
def _picture_files(case: Case, context: Context) -> Iterator[Finding]:
    folder = Path(case.record.raw.path).parent / "bilder"
    for index, row in enumerate(case.record.rows("bilder")):
        place = case.record.place("bilder", index, "datei")
        name = str(row["datei"])
        file = context.data.pictures.get((folder / name).as_posix())
        if file is None:
            known = [Path(one).name for one in context.data.pictures if Path(one).parent == folder]
            yield Finding(
                "E310",
                place,
                "Datei",
                {"wert": name, "ordner": folder.as_posix()},
                texts.nearest(name, known),
            )
            continue
        problem = pictures.problem(file)
        if problem:
            yield Finding("E311", place, "Datei", {"wert": name, "grund": problem})


@_case_rule(
    Rule(
        "bildtext",
        "E312",
        of_award=False,
        clause="BITV 2.0, Textalternativen",
        summary="Der Alternativtext sagt, was zu sehen ist, und wiederholt nicht den Dateinamen.",
    )
)
def _alt_text(case: Case, _: Context) -> Iterator[Finding]:
    for index, row in enumerate(case.record.rows("bilder")):
        alt = str(row["alt"]).casefold()
        stem = str(row["datei"]).rpartition(".")[0]
        if alt in {stem, str(row["datei"]), stem.replace("-", " "), "bild", "foto", "grafik", "logo"}:
            yield Finding(
                "E312", case.record.place("bilder", index, "alt"), "Alternativtext", {"wert": str(row["alt"])}
            )


@_case_rule(
    Rule(
        "zeitfolge",
        "E313",
        of_award=False,
        clause="Gute Daten",
        summary="Vereinbart vor geändert; nichts davon liegt in der Zukunft.",
    )
)
def _dates_in_order(case: Case, context: Context) -> Iterator[Finding]:
    agreed, amended = case.record["vereinbart_am"], case.record["geaendert_am"]
    if (
        isinstance(agreed, PartialDate)
        and isinstance(amended, PartialDate)
        and amended.latest < agreed.earliest
    ):
        values = {"frueher": str(agreed), "spaeter": str(amended)}
        yield Finding("E313", case.record.place("geaendert_am"), "Zuletzt geändert", values)
    for name, label in (
        ("vereinbart_am", "Vereinbart"),
        ("geaendert_am", "Zuletzt geändert"),
        ("geprueft_am", "Geprüft am"),
    ):
        value = case.record[name]
        if isinstance(value, PartialDate) and value.earliest > context.today:
            yield Finding(
                "E314", case.record.place(name), label, {"wert": str(value), "heute": in_words(context.today)}
            )
    start = case.record["in_betrieb_seit"]
    if (
        isinstance(start, PartialDate)
        and start.earliest > context.today
        and case.record["stand"] == "laufend"
    ):
        values = {"wert": str(start), "heute": in_words(context.today)}
        yield Finding("E314", case.record.place("in_betrieb_seit"), "In Betrieb seit", values)


@_case_rule(
    Rule(
        "quellen",
        "E316",
        of_award=False,
        clause="Nachprüfbarkeit",
        summary="Was allein aus öffentlichen Quellen stammt, nennt sie.",
    )
)
def _sources(case: Case, _: Context) -> Iterator[Finding]:
    from_public = case.record["einwilligung.grundlage"] == "oeffentliche-quellen"
    if (not case.is_submission or from_public) and not case.record.rows("quellen"):
        yield Finding("E316", case.record.key_place("quellen"), "Quellen")


@_case_rule(
    Rule(
        "federfuehrung-beteiligt",
        "E317",
        of_award=False,
        clause="Gute Daten",
        summary="Die federführende Stelle steht unter „beteiligte“, gleich geschrieben.",
    )
)
def _lead_is_party(case: Case, _: Context) -> Iterator[Finding]:
    names = [str(row["name"]) for row in case.parties]
    if case.lead and case.lead not in names:
        near = texts.nearest(case.lead, names, 0.4)
        yield Finding("E317", case.record.place("federfuehrung"), "Federführung", {"wert": case.lead}, near)


@_case_rule(
    Rule(
        "einwilligung-stimmig",
        "E318",
        of_award=False,
        clause="DSGVO, Artikel 7",
        summary="Eine Einwilligung hat ein Datum, und der Widerruf liegt nicht davor.",
    )
)
def _consent(case: Case, _: Context) -> Iterator[Finding]:
    record = case.record
    given, withdrawn = record["einwilligung.erteilt_am"], record["einwilligung.widerrufen_am"]
    wanted = (
        record["einwilligung.grundlage"] != "oeffentliche-quellen"
        and record["einwilligung.veroeffentlichung"]
    )
    if wanted and given is None:
        yield Finding("E318", record.key_place("einwilligung"), "Einwilligung")
    if isinstance(given, Moment) and isinstance(withdrawn, Moment) and withdrawn.ends < given.begins:
        yield Finding("E319", record.place("einwilligung", "widerrufen_am"), "Einwilligung widerrufen am")


@_case_rule(
    Rule(
        "auszeichnung-stimmig",
        "E320",
        of_award=False,
        clause="Gute Daten",
        summary="Genau die Ausgezeichneten haben eine Auszeichnung.",
    )
)
def _award_matches_status(case: Case, _: Context) -> Iterator[Finding]:
    award = case.record["auszeichnung.art"]
    if case.status == "ausgezeichnet" and not award:
        yield Finding("E320", case.record.place("status"), "Status")
    if award and case.status != "ausgezeichnet":
        yield Finding("E321", case.record.key_place("auszeichnung"), "Auszeichnung", {"wert": case.status})


@_edition_rule(
    Rule(
        "durchgang-stimmig",
        "E322",
        of_award=False,
        clause="Gute Daten",
        summary="Die Termine eines Durchgangs folgen aufeinander: Beginn, Ende, Bekanntgabe.",
    )
)
def _edition_order(edition: Edition, _: Sequence[Case], __: Context) -> Iterator[Finding]:
    record = edition.record
    if edition.opens and edition.closes and edition.closes.ends <= edition.opens.begins:
        values = {"frueher": f"dem Beginn ({edition.opens})", "spaeter": f"Das Ende ({edition.closes})"}
        yield Finding("E322", record.place("bewerbung", "ende"), "Ende der Bewerbungsfrist", values)
    if edition.closes and edition.announced and edition.announced.ends <= edition.closes.begins:
        values = {
            "frueher": f"dem Ende der Bewerbungsfrist ({edition.closes})",
            "spaeter": f"Die Bekanntgabe ({edition.announced})",
        }
        yield Finding("E322", record.place("bekanntgabe"), "Bekanntgabe der Ergebnisse", values)
    for index, row in enumerate(record.rows("termine")):
        begins, ends = row["beginn"], row["ende"]
        if isinstance(begins, Moment) and isinstance(ends, Moment) and ends.ends < begins.begins:
            values = {"frueher": f"dem Beginn ({begins})", "spaeter": f"Das Ende ({ends})"}
            yield Finding("E322", record.place("termine", index, "ende"), "Ende", values)


@_edition_rule(
    Rule(
        "termin-im-durchgang",
        "E323",
        of_award=False,
        clause="Ausschreibung 2025/26, Fragestunde mit falscher Jahreszahl",
        summary="Jeder Termin liegt zwischen dem Beginn der Frist und der Bekanntgabe; ist sie unbekannt, bis zum Ende der Frist.",
    )
)
def _events_in_window(edition: Edition, _: Sequence[Case], __: Context) -> Iterator[Finding]:
    last = edition.announced or edition.closes
    for index, row in enumerate(edition.record.rows("termine")):
        begins = row["beginn"]
        if not isinstance(begins, Moment):
            continue
        if (edition.opens and begins.day < edition.opens.day) or (last and begins.day > last.day):
            values = {
                "wert": str(begins),
                "von": str(edition.opens or "unbekannt"),
                "bis": str(last or "unbekannt"),
                "grenze": "Bekanntgabe" if edition.announced else "Ende der Bewerbungsfrist",
            }
            place = edition.record.place("termine", index, "beginn")
            yield Finding("E323", place, str(row["titel"]), values, severity=Severity.WARNING)


@_edition_rule(
    Rule(
        "regelname",
        "E324",
        of_award=False,
        clause="Gute Daten",
        summary="Jede bestätigte Regel eines Durchgangs gibt es.",
    )
)
def _known_rules(edition: Edition, _: Sequence[Case], __: Context) -> Iterator[Finding]:
    known = sorted(confirmable_names())
    for index, row in enumerate(edition.record.rows("regeln")):
        if row["regel"] not in known:
            near = texts.nearest(str(row["regel"]), known)
            yield Finding(
                "E324",
                edition.record.place("regeln", index, "regel"),
                "Regel",
                {"wert": str(row["regel"])},
                near,
            )


@_edition_rule(
    Rule(
        "nummer-einmalig",
        "E325",
        of_award=False,
        clause="Gute Daten",
        summary="Jede Nummer eines Durchgangs gibt es nur einmal.",
    )
)
def _unique_number(edition: Edition, _: Sequence[Case], context: Context) -> Iterator[Finding]:
    others = [
        one
        for one in context.data.editions.values()
        if one.number == edition.number and one.key < edition.key
    ]
    for other in others:
        values = {"wert": str(edition.number), "datei": other.record.raw.path}
        yield Finding("E325", edition.record.place("nummer"), "Nummer", values)


@_record_rule(
    Rule(
        "nur-stellen-als-kontakt",
        "E326",
        of_award=False,
        clause="DSGVO, Artikel 5 (Datenminimierung)",
        summary="Öffentliche Adressen gehören Stellen, nicht Personen.",
    )
)
def _functional_addresses(record: Record, _: Context) -> Iterator[Finding]:
    for list_key in ("links", "quellen"):
        for index, row in enumerate(record.rows(list_key)):
            parts = urlsplit(str(row["adresse"]))
            if parts.scheme == "mailto" and not texts.is_functional_address(parts.path):
                yield Finding(
                    "E326", record.place(list_key, index, "adresse"), "Adresse", {"wert": parts.path}
                )


@_record_rule(
    Rule(
        "keine-kontaktdaten-im-text",
        "E327",
        of_award=False,
        clause="DSGVO, Artikel 5 (Datenminimierung)",
        summary="Texte für die Öffentlichkeit enthalten weder E-Mail-Adressen noch Telefonnummern.",
    )
)
def _no_contact_data(record: Record, context: Context) -> Iterator[Finding]:
    for place, label, value in _public_texts(record, context):
        for code, found in (("E327", texts.emails(value)), ("E328", texts.phones(value))):
            for one in found:
                spot = record.raw.document.locate(place, one)
                yield Finding(code, record.raw.place(spot), label, {"wert": one})


def _public_texts(record: Record, context: Context) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Every public text with its path and label; an edition's own contact is meant to be there."""
    for one in record.table.public_fields:
        value = record[one.name]
        if (
            isinstance(value, str)
            and one.form in {"text", "markdown"}
            and one.path[0] != "kontakt"
            and not one.enum
        ):
            yield (*record.base, *one.path), one.title, value
    for child in context.data.description.children(record.table.name):
        for index, row in enumerate(record.rows(child.list_key)):
            for one in child.public_fields:
                value = row[one.name]
                if (
                    isinstance(value, str)
                    and one.form in {"text", "markdown"}
                    and not one.enum
                    and not child.value_list
                ):
                    if one.name in {"ags", "datei"}:
                        continue
                    yield (*record.base, child.list_key, index, *one.path), one.title, value


@_record_rule(
    Rule(
        "muster-nicht-mit-sich",
        "E329",
        of_award=False,
        clause="Gute Daten",
        summary="Ein Muster ist nicht mit sich selbst verwandt.",
    )
)
def _no_self_relation(record: Record, _: Context) -> Iterator[Finding]:
    for index, row in enumerate(record.rows("verwandt")):
        if row["muster"] == record["code"]:
            yield Finding(
                "E329", record.place("verwandt", index, "muster"), "Muster", {"wert": str(row["muster"])}
            )
