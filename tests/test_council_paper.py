"""The council paper: what stands in it and where that comes from, and that it survives as Markdown and as DOCX.

The two whole papers below are the specification. They are made from the small project with a little more in it.
"""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import docx
import pytest
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

import support
from ikz_award import build, council_paper, richtext, routes, word, wording
from ikz_award.catalogue import Catalogue
from ikz_award.dates import PartialDate
from ikz_award.paper import Gap, Link, Listing, Paper, Paragraph, Section, legible, to_markdown

SITE = "https://preis.example"

KIT_OF_PATTERN = """
nachmachen:
  voraussetzungen: |
    - Räume sind *vorhanden*.
    - Ein [Musterplan](https://plan.example/a_b) liegt vor.
  schritte: |
    1. Die Räte fragen.
    2. Den Vertrag schließen.
  aufwand: mittel
  aufwand_hinweis: Ein Vertrag genügt.
  stolpersteine: Zu wenig Tage.
rechtsformen:
  - oerv_delegierend
  - oerv_mandatierend
checkliste:
  - Sind die Tage vereinbart?
verwandt:
  - muster: gemeinsame_einrichtung
    art: alternative-zu
quellen:
  - adresse: https://forschung.example/zweigstellen
    titel: Forschung zu Zweigstellen
    gelesen_am: 2030-01-10
"""
DEMANDS = """
  anforderungen:
    - text: Sie wird schriftlich geschlossen.
      fundstelle: § 24 Abs. 1 GkG NRW
      quelle: https://recht.example/24
"""
KIT_OF_CASE = """
finanzierung: Die Gemeinde zahlt je Stunde.
finanzierung_art:
  - nach-leistung
wirkung:
  - groesse: Weniger Wege
    wert: rund 20
    einheit: Prozent
    zeitraum: 2024 bis 2026
    beleg: Jahresbericht
    richtung: gelungen
nachnutzung:
  schritte: |
    1. Erst die Räume.
    2. Dann die Tage.
  kontakt: Stadt Probeheim, Musikschule
links:
  - titel: Die Vereinbarung
    adresse: https://probeheim.example/vertrag
"""

# The whole paper of a pattern and of a case, as a council would get it.
EXPECTED = support.ROOT / "tests/beschlussvorlagen"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Catalogue:
    """The small project; the pattern „Zweigstelle“ and the case „Musikschule“ tell how to imitate them."""
    root = support.lay_out_base(tmp_path_factory.mktemp("klein"))
    for path, more in (
        ("patterns/zweigstelle.yml", KIT_OF_PATTERN),
        ("cooperations/musikschule.yml", KIT_OF_CASE),
    ):
        file = root / "data" / path
        file.write_text(file.read_text("utf-8") + more, "utf-8")
    forms = root / "data/reference/rechtsformen.yml"
    before = "  zustaendigkeit: geht-ueber\n", "  zustaendigkeit: bleibt\n"
    text = forms.read_text("utf-8")
    for line in before:
        text = text.replace(line, line.rstrip("\n") + DEMANDS)
    forms.write_text(text, "utf-8")
    return public(root)


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Catalogue:
    return public(support.copy_repository(tmp_path_factory.mktemp("bestand") / "projekt"))


def public(root) -> Catalogue:
    outcome = build.build(root, "entwurf", support.day(support.DEFAULT_DAY))
    assert not [one for one in outcome.findings if one.severity.value == "fehler"]
    return outcome.catalogue


def of_pattern(catalogue: Catalogue, code: str) -> Paper:
    pattern = catalogue.patterns[code]
    forms = [catalogue.legal_forms[row["wert"]] for row in pattern.facts["rechtsformen"]]
    shown = catalogue.by_pattern[code]
    return council_paper.for_pattern(pattern, forms, related=catalogue.patterns, examples=shown, site=SITE)


