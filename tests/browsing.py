"""A tab in a real Chromium that is watched: what several browser tests look through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
        page.on("console", self._console)
        page.on("pageerror", lambda one: self.troubles.append(f"error: {one}"))
        page.on("dialog", lambda one: (self.troubles.append(f"dialog: {one.message}"), one.dismiss()))
        page.on("request", lambda one: self._request(one, host))
        page.on(
            "response", lambda one: one.status >= 400 and self.troubles.append(f"{one.status}: {one.url}")
        )

    def _console(self, message) -> None:
        # The typeface of the titles may come too late to be used, see tokens.css; Chromium finds that worth a warning.
        late = "was preloaded using link preload but not used" in message.text
        if message.type in {"error", "warning"} and not late:
            self.troubles.append(f"console: {message.text}")

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


# Everything axe knows but what it calls experimental: WCAG 2.0 to 2.2, A and AA, and best practice. The size of targets (2.5.8)
# it leaves out unless asked for.
EVERYTHING = "{resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}"
# What another palette can change.
COLOURS = "{resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block']}"
# The narrowest window the pages have to fit into: 1280 pixels at 400 percent (WCAG 2.2, 1.4.10).
NARROWEST = 320
# Pixels of a letter at double the size of the theme's wide layout (WCAG 2.2, 1.4.4).
DOUBLE = "document.documentElement.style.fontSize = '250%'"


# What axe looks at: width, palette, rules. The first two together see every page in both widths and both palettes.
LOOKS = (
    ("phone", "light", EVERYTHING),
    ("desk", "dark", EVERYTHING),
    ("desk", "light", COLOURS),
    ("phone", "dark", COLOURS),
)


def walk(
    watch: Watch, pages: tuple[str, ...], more: Callable[[], list[str]] = list, looks=LOOKS[:2]
) -> dict[str, list[str]]:
    """What is wrong on each of the pages: narrow and wide, light and dark, in the narrowest window, and at double size."""
    wrong = {}
    for address in pages:
        watch.page.set_viewport_size({"width": WIDTHS["phone"], "height": 800})
        watch.open(address)
        found = [*more(), *at_every_width(watch.page)]
        for width, scheme, rules in looks:
            watch.page.emulate_media(color_scheme=scheme)
            watch.page.set_viewport_size({"width": WIDTHS[width], "height": 800})
            found += [f"{width}, {scheme}: {one}" for one in violations(watch.page, rules)[:5]]
        found += watch.drain()
        if found:
            wrong[address or "/"] = found
    return wrong


def at_every_width(page) -> list[str]:
    """What sticks out of the window as it is, of the narrowest one, and with letters of double size on a wide one."""
    found = page.evaluate(STICKS_OUT)
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    found += page.evaluate(STICKS_OUT)
    page.set_viewport_size({"width": WIDTHS["desk"], "height": 800})
    page.evaluate(DOUBLE)
    found += [f"double: {one}" for one in page.evaluate(STICKS_OUT)]
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": WIDTHS["phone"], "height": 800})
    return found


def violations(page, rules: str = EVERYTHING) -> list[str]:
    """Findings of axe, each with where."""
    # A screen of another colour needs a moment to get there.
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    result = page.evaluate(f"axe.run(document, {rules})")
    return [
        f"{one['id']}: {node['target']} {node['html'][:150]} {(node['failureSummary'] or '')[:250]}"
        for one in result["violations"]
        for node in one["nodes"]
    ]


@dataclass(frozen=True)
class Stop:
    """A place the keyboard comes to."""

    name: str
    box: tuple[float, float]
    is_seen: bool
    has_ring: bool


WHERE = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), after = getComputedStyle(one, "::after");
  const box = one.getBoundingClientRect();
  const ring = found => found.outlineStyle !== "none" && parseFloat(found.outlineWidth) >= 2;
  const label = one.labels && one.labels[0] && one.labels[0].textContent;
  return {
    name: (one.getAttribute("aria-label") || one.textContent || label || one.id).trim().replace(/\\s+/g, " ").slice(0, 60),
    box: [box.left + scrollX, box.top + scrollY],
    seen: one.checkVisibility({visibilityProperty: true, opacityProperty: true})
      && box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth,
    ring: ring(style) || ring(after) || style.boxShadow !== "none",
  };
}"""


def tab_walk(page, most: int = 400) -> list[Stop]:
    """Every stop from the top of a page to its end; fails if the keyboard gets stuck."""
    stops: list[Stop] = []
    page.evaluate("document.activeElement && document.activeElement.blur(); scrollTo(0, 0)")
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(WHERE)
        if found is None:
            return stops
        stops.append(Stop(found["name"], tuple(found["box"]), found["seen"], found["ring"]))
    raise AssertionError(f"The keyboard never leaves the page: {[one.name for one in stops[-5:]]}")


def look(visit, base: str, width: str = "desk", scheme: str = "light") -> Watch:
    watch = visit(
        base, viewport={"width": WIDTHS[width], "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    watch.page.add_init_script(AXE.read_text(encoding="utf-8"))
    return watch
