"""The collection: every facet value has a plain list, and choosing, sharing, going back and sorting work in a real browser."""

from __future__ import annotations

import csv
import gzip
import re
from functools import lru_cache
from html import unescape
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from browsing import look
from ikz_award import planning

CARD = re.compile(
    r'<li class="ikz-karte[^"]*" data-merkmale="([^"]*)" data-neueste="(\d+)" data-seltenste="(\d+)" data-titel="(\d+)">'
    r'.*?<h3 class="ikz-karte__titel"><a href="([^"]+)">(.*?)</a>',
    re.DOTALL,
)
FACET = re.compile(
    r'<details class="ikz-facette" data-facette="([a-z]+)".*?<summary>(.*?)</summary>(.*?)</ul>', re.DOTALL
)
VALUE = re.compile(
    r'<li><a href="([^"]+)" data-wert="([^"]+)">(.*?)</a> <span class="ikz-zahl">(\d+)</span></li>'
)
HEADING = re.compile(r"<h([1-6])\b[^>]*?(?: id=\"([^\"]+)\")?[^>]*>")


class Collection:
    """The page as it was built, read without a browser."""

    def __init__(self, site, seiten) -> None:
        article = seiten.article(seiten.html(site, "kooperationen/"))
        self.cards = {
            urljoin("/kooperationen/", match[5]): (unescape(match[6]), frozenset(match[1].split()))
            for match in CARD.finditer(article)
        }
        self.ranks = {
            urljoin("/kooperationen/", match[5]): tuple(map(int, match.group(2, 3, 4)))
            for match in CARD.finditer(article)
        }
        self.facets = {
            match[1]: {
                value[2]: (urljoin("/kooperationen/", value[1]), unescape(value[3]), int(value[4]))
                for value in VALUE.finditer(match[3])
            }
            for match in FACET.finditer(article)
        }
        self.titles = {match[1]: unescape(match[2]) for match in FACET.finditer(article)}

    def fitting(self, chosen: dict[str, list[str]]) -> set[str]:
        """Titles of the cases with any of the values in each of the facets."""
        return {
            title
            for title, marks in self.cards.values()
            if all(any(f"{key}:{code}" in marks for code in codes) for key, codes in chosen.items())
        }

    def empty_pair(self) -> dict[str, list[str]]:
        """Two values of two facets that no case has both."""
        return next(
            {"muster": [pattern], "rechtsform": [form]}
            for pattern in self.facets["muster"]
            for form in self.facets["rechtsform"]
            if not self.fitting({"muster": [pattern], "rechtsform": [form]})
        )


@pytest.fixture(scope="module")
def sammlung(site_entwurf, seiten) -> Collection:
    return Collection(site_entwurf, seiten)


def query(chosen: dict[str, list[str]]) -> str:
    return "&".join(f"{key}={code}" for key, codes in chosen.items() for code in codes)


@lru_cache
def headings(html: str) -> list[re.Match[str]]:
    return list(HEADING.finditer(html))


def section(html: str, anchor: str) -> str:
    """From the heading with this anchor to the next of the same level or above."""
    found = headings(html)
    at = next(index for index, one in enumerate(found) if one[2] == anchor)
    end = next((one.start() for one in found[at + 1 :] if one[1] <= found[at][1]), len(html))
    return html[found[at].end() : end]


# --- the page and its plain lists


@pytest.mark.parametrize("site", ["site_entwurf", "site_beispiel"])
def test_the_plain_target_of_every_value_lists_exactly_its_cases(request, seiten, site):
    folder = request.getfixturevalue(site)
    page = Collection(folder, seiten)
    assert len(page.facets) >= 9
    pages: dict[str, str] = {}
    wrong = {}
    for key, values in page.facets.items():
        for code, (target, _, number) in values.items():
            address, _, anchor = target.strip("/").partition("#")
            address = f"{address.strip('/')}/"
            if address not in pages:
                pages[address] = seiten.article(seiten.html(folder, address))
            hrefs = re.findall(r'href="([^"#]+)"', section(pages[address], anchor))
            listed = {urljoin(f"/{address}", one) for one in hrefs} & page.cards.keys()
            marked = {one for one, (_, marks) in page.cards.items() if f"{key}:{code}" in marks}
            if not marked or listed != marked or number != len(marked):
                wrong[f"{key}:{code}"] = (number, sorted(listed ^ marked))
    assert not wrong


@pytest.mark.parametrize("site", ["site_entwurf", "site_beispiel"])
def test_every_published_case_is_there_winners_included(request, seiten, site):
    folder = request.getfixturevalue(site)
    page = Collection(folder, seiten)
    with (folder / "daten/faelle.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(title for title, _ in page.cards.values()) == sorted(
        " ".join(row["titel"].split()) for row in rows
    )
    winners = {target for target, (_, marks) in page.cards.items() if "preis:ja" in marks}
    assert winners == {one for one in page.cards if one.startswith("/preistraeger/")}
    assert winners