def of_case(catalogue: Catalogue, slug: str) -> Paper:
    entry = next(one for one in catalogue.entries if one.slug == slug)
    pattern = catalogue.patterns[entry.patterns[0]] if entry.patterns else None
    rows = pattern.facts["rechtsformen"] if pattern else ()
    return council_paper.for_case(
        entry,
        pattern,
        catalogue.legal_forms.get(entry.legal_form),
        related=catalogue.patterns,
        forms=[catalogue.legal_forms[row["wert"]] for row in rows],
        task_fields=[catalogue.task_fields[code].title for code in entry.task_fields],
        site=SITE,
    )


def all_papers(catalogue: Catalogue) -> list[Paper]:
    patterns = [of_pattern(catalogue, code) for code in catalogue.patterns]
    return patterns + [of_case(catalogue, one.slug) for one in catalogue.entries if not one.limited]


def test_the_paper_of_a_pattern(small):
    support.compare(EXPECTED / "muster.txt", to_markdown(of_pattern(small, "zweigstelle")))


def test_the_paper_of_a_case_takes_its_own_steps_and_the_rest_from_the_pattern(small):
    support.compare(EXPECTED / "fall.txt", to_markdown(of_case(small, "musikschule")))


def test_a_paper_tells_its_sources_its_page_and_when_they_were_read(small):
    paper = of_case(small, "musikschule")
    assert paper.sources[1] == (
        "Stadt Probeheim, Musikschule (gelesen am 15. Januar 2030)",
        "https://probeheim.example/musikschule",
    )
    assert "https://preis.example/kooperationen/musikschule/" in [one.target_ref for one in links(paper)]
    assert paper.as_of == PartialDate(2030, 1, 15)
    assert hash(paper) == hash(of_case(small, "musikschule"))


def test_while_the_address_of_the_site_is_unknown_a_paper_names_the_page_and_leaves_a_gap(small):
    shown = small.by_pattern["zweigstelle"]
    paper = council_paper.for_pattern(small.patterns["zweigstelle"], [], related={}, examples=shown)
    said = to_markdown(paper)
    missing = "**[bitte ergänzen: Adresse der Seite]**"
    assert f"Erzeugt aus der Seite „Zweigstelle“ der Sammlung, {missing}. Stand" in said
    assert (
        f"- „Musikschule Probeheim“: Die Musikschule der Stadt unterrichtet auch in der Gemeinde. {missing}"
        in said
    )
    assert "muster/zweigstelle/" not in said
    assert "kooperationen/" not in said
    assert not [one for one in links(paper) if "://" not in one.target_ref]


def case_with(catalogue: Catalogue, first: str, *further: str, site: str = SITE) -> str:
    """The paper of the case „Musikschule“ if it showed these patterns."""
    entry = next(one for one in catalogue.entries if one.slug == "musikschule")
    others = [catalogue.patterns[code] for code in further]
    pattern = catalogue.patterns[first]
    return to_markdown(council_paper.for_case(entry, pattern, None, related={}, further=others, site=site))


def test_a_case_with_several_patterns_says_that_its_paper_is_about_the_first(small):
    begin = "\n\nDiese Vorlage behandelt nur dieses Muster; das Beispiel zeigt außerdem "
    own = "„Zweigstelle“ (eigene Vorlage: <https://preis.example/muster/zweigstelle/>)"
    assert f"{begin}{own}.\n\n" in case_with(small, "gemeinsame_einrichtung", "zweigstelle")
    missing = "„Zweigstelle“ (eigene Vorlage: **[bitte ergänzen: Adresse der Seite]**)"
    assert f"{begin}{missing}.\n\n" in case_with(small, "gemeinsame_einrichtung", "zweigstelle", site="")
    assert "behandelt nur" not in case_with(small, "zweigstelle")


def test_a_further_pattern_without_a_paper_is_only_named(small):
    said = case_with(small, "zweigstelle", "gemeinsame_einrichtung")
    assert "das Beispiel zeigt außerdem „Gemeinsame Einrichtung“.\n" in said


