"""The built site as a whole: its pages, its phases, what makes a build fail, and what stays when it does."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import frictionless
import pytest

from ikz_award import build

ROOT = Path(__file__).resolve().parent.parent
FIXED_PAGES = (
    "",
    "faq/",
    "kategorien/",
    "preistraeger/",
    "kooperationen/",
    "muster/",
    "methode/",
    "daten/",
    "kontakt/",
    "impressum/",
    "datenschutz/",
    "barrierefreiheit/",
    "leichte-sprache/",
    "glossar/",
    "english/",
)


def names(pattern: str) -> set[str]:
    return {one.stem for one in (ROOT / "data").glob(pattern)}


EDITIONS = names("reference/editionen/*.yml") - {"beispiel"}


def digest(folder: Path) -> dict[str, str]:
    return {
        one.relative_to(folder).as_posix(): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


# --- a normal build


# Started by Python before anything else: writes down whoever wants to reach somebody over a network, and lets nobody.
GUARD = """
import os, sys
def look(event, arguments):
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"} or (
        event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple)
    ):
        with open(os.environ["IKZ_NETZ"], "a") as file:
            print(event, arguments[1:], sys.argv, file=file)
        raise OSError(101, "Network is unreachable")
sys.addaudithook(look)
"""


@pytest.fixture(scope="module")
def guard(tmp_path_factory) -> SimpleNamespace:
    """What a program's environment needs so that it has no network, and the file that says whether it wanted one."""
    folder = tmp_path_factory.mktemp("guard")
    (folder / "sitecustomize.py").write_text(GUARD)
    # Programs that are not Python are held off by a world without interfaces, where the system lets us make one.
    worlds = (["unshare", "--net"], ["unshare", "--map-root-user", "--net"])
    prefix = next((one for one in worlds if shutil.which("unshare") and not _status([*one, "true"])), [])
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return SimpleNamespace(
        prefix=prefix, log=folder / "log", env={"PYTHONPATH": path, "IKZ_NETZ": str(folder / "log")}
    )


def _status(command: list[str]) -> int:
    return subprocess.run(command, check=False, capture_output=True).returncode


