"""What is wrong with the text of a file, whatever it would mean as YAML: signs, tabs, conflicts, quotations left open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

# Mistakes told of one file; whoever has more of them has one cause.
MAX_PROBLEMS = 50

# C0/C1 controls except tab, line feed and carriage return; the line separators YAML counts as line breaks and
# editors do not; the direction overrides that make a text read other than it is stored; and what word processors
# leave behind unseen: soft hyphens and blanks without width.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\u115f\u1160\u180e\u3164\U000e0000-\U000e007f]"
)
# A letter and its dots as two characters („u“ and U+0308), as some systems store file names and copied text.
DECOMPOSED = re.compile("[A-Za-z][\u0300-\u036f]")
# What files begin with that are no text, whatever they are called: packed and old Office files, PDF, pictures.
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONFLICT_SIGNS = ("<" * 7, "=" * 7, ">" * 7, "|" * 7)
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})(?= |$)", re.MULTILINE)
_OPENS_BLOCK = re.compile(r"(?:^|[:-])[ \t]+[|>][-+0-9]*[ \t]*(?:#.*)?$")
# Where YAML wants a blank and a word processor left one that may not break, or a narrow one: indentation, behind a dash,
# before a value.
_HARD_BLANKS = "\xa0\u2000-\u200a\u202f\u205f\u3000"
_ANY_HARD_BLANK = re.compile(f"[{_HARD_BLANKS}]")
_HARD_BLANK = re.compile(rf"^ *(?:(?:- *)*|(?:- +)*[\w.-]+:[ ]*)([{_HARD_BLANKS}])")
_OPENS_QUOTE = re.compile(r"^ *(?:- +)*((?:[\w.-]+: +)?)([\"'])")
_QUOTED = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL),
    "'": re.compile(r"'(?:[^']|'')*'"),
}
# The same, closed in its line beyond doubt: „''“ is an apostrophe.
_CLOSED = {'"': _QUOTED['"'], "'": re.compile(r"'(?:[^']|'')*'(?!')")}
_ENTRY = re.compile(r"^( *)(?:- |[A-Za-z_]+:(?: |$))")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
# What no character is: halves of pairs, and numbers beyond the last one. The two parsers fall over them differently.
_NO_CHARACTER = re.compile(r"\\(?:u[dD][89a-fA-F][0-9a-fA-F]{2}|U(?!000[0-9a-fA-F]|0010)[0-9a-fA-F]{8})")
# Before a comment stands a blank; inside of brackets, other signs will do, and so will the end of a quotation.
_COMMENT = re.compile(r"[ \t:,?\[{\"'-]#")
_COMMENT_LINE = re.compile(r" *#")
# A text that was meant to be a key with its value.
NO_BLANK = re.compile(r"^ *(?:- +)*[a-z_]+:(?=[^\s/:])")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file cannot be read as it stands; ``code`` is a finding code of the E1 family."""

    code: str
    line: int
    column: int
    values: tuple[tuple[str, str], ...] = ()


