"""Reading where rows stand, as worked out over closed days."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.orm import Session

from evalsys.kernel.periods import Period
from evalsys.scoring.models import RankPlace, RankRun
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.placing import periods_serving
from evalsys.scoring.rules.ranking import Place

_COLUMNS = [
    getattr(RankPlace, name) for name in ("last", "code", "shrunk", "best", "worst", "band", "top", "bottom")
]
_KEYS = ("subject", "first", "last")
_PLACES = (
    select(*_COLUMNS)
    .join(RankRun, and_(*(getattr(RankRun, key) == getattr(RankPlace, key) for key in _KEYS)))
    .where(
        RankPlace.subject == bindparam("subject"),
        RankPlace.first == bindparam("first"),
        RankPlace.last.in_(bindparam("lasts", expanding=True)),
        RankRun.formulas == bindparam("version"),
    )
)


def places(
    session: Session | Connection, subject: str, asked: Filter, formulas: Formulas
) -> Mapping[str, Place]:
    """The places by code for a period, if they were worked out by the formulas in force.

    There are none for one channel or entry.
    """
    if asked.channel or asked.entry:
        return {}
    named = {
        "subject": subject,
        "first": asked.period.first,
        "lasts": [period.last for period in periods_serving(asked.period)],
        "version": formulas.version,
    }
    rows = session.execute(_PLACES, named).all()
    best = max((row[0] for row in rows), default=None)
    return {code: _place(shrunk, *at) for last, code, shrunk, *at in rows if last == best}


def _place(shrunk: float, best: int | None, worst: int | None, *chances: Any) -> Place:
    return Place(shrunk, None if best is None or worst is None else (best, worst), *chances)


def runs(session: Session | Connection) -> Mapping[tuple[str, Period], tuple[str, str]]:
    """For every subject and period worked out the formulas' version and the digest of its counts."""
    rows = session.execute(
        select(RankRun.subject, RankRun.first, RankRun.last, RankRun.formulas, RankRun.counts_hash)
    )
    return {(subject, Period(first, last)): (by, of) for subject, first, last, by, of in rows}
