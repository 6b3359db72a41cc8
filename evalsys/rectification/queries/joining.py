"""Which open case a further bad rating belongs to."""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from evalsys.evaluation.queries.behind import Behind
from evalsys.kernel import clock
from evalsys.rectification.models import Case, CaseTag
from evalsys.rectification.rules.states import NOT_YET_DISPATCHED, OPEN
from evalsys.rectification.rules.terms import JOIN_WITHIN, Kind
from evalsys.worktime import queries as worktime

_OPEN = sorted(OPEN)
_BEFORE_DISPATCH = sorted(NOT_YET_DISPATCHED)


def case_about_the_same(connection: Connection, rating: Behind, at: datetime) -> int | None:
    """The open case of the same unit, item and a same tag, opened within the last five working days."""
    if rating.item_id is None or not rating.tags:
        return None
    candidates = connection.execute(
        select(Case.id, Case.opened_on)
        .join(CaseTag, CaseTag.case_id == Case.id)
        .where(
            Case.kind == Kind.RATING.value,
            Case.unit_id == rating.unit_id,
            Case.item_id == rating.item_id,
            CaseTag.tag.in_(rating.tags),
            Case.state.in_(_OPEN),
            # Five working days never take longer than the longest holidays and two weeks.
            Case.opened_on >= clock.day_of(at) - timedelta(days=30),
        )
        .order_by(Case.id.desc())
        .limit(1)
    ).first()
    if candidates is None:
        return None
    last = worktime.working_days_after(connection, candidates.opened_on, JOIN_WITHIN)
    return candidates.id if clock.day_of(at) <= last else None


def pattern_case(connection: Connection, window_id: int, day: date) -> int | None:
    """The week's open case of ratings at one window that say neither why nor who."""
    monday = day - timedelta(days=day.weekday())
    return connection.execute(
        select(Case.id)
        .where(
            Case.kind == Kind.PATTERN.value,
            Case.window_id == window_id,
            Case.opened_on.between(monday, day),
            Case.state.in_(_BEFORE_DISPATCH),
        )
        .order_by(Case.id.desc())
        .limit(1)
    ).scalar()
