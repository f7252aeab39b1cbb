"""New records: what the commands ask, write and refuse, and that a skeleton is a sound record from the first moment."""

from __future__ import annotations

import builtins
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

import check
import drafting
import new_edition
import new_submission
import support
import write_editor_schema
from ikz_award import build, planning, skeleton, vocabulary, yamlfile
from ikz_award.checks import structure
from ikz_award.dates import Moment
from ikz_award.records import RawRecord, Reading
from ikz_award.skeleton import Draft

ROOT = Path(__file__).resolve().parent.parent
NOW = Moment.parse("2026-12-01").begins
SENTENCE = "Zwei Städte teilen sich ein Archiv."
# What is required of every case besides title and sentence.
CASE = (
    *("--federfuehrung", "Stadt Bocholt", "--beteiligt", "Kreis Borken"),
    *("--rechtsform", "zweckverband", "--aufgabenfeld", "archiv"),
)
SOUND = (*CASE, "--kategorie", "krisenbewaeltigung", "--ein-satz", SENTENCE)
OPEN = ["kategorie", "federfuehrung", "rechtsform", "beteiligte", "aufgabenfelder"]


@pytest.fixture(autouse=True)
def zeitpunkt(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))


@pytest.fixture
def kopie(tmp_path) -> Path:
    """The repository's own data with a few of its cooperations: drafts refer to the lists, not to the cases."""
    root = support.copy_repository(tmp_path)
    kept = ("archiv-kreis-lippe", "datenschutz-stormarn", "hwserft")
    cases = [one for one in (root / "data/cooperations").glob("*.yml") if one.stem not in kept]
    for file in (*cases, *(root / "data/uebernahmen").glob("*.yml")):
        file.unlink()
    support.leave_out_map(root)
    return root


def files(root: Path) -> dict[str, bytes]:
    return {one.relative_to(root).as_posix(): one.read_bytes() for one in root.rglob("*") if one.is_file()}


def submission(root: Path, *more: str) -> int:
    return new_submission.main(["--projekt", str(root), "--nicht-fragen", *more])


def edition(root: Path, *more: str) -> int:
    return new_edition.main(["--projekt", str(root), "--nicht-fragen", *more])


def told(answers: list[str], monkeypatch) -> list[str]:
    """Answer questions from a list; returns the prompts as they come."""
    prompts: list[str] = []
    rest = iter(answers)

    def answer(prompt: str = "") -> str:
        prompts.append(prompt)
        try:
            return next(rest)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr(builtins, "input", answer)
    return prompts


def value(file: Path) -> dict:
    document = yamlfile.read(file.read_bytes())
    assert not document.problems
    return document.value


# --- text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title, slug",
    [
        ("Bäder in Köln", "baeder-in-koeln"),
        ("ÄÖÜ äöü ß ẞ", "aeoeue-aeoeue-ss-ss"),
        ("Ba\u0308der", "baeder"),
        ("Café Ærø: 100 % – „neu“!", "cafe-aeroe-100-neu"),
        ("  --a__b--  ", "a-b"),
        ("日本", ""),
        ("wort " * 30, "-".join(["wort"] * 16)),
        ("x" * 100, "x" * 80),
    ],
)
def test_a_short_name_is_made_from_a_title(title, slug):
    assert skeleton.slug_from(title, 80) == slug


@given(st.text(max_size=150))
def test_a_short_name_is_always_a_valid_one(title):
    slug = skeleton.slug_from(title, 80)
    assert len(slug) <= 80
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug)
    assert skeleton.slug_from(slug, 80) == slug


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60))
def test_a_value_is_read_back_as_it_was_given(text):
    line = " ".join(text.split())
    document = yamlfile.read(f"titel: {skeleton.scalar(line)}\n".encode())
    if document.problems:
        # Control characters are nobody's title; the program refuses them.
        assert {one.code for one in document.problems} == {"E102"}
    else:
        assert document.value == {"titel": line}


