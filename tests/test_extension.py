"""What can be added by data alone: category, edition, pattern, legal form and field, each without a line of program."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from ikz_award import planning

CATEGORY = """\
- schluessel: gemeinsame-raeume
  titel: "Gemeinsame Räume"
  kurz: "Kommunen nutzen Häuser und Plätze zusammen."
  gehoert: |
    Alles, was unter **einem** Dach geschieht.
"""
LEGAL_FORM = """\
- code: handschlag
  titel: "Handschlag unter Zeugen"
  gruppe: absprache
  grundlage: "keine"
  erklaerung: "Zwei Stellen geben sich die Hand."
  zustaendigkeit: bleibt
  nur_wenn_beherrscht: nein
"""
PATTERN = """\
titel: "Zwei Schlüssel für ein Haus"
ein_satz: "Zwei Kommunen haben je einen Schlüssel für dasselbe Haus."
problem: "Ein Haus steht oft leer."
kontext: "Es passt, wo zwei Orte nah beieinander liegen."
loesung: "Beide bekommen einen Schlüssel."
folgen: "Jemand muss abschließen."
kernfrage: "Wer schließt ab?"
bekanntheit: wenig-bekannt
bekanntheit_beleg: "Für diese Prüfung gesetzt."
verwandt:
  - muster: zweigstelle
    art: alternative-zu
"""
EDITION = """\
nummer: 3
titel: "3. Landespreis zur Probe"
kurz: "3. Landespreis (Probe)"
ausgelobt_von: "Probestelle"
bewerbung:
  beginn: 2026-03-01
  ende: 2026-04-01T12:00+02:00
  adresse: https://probe.example/bewerbung
bekanntgabe: 2026-06-01T10:00+02:00
preisgeld_euro: 12345
stichtag: 2021-01-01
anzahl_einreichungen: 1
kontakt:
  stelle: Probestelle
  telefon: 0000 / 000
  email: info@probe.example
kategorien:
  - kategorie: gemeinsame-raeume
    sonder: ja
  - kategorie: krisenbewaeltigung
kriterien:
  - schluessel: gewinn
    titel: Gewinn
    text: Was ist besser?
quellen:
  - adresse: https://probe.example/ausschreibung
    titel: Ausschreibung zur Probe
"""
SUBMISSION = """\
titel: "Haus mit zwei Schlüsseln"
status: ausgezeichnet
kategorie: gemeinsame-raeume
federfuehrung: Stadt Bocholt
beteiligte:
  - name: Stadt Bocholt
    ags: 05554008
    art: kommune
  - name: Stadt Rhede
    ags: 05554048
    art: kommune
rechtsform: handschlag
vereinbart_am: 2022
ein_satz: "Zwei Städte teilen sich ein Haus."
muster: [zwei_schluessel]
aufgabenfelder: [kultur]
traegerlied: "Ein Lied über zwei Schlüssel"
auszeichnung:
  art: preis
einwilligung:
  grundlage: einwilligung
  veroeffentlichung: ja
  bilder: nein
  erteilt_am: 2026-05-01
