"""Appeals: what the rated side may appeal against, what waits for reviewers, and how many there were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import behind
from evalsys.evaluation.queries.behind import Counting
from evalsys.evaluation.rules import is_bad
from evalsys.kernel import clock
from evalsys.kernel.access import Actor
from evalsys.organisation.queries import directory
from evalsys.rectification.models import Appeal, AppealFile, AppealReview, Case, CaseRating
from evalsys.rectification.queries import facts
from evalsys.rectification.queries.lines import Sentence
from evalsys.rectification.rules import lights
from evalsys.rectification.rules.appeals import UNDECIDED, AppealState, Rated, Reviewing, conflict_of
from evalsys.rectification.rules.lights import Light
from evalsys.rectification.rules.terms import APPEAL_DAYS, REVIEW_DAYS
from evalsys.worktime import queries as worktime
from evalsys.worktime import rules as calendars
from evalsys.worktime.rules import Calendar, due_day

# Further than the few working days of any term here, holidays included.
_AHEAD = timedelta(days=60)
_UNDECIDED = sorted(UNDECIDED)
MOST_SHOWN = 50


@dataclass(frozen=True)
class Appealable:
    """A rating of a case before the rated side: what it may see of it, what the rules see, and its appeal."""

    seen: Counting
    rated: Rated
    appeal: Row[Any] | None


def ratings_of(session: Session | Connection, case_id: int) -> Sequence[Appealable]:
    """The ratings of a case that stand in the sums, by the day they count on."""
    joined: dict[int, datetime] = {
        root: at
        for root, at in session.execute(
            select(CaseRating.root, CaseRating.joined_at).where(
                CaseRating.case_id == case_id, CaseRating.left_at.is_(None)
            )
        )
    }
    row = facts.case_row(session, case_id)
    if row is None or not joined:
        return []
    about = behind.ever_about(session, joined)
    filed = select(*Appeal.__table__.c).where(Appeal.root.in_(joined))
    appeals = {appeal.root: appeal for appeal in session.execute(filed)}
    calendar = worktime.calendar(session, row.opened_on, clock.day_of(max(joined.values())) + _AHEAD)
    return [
        Appealable(
            one,
            _rated(one, about.get(root, frozenset()), _shown_from(row, joined[root], calendar), calendar),
            appeals.get(root),
        )
        for root, one in behind.counting(session, joined).items()
    ]


def _shown_from(row: Row[Any], joined_at: datetime, calendar: Calendar) -> date:
    """From which day the rated side sees a rating: one that joined a case later, later."""
    shown_from: date = row.visible_from
    return max(shown_from, due_day(clock.day_of(joined_at), 1, calendar.is_working))


def _rated(one: Counting, staff: frozenset[int], shown_from: date, calendar: Calendar) -> Rated:
    return Rated(
        root=one.root,
        unit_id=one.unit_id,
        staff=staff,
        counts=is_bad(one.level) and one.standing != "excluded",
        visible_from=shown_from,
        last_day=due_day(shown_from, APPEAL_DAYS, calendar.is_working),
    )


@dataclass(frozen=True)
class Review:
    """What one reviewer said."""

    account_id: int
    unit: str
    upholds: bool
    reason: str
    at: datetime


@dataclass(frozen=True)
class AppealLine:
    """An appeal in a list; `conflict`: why the person who asks cannot review it, `given`: they have."""

    id: int
    no: str
    state: AppealState
    ground: str
    window: str
    department: str
    filed_at: datetime
    due_at: datetime
    light: Light
    left: Sentence | None
    conflict: str | None
    given: bool


@dataclass(frozen=True)
class AppealStory:
    """One appeal for its reviewers; `reviews` holds only one's own before the decision."""

    line: AppealLine
    row: Row[Any]
    seen: Counting | None
    reviewing: Reviewing
    finding: str | None
    served_by: str
    instead: str
    files: Sequence[tuple[str, str]]
    reviews: Sequence[Review]


def _rows() -> Select[Any]:
    return select(
        *Appeal.__table__.c, Case.no, Case.window_id, Case.owner_unit_id, Case.finding, Case.kind
    ).join(Case, Case.id == Appeal.case_id)


def reviewing_of(session: Session | Connection, rows: Sequence[Row[Any]]) -> dict[int, Reviewing]:
    """Appeals (rows of them with their case's owner unit) as the rules of review look at them, by id."""
    about = behind.ever_about(session, [row.root for row in rows])
    given: dict[int, set[int]] = {}
    for appeal_id, account_id in session.execute(
        select(AppealReview.appeal_id, AppealReview.account_id).where(
            AppealReview.appeal_id.in_([row.id for row in rows])
        )
    ):
        given.setdefault(appeal_id, set()).add(account_id)
    return {
        row.id: Reviewing(
            state=AppealState(row.state),
            rated_unit_id=row.rated_unit_id,
            owner_unit_id=row.owner_unit_id,
            involved=about.get(row.root, frozenset()) | ({row.staff_id} if row.staff_id else frozenset()),
            filed_by=row.filed_by,
            given_by=frozenset(given.get(row.id, ())),
        )
        for row in rows
    }


def undecided(session: Session | Connection, actor: Actor, now: datetime) -> Sequence[AppealLine]:
    """What waits for reviewers, by the end of its term; the first MOST_SHOWN."""
    statement = _rows().where(Appeal.state.in_(_UNDECIDED)).order_by(Appeal.due_at, Appeal.id)
    return _lines(session, session.execute(statement.limit(MOST_SHOWN)).all(), actor, now)


