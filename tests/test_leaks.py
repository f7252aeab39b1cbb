"""Nothing internal and nothing under embargo reaches the outside: all bytes of all output are searched for canaries."""

from __future__ import annotations

import gzip
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from itertools import product
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image, PngImagePlugin

from ikz_award import banner, build, planning, report, schema, wording, yamlfile
from ikz_award.adapters import folder
from ikz_award.publication import PROFILES
from ikz_award.search_text import JOINT

ROOT = Path(__file__).resolve().parent.parent
DESCRIPTION = schema.load(ROOT / "data")
CASES = DESCRIPTION["faelle"]
STATUSES = CASES.by_name["status"].enum
BEFORE = datetime.fromisoformat("2026-06-15T10:59:59+02:00")
AFTER = datetime.fromisoformat("2026-12-01T12:00+01:00")
WORD = "kanarie"
EXAMPLES = ROOT / "data/submissions/beispiel"


# --- looking at output as whoever wants to find something would


def readings(data: bytes) -> Iterator[str]:
    """A file's text as it is and with every encoding undone that our outputs use, in small letters."""
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    if data.startswith(b"PK\x03\x04"):
        # A DOCX is an archive of XML files.
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.lower()
                yield from _of_member(archive.read(name))
        return
    if data.startswith((b"\x89PNG", b"RIFF", b"\xff\xd8")):
        # Texts beside the picture may be compressed.
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            yield repr((picture.info, dict(picture.getexif()))).lower()
    text = data.decode("utf-8", "replace")
    yield text.lower()
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), text)
    yield unescaped.lower()
    yield html.unescape(text).lower()
    yield unquote(html.unescape(unescaped)).lower()
    # Markup or soft hyphens inside a word do not hide it from a reader, nor does what marks parts of words in the search.
    yield re.sub(rf"<[^>]*>|\u00ad|\u200b|{re.escape(JOINT)}", "", html.unescape(text)).lower()


@lru_cache(maxsize=256)
def _of_member(data: bytes) -> tuple[str, ...]:
    """Most members are the same in all DOCX files."""
    return tuple(readings(data))


def leaks(data: bytes, words: Iterable[str] = (WORD,)) -> set[str]:
    """Which of the words a file holds, in whatever form."""
    texts = list(readings(data))
    return {one for one in words if any(one in text for text in texts)}


def leaking_files(site: Path, words: Iterable[str] = (WORD,)) -> dict[str, set[str]]:
    """Every file of a site that holds one of the words, in its content or in its name."""
    words = tuple(one.lower() for one in words)
    found = {}
    for file in sorted(one for one in site.rglob("*") if one.is_file()):
        name = file.relative_to(site).as_posix()
        hits = leaks(file.read_bytes(), words) | leaks(name.encode(), words)
        if hits:
            found[name] = hits
    return found