@pytest.fixture(scope="module")
def strict(umgebung, jetzt, projekt_kopie, guard, tmp_path_factory) -> SimpleNamespace:
    """The same site once more, built by MkDocs itself, with all it has to say, and with everything around it as different as can be."""
    other = tmp_path_factory.mktemp("anderswo")
    different = {
        "TZ": "Pacific/Kiritimati",
        "PYTHONHASHSEED": "4711",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "C",
        "HOME": str(other),
        "USER": "niemand",
        "LOGNAME": "niemand",
        **guard.env,
    }
    command = [*guard.prefix, sys.executable, "-m", "mkdocs", "build", "--strict"]
    done = subprocess.run(
        [*command, "--config-file", projekt_kopie() / "mkdocs.yml", "--site-dir", other / "site"],
        cwd=other,
        env=umgebung(jetzt, **different),
        umask=0o077,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return SimpleNamespace(site=other / "site", said=done.stdout, status=done.returncode)


def test_a_strict_build_says_no_warning(strict):
    assert strict.status == 0, strict.said
    assert "INFO" in strict.said, "the log has to be there, or the next line could not fail"
    assert not re.findall(r".*(?:WARN|ERROR|Traceback).*", strict.said)


def test_a_build_wants_nothing_of_the_network_and_needs_none(strict, guard):
    assert strict.status == 0, strict.said
    assert not guard.log.exists(), guard.log.read_text()


def test_who_wants_something_of_the_network_is_seen(umgebung, guard, tmp_path):
    env = umgebung(**guard.env | {"IKZ_NETZ": str(tmp_path / "log")})
    for call in (
        "create_connection(('127.0.0.1', 9))",
        "getaddrinfo('preis.example', 443)",
        "socket().connect(('127.0.0.1', 9))",
    ):
        code = f"import socket; socket.{call}"
        assert _run([sys.executable, "-c", code], env) != 0
    assert len((tmp_path / "log").read_text().splitlines()) == 3
    if guard.prefix:
        # Not Python's own hand on it: nothing but the loop is there, and that is down.
        code = "import socket; print(len(socket.if_nameindex())); socket.create_connection(('127.0.0.1', 9))"
        assert _run([*guard.prefix, sys.executable, "-I", "-c", code], env) != 0


def _run(command: list[str], env: dict[str, str]) -> int:
    return subprocess.run(command, env=env, check=False, capture_output=True).returncode


def test_two_builds_for_the_same_moment_are_the_same_bytes_wherever_they_run(site_entwurf, strict):
    """Another folder, time zone, hash seed, locale, user and mask."""
    first, again = digest(site_entwurf), digest(strict.site)
    assert set(again) == set(first)
    assert not {name for name in first if first[name] != again[name]}


def test_every_fixed_address_is_a_page(site_entwurf, seiten):
    assert set(FIXED_PAGES) <= set(seiten.addresses(site_entwurf))


@pytest.mark.parametrize("edition", sorted(EDITIONS))
def test_every_edition_has_its_three_pages(site_entwurf, edition):
    for address in (f"ausschreibung/{edition}", f"teilnahmebedingungen/{edition}", f"preistraeger/{edition}"):
        assert (site_entwurf / address / "index.html").is_file(), address


def test_every_record_has_its_page(site_entwurf, seiten):
    found = set(seiten.addresses(site_entwurf))
    wanted = {f"kooperationen/{one}/" for one in names("cooperations/*.yml")}
    wanted |= {f"muster/{one}/" for one in names("patterns/*.yml")}
    for file in (ROOT / "data/submissions/2022").glob("*.yml"):
        is_winner = "\nstatus: ausgezeichnet\n" in file.read_text(encoding="utf-8")
        wanted.add(f"preistraeger/2022/{file.stem}/" if is_winner else f"kooperationen/{file.stem}/")
    keys = re.findall(
        r"^- schluessel: (\S+)", (ROOT / "data/reference/kategorien.yml").read_text(), re.MULTILINE
    )
    wanted |= {f"kategorien/{one}/" for one in keys}
    text = "".join(one.read_text() for one in (ROOT / "data/cooperations").glob("*.yml"))
    wanted |= {f"kommunen/{one}/" for one in re.findall(r"^ +ags: \"?([0-9]{8})", text, re.MULTILINE)}
    assert len(keys) >= 6
    assert not wanted - found


def test_prizes_of_the_first_edition_that_nobody_recorded_are_shown_as_gaps(site_entwurf, seiten):
    page = seiten.article(seiten.html(site_entwurf, "preistraeger/2022/"))
    assert page.count("Noch nicht erfasst") == 3


def test_the_draft_says_that_it_is_one(site_entwurf, seiten):
    page = seiten.html(site_entwurf, "")
    assert '<meta name="robots" content="noindex' in page
    assert "Entwurf" in page.partition("<main")[0]


def test_the_next_moment_of_change_is_published(site_entwurf):
    told = json.loads((site_entwurf / "naechste-aenderung.json").read_text())
    assert datetime.fromisoformat(told["gebaut_fuer"]).tzinfo
    assert "naechste_aenderung" in told


# --- phases

WINDOW = {
    "vorher": "2025-11-30T23:59:59+01:00",
    "offen": "2025-12-01T00:00+01:00",
    "geschlossen": "2026-02-10T00:00+01:00",
    "bekanntgegeben": "2026-07-02T00:00+02:00",
}
LAST_MOMENTS = {
    "offen": "2026-02-09T23:59:59+01:00",
    "geschlossen": "2026-07-01T23:59:59+02:00",
}


@pytest.fixture(scope="module")
def announced_project(projekt_kopie, frueher) -> Path:
    """A copy whose second edition has an announcement."""
    project = frueher(projekt_kopie(fast=True))
    file = project / "data/reference/editionen/2026.yml"
    text = re.sub(r"^  - bekanntgabe\n", "", file.read_text(), flags=re.MULTILINE)
    file.write_text(f"{text}\nbekanntgabe: 2026-07-01\n")
    return project


def shown_phases(html: str) -> list[str]:
    """Phases whose words are visible on a page."""
    return re.findall(
        r'<div data-ikz-nur="(\w+)"', re.sub(r"<template.*?</template>", "", html, flags=re.DOTALL)
    )


@pytest.mark.parametrize("phase, moment", [*WINDOW.items(), *LAST_MOMENTS.items()])
def test_the_home_page_speaks_of_the_phase_the_edition_is_in(announced_project, phase, moment):
    outcome = build.build(announced_project, "entwurf", datetime.fromisoformat(moment))
    assert not outcome.failed, outcome.findings
    blocks = [html for raw, html in outcome.placeholders[""].items() if "phase" in raw]
    assert shown_phases("".join(blocks)) == [phase]


def test_the_open_phase_reaches_the_built_page(announced_project, fertig, tmp_path, seiten):
    site = fertig(tmp_path / "site", projekt=announced_project, moment=WINDOW["offen"])
    assert shown_phases(seiten.html(site, "")) == ["offen"]
    told = json.loads((site / "naechste-aenderung.json").read_text())
    # Long before the window closes, its first day is over and the next date is another one.
    assert told["naechste_aenderung"] == "2025-12-02T00:00:00+01:00"


# --- builds that must fail


def previous_site(folder: Path) -> Path:
    """What an earlier build left, as far as the command recognises it."""
    site = folder / "site"
    site.mkdir()
    (site / "index.html").write_text("previous")
    (site / "naechste-aenderung.json").write_text(
        '{"gebaut_fuer": "2026-01-01T12:00:00+01:00", "naechste_aenderung": null}'
    )
    return site


def test_a_failed_build_leaves_the_previous_site_as_it_is(baue, projekt_kopie, tmp_path):
    site = previous_site(tmp_path)
    project = projekt_kopie(fast=True)
    record = project / "data/patterns/zweigstelle.yml"
    record.write_text(record.read_text() + "\ntippfehler: ja\n")
    done = baue(site, projekt=project)
    assert done.returncode == 1
    assert "tippfehler" in done.stdout
    assert [one.name for one in tmp_path.iterdir()] == ["site"]
    assert digest(site)["index.html"] == hashlib.sha256(b"previous").hexdigest()


@pytest.mark.slow
def test_a_build_that_the_generator_refuses_leaves_the_previous_site_as_it_is(baue, projekt_kopie, tmp_path):
    site = previous_site(tmp_path)
    project = projekt_kopie(fast=True)
    page = project / "content/faq.md"
    page.write_text(page.read_text() + "\n[nirgends](methode.md#gibt-es-nicht)\n")
    (project / "content/neu.md").write_text("---\ntitle: Neu\ndescription: Eine neue Seite.\n---\n\n# Neu\n")
    done = baue(site, projekt=project)
    assert done.returncode != 0
    line = page.read_text().count("\n")
    assert (
        f"content/faq.md:{line}:12: Der Verweis „methode.md#gibt-es-nicht“ nennt eine Überschrift, die es dort nicht gibt."
        in done.stdout
    )
    assert "content/neu.md" not in done.stdout
    assert "  - neu.md" in done.stdout, "a page that is not in the menu"
    assert "WARNING" not in done.stdout
    assert [one.name for one in tmp_path.iterdir()] == ["site"]
    assert set(digest(site)) == {"index.html", "naechste-aenderung.json"}


# What a setting of the generator could do to hide a dead link from its strict mode.
LENIENT = """
strict: false
validation:
  links:
    not_found: ignore
    anchors: ignore
"""


def lenient(project: Path) -> int:
    """A dead anchor in a page, and settings that say nothing about it; the line of the anchor."""
    page = project / "content/faq.md"
    page.write_text(page.read_text() + "\n[nirgends](methode.md#gibt-es-nicht)\n")
    config = project / "mkdocs.yml"
    text = config.read_text()
    config.write_text(text[: text.index("\nvalidation:")].replace("\nstrict: true", "") + LENIENT)
    return page.read_text().count("\n")


@pytest.mark.slow
def test_settings_of_the_generator_cannot_let_a_dead_link_through(baue, projekt_kopie, tmp_path):
    site = previous_site(tmp_path)
    project = projekt_kopie(fast=True)
    lenient(project)
    done = baue(site, projekt=project)
    assert done.returncode == 1
    assert re.search(
        r"^faq/index.html:\d+: Der Verweis „../methode/#gibt-es-nicht“ führt ins Leere: die Seite gibt es, die Stelle nicht.$",
        done.stdout,
        re.MULTILINE,
    )
    assert "Endkontrolle: 1 Befund in 1 Datei; so geht die Website nicht hinaus." in done.stdout
    assert [one.name for one in tmp_path.iterdir()] == ["site"]
    assert set(digest(site)) == {"index.html", "naechste-aenderung.json"}


def test_our_command_has_no_way_to_say_less(baue, starte, tmp_path):
    for option in ("-q", "--quiet", "--no-strict", "--verbose"):
        done = starte(ROOT / "scripts/build_site.py", "--ziel", tmp_path / "site", option)
        assert done.returncode == 2
        assert f"Unbekannte Angabe: {option}" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "program, status",
    [
        (
            (ROOT / "scripts/build_site.py", "--profil=produktion", "--projekt={project}", "--ziel={target}"),
            2,
        ),
        ((ROOT / "scripts/export_pages.py", "--profil=produktion", "--projekt={project}", "{target}"), 2),
        (("-m", "mkdocs", "build", "--site-dir={target}"), 1),
    ],
)
def test_nobody_ends_an_embargo_by_setting_the_clock(
    starte, projekt_kopie, betreiber, tmp_path, program, status
):
    """Whoever may start a pipeline may mostly set variables for it, too."""
    project, tomorrow = betreiber(projekt_kopie(fast=True)), datetime.now(UTC) + timedelta(days=1)
    command = [str(one).format(project=project, target=tmp_path / "aus") for one in program]
    done = starte(*command, cwd=project, moment=tomorrow, PROFIL="produktion", PYTHONPATH="")
    assert done.returncode == status, done.stdout
    assert "für einen späteren Zeitpunkt als jetzt" in done.stdout
    assert not (tmp_path / "aus").exists()


