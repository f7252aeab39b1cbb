"""The last look at a finished site: what it finds, word for word, on small sites with one fault each, and that it needs nothing of ours.

Below ``tests/cases/_endkontrolle/``: ``_gut/`` is a site without a fault, ``liste.json`` what may go out. A case is a folder:
``LIESMICH.txt`` says what it shows, ``site/`` holds files laid over the good ones, ``ohne.txt`` names those that are missing,
``erwartet.txt`` is all that is said.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import re
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import final_gate
import final_gate_files
import final_gate_policy
import final_gate_texts
from final_gate_notes import folded
from test_architecture import tops

ROOT = Path(__file__).resolve().parent.parent
GATE = ROOT / "scripts/final_gate.py"
CASES = ROOT / "tests/cases/_endkontrolle"
NAMES = sorted(one.name for one in CASES.iterdir() if one.is_dir() and one.name != "_gut")


def look(site: Path, *options: object) -> subprocess.CompletedProcess[str]:
    """The program as the build starts it, without our package on its way."""
    command = [sys.executable, GATE, site, *options]
    return subprocess.run(
        list(map(str, command)), capture_output=True, encoding="utf-8", check=False, env={"PYTHONUTF8": "1"}
    )


@pytest.fixture
def gut(tmp_path) -> Path:
    return shutil.copytree(CASES / "_gut", tmp_path / "site")


def said(site: Path, *options: object) -> str:
    done = look(site, "--liste", CASES / "liste.json", *options)
    assert not done.stderr
    assert done.returncode == (0 if "nichts gefunden" in done.stdout else 1)
    return done.stdout


def lay_over(site: Path, case: Path) -> None:
    """The fault of a case, on a site without one."""
    if (case / "site").exists():
        shutil.copytree(case / "site", site, dirs_exist_ok=True)
    for missing in (case / "ohne.txt").read_text("utf-8").split() if (case / "ohne.txt").exists() else ():
        (site / missing).unlink()


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_is_told_with_its_place(gut, name):
    case = CASES / name
    lay_over(gut, case)
    found = said(gut)
    golden = case / "erwartet.txt"
    if os.environ.get("IKZ_GOLDEN") == "schreiben":
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text("utf-8")
    assert ("nichts gefunden" in found) == (name == "in-ordnung")


def test_every_case_says_what_it_shows():
    assert len(NAMES) > 15
    assert all((CASES / name / "LIESMICH.txt").read_text("utf-8").strip() for name in NAMES)


# --- what a folder of cases cannot hold


def test_a_link_out_of_the_folder_is_a_fault_and_not_followed(gut, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/index.html").write_text("Frau Erfunden-Geheim")
    (gut / "assets/aus.html").symlink_to(tmp_path / "secret/index.html")
    (gut / "assets/ordner").symlink_to(tmp_path / "secret")
    os.mkfifo(gut / "assets/rohr")
    lines = said(gut).splitlines()
    assert lines[:3] == [
        "assets/aus.html: Das ist ein Verweis auf eine andere Datei und keine eigene.",
        "assets/ordner: Das ist ein Verweis auf eine andere Datei und keine eigene.",
        "assets/rohr: Das ist keine gewöhnliche Datei.",
    ]
    assert len(lines) == 4


def test_a_file_that_cannot_be_read_is_a_fault(gut, monkeypatch):
    def read(path: Path) -> bytes:
        if path.name == "skript.js":
            raise PermissionError(13, "Permission denied", str(path))
        with path.open("rb") as file:
            return file.read()

    monkeypatch.setattr(Path, "read_bytes", read)
    gate = final_gate.Gate(gut, {}, ())
    gate.look()
    assert ("assets/skript.js", 0) in {(name, line) for name, line, _ in gate.found}
    assert "keine Berechtigung" in "\n".join(final_gate.told(gate.found))


def test_bytes_that_are_no_text_are_a_fault_with_their_line(gut):
    (gut / "assets/stil.css").write_bytes(b"a { }\n/* \xff */\n")
    assert "assets/stil.css:2: Das ist kein Text in UTF-8.\n" in said(gut)


def test_packed_files_are_looked_into(gut):
    (gut / "sitemap.xml.gz").write_bytes(gzip.compress(b"<loc>https://preis.example/entwurf/</loc>"))
    fragment = b'pagefind_dcd{"url":"/kooperationen/verborgen/","content":"Frau Erfunden-Geheim"}'
    (gut / "eins.pf_fragment").write_bytes(gzip.compress(fragment))
    (gut / "kaputt.gz").write_bytes(b"\x1f\x8bkaputt")
    with zipfile.ZipFile(gut / "papier.docx", "w") as archive:
        archive.writestr("word/document.xml", "<t>Frau Erfunden-Geheim</t>")
    found = said(gut, "--ohne", "unbekannt")
    assert found.splitlines()[:-1] == [
        "eins.pf_fragment: Hier steht der verbotene Text Nummer 1 der Liste.",
        "eins.pf_fragment: „/kooperationen/verborgen/“ steht im Verzeichnis und ist keine öffentliche Seite.",
        "eins.pf_fragment:1: „kooperationen/verborgen/“ wird genannt und ist keine öffentliche Adresse.",
        "kaputt.gz: Die gepackte Datei lässt sich nicht lesen.",
        "papier.docx: Hier steht der verbotene Text Nummer 1 der Liste.",
        "sitemap.xml.gz: „/entwurf/“ steht im Verzeichnis und ist keine öffentliche Seite.",
    ]


def test_a_picture_that_says_what_is_forbidden_is_found(gut):
    (gut / "assets/bild.webp").write_bytes(b"RIFF\x00\x01Frau Erfunden-Geheim\x00\xff")
    assert "assets/bild.webp: Hier steht der verbotene Text Nummer 1 der Liste.\n" in said(gut)


def test_forbidden_texts_may_come_from_a_file(gut, tmp_path):
    (tmp_path / "verboten.txt").write_text("gibt es nicht\nZURÜCK\n\n", encoding="utf-8")
    found = said(gut, "--verboten", tmp_path / "verboten.txt")
    assert found.startswith(
        "muster/zweigstelle/index.html: Hier steht der verbotene Text Nummer 2 der Liste.\n"
    )


def test_names_of_files_cannot_forge_lines(gut):
    (gut / "assets/a\n::error::b\x1b[2J.js").write_text("")
    first = said(gut).splitlines()[0]
    assert first == "assets/a\\u000a::error::b\\u001b[2J.js: Die Datei ist leer."


@pytest.mark.parametrize(
    "rule, fault", [("richtlinie", "ohne-richtlinie"), ("unbekannt", "unbekannte-datei")]
)
def test_rules_that_hold_for_one_generator_only_can_be_left_out(gut, rule, fault):
    shutil.copytree(CASES / fault / "site", gut, dirs_exist_ok=True)
    assert "nichts gefunden" in said(gut, "--ohne", rule)


def test_a_site_below_a_folder_of_its_host_finds_its_own_links(tmp_path, gut):
    page = gut / "404.html"
    page.write_text(page.read_text().replace('href="/', 'href="/preis/'))
    listed = json.loads((CASES / "liste.json").read_bytes()) | {"website": "https://preis.example/preis"}
    sitemap = gut / "sitemap.xml"
    sitemap.write_text(sitemap.read_text().replace(".example/", ".example/preis/"))
    (gut / "kooperationen/archiv/index.html").write_text(
        (gut / "kooperationen/archiv/index.html")
        .read_text()
        .replace(".example/muster", ".example/preis/muster")
    )
    (tmp_path / "liste.json").write_text(json.dumps(listed))
    done = look(gut, "--liste", tmp_path / "liste.json")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "options, words",
    [
        (["gibt-es-nicht"], "„gibt-es-nicht“ ist kein Ordner."),
        (["--liste", "fehlt.json"], "„fehlt.json“: gibt es nicht."),
        (["--liste", str(CASES / "in-ordnung/LIESMICH.txt")], "kein lesbares JSON"),
        (["--ohne", "alles"], "erlaubt: "),
    ],
)
def test_wrong_use_is_a_german_sentence_and_status_2(options, words):
    site = [] if options[0] == "gibt-es-nicht" else [str(CASES / "_gut")]
    done = look(*map(Path, site or options), *(options if site else ()))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


# --- many files, long texts, long lists


def by_processes(number: int, monkeypatch, *arguments: object) -> int:
    """The program with so many processes, however few the files."""
    monkeypatch.setattr(final_gate, "_FILES_TO_SHARE", 1)
    monkeypatch.setattr(final_gate, "_processes", lambda: number)
    return final_gate.main(list(map(str, arguments)))


@pytest.mark.parametrize("name", NAMES)
def test_several_processes_say_what_one_says(gut, monkeypatch, capsys, name):
    lay_over(gut, CASES / name)
    for number in (1, 2, 5):
        by_processes(number, monkeypatch, gut, "--liste", CASES / "liste.json")
        assert capsys.readouterr().out == (CASES / name / "erwartet.txt").read_text("utf-8"), number


def test_a_process_that_dies_lets_no_site_out(gut, monkeypatch, capsys):
    look, itself = final_gate_files.Files.look, os.getpid()

    def die(files: final_gate_files.Files, name: str, file: int) -> None:
        if name == "muster/zweigstelle/index.html" and os.getpid() != itself:
            os.kill(os.getpid(), signal.SIGKILL)
        look(files, name, file)

    assert by_processes(2, monkeypatch, gut, "--liste", CASES / "liste.json") == final_gate.OK
    monkeypatch.setattr(final_gate_files.Files, "look", die)
    capsys.readouterr()
    assert by_processes(2, monkeypatch, gut, "--liste", CASES / "liste.json") == final_gate.COULD_NOT_RUN
    outcome = capsys.readouterr()
    assert "nichts gefunden" not in outcome.out
    assert outcome.err.startswith("Nicht geprüft. Ein Teil der Endkontrolle ist abgebrochen")


@pytest.mark.parametrize("number", [1, 2])
def test_an_error_of_the_program_itself_lets_no_site_out(gut, monkeypatch, number):
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(final_gate_files.Files, "look", fail)
    with pytest.raises(MemoryError):
        by_processes(number, monkeypatch, gut)


def test_a_file_left_out_lets_no_site_out(gut, monkeypatch):
    monkeypatch.setattr(final_gate_files.Files, "look", lambda *_: None)
    with pytest.raises(RuntimeError, match="nicht alle Dateien"):
        by_processes(1, monkeypatch, gut)


def test_no_file_is_kept(gut):
    (gut / "assets/lang.txt").write_text("Zeile\n" * 1_000_000)
    gate = final_gate.Gate(gut, json.loads((CASES / "liste.json").read_bytes()), ())
    gate.look()
    assert len(pickle.dumps(gate)) < 100_000


def test_of_many_forbidden_texts_each_is_found_wherever_it_stands():
    phrases = [folded(f"Frau Erfunden-{number} (Straße {number % 7})") for number in range(400)]
    phrases += ["§§ §", "geheimwort", "a b", folded("ＡＢＣ-Vermerk")]
    many = final_gate_texts.Phrases(phrases)
    assert len(phrases) > final_gate_texts._FEW
    texts = [f"<p>Sehr{one}s</p>" for one in phrases]
    texts += [
        "Frau Erfunden-7 (Straße",
        "frau erfunden-9",
        "geheim wort",
        "",
        "Erfunden-12 (Straße 5)",
        "§§",
        "xa bx",
    ]
    for text in map(folded, texts):
        assert many.stand_in(text) == any(one in text for one in phrases), text


def test_a_forbidden_text_of_several_lines_is_found_though_each_line_is_harmless(gut, tmp_path):
    listed = json.loads((CASES / "liste.json").read_bytes()) | {
        "verboten": ["kurz\nFrau Nirgendwo-Geheim\nEnde"]
    }
    (tmp_path / "liste.json").write_text(json.dumps(listed))
    for file, words in (
        ("404.html", "kurz\n\nFrau Nirgendwo-Geheim\nEnde"),
        ("kooperationen/archiv/index.html", "<p>\nkurz\nFrau Nirgendwo-Geheim\nEnde"),
    ):
        text = (gut / file).read_text()
        (gut / file).write_text(text.replace("</body>", f"{words}\n</body>"))
    assert look(gut, "--liste", tmp_path / "liste.json").stdout.splitlines()[:-1] == [
        "kooperationen/archiv/index.html: Hier steht der verbotene Text Nummer 1 der Liste."
    ]


def test_the_same_fault_in_the_same_line_is_told_of_every_page(gut):
    pages = ["404.html", "index.html", "kooperationen/archiv/index.html", "muster/zweigstelle/index.html"]
    for name in pages:
        text = (gut / name).read_text()
        line = '<p title="x"onclick="x()">Frau Erfunden-Geheim /kooperationen/verborgen/</p>'
        (gut / name).write_text(text.replace("</body>", f"{line}\n</body>"))
    found = said(gut)
    for name in pages:
        about = [one for one in found.splitlines() if one.startswith(name)]
        assert len(about) == 3, found


def test_a_long_text_is_looked_at_in_pieces(gut, monkeypatch):
    monkeypatch.setattr(final_gate_texts, "_PIECE", 10)
    (gut / "assets/stil.css").write_bytes(b"a { }\n" * 9 + b"/* Frau Erfunden-Geheim */\n")
    (gut / "assets/skript.js").write_bytes(b"// Frau Erfunden-Geheim\n" * 9 + b"// \xff\n")
    gate = final_gate.Gate(gut, json.loads((CASES / "liste.json").read_bytes()), ())
    gate.look()
    assert list(final_gate.told(gate.found)) == [
        "assets/skript.js:10: Das ist kein Text in UTF-8.",
        "assets/stil.css: Hier steht der verbotene Text Nummer 1 der Liste.",
    ]


def test_a_pattern_holds_for_files_that_begin_and_end_like_it(gut, tmp_path):
    listed = json.loads((CASES / "liste.json").read_bytes())
    listed["dateien"] += ["bilder/a-*.png", "bilder/*.webp", "*.woff2"]
    (tmp_path / "liste.json").write_text(json.dumps(listed))
    (gut / "bilder").mkdir()
    for name in ("a-1.png", "a-.png", "b-1.png", "a.webp", "a.woff2", "a-1.gif"):
        (gut / "bilder" / name).write_bytes(b"x")
    found = look(gut, "--liste", tmp_path / "liste.json").stdout.splitlines()
    # A star stands for no folder.
    assert [one.partition(":")[0] for one in found[:-1]] == [
        "bilder/a-1.gif",
        "bilder/a.woff2",
        "bilder/b-1.png",
    ]


def tampered(gut, files, **more):
    """What the gate says of a site with these files besides, none of which is unknown."""
    listed = json.loads((CASES / "liste.json").read_bytes())
    listed["dateien"] += files
    listed |= more
    for name, data in files.items():
        (gut / name).write_bytes(data)
    (gut.parent / "liste.json").write_text(json.dumps(listed))
    return look(gut, "--liste", gut.parent / "liste.json")


def test_what_stands_behind_too_many_tags_is_not_taken_for_looked_at(gut):
    page = gut / "index.html"
    deep = "<span>" * 2100 + "</span>" * 2100 + '<img src="https://fremd.example/x.png">'
    page.write_text(page.read_text("utf-8").replace("</body>", f"{deep}</body>"), "utf-8")
    assert "so tief verschachtelt" in look(gut, "--liste", CASES / "liste.json").stdout


@pytest.mark.parametrize(
    "many", ["on" * 15500, "<a " + "on " * 100_000, " onaaa = " * 20_000], ids=["words", "tag", "handlers"]
)
def test_looking_for_handlers_takes_no_longer_for_a_long_text(gut, many):
    page = gut / "index.html"
    page.write_text(page.read_text("utf-8").replace("</body>", f"{many}</body>"), "utf-8")
    command = [sys.executable, GATE, gut, "--liste", CASES / "liste.json"]
    assert subprocess.run(command, check=False, capture_output=True, timeout=60).returncode in {0, 1}


def packed(flag=0, method=0):
    """A Word file of one part, with a mark of its own in the two places where zip says how it is packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    data = bytearray(stream.getvalue())
    for start, at in ((data.index(b"PK\x03\x04"), 6), (data.index(b"PK\x01\x02"), 8)):
        data[start + at] |= flag
        data[start + at + 2] = method
    return bytes(data)


