"""The append-only rows of ratings as entries to be sealed: what each says, and when it was written."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, func, literal, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import (
    Attribution,
    Finding,
    Rating,
    RatingTag,
    RatingText,
    Reasons,
    Standing,
    Submission,
)
from evalsys.kernel import clock

# What is sealed of each row, by name: a column added later is not, unless seals get a new form.
RATING = (
    *("id", "root", "kind", "replaces", "level", "channel", "entry", "origin", "evidence"),
    *("window_id", "hall_id", "unit_id", "item_id", "item_type", "counts_on", "received_at", "half_day"),
    "dictionary_version",
)
SUBMISSION = ("key", "content_hash", "receipt_hash")
REASONS = ("done", "efficiency", "manner", "item_id", "item_type", "happened", "skip", "text_hash", "at")
ATTRIBUTION = ("staff_id", "how", "at", "proposed_by", "decided_by", "reason")
STANDING = ("standing", "reason", "proposed_by", "decided_by", "at")
FINDING = ("cause", "at")

_TIMES = ("counts_on", "received_at", "at", "redacted_at")

HALF_A_DAY = timedelta(hours=12)
A_MINUTE = timedelta(minutes=1)
_NOON = time(12)
_WANTED: BindParameter[Any] = bindparam("wanted", expanding=True)


@dataclass(frozen=True)
class Entry:
    """One row with what belongs to it.

    `earliest` and `latest` are the instants between which it was written, as finely as that was kept; None
    where nothing says so. `salt` is the rating's own secret. Of reasons: `words` is what was written in
    full, unless it was redacted, and `words_are_lost` says that it ought to stand there and does not.
    """

    kind: str
    rating_id: int
    seq: int
    says: Mapping[str, Any]
    salt: bytes
    earliest: datetime | None
    latest: datetime | None
    words: str | None = field(default=None, repr=False)
    words_are_lost: bool = False


# The keys of all entries of a kind: rating_id, seq. 0 stands for what there is once.
KEYS: Mapping[str, Any] = {
    "rating": select(Rating.id.label("rating_id"), literal(0).label("seq")),
    "reasons": select(Reasons.rating_id, Reasons.seq),
    "attribution": select(Attribution.rating_id, Attribution.seq),
    "standing": select(Standing.rating_id, Standing.seq),
    "finding": select(Finding.rating_id, Finding.seq),
    "redaction": select(RatingText.rating_id, RatingText.seq).where(RatingText.redacted_at.is_not(None)),
}


def _columns(model: Any, names: Iterable[str]) -> list[Any]:
    return [getattr(model, name) for name in names]


_RATINGS = (
    select(Rating.salt, *_columns(Rating, RATING), *_columns(Submission, SUBMISSION))
    .outerjoin(Submission, Submission.rating_id == Rating.id)
    .where(Rating.id.in_(_WANTED))
    .order_by(Rating.id)
)


def _following(model: Any, names: Iterable[str]) -> Select[Any]:
    columns = _columns(model, names)
    return (
        select(model.rating_id, model.seq, *columns)
        .where(model.rating_id.in_(_WANTED))
        .order_by(model.rating_id, model.seq)
    )


_FOLLOWING = {
    "reasons": _following(Reasons, REASONS),
    "attribution": _following(Attribution, ATTRIBUTION),
    "standing": _following(Standing, STANDING),
    "finding": _following(Finding, FINDING),
}
_SAID = {"reasons": REASONS, "attribution": ATTRIBUTION, "standing": STANDING, "finding": FINDING}
_TAGS = select(RatingTag.rating_id, RatingTag.seq, RatingTag.tag).where(RatingTag.rating_id.in_(_WANTED))
_TEXTS = _following(RatingText, ("text", "redacted_at"))


def entries_of(session: Session | Connection, rating_ids: Sequence[int]) -> list[Entry]:
    """All entries of some ratings, rating by rating in the order of their ids.

    Some hundreds of ids at a time: they are parameters of one statement for each kind.
    """
    # Every row there is comes through here, night after night: as it is, without the ORM around each.
    connection = session.connection() if isinstance(session, Session) else session
    wanted = {"wanted": list(rating_ids)}
    rows = {kind: _by_rating(connection, statement, wanted) for kind, statement in _FOLLOWING.items()}
    texts = _by_rating(connection, _TEXTS, wanted)
    tags: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for rating_id, seq, tag in connection.execute(_TAGS, wanted):
        tags[rating_id, seq].append(tag)
    found: list[Entry] = []
    for rating in connection.execute(_RATINGS, wanted):
        mine = {kind: of_kind.get(rating.id, ()) for kind, of_kind in rows.items()}
        found.append(_rating(rating, mine["attribution"]))
        found += _of_rating(rating, mine, texts.get(rating.id, ()), tags)
    return found


def _by_rating(
    connection: Connection, statement: Select[Any], wanted: Mapping[str, Any]
) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(statement, wanted):
        found.setdefault(row[0], []).append(row)
    return found


def _said(row: Any, names: Sequence[str], start: int) -> dict[str, Any]:
    """The values of a row's columns from a place on, as JSON knows them: times as ISO 8601, in UTC."""
    says = dict(zip(names, row[start : start + len(names)], strict=True))
    for name in _TIMES:
        if (value := says.get(name)) is not None:
            says[name] = value.isoformat()
    return says


