"""The pages in a real Chromium: width, errors, foreign requests, accessibility, without JavaScript."""

from __future__ import annotations

import re

import pytest

import support
from browsing import LOOKS, look, walk

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
    *(f"preistraeger/{one}/" for one in support.winners()[:1]),
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


@pytest.mark.parametrize("first", [0, 1], ids=["even", "odd"])
def test_pages_fit_load_without_trouble_and_are_accessible(visit, sites, first):
    """Each page in one look, in turn; axe takes longer over a page than all else together."""
    watch = look(visit, sites.real)
    assert not walk(watch, PAGES[first::2], looks=LOOKS[first : first + 1])


@pytest.mark.slow
def test_every_page_is_accessible_in_every_look(visit, sites):
    watch = look(visit, sites.real)
    assert not walk(watch, PAGES, looks=LOOKS)


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


def test_who_wants_no_motion_gets_none(visit, sites):
    watch = look(visit, sites.real)
    watch.open("")
    moving = watch.page.evaluate("""[...document.querySelectorAll("*")].filter(one => {
      const style = getComputedStyle(one);
      return [...style.transitionDuration.split(","), ...style.animationDuration.split(",")].some(time => parseFloat(time) > 0.05);
    }).map(one => one.className)""")
    assert not moving


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