@pytest.mark.parametrize("data", [packed(flag=1), packed(method=99)], ids=["password", "unknown"])
def test_what_cannot_be_unpacked_is_a_finding(gut, data):
    said = tampered(gut, {"a.docx": data})
    assert said.returncode == 1
    assert "a.docx: Die gepackte Datei lässt sich nicht lesen." in said.stdout
    assert not said.stderr


def test_a_cell_may_be_as_long_as_its_file(gut):
    said = tampered(gut, {"a.csv": b"a\n" + b"x" * 200_000 + b"\n"})
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize(
    "listed",
    [
        *({"seiten": 1}, {"verboten": [1]}, {"spalten": []}, {"kennungen": {"a": 1}}, {"dateien": [1]}),
        {"website": "https://[x"},
    ],
    ids=str,
)
def test_a_list_of_another_form_is_refused(gut, listed):
    said = tampered(gut, {}, **listed)
    assert (said.returncode, said.stdout) == (2, "")
    assert (
        said.stderr == "Nicht geprüft. Die Liste hat nicht die Form, die der Kopf des Programms beschreibt.\n"
    )


def test_a_forbidden_text_is_found_in_names_and_with_more_blanks(gut):
    name, text = "geheimvermerk4711.txt", b"Es steht hier: geheime  Sache\tim Text.\n"
    said = tampered(gut, {name: text}, verboten=["Geheimvermerk4711", "geheime Sache im Text"])
    assert f"{name}: Hier steht der verbotene Text Nummer 1 der Liste." in said.stdout
    assert f"{name}: Hier steht der verbotene Text Nummer 2 der Liste." in said.stdout