@pytest.mark.nightly
def test_what_the_generator_builds_by_hand_is_never_what_is_published(starte, projekt_kopie):
    """Said quietly, its strict mode lets a dead anchor pass. So by hand it does not write where `make site` does."""
    project = projekt_kopie(fast=True)
    page = project / "content/faq.md"
    page.write_text(page.read_text() + "\n[nirgends](methode.md#gibt-es-nicht)\n")
    done = starte("-m", "mkdocs", "build", "--quiet", "--strict", cwd=project)
    assert done.returncode == 0, "the flaw is mended: this test and the setting may go"
    assert not (project / "site").exists()
    assert (project / "build/mkdocs/index.html").exists()


@pytest.mark.nightly
def test_twenty_kills_of_the_whole_command_leave_a_whole_site(umgebung, projekt_kopie, tmp_path):
    """Killed alone, the run leaves a generator at work; killed with all it started, it leaves nobody."""
    project, site = projekt_kopie(fast=True), tmp_path / "site"
    moments = ("2026-12-01T12:00+01:00", "2026-12-02T12:00+01:00")
    command = [sys.executable, ROOT / "scripts/build_site.py", "--projekt", project, "--ziel", site]
    chance = random.Random(20261127)  # noqa: S311 - moments, not secrets

    def start(index: int) -> subprocess.Popen[bytes]:
        env = umgebung(moments[index % 2])
        return subprocess.Popen(command, env=env, start_new_session=True, stdout=subprocess.DEVNULL)

    whole, began = [], time.monotonic()
    for index in (0, 1):
        assert start(index).wait() == 0
        whole.append(digest(site))
    assert whole[0] != whole[1]
    lasts, hits = (time.monotonic() - began) / 2, 0
    for index in range(20):
        run = start(index)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(chance.uniform(0, lasts))
        if run.poll() is None:
            hits += 1
            os.kill(run.pid, signal.SIGKILL) if index % 4 < 2 else os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        assert digest(site) in whole
    assert hits > 10
    assert start(0).wait() == 0
    assert digest(site) == whole[0]
    assert [one.name for one in tmp_path.iterdir()] == ["site"]


