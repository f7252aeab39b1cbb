"""What a page, a drawing or a style sheet does by itself: what it loads and runs, and where it leads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml import etree

import final_gate_policy as policy
from final_gate_notes import Notes, Rules, is_relative, shown, split

# A relation by which a browser loads nothing.
_LOADS_NOTHING = frozenset(
    {"alternate", "author", "canonical", "help", "license", "me", "next", "prev", "search", "tag"}
)
# `xlink:href` keeps its colon in what is read as HTML.
_URLS = frozenset(
    {"href", "src", "action", "formaction", "data", "poster", "background", "ping", "cite", "xlink:href"}
)
_SETS = frozenset({"srcset", "imagesrcset"})
# They bring in a page of their own, or change how everything behind them is read.
_FOREIGN_TAGS = frozenset(
    {
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "base",
        "plaintext",
        "xmp",
        "noembed",
        "portal",
        "fencedframe",
    }
)
# They change an attribute, such as where a link leads, after the page is there.
_CHANGING = frozenset({"set", "animate", "animatetransform", "animatemotion"})
# Scripts that are no programs.
_DATA_TYPES = frozenset({"application/json", "application/ld+json", "text/plain"})
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ACTIVE = frozenset({"javascript", "vbscript", "data", "blob", "filesystem"})
_HARMLESS = frozenset({"http", "https", "mailto", "tel"})

_TELLING_TAGS = _FOREIGN_TAGS | _CHANGING | {"style", "script"}
_TELLING = _URLS | _SETS | {"id", "style", "http-equiv"}
_HANDLERS = etree.XPath("//*[@*[starts-with(name(), 'on')]]")
# An attribute with a program in it begins like this, however broken its tag.
HANDLER_LIKE = re.compile(r"(?<![A-Za-z0-9_.:-])[Oo][Nn]")
# Browsers see a handler where the parser above might not: behind a slash, in a broken tag.
_RAW_HANDLER = re.compile(r"on[a-z]{3,30}\s*=")
# Whoever looks back further looks at all of a long text again and again.
_LONGEST_TAG = 4000
_STYLE_URL = re.compile(r"url\(\s*[\"']?\s*([^)\"'\s]+)|@import\s*[\"']([^\"']+)", re.IGNORECASE)
_IMAGE_SET = re.compile(r"image-set\(([^;{}]*)", re.IGNORECASE)
_QUOTED = re.compile(r"[\"']([^\"']*)[\"']")
# CSS Syntax 4.3.7: six digits at most, and a blank behind them that belongs to them; and what is no program.
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|([^\n]))")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Pages:
    """Looks at pages, drawings and style sheets, one after the other."""

    def __init__(self, rules: Rules, notes: Notes) -> None:
        self._rules, self._notes = rules, notes
        self._folder = rules.website.path.rstrip("/") + "/"

    def page(self, name: str, file: int, data: bytes, *, like_handler: bool) -> None:
        """Look at a page; ``data`` is UTF-8."""
        end = data.rstrip()[-len(b"</html>") :]
        if end.lower() != b"</html>":
            self._notes.say(
                name, data.count(b"\n") + 1, "Die Seite ist nicht vollständig: „</html>“ am Ende fehlt."
            )
        root, deep = _parsed(data)
        if root is None:
            self._notes.say(name, 0, "Die Seite enthält nichts.")
            return
        if deep:
            self._notes.say(
                name, deep, "Die Seite ist so tief verschachtelt, dass sich ihr Ende nicht ansehen lässt."
            )
        ids: list[str] = []
        anchors: set[str] = set()
        policies: list[etree._Element] = []
        links: list[tuple[int, str]] = []
        scripts: list[etree._Element] = []
        for element in _telling(root):
            tag = element.tag
            if not isinstance(tag, str):
                self._notes.say(
                    name, element.sourceline or 0, "Auf der Seite steht eine Bemerkung, die niemand sieht."
                )
                continue
            if tag in _FOREIGN_TAGS or tag in _CHANGING:
                self._notes.say(name, element.sourceline or 0, f"Die Seite enthält <{tag}>.")
            elif tag == "script":
                scripts.append(element)
            for attribute, value in element.items():
                if attribute in _URLS:
                    self._url(name, element, attribute, value, links)
                elif attribute == "id":
                    ids.append(value)
                elif attribute == "name" and tag == "a":
                    anchors.add(value)
                elif attribute in _SETS:
                    for candidate in filter(str.strip, value.split(",")):
                        self._url(name, element, "src", candidate.split()[0], links)
                elif attribute == "http-equiv" and tag == "meta":
                    if value.lower() == "content-security-policy":
                        policies.append(element)
                    elif value.strip().lower() == "refresh":
                        self._notes.say(
                            name, element.sourceline or 0, "Die Seite führt von selbst zu einer anderen."
                        )
            style = element.get("style")
            if style is not None or tag == "style":
                self.style(name, element.sourceline or 0, style or element.text or "")
        anchors.update(ids)
        self._notes.anchors[name] = "\0".join(anchors)
        self._links(name, file, links, anchors)
        if len(ids) != len(set(ids)):
            self._repeated(name, root, ids)
        if "richtlinie" not in self._rules.without:
            self._policy(name, root, policies, scripts)
        self._scripts(name, scripts)
        if like_handler:
            self._handlers(name, root, data.decode())

    def _repeated(self, name: str, root: etree._Element, ids: list[str]) -> None:
        for one, count in Counter(ids).items():
            if count > 1:
                lines = [each.sourceline for each in root.iter() if each.get("id") == one]
                self._notes.say(
                    name, lines[1], f"Die Kennung „{shown(one)}“ gibt es {count}-mal auf der Seite."
                )

    def _policy(
        self, name: str, root: etree._Element, policies: list[etree._Element], scripts: list[etree._Element]
    ) -> None:
        # Elsewhere a browser passes it over.
        told = [one for one in policies if (above := one.getparent()) is not None and above.tag == "head"]
        if not told:
            self._notes.say(
                name, 0, "Die Seite sagt nicht, was ein Browser auf ihr darf (Content-Security-Policy)."
            )
            return
        policies, content = told, told[0].get("content") or ""
        for sentence in policy.flaws(content):
            self._notes.say(name, policies[0].sourceline, sentence)
        for script in scripts:
            if (
                _is_program(script)
                and script.get("src") is None
                and not policy.allows(content, script.text or "")
            ):
                self._notes.say(
                    name,
                    script.sourceline or 0,
                    "Auf der Seite steht ein Skript, das ihre Content-Security-Policy nicht nennt.",
                )
        for element in root.iter():
            if element is policies[0]:
                return
            if element.tag in {"script", "style", "link", "img"}:
                sentence = f"Die Content-Security-Policy steht hinter <{element.tag}> und gilt dafür nicht."
                self._notes.say(name, element.sourceline, sentence)
                return

    def _scripts(self, name: str, scripts: list[etree._Element]) -> None:
        """Programs come from files that are called so; a browser would also run what is called a picture."""
        for script in scripts:
            source = script.get("src")
            if source is not None and not re.split(r"[?#]", source, maxsplit=1)[0].endswith(".js"):
                self._notes.say(
                    name, script.sourceline or 0, f"„{shown(source)}“ wird als Skript geladen und ist keines."
                )

    def _handlers(self, name: str, root: etree._Element, text: str) -> None:
        seen = set()
        for element in _HANDLERS(root):
            for attribute in element.attrib:
                if str(attribute).startswith("on"):
                    seen.add(str(attribute))
                    self._notes.say(
                        name,
                        element.sourceline,
                        f"<{element.tag}> trägt Programmtext („{shown(str(attribute))}“).",
                    )
        lowered = text.lower()
        for match in _RAW_HANDLER.finditer(lowered):
            attribute = match[0].rstrip("=").rstrip()
            if attribute in seen:
                continue
            before = lowered[max(match.start() - _LONGEST_TAG, 0) : match.start()]
            tag = before[before.rfind("<") + 1 :]
            quoted = tag.count('"') % 2 or tag.count("'") % 2
            if re.match(r"[a-z][^>]*[\s/\"']\Z", tag) and not quoted:
                line = text.count("\n", 0, match.start()) + 1
                self._notes.say(name, line, f"Eine Marke trägt Programmtext („{shown(attribute)}“).")

    def drawing(self, name: str, file: int, data: bytes) -> None:
        """Look at an SVG."""
        try:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            self._notes.say(name, error.lineno or 0, "Die Zeichnung ist kein lesbares SVG.")
            return
        for one in root.xpath("preceding-sibling::processing-instruction()"):
            self._notes.say(
                name, one.sourceline or 0, f"Die Zeichnung enthält eine Anweisung („{shown(one.target)}“)."
            )
        anchors = set(map(str, root.xpath("//@id")))
        self._notes.anchors[name] = "\0".join(anchors)
        links: list[tuple[int, str]] = []
        for element in root.iter(etree.Element):
            tag = etree.QName(element).localname
            if tag in {"script", "foreignObject", "handler"} or tag.lower() in _CHANGING | _FOREIGN_TAGS:
                self._notes.say(name, element.sourceline or 0, f"Die Zeichnung enthält <{tag}>.")
            style = element.get("style")
            if style is not None or tag == "style":
                self.style(name, element.sourceline or 0, style or "".join(element.itertext()))
            for attribute, value in element.attrib.items():
                if str(attribute).lower().startswith("on"):
                    self._notes.say(
                        name,
                        element.sourceline or 0,
                        f"<{tag}> trägt Programmtext („{shown(str(attribute))}“).",
                    )
                if str(attribute) in {"href", _XLINK}:
                    self._url(name, element, "src", str(value), links)
        self._links(name, file, links, anchors)

    def style(self, name: str, line: int, text: str) -> None:
        """Look at a style sheet, or at what stands in a page for one."""
        plain = _CSS_ESCAPE.sub(_unescaped, _CSS_COMMENT.sub(lambda one: "\n" * one[0].count("\n"), text))
        named = [(match.start(), match[1] or match[2]) for match in _STYLE_URL.finditer(plain)]
        named += [
            (found.start(), match[1])
            for found in _IMAGE_SET.finditer(plain)
            for match in _QUOTED.finditer(found[1])
        ]
        for start, address in named:
            scheme, host = split(address)
            if (scheme or host) and scheme != "data" and not self._rules.is_own(host):
                at = line or plain.count("\n", 0, start) + 1
                self._notes.say(name, at, f"Die Darstellung lädt von fremder Stelle: „{shown(address)}“.")

    # --- addresses

    def _url(
        self, name: str, element: etree._Element, attribute: str, value: str, links: list[tuple[int, str]]
    ) -> None:
        if is_relative(value):
            if value not in self._rules.outside:
                links.append((element.sourceline or 0, value))
            return
        tag, line = etree.QName(element).localname, element.sourceline or 0
        scheme, host = split(value)
        is_picture = tag in {"img", "source", "image"} and value.strip().lower().startswith("data:image/")
        if scheme in _ACTIVE and not is_picture:
            self._notes.say(name, line, f"<{tag}> führt Programmtext oder Daten mit sich („{scheme}:“).")
        elif is_picture:
            return
        elif scheme and scheme not in _HARMLESS:
            self._notes.say(name, line, f"<{tag}> nennt eine Adresse mit „{shown(scheme)}:“.")
        elif host and not self._rules.is_own(host):
            relations = set((element.get("rel") or "").lower().split())
            leads_only = tag in {"a", "area", "blockquote", "q", "ins", "del"} and attribute in {
                "href",
                "cite",
            }
            if not leads_only and not (
                tag == "link" and relations and relations <= _LOADS_NOTHING | {"feed"}
            ):
                self._notes.say(
                    name, line, f"<{tag}> lädt von fremder Stelle oder schickt dorthin: „{shown(host)}“."
                )
        elif host and not (urlsplit(value).path or "/").startswith(self._folder):
            # Ours is the folder, not the whole host.
            return
        elif value in self._rules.outside:
            return
        elif not scheme or host:
            links.append((line, value))

    def _links(self, name: str, file: int, links: list[tuple[int, str]], anchors: set[str]) -> None:
        """Note where links lead, unless that is a place on the same page."""
        up = "../" * name.count("/")
        further = f"{up}../"
        by_name = quote(name) == name
        for line, value in links:
            # Nearly all lead through the root.
            if up and value.startswith(up) and not value.startswith(further):
                self._notes.link(value, value[len(up) :], file, line)
            elif not (by_name and _is_place(value) and unquote(value[1:]) in anchors):
                self._notes.link(value, self._target(name, value), file, line)

    def _target(self, name: str, value: str) -> str:
        whole = urlsplit(urljoin(f"http://site{self._folder}{name}", value.strip()))
        path = whole.path.removeprefix(self._folder)
        # Without a path it is the page itself.
        return f"{path or quote(name)}#{whole.fragment}"


def _is_program(script: etree._Element) -> bool:
    return (script.get("type") or "").split(";")[0].strip().lower() not in _DATA_TYPES


def _unescaped(match: re.Match[str]) -> str:
    """A sign of a style sheet that is written by its number, or behind a backslash."""
    number = int(match[1], 16) if match[1] else 0
    return match[2] or (chr(number) if 0 < number <= 0x10FFFF else "\ufffd")


def active_links(root: etree._Element) -> Iterator[tuple[int, str]]:
    """Addresses in XML that run a program, also in the HTML it carries as text; with their lines."""
    for element in root.iter(etree.Element):
        for attribute, value in element.attrib.items():
            if str(attribute).lower() in _URLS | {"url"} and split(str(value))[0] in _ACTIVE:
                yield element.sourceline or 0, str(value)
        inside = _parsed((element.text or "").encode())[0] if element.get("type") == "html" else None
        if inside is not None:
            yield from ((element.sourceline or 0, address) for _, address in active_links(inside))


def _is_place(value: str) -> bool:
    return value.startswith("#") and value.isprintable() and not value.endswith(" ")


def _telling(root: etree._Element) -> Iterator[etree._Element]:
    """Elements with anything of interest. Asking each for its names is far quicker than an expression that finds them."""
    for element in root.iter():
        names = element.keys()
        if (
            not isinstance(element.tag, str)
            or not _TELLING.isdisjoint(names)
            or element.tag in _TELLING_TAGS
            or (element.tag == "a" and "name" in names)
        ):
            yield element


def _parsed(data: bytes) -> tuple[etree._Element | None, int]:
    """A page as a tree, ``None`` if there is nothing in it; and the line where the parser gave up, else 0."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.ParserError:
        root = None
    # Whatever else it complains of, such as tags it does not know, it reads on; what is fatal ends it early.
    fatal = (max(one.line, 1) for one in parser.error_log if one.level >= etree.ErrorLevels.FATAL)
    return root, next(fatal, 0)
