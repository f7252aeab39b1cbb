"""What an edition is doing at a moment: before, open, closed, announced."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from ikz_award.model import Edition

Phase = Literal["vorher", "offen", "geschlossen", "bekanntgegeben"]


def phase_of(edition: Edition, now: datetime) -> Phase:
    """The phase at ``now``; an edition without known dates counts as not yet open."""
    if edition.announced and now >= edition.announced.ends:
        return "bekanntgegeben"
    if edition.closes and now >= edition.closes.ends:
        return "geschlossen"
    if edition.opens and now >= edition.opens.begins:
        return "offen"
    return "vorher"


def current(editions: Iterable[Edition]) -> Edition | None:
    """The edition the home page speaks of: the one with the highest number."""
    return max(editions, key=lambda one: one.number, default=None)