@pytest.mark.parametrize(
    "word", ["true", "no", "null", "off", "y", "~", "", "1e5", "0x1F", "- a", "a: b", "# x", "12:30"]
)
def test_words_that_other_programs_would_take_for_something_else_are_quoted(word):
    assert skeleton.scalar(word).startswith('"')


@pytest.mark.parametrize(
    "word", ["entwurf", "bewerbung.ende", "05554008", "2026-02-09", "2026-02-09T14:30+01:00"]
)
def test_codes_and_dates_stay_plain(word):
    assert skeleton.scalar(word) == word


def uncommented(text: str) -> str:
    """Take the ``#`` in front of every key away, as an editor would; explanations have one blank behind theirs."""
    return re.sub(r"^( *)#(?! \S)", r"\1", text, flags=re.MULTILINE)


def bare(kind_name: str) -> tuple[vocabulary.RecordKind, vocabulary.Vocabulary, str]:
    known = vocabulary.read(ROOT)[0]
    kind = known.kind(kind_name)
    return kind, known, skeleton.render(kind, known, Draft())


KINDS = ["einreichung", "kooperation", "edition", "muster"]


@pytest.mark.parametrize("name", KINDS)
def test_a_skeleton_names_every_key_in_the_order_of_the_description(name):
    kind, known, text = bare(name)
    document = yamlfile.read(uncommented(text).encode())
    assert not document.problems
    keys = [
        ".".join(map(str, path)) for path in document.keys if not any(isinstance(part, int) for part in path)
    ]
    fields = [one.name for one in kind.fields]
    lists = [one.list_key for one in known.description.children(kind.table.name)]
    assert [key for key in keys if key in fields] == fields
    assert {*fields, *lists} <= set(keys)
    for child in known.description.children(kind.table.name):
        if not child.value_list:
            row = {path[2] for path in document.keys if path[:2] == (child.list_key, 0) and len(path) > 2}
            assert row == {one.name for one in child.fields}


@pytest.mark.parametrize("name", KINDS)
def test_a_skeleton_has_no_key_in_a_wrong_place(name):
    kind, known, text = bare(name)
    for version in (text, uncommented(text)):
        document = yamlfile.read(version.encode())
        record = RawRecord(kind.table.name, "data/probe.yml", {"art": kind.kind}, document)
        codes = {one.code for one in structure.check(Reading(records=[record]), known.description)}
        # Not known key, wrong level, wrong shape, or a key that belongs to another kind or to the path.
        assert not codes & {"E201", "E213", "E214", "E218", "E219"}


@pytest.mark.parametrize("name", KINDS)
def test_a_skeleton_explains_every_field(name):
    kind, known, text = bare(name)
    flat = re.sub(r"\n *# ", " ", text)
    for one in kind.fields:
        assert one.title in flat
        assert " ".join(one.description.split()) in flat
        assert all(code in flat for code in known.allowed(kind.table, one, kind.kind))
    for child in known.description.children(kind.table.name):
        for one in child.fields:
            assert all(code in flat for code in known.allowed(child, one, kind.kind))


@pytest.mark.parametrize("name", KINDS)
def test_a_skeleton_is_easy_to_read(name):
    _, _, text = bare(name)
    assert text.startswith("# yaml-language-server: $schema=../")
    assert max(len(line) for line in text.splitlines()) <= 110
    assert not re.search(r"[ \t]$|\n\n\n|\t", text, re.MULTILINE)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


# --- submissions ---------------------------------------------------------------------------------------------------

HOSTILE = [
    'Das „gute“ "Archiv" mit \\ und \'',
    "&lt;script&gt; & {{ 7*7 }} # kein Kommentar",
    "&anker *verweis !typ %direktive @x `y`",
    "no",
]


