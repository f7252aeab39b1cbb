"""The gate: who becomes public when, and with how much of what stands in the file.

``tests/cases/freigabe.csv`` is the whole table for an edition that is announced on 15 June 2030 and that publishes the
title and the category of its winners without their consent. „nein“: nothing, „knapp“: title and category only,
„ganz“: every public field. Each row holds for a real edition with the profiles „entwurf“ and „produktion“ and for a
fictional one with the profile „beispiel“; in every other combination nothing is public.
"""

from __future__ import annotations

import csv
from datetime import datetime, timedelta

import pytest

import support
from ikz_award import planning, publication
from ikz_award.dates import BERLIN

with (support.CASES / "freigabe.csv").open(encoding="utf-8", newline="") as _file:
    TABLE = list(csv.DictReader(_file))

CONSENTS = {
    "keine": "",
    "abgelehnt": "veroeffentlichung: nein",
    "erteilt": "veroeffentlichung: ja\n  erteilt_am: 2030-02-01",
    "erteilt-ohne-datum": "veroeffentlichung: ja",
    "erteilt-ab-2031": "veroeffentlichung: ja\n  erteilt_am: 2031-01-01",
    "widerrufen": "veroeffentlichung: ja\n  erteilt_am: 2030-02-01\n  widerrufen_am: 2030-02-02",
    "widerruf-ab-2031": "veroeffentlichung: ja\n  erteilt_am: 2030-02-01\n  widerrufen_am: 2031-01-01",
    "quellen": "grundlage: oeffentliche-quellen",
    "quellen-fehlen": "grundlage: oeffentliche-quellen",
}
MOMENTS = {
    "am Tag davor": datetime(2030, 6, 14, 12, tzinfo=BERLIN),
    "am Tag selbst": datetime(2030, 6, 15, 23, 59, 59, tzinfo=BERLIN),
    "am Tag danach": datetime(2030, 6, 16, tzinfo=BERLIN),
}
SHOWN = [("entwurf", "echt"), ("produktion", "echt"), ("beispiel", "erfunden")]
HIDDEN = [("beispiel", "echt"), ("entwurf", "erfunden"), ("produktion", "erfunden")]

EDITION = """\
nummer: {nummer}
titel: Landespreis
kurz: Landespreis
beispiel: {beispiel}
bewerbung:
  beginn: 2030-01-07
  ende: 2030-03-31
{bekanntgabe}kategorien:
  - kategorie: kultur
{ohne_einwilligung}"""

SUBMISSION = """\
titel: Titel von {name}
status: {status}
kategorie: kultur
eingereicht_am: 2030-02-01
federfuehrung: Stadt {name}
beteiligte:
  - name: Stadt {name}
    ags: 05900001
    art: kommune
    rolle: Rolle von {name}
rechtsform: oerv_mandatierend
ein_satz: Satz von {name}.
aufgabenfelder:
  - archiv
kontakt:
  name: GEHEIM {name}
intern:
  vermerk: GEHEIM {name}
{einwilligung}{quellen}"""


def write_edition(root, key, announced="2030-06-15", *, fictional=False, without_consent="titel, kategorie"):
    text = EDITION.format(
        nummer=6 + len(list((root / "data/reference/editionen").iterdir())),
        beispiel="ja" if fictional else "nein",
        bekanntgabe=f"bekanntgabe: {announced}\n" if announced else "",
        ohne_einwilligung=f"ohne_einwilligung: [{without_consent}]\n" if without_consent else "",
    )
    (root / f"data/reference/editionen/{key}.yml").write_text(text, "utf-8")
    (root / f"data/submissions/{key}").mkdir()


def write_submission(root, edition, name, status, consent, more=""):
    block = CONSENTS.get(consent, consent)
    text = SUBMISSION.format(
        name=name,
        status=status,
        einwilligung=f"einwilligung:\n  {block}\n" if block else "",
        quellen="quellen:\n  - adresse: https://quelle.example/\n" if consent == "quellen" else "",
    )
    (root / f"data/submissions/{edition}/{name}.yml").write_text(text + more, "utf-8")


