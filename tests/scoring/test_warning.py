"""Early warning: sums of likelihoods and smoothed numbers, against one's own past and against the group."""

from datetime import date, timedelta
from math import sqrt

import numpy as np
import pytest
from scipy import stats

from evalsys.scoring.rules.warning import (
    LAMBDA,
    LONG_BAD,
    NO_PAST,
    WORSENED,
    alarm_of,
    climb,
    limit_at,
    own_usual,
    smoothed,
)

DAY = date(2026, 3, 2)
QUIET, WORSE = [(0, 60)] * 8, [(1, 30)] * 8


def days(*of):
    return [(DAY + timedelta(days=at), int(bad), int(n)) for at, (bad, n) in enumerate(of)]


def test_steady_bad_reviews_do_not_warn_and_a_rise_does() -> None:
    steady = climb(days(*QUIET, (1, 20), *QUIET), 0.002)
    assert steady is None or not steady.warns
    rise = climb(days(*QUIET, *WORSE), 0.002)
    assert rise.warns
    assert (rise.since, rise.bad, rise.n) == (DAY + timedelta(days=8), 8, 240)


def test_the_climb_adds_up_log_likelihoods() -> None:
    usual = 0.01
    worse = 3 * usual / (1 - usual + 3 * usual)
    found = climb(days((3, 50), (2, 50)), usual)
    by_scipy = stats.binom.logpmf([3, 2], 50, worse) - stats.binom.logpmf([3, 2], 50, usual)
    assert found.height == pytest.approx(by_scipy.sum())


@pytest.mark.parametrize("usual", [0.0, 1.0])
def test_without_any_or_with_only_bad_reviews_nothing_can_rise(usual) -> None:
    assert climb(days((1, 1)), usual) is None
    assert smoothed(days((1, 1)), usual) is None


def test_the_smoothed_number_weighs_each_day_less_than_the_next() -> None:
    bad, n, usual = np.array([2, 0, 1, 4]), np.array([50, 40, 60, 50]), 0.02
    weights = LAMBDA * (1 - LAMBDA) ** np.arange(3, -1, -1)
    start = LAMBDA / (2 - LAMBDA) * (n * usual).mean() * (1 - LAMBDA) ** 8
    by_hand = weights @ (bad - n * usual) / sqrt(start + weights**2 @ (n * usual))
    found = smoothed(days(*zip(bad, n, strict=True)), usual)
    assert found.height == pytest.approx(by_hand)
    assert found.limit == limit_at(1.0)
    assert smoothed(days((0, 0), (2, 50), (0, 40), (0, 0), (1, 60), (4, 50)), usual) == found


def test_a_limit_lies_between_those_simulated_around_it() -> None:
    assert limit_at(0.001) == limit_at(0.005) == 9.0
    assert limit_at(1000.0) == limit_at(100.0) == 3.44
    assert limit_at(sqrt(0.1 * 0.2)) == pytest.approx((5.46 + 4.86) / 2)
    assert limit_at(0.15) < limit_at(0.14)


@pytest.mark.parametrize("usual", [0.05, 0.3, 3.0, 50.0])
def test_what_never_changes_is_past_the_limit_first_after_ten_years(usual) -> None:
    chance, windows, most = np.random.default_rng(11), 400, 7300
    number, limit = np.full(windows, usual), limit_at(usual) * sqrt(LAMBDA / (2 - LAMBDA) * usual)
    lived, first = 0, 0
    for _day in range(most):
        number = LAMBDA * chance.poisson(usual, len(number)) + (1 - LAMBDA) * number
        lived += len(number)
        out = number - usual >= limit
        first += int(out.sum())
        number = number[~out]
    assert 0.75 < lived / first / 3650 < 1.35


def test_a_window_that_got_worse_is_told_from_one_that_always_was() -> None:
    often = [(1, 30)] * 90
    assert alarm_of(days(*often), own=1 / 30, group=0.002).says == LONG_BAD
    assert alarm_of(days(*often), own=0.002, group=0.002).says == WORSENED
    assert alarm_of(days(*often), own=None, group=0.002).says == NO_PAST
    assert alarm_of(days(*often), own=1 / 30, group=1 / 30) is None


def test_who_got_worse_is_named_even_where_the_whole_group_did() -> None:
    rise = days(*QUIET, *WORSE)
    assert alarm_of(rise, own=0.002, group=0.03).says == WORSENED


def test_a_small_lasting_rise_at_a_busy_window_is_seen_by_the_smoothed_number_alone() -> None:
    rise = days(*[(20, 1000)] * 20, *[(32, 1000)] * 10)
    climbing = climb(rise, 0.02)
    assert climbing is None or not climbing.warns
    assert smoothed(rise, 0.02).warns
    assert alarm_of(rise, own=0.02, group=0.02).says == WORSENED


def test_ones_own_past_is_drawn_to_the_groups_and_too_little_of_it_is_none() -> None:
    past = {1: (0, 200), 2: (3, 1000), 3: (2, 900), 4: (3, 1100), 5: (0, 29)}
    found = own_usual(past)
    assert found.keys() == {1, 2, 3, 4}
    assert 0 < found[1] < found[2] < 8 / 3000 + 0.001


def test_few_windows_or_seldom_ones_stay_unnamed_where_nothing_changed() -> None:
    chance = np.random.default_rng(3)
    named = []
    for rate in (0.0005, 0.002, 0.01, 0.03):
        past = chance.binomial(60 * 90, rate, 100)
        own = own_usual({at: (int(bad), 60 * 90) for at, bad in enumerate(past)})
        now = chance.binomial(60, rate, (100, 90))
        group = float(past.sum() + now.sum()) / (100 * 60 * 180)
        named += [
            alarm_of(days(*((bad, 60) for bad in now[at])), own[at], group) is not None for at in range(100)
        ]
    assert sum(named) <= 4
