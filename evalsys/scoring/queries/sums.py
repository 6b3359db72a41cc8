"""The rankings of those who see live sums: one SELECT over the daily sums, then arithmetic."""

from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select
from sqlalchemy.orm import Session

from evalsys.kernel.access import Scope, within
from evalsys.kernel.periods import Period
from evalsys.kernel.settings import Settings
from evalsys.scoring.models import DailySum
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
    Named,
    Ranking,
    ranked,
    row_of,
)

COLUMN_OF = {WINDOWS: DailySum.window_id, STAFF: DailySum.staff_id, DEPARTMENTS: DailySum.unit_id}


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
    before = _gathered(session, ground, asked.period.before)
    rows = ranked(
        row_of(_named(ground, key, now), now.tally(key), formulas, before.tally(key).split)
        for key in now.splits
        if not (subject == STAFF and key == NOBODY)
    )
    rated = {key for key in now.splits if now.tally(key).split.n}
    return Ranking(
        subject=subject,
        period=asked.period,
        channel=asked.channel,
        formulas=formulas,
        rows=rows,
        unmatched=row_of(UNMATCHED, now.tally(NOBODY), formulas) if subject == STAFF else None,
        total=row_of(TOTAL, now.total, formulas, before.total.split),
        held=now.held,
        excluded=now.excluded,
        silent=len(ground.in_use - rated) if subject == WINDOWS else None,
    )


def _named(ground: Ground, key: int, found: Gathered) -> Named:
    named = ground.named(key)
    return replace(named, leader_duty=True) if found.leads_only(key) else named


def _levels(prefix: str) -> list[Any]:
    return [getattr(DailySum, f"{prefix}{level}") for level in (5, 4, 3, 2, 1)]


def _together(prefix: str) -> ColumnElement[int]:
    return reduce(add, _levels(prefix))


def _gathered(session: Session | Connection, ground: Ground, period: Period) -> Gathered:
    """The sums of a period by subject and channel: one SELECT."""
    key, asked = COLUMN_OF[ground.subject], ground.asked
    statement = (
        select(
            key,
            DailySum.channel,
            *map(func.sum, _levels("n") + _levels("unscored")),
            func.sum(_together("held")),
            func.sum(_together("excluded")),
            func.sum(case((DailySum.window_id.in_(ground.leader_windows), _together("n")), else_=0)),
        )
        .where(DailySum.day.between(period.first, period.last))
        .group_by(key, DailySum.channel)
    )
    if asked.channel:
        statement = statement.where(DailySum.channel == asked.channel)
    if asked.entry:
        statement = statement.where(DailySum.entry == asked.entry)
    if ground.units is not None:
        statement = statement.where(DailySum.unit_id.in_(sorted(ground.units)))
    if ground.windows is not None:
        statement = statement.where(DailySum.window_id.in_(sorted(ground.windows)))
    rows = session.execute(within(statement, DailySum.unit_id, ground.scope))
    return gathered(ground.subject, (summed(tuple(row)) for row in rows))