def test_several_further_patterns_are_listed_as_one_would_say_them(small):
    entry = next(one for one in small.entries if one.slug == "musikschule")
    pattern, other = small.patterns["zweigstelle"], small.patterns["gemeinsame_einrichtung"]
    others = [replace(other, title=title) for title in ("Eins", "Zwei", "Drei")]
    said = to_markdown(council_paper.for_case(entry, pattern, None, related={}, further=others))
    assert "das Beispiel zeigt außerdem „Eins“, „Zwei“ und „Drei“.\n" in said


def test_every_pattern_of_a_case_is_named_in_its_paper(real):
    papers = {one.address: one.make() for one in council_paper.for_all(real)}
    several = [one for one in real.described_entries.values() if len(one.patterns) > 1]
    assert several
    for entry in several:
        said = to_markdown(papers[routes.entry(entry)])
        line = next(one for one in said.splitlines() if one.startswith("Diese Vorlage behandelt nur"))
        titles = [real.patterns[code].title for code in entry.patterns[1:]]
        assert re.findall("„(.+?)“", line) == titles


def test_how_much_effort_a_level_means_is_told_where_no_hint_is_more_precise(small):
    pattern = small.patterns["zweigstelle"]
    kit = {key: one for key, one in pattern.facts["nachmachen"].items() if key != "aufwand_hinweis"}
    bare = replace(pattern, facts={**pattern.facts, "nachmachen": kit})
    said = to_markdown(council_paper.for_pattern(bare, [], related={}))
    assert "Der Aufwand ist mittel, das heißt mit Vertrag, Personal oder Geräten.\n" in said


def test_an_entry_of_which_only_a_few_facts_are_public_has_no_paper(small):
    entry = replace(small.entries[0], limited=True)
    with pytest.raises(ValueError, match="consent"):
        council_paper.for_case(entry, None, None, related={})
    shown = council_paper.for_pattern(
        small.patterns["zweigstelle"], [], related=small.patterns, examples=[entry]
    )
    assert entry.title not in to_markdown(shown)


def test_a_submission_without_sources_names_who_says_it(small):
    said = to_markdown(of_case(small, "archiv"))
    assert "Nachweis: Angaben der Einreichenden." in said
    assert "Anlass: Beide Archive waren voll." in said


def test_a_case_without_a_pattern_still_has_every_section(small):
    entry = next(one for one in small.entries if one.slug == "musikschule")
    alone = council_paper.for_case(entry, None, None, related=small.patterns)
    assert [one.title for one in alone.sections] == [one.title for one in of_case(small, "archiv").sections]
    said = to_markdown(alone)
    assert "Rat der Redaktion" not in said
    assert "Muster" not in said


# What a paper is made from, by which an earlier one is found again


def renewed(terms, **facts):
    """The same terms with another title, or with these facts."""
    if not facts:
        return {key: replace(one, title=f"{one.title} neu") for key, one in terms.items()}
    return {key: replace(one, facts={**one.facts, **facts}) for key, one in terms.items()}


def changed(catalogue: Catalogue) -> Iterator[Catalogue]:
    """The catalogue with something else in it, each time in another place of a paper."""
    yield replace(catalogue, patterns=renewed(catalogue.patterns))
    yield replace(catalogue, patterns=renewed(catalogue.patterns, ein_satz="Ein neuer Satz."))
    yield replace(catalogue, patterns=renewed(catalogue.patterns, rechtsformen=({"wert": "netzwerk"},)))
    yield replace(catalogue, legal_forms=renewed(catalogue.legal_forms))
    yield replace(catalogue, legal_forms=renewed(catalogue.legal_forms, erklaerung="Neu erklärt."))
    yield replace(catalogue, task_fields=renewed(catalogue.task_fields))
    yield replace(catalogue, operator={**catalogue.operator, "website": "https://anders.example"})
    yield replace(
        catalogue, entries=tuple(replace(one, title=f"{one.title} neu") for one in catalogue.entries)
    )


