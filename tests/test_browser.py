"""The pages in a real Chromium: width, errors, foreign requests, accessibility, without JavaScript, out of date."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

import support
from browsing import LOOKS, look, tab_walk, walk

# One page of each type.
PAGES = (
    "",
    "ausschreibung/2026/",
    "teilnahmebedingungen/2026/",
    "faq/",
    "kategorien/",
    "kategorien/krisenbewaeltigung/",
    "preistraeger/",
    "preistraeger/2022/",
    "preistraeger/2022/nacht-der-ausbildung-borken/",
    "kooperationen/",
    "register/",
    "karte/",
    "kooperationen/hwserft/",
    "muster/",
    "muster/zweigstelle/",
    "muster/kreis_als_dienstleister/",
    "weisse-flecken/",
    "uebernahmen/",
    "passt-das-zu-uns/?kommune=05558024",
    "suche/?q=Hallenbad",
    "404.html",
    "vergleich/?fall1=hwserft&fall2=kag-baumberge-touristik",
    "kommunen/",
    "kommunen/05554008/",
    "rechtsformen/",
    "pruefregeln/",
    "methode/",
    "daten/",
    "kontakt/",
    "impressum/",
    "datenschutz/",
    "barrierefreiheit/",
    "leichte-sprache/",
    "glossar/",
    "english/",
    "mitteilungen/",
    "mitteilungen/schlagworte/",
    "mitteilungen/sammlung-ist-online/",
    "abonnieren/",
)
# Pages with texts that were written to break a page.
HOSTILE = (
    "preistraeger/beispiel/",
    "preistraeger/beispiel/waermekataster-erfundenau/",
    "preistraeger/beispiel/vergabezentrum-musterstadt/",
    "kooperationen/kultursommer-phantasiegruen/",
    "kooperationen/austauschkreis-bandwurmwort/",
    "kooperationen/",
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("pages", [PAGES[::2], PAGES[1::2]], ids=["even", "odd"])
def test_pages_fit_load_without_trouble_and_are_accessible(visit, sites, pages):
    watch = look(visit, sites.real)
    assert not walk(watch, pages)


@pytest.mark.slow
def test_pages_are_accessible_in_the_other_looks_as_well(visit, sites):
    watch = look(visit, sites.real)
    assert not walk(watch, PAGES, looks=LOOKS[2:])


@pytest.mark.parametrize("scheme, expected", [("light", "default"), ("dark", "slate")])
def test_the_palette_follows_the_device_and_the_choice(visit, sites, scheme, expected):
    watch = visit(sites.real, color_scheme=scheme)
    watch.open("")
    body = watch.page.locator("body")
    assert body.get_attribute("data-md-color-scheme") == expected
    other = {"light": "Dunkle Darstellung", "dark": "Helle Darstellung"}[scheme]
    watch.page.get_by_role("button", name=other).focus()
    watch.page.keyboard.press("Space")
    chosen = body.get_attribute("data-md-color-scheme")
    assert chosen != expected
    watch.open("muster/")
    assert body.get_attribute("data-md-color-scheme") == chosen


def test_hostile_texts_neither_run_nor_break_the_page(visit, sites):
    watch, pages = look(visit, sites.hostile), HOSTILE
    watch.page.add_init_script(
        "window.called = []; for (const name of ['alert', 'confirm', 'prompt']) window[name] = (...all) => called.push(all);"
    )
    # Elements that act, and that nothing in a record may become.
    acting = (
        "script:not([src$='/assets/ikz/sammlung.js'])",
        "iframe",
        "[onclick]",
        "[onerror]",
        "[href^='javascript:']",
        "[href^='data:']",
    )
    wrong = walk(watch, pages, lambda: watch.page.evaluate("window.called"))
    assert not wrong
    for address in pages:
        watch.open(address)
        found = watch.page.locator(", ".join(f"article.md-content__inner {one}" for one in acting))
        assert found.count() == 0, address


def test_hostile_titles_read_as_they_are_written(visit, sites):
    watch = visit(sites.hostile)
    watch.open("preistraeger/beispiel/waermekataster-erfundenau/")
    title = 'Wärmekataster <script>alert(1)</script> für Erfundenau & "Umland"'
    assert watch.page.locator("h1").inner_text() == title
    assert watch.page.title().startswith(title)
    assert "{{ 7*7 }}" in watch.page.locator("article.ikz-fall").inner_text()
    watch.open("kooperationen/kultursommer-phantasiegruen/")
    assert watch.page.locator("h1").inner_text().startswith("{{")


def test_the_watch_sees_trouble(visit, server, tmp_path):
    """The tests above look through these eyes."""
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="de"><title>t</title><main><div style="width:3000px">wide</div>'
        '<p style="color:#ccc;background:#fff">pale</p></main><img src="gone.png"><script>alert(1); console.error("e"); missing();</script>'
        '<script src="http://127.0.0.2:9/x.js"></script>'
    )
    watch = look(visit, server(tmp_path))
    found = walk(watch, ("",))["/"]
    for sign in (
        "dialog",
        "console: e",
        "error: missing",
        "foreign: http://127.0.0.2",
        "404",
        "DIV",
        "page:",
        "landmark",
        "double: ",
    ):
        assert any(sign in one for one in found), (sign, found)


# --- keyboard


def test_the_keyboard_reaches_the_content_first(visit, sites):
    watch = visit(sites.real)
    watch.open("muster/zweigstelle/")
    watch.page.keyboard.press("Tab")
    focused = watch.page.evaluate(
        "[document.activeElement.textContent.trim(), document.activeElement.getAttribute('href')]"
    )
    assert focused[0].startswith("Zum Inhalt"), focused
    watch.page.keyboard.press("Enter")
    assert watch.page.evaluate("document.querySelector(location.hash) !== null")


# Header, menu, foot and what the pages add: forms, tables that scroll, cards.
WALKED = ("", "muster/zweigstelle/", "vergleich/?fall1=hwserft&fall2=kag-baumberge-touristik", "faq/")


@pytest.mark.parametrize("width", ["desk", "phone"])
@pytest.mark.parametrize("address", WALKED)
def test_every_stop_of_the_keyboard_is_seen_and_named(visit, sites, address, width):
    watch = look(visit, sites.real, width)
    watch.open(address)
    stops = tab_walk(watch.page)
    assert len(stops) > 10
    assert not [one for one in stops if not one.name], "without a name"
    # The link to the content comes into view as the focus reaches it, which takes the theme a moment.
    assert not [one.name for one in stops[1:] if not one.is_seen], "out of sight"
    assert not [one.name for one in stops if not one.has_ring], "without a visible focus"


def test_the_menu_of_a_narrow_window_opens_and_closes_by_keyboard(visit, sites):
    watch = look(visit, sites.real, "phone")
    watch.open("muster/zweigstelle/")
    button = watch.page.get_by_role("button", name="Menü")
    link = watch.page.locator("#ikz-menue").get_by_role("link", name="Preisträger", exact=True)
    assert button.get_attribute("aria-expanded") == "false"
    assert not link.is_visible()
    for key in ("Enter", " "):
        button.focus()
        watch.page.keyboard.press(key)
        link.wait_for(state="visible")
        assert button.get_attribute("aria-expanded") == "true"
        assert watch.page.evaluate("document.getElementById('ikz-menue').contains(document.activeElement)")
        watch.page.keyboard.press("Escape")
        link.wait_for(state="hidden")
        assert watch.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Menü"


def test_a_single_key_does_nothing_by_itself(visit, sites):
    """Somebody who speaks to a computer sends single letters (WCAG 2.2, 2.1.4)."""
    watch = visit(sites.real)
    watch.open("muster/")
    for key in "pn,.sf/":
        watch.page.keyboard.press(key)
    watch.page.wait_for_timeout(300)
    assert watch.page.url.endswith("/muster/")
    assert watch.page.evaluate("document.activeElement === document.body")


def test_who_wants_no_motion_gets_none(visit, sites):
    watch = look(visit, sites.real)
    watch.open("")
    moving = watch.page.evaluate("""[...document.querySelectorAll("*")].filter(one => {
      const style = getComputedStyle(one);
      return [...style.transitionDuration.split(","), ...style.animationDuration.split(",")].some(time => parseFloat(time) > 0.05);
    }).map(one => one.className)""")
    assert not moving


FRAME = Path(__file__).with_name("rahmen.txt")


def test_a_screen_reader_hears_the_frame_as_written_down(visit, sites):
    """Banner, navigation and foot by role and name; whoever changes them reads the difference."""
    watch = look(visit, sites.real)
    watch.open("impressum/")
    heard = [
        watch.page.locator(one).aria_snapshot() for one in (".md-header", ".md-tabs", "main h1", "footer")
    ]
    support.compare(FRAME, "\n\n".join(heard) + "\n")


# --- without JavaScript


def test_pages_are_readable_without_javascript(visit, sites):
    watch = visit(sites.real, java_script_enabled=False, viewport={"width": 390, "height": 800})
    for address, text in {
        "": "Die Bewerbungsfrist ist abgelaufen",
        "kooperationen/hwserft/": "Erftverband",
        "muster/zweigstelle/": "Kernfrage",
        "preistraeger/2022/": "Noch nicht erfasst",
    }.items():
        watch.open(address)
        assert watch.page.locator("h1").first.is_visible(), address
        assert watch.page.locator("article").first.get_by_text(re.compile(text)).first.is_visible(), address
        assert not watch.drain(), address
    watch.open("")
    hidden = watch.page.locator("[data-ikz-nur]:visible")
    assert hidden.count() == 1


# --- a site that was built before a moment and is read after it

MOMENTS = {
    "2025-11-20T12:00+01:00": "vorher",
    "2025-12-20T12:00+01:00": "offen",
    "2026-02-09T23:59:30+01:00": "offen",
    "2026-02-10T00:00:30+01:00": "geschlossen",
    # The results are not on this page, so it must not say that they are announced.
    "2026-08-01T12:00+02:00": "geschlossen",
}


@pytest.fixture(scope="module")
def stale(projekt_kopie, frueher, fertig, server, tmp_path_factory) -> str:
    """A site built before the application opens, never built again."""
    project = frueher(projekt_kopie(fast=True))
    file = project / "data/reference/editionen/2026.yml"
    text = re.sub(r"^  - bekanntgabe\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(f"{text}\nbekanntgabe: 2026-07-01\n", encoding="utf-8")
    return server(
        fertig(tmp_path_factory.mktemp("alt") / "site", projekt=project, moment="2025-11-15T12:00+01:00")
    )


@pytest.mark.parametrize("moment, phase", MOMENTS.items())
def test_an_old_build_says_what_is_true_when_it_is_read(visit, stale, moment, phase):
    watch = visit(stale)
    watch.page.clock.install(time=datetime.fromisoformat(moment))
    watch.open("")
    shown = watch.page.locator("[data-ikz-nur]:visible")
    assert [one.get_attribute("data-ikz-nur") for one in shown.all()] == [phase]
    assert watch.page.get_by_role("link", name="Zur Bewerbung").count() == (phase == "offen")


def test_an_open_page_closes_when_the_deadline_passes(visit, stale):
    watch = visit(stale)
    watch.page.clock.install(time=datetime.fromisoformat("2026-02-09T23:58+01:00"))
    watch.open("")
    assert watch.page.locator("[data-ikz-nur=offen]").first.is_visible()
    watch.page.clock.run_for(4 * 60 * 1000)
    assert not watch.page.locator("[data-ikz-nur=offen]").first.is_visible()
    assert watch.page.locator("[data-ikz-nur=geschlossen]").first.is_visible()


def test_a_wrong_clock_does_not_reopen_what_is_closed(visit, sites):
    watch = visit(sites.real)
    watch.page.clock.install(time=datetime.fromisoformat("2026-01-10T12:00+01:00"))
    watch.open("")
    assert watch.page.locator("[data-ikz-nur=geschlossen]").first.is_visible()
    assert watch.page.get_by_role("link", name="Zur Bewerbung").count() == 0
