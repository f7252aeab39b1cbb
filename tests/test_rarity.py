"""When something may be called rare, and what no order, no copy and no common case can change about it."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikz_award.rarity import Census, Count, wilson
from ikz_award.traits import Trait

LIMITS = SimpleNamespace(share=0.1, minimum=53, expected=5)
DIMENSIONS = ("muster", "aufgabenfeld", "rechtsform", "partnerzahl")


def case(**values: str) -> tuple[Trait, ...]:
    """A described case: ``case(muster="a", rechtsform="b c")`` has two values in the second dimension."""
    return tuple(Trait(name, one) for name, many in values.items() for one in many.split())


def census(*cases: tuple[Trait, ...], limits: SimpleNamespace | None = LIMITS) -> Census:
    return Census(cases, limits)


ROTATING, COMMON = Trait("muster", "rotierend"), Trait("muster", "haus")


# --- the interval


@pytest.mark.parametrize(
    "n, base, low, high",
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(n, base, low, high):
    assert wilson(n, base) == pytest.approx((low, high), abs=0.00005)


def test_without_a_base_everything_is_possible():
    assert wilson(0, 0) == (0.0, 1.0)


# --- what may be said


def test_one_of_sixty_is_rare_and_two_are_not_yet():
    one = census(case(muster="rotierend"), *[case(muster="haus")] * 59)
    two = census(*[case(muster="rotierend")] * 2, *[case(muster="haus")] * 58)
    assert (one.state(one.of(ROTATING)), two.state(two.of(ROTATING))) == ("selten", "belegt")


def test_below_the_smallest_base_nothing_is_said():
    few = census(case(muster="rotierend"), *[case(muster="haus")] * 51)
    assert few.state(few.of(ROTATING)) == "klein"
    assert not few.is_rare(ROTATING)


def test_what_no_case_has_is_missing_and_not_rare():
    counted = census(*[case(muster="haus")] * 100)
    assert counted.state(counted.of(ROTATING)) == "leer"


def test_without_limits_nothing_is_called_rare():
    counted = census(case(muster="rotierend"), *[case(muster="haus")] * 99, limits=None)
    assert counted.state(counted.of(ROTATING)) == "klein"
    assert counted.rarest(case(muster="rotierend")) == ()


def test_a_case_of_which_a_dimension_is_unknown_is_not_in_its_base():
    counted = census(case(muster="haus", rechtsform="verein"), case(muster="haus"), case(muster="haus"))
    assert counted.of(Trait("rechtsform", "verein")) == Count(1, 1)
    assert counted.of(COMMON) == Count(3, 3)


def test_a_pair_is_counted_where_both_are_known_and_set_against_chance():
    counted = census(
        *[case(muster="haus", rechtsform="verein")] * 3,
        *[case(muster="haus", rechtsform="vertrag")] * 3,
        *[case(muster="tausch", rechtsform="vertrag")] * 6,
        *[case(muster="haus")] * 8,
    )
    # Six of twelve have the house, three of twelve the association: a quarter of six would have both.
    assert counted.of(COMMON, Trait("rechtsform", "verein")) == Count(3, 12, 1.5)
    assert counted.of(Trait("rechtsform", "verein"), COMMON) == Count(3, 12, 1.5)
    assert counted.of(Trait("muster", "tausch"), Trait("rechtsform", "verein")) == Count(0, 12, 1.5)


# --- the three rarest


def test_the_rarest_traits_come_first_and_every_trait_once():
    counted = census(
        case(muster="rotierend", aufgabenfeld="tourismus", partnerzahl="5-9"),
        *[case(muster="haus", aufgabenfeld="tourismus", partnerzahl="2")] * 2,
        *[case(muster="haus", aufgabenfeld="archiv", partnerzahl="2")] * 40,
        *[case(muster="haus", aufgabenfeld="archiv", partnerzahl="5-9")] * 17,
    )
    found = counted.rarest(case(muster="rotierend", aufgabenfeld="tourismus", partnerzahl="5-9"))
    assert [(one.traits, one.is_rare) for one in found] == [
        ((ROTATING,), True),
        ((Trait("aufgabenfeld", "tourismus"),), False),
        ((Trait("partnerzahl", "5-9"),), False),
    ]


def test_two_common_traits_that_seldom_meet_are_told_as_a_pair():
    counted = census(
        case(muster="haus", aufgabenfeld="archiv"),
        *[case(muster="haus", aufgabenfeld="feuerwehr")] * 30,
        *[case(muster="tausch", aufgabenfeld="archiv")] * 30,
    )
    first = counted.rarest(case(muster="haus", aufgabenfeld="archiv"))[0]
    assert first.traits == (COMMON, Trait("aufgabenfeld", "archiv"))
    assert (first.count.n, first.count.base, first.is_rare) == (1, 61, True)
    assert first.count.expected == pytest.approx(31 * 31 / 61)


def test_a_pair_with_a_rare_trait_would_say_nothing_new():
    counted = census(
        case(muster="rotierend", aufgabenfeld="archiv"), *[case(muster="haus", aufgabenfeld="archiv")] * 99
    )
    found = counted.rarest(case(muster="rotierend", aufgabenfeld="archiv"))
    assert [one.traits for one in found] == [(ROTATING,), (Trait("aufgabenfeld", "archiv"),)]


def test_a_pair_of_which_few_are_expected_says_nothing():
    """One archive with an association where 1.2 would be chance: that is noise."""
    counted = census(
        case(muster="haus", aufgabenfeld="archiv"),
        *[case(muster="haus", aufgabenfeld="feuerwehr")] * 11,
        *[case(muster="tausch", aufgabenfeld="archiv")] * 6,
        *[case(muster="tausch", aufgabenfeld="bad")] * 42,
    )
    count = counted.of(COMMON, Trait("aufgabenfeld", "archiv"))
    assert (count.n, count.expected) == (1, 12 * 7 / 60)
    assert counted.state(count) == "klein"


def test_a_pair_that_meets_as_often_as_chance_is_not_rare():
    """Five of two hundred are few, and just what chance would have."""
    counted = census(
        *[case(muster="haus", aufgabenfeld="archiv")] * 5,
        *[case(muster="haus", aufgabenfeld="feuerwehr")] * 35,
        *[case(muster="tausch", aufgabenfeld="archiv")] * 20,
        *[case(muster="tausch", aufgabenfeld="bad")] * 140,
    )
    count = counted.of(COMMON, Trait("aufgabenfeld", "archiv"))
    assert (count.n, count.expected) == (5, 5.0)
    assert count.high < LIMITS.share
    assert counted.state(count) == "belegt"


@pytest.mark.parametrize("size", [120, 300, 1000])
def test_in_a_large_collection_a_pair_a_little_below_chance_is_not_rare_either(size):
    """Below the limit, below the expectation, and still nothing that chance would not do."""
    common = round((size * 7) ** 0.5)
    counted = census(
        *[case(muster="haus", aufgabenfeld="archiv")] * 5,
        *[case(muster="haus", aufgabenfeld="feuerwehr")] * (common - 5),
        *[case(muster="tausch", aufgabenfeld="archiv")] * (common - 5),
        *[case(muster="tausch", aufgabenfeld="bad")] * (size - 2 * common + 5),
    )
    count = counted.of(COMMON, Trait("aufgabenfeld", "archiv"))
    assert count.n < (count.expected or 0) < 7.2
    assert count.high < LIMITS.share
    assert counted.state(count) == "belegt"


def test_a_dimension_with_too_few_known_cases_is_not_told():
    counted = census(case(muster="haus", rechtsform="verein"), *[case(muster="haus")] * 99)
    assert [one.traits for one in counted.rarest(case(muster="haus", rechtsform="verein"))] == [(COMMON,)]


# --- properties

values = st.dictionaries(
    st.sampled_from(DIMENSIONS), st.lists(st.sampled_from("abcd"), min_size=1, max_size=2, unique=True)
).map(lambda found: tuple(Trait(name, one) for name, many in sorted(found.items()) for one in many))
collections = st.lists(values, min_size=1, max_size=80)


def told(counted: Census) -> dict[str, object]:
    return {"size": counted.size, "values": dict(counted.values), "pairs": dict(counted.pairs)}


@settings(max_examples=60, deadline=None)
@given(collections, st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(cases, chance):
    shuffled = list(cases)
    chance.shuffle(shuffled)
    one, other = census(*cases), census(*shuffled)
    assert told(one) == told(other)
    assert [one.rarest(each) for each in cases] == [other.rarest(each) for each in cases]


@settings(max_examples=60, deadline=None)
@given(collections, st.integers(2, 4))
def test_the_same_base_many_times_makes_no_rare_trait_common(cases, times):
    once, often = census(*cases), census(*cases * times)
    for trait, count in once.values.items():
        assert often.of(trait).share == pytest.approx(count.share)
        assert often.is_rare(trait) or not once.is_rare(trait)
    for pair, count in once.pairs.items():
        assert often.of(*pair).expected == pytest.approx((count.expected or 0) * times)
        assert often.is_rare(*pair) or not once.is_rare(*pair)


@settings(max_examples=60, deadline=None)
@given(collections, values)
def test_one_more_case_without_it_makes_no_rare_trait_common(cases, added):
    before, after = census(*cases), census(*cases, added)
    for trait in before.values:
        if before.is_rare(trait) and trait not in added:
            assert after.is_rare(trait)
    for pair in before.pairs:
        if before.is_rare(*pair) and not set(pair) <= set(added):
            # With one more case fewer may be expected, and then a pair no longer surely misses that.
            now, then = after.of(*pair), before.of(*pair)
            assert after.state(now) in {"selten", "klein"} or (now.expected or 0) < (then.expected or 0)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), st.data())
def test_more_cases_with_it_never_make_a_trait_rarer(base, data):
    n = data.draw(st.integers(0, base - 1))
    assert wilson(n + 1, base)[1] > wilson(n, base)[1]
    assert wilson(n, base + 1)[1] < wilson(n, base)[1]
    low, high = wilson(n, base)
    assert 0 <= low <= n / base <= high <= 1


@settings(max_examples=60, deadline=None)
@given(collections)
def test_counts_are_those_of_counting_by_hand(cases):
    counted = census(*cases)
    by_hand = Counter(trait for one in cases for trait in set(one))
    assert {trait: count.n for trait, count in counted.values.items()} == by_hand
    for (first, second), count in counted.pairs.items():
        known = [
            one for one in cases if {first.dimension, second.dimension} <= {each.dimension for each in one}
        ]
        assert count.n == sum(first in one and second in one for one in known)
        assert count.base == len(known)
        alone = sum(first in one for one in known) * sum(second in one for one in known)
        assert count.expected == pytest.approx(alone / len(known))
