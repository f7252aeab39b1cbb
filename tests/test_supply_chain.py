"""What comes from outside, and what CI may do: locked by hash, pinned by commit, without rights; content is told from code."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import change_kind
import support

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.y*ml"))
LOCKS = ("requirements-site.lock", "requirements-dev.lock")
# Longest for what somebody waits for, and for what only a timetable starts.
MINUTES, HOURS = 60, 5


# --- packages


def lock_problems(text: str) -> list[str]:
    """What is wrong with a lock file: anything but versions with hashes, and comments."""
    text = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE)
    entries = re.sub(r" \\\n +", " ", text).splitlines()
    wanted = re.compile(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[\w.!+-]+( ; [^#]+?)?( --hash=sha256:[0-9a-f]{64})+")
    return [one[:80] for one in entries if one and not wanted.fullmatch(one)]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_versions_with_hashes_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.count("--hash=sha256:") > 100
    assert not lock_problems(text)


@pytest.mark.parametrize(
    "planted",
    [
        "--index-url https://pakete.example/simple",
        "--find-links https://pakete.example/",
        "babel>=2.17",
        "babel==2.18.0",
        "babel @ https://pakete.example/babel.whl",
        "-e .",
        "babel==2.18.0 --hash=md5:0123456789abcdef0123456789abcdef",
    ],
)
def test_anything_else_in_a_lock_is_found(planted):
    assert lock_problems(f"{planted}\n")


def test_what_is_needed_to_build_is_the_same_in_both_locks():
    site, dev = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in LOCKS
    )
    assert site < dev


def test_nothing_is_installed_without_its_hash_or_built_on_the_spot():
    text = (ROOT / "scripts/bootstrap.py").read_text(encoding="utf-8")
    installs = re.findall(r"^.*[\"']install[\"'].*$", text, re.MULTILINE)
    assert installs
    assert "--require-hashes" in text
    assert "--only-binary" in text


# --- workflows


def workflow_problems(text: str) -> Iterator[str]:
    """What a workflow may not have, or has to have."""
    # „on“ is a key here, and stays one where every scalar is text.
    read: dict[Any, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes texts only
    triggers = read["on"] if isinstance(read["on"], dict) else dict.fromkeys([read["on"]])
    yield from (one for one in triggers if one in {"pull_request_target", "workflow_run", "issue_comment"})
    if read.get("permissions") != {}:
        yield "permissions of the workflow"
    if "group" not in read.get("concurrency", {}):
        yield "no concurrency"
    for name, job in read["jobs"].items():
        if "permissions" not in job:
            yield f"{name}: no permissions of its own"
        longest = MINUTES if triggers.keys() - {"schedule", "workflow_dispatch"} else HOURS * 60
        if not job.get("uses") and not 0 < int(job.get("timeout-minutes", 0)) <= longest:
            yield f"{name}: no timeout"
        if "secrets" in job:
            yield f"{name}: secrets"
        for step in job.get("steps", []):
            yield from (f"{name}: {one}" for one in _step_problems(step))
    if re.search(r"\$\{\{[^}]*\bsecrets\b", text):
        yield "secrets"
    writes = {
        (name, right)
        for name, job in read["jobs"].items()
        for right, value in job.get("permissions", {}).items()
        if value == "write"
    }
    if writes and "pull_request" in triggers:
        yield f"a request may write: {writes}"


def _step_problems(step: dict[str, Any]) -> Iterator[str]:
    uses = step.get("uses", "")
    if uses and not uses.startswith(("./", "$/")) and not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", uses):
        yield f"not pinned by commit: {uses}"
    if uses.startswith("actions/checkout@") and step.get("with", {}).get("persist-credentials") != "false":
        yield "credentials stay"
    # What others name themselves, put into a script, is a part of the script.
    if re.search(r"\$\{\{", step.get("run", "")):
        yield "an expression inside a script"


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda one: one.name)
def test_a_workflow_has_no_rights_and_no_way_in(file):
    assert not list(workflow_problems(file.read_text(encoding="utf-8")))


GOOD = """\
on: [pull_request]
permissions: {}
concurrency: {group: a}
jobs:
  a:
    timeout-minutes: 5
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789
        with: {persist-credentials: false}
      - run: make test