def test_a_paper_with_other_words_has_another_source(small):
    before = {one.address: one for one in council_paper.for_all(small)}
    for number, catalogue in enumerate(changed(small)):
        after = {one.address: one for one in council_paper.for_all(catalogue)}
        differ = {key for key, one in after.items() if one.make() != before[key].make()}
        assert differ, number
        assert differ <= {key for key, one in after.items() if one.source != before[key].source}, number


def test_a_paper_with_the_same_words_has_the_same_source(small):
    """Whatever else changes: a pattern without cases, of which no paper tells, and its record."""
    other = replace(small.patterns["zweigstelle"], key="anderes", title="Anderes")
    more = replace(small, patterns={**small.patterns, "anderes": other})
    known = [(one.address, one.source) for one in council_paper.for_all(small)]
    assert len({source for _, source in known}) == len(known)
    told = {one.address: one.source for one in council_paper.for_all(more)}
    assert set(known) < set(told.items())


# The law


@pytest.mark.parametrize("code", [None, "oerv"])
def test_where_the_form_leaves_it_open_the_paper_asks_to_pass_the_task_on_or_to_mandate(real, code):
    entry = next(one for one in real.entries if one.legal_form == (code or ""))
    paper = council_paper.for_case(entry, None, real.legal_forms.get(code), related={})
    said = to_markdown(paper)
    assert "(§ 23 Abs. 1 und 2 GkG NRW, Quelle " in said
    assert "**[bitte ergänzen: übertragen oder beauftragen, mit Begründung]**" in said
    assert "§ 24" in said


@pytest.mark.parametrize("code", ["oerv_delegierend", "oerv_mandatierend", "netzwerk", "zweckverband"])
def test_where_the_form_decides_it_the_paper_does_not_ask(real, code):
    entry = real.entries[0]
    said = to_markdown(council_paper.for_case(entry, None, real.legal_forms[code], related={}))
    assert "Übertragen oder beauftragen" not in said
    assert ("Zuständige Aufsichtsbehörde:" in said) is code.startswith("oerv_")
    assert ("Auskunft der Aufsichtsbehörde" in said) is (code == "zweckverband")


def test_whatever_form_a_council_is_to_choose_the_legal_part_explains(real):
    titles = sorted((one.title for one in real.legal_forms.values()), key=len, reverse=True)
    choices = 0
    for paper in all_papers(real):
        sections = {one.title: one for one in paper.sections}
        resolved = to_markdown(replace(paper, sections=(sections["Beschlussvorschlag"],)))
        explained = {one.title for one in sections["Rechtliche Grundlage"].parts}
        for title in titles:
            # „Verein“ is also the beginning of „Vereinbarung“.
            resolved, found = re.subn(rf"(?<!\w){re.escape(title)}(?!\w)", "", resolved)
            assert not found or title in explained, (paper.title, title)
            choices += found
    assert choices > 100


def test_a_form_without_a_list_of_demands_names_its_basis_and_the_way_of_approval(small):
    form = small.legal_forms["oerv_mandatierend"]
    facts = {key: value for key, value in form.facts.items() if key != "anforderungen"}
    said = to_markdown(council_paper.for_case(small.entries[0], None, replace(form, facts=facts), related={}))
    assert "Grundlage: § 23 GkG NRW." in said
    assert "Das Gesetz verlangt" not in said
    assert "bedarf der Genehmigung der Aufsichtsbehörde (Abs. 2)" in said


def test_a_form_of_another_state_is_named_but_not_proposed(real):
    entry = next(one for one in real.entries if one.legal_form == "gemeindeverwaltungsverband")
    form = real.legal_forms[entry.legal_form]
    paper = council_paper.for_case(entry, None, form, related={})
    said = to_markdown(paper)
    assert (
        "Die Rechtsform des Beispiels, „Gemeindeverwaltungsverband“, ist in Nordrhein-Westfalen nicht" in said
    )
    assert "Angestrebt wird die Rechtsform **[bitte ergänzen: Rechtsform]**" in said
    assert f"Das Beispiel liegt in {entry.content['land']}" in said


