"""Whose turn it is: the published order of the patterns, in which every less-known one comes to the top for a month.

The rule stands on the page ``/methode/``: by how well known a pattern is; those with a case before those without; those
the count calls rare before the others; and within such a group the list turns by one place a month. Where it stands in a
month is decided by year, month and number of the edition, so that anybody can tell the order in advance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from ikz_award.dates import BERLIN
from ikz_award.model import Term
from ikz_award.text import sort_key

_Item = TypeVar("_Item")
KNOWN = ("wenig-bekannt", "dazwischen", "bekannt")
_MONTHS = 12


def seed(now: datetime, edition: int) -> int:
    """The month, counted from year 0 in Germany, moved by the number of the edition."""
    local = now.astimezone(BERLIN)
    return local.year * _MONTHS + local.month - 1 + edition


def next_turn(now: datetime) -> datetime:
    """First instant of the next month in Germany."""
    local = now.astimezone(BERLIN)
    year, month = divmod(local.year * _MONTHS + local.month, _MONTHS)
    return datetime(year, month + 1, 1, tzinfo=BERLIN)


def turned(items: Sequence[_Item], by: int) -> list[_Item]:
    """The list begun at another place; nobody is lost."""
    if not items:
        return []
    start = by % len(items)
    return [*items[start:], *items[:start]]


def groups(
    patterns: Iterable[Term],
    has_case: Callable[[str], bool],
    is_rare: Callable[[str], bool],
    turn: int,
) -> tuple[tuple[Term, ...], ...]:
    """All patterns in groups, the less known first, each group as it has turned; see the rule above.

    Args:
        patterns: in any order.
        has_case: whether a public case shows the pattern of this code.
        is_rare: whether the count calls the pattern of this code rare.
        turn: what ``seed`` gives.
    """

    def group(one: Term) -> tuple[int, bool, bool]:
        return KNOWN.index(one.facts["bekanntheit"]), not has_case(one.key), not is_rare(one.key)

    by_name = sorted(patterns, key=lambda one: (sort_key(one.title), one.key))
    return tuple(
        tuple(turned(list(members), turn)) for _, members in groupby(sorted(by_name, key=group), key=group)
    )
