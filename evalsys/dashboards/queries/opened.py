"""The sums that are open to everybody: one source for boards, bulletins and public pages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys.dashboards.models import PublicCell
from evalsys.dashboards.rules.bulletins import ALL, HALL, UNIT
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.periods import DAY, MONTHS, WEEK, WEEKS, Closing, closing_of
from evalsys.kernel.settings import Settings
from evalsys.organisation.queries import directory
from evalsys.scoring.queries import naming
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.queries.sums import formulas_of
from evalsys.scoring.queries.whole_cells import Where
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.ranking import DEPARTMENTS, TOTAL, WINDOWS, Ranking, Row, Tally
from evalsys.scoring.rules.rates import EMPTY, Split

_LEVELS = [getattr(PublicCell, f"n{level}") for level in (5, 4, 3, 2, 1)]


@dataclass(frozen=True)
class Place:
    """What is looked at: a hall, a department with those below it, or with neither all halls."""

    hall: str = ""
    department: str = ""

    def asked(self, closing: Closing) -> Filter:
        """The same as the filter of a ranking."""
        return Filter(closing.period, hall=self.hall, department=self.department)


@dataclass(frozen=True)
class Opened:
    """A closed week or month of a place as it is open to everybody.

    Departments and total are the sums of the open windows, and have a change only where the period before
    holds the same windows; `hidden` counts windows in use that are not open.
    """

    closing: Closing
    formulas: Formulas
    windows: tuple[Row, ...]
    departments: tuple[Row, ...]
    total: Row
    hidden: int

    def ranking(self, subject: str) -> Ranking:
        """The windows or the departments as a ranking, for what is said of rankings; nobody has a rank."""
        rows = self.windows if subject == WINDOWS else self.departments
        return Ranking(subject, self.closing.period, "", self.formulas, rows, None, self.total)


def every_cell(session: Session | Connection) -> Mapping[Where, Mapping[Closing, Split]]:
    """Everything that is open, by window and unit."""
    found: dict[Where, dict[Closing, Split]] = defaultdict(dict)
    rows = session.execute(
        select(PublicCell.window_id, PublicCell.unit_id, PublicCell.kind, PublicCell.starts, *_LEVELS)
    )
    for window, unit, kind, starts, *levels in rows:
        found[window, unit][Closing(kind, starts)] = Split(*levels)
    return found


def latest(session: Session | Connection) -> Closing | None:
    """The latest open month, or week where no month is open yet; None before the first."""
    for kind in (MONTHS, WEEKS):
        starts = session.execute(select(func.max(PublicCell.starts)).where(PublicCell.kind == kind)).scalar()
        if starts is not None:
            return Closing(kind, starts)
    return None


def months(session: Session | Connection) -> list[Closing]:
    """The open months, the latest first."""
    starts = select(PublicCell.starts).where(PublicCell.kind == MONTHS).distinct()
    found = session.execute(starts.order_by(PublicCell.starts.desc())).scalars()
    return [Closing(MONTHS, day) for day in found]


def places_in(session: Session | Connection, closing: Closing) -> list[tuple[str, str]]:
    """What a bulletin of a period can be of, as kinds and codes: everything, halls, units.

    Those with something open alone; halls where there are several.
    """
    cells = session.execute(
        select(PublicCell.window_id, PublicCell.unit_id)
        .where(PublicCell.kind == closing.kind, PublicCell.starts == closing.starts)
        .distinct()
    ).all()
    units, windows = naming.units_and_windows(session, closing.period.last)
    in_halls = {windows[window].hall for window, _unit in cells if window in windows}
    of_units = {units[unit].code for _window, unit in cells if unit in units}
    several = len(directory.halls(session)) > 1
    return [
        *([(ALL, "")] if cells else []),
        *((HALL, code) for code in sorted(in_halls) if several),
        *((UNIT, code) for code in sorted(of_units)),
    ]


def before(closing: Closing) -> Closing:
    """The closed period of the same kind right before one."""
    return closing_of(closing.kind, closing.starts - DAY)


def opened(session: Session | Connection, closing: Closing, place: Place, settings: Settings) -> Opened:
    """What is open of a period and a place; raises BadFilter for a code there is not."""
    formulas = formulas_of(settings)
    asked = place.asked(closing)
    windows = naming.ground(session, WINDOWS, asked, EVERYTHING)
    departments = naming.ground(session, DEPARTMENTS, asked, EVERYTHING)
    now, past = _cells(session, closing, windows), _cells(session, before(closing), windows)
    before_all = _sum(past.values()) if now.keys() == past.keys() else None
    total = Row(TOTAL, Tally(_sum(now.values())), formulas, before_all)
    return Opened(
        closing=closing,
        formulas=formulas,
        windows=_rows(windows, _by(0, now), _by(0, past), formulas),
        departments=_rows(departments, _by(1, now), _by(1, _of_same(now, past)), formulas),
        total=total,
        hidden=len(windows.in_use - {window for window, _unit in now}),
    )


def _cells(session: Session | Connection, closing: Closing, ground: Ground) -> Mapping[Where, Split]:
    rows = session.execute(
        select(PublicCell.window_id, PublicCell.unit_id, *_LEVELS).where(
            PublicCell.kind == closing.kind, PublicCell.starts == closing.starts
        )
    )
    return {
        (window, unit): Split(*levels)
        for window, unit, *levels in rows
        if ground.lets_through(unit) and (ground.windows is None or window in ground.windows)
    }


def _of_same(now: Mapping[Where, Split], past: Mapping[Where, Split]) -> Mapping[Where, Split]:
    """The past of those units whose windows are the same then and now."""
    other = {unit for _window, unit in now.keys() ^ past.keys()}
    return {where: split for where, split in past.items() if where[1] not in other}


def _by(which: int, cells: Mapping[Where, Split]) -> Mapping[int, Split]:
    found: dict[int, Split] = {}
    for where, split in cells.items():
        found[where[which]] = found.get(where[which], EMPTY) + split
    return found


def _rows(
    ground: Ground, now: Mapping[int, Split], past: Mapping[int, Split], formulas: Formulas
) -> tuple[Row, ...]:
    """The rows by code, without ranks: those of a part would not be the group's own."""
    leads = ground.leader_windows if ground.subject == WINDOWS else frozenset()
    rows = (
        Row(ground.named(key, leads_only=key in leads), Tally(split), formulas, past.get(key, EMPTY))
        for key, split in now.items()
    )
    return tuple(sorted(rows, key=lambda row: row.named.code))


def _sum(splits: Iterable[Split]) -> Split:
    return sum(splits, start=EMPTY)


def trend(
    session: Session | Connection, place: Place, last: Closing, weeks: int
) -> list[tuple[Closing, Split]]:
    """The open weeks of a place up to the end of a period, the oldest first, without empty ones."""
    ground = naming.ground(session, WINDOWS, place.asked(last), EVERYTHING)
    first = closing_of(WEEKS, last.period.last).starts - (weeks - 1) * WEEK
    rows = session.execute(
        select(PublicCell.starts, PublicCell.window_id, PublicCell.unit_id, *_LEVELS).where(
            PublicCell.kind == WEEKS, PublicCell.starts.between(first, last.period.last)
        )
    )
    found: dict[Closing, Split] = {}
    for starts, window, unit, *levels in rows:
        if ground.lets_through(unit) and (ground.windows is None or window in ground.windows):
            week = Closing(WEEKS, starts)
            found[week] = found.get(week, EMPTY) + Split(*levels)
    return sorted(found.items(), key=lambda pair: pair[0].starts)
