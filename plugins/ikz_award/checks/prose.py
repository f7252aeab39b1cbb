"""What may stand in the editors' Markdown: no active content, no foreign pictures, no contact data, links that lead on."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from ikz_award import text as texts
from ikz_award.checks.privacy import contacts, local_part, phones
from ikz_award.content import ALL, ContentPage
from ikz_award.findings import Finding, Place
from ikz_award.pagetext import FENCED, LINK, NOTE, TAGS_MARK, without_code, without_notes

# Pages are Markdown alone: any tag, a declaration or an instruction, a comment that never ends; but no placeholders, and no
# addresses in angle brackets.
_TAG = re.compile(
    rf"(?!<!--\s*ikz:|{TAGS_MARK}|<(?:https?://[^\s<>]+|(?:mailto:)?[\w.+-]+@[\w.-]+)>)<[a-z/!?][^<>\n]*>?",
    re.IGNORECASE,
)
# Attributes in braces behind a heading, a link or the beginning of code, which a plug-in of the generator switches on.
_ATTRIBUTES = re.compile(
    r"\{[^{}\n]*?(?<![\w-])(on[a-z]+|href|src\w*|style|action|formaction|data|poster|background|ping|xlink:href)\s*=",
    re.IGNORECASE,
)
_IN_ANGLES = re.compile(r"<(https?:[^\s<>]+)>", re.IGNORECASE)
_MAX_GUESSES = 20
_ACTIVE = re.compile(r"\b(?:javascript|vbscript)\s*:|\bdata:text/", re.IGNORECASE)
_MAX_SHOWN = 40
_BRACKET = re.compile(r"\\.|!?\[|\]", re.DOTALL)
_FOREIGN = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
# Behind the words of a picture: its address, or the mark of one, „![Bild][marke]“ and anywhere on the page „[marke]: https://…“.
_FOREIGN_TARGET = re.compile(rf"\(\s*<?\s*{_FOREIGN.pattern}", re.IGNORECASE)
_MARK = re.compile(r"(?!\()(?:\s?\[([^\]]*)\])?")
_DEFINITION = re.compile(r"^(?:[ \t>*+-]|\d+[.)])*\[([^\[\]]+)\]:\s*<?(\S+)", re.MULTILINE)
# Begins like a placeholder and is none: without a colon, with a blank before it, or in capitals.
_NO_PLACEHOLDER = re.compile(rf"<!--(?!\s*ikz:)\s*(?i:ikz)(?:\s*:|\s*[;.]?\s*(?:{'|'.join(ALL)})\b)")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SCHEMES = ("https:", "http:", "mailto:", "tel:")
# What browsers pass over inside an address.
_PASSED_OVER = re.compile(r"[\x00-\x20]")


def check(
    pages: Iterable[ContentPage],
    files: Collection[str],
    hidden: Mapping[str, str],
) -> Iterator[Finding]:
    """Findings in the editors' pages.

    Args:
        pages: the pages.
        files: paths below ``content/`` a link may lead to, generated pages included.
        hidden: paths of pages that records would have if they were public, each with the reason why it is not; without
            a reason where the record has a finding of its own.
    """
    for page in pages:
        # As the host gets it: notes go before anybody looks for signs of code.
        plain = page.head_text + without_code(without_notes(page.below_head))[len(page.head_text) :]
        yield from _notes(page)
        yield from _tags(page, plain)
        if re.search("[<>]", page.title):
            place = _place(page, page.text.find(page.title) if page.title in page.text else 0)
            yield Finding("E471", place, "title", {"wert": page.title})
        for code, pattern, text in (
            ("E412", _ACTIVE, plain),
            ("E412", _ATTRIBUTES, plain),
            ("E414", _NO_PLACEHOLDER, without_code(page.below_head)),
        ):
            for match in pattern.finditer(text):
                shown = " ".join(match[0].split())[:_MAX_SHOWN]
                yield Finding(code, _place(page, match.start()), values={"wert": shown})
        yield from _foreign_pictures(page, plain)
        yield from _contact_data(page)
        yield from _meant_otherwise(page)
        for match in _IN_ANGLES.finditer(plain):
            if not texts.leads_somewhere(html.unescape(match[1])):
                yield Finding("E440", _place(page, match.start(1)), values={"wert": match[1][:_MAX_SHOWN]})
        guesses = iter(range(_MAX_GUESSES))
        for match in LINK.finditer(plain):
            group = 1 if match[1] else 2
            yield from _link(page, match[group], _place(page, match.start(group)), files, hidden, guesses)
        for code, one in contacts(posixpath.basename(page.file)):
            yield _contact(code, Place(page.path), one)


def _foreign_pictures(page: ContentPage, plain: str) -> Iterator[Finding]:
    """Pictures whose address, there or elsewhere on the page, is a foreign one."""
    targets = {_mark(match[1]): match[2] for match in _DEFINITION.finditer(plain)}
    for start, end in _pictures(plain):
        found = _FOREIGN_TARGET.match(plain, end)
        if not found:
            found = _MARK.match(plain, end)
            marks = [found[1] or "", plain[start + 2 : end - 1]] if found else []
            if not any(_FOREIGN.match(targets.get(_mark(one), "")) for one in marks):
                continue
        shown = " ".join(plain[start : found.end() if found else end].split())[:_MAX_SHOWN]
        yield Finding("E413", _place(page, start), values={"wert": shown})


def _pictures(plain: str) -> Iterator[tuple[int, int]]:
    """Where the words of a picture begin and end; there may be brackets in them."""
    opened: list[int] = []
    for sign in _BRACKET.finditer(plain):
        if sign[0] == "]" and opened:
            start = opened.pop()
            if plain[start] == "!":
                yield start, sign.end()
        elif sign[0][-1] == "[" and sign[0][0] != "\\":
            opened.append(sign.start())


def _mark(written: str) -> str:
    """A mark as Markdown compares it: without regard to capitals and blanks."""
    return " ".join(written.split()).casefold()


def _tags(page: ContentPage, plain: str) -> Iterator[Finding]:
    """The first tag of each line, or note without an end; the others mostly belong to it."""
    lines: set[int] = set()
    for match in _TAG.finditer(plain):
        place = _place(page, match.start())
        if place.line not in lines:
            lines.add(place.line)
            if match[0].startswith("<!--"):
                yield Finding("E447", place)
            else:
                yield Finding("E412", place, values={"wert": " ".join(match[0].split())[:_MAX_SHOWN]})


def _link(
    page: ContentPage,
    written: str,
    place: Place,
    files: Collection[str],
    hidden: Mapping[str, str],
    guesses: Iterator[int],
) -> Iterator[Finding]:
    target = written.partition("#")[0]
    if target.startswith("//"):
        yield Finding("E415", place, "", {"wert": written}, f"https:{written}")
        return
    # Whether a page has a heading is known only when it is whole; the host says so then.
    if not target:
        return
    if _leads_astray(written):
        # Written plainly, programs have a finding of their own.
        if not _ACTIVE.search(written):
            yield Finding("E440", place, values={"wert": " ".join(written.split())[:_MAX_SHOWN]})
        return
    if ":" in html.unescape(target):
        return
    if target.startswith("/"):
        guess = _relative(target.strip("/"), page, files)
        yield Finding("E416", place, "", {"wert": written}, guess)
        return
    folder = posixpath.dirname(page.file)
    path = posixpath.normpath(posixpath.join(folder, target))
    if target.endswith("/"):
        # The address of a page and not its file.
        yield Finding("E415", place, "", {"wert": target}, _relative(path, page, files))
    elif path in files:
        return
    elif path in hidden:
        if hidden[path]:
            yield Finding("E417", place, "", {"wert": target, "grund": hidden[path]})
    elif target.startswith("www."):
        yield Finding("E415", place, "", {"wert": target}, f"https://{target}")
    else:
        # Each takes as long as the site is large; whoever has so many dead links has one cause.
        near = texts.nearest(path, files) if next(guesses, None) is not None else ""
        guess = posixpath.relpath(near, folder or ".") if near else ""
        yield Finding("E415", place, "", {"wert": target}, guess)


def _leads_astray(written: str) -> bool:
    """Whether an address is of a kind that pages may not hold, also in disguise; as the browser would read it."""
    address = _PASSED_OVER.sub("", html.unescape(written)).replace("\\", "/")
    scheme = _SCHEME.match(address)
    if not texts.leads_somewhere(address):
        return True
    return address.startswith("//") or (scheme is not None and scheme[0].lower() not in _SCHEMES)


def _relative(address: str, page: ContentPage, files: Collection[str]) -> str:
    """The way from this file to the page at an address, or empty if there is none."""
    found = next((one for one in (f"{address}.md", f"{address}/index.md", address) if one in files), "")
    return posixpath.relpath(found, posixpath.dirname(page.file) or ".") if found else ""


def _notes(page: ContentPage) -> Iterator[Finding]:
    """Notes that do more than stay among editors."""
    fences = [match.span() for match in FENCED.finditer(page.below_head)]
    for match in NOTE.finditer(page.below_head):
        place = _place(page, match.start("note"))
        # Else what is meant as a placeholder, which is told by itself.
        if match["behind"] is None and not _NO_PLACEHOLDER.match(match["note"]):
            yield Finding("E442", place)
        elif any(start < match.start() < end for start, end in fences):
            yield Finding("E443", place)
        people = [
            one for one in texts.emails(match["note"]) if not texts.is_functional_address(local_part(one))
        ]
        for one in dict.fromkeys((*people, *phones(match["note"]))):
            yield Finding("E446", place, values={"wert": " ".join(one.split())})


def _contact_data(page: ContentPage) -> Iterator[Finding]:
    """Addresses of people, and numbers; once a line, also in code, which is shown."""
    text = page.head_text + without_notes(page.below_head)[len(page.head_text) :]
    lines = page.text.split("\n")
    told: set[tuple[str, int]] = set()
    for shown in texts.as_read(text):
        fresh: set[tuple[str, int]] = set()
        for code, one in contacts(shown):
            spots = (match.start() for match in re.finditer(re.escape(one), shown))
            for line in dict.fromkeys(shown.count("\n", 0, spot) for spot in spots):
                if (code, line) in told:
                    continue
                fresh.add((code, line))
                # Written otherwise, the part before the @ may still stand there.
                columns = (lines[line].find(part) + 1 for part in (one, local_part(one)))
                column = next(filter(None, columns), 1)
                yield _contact(code, Place(page.path, line + 1, column), one)
        told |= fresh


def _contact(code: str, place: Place, found: str) -> Finding:
    return Finding(code, place, "", {"wert": " ".join(found.split())})


def _meant_otherwise(page: ContentPage) -> Iterator[Finding]:
    """What the values of a head say that nobody sees in it, being written with escapes, or over several lines."""
    values = [*page.head.items(), *(("tags", one) for one in page.tags)]
    for key, value in values:
        if value in page.head_text:
            continue
        place = Place(page.path, page.head_lines[key])
        for code, one in contacts(value):
            yield _contact(code, place, one)
        found = _TAG.search(value) or _ACTIVE.search(value)
        # Angle brackets in a title have a finding of their own.
        if found and key != "title":
            yield Finding("E412", place, key, {"wert": " ".join(found[0].split())[:_MAX_SHOWN]})


def _place(page: ContentPage, index: int) -> Place:
    before = page.text[:index]
    return Place(page.path, before.count("\n") + 1, index - before.rfind("\n"))