def packed(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def drawn(kind: str, **metadata: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (2, 2)).save(stream, kind, **metadata)
    return stream.getvalue()


TEXT, EXIF = PngImagePlugin.PngInfo(), Image.Exif()
TEXT.add_text("Comment", "KANARIE " * 9, zip=True)
EXIF[0x013B] = "KANARIE"


@pytest.mark.parametrize(
    "hidden",
    [
        drawn("PNG", pnginfo=TEXT),
        drawn("WEBP", exif=EXIF),
        drawn("JPEG", exif=EXIF),
        b"KANARIE-x",
        b"<p>KaNaRiE</p>",
        b'"\\u004bANARIE"',
        b"&#75;ANARIE &#x4b;ANARIE",
        b"a.html?q=%4B%41NARIE",
        b"KANA<em>RIE</em>",
        "KANA\u00adRIE".encode(),
        b"KANA|RIE",
        gzip.compress(b"KANARIE", mtime=0),
        packed("word/document.xml", b"<w:t>KANA</w:t><w:t>RIE</w:t>"),
        packed("KANARIE.xml", b""),
    ],
)
def test_a_canary_is_found_in_every_disguise(hidden):
    assert leaks(hidden) == {WORD}
    assert not leaks(b"Kanal, Arie, kan arie")


# --- built sites


@pytest.fixture(scope="module")
def site_vorher(projekt_kopie, frueher, fertig, tmp_path_factory) -> Path:
    """The example site one second before the announcement."""
    target = tmp_path_factory.mktemp("vorher") / "site"
    return fertig(target, projekt=frueher(projekt_kopie()), profil="beispiel", moment=BEFORE)


@pytest.mark.parametrize("name", ["site_entwurf", "site_beispiel", "site_vorher"])
def test_no_built_site_holds_a_canary(name, request):
    assert not leaking_files(request.getfixturevalue(name))


def marks(slugs: Iterable[str]) -> set[str]:
    """Slug, title, place and application of the example submissions, as far as they are told from other text."""
    found = set()
    for slug in slugs:
        text = (EXAMPLES / f"{slug}.yml").read_text(encoding="utf-8")
        found |= {slug.lower(), *re.findall(r"^titel: \"?([^\"\n<&{:]{12,})", text.lower(), re.MULTILINE)}
    return {one.strip() for one in found}


SLUGS = sorted(one.stem for one in EXAMPLES.glob("*.yml"))
# The table in data/submissions/beispiel/LIESMICH.md says the same.
SHOWN = {
    "vergabezentrum-musterstadt",
    "waermekataster-erfundenau",
    "wandernde-wohngeldstelle",
    "kultursommer-phantasiegruen",
    "austauschkreis-bandwurmwort",
}
# Awarded without consent: title and category only, as the edition says.
LIMITED = {"sirenenverbund-nirgendwo"}


def test_before_the_announcement_nothing_of_any_submission_appears(site_vorher):
    words = marks(SLUGS) | {"erfundenau", "phantasiegrün", "probeheim", "sirenenverbund", "bandwurmwort"}
    assert not leaking_files(site_vorher, words)


def test_before_the_announcement_not_even_a_number_betrays_the_results(projekt_kopie, frueher, seiten):
    """The outcome with all submissions and the one with none differ in nothing that goes out."""
    project = frueher(projekt_kopie(fast=True))
    full = build.build(project, "beispiel", BEFORE)
    for file in (project / "data/submissions/beispiel").rglob("*.*"):
        file.unlink()
    empty = build.build(project, "beispiel", BEFORE)
    assert not full.failed
    assert full.pages == empty.pages
    assert full.assets == empty.assets
    assert full.placeholders == empty.placeholders
    assert full.heads == empty.heads


def test_the_index_of_the_search_is_looked_into(site_beispiel, site_vorher):
    """The proof that the searches above read the packed files of the index, and that there is something in them."""
    word = ["wohngeldstelle"]
    found = {one.partition("/")[0] for one in leaking_files(site_beispiel / "pagefind", word)}
    assert "fragment" in found
    assert not leaking_files(site_vorher / "pagefind", word)
    packed_files = [one for one in (site_vorher / "pagefind").rglob("*.pf_*") if one.is_file()]
    assert len(packed_files) > 100
    assert all(one.read_bytes().startswith(b"\x1f\x8b") for one in packed_files)


def test_after_the_announcement_exactly_the_permitted_cases_have_pages(site_beispiel, seiten):
    pages = {one.rstrip("/").rpartition("/")[2] for one in seiten.addresses(site_beispiel)}
    assert pages & set(SLUGS) == SHOWN


def test_after_the_announcement_nothing_of_the_others_appears(site_beispiel):
    assert not leaking_files(site_beispiel, marks(set(SLUGS) - SHOWN - LIMITED) | LIMITED)


def test_a_winner_without_consent_appears_with_title_and_category_only(site_beispiel, seiten):
    page = seiten.article(seiten.html(site_beispiel, "preistraeger/beispiel/"))
    assert "Sirenenverbund rund um den See" in page
    assert "seeufer" not in page.lower()
    tables = json.loads((site_beispiel / "daten/landespreis-ikz.json").read_text(encoding="utf-8"))
    assert not [one for one in tables["faelle"] if "Sirenenverbund" in (one["titel"] or "")]


def test_a_picture_without_consent_is_not_delivered(site_beispiel):
    root = site_beispiel / "assets/ikz/bilder"
    pictures = {one.relative_to(root).as_posix() for one in root.rglob("*.*")}
    assert pictures == {"beispiel-vergabezentrum-musterstadt/bild-1.webp"}


def test_internal_columns_are_no_part_of_the_open_data(site_beispiel):
    internal = {one.name for one in CASES.fields if one.internal}
    package = json.loads((site_beispiel / "daten/datapackage.json").read_text(encoding="utf-8"))
    columns = next(one["schema"]["fields"] for one in package["resources"] if one["path"] == "faelle.csv")
    assert len(internal) >= 10
    assert not internal & {one["name"] for one in columns}
    head = (site_beispiel / "daten/faelle.csv").read_text(encoding="utf-8").splitlines()[0]
    assert not internal & set(head.split(","))


# --- planted canaries: one for every internal field the schema knows, in every status


def canary_for(field: schema.Field, mark: str) -> str:
    """A value of the field's kind that carries a mark where that is possible, or an unmistakable date."""
    if field.form == "zeitpunkt":
        return {"eingereicht_am": "2026-03-03T03:33+01:00", "einwilligung.widerrufen_am": ""}.get(
            field.name, "2026-02-22"
        )
    if field.enum or field.type != "string":
        return ""
    return f"{mark}@{WORD}.example" if field.name.endswith("email") else mark


def with_values(text: str, values: dict[str, str]) -> str:
    """A record's text with dotted keys replaced; whole top-level blocks are written anew."""
    for top in {one.partition(".")[0] for one in values}:
        inner = {
            key.partition(".")[2]: value for key, value in values.items() if key.partition(".")[0] == top
        }
        block = "".join(f"  {key}: {value}\n" for key, value in inner.items()) if "" not in inner else ""
        line = f"{top}: {inner['']}\n" if "" in inner else f"{top}:\n{block}"
        text, count = re.subn(
            rf"^{top}:.*\n(?:[ \-].*\n|\n(?= ))*", lambda _, line=line: line, text, flags=re.MULTILINE
        )
        if not count:
            text = f"{text.rstrip()}\n{line}"
    return text


CONSENTS = {
    "given": {
        "grundlage": "einwilligung",
        "veroeffentlichung": "ja",
        "bilder": "ja",
        "erteilt_am": "2026-02-22",
    },
    "refused": {"grundlage": "einwilligung", "veroeffentlichung": "nein", "bilder": "nein"},
    "withdrawn": {
        "grundlage": "einwilligung",
        "veroeffentlichung": "ja",
        "bilder": "ja",
        "erteilt_am": "2026-02-22",
        "widerrufen_am": "2026-02-23",
    },
}


@pytest.fixture(scope="module")
def planted(projekt_kopie, frueher) -> tuple[Path, dict[str, str]]:
    """A copy with a submission for every status and consent; returns what every canary stands for, too."""
    project = frueher(projekt_kopie(fast=True))
    folder = project / "data/submissions/beispiel"
    template = (EXAMPLES / "austauschkreis-bandwurmwort.yml").read_text(encoding="utf-8")
    for file in folder.glob("*.yml"):
        file.unlink()
    internal = [one for one in CASES.fields if one.internal]
    meaning: dict[str, str] = {}
    for number, (status, (consent, block)) in enumerate(product(STATUSES, CONSENTS.items())):
        values = {"status": status, "titel": f"Probefall {number}"}
        values |= {f"einwilligung.{key}": value for key, value in block.items()}
        for field in internal:
            mark = f"{WORD}{number}x{len(meaning)}x"
            value = canary_for(field, mark)
            if value and not field.name.startswith("einwilligung."):
                values[field.name] = value
                meaning[mark] = f"{field.name}, {status}, {consent}"
        if status == "ausgezeichnet":
            values["auszeichnung.art"] = "anerkennung"
        text = with_values(template, values)
        lead = re.search(r"^federfuehrung: (.+)$", text, re.MULTILINE)
        assert lead
        # One submission each office, as the rules of the edition demand.
        text = text.replace(lead[1], f"Gemeinde Probe {number}")
        (folder / f"probefall-{number}.yml").write_text(text, encoding="utf-8")
    for number, file in enumerate(sorted((project / "data/cooperations").glob("*.yml"))):
        values = {}
        for field in internal:
            if field.only_for in {"", "kooperation"}:
                mark = f"{WORD}k{number}x{len(meaning)}x"
                values[field.name] = canary_for(field, mark)
                meaning[mark] = f"{field.name}, documented cooperation"
        file.write_text(with_values(file.read_text(encoding="utf-8"), values), encoding="utf-8")
    return project, meaning


def test_every_internal_field_has_a_canary_in_every_status(planted):
    _, meaning = planted
    names = {
        one.name
        for one in CASES.fields
        if one.internal and one.form == "text" and one.type == "string" and not one.enum
    }
    wanted = {f"{name}, {status}, {consent}" for name, status, consent in product(names, STATUSES, CONSENTS)}
    assert wanted <= set(meaning.values())
    assert len(names) >= 5
    assert "intern.vermerk, documented cooperation" in meaning.values()


def test_planted_canaries_reach_no_built_site_no_log_and_no_cache(planted, baue, tmp_path):
    project, meaning = planted
    site, before = tmp_path / "site", set(project.rglob("*"))
    done = baue(site, projekt=project, profil="beispiel", moment=AFTER)
    assert done.returncode == 0, done.stdout
    # Names of files are known to whoever runs the build; what stands inside is not said.
    assert not leaks(done.stdout.encode(), meaning)
    # Nothing is kept beside the records, nor beside the site.
    assert set(project.rglob("*")) == before
    assert set(tmp_path.iterdir()) == {site}
    found = leaking_files(site)
    assert not {
        file: [text for mark, text in meaning.items() if mark in str(hits)] for file, hits in found.items()
    }
    assert not leaking_files(site, ["2026-03-03T03:33", "3. März 2026", "2026-02-22", "22. Februar 2026"])
    shown = {int(one.name.rpartition("-")[2]) for one in site.rglob("probefall-*") if one.is_dir()}
    may_show = [
        number
        for number, pair in enumerate(product(STATUSES, CONSENTS))
        if pair[1] == "given" and pair[0] in {"zugelassen", "ausgezeichnet"}
    ]
    assert sorted(shown) == may_show


def outgoing(outcome: build.Outcome) -> bytes:
    """Everything a host gets from the core, in one piece."""
    pages = [
        f"{one.address} {one.title} {one.description} {one.html} {one.headings}" for one in outcome.pages
    ]
    parts = [html for page in outcome.placeholders.values() for html in page.values()]
    texts = "\n".join([*pages, *parts, *(one.address for one in outcome.assets)]).encode()
    return texts + b"\n".join(one.data for one in outcome.assets)


@pytest.mark.parametrize("profile, moment", list(product(PROFILES, [BEFORE, AFTER])))
def test_planted_canaries_leave_the_core_in_no_profile_at_no_moment(planted, profile, moment):
    outcome = build.build(planted[0], profile, moment)
    assert not leaks(outgoing(outcome))


def test_a_canary_in_a_public_field_of_a_shown_record_is_found(planted):
    """The proof that the searches above could find something."""
    project, _ = planted
    shown = next(
        number for number, pair in enumerate(product(STATUSES, CONSENTS)) if pair == ("zugelassen", "given")
    )
    file = project / f"data/submissions/beispiel/probefall-{shown}.yml"
    before = file.read_text(encoding="utf-8")
    try:
        file.write_text(
            with_values(before, {"ein_satz": "Ein KANARIE im öffentlichen Text."}), encoding="utf-8"
        )
        assert leaks(outgoing(build.build(project, "beispiel", AFTER))) == {WORD}
        assert not leaks(outgoing(build.build(project, "beispiel", BEFORE)))
        assert not leaks(outgoing(build.build(project, "entwurf", AFTER)))
    finally:
        file.write_text(before, encoding="utf-8")


def test_a_field_that_becomes_internal_stays_inside_without_a_change_to_the_program(planted):
    """The gate goes by the description alone."""
    project, _ = planted
    shown = next(
        number for number, pair in enumerate(product(STATUSES, CONSENTS)) if pair == ("zugelassen", "given")
    )
    file = project / f"data/submissions/beispiel/probefall-{shown}.yml"
    fields = project / "data/schema/fall.yml"
    before, fields_before = file.read_text(encoding="utf-8"), fields.read_text(encoding="utf-8")
    try:
        file.write_text(with_values(before, {"neues_feld": "KANARIE-neu"}), encoding="utf-8")
        added = "fields:\n  - {name: neues_feld, type: string, title: Neues Feld, sichtbarkeit: SICHT}\n"
        fields.write_text(
            fields_before.replace("fields:\n", added.replace("SICHT", "intern"), 1), encoding="utf-8"
        )
        inside = build.build(project, "beispiel", AFTER)
        assert not inside.failed
        assert not leaks(outgoing(inside))
        fields.write_text(
            fields_before.replace("fields:\n", added.replace("SICHT", "oeffentlich"), 1), encoding="utf-8"
        )
        assert leaks(outgoing(build.build(project, "beispiel", AFTER))) == {WORD}
    finally:
        file.write_text(before, encoding="utf-8")
        fields.write_text(fields_before, encoding="utf-8")


# --- what the checks say


def spoilt(text: str) -> Iterator[str]:
    """A record broken in many ways, each next to or inside of something internal."""
    document = yamlfile.read(text.encode())
    assert isinstance(document.value, dict)
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if WORD not in line.lower():
            continue
        key, colon, value = line.partition(":")
        variants = (
            f"{key}x{colon}{value}",
            f"{key}{colon} [{value.strip()}]\n",
            f"{key}{colon} {{a: {value.strip()}}}\n",
            f"{key}{colon} '{value.strip()}\n",
            f"{key}{colon} {value.strip()}: {value.strip()}\n",
            f"{key}{colon} &a {value.strip()}\n",
            f"{key}{colon} !x {value.strip()}\n",
            f"{key}{colon} {value.strip() * 200}\n",
            f"{key}{colon} {value.strip()} \x07\n",
            line + line,
            f"\t{line}",
            f"{key}{value}",
        )
        for one in variants:
            yield "".join([*lines[:number], one, *lines[number + 1 :]])
    for one in CASES.fields:
        if one.internal:
            yield with_values(text, {one.name: "KANARIE-falscher-wert"})


def test_findings_in_all_forms_hold_no_canary(projekt_kopie):
    project = projekt_kopie(fast=True)
    folder = project / "data/submissions/beispiel"
    text = (EXAMPLES / "kultursommer-phantasiegruen.yml").read_text(encoding="utf-8")
    for file in folder.glob("*.yml"):
        file.unlink()
    words = wording.load()
    total = 0
    variants = list(spoilt(text))
    for number, one in enumerate(variants):
        (folder / f"probe-{number}.yml").write_text(one, encoding="utf-8")
    checked = planning.check(project, "entwurf", AFTER)
    for number in range(len(variants)):
        total += any(one.place.path.endswith(f"/probe-{number}.yml") for one in checked.findings)
    assert total > len(variants) * 0.8, "nearly every variant is a mistake"
    for name, form in report.FORMATS.items():
        said = form(checked.findings, words)
        found = [line for line in said.splitlines() if leaks(line.encode())]
        assert not found, (name, found[:5])


@pytest.mark.parametrize("form", sorted(report.FORMATS))
def test_the_terminal_shows_no_canary(starte, projekt_kopie, form):
    project = projekt_kopie(fast=True)
    folder = project / "data/submissions/beispiel"
    for number, file in enumerate(sorted(folder.glob("*.yml"))):
        wrong = f"unbekannter_schluessel: 1\n{file.read_text(encoding='utf-8')}"
        if number % 2:
            wrong = re.sub(r"^(  vermerk):", r"\1x:", wrong, flags=re.MULTILINE)
        file.write_text(wrong, encoding="utf-8")
    done = starte(
        ROOT / "scripts/check.py", "--projekt", project, "--format", form, "--warum", "--profil", "beispiel"
    )
    assert done.returncode == 1, done.stdout
    assert "unbekannter_schluessel" in done.stdout
    # File names of pictures and records are theirs who run the check; what stands inside the records is not.
    assert not leaks(done.stdout.encode())


def test_the_preview_banner_shows_no_canary(projekt_kopie):
    project = projekt_kopie(fast=True)
    folder = project / "data/submissions/beispiel"
    file = folder / "kultursommer-phantasiegruen.yml"
    for number, one in enumerate(spoilt(file.read_text(encoding="utf-8"))):
        if number % 9 == 0:
            (folder / f"probe-{number}.yml").write_text(one, encoding="utf-8")
    outcome = build.build(project, "beispiel", AFTER)
    assert len(outcome.findings) > 5
    assert not leaks(banner.html("beispiel", outcome.findings).encode())


# --- what lies beside the editors' pages


@pytest.mark.parametrize(
    "name", ["vermerk.docx", "kontakt.md~", "alt.md.bak", "bild.svg", "skript.js", ".geheim.md"]
)
def test_a_file_that_is_no_page_stops_the_build(projekt_kopie, name):
    project = projekt_kopie(fast=True)
    (project / "content" / name).write_text("KANARIE-datei")
    planned = planning.plan(project, "entwurf", AFTER)
    assert [one.code for one in planned.findings if one.place.path.endswith(name)] == ["E411"]


@pytest.mark.parametrize(
    "target", ["../data/submissions/2022", "../data/submissions/beispiel/bachpaten-scheinbrueck.yml"]
)
def test_a_link_out_of_the_pages_stops_the_build(projekt_kopie, target):
    project = projekt_kopie(fast=True)
    (project / "content/verweis").symlink_to(target)
    planned = planning.plan(project, "entwurf", AFTER)
    assert [one.code for one in planned.findings if one.place.path == "content/verweis"] == ["E116"]


def test_not_even_the_export_takes_such_files(projekt_kopie, tmp_path):
    project = projekt_kopie(fast=True)
    (project / "content/vermerk.docx").write_text("KANARIE-datei")
    (project / "content/verweis").symlink_to("../data/submissions/beispiel")
    outcome = build.build(project, "entwurf", AFTER)
    folder.write(outcome, project, tmp_path / "aus")
    assert not leaking_files(tmp_path / "aus")
    (project / "content/kanarie.png").write_bytes(drawn("PNG"))
    folder.write(outcome, project, tmp_path / "mit")
    assert leaking_files(tmp_path / "mit"), (
        "what may go out has to be found, or the line above could not fail"
    )


NOTES = """
Rückfragen gern. <!-- KANARIE: noch mit dem Referat klären.

Sie will nicht genannt werden, KANARIE. -->

- eins <!-- KANARIE
- alt KANARIE
-->
- zwei
    <!-- <script src="kanarie.js"></script> -->

> Zitat <!-- KANARIE

> KANARIE -->

| Spalte <!-- KANARIE -->
| --- <!-- KANARIE -->

`Wort` <!-- ` KANARIE <b>x</b> ` -->

<!--> KANARIE -->
"""


def with_chunk(png: bytes) -> bytes:
    """The picture with a part that no viewer knows."""
    body = b"kaNa" + b"KANARIE"
    chunk = (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    return png[:33] + chunk + png[33:]


def test_notes_among_editors_stay_among_them(baue, projekt_kopie, tmp_path):
    """In whatever place, also where no Markdown knows a comment; in pages, in news, and in what is told about news elsewhere."""
    project = projekt_kopie(fast=True)
    head = '---\ntitle: Probe\ndescription: "Eine Probe."\ndate: 2026-11-02\n---\n'
    (project / "content/mitteilungen/posts/notizen.md").write_text(f"{head}{NOTES}")
    page = project / "content/faq.md"
    page.write_text(f"{page.read_text()}\n## Was ist eine Notiz?\n{NOTES}")
    # Beside the page that shows it; and of a post that is not out, though it lies elsewhere.
    (project / "content/bild.png").write_bytes(with_chunk(drawn("PNG")))
    (project / "content/mitteilungen/kanarie.png").write_bytes(drawn("PNG"))
    later = head.replace("2026-11-02", "2026-12-24")
    (project / "content/mitteilungen/posts/spaeter.md").write_text(f"{later}\n![KANARIE](../kanarie.png)\n")
    page.write_text(f"{page.read_text()}\n![Ein Bild](bild.png) <!-- ![Bald](mitteilungen/kanarie.png) -->\n")
    done = baue(tmp_path / "site", projekt=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "site/bild.png").is_file()
    assert "Rückfragen gern." in (tmp_path / "site/mitteilungen/notizen/index.html").read_text("utf-8")
    assert not leaking_files(tmp_path / "site")
    folder.write(build.build(project, "entwurf", AFTER), project, tmp_path / "export")
    assert not leaking_files(tmp_path / "export")
