"""What changes from day to day: windows, names, shifts, and taking over."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING, NOTHING, Scope
from evalsys.kernel.models import JournalEntry
from evalsys.organisation import rules
from evalsys.organisation.actions import rota, windows
from evalsys.organisation.duty import whose_work
from evalsys.organisation.models import Duty
from evalsys.organisation.queries import histories, lists, places
from evalsys.organisation.queries import rota as shifts
from evalsys.organisation.rules import NewShift, NotThen
from tests.organisation.books import TODAY
from tests.organisation.halls import NOW, STEWARD, small_hall, staff_id, window_id

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def hall(session: Session) -> None:
    small_hall(session)


def window(session: Session, code: str = "C-24", on: date = TODAY) -> histories.WindowHistory:
    session.expire_all()
    found = histories.window_history(session, code, on)
    assert found is not None
    return found


def is_open(session: Session, day: date) -> bool:
    place = places.place_of_window(session, window_id(session, "24"), day)
    assert place is not None
    return place.is_open


def verbs(session: Session) -> list[str]:
    return list(session.scalars(select(JournalEntry.verb).order_by(JournalEntry.id)))


def test_a_closed_window_is_open_until_the_day_before(session: Session) -> None:
    windows.close_window(session, window(session), TOMORROW, STEWARD)
    assert (is_open(session, TODAY), is_open(session, TOMORROW)) == (True, False)
    assert window(session).stops_on == TOMORROW
    assert verbs(session)[-1] == "close-window"


def test_a_window_cannot_stop_before_it_started(session: Session) -> None:
    with pytest.raises(NotThen, match="停用日期要晚于启用日期2026-01-05"):
        windows.close_window(session, window(session), date(2026, 1, 5), STEWARD)


def test_a_closed_window_is_opened_again(session: Session) -> None:
    windows.close_window(session, window(session), TODAY, STEWARD)
    windows.reopen_window(session, window(session), TODAY, TODAY, STEWARD)
    assert is_open(session, TODAY)


def test_an_open_window_is_not_opened_again(session: Session) -> None:
    with pytest.raises(NotThen, match="没有停用"):
        windows.reopen_window(session, window(session), TOMORROW, TODAY, STEWARD)
    assert is_open(session, TODAY)


def test_a_window_that_is_yet_to_close_stays_open_instead(session: Session) -> None:
    windows.close_window(session, window(session), TOMORROW, STEWARD)
    windows.reopen_window(session, window(session), TODAY, TODAY, STEWARD)
    assert (is_open(session, TODAY), is_open(session, TOMORROW)) == (True, True)


def test_a_closed_window_waits_for_the_day_it_opens_again(session: Session) -> None:
    windows.close_window(session, window(session), TODAY, STEWARD)
    windows.reopen_window(session, window(session), TOMORROW, TODAY, STEWARD)
    assert (is_open(session, TODAY), is_open(session, TOMORROW)) == (False, True)


def test_a_window_that_opens_tomorrow_is_known_today(session: Session) -> None:
    rows = [["大厅", "编号", "部门", "启用日期"], ["C", "30", "SW", TOMORROW.isoformat()]]
    small_hall(session, {"窗口": rows})
    place = places.place_of_window(session, window_id(session, "30"), TODAY)
    assert place is not None
    assert (place.unit_name, place.is_open) == ("税务局", False)
    assert place in places.places_in(session, EVERYTHING, TODAY)
    assert is_open(session, TOMORROW)
    assert window(session, "C-30").unit == "税务局"


def test_a_moved_window_belongs_elsewhere_from_the_day_on(session: Session) -> None:
    there = histories.unit_history(session, "RS", TODAY)
    assert there is not None
    windows.move_window(session, window(session), there.id, TOMORROW, STEWARD)
    assert window(session).unit == "税务局"
    assert window(session, on=TOMORROW).unit == "人力资源和社会保障局"
    place = places.place_of_window(session, window_id(session, "24"), TOMORROW)
    assert place is not None
    assert place.unit_id == there.id


def test_a_window_does_not_move_to_where_it_is(session: Session) -> None:
    with pytest.raises(NotThen, match="现在就属于税务局"):
        windows.move_window(session, window(session), window(session).unit_id, TODAY, STEWARD)


def test_a_renamed_department_keeps_its_name_until_the_day(session: Session) -> None:
    unit = histories.unit_history(session, "SW", TODAY)
    assert unit is not None
    windows.rename_unit(session, unit, "税务总局", "", TOMORROW, by=STEWARD)
    names = [histories.unit_history(session, "SW", day) for day in (TODAY, TOMORROW)]
    assert [unit.name for unit in names if unit] == ["税务局", "税务总局"]
    assert names[0] is not None
    assert names[0].names == ((TOMORROW, "税务总局", "税务总局"), (None, "税务局", "税务"))


def test_a_department_is_not_renamed_to_its_own_name(session: Session) -> None:
    unit = histories.unit_history(session, "SW", TODAY)
    assert unit is not None
    with pytest.raises(NotThen, match="名称没有变"):
        windows.rename_unit(session, unit, "税务局", "税务", TOMORROW, by=STEWARD)


def of_window(session: Session, number: str = "24") -> list[tuple[str, str, str]]:
    session.expire_all()
    found = shifts.duties_of(session, [window_id(session, number)], TODAY)
    return [(shift.staff_no, shift.hours, shift.source) for shift in found]


def shift(session: Session, number: str = "24", place: int = 0) -> shifts.Shift:
    return shifts.duties_of(session, [window_id(session, number)], TODAY)[place]


def test_a_shift_is_added(session: Session) -> None:
    ends = clock.end_of(TODAY)
    new = NewShift(window_id(session, "24"), staff_id(session, "2001"), NOW, ends, rules.DutyKind.RELIEF)
    rota.add_shift(session, new, NOW, STEWARD)
    assert ("2001", "10:00–24:00", "rota") in of_window(session)


def test_a_shift_that_is_over_stays_as_it_was(session: Session) -> None:
    evening = clock.at(TODAY, time(20))
    for change in (
        lambda: rota.withdraw_shift(session, shift(session), evening, STEWARD),
        lambda: rota.give_shift(session, shift(session), staff_id(session, "2001"), evening, STEWARD),
        lambda: rota.swap_shifts(session, shift(session), shift(session, "25"), evening, STEWARD),
    ):
        with pytest.raises(NotThen, match="这个班已经结束"):
            change()


def test_a_withdrawn_shift_is_kept_but_counts_no_more(session: Session) -> None:
    rota.withdraw_shift(session, shift(session), NOW, STEWARD)
    assert [number for number, _hours, _source in of_window(session)] == ["1002"]
    assert session.scalars(select(Duty.withdrawn_at).where(Duty.withdrawn_at.is_not(None))).all() == [NOW]


def test_a_shift_still_to_come_is_given_whole(session: Session) -> None:
    rota.give_shift(session, shift(session, place=1), staff_id(session, "2001"), NOW, STEWARD)
    assert of_window(session) == [("1001", "09:00–13:15", "rota"), ("2001", "13:15–17:30", "rota")]


def test_of_a_running_shift_the_rest_is_given(session: Session) -> None:
    rota.give_shift(session, shift(session), staff_id(session, "2001"), NOW, STEWARD)
    assert of_window(session) == [
        ("1001", "09:00–10:00", "rota"),
        ("2001", "10:00–13:15", "rota"),
        ("1002", "13:15–17:30", "rota"),
    ]


def test_two_people_swap_their_shifts(session: Session) -> None:
    rota.swap_shifts(session, shift(session, place=1), shift(session, "25"), NOW, STEWARD)
    assert of_window(session)[1] == ("2001", "13:15–17:30", "rota")
    assert of_window(session, "25") == [("2001", "09:00–10:00", "rota"), ("1002", "10:00–17:30", "rota")]


def sitting(session: Session, at: datetime, number: str = "24") -> int | None:
    return whose_work(
        places.sittings(session, window_id(session, number), at, at + timedelta(seconds=1)), at
    ).staff_id


def test_whoever_takes_over_sits_there_from_now_to_the_end_of_the_shift(session: Session) -> None:
    rota.take_over(session, window_id(session, "24"), staff_id(session, "2001"), NOW, STEWARD)
    assert sitting(session, NOW - timedelta(minutes=1)) == staff_id(session, "1001")
    assert sitting(session, NOW) == staff_id(session, "2001")
    assert sitting(session, clock.at(TODAY, time(13, 15))) == staff_id(session, "1002")
    assert ("2001", "10:00–13:15", "sign-in") in of_window(session)


def test_taking_over_ends_what_was_signed_in_before(session: Session) -> None:
    place, later = window_id(session, "24"), NOW + timedelta(minutes=30)
    rota.take_over(session, place, staff_id(session, "2001"), NOW, STEWARD)
    rota.take_over(session, place, staff_id(session, "1002"), later, STEWARD)
    assert sitting(session, later) == staff_id(session, "1002")
    assert ("2001", "10:00–10:30", "sign-in") in of_window(session)


def test_taking_over_twice_at_once_makes_no_conflict(session: Session) -> None:
    for number in ("2001", "1002"):
        rota.take_over(session, window_id(session, "24"), staff_id(session, number), NOW, STEWARD)
    assert sitting(session, NOW) == staff_id(session, "1002")


def test_whoever_sits_down_elsewhere_leaves_the_first_window(session: Session) -> None:
    later = NOW + timedelta(minutes=30)
    rota.take_over(session, window_id(session, "24"), staff_id(session, "2001"), NOW, STEWARD)
    rota.take_over(session, window_id(session, "A12"), staff_id(session, "2001"), later, STEWARD)
    assert sitting(session, later, "A12") == staff_id(session, "2001")
    assert sitting(session, later) == staff_id(session, "1001")


def test_whoever_sits_down_early_leaves_when_somebody_elses_shift_begins(session: Session) -> None:
    early = clock.at(TODAY, time(8, 50))
    rota.take_over(session, window_id(session, "24"), staff_id(session, "1001"), early, STEWARD)
    assert ("1001", "08:50–13:15", "sign-in") in of_window(session)
    assert sitting(session, clock.at(TODAY, time(15))) == staff_id(session, "1002")


def test_whoever_stands_in_early_stands_in_for_the_whole_shift(session: Session) -> None:
    early = clock.at(TODAY, time(8, 50))
    rota.take_over(session, window_id(session, "24"), staff_id(session, "2001"), early, STEWARD)
    assert ("2001", "08:50–13:15", "sign-in") in of_window(session)


def test_whoever_sits_down_hours_before_leaves_when_the_next_shift_begins(session: Session) -> None:
    dawn = clock.at(TODAY, time(7))
    rota.take_over(session, window_id(session, "24"), staff_id(session, "2001"), dawn, STEWARD)
    assert ("2001", "07:00–09:00", "sign-in") in of_window(session)


def test_whoever_sits_down_elsewhere_leaves_the_window_of_the_rota(session: Session) -> None:
    rota.take_over(session, window_id(session, "A12"), staff_id(session, "1001"), NOW, STEWARD)
    assert sitting(session, NOW) is None
    assert of_window(session)[0] == ("1001", "09:00–10:00", "rota")
    assert sitting(session, NOW, "A12") == staff_id(session, "1001")


@pytest.mark.parametrize(("hour", "until"), [(time(12), "17:30"), (time(19), "24:00")])
def test_without_a_rota_a_sitting_lasts_to_the_end_of_the_office_hours_or_the_day(
    session: Session, hour: time, until: str
) -> None:
    at = clock.at(TODAY, hour)
    rota.take_over(session, window_id(session, "A12"), staff_id(session, "1001"), at, STEWARD)
    assert of_window(session, "A12") == [("1001", f"{hour:%H:%M}–{until}", "sign-in")]


def test_who_is_on_duty_is_seen_with_name_and_hours(session: Session) -> None:
    (found,) = shifts.staff_on_duty(session, window_id(session, "24"), NOW)
    assert (found.name, found.window, found.day, found.hours) == ("张一", "C-24", TODAY, "09:00–13:15")
    assert shifts.shift_by_id(session, found.duty_id) == found
    assert shifts.shift_by_id(session, 0) is None


def test_people_are_seen_by_those_whose_units_cover_theirs(session: Session) -> None:
    def names(scope: Scope, day: date = TODAY) -> list[str]:
        return [person.name for person in shifts.people_in(session, scope, day)]

    tax = window(session).unit_id
    assert names(EVERYTHING) == ["张一", "李二", "王三"]
    assert names(Scope(units=frozenset({tax}))) == ["张一", "李二"]
    assert names(NOTHING) == []


def test_the_lists_find_by_any_of_their_words(session: Session) -> None:
    assert lists.counts(session) == lists.Counts(3, 1, 3, 3, 2)
    assert [(u.code, u.depth, u.windows, u.staff) for u in lists.units_tree(session, TODAY)] == [
        ("ZX", 0, 0, 0),
        ("RS", 1, 1, 1),
        ("SW", 1, 2, 2),
    ]
    assert [line.number for line in lists.window_lines(session, TODAY, "", 1)[0]] == ["24", "25", "A12"]
    assert [line.number for line in lists.window_lines(session, TODAY, "税务", 1)[0]] == ["24", "A12"]
    assert [line.name for line in lists.staff_lines(session, TODAY, "100", 1)[0]] == ["张一", "李二"]
    assert lists.staff_lines(session, TODAY, "%", 1) == ([], 0)
    assert [line.name for line in lists.item_lines(session, TODAY, "开票", 1)[0]] == ["发票领用"]
    assert lists.item_lines(session, TODAY, "", 2) == ([], 2)
    assert lists.hall_lines(session) == [("C", "县政务服务中心", "政务路1号", 3)]
    assert [(one.at_local, one.created) for one in lists.last_imports(session)] == [("2026-03-10 10:00", 15)]


def test_what_nobody_knows_is_not_found(session: Session) -> None:
    assert histories.window_history(session, "C-99", TODAY) is None
    assert histories.window_history(session, "nonsense", TODAY) is None
    assert histories.unit_history(session, "XX", TODAY) is None
