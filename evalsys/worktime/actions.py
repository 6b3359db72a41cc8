"""Keeps the working-day table filled, by notices where they are known, and the hours of offices and halls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from chinese_calendar import Holiday, get_holiday_detail
from chinese_calendar.constants import holidays
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from evalsys.kernel import journal, reactions
from evalsys.kernel.access import Actor
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_
from evalsys.worktime import cells, queries, rules, workbook
from evalsys.worktime.cells import Stretch
from evalsys.worktime.events import CalendarChanged
from evalsys.worktime.models import CalendarDay, HallHours, OfficeHours
from evalsys.worktime.plan import FIRST_YEAR, Change, Day, Plan, guess

FIRST_DAY = date(FIRST_YEAR, 1, 1)
LAST_NOTICED_DAY = date(max(day.year for day in holidays), 12, 31)
"""The package raises for later days: their year's notice was not known when it was made."""


class FaultyNotice(Refused):
    """A notice with faults changes nothing."""


class UnfitHours(Refused):
    """Hours that no clock could run by."""


def seed_calendar(session: Session, today: date) -> int:
    """Fill the table from 2004 to the end of the year after next; returns the days added or settled.

    Days that are there stay as they are, so that what an administrator loaded is kept; only provisional days
    whose notice is known by now are settled. Running it again changes nothing.
    """
    last = max(rules.last_day_of_year_after_next(today), LAST_NOTICED_DAY)
    standing = queries.days_between(session, FIRST_DAY, last)
    changes = [Change(standing.get(day.day) or guess(day.day), day) for day in _days(last)]
    missing = [change for change in changes if change.day not in standing]
    settled = [
        change
        for change in changes
        if change.day in standing and change.before.provisional and not change.after.provisional
    ]
    if missing:
        session.execute(insert(CalendarDay), [asdict(change.after) for change in missing])
    if settled:
        session.execute(update(CalendarDay), [asdict(change.after) for change in settled])
        _note(session, None, "settle-calendar", settled)
    _announce(session, missing + settled)
    _seed_office_hours(session)
    return len(missing) + len(settled)


def _seed_office_hours(session: Session) -> None:
    if not queries.hours_are_set(session):
        _write_office_hours(session, rules.OFFICE_HOURS)


def _days(last: date) -> Iterator[Day]:
    day = FIRST_DAY
    while day <= last:
        yield _noticed(day) if day <= LAST_NOTICED_DAY else guess(day)
        day += timedelta(days=1)


def _noticed(day: date) -> Day:
    resting, holiday = get_holiday_detail(day)
    words = str(Holiday(holiday).chinese) if holiday else ""
    return Day(day, not resting, False, f"{words}调休上班" if words and not resting else words)


def load_notice(session: Session, plan: Plan, actor: Actor | None) -> None:
    """Put a year's notice into the table; raises FaultyNotice where it has faults."""
    if plan.faults:
        raise FaultyNotice(N_("通知有{n}处要改,一天都没有载入。"), n=len(plan.faults))
    days = [change.day for change in plan.changes]
    if not days:
        return
    standing = queries.days_between(session, min(days), max(days))
    known = [asdict(change.after) for change in plan.changes if change.day in standing]
    unknown = [asdict(change.after) for change in plan.changes if change.day not in standing]
    if known:
        session.execute(update(CalendarDay), known)
    if unknown:
        session.execute(insert(CalendarDay), unknown)
    _note(session, actor, "load-calendar", plan.changes)
    _announce(session, plan.changes)


def _note(session: Session, actor: Actor | None, verb: str, changes: Sequence[Change]) -> None:
    years = sorted({change.day.year for change in changes})
    flipped = [f"{change.day} {workbook.word_of(change.after.working)}" for change in changes if change.flips]
    about = "、".join(str(year) for year in years)
    journal.record(session, actor, verb, about, days=len(changes), flipped=flipped)


def _announce(session: Session, changes: Sequence[Change]) -> None:
    """Tell who counts in working days; a day that was only settled moves nothing."""
    flipped = [change.day for change in changes if change.flips]
    if flipped:
        reactions.publish(session.connection(), CalendarChanged(min(flipped), max(flipped)))


def set_office_hours(
    session: Session, stretches: tuple[Stretch, ...], today: date, actor: Actor | None
) -> None:
    """Change the stretches in which working-hour clocks run; raises UnfitHours."""
    if cells.fault_of_hours(stretches) or cells.minutes_of(stretches) < cells.LEAST_OFFICE_MINUTES:
        raise UnfitHours(N_("办公时间合起来至少要有1小时,各段不能重叠。"))
    before = queries.office_hours(session)
    if stretches == before:
        return
    _write_office_hours(session, stretches)
    hours = {"before": cells.words_of_stretches(before), "after": cells.words_of_stretches(stretches)}
    journal.record(session, actor, "set-office-hours", "office-hours", **hours)
    last = rules.last_day_of_year_after_next(today)
    reactions.publish(session.connection(), CalendarChanged(today, last))


def _write_office_hours(session: Session, stretches: tuple[Stretch, ...]) -> None:
    session.execute(delete(OfficeHours))
    session.execute(insert(OfficeHours), [{"opens": opens, "closes": closes} for opens, closes in stretches])


def set_hall_hours(
    session: Session, hall_id: int, hours: Mapping[int, tuple[Stretch, ...]], actor: Actor | None
) -> None:
    """Change when a hall is open, by weekday (0 = Monday); a weekday that is left out is closed."""
    if any(cells.fault_of_hours(stretches) for stretches in hours.values()):
        raise UnfitHours(N_("开放时间各段不能重叠,结束要晚于开始。"))
    before, after = queries.hours_of_hall(session, hall_id), {d: s for d, s in hours.items() if s}
    if before == after:
        return
    session.execute(delete(HallHours).where(HallHours.hall_id == hall_id))
    rows = [
        {"hall_id": hall_id, "weekday": weekday, "opens": opens, "closes": closes}
        for weekday, stretches in after.items()
        for opens, closes in stretches
    ]
    if rows:
        session.execute(insert(HallHours), rows)
    words = {str(weekday): cells.words_of_stretches(after[weekday]) for weekday in sorted(after)}
    journal.record(session, actor, "set-hall-hours", str(hall_id), hours=words)
