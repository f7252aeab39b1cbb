"""What stands in the Markdown of a page, whatever it means: code, notes, placeholders, links, and what no host could finish.

A host and the checks have to see the same in it, or something goes out that nobody has looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from ikz_award.findings import Finding, Place

# Code as Python-Markdown finds it: a fenced block, and words between two backticks of a line. Whatever else has such signs
# around it may be text, with tags that work; and fences with attributes follow rules of their own.
FENCED = re.compile(r"^(`{3,}|~{3,})[ \t]*\.?[\w#.+-]*[ \t]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_FENCED_OTHERWISE = re.compile(r"^(?:`{3}|~{3})[^\n]*[{=]", re.MULTILINE)
_IN_TICKS = re.compile(r"`[^`\n]+`")
COMMENT = re.compile(r"<!--\s*ikz:([^<>\n]*?)-->")
# What the theme looks for in a page.
TAGS_MARK = "<!-- material/tags -->"
# Any other comment is a note among editors and stays among them: it is gone before a host or a check reads the page. What a
# host takes for a comment is another question, with other answers inside of code, lists and sentences.
NOTE = re.compile(
    rf"(?<![ \t])[ \t]*(?P<note><!--(?!\s*ikz:|{TAGS_MARK[4:]})(?:(?!<!--).)*?-->)(?P<behind>[ \t]*(?:\n|\Z))?",
    re.DOTALL,
)
# Target of a link, with its anchor: behind words in brackets, or on a line of its own that several links share.
# The line may be one of a quotation or a list.
LINK = re.compile(r"\]\(\s*<?([^)\s>?]+)|^(?:[ \t>*+-]|\d+[.)])*\[[^\[\]^]+\]:\s*<?([^\s>?]+)", re.MULTILINE)
# Signs that Python-Markdown looks for a counterpart of, again and again: 5 000 in one paragraph take it seconds.
_COUNTED = "[<*_`&"
_MAX_COUNTED = 300
# Each explanation of a word takes it one step deeper.
_EXPLANATION = re.compile(r"^:[ \t]", re.MULTILINE)
_MAX_EXPLANATIONS = 50
# Python-Markdown goes one step deeper for each quotation or list within another, and gives each heading a name of its own.
_NESTED = re.compile(r"^(?:[ \t]*(?:[-*+>]|\d+[.)])(?=[ \t>]))+", re.MULTILINE)
_MARKER = re.compile(r"[-*+>]|\d+[.)]")
_INDENTED = re.compile(r"^[ \t>]*", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}(?:#|=+[ \t]*$|-+[ \t]*$)", re.MULTILINE)
_MAX_NESTED, _MAX_INDENTED, _MAX_HEADINGS = 12, 48, 200


def without_code(text: str) -> str:
    """The text with code blanked out, so that an explained thing is not taken for the thing; positions stay."""
    if _FENCED_OTHERWISE.search(text):
        return text
    blocks = FENCED.sub(_blank, text).split("\n\n")
    return "\n\n".join(_IN_TICKS.sub(_blank, one) if _ticks_are_plain(one) else one for one in blocks)


def _ticks_are_plain(block: str) -> bool:
    """Whether backticks pair within each line, however the host divides the block."""
    return not re.search(r"``|\\`", block) and all(row.count("`") % 2 == 0 for row in block.split("\n"))


def without_notes(text: str) -> str:
    """The text with notes blanked out, which no reader sees; positions stay."""
    return NOTE.sub(_blank, text)


def for_host(text: str) -> str:
    """The text without notes, for whoever renders it; lines stay, so that nothing becomes code or a list that was none."""
    return NOTE.sub(lambda match: "\n" * match[0].count("\n"), text)


def blank(text: str) -> str:
    """As many lines, as long, with nothing in them."""
    return re.sub(r"[^\n]", " ", text)


def _blank(match: re.Match[str]) -> str:
    return blank(match[0])


def fill(text: str, known: Mapping[str, str]) -> str:
    """Put HTML in for placeholders."""
    return COMMENT.sub(lambda match: known.get(match[0], ""), text)


def too_much(path: str, body: str, above: int) -> Iterator[Finding]:
    """What would keep a host busy for longer than anybody waits, or end it; ``above`` lines stand before the body."""
    yield from _crowded(path, body, above)
    yield from _deep(path, body, above)


def _crowded(path: str, body: str, above: int) -> Iterator[Finding]:
    """Paragraphs that would keep a host busy for longer than anybody waits."""
    line = above + 1
    for block in body.split("\n\n"):
        sign = max(_COUNTED, key=block.count)
        counts = (
            (sign, block.count(sign), _MAX_COUNTED),
            (":", len(_EXPLANATION.findall(block)), _MAX_EXPLANATIONS),
        )
        for sign, many, most in counts:
            if many > most:
                values = {"zeichen": sign, "anzahl": str(many), "grenze": str(most)}
                yield Finding("E441", Place(path, line + len(block) - len(block.lstrip("\n"))), values=values)
        line += block.count("\n") + 2


def _deep(path: str, body: str, above: int) -> Iterator[Finding]:
    """The first line with too much inside of each other, and the first heading too many: a host would die of the one, and take seconds for the other."""
    marked = ((match, len(_MARKER.findall(match[0])), _MAX_NESTED) for match in _NESTED.finditer(body))
    blank = ((match, len(match[0].expandtabs(4)), _MAX_INDENTED) for match in _INDENTED.finditer(body))
    deep = next((match for match, depth, most in chain(marked, blank) if depth > most), None)
    if deep:
        yield Finding("E444", Place(path, above + body.count("\n", 0, deep.start()) + 1))
    headings = list(islice(_HEADING.finditer(body), _MAX_HEADINGS + 1))
    if len(headings) > _MAX_HEADINGS:
        line = above + body.count("\n", 0, headings[-1].start()) + 1
        yield Finding("E445", Place(path, line), values={"grenze": str(_MAX_HEADINGS)})
