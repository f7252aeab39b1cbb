"""The picture beside a link to a page, 1200 × 630, as PNG; the same bytes for the same words. Knows Pillow.

It is drawn in brightness alone. Three ranges of it stand for three inks on the green ground, and the palette of the file
gives them their colours: no colours to reduce, small files, and hardly any time.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFont

from ikz_award import routes, wording
from ikz_award.catalogue import Catalogue
from ikz_award.diagram import Dot, constellation
from ikz_award.publication import Entry

WIDTH, HEIGHT = 1200, 630
AWARD = "Landespreis für innovative interkommunale Zusammenarbeit NRW"
HOME_TITLE = "Zusammenarbeit, die sich übernehmen lässt"

_GROUND = (8, 60, 50)
# In this order: paper for words, green for parties, gold for the lead.
_INKS = ((251, 250, 246), (127, 209, 180), (237, 200, 105))
_STEPS = 85
_MARGIN = 72
_TEXT_WIDTH = 690
_TEXT_TOP, _TEXT_HEIGHT = 150, 370
_SIZES = (80, 72, 64, 58, 52, 46, 40)
_LINE = 1.16
# Where the part of the emblem begins, how far down it lies, and how many pixels one of its units is.
_EMBLEM = (760, 105, 2.0)
# Circles are drawn larger and made smaller again, for smooth edges.
_SMOOTH = 2


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card: the kind of page, its title, and the constellation beside them."""

    kind: str
    title: str
    dots: tuple[Dot, ...]

    @property
    def alt(self) -> str:
        """The card in words."""
        return f"{self.kind}: {self.title}" if self.kind else self.title


def of(catalogue: Catalogue) -> dict[str, Card]:
    """Cards by address of the page; under ``routes.GENERAL_CARD`` the one for all pages without their own."""
    known = list(catalogue.described_entries.values())
    largest = max((_dots(one) for one in known), key=len, default=())
    cards = {
        routes.GENERAL_CARD: Card("", AWARD, largest),
        routes.HOME: Card("", HOME_TITLE, largest),
    }
    for entry in known:
        cards[routes.entry(entry)] = Card(_kind(catalogue, entry), entry.title, _dots(entry))
    for pattern in catalogue.patterns.values():
        cases = catalogue.by_pattern[pattern.key]
        # The picture of a case that shows the pattern; of the one with the most to see.
        dots = max((_dots(one) for one in cases), key=len, default=())
        cards[routes.pattern(pattern.key)] = Card("Kooperationsmuster", pattern.title, dots)
    return cards


def _kind(catalogue: Catalogue, entry: Entry) -> str:
    edition = catalogue.editions.get(entry.edition)
    if not edition:
        return "Kooperation"
    if not entry.is_winner:
        return f"Einreichung · {edition.short}"
    art = entry.content["auszeichnung"]["art"] or "preis"
    name = "Preisträger" if art == "preis" else wording.load().label("auszeichnung", art)
    return f"{name} · {edition.short}"


def _dots(entry: Entry) -> tuple[Dot, ...]:
    return constellation(entry.content["beteiligte"], entry.content["federfuehrung"])


def draw(card: Card) -> bytes:
    """The card as PNG."""
    words = Image.new("L", (WIDTH, HEIGHT), 0)
    pen = ImageDraw.Draw(words)
    size, lines = _fit(card.title)
    font = _font(size, 750)
    step = round(size * _LINE)
    top = _TEXT_TOP + (_TEXT_HEIGHT - step * len(lines)) // 2
    if card.kind:
        pen.text((_MARGIN, 84), card.kind, font=_font(32, 550), fill=255)
    for index, line in enumerate(lines):
        pen.text((_MARGIN, top + index * step), line, font=font, fill=255)
    pen.text(
        (_MARGIN, HEIGHT - 84), AWARD if card.title != AWARD else "Sammlung", font=_font(26, 450), fill=255
    )
    parties, lead = _emblem(card.dots)
    return _png(words, parties, lead)


