"""The commands: what they refuse, that they lose nothing, and that whatever goes wrong is a German sentence."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

import build_site
import change_due
import check
import command_line
import derive_municipalities
import export_pages
import host_words
import new_submission
import release
import serve
import settings
import support
from ikz_award import report, schema
from release import Workplace

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted(
    one.name
    for one in (ROOT / "scripts").glob("*.py")
    if "__main__" in one.read_text(encoding="utf-8") and one.name != "bootstrap.py"
)
MARK = json.dumps({"naechste_aenderung": None, "gebaut_fuer": "2026-12-01T00:00:00+01:00"})


@pytest.fixture(autouse=True)
def zeitpunkt(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(support.day(support.DEFAULT_DAY).timestamp())))
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def projekt(tmp_path) -> Path:
    """The small, correct project, with settings."""
    root = support.lay_out_base(tmp_path / "projekt")
    shutil.copy(ROOT / "mkdocs.yml", root)
    return root


@pytest.fixture
def gebaut(monkeypatch) -> SimpleNamespace:
    """The generator writes one page; ``status`` is what it returns, ``gate`` what the last look says of it, ``meanwhile`` what
    happens at the same time."""
    state = SimpleNamespace(status=0, gate=0, meanwhile=lambda: None)

    def generate(_generator: str, _root: Path, place: Workplace, *_: object) -> int:
        site = place.fresh
        (site / "daten").mkdir(parents=True)
        (site / "index.html").write_text("new")
        (site / "naechste-aenderung.json").write_text(MARK)
        state.meanwhile()
        return state.status

    monkeypatch.setattr(build_site, "_generate", generate)
    monkeypatch.setattr(build_site, "_gate", lambda *_: state.gate)
    return state


def tree(folder: Path) -> dict[str, bytes]:
    return {
        one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()
    }


def site(root: Path, *more: object) -> int:
    return build_site.main(["--projekt", str(root), *map(str, more)])


def old_site(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("old")
    (folder / "naechste-aenderung.json").write_text(MARK)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


# --- the target of a site


@pytest.mark.parametrize(
    "target",
    [
        ".",
        "..",
        "../..",
        "/",
        *("data", "data/neu", "content", "content/muster/site", "plugins", "plugins/neu"),
        *("tests/site", "scripts", ".git", ".git/neu", ".github/site", ".venv"),
    ],
)
def test_no_part_of_the_project_is_ever_replaced(projekt, gebaut, capsys, target):
    # Even with the file of a built site in them.
    (projekt / "naechste-aenderung.json").write_text(MARK)
    before = tree(projekt.parent)
    assert site(projekt, "--ziel", projekt / target) == 2
    assert "bitte einen anderen Ordner nennen" in capsys.readouterr().err
    assert tree(projekt.parent) == before


def test_a_link_into_the_project_does_not_help(projekt, gebaut, tmp_path):
    (tmp_path / "link").symlink_to(projekt / "data")
    before = tree(projekt)
    assert site(projekt, "--ziel", tmp_path / "link") == 2
    assert tree(projekt) == before


def test_a_link_that_leads_to_itself_is_a_sentence(projekt, gebaut, tmp_path, capsys):
    (tmp_path / "kreis").symlink_to("kreis")
    assert site(projekt, "--ziel", tmp_path / "kreis") == 2
    assert check.main(["--projekt", str(projekt), str(tmp_path / "kreis")]) == 2
    assert capsys.readouterr().err.count("kreis“ ist ein Verweis, der zu sich selbst zurückführt.") == 2


def test_only_an_empty_folder_or_a_built_site_is_replaced(projekt, gebaut, tmp_path, capsys):
    other = tmp_path / "documents"
    other.mkdir()
    assert site(projekt, "--ziel", other) == 0
    assert (other / "index.html").read_text() == "new"

    (other / "index.html").write_text("old")
    assert site(projekt, "--ziel", other) == 0
    assert (other / "index.html").read_text() == "new"

    for foreign in ('{"version": 1}', "[]", "no JSON"):
        (other / "naechste-aenderung.json").write_text(foreign)
        before = tree(other)
        assert site(projekt, "--ziel", other) == 2
        assert "enthält etwas anderes als eine gebaute Website" in capsys.readouterr().err
        assert tree(other) == before

    (other / "naechste-aenderung.json").unlink()
    assert site(projekt, "--ziel", other) == 2
    assert (other / "index.html").exists()


def test_a_site_under_version_control_is_not_replaced(projekt, gebaut, tmp_path):
    target = old_site(tmp_path / "site")
    (target / ".git").mkdir()
    assert site(projekt, "--ziel", target) == 2
    assert (target / "index.html").read_text() == "old"


def test_what_comes_into_the_target_during_the_build_is_not_lost(projekt, gebaut, tmp_path):
    target = tmp_path / "site"
    target.mkdir()
    gebaut.meanwhile = lambda: (target / "mine.txt").write_text("mine")
    assert site(projekt, "--ziel", target) == 2
    assert names(target) == ["mine.txt"]


def test_a_file_is_no_target(projekt, gebaut, tmp_path, capsys):
    (tmp_path / "site").write_text("mine")
    assert site(projekt, "--ziel", tmp_path / "site") == 2
    assert "ist kein Ordner" in capsys.readouterr().err
    assert site(projekt, "--ziel", tmp_path / "site/inside") == 2
    assert "Traceback" not in capsys.readouterr().err
    assert (tmp_path / "site").read_text() == "mine"


def test_a_failed_build_leaves_the_old_site(projekt, gebaut, tmp_path):
    target = old_site(tmp_path / "out/site")
    gebaut.status = 1
    assert site(projekt, "--ziel", target) == 1
    assert (target / "index.html").read_text() == "old"
    assert names(target.parent) == ["site"]


def test_a_site_that_does_not_pass_the_last_look_is_not_put_in_place(projekt, gebaut, tmp_path, capsys):
    target = old_site(tmp_path / "out/site")
    gebaut.gate = 1
    assert site(projekt, "--ziel", target) == 1
    assert "die vorhandene Website bleibt, wie sie ist" in capsys.readouterr().err
    assert (target / "index.html").read_text() == "old"
    assert names(target.parent) == ["site"]


@pytest.mark.parametrize("error", [OSError(18, "Invalid cross-device link"), KeyboardInterrupt()])
def test_a_switch_that_fails_leaves_the_old_site(projekt, gebaut, tmp_path, monkeypatch, capsys, error):
    target = old_site(tmp_path / "out/site")

    def fail(*_: object) -> bool:
        raise error

    monkeypatch.setattr(release, "exchange", fail)
    assert site(projekt, "--ziel", target) in {2, 130}
    assert "Traceback" not in capsys.readouterr().err
    assert (target / "index.html").read_text() == "old"
    assert names(target.parent) == ["site"]


def test_a_run_that_has_waited_long_enough_says_so_and_ends(projekt, gebaut, tmp_path, capsys):
    target = old_site(tmp_path / "out/site")
    with release.workplace(target, 0, lambda: None):
        assert site(projekt, "--ziel", target, "--warten", 0) == 2
    said = capsys.readouterr().err
    assert "Ein anderer Lauf baut gerade nach site/; gewartet wird auf sein Ende." in said
    assert "Ein anderer Lauf baut schon länger als 0 Sekunden" in said
    assert (target / "index.html").read_text() == "old"
    assert names(target.parent) == ["site"]


def test_a_link_in_place_of_the_usual_folder_stays_one(projekt, gebaut, tmp_path):
    old_site(tmp_path / "served")
    (projekt / "site").symlink_to(tmp_path / "served")
    assert site(projekt) == 0
    assert (projekt / "site").is_symlink()
    assert (tmp_path / "served/index.html").read_text() == "new"
    assert site(projekt, "--profil", "beispiel", "--ziel", tmp_path / "served") == 2


def test_the_fictional_edition_never_gets_into_the_usual_folder(projekt, gebaut, capsys):
    assert site(projekt) == 0
    (projekt / "site/index.html").write_text("real")
    assert site(projekt, "--profil", "beispiel") == 0
    assert (projekt / "site-beispiel/index.html").read_text() == "new"
    assert (projekt / "site/index.html").read_text() == "real"
    assert "in site-beispiel/ (beispiel)" in capsys.readouterr().out
    assert site(projekt, "--profil", "beispiel", "--ziel", projekt / "site") == 2
    assert (projekt / "site/index.html").read_text() == "real"


def test_both_folders_are_left_out_of_version_control():
    command = ["git", "check-ignore", "site/a", "site-beispiel/a", ".site.bau/a", ".site-beispiel.bau/a"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert len(done.stdout.splitlines()) == 4


# --- the same for all commands


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_command_has_german_help_and_german_errors(name, starte):
    script = ROOT / "scripts" / name
    for option in ("--hilfe", "--help"):
        done = starte(script, option)
        assert done.returncode == 0
        assert done.stdout.startswith(f"Aufruf: {name}")
        assert not re.search(r"usage|options:|show this|positional", done.stdout)
    done = starte(script, "--gibt-es-nicht", "x", "y", "z")
    assert done.returncode == 2
    assert re.search(r"Unbekannte Angabe: |Es fehlt: ", done.stdout)
    assert "Traceback" not in done.stdout


def test_commands_were_found():
    assert {"build_site.py", "check.py", "serve.py", "change_due.py", "derive_municipalities.py"} <= set(
        SCRIPTS
    )


@pytest.mark.parametrize("module", [build_site, check, serve])
@pytest.mark.parametrize("wrong", ["Entwurf", ""])
def test_an_unknown_profile_is_a_sentence(module, wrong, capsys):
    with pytest.raises(SystemExit) as left:
        module.main(["--profil", wrong])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert f"PROFIL „{wrong}“ gibt es nicht; möglich sind entwurf, beispiel, produktion." in said


def test_make_check_checks_the_profile_it_is_given(starte):
    done = subprocess.run(
        ["make", "check", "PROFIL=probe"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 2
    assert "PROFIL „probe“ gibt es nicht" in done.stderr


def test_a_folder_that_cannot_be_written_is_a_sentence(projekt, gebaut, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    inside = tmp_path / "file/inside"
    assert site(projekt, "--ziel", inside) == 2
    assert capsys.readouterr().err.startswith("Nicht gebaut; die vorhandene Website bleibt, wie sie ist. ")
    assert export_pages.main(["--projekt", str(projekt), str(inside)]) == 2
    assert capsys.readouterr().err.startswith("Nichts geschrieben. ")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_table_that_cannot_be_written_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(derive_municipalities, "rows", lambda _: [])
    assert derive_municipalities.main([str(tmp_path), "--ziel", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"Nichts geschrieben. „{tmp_path}“: ist ein Ordner.\n"


def test_the_question_about_a_build_needs_no_set_up():
    command = [sys._base_executable, "-S", "scripts/change_due.py", "/gibt/es/nicht.json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (0, "ja\n")
    assert "gibt es nicht" in done.stderr


def test_an_answer_that_cannot_be_passed_on_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path))
    assert change_due.main(["/gibt/es/nicht.json"]) == 2
    assert "Die Antwort ließ sich nicht weitergeben." in capsys.readouterr().err


@pytest.fixture
def published() -> Iterator[SimpleNamespace]:
    """A server with one answer to every question."""
    state = SimpleNamespace(status=200, body=MARK.encode(), announced=None)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if state.status is None:
                self.wfile.write(b"SSH-2.0-Probe\r\n\r\n")
                return
            self.send_response(state.status)
            self.send_header("Content-Length", str(state.announced or len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *_: object):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        state.address = f"http://127.0.0.1:{server.server_port}/naechste-aenderung.json"
        yield state
        server.shutdown()
        thread.join()


def due(capsys, *arguments: str) -> tuple[str, str]:
    """Answer and reason."""
    assert change_due.main(list(arguments)) == 0
    said = capsys.readouterr()
    return said.out.strip(), said.err.strip()


@pytest.mark.parametrize("status", [404, 410])
def test_where_nothing_is_published_no_build_is_due(published, capsys, status):
    published.status = status
    answer, reason = due(capsys, published.address)
    assert answer == "nein"
    assert reason.startswith(f"Unter „{published.address}“ ist noch nichts veröffentlicht. ")
    assert "nicht der Zeitplan" in reason


def test_the_first_build_can_be_asked_for(published, capsys):
    published.status = 404
    answer, reason = due(capsys, "--auch-erstmals", published.address)
    assert answer == "ja"
    assert "zum ersten Mal" in reason


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_any_other_trouble_of_the_server_builds(published, capsys, status):
    published.status = status
    answer, reason = due(capsys, published.address)
    assert answer == "ja"
    assert str(status) in reason
    assert "Vorsichtshalber wird neu gebaut." in reason


@pytest.mark.parametrize(
    "body", [b"", b"<html>Anmelden</html>", b"[]", b'{"naechste_aenderung": null}', b"\xff"]
)
def test_an_answer_of_another_form_builds(published, capsys, body):
    published.body = body
    answer, reason = due(capsys, published.address)
    assert answer == "ja"
    assert "hat nicht die erwartete Form" in reason


def test_an_answer_that_breaks_off_builds(published, capsys):
    published.body, published.announced = MARK.encode()[:-1], len(MARK)
    assert due(capsys, published.address)[0] == "ja"


def test_a_server_that_speaks_something_else_builds(published, capsys):
    published.status = None
    answer, reason = due(capsys, published.address)
    assert answer == "ja"
    assert "ist nicht lesbar" in reason


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/naechste-aenderung.json", "http://", "/gibt/es/nicht.json"]
)
def test_an_address_nobody_answers_at_builds(capsys, address):
    answer, reason = due(capsys, address)
    assert answer == "ja"
    assert "Vorsichtshalber wird neu gebaut." in reason


@pytest.mark.parametrize(
    "change, answer",
    [
        (None, "nein"),
        ("2026-06-15T11:00:00+02:00", "ja"),
        ("2026-06-15T11:00:01+02:00", "nein"),
        ("2026-06-15T09:00:00+00:00", "ja"),
    ],
)
def test_a_build_is_due_once_the_named_moment_has_passed(published, capsys, change, answer):
    published.body = json.dumps(
        {"naechste_aenderung": change, "gebaut_fuer": "2026-01-01T00:00:00+01:00"}
    ).encode()
    assert due(capsys, "--jetzt", "2026-06-15T11:00:00+02:00", published.address) == (answer, "")


def test_a_workflow_gets_the_answer_and_its_reader_the_reason(published, capsys, tmp_path, monkeypatch):
    output, summary = tmp_path / "output", tmp_path / "summary"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert due(capsys, published.address) == ("nein", "")
    assert not summary.exists()
    published.status = 404
    _, reason = due(capsys, published.address)
    assert output.read_text(encoding="utf-8") == "faellig=nein\nfaellig=nein\n"
    assert summary.read_text(encoding="utf-8") == f"{reason}\n"


def test_whoever_stops_reading_gets_no_traceback():
    command = f"{sys.executable} scripts/check.py --warum | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


# --- the check


@pytest.mark.parametrize(
    "path", ["README.md", "scripts", "scripts/check.py", "data/reference/kommunen.quelle.yml"]
)
def test_where_nothing_is_checked_the_check_says_so(path, capsys):
    assert check.main([str(ROOT / path)]) == 2
    assert (
        "wird nicht geprüft; geprüft wird, was unter data/ und content/ liegt, und mkdocs.yml."
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "path", ["data", "content/faq.md", "data/cooperations/musikschule.yml", "mkdocs.yml", "."]
)
def test_what_is_checked_may_be_named(projekt, capsys, path):
    (projekt / "content").mkdir(exist_ok=True)
    (projekt / "content/faq.md").write_text("---\ntitle: Fragen\n---\n\n# Fragen\n")
    check.main(["--projekt", str(projekt), str(projekt / path)])
    assert "wird nicht geprüft" not in capsys.readouterr().err


def test_why_a_record_with_errors_is_not_public(projekt, capsys):
    file = projekt / "data/cooperations/musikschule.yml"
    text = file.read_text(encoding="utf-8")
    line = text[: text.index("ein_satz:")].count("\n") + 1
    file.write_text(
        text.replace("ein_satz:", "#ein_satz:", 1).replace("titel:", "titl:", 1), encoding="utf-8"
    )
    assert check.main(["--projekt", str(projekt), "--warum"]) == 1
    said = capsys.readouterr().out
    found = re.search(
        r"^data/cooperations/musikschule\.yml: nicht öffentlich – Fehler (.*)$", said, re.MULTILINE
    )
    assert found
    assert re.fullmatch(r"E\d{3} \(Zeile \d+\), E\d{3} \(Zeile \d+\)", found[1])
    assert "E201" in found[1]
    assert "E202" in found[1]
    assert line > 1


def test_every_case_has_a_reason(projekt, capsys):
    # Also those of an edition that cannot be read.
    edition = next((projekt / "data/reference/editionen").glob("*.yml"))
    edition.write_text("nummer: zwei\n", encoding="utf-8")
    cases = [*(projekt / "data/cooperations").glob("*.yml"), *(projekt / "data/submissions").glob("*/*.yml")]
    assert len(cases) > 1
    check.main(["--projekt", str(projekt), "--warum"])
    said = capsys.readouterr().out
    for case in cases:
        path = case.relative_to(projekt).as_posix()
        assert len(re.findall(rf"^{re.escape(path)}: (?:nicht )?öffentlich – ", said, re.MULTILINE)) == 1, (
            path
        )
    assert "nicht öffentlich – ein Fehler in den Daten, auf die er sich bezieht" in said


@pytest.mark.parametrize("form", sorted(report.FORMATS))
def test_what_a_machine_reads_holds_findings_alone(tmp_path, capsys, form):
    support.lay_out_base(tmp_path)
    options = ["--projekt", str(tmp_path), "--heute", support.DEFAULT_DAY, "--format", form]
    assert check.main(options) == 0
    alone = capsys.readouterr().out
    assert check.main([*options, "--warum"]) == 0
    said = capsys.readouterr()
    reasons = said.out.removesuffix(alone) if form == "text" else said.err
    assert "data/submissions/2030/archiv.yml: öffentlich – " in reasons
    assert form == "text" or said.out == alone


@pytest.mark.parametrize(
    "name, text, status",
    [
        ("data/.DS_Store", "", 0),
        ("content/faq.md", "---\ntitle: Fragen\n---\n\n# Fragen\n", 1),
    ],
    ids=["note", "warning"],
)
def test_strict_counts_warnings_but_no_notes(tmp_path, capsys, name, text, status):
    support.lay_out_base(tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    options = ["--projekt", str(tmp_path), "--heute", support.DEFAULT_DAY]
    assert check.main(options) == 0
    assert "Keine Befunde." not in capsys.readouterr().out
    assert check.main([*options, "--strict"]) == status


# --- the description of the data


def broken(projekt: Path, name: str, old: str, new: str) -> str:
    """What is said about a description with one mistake."""
    file = projekt / "data" / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(schema.DescriptionError) as caught:
        schema.load(projekt / "data")
    return str(caught.value)


@pytest.mark.parametrize(
    "name, old, new, words",
    [
        ("schema/fall.yml", "fields:", "fields: [", "Ab hier ist die Datei nicht lesbar"),
        ("schema/fall.yml", "fields:", "felder:", "Hier fehlt „fields“."),
        ("schema/fall.yml", "sichtbarkeit: intern", "sichtbarkeit: intren", "„intren“ gibt es nicht"),
        ("schema/fall.yml", "woerter: 25", "woerter: viele", "„woerter“ ist keine ganze Zahl."),
        ("schema/fall.yml", "title: Titel", "titel: Titel", "Hier fehlt „title“."),
        ("schema/fall.yml", "reference: {resource", "referenz: {resource", "Hier fehlt „reference“."),
        ("datapackage.yml", "resources:", "tabellen:", "Hier fehlt „resources“."),
        ("datapackage.yml", "mindestens: 1", "mindestens: eins", "„mindestens“ ist keine ganze Zahl."),
        (
            "datapackage.yml",
            "schema: schema/fall.yml",
            "schema: schema/weg.yml",
            "„data/schema/weg.yml“ fehlt.",
        ),
    ],
)
def test_a_mistake_in_the_description_is_a_sentence_with_its_place(projekt, name, old, new, words):
    said = broken(projekt, name, old, new)
    assert re.match(rf"data/{re.escape(name)}:\d+:\d+: ", said)
    assert words in said
    assert str(projekt) not in said
    assert said.endswith((".", ")."))


def test_the_place_of_a_mistake_is_its_line(projekt):
    text = (projekt / "data/schema/fall.yml").read_text(encoding="utf-8")
    line = text[: text.index("woerter: 25")].count("\n") + 1
    said = broken(projekt, "schema/fall.yml", "woerter: 25", "woerter: viele")
    assert said.startswith(f"data/schema/fall.yml:{line}:5: ")


@pytest.mark.parametrize("name", ["datapackage.yml", "schema/fall.yml"])
def test_a_missing_file_of_the_description_is_a_sentence(projekt, name, capsys):
    (projekt / "data" / name).unlink()
    for command in (check, build_site):
        assert command.main(["--projekt", str(projekt)]) == 2
        said = capsys.readouterr().err
        assert f"Die Datei „data/{name}“ fehlt." in said
        assert "data/datapackage.yml:" in said
        assert str(projekt) not in said


def test_a_broken_description_is_told_with_what_helps(projekt, capsys):
    file = projekt / "data/schema/fall.yml"
    file.write_text("fields: [\n", encoding="utf-8")
    arguments = ["--projekt", str(projekt), "--nicht-fragen", "--titel", "X"]
    for command, more in ((check, arguments[:2]), (new_submission, arguments)):
        assert command.main(more) == 2
        said = capsys.readouterr().err
        assert re.search(
            r": data/schema/fall\.yml:\d+:\d+: Ab hier ist die Datei nicht lesbar \(E126\)\. ", said
        )
        assert "Eine Klammer wird hier geöffnet und nicht richtig geschlossen." in said


# --- the preview


@pytest.fixture
def belegt():
    """A port somebody else listens on."""
    with socket.socket() as one:
        one.bind((serve.HOST, 0))
        one.listen()
        yield one.getsockname()[1]


def test_a_taken_port_is_replaced_by_the_next_free_one(belegt, monkeypatch, capsys):
    monkeypatch.setattr(serve, "PORT", belegt)
    port = serve._free(None)
    assert belegt < port < belegt + serve.TRIES
    assert (
        capsys.readouterr().out
        == f"Port {belegt} ist belegt; die Vorschau läuft unter http://127.0.0.1:{port}/\n"
    )


def test_a_taken_port_that_was_asked_for_is_refused_with_a_hint(belegt):
    with pytest.raises(command_line.Refusal, match=rf"make serve PORT={belegt + 1}"):
        serve._free(belegt)


@pytest.mark.parametrize("wrong", ["achtzig", "0", "65536", "-1", "８０００"])
def test_a_port_that_is_none_is_a_sentence(wrong, capsys):
    with pytest.raises(SystemExit) as left:
        serve.main([f"--port={wrong}"])
    assert left.value.code == 2
    assert f"PORT „{wrong}“ gibt es nicht" in capsys.readouterr().err


@pytest.mark.parametrize(
    "old, new, place, words",
    [
        ("  name: material", "  name: [material", "11:9", "Eine Klammer wird hier geöffnet"),
        ("docs_dir: content", "docs_dir: texte", "4:", "docs_dir"),
        ("  - ikz-award:", "  - gibt-es-nicht\n  - ikz-award:", "", "gibt-es-nicht"),
        ("site_name: ", "\tsite_name: ", "2:", "Tabulator"),
    ],
)
def test_broken_settings_are_a_sentence_with_their_place(projekt, capsys, old, new, place, words):
    file = projekt / "mkdocs.yml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert serve.main(["--projekt", str(projekt)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Keine Vorschau. mkdocs.yml:{place}")
    assert words in said
    assert "Traceback" not in said


def test_missing_settings_are_a_sentence(projekt, capsys):
    (projekt / "mkdocs.yml").unlink()
    assert serve.main(["--projekt", str(projekt)]) == 2
    assert capsys.readouterr().err == "Keine Vorschau. mkdocs.yml fehlt.\n"
    assert site(projekt) == 2


def test_the_projects_own_settings_are_usable(monkeypatch):
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    settings.demand_usable(ROOT)


def test_a_wrong_clock_is_a_sentence_before_anything_starts(projekt, monkeypatch, capsys):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "gestern")
    assert serve.main(["--projekt", str(projekt)]) == 2
    assert (
        capsys.readouterr().err
        == "Keine Vorschau. SOURCE_DATE_EPOCH ist keine Zahl, die einen Zeitpunkt nennt.\n"
    )


# --- what the host says


def test_only_what_is_worth_saying_is_told_of_a_build_that_went_well():
    log = "INFO    -  Cleaning site directory\nINFO    -  ikz-award: Warnung: Es dauert länger.\nWarnung: fremd\n"
    assert host_words.said_anyway(log) == "Warnung: Es dauert länger.\n"


def test_of_an_error_nobody_had_foreseen_the_last_line_is_told(tmp_path):
    trace = 'Traceback (most recent call last):\n  File "x.py", line 3, in f\n    g()\n    ^^^\n'
    log = f"INFO    -  Building\n{trace}ValueError: Invalid IPv6 URL\n\nDuring handling of the above exception, another exception occurred:\n\n{trace}OSError: [Errno 28] No space left on device\n"
    assert host_words.in_german(log, tmp_path).split("\n") == [
        "Der Seitengenerator ist abgebrochen. ValueError: Invalid IPv6 URL.",
        "",
        "Der Seitengenerator ist abgebrochen. Der Datenträger ist voll.",
        "",
    ]


def test_the_host_is_told_in_german_with_the_place_and_the_rest_as_it_is(tmp_path):
    page = tmp_path / "content/faq.md"
    page.parent.mkdir()
    page.write_text("# Fragen\n\nSiehe [dort](#nix).\n", encoding="utf-8")
    log = (
        "INFO    -  Building documentation...\n"
        "WARNING -  Doc file 'faq.md' contains a link '#nix', but there is no such anchor on this page.\n"
        "WARNING -  Doc file 'muster/x.md' contains a link 'y.md#z', but the doc 'y.md' does not contain an anchor '#z'.\n"
        "WARNING -  Something nobody foresaw\n"
    )
    assert host_words.in_german(log, tmp_path).splitlines() == [
        "content/faq.md:3:14: Der Verweis „#nix“ nennt eine Überschrift, die es auf der Seite nicht gibt.",
        "content/muster/x.md:1:1: Der Verweis „y.md#z“ nennt eine Überschrift, die es dort nicht gibt.",
        "WARNING -  Something nobody foresaw",
    ]
