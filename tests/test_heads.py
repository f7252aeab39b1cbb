"""What stands in the head of pages for machines: cards, Open Graph, JSON-LD, sitemap and robots: whole and true. That they tell nothing too early is shown in ``test_feeds``."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

import support
from ikz_award import cards, planning, routes, structured_data, structured_pages
from ikz_award.diagram import constellation

SITE = "https://preis.example"
LONG = (
    "Interkommunale Hochwasserschutzkooperation Erft (hwsErft)",
    "Feuer kennt keine Gemeindegrenzen – gemeinsame Löscheinheit Huisberden / Emmericher Eyland / Bylerward",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "Zusammenarbeit " * 30,
    "A",
)


def properties(html: str) -> dict[str, str]:
    return {
        name: unescape(value)
        for name, value in re.findall(
            r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', html
        )
    }


def structured(html: str) -> dict[str, dict]:
    """JSON-LD of a page by type; none twice but events."""
    found = [
        json.loads(one)
        for one in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    ]
    assert all(one["@context"] == "https://schema.org" for one in found)
    return {f"{one['@type']}{one.get('name', '') if one['@type'] == 'Event' else ''}": one for one in found}


# --- cards


@pytest.mark.parametrize("title", LONG)
def test_every_title_fits_on_its_card(title):
    size, lines = cards._fit(title)
    font = cards._font(size, 750)
    assert all(font.getlength(line) <= cards._TEXT_WIDTH for line in lines)
    assert len(lines) * size * cards._LINE <= cards._TEXT_HEIGHT
    assert lines[0][0] == title[0]


def test_lines_are_as_alike_as_they_can_be():
    font = cards._font(64, 750)
    lines = cards._balanced("Gemeinsame Beschaffung von vier baugleichen Drehleitern", font)
    widths = [font.getlength(line) for line in lines]
    greedy = [font.getlength(one) for one in cards._wrapped(" ".join(lines), font, cards._TEXT_WIDTH)]
    assert len(widths) == len(greedy)
    assert max(widths) - min(widths) <= max(greedy) - min(greedy)


def test_a_card_is_a_small_picture_of_the_right_size_and_always_the_same():
    rows = [
        {"name": f"Partner {number}", "art": kind, "kommunal_beherrscht": None, "anzahl": None}
        for number, kind in enumerate(["kommune"] * 14 + ["verein"])
    ]
    card = cards.Card("Kooperation", LONG[1], constellation(rows, "Partner 0"))
    data = cards.draw(card)
    assert cards.draw(card) == data
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.size, picture.mode) == ("PNG", (1200, 630), "P")
    assert len(data) < 40_000
    colours = {colour for _, colour in picture.convert("RGB").getcolors(4096)}
    assert {cards._GROUND, *cards._INKS} <= colours
    assert len(colours) <= 16, "half a byte for a pixel"
    assert not picture.info, "no dates and no names of programs"


def test_every_pattern_and_every_case_has_a_card_and_all_else_the_general_one(site_produktion, seiten):
    own = 0
    for address in seiten.addresses(site_produktion):
        seen = properties(seiten.html(site_produktion, address))
        card = seen["og:image"].removeprefix(f"{SITE}/")
        own += card == routes.card(address)
        assert card in {routes.card(address), routes.card(routes.GENERAL_CARD)}
        assert (site_produktion / card).stat().st_size < 40_000
    drawn = list((site_produktion / "assets/ikz/karten").rglob("*.png"))
    assert own == len(drawn) - 1 > 80


# --- what links show


def test_every_page_says_what_a_link_to_it_shows(site_produktion, seiten):
    for address in seiten.addresses(site_produktion):
        html = seiten.html(site_produktion, address)
        seen = properties(html)
        assert seen.keys() >= {
            "og:title",
            "og:description",
            "og:type",
            "og:locale",
            "og:image:alt",
            "twitter:card",
        }
        assert seen["og:url"] == f"{SITE}/{address}"
        assert f'<link rel="canonical" href="{SITE}/{address}">' in html
        assert all(seen.values())


def test_a_link_shows_the_title_the_page_has_whatever_signs_are_in_it(site_beispiel, seiten):
    checked = 0
    for address in seiten.addresses(site_beispiel):
        html = seiten.html(site_beispiel, address)
        if re.match(r"(kooperationen|preistraeger/beispiel|muster)/[^/]+/$", address):
            assert properties(html)["og:title"] == seiten.heading(html)
            checked += "&" in html.partition('"og:title" content="')[2].partition('">')[0]
    assert checked, "no title has a sign that must be escaped"


def test_a_draft_names_no_domain(site_entwurf, seiten):
    html = seiten.html(site_entwurf, "muster/zweigstelle/")
    seen = properties(html)
    assert seen["og:image"] == "../../assets/ikz/karten/muster/zweigstelle.png"
    assert "og:url" not in seen
    assert 'rel="canonical"' not in html


# --- sitemap and robots

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_the_sitemap_holds_exactly_the_pages_with_the_day_they_were_built_for(site_produktion, seiten, jetzt):
    rows = ET.parse(site_produktion / "sitemap.xml").getroot()  # noqa: S314 - our own file
    found = {row.findtext(f"{NAMESPACE}loc"): row.findtext(f"{NAMESPACE}lastmod") for row in rows}
    assert set(found) == {f"{SITE}/{one}" for one in seiten.addresses(site_produktion)}
    assert len(rows) == len(found)
    assert len(set(found.values())) == 1
    assert datetime.fromisoformat(found[f"{SITE}/"]).date() == jetzt.date()


def test_robots_may_come_to_what_is_published_and_to_no_draft(site_produktion, site_entwurf, site_beispiel):
    assert (
        site_produktion / "robots.txt"
    ).read_text() == f"User-agent: *\nAllow: /\n\nSitemap: {SITE}/sitemap.xml\n"
    for site in (site_entwurf, site_beispiel):
        assert (site / "robots.txt").read_text() == "User-agent: *\nDisallow: /\n"


# --- JSON-LD


def test_the_home_page_tells_who_answers_for_the_site(site_produktion, site_entwurf, seiten):
    told = structured(seiten.html(site_produktion, ""))["WebSite"]
    assert told["url"] == f"{SITE}/"
    assert told["publisher"]["name"] == "Probestelle für Veröffentlichungen"
    assert "publisher" not in structured(seiten.html(site_entwurf, ""))["WebSite"]


def test_an_announcement_tells_the_known_dates_and_no_other(site_produktion, seiten):
    told = structured(seiten.html(site_produktion, "ausschreibung/2026/"))
    window = told["EventBewerbungsfrist: 2. Landespreis (2025/26)"]
    assert (window["startDate"], window["endDate"]) == ("2025-12-01", "2026-02-09")
    assert window["organizer"]["@type"] == "GovernmentOrganization"
    assert window["url"] == f"{SITE}/ausschreibung/2026/"
    hour = told["EventDigitale Sprechstunde: 2. Landespreis (2025/26)"]
    assert hour["startDate"] == "2025-12-04T10:00+01:00"
    assert not [one for one in told if "Bekanntgabe" in one]


def test_nothing_is_told_about_an_invented_edition(site_beispiel, seiten):
    for address in ("ausschreibung/beispiel/", "preistraeger/beispiel/waermekataster-erfundenau/"):
        assert not structured(seiten.html(site_beispiel, address))


def test_the_way_to_a_page_is_told_as_it_is_shown(site_produktion, seiten):
    shown = [
        one for one in seiten.addresses(site_produktion) if "ikz-weg" in seiten.html(site_produktion, one)
    ]
    assert len(shown) > 150
    for address in shown:
        html = seiten.html(site_produktion, address)
        told = structured(html)
        way = told["BreadcrumbList"] if "BreadcrumbList" in told else told["WebPage"]["breadcrumb"]
        nav = re.search(r'<nav class="ikz-weg".*?</nav>', html, re.DOTALL)[0]
        names = [unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<li>(.*?)</li>", nav)]
        assert [one["name"] for one in way["itemListElement"]] == [" ".join(one.split()) for one in names]
        assert way["itemListElement"][-1]["item"] == f"{SITE}/{address}"


def test_a_pattern_is_a_term_of_the_collection(site_produktion, seiten):
    told = structured(seiten.html(site_produktion, "muster/zweigstelle/"))["DefinedTerm"]
    assert told["url"] == f"{SITE}/muster/zweigstelle/"
    assert told["inDefinedTermSet"]["url"] == f"{SITE}/muster/"


def test_the_open_data_tell_every_file_with_its_licence(site_produktion, site_entwurf, seiten):
    told = structured(seiten.html(site_produktion, "daten/"))["Dataset"]
    files = {one["contentUrl"].removeprefix(f"{SITE}/"): one["license"] for one in told["distribution"]}
    there = {f"daten/{one.name}" for one in (site_produktion / "daten").glob("*.csv")}
    assert {one for one in files if one.endswith(".csv")} == there
    assert all((site_produktion / one).is_file() for one in files)
    assert {one for one, licence in files.items() if "creativecommons" not in licence} == {
        "daten/kommunen.csv",
        "daten/nachbarn.csv",
    }
    assert "distribution" not in structured(seiten.html(site_entwurf, "daten/"))["Dataset"]


def test_a_post_is_news_of_its_day(site_produktion, seiten):
    told = structured(seiten.html(site_produktion, "mitteilungen/sammlung-ist-online/"))["NewsArticle"]
    assert told["datePublished"] == "2026-11-27"
    assert told["url"] == f"{SITE}/mitteilungen/sammlung-ist-online/"


def test_questions_and_answers_are_told_as_they_stand(site_produktion, seiten, wurzel):
    html = seiten.html(site_produktion, "faq/")
    told = structured(html)["FAQPage"]["mainEntity"]
    text = (wurzel / "content/faq.md").read_text(encoding="utf-8")
    assert [one["name"] for one in told] == re.findall(r"^## (.*\?)$", text, re.MULTILINE)
    answers = {one["name"]: one["acceptedAnswer"]["text"] for one in told}
    assert answers["Genügt für die Bestätigung ein Auszug aus der Niederschrift?"] == "Ja."
    assert (
        "Im 2. Landespreis: Montag, 9. Februar 2026" in answers["In welchem Zeitraum läuft der Wettbewerb?"]
    )
    article = " ".join(
        unescape(re.sub(r"<template.*?</template>|<[^>]+>", " ", seiten.article(html))).split()
    )
    for answer in answers.values():
        for line in answer.split("\n"):
            words = re.sub(r"\W+", "", line)
            assert words in re.sub(r"\W+", "", article), line


QUESTIONS = """---
title: Fragen
description: Fragen.
---

