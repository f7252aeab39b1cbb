"""Rules of law, privacy and good data, one small generator each. They are always in force."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from ikz_award import pictures
from ikz_award import text as texts
from ikz_award.checks.registry import Context, case_rule, confirmable_names, edition_rule, record_rule
from ikz_award.dates import Moment, PartialDate, in_words
from ikz_award.findings import Finding, Severity
from ikz_award.model import Case, Edition, Record

_PICTURE_SUFFIX = re.compile(r"\.(?:png|jpe?g|webp|gif|tiff?|heic|svg)\s*$", re.IGNORECASE)


@case_rule(
    "kein-uebergang-ueber-die-grenze",
    "E309",
    of_award=False,
    clause="Abkommen von 1991 mit den Niederlanden über grenzüberschreitende Zusammenarbeit, Artikel 6",
    summary="Über die Staatsgrenze hinweg kann eine Vereinbarung Aufgaben nicht übertragen.",
)
def _no_delegation_abroad(case: Case, context: Context) -> Iterator[Finding]:
    form = context.data.legal_forms.get(case.legal_form)
    abroad = next((index for index, row in enumerate(case.parties) if row["art"] == "ausland"), None)
    # § 23 (1) 1st alternative GkG NRW: the right and the duty to do the task pass to another partner.
    if abroad is not None and form is not None and form.facts["zustaendigkeit"] == "geht-ueber":
        values = {"wert": form.title, "stelle": str(case.parties[abroad]["name"])}
        yield Finding("E309", case.record.place("rechtsform"), "Rechtsform", values)


@case_rule(
    "bilddatei",
    "E310",
    of_award=False,
    clause="Barrierefreiheit und Ladezeit",
    summary="Bilddateien sind vorhanden, von der genannten Art und innerhalb der Grenzen.",
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
            continue
        about = pictures.metadata(file)
        if about:
            yield Finding("E333", place, "Datei", {"wert": name, "art": about})


@case_rule(
    "bildtext",
    "E312",
    of_award=False,
    clause="BITV 2.0, Textalternativen",
    summary="Der Alternativtext sagt, was zu sehen ist, und wiederholt nicht den Dateinamen.",
)
def _alt_text(case: Case, _: Context) -> Iterator[Finding]:
    for index, row in enumerate(case.record.rows("bilder")):
        alt = texts.slug(_PICTURE_SUFFIX.sub("", str(row["alt"])))
        stem = str(row["datei"]).rpartition(".")[0]
        if alt in {"", stem, "bild", "foto", "grafik", "logo"}:
            yield Finding(
                "E312", case.record.place("bilder", index, "alt"), "Alternativtext", {"wert": str(row["alt"])}
            )


@case_rule(
    "zeitfolge",
    "E313",
    of_award=False,
    clause="Gute Daten",
    summary="Vereinbart vor geändert; nichts davon liegt in der Zukunft.",
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
            # Reading a source "tomorrow" is a slip, and no reason to refuse a build for an earlier day.
            severity = Severity.WARNING if name == "geprueft_am" else Severity.ERROR
            values = {"wert": str(value), "heute": in_words(context.today)}
            yield Finding("E314", case.record.place(name), label, values, severity=severity)
    start = case.record["in_betrieb_seit"]
    if (
        isinstance(start, PartialDate)
        and start.earliest > context.today
        and case.record["stand"] == "laufend"
    ):
        values = {"wert": str(start), "heute": in_words(context.today)}
        yield Finding("E314", case.record.place("in_betrieb_seit"), "In Betrieb seit", values)


@case_rule(
    "quellen",
    "E316",
    of_award=False,
    clause="Nachprüfbarkeit",
    summary="Was allein aus öffentlichen Quellen stammt, nennt sie.",
)
def _sources(case: Case, _: Context) -> Iterator[Finding]:
    from_public = case.record["einwilligung.grundlage"] == "oeffentliche-quellen"
    if (not case.is_submission or from_public) and not case.record.rows("quellen"):
        yield Finding("E316", case.record.key_place("quellen"), "Quellen")


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
    "einwilligung-stimmig",
    "E318",
    of_award=False,
    clause="DSGVO, Artikel 7",
    summary="Eine Einwilligung hat ein Datum, und der Widerruf liegt nicht davor.",
)
def _consent(case: Case, context: Context) -> Iterator[Finding]:
    record = case.record
    given, withdrawn = record["einwilligung.erteilt_am"], record["einwilligung.widerrufen_am"]
    wanted = (
        record["einwilligung.grundlage"] != "oeffentliche-quellen"
        and record["einwilligung.veroeffentlichung"]
    )
    if wanted and given is None:
        yield Finding("E318", record.key_place("einwilligung"), "Einwilligung")
    if isinstance(given, Moment) and given.day > context.today:
        values = {"wert": "(interner Wert)", "heute": in_words(context.today)}
        yield Finding(
            "E314",
            record.place("einwilligung", "erteilt_am"),
            "Einwilligung erteilt am",
            values,
            severity=Severity.WARNING,
        )
    if isinstance(given, Moment) and isinstance(withdrawn, Moment) and withdrawn.ends < given.begins:
        yield Finding("E319", record.place("einwilligung", "widerrufen_am"), "Einwilligung widerrufen am")


@case_rule(
    "auszeichnung-stimmig",
    "E320",
    of_award=False,
    clause="Gute Daten",
    summary="Genau die Ausgezeichneten haben eine Auszeichnung.",
)
def _award_matches_status(case: Case, _: Context) -> Iterator[Finding]:
    award = case.record["auszeichnung.art"]
    if case.status == "ausgezeichnet" and not award:
        yield Finding("E320", case.record.place("status"), "Status")
    if award and case.status != "ausgezeichnet":
        yield Finding("E321", case.record.key_place("auszeichnung"), "Auszeichnung", {"wert": case.status})


@edition_rule(
    "durchgang-stimmig",
    "E322",
    of_award=False,
    clause="Gute Daten",
    summary="Die Termine eines Durchgangs folgen aufeinander: Beginn, Ende, Bekanntgabe.",
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


@edition_rule(
    "termin-im-durchgang",
    "E323",
    of_award=False,
    clause="Ausschreibung 2025/26, Fragestunde mit falscher Jahreszahl",
    summary="Jeder Termin liegt zwischen dem Beginn der Frist und der Bekanntgabe; ist sie unbekannt, bis zum Ende der Frist.",
)
def _events_in_window(edition: Edition, _: Sequence[Case], __: Context) -> Iterator[Finding]:
    last = edition.announced or edition.closes
    for index, row in enumerate(edition.record.rows("termine")):
        begins = row["beginn"]
        ends = row["ende"]
        if not isinstance(begins, Moment) or (isinstance(ends, Moment) and ends.ends < begins.begins):
            # What ends before it begins has a finding of its own.
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


@edition_rule(
    "regelname",
    "E324",
    of_award=False,
    clause="Gute Daten",
    summary="Jede bestätigte Regel eines Durchgangs gibt es.",
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


@edition_rule(
    "nummer-einmalig",
    "E325",
    of_award=False,
    clause="Gute Daten",
    summary="Jede Nummer eines Durchgangs gibt es nur einmal.",
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


@record_rule(
    "nur-stellen-als-kontakt",
    "E326",
    of_award=False,
    clause="DSGVO, Artikel 5 (Datenminimierung)",
    summary="Öffentliche Adressen gehören Stellen, nicht Personen.",
)
def _functional_addresses(record: Record, _: Context) -> Iterator[Finding]:
    for list_key in ("links", "quellen"):
        for index, row in enumerate(record.rows(list_key)):
            parts = urlsplit(str(row["adresse"]))
            if parts.scheme == "mailto" and not texts.is_functional_address(parts.path):
                yield Finding(
                    "E326", record.place(list_key, index, "adresse"), "Adresse", {"wert": parts.path}
                )


@record_rule(
    "keine-kontaktdaten-im-text",
    "E327",
    of_award=False,
    clause="DSGVO, Artikel 5 (Datenminimierung)",
    summary="Texte für die Öffentlichkeit enthalten weder E-Mail-Adressen noch Telefonnummern.",
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


@record_rule(
    "muster-nicht-mit-sich",
    "E329",
    of_award=False,
    clause="Gute Daten",
    summary="Ein Muster ist nicht mit sich selbst verwandt.",
)
def _no_self_relation(record: Record, _: Context) -> Iterator[Finding]:
    for index, row in enumerate(record.rows("verwandt")):
        if row["muster"] == record["code"]:
            yield Finding(
                "E329", record.place("verwandt", index, "muster"), "Muster", {"wert": str(row["muster"])}
            )


@record_rule(
    "keine-fuellwoerter",
    "E330",
    of_award=False,
    clause="Gute Daten",
    summary="Was unbekannt ist, steht unter „unbekannt“ und nicht als „k. A.“ im Text.",
)
def _no_fillers(record: Record, context: Context) -> Iterator[Finding]:
    for place, label, value in _public_texts(record, context):
        if texts.says_nothing(value):
            yield Finding("E330", record.raw.place(record.raw.document.spot(place)), label, {"wert": value})


@case_rule(
    "kein-fall-doppelt",
    "E331",
    of_award=False,
    clause="Gute Daten",
    summary="Kein Fall steht mit gleichem Titel und gleichen Beteiligten in zwei Dateien.",
)
def _no_duplicate(case: Case, context: Context) -> Iterator[Finding]:
    path = case.record.raw.path
    for other in context.data.cases:
        # The same project may enter again another time.
        again = case.is_submission and other.is_submission and case.edition != other.edition
        if other.record.raw.path < path and not again and _identity(other) == _identity(case):
            values = {"datei": other.record.raw.path}
            yield Finding("E331", case.record.place("titel"), "Titel", values, severity=Severity.WARNING)
            return


def _identity(case: Case) -> tuple[str, frozenset[str]]:
    return case.title.casefold(), frozenset(str(row["name"]).casefold() for row in case.parties)


@case_rule(
    "name-passt-zum-schluessel",
    "E332",
    of_award=False,
    clause="Gute Daten",
    summary="Der Name einer Kommune passt zu ihrem Gemeindeschlüssel.",
)
def _name_fits_key(case: Case, context: Context) -> Iterator[Finding]:
    for index, row in enumerate(case.parties):
        known = context.data.municipalities.get(str(row["ags"]))
        if known is None:
            continue
        given, official = texts.base_name(str(row["name"])), texts.base_name(known.title)
        if not (official <= given or (given and given <= official)):
            values = {"wert": str(row["name"]), "ags": known.key, "kommune": known.title}
            place = case.record.place("beteiligte", index, "ags")
            yield Finding("E332", place, "Name", values, severity=Severity.WARNING)
