"""The cases below ``tests/cases/``: what an editor did, and every word the program answers.

Every code has a case but two. E405: that a planned page is missing in the built site is found by the door to MkDocs behind
the build, from its settings or its files, and no case reaches so far. ``test_site`` proves it on a site that is built.
E143: no text that the limits let through takes so long. ``test_limits`` proves it with a page that never ends.
"""

from __future__ import annotations

import os
import re

import pytest

import support
from ikz_award import build, report, wording

CASES = support.all_cases()
# See above.
ELSEWHERE = {"E143", "E405"}


@pytest.fixture(scope="session")
def results(request):
    found = support.Results()
    # Whoever runs all tests in one process may want to know what each of them runs through.
    if len(request.session.items) > len(CASES) and "PYTEST_XDIST_WORKER" in os.environ:
        found.make_all(CASES)
    return found


@pytest.fixture(params=CASES, ids=str)
def case(request):
    return request.param


@pytest.fixture
def result(case, results):
    return results[case]


def test_the_report_of_a_case_is_the_expected_one_word_for_word(case, result):
    support.compare(case.golden, result.said["text"])


def test_nothing_internal_appears_in_any_output_of_a_case(result):
    outputs = [*result.said.values(), *result.decisions, *result.published]
    assert len(outputs) > len(report.FORMATS)
    assert [one for one in outputs if support.PLANTED in one.casefold()] == []


def test_every_case_says_in_one_sentence_what_it_shows(case):
    assert case.sentence.endswith(".")
    assert "\n" not in case.sentence
    assert len(case.sentence) > 20


def test_a_place_points_into_a_file_that_an_editor_can_open(case, result, tmp_path):
    """The line is there, and the column is at most one behind its end."""
    case.lay_out(tmp_path)
    for row in result.rows:
        file = tmp_path / row["datei"]
        assert row["datei"].startswith(("data/", "content/", "mkdocs.yml"))
        if not file.is_file():
            assert (row["zeile"], row["spalte"]) == (1, 1)
            assert row["code"] in (("E133", "E139") if file.is_dir() else ("E132", "E403"))
            continue
        lines = re.split(r"\r\n|\r|\n", file.read_bytes().decode("utf-8-sig", "replace"))
        assert 1 <= row["zeile"] <= len(lines)
        assert 1 <= row["spalte"] <= len(lines[row["zeile"] - 1]) + 1


def test_every_sentence_is_filled_in_and_begins_like_one(result):
    for row in result.rows:
        for text in (row["text"], row["hilfe"]):
            # A case may hold braces itself; those of the wording are filled in.
            assert not re.search(r"\{[a-z]+\}", text.replace("{hilfe}", "")), text
            assert text[0].isupper() or text[0] in "„0123456789"
            # Left out is only what an editor wrote where a name belongs.
            assert "„…“" not in text or row["code"] in {"E106", "E107", "E109", "E201"}, text


def test_there_are_enough_cases():
    assert len(CASES) >= 80


def test_every_code_of_the_wording_has_a_case(results):
    shown = {row["code"] for case in CASES for row in results[case].rows}
    assert set(wording.load().findings) - ELSEWHERE == shown


def test_a_case_in_order_brings_no_finding_and_any_other_brings_one(results):
    for case in CASES:
        in_order = case.folder.parent.name == "in-ordnung"
        assert (results[case].rows == []) is in_order, case


def test_the_small_project_publishes_its_cases_after_the_announcement(tmp_path):
    root = support.lay_out_base(tmp_path)
    before = build.build(root, "entwurf", support.day("2030-06-15"))
    after = build.build(root, "entwurf", support.day("2030-06-16"))
    assert before.page("kooperationen/archiv/") is None
    # Musterstadt has no public case yet, but took something over.
    assert "Belegte Übernahmen" in before.page("kommunen/05900001/").html
    assert "Gemeinsames Archiv" in after.page("kooperationen/archiv/").html
