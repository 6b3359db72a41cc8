"""Rank intervals, bands and chances by draws: what few ratings leave open is said."""

from operator import attrgetter

import numpy as np
import pytest
from scipy import stats

from evalsys.scoring.rules.draws import places
from evalsys.scoring.rules.shrinkage import Prior, prior_of, shrunk

POINTS = (100.0, 80.0, 60.0, 30.0, 0.0)


def alike(windows, n, seed):
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, (0.95, 0.04, 0.006, 0.002, 0.002), size=windows).tolist()


def test_alike_windows_share_one_band_and_could_stand_anywhere() -> None:
    counts = alike(60, 300, seed=1)
    found = places(counts, prior_of(counts), POINTS)
    assert {place.band for place in found} == {1}
    assert np.mean([place.worst - place.best for place in found]) > 40
    assert max(place.top for place in found) < 0.5


def test_the_same_counts_give_the_same_places() -> None:
    counts = alike(12, 300, seed=2)
    prior = prior_of(counts)
    assert places(counts, prior, POINTS) == places(counts, prior, POINTS)


def test_windows_that_differ_stand_in_bands_of_their_own() -> None:
    counts = [(5000, 0, 0, 0, 0), (4000, 1000, 0, 0, 0), (1000, 1000, 1000, 1000, 1000)]
    found = places(counts, prior_of(counts), POINTS)
    assert [(p.best, p.worst, p.band) for p in found] == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]
    assert (found[0].top, found[2].bottom, found[1].top) == (1.0, 1.0, 0.0)


def test_a_place_says_the_shrunk_score_and_holds_its_own_order() -> None:
    counts = [*alike(20, 200, seed=3), [120, 40, 20, 10, 10]]
    prior = prior_of(counts)
    found = places(counts, prior, POINTS)
    assert [place.shrunk for place in found] == [shrunk(row, prior, POINTS) for row in counts]
    by_score = sorted(found, key=lambda place: -place.shrunk)
    assert [place.band for place in by_score] == sorted(place.band for place in found)
    assert found[-1] is max(found, key=attrgetter("worst"))
    assert all(place.best <= place.worst for place in found)


def test_two_levels_are_placed_as_beta_draws_say() -> None:
    prior, counts = Prior((0.9, 0.1), 20.0), [(90, 10), (95, 5), (99, 1)]
    found = places(counts, prior, (1.0, 0.0))
    first, second = (stats.beta(18 + good, 2 + bad) for good, bad in counts[1:])
    # The chance that the last is the best but for the first row, which hardly ever is, by quadrature.
    grid = np.linspace(0, 1, 4001)
    last_best = np.trapezoid(second.pdf(grid) * first.cdf(grid) * stats.beta(108, 12).cdf(grid), grid)
    assert found[2].top == pytest.approx(last_best, abs=0.05)
    assert sum(place.top for place in found) == pytest.approx(1)