# Each takes a whole conversation with its checks; that every text comes back as it was given, a property shows above.
@pytest.mark.parametrize("title", HOSTILE)
def test_a_submission_with_any_title_is_sound_from_the_start(kopie, title, capsys):
    assert submission(kopie, "--durchgang", "2026", "--titel", title, "--slug", "probe", *SOUND) == 0
    file = kopie / "data/submissions/2026/probe.yml"
    assert value(file)["titel"] == " ".join(title.split())
    assert value(file)["status"] == "entwurf"
    assert "Die Prüfung hat nichts beanstandet." in capsys.readouterr().out
    assert check.main(["--projekt", str(kopie), str(file)]) == 0


def test_brackets_in_a_title_are_refused_at_once(kopie, capsys):
    title = "<script>alert(1)</script> & Co."
    assert submission(kopie, "--durchgang", "2026", "--titel", title, "--slug", "probe", *SOUND) == 2
    assert "enthält „<“ oder „>“" in capsys.readouterr().err
    assert not (kopie / "data/submissions/2026/probe.yml").exists()


def test_a_new_submission_is_not_public(kopie):
    assert submission(kopie, "--durchgang", "2026", "--titel", "Neu", *SOUND) == 0
    decisions = {one.path: one for one in build.build(kopie, "entwurf", NOW).decisions}
    assert not decisions["data/submissions/2026/neu.yml"].published
    assert "entwurf" in decisions["data/submissions/2026/neu.yml"].reason


def test_what_is_given_stands_there_and_the_rest_stays_open(kopie, capsys):
    given = [
        "--durchgang",
        "2026",
        "--titel",
        "Feuerwehr",
        "--kategorie",
        "krisenbewaeltigung",
        "--ein-satz",
        SENTENCE,
    ]
    parties = [
        "--federfuehrung",
        "Stadt Bocholt",
        "--beteiligt",
        "Kreis Borken",
        "--beteiligt",
        "Gemeinde Anderswo",
    ]
    assert submission(kopie, *given, *parties, "--aufgabenfeld", "feuerwehr") == 0
    found = value(kopie / "data/submissions/2026/feuerwehr.yml")
    assert found == {
        "titel": "Feuerwehr",
        "status": "entwurf",
        "kategorie": "krisenbewaeltigung",
        "federfuehrung": "Stadt Bocholt",
        "ein_satz": SENTENCE,
        "beteiligte": [
            {"name": "Stadt Bocholt", "ags": "05554008", "art": "kommune"},
            {"name": "Kreis Borken", "ags": "05554000", "art": "kreis"},
            {"name": "Gemeinde Anderswo", "art": "kommune"},
        ],
        "aufgabenfelder": ["feuerwehr"],
        # Nobody has looked for it yet, so it is not called unknown.
        "rechtsform": "",
    }
    assert "Noch auszufüllen: rechtsform\n" in capsys.readouterr().out


def test_nothing_is_called_unknown_that_nobody_has_looked_for(kopie, capsys):
    for args in (["--durchgang", "2026"], ["--art", "kooperation"]):
        assert submission(kopie, *args, "--titel", "Archiv", "--slug", args[1]) == 0
    for path in ("submissions/2026/2026", "cooperations/kooperation"):
        found = value(kopie / f"data/{path}.yml")
        assert "unbekannt" not in found
        assert {key for key, content in found.items() if content == ""} >= set(OPEN[1:])
    assert (
        f"Noch auszufüllen: {', '.join(OPEN[:3])}, ein_satz, {', '.join(OPEN[3:])}" in capsys.readouterr().out
    )


def test_whoever_has_looked_in_vain_says_so_and_the_check_is_content(kopie):
    args = [one for one in SOUND if one not in {"--rechtsform", "zweckverband"}]
    assert submission(kopie, "--durchgang", "2026", "--titel", "Archiv", *args) == 0
    file = kopie / "data/submissions/2026/archiv.yml"
    assert check.main(["--projekt", str(kopie), str(file)]) == 1
    text = file.read_text("utf-8").replace("\nrechtsform:\n", "\n")
    file.write_text(re.sub(r"#unbekannt:\n  #- .*", "unbekannt:\n  - rechtsform", text), "utf-8")
    assert check.main(["--projekt", str(kopie), str(file)]) == 0


