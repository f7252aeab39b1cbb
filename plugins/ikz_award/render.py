"""HTML from templates. The only module that knows Jinja; its environment escapes everything by itself."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from html import unescape
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from babel.numbers import format_decimal
from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from ikz_award import dates, diagram, files, replay, richtext, routes, text, wording
from ikz_award.dates import Moment, PartialDate
from ikz_award.model import party_count

_HEADING = re.compile(r'<h([23]) id="([^"]+)"[^>]*>(.*?)</h\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
# Before kept bytecode stands its digest; a template of a hundred times the size of ours has less than this.
_DIGEST, _MAX_BYTECODE = 20, 1 << 24


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading readers can jump to; ``title`` is plain text."""

    level: int
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A finished page body. If ``follows_content``, it belongs behind the editors' text at the same address."""

    address: str
    title: str
    description: str
    html: str
    headings: tuple[Heading, ...]
    follows_content: bool


class Bytecode(BytecodeCache):
    """Compiled templates of an environment, kept where Python keeps this module's own bytecode and under the same rules.

    Jinja knows a template by its name, its file and its text. What its code depends on besides is added here: the programs,
    and the extensions of the environment. Only templates go in, never what is shown with them. What was damaged is made anew.
    """

    def __init__(self, env: Environment, folder: Path | None = None) -> None:
        self.folder = folder or Path(cache_from_source(__file__)).parent
        self._basis = "\n".join((replay.version(), *sorted(env.extensions), ""))

    def get_source_checksum(self, source: str) -> str:
        """Of the template and of all that decides about its code."""
        return super().get_source_checksum(self._basis + source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept of a template, if it is whole."""
        try:
            kept = files.read(self._file(bucket), _MAX_BYTECODE)
        except OSError:
            return
        if kept[:_DIGEST] == _digest(kept[_DIGEST:]):
            bucket.bytecode_from_string(kept[_DIGEST:])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, if there is room for it; whoever reads it meanwhile gets all or nothing."""
        if sys.dont_write_bytecode:
            return
        code = bucket.bytecode_to_string()
        try:
            with NamedTemporaryFile(dir=self.folder, delete=False) as fresh:
                fresh.write(_digest(code) + code)
        except OSError:
            return
        try:
            Path(fresh.name).replace(self._file(bucket))
        except OSError:
            Path(fresh.name).unlink()

    def _file(self, bucket: Bucket) -> Path:
        return self.folder / f"vorlage-{bucket.key}"


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


@cache
def environment() -> Environment:
    """The one environment: autoescaping always on, unknown names are errors."""
    env = Environment(
        loader=PackageLoader("ikz_award", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    env.bytecode_cache = Bytecode(env)
    env.filters["langtext"] = richtext.to_html
    env.filters["zahl"] = _number
    env.filters["zeitpunkt"] = _moment
    env.filters["prozent"] = _percent
    env.filters["anzahl"] = _rounded
    env.globals["label"] = wording.load().label
    env.globals["constellation"] = diagram.constellation
    env.globals["routes"] = routes
    env.globals["anchor"] = text.slug
    env.globals["party_count"] = party_count
    env.globals["in_words"] = dates.in_words
    return env


def render(template: str, address: str, context: Mapping[str, Any]) -> str:
    """HTML of a template for the page at ``address``; ``link`` makes addresses relative to it."""
    html = (
        environment()
        .get_template(template)
        .render(link=partial(routes.relative, address), address=address, **context)
    )
    # Blank lines would end a block of HTML in hosts that read the page as Markdown.
    return re.sub(r"\n\s*\n+", "\n", html).strip()


def headings(html: str) -> tuple[Heading, ...]:
    """Headings of levels two and three that carry an id, in order."""
    return tuple(
        Heading(int(match[1]), match[2], unescape(_TAG.sub("", match[3])).strip())
        for match in _HEADING.finditer(html)
    )


def escape(value: str) -> str:
    """A text as HTML, also inside attributes."""
    return str(Markup.escape(value))


def _moment(value: Moment | PartialDate) -> str:
    """A point in time in full, a date of a source as short as it is."""
    return value.in_full if isinstance(value, Moment) else str(value)


def _number(value: int) -> str:
    """German grouping: ``10.000``."""
    return format_decimal(value, locale="de")


def _percent(share: float) -> str:
    """A share between 0 and 1 as the number before „Prozent“, to one decimal: ``1,7``."""
    return format_decimal(round(share * 100, 1), format="0.#", locale="de")


def _rounded(value: float) -> str:
    """A number that need not be whole, as exact as it is useful: ``7``, ``3,3``, ``unter 0,1``."""
    if 0 < value < 0.05:
        return "unter 0,1"
    return format_decimal(round(value, 1), format="0.#", locale="de")