def test_the_list_may_come_without_a_file(gut):
    (gut / "faq").mkdir()
    (gut / "faq/index.html").write_bytes((gut / "index.html").read_bytes())
    told = [
        subprocess.run(
            [sys.executable, GATE, gut, "--liste", name],
            input=(CASES / "liste.json").read_bytes(),
            capture_output=True,
            check=False,
        ).stdout
        for name in ("-", CASES / "liste.json")
    ]
    assert told[0] == told[1]
    assert b"faq/index.html" in told[0]


# --- one fault each, in a line


@pytest.mark.parametrize(
    "markup, sentence",
    [
        (
            '<meta http-equiv="refresh" content="0;https://fremd.example/">',
            "Die Seite führt von selbst zu einer anderen.",
        ),
        ('<meta http-equiv="Refresh" content="0 ../">', "Die Seite führt von selbst zu einer anderen."),
        ('<iframe srcdoc="&lt;b>x&lt;/b>"></iframe>', "Die Seite enthält <iframe>."),
        ('<object data="assets/bild.svg"></object>', "Die Seite enthält <object>."),
        ("<plaintext>", "Die Seite enthält <plaintext>."),
        (
            '<svg><a><set attributeName="href" to="https://fremd.example"/></a></svg>',
            "Die Seite enthält <set>.",
        ),
        ('<svg><animate attributeName="href" values="x"/></svg>', "Die Seite enthält <animate>."),
        ("<script>los()</script>", "ein Skript, das ihre Content-Security-Policy nicht nennt"),
        ('<script type="Module">los()</script>', "ein Skript, das ihre Content-Security-Policy nicht nennt"),
        (
            '<script src="assets/bild.svg"></script>',
            "„assets/bild.svg“ wird als Skript geladen und ist keines.",
        ),
        (
            '<link rel="preload" as="image" imagesrcset="https://fremd.example/a 1x">',
            "<link> lädt von fremder Stelle",
        ),
        (
            '<style>@import"https://fremd.example/a";</style>',
            "lädt von fremder Stelle: „https://fremd.example/a“",
        ),
        ("<style>@import/**/'//fremd.example/a'</style>", "lädt von fremder Stelle: „//fremd.example/a“"),
        (
            '<p style="background:u\\72 l(\\68 ttps://fremd.example/a)">x</p>',
            "lädt von fremder Stelle: „https://fremd.example/a“",
        ),
        (
            '<style>a{b:image-set("https://fremd.example/a" 1x)}</style>',
            "lädt von fremder Stelle: „https://fremd.example/a“",
        ),
        ("<p>Frau <b>Erfunden</b>-Geheim</p>", "Hier steht der verbotene Text Nummer 1 der Liste."),
        ("<p>Frau Erfun&shy;den-Geheim</p>", "Hier steht der verbotene Text Nummer 1 der Liste."),
        ('<a href="?wer=Frau%20Erfunden-Geheim">x</a>', "Hier steht der verbotene Text Nummer 1 der Liste."),
    ],
)
def test_a_page_with_a_fault_does_not_go_out(gut, markup, sentence):
    page = gut / "index.html"
    page.write_text(page.read_text("utf-8").replace("</body>", f"{markup}\n</body>"), encoding="utf-8")
    found = said(gut)
    assert sentence in found
    assert found.startswith("index.html")


