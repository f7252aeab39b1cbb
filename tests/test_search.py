"""The search in a real Chromium: what is found, with the keyboard, by filters, from the address, without script, under a policy."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

from browsing import look
from ikz_award import findable, planning, search_index, stable_index, wording
from ikz_award.findable import FILTERS, Findable
from ikz_award.replay import Store

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.browser
STATUS = "[data-ikz-stand]"


def settled(watch, words: str | re.Pattern[str] = re.compile(r"Ergebnis")) -> str:
    """Wait until the search has answered; return what it announces."""
    status = watch.page.locator(STATUS)
    status.get_by_text(words).wait_for()
    # The answer comes first, its list right behind.
    watch.page.locator("[data-ikz-treffer] :is(h2 + ol > li, h2 + ul > li)").first.wait_for()
    return status.inner_text()


def search(watch, query: str) -> str:
    watch.open(f"suche/?{query}")
    return settled(watch)


def titles(watch) -> list[str]:
    return watch.page.locator(".ikz-treffer__titel a").all_inner_texts()


def chosen(watch) -> dict[str, list[str]]:
    return parse_qs(urlsplit(watch.page.url).query)


def box(watch, name: str, value: str):
    return watch.page.locator(f'input[type=checkbox][name="{name}"][value="{value}"]')


def number(watch, name: str, value: str) -> int:
    line = watch.page.locator("label", has=box(watch, name, value))
    return int(re.search(r"\((\d+)\)\s+Treffer$", line.inner_text())[1])


# --- what is found: a small index of planted pages, asked as the page of the search asks

PLANTED = {
    "verwaltung/": "Die Verwaltungskooperation trägt sich.",
    "grundschule/": "Eine Grundschulkooperation entsteht.",
    "bad/": "Zwei Hallenbäder öffnen.",
    "verbund/": "Der Verbund wächst.",
    "zeichen/": "Preis <b>&amp;</b> &lt;i&gt; Leistung a|b.",
    "woerter/": "Die Kooperation und die Verwaltung und die Schule und der Grund. Eine Halle, ein Bad, der Bund.",
}


def planted(*, backwards: bool = False) -> tuple[list[Findable], dict[str, str]]:
    pages = [
        Findable(
            address,
            f"Seite {place}",
            "",
            {"art": (f"Art {place}",), f"f{place}": ("a", "b", "c")},
            place,
            1,
            "Schwimmbad, Freibad" if address == "bad/" else "",
        )
        for place, address in enumerate(sorted(PLANTED))
    ]
    texts = {address: f"<h1>x</h1><p>{text}</p>" for address, text in PLANTED.items()}
    return pages[::-1] if backwards else pages, texts


def write(target: Path, *, backwards: bool = False) -> Path:
    """In a thread of its own: the browser's driver occupies the loop of this one."""
    with ThreadPoolExecutor(1) as pool:
        pages, texts = planted(backwards=backwards)
        pool.submit(search_index.write, target, pages, texts, Store()).result()
    (target / "index.html").write_text('<!doctype html><html lang="de"><title>t</title></html>')
    return target


def ask(watch, words: str) -> dict[str, str]:
    """Address and excerpt of everything found."""
    found = watch.page.evaluate(
        """async words => {
          const index = await import("/pagefind/pagefind.js");
          await index.options({ noWorker: true });
          const found = await index.search(words);
          return Promise.all(found.results.map(one => one.data().then(data => [data.url, data.excerpt])));
        }""",
        words,
    )
    return {url.strip("/") + "/": excerpt for url, excerpt in found}


@pytest.fixture(scope="module")
def small(server, tmp_path_factory) -> str:
    return server(write(tmp_path_factory.mktemp("klein")))


def test_everyday_words_of_a_task_field_are_found_and_never_shown(visit, small):
    watch = visit(small)
    watch.open("")
    found = ask(watch, "Schwimmbad")
    assert found.keys() == {"bad/"}
    assert "Schwimm" not in "".join(found.values())


def test_parts_of_compounds_and_stems_are_found(visit, small):
    watch = visit(small)
    watch.open("")
    assert ask(watch, "Kooperation").keys() == {"verwaltung/", "grundschule/", "woerter/"}
    assert ask(watch, "Verwaltung").keys() == {"verwaltung/", "woerter/"}
    assert ask(watch, "Verwaltungskooperation").keys() >= {"verwaltung/"}
    for words in ("Hallenbad", "Hallenbäder", "hallenbaedern"):
        assert ask(watch, words).keys() == {"bad/"}, words
    for words in ("Bad", "Bäder", "Bader", "Baeder"):
        assert ask(watch, words).keys() == {"bad/", "woerter/"}, words
    assert ask(watch, "Bund").keys() == {"woerter/"}
    assert "<mark>Verwaltungs|kooperation</mark>" in ask(watch, "Kooperation")["verwaltung/"]
    # What would be taken for our own sign is written otherwise; what is markup to a browser stays text.
    assert "Preis & &lt;i&gt; <mark>Leistung</mark> a/b." in ask(watch, "Leistung")["zeichen/"]


