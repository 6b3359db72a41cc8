"""Notices inside the application: a sentence, where it leads, and who has read it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import Session

from evalsys.kernel import models
from evalsys.kernel.access import Actor
from evalsys.kernel.database import insert_once
from evalsys.kernel.models import NoticeRead

Columns = TypeVarTuple("Columns")

SHOWN_FOR = timedelta(days=90)
MOST = 100  # shown, and counted


@dataclass(frozen=True)
class Notice:
    """One notice as its reader meets it; the sentence takes the values in braces."""

    id: int
    sentence: str
    values: Mapping[str, Any]
    link: str
    at: datetime
    is_read: bool


def notify(
    connection: Connection,
    *,
    to_role: str | None = None,
    to_unit: int | None = None,
    to_account: int | None = None,
    sentence: str,
    values: Mapping[str, object],
    link: str,
    dedupe_key: str,
    at: datetime,
) -> None:
    """Tell an account, or everybody of a role, a unit, or a role within a unit; the same key tells once.

    It is shown from `at` on. The sentence is a Chinese msgid with values in braces; the link a path of this
    site. Raises ValueError where nobody is named or the link leads elsewhere, KeyError where a value lacks.
    """
    sentence.format(**values)
    if to_role is None and to_unit is None and to_account is None:
        raise ValueError("a notice needs somebody to read it")
    if not link.startswith("/") or link.startswith(("//", "/\\")):
        raise ValueError("a notice leads to a page of this site")
    connection.execute(
        insert_once(connection, models.Notice, "dedupe_key"),
        {
            "account_id": to_account,
            "role": to_role,
            "unit_id": to_unit,
            "sentence": sentence,
            "facts": json.dumps(values, ensure_ascii=False, sort_keys=True),
            "link": link,
            "at": at,
            "dedupe_key": dedupe_key,
        },
    )


def notices_of(session: Session | Connection, actor: Actor, limit: int, now: datetime) -> Sequence[Notice]:
    """The newest notices of the last 90 days that an actor may read, the newest first; 100 at most."""
    kind, newest = models.Notice, _newest(actor, now)
    is_read = _read_by(actor).label("is_read")
    wanted = select(kind.id, kind.sentence, kind.facts, kind.link, kind.at, is_read)
    rows = session.execute(
        wanted.join(newest, newest.c.id == kind.id)
        .order_by(kind.at.desc(), kind.id.desc())
        .limit(min(limit, MOST))
    )
    return [
        Notice(row.id, row.sentence, json.loads(row.facts), row.link, row.at, bool(row.is_read))
        for row in rows
    ]


def link_of(session: Session | Connection, actor: Actor, notice_id: int, now: datetime) -> str | None:
    """Where one of the actor's own notices leads; None where they have no such notice."""
    wanted = _for(select(models.Notice.link), actor, now).where(models.Notice.id == notice_id)
    return session.execute(wanted).scalar()


def unread_count(session: Session | Connection, actor: Actor, now: datetime) -> int:
    """How many of the actor's newest 100 notices are not read."""
    kind, newest = models.Notice, _newest(actor, now)
    unread = select(kind.id).join(newest, newest.c.id == kind.id).where(~_read_by(actor))
    return session.execute(select(func.count()).select_from(unread.subquery())).scalar() or 0


def mark_read(
    connection: Connection, actor: Actor, now: datetime, notice_ids: Sequence[int] | None = None
) -> None:
    """Note that the actor has read some of their notices, or all that are shown and counted."""
    mine = select(_newest(actor, now).c.id)
    if notice_ids is not None:
        mine = _for(select(models.Notice.id), actor, now).where(models.Notice.id.in_(notice_ids))
    read = [
        {"account_id": actor.account_id, "notice_id": notice_id}
        for notice_id in connection.execute(mine).scalars()
    ]
    if read:
        connection.execute(insert_once(connection, NoticeRead), read)


def _newest(actor: Actor, now: datetime) -> Subquery:
    """The ids of the newest 100 notices an actor may read, each way of being meant looked up by its index."""
    kind = models.Notice
    ways = [
        select(kind.id, kind.at)
        .where(way, kind.at <= now, kind.at > now - SHOWN_FOR)
        .order_by(kind.at.desc(), kind.id.desc())
        .limit(MOST)
        .subquery()
        for way in _meant(actor)
    ]
    found = union_all(*(select(way.c.id, way.c.at) for way in ways)).subquery()
    return select(found.c.id).order_by(found.c.at.desc(), found.c.id.desc()).limit(MOST).subquery()


def _meant(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The ways in which a notice is for an actor; no notice is for them in two.

    A notice to a unit is read by its own people and by those whose limited scope holds it; who sees the whole
    site is not told what every unit is told.
    """
    kind = models.Notice
    units = sorted({actor.unit_id} | (frozenset() if actor.scope.everything else actor.scope.units))
    to_group, roles = kind.account_id.is_(None), sorted(actor.roles)
    return (
        kind.account_id == actor.account_id,
        and_(to_group, kind.unit_id.is_(None), kind.role.in_(roles)),
        and_(to_group, kind.unit_id.in_(units), kind.role.is_(None)),
        and_(to_group, kind.unit_id.in_(units), kind.role.in_(roles)),
    )


def _for(statement: Select[*Columns], actor: Actor, now: datetime) -> Select[*Columns]:
    """The statement limited to what an actor may read now."""
    kind = models.Notice
    return statement.where(kind.at <= now, kind.at > now - SHOWN_FOR, or_(*_meant(actor)))


def _read_by(actor: Actor) -> ColumnElement[bool]:
    return exists().where(NoticeRead.notice_id == models.Notice.id, NoticeRead.account_id == actor.account_id)
