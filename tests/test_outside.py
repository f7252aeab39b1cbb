"""Pages that the host does not render: the same bytes as if it did, and where they would not be, it does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from ikz_award import security_policy

ROOT = Path(__file__).resolve().parent.parent
# The host with something changed; its last line lists the pages it rendered.
HOST = """
import json, sys
from mkdocs.__main__ import cli
from mkdocs.commands import build as host
from ikz_award import build
from ikz_award.adapters import outside
seen, ordinary, fragment = [], host._build_page, build.render.render
def look(page, *rest, **more):
    seen.append(page.url)
    ordinary(page, *rest, **more)
host._build_page = look
{change}
cli(standalone_mode=False)
print(json.dumps(seen))
"""
ALL_BY_THE_HOST = "outside.FEWEST = sys.maxsize"


@pytest.fixture
def host(starte, tmp_path) -> Callable[..., SimpleNamespace]:
    def build(project: Path = ROOT, change: str = "", **more: str) -> SimpleNamespace:
        site = tmp_path / f"site {change}"
        options = ("build", "--strict", "--config-file", project / "mkdocs.yml", "--site-dir", site)
        done = starte("-c", HOST.format(change=change), *options, cwd=project, **more)
        rendered = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else []
        return SimpleNamespace(site=site, status=done.returncode, said=done.stdout, rendered=rendered)

    return build


def digest(folder: Path) -> dict[str, str]:
    return {
        one.relative_to(folder).as_posix(): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


@pytest.mark.parametrize("profile", ["entwurf", pytest.param("beispiel", marks=pytest.mark.slow)])
def test_every_file_of_the_site_is_as_if_the_host_had_rendered_every_page(host, request, profile):
    built = request.getfixturevalue(f"site_{profile}")
    ordinary = host(change=ALL_BY_THE_HOST, PROFIL=profile)
    assert ordinary.status == 0, ordinary.said
    assert "Warnung" not in ordinary.said
    pages = sorted(one.parent.relative_to(built).as_posix() for one in built.rglob("index.html"))
    assert sorted(one.strip("/") or "." for one in ordinary.rendered) == pages
    assert digest(built) == digest(ordinary.site)


@pytest.fixture
def small(projekt_kopie) -> Path:
    return projekt_kopie(fast=True)


def test_it_is_so_for_a_site_that_knows_its_address(host, small, betreiber):
    project = betreiber(small)
    ours, ordinary = (host(project, change, PROFIL="produktion") for change in ("", ALL_BY_THE_HOST))
    assert (ours.status, ordinary.status) == (0, 0), ours.said + ordinary.said
    assert "https://preis.example/muster/zweigstelle/" in (ours.site / "sitemap.xml").read_text("utf-8")
    assert len(ours.rendered) < len(ordinary.rendered) / 2
    assert digest(ours.site) == digest(ordinary.site)


def test_the_host_renders_a_page_of_a_folder_for_comparison_and_few_frames(host, small):
    done = host(small)
    assert done.status == 0, done.said
    assert "Warnung" not in done.said
    patterns = {one.parent.name for one in done.site.glob("muster/*/index.html")}
    own = [one for one in done.rendered if one.startswith("muster/") and one != "muster/"]
    assert len(patterns) > 20
    assert len([one for one in own if one.split("/")[1] in patterns]) == 1
    assert len(own) < len(patterns) / 2


PLUGIN = """
from mkdocs.plugins import BasePlugin
class Plugin(BasePlugin):
    def on_post_page(self, output, page, config):
        return output + "<!-- zuletzt -->" if page.url == "muster/zweigstelle/" else output
"""


def test_whoever_wants_to_see_every_page_sees_every_page(host, small, tmp_path):
    about = tmp_path / "erweiterung/erweiterung-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: erweiterung\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[mkdocs.plugins]\nerweiterung = erweiterung:Plugin\n")
    (about.parent / "erweiterung.py").write_text(PLUGIN)
    settings = small / "mkdocs.yml"
    text = settings.read_text("utf-8").replace("  - tags:\n", "  - erweiterung\n  - tags:\n", 1)
    settings.write_text(text, "utf-8")
    done = host(small, PYTHONPATH=str(about.parent))
    assert done.status == 0, done.said
    assert "Warnung: Der Bau dauert länger als nötig, denn die Erweiterung „erweiterung“" in done.said
    assert "<!-- zuletzt -->" in (done.site / "muster/zweigstelle/index.html").read_text("utf-8")
    assert set(done.rendered) >= {
        f"muster/{one.parent.name}/" for one in done.site.glob("muster/*/index.html")
    }


@pytest.mark.parametrize("broken", ["{{ page.content | length }}", "{{ page.title | upper }}"])
def test_a_theme_that_treats_pages_differently_has_them_rendered_by_the_host(host, small, broken):
    partial = small / "rahmen/partials/source-file.html"
    partial.parent.mkdir(parents=True)
    partial.write_text(f"<i>{broken}</i>")
    settings = small / "mkdocs.yml"
    text = settings.read_text("utf-8").replace(
        "  name: material\n", "  name: material\n  custom_dir: rahmen\n", 1
    )
    settings.write_text(text, "utf-8")
    done = host(small)
    assert done.status == 0, done.said
    assert "Warnung: Der Bau dauert länger als nötig, denn unter /muster/" in done.said
    pages = list(done.site.glob("muster/*/index.html"))
    assert set(done.rendered) >= {f"muster/{one.parent.name}/" for one in pages}
    assert all("Content-Security-Policy" in one.read_text("utf-8") for one in pages)
    marks = {one.read_text("utf-8").rpartition("<i>")[2].partition("</i>")[0] for one in pages}
    assert len(marks) > 20


PLANTED = """
def planted(template, address, context):
    made = fragment(template, address, context)
    return made + "<script>alert(1)</script>" if address == "muster/zweigstelle/" else made
build.render.render = planted
"""


def test_a_script_in_a_page_that_the_host_does_not_render_ends_the_build(host, small):
    done = host(small, PLANTED)
    assert done.status != 0
    assert "auf manchen Seiten, aber nicht auf allen: muster/zweigstelle/index.html" in done.said


@pytest.mark.parametrize(
    "part, closed, inert",
    [
        ("<p>Text</p>", True, True),
        ('<script type="application/ld+json">{"a": 1}</script>', True, True),
        ("<SCRIPT>1</SCRIPT >", True, False),
        ('<script src="a.js"></script>', True, True),
        ("<script>1", False, False),
        ('<script type="application/ld+json">', False, False),
        ("1</script><script", False, False),
    ],
)
def test_a_part_of_a_page_tells_whether_it_adds_a_script(part, closed, inert):
    assert (security_policy.is_closed(part), security_policy.is_inert(part)) == (closed, inert)
