"""By keyboard and by ear: every stop is seen and named, nothing traps, and a screen reader hears the frame."""

from __future__ import annotations

from pathlib import Path

import pytest

import support
from browsing import look, tab_walk

pytestmark = pytest.mark.browser


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


FRAME = Path(__file__).with_name("rahmen.txt")


def test_a_screen_reader_hears_the_frame_as_written_down(visit, sites):
    """Banner, navigation and foot by role and name; whoever changes them reads the difference."""
    watch = look(visit, sites.real)
    watch.open("impressum/")
    heard = [
        watch.page.locator(one).aria_snapshot() for one in (".md-header", ".md-tabs", "main h1", "footer")
    ]
    support.compare(FRAME, "\n\n".join(heard) + "\n")
