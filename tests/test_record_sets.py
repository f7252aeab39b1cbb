"""What holds for any set of records: planning comes to an end, every finding has its place, and nothing hidden gets out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

import strategies
import support
from ikz_award import build, planning, report, wording


def look(project):
    """Plan a project; every finding points into a file that is there, and every form of the report can be written."""
    with TemporaryDirectory() as name:
        root = project.lay_out(Path(name))
        planned = planning.plan(root, "entwurf", support.day(support.DEFAULT_DAY), support.shared_cache())
    for one in planned.findings:
        text = project.files[one.place.path]
        lines = text.split("\n")
        assert 1 <= one.place.line <= len(lines)
        assert 1 <= one.place.column <= len(lines[one.place.line - 1]) + 1
    for write in report.FORMATS.values():
        said = write(planned.findings, wording.load())
        assert not [one for one in project.hidden if one in said and not one.endswith("T")]
        assert not [one for one in said.split("\n") if one.lstrip().startswith("::error file=x")]
    return planned


@given(strategies.projects())
@settings(max_examples=15, derandomize=True, deadline=None, database=None)
def test_no_set_of_records_stops_the_planning_or_loses_a_place(project):
    look(project)


@pytest.mark.nightly
@given(strategies.projects())
@settings(max_examples=1000, derandomize=True, deadline=None, database=None)
def test_no_set_of_records_of_a_thousand_does(project):
    look(project)


@given(strategies.projects(hostile=False, most=3))
@settings(max_examples=6, derandomize=True, deadline=None, database=None)
def test_what_is_hidden_appears_nowhere(project):
    with TemporaryDirectory() as name:
        root = project.lay_out(Path(name))
        outcome = build.build(root, "entwurf", support.day(support.DEFAULT_DAY), support.shared_cache())
    told = list(support.published_text(outcome))
    assert not [word for word in project.hidden if any(word in one for one in told)]


def test_the_strategies_also_make_what_is_published():
    """Otherwise nothing above could fail."""
    shown = []

    @given(strategies.projects(hostile=False, most=3))
    @settings(max_examples=10, derandomize=True, deadline=None, database=None)
    def gather(project):
        shown.extend(one.published for one in look(project).public.decisions if "/spur-" in one.path)

    gather()
    assert {True, False} <= set(shown)
