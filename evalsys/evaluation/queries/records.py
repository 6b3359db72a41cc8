"""Rating rows for those who may read them: openly, or as the clerk's side may."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Rating, RatingTag, RatingText, Tag
from evalsys.evaluation.queries.counted import counted_ratings
from evalsys.evaluation.rules import CHANNELS, DICTIONARY, ENTRIES, REASON_DAYS
from evalsys.kernel.access import Scope, within
from evalsys.kernel.periods import Period, closing_of, period_asked
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import directory, units
from evalsys.worktime import queries as worktime

PAGE = 50
CODES = ("channel", "entry", "department", "hall", "window", "staff")
BATCH = 1000
# The clerk's side reads words of a window's week only where they come from at least so many ratings.
LEAST_PER_WEEK = 5


@dataclass(frozen=True)
class Asked:
    """Which rows are wanted; codes, '' for no limit, level 0 for every level."""

    period: Period
    channel: str = ""
    entry: str = ""
    department: str = ""
    hall: str = ""
    window: str = ""
    staff: str = ""
    level: int = 0
    with_words: bool = False


class Chosen(NamedTuple):
    """A tag somebody chose, in plain words of both languages."""

    plain: str
    en: str


class UnknownCode(Refused):
    """A filter names something there is not."""


def asked_of(said: Mapping[str, str], today: date) -> Asked:
    """The rows an address or a JSON query asks for; raises BadPeriod or UnknownCode with a sentence."""
    given = {name: said.get(name, "").strip() for name in CODES}
    for name, known in (("channel", CHANNELS), ("entry", ENTRIES), ("level", "12345")):
        code = said.get(name, "").strip()
        if code not in ("", *known) and not (name == "level" and code == "0"):
            raise UnknownCode("没有“{code}”这一项,可选:{known}。", code=code[:40], known="、".join(known))
    period = period_asked(said.get("from", ""), said.get("to", ""), today)
    return Asked(period, level=int(said.get("level") or 0), with_words="words" in said, **given)


@dataclass(frozen=True)
class Record:
    """One rating as leadership, supervisor and auditor read it; the hour is nobody's business."""

    root: int
    day: date
    half_day: str
    window: str
    window_number: str
    department: str
    staff: str
    level: int
    channel: str
    entry: str
    standing: str
    tags: tuple[Chosen, ...]
    text: str


@dataclass(frozen=True)
class Records:
    """One page of rows, and how many there are in all."""

    rows: Sequence[Record]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


