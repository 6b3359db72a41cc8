"""Notices inside the application: a sentence, where it leads, and who has read it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from evalsys.kernel import models
from evalsys.kernel.access import Actor
from evalsys.kernel.database import insert_once
from evalsys.kernel.models import NoticeRead

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


_KIND = models.Notice
_IS_READ = exists().where(NoticeRead.notice_id == _KIND.id, NoticeRead.account_id == bindparam("account"))
_IN_UNITS = _KIND.unit_id.in_(bindparam("units", expanding=True))
_IN_ROLES = _KIND.role.in_(bindparam("roles", expanding=True))
_TO_GROUP = _KIND.account_id.is_(None)
# The ways in which a notice is for somebody, each with an index of its own; no notice is in two of them.
_WAYS: tuple[ColumnElement[bool], ...] = (
    _KIND.account_id == bindparam("account"),
    and_(_TO_GROUP, _KIND.unit_id.is_(None), _IN_ROLES),
    and_(_TO_GROUP, _IN_UNITS, _KIND.role.is_(None)),
    and_(_TO_GROUP, _IN_UNITS, _IN_ROLES),
)
_SHOWN = and_(_KIND.at <= bindparam("now"), _KIND.at > bindparam("since"))


def _newest() -> Subquery:
    """The ids of the newest 100 notices for somebody."""
    ways = [
        select(_KIND.id, _KIND.at)
        .where(way, _SHOWN)
        .order_by(_KIND.at.desc(), _KIND.id.desc())
        .limit(MOST)
        .subquery()
        for way in _WAYS
    ]
    found = union_all(*(select(way.c.id, way.c.at) for way in ways)).subquery()
    return select(found.c.id).order_by(found.c.at.desc(), found.c.id.desc()).limit(MOST).subquery()


# Built once: the number of unread notices stands on every page of the staff.
_NEWEST = _newest()
_UNREAD = select(func.count()).join_from(_KIND, _NEWEST, _NEWEST.c.id == _KIND.id).where(~_IS_READ)
_NOTICES = (
    select(_KIND.id, _KIND.sentence, _KIND.facts, _KIND.link, _KIND.at, _IS_READ.label("is_read"))
    .join(_NEWEST, _NEWEST.c.id == _KIND.id)
    .order_by(_KIND.at.desc(), _KIND.id.desc())
    .limit(bindparam("most"))
)
_LINK = select(_KIND.link).where(or_(*_WAYS), _SHOWN, _KIND.id == bindparam("notice"))


def _asked(actor: Actor, now: datetime) -> dict[str, Any]:
    """Who asks, and when.

    A notice to a unit is read by its own people and by those whose limited scope holds it; who sees the whole
    site is not told what every unit is told.
    """
    units = {actor.unit_id} | (frozenset() if actor.scope.everything else actor.scope.units)
    return {
        "account": actor.account_id,
        "units": sorted(units),
        "roles": sorted(actor.roles),
        "now": now,
        "since": now - SHOWN_FOR,
    }


def notices_of(session: Session | Connection, actor: Actor, limit: int, now: datetime) -> Sequence[Notice]:
    """The newest notices of the last 90 days that an actor may read, the newest first; 100 at most."""
    rows = session.execute(_NOTICES, {**_asked(actor, now), "most": min(limit, MOST)})
    return [
        Notice(row.id, row.sentence, json.loads(row.facts), row.link, row.at, bool(row.is_read))
        for row in rows
    ]


def link_of(session: Session | Connection, actor: Actor, notice_id: int, now: datetime) -> str | None:
    """Where one of the actor's own notices leads; None where they have no such notice."""
    return session.execute(_LINK, {**_asked(actor, now), "notice": notice_id}).scalar()


def unread_count(session: Session | Connection, actor: Actor, now: datetime) -> int:
    """How many of the actor's newest 100 notices are not read."""
    return session.execute(_UNREAD, _asked(actor, now)).scalar_one()


def mark_read(
    connection: Connection, actor: Actor, now: datetime, notice_ids: Sequence[int] | None = None
) -> None:
    """Note that the actor has read some of their notices, or all that are shown and counted."""
    if notice_ids is None:
        mine = list(connection.execute(select(_NEWEST.c.id), _asked(actor, now)).scalars())
    else:
        mine = [one for one in notice_ids if link_of(connection, actor, one, now) is not None]
    if mine:
        read = [{"account_id": actor.account_id, "notice_id": one} for one in mine]
        connection.execute(insert_once(connection, NoticeRead), read)
