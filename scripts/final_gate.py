"""Look at a finished site once more before it goes out: a program of its own that knows nothing but the folder and a list.

It imports nothing of the package that built the site, so that a mistake there is not made twice. The list is JSON; all keys
are optional, and what is not listed is not checked:

    seiten     addresses of all pages, each ends in „/“, the home page is „“: no other, and none missing
    dateien    all other files: a path has to be there, a pattern with „*“ may be
    bereiche   beginnings of addresses below which no text of any file may name an address that is not among the pages
    spalten    name of a column of a table (CSV or JSON) → the only values in it
    kennungen  beginning of a path → the only names „urn:uuid:…“ in files there
    website    where the site will live, so that links to there are its own
    ausserhalb addresses there that belong to another program, such as a form
    verboten   texts that must not stand anywhere
"""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import posixpath
import re
import sys
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

from german_parser import COULD_NOT_RUN, OK, GermanParser, cause

FOUND = 1
# What another generator may do otherwise; everything else holds for any site.
OPTIONAL = {
    "richtlinie": "jede Seite sagt, was ein Browser auf ihr darf",
    "unbekannt": "es gibt keine Dateien außer den genannten",
    "anker": "Verweise auf eine Stelle einer Seite finden sie",
}
# The same sentence more often than this is told with its number.
MOST = 5

_TEXT = frozenset(
    {"", ".html", ".xml", ".json", ".csv", ".txt", ".ics", ".svg", ".css", ".js", ".conf", ".webmanifest"}
)
_PACKED = (".gz", ".pf_fragment", ".pf_meta", ".pf_index", ".pf_filter", ".pagefind")
_ZIPPED = (".docx", ".zip")
# A relation by which a browser loads nothing.
_LOADS_NOTHING = frozenset(
    {"alternate", "author", "canonical", "help", "license", "me", "next", "prev", "search", "tag"}
)
# `xlink:href` keeps its colon in what is read as HTML.
_URLS = ("href", "src", "action", "formaction", "data", "poster", "background", "ping", "cite", "xlink:href")
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ACTIVE = frozenset({"javascript", "vbscript", "data", "blob", "filesystem"})
_HARMLESS = frozenset({"http", "https", "mailto", "tel"})

