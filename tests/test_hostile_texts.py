"""Hostile texts do nothing on any page, even where no policy holds them back: no dialog, handler, foreign element or request.

``tests/cases/feindliche-texte.txt`` goes into every public text of a copy. What the checks refuse is taken out again; the
rest is built, looked through page by page, and opened in a Chromium that was told to ignore the policy of the pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

import support
from ikz_award import planning, yamlfile
from ikz_award.findings import Severity
from test_html import sample
from test_security_policy import wrong_in

TEXTS = [
    line.replace("\\n", "\n")
    for line in (support.CASES / "feindliche-texte.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("# Z") and not re.match(r"# (?!`)", line)
]
# Stands behind each text, so that the search finds all of them.
WORD = "Giftwort"
# Never public, or a name that something else has to match.
KEPT = {"kontakt", "intern", "einwilligung", "datei", "code"}
AFTER = support.day("2030-07-01")
# What an element may be that runs, loads or sends something: ours from our own folders, and data.
STRANGE = """([page, known]) => {
  const found = [];
  const here = location.origin + "/";
  const ours = address => new URL(address, location.href).href.startsWith(here);
  for (const one of page.querySelectorAll("*")) {
    const name = one.localName;
    for (const { name: key, value } of one.attributes) {
      if (/^on/i.test(key)) found.push(`${name} ${key}`);
      if (/^\\s*(javascript|vbscript|data):/i.test(value.replace(/[\\x00-\\x20]/g, "")) && /href|src|action|data/i.test(key)
          && !value.startsWith("data:image/")) found.push(`${name} ${key}=${value}`);
    }
    if (/^(iframe|frame|object|embed|applet|base|math|style|marquee|dialog|portal|animate|set|foreignobject|x-.*)$/i.test(name)) found.push(name);
    if (name === "script" && one.closest("svg")) found.push("script in svg");
    if (name === "script" && one.src && !ours(one.src)) found.push(`script ${one.src}`);
    if (name === "script" && !one.src && !/json/.test(one.type) && !known.includes(one.textContent.replace(/new URL\\("[^"]*"/, "")))
      found.push(`script ${one.textContent.slice(0, 60)}`);
    if (name === "meta" && one.httpEquiv && one.httpEquiv !== "Content-Security-Policy") found.push(`meta ${one.httpEquiv}`);
    if (name === "form" && !ours(one.getAttribute("action") || "")) found.push(`form ${one.action}`);
    if (one.hasAttribute("formaction")) found.push(`${name} formaction`);
    if (name === "link" && /stylesheet|icon|preload|import/.test(one.rel) && !ours(one.getAttribute("href"))) found.push(`link ${one.href}`);
    if (/^(img|source|video|audio|track|input)$/.test(name)
        && [one.getAttribute("src"), ...(one.getAttribute("srcset") || "").split(",")].some(each => each && each.trim() && !ours(each.trim().split(" ")[0])))
      found.push(`${name} from elsewhere`);
  }
  return found;
}"""
# Every page as a browser reads it, without running anything: also what a parser of ours might read otherwise.
ALL_PAGES = f"""async ([addresses, known]) => {{
  const look = {STRANGE};
  const wrong = {{}};
  for (const address of addresses) {{
    const text = await (await fetch("/" + address)).text();
    const found = look([new DOMParser().parseFromString(text, "text/html"), known]);
    if (found.length) wrong[address] = found;
  }}
  return wrong;
}}"""
# Files of the copy whose texts are exchanged; the operator's are not those of strangers.
RECORDS = (
    "submissions/beispiel/*.yml",
    "cooperations/*.yml",
    "patterns/*.yml",
    "reference/*.yml",
    "reference/editionen/beispiel.yml",
)


@dataclass
class Spoilt:
    """A file of the copy, written anew with hostile texts; knows at which line it wrote which."""

    file: Path
    value: yamlfile.Raw
    taken: dict[yamlfile.Path, int] = field(default_factory=dict)
    lines: list[yamlfile.Path] = field(default_factory=list)

    def places(self) -> Iterator[tuple[yamlfile.Path, str]]:
        """Every text of more than one word, with its path."""
        yield from _leaves(self.value, ())

    def write(self) -> None:
        written: list[str] = []
        self.lines = []
        for path, line in _lines(self.value, (), 0, self.taken):
            written.append(line)
            self.lines.append(path)
        self.file.write_text("\n".join(written) + "\n", encoding="utf-8")

    def give_way(self, line: int) -> None:
        """Put back what stood at a line or below its key; where nothing was exchanged, the trouble is in the whole file."""
        path = self.lines[line - 1]
        gone = {one for one in self.taken if one[: len(path)] == path}
        for one in gone or set(self.taken):
            del self.taken[one]
        self.same_lead()

    def same_lead(self) -> None:
        """Who leads is one of the parties, under the same name."""
        lead, first = ("federfuehrung",), ("beteiligte", 0, "name")
        if lead in self.taken and first in self.taken:
            self.taken[lead] = self.taken[first]
        else:
            self.taken.pop(lead, None), self.taken.pop(first, None)


def _leaves(value: yamlfile.Raw, path: yamlfile.Path) -> Iterator[tuple[yamlfile.Path, str]]:
    if isinstance(value, str):
        if " " in value and not KEPT & set(path):
            yield path, value
        return
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _leaves(one, (*path, key))


def _lines(value, path, depth, taken) -> Iterator[tuple[yamlfile.Path, str]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in pairs:
        here = (*path, key)
        head = f"{'  ' * depth}{key}:" if isinstance(value, dict) else f"{'  ' * depth}-"
        if isinstance(one, str):
            text = _armed(one, taken[here]) if here in taken else one
            yield here, f"{head} {json.dumps(text, ensure_ascii=False)}"
        elif one:
            yield here, head
            yield from _lines(one, here, depth + 1, taken)
        else:
            yield here, f"{head} {'{}' if isinstance(one, dict) else '[]'}"


def _armed(old: str, number: int) -> str:
    """A long text begins a line, so that Markdown has its chance."""
    return f"{TEXTS[number]}\n\n{WORD} {old}" if "\n" in old else f"{TEXTS[number]} {WORD}"


def spoil_records(project: Path) -> set[int]:
    """Put the texts in wherever the checks let them pass; returns which passed somewhere."""
    found = [Spoilt(file, yamlfile.read(file.read_bytes()).value) for file in record_files(project)]
    turn = count()
    for one in found:
        one.taken = {path: next(turn) % len(TEXTS) for path, _ in one.places()}
        one.same_lead()
        one.write()
    refused = 0
    for _ in range(12):
        by_path = {one.file.relative_to(project).as_posix(): one for one in found}
        errors = [
            one
            for one in planning.check(project, "beispiel", AFTER).findings
            if one.severity is Severity.ERROR and one.place.path in by_path
        ]
        if not errors:
            break
        refused += len(errors)
        for one in errors:
            by_path[one.place.path].give_way(one.place.line)
        for one in found:
            one.write()
    assert not errors, [f"{one.place}: {one.code}" for one in errors[:10]]
    assert refused > 50, "the checks refuse a good part of them"
    return {number for one in found for number in one.taken.values()}


def record_files(project: Path) -> list[Path]:
    files = {file for pattern in RECORDS for file in (project / "data").glob(pattern)}
    return sorted(one for one in files if one.stem not in {"betreiber", "kommunen.quelle"})


def spoil_pages(project: Path) -> set[int]:
    """A page and a post with every text the checks let pass, each in a paragraph and in a heading of its own."""
    passed: set[int] = set()
    for name in ("faq.md", "mitteilungen/posts/sammlung-ist-online.md"):
        file = project / "content" / name
        old = file.read_text(encoding="utf-8")
        kept = set(range(len(TEXTS)))
        for _ in range(12):
            lines, owners = old.rstrip().split("\n"), {}
            for number in sorted(kept):
                added = ["", f"### Kopf {number}", "", *TEXTS[number].split("\n"), "", WORD]
                owners |= {len(lines) + at: number for at in range(1, len(added) + 1)}
                lines += added
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
            findings = planning.plan(project, "beispiel", AFTER).findings
            wrong = {owners.get(one.place.line) for one in findings if one.place.path == f"content/{name}"}
            if not wrong:
                break
            assert None not in wrong, findings
            kept -= wrong
        passed |= kept
    return passed


@dataclass(frozen=True)
class Built:
    """The site of the copy, and which texts are in it."""

    site: Path
    of_records: set[int]
    of_pages: set[int]


@pytest.fixture(scope="module")
def hostile(projekt_kopie, fertig, tmp_path_factory) -> Built:
    project = projekt_kopie(fast=True)
    of_records, of_pages = spoil_records(project), spoil_pages(project)
    site = fertig(
        tmp_path_factory.mktemp("feindlich") / "site", projekt=project, profil="beispiel", moment=AFTER
    )
    return Built(site, of_records, of_pages)


def inline_scripts(site: Path) -> list[str]:
    """The theme's own, from the page that no text of ours gets into; without the way to the root."""
    page = (site / "404.html").read_text(encoding="utf-8")
    return [
        re.sub(r'new URL\("[^"]*"', "", one) for one in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    ]


def addresses(site: Path) -> list[str]:
    return sorted(one.relative_to(site).as_posix() for one in site.rglob("*.html"))


def unguarded(visit, base: str):
    """A tab that does not keep to the policy of the pages."""
    watch = visit(base, bypass_csp=True)
    watch.page.add_init_script(f"window.strange = known => ({STRANGE})([document, known])")
    return watch


def seen(watch, known: list[str]) -> list[str]:
    """What happened so far, and what stands in the page that has no business there."""
    # Handlers of pictures and frames come a moment after the page.
    watch.page.evaluate("new Promise(done => setTimeout(done, 60))")
    return [*watch.drain(), *watch.page.evaluate("known => strange(known)", known)]


def test_the_texts_are_many_and_reach_the_pages(hostile):
    assert len(TEXTS) >= 80
    assert hostile.of_records == set(range(len(TEXTS))), "each of them is allowed in some record"
    pages = [(hostile.site / one).read_text(encoding="utf-8") for one in addresses(hostile.site)]
    assert sum(WORD in one for one in pages) > 60
    assert len(inline_scripts(hostile.site)) == 4


def test_what_runs_or_loads_something_gets_into_no_page_of_the_editors(hostile):
    passed = "\n".join(TEXTS[one] for one in hostile.of_pages)
    without_code = re.sub(r"```.*?```|`[^`]*`", "", passed, flags=re.DOTALL)
    assert not re.search(r"<[a-z]|\]\((?!https://quelle)", without_code, re.IGNORECASE)
    assert len(hostile.of_pages) >= 8


def test_no_built_page_holds_anything_that_acts(hostile):
    wrong = {
        one: found
        for one in addresses(hostile.site)
        if (found := wrong_in((hostile.site / one).read_text(encoding="utf-8")))
    }
    assert not wrong


@pytest.mark.browser
def test_no_page_does_anything_with_the_policy_off(hostile, visit, server, seiten):
    watch, known = unguarded(visit, server(hostile.site)), inline_scripts(hostile.site)
    watch.open("404.html")
    watch.drain()
    assert watch.page.evaluate(ALL_PAGES, [addresses(hostile.site), known]) == {}
    pages = seiten.addresses(hostile.site)
    kinds = sample(pages)
    assert len(kinds) > 25
    wrong = {}
    for address in kinds:
        watch.open(address)
        if found := seen(watch, known):
            wrong[address] = found
    assert not wrong


@pytest.mark.browser
def test_no_result_of_the_search_does_anything_with_the_policy_off(hostile, visit, server):
    watch, known = unguarded(visit, server(hostile.site)), inline_scripts(hostile.site)
    for words in (WORD, "alert", "onerror"):
        watch.open(f"suche/?q={words}")
        watch.page.locator(".ikz-treffer__eintrag").first.wait_for()
        more = watch.page.get_by_role("button", name="Weitere Ergebnisse")
        for _ in range(3):
            if more.is_visible():
                more.click()
        assert not seen(watch, known)
        assert "<" in watch.page.locator(".ikz-treffer").inner_text(), "the texts are there to be read"


@pytest.mark.browser
def test_no_tool_does_anything_with_the_policy_off(hostile, visit, server):
    watch, known = unguarded(visit, server(hostile.site)), inline_scripts(hostile.site)
    watch.open("vergleich/")
    for name in ("Erster Fall", "Zweiter Fall"):
        field = watch.page.get_by_label(name)
        values = field.locator("option").evaluate_all("all => all.map(one => one.value).filter(Boolean)")
        cases = [one for one in values if one.startswith("beispiel")]
        field.select_option(cases[0 if name.startswith("Erster") else 1])
    watch.page.locator("[data-ikz-ergebnis] table").wait_for()
    assert WORD in watch.page.locator("[data-ikz-ergebnis]").inner_text()
    assert not seen(watch, known)
    watch.open("kooperationen/?folge=titel")
    assert not seen(watch, known)


RAW = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
    "<img src=https://fremd.example/zaehlpixel.png>",
    '<a href="java&#10;script:alert(1)">Hier</a>',
    '<form action="https://fremd.example/"><button>Weiter</button></form>',
    "<svg><script>alert(1)</script></svg>",
)


@pytest.mark.browser
def test_each_of_some_texts_put_raw_into_a_page_is_seen(hostile, visit, server, tmp_path):
    """The proof that the tests above could find something."""
    page = (hostile.site / "faq/index.html").read_text(encoding="utf-8")
    (tmp_path / "assets").symlink_to(hostile.site / "assets")
    for number, text in enumerate(RAW):
        file = tmp_path / f"{number}/index.html"
        file.parent.mkdir()
        file.write_text(page.replace("</article>", f"{text}</article>"), encoding="utf-8")
    watch, known = unguarded(visit, server(tmp_path)), inline_scripts(hostile.site)
    for number, text in enumerate(RAW):
        watch.open(f"{number}/")
        found = seen(watch, known)
        acts = "alert" in text and "href" not in text
        assert any(one.startswith("dialog: 1") for one in found) == acts, (text, found)
        assert any(not one.startswith(("dialog", "404", "console")) for one in found), text
    files = [f"{number}/index.html" for number in range(len(RAW))]
    watch.open("0/")
    assert list(watch.page.evaluate(ALL_PAGES, [files, known])) == files
