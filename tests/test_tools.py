"""The tools for readers in a real Chromium: compare, „Passt das zu uns?“, cite, print; and what is left without script."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

import support

pytestmark = pytest.mark.browser

TWO = "vergleich/?fall1=hwserft&fall2=kag-baumberge-touristik"


# --- compare


def test_an_address_shows_the_comparison_it_names(visit, sites):
    watch = visit(sites.real)
    watch.open(TWO)
    table = watch.page.locator("[data-ikz-ergebnis] table")
    expect(table.locator("thead th")).to_have_text(
        [
            "Interkommunale Hochwasserschutzkooperation Erft (hwsErft)",
            "Kommunale Arbeitsgemeinschaft Baumberge-Touristik",
        ]
    )
    row = table.locator("tr", has=watch.page.get_by_role("rowheader", name="Muster", exact=True))
    expect(row.locator("td")).to_have_text(["Funktionsraum statt Gemeindegrenze", "Rotierende Federführung"])
    assert not watch.drain()


def test_choosing_a_third_case_changes_table_and_address(visit, sites):
    watch = visit(sites.real)
    watch.open(TWO)
    third = next(iter(support.winners()), "archiv-kreis-lippe")
    watch.page.get_by_label("Dritter Fall").select_option(third)
    expect(watch.page.locator("[data-ikz-ergebnis] thead th")).to_have_count(3)
    shared = watch.page.url
    assert shared.endswith(f"fall1=hwserft&fall2=kag-baumberge-touristik&fall3={quote(third, safe='')}")
    again = visit(sites.real)
    again.page.goto(shared)
    expect(again.page.locator("[data-ikz-ergebnis] thead th")).to_have_count(3)
    expect(again.page.get_by_label("Dritter Fall")).to_have_value(third)


@pytest.mark.parametrize(
    "query, columns",
    [
        ("?fall1=hwserft&fall2=hwserft", 0),
        ("?fall1=gibtesnicht&fall2=hwserft", 0),
        ("?fall1=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&fall2=hwserft&fall4=wir4-genend", 2),
        (
            "?fall1=hwserft&fall2=wir4-genend&fall3=drehleitern-vier-staedte&fall4=archiv-kreis-lippe&fall5=nordlippe-leader",
            4,
        ),
    ],
)
def test_an_odd_address_shows_what_it_can(visit, sites, query, columns):
    watch = visit(sites.real)
    watch.open(f"vergleich/{query}")
    expect(watch.page.locator("[data-ikz-ergebnis] thead th")).to_have_count(columns)
    assert not watch.drain()


def test_an_address_that_names_something_unknown_says_so(visit, sites):
    watch = visit(sites.real)
    watch.open("vergleich/?fall1=gibtesnicht&fall2=hwserft&fall3=wir4-genend")
    expect(watch.page.locator("[data-ikz-ergebnis]")).to_contain_text("nicht oder nicht mehr gibt")
    watch.open("passt-das-zu-uns/?feld=archiv")
    expect(watch.page.locator("[data-ikz-ergebnis]")).to_have_text("Wählen Sie noch Ihre Kommune.")


def test_a_comparison_works_by_keyboard_and_moves_to_its_result(visit, sites):
    watch = visit(sites.real)
    watch.open(TWO)
    expect(watch.page.locator("[data-ikz-ergebnis] h2")).to_be_visible()
    watch.page.get_by_role("button", name="Nebeneinander stellen").focus()
    watch.page.keyboard.press("Enter")
    assert watch.page.evaluate("document.activeElement.textContent") == "2 Fälle nebeneinander"


def test_the_cases_of_a_pattern_stand_side_by_side_without_script(visit, sites):
    watch = visit(sites.real, java_script_enabled=False)
    watch.open("muster/gastarbeitsplatz/")
    expect(watch.page.locator("#nebeneinander ~ details table thead th").first).to_be_visible()
    assert watch.page.locator("#nebeneinander ~ details table thead th").count() == 3
    watch.open("vergleich/")
    watch.page.get_by_role("link", name="Gastarbeitsplatz bei der Nachbarverwaltung").first.wait_for()


# --- „Passt das zu uns?“


def choose(watch, **values: str) -> list[str]:
    """Titles of the patterns the tool shows."""
    for label, value in values.items():
        watch.page.get_by_label(label.replace("_", " "), exact=True).select_option(value)
    # The first choice loads the data.
    watch.page.wait_for_load_state("networkidle")
    return watch.page.locator("[data-ikz-ergebnis] h3.ikz-karte__titel").all_inner_texts()


def test_a_town_sees_what_it_neighbours_and_its_like_tried_with_the_reason(visit, sites):
    watch = visit(sites.real)
    watch.open("passt-das-zu-uns/?kommune=05558024&feld=vergabe")
    result = watch.page.locator("[data-ikz-ergebnis]")
    expect(result.locator("h2")).to_have_text("Lüdinghausen")
    expect(result).to_contain_text("Wachsender Verbund")
    expect(result).to_contain_text("Lüdinghausen ist selbst dabei")
    assert not watch.drain()


def test_a_neighbour_is_named_as_one(visit, sites):
    """Rosendahl borders on Billerbeck and Coesfeld; both are in the music school, Rosendahl is not in all of it."""
    watch = visit(sites.real)
    watch.open("passt-das-zu-uns/")
    choose(watch, Ihre_Kommune="05558036", Aufgabe="vergabe")
    expect(watch.page.locator("[data-ikz-ergebnis]")).to_contain_text("aus demselben Kreis")
    assert "kommune=05558036" in watch.page.url
    assert "feld=vergabe" in watch.page.url


def test_an_aim_leaves_only_patterns_that_serve_it(visit, sites):
    watch = visit(sites.real)
    watch.open("passt-das-zu-uns/?kommune=05558024")
    expect(watch.page.locator("[data-ikz-ergebnis]")).to_contain_text("Wachsender Verbund")
    assert choose(watch, Ziel="krise")
    expect(watch.page.locator("[data-ikz-ergebnis]")).not_to_contain_text("Wachsender Verbund")
    expect(watch.page.locator("[data-ikz-ergebnis]")).to_contain_text("Funktionsraum statt Gemeindegrenze")


def test_an_empty_result_says_what_to_relax(visit, sites):
    watch = visit(sites.real)
    watch.open("passt-das-zu-uns/?kommune=05111000&feld=bauhof&ziel=krise")
    expect(watch.page.locator("[data-ikz-ergebnis]")).to_contain_text("Lassen Sie Aufgabe oder Ziel offen.")


def test_without_script_there_is_a_table_by_task(visit, sites):
    watch = visit(sites.real, java_script_enabled=False, viewport={"width": 390, "height": 800})
    watch.open("passt-das-zu-uns/")
    row = watch.page.locator("tr", has=watch.page.locator("#feld-vergabe"))
    expect(row).to_contain_text("Zentrale Vergabestelle")
    expect(watch.page.locator("noscript p")).to_be_visible()


# --- cite, download, print


def test_a_citation_is_copied_with_the_whole_address(visit, sites):
    watch = visit(sites.real, permissions=["clipboard-read", "clipboard-write"])
    watch.open("muster/rotierende_federfuehrung/")
    watch.page.get_by_role("button", name="Kopieren").click()
    expect(watch.page.get_by_role("button", name="Kopiert")).to_be_visible()
    copied = watch.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("„Muster: Rotierende Federführung“. In: Sammlung zum Landespreis")
    assert copied.endswith(f"{sites.real}/muster/rotierende_federfuehrung/")


@pytest.mark.parametrize("address", ["muster/rotierende_federfuehrung/", "kooperationen/hwserft/"])
def test_the_council_paper_can_be_downloaded(visit, sites, address):
    watch = visit(sites.real)
    watch.open(address)
    with watch.page.expect_download() as download:
        watch.page.get_by_role("link", name="Beschlussvorlage (Word)").click()
    assert download.value.suggested_filename == "beschlussvorlage.docx"
    assert download.value.path().read_bytes().startswith(b"PK")


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def on_paper(watch, addresses: list[str]) -> dict[str, int]:
    """How many sheets each page takes."""
    found = {}
    for address in addresses:
        watch.open(address)
        found[address] = sheets(watch.page.pdf(prefer_css_page_size=True))
    return found


ON_ONE_SHEET = r"muster/.+/|preistraeger/.+/.+/|kooperationen/.+/"


def test_showcases_and_patterns_print_on_one_sheet(visit, sites, site_beispiel, seiten):
    real = [
        *("muster/aufgabenuebernahme/", "muster/gemeinsame_einrichtung/", "muster/kreis_als_dienstleister/"),
        *(f"preistraeger/{one}/" for one in support.winners()),
        "kooperationen/servicestelle-personal-warendorf/",
    ]
    assert on_paper(visit(sites.real), real) == dict.fromkeys(real, 1)
    # Written as long as the limits allow.
    long = [one for one in seiten.addresses(site_beispiel) if re.fullmatch(r"preistraeger/.+/.+/", one)]
    assert len(long) >= 2
    assert on_paper(visit(sites.hostile), long) == dict.fromkeys(long, 1)


@pytest.mark.slow
def test_every_case_and_every_pattern_prints_on_one_sheet(visit, sites, site_entwurf, seiten):
    every = [one for one in seiten.addresses(site_entwurf) if re.fullmatch(ON_ONE_SHEET, one)]
    assert len(every) > 90
    assert on_paper(visit(sites.real), every) == dict.fromkeys(every, 1)


def test_a_page_that_is_longer_takes_more_sheets(visit, sites):
    """The count above can see it."""
    assert on_paper(visit(sites.real), ["methode/"])["methode/"] > 1
