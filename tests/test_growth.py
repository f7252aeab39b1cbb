"""Data alone change what is counted: 25 more cases, an uptake of one, and cases nobody may know of yet."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ikz_award import build
from ikz_award.traits import Trait

CASE = """\
titel: "Archivgemeinschaft Nummer {number}"
federfuehrung: Stadt Bocholt
beteiligte:
  - name: Stadt Bocholt
    ags: 05554008
    art: kommune
  - name: Stadt Rhede
    ags: 05554048
    art: kommune
rechtsform: {form}
vereinbart_am: 2020
ein_satz: "Zwei Städte führen ein Archiv."
muster: [{pattern}]
aufgabenfelder: [archiv]
quellen:
  - adresse: https://example.org/{number}
    titel: Quelle zur Probe
beleg: hoch
geprueft_am: 2026-11-01
"""
UPTAKE = """\
ein_satz: "Isselburg tritt der Archivgemeinschaft bei."
art: beitritt
muster: {pattern}
fall: {case}
von: Stadt Bocholt
von_ags: 05554008
an: Stadt Isselburg
an_ags: 05554020
uebernommen_am: 2024
quellen:
  - adresse: https://example.org/beitritt
    titel: Quelle zum Beitritt
geprueft_am: 2026-11-01
"""
# An award of the 2nd edition, whose announcement is not known; everything about it is rare.
HIDDEN = """\
titel: "Drehstrom im Wandel: Kommunen tauschen Kraftwerke"
status: {status}
kategorie: umwelt-planung-infrastruktur
federfuehrung: Stadt Bocholt
beteiligte:
  - name: Stadt Bocholt
    ags: 05554008
    art: kommune
  - name: Stadt Rhede
    ags: 05554048
    art: kommune
rechtsform: zweckverband
vereinbart_am: 2022
ein_satz: "Zwei Städte tauschen Kraftwerke."
muster: [aufgabentausch, personalpool]
aufgabenfelder: [energie]
innovation_art: [digital]
finanzierung_art: [sachleistung]
einwilligung:
  grundlage: einwilligung
  veroeffentlichung: ja
  bilder: nein
  erteilt_am: 2026-02-01
"""

PRIZE = """\
auszeichnung:
  art: preis
