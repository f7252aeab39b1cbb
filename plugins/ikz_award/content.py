"""The editors' pages: Markdown files with a head and placeholders. Read for checking; hosts turn them into HTML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import cast

from ikz_award import files, pagetext, picture_files, pictures, routes, yamlfile, yamltext
from ikz_award import text as texts
from ikz_award.dates import Moment
from ikz_award.files import Names
from ikz_award.findings import Finding, Place, Severity
from ikz_award.yamlfile import Document, Raw

# The head as hosts find it, and what they take for one if it is missing: lines such as „Ziel: …“ at the very top.
_HEAD = re.compile(r"-{3}[ \t]*\n(.*?\n)(?:\.{3}|-{3})[ \t]*\n", re.DOTALL)
_EXACT = re.compile(r"---\n(?:.*\n)?---\n", re.DOTALL)
_OLD_HEAD = re.compile(r" {0,3}[A-Za-z0-9_-]+:|-{3}[ \t]*\n")
_OPEN = re.compile(r"<!--\s*ikz:")

# Blocks that may name an edition, blocks that name nothing, words inside a sentence, and the operator's own data.
BLOCKS = (
    "phase",
    "fristen",
    "kategorien",
    "kriterien",
    "jury",
    "bedingungen",
    "preistraeger",
    "kontakt",
    "unbekannt",
    "quellen",
)
FREE_BLOCKS = ("sternbild", "suchfeld", "musterfokus", "neues", "zahlen", "editionen", "feeds", "kalender")
INLINE = ("frist", "preisgeld", "bewerbungsadresse")
OPERATOR = "betreiber"
OPERATOR_PARTS = ("impressum", "datenschutz", "barrierefreiheit")
# A label needs a letter, or hosts take it for a number; and must not be what YAML takes for yes, no or nothing.
_WORD = re.compile(r"^(?!(?:true|false|yes|no|on|off|null)$)(?=.*[^\W\d_])", re.IGNORECASE)
# Any other key would speak to the host past us.
_POST_KEYS = ("title", "description", "date", "draft", "tags")
_PAGE_KEYS = ("title", "description", "sprache", "begriffe", "hide", "template")
# Parts of the frame that a page may do without.
_HIDEABLE = ("navigation", "toc")
# Five times the longest page, and little enough that no search through it can take long.
MAX_BYTES = 32 * 1024
_MAX_SHOWN = 60
# Findings about a page that no host should be given: it would show the head, hang, or die.
UNREADABLE = frozenset(
    {"E101", "E103", "E116", "E139", "E140", "E408", "E438", "E439", "E441", "E444", "E445"}
)
# What may go out beside pages; nothing that could hold a program, or tells more than it shows.
_PICTURES = (".png", ".jpg", ".jpeg", ".webp")
PUBLISHABLE = (".md", *_PICTURES)
GERMAN = "de"
LANGUAGES = (GERMAN, "en")
# Keys of a head with a fixed choice; without the key, the first one holds.
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "sprache": LANGUAGES,
    "begriffe": ("ja", "nein"),
    "template": ("main.html",),
}
ALL = (*BLOCKS, *FREE_BLOCKS, *INLINE, OPERATOR)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A comment to be replaced; ``raw`` is the comment as written."""

    name: str
    argument: str
    raw: str
    line: int
    column: int
    alone: bool


@dataclass(frozen=True, slots=True)
class ContentPage:
    """One editors' page. ``path`` is relative to the project, ``file`` to ``content/``."""

    path: str
    file: str
    address: str
    title: str
    description: str
    # As it is written; then what stands before the body, and the body as hosts get it.
    text: str
    head_text: str
    body: str
    placeholders: tuple[Placeholder, ...]
    head: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    # In which line each key of the head stands.
    head_lines: Mapping[str, int] = field(default_factory=dict)
    # Of a post: the day it bears. None if it is not to go out at all, being a draft or faulty.
    day: date | None = None

    @property
    def below_head(self) -> str:
        """The text with the head blanked out, so that nothing there opens what ends on the page; positions stay."""
        return pagetext.blank(self.head_text) + self.text[len(self.head_text) :]

    @property
    def is_post(self) -> bool:
        """Whether this is one of the news."""
        return self.file.startswith(routes.POSTS)

    @property
    def is_draft(self) -> bool:
        """Whether the editors hold the post back."""
        return self.is_post and self.head.get("draft") == "true"

    @property
    def language(self) -> str:
        """Code of the language if it is not German, else empty."""
        code = self.head.get("sprache", "")
        return code if code in LANGUAGES and code != GERMAN else ""

    @property
    def explains_terms(self) -> bool:
        """Whether technical terms are marked; a text in another language, or in Leichte Sprache, has its own words."""
        return not self.language and self.head.get("begriffe", "ja") == "ja"