def test_nothing_goes_into_production_while_the_operator_is_unknown(baue, tmp_path):
    site = previous_site(tmp_path)
    done = baue(site, profil="produktion")
    assert done.returncode == 1
    assert done.stdout.count("E403") >= 10
    assert set(digest(site)) == {"index.html", "naechste-aenderung.json"}


@pytest.mark.parametrize(
    "hidden",
    ["exclude_docs: |\n  /muster/zweigstelle.md", "draft_docs: |\n  /methode.md"],
    ids=["a generated page", "an editors' page"],
)
def test_a_page_that_the_host_hides_stops_the_build(starte, projekt_kopie, tmp_path, hidden):
    project = projekt_kopie(fast=True)
    config = project / "mkdocs.yml"
    # Without strict mode and without the entry in the menu nothing but the plan notices.
    config.write_text(f"{config.read_text()}\n{hidden}\n".replace("      - methode.md\n", ""))
    options = ["--no-strict", "--config-file", config, "--site-dir", tmp_path / "site"]
    done = starte("-m", "mkdocs", "build", *options, cwd=project)
    assert done.returncode != 0, done.stdout
    assert "E405" in done.stdout


def test_two_pages_for_one_address_stop_the_build(baue, projekt_kopie, tmp_path):
    project = projekt_kopie(fast=True)
    page = project / "content/muster/zweigstelle.md"
    page.write_text("---\ntitle: Eigene Seite\ndescription: Verdeckt das Muster.\n---\n\n# Eigene Seite\n")
    done = baue(tmp_path / "site", projekt=project)
    assert done.returncode == 1
    assert "E404" in done.stdout


