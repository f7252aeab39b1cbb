"""The JSON Schema for editors: sound, up to date, as strict as JSON Schema can be, and never stricter on a good record."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

import support
from ikz_award import editor_schema, planning, vocabulary, yamlfile
from ikz_award.checks import rules, structure
from ikz_award.records import RawRecord, Reading
from ikz_award.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parent.parent
EDITOR = ROOT / "data/schema/editor"
PROGRAM = ROOT / "scripts/write_editor_schema.py"

# What the check finds in these cases needs more than the shape of one value: counting words, the calendar, another
# file, a second entry. A key of eight digits reaches editors as a number.
BEYOND_JSON_SCHEMA = {
    "E2-aufbau/gemeindeschluessel-kurz",
    "E2-aufbau/kategorie-doppelt",
    "E2-aufbau/kategorie-zweimal",
    "E2-aufbau/kommune-unbekannt",
    "E2-aufbau/satz-zu-lang",
    "E2-aufbau/zeitangabe-unmoeglich",
}
# A key whose value editors read as nothing is marked there, although the check takes it as the text „null“ or „~“.
MARKED_AS_EMPTY = {"in-ordnung/norwegen": {"ziel", "umsetzung"}}


class CoreLoader(yaml.SafeLoader):
    """YAML as editors read it: the types of the core schema of YAML 1.2, so ``ja`` and a date are texts."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML wants it so


CoreLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), None)
CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), None
)
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), None)
CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$"), None
)
# A leading zero does not make an octal number there.
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


def as_an_editor_reads(text: str) -> object:
    return yaml.load(text, Loader=CoreLoader)  # noqa: S506 - derived from the safe loader


@cache
def the_vocabulary() -> Vocabulary:
    return vocabulary.read(ROOT)[0]


@cache
def committed(name: str) -> Draft7Validator:
    return Draft7Validator(json.loads((EDITOR / f"{name}.schema.json").read_text("utf-8")))


def complaints(validator: Draft7Validator, text: str) -> list[str]:
    return [
        f"{list(one.absolute_path)}: {one.message}" for one in validator.iter_errors(as_an_editor_reads(text))
    ]


RECORDS = sorted(
    path
    for kind in vocabulary.kinds(the_vocabulary().description)
    for path in (ROOT / "data").glob(re.sub(r"\{\w+\}", "*", kind.pattern))
)


def kind_of(path: str, known: Vocabulary) -> vocabulary.RecordKind:
    for one in vocabulary.kinds(known.description):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.pattern), path.removeprefix("data/")):
            return one
    raise LookupError(path)


def test_the_committed_files_are_what_the_data_say():
    stale = sorted(editor_schema.outdated(ROOT, the_vocabulary()))
    assert not stale, "bitte „make editor-schema“ ausführen"


