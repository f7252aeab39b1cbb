"""What the commands that look at a built site share: a web server as operators set it up, the browser, and kinds of pages."""

from __future__ import annotations

import fnmatch
import functools
import gzip
import http.server
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, sync_playwright

import bootstrap
from command_line import ROOT, Refusal

AXE = ROOT / "tests/node/node_modules/axe-core/axe.min.js"
WIDTHS = {390: 844, 1300: 900}
SCHEMES = ("light", "dark")
_PACKED = (".html", ".css", ".js", ".json", ".svg", ".txt", ".csv", ".xml", ".ics", ".webmanifest")
# One page of each kind, the largest there is; where several patterns are named, the first that exists.
KINDS = {
    "Start": ("index.html",),
    "Kategorie": ("kategorien/*/index.html",),
    "Preisträger": ("preistraeger/*/*/index.html",),
    "Fall": ("kooperationen/*/index.html",),
    "Muster": ("muster/*/index.html",),
    "Kommune": ("kommunen/*/index.html",),
    "Sammlung": ("kooperationen/index.html",),
    "Suche": ("suche/index.html",),
    "Karte": ("karte/index.html",),
    "Ausschreibung": ("ausschreibung/*/index.html",),
    "Passt das zu uns?": ("passt-das-zu-uns/index.html",),
    "Vergleich": ("vergleich/index.html",),
}


def pages(site: Path) -> dict[str, str]:
    """Address of a page of each kind that the site has."""
    found = {}
    for kind, patterns in KINDS.items():
        files = next((some for one in patterns if (some := sorted(site.glob(one)))), [])
        if files:
            largest = max(files, key=lambda one: one.stat().st_size)
            folder = largest.parent.relative_to(site).as_posix()
            found[kind] = "" if folder == "." else f"{folder}/"
    return found


def header_rules(site: Path) -> list[tuple[str, list[tuple[str, str]]]]:
    """What ``_headers`` says: a pattern of paths, and names with values."""
    rules: list[tuple[str, list[tuple[str, str]]]] = []
    file = site / "_headers"
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        if line.startswith("/"):
            rules.append((line.strip(), []))
        elif line.strip() and rules:
            name, _, value = line.partition(":")
            rules[-1][1].append((name.strip(), value.strip()))
    return rules


class _Handler(http.server.BaseHTTPRequestHandler):
    """Files packed, with the headers of the site, and its own page for what does not exist."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, site: Path, policy: bool, **options: object) -> None:
        self.site = site
        self.rules = header_rules(site) if policy else []
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file."""
        path = unquote(urlsplit(self.path).path)
        file = (self.site / path.lstrip("/")).resolve()
        if file.is_dir():
            if not path.endswith("/"):
                self._send(301, b"", {"Location": f"{urlsplit(self.path).path}/"})
                return
            file /= "index.html"
        status = 200
        if not file.is_file() or not file.is_relative_to(self.site.resolve()):
            status, file = 404, self.site / "404.html"
        body = file.read_bytes() if file.is_file() else b""
        kind = http.server.SimpleHTTPRequestHandler.extensions_map.get(file.suffix) or _kind(file)
        more = {"Content-Type": kind, "Cache-Control": "max-age=300"}
        if file.suffix in _PACKED and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = _packed(body)
            more |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        for pattern, headers in self.rules:
            if fnmatch.fnmatchcase(path, pattern):
                more |= dict(headers)
        self._send(status, body, more)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _kind(file: Path) -> str:
    types = {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".webp": "image/webp",
        ".png": "image/png",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
    }
    return types.get(file.suffix, "application/octet-stream")


@functools.lru_cache(maxsize=4096)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Take no offence when somebody hangs up."""


@contextmanager
def served(site: Path, *, policy: bool = True) -> Iterator[str]:
    """Serve a built site on this machine; its address without a slash at the end. ``policy``: with its headers."""
    handler = functools.partial(_Handler, site=site, policy=policy)
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def browser() -> Iterator[Browser]:
    """The Chromium that the set-up found."""
    try:
        path = bootstrap.find_browser()
    except bootstrap.SetupError as error:
        raise Refusal(str(error)) from error
    if not path:
        raise Refusal("Es ist kein Chromium installiert; „make setup-test“ richtet ihn ein.")
    # Chromium refuses its sandbox to root, the usual user of a container.
    options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=options)
        yield running
        running.close()


def built(site: Path) -> Path:
    """The site, if there is one."""
    if not (site / "index.html").is_file():
        raise Refusal(f"In „{site}“ liegt keine gebaute Website; „make site“ baut sie.")
    return site
