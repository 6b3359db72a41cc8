"""Funnels, case-mix, lists, warnings and channel gaps over the sums of a small hall."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.services import note_service, rate_service
from evalsys.evaluation.queries import services
from evalsys.evaluation.rules import Answer, NewService
from evalsys.evaluation.views.links import visit_of
from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.periods import MONTHS, Period, closing_of
from evalsys.kernel.settings import Settings
from evalsys.scoring.queries import funnels, gaps, mixing
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS
from evalsys.scoring.rules.rates import Split
from evalsys.scoring.rules.warning import NO_PAST
from tests.builders import BuiltWindow, a_clerk, a_window
from tests.scoring.halls import summed

DAY = date(2026, 3, 4)
PERIOD = Period(date(2026, 3, 2), date(2026, 3, 29))


def found(session: Session, subject: str = WINDOWS, scope: Scope = EVERYTHING, **more):
    measure = more.pop("measure", funnels.BAD)
    asked = Filter(more.pop("period", PERIOD), **more)
    return funnels.funnels(session, subject, asked, scope, Settings(), measure=measure)


@pytest.fixture
def hall(session: Session) -> list[BuiltWindow]:
    """Nine windows alike with 4 bad in 1,000, one far worse, one with too few ratings."""
    built = [a_window(session, f"{number}") for number in range(10, 21)]
    for window in built[:9]:
        summed(session, window, 900, 96, 0, 2, 2, day=DAY)
    summed(session, built[9], 900, 60, 0, 20, 20, day=DAY)
    summed(session, built[10], 20, day=DAY)
    return built


def test_the_one_window_that_differs_is_said_and_the_alike_are_not(session: Session, hall) -> None:
    said = found(session)
    assert [row.named.code for row in said.rows if row.differs] == ["C-19"]
    assert [row.side for row in said.rows[1:]] == ["inside"] * 9
    assert said.rows[0].rate.numerator == 40
    assert said.too_few == 1


def test_the_shrunk_rate_lies_between_a_rows_own_and_the_groups(session: Session, hall) -> None:
    for row in found(session).rows:
        assert min(row.rate.rate, row.funnel.mean) < row.shrunk < max(row.rate.rate, row.funnel.mean)


def test_a_filter_hides_rows_and_leaves_the_groups_limits(session: Session, hall) -> None:
    summed(session, a_window(session, "40", "SOC"), 1000, day=DAY)
    whole, part = found(session), found(session, department="SOC")
    assert [row.named.code for row in part.rows] == ["C-40"]
    assert part.rows[0].funnel == whole.rows[0].funnel
    scoped = found(session, scope=Scope(units=frozenset({hall[0].unit_id})))
    assert {row.named.code for row in scoped.rows} == {f"C-{number}" for number in range(10, 20)}


def test_another_measure_has_another_funnel(session: Session, hall) -> None:
    said = found(session, measure=funnels.VERY)
    assert said.rows[0].rate.rate == 0.9
    assert not any(row.differs or row.mixed for row in said.rows)


def test_departments_and_staff_without_a_group_of_three_have_no_funnel(session: Session, hall) -> None:
    assert found(session, DEPARTMENTS).rows == found(session, STAFF).rows == ()


def test_case_mix_expects_more_of_harder_matters(session: Session) -> None:
    easy, hard, both = (a_window(session, number) for number in ("21", "22", "23"))
    summed(session, easy, 990, 0, 0, 0, 10, day=DAY, item_type="01")
    summed(session, hard, 900, 0, 0, 0, 100, day=DAY, item_type="07")
    summed(session, both, 495, 0, 0, 0, 5, day=DAY, item_type="01")
    summed(session, both, 450, 0, 0, 0, 50, day=DAY, item_type="07")
    mixed = {row.named.code: row.mixed for row in found(session).rows}
    assert mixed["C-22"].expected > 3 * mixed["C-21"].expected
    assert sum(mix.excess for mix in mixed.values()) == pytest.approx(0)


TODAY = date(2026, 5, 6)
LATER = closing_of(MONTHS, date(2026, 4, 15)).period
EARLIER = closing_of(MONTHS, date(2026, 3, 15)).period


def test_lists_need_two_months_running(session: Session) -> None:
    built = [a_window(session, f"{number}") for number in range(10, 32)]
    for month in (EARLIER, LATER):
        day = month.first + timedelta(days=3)
        for window in built[:19]:
            summed(session, window, 900, 96, 0, 2, 2, day=day)
        summed(session, built[19], 900, 60, 0, 0, 40, day=day)
        once = (960, 0, 0, 0, 40) if month == LATER else (900, 96, 0, 4)
        summed(session, built[20], *once, day=day)
        summed(session, built[21], 1000, day=day)
    said = funnels.lists(session, WINDOWS, EVERYTHING, Settings(), TODAY)
    assert said.periods == (EARLIER, LATER)
    assert [listed.named.code for listed in said.black] == ["C-29"]
    assert [listed.named.code for listed in said.red] == ["C-31"]
    assert said.red[0].earlier.rate.rate == said.red[0].later.rate.rate == 1


def test_a_window_that_gets_worse_is_warned_of_within_a_scope(session: Session) -> None:
    windows = [a_window(session, number) for number in ("21", "22", "23")]
    for days in range(20):
        for window in windows:
            bad = 2 if window is windows[2] and days >= 12 else 0
            summed(session, window, 60 - bad, 0, 0, 0, bad, day=DAY + timedelta(days=days))
    (warned,) = mixing.warnings(session, PERIOD, EVERYTHING)
    alarm = warned.alarm
    assert (warned.named.code, alarm.says, alarm.climb.since) == ("C-23", NO_PAST, DAY + timedelta(days=12))
    assert (alarm.climb.bad, alarm.climb.n, warned.bad, warned.n) == (16, 480, 16, 1200)
    assert mixing.warnings(session, PERIOD, Scope(units=frozenset())) == ()


def test_gaps_take_entries_apart_and_leave_the_window_code_out(session: Session) -> None:
    window, other = a_window(session), a_window(session, "25", "SOC")
    clerk = a_clerk(session)
    summed(session, window, 300, day=DAY, channel="face-to-face", entry="tablet", staff_id=clerk)
    for entry in ("kiosk", "ticket", "link"):
        summed(session, window, 20, 0, 0, 0, 10, day=DAY, entry=entry, staff_id=clerk)
    summed(session, window, 0, 0, 0, 0, 70, day=DAY, entry="window-code", staff_id=clerk)
    summed(session, other, 40, day=DAY, entry="link")
    asked = Filter(PERIOD)
    for subject, code in ((WINDOWS, "C-24"), (STAFF, "1001"), (DEPARTMENTS, "TAX")):
        said = gaps.gaps(session, subject, asked, EVERYTHING, Settings())
        row = said.rows[0]
        assert row.named.code == code
        assert (row.gap.tablet, row.gap.freer) == (Split(five=300), Split(five=60, one=30))
        assert row.gap.window_code == Split(one=70)
        assert row.gap.score == pytest.approx(100 / 3)
        assert (said.compared, len(said.proven(1)), said.proven(-1)) == (1, 1, [])
        assert said.total.gap.freer.n == 130
    narrow = gaps.gaps(session, WINDOWS, Filter(PERIOD, department="SOC"), EVERYTHING, Settings())
    assert [row.named.code for row in narrow.rows] == ["C-25"]
    assert narrow.total.gap.tablet.n == 0


AT = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


def rated(session: Session, service_id: int, kind: str, entry: str, level: int) -> None:
    invited = services.invited_to(session, service_id, kind)
    assert invited is not None
    visit = visit_of(invited, entry, "phone")
    rate_service(session.connection(), visit, Answer(level, f"rate-{entry}-{service_id}"), None)


def test_the_gap_of_pairs_is_that_between_two_answers_of_one_person(session: Session) -> None:
    window, clerk = a_window(session), a_clerk(session)
    for number, (tablet, freer) in enumerate([(5, 5), (5, 1), (4, 2), (5, None)]):
        new = NewService(
            window.window_id, window.hall_id, window.unit_id, AT, staff_id=clerk, idempotency_key=f"k{number}"
        )
        service = note_service(session.connection(), new).service_id
        rated(session, service, "tablet", "tablet", tablet)
        if freer is not None:
            rated(session, service, "link", "link", freer)
    for subject in (WINDOWS, STAFF, DEPARTMENTS):
        said = gaps.gaps(session, subject, Filter(PERIOD), EVERYTHING, Settings())
        (row,) = said.rows
        assert (row.pairs.pairs, row.pairs.total) == (3, 0 + 100 + 50)
        assert row.pairs.score == pytest.approx(50)
        assert said.total.pairs == row.pairs
    outside = gaps.gaps(session, WINDOWS, Filter(PERIOD), Scope(units=frozenset()), Settings())
    assert (outside.rows, outside.total.pairs.pairs) == ((), 0)
