"""A rule of the operator's data: the statement on accessibility is looked at once a year. Always in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ikz_award.checks.registry import Context, record_rule
from ikz_award.dates import PartialDate, in_words
from ikz_award.findings import Finding, Severity
from ikz_award.model import Record

# The day may fall on a 29 February; a year is told in days.
_YEAR = timedelta(days=365)


@record_rule(
    "erklaerung-jaehrlich-geprueft",
    "E430",
    of_award=False,
    clause="§ 4 Abs. 4 BITVNRW",
    summary="Die Erklärung zur Barrierefreiheit wird mindestens einmal im Jahr geprüft.",
    table="betreiber",
)
def _reviewed_each_year(record: Record, context: Context) -> Iterator[Finding]:
    reviewed = record["barrierefreiheit.geprueft_am"]
    if isinstance(reviewed, PartialDate) and context.today - reviewed.latest > _YEAR:
        place = record.place("barrierefreiheit", "geprueft_am")
        label = record.table.by_name["barrierefreiheit.geprueft_am"].title
        values = {"wert": str(reviewed), "heute": in_words(context.today)}
        yield Finding("E430", place, label, values, severity=Severity.WARNING)
