"""The clerk's side cannot uncover a group of one to four from all it ever sees."""

from collections import Counter
from datetime import date, timedelta
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalsys.scoring.rules.hiding import hides_few
from evalsys.scoring.rules.rates import EMPTY, Split
from evalsys.scoring.rules.release import Atom, ReleasedPart, newly_released, newly_released_tags

MONDAY = date(2025, 12, 29)  # the first week of 2026-01 and of 2026-Q1
AFTER = date(2026, 4, 1)


def week(number):
    return MONDAY + timedelta(weeks=number)


def sums(*counts):
    """Counts of (week, staff, channel, n of level 5)."""
    return {Atom(week(w), staff, channel): Split(five=n) for w, staff, channel, n in counts}


def wholes(cells):
    return {(cell.kind, cell.starts): split.n for cell, split in cells.items() if cell.part == "all"}


def parts(cells, kind, part):
    return {cell.key: split.n for cell, split in cells.items() if (cell.kind, cell.part) == (kind, part)}


def test_a_week_of_four_is_not_released_and_a_week_of_five_is():
    cells = newly_released(sums((0, "7", "x", 4), (1, "7", "x", 5)), {}, week(2))
    assert wholes(cells) == {("week", week(1)): 5}


def test_nothing_is_released_before_its_last_day_is_over():
    counts = sums((0, "7", "x", 9))
    assert not newly_released(counts, {}, week(1) - timedelta(days=1))
    assert wholes(newly_released(counts, {}, week(1))) == {("week", MONDAY): 9}


def test_a_month_that_would_uncover_its_one_small_week_stays_closed():
    counts = sums((0, "7", "x", 9), (1, "7", "x", 4), (2, "7", "x", 9), (3, "7", "x", 9), (4, "7", "x", 9))
    assert ("month", MONDAY) not in wholes(newly_released(counts, {}, week(6)))
    two_small = counts | sums((2, "7", "x", 3))
    assert wholes(newly_released(two_small, {}, week(6)))["month", MONDAY] == 34


def test_late_ratings_are_added_only_five_at_a_time():
    first = newly_released(sums((0, "7", "x", 6)), {}, week(1))
    assert not newly_released(sums((0, "7", "x", 10)), first, week(1))
    again = newly_released(sums((0, "7", "x", 11)), first, week(1))
    assert wholes(again) == {("week", MONDAY): 11}
    assert not newly_released(sums((0, "7", "x", 11)), first | again, week(1))


def test_once_a_month_is_out_its_weeks_stand_still():
    out = newly_released(sums((0, "7", "x", 6), (1, "7", "x", 6)), {}, week(6))
    assert ("month", MONDAY) in wholes(out)
    later = newly_released(sums((0, "7", "x", 60), (1, "7", "x", 6)), out, week(6))
    assert [cell.kind for cell in later if cell.part == "all"] == ["month"]


def test_a_level_that_shrank_keeps_a_figure_back():
    out = newly_released({Atom(MONDAY, "7", "x"): Split(five=6, one=1)}, {}, week(1))
    assert not newly_released({Atom(MONDAY, "7", "x"): Split(five=20)}, out, week(1))


def test_parts_are_released_only_where_each_is_none_or_five():
    counts = sums((0, "7", "x", 9), (0, "7", "y", 4), (0, "8", "x", 9))
    cells = newly_released(counts, {}, week(1))
    assert parts(cells, "week", "channel") == {}
    assert parts(cells, "week", "staff") == {"7": 13, "8": 9}


def test_staff_and_channels_that_could_be_subtracted_are_not_both_released():
    # 7 rated 12, of them 10 by x; x holds only those 10: staff 7 without channel x would be two ratings.
    counts = sums((0, "7", "x", 10), (0, "7", "y", 2), (0, "8", "y", 10))
    cells = newly_released(counts, {}, week(1))
    assert parts(cells, "week", "channel") == {"x": 10, "y": 12}
    assert parts(cells, "week", "staff") == {}


def test_parts_of_a_month_are_released_where_no_week_can_be_cut_out():
    counts = sums(*[(w, staff, ch, 6) for w in range(5) for staff in "78" for ch in "xy"])
    cells = newly_released(counts, {}, week(5))
    assert parts(cells, "month", "channel") == {"x": 60, "y": 60}
    assert parts(cells, "month", "staff") == {"7": 60, "8": 60}


def test_where_something_moved_since_the_parts_are_kept_back():
    weeks = newly_released(sums((0, "7", "x", 9), (0, "8", "x", 9)), {}, week(1))
    assert parts(weeks, "week", "staff") == {"7": 9, "8": 9}
    mended = sums((0, "7", "x", 8), (0, "8", "x", 10), (1, "7", "x", 20), (1, "8", "x", 20))
    month = newly_released(mended, weeks, week(6))
    assert parts(month, "month", "staff") == {}


def test_a_period_shown_twice_is_not_cut_into_parts_later():
    one = newly_released(sums((0, "7", "x", 9), (0, "8", "y", 2)), {}, week(1))
    grown = sums((0, "7", "x", 19), (0, "8", "y", 19), (1, "7", "x", 9), (1, "8", "y", 9))
    two = newly_released(grown, one, week(1))
    assert wholes(two) == {("week", MONDAY): 38}
    month = newly_released(grown, one | two, week(6))
    assert wholes(month)["month", MONDAY] == 56
    assert not parts(month, "month", "channel")


