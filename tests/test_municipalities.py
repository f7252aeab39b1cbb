"""The tables of municipalities and neighbours: what they hold, and that the scripts make them out of the areas."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

import administrative_areas
import derive_municipalities
import derive_neighbours

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "data" / "reference"
IBZ = {kind: code for code, kind in derive_municipalities.KIND.items()}


def table(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def kommunen() -> dict[str, dict[str, str]]:
    return {row["ags"]: row for row in table("kommunen.csv")}


@pytest.fixture(scope="module")
def paare() -> list[tuple[str, str]]:
    return [(row["ags"], row["nachbar"]) for row in table("nachbarn.csv")]


@pytest.fixture(scope="module")
def nachbarn(kommunen, paare) -> set[frozenset[str]]:
    return {frozenset(kommunen[ags]["name"] for ags in pair) for pair in paare}


# --- size classes


def test_every_municipality_has_a_size_class(kommunen):
    assert Counter(row["groesse"] for row in kommunen.values()) == {
        "kreisfrei": 23,
        "gross": 35,
        "mittel": 132,
        "sonstige": 206,
        "kreis": 31,
    }


def test_the_size_class_goes_with_the_kind(kommunen):
    for row in kommunen.values():
        assert (row["groesse"] == "kreis") == (row["art"] in {"kreis", "staedteregion"}), row
        if row["art"] == "kreisfreie-stadt":
            assert row["groesse"] == "kreisfrei"
    assert [
        row["name"]
        for row in kommunen.values()
        if row["groesse"] == "kreisfrei" and row["art"] != "kreisfreie-stadt"
    ] == ["Aachen"]
    # Jüchen became a town when it entered its class; the areas are older.
    assert [
        row["name"]
        for row in kommunen.values()
        if row["groesse"] in {"gross", "mittel"} and row["art"] != "stadt"
    ] == ["Jüchen"]


@pytest.mark.parametrize(
    "ags, name, groesse",
    [
        ("05554008", "Bocholt", "gross"),
        ("05154008", "Emmerich am Rhein", "mittel"),
        ("05562016", "Haltern am See", "mittel"),
        ("05158026", "Monheim am Rhein", "mittel"),
        ("05382020", "Hennef (Sieg)", "mittel"),
        ("05754036", "Schloß Holte-Stukenbrock", "mittel"),
        ("05370028", "Übach-Palenberg", "mittel"),
        ("05162012", "Jüchen", "mittel"),
        ("05774036", "Salzkotten", "mittel"),
        ("05558024", "Lüdinghausen", "sonstige"),
        ("05558020", "Havixbeck", "sonstige"),
        ("05334002", "Aachen", "kreisfrei"),
        ("05334000", "Städteregion Aachen", "kreis"),
    ],
)
def test_known_size_classes(kommunen, ags, name, groesse):
    assert (kommunen[ags]["name"], kommunen[ags]["groesse"]) == (name, groesse)


def test_the_columns_are_those_of_the_schema():
    for name, schema in (("kommunen.csv", "kommune.yml"), ("nachbarn.csv", "nachbarschaft.yml")):
        fields = yaml.safe_load((ROOT / "data/schema" / schema).read_text(encoding="utf-8"))["fields"]
        assert list(table(name)[0]) == [field["name"] for field in fields]


# --- neighbours


def test_every_pair_is_there_once(paare):
    assert len(paare) == 1081
    assert all(ags < other for ags, other in paare)
    assert paare == sorted(set(paare))


def test_neighbours_are_municipalities_and_all_have_some(kommunen, paare):
    municipalities = {ags for ags, row in kommunen.items() if row["groesse"] != "kreis"}
    assert len(municipalities) == administrative_areas.MUNICIPALITIES
    assert {ags for pair in paare for ags in pair} == municipalities


@pytest.mark.parametrize(
    "pair",
    [
        ("Bocholt", "Rhede"),
        ("Bocholt", "Isselburg"),
        ("Köln", "Leverkusen"),
        ("Bonn", "Alfter"),
        ("Münster", "Havixbeck"),
        ("Rees", "Kalkar"),  # across the Rhine
        ("Bielefeld", "Gütersloh"),
        ("Aachen", "Roetgen"),
    ],
)
def test_known_neighbours(nachbarn, pair):
    assert frozenset(pair) in nachbarn


@pytest.mark.parametrize(
    "pair",
    [
        ("Bocholt", "Münster"),
        ("Köln", "Düsseldorf"),
        ("Bonn", "Köln"),
        ("Münster", "Dortmund"),
        ("Bestwig", "Winterberg"),  # one common point
        ("Olsberg", "Schmallenberg"),
    ],
)
def test_known_others(nachbarn, pair):
    assert frozenset(pair) not in nachbarn


# --- the scripts


def square(ags: str, at: tuple[int, int], **names: object) -> dict[str, object]:
    """A municipality of one square, drawn clockwise or not: neighbours run along their edge in both directions."""
    x, y = at
    ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
    outline = {"type": "Polygon", "coordinates": [ring if y else ring[::-1]]}
    return {"type": "Feature", "properties": {"AGS": ags, **names}, "geometry": outline}


def write(folder: Path, level: str, areas: list[dict[str, object]]) -> None:
    (folder / f"{level}.geo.json").write_text(json.dumps(areas), encoding="utf-8")


def said(module, folder: Path, target: Path, capsys) -> tuple[int, str]:
    """Status and everything a script says."""
    status = module.main([str(folder), "--ziel", str(target)])
    return status, "".join(capsys.readouterr())


@pytest.fixture
def quadrate(tmp_path, monkeypatch) -> Path:
    """Four municipalities around a point, and one of another state beside them."""
    monkeypatch.setattr(derive_neighbours, "MUNICIPALITIES", 4)
    write(
        tmp_path,
        "gemeinden",
        [
            square("05000004", (1, 1)),
            square("05000001", (0, 0)),
            {"type": "FeatureCollection", "features": [square("05000003", (0, 1))]},
            square("03000009", (2, 0)),
            square("05000002", (1, 0)),
        ],
    )
    return tmp_path


def test_an_edge_makes_neighbours_and_a_corner_does_not(quadrate, capsys):
    target = quadrate / "nachbarn.csv"
    status, words = said(derive_neighbours, quadrate, target, capsys)
    assert status == 0
    assert words.startswith(f"4 Zeilen in {target}: jedes Paar benachbarter Gemeinden einmal, 4 Gemeinden.")
    assert target.read_bytes() == (
        b"ags,nachbar\n05000001,05000002\n05000001,05000003\n05000002,05000004\n05000003,05000004\n"
    )


def test_an_enclave_is_a_neighbour(quadrate, monkeypatch, capsys):
    monkeypatch.setattr(derive_neighbours, "MUNICIPALITIES", 2)
    around = square("05000001", (0, 0))
    hole = [[[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]]
    around["geometry"] = {
        "type": "MultiPolygon",
        "coordinates": [
            [[[0, 0], [3, 0], [3, 3], [0, 3], [0, 0]], *hole],
            [[[8, 8], [9, 8], [9, 9], [8, 8]]],
        ],
    }
    write(quadrate, "gemeinden", [around, square("05000002", (1, 1))])
    target = quadrate / "nachbarn.csv"
    assert said(derive_neighbours, quadrate, target, capsys)[0] == 0
    assert target.read_text() == "ags,nachbar\n05000001,05000002\n"


@pytest.mark.parametrize(
    "added, words",
    [
        ({"05000005": (7, 7)}, "Ohne Nachbargemeinde: 05000005."),
        (
            {"05000005": (1, 1)},
            "Eine Grenze gehört zu mehr als zwei Gemeinden: 05000002, 05000004, 05000005.",
        ),
        ({}, "Gemeinden: 5 erwartet, 4 gefunden."),
    ],
)
def test_areas_that_do_not_fit_together_are_refused(quadrate, monkeypatch, capsys, added, words):
    monkeypatch.setattr(derive_neighbours, "MUNICIPALITIES", 5)
    areas = json.loads((quadrate / "gemeinden.geo.json").read_text())
    write(quadrate, "gemeinden", areas + [square(ags, at) for ags, at in added.items()])
    target = quadrate / "nachbarn.csv"
    assert said(derive_neighbours, quadrate, target, capsys) == (2, f"Nichts geschrieben. {words}\n")
    assert not target.exists()


@pytest.mark.parametrize("module", [derive_municipalities, derive_neighbours])
def test_a_folder_without_areas_is_a_sentence(module, tmp_path, capsys):
    status, words = said(module, tmp_path, tmp_path / "ziel.csv", capsys)
    assert status == 2
    assert words.startswith("Nichts geschrieben. ")
    assert "fehlt oder ist kein lesbares JSON." in words


@pytest.fixture
def paket(tmp_path, kommunen, paare) -> Path:
    """A package like that of the BKG areas, made of the committed tables: every pair shares an edge of its own."""
    regions = sorted({(ags[:3], row["regierungsbezirk"]) for ags, row in kommunen.items()})
    write(tmp_path, "regierungsbezirke", [square(ags, (0, 0), GEN=name) for ags, name in regions])

    districts = {row["kreis_ags"]: kommunen[row["kreis_ags"]] for row in kommunen.values()}
    areas = []
    for ags, row in districts.items():
        bare = row["name"].removeprefix("Kreis ")
        names = {"GEN": bare, "BEZ": "Kreis", "NBD": "nein" if bare == row["name"] else "ja"}
        areas.append(square(ags[:5], (0, 0), IBZ=int(IBZ[row["art"]]), **names))
    write(tmp_path, "kreise", areas)

    rings: dict[str, list[object]] = {}
    for place, pair in enumerate(paare):
        for side, ags in enumerate(pair):
            edge = [[place, 0], [place, 1]]
            rings.setdefault(ags, []).append([[*edge, [place + 0.4 * side - 0.2, 0.5], edge[0]]])
    towns = [ags for ags, row in kommunen.items() if row["groesse"] != "kreis"]
    areas = []
    for ags in reversed(towns):
        row = kommunen[ags]
        names = {"GEN": row["name"], "IBZ": int(IBZ[row["art"]])}
        outline = {"type": "MultiPolygon", "coordinates": rings[ags]}
        areas.append({"type": "Feature", "properties": {"AGS": ags, **names}, "geometry": outline})
    write(tmp_path, "gemeinden", areas)
    return tmp_path


@pytest.mark.parametrize(
    "module, name, words",
    [
        (
            derive_municipalities,
            "kommunen.csv",
            "396 Gemeinden (23 kreisfrei, 35 gross, 132 mittel, 206 sonstige), 31 Kreise.",
        ),
        (derive_neighbours, "nachbarn.csv", "jedes Paar benachbarter Gemeinden einmal, 396 Gemeinden."),
    ],
)
def test_the_scripts_write_the_committed_tables(paket, capsys, module, name, words):
    target = paket / name
    status, answer = said(module, paket, target, capsys)
    assert (status, answer.partition(": ")[2]) == (0, f"{words}\n")
    assert target.read_bytes() == (REFERENCE / name).read_bytes()


@pytest.mark.parametrize(
    "name, words",
    [
        ("Xantn", "Gemeinden mit dem Namen „Xantn“: 1 erwartet, 0 gefunden."),
        ("Witten", "Witten steht in zwei Größenklassen: gross und mittel."),
        ("Köln", "Köln steht in zwei Größenklassen: kreisfrei und mittel."),
    ],
)
def test_a_name_that_fits_no_municipality_or_one_of_another_class_is_refused(
    paket, monkeypatch, capsys, name, words
):
    text = derive_municipalities.BY_ORDINANCE["mittel"].replace("Xanten", name)
    monkeypatch.setitem(derive_municipalities.BY_ORDINANCE, "mittel", text)
    target = paket / "kommunen.csv"
    assert said(derive_municipalities, paket, target, capsys) == (2, f"Nichts geschrieben. {words}\n")
    assert not target.exists()


def test_a_name_two_municipalities_bear_is_refused(paket, capsys):
    text = (paket / "gemeinden.geo.json").read_text(encoding="utf-8")
    (paket / "gemeinden.geo.json").write_text(text.replace('"GEN": "Alfter"', '"GEN": "Herten"'), "utf-8")
    status, words = said(derive_municipalities, paket, paket / "kommunen.csv", capsys)
    assert (status, words) == (
        2,
        "Nichts geschrieben. Gemeinden mit dem Namen „Herten“: 1 erwartet, 2 gefunden.\n",
    )
