"""Rules of the glossary: each term is explained in one place, and no spelling means two terms. Always in force."""

from __future__ import annotations

from collections.abc import Iterator

from ikz_award.checks.registry import Context, Reader, lone_rule, record_rule
from ikz_award.findings import Finding
from ikz_award.model import Record


@lone_rule(
    "begriff-erklaert",
    "E360",
    of_award=False,
    clause="Verständliche Sprache",
    summary="Ein Begriff hat eine eigene Erklärung oder die seiner Rechtsform, nicht beide.",
    table="glossar",
)
def _explained_once(record: Record, _: Reader) -> Iterator[Finding]:
    if bool(record["erklaerung"]) == bool(record["rechtsform"]):
        place = record.place("titel")
        yield Finding("E360", place, "Begriff", {"wert": record.text("titel")})


@record_rule(
    "wortform-eindeutig",
    "E361",
    of_award=False,
    clause="Verständliche Sprache",
    summary="Jede Wortform gehört zu einem einzigen Begriff.",
    table="glossar",
)
def _one_meaning(record: Record, context: Context) -> Iterator[Finding]:
    before = [one for one in context.data.glossary.values() if one.record.base < record.base]
    for index, form in enumerate(record.codes("wortformen")):
        other = next((one for one in before if form in one.record.codes("wortformen")), None)
        if other:
            place = record.place("wortformen", index)
            yield Finding("E361", place, "Wortform", {"wert": form, "andere": other.title})
