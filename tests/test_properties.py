"""What holds for everything, shown with generated examples; the same ones in every run."""

from __future__ import annotations

import json
import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urljoin, urlsplit

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import support
from ikz_award import (
    build,
    content,
    gate_list,
    open_data,
    pagetext,
    pictures,
    report,
    richtext,
    routes,
    schema,
    text,
    wording,
    yamlfile,
    yamltext,
)
from ikz_award.checks import prose
from ikz_award.dates import Moment, PartialDate

settings.register_profile("fest", derandomize=True, deadline=None, max_examples=150, database=None)
settings.load_profile("fest")

# Text as an editor may store it: no control characters and no halves of surrogate pairs.
_REFUSED = [chr(one) for one in range(0x10000) if yamltext.CONTROL.match(chr(one))]
WRITABLE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*_REFUSED, "\r"]), max_size=60
).filter(lambda value: not yamltext.DECOMPOSED.search(value))
YAML_PIECES = st.sampled_from([
    "titel", ": ", "\n", "  ", "- ", "[", "]", "{", "}", "&a ", "*a", "!x ", "<<", '"', "'", "|", ">-", "#", "---", "...",
    "? ", "\t", "ü", "%", "@", "`", "\\", "\x00", "\ufeff", "0", "~", ",", "\r", "!!python/object:x ",
])  # fmt: skip


@given(st.binary(max_size=300))
def test_no_bytes_can_stop_the_reader(data):
    document = yamlfile.read(data)
    assert document.problems or document.value is not None


@given(st.lists(YAML_PIECES, max_size=40).map("".join))
@settings(max_examples=600)
def test_no_arrangement_of_signs_can_stop_the_reader(source):
    document = yamlfile.read(source.encode())
    assert document.problems or document.value is not None
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for one in document.problems:
        assert 1 <= one.line <= len(lines)
        assert one.column >= 1
        assert one.code in wording.load().findings


@given(WRITABLE)
def test_any_text_comes_back_from_a_block_as_it_went_in(value):
    block = "".join(f"  {line}\n" for line in value.split("\n"))
    document = yamlfile.read(f"text: |2+\n{block}".encode())
    assert document.problems == []
    assert document.value == {"text": f"{value}\n"}


@given(WRITABLE)
def test_any_text_comes_back_from_quotation_marks_as_it_went_in(value):
    document = yamlfile.read(f"text: {json.dumps(value, ensure_ascii=False)}\n".encode())
    assert document.problems == []
    assert document.value == {"text": value}


@given(WRITABLE, st.sampled_from(["wort", "haus@amt.example", "Straße"]), WRITABLE)
def test_a_word_in_a_block_is_found_where_it_stands(before, word, after):
    value = f"{before}\n{word} {after}"
    source = "erst: x\ntext: |2+\n" + "".join(f"  {line}\n" for line in value.split("\n"))
    line, column = yamlfile.read(source.encode()).locate(("text",), word)
    assert source.split("\n")[line - 1][column - 1 :].startswith(word)


@given(st.integers(1800, 2200), st.none() | st.integers(1, 12), st.none() | st.integers(1, 28))
def test_a_partial_date_comes_back_as_it_was_written(year, month, day):
    given_date = PartialDate(year, month, day if month else None)
    assert PartialDate.parse(given_date.iso) == given_date
    assert given_date.earliest <= given_date.latest


NAIVE = st.datetimes(min_value=datetime(1900, 1, 1))  # noqa: DTZ001 - the distance to world time is added below


@given(NAIVE, st.integers(-14 * 60, 14 * 60))
def test_a_moment_comes_back_as_it_was_written(when, offset):
    sign, minutes = ("-", -offset) if offset < 0 else ("+", offset)
    source = f"{when:%Y-%m-%dT%H:%M}{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    if when.year > 2200:
        with pytest.raises(ValueError, match=r".*"):
            Moment.parse(source)
        return
    moment = Moment.parse(source)
    assert moment.iso == source
    assert moment.begins == moment.ends


@given(st.text(max_size=30))
def test_what_is_no_date_is_refused_and_nothing_worse(value):
    for parse in (PartialDate.parse, Moment.parse):
        try:
            parse(value)
        except ValueError:
            continue
        assert re.match(r"[0-9]{4}", value)


