"""Bulletins as they were frozen, and what became of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys.dashboards.models import Bulletin, BulletinStep
from evalsys.dashboards.rules.bulletins import PUBLISH, Content, state_of
from evalsys.kernel.periods import MONTHS, Closing


@dataclass(frozen=True)
class Step:
    """One step of a bulletin, and the account that took it."""

    act: str
    by: int
    at: datetime
    reason: str


@dataclass(frozen=True)
class Issue:
    """One bulletin: what it is of, its frozen content as text, and its steps."""

    id: int
    public_id: str
    place: str
    code: str
    starts: date
    version: int
    text: str
    sha256: str
    drafted_at: datetime
    drafted_by: int | None
    steps: Sequence[Step]

    @property
    def content(self) -> Content:
        """The frozen content."""
        found: Content = json.loads(self.text)
        return found

    @property
    def closing(self) -> Closing:
        """The month."""
        return Closing(MONTHS, self.starts)

    @property
    def taken(self) -> Mapping[str, int]:
        """Who took which step."""
        return {step.act: step.by for step in self.steps}

    @property
    def state(self) -> str:
        """draft, approved, published or dropped."""
        return state_of(self.taken)

    @property
    def published_at(self) -> datetime | None:
        """When it was published."""
        return next((step.at for step in self.steps if step.act == PUBLISH), None)


@dataclass(frozen=True)
class IssueLine:
    """One bulletin in a list: its place's name as it was called then."""

    public_id: str
    name: str
    closing: Closing
    version: int
    state: str
    drafted_at: datetime


_IS_PUBLISHED = (
    select(BulletinStep.bulletin_id)
    .where(BulletinStep.bulletin_id == Bulletin.id, BulletinStep.act == PUBLISH)
    .exists()
)
_LATEST_FIRST = (Bulletin.starts.desc(), Bulletin.place, Bulletin.code, Bulletin.version.desc())
MOST = 200


def _steps(session: Session | Connection, ids: Sequence[int]) -> Mapping[int, Sequence[Step]]:
    rows = session.execute(
        select(
            BulletinStep.bulletin_id, BulletinStep.act, BulletinStep.by, BulletinStep.at, BulletinStep.reason
        )
        .where(BulletinStep.bulletin_id.in_(ids))
        .order_by(BulletinStep.at, BulletinStep.act)
    )
    found: dict[int, list[Step]] = {}
    for bulletin, act, by, at, reason in rows:
        found.setdefault(bulletin, []).append(Step(act, by, at, reason))
    return found


def issue(session: Session | Connection, public_id: str) -> Issue | None:
    """A bulletin by the id in its address."""
    row = session.execute(select(*Bulletin.__table__.c).where(Bulletin.public_id == public_id)).first()
    if row is None:
        return None
    steps = _steps(session, [row.id]).get(row.id, ())
    return Issue(
        row.id,
        row.public_id,
        row.place,
        row.code,
        row.starts,
        row.version,
        row.content,
        row.sha256,
        row.drafted_at,
        row.drafted_by,
        steps,
    )


def published_issue(session: Session | Connection, public_id: str) -> Issue | None:
    """A bulletin that anybody may read; None where it is none, or not published."""
    found = issue(session, public_id)
    return found if found is not None and found.state == "published" else None


def issues(session: Session | Connection, *, published_only: bool) -> Sequence[IssueLine]:
    """The bulletins, the latest month first; 200 at most."""
    statement = select(Bulletin).order_by(*_LATEST_FIRST).limit(MOST)
    rows = session.execute(
        (statement.where(_IS_PUBLISHED) if published_only else statement).with_only_columns(
            Bulletin.id,
            Bulletin.public_id,
            Bulletin.content,
            Bulletin.starts,
            Bulletin.version,
            Bulletin.drafted_at,
        )
    ).all()
    steps = _steps(session, [row.id for row in rows])
    return [
        IssueLine(
            row.public_id,
            json.loads(row.content)["place"]["name"],
            Closing(MONTHS, row.starts),
            row.version,
            state_of([step.act for step in steps.get(row.id, ())]),
            row.drafted_at,
        )
        for row in rows
    ]


def next_version(session: Session | Connection, place: str, code: str, starts: date) -> int:
    """The number the next draft of a place and month gets: 1, 2, …"""
    last = session.execute(
        select(func.max(Bulletin.version)).where(
            Bulletin.place == place, Bulletin.code == code, Bulletin.starts == starts
        )
    ).scalar()
    return (last or 0) + 1


def drafted(session: Session | Connection, starts: Sequence[date]) -> frozenset[tuple[str, str, date]]:
    """The places and months of which there is a bulletin, a dropped one as well."""
    rows = session.execute(
        select(Bulletin.place, Bulletin.code, Bulletin.starts).where(Bulletin.starts.in_(starts))
    )
    return frozenset((place, code, day) for place, code, day in rows)


def open_issue(session: Session | Connection, place: str, code: str, starts: date) -> Issue | None:
    """The bulletin of a place and month that is not dropped, if there is one."""
    public_ids = session.execute(
        select(Bulletin.public_id)
        .where(Bulletin.place == place, Bulletin.code == code, Bulletin.starts == starts)
        .order_by(Bulletin.version.desc())
    ).scalars()
    found = (issue(session, public_id) for public_id in public_ids)
    return next((one for one in found if one is not None and one.state != "dropped"), None)


def earlier(session: Session | Connection, place: str, code: str, starts: date, most: int) -> Sequence[Issue]:
    """The published bulletins of a place before a month, the latest first."""
    public_ids = session.execute(
        select(Bulletin.public_id)
        .where(Bulletin.place == place, Bulletin.code == code, Bulletin.starts < starts, _IS_PUBLISHED)
        .order_by(Bulletin.starts.desc())
        .limit(most)
    ).scalars()
    found = (issue(session, public_id) for public_id in public_ids)
    return [one for one in found if one is not None]
