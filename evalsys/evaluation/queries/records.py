"""Rating rows for those who may read them: openly, or as the clerk's side may."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Attribution, Rating, RatingTag, RatingText, Tag
from evalsys.evaluation.queries.counted import counted_ratings
from evalsys.evaluation.queries.narrowed import ABOUT, ANY_ITEM, Narrow, narrowed, one
from evalsys.evaluation.rules import CHANNELS, DICTIONARY, DONE_WORDS, ENTRIES, STANDING_WORDS
from evalsys.kernel.access import Scope, within
from evalsys.kernel.periods import Period, period_asked
from evalsys.kernel.refusals import Refused
from evalsys.kernel.types import BigId
from evalsys.organisation.queries import directory, halls, units

PAGE = 50
LOOKED_AT = 10_000  # rows one page looks at, however many there are
CODES = (
    "channel",
    "entry",
    "department",
    "hall",
    "window",
    "staff",
    "standing",
    "done",
    "scored",
    "item",
    "tag",
    "bound",
    "about",
)
EVERY_ITEM = "*"  # the code of whatever item
BATCH = 1000
_MARK = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,19})")


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
    standing: str = ""
    done: str = ""
    scored: str = ""
    item: str = ""
    tag: str = ""
    bound: str = ""
    about: str = ""
    level: int = 0
    with_words: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether it is limited by something its own page offers no choice of."""
        limits = (self.window, self.staff, self.standing, self.done, self.item, self.tag)
        return any((*limits, self.bound, self.about))


class Chosen(NamedTuple):
    """A tag somebody chose, in plain words of both languages."""

    plain: str
    en: str


class UnknownCode(Refused):
    """A filter names something there is not."""


def asked_of(said: Mapping[str, str], today: date) -> Asked:
    """The rows an address or a JSON query asks for; raises BadPeriod or UnknownCode with a sentence."""
    given = {name: said.get(name, "").strip() for name in CODES}
    known_codes: Mapping[str, Sequence[str]] = {
        "channel": CHANNELS,
        "entry": ENTRIES,
        "level": "12345",
        "standing": tuple(STANDING_WORDS),
        "done": tuple(DONE_WORDS),
        "scored": ("yes",),
        "bound": ("yes", "no"),
        "about": ABOUT,
    }
    for name, known in known_codes.items():
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


class Mark(NamedTuple):
    """How far somebody has read: the day and the root of the last row looked at."""

    day: date
    root: int

    def __str__(self) -> str:
        return f"{self.day}.{self.root}"


def mark_said(said: str) -> Mark | None:
    """The mark an address goes on from; None at the beginning, UnknownCode for nonsense."""
    if not said:
        return None
    found = _MARK.fullmatch(said)
    with suppress(ValueError):
        if found and int(found[2]) < 2**63:
            return Mark(date.fromisoformat(found[1]), int(found[2]))
    raise UnknownCode("这一页的地址不完整。请从第一页重新看起。")


@dataclass(frozen=True)
class Records:
    """Some rating rows, and the mark to go on from; None where there are no more."""

    rows: Sequence[Record]
    following: Mark | None


_lies = tuple_(Rating.counts_on, Rating.root)
_NEWEST_FIRST = (Rating.counts_on.desc(), Rating.root.desc())


def records(
    session: Session | Connection, asked: Asked, scope: Scope, after: Mark | None, most: int = PAGE
) -> Records:
    """The next rating rows, the newest day first; within a day their order says nothing.

    At most 10,000 are looked at, however many there are: where few are wanted, a page may be short.
    """
    where = _at_places(session, asked)
    upper: ColumnElement[bool] = Rating.counts_on <= asked.period.last
    if after is not None and after.day <= asked.period.last:
        upper = _lies < _place(after)
    lower: ColumnElement[bool] = Rating.counts_on >= asked.period.first
    # The end of the look is found in the index alone; only then are rows read and compared.
    end = session.execute(
        select(Rating.counts_on, Rating.root)
        .where(lower, upper, *where)
        .order_by(*_NEWEST_FIRST)
        .offset(LOOKED_AT - 1)
        .limit(1)
    ).first()
    if end is not None:
        # In place of the period's beginning: of two lower ends SQLite would start from either.
        lower = _lies >= _place(Mark(*end))
    wanted = _wanted(session, asked, scope).where(lower, upper, *where)
    found = session.execute(wanted.order_by(*_NEWEST_FIRST).limit(most + 1)).all()
    rows = _named(session, found[:most], asked.period.last)
    if len(found) > most:
        return Records(rows, Mark(rows[-1].day, rows[-1].root))
    return Records(rows, end and Mark(*end))


def _place(mark: Mark) -> ColumnElement[Any]:
    return tuple_(literal(mark.day), literal(mark.root, BigId))


def _at_places(session: Session | Connection, asked: Asked) -> list[ColumnElement[bool]]:
    """The window or hall asked for: conditions on the rating itself, for the look as well."""
    if asked.window:
        windows = directory.windows_on(session, asked.period.last).values()
        found = (w.id for w in windows if asked.window == w.code and asked.hall in ("", w.hall))
        return [Rating.window_id == _known(next(found, None), "窗口或大厅", asked.window)]
    if asked.hall:
        hall = halls.hall_by_code(session, asked.hall)
        return [Rating.hall_id == _known(hall.id if hall else None, "窗口或大厅", asked.hall)]
    return []


def _wanted(session: Session | Connection, asked: Asked, scope: Scope) -> Select[Any]:
    rows = counted_ratings().add_columns(Rating.half_day, Rating.dictionary_version)
    rows = within(rows, Rating.unit_id, scope)
    if asked.channel:
        rows = rows.where(Rating.channel == asked.channel)
    if asked.entry:
        rows = rows.where(Rating.entry == asked.entry)
    if asked.level:
        rows = rows.where(Rating.level == asked.level)
    if asked.with_words:
        said = select(RatingText.seq).where(RatingText.rating_id == Rating.id)
        tagged = select(RatingTag.seq).where(RatingTag.rating_id == Rating.id)
        rows = rows.where(or_(one(said).is_not(None), one(tagged).is_not(None)))
    if asked.department:
        top = _known(units.unit_by_code(session, asked.department), "部门", asked.department)
        rows = rows.where(Rating.unit_id.in_(units.subtree(session, top)))
    if asked.staff:
        people = directory.staff_on(session, asked.period.last).values()
        person = next((person.id for person in people if person.staff_no == asked.staff), None)
        whose = select(Attribution.staff_id).where(Attribution.rating_id == Rating.root)
        newest = one(whose.order_by(Attribution.seq.desc()))
        rows = rows.where(newest == _known(person, "工号", asked.staff))
    item = _item(session, asked.item)
    to = Narrow(asked.standing, asked.done, asked.scored, asked.tag, item, asked.bound, asked.about)
    return narrowed(rows, to)


def _item(session: Session | Connection, code: str) -> int:
    if code == EVERY_ITEM:
        return ANY_ITEM
    return _known(directory.item_by_code(session, code), "事项", code) if code else 0


def _known(found: int | None, what: str, code: str) -> int:
    """The id a code stands for; a code of nothing is refused by name."""
    if not found:
        raise UnknownCode("没有{what}“{code}”。", what=what, code=code[:40])
    return found


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