def test_of_many_parties_the_first_are_named_and_the_rest_is_counted(real):
    entry = max(real.entries, key=lambda one: len(one.content["beteiligte"]))
    rows = entry.content["beteiligte"]
    said = to_markdown(of_case(real, entry.slug))
    line = next(one for one in said.splitlines() if one.startswith("- Beteiligte:"))
    more = sum(row["anzahl"] or 1 for row in rows[5:])
    assert line.endswith(f"{rows[4]['name']} und {more} weitere")


# Everything there is


def test_every_pattern_and_every_case_has_a_whole_paper(real):
    papers = all_papers(real)
    assert len(papers) > len(real.patterns)
    for paper in papers:
        said = to_markdown(paper)
        assert "None" not in said, paper.title
        assert not set("{}") & set(said), paper.title
        assert all(is_whole(one) for one in paper.sections), paper.title
        assert [one.target_ref for one in links(paper)], paper.title


def is_whole(section: Section) -> bool:
    blocks = [one.items if isinstance(one, Listing) else (one,) for one in section.blocks]
    lines = [line for block in blocks for line in block]
    return (
        bool(section.title and (section.blocks or section.parts))
        and all(blocks)
        and all(line.pieces and all(shown(one) for one in line.pieces) for line in lines)
        and all(is_whole(one) for one in section.parts)
    )


def shown(piece: str | Gap | Link) -> str:
    if isinstance(piece, Gap):
        return piece.hint
    return piece.address if isinstance(piece, Link) else piece


def test_no_sentence_is_left_that_no_paper_says():
    rooms = ("paper", *(f"council_{one}" for one in ("draft", "law", "sections", "paper")))
    files = [support.ROOT / f"plugins/ikz_award/{one}.py" for one in rooms]
    source = "".join(one.read_text("utf-8") for one in files)
    known = wording.texts("beschlussvorlage.yml")
    composed = {
        "beispiele",
        "gkg-23",
        *(f"wirkung_{one}" for one in ("wert", "zeitraum", "richtung", "beleg")),
    }
    keys = {key for group in ("ueberschriften", "saetze", "angaben", "gesetze") for key in known[group]}
    assert not {key for key in keys - composed if f'"{key}"' not in source}


# Markdown


@given(st.text(min_size=1).filter(lambda one: legible(one).strip()))
def test_words_of_the_data_mean_no_more_in_markdown_than_they_say(words):
    paper = paper_with(words)
    body = to_markdown(paper).split("\n\n", 2)[2]
    [block] = richtext.to_blocks(body)
    assert block.text.strip() == legible(words).strip()


@pytest.mark.parametrize(
    "words, written",
    [
        ("kreis_als_dienstleister", "kreis_als_dienstleister"),
        ("1. Platz", r"1\. Platz"),
        ("- Strich", r"\- Strich"),
        ("*wichtig* [hier](https://x.example)", r"\*wichtig\* \[hier\](https://x.example)"),
        ("<script> & &amp;", r"\<script> & \&amp;"),
    ],
)
def test_only_what_would_format_is_escaped(words, written):
    assert to_markdown(paper_with(words)).split("\n\n", 2)[2] == f"{written}\n"


@pytest.mark.parametrize(
    "text, blocks",
    [
        ("Ein *Satz*\nmit **Nachdruck**.", (richtext.Prose("Ein Satz mit Nachdruck."),)),
        ("1. eins\n2. zwei", (richtext.Points(("eins", "zwei"), ordered=True),)),
        ("3. drei", (richtext.Points(("drei",), ordered=True, start=3),)),
        ("- a\n  - b\n  - c", (richtext.Points(("a b; c",), ordered=False),)),
        ("[Seite](https://x.example/a_b)", (richtext.Prose("Seite (https://x.example/a_b)"),)),
        ("<https://x.example>", (richtext.Prose("https://x.example"),)),
        ("[böse](javascript:x) <b>", (richtext.Prose("[böse](javascript:x) <b>"),)),
        ("| A | B |\n|---|---|\n| 1 | 2 |", (richtext.Points(("A: 1; B: 2",), ordered=False),)),
        ("> Zitat\n\n---", (richtext.Prose("Zitat"),)),
        ("§\u00a023", (richtext.Prose("§\u00a023"),)),
        ("", ()),
        (None, ()),
    ],
)
def test_a_long_text_becomes_plain_paragraphs_and_lists(text, blocks):
    assert richtext.to_blocks(text) == blocks