class Tags(HTMLParser):
    """Every element and every attribute of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.names, self.attributes = set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes += attrs


MARKDOWN_PIECES = st.sampled_from([
    "<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg/onload=a>", "<iframe>", "<a href='javascript:a'>", "]]>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt&#58;a)", "[x](data:text/html,y)", "[x]: javascript:a\n", "[x]", "<x@y.example>",
    "<javascript:alert(1)>", "[x](https://a.example/?q=<b>)", "![x](y)", "# Titel\n", "| a | b |\n| - | - |\n| c | d |\n",
    "1. ", "* ", "> ", "`", "```\n", "**", "_", "<!--", "-->", "&lt;", "\n\n", "    ", "\\",
])  # fmt: skip
ALLOWED = {
    *("p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote", "code"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


@given(st.lists(MARKDOWN_PIECES | st.text(max_size=8), max_size=25).map("".join))
@settings(max_examples=500)
def test_no_long_text_becomes_a_program(source):
    html = str(richtext.to_html(source))
    found = Tags(html)
    assert found.names <= ALLOWED
    assert {name for name, _ in found.attributes} <= {"href", "rel", "start"}
    for name, value in found.attributes:
        if name == "href":
            assert urlsplit(value).scheme in {"", "http", "https", "mailto"}


# Pages, unlike long texts of records, are rendered by the host, whose Markdown finds code and comments in ways of its own.
PAGE_PIECES = MARKDOWN_PIECES | st.sampled_from([
    "<!-- Notiz -->", "<!-- <b>x</b> -->", "<!-- Notiz\n\n<b>x</b> -->\n", "<!-- ikz: zahlen -->", "--!>", "<!>", "<!->", "<?x ?>", "<b\n>",
    "``", "~~~\n", "```python\n", "```{ .x onclick=y }\n", "{: onclick='a' }", '!!! note "x"\n', "*[x]: y\n", "[^1]", "[^1]: ", "    ", "\t",
    "- ", ":   ", "[y]: //fremd.example/x\n", "![x][y]", "<https://a.example>", "<https://", "<mailto:", "<x@", " onclick=y ", ">", "</div>", "<p", "/>", "\n", "x",
])  # fmt: skip
PAGE_TAGS = ALLOWED | {
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "img", "div", "span", "dl", "dt", "dd", "abbr", "sup"),
}
_EXTENSIONS = [
    one if isinstance(one, str) else next(iter(one))
    for one in yamlfile.read((support.ROOT / "mkdocs.yml").read_bytes(), 20).value["markdown_extensions"]
]
# Nothing that a head opens may end on the page.
HEADS = [
    f"---\ntitle: Probe\ndescription: {one}\n---\n"
    for one in ("Eine Probe.", '"Eine <!--"', '"Eine\n\n~~~\n\nProbe."', '"Eine `"', '"<!-- ikz: zahlen"')
]


def rendered_page(body, head=HEADS[0]):
    """What a page becomes that no check minds; None if one does."""
    page, findings = content.read("content/x.md", "x.md", f"{head}{body}".encode())
    if findings or any(prose.check([page], {"x.md"}, {})) or any(content.check([page], ["2030"])):
        return None
    return pagetext.fill(markdown.markdown(pagetext.for_host(page.body), extensions=_EXTENSIONS), {})


def look_at_page(head, body):
    html = rendered_page(body, head)
    if html is None:
        return
    found = Tags(html)
    assert found.names <= PAGE_TAGS, html
    assert "Notiz" not in html
    for name, value in found.attributes:
        assert not name.startswith("on"), html
        if name in {"href", "src"} and value:
            parts = urlsplit(re.sub(r"[\x00-\x20]", "", value))
            assert parts.scheme in ({"", "http", "https", "mailto", "tel"} if name == "href" else {""}), html
            assert parts.scheme or not parts.netloc, html


@given(st.sampled_from(HEADS), st.lists(PAGE_PIECES, max_size=9).map("".join))
@settings(max_examples=1500)
def test_no_page_that_the_checks_let_through_becomes_a_program_or_shows_a_note(head, body):
    look_at_page(head, body)


@pytest.mark.nightly
@given(st.sampled_from(HEADS), st.lists(PAGE_PIECES, max_size=9).map("".join))
@settings(max_examples=60_000)
def test_none_of_sixty_thousand_pages_does(head, body):
    look_at_page(head, body)


def test_the_pages_above_are_mostly_rendered_and_a_fault_would_be_seen():
    assert rendered_page("Text <!-- Notiz -->\n\n`x`").count("<") == 6
    assert rendered_page("<b>x</b>") is None
    assert [one for one in HEADS if rendered_page("Text", one) is None] == [HEADS[1]]
    assert Tags(markdown.markdown("`<!--` <b>x</b> `-->`", extensions=_EXTENSIONS)).names > {"b"}


SEGMENT = st.from_regex(r"[a-z0-9_-]{1,6}", fullmatch=True)
ADDRESS = st.lists(SEGMENT, max_size=4).map(lambda parts: "".join(f"{one}/" for one in parts))
ANCHOR = st.just("") | SEGMENT.map(lambda one: f"#{one}")
FILE = st.just("") | SEGMENT.map(lambda one: f"{one}.json")


@given(
    ADDRESS,
    ADDRESS,
    FILE,
    ANCHOR,
    st.sampled_from(["https://preis.example/", "https://preis.example/unter/ordner/"]),
)
def test_a_relative_link_leads_where_it_should_wherever_the_site_is_mounted(
    source, folder, file, anchor, root
):
    # „#…“ alone means the page itself.
    target = f"{folder}{file}{anchor}" if folder or file else ""
    assert urljoin(root + source, routes.relative(source, target)) == root + target


@given(st.sampled_from(["https://a.example/x", "http://a.example", "mailto:info@a.example"]), ADDRESS)
def test_a_foreign_link_stays_what_it_is(target, source):
    assert routes.relative(source, target) == target


@given(ADDRESS)
def test_an_address_and_its_file_belong_together(address):
    assert routes.of_content(routes.file_of(address)) == address or address.endswith("index/")


@given(st.text(max_size=40))
def test_a_slug_is_fit_for_an_address(value):
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", text.slug(value))


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=6))
def test_the_nearest_word_is_one_of_those_that_are_known(wanted, known):
    assert text.nearest(wanted, known) in {"", *known}


def fields_of(table):
    return [one for one in schema.load(support.ROOT / "data")[table].fields if not one.from_path]


@st.composite
def strange_records(draw):
    """Records with every field filled at random, as YAML: each value a text, a list or a block."""
    block: dict = {}
    for one in fields_of("faelle"):
        if draw(st.integers(0, 2)):
            value = draw(
                WRITABLE | st.sampled_from(["ja", "2029", "2029-13", "9" * 30, "mailto:x@y.example", "[]"])
            )
            target = block
            for key in one.path[:-1]:
                target = target.setdefault(key, {})
            target[one.path[-1]] = draw(st.just(value) | st.just([value]) | st.just({value or "x": value}))
    for key in ("beteiligte", "muster", "bilder", "unbekannt", "quellen"):
        block[key] = draw(
            st.just([{"name": "x", "adresse": "http://[", "anzahl": "٣"}])
            | st.just(["x", "titel"])
            | WRITABLE
        )
    return json.dumps(block, ensure_ascii=False)


@given(st.lists(strange_records(), min_size=6, max_size=6))
@settings(max_examples=8)
def test_no_record_can_stop_the_check(records):
    with TemporaryDirectory() as name:
        root = support.lay_out_base(Path(name))
        for number, source in enumerate(records):
            folder = "cooperations" if number % 2 else "submissions/2030"
            (root / f"data/{folder}/fall-{number}.yml").write_text(source, "utf-8")
        outcome = build.build(root, "entwurf", support.day(support.DEFAULT_DAY))
        for write in report.FORMATS.values():
            assert write(outcome.findings, wording.load())
        assert {one.place.path for one in outcome.findings} <= {
            f"data/{folder}/fall-{number}.yml"
            for number in range(6)
            for folder in ("cooperations", "submissions/2030")
        }


PICTURE_PIECES = st.sampled_from([
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF", b"WEBP", b"VP8 ", b"VP8L", b"VP8X", b"EXIF", b"\0\0\0\x0d", b"IHDR", b"IEND",
    b"\xff\xc0", b"\xff\xda", b"\xff\xe1", b"\xff\xd9", b"\xff", b"\0\x04", b"\0", b"\xff\xff\xff\xff",
])  # fmt: skip


@given(st.lists(PICTURE_PIECES | st.binary(max_size=6), max_size=25).map(b"".join))
@settings(max_examples=400)
def test_no_bytes_can_stop_the_look_at_a_picture(data):
    with TemporaryDirectory() as name:
        for suffix in (".png", ".jpg", ".webp"):
            file = Path(name, f"bild{suffix}")
            file.write_bytes(data)
            assert isinstance(pictures.problem(file), str)
            assert isinstance(pictures.metadata(file), str)


FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")


@given(st.one_of(st.text(max_size=20), st.from_regex(r"'{0,3}[=+@\t\r\n-].{0,5}", fullmatch=True)))
def test_no_text_in_a_table_begins_like_a_formula_and_every_text_comes_back(value):
    cell = open_data._cell(value)
    assert not FORMULA.match(cell)
    # As the page on the data tells readers to do.
    back = cell[1:] if cell.startswith("'") and FORMULA.match(cell.lstrip("'")) else cell
    assert back == value


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_a_number_in_a_table_stays_one(value):
    # As a program that reads the table takes it: whole numbers beyond 2^53 have no float of their own.
    assert float(open_data._cell(value)) == float(value)


SCALAR = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WRITABLE
)
ROWS = st.lists(st.dictionaries(WRITABLE, SCALAR, min_size=1), max_size=3)


@given(st.dictionaries(st.sampled_from(["faelle", "muster"]), ROWS))
def test_tables_are_written_as_the_library_would_indent_them(tables):
    assert open_data._json_tables({"quellen": [], **tables}) == open_data._json({"quellen": [], **tables})


@given(st.text("ab ", max_size=60), st.sets(st.text("ab ", min_size=8, max_size=12), max_size=8))
def test_internal_values_that_may_be_read_elsewhere_are_found_all_at_once(said, values):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate_list, "_MANY", 0)
        assert set(gate_list._standing_in(said, values)) == {one for one in values if one in said}
    assert set(gate_list._standing_in(said, values)) == {one for one in values if one in said}
