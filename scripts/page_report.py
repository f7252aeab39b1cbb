"""Measure a built site in the browser, page kind by page kind, and hold the numbers against a budget."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, Request

from command_line import OK, ROOT, GermanParser, Refusal, run
from looking import AXE, SCHEMES, WIDTHS, browser, built, pages, served

OVER_BUDGET = 1
# The budget, in one place. Bytes as they travel, packed and with headers.
FIRST_BYTES = 250_000
NEXT_BYTES = 30_000
# The map holds the outlines of 396 municipalities, each a link; no other page needs them.
NEXT_BYTES_OF = {"Karte": 60_000}
MAX_SHIFT = 0.02
MAX_PAINT = 1.0
SLOWDOWN = 4
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# Collects what the browser reports from the first moment on.
_OBSERVE = """() => {
  window.ikzSeen = { shift: 0, paint: 0, moved: [], painted: '' };
  const name = one => one ? one.tagName.toLowerCase() + (one.className && one.className.baseVal === undefined ? '.' + one.className.trim().split(/\\s+/)[0] : '') : '?';
  new PerformanceObserver(list => list.getEntries().forEach(one => {
    if (one.hadRecentInput) return;
    ikzSeen.shift += one.value;
    one.sources.forEach(source => ikzSeen.moved.push(name(source.node && source.node.nodeType === 1 ? source.node : source.node && source.node.parentElement)));
  })).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver(list => list.getEntries().forEach(one => {
    ikzSeen.paint = one.startTime; ikzSeen.painted = name(one.element);
  })).observe({ type: 'largest-contentful-paint', buffered: true });
}"""
_VISITS = 3
# A page has settled when nothing has arrived for so long.
_SETTLED_MS, _LONGEST_MS = 700, 15_000


@dataclass
class Measured:
    """Numbers of one page."""

    kind: str
    address: str
    axe: int = 0
    first_bytes: int = 0
    next_bytes: int = 0
    requests: int = 0
    shift: float = 0.0
    paint: float = math.inf
    foreign: int = 0
    errors: int = 0
    details: list[str] = field(default_factory=list)

    @property
    def over(self) -> list[str]:
        """What breaks the budget, in German."""
        limits: list[tuple[str, float, float]] = [
            ("axe", self.axe, 0),
            ("Bytes beim ersten Besuch", self.first_bytes, FIRST_BYTES),
            ("Bytes auf der nächsten Seite", self.next_bytes, NEXT_BYTES_OF.get(self.kind, NEXT_BYTES)),
            ("CLS", self.shift, MAX_SHIFT),
            ("LCP", self.paint, MAX_PAINT),
            ("fremde Abrufe", self.foreign, 0),
            ("Fehler in der Konsole", self.errors, 0),
        ]
        return [
            f"{name}: {value:g}, erlaubt {limit:g}"
            for name, value, limit in limits
            if round(value, 3) > limit
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; the return value is the exit status."""
    parser = GermanParser(
        "Misst die gebaute Website im Browser: Barrierefreiheit (axe), übertragene Bytes, Abrufe, Verschiebungen (CLS) und die Zeit"
        f" bis zum größten Inhalt (LCP, Prozessor {SLOWDOWN}-fach gebremst). Endet mit 1, wenn eine Seite das Budget überschreitet."
    )
    parser.add_argument(
        "--site",
        metavar="ORDNER",
        type=Path,
        default=ROOT / "site",
        help="gebaute Website (Vorgabe: site)",
    )
    parser.add_argument("--json", action="store_true", help="schreibt JSON statt einer Tabelle")
    parser.add_argument(
        "--einzeln", action="store_true", help="nennt zu jeder Seite, was gefunden und was geladen wurde"
    )
    options = parser.parse_args(arguments)
    return run(lambda: report(options.site, as_json=options.json, single=options.einzeln), "Nicht gemessen")


def report(site: Path, *, as_json: bool = False, single: bool = False) -> int:
    """Measure a page of each kind and print what was found."""
    built(site)
    if not AXE.is_file():
        raise Refusal("Das Prüfwerkzeug axe fehlt; „make setup-test“ richtet es ein.")
    with served(site) as base, browser() as chromium:
        kinds = pages(site)
        # Whoever reads a second page mostly comes from home, and home itself from any other.
        other = next((one for one in kinds.values() if one), "")
        rows = [
            measure(chromium, base, kind, address, "" if address else other)
            for kind, address in kinds.items()
        ]
    if as_json:
        print(json.dumps([asdict(one) | {"over": one.over} for one in rows], ensure_ascii=False, indent=1))
    else:
        print(table(rows))
        for row in rows if single else ():
            print(f"\n{row.kind} /{row.address}", *row.details, sep="\n  ")
    broken = [f"{one.kind} (/{one.address}): {what}" for one in rows for what in one.over]
    if broken:
        sys.stdout.flush()
        print("Über dem Budget:", *broken, sep="\n- ", file=sys.stderr)
    return OVER_BUDGET if broken else OK