def read_all(project_root: Path) -> tuple[list[ContentPage], list[Finding]]:
    """Every Markdown file below ``content/``; what cannot be read, or must not go out, is a finding."""
    pages: list[ContentPage] = []
    findings: list[Finding] = []
    root, names = project_root / "content", Names()
    for one in files.walk(root):
        file, relative, path = one.file, one.relative, f"content/{files.shown(one.relative)}"
        if one.kind in {"other", "unreadable"}:
            findings.append(Finding("E116", Place(path)))
            continue
        wrong = names.judge(relative)
        if wrong:
            code, values = wrong
            values |= {"andere": f"content/{values['andere']}"} if "andere" in values else {}
            findings.append(Finding(code, Place(path), values=values))
        if wrong or one.kind == "folder":
            continue
        if not is_publishable(root, file):
            allowed = ", ".join(PUBLISHABLE)
            findings.append(Finding("E411", Place(path), values={"wert": file.name, "erlaubt": allowed}))
            continue
        try:
            if file.suffix in _PICTURES:
                findings += _picture(file, path, one.size)
            if file.suffix != ".md":
                continue
            data = files.read(file, MAX_BYTES)
        except OSError:
            findings.append(Finding("E116", Place(path)))
            continue
        page, problems = read(path, relative, data)
        pages += [page] if page else []
        findings += problems
    return pages, findings