"""


def write(project: Path, path: str, text: str) -> None:
    file = project / "data" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def outcome(project: Path, moment: datetime) -> build.Outcome:
    found = build.build(project, "entwurf", moment)
    assert not found.failed, [str(one.place) + one.code for one in found.findings]
    return found


@pytest.fixture(scope="module")
def before(projekt_kopie, jetzt) -> build.Outcome:
    return outcome(projekt_kopie(), jetzt)


@pytest.fixture(scope="module")
def grown(projekt_kopie, jetzt) -> build.Outcome:
    """25 cases more, of which one rotates its lead and the others run a joint house; and one uptake."""
    project = projekt_kopie()
    for number in range(25):
        pattern = "rotierende_federfuehrung" if number == 0 else "gemeinsame_einrichtung"
        form = "zweckverband" if number % 2 else "oerv"
        write(
            project,
            f"cooperations/archivgemeinschaft-{number}.yml",
            CASE.format(number=number, pattern=pattern, form=form),
        )
    write(
        project,
        "uebernahmen/isselburg-archiv.yml",
        UPTAKE.format(pattern="gemeinsame_einrichtung", case="archivgemeinschaft-1"),
    )
    return outcome(project, jetzt)


def text(found: build.Outcome, address: str) -> str:
    page = found.page(address)
    assert page, address
    return page.html


@pytest.mark.parametrize(
    "pattern, more", [("gemeinsame_einrichtung", 24), ("rotierende_federfuehrung", 1), ("zweigstelle", 0)]
)
def test_25_more_cases_change_every_count(before, grown, pattern, more):
    old, new = (one.catalogue.pattern_count(pattern) for one in (before, grown))
    assert (new.n - old.n, new.base - old.base) == (more, 25)
    assert f"{new.n} von {new.base} Kooperationen, das sind" in text(grown, f"muster/{pattern}/")


def test_a_bigger_base_makes_statements_possible(before, grown):
    """With 44 known legal forms nothing was said about them; with 69 it is."""
    form = Trait("rechtsform", "kommunale_arbeitsgemeinschaft")
    states = [one.catalogue.census.state(one.catalogue.census.of(form)) for one in (before, grown)]
    assert states == ["klein", "selten"]
    told = "Rechtsform „<a"
    assert told not in text(before, "kooperationen/kag-baumberge-touristik/")
    assert told in text(grown, "kooperationen/kag-baumberge-touristik/")


def test_common_cases_leave_the_rare_patterns_rare(before, grown):
    rare = {code for code in before.catalogue.patterns if before.catalogue.pattern_state(code) == "selten"}
    # The one pattern that got a second case may have become less rare; the others must not.
    after = {code for code in rare if grown.catalogue.pattern_state(code) != "selten"}
    assert rare
    assert after <= {"rotierende_federfuehrung"}


def test_new_cases_have_pages_likeness_and_a_place_in_every_table(grown):
    assert "Archivgemeinschaft Nummer 1" in text(grown, "kooperationen/archivgemeinschaft-1/")
    assert "Archivgemeinschaft Nummer" in text(grown, "kommunen/05554048/")
    assert "Archivgemeinschaft Nummer 1" in text(grown, "weisse-flecken/")
    assert "Archivgemeinschaft Nummer" in text(grown, "passt-das-zu-uns/")
    assert "kooperationen/archivgemeinschaft-1/beschlussvorlage.docx" in {one.address for one in grown.assets}
    alike = grown.catalogue.similarity.like(grown.catalogue.described_entries["archivgemeinschaft-1"])
    assert all(one.entry.key.startswith("archivgemeinschaft-") for one in alike)


def test_an_uptake_is_told_on_every_page_it_concerns(before, grown):
    for address in (
        "uebernahmen/",
        "muster/gemeinsame_einrichtung/",
        "kooperationen/archivgemeinschaft-1/",
        "kommunen/05554008/",
    ):
        assert "Isselburg tritt der Archivgemeinschaft bei." in text(grown, address), address
    assert len(grown.catalogue.uptakes) == len(before.catalogue.uptakes) + 1


# --- what nobody may know yet


def test_cases_under_embargo_change_no_number_no_order_and_no_likeness(projekt_kopie, jetzt, before):
    project = projekt_kopie()
    for status in ("entwurf", "eingereicht", "zugelassen", "ausgezeichnet", "zurueckgezogen"):
        prize = PRIZE if status == "ausgezeichnet" else ""
        write(project, f"submissions/2026/drehstrom-{status}.yml", HIDDEN.format(status=status) + prize)
        # Its uptake would betray it, too.
        uptake = UPTAKE.format(pattern="aufgabentausch", case=f"2026/drehstrom-{status}")
        write(project, f"uebernahmen/drehstrom-{status}.yml", uptake)
    found = outcome(project, jetzt)
    assert found.pages == before.pages
    assert found.assets == before.assets
    assert found.placeholders == before.placeholders
    assert found.next_change == before.next_change
    reasons = {one.reason for one in found.decisions if "uebernahmen/drehstrom" in one.path}
    assert reasons == {"das Vorbild ist nicht öffentlich"}


def test_the_same_case_counts_from_the_announcement_on(projekt_kopie, jetzt, before):
    """The planted case is one that would show: with the announcement it changes pages."""
    project = projekt_kopie()
    write(project, "submissions/2026/drehstrom.yml", HIDDEN.format(status="ausgezeichnet") + PRIZE)
    write(
        project, "uebernahmen/drehstrom.yml", UPTAKE.format(pattern="aufgabentausch", case="2026/drehstrom")
    )
    edition = project / "data/reference/editionen/2026.yml"
    known = edition.read_text(encoding="utf-8").replace("  - bekanntgabe\n", "")
    edition.write_text(known + "bekanntgabe: 2026-06-01\n", encoding="utf-8")
    found = outcome(project, jetzt)
    assert found.catalogue.pattern_count("aufgabentausch").n == 1
    assert "Drehstrom im Wandel" in text(found, "muster/aufgabentausch/")
    assert "Isselburg tritt" in text(found, "preistraeger/2026/drehstrom/")


def test_the_month_turns_the_order_and_says_so_in_advance(projekt_kopie, before):
    project = projekt_kopie()
    november = outcome(project, datetime.fromisoformat("2026-11-30T23:59:59+01:00"))
    december = outcome(project, datetime.fromisoformat("2026-12-01T00:00:00+01:00"))
    assert november.next_change == datetime.fromisoformat("2026-12-01T00:00:00+01:00")
    first, second = (found.catalogue.ranked_patterns[0].key for found in (november, december))
    assert first != second
    assert november.catalogue.ranked_patterns[1].key == second
