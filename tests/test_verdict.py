"""What is known from run to run: files that were found in order are not looked at again, and any change makes them strange."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta

import pytest

import check
import support
from ikz_award import build, files, planning, records, verdict
from ikz_award.checks import rules, structure
from ikz_award.records import Cache
from ikz_award.replay import Store
from ikz_award.verdict import Verdict

NOW = support.day(support.DEFAULT_DAY)
RECORD = "data/cooperations/musikschule.yml"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The small project, checked once; what was just written counts as old."""
    monkeypatch.setattr(verdict, "_FINE_STEP", -(10**18))
    root = support.lay_out_base(tmp_path / "projekt")
    assert planning.plan_once(root, "entwurf", NOW, root / ".cache").findings == ()
    return root


def known(root, profile="entwurf", now=NOW):
    return verdict.is_in_order(root / ".cache", root, profile, now)


def never(*_, **__):
    raise AssertionError


def test_what_was_found_in_order_is_not_opened_again(project, monkeypatch, capsys):
    monkeypatch.setenv("IKZ_ZWISCHENSPEICHER", str(project / ".cache"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
    monkeypatch.setattr(files, "read", never)
    for form, said in (("text", "Keine Befunde.\n"), ("json", ""), ("gitlab", "[]\n")):
        assert check.main(["--projekt", str(project), "--format", form]) == 0
        assert capsys.readouterr().out == said


def test_another_profile_is_another_question(project):
    assert known(project)
    assert not known(project, "produktion")


def rewrite(project):
    file = project / RECORD
    file.write_text(file.read_text("utf-8"), "utf-8")


def same_size_and_time(project):
    file = project / RECORD
    before = file.stat()
    file.write_text(file.read_text("utf-8").replace("Musikschule", "Kunstschule"), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def add(project):
    shutil.copy(project / RECORD, project / "data/cooperations/zweite.yml")


def add_an_empty_folder(project):
    (project / "content/leer").mkdir()


@pytest.mark.parametrize(
    "change",
    [
        rewrite,
        same_size_and_time,
        add,
        add_an_empty_folder,
        lambda project: (project / RECORD).unlink(),
        lambda project: (project / RECORD).chmod(0o600),
        lambda project: (project / RECORD).rename(project / "data/cooperations/anders.yml"),
        lambda project: (project / "content/index.md").touch(),
        lambda project: (project / "data/schema/fall.yml").touch(),
    ],
)
def test_any_change_makes_the_files_strange(project, change):
    change(project)
    assert not known(project)


@pytest.mark.parametrize(
    "youngest, is_kept",
    [
        # Nanoseconds before the store was opened, by a clock that counts in small steps and by one in seconds.
        (10**9 + 1, True),
        (10**7 + 1, False),
        (-1, False),
        (10**9, False),
        (3 * 10**9, True),
    ],
)
def test_a_file_that_may_still_change_unseen_is_not_trusted(tmp_path, youngest, is_kept):
    store = Store(tmp_path)
    store.opened = 50 * 10**9
    one = Verdict(store, tmp_path, "entwurf", NOW, "gesehen", store.opened - youngest)
    one.keep(NOW + timedelta(hours=1))
    assert one.is_in_order == is_kept


def test_a_single_finding_and_nothing_is_known(project):
    file = project / RECORD
    file.write_text(file.read_text("utf-8").replace("beleg: hoch", "beleg: gut"), "utf-8")
    for _ in range(2):
        found = planning.plan_once(project, "entwurf", NOW, project / ".cache").findings
        assert [one.code for one in found] == ["E203"]
    assert not known(project)


def test_it_holds_until_the_day_is_over_and_not_before_it_was_given(project):
    assert known(project, now=NOW + timedelta(minutes=1))
    assert not known(project, now=NOW - timedelta(minutes=1))
    assert not known(project, now=NOW + timedelta(days=1))


@pytest.mark.parametrize("moment", ["2030-06-15T10:59:59+02:00", "2030-06-15T10:00:00+02:00"])
def test_it_ends_when_something_becomes_public(project, moment):
    edition = project / "data/reference/editionen/2030.yml"
    text = edition.read_text("utf-8")
    line = next(one for one in text.split("\n") if one.startswith("bekanntgabe:"))
    edition.write_text(text.replace(line, "bekanntgabe: 2030-06-15T11:00+02:00"), "utf-8")
    before = datetime.fromisoformat(moment)
    planning.plan_once(project, "entwurf", before, project / ".cache")
    assert known(project, now=before)
    assert not known(project, now=datetime.fromisoformat("2030-06-15T11:00:00+02:00"))


def test_a_build_of_known_files_gives_the_same_and_checks_nothing(project, monkeypatch):
    fresh = build.build(project, "entwurf", NOW)
    monkeypatch.setattr(structure, "check", never)
    monkeypatch.setattr(rules, "check", never)
    cache = Cache(store=Store(project / ".cache", "anderer"))
    again = build.build(project, "entwurf", NOW, cache)
    assert (again.pages, again.assets, again.findings) == (fresh.pages, fresh.assets, ())
    assert (again.decisions, again.next_change) == (fresh.decisions, fresh.next_change)
    # Whoever uses it keeps it, like everything in the store.
    cache.store.settle()
    assert known(project)


def test_what_is_saved_while_others_are_read_is_checked(project, monkeypatch):
    read_all = records.read_all

    def saved_meanwhile(*arguments):
        file = project / RECORD
        file.write_text(file.read_text("utf-8").replace("beleg: hoch", "beleg: gut"), "utf-8")
        return read_all(*arguments)

    monkeypatch.setattr(records, "read_all", saved_meanwhile)
    planned = planning.plan_once(project, "entwurf", NOW, project / ".cache")
    assert [one.code for one in planned.findings] == ["E203"]


def test_without_a_store_nothing_is_kept(project):
    store = Store()
    Verdict.of(store, project, "entwurf", NOW).keep(NOW + timedelta(hours=1))
    assert not Verdict.of(store, project, "entwurf", NOW).is_in_order


def test_a_link_is_looked_at_and_not_followed(tmp_path):
    (tmp_path / "data").mkdir()
    outside = tmp_path / "draussen"
    outside.mkdir()
    (tmp_path / "data/verweis").symlink_to(outside)
    before = sorted(files.traces(tmp_path / "data"))
    (outside / "neu.yml").touch()
    assert [one.path for one in before] == [str(tmp_path / "data"), str(tmp_path / "data/verweis")]
    assert sorted(files.traces(tmp_path / "data")) == before
