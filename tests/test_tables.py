"""Rows that plain comparing lets pass are those frictionless has nothing to say about, whatever stands in them."""

from __future__ import annotations

import random

import pytest

import support
from ikz_award import planning, schema
from ikz_award.checks import tables
from ikz_award.checks.tables import Flat
from ikz_award.records import RawRecord, Reading
from ikz_award.yamlfile import Document

DESCRIPTION = schema.load(support.ROOT / "data")
# Right for one field or another, and wrong for most; much of it only nearly right.
VALUES = (
    *(
        "",
        "ja",
        "nein",
        "Ja",
        "true",
        "0",
        "1",
        "+1",
        "-0",
        "01",
        "7",
        "1000",
        "1_000",
        "12.0",
        "１２",
        "1e3",
    ),
    *(
        "2026",
        "05315000",
        "5315000",
        "archiv",
        "Archiv",
        "oerv",
        "a-b",
        "a_b",
        "ä",
        "x\ny",
        "x" * 300,
        "y" * 20_000,
    ),
    *(
        "hoch",
        "kommune",
        "laufend",
        "https://example.org/",
        "mailto:info@example.org",
        "bild.webp",
        "nan",
        "None",
    ),
)


def pool(field):
    """Values for a field, half of them likely to be right."""
    return [*VALUES, *field.enum * 2, field.example, str(field.minimum), str(field.maximum)]


def drawn(dice):
    """Every table with rows at random; some of the values are those that others refer to."""
    flats = {one.name: Flat(one) for one in DESCRIPTION.tables}
    record = RawRecord("faelle", "data/cooperations/probe.yml", {}, Document())
    for flat in flats.values():
        for number in range(dice.randint(0, 12)):
            owner = dice.choice(("a", "b")) if flat.table.parent else ""
            flat.rows.append([owner, *(dice.choice(pool(one)).strip() for one in flat.table.fields)])
            flat.origins.append((record, (number,)))
    for flat in flats.values():
        for key in flat.table.foreign_keys:
            target = flats[key.table]
            there = target.table.fields.index(target.table.by_name[key.target_field]) + 1
            here = flat.table.fields.index(flat.table.by_name[key.field]) + 1
            for row in flat.rows:
                if target.rows and dice.random() < 0.7:
                    row[here] = dice.choice(target.rows)[there]
    return flats


@pytest.mark.parametrize("seed", range(6))
def test_the_rows_in_doubt_bring_the_findings_of_all_rows(seed, monkeypatch):
    dice = random.Random(seed)  # noqa: S311 - nothing secret about it
    flats, reading = drawn(dice), Reading(unreadable={"kommunen"} if seed == 3 else set())
    found = list(tables.check(flats, DESCRIPTION, reading))
    passed = sum(len(one.rows) - len(tables._in_doubt(one, flats, reading)) for one in flats.values())
    monkeypatch.setattr(tables, "_in_doubt", lambda flat, *_: list(range(len(flat.rows))))
    assert found == list(tables.check(flats, DESCRIPTION, reading))
    # A comparison in which everything is doubtful would show nothing.
    assert found
    assert passed > 0


def test_where_everything_is_in_order_frictionless_is_not_asked(tmp_path, monkeypatch):
    root = support.lay_out_base(tmp_path)
    monkeypatch.setattr(tables, "_run", lambda doubtful, *_: pytest.fail(str(doubtful)) if doubtful else {})
    assert planning.check(root, "entwurf", support.day(support.DEFAULT_DAY)).findings == ()
