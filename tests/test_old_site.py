"""A site that was built before a moment and is read after it, in a real Chromium."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

pytestmark = pytest.mark.browser

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
