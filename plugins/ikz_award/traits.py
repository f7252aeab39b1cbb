"""By which controlled features a public case is described.

Where the partners lie comes from municipality keys and neighbours, their number and kinds from the list of parties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from ikz_award.model import DISTRICT_KINDS, MUNICIPAL, Row, Term, party_count
from ikz_award.publication import Entry


class Trait(NamedTuple):
    """One value in one dimension, both by code: ``("rechtsform", "zweckverband")``."""

    dimension: str
    value: str


# In the order in which they are told. A dimension of which nothing is known for a case is missing there.
DIMENSIONS = (
    "muster",
    "aufgabenfeld",
    "rechtsform",
    "partnerzahl",
    "partnerart",
    "raum",
    "lage",
    "innovation",
    "finanzierung",
)
# Values of the derived dimensions; the others take theirs from reference data and schema.
BANDS = {"2": 2, "3-4": 4, "5-9": 9}
WIDEST_BAND = "ab-10"
_WITH_OTHERS = {
    "privat": "mit-privaten",
    "verein": "mit-privaten",
    "ausland": "mit-ausland",
    "land": "mit-land",
    "verband": "mit-verband",
    "kommunales-unternehmen": "mit-verband",
}
PARTNER_KINDS = (
    *("nur-gemeinden", "nur-kreise", "kreis-und-gemeinden"),
    *("mit-verband", "mit-land", "mit-ausland", "mit-privaten"),
)
# One party alone is no cooperation; somebody was left out.
_SMALLEST = 2


class Geography:
    """Where municipalities lie: their district, and which share a border.

    A district stands for all its municipalities.
    """

    def __init__(self, municipalities: Mapping[str, Term], neighbours: Mapping[str, frozenset[str]]) -> None:
        self._neighbours = neighbours
        self._district = {key: str(one.facts["kreis_ags"]) for key, one in municipalities.items()}
        self._inside: dict[str, set[str]] = {}
        for key, one in municipalities.items():
            if one.facts["art"] not in DISTRICT_KINDS:
                self._inside.setdefault(self._district[key], set()).add(key)

    def districts(self, keys: Iterable[str]) -> frozenset[str]:
        """Districts in which these municipalities and districts lie; unknown keys are left out."""
        return frozenset(self._district[key] for key in keys if key in self._district)

    def municipalities(self, keys: Iterable[str]) -> frozenset[str]:
        """The municipalities themselves, a district replaced by its own."""
        found: set[str] = set()
        for key in keys:
            found |= self._inside.get(key, {key}) if key == self._district.get(key) else {key}
        return frozenset(found)

    def around(self, key: str) -> frozenset[str]:
        """Neighbours: municipalities that share a border; for a district those outside of it, and their districts."""
        inside = self.municipalities([key])
        near = frozenset(one for own in inside for one in self._neighbours.get(own, ())) - inside
        return near | (self.districts(near) - {key}) if key in self._inside else near

    def is_connected(self, keys: Iterable[str]) -> bool:
        """Whether one can walk from each to each without leaving them; of nobody that is true."""
        open_set = set(self.municipalities(keys))
        walk = sorted(open_set)[:1]
        open_set.difference_update(walk)
        while walk:
            near = self._neighbours.get(walk.pop(), frozenset()) & open_set
            open_set -= near
            walk += near
        return not open_set


def describe(entry: Entry, geography: Geography) -> Mapping[str, tuple[str, ...]]:
    """Values by dimension, in the order of ``DIMENSIONS``; each value once."""
    rows = cast("tuple[Row, ...]", entry.content["beteiligte"])
    found: dict[str, tuple[str, ...]] = {
        "muster": entry.patterns,
        "aufgabenfeld": entry.task_fields,
        "rechtsform": (entry.legal_form,),
        "partnerzahl": (_band(rows),),
        "partnerart": (_kind(rows),),
        "raum": (_area(rows, geography),),
        "lage": (_position(rows, geography),),
        "innovation": _listed(entry, "innovation_art"),
        "finanzierung": _listed(entry, "finanzierung_art"),
    }
    known = {name: tuple(dict.fromkeys(one for one in found[name] if one)) for name in DIMENSIONS}
    return {name: values for name, values in known.items() if values}


def flat(described: Mapping[str, tuple[str, ...]]) -> tuple[Trait, ...]:
    """The same as a sequence of traits."""
    return tuple(Trait(name, value) for name, values in described.items() for value in values)


def _listed(entry: Entry, key: str) -> tuple[str, ...]:
    return tuple(str(row["wert"]) for row in entry.content[key])


def _band(rows: tuple[Row, ...]) -> str:
    count = party_count(rows)
    if count < _SMALLEST:
        return ""
    return next((name for name, most in BANDS.items() if count <= most), WIDEST_BAND)


def _kind(rows: tuple[Row, ...]) -> str:
    kinds = {str(row["art"]) for row in rows}
    others = {_WITH_OTHERS[one] for one in kinds if one in _WITH_OTHERS}
    if others:
        # The partner farthest from a town hall names the kind.
        return max(others, key=PARTNER_KINDS.index)
    if kinds == {"kommune"}:
        return "nur-gemeinden"
    if kinds == {"kreis"}:
        return "nur-kreise"
    return "kreis-und-gemeinden" if kinds else ""


def _keys(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Keys of all municipal parties, or nothing if one of them is not known: half a map misleads."""
    municipal = [row for row in rows if row["art"] in MUNICIPAL]
    if any(not row["ags"] or row["anzahl"] for row in municipal):
        return ()
    return tuple(str(row["ags"]) for row in municipal)


def _area(rows: tuple[Row, ...], geography: Geography) -> str:
    if any(row["art"] == "ausland" for row in rows):
        return "ueber-staatsgrenze"
    districts = geography.districts(_keys(rows))
    if not districts:
        return ""
    return "ein-kreis" if len(districts) == 1 else "mehrere-kreise"


def _position(rows: tuple[Row, ...], geography: Geography) -> str:
    keys = _keys(rows)
    if len(keys) < 2:
        return ""
    return "zusammenhaengend" if geography.is_connected(keys) else "verstreut"
