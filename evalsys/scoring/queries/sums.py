"""The rankings of those who see live sums: one SELECT over each kind of sum, then arithmetic."""

from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select
from sqlalchemy.orm import Session

from evalsys.kernel.access import EVERYTHING, Scope, within
from evalsys.kernel.periods import Period
from evalsys.kernel.settings import Settings
from evalsys.scoring.models import DailySum, ServiceSum
from evalsys.scoring.queries import naming
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.gathering import NOBODY, Gathered, gathered, summed
from evalsys.scoring.rules.ranking import (
    DEPARTMENTS,
    STAFF,
    TOTAL,
    UNMATCHED,
    WINDOWS,
    Ranking,
    Row,
    ranked,
    ranked_among,
    row_of,
)

NOBODYS = Gathered()
COLUMN_OF = {WINDOWS: "window_id", STAFF: "staff_id", DEPARTMENTS: "unit_id"}


def formulas_of(settings: Settings) -> Formulas:
    """The formulas in force by the site's settings."""
    return Formulas(settings.level_points, settings.min_n_rate, settings.min_n_rank)


def ranking(
    session: Session | Connection, subject: str, asked: Filter, scope: Scope, settings: Settings
) -> Ranking:
    """The ranking of windows, staff or departments over live sums, limited to a scope.

    Names are those of the period's last day; ratings stay with the unit of their own day.
    Raises BadFilter for a code there is not.
    """
    formulas = formulas_of(settings)
    ground = naming.ground(session, subject, asked, scope)
    now = _gathered(session, ground, asked.period)
    _add_services(session, ground, now)
    before = _gathered(session, ground, asked.period.before)
    rows = _rows(ground, now, before, formulas)
    if ground.is_narrow or not scope.everything:
        wide = ground.widened(EVERYTHING)
        everybody = _gathered(session, wide, asked.period)
        rows = ranked_among(rows, _rows(wide, everybody, NOBODYS, formulas))
    rated = {key for key in now.splits if now.tally(key).split.n}
    return Ranking(
        subject=subject,
        period=asked.period,
        channel=asked.channel,
        formulas=formulas,
        rows=rows,
        unmatched=row_of(UNMATCHED, now.tally(NOBODY), formulas, served=now.served(NOBODY))
        if subject == STAFF
        else None,
        total=row_of(TOTAL, now.total, formulas, before.total.split, now.served_in_all),
        held=now.held,
        excluded=now.excluded,
        assisted=now.assisted,
        silent=len(ground.in_use - rated) if subject == WINDOWS else None,
    )


def _rows(ground: Ground, now: Gathered, before: Gathered, formulas: Formulas) -> tuple[Row, ...]:
    return ranked(
        row_of(
            ground.named(key, leads_only=now.leads_only(key)),
            now.tally(key),
            formulas,
            before.tally(key).split,
            now.served(key),
        )
        for key in now.subjects
        if not (ground.subject == STAFF and key == NOBODY)
    )


def _levels(prefix: str) -> list[Any]:
    return [getattr(DailySum, f"{prefix}{level}") for level in (5, 4, 3, 2, 1)]


def _together(prefix: str) -> ColumnElement[int]:
    return reduce(add, _levels(prefix))


def _gathered(session: Session | Connection, ground: Ground, period: Period) -> Gathered:
    """The sums of a period by subject and channel: one SELECT."""
    key, asked = getattr(DailySum, COLUMN_OF[ground.subject]), ground.asked
    statement = (
        select(
            key,
            DailySum.channel,
            *map(func.sum, _levels("n") + _levels("unscored")),
            func.sum(_together("held")),
            func.sum(_together("excluded")),
            func.sum(case((DailySum.window_id.in_(ground.leader_windows), _together("n")), else_=0)),
            func.sum(DailySum.bound),
            func.sum(DailySum.assisted),
        )
        .where(DailySum.day.between(period.first, period.last))
        .group_by(key, DailySum.channel)
    )
    if asked.channel:
        statement = statement.where(DailySum.channel == asked.channel)
    if asked.entry:
        statement = statement.where(DailySum.entry == asked.entry)
    rows = session.execute(_limited(statement, DailySum, ground))
    return gathered(ground.subject, (summed(tuple(row)) for row in rows))


def _limited(statement: Select[Any], sums: Any, ground: Ground) -> Select[Any]:
    """The statement limited to the units and windows asked for, and to the scope."""
    if ground.units is not None:
        statement = statement.where(sums.unit_id.in_(sorted(ground.units)))
    if ground.windows is not None:
        statement = statement.where(sums.window_id.in_(sorted(ground.windows)))
    return within(statement, sums.unit_id, ground.scope)


def _add_services(session: Session | Connection, ground: Ground, found: Gathered) -> None:
    """The services of the period: one SELECT; a service has no channel and no entry before it is rated."""
    asked = ground.asked
    if asked.channel or asked.entry:
        return
    key = getattr(ServiceSum, COLUMN_OF[ground.subject])
    services, prompted = func.sum(ServiceSum.services), func.sum(ServiceSum.prompted)
    statement = (
        select(key, services, prompted)
        .where(ServiceSum.day.between(asked.period.first, asked.period.last))
        .group_by(key)
        .having(services > 0)
    )
    for subject, n, asked_about in session.execute(_limited(statement, ServiceSum, ground)):
        found.add_services(subject, n, asked_about)
