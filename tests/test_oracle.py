"""The gate against an oracle: every combination of what decides, judged a second time by rules written from scratch.

The oracle shares no line with the program. It takes what stands in the files, and reckons German time by the rule of the
European Union instead of a table of zones.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from types import MappingProxyType, SimpleNamespace

import pytest

import change_due
import support
from ikz_award import build, model, planning, publication
from ikz_award.dates import Moment
from test_publication import write_edition, write_submission

# --- the oracle


@cache
def instant(written, *, ends):
    """The moment in world time; nothing if it cannot be relied on. A day begins, or ends, at midnight in Germany."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)\+0([12]):00)?", written)
    try:
        local = datetime.fromisoformat(f"{found[1]} {found[2] or '00:00'}").replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None
    local += timedelta(days=int(ends and not found[2]))
    fitting = [hours for hours in (1, 2) if german_hours(local - timedelta(hours=hours)) == hours]
    hours = int(found[3] or fitting[0])
    return local - timedelta(hours=hours) if hours in fitting else None


def german_hours(utc):
    """Summer time is from the last Sunday of March until that of October, each at one o'clock in world time."""
    changes = (datetime(utc.year, month, 31, 1, tzinfo=UTC) for month in (3, 10))
    first, last = (day - timedelta(days=(day.weekday() + 1) % 7) for day in changes)
    return 2 if first <= utc < last else 1


def verdict(case, edition, profile, now):
    """„ganz“, „knapp“ or „nein“, as the table in CONTRIBUTING.md has it."""
    opens, given = instant(edition.announced, ends=True), instant(case.given, ends=False)
    if edition.fictional != (profile == "beispiel") or opens is None or now < opens:
        return "nein"
    if case.grounds == "oeffentliche-quellen":
        grounded = case.sources == 1
    else:
        grounded = case.allowed == "ja" and given is not None and given <= now
    if case.status in {"zugelassen", "ausgezeichnet"} and grounded and not case.withdrawn:
        return "ganz"
    return "knapp" if case.status == "ausgezeichnet" and edition.without_consent else "nein"


def test_the_oracle_knows_the_nights_on_which_the_clock_is_changed():
    for day, hour, winter, summer in (
        ("2030-03-31", "01:59", "00:59", None),
        ("2030-03-31", "02:00", None, None),
        ("2030-03-31", "02:59", None, None),
        ("2030-03-31", "03:00", None, "01:00"),
        ("2030-10-27", "01:59", None, "23:59"),
        ("2030-10-27", "02:00", "01:00", "00:00"),
        ("2030-10-27", "02:59", "01:59", "00:59"),
        ("2030-10-27", "03:00", "02:00", None),
    ):
        for offset, expected in (("+01:00", winter), ("+02:00", summer)):
            found = instant(f"{day}T{hour}{offset}", ends=True)
            assert (found and f"{found:%H:%M}") == expected, (day, hour, offset)


# --- every combination

