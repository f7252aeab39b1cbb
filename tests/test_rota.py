"""The published order of the patterns: the less known first, and every one of them at the top for a month."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest

from ikz_award import rota

PATTERNS = [
    *(("wenig-bekannt", name) for name in ("Ärmelkanal", "Brücke", "Chor", "Deich")),
    *(("dazwischen", name) for name in ("Esel", "Fähre")),
    *(("bekannt", name) for name in ("Gans", "Haus")),
]
WITHOUT_CASE = {"deich"}
RARE = {"aermelkanal", "bruecke", "faehre", "haus"}


def code(title: str) -> str:
    return title.lower().translate(str.maketrans({"ä": "ae", "ü": "ue"}))


def titles(turn: int, patterns=PATTERNS) -> list[str]:
    terms = [
        SimpleNamespace(key=code(title), title=title, facts={"bekanntheit": level})
        for level, title in patterns
    ]
    groups = rota.groups(terms, lambda key: key not in WITHOUT_CASE, lambda key: key in RARE, turn)
    found = [one for group in groups for one in group]
    return [one.title for one in found]


@pytest.mark.parametrize(
    "turn, expected",
    [
        (0, "Ärmelkanal Brücke Chor Deich Fähre Esel Haus Gans"),
        (1, "Brücke Ärmelkanal Chor Deich Fähre Esel Haus Gans"),
        (2, "Ärmelkanal Brücke Chor Deich Fähre Esel Haus Gans"),
    ],
)
def test_less_known_then_with_a_case_then_rare_then_by_turn(turn, expected):
    assert titles(turn) == expected.split()


def test_the_order_of_the_files_does_not_matter():
    assert titles(7) == titles(7, PATTERNS[::-1])


def test_every_rare_less_known_pattern_is_once_at_the_top():
    assert {titles(turn)[0] for turn in range(2)} == {"Ärmelkanal", "Brücke"}


@pytest.mark.parametrize(
    "moment, turn",
    [
        # (2026 × 12 + 11 − 1 + 2), as the page /methode/ says.
        ("2026-11-24T12:00+01:00", 24324),
        ("2026-11-30T23:59:59+01:00", 24324),
        # In Germany it is December already.
        ("2026-11-30T23:00:00+00:00", 24325),
        ("2027-01-01T00:00:00+01:00", 24326),
    ],
)
def test_the_turn_follows_the_month_in_germany(moment, turn):
    assert rota.seed(datetime.fromisoformat(moment), 2) == turn


@pytest.mark.parametrize(
    "moment, expected",
    [
        ("2026-11-24T12:00+01:00", "2026-12-01T00:00+01:00"),
        ("2026-12-31T23:59:59+01:00", "2027-01-01T00:00+01:00"),
        ("2026-03-31T23:30+02:00", "2026-04-01T00:00+02:00"),
        ("2026-10-25T02:30+02:00", "2026-11-01T00:00+01:00"),
    ],
)
def test_the_next_turn_is_the_first_instant_of_the_next_month(moment, expected):
    assert rota.next_turn(datetime.fromisoformat(moment)) == datetime.fromisoformat(expected)


def test_nobody_is_lost_when_a_list_turns():
    assert [rota.turned("abc", by) for by in (0, 1, 2, 3, -1)] == [
        list(one) for one in ("abc", "bca", "cab", "abc", "cab")
    ]
    assert rota.turned([], 5) == []
