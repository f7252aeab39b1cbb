"""The words of the site: terms explained on first use, deadlines in full, other languages, and the statement on accessibility."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace

import pytest

from ikz_award.glossary import Explained, Glossary

MARK = re.compile(r'<a class="ikz-begriff" href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def term(key: str, *forms: str, text: str = "Eine Erklärung.", basis: str = "") -> Explained:
    return Explained(key, forms[0], text, basis, "", "", forms)


GLOSSARY = Glossary(
    [
        term("vereinbarung", "Vereinbarung"),
        term("oerv", "öffentlich-rechtliche Vereinbarung", text='Ein "Vertrag" <schriftlich>.', basis="§ 23"),
        term("ags", "AGS", "Gemeindeschlüssel"),
    ]
)


def marked(html: str, address: str = "muster/zweigstelle/") -> list[str]:
    """Words that became links, after a look whether the rest stayed as it was."""
    result = GLOSSARY.mark(html, address)
    assert MARK.sub(r"\2", result) == html
    return [words for _, words in MARK.findall(result)]


# --- what is marked


@pytest.mark.parametrize(
    "html, words",
    [
        ("<p>Eine Vereinbarung und noch eine Vereinbarung.</p>", ["Vereinbarung"]),
        ("<p>Eine öffentlich-rechtliche Vereinbarung.</p>", ["öffentlich-rechtliche Vereinbarung"]),
        ("<p>Öffentlich-rechtliche\nVereinbarung</p>", ["Öffentlich-rechtliche\nVereinbarung"]),
        (
            "<p>öffentlich-rechtliche&nbsp;Vereinbarung, Vereinbarung</p>",
            ["öffentlich-rechtliche&nbsp;Vereinbarung", "Vereinbarung"],
        ),
        ("<dt>AGS</dt><dd>Der AGS, der Gemeindeschlüssel</dd>", ["AGS"]),
        ("<p>Vereinbarungen, Vereinbarung-en, Nebenvereinbarung</p>", []),
        ("<h2>Vereinbarung</h2><p><strong>Vereinbarung</strong></p>", ["Vereinbarung"]),
        ('<a href="x">Vereinbarung</a><code>AGS</code><button>AGS</button>', []),
        ('<p title="AGS > AGS">x</p><!-- AGS --><script>let a = "<b>AGS</b>";</script>', []),
        ("<template><p>AGS</p></template><style>AGS</style><svg><text>AGS</text></svg>", []),
        ('<ul><li class="a ikz-karte"><ul><li>AGS</li></ul>AGS</li><li>AGS</li></ul>', ["AGS"]),
        ('<p><span aria-hidden="true">AGS</span></p>', []),
    ],
)
def test_the_first_use_in_running_text_is_marked_and_nothing_else_changes(html, words):
    assert marked(html) == words


def test_a_mark_leads_to_the_glossary_and_carries_the_whole_explanation():
    link = GLOSSARY.mark("<p>Öffentlich-rechtliche Vereinbarung</p>", "kommunen/05154008/")
    assert 'href="../../glossar/#oerv"' in link
    told = re.search(r'data-ikz-erklaerung="([^"]*)"', link)
    assert told
    assert unescape(told[1]) == 'Ein "Vertrag" <schriftlich>. (§ 23)'


def test_the_glossary_itself_is_not_marked():
    assert marked("<p>Vereinbarung</p>", "glossar/") == []


# --- on the built site


@pytest.fixture(scope="module")
def pages(site_entwurf, seiten) -> dict[str, str]:
    return {one: seiten.html(site_entwurf, one) for one in seiten.addresses(site_entwurf)}


def test_every_mark_leads_to_an_entry_and_none_stands_twice_on_a_page(pages):
    entries = set(re.findall(r'<div id="([a-z0-9-]+)"><dt>', pages["glossar/"]))
    assert len(entries) >= 25
    wrong, many = {}, 0
    for address, html in pages.items():
        targets = [target for target, _ in MARK.findall(html)]
        many += len(targets)
        up = "../" * address.count("/")
        lost = [one for one in targets if one.removeprefix(f"{up}glossar/#") not in entries]
        if lost or len(targets) != len(set(targets)):
            wrong[address] = targets
    assert not wrong
    assert many > 500


def test_the_glossary_stands_in_german_order_and_takes_legal_forms_from_their_table(pages):
    titles = re.findall(r"<dt>(.*?)</dt>", pages["glossar/"])
    assert titles.index("Muster") < titles.index("Öffentlich-rechtliche Vereinbarung")
    assert titles.index("Öffentlich-rechtliche Vereinbarung") < titles.index("Rechtsform")
    form = re.search(r'<h3 id="zweckverband">.*?</p>\s*<p>(.*?)</p>', pages["rechtsformen/"], re.DOTALL)
    assert form
    explanation = " ".join(re.sub(r"<[^>]+>", "", form[1]).split())
    assert f"<dd>{explanation}" in pages["glossar/"]


def test_a_text_in_other_words_keeps_its_own(pages):
    for address in ("english/", "leichte-sprache/"):
        assert not MARK.search(pages[address])


def test_the_summary_in_english_says_so_to_whoever_reads_it_aloud(pages, seiten):
    article = seiten.article(pages["english/"])
    assert re.match(r'\s*<div lang="en">\s*<h1', article)
    assert article.rstrip().endswith("</div>")
    assert re.search(r'<a href="\.\./english/" lang="en" hreflang="en">English</a>', pages["faq/"])
    assert not [one for one, html in pages.items() if '<div lang="' in html and one != "english/"]


def test_the_statement_on_accessibility_is_one_link_away_from_every_page(pages, site_entwurf):
    found = {**pages, "404": (site_entwurf / "404.html").read_text(encoding="utf-8")}
    for target in ("barrierefreiheit/", "leichte-sprache/", "english/"):
        lacking = [
            one
            for one, html in found.items()
            if f'href="{"../" * one.count("/") if one != "404" else "/"}{target}"' not in html
            and not (one == target and 'href="./"' in html)
        ]
        assert not lacking, target


def test_the_statement_follows_the_model_of_the_european_union(pages, seiten):
    article = seiten.article(pages["barrierefreiheit/"])
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", article)
    assert headings[0] == "Stand der Vereinbarkeit mit den Anforderungen"
    assert {
        "Nicht barrierefreie Inhalte",
        "Erstellung dieser Erklärung",
        "Durchsetzungsverfahren",
    } <= set(headings)
    assert "teilweise vereinbar" in article


def test_deadlines_and_events_are_told_in_full_and_for_machines(pages, seiten):
    article = seiten.article(pages["ausschreibung/2026/"])
    assert '<time datetime="2026-02-09">Montag, 9. Februar 2026</time>' in article
    assert "Uhrzeit nicht bekannt" in article
    event = (
        '<time datetime="2025-12-04T10:00+01:00">Donnerstag, 4. Dezember 2025, 10:00</time> bis '
        '<time datetime="2025-12-04T11:00+01:00">11:00 Uhr (MEZ)</time>'
    )
    assert event in article
    # What a source dates is no deadline.
    assert not re.search(r"<time[^>]*>\w+tag, ", seiten.article(pages["kooperationen/hwserft/"]))


# --- in a browser


@pytest.fixture
def tab(visit, server, site_entwurf) -> SimpleNamespace:
    watch = visit(server(site_entwurf))
    watch.open("rechtsformen/")
    return SimpleNamespace(watch=watch, page=watch.page, link=watch.page.locator("a.ikz-begriff").first)


def test_the_keyboard_opens_an_explanation_and_gets_its_place_back(tab):
    told = tab.link.get_attribute("data-ikz-erklaerung")
    tab.link.focus()
    tab.page.keyboard.press("Enter")
    card = tab.page.get_by_role("dialog", name=tab.link.get_attribute("data-ikz-begriff"))
    assert told in card.inner_text()
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.textContent") == "Im Glossar ansehen"
    tab.page.keyboard.press("Escape")
    card.wait_for(state="detached")
    assert tab.page.evaluate("document.activeElement.matches('a.ikz-begriff')")
    assert not tab.watch.drain()


def test_an_explanation_stays_until_it_is_closed_and_leads_to_the_glossary(tab):
    tab.link.click()
    card = tab.page.locator(".ikz-erklaerung")
    tab.page.mouse.move(5, 5)
    assert card.is_visible()
    card.get_by_role("button", name="Schließen").click()
    card.wait_for(state="detached")
    tab.link.click()
    tab.page.get_by_role("link", name="Im Glossar ansehen").click()
    tab.page.wait_for_url("**/glossar/#*")
    assert tab.page.locator(":target dt").is_visible()
    assert not tab.watch.drain()