def _rating(row: Any, attributions: Sequence[Any]) -> Entry:
    earliest, latest = _moments(row, attributions)
    says = _said(row, (*RATING, *SUBMISSION), 1)
    return Entry("rating", row.id, 0, says, row.salt, earliest, latest)


def _moments(row: Any, attributions: Sequence[Any]) -> tuple[datetime | None, datetime | None]:
    """When a rating was written: to the minute, or to the half-day that its first attribution kept.

    What follows a rating bound to no service has the day of that rating, and no moment of its own.
    """
    if row.received_at is not None:
        return row.received_at, row.received_at + A_MINUTE
    if row.kind != "first":
        return None, None
    kept = clock.at(row.counts_on, _NOON if row.half_day == "pm" else time())
    earliest = attributions[0].at if attributions else kept
    return earliest, earliest + HALF_A_DAY


def _of_rating(
    rating: Any,
    mine: Mapping[str, Sequence[Any]],
    texts: Sequence[Any],
    tags: Mapping[tuple[int, int], Sequence[str]],
) -> Iterator[Entry]:
    key, salt = rating.id, rating.salt
    roughly = HALF_A_DAY if rating.evidence == "D" else A_MINUTE
    words = {text.seq: text for text in texts}
    for kind, of_kind in mine.items():
        for row in of_kind:
            says, written, lost = _said(row, _SAID[kind], 2), None, False
            if kind == "reasons":
                says["tags"] = sorted(tags.get((key, row.seq), ()))
                text = words.get(row.seq)
                written = None if text is None or text.redacted_at else text.text
                lost = text is None and row.text_hash is not None
            yield Entry(kind, key, row.seq, says, salt, row.at, row.at + roughly, written, lost)
    for text in texts:
        if text.redacted_at is not None:
            says, at = _said(text, ("text", "redacted_at"), 2), text.redacted_at
            yield Entry("redaction", key, text.seq, says, salt, at, at + A_MINUTE)


def id_after(session: Session | Connection, mark: int, ratings: int) -> int | None:
    """The id that so many ratings lie behind a mark; None where fewer are left."""
    beyond = select(Rating.id).where(Rating.id > mark).order_by(Rating.id).offset(ratings - 1).limit(1)
    return session.execute(beyond).scalar()


def first_day(session: Session | Connection) -> date | None:
    """The first day any rating counts in."""
    return session.execute(select(func.min(Rating.counts_on))).scalar()


def chain_of(session: Session | Connection, root: int) -> list[tuple[int, bytes]]:
    """The rows of a rating, corrections and follow-ups included: id and salt."""
    rows = select(Rating.id, Rating.salt).where(Rating.root == root).order_by(Rating.id)
    return [(row.id, row.salt) for row in session.execute(rows)]


def roots_of(session: Session | Connection, rating_ids: Sequence[int]) -> dict[int, int]:
    """The first row that each of some rows belongs to; rows that are not there are left out."""
    rows = select(Rating.id, Rating.root).where(Rating.id.in_(rating_ids))
    return {rating_id: root for rating_id, root in session.execute(rows)}


def salts_beside(session: Session | Connection, rating_id: int) -> list[bytes]:
    """The salts of all rows of a row's rating: words taken over by a correction keep the salt they had."""
    root = select(Rating.root).where(Rating.id == rating_id).scalar_subquery()
    return list(session.execute(select(Rating.salt).where(Rating.root == root)).scalars())