def test_a_skeleton_pleases_the_editors_schema(kopie):
    assert submission(kopie, "--durchgang", "2026", "--titel", "Archiv", *SOUND) == 0
    assert (
        edition(kopie, "--schluessel", "2028", "--beginn", "2027-12-01", "--ende", "2028-02-09T12:00+01:00")
        == 0
    )
    for path, name in (("submissions/2026/archiv", "einreichung"), ("reference/editionen/2028", "edition")):
        file = kopie / f"data/{path}.yml"
        named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", file.read_text("utf-8"))
        assert named
        schema = (file.parent / named[1]).resolve()
        assert schema == kopie / f"data/schema/editor/{name}.schema.json"
        found = value(file)
        if name == "edition":
            found["nummer"] = int(found["nummer"])
        assert list(Draft7Validator(json.loads(schema.read_text("utf-8"))).iter_errors(found)) == []


def test_what_is_still_open_is_said_at_the_end(kopie, capsys):
    assert submission(kopie, "--durchgang", "2026", "--titel", "Archiv") == 0
    said = capsys.readouterr().out
    assert "Noch offen:\ndata/submissions/2026/archiv.yml:" in said
    assert "E202 in „In einem Satz“" in said
    assert "in „Rechtsform“: „rechtsform“ fehlt." in said
    assert set(re.findall(r"E\d{3}", said)) <= drafting.MISSING
    assert len(re.findall(r"E\d{3}", said)) == len(OPEN) + 1


def test_a_rule_of_the_edition_that_speaks_against_it_is_said_at_the_end(kopie, capsys):
    args = [
        "--durchgang",
        "2022",
        "--titel",
        "Allein",
        "--ein-satz",
        SENTENCE,
        *(one for one in CASE if one not in {"--beteiligt", "Kreis Borken"}),
        *("--kategorie", "pflichtaufgaben-innere-verwaltung"),
    ]
    assert submission(kopie, *args) == 0
    assert re.findall(r"E\d{3}", capsys.readouterr().out) == ["E301"]


def test_a_cooperation_is_open_until_it_has_a_source(kopie, capsys):
    args = ["--art", "kooperation", "--titel", "Archiv am Fluss", *CASE, "--ein-satz", SENTENCE]
    assert submission(kopie, *args) == 0
    assert re.findall(r"E\d{3}", capsys.readouterr().out) == ["E316"]
    (kopie / "data/cooperations/archiv-am-fluss.yml").unlink()
    assert submission(kopie, *args, "--slug", "zwei", "--quelle", "https://beispiel.example/a") == 0
    assert "nichts beanstandet" in capsys.readouterr().out
    file = kopie / "data/cooperations/zwei.yml"
    assert value(file)["quellen"] == [{"adresse": "https://beispiel.example/a"}]
    text = file.read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schema/editor/kooperation.schema.json\n")
    assert not re.search(r"^#?(status|kategorie|einwilligung):", text, re.MULTILINE)


def test_nothing_is_ever_overwritten(kopie, capsys):
    args = ["--durchgang", "2026", "--titel", "Bäder", "--ein-satz", SENTENCE]
    assert submission(kopie, *args) == 0
    before = files(kopie)
    assert submission(kopie, *args, "--slug", "baeder") == 2
    assert "„baeder“ gibt es schon: data/submissions/2026/baeder.yml" in capsys.readouterr().err
    assert files(kopie) == before
    # Without a name of its own the next free one is taken.
    assert submission(kopie, *args) == 0
    assert set(files(kopie)) - set(before) == {"data/submissions/2026/baeder-2.yml"}


