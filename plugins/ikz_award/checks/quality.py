"""Rules of good data: what records say fits together, stands once and can be checked. Always in force."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from ikz_award import intervals, pictures
from ikz_award import text as texts
from ikz_award.checks.award import OUT_OF_THE_RACE, Identity, identity, is_authority
from ikz_award.checks.registry import Context, case_rule, edition_rule, public_values, record_rule
from ikz_award.dates import PartialDate, in_words
from ikz_award.findings import Finding, Severity
from ikz_award.model import Case, Edition, Record

_PICTURE_SUFFIX = re.compile(r"\.(?:png|jpe?g|webp|gif|tiff?|heic|svg)\s*$", re.IGNORECASE)
_NEARLY = 0.85


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
    summary="Vereinbart, dann begonnen, dann geändert; nichts davon liegt in der Zukunft.",
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
    start = case.record["in_betrieb_seit"]
    if (
        isinstance(agreed, PartialDate)
        and isinstance(start, PartialDate)
        # An agreement of the future has its own finding below.
        and start.latest < agreed.earliest <= context.today
    ):
        # No error: what is agreed is often written down only when the work has begun.
        values = {"frueher": str(start), "spaeter": str(agreed)}
        place = case.record.place("in_betrieb_seit")
        yield Finding("E343", place, "In Betrieb seit", values, severity=Severity.WARNING)
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
    for path, label, value in public_values(record, context, "text", "markdown"):
        if texts.says_nothing(value):
            yield Finding("E330", record.raw.place(record.raw.document.spot(path)), label, {"wert": value})


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
    if _identity(one) == _identity(other):
        return False
    matcher = difflib.SequenceMatcher(None, one.title.casefold(), other.title.casefold(), autojunk=False)
    return matcher.real_quick_ratio() >= _NEARLY and matcher.ratio() >= _NEARLY


@record_rule(
    "mindestbasis-genuegt",
    "E338",
    of_award=False,
    clause="Wilson-Intervall zu 95 Prozent",
    summary="Die kleinste Zahl von Fällen lässt zu, dass ein Wert überhaupt selten heißen kann.",
)
def _base_is_large_enough(record: Record, context: Context) -> Iterator[Finding]:
    limits = context.data.limits
    if limits is None or record is not limits.record:
        return
    least = intervals.smallest_base(limits.share)
    if limits.minimum < least:
        values = {
            "wert": str(limits.minimum),
            "grenze": str(least),
            "prozent": str(record["grenze_prozent"]),
        }
        field = record.table.by_name["mindestbasis"]
        yield Finding("E338", record.place("mindestbasis"), field.title, values)


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