@pytest.mark.parametrize(
    "harmless",
    [
        '<script type="application/ld+json">{"a": "b"}</script>',
        "<style>/* @import 'https://fremd.example/a' */ a{b:url(data:image/svg+xml,x)}</style>",
        '<script src="assets/skript.js?1"></script>',
    ],
)
def test_what_only_looks_like_a_fault_is_none(gut, harmless):
    page = gut / "index.html"
    page.write_text(page.read_text("utf-8").replace("</body>", f"{harmless}\n</body>"), encoding="utf-8")
    assert "nichts gefunden" in said(gut)


@pytest.mark.parametrize(
    "policy, sentences",
    [
        ("default-src 'none'; script-src 'self' 'sha256-AAAA' 'wasm-unsafe-eval'; img-src 'self' data:", ()),
        ("DEFAULT-SRC 'none'", ()),
        ("script-src 'self'", ("Die Content-Security-Policy beginnt nicht damit, alles zu verbieten.",)),
        ("default-src 'none'; script-src *", ("Die Content-Security-Policy erlaubt * (script-src).",)),
        (
            "default-src 'none'; script-src-elem data:",
            ("Die Content-Security-Policy erlaubt data: (script-src-elem).",),
        ),
        (
            "default-src 'none'; connect-src https:",
            ("Die Content-Security-Policy erlaubt https: (connect-src).",),
        ),
        (
            "default-src 'none'; img-src 'sha256-AAAA'",
            ("Die Content-Security-Policy erlaubt 'sha256-AAAA' (img-src).",),
        ),
        (
            "default-src 'none'; form-action fremd.example",
            ("Die Content-Security-Policy erlaubt fremd.example (form-action).",),
        ),
        # Of two with the same name, browsers obey the first.
        (
            "default-src *; default-src 'none'",
            (
                "Die Content-Security-Policy beginnt nicht damit, alles zu verbieten.",
                "Die Content-Security-Policy erlaubt * (default-src).",
            ),
        ),
    ],
)
def test_a_policy_allows_no_more_than_a_page_needs(policy, sentences):
    assert final_gate_policy.flaws(policy) == sentences


