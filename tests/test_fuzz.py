"""The search for inputs that the reader does not survive: it finds none, and it would find each kind."""

from __future__ import annotations

import re

import pytest

import fuzz
import support
from ikz_award import yamlfile, yamltext


def test_the_reader_survives_ten_thousand_spoilt_files(tmp_path, capsys):
    status = fuzz.main(["--anzahl", "10000", "--saat", "20261127", "--funde", str(tmp_path / "funde")])
    assert (status, capsys.readouterr().out) == (fuzz.OK, "Saat 20261127: 10000 Eingaben, 0 Funde.\n")
    assert not (tmp_path / "funde").exists()


@pytest.mark.nightly
def test_the_reader_survives_a_million_spoilt_files(tmp_path, capsys):
    status = fuzz.main(["--anzahl", "1000000", "--saat", "1", "--funde", str(tmp_path / "funde")])
    assert (status, capsys.readouterr().out) == (fuzz.OK, "Saat 1: 1000000 Eingaben, 0 Funde.\n")


@pytest.mark.parametrize(
    "reader, reason",
    [
        ("raises", r"Ausnahme KeyError"),
        ("hangs", r"hängt"),
        ("is_slow", r"1\.\d s"),
        ("dies", r"Signal 11"),
        ("takes_too_much", r"Ausnahme MemoryError"),
        ("leaves", r"Ende ohne Antwort"),
    ],
)
def test_a_reader_with_a_fault_is_found_and_the_input_kept(tmp_path, capsys, monkeypatch, reader, reason):
    """Two seeds, one of which brings out the fault; the search goes on behind each find."""
    monkeypatch.setattr(fuzz, "WATCHDOG", 0.5 if reader == "hangs" else 10)
    monkeypatch.setattr(fuzz, "inputs", few)
    funde = tmp_path / "funde"
    options = ["--anzahl", "4", "--prozesse", "1", "--funde", str(funde), "--leser", f"bad_readers:{reader}"]
    assert fuzz.main(options) == fuzz.FOUND
    said = capsys.readouterr().out
    assert len(re.findall(rf'"grund": "{reason}', said)) == 2
    assert said.endswith("2 Funde.\n")
    assert [one.read_bytes() for one in sorted(funde.iterdir())] == [b"a: [1", b"a: [3"]


def few(some, seed, first, count):
    yield from (
        (number, b"a: [%d" % number if number % 2 else b"a: b") for number in range(first, first + count)
    )


def test_the_same_seed_gives_the_same_inputs_wherever_one_begins():
    some = fuzz.seeds(support.ROOT)
    assert len(some) > 400
    whole = list(fuzz.inputs(some, 7, 0, 30))
    assert whole[20:] == list(fuzz.inputs(some, 7, 20, 10))
    assert whole != list(fuzz.inputs(some, 8, 0, 30))
    assert sum(data not in some for _, data in whole) > 25


def test_an_answer_that_depends_on_the_parser_or_points_outside_is_a_find(monkeypatch):
    def other(data, max_depth=6, parser="libyaml"):
        line = 1 if parser == "libyaml" else 2
        return yamlfile.Document(problems=[yamltext.Problem("E104", line, 1)])

    def outside(data, max_depth=6, parser="libyaml"):
        return yamlfile.Document(problems=[yamltext.Problem("E104", 9, 1)])

    monkeypatch.setattr(fuzz.zlib, "crc32", lambda _: 0)
    assert fuzz.reader(b"titel: x\n") == ""
    monkeypatch.setattr(yamlfile, "read", other)
    assert fuzz.reader(b"titel: x\n").startswith("zwei Antworten")
    monkeypatch.setattr(yamlfile, "read", outside)
    assert fuzz.reader(b"titel: x\n").startswith("Stelle außerhalb")
