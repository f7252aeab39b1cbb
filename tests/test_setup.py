"""The set-up: what it says when something is missing, and that the documentation names only what there is."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from ikz_award import yamlfile

ROOT = Path(__file__).resolve().parent.parent
BOOTSTRAP = ROOT / "scripts/bootstrap.py"


def run(
    folder: Path, *options: str, before: str = "pass", path: str | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Start a copy of the set-up in a folder of its own, with a sentence of Python before it."""
    start = f"import sys, runpy; {before}; sys.argv = ['bootstrap.py', *sys.argv[1:]]; runpy.run_path({str(folder / 'scripts/bootstrap.py')!r}, run_name='__main__')"
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in {"CHROMIUM", "PIP_INDEX_URL", "PYTHONPATH"}
    }
    environment["PATH"] = environment["PATH"] if path is None else path
    return subprocess.run(
        [sys._base_executable, "-c", start, *options],
        cwd=folder,
        env=environment | {"PYTHONUTF8": "1"} | more,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path) -> Path:
    """An empty project that has only its set-up and its locks."""
    (tmp_path / "scripts").mkdir()
    shutil.copy2(BOOTSTRAP, tmp_path / "scripts")
    for one in ("requirements-site.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy2(ROOT / one, tmp_path)
    return tmp_path


def clear(done: subprocess.CompletedProcess[str]) -> str:
    """What a failed set-up said; it has to be a sentence and no traceback."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Fehler: ") or "\nFehler: " in done.stderr
    return done.stderr


OLD = "sys.version_info = (3, 9, 2, 'final', 0)"


def test_an_old_python_is_told_which_one_is_needed(folder):
    said = clear(run(folder, before=OLD, path=str(folder)))
    assert "Python 3.11 oder neuer" in said
    assert "ist Python 3.9" in said
    assert "PYTHON=/pfad/zu/python3" in said
    assert not (folder / ".venv").exists()


def test_an_old_python_is_told_of_a_newer_one_nearby(folder):
    tools = folder / "tools"
    tools.mkdir()
    (tools / "python3.14").symlink_to(Path(sys._base_executable).resolve())
    said = clear(run(folder, before=OLD, path=str(tools)))
    assert "make site PYTHON=python3.14" in said


def test_an_old_python_can_read_the_file_at_all():
    """No syntax younger than Python 2.7 apart from names: otherwise there is a syntax error instead of a sentence."""
    text = BOOTSTRAP.read_text(encoding="utf-8")
    compile(text, "bootstrap.py", "exec", dont_inherit=True)
    assert not re.search(
        r"\bf[\"']|:=|->(?! \w+$)|^\s*(async |match |@\w+\.setter)|\bnonlocal\b",
        re.sub(r"#.*", "", text),
        re.MULTILINE,
    )
    ast.parse(text, feature_version=(3, 4))


def test_a_python_without_venv_is_told_what_to_install(folder):
    hide = "import importlib.util as u; find = u.find_spec; u.find_spec = lambda name, *more: None if name == 'ensurepip' else find(name, *more)"
    said = clear(run(folder, before=hide))
    assert "python3-venv" in said
    assert not (folder / ".venv").exists()


def test_a_browser_that_is_not_there_is_named(folder, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(folder / "no-browser"))
    with pytest.raises(bootstrap.SetupError, match="no-browser"):
        bootstrap.find_browser()


def test_a_browser_that_is_only_a_placeholder_does_not_count(folder, monkeypatch):
    for name in bootstrap.BROWSERS:
        program = folder / name
        program.write_text("#!/bin/sh\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(bootstrap, "MAC_BROWSERS", ())
    assert bootstrap.find_browser() == ""


@pytest.mark.parametrize(
    "output, sign",
    [
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "Prüfsumme"),
        ("npm error code EINTEGRITY", "Prüfsumme"),
        ("Failed to establish a new connection", "nicht erreichbar"),
        ("No space left on device", "Datenträger ist voll"),
        ("something else", "Meldung darunter[^$]*something else"),
    ],
)
def test_a_failed_step_says_why(monkeypatch, capsys, output, sign):
    monkeypatch.setattr(bootstrap, "attempt", lambda *_: (1, f"first line\n{output}"))
    with pytest.raises(bootstrap.SetupError, match=sign) as caught:
        bootstrap.run(["anything"], "Die Installation")
    assert str(caught.value).startswith("Die Installation ist fehlgeschlagen. ")
    # What the program said comes behind the sentence, and in full only on request.
    assert "first line" not in str(caught.value).splitlines()[0]
    assert caught.value.output == f"first line\n{output}"


def test_help_is_german(folder):
    for option in ("--help", "--hilfe"):
        done = run(folder, option)
        assert done.returncode == 0
        assert done.stdout.startswith("Aufruf:")
        assert not re.search(r"usage|options:|show this", done.stdout)


@pytest.mark.parametrize(
    "options, words",
    [
        (["--gruppe", "alles"], "'alles' ist nicht möglich; erlaubt: 'dev', 'site'"),
        (["--gruppe"], "Hinter --gruppe fehlt der Wert"),
        (["--gibt-es-nicht"], "Unbekannte Angabe: --gibt-es-nicht"),
    ],
)
def test_a_wrong_option_is_a_german_sentence(folder, options, words):
    said = clear(run(folder, *options)).replace("dev, site", "'dev', 'site'")
    assert words in said
    assert "usage" not in said
    assert "error:" not in said
    assert not (folder / ".venv").exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(folder):
    (folder / ".cache").write_text("no folder")
    assert ".cache" in clear(run(folder))


@pytest.mark.slow
def test_without_a_network_the_set_up_says_so_and_a_later_run_goes_on(folder):
    """A package index that refuses connections stands for no network at all."""
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "0",
    }
    said = clear(run(folder, "--gruppe", "site", PIP_NO_CACHE_DIR="1", **nowhere))
    assert "braucht Netz" in said
    # The sentence is the first line, and pip's own are left out.
    assert said.startswith("Fehler: ")
    assert len(said.splitlines()) == 2
    assert "--verbose" in said.splitlines()[1]
    full = clear(run(folder, "--gruppe", "site", "--verbose", PIP_NO_CACHE_DIR="1", **nowhere))
    assert full.startswith("Fehler: ")
    assert "ERROR" in full
    assert (folder / ".venv/bin/python").exists()


@pytest.mark.slow
def test_a_second_run_changes_nothing():
    def setup() -> int:
        command = [sys._base_executable, BOOTSTRAP, "--gruppe", "dev"]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        return (ROOT / ".venv").stat().st_mtime_ns

    assert setup() == setup()


# --- make, and what the documentation says about it


def targets() -> dict[str, str]:
    """Targets of the Makefile that explain themselves, with their explanation."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+):[^#\n]*## (.+)$", text, re.MULTILINE))