@pytest.mark.parametrize("where", ["body", "template", "noscript", "svg"])
def test_a_policy_holds_in_the_head_only(gut, where):
    page = gut / "index.html"
    text = page.read_text("utf-8")
    policy = re.search(r"<meta[^>]*Content-Security-Policy[^>]*>", text)[0]
    moved = f"<{where}>{policy}</{where}>" if where != "body" else f"</head><body>{policy}"
    page.write_text(text.replace(policy, moved), encoding="utf-8")
    assert "Die Seite sagt nicht, was ein Browser auf ihr darf" in said(gut)


SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'


@pytest.mark.parametrize(
    "name, data, sentence",
    [
        (
            "a.svg",
            SVG.format("<style>@import url(https://fremd.example/a)</style>"),
            "lädt von fremder Stelle",
        ),
        (
            "a.svg",
            f'<?xml-stylesheet href="a"?>{SVG.format("")}',
            "enthält eine Anweisung („xml-stylesheet“)",
        ),
        ("a.svg", SVG.format('<set attributeName="href" to="x"/>'), "Die Zeichnung enthält <set>."),
        (
            "_headers",
            "/*\n  Content-Security-Policy: default-src *\n",
            "_headers:2: Die Content-Security-Policy erlaubt *",
        ),
        (
            ".htaccess",
            'Header set Content-Security-Policy "script-src *"',
            "Die Content-Security-Policy erlaubt *",
        ),
        ("a.xml", '<feed><link href="javascript:los()"/></feed>', "Ein Verweis führt Programmtext mit sich"),
        (
            "a.xml",
            '<f><c type="html">&lt;a href="javascript:los()">x&lt;/a></c></f>',
            "Ein Verweis führt Programmtext mit sich",
        ),
        ("a.xml", '<f><c type="html">&amp;lt;a href="javascript:los()">x</c></f>', "nichts gefunden"),
        ("a.xml", "<f>", "Das ist kein lesbares XML."),
        (
            "a.csv",
            "a;b\r\n1,=HEUTE()\r\n".replace(";", ","),
            "„=HEUTE()“ nähme eine Tabellenkalkulation für eine Formel.",
        ),
        ("a.csv", "a,b\r\n-1,+2\r\n", "nichts gefunden"),
        ("a.csv", "a\r\n-cmd\r\n", "„-cmd“ nähme eine Tabellenkalkulation für eine Formel."),
        (
            "a.json",
            '{"a": "Frau Erfunden\\u002dGeheim"}',
            "Hier steht der verbotene Text Nummer 1 der Liste.",
        ),
        ("a.png", "\x89PNG Frau Erfunden-Geheim", "Hier steht der verbotene Text Nummer 1 der Liste."),
    ],
)
def test_any_other_file_with_a_fault_does_not_go_out(gut, name, data, sentence):
    (gut / name).write_text(data, encoding="utf-8", newline="")
    assert sentence in said(gut, "--ohne", "unbekannt")


