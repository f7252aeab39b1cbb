"""Rules of what the collection holds beside its cases: documented uptakes, and what a pattern gives for copying it."""

from __future__ import annotations

from collections.abc import Iterator

from ikz_award import text as texts
from ikz_award.checks.registry import Context, record_rule
from ikz_award.dates import PartialDate, in_words
from ikz_award.findings import Finding, Severity
from ikz_award.model import Case, Record

_UPTAKES, _PATTERNS = "uebernahmen", "muster"
# Both sides of an uptake: the key of the name, and that of its municipality key.
_SIDES = (("von", "von_ags"), ("an", "an_ags"))
_KIT = ("voraussetzungen", "schritte", "aufwand", "stolpersteine")
_BEGINNINGS = ("vereinbart_am", "in_betrieb_seit", "belegt_seit")


def _model(record: Record, context: Context) -> Case | None:
    """The case that was taken over, if it is in the collection and sound."""
    return next((one for one in context.data.cases if one.key == record["fall"]), None)


def _who(record: Record, name: str, ags: str) -> str:
    """What tells one side from the other: its key, or else the words of its name."""
    return record.text(ags) or " ".join(sorted(texts.base_name(record.text(name))))


@record_rule(
    "uebernahme-nicht-in-der-zukunft",
    "E345",
    of_award=False,
    clause="Gute Daten",
    summary="Eine Übernahme hat stattgefunden; was erst geplant ist, zählt nicht.",
)
def _no_future(record: Record, context: Context) -> Iterator[Finding]:
    day = record["uebernommen_am"]
    if record.table.name == _UPTAKES and isinstance(day, PartialDate) and day.earliest > context.today:
        values = {"wert": str(day), "heute": in_words(context.today)}
        yield Finding("E345", record.place("uebernommen_am"), "Übernommen", values)


@record_rule(
    "uebernahme-zwischen-zweien",
    "E346",
    of_award=False,
    clause="Gute Daten",
    summary="Wer etwas übernimmt, übernimmt es von jemand anderem.",
)
def _two_sides(record: Record, _: Context) -> Iterator[Finding]:
    if record.table.name == _UPTAKES and _who(record, "von", "von_ags") == _who(record, "an", "an_ags"):
        yield Finding("E346", record.place("an"), "Übernommen durch", {"wert": record.text("an")})


@record_rule(
    "uebernahme-einmal",
    "E347",
    of_award=False,
    clause="Gute Daten",
    summary="Keine Übernahme steht in zwei Dateien; sonst zählte sie doppelt.",
)
def _told_once(record: Record, context: Context) -> Iterator[Finding]:
    if record.table.name != _UPTAKES:
        return
    own = (record["muster"], record["fall"], record["art"], _who(record, "an", "an_ags"))
    for other in (one.record for one in context.data.uptakes):
        same = (other["muster"], other["fall"], other["art"], _who(other, "an", "an_ags"))
        if other.raw.path < record.raw.path and same == own:
            yield Finding("E347", record.place("an"), "Übernommen durch", {"datei": other.raw.path})
            return


@record_rule(
    "uebernahme-des-musters",
    "E348",
    of_award=False,
    clause="Gute Daten",
    summary="Eine Übernahme nennt ein Muster, das ihr Vorbild zeigt.",
)
def _pattern_of_the_model(record: Record, context: Context) -> Iterator[Finding]:
    model = _model(record, context) if record.table.name == _UPTAKES else None
    if model and record["muster"] not in model.patterns:
        values = {"wert": record.text("muster"), "erlaubt": ", ".join(model.patterns) or "keines"}
        yield Finding("E348", record.place("muster"), "Muster", values, severity=Severity.WARNING)


@record_rule(
    "uebernahme-nach-dem-vorbild",
    "E349",
    of_award=False,
    clause="Gute Daten",
    summary="Eine Übernahme liegt nicht vor dem Beginn ihres Vorbilds.",
)
def _after_the_model(record: Record, context: Context) -> Iterator[Finding]:
    model = _model(record, context) if record.table.name == _UPTAKES else None
    day = record["uebernommen_am"]
    if model is None or not isinstance(day, PartialDate):
        return
    begun = [value for name in _BEGINNINGS if isinstance(value := model.record[name], PartialDate)]
    first = min(begun, key=lambda one: one.earliest, default=None)
    if first and day.latest < first.earliest:
        values = {"wert": str(day), "beginn": str(first), "datei": model.record.raw.path}
        yield Finding("E349", record.place("uebernommen_am"), "Übernommen", values, severity=Severity.WARNING)


@record_rule(
    "uebernahme-name-passt-zum-schluessel",
    "E350",
    of_award=False,
    clause="Gute Daten",
    summary="Die Namen beider Seiten einer Übernahme passen zu ihren Gemeindeschlüsseln.",
)
def _names_fit_keys(record: Record, context: Context) -> Iterator[Finding]:
    if record.table.name != _UPTAKES:
        return
    for name, ags in _SIDES:
        known = context.data.municipalities.get(record.text(ags))
        given = texts.base_name(record.text(name))
        official = texts.base_name(known.title) if known else frozenset()
        if known and not (official <= given or (given and given <= official)):
            values = {"wert": record.text(name), "ags": known.key, "kommune": known.title}
            label = record.table.by_name[name].title
            yield Finding("E350", record.place(ags), label, values, severity=Severity.WARNING)


@record_rule(
    "nachmachen-vollstaendig",
    "E351",
    of_award=False,
    clause="Gute Daten",
    summary="Was ein Muster zum Nachmachen sagt, ist vollständig; ohne Schritte erscheint nichts davon.",
)
def _whole_kit(record: Record, _: Context) -> Iterator[Finding]:
    if record.table.name != _PATTERNS:
        return
    given = [name for name in _KIT if record[f"nachmachen.{name}"]]
    if given and len(given) < len(_KIT):
        titles = (record.table.by_name[f"nachmachen.{name}"].title for name in _KIT if name not in given)
        values = {"name": ", ".join(f"„{one}“" for one in titles)}
        yield Finding("E351", record.key_place("nachmachen"), "", values, severity=Severity.WARNING)