def decided(session: Session | Connection, actor: Actor, now: datetime) -> Sequence[AppealLine]:
    """What was decided last; the first MOST_SHOWN."""
    statement = _rows().where(Appeal.decided_at <= now)
    ordered = statement.order_by(Appeal.decided_at.desc(), Appeal.id.desc()).limit(MOST_SHOWN)
    return _lines(session, session.execute(ordered).all(), actor, now)


def _lines(
    session: Session | Connection, rows: Sequence[Row[Any]], actor: Actor, now: datetime
) -> list[AppealLine]:
    if not rows:
        return []
    today = clock.day_of(now)
    windows, units = directory.windows_on(session, today), directory.units_on(session, today)
    seen = reviewing_of(session, rows)
    first = min(clock.day_of(row.filed_at) for row in rows)
    last = max(clock.day_of(max(row.due_at, now)) for row in rows)
    calendar = worktime.calendar(session, first, last + _AHEAD)
    return [
        AppealLine(
            id=row.id,
            no=row.no,
            state=AppealState(row.state),
            ground=row.ground,
            window="" if row.window_id is None else windows[row.window_id].number,
            department=units[row.rated_unit_id].name,
            filed_at=row.filed_at,
            due_at=row.due_at,
            light=_light(row, now, calendar),
            left=_left(row, now, calendar),
            conflict=conflict_of(seen[row.id], actor),
            given=actor.account_id in seen[row.id].given_by,
        )
        for row in rows
    ]


def _light(row: Row[Any], now: datetime, calendar: Calendar) -> Light:
    """The light of an appeal at a moment; of a decided one, when it was decided."""
    term = calendars.working_days(REVIEW_DAYS)
    return lights.light(lights.clocks_until(row.filed_at, row.due_at, term, calendar), row.decided_at or now)


def _left(row: Row[Any], now: datetime, calendar: Calendar) -> Sentence | None:
    if row.decided_at is not None:
        return None
    return calendars.words_of(calendars.left(now, row.due_at, calendars.Clock.WORKING_DAYS, calendar))


def appeal_row(session: Session | Connection, appeal_id: int) -> Row[Any] | None:
    """One appeal with what its case says of owner and finding."""
    return session.execute(_rows().where(Appeal.id == appeal_id)).first()


def appeal(session: Session | Connection, appeal_id: int, actor: Actor, now: datetime) -> AppealStory | None:
    """One appeal with its evidence; before it is decided nobody sees what another reviewer said."""
    row = appeal_row(session, appeal_id)
    if row is None:
        return None
    said = reviews(session, appeal_id, now)
    seen = behind.counting(session, [row.root]).get(row.root)
    people = directory.staff_on(session, clock.day_of(now))
    served, instead = people.get(seen.staff_id if seen else 0), people.get(row.staff_id or 0)
    return AppealStory(
        line=_lines(session, [row], actor, now)[0],
        row=row,
        seen=seen,
        reviewing=reviewing_of(session, [row])[row.id],
        finding=row.finding,
        served_by=f"{served.name}({served.staff_no})" if served else "",
        instead=f"{instead.name}({instead.staff_no})" if instead else "",
        files=files_of(session, appeal_id),
        reviews=[one for one in said if row.decided_at or one.account_id == actor.account_id],
    )


def files_of(session: Session | Connection, appeal_id: int) -> Sequence[tuple[str, str]]:
    """The files handed in with an appeal: hash and name."""
    found = select(AppealFile.sha256, AppealFile.name).where(AppealFile.appeal_id == appeal_id)
    return [(sha256, name) for sha256, name in session.execute(found.order_by(AppealFile.name))]


def reviews(session: Session | Connection, appeal_id: int, now: datetime) -> Sequence[Review]:
    """What the reviewers of an appeal said, in order; for those who may know."""
    names = directory.units_on(session, clock.day_of(now))
    return [
        Review(row.account_id, names[row.unit_id].name, row.upholds, row.reason, row.at)
        for row in session.execute(
            select(*AppealReview.__table__.c)
            .where(AppealReview.appeal_id == appeal_id)
            .order_by(AppealReview.seq)
        )
    ]


@dataclass(frozen=True)
class AppealCounts:
    """Of the bad ratings that the rated side could see from a period on: how many, appealed, decided, upheld.

    申诉率 = filed / visible, 申诉成立率 = upheld / decided.
    """

    visible: int
    filed: int
    decided: int
    upheld: int


def counts(session: Session | Connection, first: date, last: date) -> Mapping[int, AppealCounts]:
    """The counts by unit (the one a case is about), over the cases visible from a day of the period on."""
    filed = and_(Appeal.root == CaseRating.root, Appeal.case_id == CaseRating.case_id)
    stays = or_(CaseRating.left_at.is_(None), Appeal.id.is_not(None))
    rows = session.execute(
        select(
            Case.unit_id,
            func.count(),
            func.count(Appeal.id),
            func.count(Appeal.decided_at),
            func.count(case((Appeal.state == AppealState.UPHELD.value, 1))),
        )
        .join(CaseRating, CaseRating.case_id == Case.id)
        .outerjoin(Appeal, filed)
        .where(Case.visible_from.between(first, last), Case.unit_id.is_not(None), stays)
        .group_by(Case.unit_id)
    )
    return {
        unit: AppealCounts(visible, n, done, upheld)
        for unit, visible, n, done, upheld in rows
        if unit is not None
    }
