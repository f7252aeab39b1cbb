"""Rules of an edition by itself: its dates follow each other, its number is its own, and its rules exist. Always in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ikz_award import text as texts
from ikz_award.checks.registry import Context, confirmable_names, edition_rule
from ikz_award.dates import Moment
from ikz_award.findings import Finding, Severity
from ikz_award.model import Case, Edition


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
