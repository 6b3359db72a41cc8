"""Where rows stand by the statistics of closed days: worked out, stored, and shown beside live counts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.kernel import settings
from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.periods import Period
from evalsys.scoring import actions
from evalsys.scoring.models import RankPlace, RankRun
from evalsys.scoring.queries import placed, sums
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.placing import periods_worked_out
from evalsys.scoring.rules.ranking import WINDOWS, Named, Place, Row, Tally, json_of, ranked
from evalsys.scoring.rules.rates import Split
from tests.builders import a_window
from tests.scoring.halls import summed

TODAY = date(2026, 4, 15)
NOW = datetime(2026, 4, 15, 2, 0, tzinfo=UTC)
DEFAULT = Period(TODAY - timedelta(days=89), TODAY)
CLOSED = Period(DEFAULT.first, TODAY - timedelta(days=1))


def worked_out(session: Session, now: datetime = NOW) -> None:
    """Let the job run until all eighteen rankings have been worked out, and looked at again."""
    for minute in range(36):
        actions.place_rows(session, now + timedelta(minutes=minute))


def windows(session: Session, period: Period = DEFAULT, scope: Scope = EVERYTHING, **limits: str):
    found = sums.ranking(session, WINDOWS, Filter(period, **limits), scope, settings.current())
    return {row.named.code: row for row in found.rows}


@pytest.fixture
def hall(session: Session) -> dict[str, object]:
    """Four windows: good, alike, bad, and one with few ratings, all rated two days ago."""
    built = {number: a_window(session, number) for number in ("21", "22", "23", "24")}
    for number, levels in zip(built, [(4000, 5), (1500, 10, 2), (900, 60, 30, 20, 10), (40, 2)], strict=True):
        summed(session, built[number], *levels, day=TODAY - timedelta(days=2))
    return built


def test_every_rows_shrunk_score_interval_and_band_are_said(session: Session, hall) -> None:
    worked_out(session)
    rows = windows(session)
    said = {code: json_of(row) for code, row in rows.items()}
    assert [said[code]["rank"] for code in ("C-21", "C-22", "C-23", "C-24")] == [1, 2, 3, None]
    assert said["C-21"]["rank_interval"] == [1, 1]
    assert said["C-23"]["rank_interval"] == [3, 3]
    assert [said[code]["band"] for code in ("C-21", "C-22", "C-23")] == ["1", "2", "3"]
    assert said["C-24"]["rank_interval"] is said["C-24"]["band"] is None
    assert said["C-23"]["score"] < said["C-23"]["shrunk"] < 98
    assert said["C-24"]["score"] < said["C-24"]["shrunk"] < said["C-22"]["shrunk"]


def test_todays_counts_stand_live_beside_ranks_of_closed_days(session: Session, hall) -> None:
    worked_out(session)
    before = windows(session)["C-21"]
    summed(session, hall["21"], 0, 0, 0, 0, 900, day=TODAY)
    after = windows(session)["C-21"]
    assert after.n == before.n + 900
    assert after.score < before.score - 15
    assert (after.rank, after.place) == (1, before.place)


def test_a_window_first_rated_today_has_no_rank_until_the_day_is_over(session: Session, hall) -> None:
    worked_out(session)
    summed(session, a_window(session, "29"), 300, day=TODAY)
    assert windows(session)["C-29"].rank is None
    worked_out(session, NOW + timedelta(days=1))
    tomorrow = Period(DEFAULT.first + timedelta(days=1), TODAY + timedelta(days=1))
    assert windows(session, tomorrow)["C-29"].rank is not None


def test_a_correction_of_a_closed_day_is_worked_out_again(session: Session, hall) -> None:
    worked_out(session)
    before = windows(session)["C-21"].place
    summed(session, hall["21"], 0, 0, 0, 0, 400, day=TODAY - timedelta(days=3))
    assert windows(session)["C-21"].place == before
    worked_out(session)
    assert windows(session)["C-21"].place.shrunk < before.shrunk - 5
    assert windows(session)["C-21"].rank == 3


def test_without_any_change_nothing_is_written(session: Session, hall) -> None:
    worked_out(session)
    assert not any(actions.place_rows(session, NOW + timedelta(minutes=minute)) for minute in range(18))


def test_each_run_works_out_one_ranking_the_last_ninety_days_first(session: Session, hall) -> None:
    for many in (1, 2, 3):
        assert actions.place_rows(session, NOW)
        assert len(placed.runs(session)) == many
    assert {period for _subject, period in placed.runs(session)} == {CLOSED}


def test_what_is_no_longer_asked_for_is_forgotten(session: Session, hall) -> None:
    worked_out(session)
    worked_out(session, NOW + timedelta(days=3))
    periods = {period for _subject, period in placed.runs(session)}
    assert periods == set(periods_worked_out(TODAY + timedelta(days=3)))
    assert (
        session.scalar(select(func.count()).select_from(RankPlace).where(RankPlace.last == CLOSED.last)) == 0
    )


def test_places_of_other_formulas_are_not_shown(session: Session, hall) -> None:
    worked_out(session)
    for run in session.scalars(select(RankRun)):
        run.formulas = "1-0123456789"
    session.flush()
    assert windows(session)["C-21"].place is None
    worked_out(session)
    assert windows(session)["C-21"].place is not None


def test_places_belong_to_whole_rows_of_their_own_days(session: Session, hall) -> None:
    summed(session, hall["21"], 100, day=TODAY - timedelta(days=2), channel="face-to-face", entry="tablet")
    summed(session, a_window(session, "31", "SOC"), 500, day=TODAY - timedelta(days=2))
    worked_out(session)
    assert windows(session, channel="face-to-face")["C-21"].place is None
    assert windows(session, Period(DEFAULT.first, TODAY - timedelta(days=2)))["C-21"].place is None
    whole, part = windows(session), windows(session, department="SOC")
    assert (part["C-31"].rank, part["C-31"].place) == (whole["C-31"].rank, whole["C-31"].place)
    assert part["C-31"].place is not None


def test_ranks_go_by_shrunk_scores_and_leave_those_without_a_place_out() -> None:
    formulas = sums.formulas_of(settings_of_tests())

    def row(code: str, n: int, place: Place | None) -> Row:
        return Row(Named(code, code, ""), Tally(Split(five=n)), formulas, place=place)

    rows = [
        row("a", 200, Place(97.0, (1, 3), 1)),
        row("b", 200, Place(99.0, (1, 2), 1)),
        row("c", 200, Place(97.0, (1, 3), 1)),
        row("d", 200, Place(99.9)),
        row("e", 200, None),
        row("f", 99, Place(99.5, (1, 3), 1)),
    ]
    assert {line.named.code: line.rank for line in ranked(rows)} == {
        "a": 2, "b": 1, "c": 2, "d": None, "e": None, "f": None,
    }  # fmt: skip


def settings_of_tests() -> settings.Settings:
    return settings.Settings()


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 4, 15), date(2028, 2, 29)])
def test_the_periods_worked_out_are_over(today: date) -> None:
    periods = periods_worked_out(today)
    assert periods[0].days == 89
    assert all(period.last < today for period in periods)
    assert len(set(periods)) == len(periods)
