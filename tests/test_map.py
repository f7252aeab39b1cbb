"""The map: its outlines fit together, the script makes them out of the areas, and every page shows whom its case names."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from html import unescape
from itertools import combinations, pairwise
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

import derive_map
from ikz_award import build, planning
from test_municipalities import REFERENCE, said, square, table, write

STEPS = re.compile(r"-?\d+")
LINK = re.compile(r'<a href="([^"]+)"><title>([^<]+)</title><path d="[^"]+"( class="[^"]+")?/></a>')


def rings(path: str) -> list[list[tuple[int, int]]]:
    """Corners of an outline, each ring closed."""
    found = []
    for ring in path.split("M")[1:]:
        numbers = [int(one) for one in STEPS.findall(ring)]
        spots, x, y = [], 0, 0
        for across, down in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + across, y + down
            spots.append((x, y))
        found.append([*spots, spots[0]])
    return found


def edges(path: str) -> set[frozenset[tuple[int, int]]]:
    return {frozenset(edge) for ring in rings(path) for edge in pairwise(ring)}


def encloses(path: str, x: float, y: float) -> bool:
    crossings = sum(
        (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax
        for ring in rings(path)
        for (ax, ay), (bx, by) in pairwise(ring)
    )
    return crossings % 2 == 1


@pytest.fixture(scope="module")
def kommunen() -> dict[str, dict[str, str]]:
    return {row["ags"]: row for row in table("kommunen.csv")}


@pytest.fixture(scope="module")
def karte() -> dict[str, dict[str, str]]:
    return {row["ags"]: row for row in table("karte.csv")}


# --- the table


def test_every_municipality_and_every_district_has_an_outline(karte, kommunen):
    assert set(karte) == set(kommunen)
    assert sum(kommunen[ags]["groesse"] != "kreis" for ags in karte) == 396


def test_the_point_of_every_outline_lies_inside_of_it(karte):
    # A little off the grid, so that no corner is met.
    assert not [
        ags
        for ags, row in karte.items()
        if not encloses(row["form"], int(row["x"]) + 0.001, int(row["y"]) + 0.001)
    ]


def test_shared_borders_are_shared_to_the_corner(karte, kommunen):
    """Of two neighbours the borders are one, all outer borders together are those of the state, and nothing overlaps."""
    own = {ags: edges(row["form"]) for ags, row in karte.items() if kommunen[ags]["groesse"] != "kreis"}
    base = [ags for ags in karte if kommunen[ags]["kreis_ags"] == ags]
    inside = Counter(edge for many in own.values() for edge in many)
    whole = Counter(edge for ags in base for edge in edges(karte[ags]["form"]))
    assert set(inside.values()) == set(whole.values()) == {1, 2}
    outer = [{edge for edge, many in one.items() if many == 1} for one in (inside, whole)]
    assert outer[0] == outer[1]

    sides: defaultdict[frozenset[tuple[int, int]], list[str]] = defaultdict(list)
    for ags, many in own.items():
        for edge in many:
            sides[edge].append(ags)
    drawn = {frozenset(pair) for many in sides.values() for pair in combinations(many, 2)}
    assert drawn == {frozenset(row.values()) for row in table("nachbarn.csv")}


def test_the_table_stays_small_and_names_its_source():
    assert (REFERENCE / "karte.csv").stat().st_size < 90_000
    source = (REFERENCE / "kommunen.quelle.yml").read_text(encoding="utf-8")
    assert "karte.csv" in source
    assert "© GeoBasis-DE / BKG (2017), Daten verändert" in source


# --- the script


@pytest.fixture
def quadrate(tmp_path, monkeypatch) -> Path:
    """A district of two municipalities, a town of its own beside it, and another state."""
    monkeypatch.setattr(derive_map, "MUNICIPALITIES", 3)
    monkeypatch.setattr(derive_map, "DISTRICTS", 1)
    areas = [square("05100001", (6, 50)), square("05100002", (7, 50)), square("05200000", (8, 50))]
    write(tmp_path, "gemeinden", [*areas, square("03000009", (9, 50))])
    return tmp_path


def test_the_script_draws_municipalities_and_the_sum_of_a_district(quadrate, capsys):
    target = quadrate / "karte.csv"
    status, words = said(derive_map, quadrate, target, capsys)
    assert (status, words.partition(": ")[2]) == (0, "3 Gemeinden und 1 Kreise als Umriss.\n")
    with target.open(encoding="utf-8", newline="") as file:
        rows = {row["ags"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["05100000", "05100001", "05100002", "05200000"]
    one, other, district = (edges(rows[ags]["form"]) for ags in ("05100001", "05100002", "05100000"))
    assert len(one) == len(other) == 4
    assert len(one & other) == 1
    assert district == one ^ other
    # A degree is 111.2 kilometres to the north and at 50 degrees 71.5 to the east; towards the north its meridians lean by
    # one kilometre to the middle of the map. A step is 200 metres.
    xs, ys = zip(*rings(rows["05100001"]["form"])[0], strict=True)
    assert max(ys) - min(ys) == pytest.approx(111_200 / 200, abs=6)
    assert max(xs) - min(xs) == pytest.approx(72_500 / 200, abs=2)


def test_a_long_border_keeps_its_shape_with_few_corners():
    line = [(float(x), 3_000.0 if 40 <= x / 100 <= 60 else 0.0) for x in range(0, 10_001, 100)]
    kept = derive_map.simplify(line)
    assert kept[0] == line[0]
    assert kept[-1] == line[-1]
    assert len(kept) < 10
    assert max(y for _, y in kept) == 3_000.0


def test_an_enclave_and_its_hole_are_the_same_ring(quadrate, monkeypatch, capsys):
    monkeypatch.setattr(derive_map, "MUNICIPALITIES", 2)
    around = square("05100001", (6, 50))
    ring = [[6.3, 50.3], [6.7, 50.3], [6.7, 50.7], [6.3, 50.7], [6.3, 50.3]]
    around["geometry"]["coordinates"].append(ring)
    inner = square("05100002", (6, 50))
    inner["geometry"] = {"type": "Polygon", "coordinates": [ring[::-1]]}
    write(quadrate, "gemeinden", [around, inner])
    target = quadrate / "karte.csv"
    assert said(derive_map, quadrate, target, capsys)[0] == 0
    with target.open(encoding="utf-8", newline="") as file:
        rows = {row["ags"]: row for row in csv.DictReader(file)}
    assert edges(rows["05100002"]["form"]) < edges(rows["05100001"]["form"])
    assert not encloses(
        rows["05100001"]["form"], int(rows["05100002"]["x"]) + 0.1, int(rows["05100002"]["y"]) + 0.1
    )


def test_too_few_municipalities_are_refused(quadrate, monkeypatch, capsys):
    monkeypatch.setattr(derive_map, "MUNICIPALITIES", 4)
    target = quadrate / "karte.csv"
    assert said(derive_map, quadrate, target, capsys) == (
        2,
        "Nichts geschrieben. Gemeinden: 4 erwartet, 3 gefunden.\n",
    )
    assert not target.exists()


# --- what is wrong with the table is a finding, and the site does without it


@pytest.mark.parametrize(
    "before, after, code, line",
    [
        (",M291 721l7-6", ",M291 721l7", "E221", 2),
        (",M291 721l7-6", ",M291 721q7-6", "E221", 2),
        ("05111000,", "05999999,", "E226", 2),
        ("05112000,", "05111000,", "E217", 3),
    ],
)
def test_a_faulty_outline_is_a_finding(projekt_kopie, wurzel, jetzt, before, after, code, line):
    project = projekt_kopie(fast=True)
    file = project / "data/reference/karte.csv"
    text = (wurzel / "data/reference/karte.csv").read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    found = planning.check(project, "entwurf", jetzt).findings
    assert [(one.code, one.place.path, one.place.line) for one in found] == [
        (code, "data/reference/karte.csv", line)
    ]


def test_a_missing_table_is_a_finding_and_the_pages_do_without_it(projekt_kopie, jetzt):
    project = projekt_kopie(fast=True)
    (project / "data/reference/karte.csv").unlink()
    outcome = build.build(project, "entwurf", jetzt)
    assert [(one.code, one.place.path) for one in outcome.findings] == [("E132", "data/reference/karte.csv")]
    page = outcome.page("karte/").html
    assert "Die Umrisse der Kommunen fehlen" in page
    assert "<table" in page
    assert '<svg class="ikz-landkarte"' not in outcome.page("kooperationen/hwserft/").html


# --- the pages


def links(html: str, address: str) -> dict[str, str]:
    """Where the areas of a page's maps lead, with their names."""
    return {urljoin(f"/{address}", match[1]): unescape(match[2]) for match in LINK.finditer(html)}