def mentioned(text: str) -> set[str]:
    """Targets that a text tells people to call."""
    found = set()
    for code in re.findall(r"`([^`\n]+)`|^( *make .*)$", text, re.MULTILINE):
        for command in re.split(r"&&|;|\|", code[0] or code[1]):
            words = command.split("#")[0].split()
            if words[:1] == ["make"]:
                found |= {one for one in words[1:2] if re.fullmatch(r"[a-z-]+", one)}
    return found


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_documentation_names_only_targets_that_exist(name):
    found = mentioned((ROOT / name).read_text(encoding="utf-8"))
    assert "site" in found
    assert found <= set(targets())


def test_texts_and_findings_name_only_targets_that_exist():
    files = [
        *(ROOT / "content").rglob("*.md"),
        ROOT / "plugins/ikz_award/texts/de.yml",
        *(ROOT / "data").rglob("*.yml"),
    ]
    for file in files:
        assert mentioned(file.read_text(encoding="utf-8")) <= set(targets()), file


def test_a_target_that_is_missing_would_be_seen():
    assert mentioned("Call `make nothing PROFIL=x`.\n\n    make other\n") == {"nothing", "other"}


def test_documentation_names_only_files_that_exist():
    kinds = "scripts|tests|plugins|content|data/schema|data/reference|\\.ci|\\.github"
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        # Files of the next edition are named because a reader is to make them.
        found = re.findall(rf"`((?:{kinds})/[\w./-]+\.(?:py|yml|md|toml|json|csv|sh))`", text)
        assert found
        assert not [one for one in found if "2028" not in one and not (ROOT / one).exists()], name


def test_make_help_lists_every_target():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    for name, text in targets().items():
        assert re.search(rf"^  {name} +{re.escape(text)}$", done.stdout, re.MULTILINE), name


def test_make_help_names_all_profiles():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert "PROFIL=entwurf|beispiel|produktion" in done.stdout


def test_a_python_that_is_not_there_is_a_sentence():
    done = subprocess.run(
        ["make", "check", "PYTHON=python3.99"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Fehler: Das Programm „python3.99“ gibt es auf diesem Rechner nicht.")
    assert "PYTHON=python3.12" in done.stderr
    assert "not found" not in done.stderr


@pytest.mark.parametrize("target", ["site", "check", "serve"])
def test_these_targets_pass_the_profile_on(target):
    command = ["make", "--dry-run", target, "PROFIL=beispiel", "PORT=8001"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert '--profil "beispiel"' in done.stdout
    assert ('--port "8001"' in done.stdout) == (target == "serve")


# --- the workflows


def workflow(name: str) -> dict:
    document = yamlfile.read((ROOT / ".github/workflows" / name).read_bytes(), 20)
    assert not document.problems
    return document.value


def test_publishing_waits_for_the_same_checks_as_every_other_change():
    checks, publishing = workflow("pruefen.yml"), workflow("veroeffentlichen.yml")
    assert "workflow_call" in checks["on"]
    jobs = publishing["jobs"]
    assert jobs["pruefen"]["uses"] == "$/.github/workflows/pruefen.yml"
    assert jobs["bauen"]["needs"] == "pruefen"
    # The question comes along only for the address it was asked at.
    assert jobs["veroeffentlichen"]["needs"] == ["faelligkeit", "bauen"]
    # A condition of its own could let a job run although the one before it failed.
    assert "if" not in jobs["bauen"]
    assert "if" not in jobs["veroeffentlichen"]
    # Main is checked by the workflow that publishes; every other branch by the other one.
    assert publishing["on"]["push"]["branches"] == checks["on"]["push"]["branches-ignore"] == ["main"]


@pytest.mark.parametrize("name", ["pruefen.yml", "veroeffentlichen.yml", "woechentlich.yml"])
def test_workflows_get_the_least_they_need(name):
    content = workflow(name)
    assert content["permissions"] == {}
    for job in content["jobs"].values():
        wanted = set(job["permissions"].items())
        allowed = {("contents", "read")}
        if job.get("name") == "Veröffentlichen":
            allowed = {("pages", "write"), ("id-token", "write")}
        if job.get("name") == "Ist ein Bau fällig?":
            # It asks which state was published last.
            allowed = {("contents", "read"), ("actions", "read")}
        assert wanted <= allowed
        for step in job.get("steps", []):
            if "uses" in step:
                assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_every_target_sets_up_what_it_needs():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in targets():
        if name not in {"help", "clean"}:
            assert re.search(rf"^{name}:.*\bsetup-(?:site|dev|test)\b", text, re.MULTILINE), name
