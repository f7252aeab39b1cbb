"""The forms of a report: for people, and for the machines of two forges."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import support
from ikz_award import report, wording
from ikz_award.findings import Finding, Place, Severity, in_order

WORDS = wording.load()
GOLDEN = support.CASES / "_bericht"
RECORD = "data/submissions/2030/archiv.yml"

FINDINGS = in_order(
    [
        Finding(
            "E203",
            Place(RECORD, 2, 9),
            "Status",
            {"wert": "zugelasen", "erlaubt": "entwurf, zugelassen"},
            "zugelassen",
            "status: zugelasen",
        ),
        # Twice the same in two lines: two findings, told apart by their place alone.
        Finding("E217", Place(RECORD, 24, 5), "Muster", {"wert": "zweigstelle"}, "", "  - zweigstelle"),
        Finding("E217", Place(RECORD, 25, 5), "Muster", {"wert": "zweigstelle"}, "", "  - zweigstelle"),
        # Signs that mean something to a forge.
        Finding(
            "E217",
            Place("data/a,b:c%d.yml", 1, 1),
            "100 %, sonst: nichts",
            {"wert": "::error::50 %\n\r<b>"},
            "",
            "\ttitel: x",
        ),
        # A long line is cut around the place.
        Finding(
            "E206", Place("data/x.yml", 3, 150), "Anlass", {"anzahl": "400", "grenze": "3"}, "", "wort " * 80
        ),
        Finding("E407", Place("content/faq.md"), values={"name": "„title“"}, severity=Severity.WARNING),
    ]
)


@pytest.mark.parametrize(
    "form, name",
    [("text", "text.txt"), ("json", "json.jsonl"), ("github", "github.txt"), ("gitlab", "gitlab.json")],
)
def test_each_form_is_the_expected_one_word_for_word(form, name):
    support.compare(GOLDEN / name, report.FORMATS[form](FINDINGS, WORDS))


def test_every_form_tells_every_finding():
    assert len(report.as_json(FINDINGS, WORDS).splitlines()) == len(FINDINGS)
    assert len(report.as_github(FINDINGS, WORDS).splitlines()) == len(FINDINGS)
    assert len(json.loads(report.as_gitlab(FINDINGS, WORDS))) == len(FINDINGS)
    assert report.as_text(FINDINGS, WORDS).count("Abhilfe: ") == len(FINDINGS)


def test_without_findings_every_form_is_whole():
    assert report.as_text((), WORDS) == "Keine Befunde.\n"
    assert report.as_json((), WORDS) == ""
    assert report.as_github((), WORDS) == ""
    assert json.loads(report.as_gitlab((), WORDS)) == []


def test_findings_are_told_by_place_and_exact_repetitions_once():
    assert in_order([*reversed(FINDINGS), *FINDINGS]) == FINDINGS
    places = [one.place for one in FINDINGS]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "errors, warnings, notes, expected",
    [
        (1, 1, 1, "1 Fehler, 1 Warnung, 1 Hinweis"),
        (2, 0, 0, "2 Fehler, 0 Warnungen, 0 Hinweise"),
        (0, 2, 2, "0 Fehler, 2 Warnungen, 2 Hinweise"),
    ],
)
def test_the_count_at_the_end_is_good_german(errors, warnings, notes, expected):
    kinds = [Severity.ERROR] * errors + [Severity.WARNING] * warnings + [Severity.NOTE] * notes
    findings = [Finding("E112", Place("x.yml", line), severity=kind) for line, kind in enumerate(kinds, 1)]
    assert report.summary(findings, WORDS) == expected


def test_a_value_cannot_give_orders_to_github():
    for line in report.as_github(FINDINGS, WORDS).splitlines():
        kind, _, rest = line.removeprefix("::").partition(" ")
        assert kind in {"error", "warning"}
        properties, _, message = rest.partition("::")
        names = [one.partition("=")[0] for one in properties.split(",")]
        assert names == ["file", "line", "col", "title"]
        assert "\r" not in message


def test_the_marker_stands_below_the_place():
    lines = report.one_as_text(FINDINGS[-1], WORDS).splitlines()
    assert FINDINGS[-1].place.path == "data/x.yml"
    text, marker = lines[1], lines[2]
    assert text.startswith("    …")
    assert text.endswith("…")
    # Column 150 is the last letter of a word.
    assert text[marker.index("^")] == FINDINGS[-1].excerpt[149]


def fingerprints(findings):
    return [one["fingerprint"] for one in json.loads(report.as_gitlab(findings, WORDS))]


def test_gitlab_fingerprints_are_unique():
    assert len(set(fingerprints(FINDINGS))) == len(FINDINGS)


def test_gitlab_fingerprints_stay_when_lines_move():
    moved = [
        replace(one, place=Place(one.place.path, one.place.line + 7, one.place.column)) for one in FINDINGS
    ]
    assert fingerprints(moved) == fingerprints(FINDINGS)


def test_gitlab_fingerprints_stay_when_another_finding_goes_away():
    others = [one for one in FINDINGS if one.code != "E203"]
    assert set(fingerprints(others)) < set(fingerprints(FINDINGS))


def test_gitlab_gets_what_its_format_asks_for():
    for row in json.loads(report.as_gitlab(FINDINGS, WORDS)):
        assert set(row) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert row["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert row["location"]["lines"]["begin"] >= 1
        assert not row["location"]["path"].startswith(("/", "./"))


def test_every_sentence_of_the_wording_can_be_said():
    """Also with none of its values, as happens when a check forgets one."""
    for code in WORDS.findings:
        text = report.one_as_text(Finding(code, Place("x.yml")), WORDS)
        assert code in text
        assert "{" not in text


def test_every_code_has_its_family_and_a_way_out():
    for code, words in WORDS.findings.items():
        assert code[0] == "E"
        assert code[1] in "1234"
        assert len(code) == 4
        assert words["text"].endswith((".", "?", "}"))
        assert words["hilfe"]