_WITH_URL = etree.XPath(f"//*[@*[contains(' {' '.join(_URLS)} srcset ', concat(' ', name(), ' '))]]")
_IDS = etree.XPath("//@id", smart_strings=False)
_ANCHORS = etree.XPath("//@id | //a/@name", smart_strings=False)
_HANDLERS = etree.XPath("//*[@*[starts-with(name(), 'on')]]")
_STYLED = etree.XPath("//*[@style] | //style")
_POLICY = etree.XPath(
    "//meta[translate(@http-equiv, 'CENOPRSTUILY', 'cenoprstuily')='content-security-policy']"
)
_REFRESH = etree.XPath("//meta[translate(@http-equiv, 'REFSH', 'refsh')='refresh']")
_HELD_BACK = etree.XPath("//script | //style | //link[@rel='stylesheet']")
# Browsers see a handler where the parser above might not: behind a slash, in a broken tag.
_RAW_HANDLER = re.compile(r"on[a-z]{3,}\s*=")
_STYLE_URL = re.compile(r"url\(\s*[\"']?\s*([^)\"'\s]+)|@import\s+[\"']([^\"']+)", re.IGNORECASE)
_STEPS = re.compile(r"(?:[\w.-]+/)+")
_LETTER = re.compile(r"[\w-]")
_WORDS = re.compile(rb"[\x20-\x7e]{6,}")
_NAME = re.compile(r"urn:uuid:[0-9a-f-]{36}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Gate:
    """One look at one folder; what is wrong collects in ``found``: file, line or 0, sentence."""

    def __init__(self, site: Path, listed: Mapping[str, Any], without: Iterable[str]) -> None:
        self.site = site
        self.listed = listed
        self.without = frozenset(without)
        self.found: list[tuple[str, int, str]] = []
        self.outside = frozenset(listed.get("ausserhalb", ()))
        self.website = urlsplit(str(listed.get("website", "")))
        self.pages = frozenset(listed["seiten"]) if "seiten" in listed else None
        # All addresses, and those on the way to them.
        self.named = {one[: match.end()] for one in self.pages or () for match in re.finditer("/", one)}
        self.forbidden = [_folded(one) for one in listed.get("verboten", ()) if one.strip()]
        self.files: dict[str, bytes] = {}
        self.anchors: dict[str, frozenset[str]] = {}
        self.links: list[tuple[str, int, str]] = []

    def look(self) -> None:
        """Everything, once."""
        self._read(self.site)
        self._addresses()
        self._completeness()
        for name, data in self.files.items():
            for text in self._texts(name, data):
                self._spoken(name, text)
            suffix = posixpath.splitext(name)[1]
            if suffix == ".html":
                self._page(name, data)
            elif suffix == ".svg":
                self._drawing(name, data)
            elif suffix == ".css":
                self._style(name, 0, data.decode("utf-8", "replace"))
            elif suffix == ".csv":
                self._table(name, data)
            elif suffix == ".json":
                self._values(name, data)
        self._map()
        self._targets()

    def say(self, name: str, line: int, sentence: str) -> None:
        """Note a finding."""
        self.found.append((name, line, sentence))

    # --- the folder

    def _read(self, folder: Path) -> None:
        for one in sorted(folder.iterdir()):
            name = one.relative_to(self.site).as_posix()
            if one.is_symlink():
                self.say(name, 0, "Das ist ein Verweis auf eine andere Datei und keine eigene.")
            elif one.is_dir():
                self._read(one)
            elif not one.is_file():
                self.say(name, 0, "Das ist keine gewöhnliche Datei.")
            else:
                try:
                    self.files[name] = one.read_bytes()
                except OSError as problem:
                    self.say(name, 0, f"Die Datei ist nicht lesbar ({cause(problem)}).")
                else:
                    if not self.files[name]:
                        self.say(name, 0, "Die Datei ist leer.")

    def _addresses(self) -> None:
        """No two files where a server or a disk could tell them apart no longer."""
        taken: dict[str, str] = {}
        for name in self.files:
            address = re.sub(r"(?:(?:^|/)index)?\.html$", "", name) or "."
            other = taken.setdefault(_folded(address), name)
            if other != name:
                self.say(name, 0, f"Diese Adresse gibt es zweimal: auch „{_shown(other)}“.")

    def _completeness(self) -> None:
        if self.pages is not None:
            for address in sorted(self.pages):
                if f"{address}index.html" not in self.files:
                    self.say(f"{address}index.html", 0, "Die Seite fehlt.")
        if "dateien" not in self.listed:
            return
        patterns = [one for one in self.listed["dateien"] if "*" in one]
        known = {one for one in self.listed["dateien"] if "*" not in one}
        for name in sorted(known - self.files.keys()):
            self.say(name, 0, "Die Datei fehlt.")
        if "unbekannt" in self.without:
            return
        known |= {f"{address}index.html" for address in self.pages or ()}
        for name in self.files:
            if name not in known and not any(fnmatchcase(name, one) for one in patterns):
                self.say(name, 0, "Diese Datei steht nicht auf der Liste dessen, was hinausgehen darf.")

    # --- what any file says

    def _texts(self, name: str, data: bytes) -> Iterator[str]:
        """Everything in a file that can be read as text: unpacked, and as it is."""
        suffix = posixpath.splitext(name)[1]
        try:
            if suffix in _ZIPPED:
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    for one in archive.namelist():
                        yield f"{one}\n{archive.read(one).decode('utf-8', 'replace')}"
            elif name.endswith(_PACKED):
                yield gzip.decompress(data).decode("utf-8", "replace")
            elif suffix in _TEXT:
                yield data.decode("utf-8")
            else:
                # Of a picture: what stands in it as words.
                yield " ".join(one.decode() for one in _WORDS.findall(data))
        except UnicodeDecodeError as error:
            self.say(name, data.count(b"\n", 0, error.start) + 1, "Das ist kein Text in UTF-8.")
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
            self.say(name, 0, "Die gepackte Datei lässt sich nicht lesen.")

    def _spoken(self, name: str, text: str) -> None:
        for area in self.listed.get("bereiche", ()) if self.pages is not None else ():
            at = 0
            for before, piece in pairwise(text.split(area)):
                at += len(before)
                match = _STEPS.match(piece)
                if match and f"{area}{match[0]}" not in self.named and not _LETTER.search(before[-1:]):
                    # Addresses elsewhere may look like ours.
                    start = re.search(r"[^\s\"'<>()]*\Z", before)
                    host = _split(start[0].replace("\\/", "/"))[1] if start else ""
                    if not host or self._is_own(host):
                        line = text.count("\n", 0, at) + 1
                        address = _shown(f"{area}{match[0]}")
                        self.say(name, line, f"„{address}“ wird genannt und ist keine öffentliche Adresse.")
                at += len(area)
        for start, names in self.listed.get("kennungen", {}).items():
            if name.startswith(start):
                for match in _NAME.finditer(text):
                    if match[0] not in names:
                        line = text.count("\n", 0, match.start()) + 1
                        self.say(name, line, f"Die Kennung „{match[0]}“ gehört zu nichts Öffentlichem.")
        if self.forbidden:
            plain = _folded(html.unescape(text))
            for index, one in enumerate(self.forbidden, 1):
                if one in plain:
                    # The text itself must not get into a log.
                    self.say(name, 0, f"Hier steht der verbotene Text Nummer {index} der Liste.")

    def _is_own(self, host: str) -> bool:
        return bool(self.website.netloc) and host.lower() == self.website.netloc.lower()

    # --- tables and values

    def _table(self, name: str, data: bytes) -> None:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8", "replace"), newline=""))
        for row in rows:
            for key, value in row.items():
                self._cell(name, rows.line_num, key, value)

    def _values(self, name: str, data: bytes) -> None:
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            self.say(name, 0, "Das ist kein lesbares JSON.")
            return
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, dict):
                for key, inner in one.items():
                    if isinstance(inner, dict | list):
                        waiting.append(inner)
                        for named in inner if isinstance(inner, dict) else ():
                            self._cell(name, 0, key, named)
                    else:
                        self._cell(name, 0, key, inner)
            elif isinstance(one, list):
                waiting += one

    def _cell(self, name: str, line: int, column: str | None, value: object) -> None:
        allowed = self.listed.get("spalten", {}).get(column)
        if allowed is not None and isinstance(value, str) and value and value not in allowed:
            self.say(name, line, f"„{_shown(value)}“ unter „{column}“ gehört zu nichts Öffentlichem.")

    def _map(self) -> None:
        """Addresses the maps for search engines and the index of the search name."""
        for name, data in self.files.items():
            if self.pages is None:
                return
            text = next(self._texts(name, data), "") if name.endswith((".xml.gz", ".pf_fragment")) else ""
            if name == "sitemap.xml":
                text = data.decode("utf-8", "replace")
            if "<loc>" in text:
                named = [html.unescape(one) for one in re.findall(r"<loc>\s*(.*?)\s*</loc>", text)]
            elif name.endswith(".pf_fragment"):
                named = [json.loads(text[text.index("{") :])["url"]] if "{" in text else []
            else:
                continue
            for one in named:
                path = urlsplit(one).path.removeprefix(self.website.path.rstrip("/")).removeprefix("/")
                if unquote(path) not in self.pages:
                    self.say(
                        name, 0, f"„/{_shown(path)}“ steht im Verzeichnis und ist keine öffentliche Seite."
                    )

    # --- pages

    def _page(self, name: str, data: bytes) -> None:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            # Said already.
            return
        if not data.rstrip().lower().endswith(b"</html>"):
            self.say(name, data.count(b"\n") + 1, "Die Seite ist nicht vollständig: „</html>“ am Ende fehlt.")
        root = _parsed(text)
        if root is None:
            self.say(name, 0, "Die Seite enthält nichts.")
            return
        self.anchors[name] = frozenset(_ANCHORS(root))
        ids = _IDS(root)
        if len(ids) != len(set(ids)):
            for one, count in Counter(ids).items():
                if count > 1:
                    lines = [each.sourceline for each in root.iter() if each.get("id") == one]
                    self.say(
                        name, lines[1], f"Die Kennung „{_shown(one)}“ gibt es {count}-mal auf der Seite."
                    )
        if "richtlinie" not in self.without:
            self._policy(name, root)
        self._handlers(name, root, text)
        for element in _STYLED(root):
            self._style(name, element.sourceline or 0, element.get("style") or element.text or "")
        for element in _REFRESH(root):
            target = (element.get("content") or "").partition("=")[2].strip(" '\"")
            if target:
                self._url(name, element, "href", target)
        for element in _WITH_URL(root):
            for attribute, value in element.items():
                if attribute in _URLS:
                    self._url(name, element, attribute, value)
                elif attribute == "srcset":
                    for candidate in filter(str.strip, value.split(",")):
                        self._url(name, element, "src", candidate.split()[0])

    def _policy(self, name: str, root: etree._Element) -> None:
        policies = _POLICY(root)
        if not policies:
            self.say(name, 0, "Die Seite sagt nicht, was ein Browser auf ihr darf (Content-Security-Policy).")
            return
        content = policies[0].get("content") or ""
        for word in ("'unsafe-inline'", "'unsafe-eval'"):
            if word in content:
                self.say(name, policies[0].sourceline, f"Die Content-Security-Policy erlaubt {word}.")
        if "default-src 'none'" not in content:
            self.say(
                name,
                policies[0].sourceline,
                "Die Content-Security-Policy beginnt nicht damit, alles zu verbieten.",
            )
        for element in root.iter():
            if element is policies[0]:
                return
            if element.tag in {"script", "style", "link", "img"}:
                sentence = f"Die Content-Security-Policy steht hinter <{element.tag}> und gilt dafür nicht."
                self.say(name, element.sourceline, sentence)
                return

    def _handlers(self, name: str, root: etree._Element, text: str) -> None:
        seen = set()
        for element in _HANDLERS(root):
            for attribute in element.attrib:
                if str(attribute).startswith("on"):
                    seen.add(str(attribute))
                    self.say(
                        name,
                        element.sourceline,
                        f"<{element.tag}> trägt Programmtext („{_shown(str(attribute))}“).",
                    )
        lowered = text.lower()
        for match in _RAW_HANDLER.finditer(lowered):
            attribute = match[0].rstrip("=").rstrip()
            tag = lowered[lowered.rfind("<", 0, match.start()) + 1 : match.start()]
            quoted = tag.count('"') % 2 or tag.count("'") % 2
            if attribute not in seen and re.match(r"[a-z][^>]*[\s/\"']\Z", tag) and not quoted:
                line = text.count("\n", 0, match.start()) + 1
                self.say(name, line, f"Eine Marke trägt Programmtext („{_shown(attribute)}“).")

    def _drawing(self, name: str, data: bytes) -> None:
        try:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            self.say(name, error.lineno or 0, "Die Zeichnung ist kein lesbares SVG.")
            return
        self.anchors[name] = frozenset(root.xpath("//@id"))
        for element in root.iter(etree.Element):
            tag = etree.QName(element).localname
            if tag in {"script", "foreignObject", "handler"}:
                self.say(name, element.sourceline or 0, f"Die Zeichnung enthält <{tag}>.")
            for attribute, value in element.attrib.items():
                if str(attribute).lower().startswith("on"):
                    self.say(
                        name,
                        element.sourceline or 0,
                        f"<{tag}> trägt Programmtext („{_shown(str(attribute))}“).",
                    )
                if str(attribute) in {"href", _XLINK}:
                    self._url(name, element, "src", str(value))

    def _style(self, name: str, line: int, text: str) -> None:
        for match in _STYLE_URL.finditer(text):
            address = match[1] or match[2]
            scheme, host = _split(address)
            if (scheme or host) and scheme != "data" and not self._is_own(host):
                at = line or text.count("\n", 0, match.start()) + 1
                self.say(name, at, f"Die Darstellung lädt von fremder Stelle: „{_shown(address)}“.")

    def _url(self, name: str, element: etree._Element, attribute: str, value: str) -> None:
        tag, line = etree.QName(element).localname, element.sourceline or 0
        scheme, host = _split(value)
        is_picture = tag in {"img", "source", "image"} and value.strip().lower().startswith("data:image/")
        if scheme in _ACTIVE and not is_picture:
            self.say(name, line, f"<{tag}> führt Programmtext oder Daten mit sich („{scheme}:“).")
        elif is_picture:
            return
        elif scheme and scheme not in _HARMLESS:
            self.say(name, line, f"<{tag}> nennt eine Adresse mit „{_shown(scheme)}:“.")
        elif host and not self._is_own(host):
            relations = set((element.get("rel") or "").lower().split())
            leads_only = tag in {"a", "area", "blockquote", "q", "ins", "del"} and attribute in {
                "href",
                "cite",
            }
            if not leads_only and not (
                tag == "link" and relations and relations <= _LOADS_NOTHING | {"feed"}
            ):
                self.say(
                    name, line, f"<{tag}> lädt von fremder Stelle oder schickt dorthin: „{_shown(host)}“."
                )
        elif host and not (urlsplit(value).path or "/").startswith(self.website.path.rstrip("/") + "/"):
            # Ours is the folder, not the whole host.
            return
        elif value in self.outside:
            return
        elif not scheme or host:
            self.links.append((name, line, value))

    # --- where links lead

    def _targets(self) -> None:
        pages = {
            name.removesuffix("index.html"): name for name in self.anchors if name.endswith("index.html")
        }
        folder = self.website.path.rstrip("/") + "/"
        known: dict[str, str] = {}
        for name, line, value in self.links:
            up = "../" * name.count("/")
            # Nearly all lead through the root, so that what is behind it is looked at once.
            if value.startswith(up) and not value.startswith(f"{up}../") and up:
                key = value[len(up) :]
                if key not in known:
                    known[key] = self._missing(key, pages, name="")
                missing = known[key]
            else:
                whole = urlsplit(urljoin(f"http://site{folder}{name}", value.strip()))
                path = whole.path.removeprefix(folder) if whole.path.startswith(folder) else whole.path
                missing = self._missing(f"{path}#{whole.fragment}", pages, name)
            if missing:
                self.say(name, line, f"Der Verweis „{_shown(value)}“ führt ins Leere: {missing}.")

    def _missing(self, target: str, pages: Mapping[str, str], name: str) -> str:
        path, _, anchor = target.partition("#")
        path, anchor = unquote(path.partition("?")[0]), unquote(anchor)
        if name and target.startswith("#"):
            path = name
        file = pages.get(path) or (path if path in self.files else "")
        if not file:
            return f"„/{_shown(path.lstrip('/'))}“ gibt es nicht"
        if (
            anchor
            and anchor != "top"
            and file in self.anchors
            and anchor not in self.anchors[file]
            and "anker" not in self.without
        ):
            return "die Seite gibt es, die Stelle nicht"
        return ""


