"""A paper as a DOCX file that any office can edit. The only module that knows python-docx.

The same paper gives the same bytes on any day. Nothing in the file runs, and nothing is loaded from elsewhere; the
addresses of the sources are plain hyperlinks. The library makes the file once, without words; a paper is a copy of it
with the words filled in.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import NAMESPACE, RELATIONSHIP_TARGET_MODE, RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from lxml import etree

from ikz_award.paper import (
    Block,
    Gap,
    Link,
    Listing,
    Paper,
    Paragraph,
    Piece,
    Section,
    gap_text,
    legible,
)

# The library does not say which attributes and children its elements have.
Element: TypeAlias = Any

_LANGUAGE = "de-DE"
_FONT = "Arial"
# No date of a build may stand in the file. Its parts bear the oldest time a ZIP archive can tell; as a whole it is as old as
# what it tells, or, where that is unknown, as this day.
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_DEFAULT_DAY = date(2026, 1, 1)
# More than this python-docx refuses to write into the properties.
_LONGEST_TITLE = 255
_NUMBERS, _DOTS, _BOXES = 0, 1, 2
_MARKERS = {_NUMBERS: ("decimal", "%1."), _DOTS: ("bullet", "•"), _BOXES: ("bullet", "☐")}
_NUMBER_STYLE, _DOT_STYLE, _LINK_STYLE = "List Number", "List Bullet", "Hyperlink"
_SHAPES = (
    ("Normal", 11, 0),
    ("Title", 18, 0),
    ("Heading 1", 14, 18),
    ("Heading 2", 12, 12),
)
_KEPT_STYLES = {name for name, _, _ in _SHAPES} | {
    *(_NUMBER_STYLE, _DOT_STYLE),
    *("Default Paragraph Font", "Normal Table", "No List"),
}
# What the template of the library brings along and no paper needs: a picture, a second set of styles, data of its author.
_UNUSED_PARTS = ("thumbnail", "extended-properties", "stylesWithEffects", "customXml")
# The parts in which papers differ: properties, words, targets of links, lists.
_ABOUT, _BODY, _TARGETS, _NUMBERING = _FILLED = (
    "docProps/core.xml",
    "word/document.xml",
    "word/_rels/document.xml.rels",
    "word/numbering.xml",
)


_VALUE = qn("w:val")
# How closely parts are packed: those of every paper once, and words so that half the time adds a twentieth to their bytes.
_CLOSELY, _QUICKLY = 9, 3


def to_docx(paper: Paper) -> bytes:
    """The paper as the bytes of a DOCX file."""
    writer = _Writer(_template())
    writer.describe(paper)
    writer.line("Title", (paper.title,))
    for paragraph in paper.lead:
        writer.line("Normal", paragraph.pieces)
    for section in paper.sections:
        writer.section(section, 1)
    return writer.packed()


@dataclass(frozen=True)
class _Template:
    """What papers have in common. It holds nothing of any paper, so it may outlive a build."""

    # The file without the parts in which papers differ, and these.
    kept: bytes
    parts: Mapping[str, Element]
    # A list of every kind; a paragraph of empty words for every style; empty words: plain, as a gap, as a link.
    lists: Mapping[int, Element]
    lines: Mapping[str, Element]
    words: Element
    gap: Element
    link: Element
    link_words: Element


class _Writer:
    """Fills in copies of elements: making them one by one, or with the comforts of the library, takes many times as long.

    A copy of an element has copies of all that is in it.
    """

    def __init__(self, template: _Template) -> None:
        self._template = template
        self._parts = {name: copy(part) for name, part in template.parts.items()}
        self._end = self._parts[_BODY].find(f".//{qn('w:sectPr')}")
        self._links: dict[str, str] = {}
        self._lists = 0

    def describe(self, paper: Paper) -> None:
        """Properties without a person and without the day of the build."""
        about = self._parts[_ABOUT]
        about.find(qn("dc:title")).text = legible(paper.title)[:_LONGEST_TITLE]
        day = paper.as_of.earliest if paper.as_of else _DEFAULT_DAY
        for name in ("dcterms:created", "dcterms:modified"):
            about.find(qn(name)).text = f"{day.isoformat()}T00:00:00Z"

    def section(self, section: Section, level: int) -> None:
        """A heading and everything below it."""
        self.line(f"Heading {level}", (section.title,))
        for block in section.blocks:
            self._block(block)
        for part in section.parts:
            self.section(part, level + 1)

    def line(self, style: str, pieces: Sequence[Piece], number: int | None = None) -> None:
        """A paragraph; ``number`` is the list it is an item of."""
        paragraph = copy(self._template.lines[style])
        properties, words = paragraph
        if number is not None:
            _, its_list = properties[1]
            its_list.set(_VALUE, str(number))
        first, *rest = pieces or ("",)
        if isinstance(first, str):
            words[-1].text = legible(first)
        else:
            paragraph.replace(words, self._piece(first))
        if rest:
            paragraph.extend([self._piece(one) for one in rest])
        self._end.addprevious(paragraph)

    def packed(self) -> bytes:
        """The file."""
        parts = {
            name: etree.tostring(part, encoding="UTF-8", standalone=True)
            for name, part in self._parts.items()
        }
        return _with_parts(self._template.kept, parts, _QUICKLY)

    def _block(self, block: Block) -> None:
        if isinstance(block, Paragraph):
            self.line("Normal", block.pieces)
            return
        number = self._new_list(block)
        for item in block.items:
            self.line(_NUMBER_STYLE if block.ordered else _DOT_STYLE, item.pieces, number)

    def _new_list(self, listing: Listing) -> int:
        """A list of its own, so that its numbers begin anew."""
        self._lists += 1
        kind = _NUMBERS if listing.ordered else _BOXES if listing.boxes else _DOTS
        instance = copy(self._template.lists[kind])
        instance.set(qn("w:numId"), str(self._lists))
        if listing.ordered:
            _, override = instance
            override[0].set(_VALUE, str(listing.start))
        self._parts[_NUMBERING].append(instance)
        return self._lists

    def _piece(self, piece: Piece) -> Element:
        match piece:
            case Gap():
                return _filled(self._template.gap, gap_text(piece))
            case Link():
                return self._link(piece.address)
            case _:
                return _filled(self._template.words, piece)

    def _link(self, address: str) -> Element:
        target = _target(legible(address))
        if not target:
            return _filled(self._template.words, address)
        link = copy(self._template.link)
        link.append(_filled(self._template.link_words, address))
        link.set(qn("r:id"), self._links.get(target) or self._new_link(target))
        return link

    def _new_link(self, target: str) -> str:
        # The ids of the template begin with other letters.
        key = self._links[target] = f"link{len(self._links) + 1}"
        etree.SubElement(
            self._parts[_TARGETS],
            f"{{{NAMESPACE.OPC_RELATIONSHIPS}}}Relationship",
            Id=key,
            Type=RELATIONSHIP_TYPE.HYPERLINK,
            Target=target,
            TargetMode=RELATIONSHIP_TARGET_MODE.EXTERNAL,
        )
        return key


def _filled(empty: Element, text: str) -> Element:
    """Empty words, with a text in them."""
    words = copy(empty)
    words[-1].text = legible(text)
    return words


def _run(look: Element | None = None) -> Element:
    """Empty words in one look."""
    words = _element("w:t")
    words.set(qn("xml:space"), "preserve")
    return _element("w:r", words) if look is None else _element("w:r", _element("w:rPr", look), words)


def _element(name: str, *children: Element, **attributes: str | int) -> Element:
    element: Element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), str(value))
    element.extend(children)
    return element


# The same laws and guides are cited again and again.
@lru_cache(maxsize=1 << 12)
def _target(address: str) -> str:
    """The address as Word accepts it, or empty: a malformed one makes it call the whole file damaged."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https", "mailto"} or not (parts.netloc or parts.scheme == "mailto"):
        return ""
    return quote(address, safe=":/?#@!$&'()*+,;=%~-._")


