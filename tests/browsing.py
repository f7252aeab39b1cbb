"""A tab in a real Chromium that is watched: what several browser tests look through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "tests/node/node_modules/axe-core/axe.min.js"
WIDTHS = {"phone": 390, "desk": 1300}


class Watch:
    """A page, and what happens on it that must not happen."""

    def __init__(self, page, base: str) -> None:
        self.page, self.base = page, base
        self.troubles: list[str] = []
        host = urlsplit(base).netloc
        page.on(
            "console",
            lambda one: one.type in {"error", "warning"} and self.troubles.append(f"console: {one.text}"),
        )
        page.on("pageerror", lambda one: self.troubles.append(f"error: {one}"))
        page.on("dialog", lambda one: (self.troubles.append(f"dialog: {one.message}"), one.dismiss()))
        page.on("request", lambda one: self._request(one, host))
        page.on(
            "response", lambda one: one.status >= 400 and self.troubles.append(f"{one.status}: {one.url}")
        )

    def _request(self, request, host: str) -> None:
        if not request.url.startswith(("data:", "blob:")) and urlsplit(request.url).netloc != host:
            self.troubles.append(f"foreign: {request.url}")

    def open(self, address: str) -> None:
        self.page.goto(f"{self.base}/{address}", wait_until="load")

    def drain(self) -> list[str]:
        found, self.troubles[:] = list(self.troubles), []
        return found


@pytest.fixture
def visit(chromium) -> Iterator:
    """Open a tab for a site; options are those of a browser context."""
    contexts = []

    def start(base: str, **options: object) -> Watch:
        options = {"viewport": {"width": 1300, "height": 900}, "locale": "de-DE"} | options
        context = chromium.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Watch(context.new_page(), base)

    yield start
    for one in contexts:
        one.close()


@pytest.fixture(scope="session")
def sites(server, site_entwurf, site_beispiel) -> SimpleNamespace:
    return SimpleNamespace(real=server(site_entwurf), hostile=server(site_beispiel))


# What sticks out to the right, with the width it takes; scrolling boxes of their own are meant to.
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return [];
  return [...document.querySelectorAll("main *")]
    .filter(one => one.getBoundingClientRect().right > width + 1)
    .slice(-5)
    .map(one => `${one.tagName}.${one.className}: ${Math.round(one.getBoundingClientRect().right)} > ${width}`)
    .concat(`page: ${document.documentElement.scrollWidth} > ${width}`);
}"""


def walk(watch: Watch, pages: tuple[str, ...], more: Callable[[], list[str]] = list) -> dict[str, list[str]]:
    """What is wrong on each of the pages."""
    wrong = {}
    for address in pages:
        watch.open(address)
        found = [*watch.page.evaluate(STICKS_OUT), *violations(watch.page)[:5], *more(), *watch.drain()]
        if found:
            wrong[address or "/"] = found
    return wrong


def violations(page) -> list[str]:
    """Serious and critical findings of axe, each with where."""
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node['html'][:150]} {(node['failureSummary'] or '')[:250]}"
        for one in result["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def look(visit, base: str, width: str, scheme: str) -> Watch:
    watch = visit(
        base, viewport={"width": WIDTHS[width], "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    watch.page.add_init_script(AXE.read_text(encoding="utf-8"))
    return watch