@pytest.fixture(scope="module")
def announced(tmp_path_factory):
    """Every row of the table as a submission of three editions: a real, a fictional, and one not announced."""
    root = support.lay_out_base(tmp_path_factory.mktemp("freigabe"))
    for key, day, fictional in (
        ("echt", "2030-06-15", False),
        ("erfunden", "2030-06-15", True),
        ("offen", "", False),
    ):
        write_edition(root, key, day, fictional=fictional)
        for row in TABLE:
            name = f"{row['status']}-{row['einwilligung']}"
            write_submission(root, key, name, row["status"], row["einwilligung"])
    return planning.check(root, "entwurf", support.day("2030-02-01")).data


def shown(public, edition, name):
    """What the table calls it: nein, knapp or ganz."""
    titles = {one.title: one for one in public.entries if one.edition == edition}
    entry = titles.get(f"Titel von {name}")
    if entry is None:
        return "nein"
    return "knapp" if entry.limited else "ganz"


def all_rows(public, edition):
    return {
        (row["status"], row["einwilligung"]): shown(public, edition, f"{row['status']}-{row['einwilligung']}")
        for row in TABLE
    }


def column(name):
    return {(row["status"], row["einwilligung"]): row[name] for row in TABLE}


def test_the_table_names_every_status_with_every_consent():
    assert len(TABLE) == 6 * len(CONSENTS)
    assert {row["einwilligung"] for row in TABLE} == set(CONSENTS)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("profile, edition", SHOWN)
def test_every_row_of_the_table_holds(announced, profile, edition, moment):
    public = publication.publish(announced, profile, MOMENTS[moment])
    assert all_rows(public, edition) == column(moment)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("profile, edition", HIDDEN)
def test_fictional_and_real_editions_never_show_together(announced, profile, edition, moment):
    public = publication.publish(announced, profile, MOMENTS[moment])
    assert set(all_rows(public, edition).values()) == {"nein"}
    assert edition not in {one.key for one in public.editions}


@pytest.mark.parametrize("profile", ["entwurf", "produktion"])
@pytest.mark.parametrize("now", ["2030-06-14", "2030-06-16", "2099-01-01"])
def test_without_an_announcement_every_result_stays_closed(announced, profile, now):
    public = publication.publish(announced, profile, support.day(now))
    assert all_rows(public, "offen") == column("ohne Bekanntgabe")


def test_every_decision_says_why(announced):
    public = publication.publish(announced, "entwurf", MOMENTS["am Tag danach"])
    reasons = {one.path: one.reason for one in public.decisions}
    folder = "data/submissions/echt"
    assert len(reasons) == 3 * len(TABLE) + 4
    assert reasons[f"{folder}/entwurf-erteilt.yml"] == "Status „entwurf“ ist nie öffentlich"
    assert reasons[f"{folder}/zugelassen-keine.yml"] == "keine Einwilligung"
    assert reasons[f"{folder}/zugelassen-widerrufen.yml"] == "Einwilligung widerrufen"
    assert reasons[f"{folder}/zugelassen-quellen-fehlen.yml"] == "keine Quellen genannt"
    assert (
        reasons[f"{folder}/zugelassen-erteilt.yml"]
        == "Status „zugelassen“, bekannt gegeben, Einwilligung liegt vor"
    )
    assert "ohne sie: kategorie, titel" in reasons[f"{folder}/ausgezeichnet-keine.yml"]
    assert (
        reasons["data/submissions/erfunden/zugelassen-erteilt.yml"]
        == "erfundener Durchgang, nur mit PROFIL=beispiel"
    )
    assert reasons["data/submissions/offen/zugelassen-erteilt.yml"].startswith("gesperrt: die Bekanntgabe")
    assert reasons["data/cooperations/musikschule.yml"].startswith("dokumentierte Kooperation")


