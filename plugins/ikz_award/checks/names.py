"""Who a party is, however its name is written: „Coesfeld“, „Stadt Coesfeld“, with a municipality key or without."""

from __future__ import annotations

import re
from typing import TypeAlias

from ikz_award import text as texts
from ikz_award.checks.registry import Context
from ikz_award.model import MUNICIPAL, Row, Term

# An AGS, or else the kind and the words of a name.
Identity: TypeAlias = tuple[str, frozenset[str]]
_DISTRICT = re.compile(r"kreis\b|städteregion", re.IGNORECASE)


def is_authority(party: Row) -> bool:
    """A territorial authority itself."""
    return party["art"] in MUNICIPAL


def identity(party: Row, context: Context) -> Identity:
    """The same for every way to write a party."""
    name = str(party["name"])
    words = texts.base_name(name) or frozenset({name.casefold()})
    if not is_authority(party):
        return "stelle", words
    is_district = party["art"] == "kreis"
    ags = str(party["ags"] or context.key_by_name.get((is_district, words), ""))
    return ("ags", frozenset({ags})) if ags else ("kreis" if is_district else "kommune", words)


def named(name: str, ags: str = "") -> Row:
    """A party of which only the name is given, and maybe its key; the name tells whether it is a district."""
    return {"name": name, "art": "kreis" if _DISTRICT.search(name) else "kommune", "ags": ags or None}


def fits(name: str, municipality: Term) -> bool:
    """Whether a name can be that of a municipality; „Menden“ is short for „Menden (Sauerland)“."""
    given, official = texts.base_name(name), texts.base_name(municipality.title)
    return official <= given or (bool(given) and given <= official)