def test_a_short_name_is_taken_by_any_other_case_since_they_share_addresses(kopie, capsys):
    args = ["--durchgang", "2026", "--titel", "X", "--ein-satz", SENTENCE, "--slug"]
    assert submission(kopie, *args, "hwserft") == 2
    assert "data/cooperations/hwserft.yml" in capsys.readouterr().err
    assert submission(kopie, *args, "index") == 2


@pytest.mark.parametrize(
    "args, words",
    [
        (["--titel", "X"], "--durchgang fehlt"),
        (["--durchgang", "2026"], "--titel fehlt"),
        (["--durchgang", "2062", "--titel", "X"], "Meinten Sie „2026“?"),
        (
            ["--durchgang", "2026", "--titel", "X", "--kategorie", "krisenbewältigung"],
            "Meinten Sie „krisenbewaeltigung“?",
        ),
        (
            ["--durchgang", "2022", "--titel", "X", "--kategorie", "shared-service-center"],
            "gibt es in diesem Durchgang nicht",
        ),
        (
            ["--durchgang", "2026", "--titel", "X", "--rechtsform", "zweckverbnad"],
            "Meinten Sie „zweckverband“?",
        ),
        (["--durchgang", "2026", "--titel", "X", "--aufgabenfeld", "feuerwer"], "Meinten Sie „feuerwehr“?"),
        (["--durchgang", "2026", "--titel", "X", "--slug", "Groß"], "nur Kleinbuchstaben"),
        (["--durchgang", "2026", "--titel", "X" * 121], "121 Zeichen"),
        (["--durchgang", "2026", "--titel", "X", "--ein-satz", "wort " * 26], "26 Wörter"),
        (["--durchgang", "2026", "--titel", "X", "--ein-satz", "Fragen an a.b@c.example."], "E-Mail-Adresse"),
        (["--durchgang", "2026", "--titel", "X", "--federfuehrung", "F" * 161], "161 Zeichen"),
        (["--durchgang", "2026", "--titel", "X", "--beteiligt", "F" * 161], "161 Zeichen"),
        (
            ["--durchgang", "2026", "--titel", "X", "--quelle", "beispiel.example"],
            "keine vollständige Adresse",
        ),
        (["--durchgang", "2026", "--titel", "日本"], "bitte mit --slug angeben"),
        (["--durchgang", "2026", "--titel", "a\u202eb"], "U+202E"),
        (["--durchgang", "2026", "--titel", "a\udcff"], "UTF-8"),
        (["--art", "kooperation", "--titel", "X", "--durchgang", "2026"], "nur bei Einreichungen"),
    ],
)
def test_a_wrong_answer_on_the_command_line_is_refused_in_german(kopie, capsys, args, words):
    before = files(kopie)
    assert submission(kopie, *args) == 2
    said = capsys.readouterr().err
    assert said.startswith("Nichts geschrieben. ")
    assert words in said
    assert files(kopie) == before


def test_a_conversation_asks_again_until_the_answer_fits(kopie, monkeypatch, capsys):
    answers = [
        *("2062", "?", "1"),
        *("", "Gemeinsame Bäder"),
        *("hwserft", ""),
        *("kriesenbewaeltigung", "?", "6"),
        *("Stadt Bocholt", "Kreis Borken", "Bäder GmbH", ""),
        *("firma", "kommunales-unternehmen"),
        *("zweckverbnad", "zweckverband"),
        *("wort " * 26, SENTENCE),
        *("feuerwehr, energi", "feuerwehr, energie"),
    ]
    prompts = told(answers, monkeypatch)
    assert new_submission.main(["--projekt", str(kopie)]) == 0
    assert len(prompts) == len(answers)
    said = capsys.readouterr().out
    for words in (
        "Meinten Sie „2026“?",
        "Meinten Sie „krisenbewaeltigung“?",
        "Ohne diese Angabe geht es nicht.",
        "26 Wörter",
    ):
        assert words in said
    found = value(kopie / "data/submissions/2026/gemeinsame-baeder.yml")
    assert found["kategorie"] == "krisenbewaeltigung"
    assert found["beteiligte"][2] == {"name": "Bäder GmbH", "art": "kommunales-unternehmen"}
    assert found["rechtsform"] == "zweckverband"
    assert found["aufgabenfelder"] == ["feuerwehr", "energie"]
    assert "unbekannt" not in found