# DOCX


def opened(paper: Paper):
    return docx.Document(BytesIO(word.to_docx(paper)))


def links(paper: Paper) -> list:
    return [one for one in opened(paper).part.rels.values() if one.is_external]


def headings(sections: tuple[Section, ...], level: int = 1) -> Iterator[tuple[str, str]]:
    for one in sections:
        yield f"Heading {level}", one.title
        yield from headings(one.parts, level + 1)


def test_a_docx_has_the_headings_in_order_and_something_below_each(small):
    paper = of_case(small, "musikschule")
    lines = opened(paper).paragraphs
    assert (lines[0].style.name, lines[0].text) == ("Title", paper.title)
    found = [(one.style.name, one.text) for one in lines if one.style.name.startswith("Heading")]
    assert found == list(headings(paper.sections))
    for one, after in zip(lines, [*lines[1:], None], strict=True):
        assert one.text.strip()
        if one.style.name.startswith("Heading"):
            assert after is not None
            assert after.style.name != one.style.name


def test_every_gap_of_a_docx_is_in_brackets_and_yellow(small):
    paper = of_pattern(small, "zweigstelle")
    runs = [run for one in opened(paper).paragraphs for run in one.runs]
    marked = [run.text for run in runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW]
    assert marked == re.findall(r"\[bitte ergänzen: [^]]+\]", to_markdown(paper))
    assert len(marked) > 10


def test_every_list_of_a_docx_is_a_list_and_begins_anew(small):
    document = opened(of_case(small, "musikschule"))
    numbers = [one for one in document.paragraphs if one.style.name == "List Number"]
    assert [one.text for one in numbers[4:6]] == ["Erst die Räume.", "Dann die Tage."]
    used = [one._p.pPr.numPr.numId.val for one in numbers]
    assert len(set(used)) == 3, "resolution, steps, sources"
    numbering = document.part.numbering_part.element
    starts = {
        num.get(qn("w:numId")): num.find(f".//{qn('w:startOverride')}").get(qn("w:val"))
        for num in numbering.findall(qn("w:num"))
        if num.find(f".//{qn('w:startOverride')}") is not None
    }
    assert starts == dict.fromkeys(map(str, sorted(set(used))), "1")