@pytest.mark.parametrize("name", [one.name for one in vocabulary.kinds(the_vocabulary().description)])
def test_every_file_is_a_sound_schema(name):
    document = json.loads((EDITOR / f"{name}.schema.json").read_text("utf-8"))
    Draft7Validator.check_schema(document)
    assert document["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_files_do_not_depend_on_the_run(starte, seed):
    assert starte(PROGRAM, "--pruefen", PYTHONHASHSEED=seed).returncode == 0


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_record_is_accepted(file):
    kind = kind_of(file.relative_to(ROOT).as_posix(), the_vocabulary())
    assert complaints(committed(kind.name), file.read_text("utf-8")) == []


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_record_names_its_own_schema(file):
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", file.read_text("utf-8"))
    kind = kind_of(file.relative_to(ROOT).as_posix(), the_vocabulary())
    assert named
    assert named[1] == kind.schema_link
    assert (file.parent / named[1]).resolve() == ROOT / "data" / kind.schema_file
    assert (file.parent / named[1]).is_file()


CASES = [one for one in support.all_cases() if one.folder.parent.name in {"E2-aufbau", "in-ordnung"}]


def marked_by_schema(case: support.Case, root: Path) -> dict[str, set[str]]:
    """Top-level keys that the schemas of a case's own project mark, by file; nothing for a sound file."""
    known, reading = vocabulary.read(root)
    schemas = {path: json.loads(text) for path, text in editor_schema.generate(known).items()}
    marked = {}
    for path, record in reading.files.items():
        if path.endswith(".yml"):
            validator = Draft7Validator(schemas[kind_of(path, known).schema_file])
            errors = list(validator.iter_errors(as_an_editor_reads(record.document.text)))
            if errors:
                marked[path] = {str(part) for one in errors for part in list(one.absolute_path)[:1]}
    return marked


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_rejects_what_the_check_calls_wrongly_built_and_nothing_else(case, tmp_path):
    case.lay_out(tmp_path)
    findings = planning.check(tmp_path, case.profile, case.now).findings
    faulty = {one.place.path for one in findings if one.code.startswith("E2")}
    marked = marked_by_schema(case, tmp_path)
    if str(case) in BEYOND_JSON_SCHEMA:
        assert (set(marked), bool(faulty)) == (set(), True)
    elif str(case) in MARKED_AS_EMPTY:
        assert (list(marked.values()), faulty) == ([MARKED_AS_EMPTY[str(case)]], set())
    else:
        assert set(marked) == faulty


def test_the_exceptions_are_cases():
    assert {str(one) for one in CASES} >= BEYOND_JSON_SCHEMA | set(MARKED_AS_EMPTY)


SOUND = """\
titel: 2019
status: entwurf
ein_satz: Zwei Städte teilen sich ein Archiv.
beteiligte: [{name: Stadt Beispielstadt, art: kommune}]
aufgabenfelder: [archiv]
unbekannt: [kategorie, federfuehrung, rechtsform]
"""


@pytest.mark.parametrize(
    "line",
    [
        "vereinbart_am: 2019",
        "vereinbart_am: 2019-05",
        'vereinbart_am: "2019-05-31"',
        "eingereicht_am: 2026-02-09",
        "eingereicht_am: 2026-02-09T14:30+01:00",
        "einwilligung: {veroeffentlichung: ja, bilder: nein}",
        "wirkung: [{groesse: Ersparnis, wert: 45}]",
        "wirkung: [{groesse: Ersparnis, wert: 4.5}]",
        "links: [{titel: Seite, adresse: mailto:info@beispiel.example}]",
        'anlass: ""',
        "anlass: |\n  Eine Liste:\n\n  - eins\n  - zwei",
        "weitere_auszeichnung: >\n  Ein Preis,\n  in zwei Zeilen geschrieben",
    ],
)
def test_what_editors_write_is_accepted(line):
    assert complaints(committed("einreichung"), SOUND + line) == []


@pytest.mark.parametrize(
    "line",
    [
        "vereinbart_am: 19",
        "vereinbart_am: Mai 2019",
        "vereinbart_am: 2019-5",
        "eingereicht_am: 2026-02-09 14:30",
        "einwilligung: {veroeffentlichung: true}",
        "einwilligung: ja",
        "links: [{titel: Seite, adresse: beispiel.example}]",
        "links: [{titel: Seite}]",
        "links: {titel: Seite, adresse: https://beispiel.example}",
        "muster: [arbeitsteilung, arbeitsteilung]",
        "anlass: [eins]",
        "anlass:",
        "stand: läuft",
        "kategorie: krisenbewaeltigung",
        "slug: anders",
        "weitere_auszeichnung: |\n  Ein Preis\n  in zwei Zeilen",
        "kontakt: {telefon: '1', fax: '2'}",
    ],
)
def test_what_the_check_would_refuse_is_marked(line):
    assert complaints(committed("einreichung"), SOUND + line)


def test_a_required_value_may_be_unknown_only_where_the_description_says_so():
    validator = committed("einreichung")
    assert complaints(validator, SOUND) == []
    assert complaints(validator, SOUND.replace(", rechtsform", ""))
    assert complaints(validator, SOUND.replace("aufgabenfelder: [archiv]\n", ""))
    assert complaints(validator, SOUND.replace("rechtsform]", "rechtsform, aufgabenfelder]"))
    assert complaints(validator, SOUND.replace("[kategorie,", "[ein_satz, kategorie,"))
    assert complaints(validator, re.sub(r"ein_satz: .*\n", "", SOUND))


def test_a_required_value_inside_a_block_is_asked_for():
    head = "nummer: 3\ntitel: Drei\nkurz: Drei\nkategorien: [{kategorie: krisenbewaeltigung}]\nunbekannt: [stichtag]\n"
    start = f"{head}bewerbung:\n  beginn: 2027-12-01\n"
    validator = committed("edition")
    assert complaints(validator, f"{start}  ende: 2028-02-01\n") == []
    assert complaints(validator, start)
    assert complaints(validator, start.replace("[stichtag]", "[stichtag, bewerbung.ende]")) == []
    assert complaints(validator, start.replace("[stichtag]", "[stichtag, bewerbung.beginn, bewerbung.ende]"))


def test_a_cooperation_knows_no_key_of_a_submission():
    only_there = {one.path[0] for one in the_vocabulary().description["faelle"].fields if one.only_for}
    keys = set(committed("kooperation").schema["properties"])
    assert only_there - keys == {
        "auszeichnung",
        "einwilligung",
        "eingereicht_am",
        "kategorie",
        "kontakt",
        "status",
    }
    assert only_there & keys == {"intern"}
    assert "jury" not in committed("kooperation").schema["properties"]["intern"]["properties"]


def test_codes_are_offered_with_their_german_names():
    field = committed("einreichung").schema["properties"]["kategorie"]
    offered = dict(zip(field["enum"], field["enumDescriptions"], strict=True))
    rows = as_an_editor_reads((ROOT / "data/reference/kategorien.yml").read_text("utf-8"))
    assert offered == {row["schluessel"]: row["titel"] for row in rows}
    patterns = committed("einreichung").schema["properties"]["muster"]["items"]
    assert patterns["enum"] == sorted(file.stem for file in (ROOT / "data/patterns").glob("*.yml"))
    status = committed("einreichung").schema["properties"]["status"]
    assert "Zurückgezogen" in status["enumDescriptions"]


def test_an_edition_can_name_exactly_the_rules_that_can_be_confirmed():
    rule = committed("edition").schema["properties"]["regeln"]["items"]["properties"]["regel"]
    assert set(rule["enum"]) == rules.confirmable_names()


@pytest.mark.parametrize(
    "kind, list_key",
    [("einreichung", "unbekannt"), ("edition", "unbekannt"), ("edition", "ohne_einwilligung")],
)
def test_a_list_of_keys_offers_exactly_what_the_check_accepts(kind, list_key):
    known = the_vocabulary()
    table = known.kind(kind).table
    everything = [
        name
        for one in known.description.tables
        if one.name in {table.name, "faelle"}
        for name in (
            *(field.name for field in one.fields),
            *(child.list_key for child in known.description.children(one.name)),
        )
    ]
    document = yamlfile.read(
        f"{list_key}:\n".encode() + b"".join(b"  - %s\n" % name.encode() for name in everything)
    )
    record = RawRecord(table.name, "data/probe.yml", {"art": kind}, document)
    findings = structure.check(Reading(records=[record]), known.description)
    refused = {one.values["wert"] for one in findings if one.code == "E219"}
    offered = committed(kind).schema["properties"][list_key]["items"]["enum"]
    assert set(everything) - refused == set(offered)


def test_messages_for_editors_are_whole_german_sentences():
    def walk(node: object):
        if isinstance(node, dict):
            yield from (text for key, text in node.items() if key in {"errorMessage", "patternErrorMessage"})
            for inner in node.values():
                yield from walk(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from walk(inner)

    for file in EDITOR.glob("*.json"):
        messages = set(walk(json.loads(file.read_text("utf-8"))))
        assert messages
        # A value that a sentence lacks would be an ellipsis.
        assert not [one for one in messages if "…" in one or not one.strip()]


@pytest.fixture
def kopie(tmp_path) -> Path:
    return support.copy_repository(tmp_path)


def test_a_new_category_makes_the_files_outdated_until_they_are_written(kopie, starte):
    with (kopie / "data/reference/kategorien.yml").open("a", encoding="utf-8") as file:
        file.write('- schluessel: probe\n  titel: "Probe"\n  kurz: "Zur Probe."\n')
    before = (kopie / "data/schema/editor/muster.schema.json").read_bytes()
    checked = starte(PROGRAM, "--pruefen", "--projekt", kopie)
    assert checked.returncode == 1
    assert "Veraltet: data/schema/editor/einreichung.schema.json" in checked.stdout
    assert "muster.schema.json" not in checked.stdout
    assert starte(PROGRAM, "--projekt", kopie).returncode == 0
    written = json.loads((kopie / "data/schema/editor/einreichung.schema.json").read_text("utf-8"))
    assert "probe" in written["properties"]["kategorie"]["enum"]
    assert (kopie / "data/schema/editor/muster.schema.json").read_bytes() == before
    assert "auf dem Stand" in starte(PROGRAM, "--pruefen", "--projekt", kopie).stdout


def test_a_file_that_nobody_needs_any_more_is_removed(kopie, starte):
    stale = kopie / "data/schema/editor/alt.schema.json"
    shutil.copy(kopie / "data/schema/editor/muster.schema.json", stale)
    assert starte(PROGRAM, "--projekt", kopie).returncode == 0
    assert not stale.exists()
    assert (kopie / "data/schema/editor/muster.schema.json").exists()


def test_nothing_is_written_from_data_that_cannot_be_read(kopie, starte):
    (kopie / "data/reference/rechtsformen.yml").write_text("- code: [\n", encoding="utf-8")
    before = {file: file.read_bytes() for file in (kopie / "data/schema/editor").iterdir()}
    run = starte(PROGRAM, "--projekt", kopie)
    assert run.returncode == 2
    assert "rechtsformen" in run.stdout
    assert {file: file.read_bytes() for file in (kopie / "data/schema/editor").iterdir()} == before