"""
FIELD = '  - {name: traegerlied, type: string, title: "Lied der Träger", constraints: {maxLength: 80}}\n'


@pytest.fixture(scope="module")
def extended(projekt_kopie) -> Path:
    """A copy of the project to which only data were added."""
    project = projekt_kopie(fast=True)
    data = project / "data"

    def add(path: str, text: str) -> None:
        file = data / path
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text(encoding="utf-8").rstrip("\n") + "\n" if file.exists() else ""
        file.write_text(before + text, encoding="utf-8")

    add("reference/kategorien.yml", CATEGORY)
    add("reference/rechtsformen.yml", LEGAL_FORM)
    add("patterns/zwei_schluessel.yml", PATTERN)
    add("reference/editionen/probe.yml", EDITION)
    add("submissions/probe/haus-mit-zwei-schluesseln.yml", SUBMISSION)
    fields = data / "schema/fall.yml"
    fields.write_text(
        fields.read_text(encoding="utf-8").replace("primaryKey:", f"{FIELD}primaryKey:"), encoding="utf-8"
    )
    return project


@pytest.fixture(scope="module")
def site(extended, fertig, tmp_path_factory) -> Path:
    return fertig(tmp_path_factory.mktemp("erweitert") / "site", projekt=extended)


CASE = "preistraeger/probe/haus-mit-zwei-schluesseln/"


def test_a_new_category_has_its_page_and_is_listed(site, seiten):
    page = seiten.html(site, "kategorien/gemeinsame-raeume/")
    assert seiten.heading(page) == "Gemeinsame Räume"
    assert "<strong>einem</strong>" in page
    assert "Haus mit zwei Schlüsseln" in page
    assert "gemeinsame-raeume/" in seiten.article(seiten.html(site, "kategorien/"))


def test_a_new_edition_has_its_pages_without_anyone_writing_them(site, seiten):
    call = seiten.html(site, "ausschreibung/probe/")
    assert "Gemeinsame Räume" in call
    assert "Mittwoch, 1. April 2026, 12:00 Uhr (MESZ)" in call
    assert "teilnahmebedingungen/probe/" in seiten.html(site, "preistraeger/") + call
    winners = seiten.article(seiten.html(site, "preistraeger/probe/"))
    assert "Haus mit zwei Schlüsseln" in winners
    assert "Noch nicht erfasst" in winners


def test_the_home_page_speaks_of_the_newest_edition(site, seiten):
    assert "3. Landespreis (Probe)" in seiten.article(seiten.html(site, ""))


def test_a_new_pattern_has_its_page_with_its_case(site, seiten):
    page = seiten.article(seiten.html(site, "muster/zwei_schluessel/"))
    assert "Wer schließt ab?" in page
    assert "Haus mit zwei Schlüsseln" in page
    assert "zwei_schluessel/" in seiten.article(seiten.html(site, "muster/"))


def test_a_new_legal_form_is_explained_and_linked(site, seiten):
    assert 'id="handschlag"' in seiten.html(site, "rechtsformen/")
    page = seiten.article(seiten.html(site, CASE))
    assert "Handschlag unter Zeugen" in page
    assert "rechtsformen/#handschlag" in page


def test_a_new_field_reaches_open_data_and_code_book(site, seiten):
    text = (site / "daten/faelle.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [one["traegerlied"] for one in rows if one["slug"] == "haus-mit-zwei-schluesseln"] == [
        "Ein Lied über zwei Schlüssel"
    ]
    assert {one["traegerlied"] for one in rows} == {"", "Ein Lied über zwei Schlüssel"}
    package = json.loads((site / "daten/datapackage.json").read_text(encoding="utf-8"))
    titles = {field.get("title") for one in package["resources"] for field in one["schema"]["fields"]}
    assert "Lied der Träger" in titles
    assert "Lied der Träger" in seiten.article(seiten.html(site, "daten/"))


def test_the_limits_of_a_new_field_are_checked(extended, jetzt):
    record = extended / "data/submissions/probe/haus-mit-zwei-schluesseln.yml"
    before = record.read_text(encoding="utf-8")
    try:
        record.write_text(re.sub(r"traegerlied: .*", f"traegerlied: {'la ' * 60}", before), encoding="utf-8")
        findings = planning.check(extended, "entwurf", jetzt).findings
        assert [one.label for one in findings] == ["Lied der Träger"]
    finally:
        record.write_text(before, encoding="utf-8")


def test_a_misspelt_new_code_is_answered_with_the_new_one(extended, jetzt):
    record = extended / "data/submissions/probe/haus-mit-zwei-schluesseln.yml"
    before = record.read_text(encoding="utf-8")
    try:
        record.write_text(
            before.replace("rechtsform: handschlag", "rechtsform: handschlak"), encoding="utf-8"
        )
        findings = planning.check(extended, "entwurf", jetzt).findings
        assert [one.suggestion for one in findings] == ["handschlag"]
    finally:
        record.write_text(before, encoding="utf-8")