def test_whoever_only_presses_enter_gets_a_record_with_open_ends(kopie, monkeypatch, capsys):
    told(["", "Archiv", "", "", "", "", "", SENTENCE, ""], monkeypatch)
    assert new_submission.main(["--projekt", str(kopie)]) == 0
    said = capsys.readouterr().out
    assert f"Noch auszufüllen: {', '.join(OPEN)}\n" in said
    assert f"{len(OPEN)} Fehler, 0 Warnungen" in said
    found = value(kopie / "data/submissions/2026/archiv.yml")
    assert [name for name in OPEN if found[name] == ""] == OPEN
    assert "unbekannt" not in found


@pytest.mark.parametrize("module, answers", [(new_submission, 9), (new_edition, 6)])
@pytest.mark.parametrize("error, status", [(KeyboardInterrupt, 130), (EOFError, 2)])
def test_leaving_at_any_question_writes_nothing(kopie, monkeypatch, capsys, module, answers, error, status):
    before = files(kopie)
    script = (
        ["", "Archiv", "", "", "", "", "", SENTENCE] if module is new_submission else ["", "", "2028", "", ""]
    )
    assert len(script) == answers - 1
    for left in range(answers):

        def stop(rest: Iterator[str]):
            def answer(_: str = "") -> str:
                for one in rest:
                    return one
                raise error

            return answer

        monkeypatch.setattr(builtins, "input", stop(iter(script[:left])))
        assert module.main(["--projekt", str(kopie)]) == status
        assert "Abgebrochen, nichts geschrieben." in capsys.readouterr().err
        assert files(kopie) == before


def test_without_a_terminal_it_says_how_to_go_on(kopie, starte):
    run = starte("scripts/new_submission.py", "--projekt", kopie)
    assert run.returncode == 2
    assert "--nicht-fragen" in run.stdout
    assert "Traceback" not in run.stdout


