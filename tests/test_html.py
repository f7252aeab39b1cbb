"""The HTML of the pages against the rules of html-validate, and links by LinkChecker; all of them each build looks at itself."""

from __future__ import annotations

import csv
import html
import json
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tests/node"
BIN = Path(sys.executable).parent
CONFIG = TOOLS / ".htmlvalidate.json"

# Why a rule of the recommended set does not apply. The test below keeps this list and the configuration the same.
NOT_APPLIED = {
    "no-redundant-role": "Safari takes a list without bullets for no list; role=list gives it back to VoiceOver.",
    "no-trailing-whitespace": "Python-Markdown and the templates leave blanks at line ends; they change nothing.",
    "tel-non-breaking": "A number stands as in the record; where it breaks is the style sheet's business.",
    "void-style": "Python-Markdown writes the rule of its footnotes as <hr/>, which HTML allows.",
}
# Footnotes of Python-Markdown have ids such as fnref:1, which HTML allows and the rule's default does not.
RELAXED = {"valid-id": ["error", {"relaxed": True}]}
# Rules for whole documents, added because our content begins with the only heading of level one.
ADDED = dict.fromkeys(("heading-level", "input-missing-label", "no-missing-references"), "error")

# What the frame of the theme breaks outside of our content. Only whole pages are checked without these.
FRAME = {
    "attribute-allowed-values": "tabindex without a value at the labels of the menu",
    "doctype-style": "written in small letters",
    "input-missing-label": "the check boxes of the menu are named by their signs",
    "input-attributes": "autocomplete at the check boxes that open the menu without JavaScript",
    "heading-level": "the banner and the menu stand before the heading",
    "long-title": "titles of cases are as long as they are",
    "no-missing-references": "the menu refers to a table of contents that is there only if it has entries",
    "presentation-role-style": "role=presentation instead of role=none",
    "unique-landmark": "the theme's menu and table of contents",
    "valid-autocomplete": "the same check boxes",
    "wcag/h32": "the choice of colours sends nothing",
}


def validate(folder: Path, config: Path = CONFIG) -> list[str]:
    """What html-validate has to say about all files of a folder."""
    program = TOOLS / "node_modules/html-validate/bin/html-validate.mjs"
    # Into a file: on its way through a pipe Node.js cuts a long answer off.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
        command = [BIN / "node", program, "--config", config, "--formatter", "json", folder]
        subprocess.run(command, cwd=TOOLS, stdout=answer, stderr=subprocess.STDOUT, check=False, timeout=300)
        answer.seek(0)
        files = json.load(answer)
    return [
        f"{Path(file['filePath']).relative_to(folder)}:{one['line']}: {one['ruleId']}: {one['message']}"
        for file in files
        for one in file["messages"]
    ]


def extract(site: Path, target: Path, seiten) -> int:
    """Write the content of every page without the theme's frame; return how many."""
    addresses = seiten.addresses(site)
    for address in addresses:
        file = target / address / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(seiten.article(seiten.html(site, address)), encoding="utf-8")
    return len(addresses)


def test_every_rule_that_is_off_has_its_reason():
    rules = json.loads(CONFIG.read_text(encoding="utf-8"))["rules"]
    assert {name for name, value in rules.items() if value == "off"} == set(NOT_APPLIED)
    assert {name: value for name, value in rules.items() if value != "off"} == RELAXED | ADDED


def test_the_content_of_every_page_is_valid(site_produktion, site_beispiel, seiten, tmp_path):
    count = sum(
        extract(site, tmp_path / site.parent.name, seiten) for site in (site_produktion, site_beispiel)
    )
    assert count > 400
    assert not validate(tmp_path)


def test_whole_pages_break_no_more_rules_than_the_theme_does(site_entwurf, tmp_path, seiten):
    settings = json.loads(CONFIG.read_text(encoding="utf-8"))
    settings["rules"] |= dict.fromkeys(FRAME, "off")
    config = tmp_path / "config.json"
    config.write_text(json.dumps(settings))
    for address in ("", "muster/", "muster/zweigstelle/", "kooperationen/hwserft/", "daten/", "impressum/"):
        file = tmp_path / "pages" / address / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(seiten.html(site_entwurf, address), encoding="utf-8")
    assert not validate(tmp_path / "pages", config)


@pytest.mark.parametrize(
    "broken, rule",
    [
        ("<p>a<div>b</div></p>", "no-implicit-close"),
        ('<h2 id="a">a</h2><h2 id="a">b</h2>', "no-dup-id"),
        ('<img src="a.png">', "wcag/h37"),
        ("<h1>a</h1><h3>b</h3>", "heading-level"),
        ("<ul><p>a</p></ul>", "element-permitted-content"),
        ("<table><tr><td>a</td></table></p>", "close-order"),
    ],
)
def test_broken_html_is_found(tmp_path, broken, rule):
    (tmp_path / "index.html").write_text(broken)
    assert any(f": {rule}: " in one for one in validate(tmp_path))


