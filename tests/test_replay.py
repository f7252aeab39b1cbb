"""What earlier builds made is found again, only if nothing it depends on changed; and nothing withdrawn stays behind."""

from __future__ import annotations

import re
from pathlib import PurePath

import pytest

import support
from ikz_award import build, cards, council_draft, replay, word
from ikz_award.records import Cache
from ikz_award.replay import Store

NOW = support.day("2030-07-01")


def never() -> bytes:
    pytest.fail("was made anew")


def contents(folder) -> bytes:
    return b"".join(one.read_bytes() for one in folder.iterdir())


def test_what_was_made_once_is_not_made_again(tmp_path):
    first = Store(tmp_path, "a")
    assert first.get("karte", "Quelle", lambda: b"Werk") == b"Werk"
    assert first.get("karte", "Quelle", never) == b"Werk"
    first.settle()
    second = Store(tmp_path, "a")
    assert second.get("karte", "Quelle", never) == b"Werk"
    assert second.get("karte", "Andere", lambda: b"anders") == b"anders"
    assert second.get("word", "Quelle", lambda: b"Brief") == b"Brief"


def test_of_many_only_those_are_made_that_are_not_known(tmp_path):
    store = Store(tmp_path, "a")
    store.get("karte", "2", lambda: b"zwei")
    store.settle()
    store = Store(tmp_path, "a")
    wanted = [("1", lambda: b"eins"), ("2", never), ("3", lambda: b"drei")]
    assert [fetch() for fetch in store.make_all("karte", wanted)] == [b"eins", b"zwei", b"drei"]
    store.settle()
    again = [(source, never) for source, _ in wanted]
    fetched = [fetch() for fetch in Store(tmp_path, "a").make_all("karte", again)]
    assert fetched == [b"eins", b"zwei", b"drei"]


def test_without_a_folder_everything_is_made_anew():
    for _ in range(2):
        store = Store()
        assert store.known("karte", "Quelle") is None
        store.keep("karte", "Quelle", b"Werk")
        store.settle()


def test_what_a_build_no_longer_asks_for_is_overwritten(tmp_path):
    store = Store(tmp_path, "a")
    store.get("karte", "bleibt", lambda: b"BLEIBT" * 400)
    store.get("karte", "geht", lambda: b"KANARIE" * 4000)
    store.settle()
    assert b"KANARIE" in contents(tmp_path)
    store = Store(tmp_path, "a")
    store.get("karte", "bleibt", never)
    store.settle()
    assert b"KANARIE" not in contents(tmp_path)
    assert b"BLEIBT" in contents(tmp_path)


def test_what_another_profile_still_uses_stays(tmp_path):
    for owner in ("entwurf", "produktion"):
        store = Store(tmp_path, owner)
        store.get("karte", "beide", lambda: b"Werk")
        store.settle()
    empty = Store(tmp_path, "entwurf")
    empty.settle()
    assert Store(tmp_path, "produktion").get("karte", "beide", never) == b"Werk"
    last = Store(tmp_path, "produktion")
    last.settle()
    assert Store(tmp_path, "produktion").known("karte", "beide") is None


def test_a_build_that_was_killed_changes_nothing(tmp_path):
    store = Store(tmp_path, "a")
    store.get("karte", "alt", lambda: b"Werk")
    store.settle()
    killed = Store(tmp_path, "a")
    killed.get("karte", "neu", lambda: b"KANARIE")
    del killed
    assert b"KANARIE" not in contents(tmp_path)
    assert Store(tmp_path, "a").get("karte", "alt", never) == b"Werk"