def test_the_order_is_that_of_german_lists(projekt_kopie, jetzt):
    project = projekt_kopie(fast=True)
    names = {"archiv-kreis-lippe": "Ähre", "datenschutz-stormarn": "Zebra", "hwserft": "Ahorn"}
    for slug, title in names.items():
        file = project / f"data/cooperations/{slug}.yml"
        text = re.sub(
            r"^titel:.*$", f"titel: {title} am Rand", file.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        file.write_text(text, encoding="utf-8")
    specs = planning.plan(project, "entwurf", jetzt).specs
    listed = next(one for one in specs if one.address == "kooperationen/").context["listed"]
    by_title = [one.entry.title for one in sorted(listed, key=lambda one: one.ranks["titel"])]
    order = [one.partition(" ")[0] for one in by_title if one.endswith(" am Rand")]
    assert order == ["Ahorn", "Ähre", "Zebra"]


def test_the_newest_come_first_and_the_undated_last(sammlung, site_entwurf):
    with (site_entwurf / "daten/faelle.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["titel"]: row for row in csv.DictReader(file)}

    def year(title: str) -> int:
        row = rows[title]
        date = row["in_betrieb_seit"] or row["vereinbart_am"] or row["belegt_seit"]
        return int((date or row["edition"] or "0")[:4])

    order = sorted(sammlung.cards, key=lambda one: sammlung.ranks[one][0])
    years = [year(sammlung.cards[one][0]) for one in order]
    assert years == sorted(years, reverse=True)
    assert order == list(sammlung.cards)


def test_the_page_stays_light(site_entwurf):
    html = (site_entwurf / "kooperationen/index.html").read_bytes()
    assert len(gzip.compress(html)) < 30_000


# --- in the browser


def shown(watch) -> set[str]:
    return set(watch.page.locator("[data-ikz-karten] > li:visible .ikz-karte__titel").all_text_contents())


@pytest.mark.browser
def test_by_keyboard_a_choice_is_counted_told_shared_and_taken_back(visit, sites, sammlung):
    watch = visit(sites.real)
    watch.open("kooperationen/")
    page, total = watch.page, len(sammlung.cards)
    status = page.locator("[role=status]")
    expect(status).to_have_text(f"{total} Kooperationen")
    page.locator("[data-ikz-filter] > summary").focus()
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Rechtsform":
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    code, (_, title, number) = next(iter(sammlung.facets["rechtsform"].items()))
    expect(page.get_by_label(f"{title} {number} Treffer", exact=True)).to_be_checked()
    expect(status).to_have_text(f"{number} von {total} Kooperationen")
    assert page.url.endswith(f"kooperationen/?rechtsform={code}")
    assert shown(watch) == sammlung.fitting({"rechtsform": [code]})
    page.reload()
    expect(status).to_have_text(f"{number} von {total} Kooperationen")
    assert shown(watch) == sammlung.fitting({"rechtsform": [code]})
    page.get_by_role("button", name=f"{title} entfernen").press("Enter")
    expect(status).to_have_text(f"{total} Kooperationen")
    expect(page.locator("#ergebnis")).to_be_focused()
    page.go_back()
    expect(status).to_have_text(f"{number} von {total} Kooperationen")
    expect(page.get_by_label(f"{title} {number} Treffer", exact=True)).to_be_checked()
    page.get_by_role("button", name="alles zurücksetzen").press("Enter")
    expect(status).to_have_text(f"{total} Kooperationen")
    assert page.url.endswith("kooperationen/")
    assert not watch.drain()


@pytest.mark.browser
def test_values_of_a_facet_add_up_and_facets_cut_down(visit, sites, sammlung):
    watch = visit(sites.real)
    fields, regions = list(sammlung.facets["aufgabenfeld"]), list(sammlung.facets["bezirk"])
    for chosen in (
        {"aufgabenfeld": fields[:2]},
        {"aufgabenfeld": fields[:9], "bezirk": regions[:2]},
        {"aufgabenfeld": fields, "preis": ["nein"], "stand": ["laufend"]},
        {"kreis": ["05554000"], "preis": ["ja"]},
    ):
        watch.open(f"kooperationen/?{query(chosen)}")
        found = sammlung.fitting(chosen)
        assert found
        assert shown(watch) == found, chosen
        # Each number says what one would find with that value instead of those of its own facet.
        for key, values in sammlung.facets.items():
            others = {one: codes for one, codes in chosen.items() if one != key}
            wanted = [len(sammlung.fitting({**others, key: [code]})) for code in values]
            box = watch.page.locator(f"[data-facette={key}]")
            assert [int(one) for one in box.locator(".ikz-zahl").all_text_contents()] == wanted, key
            disabled = box.locator("input").evaluate_all("all => all.map(one => one.disabled)")
            picked = [code in chosen.get(key, ()) for code in values]
            assert disabled == [not many and not own for many, own in zip(wanted, picked, strict=True)], key
    assert not watch.drain()


@pytest.mark.browser
def test_an_odd_address_is_read_as_far_as_it_makes_sense(visit, sites, sammlung):
    watch = visit(sites.real)
    watch.open(
        "kooperationen/?muster=gibtesnicht&preis=ja&sortierung=quatsch&x=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    )
    assert shown(watch) == sammlung.fitting({"preis": ["ja"]})
    expect(watch.page.get_by_label("Sortieren")).to_have_value("neueste")
    hint = watch.page.get_by_text("Die Adresse nennt eine Auswahl, die es hier nicht gibt.")
    expect(hint).to_be_visible()
    watch.open("kooperationen/?preis=ja&sortierung=titel")
    expect(hint).to_be_hidden()
    assert not watch.drain()


@pytest.mark.browser
@pytest.mark.parametrize("order, place", [("neueste", 0), ("seltenste", 1), ("titel", 2)])
def test_cards_stand_in_the_chosen_order(visit, sites, sammlung, order, place):
    watch = visit(sites.real)
    watch.open("kooperationen/")
    watch.page.get_by_label("Sortieren").select_option(order)
    wanted = [
        sammlung.cards[one][0] for one in sorted(sammlung.cards, key=lambda one: sammlung.ranks[one][place])
    ]
    assert watch.page.locator("[data-ikz-karten] .ikz-karte__titel").all_text_contents() == wanted
    assert watch.page.url.endswith(
        "kooperationen/" if order == "neueste" else f"kooperationen/?sortierung={order}"
    )


@pytest.mark.browser
def test_nothing_found_says_what_to_drop_and_what_that_gives(visit, sites, sammlung):
    chosen = sammlung.empty_pair()
    watch = visit(sites.real)
    watch.open(f"kooperationen/?{query(chosen)}")
    expect(watch.page.locator("[role=status]")).to_have_text(f"0 von {len(sammlung.cards)} Kooperationen")
    help_ = watch.page.locator("[data-ikz-leer]")
    for key, (code,) in chosen.items():
        rest = len(sammlung.fitting({one: codes for one, codes in chosen.items() if one != key}))
        words = f"Ohne {sammlung.titles[key]} „{sammlung.facets[key][code][1]}“: {rest} Kooperation"
        expect(help_.get_by_role("button", name=words)).to_have_count(1)
    help_.get_by_role("button").first.press("Enter")
    expect(help_).to_be_hidden()
    assert len(shown(watch)) > 0
    expect(watch.page.locator("#ergebnis")).to_be_focused()
    assert not watch.drain()


@pytest.mark.browser
def test_without_script_the_values_are_links_to_the_lists(visit, sites, sammlung):
    watch = visit(sites.real, java_script_enabled=False, viewport={"width": 390, "height": 800})
    watch.open("kooperationen/")
    assert len(shown(watch)) == len(sammlung.cards)
    watch.page.locator("[data-ikz-filter] > summary").click()
    code, (_, title, _) = next(iter(sammlung.facets["aufgabenfeld"].items()))
    watch.page.locator("[data-facette=aufgabenfeld]").get_by_role("link", name=title, exact=True).click()
    assert f"register/#aufgabenfeld-{code}" in watch.page.url
    for one in sammlung.fitting({"aufgabenfeld": [code]}):
        assert watch.page.locator(f"section:has(#aufgabenfeld-{code})").get_by_role("link", name=one).count()


@pytest.mark.browser
def test_the_link_of_a_category_shows_what_it_promises(visit, sites):
    watch = visit(sites.real)
    watch.open("kategorien/umwelt-planung-infrastruktur/")
    link = watch.page.get_by_role("link", name=re.compile(r"Alle \d+ ansehen"))
    number = re.search(r"\d+", link.inner_text())[0]
    link.click()
    expect(watch.page.locator("[role=status]")).to_have_text(re.compile(rf"^{number} von "))


@pytest.mark.browser
@pytest.mark.parametrize(
    "width, scheme",
    [
        ("phone", "light"),
        ("desk", "dark"),
        pytest.param("phone", "dark", marks=pytest.mark.slow),
        pytest.param("desk", "light", marks=pytest.mark.slow),
    ],
)
def test_collection_map_and_case_pass_every_check_of_axe(visit, sites, width, scheme):
    """All rules, also those for good practice, on what is ours of the page."""
    watch = look(visit, sites.real, width, scheme)
    found = {}
    for address in ("kooperationen/?muster=zweigstelle&preis=ja", "karte/", "kooperationen/hwserft/"):
        watch.open(address)
        watch.page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        result = watch.page.evaluate("axe.run('article.md-content__inner', {resultTypes: ['violations']})")
        found[address] = [
            f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:160]}"
            for one in result["violations"]
            for node in one["nodes"][:2]
        ]
    assert not {address: many for address, many in found.items() if many}
    assert not watch.drain()