def _emblem(dots: Sequence[Dot]) -> tuple[Image.Image, Image.Image]:
    """Brightness of the parties and of the lead."""
    left, top, scale = _EMBLEM
    large = (WIDTH - left) * _SMOOTH, HEIGHT * _SMOOTH
    parties, lead = (Image.new("L", large, 0) for _ in range(2))
    pens = {False: ImageDraw.Draw(parties), True: ImageDraw.Draw(lead)}

    def spot(x: float, y: float) -> tuple[float, float]:
        return (20 + x * scale) * _SMOOTH, (top + y * scale) * _SMOOTH

    for dot in dots:
        if not dot.lead:
            pens[False].line((spot(100, 100), spot(dot.x, dot.y)), fill=110, width=2 * _SMOOTH)
    for dot in dots:
        (x, y), radius = spot(dot.x, dot.y), dot.r * scale * _SMOOTH
        box = (x - radius, y - radius, x + radius, y + radius)
        if dot.lead:
            pens[False].ellipse(box, fill=0)
        # A party that is no municipality is a ring.
        if dot.municipal or dot.lead:
            pens[dot.lead].ellipse(box, fill=255)
        else:
            pens[False].ellipse(box, fill=0, outline=255, width=4 * _SMOOTH)
    whole = []
    for one in (parties, lead):
        picture = Image.new("L", (WIDTH, HEIGHT), 0)
        picture.paste(one.resize((WIDTH - left, HEIGHT), Image.Resampling.BOX), (left, 0))
        whole.append(picture)
    return whole[0], whole[1]


def _png(*inks: Image.Image) -> bytes:
    indices = Image.new("L", (WIDTH, HEIGHT), 0)
    for number, ink in enumerate(inks):
        base = number * _STEPS
        levels = ink.point([0, *(base + max(1, value * (_STEPS - 1) // 255) for value in range(1, 256))])
        # Inks hardly meet; where they do, the later one lies on top.
        indices = ImageChops.lighter(indices, levels)
    palette: list[int] = []
    for ink_colour in _INKS:
        for step in range(_STEPS):
            share = step / (_STEPS - 1)
            palette += [round(a + (b - a) * share) for a, b in zip(_GROUND, ink_colour, strict=True)]
    indices.putpalette(palette)
    stream = io.BytesIO()
    indices.save(stream, "PNG", compress_level=6)
    return stream.getvalue()


@cache
def _font_file() -> bytes:
    return resources.files("ikz_award").joinpath("static/fonts/bricolage-grotesque.woff2").read_bytes()


@cache
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(io.BytesIO(_font_file()), size)
    font.set_variation_by_axes([weight])
    return font


def _fit(title: str) -> tuple[int, list[str]]:
    """The largest type in which the title fits, and its lines."""
    for size in _SIZES:
        lines = _balanced(title, _font(size, 750))
        whole = all(_font(size, 750).getlength(line) <= _TEXT_WIDTH for line in lines)
        if whole and len(lines) * size * _LINE <= _TEXT_HEIGHT:
            return size, lines
    # Longer than any title should be: what does not fit is cut.
    size, font = _SIZES[-1], _font(_SIZES[-1], 750)
    most = int(_TEXT_HEIGHT / (size * _LINE))
    lines = _wrapped(title, font, _TEXT_WIDTH)
    shown = [*lines[: most - 1], f"{lines[most - 1]} …"] if len(lines) > most else lines
    return size, [_cut(line, font) for line in shown]


def _balanced(title: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """As few lines as possible, and these as alike in length as possible."""
    best = _wrapped(title, font, _TEXT_WIDTH)
    low, high = _TEXT_WIDTH // 3, _TEXT_WIDTH
    while high - low > 8:
        middle = (low + high) // 2
        lines = _wrapped(title, font, middle)
        fits = len(lines) <= len(best) and all(font.getlength(line) <= middle for line in lines)
        low, high = (low, middle) if fits else (middle, high)
    return _wrapped(title, font, high)


def _wrapped(title: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Words in lines of a width. A compound with a hyphen or a slash may be parted behind it."""
    lines = [""]
    for part, glue in _parts(title):
        longer = f"{lines[-1]}{glue if lines[-1] else ''}{part}"
        if not lines[-1] or font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _parts(title: str) -> Iterator[tuple[str, str]]:
    """Parts that stay together, each with what stands before it if it does not begin a line."""
    for word in title.split():
        cuts = [
            0,
            *(i + 1 for i, sign in enumerate(word[:-1]) if sign in "-/" and 2 < i + 1 < len(word) - 2),
            len(word),
        ]
        for index, (start, end) in enumerate(pairwise(cuts)):
            yield word[start:end], "" if index else " "


def _cut(line: str, font: ImageFont.FreeTypeFont) -> str:
    """The line, or as much of it as there is room for."""
    while font.getlength(line) > _TEXT_WIDTH and len(line) > 2:
        line = f"{line.rstrip(' …')[:-1]}…"
    return line
