"""What a page, a drawing or a style sheet does by itself: what it loads and runs, and where it leads."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml import etree

from final_gate_notes import Notes, Rules, is_relative, shown, split

# A relation by which a browser loads nothing.
_LOADS_NOTHING = frozenset(
    {"alternate", "author", "canonical", "help", "license", "me", "next", "prev", "search", "tag"}
)
# `xlink:href` keeps its colon in what is read as HTML.
_URLS = frozenset(
    {"href", "src", "action", "formaction", "data", "poster", "background", "ping", "cite", "xlink:href"}
)
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ACTIVE = frozenset({"javascript", "vbscript", "data", "blob", "filesystem"})
_HARMLESS = frozenset({"http", "https", "mailto", "tel"})

# Everything of interest at once: most of the time goes into walking through the tree.
_TELLING = etree.XPath(
    f"//*[@*[contains(' {' '.join(_URLS)} srcset id style http-equiv ', concat(' ', name(), ' '))]"
    " or self::style or self::a[@name]]"
)
_HANDLERS = etree.XPath("//*[@*[starts-with(name(), 'on')]]")
# An attribute with a program in it begins like this, however broken its tag.
HANDLER_LIKE = re.compile(r"(?<![A-Za-z0-9_.:-])[Oo][Nn]")
# Browsers see a handler where the parser above might not: behind a slash, in a broken tag.
_RAW_HANDLER = re.compile(r"on[a-z]{3,}\s*=")
_STYLE_URL = re.compile(r"url\(\s*[\"']?\s*([^)\"'\s]+)|@import\s+[\"']([^\"']+)", re.IGNORECASE)


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
        root = _parsed(data)
        if root is None:
            self._notes.say(name, 0, "Die Seite enthält nichts.")
            return
        ids: list[str] = []
        anchors: set[str] = set()
        policies: list[etree._Element] = []
        links: list[tuple[int, str]] = []
        for element in _TELLING(root):
            tag = element.tag
            for attribute, value in element.items():
                if attribute in _URLS:
                    self._url(name, element, attribute, value, links)
                elif attribute == "id":
                    ids.append(value)
                elif attribute == "name" and tag == "a":
                    anchors.add(value)
                elif attribute == "srcset":
                    for candidate in filter(str.strip, value.split(",")):
                        self._url(name, element, "src", candidate.split()[0], links)
                elif attribute == "http-equiv" and tag == "meta":
                    if value.lower() == "content-security-policy":
                        policies.append(element)
                    elif value.lower() == "refresh":
                        target = (element.get("content") or "").partition("=")[2].strip(" '\"")
                        if target:
                            self._url(name, element, "href", target, links)
            style = element.get("style")
            if style is not None or tag == "style":
                self.style(name, element.sourceline or 0, style or element.text or "")
        anchors.update(ids)
        self._notes.anchors[name] = "\0".join(anchors)
        self._links(name, file, links, anchors)
        if len(ids) != len(set(ids)):
            self._repeated(name, root, ids)
        if "richtlinie" not in self._rules.without:
            self._policy(name, root, policies)
        if like_handler:
            self._handlers(name, root, data.decode())

    def _repeated(self, name: str, root: etree._Element, ids: list[str]) -> None:
        for one, count in Counter(ids).items():
            if count > 1:
                lines = [each.sourceline for each in root.iter() if each.get("id") == one]
                self._notes.say(
                    name, lines[1], f"Die Kennung „{shown(one)}“ gibt es {count}-mal auf der Seite."
                )

    def _policy(self, name: str, root: etree._Element, policies: list[etree._Element]) -> None:
        if not policies:
            self._notes.say(
                name, 0, "Die Seite sagt nicht, was ein Browser auf ihr darf (Content-Security-Policy)."
            )
            return
        content = policies[0].get("content") or ""
        for word in ("'unsafe-inline'", "'unsafe-eval'"):
            if word in content:
                self._notes.say(name, policies[0].sourceline, f"Die Content-Security-Policy erlaubt {word}.")
        if "default-src 'none'" not in content:
            self._notes.say(
                name,
                policies[0].sourceline,
                "Die Content-Security-Policy beginnt nicht damit, alles zu verbieten.",
            )
        for element in root.iter():
            if element is policies[0]:
                return
            if element.tag in {"script", "style", "link", "img"}:
                sentence = f"Die Content-Security-Policy steht hinter <{element.tag}> und gilt dafür nicht."
                self._notes.say(name, element.sourceline, sentence)
                return

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
            tag = lowered[lowered.rfind("<", 0, match.start()) + 1 : match.start()]
            quoted = tag.count('"') % 2 or tag.count("'") % 2
            if attribute not in seen and re.match(r"[a-z][^>]*[\s/\"']\Z", tag) and not quoted:
                line = text.count("\n", 0, match.start()) + 1
                self._notes.say(name, line, f"Eine Marke trägt Programmtext („{shown(attribute)}“).")

    def drawing(self, name: str, file: int, data: bytes) -> None:
        """Look at an SVG."""
        try:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            self._notes.say(name, error.lineno or 0, "Die Zeichnung ist kein lesbares SVG.")
            return
        anchors = set(map(str, root.xpath("//@id")))
        self._notes.anchors[name] = "\0".join(anchors)
        links: list[tuple[int, str]] = []
        for element in root.iter(etree.Element):
            tag = etree.QName(element).localname
            if tag in {"script", "foreignObject", "handler"}:
                self._notes.say(name, element.sourceline or 0, f"Die Zeichnung enthält <{tag}>.")
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
        for match in _STYLE_URL.finditer(text):
            address = match[1] or match[2]
            scheme, host = split(address)
            if (scheme or host) and scheme != "data" and not self._rules.is_own(host):
                at = line or text.count("\n", 0, match.start()) + 1
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


def _is_place(value: str) -> bool:
    return value.startswith("#") and value.isprintable() and not value.endswith(" ")


def _parsed(data: bytes) -> etree._Element | None:
    """A page as a tree; ``None`` if there is nothing in it."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        return etree.fromstring(data, parser)
    except etree.ParserError:
        return None
