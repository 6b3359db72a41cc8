"""Cases that are perhaps about the same thing as one: same window and tag, same item, or like words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import records
from evalsys.kernel import clock
from evalsys.kernel.words import N_
from evalsys.rectification.models import Case, CaseLink, CaseRating, CaseTag
from evalsys.rectification.queries.matters import matters
from evalsys.rectification.rules.alike import ALIKE, likeness
from evalsys.worktime import queries as worktime
from evalsys.worktime import rules as calendars

WITHIN = 15  # working days
_REACH = timedelta(days=40)  # fifteen working days never take longer
_MOST = 200  # the latest candidates that are looked at
_SEEN: tuple[Any, ...] = (Case.id, Case.no, Case.state, Case.opened_on, Case.window_id, Case.item_id)
SAME_TAG, SAME_ITEM, LIKE_WORDS = N_("同一窗口、同一原因"), N_("同一事项"), N_("说的话相近")


@dataclass(frozen=True)
class Duplicate:
    """A case that is perhaps the same, and why it is thought so."""

    no: str
    state: str
    opened_on: date
    why: tuple[str, ...]
    is_linked: bool


def duplicates(session: Session | Connection, row: Row[Any], now: datetime) -> Sequence[Duplicate]:
    """What was opened within fifteen working days and seems to be about the same, the latest first."""
    found = _candidates(session, row, now)
    tags = _tags(session, [row.id, *(other.id for other in found)])
    words = words_of(session, [row.id, *(other.id for other in found)])
    linked = set(session.execute(select(CaseLink.same_as).where(CaseLink.case_id == row.id)).scalars())
    seen = [(other, _why(row, other, tags, words)) for other in found]
    return [
        Duplicate(other.no, other.state, other.opened_on, why, other.id in linked)
        for other, why in seen
        if why
    ]


def _candidates(session: Session | Connection, row: Row[Any], now: datetime) -> Sequence[Row[Any]]:
    today = clock.day_of(now)
    about_the_same = [
        Case.window_id == row.window_id,
        Case.item_id == row.item_id,
        Case.unit_id == row.unit_id,
    ]
    known = [row.window_id, row.item_id, row.unit_id]
    places = [same for same, value in zip(about_the_same, known, strict=True) if value is not None]
    statement = (
        select(*_SEEN)
        .where(and_(Case.id != row.id, Case.opened_on >= today - _REACH))
        .order_by(Case.id.desc())
        .limit(_MOST)
    )
    rows = session.execute(statement.where(or_(*places)) if places else statement).all()
    calendar = worktime.calendar(session, today - _REACH, today + _REACH)
    return [
        other for other in rows if today <= calendars.due_day(other.opened_on, WITHIN, calendar.is_working)
    ]


def _tags(session: Session | Connection, case_ids: Sequence[int]) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = {}
    for case_id, tag in session.execute(
        select(CaseTag.case_id, CaseTag.tag).where(CaseTag.case_id.in_(case_ids))
    ):
        found.setdefault(case_id, set()).add(tag)
    return found


def words_of(session: Session | Connection, case_ids: Sequence[int]) -> Mapping[int, str]:
    """The words that came with some cases, put together for each; for comparing, not for showing."""
    roots = session.execute(
        select(CaseRating.case_id, CaseRating.root).where(
            CaseRating.case_id.in_(case_ids), CaseRating.left_at.is_(None)
        )
    ).all()
    case_of = {root: case_id for case_id, root in roots}
    _tags_chosen, texts = records.said_with(session, list(case_of))
    found = {case_id: matter.words for case_id, matter in matters(session, case_ids).items()}
    for (root, _seq), text in sorted(texts.items()):
        found[case_of[root]] = f"{found.get(case_of[root], '')} {text}".strip()
    return found


def _why(
    row: Row[Any], other: Row[Any], tags: Mapping[int, set[str]], words: Mapping[int, str]
) -> tuple[str, ...]:
    why = []
    same_tags = tags.get(row.id, set()) & tags.get(other.id, set())
    if row.window_id is not None and other.window_id == row.window_id and same_tags:
        why.append(SAME_TAG)
    if row.item_id is not None and other.item_id == row.item_id:
        why.append(SAME_ITEM)
    if likeness(words.get(row.id, ""), words.get(other.id, "")) >= ALIKE:
        why.append(LIKE_WORDS)
    return tuple(why)