"""


@pytest.mark.parametrize(
    "old, new",
    [
        ("[pull_request]", "{pull_request_target: }"),
        ("permissions: {}\n", ""),
        ("permissions: {}", "permissions: write-all"),
        ("concurrency: {group: a}\n", ""),
        ("    timeout-minutes: 5\n", ""),
        ("    permissions: {contents: read}\n", ""),
        ("@0123456789012345678901234567890123456789", "@v7"),
        ("persist-credentials: false", "persist-credentials: true"),
        ("make test", "make test ${{ github.head_ref }}"),
        ("make test", "make test\n        env: {A: '${{ secrets.A }}'}"),
        ("contents: read", "contents: write"),
    ],
)
def test_what_a_workflow_may_not_have_is_found(old, new):
    good = GOOD.replace("[pull_request]", "{pull_request: }")
    assert not list(workflow_problems(good))
    broken = (
        good.replace("{pull_request: }", "[pull_request]").replace(old, new)
        if old[0] == "["
        else good.replace(old, new)
    )
    broken = broken.replace("[pull_request]", "{pull_request: }")
    assert broken != good
    assert list(workflow_problems(broken))


# --- content or code

with (support.CASES / "aenderungen.csv").open(encoding="utf-8", newline="") as _file:
    TABLE = list(csv.DictReader(_file))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["warum"])
def test_every_row_of_the_table_is_judged_right(row):
    assert change_kind.kind([change_kind.Change(one) for one in row["pfade"].split()]) == row["art"]


def test_the_files_of_this_project_are_what_they_are_taken_for():
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    content = [one for one in files if change_kind.kind([change_kind.Change(one)]) == change_kind.CONTENT]
    folders = {one.split("/")[0] for one in content}
    assert folders == {"content", "data"}
    left = [one for one in files if one.startswith(("content/", "data/")) and one not in content]
    assert all(one.startswith(("data/schema/", "data/datapackage.yml")) for one in left), left


@pytest.mark.parametrize("before, after", [("100644", "120000"), ("000000", "160000"), ("100644", "100755")])
def test_a_link_a_submodule_or_a_program_is_no_content(before, after):
    change = change_kind.Change("content/faq.md", before, after)
    assert change_kind.kind([change]) == change_kind.CODE


@pytest.mark.parametrize("name", ["faq\n.md", "faq\\.md", "\udcff.md\0x"])
def test_odd_names_are_no_content(name):
    assert change_kind.kind([change_kind.Change(f"content/{name}")]) == change_kind.CODE


@pytest.fixture
def repository(tmp_path):
    """A repository whose branch can be changed and committed; returns how, and what the program then says."""

    def git(*command: str) -> None:
        options = [
            "-c",
            "user.name=Probe",
            "-c",
            "user.email=probe@preis.example",
            "-c",
            "commit.gpgsign=false",
        ]
        subprocess.run(["git", *options, *command], cwd=tmp_path, check=True, capture_output=True)

    def judge(*arguments: str) -> str:
        git("add", "--all")
        git("commit", "-m", "x")
        program = [sys.executable, "-I", ROOT / "scripts/change_kind.py", *(arguments or ["main"])]
        done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-b", "main")
    for name in ("content/faq.md", "mkdocs.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a")
    git("add", "--all")
    git("commit", "-m", "x")
    git("checkout", "-b", "neu")
    return tmp_path, judge


def test_a_branch_is_judged_by_all_it_changes(repository):
    folder, judge = repository
    (folder / "content/faq.md").write_text("b")
    (folder / "content/ä ö.md").write_text("b")
    assert judge() == "inhalt"
    (folder / "mkdocs.yml").write_text("b")
    assert judge() == "code"


def test_a_page_that_takes_the_place_of_a_program_is_judged_by_both(repository):
    folder, judge = repository
    (folder / "mkdocs.yml").rename(folder / "content/alt.md")
    assert judge() == "code"


def test_a_page_that_becomes_a_link_is_code(repository):
    folder, judge = repository
    (folder / "content/faq.md").unlink()
    (folder / "content/faq.md").symlink_to("../mkdocs.yml")
    assert judge() == "code"


@pytest.mark.parametrize("base", ["gibt-es-nicht", "--output=x"])
def test_what_cannot_be_compared_is_code(repository, base):
    folder, judge = repository
    (folder / "content/faq.md").write_text("b")
    assert judge("--", base) == "code"
    assert not (folder / "x").exists()


def test_ci_learns_it_as_an_output(repository, monkeypatch, tmp_path_factory):
    folder, judge = repository
    output = tmp_path_factory.mktemp("ci") / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    (folder / "content/faq.md").write_text("b")
    judge()
    assert output.read_text() == "art=inhalt\n"
