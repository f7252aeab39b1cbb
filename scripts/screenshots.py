"""Take pictures of the main pages of a built site: narrow and wide, light and dark, whole and as they first appear."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from command_line import OK, ROOT, GermanParser, run
from looking import SCHEMES, WIDTHS, browser, built, pages, served

# The browser draws no taller picture.
_TALLEST = 16_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures; the return value is the exit status."""
    parser = GermanParser(
        "Fotografiert die wichtigsten Seiten der gebauten Website: schmal und breit, hell und dunkel, ganz und auf den ersten Blick."
    )
    parser.add_argument(
        "--site",
        metavar="ORDNER",
        type=Path,
        default=ROOT / "site",
        help="gebaute Website (Vorgabe: site)",
    )
    parser.add_argument(
        "--ziel",
        metavar="ORDNER",
        type=Path,
        default=ROOT / "build/bilder",
        help="wohin die Bilder geschrieben werden (Vorgabe: build/bilder)",
    )
    options = parser.parse_args(arguments)
    return run(lambda: take(options.site, options.ziel), "Keine Bilder")


def take(site: Path, target: Path) -> int:
    """Write every picture as PNG."""
    built(site)
    target.mkdir(parents=True, exist_ok=True)
    count = 0
    with served(site) as base, browser() as chromium:
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                context = chromium.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="light" if scheme == "light" else "dark",
                    reduced_motion="reduce",
                    locale="de-DE",
                )
                page = context.new_page()
                for address in pages(site).values():
                    page.goto(f"{base}/{address}", wait_until="networkidle")
                    name = f"{address.strip('/').replace('/', '_') or 'start'}-{width}-{'hell' if scheme == 'light' else 'dunkel'}"
                    page.screenshot(path=target / f"{name}-oben.png")
                    tall = min(_TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
                    clip = {"x": 0.0, "y": 0.0, "width": float(width), "height": float(tall)}
                    page.screenshot(path=target / f"{name}.png", full_page=True, clip=clip)  # type: ignore[arg-type]
                    count += 2
                context.close()
    print(f"{count} Bilder in {target}")
    return OK


if __name__ == "__main__":
    sys.exit(main())
