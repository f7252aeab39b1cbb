"""The policy of the pages: what it says, that every page keeps to it in a real Chromium, and what servers are given."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

import looking
from ikz_award import security_contact, security_policy
from ikz_award.dates import Moment
from test_browser import PAGES

META = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
HASH = re.compile(r"'sha256-[A-Za-z0-9+/]{43}='")


# --- what the policy says


def test_every_inline_script_is_allowed_by_its_hash_and_nothing_else_is():
    page = '<head><meta charset="utf-8"><title>t</title><script>go("ä")</script><script src="a.js"></script></head>'
    secured = security_policy.with_policy(page)
    found = META.search(secured)
    assert found
    # echo -n 'go("ä")' | openssl dgst -sha256 -binary | openssl base64
    assert HASH.findall(found[1]) == ["'sha256-tjy5ycguqvXpbyu/E6+q7nQvcIGBPzsIfWJQCzlICvg='"]
    assert "unsafe" not in found[1]
    assert found[1].startswith("default-src 'none'; ")


def test_the_policy_stands_before_everything_it_could_hold_back():
    secured = security_policy.with_policy('<meta charset="utf-8"><link rel="stylesheet"><script>1</script>')
    assert secured.index("Content-Security-Policy") < secured.index("<link") < secured.index("<script")
    assert secured.startswith('<meta charset="utf-8"><meta http-equiv=')


def test_a_page_without_its_encoding_is_not_passed_on():
    with pytest.raises(ValueError, match="Zeichensatz"):
        security_policy.with_policy("<title>t</title>")


@pytest.mark.parametrize("kind", ["application/json", "application/ld+json", "text/template"])
def test_data_in_a_page_need_no_hash(kind):
    assert not security_policy.script_hashes(f'<script type="{kind}">{{"a": "<b>"}}</script>')


@pytest.mark.parametrize(
    "script", ["<script>a</script>", "<SCRIPT TYPE='Module'>a</SCRIPT>", '<script type="">a</script>']
)
def test_whatever_a_browser_runs_gets_a_hash(script):
    assert len(security_policy.script_hashes(script)) == 1


def strange(**pages: str) -> list[str]:
    return security_policy.strange_scripts(pages.items())


THEMES = '<script>a(new URL("{root}",location))</script><script type="application/ld+json">{{"a": {data}}}</script>'


def test_scripts_that_every_page_has_are_the_themes():
    assert strange(a=THEMES.format(root=".", data=1), b=THEMES.format(root="/preis/", data=2)) == []
    assert strange() == []


@pytest.mark.parametrize("planted", ["<script>alert(1)</script>", '<SCRIPT type="module">alert(1)</SCRIPT>'])
def test_a_script_that_not_every_page_has_is_named_and_not_allowed(planted):
    page = THEMES.format(root=".", data=1)
    assert strange(a=page, b=page + planted, c=page) == ["b"]
    # A way that leads elsewhere is no way to the root.
    assert strange(a=page, b=page.replace('"."', '"//fremd.example"')) == ["a", "b"]


def test_line_ends_do_not_change_a_hash():
    assert security_policy.script_hashes("<script>a\r\nb</script>") == security_policy.script_hashes(
        "<script>a\nb</script>"
    )


def test_compiling_is_allowed_only_where_it_is_needed_and_eval_never():
    assert "wasm" not in security_policy.policy(())
    needed = security_policy.policy((), compiles=True)
    assert "script-src 'self' 'wasm-unsafe-eval';" in needed
    assert "'unsafe-eval'" not in needed


# --- what the built pages hold


class Loaded(HTMLParser):
    """What a page would load, run or style by itself, as far as its own policy or the privacy of readers forbids it."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self.wrong += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        self.wrong += [tag] if tag in {"style", "iframe", "object", "embed", "base"} else []
        self.wrong += [
            f"{tag} {value}" for value in given.values() if value.lower().startswith("javascript:")
        ]
        loads = [given.get("src", ""), given.get("srcset", ""), given.get("poster", "")]
        loads += [given.get("data", ""), given.get("action", "")]
        if tag == "link" and given.get("rel") not in {"canonical", "alternate", "prev", "next"}:
            loads.append(given.get("href", ""))
        self.wrong += [f"{tag} {one}" for one in loads if urlsplit(one.strip()).netloc]


def wrong_in(page: str) -> list[str]:
    reader = Loaded()
    reader.feed(page)
    return reader.wrong


