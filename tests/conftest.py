"""What several tests share: built sites, copies of the project to spoil, a web server and a browser."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import sync_playwright

import bootstrap
import support
from ikz_award import planning

pytest_plugins = ("browsing",)
ROOT = Path(__file__).resolve().parent.parent
# Every date in the records lies before it, so that tests give the same result whatever the clock says.
FIXED = datetime.fromisoformat("2026-12-01T12:00+01:00")

# A contact for weaknesses holds for a limited time, counted from the moment the tests build for.
VALID_UNTIL = (max(FIXED, datetime.now(FIXED.tzinfo)) + timedelta(days=180)).date()
# An operator as complete as it has to be before anything is published.
OPERATOR = f"""\
website: https://preis.example
impressum:
  anbieter: Probestelle für Veröffentlichungen
  anschrift: Probeweg 1, 00000 Probestadt
  vertretung: Die Leitung der Probestelle
  email: info@preis.example
  telefon: "0000 / 000"
  verantwortlich: Die Leitung der Probestelle, Probeweg 1, 00000 Probestadt
datenschutz:
  verantwortlich: Probestelle für Veröffentlichungen
  beauftragte_stelle: Stelle für Datenschutz der Probestelle
  hosting: Probe-Rechenzentrum
  protokolle: Adresse und Zeit, sieben Tage lang
barrierefreiheit:
  formular: https://preis.example/barriere
  stand: 2026-11-01
  geprueft_am: 2026-11-02
sicherheit:
  kontakt: mailto:sicherheit@preis.example
  gueltig_bis: {VALID_UNTIL}
"""

# The documented cooperations of a small copy: one of each size, and one from another state.
FEW = ("archiv-kreis-lippe", "datenschutz-stormarn", "hwserft")
# What a copy of the project needs; the package itself is installed.
PARTS = ("data", "content", "mkdocs.yml")


# What takes long begins first, or one process ends up with it alone: whatever builds a site or looks at one.
HEAVY = {"fertig", "baue", "site_entwurf", "chromium", "starte"}


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Bring files with long tests to the front; within a file the order stays."""
    heavy = {one.path for one in items if HEAVY & set(one.fixturenames)}
    items.sort(key=lambda one: one.path not in heavy)


@pytest.fixture(scope="session", autouse=True)
def urteile() -> Iterator[None]:
    """Have each table judged once in a process: nearly all tests check the same ones again, and that takes the most time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "Cache", support.shared_cache)
        yield


@pytest.fixture(scope="session")
def wurzel() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def jetzt() -> datetime:
    """The moment the shared sites are built for."""
    return max(FIXED, datetime.now(FIXED.tzinfo))


@pytest.fixture(scope="session")
def gemeinsam(tmp_path_factory) -> Path:
    """A folder that all processes of this run share."""
    shared = tmp_path_factory.getbasetemp()
    return shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared


@pytest.fixture(scope="session")
def umgebung(gemeinsam) -> Callable[..., dict[str, str]]:
    """The environment for a program of the project, without what the caller's shell would decide for it.

    What one build made, the next one of this run finds.
    """

    def environment(moment: datetime | str | None = None, **more: str) -> dict[str, str]:
        # Whoever forbids Python to keep what it translated has every program of every test translate all of it again.
        unwanted = {"PROFIL", "SOURCE_DATE_EPOCH", "PYTHONDONTWRITEBYTECODE"}
        kept = {key: value for key, value in os.environ.items() if key not in unwanted}
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        if moment is not None:
            kept["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))
            # What goes out is never built for a later time than now.
            if moment.timestamp() > time.time():
                kept |= {"PROBE_JETZT": kept["SOURCE_DATE_EPOCH"], "PYTHONPATH": str(ROOT / "tests/uhr")}
        kept |= {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true", "PYTHONUTF8": "1"}
        kept["IKZ_ZWISCHENSPEICHER"] = str(gemeinsam / "speicher")
        return kept | more

    return environment


@pytest.fixture(scope="session")
def starte(umgebung, jetzt) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a Python program of the project and return what it said, both streams in one."""

    def run(*command: object, moment: datetime | str | None = None, cwd: Path = ROOT, **more: str):
        return subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=cwd,
            env=umgebung(moment or jetzt, **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=300,
        )

    return run


@pytest.fixture(scope="session")
def baue(starte) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Build a site with the project's own command."""

    def build(
        target: Path,
        *,
        projekt: Path = ROOT,
        profil: str = "entwurf",
        moment: datetime | str | None = None,
        generator: str = "mkdocs",
    ):
        options = ["--projekt", projekt, "--profil", profil, "--ziel", target, "--generator", generator]
        return starte(ROOT / "scripts/build_site.py", *options, moment=moment)

    return build


@pytest.fixture(scope="session")
def fertig(baue) -> Callable[..., Path]:
    """Build a site that has to succeed; return its folder."""

    def build(target: Path, **options: object) -> Path:
        done = baue(target, **options)
        assert done.returncode == 0, done.stdout
        return target

    return build


