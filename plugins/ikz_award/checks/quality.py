"""Rules of good data: what a record says fits together, says something and can be checked. Always in force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ikz_award import intervals, picture_files, pictures
from ikz_award import text as texts
from ikz_award.checks.registry import Context, Reader, case_rule, lone_rule, record_rule
from ikz_award.dates import BERLIN, Moment, PartialDate, in_words
from ikz_award.findings import Finding, Severity
from ikz_award.model import Case, Record
from ikz_award.schema import Field, Form, Table

# Ways to report a weakness that nobody else reads, and for how many days one may be promised.
_SAFE = ("https:", "mailto:")
_REMINDER, _LONGEST = 31, 366
# What a pattern tells whoever wants to copy it.
_KIT = ("voraussetzungen", "schritte", "aufwand", "stolpersteine")
# What has happened by the day on which it is written down.
_BY_NOW = ("gelesen_am", "geprueft_am", "barrierefreiheit.geprueft_am", "barrierefreiheit.stand")
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
    if not case.record.rows("bilder"):
        return
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
        problem, about = pictures.problem(file), pictures.metadata(file)
        if about and not problem:
            yield Finding("E333", place, "Datei", {"wert": name, "art": about})
            continue
        # The size is known and within the limits before anything is decoded.
        problem = problem or picture_files.problem(file)
        if problem:
            yield Finding("E311", place, "Datei", {"wert": name, "grund": problem})


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
        ("belegt_seit", case.record.table.by_name["belegt_seit"].title),
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
        and case.record["stand"] != "im-aufbau"
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
    # Whoever withdraws keeps the award in the file; nothing of it is shown.
    if award and case.status not in {"ausgezeichnet", "zurueckgezogen"}:
        yield Finding("E321", case.record.key_place("auszeichnung"), "Auszeichnung", {"wert": case.status})


@lone_rule(
    "muster-nicht-mit-sich",
    "E329",
    of_award=False,
    clause="Gute Daten",
    summary="Ein Muster ist nicht mit sich selbst verwandt.",
)
def _no_self_relation(record: Record, _: Reader) -> Iterator[Finding]:
    for index, row in enumerate(record.rows("verwandt")):
        if row["muster"] == record["code"]:
            yield Finding(
                "E329", record.place("verwandt", index, "muster"), "Muster", {"wert": str(row["muster"])}
            )


@lone_rule(
    "keine-fuellwoerter",
    "E330",
    of_award=False,
    clause="Gute Daten",
    summary="Was unbekannt ist, steht unter „unbekannt“ und nicht als „k. A.“ im Text.",
)
def _no_fillers(record: Record, reader: Reader) -> Iterator[Finding]:
    for path, label, value in reader.public(record, "text", "markdown"):
        if texts.says_nothing(value):
            yield Finding("E330", record.raw.place(record.raw.document.spot(path)), label, {"wert": value})


@record_rule(
    "titel-ohne-spitze-klammern",
    "E471",
    of_award=False,
    clause="Gute Daten",
    summary="Titel enthalten kein „<“ und kein „>“; sie stehen auch im Reiter des Browsers, in der Suche und in Feeds.",
)
def _plain_titles(record: Record, context: Context) -> Iterator[Finding]:
    edition = context.data.editions.get(record.text("edition"))
    # The invented edition holds some on purpose: its pages show that they do no harm.
    if edition is not None and edition.is_example:
        return
    for name in ("titel", "kurz"):
        title = record.text(name)
        if "<" in title or ">" in title:
            yield Finding("E471", record.place(name), record.table.by_name[name].title, {"wert": title})


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


@lone_rule(
    "nachmachen-vollstaendig",
    "E351",
    of_award=False,
    clause="Gute Daten",
    summary="Was ein Muster zum Nachmachen sagt, ist vollständig; ohne Schritte erscheint nichts davon.",
    table="muster",
)
def _whole_kit(record: Record, _: Reader) -> Iterator[Finding]:
    given = [name for name in _KIT if record[f"nachmachen.{name}"]]
    if given and len(given) < len(_KIT):
        titles = (record.table.by_name[f"nachmachen.{name}"].title for name in _KIT if name not in given)
        values = {"name": ", ".join(f"„{one}“" for one in titles)}
        yield Finding("E351", record.key_place("nachmachen"), "", values, severity=Severity.WARNING)


@record_rule(
    "gelesen-nicht-in-der-zukunft",
    "E355",
    of_award=False,
    clause="Gute Daten",
    summary="Quellen sind gelesen und geprüft worden, nicht erst morgen.",
)
def _read_by_now(record: Record, context: Context) -> Iterator[Finding]:
    for path, label, value in _dates(record, context.reader, *_BY_NOW):
        # That a case was checked tomorrow has been told with its other dates.
        told = record.table.name == "faelle" and path == ("geprueft_am",)
        if isinstance(value, PartialDate) and value.earliest > context.today and not told:
            values = {"wert": str(value), "heute": in_words(context.today)}
            yield Finding("E355", record.place(*path), label, values, severity=Severity.WARNING)


@lone_rule(
    "zeitversatz-zur-jahreszeit",
    "E356",
    of_award=False,
    clause="Gute Daten",
    summary="Ein Zeitpunkt nennt den Abstand zur Weltzeit, der in Deutschland an diesem Tag gilt.",
)
def _offset_of_the_season(record: Record, reader: Reader) -> Iterator[Finding]:
    internal = {one.path for one in record.table.fields if one.internal}
    for path, label, value in _dates(record, reader):
        if isinstance(value, PartialDate) or value.instant is None or value.fits:
            continue
        if path in internal:
            yield Finding("E450", record.place(*path), label)
        else:
            here = value.instant.astimezone(BERLIN)
            values = {"wert": value.iso, "richtig": here.isoformat(timespec="minutes")}
            yield Finding("E356", record.place(*path), label, values)


@record_rule(
    "sicherheitskontakt-gilt",
    "E418",
    of_award=False,
    clause="RFC 9116, security.txt",
    summary="Der Kontakt für Sicherheitslücken ist sicher erreichbar, gilt noch und höchstens ein Jahr lang.",
    table="betreiber",
)
def _security_contact(record: Record, context: Context) -> Iterator[Finding]:
    contact, until = record["sicherheit.kontakt"], record["sicherheit.gueltig_bis"]
    if isinstance(contact, str) and not contact.casefold().startswith(_SAFE):
        place = record.place("sicherheit", "kontakt")
        yield Finding("E421", place, "Kontakt für Sicherheitslücken", {"wert": contact})
    if not isinstance(until, Moment):
        return
    days = (until.day - context.today).days
    values = {"wert": in_words(until.day), "heute": in_words(context.today)}
    place, label = record.place("sicherheit", "gueltig_bis"), "Kontakt für Sicherheitslücken gilt bis"
    if days < 0:
        yield Finding("E418", place, label, values)
    elif days <= _REMINDER:
        yield Finding("E419", place, label, values, severity=Severity.WARNING)
    elif days > _LONGEST:
        yield Finding("E420", place, label, values, severity=Severity.WARNING)


def _dates(
    record: Record, reader: Reader, *names: str
) -> Iterator[tuple[tuple[str | int, ...], str, PartialDate | Moment]]:
    """Dates and moments of a record and its lists, of these names or all, with path and label."""
    own, children = reader.fields(record.table, ("zeitangabe", "zeitpunkt"), _of_forms)
    for one in own:
        value = record[one.name]
        if isinstance(value, PartialDate | Moment) and (not names or one.name in names):
            yield one.path, one.title, value
    for child, fields in children:
        for index, row in enumerate(record.rows(child.list_key)):
            for one in fields:
                value = row[one.name]
                if isinstance(value, PartialDate | Moment) and (not names or one.name in names):
                    yield (child.list_key, index, *one.path), one.title, value


def _of_forms(table: Table, forms: tuple[Form, ...]) -> tuple[Field, ...]:
    return tuple(one for one in table.fields if one.form in forms)