# --- links

SETTINGS = """\
[checking]
recursionlevel={depth}
threads=2
maxrequestspersecond=100000
{anchors}
"""


# All pages with all their anchors take four minutes of one processor.
PATIENCE = 1200


class Links:
    """LinkChecker at work in a process of its own."""

    def __init__(self, folder: Path, starts: Iterable[str], *, depth: int, anchors: bool) -> None:
        # As root LinkChecker becomes somebody else, who has to be able to read its settings.
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / "settings.ini"
        settings.write_text(SETTINGS.format(depth=depth, anchors="[AnchorCheck]" if anchors else ""))
        options = ["--no-robots", "--no-status", "--verbose", "--output", "csv/utf-8"]
        self.process = subprocess.Popen(
            [BIN / "linkchecker", "--config", settings, *options, *starts],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def stop(self) -> None:
        """End it if nobody asked for its results."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate()

    def results(self) -> list[dict[str, str]]:
        """One row for each link it followed."""
        out, err = self.process.communicate(timeout=PATIENCE)
        lines = [line for line in out.splitlines() if not line.startswith("# ")]
        assert len(lines) > 1, err
        return list(csv.DictReader(lines, delimiter=";"))


def dead(rows: list[dict[str, str]]) -> list[str]:
    return [
        f"{one['parentname']} -> {one['url']}: {one['result']} {one['warningstring']}"
        for one in rows
        if one["valid"] != "True" or one["warningstring"]
    ]


# Over a hundred links into itself, and LinkChecker reads a page anew for each. Its links are looked at before every switch.
LONG = "weisse-flecken/"


def sample(addresses: list[str]) -> list[str]:
    """The pages editors wrote, and one of every generated kind."""
    kinds: dict[str, str] = {}
    for one in addresses:
        parts = one.strip("/").split("/")
        kinds.setdefault(f"{parts[0]}/{len(parts)}", one)
    return list(kinds.values())


@pytest.fixture(scope="module")
def running(site_produktion, server, seiten, tmp_path_factory) -> Iterator[Links]:
    """LinkChecker needs its time."""
    base, folder = server(site_produktion), tmp_path_factory.mktemp("links")
    starts = [f"{base}/{one}" for one in sample(seiten.addresses(site_produktion)) if one != LONG]
    links = Links(folder, starts, depth=1, anchors=True)
    yield links
    links.stop()


@pytest.mark.slow
def test_links_and_anchors_of_every_kind_of_page_lead_somewhere(running):
    followed = running.results()
    assert not dead(followed)
    assert sum("#" in one["url"] for one in followed) > 50


@pytest.mark.slow
def test_links_of_the_fictional_edition_lead_somewhere(site_beispiel, server, seiten, tmp_path):
    """The draft asks robots not to follow its links, and LinkChecker obeys; so that wish is taken out of a copy."""
    copy = shutil.copytree(site_beispiel, tmp_path / "site")
    for file in copy.rglob("*.html"):
        file.write_text(
            re.sub(r'<meta name="robots"[^>]*>', "", file.read_text(encoding="utf-8")), encoding="utf-8"
        )
    base = server(copy)
    wanted = [one for one in seiten.addresses(copy) if "beispiel" in one]
    assert len(wanted) > 5
    links = Links(
        tmp_path / "beispiel",
        [f"{base}/{one}" for one in ["", "preistraeger/", "kategorien/", *wanted]],
        depth=1,
        anchors=True,
    )
    assert not dead(links.results())


def islands(site, seiten) -> set[str]:
    """Pages to which no way leads from the home page. That all links lead somewhere, the last look before a switch tells."""
    reached, waiting = {""}, [""]
    while waiting:
        address = waiting.pop()
        for link in re.findall(r'<a\b[^>]*?\shref="([^"#?]*)', seiten.html(site, address)):
            target = posixpath.normpath(posixpath.join("/", address, html.unescape(link))).strip("/")
            target = f"{target}/" if target else ""
            if target not in reached and (site / target / "index.html").is_file():
                reached.add(target)
                waiting.append(target)
    return set(seiten.addresses(site)) - reached


def test_no_page_is_an_island(site_produktion, seiten, tmp_path):
    assert not islands(site_produktion, seiten)
    shutil.copytree(site_produktion / "faq", tmp_path / "site/insel")
    shutil.copy2(site_produktion / "index.html", tmp_path / "site/index.html")
    assert islands(tmp_path / "site", seiten) == {"insel/"}


def test_dead_links_and_anchors_are_found(server, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text(
        '<a href="gone.html">a</a> <a href="other.html#gone">b</a> <a href="other.html#here">c</a>'
    )
    (site / "other.html").write_text('<h2 id="here">Here</h2>')
    found = dead(Links(tmp_path / "links", [f"{server(site)}/"], depth=-1, anchors=True).results())
    assert len(found) == 2
    assert any("gone.html" in one for one in found)
    assert any("other.html#gone" in one for one in found)