# --- the published site


def test_the_published_site_may_be_indexed_and_carries_no_banner(site_produktion):
    for page in site_produktion.rglob("*.html"):
        text = page.read_text()
        assert "noindex" not in text, page
        assert "ikz-hinweisband" not in text, page
        assert "ikz-luecke--kurz" not in text, page


def test_the_map_of_the_published_site_names_every_page(site_produktion, seiten):
    text = (site_produktion / "sitemap.xml").read_text()
    named = set(re.findall(r"<loc>(.*?)</loc>", text))
    root = min(named, key=len)
    assert root.startswith("https://")
    assert {one.removeprefix(root) for one in named} == set(seiten.addresses(site_produktion))


def test_the_published_site_names_its_operator(site_produktion, seiten):
    assert "Probeweg 1, 00000 Probestadt" in seiten.html(site_produktion, "impressum/")
    assert "sieben Tage lang" in seiten.html(site_produktion, "datenschutz/")
    assert "2. November 2026" in seiten.html(site_produktion, "barrierefreiheit/")


def fictional_marks() -> set[str]:
    """Names, slugs and titles that exist in the fictional edition only."""
    marks = set()
    for file in (ROOT / "data/submissions/beispiel").glob("*.yml"):
        text = file.read_text()
        marks.add(file.stem)
        marks |= set(re.findall(r"^  - name: \"?([^\"\n<&]+)", text, re.MULTILINE))
        marks |= set(re.findall(r"^titel: \"?([^\"\n<&{]+)", text, re.MULTILINE))
    edition = (ROOT / "data/reference/editionen/beispiel.yml").read_text()
    marks |= set(re.findall(r"^(?:titel|kurz): \"?([^\"\n]+)", edition, re.MULTILINE))
    marks |= {
        "Erfundenau",
        "Nirgendwo",
        "Probeheim",
        "Phantasiegrün",
        "beispiel.example",
        "Beispielministerium",
    }
    # The skeletons' own examples, which the schema shows as help, are not from this edition.
    return {one.strip().lower() for one in marks} - {"stadt musterstadt"}


