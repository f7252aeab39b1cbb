"""What one file of a site says by itself: its text, however packed, its values, and what it is as a page."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from lxml import etree

from final_gate_notes import Notes, Rules, shown
from final_gate_pages import HANDLER_LIKE, Pages, active_links
from final_gate_policy import flaws, of_server
from final_gate_texts import Texts
from german_parser import cause

_TEXT = frozenset(
    {"", ".html", ".xml", ".json", ".csv", ".txt", ".ics", ".svg", ".css", ".js", ".conf", ".webmanifest"}
)
_PACKED = (".gz", ".pf_fragment", ".pf_meta", ".pf_index", ".pf_filter", ".pagefind")
_ZIPPED = (".docx", ".zip")
_MAPS = (".xml.gz", ".pf_fragment")
# Of what is no text, what can be read as UTF-8 for a while. Looking ahead leaves most places at once.
_WORDS = re.compile(
    rb"(?=[\x20-\x7e\xc2-\xef][\x20-\x7e\x80-\xef]{5})"
    rb"(?:[\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){6,}"
)
# Links of Word files lead somewhere when they are clicked; whatever else is outside is loaded, and programs run.
_RELATION = re.compile(r"<Relationship\b[^>]*>")
_PROGRAM = re.compile(r"(?:^|/)(?:vba\w*|activeX\d*|oleObject\d*)\.\w+$|\.(?:bin|exe|js|vbs)$", re.IGNORECASE)
# A cell that a spreadsheet takes for a formula; a number is none.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.,]+\Z)")


class Files:
    """Looks at files, one after the other, and keeps none of them."""

    def __init__(self, rules: Rules, notes: Notes) -> None:
        self._rules, self._notes = rules, notes
        self._texts, self._pages = Texts(rules, notes), Pages(rules, notes)
        # Apart, since a line harmless in a Word file may be a handler in a page.
        self._page_texts = Texts(rules, notes, HANDLER_LIKE)

    def look(self, name: str, file: int) -> None:
        """Everything about a file; ``file`` is its number, for links."""
        self._notes.looked_at += 1
        try:
            data = (self._rules.site / name).read_bytes()
        except OSError as problem:
            self._notes.unreadable.add(name)
            self._notes.say(name, 0, f"Die Datei ist nicht lesbar ({cause(problem)}).")
            return
        if not data:
            self._notes.say(name, 0, "Die Datei ist leer.")
        self._texts.look_at_name(name)
        suffix = posixpath.splitext(name)[1]
        try:
            if suffix in _ZIPPED:
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    for one in archive.namelist():
                        text = f"{one}\n{archive.read(one).decode('utf-8', 'replace')}"
                        self._texts.look_line_by_line(name, text)
                        self._member(name, one, text)
            elif name.endswith(_PACKED):
                self._packed(name, gzip.decompress(data))
            elif suffix == ".html":
                self._page(name, file, data)
            elif suffix in _TEXT:
                self._texts.look(name, data, "strict")
            else:
                # Of a picture: what stands in it as words.
                self._texts.look(name, b" ".join(_WORDS.findall(data)))
        except UnicodeDecodeError as error:
            at = data.find(error.object) + error.start
            self._notes.say(name, data.count(b"\n", 0, at) + 1, "Das ist kein Text in UTF-8.")
        # The last one: packed with a password, or in a way nobody knows.
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):
            self._notes.say(name, 0, "Die gepackte Datei lässt sich nicht lesen.")
        if suffix == ".svg":
            self._pages.drawing(name, file, data)
        elif suffix == ".css":
            self._pages.style(name, 0, data.decode("utf-8", "replace"))
        elif suffix == ".csv":
            self._table(name, data)
        elif suffix == ".json":
            self._values(name, data)
        elif suffix == ".xml":
            self._feed(name, data)
        elif suffix in {"", ".conf"}:
            for line, policy in of_server(data.decode("utf-8", "replace")):
                for sentence in flaws(policy):
                    self._notes.say(name, line, sentence)

    def _page(self, name: str, file: int, data: bytes) -> None:
        like_handler = self._page_texts.look_line_by_line(name, data.decode())
        self._pages.page(name, file, data, like_handler=like_handler)

    def _feed(self, name: str, data: bytes) -> None:
        """What other programs read; they may open whatever is called a link."""
        if name == "sitemap.xml":
            self._addresses(name, _addresses_of_map(data.decode("utf-8", "replace")))
        try:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            self._notes.say(name, error.lineno or 0, "Das ist kein lesbares XML.")
            return
        for line, address in active_links(root):
            self._notes.say(name, line, f"Ein Verweis führt Programmtext mit sich („{shown(address)}“).")

    def _member(self, name: str, member: str, text: str) -> None:
        """What a Word file brings with it."""
        if _PROGRAM.search(member):
            self._notes.say(name, 0, f"Die Datei enthält ein Programm („{shown(member)}“).")
        for match in _RELATION.finditer(text) if member.endswith(".rels") else ():
            if 'TargetMode="External"' in match[0] and '/hyperlink"' not in match[0]:
                self._notes.say(name, 0, "Die Datei lädt beim Öffnen etwas von anderer Stelle.")

    def _packed(self, name: str, data: bytes) -> None:
        self._texts.look(name, data)
        if name.endswith(_MAPS):
            text = data.decode("utf-8", "replace")
            if "<loc>" in text:
                self._addresses(name, _addresses_of_map(text))
            elif name.endswith(".pf_fragment"):
                self._fragment(name, text)

    def _fragment(self, name: str, text: str) -> None:
        """What the search knows of a page: a mark of its maker, and behind it JSON."""
        start = text.find("{")
        try:
            known = json.loads(text[start:])
            self._addresses(name, [known["url"]])
        except (ValueError, LookupError, TypeError):
            self._notes.say(name, 0, "Dieser Teil der Suche ist beschädigt.")

    def _addresses(self, name: str, named: Iterable[str]) -> None:
        """What the maps for search engines and the index of the search name."""
        if self._rules.pages is None:
            return
        for one in named:
            path = urlsplit(one).path.removeprefix(self._rules.website.path.rstrip("/")).removeprefix("/")
            if unquote(path) not in self._rules.pages:
                sentence = f"„/{shown(path)}“ steht im Verzeichnis und ist keine öffentliche Seite."
                self._notes.say(name, 0, sentence)

    # --- tables and values

    def _table(self, name: str, data: bytes) -> None:
        text = io.TextIOWrapper(io.BytesIO(data), "utf-8", "replace", newline="")
        # No cell is longer than its file.
        csv.field_size_limit(max(len(data), csv.field_size_limit()))
        rows = csv.DictReader(text)
        for row in rows:
            for key, value in row.items():
                self._cell(name, rows.line_num, key, value)
                if isinstance(value, str) and _FORMULA.match(value):
                    self._notes.say(
                        name,
                        rows.line_num,
                        f"„{shown(value)}“ nähme eine Tabellenkalkulation für eine Formel.",
                    )

    def _values(self, name: str, data: bytes) -> None:
        def noted(pairs: list[tuple[str, object]]) -> _Keys:
            """In place of an object: its keys, so that not all of a long file is in memory as values."""
            one = dict(pairs)
            for key, inner in one.items():
                for value in inner if isinstance(inner, _Keys) else (inner,):
                    self._cell(name, 0, key, value)
            return _Keys(one)

        before = len(self._notes.found)
        try:
            json.loads(data, object_pairs_hook=noted)
        except (ValueError, RecursionError):
            del self._notes.found[before:]
            self._notes.say(name, 0, "Das ist kein lesbares JSON.")

    def _cell(self, name: str, line: int, column: str | None, value: object) -> None:
        allowed = self._rules.columns.get(column)
        if allowed is not None and isinstance(value, str) and value and value not in allowed:
            self._notes.say(name, line, f"„{shown(value)}“ unter „{column}“ gehört zu nichts Öffentlichem.")


class _Keys(tuple[str, ...]):
    """The keys of an object in JSON."""

    __slots__ = ()


def _addresses_of_map(text: str) -> Iterator[str]:
    for match in re.finditer(r"<loc>\s*(.*?)\s*</loc>", text):
        yield html.unescape(match[1])
