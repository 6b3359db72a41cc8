"""What anybody may see: no two open figures differ by fewer than ten ratings."""

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from evalsys.dashboards.rules.opened import LEAST, newly_open
from evalsys.kernel.periods import MONTHS, WEEKS, Closing, closing_of
from evalsys.scoring.rules.rates import EMPTY, Split

MONTH = closing_of(MONTHS, date(2026, 3, 4))
FIRST, SECOND, THIRD, FOURTH = (Closing(WEEKS, MONTH.starts + timedelta(days=7 * nth)) for nth in range(4))


def test_a_week_of_nine_stays_closed_and_one_of_ten_opens() -> None:
    assert newly_open({FIRST: Split(9), SECOND: Split(9, 1)}, {}) == {SECOND: Split(9, 1)}


def test_a_month_opens_only_where_what_its_weeks_leave_is_none_or_ten() -> None:
    weeks = {FIRST: Split(12), SECOND: Split(20)}
    assert MONTH not in newly_open({**weeks, MONTH: Split(36)}, {})
    assert newly_open({**weeks, MONTH: Split(42)}, {})[MONTH] == Split(42)
    assert newly_open({**weeks, MONTH: Split(32)}, {})[MONTH] == Split(32)


def test_an_open_figure_moves_by_ten_or_not_at_all() -> None:
    assert newly_open({MONTH: Split(39)}, {MONTH: Split(30)}) == {}
    assert newly_open({MONTH: Split(39, 1)}, {MONTH: Split(30)}) == {MONTH: Split(39, 1)}
    assert newly_open({MONTH: Split(50)}, {MONTH: Split(30, 1)}) == {}


def test_a_week_inside_an_open_month_stays_what_it_was() -> None:
    assert newly_open({FIRST: Split(12)}, {MONTH: Split(30)}) == {}
    assert newly_open({FIRST: Split(40)}, {FIRST: Split(12), MONTH: Split(30)}) == {}


WEEKLY = st.lists(st.integers(0, 25), min_size=4, max_size=4)


def ratings(weeks: list[int]) -> Mapping[Closing, Split]:
    """The month's first four weeks, and the month, as they would be released."""
    splits = [Split(n) for n in weeks]
    return dict(zip((FIRST, SECOND, THIRD, FOURTH), splits, strict=True)) | {MONTH: sum(splits, start=EMPTY)}


@settings(max_examples=60, deadline=None)
@given(st.lists(WEEKLY, min_size=1, max_size=4))
def test_whatever_comes_later_no_two_open_figures_differ_by_one_to_nine(arrivals: list[list[int]]) -> None:
    there, opened = [0, 0, 0, 0], dict[Closing, Split]()
    for late in arrivals:
        there = [n + more for n, more in zip(there, late, strict=True)]
        new = newly_open(ratings(there), opened)
        grown = [split.n - opened.get(closing, EMPTY).n for closing, split in new.items()]
        opened |= new
        inside = sum(split.n for closing, split in opened.items() if closing.kind == WEEKS)
        ring = opened[MONTH].n - inside if MONTH in opened else LEAST
        assert all(n >= LEAST for n in grown)
        assert ring == 0 or ring >= LEAST