@pytest.mark.parametrize(
    ("ratings", "hidden"),
    [
        ({frozenset({0}): 4}, False),
        ({frozenset({0}): 5}, True),
        ({frozenset({0, 1}): 4, frozenset({0, 2}): 6}, False),
        ({frozenset({0, 1, 3}): 9, frozenset({0, 1, 4}): 3, frozenset({0, 2, 4}): 9}, False),
        (dict.fromkeys(map(frozenset, ([0, 1, 3], [0, 1, 4], [0, 2, 3], [0, 2, 4])), 4), True),
        ({frozenset(): 3}, True),
    ],
)
def test_what_can_be_uncovered_is_known(ratings, hidden):
    assert hides_few(ratings) is hidden


class Kindred(NamedTuple):
    """Ratings alike in all that is ever summed: where, when they came, when (if ever) they left the sums."""

    week: int
    staff: str
    channel: str
    level: int
    comes: int
    leaves: int
    n: int


LATEST = 12
kindred = st.builds(
    Kindred,
    week=st.integers(0, 8),
    staff=st.sampled_from("078"),
    channel=st.sampled_from("xyz"),
    level=st.integers(1, 5),
    comes=st.one_of(st.just(0), st.integers(1, LATEST)),
    leaves=st.just(99),
    n=st.one_of(st.integers(1, 4), st.integers(5, 40)),
)
leaving = kindred.flatmap(lambda k: st.integers(1, 99).map(lambda leaves: k._replace(leaves=leaves)))


def present(rating, at):
    return max(rating.comes, rating.week + 1) <= at < rating.leaves


def all_views(ratings):
    """Every figure the clerk's side ever sees, as the row of ratings in it and the five levels it says."""
    released: dict[ReleasedPart, Split] = {}
    rows, said = [], []
    for at in range(1, 15):
        counted = {}
        for rating in ratings:
            if present(rating, at):
                atom = Atom(week(rating.week), rating.staff, rating.channel)
                levels = Split(**{("one", "two", "three", "four", "five")[rating.level - 1]: rating.n})
                counted[atom] = counted.get(atom, EMPTY) + levels
        new = newly_released(counted, released, week(at))
        released |= new
        for cell, split in new.items():
            if cell.part == "earlier":
                continue
            last = cell.closing.period.last
            rows.append([present(r, at) and inside(r, cell, last) for r in ratings])
            said.append(split.levels)
    return np.array(rows, dtype=float), np.array(said, dtype=float)


def inside(rating, cell, last):
    if not cell.starts <= week(rating.week) <= last:
        return False
    return {"all": True, "staff": cell.key == rating.staff, "channel": cell.key == rating.channel}[cell.part]


def uncovered(ratings, rows, said):
    """A group of one to four about which some combination of views says something, if there is one."""
    if not len(rows):
        return None
    alike = Counter()
    for rating, column in zip(ratings, rows.T, strict=True):
        if column.any():
            alike[tuple(column)] += rating.n
    small = [vector for vector, n in alike.items() if n < 5]
    for size in range(1, 5):
        for group in combinations(small, size):
            if sum(alike[v] for v in group) < 5 and speaks_of(group, alike, rows, said):
                return {v: alike[v] for v in group}
    return None


def speaks_of(group, alike, rows, said):
    others = [v for v in alike if v not in group]
    matrix = np.array(others).reshape(len(others), len(rows))
    _, values, basis = np.linalg.svd(matrix, full_matrices=True)
    free = basis[(values > 1e-9).sum() :]  # combinations of views in which all others cancel out
    return (
        np.abs(free @ np.array(group).T).max(initial=0) > 1e-6 and np.abs(free @ said).max(initial=0) > 1e-6
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(kindred, min_size=1, max_size=22))
def test_no_combination_of_all_views_over_time_uncovers_one_to_four(ratings):
    rows, said = all_views(ratings)
    assert uncovered(ratings, rows, said) is None


@settings(max_examples=100, deadline=None)
@given(st.lists(leaving, min_size=1, max_size=18))
def test_ratings_that_leave_the_sums_do_not_uncover_one_to_four_either(ratings):
    rows, said = all_views(ratings)
    assert uncovered(ratings, rows, said) is None


def test_the_search_for_uncovered_groups_finds_one_where_there_is_one():
    ratings = [Kindred(0, "7", "x", 5, 0, 99, 6), Kindred(1, "7", "x", 1, 0, 99, 2)]
    rows = np.array([[1.0, 1.0], [1.0, 0.0]])
    said = np.array([[6.0, 0, 0, 0, 2], [6.0, 0, 0, 0, 0]])
    assert uncovered(ratings, rows, said)


def test_tags_are_released_where_at_least_five_chose_one_of_them():
    cells = newly_released(sums((0, "7", "x", 20), (1, "7", "x", 20)), {}, week(6))
    tags = {
        (week(0), "staff:good"): Counter({"517": 6, "413": 1}),
        (week(0), "staff:bad"): Counter({"213": 3, "214": 3}),
        (week(1), "staff:bad"): Counter({"213": 2}),
    }
    found = {(c.kind, c.key): split.n for c, split in newly_released_tags(tags, cells, {}).items()}
    assert found == {("week", "staff:good"): 7, ("month", "staff:good"): 7, ("month", "staff:bad"): 8}


def test_tags_of_a_month_do_not_uncover_those_of_a_week():
    cells = newly_released(sums((0, "7", "x", 20), (1, "7", "x", 20)), {}, week(6))
    tags = {(week(0), "guide:bad"): Counter({"208": 5}), (week(1), "guide:bad"): Counter({"208": 4})}
    found = {(c.kind, c.starts, c.key) for c in newly_released_tags(tags, cells, {})}
    assert found == {("week", week(0), "guide:bad")}
