"""Addresses and numbers of people in public texts: ``tests/cases/kontaktdaten.csv`` is the whole list of spellings.

``\\uXXXX`` stands for a sign that could not be seen in the table. „befund“ is empty where a text is in order. The same
spellings are tried in a record and on a page; there the address of an office is allowed.
"""

from __future__ import annotations

import csv
import re

import pytest

import support
from ikz_award import planning

with (support.CASES / "kontaktdaten.csv").open(encoding="utf-8", newline="") as _file:
    SPELLINGS = list(csv.DictReader(_file))
OFFICES = (
    "info",
    "poststelle",
    "post",
    "rathaus",
    "stadt",
    "presse",
    "vergabe",
    "hauptamt",
    "team-ikz",
    "buero",
    "kontakt",
)
PEOPLE = ("erika.muster", "e.muster", "muster", "erikamuster", "erika_muster", "muster-info", "m.info")
# What the reader refuses anywhere, before anybody looks for addresses.
INVISIBLE = {"E102"}


def shown(row):
    return re.sub(r"\\u([0-9a-f]{4})", lambda one: chr(int(one[1], 16)), row["text"])


@pytest.fixture(scope="module")
def in_records(tmp_path_factory):
    """Findings by row, each as the text of its own record."""
    root = support.lay_out_base(tmp_path_factory.mktemp("texte"))
    template = (root / "data/cooperations/musikschule.yml").read_text("utf-8")
    for number, row in enumerate(SPELLINGS):
        text = template.replace("titel: Musikschule Probeheim", f"titel: Musikschule {number}")
        (root / f"data/cooperations/n-{number}.yml").write_text(f"{text}anlass: |\n  {shown(row)}\n", "utf-8")
    found = planning.plan(root, "entwurf", support.day("2030-07-01"), support.shared_cache()).findings
    return [
        {one.code for one in found if one.place.path == f"data/cooperations/n-{number}.yml"}
        for number in range(len(SPELLINGS))
    ]


@pytest.fixture(scope="module")
def on_pages(tmp_path_factory):
    """Findings by row, each as the text of its own page."""
    root = support.lay_out_base(tmp_path_factory.mktemp("seiten"))
    for number, row in enumerate(SPELLINGS):
        page = f"---\ntitle: Seite\ndescription: Eine Seite.\n---\n\n{shown(row)}\n"
        (root / f"content/n-{number}.md").write_text(page, "utf-8")
    found = planning.plan(root, "entwurf", support.day("2030-07-01"), support.shared_cache()).findings
    return [
        {one.code for one in found if one.place.path == f"content/n-{number}.md"}
        for number in range(len(SPELLINGS))
    ]


def verdict(found):
    return found & {"E327", "E328"} or found & INVISIBLE


@pytest.mark.parametrize("number", range(len(SPELLINGS)), ids=[one["warum"] for one in SPELLINGS])
def test_contact_data_in_any_spelling_are_a_finding(in_records, on_pages, number):
    row = SPELLINGS[number]
    office = "info@" in row["text"]
    for found, where in ((in_records[number], "Datensatz"), (on_pages[number], "Seite")):
        wanted = bool(row["befund"]) and not (office and where == "Seite")
        assert bool(verdict(found)) is wanted, (where, row, found)
        if wanted and not found & INVISIBLE:
            assert row["befund"] in found, (where, row, found)


def test_on_a_page_the_address_of_an_office_may_stand_and_that_of_a_person_may_not(tmp_path):
    root = support.lay_out_base(tmp_path)
    for local in (*OFFICES, *PEOPLE):
        page = (
            f"---\ntitle: Seite\ndescription: Eine Seite.\n---\n\nSchreiben Sie an {local}@stadt.example.\n"
        )
        (root / f"content/{local}.md").write_text(page, "utf-8")
    found = planning.plan(root, "entwurf", support.day("2030-07-01"), support.shared_cache()).findings
    told = {one.place.path for one in found if one.code == "E327"}
    assert told == {f"content/{one}.md" for one in PEOPLE}