def table(rows: Sequence[Measured]) -> str:
    """Markdown."""
    lines = [
        "| Seite | Adresse | axe | erster Besuch | nächste Seite | Abrufe | CLS | LCP | fremd | Fehler |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {one.kind} | /{one.address} | {one.axe} | {one.first_bytes / 1000:.1f} kB | {one.next_bytes / 1000:.1f} kB"
        f" | {one.requests} | {one.shift:.3f} | {one.paint:.2f} s | {one.foreign} | {one.errors} |"
        for one in rows
    ]
    return "\n".join(lines)


def measure(chromium: Browser, base: str, kind: str, address: str, before: str) -> Measured:
    """All numbers of one page; ``before`` is where a visitor comes from who has seen one already."""
    row = Measured(kind, address)
    for _ in range(_VISITS):
        _first_visit(chromium, base, row)
    _second_page(chromium, base, row, before)
    _accessibility(chromium, base, row)
    return row


def _watch(page: Page, base: str, row: Measured) -> None:
    host = urlsplit(base).netloc

    def asked(request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")) and urlsplit(request.url).netloc != host:
            row.foreign += 1
            row.details.append(f"fremd: {request.url}")

    def said(text: str) -> None:
        row.errors += 1
        row.details.append(f"Fehler: {text}")

    page.on("request", asked)
    page.on("console", lambda one: said(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: said(str(one)))


def _counting(page: Page) -> tuple[CDPSession, Callable[[], tuple[int, list[str]]]]:
    """Count what travels from now on; asking gives the bytes and, the heaviest first, what they were."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on(
        "Network.requestWillBeSent", lambda one: names.update({one["requestId"]: one["request"]["url"]})
    )
    session.on(
        "Network.loadingFinished", lambda one: sizes.update({one["requestId"]: int(one["encodedDataLength"])})
    )

    def total() -> tuple[int, list[str]]:
        heavy = sorted(sizes, key=lambda one: -sizes[one])
        return sum(sizes.values()), [f"{sizes[one]:>8} {urlsplit(names.get(one, '')).path}" for one in heavy]

    return session, total


def _open(page: Page, address: str, total: Callable[[], tuple[int, list[str]]]) -> None:
    """Go there and wait until nothing arrives any more; a slowed-down browser pauses between two requests."""
    page.goto(address, wait_until="load")
    before, waited = -1, 0
    while total()[0] != before and waited < _LONGEST_MS:
        before = total()[0]
        page.wait_for_timeout(_SETTLED_MS)
        waited += _SETTLED_MS


def _first_visit(chromium: Browser, base: str, row: Measured) -> None:
    with chromium.new_context(viewport={"width": 390, "height": 844}, locale="de-DE") as context:
        page = context.new_page()
        _watch(page, base, row)
        session, total = _counting(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        page.add_init_script(f"({_OBSERVE})()")
        _open(page, f"{base}/{row.address}", total)
        seen = page.evaluate("ikzSeen")
        row.shift = max(row.shift, round(seen["shift"], 4))
        # Other work on this machine can only make it longer; the shortest of several visits is nearest to the truth.
        row.paint = min(row.paint, round(seen["paint"] / 1000, 3) or math.inf)
        if row.first_bytes:
            return
        row.first_bytes, heavy = total()
        row.requests = len(heavy)
        row.details += heavy[:8]
        row.details.append(
            f"LCP: {seen['painted']}; verschoben: {', '.join(dict.fromkeys(seen['moved'])) or '–'}"
        )


def _second_page(chromium: Browser, base: str, row: Measured, before: str) -> None:
    with chromium.new_context(viewport={"width": 390, "height": 844}, locale="de-DE") as context:
        page = context.new_page()
        page.goto(f"{base}/{before}", wait_until="networkidle")
        _, total = _counting(page)
        _open(page, f"{base}/{row.address}", total)
        row.next_bytes, heavy = total()
        row.details += [f"danach {one}" for one in heavy if not one.startswith("       0 ")][:4]


def _accessibility(chromium: Browser, base: str, row: Measured) -> None:
    script = AXE.read_text(encoding="utf-8")
    for width, height in WIDTHS.items():
        for scheme in SCHEMES:
            with chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme="light" if scheme == "light" else "dark",
                reduced_motion="reduce",
                locale="de-DE",
            ) as context:
                page = context.new_page()
                _watch(page, base, row)
                page.goto(f"{base}/{row.address}", wait_until="load")
                page.evaluate(script)
                options = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
                found = page.evaluate("options => axe.run(document, options)", options)["violations"]
                row.axe += sum(len(one["nodes"]) for one in found)
                row.details += [
                    f"axe {width} {scheme}: {one['id']} × {len(one['nodes'])}: {one['nodes'][0]['target']}"
                    for one in found
                ]


if __name__ == "__main__":
    sys.exit(main())
