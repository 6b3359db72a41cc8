"""Beside the rankings, of the same rows: participation, and this period beside the one before."""

from collections.abc import Callable, Collection, Mapping

from evalsys.dashboards.rules.sheets import (
    DIFFERENCE,
    RATE,
    WORDS,
    Cell,
    Column,
    Line,
    Sheet,
    difference,
)
from evalsys.kernel.proportions import Rate, rate_of
from evalsys.kernel.words import N_
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS, Ranking, Row

WHO = {WINDOWS: N_("窗口"), STAFF: N_("人员"), DEPARTMENTS: N_("部门")}
# The filter of rating rows that a row of each subject is.
FILTER_OF = {WINDOWS: "window", STAFF: "staff", DEPARTMENTS: "department"}

PARTICIPATION = (
    Column("services", N_("应评服务"), indicator="services"),
    Column("prompted", N_("请评")),
    Column("asked", N_("请评率"), RATE, "asked"),
    Column("rated", N_("已评")),
    Column("given", N_("主动评价率"), RATE, "given"),
    Column("unrated", N_("未评")),
    Column("unrated_rate", N_("未评率"), RATE, "unrated"),
    Column("unbound", N_("未绑定"), indicator="unbound"),
    Column("n", N_("计入评价"), indicator="counted"),
)
COMPARED = (
    Column("n", N_("本期评价"), indicator="counted"),
    Column("n_before", N_("上期评价")),
    Column("good", N_("本期好评率"), RATE, "good"),
    Column("good_before", N_("上期好评率"), RATE),
    Column("change", N_("变化"), DIFFERENCE, "change"),
    Column("bad", N_("本期差评率"), RATE, "bad"),
    Column("bad_before", N_("上期差评率"), RATE),
    Column("bad_change", N_("变化"), DIFFERENCE),
)


def named_columns(subject: str) -> tuple[Column, ...]:
    """The columns that say what a line is about."""
    named = (Column("code", N_("代码"), WORDS), Column("name", WHO[subject], WORDS))
    return named if subject == DEPARTMENTS else (*named, Column("department", N_("部门"), WORDS))


def participation(ranking: Ranking, above: Collection[str]) -> Sheet:
    """Services, rated and unrated by row; all of them "—" where services are not known.

    `above` are the codes of the units above others that have a row of their own.
    """
    return _sheet("participation", ranking, PARTICIPATION, _participation, above)


def _participation(row: Row) -> dict[str, Cell]:
    known = row.served.services is not None
    return {
        "services": row.served.services,
        "prompted": row.served.prompted if known else None,
        "asked": row.asked,
        "rated": row.served.rated,
        "given": row.given,
        "unrated": row.served.unrated,
        "unrated_rate": row.unrated,
        "unbound": row.unbound,
        "n": row.n,
    }


def compared(ranking: Ranking, above: Collection[str]) -> Sheet:
    """Each row's good and bad rate beside those of the period of equal length before; `above` as there."""
    return _sheet("compared", ranking, COMPARED, _compared, above)


def _compared(row: Row) -> dict[str, Cell]:
    least, before = row.formulas.min_n_rate, row.before
    if before is None:
        return {"n": row.n, "good": row.good, "bad": row.bad}
    good, bad = (rate_of(part, before.n, least) for part in (before.good, before.bad))
    return {
        "n": row.n,
        "n_before": before.n,
        "good": row.good,
        "good_before": _shown(good),
        "change": difference(row.good, good),
        "bad": row.bad,
        "bad_before": _shown(bad),
        "bad_change": difference(row.bad, bad),
    }


def _shown(rate: Rate) -> Rate | None:
    return rate if rate.denominator else None


def _sheet(
    name: str,
    ranking: Ranking,
    columns: tuple[Column, ...],
    cells: Callable[[Row], dict[str, Cell]],
    above: Collection[str],
) -> Sheet:
    # Asked for by its code, a unit above others brings their rows with its own: more than its number.
    lines = [
        Line(_named(row) | cells(row)) if row.named.code in above else _line(ranking, row, cells)
        for row in ranking.rows
    ]
    if ranking.unmatched is not None:
        lines.append(Line(_named(ranking.unmatched) | cells(ranking.unmatched)))
    total = Line({"name": ranking.total.named.name} | cells(ranking.total), _IN_ALL)
    return Sheet(name, (*named_columns(ranking.subject), *columns), lines, total)


_IN_ALL: Mapping[str, Mapping[str, object]] = {
    "n": {},
    "rated": {"bound": "yes"},
    "unbound": {"bound": "no"},
}


def _line(ranking: Ranking, row: Row, cells: Callable[[Row], dict[str, Cell]]) -> Line:
    rows = {FILTER_OF[ranking.subject]: row.named.code}
    bound = rows | {"bound": "yes"}
    if ranking.subject == STAFF:
        # What a clerk is not scored for stands with nobody's, bound or not.
        return Line(_named(row) | cells(row), {"n": rows | {"scored": "yes"}, "rated": bound})
    return Line(_named(row) | cells(row), {"n": rows, "rated": bound, "unbound": rows | {"bound": "no"}})


def _named(row: Row) -> dict[str, Cell]:
    return {"code": row.named.code, "name": row.named.name, "department": row.named.department}