@cache
def _template() -> _Template:
    """An empty document in our looks, taken apart."""
    document = _empty()
    whole = BytesIO()
    document.save(whole)
    with zipfile.ZipFile(whole) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    styles = {one.name: one.style_id for one in document.styles}
    return _Template(
        kept=_with_parts(b"", {name: data for name, data in parts.items() if name not in _FILLED}, _CLOSELY),
        parts={name: etree.fromstring(parts[name]) for name in _FILLED},
        lists={kind: _plain(_list(kind)) for kind in _MARKERS},
        lines={
            name: _plain(_element("w:p", _paragraph_properties(name, key), _run()))
            for name, key in styles.items()
        },
        words=_plain(_run()),
        gap=_plain(_run(_element("w:highlight", val="yellow"))),
        link=_plain(_element("w:hyperlink")),
        link_words=_plain(_run(_element("w:rStyle", val=styles[_LINK_STYLE]))),
    )


def _paragraph_properties(style: str, key: str) -> Element:
    properties = _element("w:pPr", _element("w:pStyle", val=key))
    if style in {_NUMBER_STYLE, _DOT_STYLE}:
        properties.append(_element("w:numPr", _element("w:ilvl", val=0), _element("w:numId")))
    return properties


def _list(kind: int) -> Element:
    """A list of its own; numbers begin anew."""
    instance = _element("w:num", _element("w:abstractNumId", val=kind))
    if kind == _NUMBERS:
        instance.append(_element("w:lvlOverride", _element("w:startOverride"), ilvl=0))
    return instance