def _parsed(text: str) -> etree._Element | None:
    """A page as a tree; ``None`` if there is nothing in it."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.ParserError:
        return None


def _split(address: str) -> tuple[str, str]:
    """Scheme and host as a browser reads them: it leaves out control characters and takes one slash for the other."""
    if ":" not in address and "//" not in address and "\\" not in address and address.isprintable():
        return "", ""
    plain = re.sub(r"[\x00-\x20]", "", address).replace("\\", "/")
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", plain)
    scheme = match[1].lower() if match else ""
    rest = plain[match.end() :] if match else plain
    if scheme in {"", "http", "https"} and rest.startswith("//"):
        return scheme, re.split(r"[/?#]", rest.lstrip("/"), maxsplit=1)[0].rpartition("@")[2]
    return scheme, ""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text.casefold())


def _shown(text: str) -> str:
    """Short, and without signs that would change what a terminal or a log shows."""
    plain = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    plain = plain.encode("utf-8", "backslashreplace").decode()
    return plain if len(plain) <= 80 else f"{plain[:79]}…"


def told(found: Sequence[tuple[str, int, str]]) -> Iterator[str]:
    """Findings as lines, in order; the same sentence for many files a few times only."""
    seen: Counter[str] = Counter(sentence for _, _, sentence in set(found))
    shown: Counter[str] = Counter()
    for name, line, sentence in sorted(set(found)):
        shown[sentence] += 1
        if shown[sentence] <= MOST:
            yield f"{_shown(name)}{f':{line}' if line else ''}: {sentence}"
        elif shown[sentence] == MOST + 1:
            yield f"… und noch {seen[sentence] - MOST}-mal: {sentence}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Look; the return value is the exit status."""
    parser = GermanParser(
        "Sieht eine fertige Website noch einmal an, bevor sie hinausgeht, gleich womit sie gebaut wurde.",
        usage="[OPTIONEN] ORDNER",
    )
    parser.add_argument("ordner", type=Path, metavar="ORDNER", help="die fertige Website")
    parser.add_argument(
        "--liste", type=Path, metavar="DATEI", help="JSON: was hinausgehen darf, siehe den Kopf des Programms"
    )
    parser.add_argument(
        "--verboten", type=Path, metavar="DATEI", help="je Zeile ein Text, der nirgends stehen darf"
    )
    rules = "; ".join(f"{name}: {what}" for name, what in OPTIONAL.items())
    parser.add_argument(
        "--ohne",
        metavar="REGEL",
        action="append",
        default=[],
        choices=sorted(OPTIONAL),
        help=f"Regel, die für diesen Seitengenerator nicht gilt, mehrfach möglich ({rules})",
    )
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        listed = json.loads(options.liste.read_bytes()) if options.liste else {}
        if options.verboten:
            listed = {**listed, "verboten": options.verboten.read_text("utf-8").splitlines()}
    except OSError as problem:
        return _refuse(cause(problem))
    except (ValueError, TypeError):
        return _refuse("Die Liste ist kein lesbares JSON oder kein Text in UTF-8.")
    if not isinstance(listed, dict):
        return _refuse("Die Liste ist kein JSON-Objekt.")
    if not options.ordner.is_dir():
        return _refuse(f"„{options.ordner}“ ist kein Ordner.")
    gate = Gate(options.ordner, listed, options.ohne)
    gate.look()
    for line in told(gate.found):
        print(line)
    if gate.found:
        findings, files = len(set(gate.found)), len({name for name, _, _ in gate.found})
        counted = f"{findings} {'Befund' if findings == 1 else 'Befunde'} in {files} {'Datei' if files == 1 else 'Dateien'}"
        print(f"Endkontrolle: {counted}; so geht die Website nicht hinaus.")
        return FOUND
    print(f"Endkontrolle: {len(gate.files)} Dateien, nichts gefunden.")
    return OK


def _refuse(reason: str) -> int:
    print(f"Nicht geprüft. {reason}", file=sys.stderr)
    return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