STATUSES = ("entwurf", "eingereicht", "zugelassen", "nicht-zugelassen", "ausgezeichnet", "zurueckgezogen")
SAME = "2030-06-15T11:00+02:00"
MISFIT = "2030-06-15T11:00+01:00"
CASE = {
    "status": STATUSES,
    "grounds": ("", "einwilligung", "oeffentliche-quellen"),
    "allowed": ("", "ja", "nein"),
    "given": ("", "2030-02-01", SAME, "2031-01-01", MISFIT),
    "withdrawn": ("", "2030-02-02", "2031-01-01", MISFIT),
    "sources": (0, 1),
}
FIELDS = {
    "grounds": "einwilligung.grundlage",
    "allowed": "einwilligung.veroeffentlichung",
    "given": "einwilligung.erteilt_am",
    "withdrawn": "einwilligung.widerrufen_am",
}
ANNOUNCED = (
    *("", "2030-06-15", SAME, MISFIT),
    # the day on which the clock goes forward, and an hour of it that does not exist
    *("2030-03-31", "2030-03-31T02:30+01:00", "2030-03-31T02:30+02:00"),
    # the day on which it goes back, and an hour of it that comes twice
    *("2030-10-27", "2030-10-27T02:30+02:00", "2030-10-27T02:30+01:00"),
)
EDITIONS = {
    f"e{number}": SimpleNamespace(announced=announced, without_consent=without, fictional=fictional)
    for number, (announced, without, fictional) in enumerate(
        (
            *product(ANNOUNCED, (False, True), [False]),
            *product(ANNOUNCED[:4], (False, True), [True]),
        )
    )
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The model of a project with all editions, and one submission to make others from."""
    root = support.lay_out_base(tmp_path_factory.mktemp("orakel"))
    for key, one in EDITIONS.items():
        names = "titel, kategorie" if one.without_consent else ""
        write_edition(root, key, one.announced, fictional=one.fictional, without_consent=names)
    write_submission(root, "e0", "muster", "zugelassen", "quellen")
    data = planning.check(root, "entwurf", support.day("2030-02-01")).data
    assert set(EDITIONS) < set(data.editions)
    return data


@pytest.fixture(scope="module")
def cases(world):
    """A case for every combination, by its title."""
    template = next(one for one in world.cases if one.slug == "muster")
    fields = template.record.table.by_name
    made = {}
    for number, values in enumerate(product(*CASE.values())):
        one = SimpleNamespace(**dict(zip(CASE, values, strict=True)))
        title = f"Fall {number}"
        typed = {name: model.typed(fields[name], getattr(one, key)) for key, name in FIELDS.items()}
        record = replace(
            template.record,
            values=MappingProxyType({**template.record.values, **typed, "titel": title}),
            lists={**template.record.lists, "quellen": template.record.rows("quellen")[: one.sources]},
        )
        made[title] = (one, replace(template, record=record, status=one.status, title=title))
    return made


def moments(edition):
    """A second before, at and a second after all that can matter; every edition opens after the first of February."""
    written = {(edition.announced or SAME, True), *((one, False) for one in CASE["given"][2:])}
    # Of a time that does not fit, both readings.
    written |= {(one.replace("+01:00", "+02:00"), ends) for one, ends in written}
    known = {instant(one, ends=ends) for one, ends in written} - {None}
    return sorted(one + timedelta(seconds=second) for one in known for second in (-1, 0, 1))


def agree(world, cases, key, runs):
    """Judge all cases as submissions of one edition; return how they are shown."""
    edition, seen = EDITIONS[key], set()
    data = replace(world, cases=tuple(replace(one, edition=key) for _, one in cases.values()), uptakes=())
    for profile, now in runs:
        public = publication.publish(data, profile, now)
        shown = {one.title: "knapp" if one.limited else "ganz" for one in public.entries}
        wrong = {
            title: (shown.get(title, "nein"), wanted, vars(one))
            for title, (one, _) in cases.items()
            if shown.get(title, "nein") != (wanted := verdict(one, edition, profile, now))
        }
        assert not wrong, (profile, now, next(iter(wrong.items())))
        seen |= set(shown.values())
    return seen


@pytest.mark.parametrize("key", EDITIONS)
def test_gate_and_oracle_agree_on_every_combination(world, cases, key):
    edition = EDITIONS[key]
    clock = moments(edition)
    own = "beispiel" if edition.fictional else "entwurf"
    runs = [*((own, one) for one in clock), *((one, clock[-1]) for one in publication.PROFILES)]
    assert len(cases) == 6 * 3 * 3 * 5 * 4 * 2
    seen = agree(world, cases, key, runs)
    ways = {"ganz", "knapp"} if edition.without_consent else {"ganz"}
    assert seen == (ways if instant(edition.announced, ends=True) else set())


@pytest.mark.nightly
@pytest.mark.parametrize("key", EDITIONS)
def test_gate_and_oracle_agree_in_every_profile_at_every_moment_of_any_edition(world, cases, key):
    clock = sorted({now for one in EDITIONS.values() for now in moments(one)})
    agree(world, cases, key, product(publication.PROFILES, clock))


# --- what nobody can rely on

UNRELIABLE = (
    *("bald", "heute", "15.06.2030", "2030", "2030-06", "2030-06-31", "2030-13-01", "30-06-15", "0000-00-00"),
    *("2030-06-15T11:00", "2030-06-15 11:00+02:00", "2030-06-15T11:00 +02:00", "2030-06-15T11:00:00+02:00"),
    *("2030-06-15T25:00+02:00", "2030-06-15T11:60+02:00", "2030-06-15T24:00+02:00", "2030-06-15T11:00+2:00"),
    *("2030-06-15T11:00+01:00", "2030-06-15T11:00+03:00", "2030-06-15T11:00-02:00", "2030-06-15T11:00+00:00"),
    *("2030-06-15T09:00Z", "2030-06-15T11:00+99:99", "2030-06-15T11:00MESZ", "2030-01-15T11:00+02:00"),
    *("2030-03-31T02:30+01:00", "2030-03-31T02:00+02:00", "2030-10-27T03:00+02:00", "2030-10-27T01:59+01:00"),
    *(
        "２０３０-06-15",
        "2030‑06‑15",
        "2030-06-15T11:00\u2009+02:00",
        "[]",
        "{}",
        '""',
        "~",
        "ja",
        "1e3",
        "1782464400",
    ),
)


def put(tmp_path, line):
    """A project with an edition and a submission for each unreliable time; and one that is in order."""
    root = support.lay_out_base(tmp_path)
    written = {f"u{number}": one for number, one in enumerate(UNRELIABLE)} | {"gut": ""}
    for key, one in written.items():
        values = {"bekanntgabe": "2030-06-15", "erteilt_am": "2030-02-01", "widerrufen_am": ""}
        values[line] = one or values[line]
        write_edition(root, key, values.pop("bekanntgabe"), without_consent="")
        given = "\n  ".join(f"{name}: {value}" for name, value in values.items() if value)
        write_submission(root, key, f"fall-{key}", "zugelassen", f"veroeffentlichung: ja\n  {given}")
    return root


@pytest.mark.parametrize("line", ["bekanntgabe", "erteilt_am", "widerrufen_am"])
def test_what_is_unreadable_is_never_taken_for_a_leave(tmp_path, line):
    """Each stands alone in its own edition, so that nothing else can be why it is not shown."""
    planned = planning.plan(put(tmp_path, line), "entwurf", support.day("2040-01-01"))
    shown = {one.edition for one in planned.public.entries if one.kind == "einreichung"}
    assert shown == {"gut", "2030"}
    blamed = {one.place.path for one in planned.findings if one.severity.name == "ERROR"}
    folder = "reference/editionen/u{}.yml" if line == "bekanntgabe" else "submissions/u{0}/fall-u{0}.yml"
    # That nothing is announced yet is no mistake.
    wanted = [number for number, one in enumerate(UNRELIABLE) if (line, one) != ("bekanntgabe", '""')]
    assert {f"data/{folder.format(number)}" for number in wanted} <= blamed


# --- rehearsals: what everybody does on the day, with a clock that is told

REHEARSALS = {
    # written in the edition: first moment of world time at which it is open
    "2030-06-15T11:00+02:00": "2030-06-15T09:00:00",
    "2030-06-15T00:00+02:00": "2030-06-14T22:00:00",
    "2030-06-15T23:59+02:00": "2030-06-15T21:59:00",
    "2030-06-15": "2030-06-15T22:00:00",
    "2030-12-31T23:59+01:00": "2030-12-31T22:59:00",
    "2030-12-31": "2030-12-31T23:00:00",
    "2032-02-29T12:00+01:00": "2032-02-29T11:00:00",
    "2032-02-28": "2032-02-28T23:00:00",
    # the clock goes forward: from two o'clock to three, 23 hours
    "2030-03-30": "2030-03-30T23:00:00",
    "2030-03-31T00:00+01:00": "2030-03-30T23:00:00",
    "2030-03-31T01:59+01:00": "2030-03-31T00:59:00",
    "2030-03-31T03:00+02:00": "2030-03-31T01:00:00",
    "2030-03-31": "2030-03-31T22:00:00",
    # the clock goes back: the hour between two and three comes twice, 25 hours
    "2030-10-26": "2030-10-26T22:00:00",
    "2030-10-27T01:59+02:00": "2030-10-26T23:59:00",
    "2030-10-27T02:00+02:00": "2030-10-27T00:00:00",
    "2030-10-27T02:59+02:00": "2030-10-27T00:59:00",
    "2030-10-27T02:00+01:00": "2030-10-27T01:00:00",
    "2030-10-27T02:59+01:00": "2030-10-27T01:59:00",
    "2030-10-27": "2030-10-27T23:00:00",
}


@pytest.mark.parametrize("written", REHEARSALS)
def test_a_rehearsal_opens_at_the_second_and_the_schedule_asks_for_it(tmp_path, written):
    """A second early: no page, and the answer „nein“. At the second: „ja“, and a build shows the page."""
    at = datetime.fromisoformat(f"{REHEARSALS[written]}+00:00")
    second = timedelta(seconds=1)
    root = support.lay_out_base(tmp_path / "projekt")
    (root / "data/reference/editionen/2030.yml").unlink()
    for one in (root / "data/submissions/2030").iterdir():
        one.unlink()
    (root / "content/index.md").write_text("---\ntitle: Start\ndescription: Die Startseite.\n---\n", "utf-8")
    (root / "data/reference/betreiber.yml").unlink()
    write_edition(root, "eins", written)
    edition = root / "data/reference/editionen/eins.yml"
    # The announcement has to come after the end of the applications.
    edition.write_text(edition.read_text("utf-8").replace("ende: 2030-03-31", "ende: 2030-03-01"), "utf-8")
    write_submission(root, "eins", "probe", "zugelassen", "erteilt")
    cache = support.shared_cache()
    early = build.build(root, "entwurf", at - second, cache)
    assert not early.failed
    page = "kooperationen/probe/"
    assert early.page(page) is None
    assert early.next_change.timestamp() == at.timestamp()
    published = tmp_path / "naechste-aenderung.json"
    published.write_bytes(next(one.data for one in early.assets if one.address == published.name))
    assert json.loads(published.read_bytes())["naechste_aenderung"]
    asked = {now: change_due.decide(str(published), now, also_first=False) for now in (at - second, at)}
    assert asked == {at - second: ("nein", ""), at: ("ja", "")}
    for now in (at, at + second):
        opened = planning.plan(root, "entwurf", now, cache)
        assert not opened.failed
        assert page in opened.addresses


def test_there_are_twenty_rehearsals():
    assert len(REHEARSALS) == 20


def test_of_two_moments_in_the_hour_that_comes_twice_the_first_is_told_first(world):
    """Summer time shows half past two before winter time shows ten past."""
    later, sooner = "2030-10-27T02:10+01:00", "2030-10-27T02:30+02:00"
    template = world.editions["e0"]
    two = {
        key: replace(template, key=key, opens=None, closes=None, announced=Moment.parse(written))
        for key, written in (("a", later), ("b", sooner))
    }
    public = publication.publish(
        replace(world, cases=(), uptakes=(), editions=two), "entwurf", instant("2030-10-26", ends=True)
    )
    assert public.next_change.isoformat(timespec="minutes") == sooner