## Kein Thema

Text.

## Was ist **das**?

!!! note "Hinweis"
    Ein Kasten mit [Verweis](index.md).

- eins & zwei
- drei <!-- ikz: frist 2030 -->

### Noch eine?

```text
## Ist das Code?
```

## Und </script><script>alert(1)</script>?

Ja <!-- Vermerk --> und </script> nein.

## Leer?

"""


def test_answers_are_taken_from_markdown_whatever_stands_there(tmp_path):
    root = support.lay_out_base(tmp_path / "projekt")
    (root / "content/faq.md").write_text(QUESTIONS, encoding="utf-8")
    planned = planning.plan(root, "entwurf", support.day("2030-07-01"), support.shared_cache())
    known = {"<!-- ikz: frist 2030 -->": "<time>31. März</time><template>nie</template>"}
    script = structured_pages.for_questions(planned.catalogue, planned.written["faq/"], known)
    assert script.count("</script>") == 1
    told = structured(script)["FAQPage"]["mainEntity"]
    assert [one["name"] for one in told] == ["Was ist das?", "Und </script><script>alert(1)</script>?"]
    first, second = (one["acceptedAnswer"]["text"] for one in told)
    assert first == "Ein Kasten mit Verweis.\neins & zwei\ndrei 31. März\nNoch eine?\n## Ist das Code?"
    assert "Vermerk" not in second


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!-- <script>", "Zeile\u2028eins", "„&amp;“"]
)
def test_no_step_of_a_way_can_end_the_script(text):
    html = structured_data.for_way(SITE, [("Muster", routes.PATTERNS), (text, "")], "muster/x/")
    inside = html.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not re.search("[<>&\u2028\u2029\n]", inside)
    steps = json.loads(inside)["itemListElement"]
    assert steps[-1]["name"] == " ".join(text.split())
