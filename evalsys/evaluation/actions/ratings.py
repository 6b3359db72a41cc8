"""Taking a rating, its correction and its reasons: the citizen's three actions.

Each takes a connection, ids and frozen dataclasses only, and runs inside one transaction together
with everything that follows from it.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlalchemy import Connection, Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from evalsys.evaluation.actions import traces
from evalsys.evaluation.events import RatingCorrected, RatingExplained, RatingRecorded
from evalsys.evaluation.models import (
    Attribution,
    Rating,
    RatingTag,
    RatingText,
    RatingTrace,
    Reasons,
    Submission,
)
from evalsys.evaluation.queries import counted, ratings
from evalsys.evaluation.rules import (
    COUNTED_ORIGINS,
    DICTIONARY,
    REASON_DAYS,
    Answer,
    CountedAs,
    Explanation,
    KeyUsed,
    TooLate,
    Visit,
    content_hash,
    device_mark,
    text_hash,
)
from evalsys.kernel import clock, reactions
from evalsys.kernel.secrets import random_id
from evalsys.organisation.duty import Whose, whose_then, whose_work
from evalsys.organisation.queries import places
from evalsys.worktime import queries as worktime

NOON = time(12)


@dataclass(frozen=True)
class Recorded:
    """The root of a stored rating, and whether this very call stored it or a replay found it."""

    root: int
    is_new: bool


@dataclass(frozen=True)
class Chance:
    """Where ids and salts come from; the demo brings its own, so that the same seed gives the same rows."""

    new_id: Callable[[], int] = random_id
    salt: Callable[[], bytes] = lambda: secrets.token_bytes(16)


RANDOM = Chance()

_submissions: Table = Submission.__table__  # type: ignore[assignment]
_NEW_SUBMISSION = {
    "sqlite": sqlite.insert(_submissions).on_conflict_do_nothing().returning(_submissions.c.key),
    "postgresql": postgresql.insert(_submissions)
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(_submissions.c.key),
}
_NEW_RATING = insert(Rating)
_NEW_ATTRIBUTION = insert(Attribution)
_NEW_TRACE = insert(RatingTrace)
_NEW_REASONS = insert(Reasons)
_NEW_TAG = insert(RatingTag)
_NEW_TEXT = insert(RatingText)
_EARLIER = select(Submission.rating_id, Submission.content_hash).where(Submission.key == bindparam("wanted"))
_LOCK = select(Rating.id).where(Rating.id == bindparam("wanted")).with_for_update()
_ROOT = select(Rating.root).where(Rating.id == bindparam("wanted"))


def record_rating(
    connection: Connection, visit: Visit, answer: Answer, receipt_hash: str, chance: Chance = RANDOM
) -> Recorded:
    """Store one rating and everything that follows from it; a replay of its key finds the first one.

    Raises KeyUsed where the key has carried another answer. The level is stored as given: 1 to 5.
    """
    rating_id = chance.new_id()
    content = content_hash(answer, visit.window_id, visit.staff_id)
    earlier = _claim_key(connection, answer.key, content, rating_id, receipt_hash)
    if earlier is not None:
        return Recorded(earlier, is_new=False)
    salt = chance.salt()
    connection.execute(_NEW_RATING, _first_row(rating_id, visit, answer.level, salt))
    whose = _attribute(connection, rating_id, visit)
    _trace(connection, rating_id, visit)
    after = _counted_at_first(visit, answer, whose)
    if answer.tags or answer.text or answer.skip:
        explanation = Explanation(tags=answer.tags or (), text=answer.text or "", skip=bool(answer.skip))
        _add_reasons_row(connection, rating_id, 1, explanation, salt=salt, at=visit.received_at)
        after = after and replace(after, tags=frozenset(explanation.tags))
    reactions.publish(connection, RatingRecorded(rating_id, answer.level, before=None, after=after))
    return Recorded(rating_id, is_new=True)


def correct_rating(
    connection: Connection, receipt_hash: str, level: int, key: str, *, now: datetime, chance: Chance = RANDOM
) -> None:
    """Let the rater change the level until 24:00 of the day it counts on; all rows stay, the last counts.

    Raises TooLate afterwards, KeyUsed where the key has carried something else.
    """
    said = _locked(connection, receipt_hash)
    rating_id = chance.new_id()
    content = hashlib.sha256(f"correction {said.root} {level}".encode()).hexdigest()
    if _claim_key(connection, key, content, rating_id, None) is not None:
        return
    if now >= clock.end_of(said.counts_on):
        raise TooLate("评价当天24点前可以改,现在已经过了时间。您原来的评价照样算数。")
    before = counted.counted_as(connection, said.root)
    columns = Rating.__table__.c
    row = dict(connection.execute(select(*columns).where(columns.id == said.current)).one()._mapping)
    connection.execute(
        _NEW_RATING,
        row
        | {
            "id": rating_id,
            "kind": "correction",
            "replaces": said.current,
            "level": level,
            "received_at": now.replace(second=0, microsecond=0),
            "half_day": _half_day(now),
            "salt": chance.salt(),
        },
    )
    if said.reasons_seq:
        # What was done, where and when stays true; the reasons belonged to the other level.
        kept = Explanation(
            done=said.done,
            item_id=said.item_id,
            item_type=said.item_type,
            efficiency=said.efficiency,
            manner=said.manner,
            happened=said.happened,
        )
        _add_reasons_row(connection, rating_id, 1, kept, salt=said.salt, at=now, skip="left")
    after = before and replace(before, level=level, tags=frozenset())
    reactions.publish(connection, RatingCorrected(said.root, level, before, after))


def explain_rating(
    connection: Connection, receipt_hash: str, explanation: Explanation, now: datetime
) -> None:
    """Add the rater's reasons, within five working days; a later set stands in place of an earlier one.

    Raises TooLate afterwards. Tags must have been checked against the rating's present level.
    """
    said = _locked(connection, receipt_hash)
    if clock.day_of(now) > worktime.working_days_after(connection, said.counts_on, REASON_DAYS):
        raise TooLate("评价后5个工作日内可以补充原因,现在已经过了时间。您的评价照样算数。")
    if said.reasons_seq and _same(said, explanation):
        return
    before = counted.counted_as(connection, said.root)
    _add_reasons_row(connection, said.current, said.reasons_seq + 1, explanation, salt=said.salt, at=now)
    after = before and replace(
        before,
        done=explanation.done,
        item_type=explanation.item_type or before.item_type,
        tags=frozenset(explanation.tags),
    )
    if explanation.happened is not None and explanation.happened != said.happened:
        whose = _happened(connection, said, explanation.happened, now)
        after = after and replace(after, staff_id=whose.staff_id or 0)
    reactions.publish(connection, RatingExplained(said.root, said.level, before, after))


def _claim_key(
    connection: Connection, key: str, content: str, rating_id: int, receipt_hash: str | None
) -> int | None:
    """Take a key for a new row; the root of the row it already stands for, where it does."""
    claimed = connection.execute(
        _NEW_SUBMISSION[connection.dialect.name],
        {"key": key, "content_hash": content, "receipt_hash": receipt_hash, "rating_id": rating_id},
    )
    if claimed.first() is not None:
        return None
    earlier = connection.execute(_EARLIER, {"wanted": key}).one()
    if earlier.content_hash != content:
        raise KeyUsed("这次提交和上一次内容不同,没有保存。要改评价,请用上一次的凭证号。")
    return connection.execute(_ROOT, {"wanted": earlier.rating_id}).scalar_one()


def _half_day(at: datetime) -> str:
    return "am" if clock.local(at).time() < NOON else "pm"


def _first_row(rating_id: int, visit: Visit, level: int, salt: bytes) -> dict[str, object]:
    # To the minute: enough to mend an attribution, too coarse to pick a person out of a queue.
    minute = visit.received_at.replace(second=0, microsecond=0)
    return {
        "id": rating_id,
        "root": rating_id,
        "kind": "first",
        "replaces": None,
        "level": level,
        "channel": visit.channel,
        "entry": visit.entry,
        "origin": visit.origin,
        "evidence": visit.evidence,
        "window_id": visit.window_id,
        "hall_id": visit.hall_id,
        "unit_id": visit.unit_id,
        "item_id": visit.item_id,
        "item_type": visit.item_type,
        "counts_on": clock.day_of(visit.opened_at),
        "received_at": None if visit.evidence == "D" else minute,
        "half_day": _half_day(visit.received_at),
        "dictionary_version": DICTIONARY,
        "salt": salt,
    }


def _attribute(connection: Connection, rating_id: int, visit: Visit) -> Whose:
    if visit.staff_id is not None:
        whose = Whose(visit.staff_id, "chosen")
    else:
        sittings = places.sittings(
            connection, visit.window_id, visit.opened_at, visit.opened_at + clock.INSTANT
        )
        whose = whose_work(sittings, visit.opened_at)
    _add_attribution(connection, rating_id, 1, whose, visit.received_at)
    return whose


def _add_attribution(connection: Connection, root: int, seq: int, whose: Whose, at: datetime) -> None:
    connection.execute(
        _NEW_ATTRIBUTION,
        {
            "rating_id": root,
            "seq": seq,
            "staff_id": whose.staff_id,
            "how": whose.how,
            "at": at.replace(second=0, microsecond=0),
            "proposed_by": None,
            "decided_by": None,
            "reason": "",
        },
    )


def _trace(connection: Connection, rating_id: int, visit: Visit) -> None:
    mark = None
    if visit.device is not None:
        secret = traces.key_of_day(connection, clock.day_of(visit.received_at))
        mark = device_mark(secret, visit.device)
    connection.execute(
        _NEW_TRACE,
        {"rating_id": rating_id, "at": visit.received_at, "terminal": visit.terminal, "device_hash": mark},
    )


def _counted_at_first(visit: Visit, answer: Answer, whose: Whose) -> CountedAs | None:
    if visit.origin not in COUNTED_ORIGINS:
        return None
    return CountedAs(
        day=clock.day_of(visit.opened_at),
        window_id=visit.window_id,
        staff_id=whose.staff_id or 0,
        unit_id=visit.unit_id,
        item_type=visit.item_type,
        channel=visit.channel,
        entry=visit.entry,
        level=answer.level,
        bound=visit.evidence in ("A", "B"),
        assisted=visit.origin == "assisted",
    )


def _locked(connection: Connection, receipt_hash: str) -> ratings.Said:
    """What stands behind a receipt, with its root locked, so that two changes at once come one by one."""
    root = ratings.root_of_receipt(connection, receipt_hash)
    if root is not None:
        connection.execute(_LOCK, {"wanted": root})
    said = None if root is None else ratings.said(connection, root)
    if said is None:
        raise LookupError("no rating behind this receipt")
    return said


def _same(said: ratings.Said, explanation: Explanation) -> bool:
    """Whether the same reasons are sent again: a double tap, not a change."""
    return (said.tags, said.text, said.skip == "skipped", said.done, said.item_id) == (
        tuple(sorted(explanation.tags)),
        explanation.text,
        explanation.skip,
        explanation.done,
        explanation.item_id,
    ) and (said.efficiency, said.manner, said.happened) == (
        explanation.efficiency,
        explanation.manner,
        explanation.happened,
    )


def _add_reasons_row(
    connection: Connection,
    rating_id: int,
    seq: int,
    explanation: Explanation,
    *,
    salt: bytes,
    at: datetime,
    skip: str | None = None,
) -> None:
    key = {"rating_id": rating_id, "seq": seq}
    connection.execute(
        _NEW_REASONS,
        key
        | {
            "done": explanation.done,
            "efficiency": explanation.efficiency,
            "manner": explanation.manner,
            "item_id": explanation.item_id,
            "item_type": explanation.item_type,
            "happened": explanation.happened,
            "skip": skip or ("skipped" if explanation.skip else "given"),
            "text_hash": text_hash(salt, explanation.text) if explanation.text else None,
            "at": at.replace(second=0, microsecond=0),
        },
    )
    if explanation.tags:
        connection.execute(_NEW_TAG, [key | {"tag": tag} for tag in sorted(explanation.tags)])
    if explanation.text:
        connection.execute(_NEW_TEXT, key | {"text": explanation.text, "redacted_at": None})


def _happened(connection: Connection, said: ratings.Said, happened: str, now: datetime) -> Whose:
    """Find the clerk again from the citizen's 什么时候办的, and note it as a further attribution."""
    day = said.counts_on
    noon, start, end = clock.at(day, NOON), clock.at(day, time()), clock.end_of(day)
    sittings = places.sittings(connection, said.window_id, start, end)
    # The minute stands for the second at which the form was opened.
    opened = said.received_at or noon
    whose = {
        "now": lambda: whose_work(sittings, opened),
        "morning": lambda: whose_then(sittings, start, noon),
        "afternoon": lambda: whose_then(sittings, noon, end),
        "earlier": lambda: Whose(None, "gap"),
    }[happened]()
    seq = ratings.attributions_so_far(connection, said.root) + 1
    _add_attribution(connection, said.root, seq, whose, now)
    return whose