@pytest.mark.parametrize("module", [new_submission, new_edition, write_editor_schema])
def test_the_command_line_speaks_german(module, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["befehl.py"])
    with pytest.raises(SystemExit) as left:
        module.main(["--hilfe"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith("Aufruf: ")
    assert "usage" not in said
    for wrong in (["--gibt-es-nicht"], ["--projekt"], ["überzählig"]):
        with pytest.raises(SystemExit) as left:
            module.main(wrong)
        assert left.value.code == 2
        said = capsys.readouterr().err
        assert re.match("Unbekannte Angabe|Hinter --projekt fehlt", said)


# --- editions ------------------------------------------------------------------------------------------------------


def test_a_new_edition_passes_the_check_and_has_its_pages(kopie, capsys):
    assert edition(kopie, "--beginn", "2027-12-01", "--ende", "2028-02-09") == 0
    assert "nichts beanstandet" in capsys.readouterr().out
    assert check.main(["--projekt", str(kopie)]) == 0
    outcome = build.build(kopie, "entwurf", NOW)
    assert not outcome.failed
    for address in ("ausschreibung/2028/", "teilnahmebedingungen/2028/", "preistraeger/2028/"):
        page = outcome.page(address)
        assert page is not None
        assert "3. Landespreis (2027/28)" in page.title
    assert outcome.catalogue is not None
    assert outcome.catalogue.current is not None
    assert outcome.catalogue.current.key == "2028"


def test_a_new_edition_takes_over_the_categories_and_nothing_else(kopie):
    assert edition(kopie, "--schluessel", "2028", "--ende", "2028-02-09") == 0
    found = value(kopie / "data/reference/editionen/2028.yml")
    previous = value(kopie / "data/reference/editionen/2026.yml")
    assert found["nummer"] == "3"
    assert found["titel"] == previous["titel"].replace("2.", "3.", 1)
    assert found["kurz"] == "3. Landespreis (2028)"
    assert found["kategorien"] == [{"kategorie": row["kategorie"]} for row in previous["kategorien"]]
    assert set(found) == {"nummer", "titel", "kurz", "bewerbung", "kategorien", "unbekannt"}
    assert found["bewerbung"] == {"ende": "2028-02-09"}
    known = vocabulary.read(kopie)[0]
    names = {one.name for one in known.description["editionen"].fields if one.unknown_allowed}
    assert set(found["unbekannt"]) == names - {"bewerbung.ende"} | {"kriterien", "jury"}


def test_no_rule_is_confirmed_in_a_new_edition_and_it_says_why(kopie):
    assert edition(kopie, "--schluessel", "2028") == 0
    text = (kopie / "data/reference/editionen/2028.yml").read_text("utf-8")
    assert "Noch ist keine Regel bestätigt" in text
    assert "Aus einem früheren Durchgang wird keine übernommen." in re.sub(r"\n# ", " ", text)
    data = planning.check(kopie, "entwurf", NOW).data
    assert data.editions["2028"].rules == {}
    assert not any(one.special for one in data.editions["2028"].categories)


def test_everything_known_about_an_edition_can_be_given(kopie):
    args = {
        "schluessel": "2030",
        "nummer": "7",
        "beginn": "2029-12-01T08:00+01:00",
        "ende": "2030-02-09T12:00+01:00",
        "titel": 'Preis: der „siebte“ "neu"',
        "kurz": "Siebter Preis",
        "bekanntgabe": "2030-06-01T11:00+02:00",
        "stichtag": "2024-09-01",
        "preisgeld": "12000",
        "adresse": "https://beispiel.example/bewerbung",
        "ausgelobt-von": "Ministerium & Co.",
    }
    assert edition(kopie, *(part for name, text in args.items() for part in (f"--{name}", text))) == 0
    found = value(kopie / "data/reference/editionen/2030.yml")
    assert found["bewerbung"] == {"beginn": args["beginn"], "ende": args["ende"], "adresse": args["adresse"]}
    assert (found["titel"], found["preisgeld_euro"]) == (args["titel"], "12000")
    assert found["ausgelobt_von"] == "Ministerium & Co."
    assert found["unbekannt"] == [
        "anzahl_einreichungen",
        "kontakt.telefon",
        "kontakt.email",
        "kriterien",
        "jury",
    ]
    assert check.main(["--projekt", str(kopie)]) == 0


@pytest.mark.parametrize(
    "args, words",
    [
        ([], "--schluessel fehlt"),
        (["--schluessel", "2026"], "Den Durchgang „2026“ gibt es schon"),
        (["--schluessel", "Zwei Acht"], "nur Kleinbuchstaben"),
        (["--schluessel", "2028", "--nummer", "2"], "hat schon data/reference/editionen/2026.yml"),
        (["--schluessel", "2028", "--nummer", "99"], "hat schon data/reference/editionen/beispiel.yml"),
        (["--schluessel", "2028", "--nummer", "drei"], "keine ganze Zahl"),
        (["--schluessel", "2028", "--nummer", "0"], "mindestens 1"),
        (["--schluessel", "2028", "--beginn", "1.12.2027"], "Tag schreiben (2026-02-09)"),
        (["--schluessel", "2028", "--ende", "2028-02-30"], "Tag schreiben (2026-02-09)"),
        (["--schluessel", "2028", "--beginn", "2028-02-09", "--ende", "2027-12-01"], "muss nach dem Beginn"),
        (["--schluessel", "2028", "--ende", "2028-02-09", "--bekanntgabe", "2028-01-01"], "Bekanntgabe"),
        (["--schluessel", "2028", "--preisgeld", "10.000 Euro"], "keine ganze Zahl"),
        (["--schluessel", "2028", "--adresse", "beispiel"], "keine vollständige Adresse"),
    ],
)
def test_a_wrong_statement_about_an_edition_is_refused_in_german(kopie, capsys, args, words):
    before = files(kopie)
    assert edition(kopie, *args) == 2
    said = capsys.readouterr().err
    assert said.startswith("Nichts geschrieben. ")
    assert words in said
    assert files(kopie) == before


def test_the_names_of_an_edition_follow_from_its_dates(kopie, monkeypatch):
    prompts = told(["2027-12-01", "2028-02-09", "", "", "", ""], monkeypatch)
    assert new_edition.main(["--projekt", str(kopie)]) == 0
    assert [one.rpartition("[")[2] for one in prompts[2:]] == [
        "2028]: ",
        "3]: ",
        "3. Landespreis für innovative interkommunale Zusammenarbeit in Nordrhein-Westfalen]: ",
        "3. Landespreis (2027/28)]: ",
    ]
    assert (kopie / "data/reference/editionen/2028.yml").exists()


def test_a_submission_can_follow_a_new_edition_at_once(kopie, capsys):
    assert edition(kopie, "--schluessel", "2028") == 0
    assert submission(kopie, "--durchgang", "2028", "--titel", "Erste", "--ein-satz", SENTENCE) == 0
    assert "nichts beanstandet" in capsys.readouterr().out
    assert (kopie / "data/submissions/2028/erste.yml").exists()


def test_a_new_edition_leaves_the_editors_schema_up_to_date(kopie, starte):
    assert edition(kopie, "--schluessel", "2028") == 0
    assert starte("scripts/write_editor_schema.py", "--pruefen", "--projekt", kopie).returncode == 0


# --- writing -------------------------------------------------------------------------------------------------------


def test_writing_refuses_what_is_there_and_leaves_nothing_behind(tmp_path):
    file = tmp_path / "neu" / "a.yml"
    drafting._write_new(file, b"eins\n")
    with pytest.raises(drafting.Refusal, match=r"a\.yml gibt es schon"):
        drafting._write_new(file, b"zwei\n")
    assert files(tmp_path) == {"neu/a.yml": b"eins\n"}


def test_writing_works_where_there_are_no_links(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    drafting._write_new(tmp_path / "a.yml", b"eins\n")
    with pytest.raises(drafting.Refusal):
        drafting._write_new(tmp_path / "a.yml", b"zwei\n")
    assert files(tmp_path) == {"a.yml": b"eins\n"}


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "ordner").write_text("keiner")
    with pytest.raises(drafting.Refusal, match="lässt sich nicht beschreiben"):
        drafting._write_new(tmp_path / "ordner" / "a.yml", b"eins\n")
    assert files(tmp_path) == {"ordner": b"keiner"}


def test_a_broken_description_is_a_sentence(kopie, capsys):
    (kopie / "data/schema/fall.yml").write_text("fields: [\n")
    assert submission(kopie, "--durchgang", "2026", "--titel", "X") == 2
    assert "Die Beschreibung der Daten ist nicht lesbar" in capsys.readouterr().err


def test_an_unreadable_list_of_codes_is_a_sentence(kopie, capsys):
    (kopie / "data/reference/editionen/2026.yml").write_text("nummer: [\n")
    before = files(kopie)
    for command in (submission, edition):
        assert command(kopie, "--titel", "X") == 2
        assert "Nicht lesbar: editionen." in capsys.readouterr().err
    assert files(kopie) == before


def test_a_wrong_clock_is_a_sentence(kopie, capsys, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "gestern")
    for command in (submission, edition):
        assert command(kopie) == 2
        assert "SOURCE_DATE_EPOCH ist keine Zahl, die einen Zeitpunkt nennt." in capsys.readouterr().err