def test_the_order_in_which_pages_come_changes_no_byte(tmp_path):
    first, second = write(tmp_path / "a"), write(tmp_path / "b", backwards=True)
    files = {one.relative_to(first): one.read_bytes() for one in sorted(first.rglob("*")) if one.is_file()}
    assert files == {one.relative_to(second): one.read_bytes() for one in second.rglob("*") if one.is_file()}
    assert len([one for one in files if one.suffix == ".pf_fragment"]) == len(PLANTED)


def test_the_index_of_the_same_pages_is_made_once(tmp_path, monkeypatch):
    store, (pages, texts) = Store(), planted()
    asked: list[int] = []

    def counted(source: Path, target: Path) -> int:
        asked.append(1)
        return real(source, target)

    real = search_index._index
    monkeypatch.setattr(search_index, "_index", counted)

    def files(name: str) -> dict[str, bytes]:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(search_index.write, tmp_path / name, pages, texts, store).result()
        return {one.name: one.read_bytes() for one in (tmp_path / name).rglob("*") if one.is_file()}

    first = files("a")
    assert first == files("b")
    assert len(asked) == 1
    texts["bad/"] = "<h1>x</h1><p>Zwei Freibäder öffnen.</p>"
    assert first != files("c")
    assert len(asked) == 2


def test_a_page_without_a_word_is_found_by_its_title(visit, server, tmp_path):
    page = Findable("leer/", "Nachbarschaftspreis", "", {"art": ("Seite",)}, 0, 1)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(search_index.write, tmp_path, [page], {"leer/": "<h1>x</h1>"}, Store()).result()
    (tmp_path / "index.html").write_text('<!doctype html><html lang="de"><title>t</title></html>')
    watch = visit(server(tmp_path))
    watch.open("")
    assert ask(watch, "Nachbarschaftspreis").keys() == {"leer/"}


def test_a_page_that_cannot_be_indexed_fails_the_build(tmp_path, monkeypatch):
    pages, texts = planted()

    def fewer(*_: object) -> int:
        return len(pages) - 1

    monkeypatch.setattr(search_index, "_index", fewer)
    with ThreadPoolExecutor(1) as pool, pytest.raises(search_index.SearchIndexError, match="5 von 6"):
        pool.submit(search_index.write, tmp_path, pages, texts, Store()).result()


def test_there_is_one_search_and_nothing_unused_beside_it(site_entwurf):
    names = {one.name for one in (site_entwurf / "pagefind").iterdir() if one.is_file()}
    assert {re.sub(r"_[0-9a-f]{8,}", "", one) for one in names} == {
        *("pagefind.js", "pagefind-entry.json", "wasm.de.pagefind", "pagefind.de.pf_meta"),
    }
    others = [
        one
        for one in site_entwurf.rglob("*")
        if re.search(r"lunr|workers/search|search_index", one.as_posix())
    ]
    assert not others


@pytest.mark.parametrize(
    "item", [0, 23, 24, 255, 256, 65536, 2**40, "", "Münster", "x" * 300, [[1, "a"], []]]
)
def test_the_files_of_the_index_are_read_and_written_alike(item):
    assert stable_index.decode(stable_index.encode(item)) == (item, len(stable_index.encode(item)))


# --- with the keyboard


def test_whoever_uses_the_keyboard_alone_finds_and_opens_a_page(visit, sites):
    watch = visit(sites.real)
    watch.open("impressum/")
    keyboard = watch.page.keyboard
    for _ in range(12):
        keyboard.press("Tab")
        if watch.page.evaluate("document.activeElement.name") == "q":
            break
    keyboard.type("Hallenbäder")
    keyboard.press("Enter")
    watch.page.wait_for_url("**/suche/?q=*")
    assert settled(watch).endswith("für „Hallenbäder“.")
    watch.page.locator("#suche-wort").focus()
    for _ in range(60):
        keyboard.press("Tab")
        if watch.page.evaluate("document.activeElement.closest('.ikz-treffer') !== null"):
            break
    keyboard.press("Enter")
    watch.page.wait_for_url("**/kooperationen/hallenbad-geretsried/")
    assert not watch.drain()


