"""Dates as sources give them, and the clock of Germany around them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ikz_award.dates import BERLIN, Moment, PartialDate, in_words, moment_from


@pytest.mark.parametrize(
    "text, earliest, latest, words",
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31), "2019"),
        ("2019-02", date(2019, 2, 1), date(2019, 2, 28), "Februar 2019"),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29), "Februar 2020"),
        ("2019-05-31", date(2019, 5, 31), date(2019, 5, 31), "31. Mai 2019"),
        ("1800", date(1800, 1, 1), date(1800, 12, 31), "1800"),
    ],
)
def test_a_year_a_month_or_a_day_means_a_span_of_days(text, earliest, latest, words):
    given = PartialDate.parse(text)
    assert (given.earliest, given.latest, str(given), given.iso) == (earliest, latest, words, text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "19", "2019-5", "2019-13", "2019-00", "2019-05-00", "2019-02-29", "2019-04-31", "31.05.2019"),
        *("2019-05-31T10:00", "1799", "2201", "0000", "2019-05-31 ", "２０１９", "2019-1½"),
    ],
)
def test_anything_else_is_no_date(text):
    with pytest.raises(ValueError, match=r".*"):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-02", "2026-02-30", "2026-02-09T14:30", "2026-02-09 14:30+01:00", "morgen"),
        *("2026-02-09T24:00+01:00", "2026-02-09T14:60+01:00", "2026-02-09T14:30+99:99", "1799-12-31"),
        *("2026-02-09T14:30:00+01:00", "9999-12-31", "9999-12-31T23:59+01:00"),
    ],
)
def test_a_moment_is_a_day_or_a_time_with_its_distance_to_world_time(text):
    with pytest.raises(ValueError, match=r".*"):
        Moment.parse(text)


def test_a_day_without_a_clock_lasts_until_its_end_in_germany():
    day = Moment.parse("2026-02-09")
    assert day.begins == datetime(2026, 2, 8, 23, 0, tzinfo=UTC)
    assert day.ends == datetime(2026, 2, 9, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text, hours", [("2026-03-29", 23), ("2026-10-25", 25), ("2026-03-28", 24), ("2026-10-26", 24)]
)
def test_days_on_which_the_clock_is_changed_are_an_hour_shorter_or_longer(text, hours):
    day = Moment.parse(text)
    assert day.ends.astimezone(UTC) - day.begins.astimezone(UTC) == timedelta(hours=hours)


def test_a_time_is_one_instant_wherever_it_was_written():
    one, other = Moment.parse("2026-02-09T14:30+01:00"), Moment.parse("2026-02-09T13:30Z")
    assert one.begins == one.ends == other.begins == other.ends
    assert one.iso == "2026-02-09T14:30+01:00"


def test_the_day_of_a_time_is_the_day_in_germany():
    assert Moment.parse("2026-02-09T23:30Z").day == date(2026, 2, 10)
    assert Moment.parse("2026-07-09T22:30Z").day == date(2026, 7, 10)


@pytest.mark.parametrize(
    "text, words",
    [
        ("2026-02-09", "9. Februar 2026"),
        ("2026-02-09T14:30+01:00", "9. Februar 2026, 14:30 Uhr"),
        ("2026-06-09T10:00+02:00", "9. Juni 2026, 10 Uhr"),
        ("2026-06-09T08:00Z", "9. Juni 2026, 10 Uhr"),
        ("2026-06-09T00:00+02:00", "9. Juni 2026, 0 Uhr"),
    ],
)
def test_a_moment_reads_like_a_german_sentence(text, words):
    assert str(Moment.parse(text)) == words


@pytest.mark.parametrize(
    "text, words",
    [
        ("2026-02-09T23:59+01:00", "Montag, 9. Februar 2026, 23:59 Uhr (MEZ)"),
        ("2026-06-09T10:00+02:00", "Dienstag, 9. Juni 2026, 10:00 Uhr (MESZ)"),
        ("2026-02-09", "Montag, 9. Februar 2026"),
        # A minute of world time apart: March loses one, October tells the same one twice.
        ("2026-03-29T00:59Z", "Sonntag, 29. März 2026, 01:59 Uhr (MEZ)"),
        ("2026-03-29T01:00Z", "Sonntag, 29. März 2026, 03:00 Uhr (MESZ)"),
        ("2026-10-25T02:30+02:00", "Sonntag, 25. Oktober 2026, 02:30 Uhr (MESZ)"),
        ("2026-10-25T02:30+01:00", "Sonntag, 25. Oktober 2026, 02:30 Uhr (MEZ)"),
    ],
)
def test_a_deadline_in_full_names_the_day_of_the_week_and_which_time_the_clock_shows(text, words):
    assert Moment.parse(text).in_full == words


def test_words_are_german_on_every_machine(monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    in_words.cache_clear()
    assert in_words(date(2026, 3, 1)) == "1. März 2026"


CLOCK = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "argument, epoch, expected",
    [
        ("2026-02-09", "0", datetime(2026, 2, 9, 12, tzinfo=BERLIN)),
        ("2026-02-09T14:30+01:00", "0", datetime(2026, 2, 9, 14, 30, tzinfo=BERLIN)),
        (None, "1770600000", datetime(2026, 2, 9, 2, 20, tzinfo=BERLIN)),
        (None, None, CLOCK),
        ("", "", CLOCK),
    ],
)
def test_today_is_the_argument_then_the_epoch_then_the_clock(argument, epoch, expected):
    assert moment_from(argument, epoch, CLOCK) == expected


@pytest.mark.parametrize(
    "argument, epoch",
    [("gestern", None), ("2026-02-30", None), (None, "gestern"), (None, "9" * 30), (None, "9" * 14)],
)
def test_a_wrong_today_is_refused_rather_than_replaced_by_the_clock(argument, epoch):
    with pytest.raises(ValueError, match=r".*"):
        moment_from(argument, epoch, CLOCK)