def test_the_map_shows_all_municipalities_and_leads_to_those_with_cases(site_entwurf, seiten, kommunen):
    article = seiten.article(seiten.html(site_entwurf, "karte/"))
    big = article[: article.index('id="kreise"')]
    towns = links(big, "karte/")
    plain = big[big.index("ikz-landkarte__ohne") :].partition("</g>")[0].count("<path ")
    assert len(towns) + plain == 396
    told = links(article, "karte/")
    for target, name in told.items():
        page = seiten.html(site_entwurf, f"{target.strip('/')}/")
        assert name.partition(": ")[0] == seiten.heading(page)
        number = re.search(r"<dt>Kooperationen</dt><dd>(\d+)", page)[1]
        assert name.endswith(f": {number} Kooperation{'en' if number != '1' else ''}")
    everybody = {
        f"/{one}"
        for one in seiten.addresses(site_entwurf)
        if re.fullmatch(r"kommunen/\d{8}/", one)
        and "<dd>keine erfasst" not in seiten.html(site_entwurf, one).partition("</dl>")[0]
    }
    assert set(told) == everybody
    assert "© GeoBasis-DE / BKG (2017), Daten verändert" in article


def test_the_table_says_the_same_as_the_map(site_entwurf, seiten):
    article = seiten.article(seiten.html(site_entwurf, "karte/"))
    found = re.findall(
        r'<tr><th scope="row"><a href="([^"]+)">[^<]+</a></th><td>[^<]*</td><td>(\d+)</td>', article
    )
    rows = {urljoin("/karte/", target): number for target, number in found}
    told = {target: name.partition(": ")[2].split()[0] for target, name in links(article, "karte/").items()}
    assert rows == told


