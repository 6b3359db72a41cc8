"""Taking a rating and its correction: the citizen's first two actions.

Each takes a connection, ids and frozen dataclasses only, and runs inside one transaction together
with everything that follows from it.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from evalsys.evaluation.actions import rows, traces
from evalsys.evaluation.actions.rows import RANDOM, Chance
from evalsys.evaluation.events import RatingCorrected, RatingRecorded, RatingRepeated
from evalsys.evaluation.models import Rating, RatingTrace
from evalsys.evaluation.queries import counted, ratings
from evalsys.evaluation.queries.ratings import Said
from evalsys.evaluation.rules import (
    COUNTED_ORIGINS,
    DICTIONARY,
    Answer,
    CountedAs,
    Explanation,
    TooLate,
    Visit,
    content_hash,
)
from evalsys.evaluation.rules.keys import device_mark
from evalsys.kernel import clock, reactions
from evalsys.organisation.duty import Whose, whose_work
from evalsys.organisation.queries import places


@dataclass(frozen=True)
class Recorded:
    """The root of a stored rating, and whether this very call stored it or a replay found it."""

    root: int
    is_new: bool


_NEW_RATING = insert(Rating)
_NEW_TRACE = insert(RatingTrace)


def record_rating(
    connection: Connection, visit: Visit, answer: Answer, receipt_hash: str, chance: Chance = RANDOM
) -> Recorded:
    """Store one rating and everything that follows from it; a replay of its key finds the first one.

    Raises KeyUsed where the key has carried another answer. The level is stored as given: 1 to 5.
    """
    rating_id = chance.new_id()
    earlier = rows.claim_key(connection, answer.key, content_hash(answer, visit), rating_id, receipt_hash)
    if earlier is not None:
        return Recorded(earlier, is_new=False)
    store_first(connection, rating_id, visit, answer, chance)
    return Recorded(rating_id, is_new=True)


def store_first(
    connection: Connection, rating_id: int, visit: Visit, answer: Answer, chance: Chance = RANDOM
) -> None:
    """Store the first rating of a chain whose key has been claimed, and tell who follows."""
    salt = chance.salt()
    connection.execute(_NEW_RATING, _first_row(rating_id, visit, answer.level, salt))
    whose = _attribute(connection, rating_id, visit)
    _trace(connection, rating_id, visit)
    after = _counted_at_first(visit, answer, whose)
    if answer.tags or answer.text or answer.skip:
        explanation = Explanation(tags=answer.tags or (), text=answer.text or "", skip=bool(answer.skip))
        rows.add_reasons_row(connection, rating_id, 1, explanation, salt=salt, at=visit.received_at)
        after = after and replace(after, tags=frozenset(explanation.tags))
    reactions.publish(connection, RatingRecorded(rating_id, answer.level, before=None, after=after))


def store_again(
    connection: Connection,
    root: int,
    rating_id: int,
    *,
    visit: Visit,
    answer: Answer,
    chance: Chance = RANDOM,
) -> None:
    """Store a freer rating of the same service: it counts in place of the tablet's, and both stay."""
    before = counted.counted_as(connection, root)
    said = ratings.said(connection, root)
    if said is None:
        raise LookupError("no rating to follow")
    row = _first_row(rating_id, visit, answer.level, chance.salt())
    row |= {"root": root, "kind": "again", "replaces": said.current, "counts_on": said.counts_on}
    connection.execute(_NEW_RATING, row)
    _trace(connection, rating_id, visit)
    after = counted.counted_as(connection, root)
    reactions.publish(connection, RatingRepeated(root, answer.level, before, after))


def correct_rating(
    connection: Connection, receipt_hash: str, level: int, key: str, *, now: datetime, chance: Chance = RANDOM
) -> None:
    """Let the rater change the level until 24:00 of the day it was given; all rows stay, the last counts.

    Raises TooLate afterwards, KeyUsed where the key has carried something else.
    """
    said = rows.locked(connection, receipt_hash)
    if said.level == level:
        return
    rating_id = chance.new_id()
    content = hashlib.sha256(f"correction {said.root} {level}".encode()).hexdigest()
    if rows.claim_key(connection, key, content, rating_id, None) is not None:
        return
    if now >= clock.end_of(said.given_on):
        raise TooLate("评价当天24点前可以改,现在已经过了时间。您原来的评价照样算数。")
    before = counted.counted_as(connection, said.root)
    evidence = _add_corrected_row(connection, said, rating_id, level, now=now, salt=chance.salt())
    if said.reasons_seq:
        _carry_over(connection, said, rating_id, rows.kept_moment(now, evidence))
    after = counted.counted_as(connection, said.root)
    reactions.publish(connection, RatingCorrected(said.root, level, before, after))


def _add_corrected_row(
    connection: Connection, said: Said, rating_id: int, level: int, *, now: datetime, salt: bytes
) -> str:
    """Add a row like the one that counts but for its level; returns the evidence both rest on."""
    columns = Rating.__table__.c
    row = dict(connection.execute(select(*columns).where(columns.id == said.current)).one()._mapping)
    row |= {"id": rating_id, "kind": "correction", "replaces": said.current, "level": level, "salt": salt}
    row |= {
        "received_at": row["received_at"] and now.replace(second=0, microsecond=0),
        "half_day": rows.half_day(now),
    }
    connection.execute(_NEW_RATING, row)
    return str(row["evidence"])


def _carry_over(connection: Connection, said: Said, rating_id: int, at: datetime) -> None:
    """Keep what was done, where and when, and the words; the tags belonged to the other level."""
    kept = Explanation(
        text=said.text,
        done=said.done,
        item_id=said.item_id,
        item_type=said.item_type,
        efficiency=said.efficiency,
        manner=said.manner,
        happened=said.happened,
    )
    skip = "given" if said.text else "left"
    rows.add_reasons_row(connection, rating_id, 1, kept, salt=said.salt, at=at, skip=skip)


def _first_row(rating_id: int, visit: Visit, level: int, salt: bytes) -> dict[str, object]:
    # To the minute: enough to mend an attribution, too coarse to pick a person out of a queue.
    minute = rows.kept_moment(visit.received_at, visit.evidence)
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
        # A paper form is typed in later: its half-day is the one written on it.
        "half_day": rows.half_day(visit.opened_at if visit.entry == "paper" else visit.received_at),
        "dictionary_version": DICTIONARY,
        "salt": salt,
    }


def _attribute(connection: Connection, rating_id: int, visit: Visit) -> Whose:
    if visit.staff_id is not None or visit.staff_how in ("gap", "conflict"):
        whose = Whose(visit.staff_id, visit.staff_how)
    else:
        sittings = places.sittings(
            connection, visit.window_id, visit.opened_at, visit.opened_at + clock.INSTANT
        )
        whose = whose_work(sittings, visit.opened_at)
    at = rows.kept_moment(visit.received_at, visit.evidence)
    rows.add_attribution(connection, rating_id, 1, whose, at)
    return whose


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