@pytest.mark.parametrize(
    "member, text, sentence",
    [
        ("word/vbaProject.bin", "x", "Die Datei enthält ein Programm („word/vbaProject.bin“)."),
        (
            "word/document.xml",
            "<t>Frau Erfun</t></r><r><t>den-Geheim</t>",
            "Hier steht der verbotene Text Nummer 1",
        ),
        (
            "word/_rels/settings.xml.rels",
            '<Relationship Type="x/attachedTemplate" Target="https://fremd.example/a" TargetMode="External"/>',
            "Die Datei lädt beim Öffnen etwas von anderer Stelle.",
        ),
        (
            "word/_rels/document.xml.rels",
            '<Relationship Type="x/hyperlink" Target="https://fremd.example/a" TargetMode="External"/>',
            "nichts gefunden",
        ),
    ],
)
def test_a_word_file_brings_nothing_with_it(gut, member, text, sentence):
    with zipfile.ZipFile(gut / "a.docx", "w") as archive:
        archive.writestr(member, text)
    assert sentence in said(gut, "--ohne", "unbekannt")


# --- independence and speed


def test_it_imports_nothing_of_the_package_that_builds():
    for file in (*GATE.parent.glob("final_gate*.py"), GATE.with_name("german_parser.py")):
        assert "ikz_award" not in tops(file.read_text(encoding="utf-8"))
    code = f"import sys; sys.path.insert(0, {str(GATE.parent)!r}); import final_gate; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    modules = done.stdout.split()
    assert "final_gate" in modules
    assert not [one for one in modules if one.split(".")[0] in {"ikz_award", "mkdocs", "yaml", "jinja2"}]


def test_a_whole_site_takes_two_seconds(site_entwurf):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = look(site_entwurf)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout
    # Twice what it may take on a quiet machine: tests share the processor.
    assert after.ru_utime - before.ru_utime < 4
