"""Going back to an earlier program: the records are those of today, and nothing that was withdrawn since comes back."""

from __future__ import annotations

import shutil
import subprocess

import pytest

import drawn_sets
import roll_back
import support
from ikz_award import build
from test_interference import files_of
from test_leaks import leaking_files, leaks

SEED = 3
GONE = "KANARIE-zurueckgezogen"


def git(project, *arguments):
    name = ["-c", "user.name=Probe", "-c", "user.email=probe@probe.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", project, *name, *arguments], check=True, capture_output=True)


def commit(project, message):
    git(project, "add", "--all", "--force")
    git(project, "commit", "--quiet", "--message", message)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Three commits: all is well; something was withdrawn, erased and put off; and the program is spoilt."""
    root = drawn_sets.write(tmp_path_factory.mktemp("zurueck") / "projekt", SEED, "gezeigt", faulty=False)
    for name in ("plugins", "scripts"):
        shutil.copytree(support.ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (roll_back.LOCK, "pyproject.toml"):
        shutil.copy(support.ROOT / name, root / name)
    settings = (support.ROOT / "mkdocs.yml").read_text("utf-8")
    menu, rest = settings.partition("nav:\n")[0], settings.partition("validation:\n")[2]
    (root / "mkdocs.yml").write_text(f"{menu}validation:\n{rest}", "utf-8")
    record = root / "data/submissions/offen/9-gezeigt.yml"
    record.write_text(record.read_text("utf-8").replace("anlass: |\n", f"anlass: |\n  {GONE}\n"), "utf-8")
    erased = root / "data/cooperations/geloescht.yml"
    shutil.copy(root / "data/cooperations/musikschule.yml", erased)
    text = erased.read_text("utf-8").replace("titel: Musikschule Probeheim", f"titel: {GONE} und gelöscht")
    erased.write_text(text.replace("2024", "2023"), "utf-8")
    git(root.parent, "init", "--quiet", "--initial-branch=main", root)
    style = root / "plugins/ikz_award/static/style/tokens.css"
    style.write_text(style.read_text("utf-8") + "\n/* Stand-A */\n", "utf-8")
    commit(root, "A")
    git(root, "tag", "gut")
    record.write_text(
        record.read_text("utf-8").replace("status: zugelassen", "status: zurueckgezogen"), "utf-8"
    )
    record.write_text(
        record.read_text("utf-8").replace("status: ausgezeichnet", "status: zurueckgezogen"), "utf-8"
    )
    erased.unlink()
    commit(root, "B")
    style.write_text(style.read_text("utf-8").replace("Stand-A", "Stand-C"), "utf-8")
    commit(root, "C")
    return root


@pytest.mark.slow
def test_an_earlier_program_shows_what_is_public_today_and_nothing_else(project, starte, tmp_path):
    site = tmp_path / "site"
    done = starte(
        support.ROOT / "scripts/roll_back.py",
        "gut",
        "--projekt",
        project,
        "--ziel",
        site,
        moment=drawn_sets.NOW,
    )
    assert done.returncode == 0, done.stdout
    assert "Daten von heute" in done.stdout
    # It is the earlier program that has built,
    assert b"Stand-A" in (site / "assets/ikz/ikz.css").read_bytes()
    # and of nothing that is hidden today a single word is there.
    assert not leaking_files(site, ["kanarie", GONE])
    assert len(files_of(site)) > 100
    assert (site / "kooperationen/musikschule/index.html").is_file()


def test_the_earlier_state_as_it_was_would_bring_it_back(project, tmp_path):
    """The proof that the search above could find something."""
    before = tmp_path / "damals"
    git(project, "worktree", "add", "--quiet", "--detach", before, "gut")
    outcome = build.build(before, "entwurf", drawn_sets.NOW, support.shared_cache())
    assert sum(bool(leaks(one.html.encode(), [GONE.lower()])) for one in outcome.pages) >= 2


def test_what_is_no_state_is_a_sentence(project, capsys, tmp_path):
    for wrong in ("gibt-es-nicht", "", "--upload-pack=x"):
        arguments = ["--projekt", str(project), "--ziel", str(tmp_path / "site"), "--", wrong]
        assert roll_back.main(arguments) == 2
        assert "Diesen Stand kennt Git nicht" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_a_program_that_does_not_know_the_records_of_today_leaves_the_site_alone(project, starte, tmp_path):
    site, spoilt = tmp_path / "site", tmp_path / "projekt"
    subprocess.run(["git", "clone", "--quiet", project, spoilt], check=True, capture_output=True)
    fields = spoilt / "data/schema/fall.yml"
    added = "fields:\n  - {name: neue_angabe, type: string, title: Neue Angabe}\n"
    fields.write_text(fields.read_text("utf-8").replace("fields:\n", added, 1), "utf-8")
    record = spoilt / "data/cooperations/musikschule.yml"
    record.write_text(record.read_text("utf-8") + "neue_angabe: Probe\n", "utf-8")
    done = starte(
        support.ROOT / "scripts/roll_back.py",
        "gut",
        "--projekt",
        spoilt,
        "--ziel",
        site,
        moment=drawn_sets.NOW,
    )
    assert done.returncode == 1
    assert "E201" in done.stdout
    assert "kommt mit den Daten von heute nicht zurecht" in done.stdout
    assert not site.exists()