def _plain(element: Element) -> Element:
    """The same element without what the library adds to it, which makes copies slow."""
    return etree.fromstring(etree.tostring(element))


def _empty() -> Document:
    """An empty document in our looks, without a person."""
    document = docx.Document()
    for owner in (document.part.package, document.part):
        for key, one in list(owner.rels.items()):
            if one.reltype.rpartition("/")[2] in _UNUSED_PARTS:
                del owner.rels[key]
    _page(document)
    _looks(document)
    _lists(document)
    _settings(document)
    properties = document.core_properties
    properties.language = _LANGUAGE
    properties.title = properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = _EPOCH
    properties.revision = 1
    return document


def _page(document: Document) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2.5)


def _looks(document: Document) -> None:
    styles = document.styles
    for one in list(styles):
        if one.name not in _KEPT_STYLES:
            one.delete()
    defaults = styles.element.find(qn("w:docDefaults")).find(f".//{qn('w:rPr')}")
    defaults.find(qn("w:lang")).set(qn("w:val"), _LANGUAGE)
    for name, size, before in _SHAPES:
        style: Any = styles[name]
        style.font.size = Pt(size)
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(6)
        _plain_font(style.element.get_or_add_rPr())
        # Its twin for words inside a paragraph is gone.
        for twin in style.element.findall(qn("w:link")):
            style.element.remove(twin)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0, 0, 0)
    title: Any = styles["Title"]
    # The template underlines the title with a blue rule.
    for rule in title.element.pPr.findall(qn("w:pBdr")):
        title.element.pPr.remove(rule)
    for name in (_NUMBER_STYLE, _DOT_STYLE):
        style = styles[name]
        # Each list names its own numbering; that of the style would go on from list to list.
        for old in style.element.pPr.findall(qn("w:numPr")):
            style.element.pPr.remove(old)
        style.paragraph_format.space_after = Pt(3)
    link: Any = styles.add_style(_LINK_STYLE, WD_STYLE_TYPE.CHARACTER)
    link.font.underline = True
    link.font.color.rgb = RGBColor(0x05, 0x63, 0xC1)


def _plain_font(properties: Element) -> None:
    """One font that every office has, in place of those of the theme."""
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    properties.insert(0, _element("w:rFonts", ascii=_FONT, hAnsi=_FONT, cs=_FONT))


def _lists(document: Document) -> None:
    """The three kinds of lists; each list of a paper becomes an instance of one."""
    numbering = document.part.numbering_part.element
    for old in list(numbering):
        numbering.remove(old)
    for kind, (form, marker) in _MARKERS.items():
        level = _element(
            "w:lvl",
            _element("w:start", val=1),
            _element("w:numFmt", val=form),
            _element("w:lvlText", val=marker),
            _element("w:lvlJc", val="left"),
            _element("w:pPr", _element("w:ind", left=567, hanging=425)),
            ilvl=0,
        )
        single = _element("w:multiLevelType", val="singleLevel")
        numbering.append(_element("w:abstractNum", single, level, abstractNumId=kind))


def _settings(document: Document) -> None:
    """German separators and no sign of an older version of Word, which would open the file in a mode of its own."""
    settings = document.settings.element
    values = {"w:themeFontLang": _LANGUAGE, "w:decimalSymbol": ",", "w:listSeparator": ";"}
    for name, value in values.items():
        settings.find(qn(name)).set(qn("w:val"), value)
    for one in settings.iter(qn("w:compatSetting")):
        if one.get(qn("w:name")) == "compatibilityMode":
            one.set(qn("w:val"), "15")
    for name in ("w:zoom", "w:savePreviewPicture", "w:rsids"):
        settings.remove(settings.find(qn(name)))


def _with_parts(packed: bytes, parts: Mapping[str, bytes], level: int) -> bytes:
    """A file with some parts more, the same time and system noted for each; the library would note those of the moment."""
    file = BytesIO(packed)
    with zipfile.ZipFile(file, "a") as target:
        for name, data in parts.items():
            part = zipfile.ZipInfo(name, _EPOCH.timetuple()[:6])
            part.compress_type, part.create_system, part.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            target.writestr(part, data, compresslevel=level)
    return file.getvalue()