def records(session: Session | Connection, asked: Asked, scope: Scope, page: int) -> Records:
    """A page of rating rows, the newest day first; within a day their order says nothing."""
    wanted = _wanted(session, asked, scope)
    total = session.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    found = session.execute(
        wanted.order_by(Rating.counts_on.desc(), Rating.root).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    return Records(_named(session, found, asked.period.last), total, page)


def records_after(
    session: Session | Connection, asked: Asked, scope: Scope, cursor: int | None
) -> tuple[Sequence[Record], int | None]:
    """A thousand rating rows by id after a cursor, and the cursor to go on from, None at the end."""
    wanted = _wanted(session, asked, scope)
    if cursor is not None:
        wanted = wanted.where(Rating.root > cursor)
    found = session.execute(wanted.order_by(Rating.root).limit(BATCH + 1)).all()
    following = found[BATCH - 1].root if len(found) > BATCH else None
    return _named(session, found[:BATCH], asked.period.last), following


def _wanted(session: Session | Connection, asked: Asked, scope: Scope) -> Select[Any]:
    rows = counted_ratings().add_columns(Rating.half_day, Rating.dictionary_version)
    rows = within(rows, Rating.unit_id, scope)
    rows = rows.where(Rating.counts_on.between(asked.period.first, asked.period.last))
    if asked.channel:
        rows = rows.where(Rating.channel == asked.channel)
    if asked.entry:
        rows = rows.where(Rating.entry == asked.entry)
    if asked.level:
        rows = rows.where(Rating.level == asked.level)
    if asked.with_words:
        said = select(RatingText.seq).where(RatingText.rating_id == Rating.id).exists()
        tagged = select(RatingTag.seq).where(RatingTag.rating_id == Rating.id).exists()
        rows = rows.where(or_(said, tagged))
    return _of_codes(session, rows, asked)


def _known(ids: Iterable[int], what: str, code: str) -> list[int]:
    """The ids a code stands for; a code of nothing is refused by name."""
    found = list(ids)
    if not found:
        raise UnknownCode("没有{what}“{code}”。", what=what, code=code[:40])
    return found


def _of_codes(session: Session | Connection, rows: Select[Any], asked: Asked) -> Select[Any]:
    """Limit rows to the department, hall, window and member of staff asked for by their codes."""
    day = asked.period.last
    if asked.department:
        top = _known(filter(None, [units.unit_by_code(session, asked.department)]), "部门", asked.department)
        rows = rows.where(Rating.unit_id.in_(units.subtree(session, top[0])))
    if asked.window or asked.hall:
        windows = directory.windows_on(session, day).values()
        ids = [w.id for w in windows if asked.window in ("", w.code) and asked.hall in ("", w.hall)]
        rows = rows.where(Rating.window_id.in_(_known(ids, "窗口或大厅", asked.window or asked.hall)))
    if asked.staff:
        people = directory.staff_on(session, day).values()
        ids = _known((p.id for p in people if p.staff_no == asked.staff), "工号", asked.staff)
        of_staff = rows.subquery()
        rows = rows.where(Rating.root.in_(select(of_staff.c.root).where(of_staff.c.staff_id.in_(ids))))
    return rows


def _named(session: Session | Connection, found: Sequence[Any], day: date) -> list[Record]:
    units = directory.units_on(session, day)
    windows = directory.windows_on(session, day)
    people = directory.staff_on(session, day)
    tags, texts = said_with(session, [row.current for row in found])
    return [
        Record(
            root=row.root,
            day=row.day,
            half_day=row.half_day,
            window=windows[row.window_id].code,
            window_number=windows[row.window_id].number,
            department=units[row.unit_id].name,
            staff=people[row.staff_id].name if row.staff_id in people else "",
            level=row.level,
            channel=row.channel,
            entry=row.entry,
            standing=row.standing,
            tags=tags.get((row.current, row.reasons_seq), ()),
            text=texts.get((row.current, row.reasons_seq), ""),
        )
        for row in found
    ]


Said = tuple[Mapping[tuple[int, int], tuple[Chosen, ...]], Mapping[tuple[int, int], str]]


def said_with(session: Session | Connection, rating_ids: Sequence[int]) -> Said:
    """The tags chosen, and the words, of several ratings, by (rating, sequence number)."""
    tags: dict[tuple[int, int], tuple[Chosen, ...]] = {}
    for rating_id, seq, plain, en in session.execute(
        select(RatingTag.rating_id, RatingTag.seq, Tag.plain, Tag.en)
        .join(Tag, and_(Tag.code == RatingTag.tag, Tag.version == DICTIONARY))
        .where(RatingTag.rating_id.in_(rating_ids))
        .order_by(RatingTag.tag)
    ):
        tags[rating_id, seq] = (*tags.get((rating_id, seq), ()), Chosen(plain, en))
    texts = {
        (rating_id, seq): text
        for rating_id, seq, text in session.execute(
            select(RatingText.rating_id, RatingText.seq, RatingText.text).where(
                RatingText.rating_id.in_(rating_ids)
            )
        )
    }
    return tags, texts


@dataclass(frozen=True)
class Remark:
    """What one citizen said, as the clerk's side reads it: no day, no clerk, no channel."""

    window: str
    window_number: str
    tags: tuple[Chosen, ...]
    text: str


def remarks(session: Session | Connection, week: Period, scope: Scope, window: str = "") -> list[Remark]:
    """What citizens said of a scope's windows in one week whose term for reasons is over.

    Only windows with five ratings or more in that week, whatever their standing: nothing comes or goes
    afterwards, so that two looks tell no one person. The order says nothing about time.
    """
    rows = within(counted_ratings(), Rating.unit_id, scope).where(
        Rating.counts_on.between(week.first, week.last)
    )
    by_window: dict[int, list[Any]] = {}
    for row in session.execute(rows.order_by(Rating.root)):
        by_window.setdefault(row.window_id, []).append(row)
    windows = directory.windows_on(session, week.last)
    shown = [
        row
        for window_id, found in by_window.items()
        if len(found) >= LEAST_PER_WEEK and window in ("", windows[window_id].code)
        for row in found
    ]
    tags, texts = said_with(session, [row.current for row in shown])
    said = [
        Remark(
            windows[row.window_id].code,
            windows[row.window_id].number,
            tags.get((row.current, row.reasons_seq), ()),
            texts.get((row.current, row.reasons_seq), ""),
        )
        for row in shown
    ]
    return [remark for remark in said if remark.tags or remark.text]


def are_remarks_due(session: Session | Connection, week: Period, today: date) -> bool:
    """Whether nobody can add reasons to a week's ratings any more."""
    return today > worktime.working_days_after(session, week.last, REASON_DAYS)


def last_week_due(session: Session | Connection, today: date) -> Period:
    """The last week whose remarks may be read."""
    week = closing_of("week", today - timedelta(days=7)).period
    while not are_remarks_due(session, week, today):
        week = closing_of("week", week.first - timedelta(days=7)).period
    return week
