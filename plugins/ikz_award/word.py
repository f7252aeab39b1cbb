"""A paper as a DOCX file that any office can edit. The only module that knows python-docx.

The same paper gives the same bytes on any day. Nothing in the file runs, and nothing is loaded from elsewhere; the
addresses of the sources are plain hyperlinks.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

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


def to_docx(paper: Paper) -> bytes:
    """The paper as the bytes of a DOCX file."""
    document = docx.Document(BytesIO(_template()))
    _describe(document, paper)
    writer = _Writer(document)
    writer.line("Title", (paper.title,))
    for paragraph in paper.lead:
        writer.line("Normal", paragraph.pieces)
    for section in paper.sections:
        writer.section(section, 1)
    return _packed(document)


class _Writer:
    """Adds to a document, element by element: the comfortable way of the library searches anew at every step."""

    def __init__(self, document: Document) -> None:
        self._part = document.part
        self._end = document.element.body.sectPr
        self._styles = {one.name: one.style_id for one in document.styles}
        self._numbering = document.part.numbering_part.element
        self._lists = 0

    def section(self, section: Section, level: int) -> None:
        """A heading and everything below it."""
        self.line(f"Heading {level}", (section.title,))
        for block in section.blocks:
            self._block(block)
        for part in section.parts:
            self.section(part, level + 1)

    def line(self, style: str, pieces: Iterable[Piece], number: int | None = None) -> None:
        """A paragraph; ``number`` is the list it is an item of."""
        properties = _element("w:pPr", _element("w:pStyle", val=self._styles[style]))
        if number is not None:
            properties.append(_element("w:numPr", _element("w:ilvl", val=0), _element("w:numId", val=number)))
        self._end.addprevious(_element("w:p", properties, *(self._piece(one) for one in pieces)))

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
        instance = _element("w:num", _element("w:abstractNumId", val=kind), numId=self._lists)
        if listing.ordered:
            first = _element("w:startOverride", val=listing.start)
            instance.append(_element("w:lvlOverride", first, ilvl=0))
        self._numbering.append(instance)
        return self._lists

    def _piece(self, piece: Piece) -> Element:
        match piece:
            case Gap():
                return _run(gap_text(piece), _element("w:highlight", val="yellow"))
            case Link():
                return self._link(piece.address)
            case _:
                return _run(piece)

    def _link(self, address: str) -> Element:
        target = _target(legible(address))
        if not target:
            return _run(address)
        known = self._part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = _element("w:hyperlink", _run(address, _element("w:rStyle", val=self._styles[_LINK_STYLE])))
        link.set(qn("r:id"), known)
        return link


def _run(text: str, look: Element | None = None) -> Element:
    """Words in one look."""
    words = _element("w:t")
    words.text = legible(text)
    words.set(qn("xml:space"), "preserve")
    return _element("w:r", words) if look is None else _element("w:r", _element("w:rPr", look), words)


def _element(name: str, *children: Element, **attributes: str | int) -> Element:
    element: Element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), str(value))
    element.extend(children)
    return element


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
def _template() -> bytes:
    """An empty document in our looks. It holds nothing of any paper, so it may outlive a build."""
    document = docx.Document()
    for owner in (document.part.package, document.part):
        for key, one in list(owner.rels.items()):
            if one.reltype.rpartition("/")[2] in _UNUSED_PARTS:
                del owner.rels[key]
    _page(document)
    _looks(document)
    _lists(document)
    _settings(document)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


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


def _describe(document: Document, paper: Paper) -> None:
    """Properties without a person and without the day of the build."""
    properties = document.core_properties
    properties.title = legible(paper.title)[:_LONGEST_TITLE]
    properties.language = _LANGUAGE
    properties.author = properties.last_modified_by = properties.comments = ""
    day = paper.as_of.earliest if paper.as_of else _DEFAULT_DAY
    properties.created = properties.modified = datetime.combine(day, time.min, UTC)
    properties.revision = 1


def _packed(document: Document) -> bytes:
    """The file, with the same time and system noted for every part of it; the library notes those of the moment."""
    raw, packed = BytesIO(), BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, _EPOCH.timetuple()[:6])
            part.compress_type, part.create_system, part.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            target.writestr(part, source.read(name))
    return packed.getvalue()