def decoded(data: bytes) -> tuple[str, list[Problem]]:
    """The text of a file with the line ends of Unix, and what is wrong with it as such."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        no_text = data.startswith(_BINARY) or (b"\0" in data and not data.startswith(_UTF_16))
        return "", [Problem("E130", 1, 1) if no_text else Problem("E101", *undecodable(error))]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if data.startswith(_BINARY):
        return text, [Problem("E130", 1, 1)]
    return text, _seen_in_text(text) or (list(_unclosed_quote(text)) if _leaves_quote_open(text) else [])


def may_cut_off(text: str) -> bool:
    """Whether a comment may stand behind something in its line."""
    return "#" in text and any(
        text[text.rfind("\n", 0, one.start()) + 1 : one.start()].strip() for one in _COMMENT.finditer(text)
    )


def _seen_in_text(text: str) -> list[Problem]:
    """What is wrong whatever it would mean as YAML; the first kind found, since it explains the others.

    Hardly any file has anything of this, and whether it may have is asked of the whole text: that takes a tenth of the time.
    """
    may_conflict = any(one in text for one in _CONFLICT_SIGNS)
    conflicts = list(_CONFLICT.finditer(text)) if may_conflict else []
    if conflicts:
        # One finding a conflict: where it begins, or at the mark that was forgotten.
        starts = [one for one in conflicts if one[0][0] == "<"] or conflicts[:1]
        return _limited(
            Problem("E128", *_line_column(text, one.start()), (("zeichen", one[0]),)) for one in starts
        )
    signs = _limited(
        Problem("E102", *_line_column(text, one.start()), (("zeichen", f"U+{ord(one[0]):04X}"),))
        for one in CONTROL.finditer(text)
    )
    if _ANY_HARD_BLANK.search(text):
        signs += _limited(
            Problem("E102", number, found.end(), (("zeichen", f"U+{ord(found[1]):04X}"),))
            for number, line in _outside_blocks(text)
            if (found := _HARD_BLANK.match(line))
        )
    if signs:
        return sorted(signs, key=lambda one: (one.line, one.column))
    directive = _DIRECTIVE.search(text) if "%" in text else None
    if directive:
        return [Problem("E136", *_line_column(text, directive.start()))]
    if "\t" in text or "\\u" in text or "\\U" in text:
        wrong = _limited(_seen_outside_blocks(text))
        if wrong:
            return wrong
    if unicodedata.is_normalized("NFC", text):
        return []
    doubled = [one for one in DECOMPOSED.finditer(text) if len(unicodedata.normalize("NFC", one[0])) == 1]
    if doubled:
        first = doubled[0]
        values = (("zeichen", unicodedata.normalize("NFC", first[0])), ("anzahl", str(len(doubled))))
        return [Problem("E131", *_line_column(text, first.start()), values)]
    return []


def _seen_outside_blocks(text: str) -> Iterator[Problem]:
    """Tabs and escapes that one parser lets pass and the other does not; hence both never see them."""
    for number, line in _outside_blocks(text):
        if _COMMENT_LINE.match(line):
            continue
        if "\t" in line:
            yield Problem("E105", number, line.index("\t") + 1)
        escape = _NO_CHARACTER.search(line)
        if escape:
            yield Problem("E124", number, escape.start() + 1)


def _limited(problems: Iterator[Problem]) -> list[Problem]:
    """As many as are worth telling, and a word at the last one if there are more."""
    told = list(islice(problems, MAX_PROBLEMS + 1))
    if len(told) > MAX_PROBLEMS:
        told[-1] = Problem("E138", told[-1].line, told[-1].column, (("grenze", str(MAX_PROBLEMS)),))
    return told


def _leaves_quote_open(text: str) -> bool:
    """Whether a line opens a quotation and does not close it, as most texts never do."""
    return any(
        (found := _OPENS_QUOTE.match(line)) and not _CLOSED[found[2]].match(line, found.start(2))
        for line in text.split("\n")
        if '"' in line or "'" in line
    )


def _unclosed_quote(text: str) -> Iterator[Problem]:
    """The first quotation that swallows an entry of its own level: it is not closed, whatever follows later on."""
    starts = [0, *(one.end() for one in re.finditer("\n", text))]
    inside = 0
    for number, line in _outside_blocks(text):
        found = _OPENS_QUOTE.match(line)
        if not found or number <= inside:
            continue
        quoted = _QUOTED[found[2]].match(text, starts[number - 1] + found.start(2))
        swallowed = quoted[0].split("\n")[1:] if quoted else []
        if any((one := _ENTRY.match(row)) and len(one[1]) <= found.start(1) for row in swallowed):
            yield Problem("E119", number, found.start(2) + 1)
            return
        inside = number + len(swallowed)


def _outside_blocks(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their number, without those that belong to a block text (``|`` or ``>``)."""
    block = -1
    for number, line in enumerate(text.split("\n"), 1):
        indent = len(line) - len(line.lstrip(" "))
        if block >= 0 and (not line.strip(" ") or indent > block):
            continue
        block = indent if _OPENS_BLOCK.search(line) else -1
        yield number, line


def no_character(text: str) -> Problem:
    """The first escape for something that is no character, wherever it stands."""
    found = _NO_CHARACTER.search(text)
    return Problem("E124", *(_line_column(text, found.start()) if found else (1, 1)))


def lacks_blank(value: str) -> bool:
    """Whether a text was meant to be a key with its value: „name:Stadt“."""
    return bool(NO_BLANK.match(value))


def undecodable(error: UnicodeDecodeError) -> tuple[int, int]:
    """Line and column of the first byte that is no UTF-8."""
    before = error.object[: error.start]
    return before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1


def _line_column(text: str, index: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index) + 1, index - start + 1
