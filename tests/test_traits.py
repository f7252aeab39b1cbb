"""By which features a case is described, and which cases are alike because of them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ikz_award.rarity import Census
from ikz_award.similarity import Similarity
from ikz_award.traits import Geography, Trait, describe, flat

# Two districts in a row: west has A–B, east has C and D; B touches C, D touches nobody but C.
PLACES = {
    "W": ("kreis", "W"),
    "A": ("stadt", "W"),
    "B": ("gemeinde", "W"),
    "E": ("kreis", "E"),
    "C": ("stadt", "E"),
    "D": ("gemeinde", "E"),
    "X": ("kreisfreie-stadt", "X"),
}
MUNICIPALITIES = {
    key: SimpleNamespace(key=key, facts={"art": kind, "kreis_ags": district})
    for key, (kind, district) in PLACES.items()
}
NEIGHBOURS = {"A": {"B"}, "B": {"A", "C"}, "C": {"B", "D"}, "D": {"C"}}
GEOGRAPHY = Geography(MUNICIPALITIES, {key: frozenset(near) for key, near in NEIGHBOURS.items()})


def party(kind: str, ags: str | None = None, many: int | None = None) -> dict[str, object]:
    return {"name": f"{kind} {ags}", "art": kind, "ags": ags, "anzahl": many}


def towns(*keys: str) -> list[dict[str, object]]:
    return [party("kreis" if PLACES[key][0] == "kreis" else "kommune", key) for key in keys]


def entry(
    parties=(), *, key="eins", title="", patterns=(), fields=(), form="", innovation=(), money=(), prize=False
):
    content = {
        "beteiligte": tuple(parties),
        "innovation_art": tuple({"wert": one} for one in innovation),
        "finanzierung_art": tuple({"wert": one} for one in money),
    }
    return SimpleNamespace(
        key=key,
        title=title or key,
        content=content,
        patterns=tuple(patterns),
        task_fields=tuple(fields),
        legal_form=form,
        is_winner=prize,
    )


def described(parties) -> dict[str, str]:
    return {name: " ".join(values) for name, values in describe(entry(parties), GEOGRAPHY).items()}


@pytest.mark.parametrize(
    "parties, expected",
    [
        (towns("A", "B"), "2 nur-gemeinden ein-kreis zusammenhaengend"),
        (towns("A", "C"), "2 nur-gemeinden mehrere-kreise verstreut"),
        (towns("A", "B", "C"), "3-4 nur-gemeinden mehrere-kreise zusammenhaengend"),
        # A district stands for all its municipalities, so it joins what lies in or at it.
        (towns("W", "C"), "2 kreis-und-gemeinden mehrere-kreise zusammenhaengend"),
        (towns("W", "D"), "2 kreis-und-gemeinden mehrere-kreise verstreut"),
        (towns("W", "E"), "2 nur-kreise mehrere-kreise zusammenhaengend"),
        (towns("W", "A"), "2 kreis-und-gemeinden ein-kreis zusammenhaengend"),
        (towns("A", "X"), "2 nur-gemeinden mehrere-kreise verstreut"),
        # Whoever stands farthest from a town hall names the kind.
        (
            [*towns("A", "B"), party("verband"), party("verein")],
            "3-4 mit-privaten ein-kreis zusammenhaengend",
        ),
        ([*towns("A"), party("ausland")], "2 mit-ausland ueber-staatsgrenze"),
        ([*towns("A"), party("kommunales-unternehmen")], "2 mit-verband ein-kreis"),
        # Half a map misleads: without a key, or with a row for many, nothing is said about places.
        ([*towns("A"), party("kommune")], "2 nur-gemeinden"),
        ([*towns("A"), party("kommune", "B", 9)], "ab-10 nur-gemeinden"),
        ([party("kommune", "A", 4)], "3-4 nur-gemeinden"),
        ([party("kommune", "A", 9)], "5-9 nur-gemeinden"),
        ([], ""),
    ],
)
def test_the_partnership_is_derived_from_keys_and_kinds(parties, expected):
    assert " ".join(described(parties).values()) == expected


def test_what_is_not_known_is_no_trait():
    found = describe(
        entry(towns("A", "B"), patterns=("haus",), fields=("archiv", "archiv"), money=("foerderung",)),
        GEOGRAPHY,
    )
    assert list(found) == [
        "muster",
        "aufgabenfeld",
        "partnerzahl",
        "partnerart",
        "raum",
        "lage",
        "finanzierung",
    ]
    assert found["aufgabenfeld"] == ("archiv",)
    assert flat(found)[:2] == (Trait("muster", "haus"), Trait("aufgabenfeld", "archiv"))


# --- likeness


def likeness(*entries) -> Similarity:
    traits = {one.key: flat(describe(one, GEOGRAPHY)) for one in entries}
    return Similarity(traits, {one.key: one for one in entries}, Census(traits.values(), None))


def test_one_rare_common_trait_says_more_than_two_frequent_ones():
    mine = entry(key="mein", patterns=["rotation"], fields=["archiv"], form="vertrag")
    rare = entry(key="selten", patterns=["rotation"], fields=["bad"], form="verein")
    usual = entry(key="alltag", patterns=["haus"], fields=["archiv"], form="vertrag")
    others = [entry(key=f"x{n}", patterns=["haus"], fields=["archiv"], form="vertrag") for n in range(20)]
    found = likeness(mine, rare, usual, *others).like(mine)
    assert found[0].entry is rare
    assert found[0].shared == (Trait("muster", "rotation"),)


def test_the_reason_names_what_is_shared_the_rarest_first():
    mine = entry(key="mein", patterns=["rotation"], fields=["archiv"])
    near = entry(key="nah", patterns=["rotation"], fields=["archiv"])
    other = [entry(key=f"x{n}", patterns=["haus"], fields=["archiv" if n < 3 else "bad"]) for n in range(10)]
    assert likeness(mine, near, *other).like(mine)[0].shared == (
        Trait("muster", "rotation"),
        Trait("aufgabenfeld", "archiv"),
    )


def test_what_every_case_has_makes_no_two_alike():
    same = [entry(key=f"x{n}", form="vertrag") for n in range(5)]
    assert likeness(*same).like(same[0]) == ()


def test_among_equals_a_prize_comes_first_then_the_title():
    mine = entry(key="mein", patterns=["rotation"])
    zebra = entry(key="z", title="Zebra", patterns=["rotation"], prize=True)
    apple, hill = (entry(key=one, title=one, patterns=["rotation"]) for one in ("Apfel", "Öde"))
    padding = [entry(key=f"x{n}", patterns=["haus"]) for n in range(9)]
    found = likeness(hill, apple, zebra, mine, *padding).like(mine)
    assert [one.entry.title for one in found] == ["Zebra", "Apfel", "Öde"]


@pytest.mark.parametrize(
    "place, around",
    [("A", "B"), ("B", "A C"), ("C", "B D"), ("X", ""), ("W", "C E"), ("E", "B W")],
)
def test_a_district_has_the_neighbours_of_its_municipalities_and_their_districts(place, around):
    assert GEOGRAPHY.around(place) == frozenset(around.split())


def test_one_party_alone_has_no_number():
    assert "partnerzahl" not in described(towns("A"))
    assert described([party("kommune", many=2)])["partnerzahl"] == "2"
