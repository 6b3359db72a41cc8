"""Funnels: which rows lie farther from their comparison group's mean than chance takes them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.periods import DAY, MONTHS, closing_of
from evalsys.kernel.settings import Settings
from evalsys.scoring.queries import mixing, sums
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.casemix import Mixed
from evalsys.scoring.rules.funnel import FAR_ABOVE, FAR_BELOW, INSIDE, funnel_of
from evalsys.scoring.rules.funnels import BAD, MEASURES, VERY, FunnelRow, Funnels, Listed, Lists
from evalsys.scoring.rules.ranking import Row
from evalsys.scoring.rules.shrinkage import prior_of, shrunk


def funnels(
    session: Session, subject: str, asked: Filter, scope: Scope, settings: Settings, *, measure: str = BAD
) -> Funnels:
    """The funnels of live sums; limits are those of the whole group, rows those of a scope.

    Rows with too few ratings for a rate, leader duty, and groups of fewer than three are only counted.
    """
    ranking = sums.ranking(session, subject, Filter(asked.period, asked.channel), EVERYTHING, settings)
    everybody = [row for row in ranking.rows if row.n and not row.named.leader_duty]
    mixed = mixing.mixes(session, subject, asked, ranking.rows) if measure == BAD else {}
    rows = [row for group in _groups(everybody) for row in _funnel_rows(group, measure, mixed)]
    if asked.department or asked.hall or asked.window or not scope.everything:
        shown = {row.named.code: row.n for row in sums.ranking(session, subject, asked, scope, settings).rows}
        rows = [row for row in rows if shown.get(row.named.code) == row.rate.denominator]
        return Funnels(
            subject, measure, asked.period, ranking.formulas, _in_order(rows), len(shown) - len(rows)
        )
    few = len(ranking.rows) - len(rows)
    return Funnels(subject, measure, asked.period, ranking.formulas, _in_order(rows), few)


def _groups(rows: Sequence[Row]) -> list[list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.named.group].append(row)
    return list(groups.values())


def _funnel_rows(group: Sequence[Row], measure: str, mixed: Mapping[str, Mixed]) -> list[FunnelRow]:
    rates = {row.named: MEASURES[measure](row) for row in group}
    found = funnel_of([(rate.numerator, rate.denominator) for rate in rates.values()])
    prior = prior_of([(r.denominator - r.numerator, r.numerator) for r in rates.values()])
    if found is None or prior is None:
        return []
    return [
        FunnelRow(
            named,
            rate,
            shrunk((rate.denominator - rate.numerator, rate.numerator), prior, (0.0, 1.0)),
            found,
            found.side(rate.numerator, rate.denominator),
            mixed.get(named.code),
        )
        for named, rate in rates.items()
        if rate.enough
    ]


_ORDER = (FAR_ABOVE, FAR_BELOW, "above", "below", INSIDE)


def _in_order(rows: Sequence[FunnelRow]) -> tuple[FunnelRow, ...]:
    def place(row: FunnelRow) -> tuple[str, int, float, str]:
        return (row.named.group, _ORDER.index(row.side), -(row.rate.rate or 0.0), row.named.code)

    return tuple(sorted(rows, key=place))


def lists(session: Session, subject: str, scope: Scope, settings: Settings, today: date) -> Lists:
    """Who stands on the lists after the last two closed months; nobody stands on both, black comes first."""
    later = closing_of(MONTHS, closing_of(MONTHS, today).starts - DAY)
    earlier = closing_of(MONTHS, later.starts - DAY)
    periods = (earlier.period, later.period)

    def twice(measure: str) -> list[Listed]:
        of_months = [
            funnels(session, subject, Filter(period), scope, settings, measure=measure).on(FAR_ABOVE)
            for period in periods
        ]
        before = {row.named.code: row for row in of_months[0]}
        return [Listed(r.named, before[r.named.code], r) for r in of_months[1] if r.named.code in before]

    black = twice(BAD)
    blamed = {listed.named.code for listed in black}
    red = [listed for listed in twice(VERY) if listed.named.code not in blamed]
    return Lists(subject, periods, tuple(red), tuple(black))