def test_a_decision_never_repeats_something_internal(announced):
    for moment in MOMENTS.values():
        public = publication.publish(announced, "entwurf", moment)
        assert not [one for one in public.decisions if support.PLANTED in one.reason.casefold()]


def test_documented_cooperations_are_public_at_any_time_and_in_any_profile(announced):
    for profile in publication.PROFILES:
        public = publication.publish(announced, profile, support.day("2020-01-01"))
        assert [one.slug for one in public.entries] == ["musikschule"]


def test_an_entry_holds_nothing_internal(announced):
    public = publication.publish(announced, "entwurf", MOMENTS["am Tag danach"])
    whole = [one for one in public.entries if one.kind == "einreichung" and not one.limited]
    assert len(whole) == 5
    for entry in whole:
        assert support.PLANTED not in repr(entry).casefold()
        assert not {"kontakt", "intern", "einwilligung", "eingereicht_am"} & set(entry.content)


def values_in(content):
    for value in content.values() if isinstance(content, dict) else content:
        if isinstance(value, dict | tuple | list):
            yield from values_in(value)
        elif value is not None:
            yield value


def test_a_winner_without_consent_shows_what_the_edition_allows_and_no_name_in_an_address(announced):
    public = publication.publish(announced, "entwurf", MOMENTS["am Tag danach"])
    limited = [one for one in public.entries if one.limited]
    assert len(limited) == 7
    for entry in limited:
        assert entry.is_winner
        assert set(values_in(dict(entry.content))) == {entry.title, "kultur"}
        assert (entry.slug, entry.source, entry.legal_form) == ("", "", "")
        assert (entry.municipalities, entry.pictures, entry.patterns, entry.task_fields) == ((), (), (), ())


def small(tmp_path, announced_at, status="ausgezeichnet", consent="erteilt", **options):
    """A project with one edition and one submission, checked."""
    more = options.pop("more", "")
    root = support.lay_out_base(tmp_path)
    write_edition(root, "eins", announced_at, **options)
    write_submission(root, "eins", "muster", status, consent, more)
    return planning.check(root, "entwurf", support.day("2030-02-01")).data


def is_public(data, now):
    return bool([one for one in publication.publish(data, "entwurf", now).entries if one.edition == "eins"])


@pytest.mark.parametrize(
    "announced_at, last_closed, first_open",
    [
        # the end of the day in Germany, in winter, in summer and on the two days on which the clock is changed
        ("2030-01-15", "2030-01-15T22:59:59+00:00", "2030-01-15T23:00:00+00:00"),
        ("2030-06-15", "2030-06-15T21:59:59+00:00", "2030-06-15T22:00:00+00:00"),
        ("2030-03-31", "2030-03-31T21:59:59+00:00", "2030-03-31T22:00:00+00:00"),
        ("2030-10-27", "2030-10-27T22:59:59+00:00", "2030-10-27T23:00:00+00:00"),
        # a time is that very moment
        ("2030-06-15T11:00+02:00", "2030-06-15T08:59:59+00:00", "2030-06-15T09:00:00+00:00"),
    ],
)
def test_the_embargo_ends_with_the_day_or_at_the_minute(tmp_path, announced_at, last_closed, first_open):
    data = small(tmp_path, announced_at)
    assert not is_public(data, datetime.fromisoformat(last_closed))
    assert is_public(data, datetime.fromisoformat(first_open))


def test_an_edition_that_names_nothing_shows_no_winner_without_consent(tmp_path):
    data = small(tmp_path, "2030-06-15", consent="keine", without_consent="")
    assert not is_public(data, MOMENTS["am Tag danach"])


