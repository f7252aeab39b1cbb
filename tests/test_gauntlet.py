"""The gauntlet: some five hundred hostile or malformed files, each with a verdict, the places of its findings, and what must not get out.

``tests/gauntlet/<group>/erwartet.csv`` is the table of a group: file, where it is laid in the small project, verdict (``gut``,
``fehler``, or ``verborgen`` for what is right and must not be published), findings as ``E105@2:1``, and strings that no
output may hold. What a folder cannot hold, ``namen.csv`` describes and the test makes: odd names, links, pipes, large files.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import support
from ikz_award import build, report, wording, yamlfile
from ikz_award.findings import Severity

GAUNTLET = Path(__file__).parent / "gauntlet"
# Stands in every value of the files below that is internal, and in no other.
CANARY = "GEHEIM"
GROUPS = sorted(one.name for one in GAUNTLET.iterdir() if one.is_dir())
LOADERS = tuple(yamlfile.PARSERS)
PICTURES = "anhaenge"
PICTURE_RECORD = """
bilder:
  - datei: {name}
    alt: Ein Haus mit rotem Dach steht an einer Straße.
    nachweis: Stadt Probeheim
    lizenz: CC BY 4.0
"""


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    datei: str
    ziel: str
    urteil: str
    befunde: str
    verboten: str

    @property
    def path(self) -> str:
        """Where findings point: for a picture, to the record that names it."""
        if "/bilder/" in self.ziel:
            return f"data/cooperations/anhang-{Path(self.datei).name.replace('.', '-')}.yml"
        return self.ziel


def table(group):
    with (GAUNTLET / group / "erwartet.csv").open(encoding="utf-8", newline="") as file:
        return [Row(**one) for one in csv.DictReader(file, delimiter=";")]


def lay_out(group, root):
    """The small project with every file of a group at its place."""
    support.lay_out_base(root)
    record = (support.BASE / "data/cooperations/musikschule.yml").read_text("utf-8")
    for row in table(group):
        target = root / row.ziel
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((GAUNTLET / group / row.datei).read_bytes())
        if group == PICTURES:
            text = record.replace("Probeheim\n", f"Probeheim, {row.datei}\n", 1)
            (root / row.path).write_text(text + PICTURE_RECORD.format(name=row.datei), "utf-8")
    return root


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What the real check and the real build say of a group, with one of the two loaders."""
    known = {}

    def outcome(group, loader="libyaml"):
        if (group, loader) not in known:
            root = lay_out(group, tmp_path_factory.mktemp(group))
            with pytest.MonkeyPatch.context() as patch:
                patch.setitem(yamlfile.PARSERS, "libyaml", yamlfile.PARSERS[loader])
                known[group, loader] = build.build(
                    root, "entwurf", support.day(support.DEFAULT_DAY), support.shared_cache()
                )
        return known[group, loader]

    return outcome


def told(outcome):
    """Errors by file, as the tables write them."""
    found = {}
    for one in outcome.findings:
        if one.severity is Severity.ERROR:
            found.setdefault(one.place.path, []).append(f"{one.code}@{one.place.line}:{one.place.column}")
    return {path: " ".join(codes) for path, codes in found.items()}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("loader", LOADERS)
def test_every_file_is_told_at_its_place_whichever_loader_reads_it(outcomes, group, loader):
    found = told(outcomes(group, loader))
    assert {row.datei: found.pop(row.path, "") for row in table(group)} == {
        row.datei: row.befunde for row in table(group)
    }
    assert found == {}


def outputs(outcome):
    """Reports, each line as a log reads it, and all HTML; the open data may hold any text, since nobody runs them."""
    for write in report.FORMATS.values():
        yield re.sub(r"\n[ \t]+", "\n", write(outcome.findings, wording.load()))
    for page in outcome.pages:
        yield f"{page.title}\n{page.description}\n{page.html}"
    for known in outcome.placeholders.values():
        yield from known.values()


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_forbidden_gets_out_of_any_file(outcomes, group):
    told = tuple(outputs(outcomes(group)))
    for row in table(group):
        if row.verboten:
            word = json.loads(f'"{row.verboten}"')
            assert [one[:80] for one in told if word in one] == [], row.datei


@pytest.mark.parametrize("group", GROUPS)
def test_no_secret_gets_out_anywhere(outcomes, group):
    """Unlike a hostile text, a secret must not stand in the open data either, nor in a feed, an index or a picture."""
    outcome = outcomes(group)
    hidden = [row.verboten for row in table(group) if row.urteil == "verborgen" and row.verboten]
    written = (one.data.decode("utf-8", "replace") for one in outcome.assets)
    for text in (*outputs(outcome), *written):
        assert [word for word in (CANARY, *hidden) if word in text] == []


@pytest.mark.parametrize("group", GROUPS)
def test_a_verdict_fits_its_findings_and_what_is_published(outcomes, group):
    outcome = outcomes(group)
    published = {one.path for one in outcome.decisions if one.published}
    for row in table(group):
        assert row.urteil == "fehler" if row.befunde else row.urteil in {"gut", "verborgen"}
        if row.path.startswith("data/"):
            assert (row.path in published) is (row.urteil == "gut"), row.datei


def test_the_gauntlet_is_long_and_its_tables_are_whole():
    rows = {group: table(group) for group in GROUPS}
    assert sum(map(len, rows.values())) >= 400
    for group, some in rows.items():
        there = {one.name for one in (GAUNTLET / group).iterdir()} - {"erwartet.csv"}
        assert there == {one.datei for one in some}


def test_a_wrong_expectation_or_a_leak_would_be_seen(outcomes, tmp_path):
    """The tests above compare with what stands in a file; here it stands in one that is right."""
    root = support.lay_out_base(tmp_path)
    (root / "data/cooperations/leck.yml").write_text("titel: GEHEIM: x\n", "utf-8")
    outcome = build.build(root, "entwurf", support.day(support.DEFAULT_DAY), support.shared_cache())
    assert told(outcome) == {"data/cooperations/leck.yml": "E118@1:14"}
    assert "GEHEIM" in report.as_text(outcome.findings, wording.load())
