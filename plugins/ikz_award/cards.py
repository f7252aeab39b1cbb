"""The picture beside a link to a page, 1200 × 630, as PNG; the same bytes for the same words. Knows Pillow.

It is drawn in numbers of a palette of sixteen colours, the shades of three inks on the green ground: no colours to
reduce, half a byte for a pixel, and little time. What many cards have in common is drawn once.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
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
# In this order: paper for words, green for parties, gold for the lead; each with the number of its shades. Green has most,
# since the lines between parties are a shade of their own.
_INKS = ((251, 250, 246), (127, 209, 180), (237, 200, 105))
_SHADES = (5, 7, 3)
_WORDS = _SHADES[0]
_MARGIN = 72
_TEXT_WIDTH = 690
_TEXT_TOP, _TEXT_HEIGHT = 150, 370
_SIZES = (80, 72, 64, 58, 52, 46, 40)
_LINE = 1.16
# Where the square of the emblem lies, and how many pixels one of its 200 units is.
_EMBLEM, _SCALE = (780, 105), 2
_SIDE = 200 * _SCALE
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
    dots = {one.key: _dots(one) for one in known}
    largest = max(dots.values(), key=len, default=())
    cards = {
        routes.GENERAL_CARD: Card("", AWARD, largest),
        routes.HOME: Card("", HOME_TITLE, largest),
    }
    for entry in known:
        cards[routes.entry(entry)] = Card(_kind(catalogue, entry), entry.title, dots[entry.key])
    for pattern in catalogue.patterns.values():
        cases = catalogue.by_pattern[pattern.key]
        # The picture of a case that shows the pattern; of the one with the most to see.
        most = max((dots[one.key] for one in cases), key=len, default=())
        cards[routes.pattern(pattern.key)] = Card("Kooperationsmuster", pattern.title, most)
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
    picture = _frame(card.kind, AWARD if card.title != AWARD else "Sammlung").copy()
    pen = ImageDraw.Draw(picture)
    size, lines = _fit(card.title)
    step = round(size * _LINE)
    top = _TEXT_TOP + (_TEXT_HEIGHT - step * len(lines)) // 2
    for index, line in enumerate(lines):
        pen.text((_MARGIN, top + index * step), line, font=_font(size, 750), fill=_WORDS)
    left, upper = _EMBLEM
    square = (left, upper, left + _SIDE, upper + _SIDE)
    # Words hardly reach into it; where they do, it lies on top.
    picture.paste(ImageChops.lighter(picture.crop(square), _emblem(card.dots)), square)
    picture.putpalette(_palette())
    stream = io.BytesIO()
    # Long stretches of one colour are all there is to find; looking for more takes three times as long.
    picture.save(stream, "PNG", bits=4, compress_type=zlib.Z_RLE)
    return stream.getvalue()


@lru_cache(maxsize=32)
def _frame(kind: str, foot: str) -> Image.Image:
    """What stands above and below the title: of every card of a kind the same."""
    picture = Image.new("L", (WIDTH, HEIGHT), 0)
    pen = ImageDraw.Draw(picture)
    if kind:
        pen.text((_MARGIN, 84), kind, font=_font(32, 550), fill=_WORDS)
    pen.text((_MARGIN, HEIGHT - 84), foot, font=_font(26, 450), fill=_WORDS)
    return picture


@lru_cache(maxsize=128)
def _emblem(dots: tuple[Dot, ...]) -> Image.Image:
    """The constellation in its square. Many cooperations have as many parties and so the same one."""
    scale = _SCALE * _SMOOTH
    parties, lead = (Image.new("L", (_SIDE * _SMOOTH,) * 2, 0) for _ in range(2))
    pens = {False: ImageDraw.Draw(parties), True: ImageDraw.Draw(lead)}
    for dot in dots:
        if not dot.lead:
            middle = _SIDE * _SMOOTH / 2
            pens[False].line((middle, middle, dot.x * scale, dot.y * scale), fill=110, width=2 * _SMOOTH)
    for dot in dots:
        x, y, radius = dot.x * scale, dot.y * scale, dot.r * scale
        box = (x - radius, y - radius, x + radius, y + radius)
        if dot.lead:
            pens[False].ellipse(box, fill=0)
        # A party that is no municipality is a ring.
        if dot.municipal or dot.lead:
            pens[dot.lead].ellipse(box, fill=255)
        else:
            pens[False].ellipse(box, fill=0, outline=255, width=4 * _SMOOTH)
    first, second = (_shaded(one.reduce(_SMOOTH), ink) for ink, one in enumerate((parties, lead), start=1))
    return ImageChops.lighter(first, second)


def _shaded(brightness: Image.Image, ink: int) -> Image.Image:
    """Brightness as shades of an ink, by their numbers in the palette."""
    shades, before = _SHADES[ink], sum(_SHADES[:ink])
    steps = (round(value * shades / 255) for value in range(256))
    return brightness.point([before + step if step else 0 for step in steps])


@cache
def _palette() -> bytes:
    """The ground, and behind it the shades of every ink, up to the ink itself."""
    colours = [_GROUND]
    for ink, shades in zip(_INKS, _SHADES, strict=True):
        for step in range(1, shades + 1):
            red, green, blue = (round(a + (b - a) * step / shades) for a, b in zip(_GROUND, ink, strict=True))
            colours.append((red, green, blue))
    return bytes(value for one in colours for value in one)


@cache
def _font_file() -> bytes:
    return resources.files("ikz_award").joinpath("static/fonts/bricolage-grotesque.woff2").read_bytes()


@cache
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(io.BytesIO(_font_file()), size)
    font.set_variation_by_axes([weight])
    return font


@lru_cache(maxsize=1 << 12)
def _length(font: ImageFont.FreeTypeFont, line: str) -> float:
    """Width of a line. The search for its breaks asks again and again."""
    return font.getlength(line)


def _fit(title: str) -> tuple[int, list[str]]:
    """The largest type in which the title fits, and its lines."""
    for size in _SIZES:
        font = _font(size, 750)
        lines = _wrapped(title, font, _TEXT_WIDTH)
        whole = len(lines) * size * _LINE <= _TEXT_HEIGHT
        if whole and all(_length(font, line) <= _TEXT_WIDTH for line in lines):
            return size, _balanced(title, font)
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
        fits = len(lines) <= len(best) and all(_length(font, line) <= middle for line in lines)
        low, high = (low, middle) if fits else (middle, high)
    return _wrapped(title, font, high)


def _wrapped(title: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Words in lines of a width. A compound with a hyphen or a slash may be parted behind it."""
    lines = [""]
    for part, glue in _parts(title):
        longer = f"{lines[-1]}{glue if lines[-1] else ''}{part}"
        if not lines[-1] or _length(font, longer) <= width:
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
    while _length(font, line) > _TEXT_WIDTH and len(line) > 2:
        line = f"{line.rstrip(' …')[:-1]}…"
    return line
