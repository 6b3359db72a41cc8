"""What the clerk's side sees: closed periods, released cells, its own scope."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.periods import BadPeriod, Period, closing_named
from evalsys.kernel.settings import Settings
from evalsys.scoring import actions
from evalsys.scoring.models import DailySum, ReleasedCell
from evalsys.scoring.queries import released
from evalsys.scoring.rules.asking import BadFilter, Filter
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, SUBJECTS, WINDOWS, Ranking, json_of
from tests.builders import a_clerk, a_window
from tests.scoring.halls import summed, tagged

MONDAY = date(2026, 3, 2)  # of 2026-W10, in 2026-03
NOW = datetime(2026, 4, 20, 2, tzinfo=UTC)
EARLY = datetime(2026, 3, 9, 2, tzinfo=UTC)


def ranking(session: Session, subject: str, period: str, scope: Scope = EVERYTHING, **limits: str) -> Ranking:
    asked = Filter(closing_named(period).period, **limits)
    return released.ranking(session, subject, asked, scope, Settings())


def shown(found: Ranking) -> dict[str, int]:
    return {row.named.code: row.n for row in found.rows}


def test_a_window_with_four_ratings_in_a_week_is_not_shown(session: Session) -> None:
    summed(session, a_window(session), 4, day=MONDAY)
    summed(session, a_window(session, "25"), 3, 0, 0, 1, 1, day=MONDAY)
    actions.release_periods(session, EARLY)
    found = ranking(session, WINDOWS, "2026-W10")
    assert shown(found) == {"C-25": 5}
    assert (found.silent, found.released) == (1, "2026-W10")
    assert ranking(session, DEPARTMENTS, "2026-W10").total.n == 5


def test_a_running_week_is_not_released(session: Session) -> None:
    summed(session, a_window(session), 50, day=MONDAY)
    assert actions.release_periods(session, datetime(2026, 3, 8, 15, 59, tzinfo=UTC)) == 0
    assert actions.release_periods(session, datetime(2026, 3, 8, 16, 0, tzinfo=UTC)) > 0


def test_releasing_twice_changes_nothing(session: Session) -> None:
    window = a_window(session)
    for weeks in range(4):
        summed(session, window, 9, day=MONDAY + timedelta(weeks=weeks))
        tagged(session, window, "517", 6, day=MONDAY + timedelta(weeks=weeks))
    assert actions.release_periods(session, NOW) > 0
    cells = session.execute(select(func.count(), func.max(ReleasedCell.released_at))).one()
    assert actions.release_periods(session, NOW + timedelta(days=1)) == 0
    assert session.execute(select(func.count(), func.max(ReleasedCell.released_at))).one() == cells


def test_late_ratings_are_shown_only_when_there_are_five(session: Session) -> None:
    window = a_window(session)
    summed(session, window, 9, day=MONDAY)
    actions.release_periods(session, EARLY)
    session.execute(update(DailySum).values(n1=4))
    actions.release_periods(session, EARLY)
    assert shown(ranking(session, WINDOWS, "2026-W10")) == {"C-24": 9}
    session.execute(update(DailySum).values(n1=5))
    actions.release_periods(session, EARLY)
    assert shown(ranking(session, WINDOWS, "2026-W10")) == {"C-24": 14}


def test_released_windows_staff_and_departments_add_up(session: Session) -> None:
    clerks = [a_clerk(session, "1001"), a_clerk(session, "1002")]
    for number in range(6):
        window = a_window(session, str(number), "TAX" if number % 2 else "SOC")
        for weeks in range(4):
            day = MONDAY + timedelta(weeks=weeks)
            summed(session, window, 5 * number, 1, 0, 0, number, day=day, staff_id=clerks[number % 2])
            summed(session, window, number, day=day, staff_id=0)
    actions.release_periods(session, NOW)
    for period in ("2026-W10", "2026-03"):
        found = {subject: ranking(session, subject, period) for subject in SUBJECTS}
        assert found[STAFF].unmatched is not None
        staff = sum(row.n for row in found[STAFF].rows) + found[STAFF].unmatched.n
        assert staff == found[WINDOWS].total.n == found[DEPARTMENTS].total.n > 0


def test_channels_are_shown_where_none_is_one_to_four(session: Session) -> None:
    window, other = a_window(session), a_window(session, "25")
    for place, kiosk in ((window, 7), (other, 3)):
        summed(session, place, 20, day=MONDAY)
        summed(session, place, kiosk, day=MONDAY, channel="back-to-back", entry="kiosk")
    actions.release_periods(session, EARLY)
    rows = {row.named.code: json_of(row)["channels"] for row in ranking(session, WINDOWS, "2026-W10").rows}
    assert rows["C-24"]["back-to-back"] == {"n": 7, "good": 7}
    assert rows["C-24"]["face-to-face"] == {"n": 0, "good": 0}
    assert rows["C-25"] == {"face-to-face": None, "back-to-back": None, "on-the-go": None}
    assert shown(ranking(session, WINDOWS, "2026-W10", channel="back-to-back")) == {"C-24": 7}


def test_each_sees_their_own_units_only(session: Session) -> None:
    window, other = a_window(session), a_window(session, "25", "SOC")
    for place in (window, other):
        summed(session, place, 9, day=MONDAY)
        tagged(session, place, "517", 6, day=MONDAY)
    actions.release_periods(session, EARLY)
    scope = Scope(units=frozenset({window.unit_id}))
    assert shown(ranking(session, WINDOWS, "2026-W10", scope)) == {"C-24": 9}
    week = closing_named("2026-W10")
    assert released.tag_counts(session, week, scope) == {"staff:good": 6}
    assert released.tag_counts(session, week, EVERYTHING) == {"staff:good": 12}
    assert [split.n for _, split in released.trend(session, scope)] == [9]
    assert released.closings(session, scope) == [week]
    assert released.closings(session, Scope()) == []
    with pytest.raises(BadFilter):
        ranking(session, WINDOWS, "2026-W10", scope, window="C-25")


def test_what_is_not_released_is_refused_with_a_sentence(session: Session) -> None:
    a_window(session)
    with pytest.raises(BadFilter, match="去掉入口条件"):
        ranking(session, WINDOWS, "2026-W10", entry="tablet")
    with pytest.raises(BadFilter, match="去掉渠道条件"):
        ranking(session, STAFF, "2026-W10", channel="on-the-go")
    asked = Filter(Period(MONDAY, MONDAY + timedelta(days=1)))
    with pytest.raises(BadPeriod, match="整周"):
        released.ranking(session, WINDOWS, asked, EVERYTHING, Settings())


def test_the_change_compares_with_the_closed_period_before(session: Session) -> None:
    window = a_window(session)
    summed(session, window, 300, day=MONDAY)
    summed(session, window, 200, 0, 0, 0, 100, day=MONDAY + timedelta(weeks=1))
    actions.release_periods(session, NOW)
    (row,) = ranking(session, WINDOWS, "2026-W11").rows
    assert row.change is not None
    assert row.change.score_moved


def test_weeks_come_before_months_and_the_latest_first(session: Session) -> None:
    window = a_window(session)
    for weeks in range(5):
        summed(session, window, 9, day=MONDAY + timedelta(weeks=weeks))
    actions.release_periods(session, NOW)
    names = [closing.name for closing in released.closings(session, EVERYTHING)]
    assert names == ["2026-W14", "2026-W13", "2026-03", "2026-Q1", "2026-W12", "2026-W11", "2026-W10"]
    assert [split.n for _, split in released.trend(session, EVERYTHING)] == [9] * 5


def test_old_quarters_are_released_once_and_then_left_alone(session: Session) -> None:
    window = a_window(session)
    summed(session, window, 50, day=date(2024, 5, 6))
    actions.release_periods(session, NOW)
    assert shown(ranking(session, WINDOWS, "2024-Q2")) == {"C-24": 50}
    session.execute(update(DailySum).values(n1=50))
    assert actions.release_periods(session, NOW) == 0


def test_a_site_without_ratings_releases_nothing(session: Session) -> None:
    assert actions.release_periods(session, NOW) == 0
    assert released.closings(session, EVERYTHING) == []
    assert released.trend(session, EVERYTHING) == []


def test_leader_duty_is_not_ranked_on_the_clerks_side_either(session: Session) -> None:
    clerk, leader = a_clerk(session), a_clerk(session, "9001")
    summed(session, a_window(session), 150, day=MONDAY, staff_id=clerk)
    summed(session, a_window(session, "1", "OFF", "领导带班"), 150, day=MONDAY, staff_id=leader)
    actions.release_periods(session, EARLY)
    for subject in SUBJECTS:
        ranks = [row.rank for row in ranking(session, subject, "2026-W10").rows]
        assert sorted(ranks, key=str) == [1, None], subject


def test_a_group_that_reaches_outside_the_scope_is_not_ranked(session: Session) -> None:
    window, other = a_window(session), a_window(session, "25", "SOC")
    for place, bad in ((window, 10), (other, 0)):
        summed(session, place, 150, 0, 0, 0, bad, day=MONDAY)
    actions.release_periods(session, EARLY)
    scope = Scope(units=frozenset({window.unit_id}))
    assert [row.rank for row in ranking(session, WINDOWS, "2026-W10", scope).rows] == [None]
    assert [row.rank for row in ranking(session, WINDOWS, "2026-W10").rows] == [1, 2]
    assert [row.rank for row in ranking(session, WINDOWS, "2026-W10", window="C-24").rows] == [2]
