"""The calendar, read by a program that does not know ours: every known date once, at the right time, under a name that stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import vobject

import support
from ikz_award import build, calendar_file, planning, routes

SITE = "https://preis.example"


def events(data: bytes) -> dict[str, object]:
    calendar = vobject.readOne(data.decode())
    assert calendar.version.value == "2.0"
    return {one.summary.value.partition(":")[0]: one for one in calendar.vevent_list}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return support.lay_out_base(tmp_path_factory.mktemp("kalender") / "projekt")


def calendars(project: Path, **changes: str) -> dict[str, bytes]:
    """Files of the small project, with lines of its edition changed."""
    file = project / "data/reference/editionen/2030.yml"
    text = original = file.read_text(encoding="utf-8")
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    try:
        planned = planning.plan(project, "entwurf", support.day("2030-07-01"), support.shared_cache())
    finally:
        file.write_text(original, encoding="utf-8")
    return dict(calendar_file.files(planned.catalogue))


def test_every_date_of_an_edition_is_an_event(project):
    found = events(calendars(project)["kalender/2030.ics"])
    assert set(found) == {
        "Bewerbungsfrist beginnt",
        "Bewerbungsfrist endet",
        "Fragestunde",
        "Bekanntgabe der Ergebnisse",
    }


def test_a_day_without_a_clock_is_a_whole_day(project):
    one = events(calendars(project)["kalender/2030.ics"])["Bewerbungsfrist endet"]
    assert (one.dtstart.value, one.dtend.value) == (date(2030, 3, 31), date(2030, 4, 1))
    assert one.description.value.startswith("Uhrzeit nicht bekannt\n")


@pytest.mark.parametrize(
    "written, clock, utc",
    [
        ("2030-03-30T23:59+01:00", "2030-03-30 23:59", "2030-03-30 22:59"),
        ("2030-03-31T01:59+01:00", "2030-03-31 01:59", "2030-03-31 00:59"),
        ("2030-03-31T03:00+02:00", "2030-03-31 03:00", "2030-03-31 01:00"),
        ("2030-04-01T00:00+02:00", "2030-04-01 00:00", "2030-03-31 22:00"),
        ("2030-03-29T12:00Z", "2030-03-29 13:00", "2030-03-29 12:00"),
    ],
)
def test_the_time_is_right_on_both_sides_of_the_change_of_the_clock(project, written, clock, utc):
    data = calendars(project, end=("ende: 2030-03-31\n", f"ende: {written}\n"))["kalender/2030.ics"]
    start = events(data)["Bewerbungsfrist endet"].dtstart.value
    assert f"{start:%Y-%m-%d %H:%M}" == clock
    assert f"{start.astimezone(UTC):%Y-%m-%d %H:%M}" == utc
    # The rules in the file itself say so as well, without any other source.
    assert b"TZID:Europe/Berlin" in data
    zone = vobject.readOne(data.decode()).vtimezone.tzinfo
    local = datetime.fromisoformat(clock).replace(tzinfo=zone)
    assert f"{local - local.utcoffset():%Y-%m-%d %H:%M}" == utc


def test_the_zone_knows_both_offsets_in_any_year(project):
    zone = vobject.readOne(calendars(project)["kalender/2030.ics"].decode()).vtimezone.tzinfo
    offsets = {
        moment: datetime.fromisoformat(moment).replace(tzinfo=zone).utcoffset()
        for moment in (
            "2026-03-29T01:30",
            "2026-03-29T03:30",
            "2026-10-25T01:30",
            "2026-10-25T03:30",
            "2031-07-01T12:00",
        )
    }
    assert [int(one / timedelta(hours=1)) for one in offsets.values()] == [1, 2, 2, 1, 2]


def test_an_event_has_its_end_its_stamp_and_the_way_to_the_announcement(project):
    data = calendars(
        project,
        sources=(
            "termine:\n",
            "quellen:\n  - adresse: https://a.example/\n    gelesen_am: 2030-05-04\ntermine:\n",
        ),
    )
    one = events(data["kalender/2030.ics"])["Fragestunde"]
    assert one.dtend.value - one.dtstart.value == timedelta(hours=1)
    assert one.dtstamp.value == datetime(2030, 5, 4, 12, tzinfo=UTC)
    assert int(one.sequence.value) == (date(2030, 5, 4) - date(2020, 1, 1)).days
    assert one.uid.value.startswith("urn:uuid:")


def test_names_of_events_stay_when_their_dates_move_and_the_later_state_wins(project):
    old = events(calendars(project)["kalender/2030.ics"])
    new = events(
        calendars(
            project,
            day=("bekanntgabe: 2030-06-15", "bekanntgabe: 2030-06-20T10:00+02:00"),
            sources=(
                "termine:\n",
                "quellen:\n  - adresse: https://a.example/\n    gelesen_am: 2030-05-04\ntermine:\n",
            ),
        )["kalender/2030.ics"]
    )
    assert {name: one.uid.value for name, one in old.items()} == {
        name: one.uid.value for name, one in new.items()
    }
    assert len({one.uid.value for one in old.values()}) == len(old)
    assert all(int(new[name].sequence.value) > int(old[name].sequence.value) for name in old)


def test_a_date_nobody_knows_is_no_event(project):
    data = calendars(project, day=("bekanntgabe: 2030-06-15\n", ""))
    assert "Bekanntgabe der Ergebnisse" not in events(data["kalender/2030.ics"])


def test_an_edition_without_dates_has_no_file_and_no_link(project, tmp_path):
    bare = support.lay_out_base(tmp_path / "projekt")
    file = bare / "data/reference/editionen/2030.yml"
    text = file.read_text(encoding="utf-8")
    for line in ("  beginn: 2030-01-07\n", "  ende: 2030-03-31\n", "bekanntgabe: 2030-06-15\n"):
        text = text.replace(line, "")
    start, end = text.index("termine:"), text.index("regeln:")
    file.write_text(text[:start] + text[end:], encoding="utf-8")
    (bare / "content/termine.md").write_text(
        "---\ntitle: Termine\ndescription: Termine.\n---\n\n<!-- ikz: fristen 2030 -->\n\n<!-- ikz: kalender -->\n"
    )
    outcome = build.build(bare, "entwurf", support.day("2030-07-01"), support.shared_cache())
    assert not [one for one in outcome.assets if one.address.endswith(".ics")]
    shown = "".join(outcome.placeholders["termine/"].values())
    assert ".ics" not in shown
    assert "Noch ist kein Termin bekannt." in shown


def test_the_site_links_its_calendars_and_each_leads_to_its_announcement(site_produktion, seiten):
    page = seiten.article(seiten.html(site_produktion, "ausschreibung/2026/"))
    assert 'href="../../kalender/2026.ics"' in page
    subscribe = seiten.article(seiten.html(site_produktion, "abonnieren/"))
    files = sorted(one.name for one in (site_produktion / "kalender").iterdir())
    assert files == ["2022.ics", "2026.ics", "landespreis.ics"]
    assert all(f'href="../kalender/{name}"' in subscribe for name in files)
    one = events((site_produktion / "kalender/2026.ics").read_bytes())["Digitale Sprechstunde"]
    assert one.url.value == f"{SITE}/{routes.call('2026')}"
    assert one.url.value in one.description.value
    every = vobject.readOne((site_produktion / "kalender/landespreis.ics").read_text(encoding="utf-8"))
    single = [events((site_produktion / f"kalender/{name}.ics").read_bytes()) for name in ("2022", "2026")]
    assert len(every.vevent_list) == sum(map(len, single)) > 4
