"""Rules of documented uptakes: two different sides, told once, after their model and in order. Always in force."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ikz_award.checks.names import Identity, fits, identity, named
from ikz_award.checks.registry import Context, record_rule
from ikz_award.dates import PartialDate, in_words
from ikz_award.findings import Finding, Severity
from ikz_award.model import Case, Record

# Both sides of an uptake: the key of the name, and that of its municipality key.
_FROM, _TO = ("von", "von_ags"), ("an", "an_ags")
_BEGINNINGS = ("vereinbart_am", "in_betrieb_seit", "belegt_seit")
_uptake_rule = partial(record_rule, of_award=False, clause="Gute Daten", table="uebernahmen")


def _model(record: Record, context: Context) -> Case | None:
    """The case that was taken over, if it is in the collection and sound."""
    return next((one for one in context.data.cases if one.key == record["fall"]), None)


def _who(record: Record, side: tuple[str, str], context: Context) -> Identity:
    name, ags = side
    return identity(named(record.text(name), record.text(ags)), context)


@_uptake_rule(
    "uebernahme-nicht-in-der-zukunft",
    "E345",
    summary="Eine Übernahme hat stattgefunden; was erst geplant ist, zählt nicht.",
)
def _no_future(record: Record, context: Context) -> Iterator[Finding]:
    for name in ("uebernommen_am", "beendet_am"):
        day = record[name]
        if isinstance(day, PartialDate) and day.earliest > context.today:
            values = {"wert": str(day), "heute": in_words(context.today)}
            yield Finding("E345", record.place(name), record.table.by_name[name].title, values)


@_uptake_rule(
    "uebernahme-zwischen-zweien",
    "E346",
    summary="Wer etwas übernimmt, übernimmt es von jemand anderem.",
)
def _two_sides(record: Record, context: Context) -> Iterator[Finding]:
    if _who(record, _FROM, context) == _who(record, _TO, context):
        yield Finding("E346", record.place("an"), "Übernommen durch", {"wert": record.text("an")})


@_uptake_rule(
    "uebernahme-einmal",
    "E347",
    summary="Keine Übernahme steht in zwei Dateien; sonst zählte sie doppelt.",
)
def _told_once(record: Record, context: Context) -> Iterator[Finding]:
    def facts(one: Record) -> tuple[object, ...]:
        model = one["fall"] or _who(one, _FROM, context)
        return one["muster"], one["art"], model, _who(one, _TO, context)

    own = facts(record)
    for other in (one.record for one in context.data.uptakes):
        if other.raw.path < record.raw.path and facts(other) == own:
            yield Finding("E347", record.place("an"), "Übernommen durch", {"datei": other.raw.path})
            return


@_uptake_rule(
    "uebernahme-des-musters",
    "E348",
    summary="Eine Übernahme nennt ein Muster, das ihr Vorbild zeigt.",
)
def _pattern_of_the_model(record: Record, context: Context) -> Iterator[Finding]:
    model = _model(record, context)
    if model and record["muster"] not in model.patterns:
        values = {"wert": record.text("muster"), "erlaubt": ", ".join(model.patterns) or "keines"}
        yield Finding("E348", record.place("muster"), "Muster", values, severity=Severity.WARNING)


@_uptake_rule(
    "uebernahme-nach-dem-vorbild",
    "E349",
    summary="Eine Übernahme liegt nicht vor dem Beginn ihres Vorbilds.",
)
def _after_the_model(record: Record, context: Context) -> Iterator[Finding]:
    model = _model(record, context)
    day = record["uebernommen_am"]
    if model is None or not isinstance(day, PartialDate):
        return
    begun = [value for name in _BEGINNINGS if isinstance(value := model.record[name], PartialDate)]
    first = min(begun, key=lambda one: one.earliest, default=None)
    if first and day.latest < first.earliest:
        values = {"wert": str(day), "beginn": str(first), "datei": model.record.raw.path}
        yield Finding("E349", record.place("uebernommen_am"), "Übernommen", values, severity=Severity.WARNING)


@_uptake_rule(
    "uebernahme-name-passt-zum-schluessel",
    "E350",
    summary="Die Namen beider Seiten einer Übernahme passen zu ihren Gemeindeschlüsseln.",
)
def _names_fit_keys(record: Record, context: Context) -> Iterator[Finding]:
    for name, ags in (_FROM, _TO):
        known = context.data.municipalities.get(record.text(ags))
        if known and not fits(record.text(name), known):
            values = {"wert": record.text(name), "ags": known.key, "kommune": known.title}
            label = record.table.by_name[name].title
            yield Finding("E350", record.place(ags), label, values, severity=Severity.WARNING)


@_uptake_rule(
    "uebernahme-endet-nach-beginn",
    "E352",
    summary="Eine Übernahme endet nicht, bevor sie begonnen hat.",
)
def _ends_after_it_began(record: Record, _: Context) -> Iterator[Finding]:
    begun, ended = record["uebernommen_am"], record["beendet_am"]
    if isinstance(begun, PartialDate) and isinstance(ended, PartialDate) and ended.latest < begun.earliest:
        values = {"wert": str(ended), "beginn": str(begun)}
        yield Finding("E352", record.place("beendet_am"), "Beendet", values)
