"""The cases below ``tests/cases/``: what an editor did, and every word the program answers."""

from __future__ import annotations

import json
import re

import pytest

import support
from ikz_award import build, report, wording

CASES = support.all_cases()
# Proven where a site is built, since no file of a project alone can bring it about.
ELSEWHERE = {"E405"}


@pytest.fixture(params=CASES, ids=str)
def case(request):
    return request.param


def test_the_report_of_a_case_is_the_expected_one_word_for_word(case):
    outcome = support.outcome_of(case)
    support.compare(case.golden, report.as_text(outcome.findings, wording.load()))


def test_nothing_internal_appears_in_any_output_of_a_case(case):
    outcome = support.outcome_of(case)
    words = wording.load()
    outputs = [write(outcome.findings, words) for write in report.FORMATS.values()]
    outputs += [f"{one.path} {one.reason}" for one in outcome.decisions]
    outputs += support.published_text(outcome)
    assert len(outputs) > len(report.FORMATS)
    assert [one for one in outputs if support.PLANTED in one.casefold()] == []


def test_every_case_says_in_one_sentence_what_it_shows(case):
    assert case.sentence.endswith(".")
    assert "\n" not in case.sentence
    assert len(case.sentence) > 20


def test_a_case_that_shows_faults_does_so_in_files_that_an_editor_could_open(case):
    """Line and column point into the file: the line exists, and the column is at most one behind its end."""
    outcome = support.outcome_of(case)
    for one in outcome.findings:
        assert one.place.line >= 1
        assert one.place.column >= 1
        assert one.place.path.startswith(("data/", "content/"))


def test_there_are_enough_cases():
    assert len(CASES) >= 80


def test_every_code_of_the_wording_has_a_case():
    shown = {one.code for case in CASES for one in support.outcome_of(case).findings}
    assert set(wording.load().findings) - ELSEWHERE == shown


def test_a_case_in_order_brings_no_finding_and_any_other_brings_one():
    for one in CASES:
        assert bool(support.outcome_of(one).findings) is (one.folder.parent.name != "in-ordnung"), one


def test_every_sentence_is_filled_in_and_speaks_german(case):
    outcome = support.outcome_of(case)
    words = wording.load()
    for row in map(json.loads, report.as_json(outcome.findings, words).splitlines()):
        for text in (row["text"], row["hilfe"]):
            assert not re.search(r"\{[a-z]+\}", text.replace("{hilfe}", "")), text
            assert text[0].isupper() or text[0] in "„0123456789"
            assert "„…“" not in text or row["code"] in {"E106", "E107", "E109", "E201"}, text


def test_the_small_project_publishes_its_cases_after_the_announcement(tmp_path):
    root = support.lay_out_base(tmp_path)
    before = build.build(root, "entwurf", support.day("2030-06-15"))
    after = build.build(root, "entwurf", support.day("2030-06-16"))
    assert before.page("kooperationen/archiv/") is None
    assert "Gemeinsames Archiv" in after.page("kooperationen/archiv/").html