def test_a_docx_is_german_a4_and_names_nobody(small):
    document = opened(of_pattern(small, "zweigstelle"))
    page, about = document.sections[0], document.core_properties
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert document.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val")) == "de-DE"
    assert (about.title, about.language) == ("Beschlussvorlage nach dem Muster „Zweigstelle“", "de-DE")
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    assert about.created == about.modified == datetime(2030, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "as_of, day",
    [
        (PartialDate(2025, 11, 3), datetime(2025, 11, 3, tzinfo=UTC)),
        (PartialDate(2025), datetime(2025, 1, 1, tzinfo=UTC)),
        (None, datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_docx_is_as_old_as_what_it_tells(as_of, day):
    about = opened(replace(paper_with("Wort"), as_of=as_of)).core_properties
    assert (about.created, about.modified) == (day, day)


def test_a_docx_links_to_its_sources_and_to_nothing_else(small):
    paper = of_pattern(small, "zweigstelle")
    outside = links(paper)
    assert all(one.reltype.endswith("/hyperlink") for one in outside)
    # The example and the page itself are on the site; everything else is a source.
    assert [one.target_ref for one in outside] == [
        "https://preis.example/kooperationen/musikschule/",
        *(address for _, address in paper.sources),
        "https://preis.example/muster/zweigstelle/",
    ]
    parts = zipfile.ZipFile(BytesIO(word.to_docx(paper))).namelist()
    assert not [
        one for one in parts if re.search(r"vba|macro|custom|thumbnail|embed|media", one, re.IGNORECASE)
    ]


def test_the_same_paper_gives_the_same_bytes_on_any_day(small, monkeypatch):
    paper = of_pattern(small, "zweigstelle")
    first = word.to_docx(paper)
    word._template.cache_clear()
    later = time.localtime(4_000_000_000)
    monkeypatch.setattr(time, "localtime", lambda *_: later)
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
    assert word.to_docx(paper) == first
    assert {one.date_time for one in zipfile.ZipFile(BytesIO(first)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_docx_tells_nothing_of_the_one_before(small):
    alone = {
        code: word.to_docx(of_pattern(small, code)) for code in ("zweigstelle", "gemeinsame_einrichtung")
    }
    case = word.to_docx(of_case(small, "musikschule"))
    again = {code: word.to_docx(of_pattern(small, code)) for code in reversed(alone)}
    assert again == alone
    assert len({*alone.values(), case}) == 3


def test_a_docx_packs_every_part_once_and_the_list_of_parts_first(small):
    names = zipfile.ZipFile(BytesIO(word.to_docx(of_case(small, "musikschule")))).namelist()
    assert names[0] == "[Content_Types].xml"
    assert len(names) == len(set(names))


HOSTILE = [
    "<w:p> & „Anführung“ \"gerade\" 'einfach' ]]> &amp; <!--",
    "\U0001f9d1\u200d\U0001f692 e\u0301 \u202eumgedreht \ufeff",
    "vor\x0bnach\x00\x1f\ud800\uffff\tTab\nZeile",
    "Donaudampfschifffahrtsgesellschaft" * 300,
    "[[Lücke]] {wert} {0} %s",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_the_data_break_a_docx(words):
    paper = paper_with(words)
    document = opened(paper)
    expected = legible(words)
    assert [one.text for one in document.paragraphs] == [expected] * 3
    assert document.core_properties.title == expected[:255]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_title_of_a_case_makes_a_gap_or_breaks_its_paper(small, words):
    entry = next(one for one in small.entries if one.slug == "musikschule")
    plain = [run.text for one in opened(case_called(entry, "x")).paragraphs for run in one.runs]
    hostile = [run.text for one in opened(case_called(entry, words)).paragraphs for run in one.runs]
    assert len(hostile) == len(plain)


def case_called(entry, title: str) -> Paper:
    return council_paper.for_case(replace(entry, title=title), None, None, related={})


@pytest.mark.parametrize(
    "address, target",
    [
        ("https://x.example/ä ö[1]", "https://x.example/%C3%A4%20%C3%B6%5B1%5D"),
        ("mailto:info@x.example", "mailto:info@x.example"),
        ("https://x.example/a%20b?c=d&e#f", "https://x.example/a%20b?c=d&e#f"),
        ("https://", None),
        ("https://[kaputt", None),
        ("javascript:alert(1)", None),
        ("muster/zweigstelle/", None),
    ],
)
def test_an_address_word_would_stumble_over_is_mended_or_stays_text(address, target):
    paper = Paper("Titel", (Paragraph((Link(address),)),), (), ())
    assert [one.target_ref for one in links(paper)] == ([target] if target else [])
    assert address in opened(paper)._element.xml.replace("&amp;", "&")


def paper_with(words: str) -> Paper:
    line = Paragraph((words,))
    return Paper(words, (), (Section(words, (line,)),), ())


def test_a_hundred_papers_are_quick(real):
    """Measured at about one second on a busy machine; the limit only sees a wrong order of growth."""
    papers = all_papers(real)
    started = time.perf_counter()
    for paper in papers:
        to_markdown(paper)
        word.to_docx(paper)
    assert time.perf_counter() - started < 0.06 * len(papers)