def test_another_version_of_the_program_does_not_read_it(tmp_path, monkeypatch):
    store = Store(tmp_path, "a")
    store.get("karte", "Quelle", lambda: b"KANARIE")
    store.settle()
    monkeypatch.setattr(replay, "version", lambda: "andere")
    newer = Store(tmp_path, "a")
    assert newer.known("karte", "Quelle") is None
    newer.settle()
    assert [one.name for one in tmp_path.iterdir()] == ["andere.sqlite"]
    assert b"KANARIE" not in contents(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"keine Datenbank", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_store_costs_time_only(tmp_path, damage):
    (tmp_path / f"{replay.version()}.sqlite").write_bytes(damage)
    for _ in range(2):
        store = Store(tmp_path, "a")
        assert store.get("karte", "Quelle", lambda: b"Werk") == b"Werk"
        store.settle()
    assert Store(tmp_path, "a").get("karte", "Quelle", never) == b"Werk"


def test_no_room_for_it_costs_time_only(tmp_path):
    (tmp_path / "datei").write_text("")
    store = Store(tmp_path / "datei" / "ordner", "a")
    assert store.get("karte", "Quelle", lambda: b"Werk") == b"Werk"
    store.settle()


def test_two_builds_at_once_do_not_disturb_each_other(tmp_path):
    one, other = Store(tmp_path, "a"), Store(tmp_path, "b")
    one.get("karte", "beide", lambda: b"Werk")
    other.get("karte", "beide", lambda: b"Werk")
    other.get("karte", "ihres", lambda: b"Brief")
    one.settle()
    other.settle()
    again = Store(tmp_path, "c")
    assert again.get("karte", "beide", never) == b"Werk"
    assert again.get("karte", "ihres", never) == b"Brief"


def test_the_version_follows_every_file_of_the_program(monkeypatch, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/case.html").write_text("a")
    monkeypatch.setattr(replay.resources, "files", lambda _: tmp_path)
    before = replay.version.__wrapped__()
    (tmp_path / "templates/case.html").write_text("b")
    assert replay.version.__wrapped__() != before


def built(project, folder):
    """The outcome of a build with a store, which is settled as the host does it when the site is complete."""
    cache = Cache(store=Store(folder, "p"))
    outcome = build.build(project, "beispiel", NOW, cache)
    cache.store.settle()
    return outcome


def assets(outcome) -> dict[str, bytes]:
    return {one.address: one.data for one in outcome.assets}


def test_a_build_from_the_store_has_the_same_bytes_until_something_changes(
    projekt_kopie, tmp_path, monkeypatch
):
    project = projekt_kopie(fast=True)
    cold = built(project, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(cards, "draw", lambda _: never())
        patch.setattr(word, "to_docx", lambda _: never())
        patch.setattr(council_draft.Draft, "paper", lambda *_, **__: never())
        warm = built(project, tmp_path)
    assert assets(warm) == assets(cold)
    assert (warm.pages, warm.findings) == (cold.pages, cold.findings)
    file = project / "data/submissions/beispiel/kultursommer-phantasiegruen.yml"
    file.write_text(re.sub("^titel: .*", "titel: Ein neuer Titel", file.read_text(), flags=re.MULTILINE))
    changed, anew = built(project, tmp_path), build.build(project, "beispiel", NOW)
    assert assets(changed) == assets(anew) != assets(cold)


def test_nothing_of_a_withdrawn_case_stays_in_the_store(projekt_kopie, tmp_path):
    project = projekt_kopie(fast=True)
    file = project / "data/submissions/beispiel/kultursommer-phantasiegruen.yml"
    shown = re.sub("^titel: .*", "titel: Kanarienwort", file.read_text(), flags=re.MULTILINE)
    file.write_text(shown)
    built(project, tmp_path)
    pieces = pieces_of(assets(built(project, tmp_path)))
    assert any(one in contents(tmp_path) for one in pieces)
    file.write_text(shown.replace("status: zugelassen", "status: zurueckgezogen"))
    gone = pieces - pieces_of(assets(built(project, tmp_path)))
    assert gone
    assert not any(one in contents(tmp_path) for one in gone)


def pieces_of(files: dict[str, bytes]) -> set[bytes]:
    """A piece out of each council paper, as Word file and as text, short enough to stand in the store in one."""
    # The words of a Word file stand behind all that is the same in every one.
    places = {".docx": slice(-4000, -3900), ".txt": slice(100)}
    found = ((data, places.get(PurePath(address).suffix)) for address, data in files.items())
    return {data[place] for data, place in found if place}