def test_those_without_an_address_come_in_an_order_that_tells_nothing_of_their_files(tmp_path):
    root = support.lay_out_base(tmp_path)
    write_edition(root, "eins", without_consent="titel, ein_satz")
    for name, sentence in (("aachen", "Zuletzt."), ("zuelpich", "Anfangs.")):
        write_submission(root, "eins", name, "ausgezeichnet", "keine")
        file = root / f"data/submissions/eins/{name}.yml"
        text = file.read_text("utf-8").replace(f"Titel von {name}", "Gleicher Titel")
        file.write_text(text.replace(f"Satz von {name}.", sentence), "utf-8")
    data = planning.check(root, "entwurf", support.day("2030-02-01")).data
    public = publication.publish(data, "entwurf", MOMENTS["am Tag danach"])
    told = [(one.title, one.content["ein_satz"]) for one in public.entries if one.limited]
    assert told == [("Gleicher Titel", "Anfangs."), ("Gleicher Titel", "Zuletzt.")]


def test_a_withdrawn_consent_closes_the_page_at_once_and_for_good(tmp_path):
    data = small(tmp_path, "2030-06-15", "zugelassen", "widerruf-ab-2031")
    for now in ("2030-06-16", "2030-12-31", "2031-01-02", "2099-01-01"):
        assert not is_public(data, support.day(now))


PICTURE = "bilder:\n  - datei: haus.png\n    alt: Das Haus\n    nachweis: Stadt\n    lizenz: CC BY 4.0\n"


@pytest.mark.parametrize(
    "consent, pictures",
    [
        ("veroeffentlichung: ja\n  erteilt_am: 2030-02-01", 0),
        ("veroeffentlichung: ja\n  erteilt_am: 2030-02-01\n  bilder: nein", 0),
        ("veroeffentlichung: ja\n  erteilt_am: 2030-02-01\n  bilder: ja", 1),
        ("veroeffentlichung: nein\n  bilder: ja", 0),
        ("veroeffentlichung: ja\n  erteilt_am: 2030-02-01\n  bilder: ja\n  widerrufen_am: 2030-02-02", 0),
    ],
)
def test_pictures_need_a_consent_of_their_own(tmp_path, consent, pictures):
    """Even if the edition named them among what it publishes without consent."""
    data = small(tmp_path, "2030-06-15", consent=consent, more=PICTURE, without_consent="titel, bilder")
    public = publication.publish(data, "entwurf", MOMENTS["am Tag danach"])
    entry = next(one for one in public.entries if one.edition == "eins")
    assert len(entry.pictures) == len(entry.content["bilder"]) == pictures


def test_the_next_change_names_each_step_of_an_edition_in_turn(tmp_path):
    root = support.lay_out_base(tmp_path)
    (root / "data/reference/editionen/2030.yml").unlink()
    for one in (root / "data/submissions/2030").iterdir():
        one.unlink()
    write_edition(root, "eins", "2030-06-15T11:00+02:00")
    write_submission(root, "eins", "spaet", "zugelassen", "erteilt-ab-2031")
    write_submission(root, "eins", "nie", "eingereicht", "veroeffentlichung: ja\n  erteilt_am: 2035-01-01")
    data = planning.check(root, "entwurf", support.day("2030-01-01")).data
    steps = []
    now = support.day("2029-12-01")
    while (change := publication.publish(data, "entwurf", now).next_change) is not None:
        steps.append(change.isoformat(timespec="minutes"))
        now = change
    assert steps == [
        "2030-01-07T00:00+01:00",  # applications open
        "2030-04-01T00:00+02:00",  # and close with the end of the last day
        "2030-06-15T11:00+02:00",  # results are announced
    ]  # and no word of the consent of 2031: it is internal, and the file with these moments is public


def test_between_two_changes_nothing_changes(announced):
    """Whatever moment lies between: the same entries, so that a site built at the first is still right."""
    now = support.day("2029-12-01")
    while (change := publication.publish(announced, "entwurf", now).next_change) is not None:
        first = publication.publish(announced, "entwurf", now).entries
        for later in (now + (change - now) / 2, change - timedelta(seconds=1)):
            assert publication.publish(announced, "entwurf", later).entries == first
        now = change


