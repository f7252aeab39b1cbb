"""The same site from other generators, and the live preview with records that are wrong."""

from __future__ import annotations

import html
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from ikz_award import build, yamlfile
from ikz_award.adapters import folder

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60


def plain(markup: str) -> str:
    """Text without tags and with single blanks; the theme's signs behind headings left out."""
    without = re.sub(r"<(script|style)\b.*?</\1>|<a class=\"headerlink\".*?</a>", "", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without)).split())


# --- ProperDocs


@pytest.fixture(scope="module")
def site_properdocs(fertig, tmp_path_factory) -> Path:
    return fertig(tmp_path_factory.mktemp("properdocs") / "site", generator="properdocs")


@pytest.mark.slow
def test_properdocs_builds_the_same_pages_with_the_same_text(site_entwurf, site_properdocs, seiten):
    addresses = seiten.addresses(site_entwurf)
    assert seiten.addresses(site_properdocs) == addresses
    for address in addresses:
        ours, theirs = (
            seiten.article(seiten.html(site, address)) for site in (site_entwurf, site_properdocs)
        )
        assert plain(theirs) == plain(ours), address


# --- the exported folder, built with Zensical


@pytest.fixture(scope="module")
def exported(starte, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("export") / "export"
    done = starte(ROOT / "scripts/export_pages.py", target)
    assert done.returncode == 0, done.stdout
    return target


@pytest.fixture(scope="module")
def site_zensical(exported, umgebung) -> Path:
    # Nothing is added: the settings come with the export.
    program = Path(sys.executable).parent / "zensical"
    done = subprocess.run(
        [program, "build"],
        cwd=exported,
        env=umgebung(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return exported / "site"


def test_the_manifest_lists_what_mkdocs_builds(site_entwurf, exported, seiten):
    manifest = json.loads((exported / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["seiten"]) == seiten.addresses(site_entwurf)
    for address in manifest["dateien"]:
        assert (exported / "docs" / address).read_bytes() == (site_entwurf / address).read_bytes(), address


@pytest.mark.slow
def test_zensical_builds_every_exported_page_under_its_heading(site_entwurf, site_zensical, exported, seiten):
    manifest = json.loads((exported / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["seiten"]) > 200
    for address in manifest["seiten"]:
        ours, theirs = seiten.html(site_entwurf, address), seiten.html(site_zensical, address)
        place = exported / "docs" / address
        source = place / "index.md" if (place / "index.md").exists() else place.with_suffix(".md")
        text = source.read_text(encoding="utf-8")
        # Where editors wrote no heading, a host takes the title from the menu (MkDocs) or from the page's head.
        named = re.search(r"^title: \"?(.*?)\"?$", text, re.MULTILINE)
        has_own = re.search(r"<h1|^# ", text, re.MULTILINE)
        wanted = seiten.heading(ours) if has_own or not named else named[1]
        assert seiten.heading(theirs) == wanted, address
        assert "<!-- ikz:" not in theirs, address


@pytest.mark.slow
def test_zensical_keeps_the_text_of_generated_pages(site_entwurf, site_zensical, seiten):
    generated = [
        one for one in seiten.addresses(site_entwurf) if re.match(r"(kooperationen|muster|kommunen)/.", one)
    ]
    assert len(generated) > 100
    for address in generated:
        ours, theirs = (seiten.article(seiten.html(site, address)) for site in (site_entwurf, site_zensical))
        assert plain(ours) in plain(theirs), address


@pytest.mark.slow
def test_zensical_loads_nothing_from_elsewhere_and_uses_our_looks(site_zensical, seiten):
    text = (site_zensical / "muster/zweigstelle/index.html").read_text(encoding="utf-8")
    assert '<html lang="de"' in text
    assert "<title>" in text
    assert "Landespreis IKZ NRW" in text
    assert "assets/ikz/ikz.css" in text
    assert "assets/ikz/ikz.js" in text
    assert "fonts.g" not in text


@pytest.mark.slow
def test_the_last_look_at_a_site_works_for_what_zensical_builds_as_well(site_zensical, exported, tmp_path):
    """It writes files of its own and no policy; whatever else holds for a site holds here."""
    listed = json.loads((exported / "manifest.json").read_text(encoding="utf-8"))
    listed["bereiche"] = ["kooperationen/", "kommunen/", "muster/", "preistraeger/"]
    told = look(site_zensical, listed, tmp_path)
    assert told.returncode == 0, told.stdout
    # The same with a case fewer on the list, which is then one that nobody knows.
    listed["seiten"].remove("kooperationen/hwserft/")
    assert (
        "„kooperationen/hwserft/“ wird genannt und ist keine öffentliche Adresse."
        in look(site_zensical, listed, tmp_path).stdout
    )


def look(site: Path, listed: object, scratch: Path) -> subprocess.CompletedProcess[str]:
    (scratch / "liste.json").write_text(json.dumps(listed), encoding="utf-8")
    options = ["--liste", scratch / "liste.json", "--ohne", "richtlinie", "--ohne", "unbekannt"]
    command = [sys.executable, ROOT / "scripts/final_gate.py", site, *options]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_the_exported_settings_name_the_extensions_of_the_project(exported):
    settings = tomllib.loads((exported / "zensical.toml").read_text(encoding="utf-8"))
    wanted = yamlfile.read((ROOT / "mkdocs.yml").read_bytes(), 20).value["markdown_extensions"]
    names = {next(iter(one)) if isinstance(one, dict) else one for one in wanted}
    assert set(settings["project"]["markdown_extensions"]) == names == set(folder.EXTENSIONS)


def test_names_and_addresses_stay_texts_in_the_exported_settings(tmp_path):
    name = 'Preis "2026" \\ #1 – „so“'
    (tmp_path / "mkdocs.yml").write_text(f"site_name: {json.dumps(name)}\n", encoding="utf-8")
    outcome = build.Outcome(website="https://preis.example")
    project = tomllib.loads(folder.settings(outcome, tmp_path))["project"]
    assert (project["site_name"], project["site_url"]) == (name, "https://preis.example")
    assert "site_url" not in tomllib.loads(folder.settings(build.Outcome(), tmp_path))["project"]


def test_an_export_does_not_write_over_something_else(starte, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = starte(ROOT / "scripts/export_pages.py", tmp_path)
    assert done.returncode == 2
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_changed_settings_stay_and_the_export_says_so(starte, exported, tmp_path):
    mine = tmp_path / "zensical.toml"
    mine.write_text("# mine\n")
    done = starte(ROOT / "scripts/export_pages.py", tmp_path)
    assert done.returncode == 0, done.stdout
    assert f"{mine} war schon da und bleibt, wie sie ist." in done.stdout
    assert mine.read_text() == "# mine\n"
    assert (tmp_path / "manifest.json").exists()
    # Settings nobody changed are no news.
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy(exported / "zensical.toml", again)
    assert "war schon da" not in starte(ROOT / "scripts/export_pages.py", again).stdout


# --- the live preview


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def preview(projekt_kopie, umgebung, jetzt, tmp_path) -> Iterator[SimpleNamespace]:
    """A small copy of the project, and a way to start the preview in it."""
    project = projekt_kopie(fast=True)
    port = free_port()
    address = f"127.0.0.1:{port}"
    log = tmp_path / "log.txt"
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        options = ["--projekt", project, "--port", str(port)]
        with log.open("wb") as out:
            running.append(
                subprocess.Popen(
                    [sys.executable, ROOT / "scripts/serve.py", *options],
                    cwd=project,
                    env=umgebung(jetzt),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )
            )

    def page(path: str = "") -> str:
        try:
            with urllib.request.urlopen(f"http://{address}/{path}", timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return f"status {error.code}"
        except OSError:
            return ""

    def until(path: str, holds: Callable[[str], bool]) -> str:
        """The page as soon as it is as wanted."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert running[0].poll() is None, f"the preview ended: {log.read_text()}"
            text = page(path)
            if text and holds(text):
                return text
            time.sleep(0.2)
        pytest.fail(f"/{path} did not become as wanted: {log.read_text()[-3000:]}")

    yield SimpleNamespace(project=project, start=start, page=page, until=until, log=log)
    for one in running:
        one.terminate()
        one.wait(timeout=20)


def test_the_preview_lives_through_wrong_records_and_shows_them(preview):
    record = preview.project / "data/cooperations/hwserft.yml"
    good = record.read_text(encoding="utf-8")
    address = "kooperationen/hwserft/"

    # Wrong from the start: the box names file and cause, the record is left out, the rest is there.
    record.write_text(good.replace("titel:", "titl:", 1), encoding="utf-8")
    preview.start()
    home = preview.until("", lambda text: "hwserft.yml" in text)
    assert "titl" in plain(home)
    assert "Hochwasserschutzkooperation" not in preview.page("kooperationen/")
    assert preview.page(address) == "status 404"
    assert "<h1>" in preview.page("muster/zweigstelle/")
    assert "hwserft.yml" in preview.log.read_text()

    # Mended: the box is gone and the page is there.
    record.write_text(good, encoding="utf-8")
    preview.until(address, lambda text: "<h1>" in text)
    preview.until("", lambda text: "hwserft.yml" not in text)

    # Not even YAML any more.
    record.write_text('titel: "offen\n- und: [quer\n', encoding="utf-8")
    preview.until("", lambda text: "hwserft.yml" in text)
    assert preview.page(address) == "status 404"

    # An edition that many pages need: nothing may fall over.
    edition = preview.project / "data/reference/editionen/2026.yml"
    saved = edition.read_text(encoding="utf-8")
    edition.write_text("nummer: zwei\n", encoding="utf-8")
    preview.until("", lambda text: "editionen/2026.yml" in text)
    assert "<h1>" in preview.page("muster/zweigstelle/")

    # The description of the data itself.
    fields = preview.project / "data/schema/fall.yml"
    described = fields.read_text(encoding="utf-8")
    fields.write_text("fields: [\n", encoding="utf-8")
    preview.until("", lambda _: "Die Beschreibung der Daten ist nicht lesbar" in preview.log.read_text())

    # All mended: the site is as it was.
    fields.write_text(described, encoding="utf-8")
    edition.write_text(saved, encoding="utf-8")
    record.write_text(good, encoding="utf-8")
    preview.until(address, lambda text: "<h1>" in text)
    preview.until("", lambda text: "hwserft.yml" not in text and "editionen/2026.yml" not in text)
    assert "Traceback" not in preview.log.read_text()


@pytest.mark.slow
def test_the_preview_lives_through_a_page_in_another_encoding(preview):
    page = preview.project / "content/faq.md"
    good = page.read_bytes()
    latin = good.decode().replace("–", "-").encode("latin-1", "replace") + "Zum Schluß: Grüße\n".encode(
        "latin-1"
    )
    page.write_bytes(latin)
    preview.start()
    preview.until("", lambda text: "content/faq.md" in text)
    preview.until("faq/", lambda text: "nicht lesbar" in text)
    page.write_bytes(good)
    preview.until("", lambda text: "content/faq.md" not in text)
    preview.until("faq/", lambda text: "nicht lesbar" not in text)
    # And once more while it runs.
    page.write_bytes(latin)
    preview.until("", lambda text: "content/faq.md" in text)
    assert "Traceback" not in preview.log.read_text()


@pytest.mark.slow
def test_the_preview_lives_through_broken_settings_and_says_where(preview):
    settings = preview.project / "mkdocs.yml"
    good = settings.read_text(encoding="utf-8")
    preview.start()
    preview.until("", lambda text: "<h1" in text)
    settings.write_text(good.replace("  name: material", "  name: [material", 1), encoding="utf-8")
    line = good[: good.index("  name: material")].count("\n") + 1
    preview.until("", lambda _: f"mkdocs.yml:{line}:" in preview.log.read_text())
    assert "Nicht neu gebaut; zu sehen ist der Stand davor." in preview.log.read_text()
    settings.write_text(good.replace("Landespreis IKZ NRW", "Probename", 1), encoding="utf-8")
    preview.until("", lambda text: "Probename" in text)
    assert "Traceback" not in preview.log.read_text()
