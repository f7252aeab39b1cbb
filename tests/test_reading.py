"""Reading files: what stays text, what is remembered between two runs, what is refused, and where a mistake is found."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

import check
import support
from ikz_award import build, parallel, planning, records, schema, yamlfile, yamltext
from ikz_award.records import Cache

RECORD = "data/submissions/2030/archiv.yml"


def read(source):
    document = yamlfile.read(source if isinstance(source, bytes) else source.encode())
    assert document.problems == []
    return document


@pytest.mark.parametrize(
    "value",
    [
        *(
            "no",
            "on",
            "off",
            "yes",
            "ja",
            "null",
            "~",
            "true",
            "12:30",
            "1:20:30",
            "0x1F",
            "0o14",
            "010",
            "1e3",
            ".5",
        ),
        *(
            "05315000",
            "2019",
            "2019-05-31",
            "2026-02-09T14:30+01:00",
            "+49",
            "=",
            "1_000",
            ".inf",
            ".nan",
            "0b1",
        ),
    ],
)
def test_every_value_stays_the_text_that_stands_there(value):
    document = read(f"titel: {value}\nliste:\n  - {value}\n")
    assert document.value == {"titel": value, "liste": [value]}


def test_a_mark_at_the_start_and_the_line_ends_of_windows_change_nothing():
    source = "titel: Ein Haus\nanlass: |\n  Zeile eins\n  Zeile zwei\nmuster:\n  - eins\n"
    plain = read(source)
    for other in (
        b"\xef\xbb\xbf" + source.encode(),
        source.replace("\n", "\r\n").encode(),
        source.replace("\n", "\r"),
    ):
        document = read(other)
        assert (document.value, document.keys, document.spots) == (plain.value, plain.keys, plain.spots)


def test_keys_and_values_know_their_place():
    document = read("# Kommentar\ntitel: Ein Haus\nbeteiligte:\n  - name: Stadt\n    art: kommune\n")
    assert document.keys["titel",] == (2, 1)
    assert document.spots["titel",] == (2, 8)
    assert document.keys["beteiligte", 0, "art"] == (5, 5)
    assert document.spots["beteiligte", 0, "art"] == (5, 10)
    assert document.spot(("beteiligte", 0, "staat")) == document.spots["beteiligte", 0] == (4, 5)


@pytest.mark.parametrize(
    "source, place",
    [
        ("text: |\n  eins\n  zwei\n  drei Wort vier\nende: x\n", (4, 8)),
        ("text: >-\n  eins zwei\n  Wort\nende: Wort\n", (3, 3)),
        ('text: "eins\n  zwei Wort"\nende: x\n', (2, 8)),
        ("text: eins\n  zwei\n  drei Wort\nende: Wort\n", (3, 8)),
        ("erst: Wort\ntext: ein Wort\n", (2, 11)),
        ("text: |\n\n\n  Wort", (4, 3)),
        ("Wort: x\ntext: Wort\n", (2, 7)),
        ("text: Wort Wort\n", (1, 7)),
        (" text: Wort Wort\n", (1, 8)),
        ("  text: Wort\n", (1, 9)),
        ("{a: eine Zeile mit Wort, text: Wort}\n", (1, 32)),
        ("'text': Wort\n", (1, 9)),
        ("{text: Wort}\n", (1, 8)),
        ('text: "eins\nWort drei"\n', (2, 1)),
        # Where the value does not say it, the place is the value's, whatever stands before and behind it.
        ("Wort: x\ntext: eins\n  zwei\nende: Wort\n", (2, 7)),
        ("liste:\n  - Wort\ntext: eins\n\n\nende: Wort\n", (3, 7)),
        ("a: 1\ntext: eins\nb: 1\nende: Wort\nc: Wort\nd: Wort\n", (2, 7)),
    ],
)
def test_a_word_inside_a_long_value_is_found_in_its_line(source, place):
    assert read(source).locate(("text",), "Wort") == place


def test_a_word_of_a_value_is_not_looked_for_in_its_key():
    assert read("Wort: ein Wort\n").locate(("Wort",), "Wort") == (1, 11)
    assert read("a:\n  - Wort: Wort\n").locate(("a", 0, "Wort"), "Wort") == (2, 11)


def test_a_word_that_is_written_otherwise_is_placed_at_its_value():
    document = read('text: "W\\x6Frt"\nende: Wort\n')
    assert document.locate(("text",), "Wort") == (1, 7)


@pytest.mark.parametrize(
    "source, place",
    [
        ("text:\n  a: eins\n  b: zwei\nende: Wort\n", (2, 3)),
        ("erst: x\ntext:\n  a: eins\n  b: zwei\nende: Wort\n", (3, 3)),
        ("text:\n  a: eins\n  b: ein Wort\nende: x\n", (3, 10)),
        ("erst: x\ntext:\n  a: eins\n  b: ein Wort\nende: x\n", (4, 10)),
        ("text: {a: eins,\n  b: ein Wort}\nende: x\n", (2, 10)),
        ("text: [eins,\n  zwei]\nende: Wort\n", (1, 7)),
    ],
)
def test_a_word_is_looked_for_in_all_of_a_list_and_no_further(source, place):
    assert read(source).locate(("text",), "Wort") == place


@pytest.mark.parametrize(
    "written, is_text",
    [
        *(("Haus", True), ("'2019'", True), ('"ja"', True), ("|\n    2019", True), (">-\n    no", True)),
        *(("2019", False), ("2019-05-31", False), ("no", False), ("~", False), ("1.5", False)),
    ],
)
@pytest.mark.parametrize("before", ["", "a: x\n", "a: x\nb: y\n"])
def test_what_other_programs_take_for_a_text_is_known(before, written, is_text):
    for key in ("text", "titel"):
        assert read(f"{before}{key}: {written}\nende: x\n").is_text((key,)) is is_text
    assert read(f"{before}liste:\n  - {written}\n").is_text(("liste", 0)) is is_text


def test_what_is_a_block_or_not_there_is_no_text():
    document = read("text:\n  a: b\nliste: []\nleer:\n")
    assert not any(map(document.is_text, [("text",), ("liste",)]))
    assert document.is_text(("text", "a"))


# What is told, with the words that stand in its sentence: code, line, column, values.
@pytest.mark.parametrize("parser", ["libyaml", "python"])
@pytest.mark.parametrize(
    "source, told",
    [
        ("a:\n  b:\n    c: 1\n", [("E111", 3, 5, "2")]),
        ("a:\n  - - 1\n", [("E111", 2, 5, "2")]),
        ("a:\n  b: 1\n", []),
        # What is a key and should not be is read past, up to a depth that nobody writes.
        (f"? {'[' * 20}{']' * 20}\n: x\na: 1\na: 2\n", [("E114", 1, 3), ("E106", 4, 1, "a", "3")]),
        (f"? {'[' * 21}{']' * 21}\n: x\na: 1\na: 2\n", [("E114", 1, 3)]),
        # A blank is missed in this line or the one before, and no further away.
        ("a: |\n  x\n  b:c\nd: 1\ne: f: g\n", [("E118", 5, 5)]),
        ("a: x\nbb: @x\n", [("E121", 2, 5, "@")]),
        # Tabs and escapes are looked for behind a comment, but not in it.
        ("  a: b\tc\n", [("E105", 1, 7)]),
        ("# Hin\tweis\ntitel: Ein\tHaus\n", [("E105", 2, 11)]),
        ('# Hinweis\ntitel: "\\uD800"\n', [("E124", 2, 9)]),
        ("text: |\n  a\tb\nende: c\td\n", [("E105", 3, 8)]),
        ('a: "b\n\\q"\n', [("E124", 2, 1)]),
        # The end of the text is where its last line ends, though parsers count one more.
        ("[", [("E126", 1, 2)]),
        ("abc: 1\nd: [", [("E126", 2, 5)]),
        ("{{", [("E114", 1, 2)]),
        # A quotation left open.
        ('ort: Stadt\ntitel: "Ein Haus\nname: "x"\n', [("E119", 2, 8)]),
        ("ort: Stadt\n\ntitel: 'Ein Haus\nname: 'x'\nb: c\n", [("E119", 3, 8)]),
        ('a: "b"\nlange_zeile: x\n- c: "d\n- e: f"\n', [("E119", 3, 6)]),
        ('a: "b\n  c: d"\ne: "f\n"\n', []),
        # References and marks, with their names.
        ("ort: Stadt\ntitel: *x y\n", [("E107", 2, 8, "x")]),
        ("ort: Stadt\ntitel: * y\n", [("E107", 2, 8, "*")]),
        ("ort: &a&b y\n", [("E107", 1, 6, "&a&b")]),
        ("ort: !foo!bar y\n", [("E109", 1, 6, "!foo!bar")]),
        ("ort: !!str y\n", [("E109", 1, 6, "!!str")]),
        # One finding a conflict.
        ("a: b\n=======\nc: d\n>>>>>>> x\n", [("E128", 2, 1, "=======")]),
        (
            "<<<<<<< a\nx: 1\n=======\nx: 2\n>>>>>>> b\n\n<<<<<<< a\n=======\n>>>>>>> b\n",
            [("E128", 1, 1, "<<<<<<<"), ("E128", 7, 1, "<<<<<<<")],
        ),
        ("a: b\n<<<<<< c\n", [("E120", 2, 1)]),
        ("<<: 1\na: 1\n<<: 2\n", [("E108", 1, 1), ("E108", 3, 1)]),
        ("a: 1\nb: 2\na: 3\na: 4\n", [("E106", 3, 1, "a", "1"), ("E106", 4, 1, "a", "1")]),
        ("? ''\n: x\n", [("E114", 1, 3)]),
        # A line without a colon, wherever it stands.
        ("drei\nvier: 4\n", [("E120", 1, 1)]),
        ("eins: 1\nzwei: 2\ndrei\nvier: 4\n", [("E120", 3, 1)]),
        ("eins: 1\nzwei: 2\ndrei: 3\nvier\nfuenf: 5\n", [("E120", 4, 1)]),
        ('text: "eins\ndrei"\nliste: [a\n', [("E126", 3, 8)]),
        # What the parser stumbles over at the end, or in a line that has its finding, is no second mistake.
        ("titel: !x a\nliste: [a, b\nende: x\n", [("E109", 1, 8, "!x"), ("E126", 2, 8)]),
        ("titel: !x a\nzwei: b\nliste: [a, b", [("E109", 1, 8, "!x")]),
        ("zwei: b\ntitel: !x [a, b\ndrei: c\n", [("E109", 2, 8, "!x")]),
    ],
)
def test_every_mistake_of_a_file_is_told_with_its_place_and_its_words(source, told, parser):
    problems = yamlfile.read(source.encode(), max_depth=2, parser=parser).problems
    found = [(one.code, one.line, one.column, *(value for _, value in one.values)) for one in problems]
    assert found == told


@pytest.mark.parametrize("line", ["a{}: b\tc\n", "a{}: !x b\n", "a{}: *b{}\n"])
def test_of_mistakes_without_end_the_first_are_told_and_that_there_are_more(line):
    def told(count):
        source = "".join(line.format(one, one) for one in range(count))
        return [(one.code, one.line) for one in yamlfile.read(source.encode()).problems]

    most = yamltext.MAX_PROBLEMS
    exactly = told(most)
    assert len(exactly) == most
    assert "E138" not in {code for code, _ in exactly}
    for more in (1, 2, 10):
        assert told(most + more) == [*exactly, ("E138", most + 1)]


@pytest.mark.parametrize(
    "source, place",
    [
        ("a: b # c\n", (1, 6)),
        ("x: y\na: b  # c\n", (2, 7)),
        ('a: "b"# c\n', (1, 7)),
        ("a: #Wort\n", (1, 4)),
        ("a: # Wort\n", None),
        ('a: "b" # c\n', None),
        ("a: |\n  b\n# c\n", None),
        ("a: b\n# c\n", None),
    ],
)
def test_a_comment_that_cuts_a_text_off_has_its_place(source, place):
    assert read(source).marks.comments.get(("a",)) == place


def test_all_mistakes_of_one_file_are_told_at_once():
    document = yamlfile.read(b"titel: !x a\ntitel: &y b\nart: *y\nstand: *z\n<<: c\n")
    assert [(one.code, one.line) for one in document.problems] == [
        ("E109", 1),
        ("E106", 2),
        ("E107", 2),
        ("E107", 4),
        ("E108", 5),
    ]


def test_a_file_as_large_as_allowed_is_read_and_one_byte_more_is_not():
    head = b"titel: "
    assert read(head + b"x" * (yamlfile.MAX_BYTES - len(head))).value
    problem = yamltext.Problem("E103", 1, 1, (("grenze", "256"),))
    assert yamlfile.read(head + b"x" * yamlfile.MAX_BYTES).problems == [problem]


@pytest.fixture
def project(tmp_path):
    return support.lay_out_base(tmp_path)


def read_project(project, cache=None):
    return records.read_all(project, schema.load(project / "data"), cache)


def test_a_preview_reads_again_only_what_changed(project):
    cache = Cache()
    first = read_project(project, cache)
    everything = cache.reads
    assert everything == len(first.files)
    read_project(project, cache)
    assert cache.reads == everything

    file = project / RECORD
    file.write_text(file.read_text("utf-8").replace("Gemeinsames Archiv", "Neues Archiv"), "utf-8")
    (project / "data/submissions/2030/neu.yml").write_text("titel: Neu\n", "utf-8")
    again = read_project(project, cache)
    assert cache.reads == everything + 2
    assert "Neues Archiv" in again.files[RECORD].document.text


def test_a_preview_notices_a_change_that_keeps_the_size(project):
    cache = Cache()
    read_project(project, cache)
    file = project / RECORD
    before = file.stat()
    file.write_text(file.read_text("utf-8").replace("status: zugelassen", "status: zugelasseN"), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert "zugelasseN" in read_project(project, cache).files[RECORD].document.text


def test_a_preview_says_the_same_as_a_first_run(project):
    now = support.day(support.DEFAULT_DAY)
    file = project / RECORD
    file.write_text(file.read_text("utf-8").replace("status: zugelassen", "status: zugelasen"), "utf-8")
    cache = Cache()
    first = build.build(project, "entwurf", now, cache)
    second = build.build(project, "entwurf", now, cache)
    assert first.findings == second.findings == build.build(project, "entwurf", now).findings
    assert first.pages == second.pages


@pytest.mark.parametrize(
    "path, old, new",
    [
        pytest.param(RECORD, "status: zugelassen", "status: zugelasen", id="shape"),
        pytest.param(RECORD, "titel: ", "titel: Anruf unter 02501 123456 ", id="a rule for the record alone"),
        pytest.param(
            "data/reference/kommunen.csv", "Musterstadt", "Mustersdorf", id="a table that others name"
        ),
        pytest.param(
            "data/schema/fall.yml", "{required: true, maxLength: 120}", "{maxLength: 9}", id="description"
        ),
    ],
)
def test_what_has_changed_is_judged_anew(project, path, old, new):
    now, cache = support.day(support.DEFAULT_DAY), Cache()
    file = project / path
    text = file.read_text("utf-8")
    assert old in text
    for written in (text, text.replace(old, new), text):
        file.write_text(written, "utf-8")
        again = build.build(project, "beispiel", now, cache)
        anew = build.build(project, "beispiel", now)
        assert (again.findings, again.pages) == (anew.findings, anew.pages)


def test_read_by_several_processes_it_is_the_same(project, monkeypatch):
    (project / "data/submissions/2030/kaputt.yml").write_text("titel: [\n", "utf-8")
    (project / "data/submissions/2030/locked.yml").symlink_to("archiv.yml")
    file = project / RECORD
    file.write_text(
        file.read_text("utf-8").replace("status: zugelassen", "status: zugelasen # wohl"), "utf-8"
    )
    now = support.day(support.DEFAULT_DAY)
    alone = planning.plan(project, "entwurf", now)
    monkeypatch.setattr(parallel, "FEWEST", 1)
    monkeypatch.setattr(parallel, "_cores", lambda: 3)
    asked = []
    each = parallel.each
    monkeypatch.setattr(
        parallel, "each", lambda work, values: asked.append(len(values)) or each(work, values)
    )
    together = planning.plan(project, "entwurf", now)
    assert together.findings == alone.findings
    assert {"E126", "E116", "E203"} <= {one.code for one in alone.findings}
    assert len([one for one in asked if one > 3]) == 2

    def marks(planned):
        files = planned.checked.reading.files.items()
        return {path: (one.document.value, one.document.marks) for path, one in files}

    assert marks(together) == marks(alone)


def outside(project):
    target = project.parent / "ausserhalb"
    target.mkdir(exist_ok=True)
    (target / "geheim.yml").write_text("titel: GEHEIM\n", "utf-8")
    return target


@pytest.mark.parametrize(
    "where", ["data/submissions/2030/fremd.yml", "data/reference/kategorien.yml", "data/fremd"]
)
def test_a_link_out_of_the_project_is_refused_unread(tmp_path, where):
    project = support.lay_out_base(tmp_path / "projekt")
    target = outside(project)
    link = project / where
    link.unlink(missing_ok=True)
    link.symlink_to(target / "geheim.yml" if where.endswith(".yml") else target)
    outcome = build.build(project, "entwurf", support.day(support.DEFAULT_DAY))
    assert ("E116", where) in [(one.code, one.place.path) for one in outcome.findings]
    assert support.PLANTED not in repr(outcome.findings).casefold()
    assert not [one for one in support.published_text(outcome) if support.PLANTED in one.casefold()]


def test_a_device_is_refused_instead_of_waited_for(project):
    os.mkfifo(project / "data/submissions/2030/rohr.yml")
    reading = read_project(project)
    assert [(one.code, one.place.path) for one in reading.findings] == [
        ("E116", "data/submissions/2030/rohr.yml")
    ]


def test_a_faulty_record_is_left_out_and_the_others_stay(project):
    file = project / "data/cooperations/musikschule.yml"
    shutil.copy(file, file.with_name("zweite.yml"))
    file.write_text(file.read_text("utf-8").replace("beleg: hoch", "beleg: gut"), "utf-8")
    outcome = build.build(project, "entwurf", support.day(support.DEFAULT_DAY))
    assert outcome.failed
    assert outcome.page("kooperationen/musikschule/") is None
    assert outcome.page("kooperationen/zweite/") is not None


# --- the repository's own records ------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["entwurf", "beispiel"])
def test_the_repository_itself_has_no_findings(profile, jetzt):
    outcome = build.build(support.ROOT, profile, jetzt)
    assert outcome.findings == ()
    assert len(outcome.pages) > 100


def test_without_the_operators_data_the_repository_refuses_to_go_public(jetzt):
    findings = planning.check(support.ROOT, "produktion", jetzt).findings
    assert {one.code for one in findings} <= {"E403"}


@pytest.mark.slow
def test_the_same_moment_gives_the_same_site_whatever_the_order_of_sets(starte, jetzt):
    program = (
        "import hashlib, sys; from pathlib import Path; from datetime import datetime; from ikz_award import build\n"
        f"o = build.build(Path({str(support.ROOT)!r}), 'beispiel', datetime.fromisoformat({jetzt.isoformat()!r}))\n"
        "print(hashlib.sha256(repr((o.pages, o.assets, o.findings, o.decisions, o.next_change)).encode()).hexdigest())"
    )
    said = [starte("-c", program, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert said[0].returncode == 0, said[0].stdout
    assert said[0].stdout == said[1].stdout


def test_the_check_takes_its_day_from_the_environment(starte):
    command = (support.ROOT / "scripts/check.py", "--warum", "--profil", "beispiel", "data/submissions")
    before, after = (starte(*command, moment=day) for day in ("2026-06-15T08:59Z", "2026-12-01T12:00Z"))
    assert "gesperrt bis zur Bekanntgabe" in before.stdout
    assert "gesperrt bis zur Bekanntgabe" not in after.stdout


# Some records of each kind, and in each another key: a key at the top, in a block or in a list.
KEY = re.compile(r"^( *(?:- )?)([a-z_]{3,}):")


def real_records():
    found = []
    for folder in ("submissions", "cooperations", "patterns", "reference/editionen"):
        files = sorted((support.ROOT / "data" / folder).rglob("*.yml"))
        found += files[:: 6 if len(files) > 15 else 3]
    return [one.relative_to(support.ROOT).as_posix() for one in found]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return support.copy_repository(tmp_path_factory.mktemp("kopie"))


def places_of_keys(text):
    """Line, column and name of every key, with those inside long texts left out."""
    document = read(text)
    for path, (line, column) in sorted(document.keys.items(), key=lambda one: one[1]):
        if KEY.match(text.split("\n")[line - 1]) and isinstance(path[-1], str):
            yield line, column, path[-1]


@pytest.mark.parametrize("number, path", list(enumerate(real_records())))
def test_a_misspelt_key_in_a_real_record_is_found_where_it_stands(copy, capsys, jetzt, number, path):
    file = copy / path
    original = file.read_text("utf-8")
    keys = list(places_of_keys(original))
    line, column, key = keys[(number * 7) % len(keys)]
    lines = original.split("\n")
    wrong = f"{key[:-1]}x{key[-1]}"
    lines[line - 1] = f"{lines[line - 1][: column - 1]}{wrong}{lines[line - 1][column - 1 + len(key) :]}"
    file.write_text("\n".join(lines), "utf-8")
    try:
        profile = "beispiel" if "/beispiel" in path else "entwurf"
        status = check.main(
            ["--projekt", str(copy), "--format", "json", "--profil", profile, "--heute", f"{jetzt:%Y-%m-%d}"]
        )
    finally:
        file.write_text(original, "utf-8")
    told = [json.loads(one) for one in capsys.readouterr().out.splitlines()]
    assert status == check.FOUND
    assert [(one["code"], one["datei"], one["zeile"], one["spalte"]) for one in told] == [
        ("E201", path, line, column)
    ]
    assert f"„{wrong}“" in told[0]["text"]
    assert f"Meinten Sie „{key}“?" in told[0]["hilfe"]


def test_more_than_twenty_real_records_are_tried():
    assert len(real_records()) >= 20
    assert {Path(one).parts[1] for one in real_records()} == {
        "submissions",
        "cooperations",
        "patterns",
        "reference",
    }


KIT = """\
nachmachen:
  voraussetzungen: Räume.
  schritte: 1. Anfangen.
  aufwand: gering
  stolpersteine: Die Wege sind weit.
ziele: [kosten]
rechtsformen: [oerv_mandatierend]
"""
REFERENCE = sorted(
    one.name for one in (support.BASE / "data/reference").glob("*.*") if one.stem != "betreiber"
)


@pytest.mark.parametrize("name", REFERENCE)
def test_a_missing_list_is_one_finding_and_the_preview_lives(name, tmp_path):
    """Patterns and cases refer to it; what they cannot show they leave out."""
    support.lay_out_base(tmp_path)
    with (tmp_path / "data/patterns/zweigstelle.yml").open("a", encoding="utf-8") as file:
        file.write(KIT)
    (tmp_path / "data/reference" / name).unlink()
    outcome = build.build(tmp_path, "entwurf", support.day(support.DEFAULT_DAY))
    assert [(one.code, one.place.path) for one in outcome.findings] == [("E132", f"data/reference/{name}")]
    assert outcome.page("muster/zweigstelle/")