def test_results_say_what_they_are_and_why(visit, sites):
    watch = visit(sites.real)
    assert search(watch, "q=Hochwasserschutzkooperation&art=Kooperation") == (
        "1 Ergebnis für „Hochwasserschutzkooperation“ mit einem Filter."
    )
    hit = watch.page.locator(".ikz-treffer__eintrag")
    assert "Hochwasserschutzkooperation Erft" in hit.locator("h3 a").inner_text()
    assert hit.locator(".ikz-karte__art").inner_text() == "Kooperation"
    assert hit.locator("mark").count() >= 1
    assert "|" not in hit.inner_text()
    status = watch.page.locator(STATUS)
    assert status.get_attribute("role") == "status"


def test_more_results_come_by_a_button_and_take_the_focus(visit, sites):
    watch = visit(sites.real)
    count = int(search(watch, "q=Kooperation").partition(" ")[0])
    assert count > 40
    assert len(titles(watch)) == 10
    watch.page.get_by_role("button", name="Weitere Ergebnisse").press("Enter")
    expect(watch.page.locator(".ikz-treffer__eintrag")).to_have_count(20)
    assert watch.page.evaluate("document.activeElement.textContent") == titles(watch)[10]
    assert len(set(titles(watch))) == 20


def test_a_word_that_stands_nowhere_gets_what_is_near_and_says_so(visit, sites):
    watch = visit(sites.real)
    watch.open("suche/?q=Grundschullehrerverband")
    settled(watch, re.compile("Ähnliches|Kein Ergebnis"))
    watch.open("suche/?q=Hallenbäder")
    assert "Ähnliches" not in settled(watch)


# --- filters and the address


