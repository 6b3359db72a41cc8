"""Who the rows of a ranking are about, and which rows the codes of a filter mean."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.kernel.access import Scope
from evalsys.kernel.words import N_
from evalsys.organisation.queries import directory, halls, units
from evalsys.organisation.queries.directory import UnitThen, WindowThen
from evalsys.scoring.queries import kept
from evalsys.scoring.queries.kept import Kept
from evalsys.scoring.rules.asking import BadFilter, Filter
from evalsys.scoring.rules.ranking import STAFF, WINDOWS, Named

NOWHERE = UnitThen(0, "", "", "", "")


@dataclass(frozen=True)
class Ground:
    """What a ranking is asked about, with units, windows and names as they were on the period's last day.

    `units`, `windows` and `halls` are the filter's codes as ids; None is no limit.
    """

    subject: str
    asked: Filter
    scope: Scope
    places: Mapping[int, WindowThen]
    names: Mapping[int, Named]
    units: frozenset[int] | None
    windows: frozenset[int] | None
    halls: frozenset[int] | None
    groups: Mapping[int, str]

    @property
    def is_narrow(self) -> bool:
        """Whether codes limit the rows to some of those the scope lets through."""
        return self.units is not None or self.windows is not None

    def widened(self, scope: Scope) -> "Ground":
        """The same without those limits, in another scope: where a rank is a rank."""
        return replace(self, scope=scope, units=None, windows=None, halls=None)

    def named(self, key: int, *, leads_only: bool) -> Named:
        """What a row is about, and whether all of it is leader duty; something unknown keeps its number."""
        named = self.names.get(key) or Named(str(key), str(key), "")
        return replace(named, leader_duty=True) if leads_only and not named.leader_duty else named

    @cached_property
    def leader_windows(self) -> frozenset[int]:
        """The windows where leaders sit in turn."""
        return frozenset(window.id for window in self.places.values() if window.leader_duty)

    @property
    def groups_outside(self) -> frozenset[str]:
        """The comparison groups with windows the scope does not let through."""
        if self.scope.everything:
            return frozenset()
        return frozenset(
            self.groups.get(window.unit_id, NOWHERE.group)
            for window in self.places.values()
            if not self.scope.covers(window.unit_id)
        )

    def lets_through(self, unit: int) -> bool:
        """Whether the filter and the scope let a unit's ratings through."""
        return (self.units is None or unit in self.units) and self.scope.covers(unit)

    @property
    def in_use(self) -> frozenset[int]:
        """The windows in use on the last day that the filter and the scope let through."""
        return frozenset(
            window.id
            for window in self.places.values()
            if window.in_use
            and self.lets_through(window.unit_id)
            and (self.windows is None or window.id in self.windows)
        )


def ground(session: Session | Connection, subject: str, asked: Filter, scope: Scope) -> Ground:
    """The ground a ranking stands on; raises BadFilter for a code there is not, or not in the scope."""
    day, known = asked.period.last, kept.organisation(session)
    unit_of, places = _units_and_windows(session, known, day)
    stretch = _stretch(session, known, day)
    return Ground(
        subject=subject,
        asked=asked,
        scope=scope,
        places=places,
        names=known.of(("names", subject, stretch), lambda: _names(session, subject, day, unit_of, places)),
        units=_units_of(session, known, asked, scope),
        windows=_windows_of(asked, places, scope),
        halls=_halls_of(session, known, asked),
        groups=known.of(("groups", stretch), lambda: {unit.id: unit.group for unit in unit_of.values()}),
    )


def units_and_windows(
    session: Session | Connection, day: date
) -> tuple[Mapping[int, UnitThen], Mapping[int, WindowThen]]:
    """Every unit and every window by id, as they were on a day."""
    return _units_and_windows(session, kept.organisation(session), day)


def _units_and_windows(
    session: Session | Connection, known: Kept, day: date
) -> tuple[Mapping[int, UnitThen], Mapping[int, WindowThen]]:
    stretch = _stretch(session, known, day)
    return (
        known.of(("units", stretch), lambda: directory.units_on(session, day)),
        known.of(("windows", stretch), lambda: directory.windows_on(session, day)),
    )


def _stretch(session: Session | Connection, known: Kept, day: date) -> int:
    """Which of the stretches of days without a change of names and places a day lies in."""
    return bisect_right(known.of("days of change", lambda: directory.days_of_change(session)), day)


def hall_of_windows(session: Session | Connection) -> Mapping[int, int]:
    """The hall of every window, by their ids."""

    def read() -> dict[int, int]:
        return {window: hall for window, hall in session.execute(directory.halls_of_windows())}

    return kept.organisation(session).of("halls of windows", read)


def _units_of(
    session: Session | Connection, known: Kept, asked: Filter, scope: Scope
) -> frozenset[int] | None:
    if not asked.department:
        return None
    unit = known.of("units by code", lambda: units.unit_codes(session)).get(asked.department)
    if unit is not None and scope.covers(unit):
        return known.of(("below", unit), lambda: units.subtree(session, unit))
    raise BadFilter(N_("没有代码为“{code}”的部门,或不在您的查看范围内。"), code=asked.department[:40])


def _halls_of(session: Session | Connection, known: Kept, asked: Filter) -> frozenset[int] | None:
    if not asked.hall:
        return None
    hall = known.of(("hall", asked.hall), lambda: halls.hall_by_code(session, asked.hall))
    if hall is None:
        raise BadFilter(N_("没有代码为“{code}”的大厅。"), code=asked.hall[:40])
    return frozenset({hall.id})


def _windows_of(asked: Filter, places: Mapping[int, WindowThen], scope: Scope) -> frozenset[int] | None:
    if not asked.hall and not asked.window:
        return None
    if asked.window and not any(
        window.code == asked.window and scope.covers(window.unit_id) for window in places.values()
    ):
        raise BadFilter(N_("没有代码为“{code}”的窗口,或不在您的查看范围内。"), code=asked.window[:40])
    return frozenset(
        window.id
        for window in places.values()
        if asked.hall in ("", window.hall) and asked.window in ("", window.code)
    )


def _names(
    session: Session | Connection,
    subject: str,
    day: date,
    known: Mapping[int, UnitThen],
    places: Mapping[int, WindowThen],
) -> Mapping[int, Named]:
    if subject == WINDOWS:
        return {
            window.id: _named(
                (window.code, f"{window.number}号窗口"),
                known.get(window.unit_id, NOWHERE),
                leader_duty=window.leader_duty,
                number=window.number,
            )
            for window in places.values()
        }
    if subject == STAFF:
        return {
            person.id: _named((person.staff_no, person.name), known.get(person.unit_id, NOWHERE))
            for person in directory.staff_on(session, day).values()
        }
    return {unit.id: _named((unit.code, unit.name), unit) for unit in known.values()}


def _named(who: tuple[str, str], unit: UnitThen, *, leader_duty: bool = False, number: str = "") -> Named:
    return Named(
        *who,
        unit.name,
        department_code=unit.code,
        department_short=unit.short_name or unit.name,
        group=unit.group,
        leader_duty=leader_duty,
        number=number,
    )
