"""All rules over all records: which apply to what. The rules themselves are in the modules of ``SOURCES``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import cast

from ikz_award.checks import award, editions, glossary, parties, privacy, quality, statement, uptakes
from ikz_award.checks.registry import (
    CASE_RULES,
    EDITION_RULES,
    LONE_RULES,
    RECORD_RULES,
    Context,
    Rule,
    all_rules,
    confirmable_names,
)
from ikz_award.findings import Finding
from ikz_award.model import Case, Data, Record
from ikz_award.records import Known, nothing_known

# Importing a module of rules is what enters them.
SOURCES = (award, privacy, editions, parties, quality, uptakes, glossary, statement)
__all__ = ["SOURCES", "Rule", "all_rules", "check", "confirmable_names"]


def check(data: Data, today: date, known: Known = nothing_known) -> list[Finding]:
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
        findings += _by_itself(record, context, known)
    return findings


def _by_itself(record: Record, context: Context, known: Known) -> Sequence[Finding]:
    found = known(record.raw).setdefault("rules", {})
    if record.base not in found:
        found[record.base] = [
            one for lone_check in LONE_RULES.values() for one in lone_check(record, context.reader)
        ]
    return cast("Sequence[Finding]", found[record.base])


def _in_force(rule: Rule, case: Case, data: Data) -> bool:
    if not rule.of_award:
        return True
    # What is not admitted or withdrawn may well break a rule; often that is the reason.
    if not case.is_submission or case.status in award.OUT_OF_THE_RACE:
        return False
    return rule.name in data.editions[case.edition].rules


def _records(data: Data) -> Iterator[Record]:
    """Everything with texts for the public; the names of the municipalities are not ours."""
    yield from (one.record for one in data.cases)
    yield from (one.record for one in data.editions.values())
    yield from (one.record for one in data.uptakes)
    terms = (
        *(data.patterns, data.categories, data.legal_forms, data.task_fields),
        *(data.aims, data.yardsticks, data.glossary),
    )
    yield from (one.record for many in terms for one in many.values())
    if data.limits:
        yield data.limits.record
    if data.operator:
        yield data.operator
