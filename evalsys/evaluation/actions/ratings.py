"""Taking a rating and its correction: the citizen's first two actions.

Each takes a connection, ids and frozen dataclasses only, and runs inside one transaction together
with everything that follows from it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

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
    KeyUsed,
    TooLate,
    Visit,
    content_hash,
)
from evalsys.evaluation.rules.keys import device_mark
from evalsys.kernel import clock, reactions
from evalsys.kernel.batches import together
from evalsys.kernel.statements import Prepared
from evalsys.organisation.duty import Whose, whose_work
from evalsys.organisation.queries import places


@dataclass(frozen=True)
class Recorded:
    """The root of a stored rating, and whether this very call stored it or a replay found it."""

    root: int
    is_new: bool


@dataclass(frozen=True)
class New:
    """A rating whose key has been claimed: its id, where and when it was given, and what was said."""

    rating_id: int
    visit: Visit
    answer: Answer


_NEW_RATINGS = Prepared(Rating)
_NEW_TRACES = Prepared(RatingTrace)


def record_ratings(
    connection: Connection, given: Sequence[tuple[Visit, Answer, str]], chance: Chance = RANDOM
) -> list[Recorded | KeyUsed]:
    """Store several ratings, each with its receipt's hash, and everything that follows from them.

    For each: what was stored, what a replay of its key finds, or the refusal where its key has carried
    another answer. One statement for each kind of row, whatever their number.
    """
    new = [New(chance.new_id(), visit, answer) for visit, answer, _receipt in given]
    claims = [
        rows.Claim(answer.key, content_hash(answer, visit), one.rating_id, receipt_hash)
        for one, (visit, answer, receipt_hash) in zip(new, given, strict=True)
    ]
    claimed = rows.claim_keys(connection, claims)
    store_first(
        connection, [one for one, earlier in zip(new, claimed, strict=True) if earlier is None], chance
    )
    return [_recorded(one, earlier) for one, earlier in zip(new, claimed, strict=True)]


def _recorded(new: New, earlier: int | KeyUsed | None) -> Recorded | KeyUsed:
    if earlier is None:
        return Recorded(new.rating_id, is_new=True)
    return earlier if isinstance(earlier, KeyUsed) else Recorded(earlier, is_new=False)


@together(record_ratings)
def record_rating(
    connection: Connection, visit: Visit, answer: Answer, receipt_hash: str, chance: Chance = RANDOM
) -> Recorded:
    """Store one rating and everything that follows from it; a replay of its key finds the first one.

    Raises KeyUsed where the key has carried another answer. The level is stored as given: 1 to 5.
    """
    (recorded,) = record_ratings(connection, [(visit, answer, receipt_hash)], chance)
    if isinstance(recorded, KeyUsed):
        raise recorded
    return recorded


def store_first(connection: Connection, new: Sequence[New], chance: Chance = RANDOM) -> None:
    """Store the first ratings of chains whose keys have been claimed, and tell who follows."""
    salts = [chance.salt() for _ in new]
    _NEW_RATINGS.run(connection, [_first_row(one, salt) for one, salt in zip(new, salts, strict=True)])
    found = _whose(connection, new)
    rows.add_attributions(
        connection,
        [
            rows.attribution(
                one.rating_id, 1, whose, rows.kept_moment(one.visit.received_at, one.visit.evidence)
            )
            for one, whose in zip(new, found, strict=True)
        ],
    )
    _trace(connection, new)
    for one, whose, salt in zip(new, found, salts, strict=True):
        _tell(connection, one, whose, salt)


def _tell(connection: Connection, new: New, whose: Whose, salt: bytes) -> None:
    """Store what was said beside the level, and tell who follows that a rating was recorded."""
    answer = new.answer
    after = _counted_at_first(new.visit, answer, whose)
    if answer.tags or answer.text or answer.skip:
        explanation = Explanation(tags=answer.tags or (), text=answer.text or "", skip=bool(answer.skip))
        rows.add_reasons_row(connection, new.rating_id, 1, explanation, salt=salt, at=new.visit.received_at)
        after = after and replace(after, tags=frozenset(explanation.tags))
    at = rows.kept_moment(new.visit.received_at, new.visit.evidence)
    reactions.publish(connection, RatingRecorded(new.rating_id, answer.level, None, after, at))


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
    new = New(rating_id, visit, answer)
    row = _first_row(new, chance.salt())
    row |= {"root": root, "kind": "again", "replaces": said.current, "counts_on": said.counts_on}
    _NEW_RATINGS.run(connection, [row])
    _trace(connection, [new])
    after = counted.counted_as(connection, root)
    at = rows.kept_moment(visit.received_at, visit.evidence)
    reactions.publish(connection, RatingRepeated(root, answer.level, before, after, at))


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
    at = rows.kept_moment(now, evidence)
    if said.reasons_seq:
        _carry_over(connection, said, rating_id, at)
    after = counted.counted_as(connection, said.root)
    reactions.publish(connection, RatingCorrected(said.root, level, before, after, at))


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
    _NEW_RATINGS.run(connection, [row])
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


def _first_row(new: New, salt: bytes) -> dict[str, object]:
    visit = new.visit
    # To the minute: enough to mend an attribution, too coarse to pick a person out of a queue.
    minute = rows.kept_moment(visit.received_at, visit.evidence)
    return {
        "id": new.rating_id,
        "root": new.rating_id,
        "kind": "first",
        "replaces": None,
        "level": new.answer.level,
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


def _whose(connection: Connection, new: Sequence[New]) -> list[Whose]:
    """Whose work each rating is: the person chosen, or who sat there when its form was opened."""
    open_yet = [one.visit for one in new if not _is_decided(one.visit)]
    sittings = places.sittings_at(connection, [(visit.window_id, visit.opened_at) for visit in open_yet])
    return [
        Whose(one.visit.staff_id, one.visit.staff_how)
        if _is_decided(one.visit)
        else whose_work(sittings.get(one.visit.window_id, ()), one.visit.opened_at)
        for one in new
    ]


def _is_decided(visit: Visit) -> bool:
    return visit.staff_id is not None or visit.staff_how in ("gap", "conflict")


def _trace(connection: Connection, new: Sequence[New]) -> None:
    days = {clock.day_of(one.visit.received_at) for one in new if one.visit.device is not None}
    secrets = {day: traces.key_of_day(connection, day) for day in sorted(days)}
    _NEW_TRACES.run(
        connection,
        [
            {
                "rating_id": one.rating_id,
                "at": one.visit.received_at,
                "terminal": one.visit.terminal,
                "device_hash": None
                if one.visit.device is None
                else device_mark(secrets[clock.day_of(one.visit.received_at)], one.visit.device),
            }
            for one in new
        ],
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
        item_id=visit.item_id or 0,
    )
