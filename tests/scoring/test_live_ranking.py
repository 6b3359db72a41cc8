"""Rankings over live sums: golden figures, adding up, names, filters, scope."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.periods import Period
from evalsys.kernel.settings import Settings
from evalsys.organisation.models import StaffUnit, Unit, UnitName, Window, WindowUnit
from evalsys.organisation.queries import directory
from evalsys.scoring.queries import naming, sums
from evalsys.scoring.rules.asking import BadFilter, Filter, filter_asked
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, SUBJECTS, WINDOWS, Ranking, json_of
from tests.builders import LONG_AGO, BuiltWindow, a_clerk, a_unit, a_window
from tests.scoring.halls import DAY, summed

TODAY = date(2026, 3, 31)
SETTINGS = Settings()


def ranking(session: Session, subject: str = WINDOWS, scope: Scope = EVERYTHING, **asked: str) -> Ranking:
    said = {name.rstrip("_"): value for name, value in asked.items()}
    return sums.ranking(session, subject, filter_asked(said, TODAY), scope, SETTINGS)


def rows(found: Ranking) -> dict[str, dict[str, object]]:
    return {row.named.code: json_of(row) for row in found.rows}


def test_the_golden_row_of_all_five_levels(session: Session) -> None:
    window = a_window(session)
    summed(session, window, 60, 20, 10, 6, 4, held5=3, held1=1, excluded2=2, bound=9, done_yes=5)
    summed(session, window, 100, channel="face-to-face", entry="tablet")
    found = ranking(session)
    row = rows(found)["C-24"]
    assert row["n"] == 200
    assert row["levels"] == {"5": 160, "4": 20, "3": 10, "2": 6, "1": 4}
    assert row["channels"] == {
        "face-to-face": {"n": 100, "good": 100},
        "back-to-back": {"n": 0, "good": 0},
        "on-the-go": {"n": 100, "good": 90},
    }
    assert row["good"]["numerator"] == 190
    assert row["good"]["rate"] == 0.95
    assert row["good"]["interval"] == pytest.approx([0.9104, 0.9726], abs=5e-5)
    assert row["very_satisfied"]["rate"] == 0.8
    assert row["bad"]["rate"] == 0.05
    assert row["score"] == (16000 + 1600 + 600 + 180) / 200
    assert (row["rank"], row["enough_rate"], row["enough_rank"]) == (1, True, True)
    assert row["services"] is row["shrunk"] is row["rank_interval"] is row["band"] is None
    assert (row["name"], row["department"], row["group"]) == ("24号窗口", "税务局", "窗口")
    assert (found.held, found.excluded) == (4, 2)


def test_held_and_excluded_ratings_alone_make_a_blank_row(session: Session) -> None:
    summed(session, a_window(session), held5=3, excluded1=2)
    found = ranking(session)
    row = rows(found)["C-24"]
    assert (row["n"], row["score"], row["good"]["rate"]) == (0, None, None)
    assert (found.held, found.excluded, found.total.n) == (3, 2, 0)


def test_an_empty_period_has_no_rows_and_a_blank_total(session: Session) -> None:
    summed(session, a_window(session), 5)
    found = ranking(session, from_="2020-01-01", to="2020-12-31")
    assert found.rows == ()
    assert (found.total.n, found.total.score) == (0, None)
    assert found.silent == 1


def test_a_hall_without_anything_is_no_error(session: Session) -> None:
    for subject in SUBJECTS:
        found = ranking(session, subject)
        assert found.rows == ()
        assert found.total.n == 0


def test_windows_staff_and_departments_add_up(session: Session) -> None:
    chance = random.Random(7)
    windows = [a_window(session, str(number), chance.choice(["TAX", "SOC"])) for number in range(12)]
    clerks = [0, *(a_clerk(session, f"10{number:02}", "王敏") for number in range(9))]
    for window in windows:
        for clerk in chance.sample(clerks, 3):
            for days in chance.sample(range(120), 4):
                levels = [chance.randrange(40) for _ in range(5)]
                unscored = {"unscored1": min(levels[4], 2)} if clerk else {}
                day = DAY - timedelta(days=days)
                summed(session, window, *levels, day=day, staff_id=clerk, **unscored)
    for asked in (
        {},
        {"channel": "on-the-go"},
        {"department": "TAX"},
        {"from": "2026-01-01", "to": "2026-02-01"},
    ):
        found = {
            subject: sums.ranking(session, subject, filter_asked(asked, TODAY), EVERYTHING, SETTINGS)
            for subject in SUBJECTS
        }
        windows_n = sum(row.n for row in found[WINDOWS].rows)
        staff_n = sum(row.n for row in found[STAFF].rows)
        assert found[STAFF].unmatched is not None
        assert staff_n + found[STAFF].unmatched.n == windows_n
        assert sum(row.n for row in found[DEPARTMENTS].rows) == windows_n
        assert len({f.total.tally.split for f in found.values()}) == 1
        assert windows_n > 0


def test_a_clerk_is_not_scored_for_what_was_nobodys_fault(session: Session) -> None:
    window, clerk = a_window(session), a_clerk(session)
    summed(session, window, 90, 0, 0, 0, 10, staff_id=clerk, unscored1=10)
    assert rows(ranking(session))["C-24"]["n"] == 100
    found = ranking(session, STAFF)
    assert rows(found)["1001"]["n"] == 90
    assert rows(found)["1001"]["score"] == 100
    assert found.unmatched is not None
    assert found.unmatched.tally.split.one == 10


def test_a_window_without_staff_counts_for_nobody(session: Session) -> None:
    summed(session, a_window(session), 3)
    found = ranking(session, STAFF)
    assert found.rows == ()
    assert found.unmatched is not None
    assert found.unmatched.n == 3


def test_a_department_is_called_as_it_was_at_the_end_of_the_period(session: Session) -> None:
    window = a_window(session)
    summed(session, window, 200)
    new = {"unit_id": window.unit_id, "from_day": date(2026, 3, 20), "short_name": "税务"}
    session.execute(insert(UnitName).values(name="国家税务总局C县税务局", **new))
    assert rows(ranking(session, DEPARTMENTS, to="2026-03-19"))["TAX"]["name"] == "税务局"
    renamed = rows(ranking(session, DEPARTMENTS))["TAX"]
    assert (renamed["name"], renamed["n"]) == ("国家税务总局C县税务局", 200)


def test_ratings_stay_with_the_unit_of_their_day_when_a_window_moves(session: Session) -> None:
    window, soc = a_window(session), a_unit(session, "SOC", "人社局")
    summed(session, window, 100)
    session.execute(update(WindowUnit).values(to_day=date(2026, 3, 9)))
    session.add(WindowUnit(window_id=window.window_id, from_day=date(2026, 3, 10), unit_id=soc))
    session.flush()
    summed(session, window, 50, day=date(2026, 3, 12), unit_id=soc)
    assert {code: row["n"] for code, row in rows(ranking(session, DEPARTMENTS)).items()} == {
        "TAX": 100,
        "SOC": 50,
    }
    whole = rows(ranking(session))["C-24"]
    assert (whole["n"], whole["department"]) == (150, "人社局")
    assert rows(ranking(session, to="2026-03-09"))["C-24"]["department"] == "税务局"


def test_what_is_kept_of_names_and_places_is_what_each_day_says(session: Session) -> None:
    moves, closes, opens, goes = (date(2026, 3, day) for day in (4, 8, 12, 16))
    window, soc, clerk = a_window(session), a_unit(session, "SOC", "人社局"), a_clerk(session)
    closed, opened = a_window(session, "25").window_id, a_window(session, "26").window_id
    session.add(WindowUnit(window_id=window.window_id, from_day=moves, unit_id=soc))
    session.execute(update(Window).where(Window.id == closed).values(to_day=closes))
    session.execute(update(Window).where(Window.id == opened).values(from_day=opens))
    session.add(StaffUnit(staff_id=clerk, from_day=goes, unit_id=soc))
    session.add(UnitName(unit_id=soc, from_day=date(2026, 3, 20), name="人社中心", short_name="人社"))
    session.flush()
    for day in (date(2026, 3, 1) + timedelta(days=number) for number in range(25)):
        known = naming.units_and_windows(session, day)
        assert known == (directory.units_on(session, day), directory.windows_on(session, day)), day
        person = naming.ground(session, STAFF, Filter(Period(day, day)), EVERYTHING).names[clerk]
        assert person.department == ("税务局" if day < goes else known[0][soc].name), day


def test_leader_duty_is_shown_but_not_ranked(session: Session) -> None:
    window, leader, clerk = a_window(session, kind="领导带班"), a_clerk(session), a_clerk(session, "1002")
    summed(session, window, 300, staff_id=leader)
    summed(session, a_window(session, "25"), 300, staff_id=clerk)
    found = rows(ranking(session))
    assert (found["C-24"]["rank"], found["C-25"]["rank"]) == (None, 1)
    assert found["C-24"]["enough_rank"]
    staff = rows(ranking(session, STAFF))
    assert (staff["1001"]["rank"], staff["1002"]["rank"]) == (None, 1)


def test_each_filter_limits_the_sums(session: Session) -> None:
    window, other = a_window(session), a_window(session, "25", "SOC")
    summed(session, window, 1)
    summed(session, window, 2, channel="on-the-go", entry="ticket")
    summed(session, window, 4, channel="face-to-face", entry="tablet")
    summed(session, other, 8)
    for asked, n in (
        ({}, 15),
        ({"channel": "on-the-go"}, 11),
        ({"entry": "ticket"}, 2),
        ({"department": "TAX"}, 7),
        ({"hall": "C"}, 15),
        ({"window": "C-25"}, 8),
        ({"department": "SOC", "channel": "face-to-face"}, 0),
    ):
        assert ranking(session, **asked).total.n == n, asked


def test_a_department_means_its_sections_too(session: Session) -> None:
    tax = a_unit(session)
    summed(session, a_window(session, "1", "TAX"), 1)
    summed(session, a_window(session, "2", "TAX-2"), 2)
    session.execute(update(Unit).where(Unit.code == "TAX-2").values(parent_id=tax))
    assert ranking(session, department="TAX").total.n == 3
    assert ranking(session, department="TAX-2").total.n == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"department": "NONE"},
        {"hall": "Z"},
        {"window": "C-99"},
        {"channel": "fax"},
        {"entry": "default"},
        {"window": "' OR 1=1"},
    ],
)
def test_a_code_there_is_not_is_refused_with_a_sentence(session: Session, asked: dict[str, str]) -> None:
    a_window(session)
    with pytest.raises(BadFilter, match="没有"):
        ranking(session, **asked)


def test_nobody_sees_beyond_their_scope(session: Session) -> None:
    window, other = a_window(session), a_window(session, "25", "SOC")
    summed(session, window, 1)
    summed(session, other, 8)
    scope = Scope(units=frozenset({window.unit_id}))
    for subject in SUBJECTS:
        assert ranking(session, subject, scope).total.n == 1
    with pytest.raises(BadFilter):
        ranking(session, WINDOWS, scope, department="SOC")
    assert ranking(session, WINDOWS, Scope()).total.n == 0


def test_the_change_compares_with_the_period_of_equal_length_before(session: Session) -> None:
    window = a_window(session)
    summed(session, window, 200, 0, 0, 0, 100, day=date(2026, 3, 10))
    summed(session, window, 300, day=date(2026, 3, 9))
    summed(session, window, 0, 0, 0, 0, 500, day=date(2026, 3, 8))
    (row,) = ranking(session, from_="2026-03-10", to="2026-03-10").rows
    assert row.change is not None
    assert row.change.score == pytest.approx(-100 / 3)
    assert row.change.score_moved


def test_windows_in_use_that_nobody_rated_are_counted(session: Session) -> None:
    summed(session, a_window(session), 1)
    a_window(session, "25")
    closed = a_window(session, "26")
    session.execute(update(Window).where(Window.id == closed.window_id).values(to_day=LONG_AGO))
    assert ranking(session).silent == 1


def test_ties_are_ordered_by_code_so_that_the_order_never_changes(session: Session) -> None:
    built: list[BuiltWindow] = [a_window(session, number) for number in ("9", "2", "10")]
    for window in built:
        summed(session, window, 100)
    assert [row.named.code for row in ranking(session).rows] == ["C-10", "C-2", "C-9"]


def test_a_filter_narrows_the_rows_and_not_the_ranks(session: Session) -> None:
    for number, unit, bad in (("24", "TAX", 0), ("25", "SOC", 10), ("26", "SOC", 40)):
        summed(session, a_window(session, number, unit), 200 - bad, 0, 0, 0, bad)

    def ranks(**limits: str):
        return {row.named.code: row.rank for row in ranking(session, WINDOWS, **limits).rows}

    assert ranks() == {"C-24": 1, "C-25": 2, "C-26": 3}
    assert ranks(department="SOC") == {"C-25": 2, "C-26": 3}
    assert ranks(window="C-26") == {"C-26": 3}


def test_a_row_that_a_filter_cuts_has_no_rank(session: Session) -> None:
    clerk = a_clerk(session)
    for number in ("24", "25"):
        summed(session, a_window(session, number), 200, staff_id=clerk)
    assert [row.rank for row in ranking(session, STAFF).rows] == [1]
    assert [row.rank for row in ranking(session, STAFF, window="C-24").rows] == [None]
