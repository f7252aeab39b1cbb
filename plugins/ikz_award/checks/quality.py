"""Rules of law, privacy and good data, one small generator each. They are always in force."""

from __future__ import annotations

import difflib
import html
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from ikz_award import intervals, pictures
from ikz_award import text as texts
from ikz_award.checks.award import OUT_OF_THE_RACE, Identity, identity, is_authority
from ikz_award.checks.registry import Context, case_rule, confirmable_names, edition_rule, record_rule
from ikz_award.dates import Moment, PartialDate, in_words
from ikz_award.findings import Finding, Severity
from ikz_award.model import Case, Edition, Record
from ikz_award.schema import Field, Form, Table
from ikz_award.yamlfile import Path as KeyPath

_PICTURE_SUFFIX = re.compile(r"\.(?:png|jpe?g|webp|gif|tiff?|heic|svg)\s*$", re.IGNORECASE)
# Contact data that the public is meant to have: that of an edition, and what the law wants of the operator.
_MEANT = {
    "editionen": {"kontakt.stelle", "kontakt.telefon", "kontakt.email"},
    "betreiber": {
        *("impressum.email", "impressum.telefon", "impressum.umsatzsteuer"),
        *("datenschutz.verantwortlich", "datenschutz.beauftragte_stelle", "barrierefreiheit.formular"),
    },
}
# In long texts: code; then links in brackets, in angle brackets and as a definition, each with its target.
_CODE = re.compile(r"^(```|~~~).*?^\1[ \t]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_LINKS = re.compile(
    r"\[[^\[\]]*\]\(\s*(?:<(?P<angle>[^<>\n]*)>|(?P<bare>(?:[^\s()<>]|\([^\s()]*\))*))"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
    r"|<(?P<auto>[a-z][a-z0-9+.-]{1,31}:[^\s<>]*)>"
    r"|^ {0,3}\[[^\[\]]+\]:\s*<?(?P<defined>[^\s<>]+)",
    re.IGNORECASE | re.MULTILINE,
)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>()\"']*", re.IGNORECASE)
# Other targets vanish from a page without a word, or their Markdown stays to be read.
_KEPT = ("http:", "https:", "mailto:")
_RUNS = ("javascript:", "vbscript:", "data:", "file:")
_MAX_SHOWN = 60
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
    "einwilligung-stimmig",
    "E318",
    of_award=False,
    clause="DSGVO, Artikel 7",
    summary="Eine Einwilligung hat ein Datum, das nicht in der Zukunft liegt, und der Widerruf liegt nicht davor.",
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
        # The gate takes it for none until that day; then the same files would give another site, and nobody builds it.
        values = {"heute": in_words(context.today)}
        yield Finding("E344", record.place("einwilligung", "erteilt_am"), "Einwilligung erteilt am", values)
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
def _functional_addresses(record: Record, context: Context) -> Iterator[Finding]:
    for path, label, value in _public_values(record, context, "adresse"):
        # Beside the path, a „?cc=…“ can name people; nothing behind the address is shown to whoever clicks.
        scheme, _, address = value.partition(":")
        if scheme.casefold() == "mailto" and not _is_meant(record.table, path[len(record.base) :]):
            yield from _address(record, path, label, address)
    contact = record["kontakt.email"]
    if record.table.name == "editionen" and isinstance(contact, str):
        yield from _address(record, (*record.base, "kontakt", "email"), "E-Mail", contact)


def _address(record: Record, path: KeyPath, label: str, address: str) -> Iterator[Finding]:
    place = record.raw.place(record.raw.document.spot(path))
    if not texts.EMAIL.fullmatch(address):
        yield Finding("E341", place, label, {"wert": address})
    elif not texts.is_functional_address(address):
        yield Finding("E326", place, label, {"wert": address})


@record_rule(
    "keine-kontaktdaten-im-text",
    "E327",
    of_award=False,
    clause="DSGVO, Artikel 5 (Datenminimierung)",
    summary="Texte für die Öffentlichkeit enthalten weder E-Mail-Adressen noch Telefonnummern.",
)
def _no_contact_data(record: Record, context: Context) -> Iterator[Finding]:
    for path, label, value in _public_values(record, context, "text", "markdown"):
        if _is_meant(record.table, path[len(record.base) :]):
            continue
        # Markdown turns „&#64;“ into an @, and a browser „%40“ in a link.
        shown = html.unescape(value)
        linked = " ".join(unquote(one) for one, _ in _links(value) if "%" in one)
        mails = dict.fromkeys((*texts.emails(shown), *texts.emails(linked)))
        for code, found in (("E327", mails), ("E328", phones(shown))):
            for one in found:
                spot = record.raw.document.locate(path, one)
                if spot == record.raw.document.spot(path):
                    # Written otherwise, the part before the @ may still stand there.
                    spot = record.raw.document.locate(path, one.partition("@")[0])
                yield Finding(code, record.raw.place(spot), label, {"wert": one})


def phones(text: str) -> list[str]:
    """Telephone numbers in a text; what stands in the address of a page is none."""
    return texts.phones(_WEB_ADDRESS.sub(" ", text))


def _is_meant(table: Table, path: KeyPath) -> bool:
    return ".".join(str(part) for part in path) in _MEANT.get(table.name, ())


def _public_values(
    record: Record, context: Context, *forms: Form
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Every value that people read, with its path and label; no codes, keys or file names."""
    for one in _read_by_people(record.table, forms):
        value = record[one.name]
        if isinstance(value, str):
            yield (*record.base, *one.path), one.title, value
    for child in context.data.description.children(record.table.name):
        for one in _read_by_people(child, forms):
            for index, row in enumerate(record.rows(child.list_key)):
                value = row[one.name]
                if isinstance(value, str):
                    inner = () if child.value_list else one.path
                    yield (*record.base, child.list_key, index, *inner), one.title, value


def _read_by_people(table: Table, forms: tuple[Form, ...]) -> Iterator[Field]:
    coded = {key.field for key in table.foreign_keys}
    for one in table.public_fields:
        is_code = bool(one.enum or one.pattern or one.from_path or one.name in coded)
        if one.type == "string" and one.form in forms and not is_code:
            yield one


@record_rule(
    "verweis-bleibt",
    "E342",
    of_award=False,
    clause="Gute Daten",
    summary="Verweise in langen Texten beginnen mit https://, http:// oder mailto:, sonst erscheinen sie nicht.",
)
def _links_stay(record: Record, context: Context) -> Iterator[Finding]:
    edition = context.data.editions.get(record.text("edition"))
    for path, label, value in _public_values(record, context, "markdown"):
        for target, written in _links(value):
            # The invented edition holds some that run a program on purpose: its pages show that they do no harm.
            on_purpose = edition is not None and edition.is_example and target.lower().startswith(_RUNS)
            if not target.lower().startswith(_KEPT) and not on_purpose:
                spot = record.raw.document.locate(path, written.strip())
                shown = " ".join(written.split())[:_MAX_SHOWN]
                yield Finding("E342", record.raw.place(spot), label, {"wert": shown})


def _links(text: str) -> Iterator[tuple[str, str]]:
    """Targets of all links in Markdown, each with what is written there."""
    for match in _LINKS.finditer(_CODE.sub(" ", text)):
        yield next((one for one in match.groups() if one), ""), match[0]


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
    for path, label, value in _public_values(record, context, "text", "markdown"):
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