def hashes_of(page: str) -> set[str]:
    """The same a second time, by other means."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts)
    return {f"'sha256-{one}'" for one in digests}


@pytest.mark.parametrize("name", ["site_entwurf", "site_beispiel"])
def test_every_page_carries_its_policy_and_holds_nothing_that_breaks_it(name, request):
    site = request.getfixturevalue(name)
    headers = dict(looking.header_rules(site)[0][1])
    files = sorted(site.rglob("*.html"))
    assert len(files) > 200
    wrong = {}
    for file in files:
        page = file.read_text(encoding="utf-8")
        policies = META.findall(page)
        hashes = hashes_of(page)
        found = wrong_in(page)
        if len(policies) != 1 or page.index("Content-Security-Policy") > page.index("<link"):
            found.append("no policy at its place")
        elif set(HASH.findall(policies[0])) != hashes:
            found.append("policy of other scripts")
        if not hashes <= set(HASH.findall(headers["Content-Security-Policy"])):
            found.append("script missing in the header")
        if found:
            wrong[file.relative_to(site).as_posix()] = found
    assert not wrong


@pytest.mark.parametrize(
    "planted",
    [
        '<p onclick="x()">',
        '<a href="JavaScript:x()">',
        '<p style="color:red">',
        "<style>p{}</style>",
        '<img src="//foreign.example/a.png">',
        '<img src="a.png" srcset="https://foreign.example/a.png 2x">',
        '<link rel="stylesheet" href="https://foreign.example/a.css">',
        '<link rel="preload" as="font" href="https://foreign.example/a.woff2">',
        '<script src="https://foreign.example/a.js"></script>',
        '<form action="https://foreign.example/"></form>',
        '<iframe src="a.html"></iframe>',
    ],
)
def test_what_breaks_the_policy_is_seen(planted):
    assert wrong_in(planted)


# --- in a browser

VIOLATIONS = """() => {
  window.violations = [];
  addEventListener("securitypolicyviolation", one => violations.push(`${one.effectiveDirective} ${one.blockedURI} ${one.sample}`));
}"""
KEPT = """async () => ({
  local: Object.keys(localStorage), session: Object.keys(sessionStorage), cookie: document.cookie,
  databases: (await indexedDB.databases()).map(one => one.name), caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"local": [], "session": [], "cookie": "", "databases": [], "caches": [], "workers": 0}
# Pages with texts that try to act, beside one of every kind.
EXAMPLE_PAGES = ("", "preistraeger/beispiel/", "preistraeger/beispiel/vergabezentrum-musterstadt/")


def trouble(watch, address: str) -> list[str]:
    watch.open(address)
    return [*watch.page.evaluate("violations"), *watch.drain()]


def eyes(visit, base: str, **options):
    watch = visit(base, **options)
    watch.page.add_init_script(f"({VIOLATIONS})()")
    return watch


@pytest.mark.browser
@pytest.mark.parametrize("name, pages", [("site_entwurf", PAGES), ("site_beispiel", EXAMPLE_PAGES)])
def test_every_kind_of_page_keeps_to_the_headers_servers_are_given(visit, request, name, pages):
    with looking.served(request.getfixturevalue(name)) as base:
        watch = eyes(visit, base)
        wrong = {one: found for one in pages if (found := trouble(watch, one))}
        assert not wrong
        assert watch.page.evaluate(KEPT) == NOTHING, "nothing is kept unasked"
        # The page for what does not exist: its own 404 is no trouble.
        found = [one for one in trouble(watch, "gibt/es/nicht/") if not re.search(r"\b404\b", one)]
        assert not found
        assert watch.page.locator("h1").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("policy", [True, False], ids=["headers", "meta-only"])
def test_menu_palette_and_tools_work_under_the_policy(visit, site_entwurf, policy):
    with looking.served(site_entwurf, policy=policy) as base:
        watch = eyes(visit, base, viewport={"width": 390, "height": 800})
        page = watch.page
        watch.open("")
        before = page.locator("body").get_attribute("data-md-color-scheme")
        page.locator("[data-md-component=palette] button:visible").click()
        expect(page.locator("body")).not_to_have_attribute("data-md-color-scheme", before or "")
        page.locator("[data-md-component=palette] button:visible").click()
        expect(page.locator("body")).to_have_attribute("data-md-color-scheme", before or "")
        page.get_by_role("button", name="Menü").click()
        expect(page.locator(".md-nav--primary")).to_be_in_viewport()
        assert not [*page.evaluate("violations"), *watch.drain()]
        watch.open("vergleich/")
        page.get_by_label("Erster Fall").select_option("hwserft")
        page.get_by_label("Zweiter Fall").select_option("kag-baumberge-touristik")
        expect(page.locator("[data-ikz-ergebnis] thead th")).to_have_count(2)
        watch.open("passt-das-zu-uns/")
        page.get_by_label("Ihre Kommune").select_option("05558024")
        expect(page.locator("[data-ikz-ergebnis] h2")).to_have_text("Lüdinghausen")
        assert not [*page.evaluate("violations"), *watch.drain()]


@pytest.mark.browser
@pytest.mark.parametrize("policy", [True, False], ids=["headers", "meta-only"])
def test_a_planted_script_style_and_foreign_picture_are_held_back_and_seen(
    visit, site_entwurf, tmp_path, policy
):
    page = (site_entwurf / "404.html").read_text(encoding="utf-8")
    planted = (
        '<script>window.planted = 1</script><p id="x" style="color:red" onclick="window.planted = 1">x</p>'
    )
    planted += '<img src="http://127.0.0.2:9/x.png">'
    (tmp_path / "index.html").write_text(page.replace("</body>", f"{planted}</body>"), encoding="utf-8")
    (tmp_path / "_headers").write_bytes((site_entwurf / "_headers").read_bytes())
    (tmp_path / "assets").symlink_to(site_entwurf / "assets")
    with looking.served(tmp_path, policy=policy) as base:
        watch = eyes(visit, base)
        found = trouble(watch, "")
        watch.page.evaluate("document.getElementById('x').click()")
        assert watch.page.evaluate("window.planted") is None
    for sign in (
        "script-src-elem inline",
        "style-src-attr inline",
        "img-src http://127.0.0.2:9",
        "console: ",
    ):
        assert any(sign in one for one in found), (sign, found)


# --- what a browser keeps


def promised() -> set[str]:
    """Names under which a browser keeps something, by the paragraph of the privacy page on it."""
    text = (Path(__file__).parent.parent / "content/datenschutz.md").read_text(encoding="utf-8")
    paragraph = text.partition("**Was Ihr Browser sich merkt.**")[2].partition("\n\n")[0]
    return set(re.findall(r"`([^`]+)`", paragraph))


@pytest.mark.browser
def test_a_browser_keeps_what_the_privacy_page_says_and_nothing_else(visit, site_entwurf):
    with looking.served(site_entwurf) as base:
        watch = visit(base)
        page = watch.page
        watch.open("vergleich/?fall1=hwserft&fall2=kag-baumberge-touristik")
        expect(page.locator("[data-ikz-ergebnis] table")).to_be_visible()
        watch.open("passt-das-zu-uns/")
        page.get_by_label("Ihre Kommune").select_option("05558024")
        expect(page.locator("[data-ikz-ergebnis] h2")).to_be_visible()
        page.locator("[data-md-component=palette] button:visible").click()
        page.wait_for_function("localStorage.length > 0")
        watch.open("")
        kept = page.evaluate(KEPT)
        # The theme puts the address of the site before its own names.
        names = {one.removeprefix("/.") for one in (*kept.pop("local"), *kept.pop("session"))}
        assert names == promised()
        assert kept == {name: NOTHING[name] for name in kept}
        assert page.context.cookies() == []


# --- what servers are given


def test_all_servers_get_the_same_headers(site_produktion):
    first, headers = looking.header_rules(site_produktion)[0]
    assert first == "/*"
    names = [name for name, _ in headers]
    assert names == [
        *("Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "X-Content-Type-Options"),
        "Cross-Origin-Opener-Policy",
    ]
    apache = (site_produktion / ".htaccess").read_text(encoding="utf-8")
    nginx = (site_produktion / "server/nginx.conf").read_text(encoding="utf-8")
    for name, value in headers:
        assert f'Header always set {name} "{value}"' in apache
        assert f'add_header {name} "{value}" always;' in nginx
        # Some hosts cut off longer lines.
        assert len(f"  {name}: {value}") < 2000
    assert "frame-ancestors 'none'; upgrade-insecure-requests" in dict(headers)["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in apache + nginx


def test_only_files_whose_name_tells_their_content_are_kept_for_long(site_produktion):
    lasting = [one for one, _ in looking.header_rules(site_produktion)[1:]]
    assert lasting == ["/assets/javascripts/*", "/assets/stylesheets/*"]
    names = [
        one.relative_to(site_produktion).as_posix()
        for folder in ("assets/javascripts", "assets/stylesheets")
        for one in (site_produktion / folder).glob("*.*")
    ]
    assert len(names) >= 3
    assert all(re.search(security_policy._LASTING_NAMES, f"/{one}") for one in names)


def test_no_source_map_goes_out(site_produktion):
    assert not list(site_produktion.rglob("*.map"))


# --- whom to tell


def test_the_published_site_says_whom_to_tell_about_a_weakness(site_produktion, jetzt):
    text = (site_produktion / ".well-known/security.txt").read_text(encoding="utf-8")
    fields = dict(line.split(": ", 1) for line in text.splitlines())
    assert fields["Contact"] == "mailto:sicherheit@preis.example"
    assert fields["Canonical"] == "https://preis.example/.well-known/security.txt"
    assert fields["Preferred-Languages"] == "de, en"
    assert 0 < (datetime.fromisoformat(fields["Expires"]) - jetzt).days < 366


def test_without_a_contact_there_is_no_such_file(site_entwurf):
    assert not (site_entwurf / ".well-known").exists()


def test_a_contact_that_holds_no_longer_is_not_published():
    operator = {
        "sicherheit": {"kontakt": "https://preis.example/s", "gueltig_bis": Moment.parse("2030-01-31")}
    }
    before, after = (datetime.fromisoformat(f"2030-{one}T00:30+01:00") for one in ("01-31", "02-01"))
    text = security_contact.text(operator, "", before)
    assert text.splitlines()[:2] == ["Contact: https://preis.example/s", "Expires: 2030-01-31T23:00:00Z"]
    assert security_contact.text(operator, "", after) == ""