def test_every_number_at_a_filter_is_the_number_of_pages(visit, sites, jetzt):
    planned = planning.plan(ROOT, "entwurf", jetzt)
    pages = findable.every(planned.specs, planned.written, planned.catalogue, wording.load())
    watch = visit(sites.real)
    watch.open("suche/")
    # Nothing is loaded before somebody is about to ask.
    assert not watch.page.evaluate(
        "performance.getEntriesByType('resource').some(one => one.name.includes('/pagefind/'))"
    )
    watch.page.locator("#suche-wort").focus()
    watch.page.locator("[data-ikz-filter]").wait_for()
    shown = watch.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("[data-ikz-gruppe]:not([hidden])")].map(group => [
          group.dataset.ikzGruppe,
          Object.fromEntries([...group.querySelectorAll("label")].map(line => [line.firstChild.value, Number(line.querySelector("span").textContent.slice(1, -1))])),
        ]))"""
    )
    for name in FILTERS:
        expected = Counter(value for one in pages for value in one.filters.get(name, ()))
        # A filter with one value only would change nothing.
        assert shown.get(name, {}) == (expected if len(expected) > 1 else {}), name
    assert {"art", "muster", "aufgabenfeld", "rechtsform", "bezirk", "kreis", "kategorie"} <= shown.keys()


def test_filters_stand_in_the_address_and_the_back_button_takes_them_back(visit, sites):
    watch = visit(sites.real)
    before = search(watch, "q=Archiv")
    watch.page.locator("[data-ikz-filter] > summary").press("Enter")
    wanted = number(watch, "art", "Kooperation")
    box(watch, "art", "Kooperation").press("Space")
    settled(watch, re.compile("mit einem Filter"))
    assert watch.page.locator(STATUS).inner_text() == f"{wanted} Ergebnisse für „Archiv“ mit einem Filter."
    assert chosen(watch) == {"q": ["Archiv"], "art": ["Kooperation"]}
    # Whoever walks through the list with the keyboard stays where they were.
    assert watch.page.evaluate("document.activeElement.value") == "Kooperation"
    # Within one filter a second value adds pages.
    more = number(watch, "art", "Muster")
    box(watch, "art", "Muster").press("Space")
    settled(watch, re.compile("mit 2 Filtern"))
    assert watch.page.locator(STATUS).inner_text().startswith(f"{wanted + more} Ergebnisse")
    watch.page.select_option("#suche-folge", "titel")
    watch.page.wait_for_url("**folge=titel*")
    watch.page.reload()
    settled(watch, re.compile("mit 2 Filtern"))
    assert titles(watch) == sorted(titles(watch), key=lambda one: one.lower())
    for _ in range(3):
        watch.page.go_back()
    settled(watch, before)
    assert chosen(watch) == {"q": ["Archiv"]}
    assert not box(watch, "art", "Kooperation").is_checked()
    assert not watch.drain()


def test_nothing_found_shows_what_would_help(visit, sites):
    watch = visit(sites.real)
    assert search(watch, f"q=Hallenbad&bezirk={quote('Münster')}").startswith("Kein Ergebnis")
    way = watch.page.get_by_role("link", name="Ohne den Filter „Regierungsbezirk oder Land: Münster“")
    promised = re.search(r"(\d+) Ergebnis", way.locator("..").inner_text())[1]
    way.click()
    settled(watch)
    assert watch.page.locator(STATUS).inner_text().startswith(f"{promised} Ergebnis")
    assert search(watch, "q=quarkspeise") == "Kein Ergebnis für „quarkspeise“."
    assert watch.page.get_by_role("heading", name="Was helfen kann").is_visible()
    # A text from an address is a text.
    assert "<img" in search(watch, f"q={quote('<img src=x onerror=alert(1)> zzz')}")
    assert not watch.drain()


# --- when it cannot work


def test_without_javascript_the_page_says_so_and_offers_the_lists(visit, sites):
    watch = visit(sites.real, java_script_enabled=False)
    watch.open("suche/?q=Archiv")
    article = watch.page.locator("article.md-content__inner")
    assert "Die Suche braucht JavaScript." in article.inner_text()
    for name in ("Muster", "Kooperationen", "Preisträger", "Kommunen", "Kategorien"):
        assert article.get_by_role("link", name=name, exact=True).is_visible()
    watch.open("")
    watch.page.locator(".md-header input[name=q]").fill("Archiv")
    watch.page.keyboard.press("Enter")
    watch.page.wait_for_url("**/suche/?q=Archiv")


def test_a_site_without_an_index_says_so(visit, sites):
    watch = visit(sites.real)
    watch.page.route("**/pagefind/**", lambda route: route.fulfill(status=404, body=""))
    watch.open("suche/?q=Archiv")
    watch.page.locator(STATUS).get_by_text("nicht eingerichtet oder ließ sich nicht laden").wait_for()
    assert watch.page.locator("[data-ikz-filter]").is_hidden()


def test_the_page_for_wrong_addresses_leads_on_from_everywhere(visit, sites, site_entwurf):
    watch = visit(sites.real)
    watch.open("404.html")
    article = watch.page.locator("article.md-content__inner")
    targets = [one.get_attribute("href") for one in article.get_by_role("link").all()]
    assert len(targets) >= 6
    # It is shown at any address, so every link begins at the root.
    assert all(one.startswith("/") and (site_entwurf / one[1:] / "index.html").is_file() for one in targets)
    assert watch.page.locator("footer.ikz-fuss").is_visible()
    article.get_by_role("searchbox").fill("Hallenbad")
    article.get_by_role("button", name="Suchen").click()
    assert settled(watch)


# --- policy, bytes, accessibility

POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:"


def violated(watch, address: str, *, wait: bool) -> list[str]:
    """What the policy forbade on a page."""
    watch.open(address)
    if wait:
        settled(watch)
    return sorted(watch.page.evaluate("window.violated"))


def test_the_search_works_under_a_strict_policy(visit, sites):
    watch = visit(sites.real)

    def answer(route) -> None:
        came = route.fetch()
        route.fulfill(response=came, headers={**came.headers, "content-security-policy": POLICY})

    watch.page.route("**/*", answer)
    watch.page.add_init_script(
        """window.violated = [];
        document.addEventListener("securitypolicyviolation", one => window.violated.push(one.violatedDirective + " " + one.blockedURI));"""
    )
    # The theme has inline scripts of its own on every page; the search adds none.
    assert violated(watch, "suche/?q=Hallenbad", wait=True) == violated(watch, "vergleich/", wait=False)
    assert all(one.endswith(" inline") for one in violated(watch, "suche/?q=Hallenbad", wait=True))


def test_a_search_costs_few_bytes_and_asks_nobody_else(visit, sites, site_entwurf):
    watch = visit(sites.real)
    loaded: list[str] = []
    watch.page.on("request", lambda one: loaded.append(urlsplit(one.url).path))

    def size() -> dict[str, int]:
        found = {one: (site_entwurf / one[1:]).stat().st_size for one in loaded if "/pagefind/" in one}
        loaded.clear()
        return found

    search(watch, "q=Hallenbad")
    first = size()
    watch.page.locator("#suche-wort").fill("Archiv")
    watch.page.keyboard.press("Enter")
    settled(watch, re.compile("„Archiv“"))
    second = size()
    assert sum(first.values()) < 300_000
    assert 0 < sum(second.values()) < 120_000
    assert not watch.drain()


@pytest.mark.parametrize(
    "width, scheme", [("phone", "dark"), ("desk", "light"), ("phone", "light"), ("desk", "dark")]
)
def test_the_search_is_accessible_with_results_and_filters_open(visit, sites, width, scheme):
    watch = look(visit, sites.real, width, scheme)
    search(watch, "q=Archiv&art=Kooperation")
    # The theme names two of its menus alike; that is said in test_html.
    found = watch.page.evaluate(
        "axe.run({exclude: ['.md-sidebar']}, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    assert [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes']][:3]}" for one in found["violations"]
    ] == []
    assert not watch.drain()