def read(path: str, relative: str, data: bytes) -> tuple[ContentPage | None, list[Finding]]:
    """One page from its bytes, and what is wrong with it; no page if it is no text that could be shown."""
    if len(data) > MAX_BYTES:
        values = {"grenze": str(MAX_BYTES // 1024)}
        return None, [Finding("E103", Place(path), values=values)]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Finding("E101", Place(path, *yamltext.undecodable(error)))]
    return _page(path, relative, text.replace("\r\n", "\n").replace("\r", "\n"))


def _picture(file: Path, path: str, size: int) -> Iterator[Finding]:
    """What is in them beside the picture does not go out, but stays in the files for all who may read them."""
    if size > pictures.MAX_BYTES:
        values = {"grenze": str(pictures.MAX_BYTES // 1024)}
        yield Finding("E103", Place(path), values=values)
        return
    problem, about = pictures.flaw(file), pictures.metadata(file)
    # The size is known and within the limits before anything is decoded.
    problem = problem or ("" if about else picture_files.problem(file))
    if problem:
        yield Finding("E311", Place(path), values={"wert": file.name, "grund": problem})
    elif about:
        yield Finding("E333", Place(path), values={"wert": file.name, "art": about})


def is_publishable(root: Path, file: Path) -> bool:
    """Whether a file below ``content/`` may go out: of a known kind, not hidden, and no link on the way to it."""
    steps = file.relative_to(root).parts
    paths = [root.joinpath(*steps[: index + 1]) for index in range(len(steps))]
    visible = not any(step.startswith(".") for step in steps)
    return visible and file.suffix in PUBLISHABLE and not any(path.is_symlink() for path in paths)


def _page(path: str, relative: str, text: str) -> tuple[ContentPage, list[Finding]]:
    findings: list[Finding] = []
    head: dict[str, str] = {}
    tags: Raw = []
    document = Document()
    body = text
    is_post = relative.startswith(routes.POSTS)
    found = _HEAD.match(text)
    if found and _EXACT.fullmatch(found[0]):
        body = text[found.end() :]
        document = yamlfile.read(found[1].encode())
        findings += [Finding("E408", Place(path, one.line + 1, one.column)) for one in document.problems]
        if isinstance(document.value, dict):
            head = {key: value for key, value in document.value.items() if isinstance(value, str)}
            tags = document.value.get("tags", [])
            findings += [] if findings else _values(path, document, is_post=is_post)
        elif not findings:
            findings.append(Finding("E408", Place(path, 2)))
    elif _OLD_HEAD.match(text):
        findings.append(Finding("E438", Place(path)))
    missing = [f"„{name}“" for name in ("title", "description") if not head.get(name)]
    if missing and not findings:
        # A page can do without, if badly; feeds and the list of the news cannot.
        severity = Severity.ERROR if is_post else Severity.WARNING
        findings.append(
            Finding("E407", Place(path), values={"name": " und ".join(missing)}, severity=severity)
        )
    day = None
    if is_post and not findings:
        day, problems = _post(Place(path), document, tags)
        findings += problems
    head_text = text.removesuffix(body)
    findings += pagetext.too_much(path, body, head_text.count("\n"))
    for match in islice(yamltext.CONTROL.finditer(text), yamltext.MAX_PROBLEMS):
        spot = text.count("\n", 0, match.start()) + 1, match.start() - text.rfind("\n", 0, match.start())
        findings.append(Finding("E102", Place(path, *spot), values={"zeichen": f"U+{ord(match[0]):04X}"}))
    page = ContentPage(
        path=path,
        file=relative,
        address=routes.of_content(relative),
        title=head.get("title", relative),
        description=head.get("description", ""),
        text=text,
        head_text=head_text,
        body=pagetext.for_host(body),
        placeholders=tuple(_placeholders(pagetext.without_notes(pagetext.blank(head_text) + body))),
        head=head,
        tags=tuple(one for one in tags if isinstance(one, str)) if isinstance(tags, list) else (),
        head_lines=_lines(document),
        day=day,
    )
    return page, findings


def _values(path: str, document: Document, *, is_post: bool) -> Iterator[Finding]:
    """Keys that would speak to the host past us, and values that it would not take for the text they are."""
    for key, value in cast("dict[str, Raw]", document.value).items():
        line, column = document.key_spot((key,))
        if not is_post and key not in _PAGE_KEYS:
            values = {"name": key, "erlaubt": ", ".join(_PAGE_KEYS)}
            yield Finding("E437", Place(path, line + 1, column), values=values)
        elif key == "hide":
            yield from _hidden_parts(path, document)
        elif key in _CHOICES and isinstance(value, str) and value not in _CHOICES[key]:
            values = {"name": key, "wert": value[:_MAX_SHOWN], "erlaubt": ", ".join(_CHOICES[key])}
            yield Finding("E431", Place(path, line + 1, column), values=values)
        elif key in _PAGE_KEYS and not document.is_text((key,)):
            line, column = document.spot((key,))
            shown = value[:_MAX_SHOWN] if isinstance(value, str) else "…"
            yield Finding("E439", Place(path, line + 1, column), values={"name": key, "wert": shown})


def _hidden_parts(path: str, document: Document) -> Iterator[Finding]:
    parts = cast("dict[str, Raw]", document.value)["hide"]
    if not isinstance(parts, list) or any(one not in _HIDEABLE for one in parts):
        line, column = document.spot(("hide",))
        written = parts if isinstance(parts, list) else [parts]
        shown = next((one for one in written if isinstance(one, str) and one not in _HIDEABLE), "…")
        values = {"name": "hide", "wert": shown[:_MAX_SHOWN], "erlaubt": ", ".join(_HIDEABLE)}
        yield Finding("E431", Place(path, line + 1, column), values=values)


def _post(top: Place, document: Document, tags: Raw) -> tuple[date | None, list[Finding]]:
    """The day of a post, unless it is not to go out; and what is wrong with its head.

    Hosts tell a day or a yes from words in quotation marks that look the same, hence the look at what is written.
    """
    known = cast("dict[str, Raw]", document.value or {})
    places = {name: replace(top, line=line) for name, line in _lines(document).items()}
    findings = [
        Finding("E436", places[name], values={"name": name, "erlaubt": ", ".join(_POST_KEYS)})
        for name in known
        if name not in _POST_KEYS
    ]
    draft, day = _plain(document, "draft"), _day(_plain(document, "date"))
    # Written in another way than on one line, it would be overlooked here and the post go out.
    if draft not in {"", "true", "false"} or (known.get("draft") and not draft):
        values = {"wert": draft or str(known["draft"])}
        findings.append(Finding("E434", places["draft"], values=values))
    if not isinstance(tags, list) or not all(isinstance(one, str) and _WORD.search(one) for one in tags):
        findings.append(Finding("E435", places.get("tags", top)))
    # A draft may wait for its day.
    if day is None and draft != "true":
        findings.append(Finding("E433", places.get("date", top)))
    return (None if findings or draft == "true" else day), findings


def _lines(document: Document) -> dict[str, int]:
    """The line of the page in which each key of its head stands; above the head is one."""
    keys = document.value if isinstance(document.value, dict) else {}
    return {key: document.key_spot((key,))[0] + 1 for key in keys}


def _plain(document: Document, key: str) -> str:
    """What stands behind a key in its line, as it is written; asked of the key itself, since any text may hold such a line."""
    if not document.holds((key,)):
        return ""
    line, column = document.spot((key,))
    if document.key_spot((key,))[0] != line:
        return ""
    return re.sub(r"[ \t]+#.*$", "", document.text.split("\n")[line - 1][column - 1 :]).strip(" \t")


def _day(written: str) -> date | None:
    """A day written in full."""
    try:
        return Moment.parse(written).day if "T" not in written else None
    except ValueError:
        return None


def _placeholders(text: str) -> Iterator[Placeholder]:
    plain = pagetext.without_code(text)
    for opening in _OPEN.finditer(plain):
        start = opening.start()
        line = plain.count("\n", 0, start) + 1
        line_start = plain.rfind("\n", 0, start) + 1
        found = pagetext.COMMENT.match(plain, start)
        raw = found[0] if found else ""
        name, _, argument = (found[1].strip() if found else "").partition(" ")
        line_end = plain.find("\n", start)
        whole = plain[line_start : line_end if line_end >= 0 else len(plain)]
        yield Placeholder(name, argument.strip(), raw, line, start - line_start + 1, whole.strip() == raw)


def targets(page: ContentPage) -> set[str]:
    """Files below ``content/`` that a page leads to or shows."""
    folder = posixpath.dirname(page.file)
    written = ((match[1] or match[2]).partition("#")[0] for match in pagetext.LINK.finditer(page.body))
    return {posixpath.normpath(posixpath.join(folder, one)) for one in written if one}


def relinked(page: ContentPage) -> str:
    """The body of a page with links that are right at its public place, and for what they lead to at its own."""
    here, there = posixpath.dirname(page.file), posixpath.dirname(routes.public_path(page.file))

    def moved(match: re.Match[str]) -> str:
        group = 1 if match[1] else 2
        path, sign, anchor = match[group].partition("#")
        if not path or ":" in path or path.startswith("/"):
            return match[0]
        target = posixpath.normpath(posixpath.join(here, path))
        public = posixpath.relpath(routes.public_path(target), there or ".")
        if here == there and public == posixpath.relpath(target, here or "."):
            return match[0]
        start, end = match.start(group) - match.start(), match.end(group) - match.start()
        return f"{match[0][:start]}{public}{sign}{anchor}{match[0][end:]}"

    return pagetext.LINK.sub(moved, page.body)


def check(pages: Sequence[ContentPage], editions: Sequence[str]) -> Iterator[Finding]:
    """Placeholders that do not exist, have a wrong argument, or stand in the wrong place; two pages at one address."""
    taken: dict[str, str] = {}
    for page in pages:
        other = taken.setdefault(page.address, page.path)
        if other != page.path:
            values = {"adresse": f"/{page.address}", "andere": other}
            yield Finding("E404", Place(page.path), values=values)
        for one in page.placeholders:
            place = Place(page.path, one.line, one.column)
            if not one.raw:
                yield Finding("E409", place)
                continue
            if one.name not in ALL:
                near = texts.nearest(one.name, ALL)
                yield Finding("E401", place, "", {"name": one.name, "erlaubt": ", ".join(ALL)}, near)
                continue
            allowed = _arguments(one.name, editions)
            if one.argument not in allowed:
                words = ", ".join(word for word in allowed if word) or "nichts weiter"
                near = texts.nearest_code(one.argument, [word for word in allowed if word])
                code = "E402" if one.argument else "E410"
                yield Finding(
                    code, place, "", {"name": one.name, "wert": one.argument, "erlaubt": words}, near
                )
            if one.name not in INLINE and not one.alone:
                yield Finding("E406", place, "", {"name": one.name})


def _arguments(name: str, editions: Sequence[str]) -> tuple[str, ...]:
    if name == OPERATOR:
        return OPERATOR_PARTS
    if name in FREE_BLOCKS:
        return ("",)
    return ("", *editions)
