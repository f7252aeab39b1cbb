"""Compiled templates are kept for the next build, and never used for anything they were not made from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from ikz_award import render, replay


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def shown(tmp_path, folder, extensions=()) -> str:
    env = Environment(loader=FileSystemLoader(tmp_path), autoescape=True, extensions=extensions)
    env.bytecode_cache = render.Bytecode(env, folder)
    return env.get_template("seite.html").render(name="Lummerland")


def compiled(monkeypatch) -> list[str]:
    """Names of templates, as they are compiled from now on."""
    names = []
    really = Environment.compile

    def noting(self, source, name=None, filename=None, **more):
        names.append(name)
        return really(self, source, name, filename, **more)

    monkeypatch.setattr(Environment, "compile", noting)
    return names


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "seite.html").write_text("Gruß aus {{ name }}")
    made = tmp_path / "bytecode"
    made.mkdir()
    assert shown(tmp_path, made) == "Gruß aus Lummerland"
    assert len(list(made.iterdir())) == 1
    return made


def test_a_template_is_compiled_once(tmp_path, folder, monkeypatch):
    names = compiled(monkeypatch)
    assert shown(tmp_path, folder) == "Gruß aus Lummerland"
    assert names == []


def test_a_changed_template_is_compiled_again(tmp_path, folder):
    stamp = (tmp_path / "seite.html").stat()
    (tmp_path / "seite.html").write_text("Post aus {{ name }}")
    os.utime(tmp_path / "seite.html", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert shown(tmp_path, folder) == "Post aus Lummerland"
    assert len(list(folder.iterdir())) == 1


def test_another_version_of_the_program_compiles_for_itself(tmp_path, folder, monkeypatch):
    names = compiled(monkeypatch)
    monkeypatch.setattr(replay, "version", lambda: "eine andere")
    assert shown(tmp_path, folder) == "Gruß aus Lummerland"
    assert names == ["seite.html"]


def test_what_is_kept_beside_the_program_makes_no_other_version_of_it():
    replay.version.cache_clear()
    before = replay.version()
    kept = render.environment().bytecode_cache.folder / "vorlage-probe"
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(b"")
    try:
        replay.version.cache_clear()
        assert replay.version() == before
    finally:
        kept.unlink()


def test_an_environment_with_other_extensions_compiles_for_itself(tmp_path, folder, monkeypatch):
    names = compiled(monkeypatch)
    assert shown(tmp_path, folder, ["jinja2.ext.do"]) == "Gruß aus Lummerland"
    assert names == ["seite.html"]


def test_what_is_damaged_anywhere_is_made_anew(tmp_path, folder, monkeypatch):
    file = next(folder.iterdir())
    whole = file.read_bytes()
    names = compiled(monkeypatch)
    damaged = [whole[:length] for length in (*range(70), len(whole) - 1)]
    damaged += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), 7)]
    for one in [*damaged, b"x" + whole, whole + b"x"]:
        names.clear()
        file.write_bytes(one)
        assert shown(tmp_path, folder) == "Gruß aus Lummerland"
        assert names == ["seite.html"]
        assert file.read_bytes() == whole
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    "make",
    [
        Path.mkdir,
        lambda file: file.symlink_to(file),
        os.mkfifo,
        lambda file: file.symlink_to("/dev/zero"),
    ],
)
def test_what_is_no_file_in_its_place_hinders_nobody(tmp_path, folder, make):
    file = next(folder.iterdir())
    file.unlink()
    make(file)
    assert shown(tmp_path, folder) == "Gruß aus Lummerland"
    assert len(list(folder.iterdir())) == 1


def test_without_room_for_it_nothing_is_kept_and_nothing_is_lost(tmp_path, folder):
    assert shown(tmp_path, tmp_path / "fehlt") == "Gruß aus Lummerland"
    assert not (tmp_path / "fehlt").exists()


def test_who_wants_no_bytecode_of_programs_gets_none_of_templates(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "leer").mkdir()
    assert shown(tmp_path, tmp_path / "leer") == "Gruß aus Lummerland"
    assert not list((tmp_path / "leer").iterdir())
