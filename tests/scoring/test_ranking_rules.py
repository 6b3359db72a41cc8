"""Ranks, too few, and what a row says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.ranking import Named, Row, Tally, json_of, ranked, sum_of
from evalsys.scoring.rules.rates import EMPTY, Split

FORMULAS = Formulas((100.0, 80.0, 60.0, 30.0, 0.0), 30, 100)


def row(code, *levels, group="税务", leader=False, before=None):
    return Row(
        Named(code, code, "", group=group, leader_duty=leader), Tally(Split(*levels)), FORMULAS, before
    )


def ranks(rows):
    return {line.named.code: line.rank for line in ranked(rows)}


def test_ties_share_a_rank_and_the_next_is_left_out():
    rows = [
        row("a", 90, 0, 0, 10),
        row("b", 100),
        row("c", 200, 0, 0, 0),
        row("d", 50, 50),
        row("e", 100, 100),
    ]
    assert ranks(rows) == {"b": 1, "c": 1, "a": 3, "d": 4, "e": 4}


def test_ranks_one_two_two_four():
    assert ranks([row("a", 100), row("b", 90, 10), row("c", 180, 20), row("d", 0, 100)]) == {
        "a": 1,
        "b": 2,
        "c": 2,
        "d": 4,
    }


def test_each_comparison_group_has_its_own_ranks():
    assert ranks([row("a", 100), row("b", 0, 100), row("x", 0, 0, 100, group="公安")]) == {
        "a": 1,
        "b": 2,
        "x": 1,
    }


def test_below_a_hundred_nothing_is_ranked():
    few = row("a", 99)
    assert ranks([few]) == {"a": None}
    assert few.enough_rate
    assert ranks([row("a", 100)]) == {"a": 1}


def test_leader_duty_is_shown_but_not_ranked():
    assert ranks([row("a", 100, leader=True), row("b", 0, 100)]) == {"a": None, "b": 1}


def test_rows_stand_by_group_rank_volume_and_code():
    rows = [row("d", 5), row("c", 5), row("e", 50), row("b", 0, 100), row("a", 100), row("z", 3, group="乙")]
    assert [line.named.code for line in ranked(rows)] == ["z", "a", "b", "e", "c", "d"]


def test_a_row_without_ratings_is_blank_everywhere():
    said = json_of(row("a"))
    assert said["n"] == 0
    assert said["score"] is None
    assert said["rank"] is None
    assert said["good"] == {"numerator": 0, "denominator": 0, "rate": None, "interval": None}


def test_one_rating_has_a_rate_an_interval_and_is_not_enough():
    said = json_of(row("a", 1))
    assert said["good"]["rate"] == 1
    assert said["good"]["interval"] == pytest.approx([0.2065, 1], abs=5e-5)
    assert not said["enough_rate"]
    assert not said["enough_rank"]


def test_a_change_is_only_said_where_both_periods_have_enough():
    assert row("a", 29, before=Split(five=300)).change is None
    assert row("a", 300, before=Split(five=29)).change is None
    change = row("a", 200, 0, 0, 0, 100, before=Split(five=300)).change
    assert change.score == pytest.approx(-100 / 3)
    assert change.score_moved
    assert not row("a", 30, before=Split(five=30)).change.score_moved


def test_the_version_changes_with_whatever_moves_a_score():
    versions = {
        FORMULAS.version,
        Formulas((100.0, 80.0, 60.0, 20.0, 0.0), 30, 100).version,
        Formulas(FORMULAS.points, 31, 100).version,
        Formulas(FORMULAS.points, 30, 101).version,
    }
    assert len(versions) == 4
    assert Formulas(FORMULAS.points, 30, 100).version == FORMULAS.version


@given(st.lists(st.tuples(*[st.integers(0, 150)] * 5), max_size=12))
def test_a_better_score_never_ranks_lower(splits):
    rows = ranked(row(str(i), *levels) for i, levels in enumerate(splits))
    placed = [line for line in rows if line.rank]
    for one in placed:
        assert one.rank == 1 + sum(other.score > one.score + 1e-9 for other in placed)
    assert all(line.rank is None for line in rows if line.n < 100)


def test_channels_that_were_not_released_stay_blank_in_the_sum():
    released = Tally(
        Split(five=9), {"face-to-face": Split(five=9), "back-to-back": EMPTY, "on-the-go": EMPTY}
    )
    hidden = Tally(Split(five=9), dict.fromkeys(released.channels))
    total = sum_of([released, hidden])
    assert total.split.n == 18
    assert json_of(Row(Named("", "", ""), total, FORMULAS))["channels"]["face-to-face"] is None