def test_nothing_of_the_fictional_edition_is_published(site_produktion, site_beispiel):
    def everything(site: Path) -> str:
        texts = (
            one.read_bytes().decode("utf-8", "replace") for one in sorted(site.rglob("*")) if one.is_file()
        )
        listed = (one.relative_to(site).as_posix() for one in site.rglob("*"))
        return "\n".join([*texts, *listed]).lower()

    marks = fictional_marks()
    assert len(marks) > 25
    published, fictional = everything(site_produktion), everything(site_beispiel)
    assert not {one for one in marks if one in published}
    # The same search finds them where they belong.
    assert {"erfundenau", "vergabezentrum-musterstadt", "beispiel (erfunden)"} <= {
        one for one in marks if one in fictional
    }


def test_the_example_site_shows_no_real_submission(site_beispiel):
    for slug in names("submissions/2022/*.yml"):
        assert not list(site_beispiel.rglob(f"*{slug}*"))


# --- open data


def test_the_data_package_describes_its_files(site_beispiel):
    report = frictionless.validate(str(site_beispiel / "daten/datapackage.json"))
    assert report.valid, report.flatten(["taskName", "rowNumber", "fieldName", "message"])[:5]
    assert report.stats["tasks"] >= 20


def test_no_cell_of_a_table_is_taken_for_a_formula(site_beispiel):
    escaped = 0
    for file in sorted((site_beispiel / "daten").glob("*.csv")):
        for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline="")):
            for cell in row:
                assert not re.match(r"[=+@\t\r-](?![0-9.,]*$)", cell), (file.name, cell)
                escaped += bool(re.match(r"'[=+@-]", cell))
    assert escaped, "the fictional edition has texts that start like a formula"


def test_tables_and_json_say_the_same(site_entwurf):
    data = json.loads((site_entwurf / "daten/landespreis-ikz.json").read_text())
    for name, rows in data.items():
        text = (site_entwurf / f"daten/{name}.csv").read_text(encoding="utf-8")
        assert len(list(csv.DictReader(io.StringIO(text, newline="")))) == len(rows), name
    assert len(data["faelle"]) >= 60


# --- nothing from third parties


def foreign_styles(css: str) -> list[str]:
    loaded = re.findall(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", css)
    return [one for pair in loaded for one in pair if one and urlsplit(one).netloc]


def test_no_style_loads_anything_from_elsewhere(site_entwurf):
    """Pages themselves are read for it in test_security_policy."""
    for style in site_entwurf.rglob("*.css"):
        assert not foreign_styles(style.read_text()), style
    assert foreign_styles(
        "@import 'https://elsewhere.example/a.css'; b { background: url(//elsewhere.example/b) }"
    )


def test_own_scripts_fetch_nothing_from_elsewhere(site_entwurf):
    for script in (site_entwurf / "assets/ikz").rglob("*.js"):
        text = script.read_text()
        assert not re.search(
            r"https?://|//[a-z0-9-]+\.[a-z]",
            re.sub(r"^\s*//.*$|/\*.*?\*/", "", text, flags=re.MULTILINE | re.DOTALL),
        ), script


# --- around the moment of an announcement


def test_the_site_changes_at_the_moment_it_says(projekt_kopie, frueher):
    project = frueher(projekt_kopie())
    before = datetime.fromisoformat("2026-06-15T10:59:59+02:00")
    outcome = build.build(project, "beispiel", before)
    assert outcome.next_change == before + timedelta(seconds=1)
    after = build.build(project, "beispiel", outcome.next_change)
    new = set(after.addresses) - set(outcome.addresses)
    assert "preistraeger/beispiel/vergabezentrum-musterstadt/" in new
    assert all("beispiel" in one or one.startswith(("kooperationen/", "kommunen/")) for one in new)
