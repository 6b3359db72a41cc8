"""Shrinkage, funnel limits, gaps, case-mix and early warning: against scipy and by hand."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from evalsys.scoring.rules.casemix import mixes
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.funnel import ALARM, INSIDE, WARNING, Funnel, funnel_of
from evalsys.scoring.rules.gaps import Gap, PairGap
from evalsys.scoring.rules.rates import Split
from evalsys.scoring.rules.shrinkage import Prior, likelihood, prior_of, shrunk

POINTS = (100.0, 80.0, 60.0, 30.0, 0.0)
FORMULAS = Formulas(POINTS, 30, 100)
UNEQUAL = [(95, 3, 1, 1, 0), (400, 80, 10, 6, 4), (60, 30, 5, 3, 2), (990, 8, 1, 0, 1), (150, 20, 20, 5, 5)]


def chance(mean, n, seed, spread=None):
    """Good and bad ratings of sixty windows, of the same quality or with a beta spread."""
    rng = np.random.default_rng(seed)
    shares = rng.beta(mean * spread, (1 - mean) * spread, 60) if spread else np.full(60, mean)
    bad = rng.binomial(n, shares)
    return [(int(n - b), int(b)) for b in bad]


def test_the_likelihood_is_scipys() -> None:
    one, other = Prior((0.8, 0.1, 0.05, 0.03, 0.02), 40.0), Prior((0.7, 0.2, 0.05, 0.03, 0.02), 200.0)

    def by_scipy(prior):
        return sum(stats.dirichlet_multinomial.logpmf(row, prior.alpha, sum(row)) for row in UNEQUAL)

    ours = likelihood(UNEQUAL, one) - likelihood(UNEQUAL, other)
    assert ours == pytest.approx(by_scipy(one) - by_scipy(other), abs=1e-8)


def test_the_weight_is_the_likeliest_one() -> None:
    found = prior_of(UNEQUAL)

    def depth(at):
        alpha = np.exp(at) * np.array(found.shares)
        return -sum(stats.dirichlet_multinomial.logpmf(row, alpha, sum(row)) for row in UNEQUAL)

    best = optimize.minimize_scalar(depth, bounds=(log(0.01), log(1e6)), method="bounded")
    assert log(found.weight) == pytest.approx(best.x, abs=1e-3)


def test_two_levels_are_the_beta_binomial() -> None:
    counts = chance(0.02, 500, seed=1, spread=60)
    prior = prior_of(counts)
    good, bad = prior.alpha

    def by_scipy(a, b):
        return sum(stats.betabinom.logpmf(row[1], sum(row), b, a) for row in counts)

    twice = Prior(prior.shares, prior.weight * 2)
    ours = likelihood(counts, prior) - likelihood(counts, twice)
    assert ours == pytest.approx(by_scipy(good, bad) - by_scipy(*twice.alpha), abs=1e-6)
    assert ours > 0
    assert 25 < prior.weight < 150


def test_where_all_are_alike_a_row_is_drawn_to_the_group() -> None:
    prior = prior_of(chance(0.02, 300, seed=2))
    assert prior.weight > 3000
    assert shrunk((290, 10), prior, (0.0, 1.0)) == pytest.approx(prior.shares[1], abs=0.002)


def test_many_ratings_outweigh_the_group() -> None:
    prior = prior_of(UNEQUAL)
    few, many = (9, 0, 0, 0, 1), (90_000, 0, 0, 0, 10_000)
    mean = sum(s * p for s, p in zip(prior.shares, POINTS, strict=True))
    assert shrunk(many, prior, POINTS) == pytest.approx(90, abs=0.05)
    assert abs(shrunk(few, prior, POINTS) - mean) < abs(90 - mean)


@pytest.mark.parametrize("counts", [[], [(0, 0)] * 9, [(5, 1), (4, 0)], [(5, 1), (4, 0), (0, 0)]])
def test_fewer_than_three_rows_say_nothing_of_their_spread(counts) -> None:
    assert prior_of(counts) is None
    assert funnel_of([(bad, good + bad) for good, bad in counts]) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 400)] * 5), min_size=3, max_size=8), st.integers(0, 7))
def test_a_shrunk_score_lies_between_the_rows_own_and_the_groups(rows, at) -> None:
    prior, row = prior_of(rows), rows[at % len(rows)]
    if prior is None or not sum(row):
        return
    own = sum(n * p for n, p in zip(row, POINTS, strict=True)) / sum(row)
    mean = sum(s * p for s, p in zip(prior.shares, POINTS, strict=True))
    assert min(own, mean) - 1e-9 <= shrunk(row, prior, POINTS) <= max(own, mean) + 1e-9


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0005, 0.9995), st.integers(1, 3000), st.sampled_from([WARNING, ALARM]))
def test_what_lies_outside_a_limit_is_as_rare_as_it_says(mean, n, outside) -> None:
    low, high = Funnel(mean, 1.0, 9).limits(n, outside)
    # The first counts outside; a hair is left for sums in floating point.
    above, below = int(np.floor(high * n + 1e-6)) + 1, int(np.ceil(low * n - 1e-6)) - 1
    exact = n * mean * (1 - mean) <= 100
    assert stats.binom.sf(above - 1, n, mean) <= outside * (1.0001 if exact else 1.5)
    assert stats.binom.cdf(below, n, mean) <= outside * (1.0001 if exact else 1.5)
    # And no farther out than need be: two counts nearer it is no longer so rare.
    assert not exact or above > n or stats.binom.sf(above - 3, n, mean) > outside
    assert not exact or below < 0 or stats.binom.cdf(below + 2, n, mean) > outside


def test_alike_windows_lie_inside_their_funnel() -> None:
    counts = chance(0.002, 300, seed=3) + chance(0.002, 5000, seed=4)
    funnel = funnel_of([(bad, good + bad) for good, bad in counts])
    outside = [side for good, bad in counts if (side := funnel.side(bad, good + bad)) != INSIDE]
    assert len(outside) <= 6
    assert not any(side.startswith("far") for side in outside)


def test_a_window_that_differs_lies_far_outside() -> None:
    rates = [(bad, good + bad) for good, bad in chance(0.01, 1000, seed=5)] + [(60, 1000), (0, 5000)]
    funnel = funnel_of(rates)
    assert [funnel.side(*rate) for rate in rates[-2:]] == ["far-above", "far-below"]


def test_where_all_windows_differ_the_limits_are_wider() -> None:
    alike = funnel_of([(bad, good + bad) for good, bad in chance(0.02, 2000, seed=6)])
    unlike = funnel_of([(bad, good + bad) for good, bad in chance(0.02, 2000, seed=6, spread=100)])
    assert alike.dispersion < 1.3
    assert unlike.dispersion > 8
    assert unlike.limits(2000, ALARM)[1] > 1.5 * alike.limits(2000, ALARM)[1]


def test_one_window_far_off_does_not_widen_the_limits_for_all() -> None:
    rates = [(bad, good + bad) for good, bad in chance(0.02, 2000, seed=7)]
    assert funnel_of([*rates, (1000, 2000)]).dispersion < 6
    assert funnel_of(rates).limits(2000, WARNING)[0] > 0


@pytest.mark.parametrize("numerator", [0, 50])
def test_a_group_without_any_difference_has_no_row_outside(numerator) -> None:
    funnel = funnel_of([(numerator, 50)] * 5)
    assert funnel.side(numerator, 50) == INSIDE
    assert funnel.limits(50, ALARM) == (numerator / 50, numerator / 50)


def test_the_gap_is_tablet_minus_the_freer_ways_and_leaves_the_window_code_out() -> None:
    gap = Gap(
        {
            "tablet": Split(five=1000),
            "kiosk": Split(five=50, one=10),
            "ticket": Split(five=20, one=5),
            "link": Split(five=10, one=5),
            "window-code": Split(one=999),
        },
        FORMULAS,
    )
    assert (gap.freer, gap.window_code.n) == (Split(five=80, one=20), 999)
    assert gap.score == pytest.approx(20)
    assert gap.good == pytest.approx(0.2)
    assert gap.good_interval[0] < 0.2 < gap.good_interval[1]
    assert gap.proven == 1


def test_a_gap_of_few_ratings_is_not_proven() -> None:
    few = Gap({"tablet": Split(five=1000), "kiosk": Split(one=29)}, FORMULAS)
    assert (few.enough, few.proven) == (False, 0)
    assert Gap({"tablet": Split(five=50)}, FORMULAS).score is None
    even = Gap({"tablet": Split(five=500, one=5), "link": Split(five=500, one=5)}, FORMULAS)
    assert (even.score, even.proven) == (0.0, 0)
    below = Gap({"tablet": Split(five=500, one=100), "link": Split(five=500)}, FORMULAS)
    assert below.proven == -1


def test_the_gap_within_the_same_person_is_that_of_paired_differences() -> None:
    differences = [0.0, 20.0, 0.0, 100.0, 40.0, 0.0]
    gap = PairGap(6, sum(differences), sum(d * d for d in differences))
    spread = stats.sem(differences) * 1.96
    assert gap.score == pytest.approx(np.mean(differences))
    assert gap.interval == pytest.approx((gap.score - spread, gap.score + spread))
    assert PairGap(1, 20.0, 400.0).interval is None
    assert PairGap(0, 0.0, 0.0).score is None


def test_a_window_with_harder_matters_is_not_held_to_account_for_them() -> None:
    cells = [
        ("a", ("01", "link"), 20, 1000),
        ("b", ("01", "link"), 20, 1000),
        ("b", ("07", "link"), 1, 1000),
        ("c", ("07", "link"), 1, 1000),
        ("d", ("07", "link"), 40, 1000),
    ]
    found = mixes(cells)
    assert found["a"].expected == pytest.approx(20)
    assert found["a"].excess == pytest.approx(0)
    assert found["d"].expected == pytest.approx(14)
    assert found["d"].interval[0] > 0
    assert sum(mix.excess for mix in found.values()) == pytest.approx(0)
