"""Rates, scores and the differences that may be called a change."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsys.kernel.proportions import rate_of, wilson
from evalsys.scoring.rules.rates import (
    EMPTY,
    Split,
    difference_of_rates,
    difference_of_scores,
    excludes_zero,
    score_interval,
    score_of,
)

POINTS = (100.0, 80.0, 60.0, 30.0, 0.0)
splits = st.builds(Split, *[st.integers(0, 400)] * 5)


def test_the_wilson_interval_of_known_counts():
    assert wilson(20, 20) == pytest.approx((0.8389, 1.0), abs=5e-5)
    assert wilson(299, 300) == pytest.approx((0.9814, 0.9994), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 1)[1] == 1.0


def test_a_rate_of_nothing_is_blank_and_not_zero():
    rate = rate_of(0, 0, 30)
    assert rate.rate is None
    assert rate.interval is None
    assert not rate.enough


def test_a_rate_is_enough_from_thirty_on():
    assert not rate_of(29, 29, 30).enough
    assert rate_of(29, 30, 30).enough


@given(st.integers(1, 10**7), st.data())
def test_an_interval_holds_its_rate_and_stays_within_one(denominator, data):
    numerator = data.draw(st.integers(0, denominator))
    low, high = wilson(numerator, denominator)
    assert 0 <= low <= numerator / denominator <= high <= 1


def test_the_score_is_the_mean_of_the_points():
    assert score_of(Split(1, 1, 1, 1, 1), POINTS) == 54
    assert score_of(Split(five=7), POINTS) == 100
    assert score_of(Split(one=7), POINTS) == 0
    assert score_of(EMPTY, POINTS) is None


@given(splits)
def test_the_score_equals_exact_arithmetic(split):
    exact = sum((Decimal(n) * Decimal(p) for n, p in zip(split.levels, POINTS, strict=True)), Decimal(0))
    if split.n:
        assert score_of(split, POINTS) == pytest.approx(float(exact / split.n))


@given(splits.filter(lambda s: s.n > 0))
def test_a_score_lies_in_its_interval_and_in_the_points_range(split):
    low, high = score_interval(split, POINTS)
    assert 0 <= low <= score_of(split, POINTS) <= high <= 100


def test_thirty_equal_ratings_are_no_certainty():
    low, high = score_interval(Split(five=30), POINTS)
    assert high == 100
    assert low < 96


def test_one_bad_review_among_thirty_is_no_change():
    all_good, one_bad = Split(five=30), Split(five=29, one=1)
    assert not excludes_zero(difference_of_scores(one_bad, all_good, POINTS))
    assert not excludes_zero(difference_of_rates(rate_of(29, 30, 30), rate_of(30, 30, 30)))


def test_a_third_of_bad_reviews_is_a_change():
    before, now = Split(five=300), Split(five=200, one=100)
    assert excludes_zero(difference_of_scores(now, before, POINTS))
    assert excludes_zero(difference_of_rates(rate_of(200, 300, 30), rate_of(300, 300, 30)))


def test_newcombes_interval_of_his_own_example():
    # Newcombe 1998, table II, row a, method 10: 56/70 - 48/80 → 0.0524 to 0.3339.
    interval = difference_of_rates(rate_of(56, 70, 30), rate_of(48, 80, 30))
    assert interval == pytest.approx((0.0524, 0.3339), abs=5e-4)


def test_nothing_is_compared_with_an_empty_period():
    assert difference_of_rates(rate_of(5, 5, 30), rate_of(0, 0, 30)) is None
    assert difference_of_scores(Split(five=5), EMPTY, POINTS) is None
    assert not excludes_zero(None)


@given(splits, splits)
def test_splits_add_and_subtract_level_by_level(one, other):
    assert (one + other) - other == one
    assert (one + other).n == one.n + other.n
    assert one.good + one.bad == one.n
