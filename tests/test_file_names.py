"""Files as nobody should make them: odd names, links, pipes, sockets, locked and endless ones, below data and below content."""

from __future__ import annotations

import csv
import os
import re
import socket
import unicodedata
from pathlib import Path

import pytest

import support
from ikz_award import build, files, report, wording

TABLE = Path(__file__).parent / "gauntlet" / "namen.csv"
with TABLE.open(encoding="utf-8", newline="") as opened:
    ROWS = list(csv.DictReader(opened, delimiter=";"))
HUNDRED_MEGABYTES = 100 * 1024 * 1024
PAGE = "---\ntitle: Probe\ndescription: Eine Probe.\n---\n\n# Probe\n"


def real_name(written):
    """Names in the table are written with escapes; bytes that are no UTF-8 as \\xNN above 7f."""

    def sign(found):
        if found[1]:
            return {"n": "\n", "\\": "\\"}[found[1]]
        if found[2]:
            return os.fsdecode(bytes([int(found[2], 16)]))
        return chr(int(found[3], 16))

    return re.sub(r"\\(?:([n\\])|x([0-9a-f]{2})|u([0-9a-f]{4}))", sign, written)


def make(file, kind, text):
    match kind:
        case "datei":
            file.write_text(text, "utf-8")
        case "ordner":
            file.mkdir()
            (file / "inhalt.yml").write_text(text, "utf-8")
        case "zwilling":
            file.write_text(text, "utf-8")
            file.with_name(file.name.lower()).write_text(text, "utf-8")
        case "verknuepfung":
            file.symlink_to(file.parent / "musikschule.yml")
        case "verknuepfung-ins-leere":
            file.symlink_to(file.parent / "nirgends")
        case "verknuepfung-im-kreis":
            file.symlink_to(file)
        case "verknuepfung-auf-ordner":
            file.symlink_to("/")
        case "verknuepfung-auf-geraet":
            file.symlink_to("/dev/zero")
        case "rohr":
            os.mkfifo(file)
        case "steckdose":
            with socket.socket(socket.AF_UNIX) as one:
                # A short way there, since the system allows these a hundred signs.
                here = Path.cwd()
                os.chdir(file.parent)
                one.bind(file.name)
                os.chdir(here)
        case "gross":
            with file.open("wb") as one:
                one.truncate(HUNDRED_MEGABYTES)
        case "tiefe-ordner":
            file.joinpath(*["x"] * 300).mkdir(parents=True)


def laid(row, folder):
    """The name as it is made, and as it is told; pages end otherwise than records."""
    names = real_name(row["name"]), row["gezeigt"]
    if folder == "content":
        names = tuple(re.sub(r"\.yml$", ".md", one) for one in names)
        # A folder deeper than its like below data/.
        names = names[0], names[1] + ("/x" if row["art"] == "tiefe-ordner" else "")
    return names


@pytest.fixture(scope="module", params=["data/cooperations", "content"])
def odd(request, tmp_path_factory):
    """A project with all odd files in one folder, and what is said of it."""
    root = support.lay_out_base(tmp_path_factory.mktemp("namen"))
    text = (support.BASE / "data/cooperations/musikschule.yml").read_text("utf-8")
    for row in ROWS:
        make(
            root / request.param / laid(row, request.param)[0],
            row["art"],
            PAGE if request.param == "content" else text,
        )
    return request.param, build.build(
        root, "entwurf", support.day(support.DEFAULT_DAY), support.shared_cache()
    )


@pytest.mark.parametrize("row", ROWS, ids=[f"{one['kennung']}-{at}" for at, one in enumerate(ROWS)])
def test_an_odd_file_is_a_finding_and_never_a_wait_or_a_traceback(odd, row):
    folder, outcome = odd
    told = {(one.code, unicodedata.normalize("NFC", one.place.path)) for one in outcome.findings}
    # Below content/ a folder may be called like a file.
    expected = row["kennung"] != "E133" or folder != "content"
    assert ((row["kennung"], f"{folder}/{laid(row, folder)[1]}") in told) is expected


def test_odd_names_are_shown_in_one_line_that_any_terminal_can_show(odd):
    _, outcome = odd
    said = [write(outcome.findings, wording.load()) for write in report.FORMATS.values()]
    assert all(one.encode("utf-8") for one in said)
    assert not re.search("[\x1b\u202e]|\n[^ ]*umbruch", "".join(said).replace("zeilen\\numbruch", ""))


def test_reading_stops_one_byte_behind_the_limit(tmp_path):
    file = tmp_path / "x"
    file.write_bytes(b"x" * 100)
    assert len(files.read(file, 10)) == 11
    assert len(files.read(file, 100)) == 100


@pytest.mark.parametrize(
    "kind", ["verknuepfung-auf-geraet", "rohr", "verknuepfung-im-kreis", "steckdose", "ordner"]
)
def test_what_is_no_file_is_refused_even_if_it_became_so_after_it_was_listed(tmp_path, kind):
    make(tmp_path / "x", kind, "x")
    with pytest.raises(OSError, match=r"."):
        files.read(tmp_path / "x", 10)


def test_a_locked_file_and_a_locked_folder_are_findings(tmp_path, monkeypatch):
    """Whoever runs this as root could read both; so the system's refusal is played."""
    root = support.lay_out_base(tmp_path)
    locked = root / "data/cooperations/musikschule.yml"
    real_open, real_list = os.open, os.scandir

    def refuse_file(path, *rest, **more):
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied")
        return real_open(path, *rest, **more)

    def refuse_folder(path):
        if Path(path) == root / "data/patterns":
            raise PermissionError(13, "Permission denied")
        return real_list(path)

    monkeypatch.setattr(files.os, "open", refuse_file)
    monkeypatch.setattr(files.os, "scandir", refuse_folder)
    outcome = build.build(root, "entwurf", support.day(support.DEFAULT_DAY), support.shared_cache())
    told = {(one.code, one.place.path) for one in outcome.findings}
    assert {("E116", "data/cooperations/musikschule.yml"), ("E116", "data/patterns")} <= told


def test_ordinary_names_are_fit():
    for name in (
        "archiv-musterstadt.yml",
        "2026",
        "bild.png",
        "konsole.yml",
        "com.yml",
        "größe.md",
        "index.md",
    ):
        assert files.flaw(name) == ""