UPTAKE = """\
ein_satz: Wald übernimmt es.
art: nachahmung
muster: zweigstelle
fall: {case}
von: Stadt Probeheim
an: Gemeinde Wald
uebernommen_am: 2030
quellen:
  - adresse: https://wald.example/
unbekannt:
  - veraendert
"""


@pytest.mark.parametrize(
    "status, consent, after",
    [("zugelassen", "erteilt", True), ("zugelassen", "keine", False), ("ausgezeichnet", "keine", False)],
)
def test_an_uptake_of_a_submission_shows_when_the_whole_submission_does(tmp_path, status, consent, after):
    root = support.lay_out_base(tmp_path)
    write_edition(root, "eins", "2030-06-15")
    write_submission(root, "eins", "muster", status, consent)
    (root / "data/uebernahmen/wald.yml").write_text(UPTAKE.format(case="eins/muster"), "utf-8")
    (root / "data/uebernahmen/ohne-vorbild.yml").write_text(UPTAKE.replace("fall: {case}\n", ""), "utf-8")
    data = planning.check(root, "entwurf", support.day("2030-02-01")).data
    assert {one.slug for one in data.uptakes} == {"musterstadt-musikschule", "ohne-vorbild", "wald"}
    for now, open_then in ((MOMENTS["am Tag davor"], False), (MOMENTS["am Tag danach"], after)):
        public = publication.publish(data, "entwurf", now)
        slugs = [one.slug for one in public.uptakes]
        assert slugs == ["musterstadt-musikschule", "ohne-vorbild", *["wald"] * open_then]
        said = {one.path: (one.published, one.reason) for one in public.decisions}
        reason = (
            "belegte Übernahme aus öffentlichen Quellen" if open_then else "das Vorbild ist nicht öffentlich"
        )
        assert said["data/uebernahmen/wald.yml"] == (open_then, reason)
        assert said["data/uebernahmen/ohne-vorbild.yml"][0]


def test_only_a_submission_can_be_a_winner(announced):
    public = publication.publish(announced, "entwurf", MOMENTS["am Tag danach"])
    statuses: dict[bool, set[str]] = {True: set(), False: set()}
    for one in public.entries:
        if one.edition in {"", "echt"}:
            statuses[one.is_winner].add(one.title.removeprefix("Titel von ").partition("-")[0])
    assert statuses == {True: {"ausgezeichnet"}, False: {"zugelassen", "Musikschule Probeheim"}}


def test_nothing_the_gate_made_can_be_changed_behind_it():
    made = ("Picture", "Entry", "PublicUptake", "Decision", "Publication")
    assert all(getattr(publication, name).__dataclass_params__.frozen for name in made)


def test_pictures_are_numbered_in_order_and_carry_no_name_of_their_file(tmp_path):
    more = PICTURE + "  - datei: hof.jpg\n    alt: Der Hof\n    nachweis: Amt\n    lizenz: CC0\n"
    consent = "veroeffentlichung: ja\n  erteilt_am: 2030-02-01\n  bilder: ja"
    data = small(tmp_path, "2030-06-15", consent=consent, more=more)
    (entry,) = [
        one
        for one in publication.publish(data, "entwurf", MOMENTS["am Tag danach"]).entries
        if one.edition == "eins"
    ]
    folder = "data/submissions/eins/bilder"
    assert [(one.source, one.name, one.alt, one.credit, one.licence) for one in entry.pictures] == [
        (f"{folder}/haus.png", "bild-1", "Das Haus", "Stadt", "CC BY 4.0"),
        (f"{folder}/hof.jpg", "bild-2", "Der Hof", "Amt", "CC0"),
    ]
    assert [row["datei"] for row in entry.content["bilder"]] == ["bild-1.webp", "bild-2.webp"]