def test_every_case_shows_exactly_its_municipalities_and_districts(site_entwurf, seiten, karte):
    with (site_entwurf / "daten/beteiligte.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parties: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        parties[row["fall"]].add(row["ags"])
    seen = Counter()
    for key, ags in parties.items():
        address = f"preistraeger/{key}/" if "/" in key else f"kooperationen/{key}/"
        if not (site_entwurf / address).exists():
            address = f"kooperationen/{key.rpartition('/')[2]}/"
        html = seiten.html(site_entwurf, address)
        shown = {one.strip("/").rpartition("/")[2] for one in links(html, address)}
        assert shown == ags & karte.keys(), key
        assert bool(shown) == ('class="ikz-kartenbild' in html) == ("Ohne Karte: " not in html), key
        seen[bool(shown)] += 1
    assert seen[True] > 30
    assert seen[False] > 5


def test_who_is_not_on_the_map_is_named(site_entwurf, seiten):
    assert "Nicht auf der Karte: Erftverband." in seiten.html(site_entwurf, "kooperationen/hwserft/")
    away = seiten.html(site_entwurf, "kooperationen/datenschutz-stormarn/")
    assert "Ohne Karte: Dieser Fall liegt außerhalb von Nordrhein-Westfalen (Schleswig-Holstein)." in away


# --- in the browser


@pytest.mark.browser
def test_the_map_works_by_keyboard(visit, sites):
    watch = visit(sites.real)
    watch.open("karte/")
    first = watch.page.locator(".ikz-kartenbild--gross a").first
    name = first.locator("title").text_content()
    before = first.locator("path").evaluate("one => getComputedStyle(one).strokeWidth")
    # The last stop before the map.
    watch.page.locator("main article").get_by_role("link", name="Register").first.focus()
    watch.page.keyboard.press("Tab")
    expect(first).to_be_focused()
    assert first.locator("path").evaluate("one => getComputedStyle(one).strokeWidth") != before
    watch.page.keyboard.press("Enter")
    expect(watch.page.locator("h1")).to_have_text(name.partition(":")[0])
    # From there back to the map: the municipality's own shape is no link, its partners are.
    watch.open("kommunen/05554008/")
    small = watch.page.locator("svg.ikz-landkarte")
    expect(small.get_by_role("link", name="Isselburg")).to_have_count(1)
    expect(small.get_by_role("link", name="Bocholt", exact=True)).to_have_count(0)
    assert not watch.drain()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_land_comes_from_one_file_in_the_colours_of_the_page(visit, sites, scheme):
    watch = visit(sites.real, color_scheme=scheme)
    watch.open("kooperationen/hwserft/")
    land = watch.page.locator("use.ikz-landkarte__land")
    assert land.evaluate("one => one.getBBox().width") > 1000
    wanted = watch.page.evaluate("getComputedStyle(document.body).getPropertyValue('--ikz-flaeche-2').trim()")
    shown = land.evaluate("one => getComputedStyle(one).fill")
    assert shown == f"rgb({', '.join(str(int(wanted[at : at + 2], 16)) for at in (1, 3, 5))})"
    assert not watch.drain()


@pytest.mark.browser
def test_the_table_can_be_put_in_order(visit, sites):
    watch = visit(sites.real)
    watch.open("karte/")
    table_ = watch.page.locator("#tabelle + section [data-ikz-sortierbar]")
    numbers = table_.locator("tbody td:last-child")
    table_.get_by_role("button", name="Fälle").press("Enter")
    expect(table_.locator("th[aria-sort]")).to_have_text("Fälle")
    found = [int(one) for one in numbers.all_text_contents()]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]
    table_.get_by_role("button", name="Kommune").press("Enter")
    names = table_.locator("tbody th").all_text_contents()
    assert names == watch.page.evaluate(
        "names => [...names].sort(new Intl.Collator('de').compare)", names[::-1]
    )
    assert not watch.drain()