@pytest.fixture(scope="session")
def einmal(gemeinsam) -> Callable[[str, Callable[[Path], object]], Path]:
    """Have one of the processes that share the work make a site; the others wait and take the same."""

    def once(name: str, make: Callable[[Path], object]) -> Path:
        site = gemeinsam / name / "site"
        site.parent.mkdir(exist_ok=True)
        with (gemeinsam / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # A build puts its site in place as the last thing it does.
            if not site.exists():
                make(site)
        return site

    return once


@pytest.fixture(scope="session")
def site_entwurf(einmal, fertig) -> Path:
    """The site as `make site` builds it."""
    return einmal("entwurf", fertig)


@pytest.fixture(scope="session")
def site_beispiel(einmal, fertig) -> Path:
    """The site with the fictional edition, after its announcement."""
    return einmal("beispiel", functools.partial(fertig, profil="beispiel"))


@pytest.fixture(scope="session")
def projekt_kopie(tmp_path_factory) -> Callable[..., Path]:
    """Make a copy of the project that a test may spoil; a fast one has only a few documented cooperations and no map."""

    def copy(*, fast: bool = False) -> Path:
        target = tmp_path_factory.mktemp("projekt")
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, target / part)
            else:
                shutil.copy2(source, target / part)
        if fast:
            cases = (target / "data/cooperations").glob("*.yml")
            # Uptakes name cases that are gone now.
            for file in (
                *(one for one in cases if one.stem not in FEW),
                *(target / "data/uebernahmen").glob("*.yml"),
            ):
                file.unlink()
            support.leave_out_map(target)
        return target

    return copy


@pytest.fixture(scope="session")
def betreiber() -> Callable[[Path], Path]:
    """Say in a copy of the project who operates the site, and where."""

    def know(project: Path) -> Path:
        (project / "data/reference/betreiber.yml").write_text(OPERATOR, encoding="utf-8")
        return project

    return know


@pytest.fixture(scope="session")
def site_produktion(einmal, projekt_kopie, betreiber, fertig) -> Path:
    """The site as it would be published once the operator is known."""

    def build(site: Path) -> None:
        fertig(site, projekt=betreiber(projekt_kopie()), profil="produktion")

    return einmal("produktion", build)


@pytest.fixture(scope="session")
def frueher() -> Callable[[Path], Path]:
    """Make a copy fit for a moment in the past: sources were read and consents given before every edition then."""

    def rewrite(project: Path) -> Path:
        for file in sorted((project / "data").rglob("*.yml")):
            if file.parent.name == "schema":
                continue
            text = file.read_text(encoding="utf-8")
            file.write_text(
                re.sub(r"\b((?:geprueft|gelesen|erteilt)_am:) \S+", r"\1 2025-11-01", text), encoding="utf-8"
            )
        return project

    return rewrite


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        """Allow LinkChecker, which asks for this header, to come as fast as it can."""
        self.send_header("LinkChecker", "allowed")
        super().end_headers()

    def handle(self) -> None:
        """Take no offence when somebody hangs up."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[Path], str]]:
    """Serve folders over HTTP on this machine; returns the address without a slash at its end."""
    running: dict[Path, http.server.ThreadingHTTPServer] = {}

    def serve(folder: Path) -> str:
        if folder not in running:
            handler = functools.partial(_Quiet, directory=str(folder))
            running[folder] = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            threading.Thread(target=running[folder].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{running[folder].server_address[1]}"

    yield serve
    for one in running.values():
        one.shutdown()
        one.server_close()


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium, the one the set-up found. Without one these tests fail; they are never skipped."""
    path = bootstrap.find_browser()
    assert path, "Es ist kein Chromium installiert; „make test“ richtet ihn ein."
    # Chromium refuses its sandbox to root, the usual user of a container.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def seiten() -> SimpleNamespace:
    """Ways to look into a built site."""

    def addresses(site: Path) -> list[str]:
        folders = (one.parent.relative_to(site).as_posix() for one in site.rglob("index.html"))
        return sorted("" if one == "." else f"{one}/" for one in folders)

    def html(site: Path, address: str) -> str:
        return (site / address / "index.html").read_text(encoding="utf-8")

    def article(text: str) -> str:
        """The content of a page without the frame of the theme."""
        found = re.search(r"<article class=\"md-content__inner md-typeset\">(.*)</article>", text, re.DOTALL)
        assert found, "Die Seite hat keinen Inhaltsteil."
        return found[1]

    def heading(text: str) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
        assert found, "Die Seite hat keine Hauptüberschrift."
        # Some hosts put a sign with a link to itself behind a heading.
        text = re.sub(r"<a class=\"headerlink\".*?</a>|<[^>]+>", "", found[1])
        return " ".join(unescape(text).split())

    return SimpleNamespace(addresses=addresses, html=html, article=article, heading=heading)