@pytest.mark.parametrize("now", ["2030-06-17", "2031-01-01", "2099-12-31"])
def test_what_was_announced_stays_public(announced, now):
    public = publication.publish(announced, "entwurf", support.day(now))
    assert shown(public, "echt", "zugelassen-erteilt") == "ganz"
    assert shown(public, "echt", "ausgezeichnet-keine") == "knapp"


def test_a_consent_counts_from_the_very_moment_it_was_given(tmp_path):
    data = small(
        tmp_path, "2030-06-15", consent="veroeffentlichung: ja\n  erteilt_am: 2030-07-01T10:00+02:00"
    )
    moment = datetime(2030, 7, 1, 10, tzinfo=BERLIN)
    entries = {
        one: [
            entry.limited
            for entry in publication.publish(data, "entwurf", one).entries
            if entry.edition == "eins"
        ]
        for one in (moment - timedelta(seconds=1), moment, moment + timedelta(seconds=1))
    }
    assert list(entries.values()) == [[True], [False], [False]]


def test_an_uptake_names_the_municipalities_it_knows(announced):
    (uptake,) = publication.publish(announced, "entwurf", MOMENTS["am Tag danach"]).uptakes
    assert uptake.municipalities == {"05900003", "05900001"}


def test_an_edition_without_a_beginning_has_its_other_moments(tmp_path):
    root = support.lay_out_base(tmp_path)
    (root / "data/reference/editionen/2030.yml").unlink()
    for one in (root / "data/submissions/2030").iterdir():
        one.unlink()
    write_edition(root, "eins", "2030-06-15T11:00+02:00")
    file = root / "data/reference/editionen/eins.yml"
    text = (
        file.read_text("utf-8")
        .replace("  beginn: 2030-01-07\n", "")
        .replace("nummer:", "unbekannt:\n  - bewerbung.beginn\nnummer:")
    )
    file.write_text(text, "utf-8")
    data = planning.check(root, "entwurf", support.day("2029-12-01")).data
    assert data.editions["eins"].opens is None
    change = publication.publish(data, "entwurf", support.day("2029-12-01")).next_change
    assert change == datetime(2030, 4, 1, tzinfo=BERLIN)


def test_an_entry_carries_the_codes_by_which_it_is_counted(announced):
    public = publication.publish(announced, "entwurf", MOMENTS["am Tag danach"])
    (entry,) = [
        one for one in public.entries if one.title == "Titel von zugelassen-erteilt" and one.edition == "echt"
    ]
    assert (entry.category, entry.legal_form, entry.task_fields) == (
        "kultur",
        "oerv_mandatierend",
        ("archiv",),
    )
    assert (entry.patterns, entry.municipalities) == ((), ("05900001",))
    (school,) = [one for one in public.entries if one.kind == "kooperation"]
    assert (school.category, school.legal_form, school.patterns) == (
        "",
        "oerv_mandatierend",
        ("zweigstelle",),
    )


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_decision_says_published_where_there_is_an_entry_and_nowhere_else(announced, moment):
    public = publication.publish(announced, "entwurf", MOMENTS[moment])
    said = {one.path.removesuffix(".yml"): one.published for one in public.decisions}
    for row in TABLE:
        name = f"{row['status']}-{row['einwilligung']}"
        assert said[f"data/submissions/echt/{name}"] == (row[moment] != "nein"), name
    assert said["data/cooperations/musikschule"]


@pytest.mark.parametrize(
    "profile, seconds, ahead",
    [("produktion", 301, True), ("produktion", 300, False), ("produktion", -86400, False)]
    + [(one, 86400, False) for one in publication.PROFILES if one != "produktion"],
)
def test_what_goes_out_is_never_built_for_a_later_time_than_now(profile, seconds, ahead):
    clock = datetime(2030, 6, 15, 12, tzinfo=BERLIN)
    assert publication.is_ahead(profile, clock + timedelta(seconds=seconds), clock) is ahead
