"""The rows that taking a rating writes, whichever action writes them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import Connection, Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from evalsys.evaluation.models import Attribution, Rating, RatingTag, RatingText, Reasons, Submission
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.rules import Explanation, KeyUsed
from evalsys.evaluation.rules.keys import text_hash
from evalsys.kernel import clock
from evalsys.kernel.secrets import digest, random_id
from evalsys.organisation.duty import Whose

NOON = time(12)


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
_NEW_ATTRIBUTION = insert(Attribution)
_NEW_REASONS = insert(Reasons)
_NEW_TAG = insert(RatingTag)
_NEW_TEXT = insert(RatingText)
_EARLIER = select(Submission.rating_id, Submission.content_hash).where(Submission.key == bindparam("wanted"))
_LOCK = select(Rating.id).where(Rating.id == bindparam("wanted")).with_for_update()
_ROOT = select(Rating.root).where(Rating.id == bindparam("wanted"))


def claim_key(
    connection: Connection, key: str, content: str, rating_id: int, receipt_hash: str | None
) -> int | None:
    """Take a key for a new row; the root of the row it already stands for, where it does."""
    claimed = connection.execute(
        _NEW_SUBMISSION[connection.dialect.name],
        {"key": digest(key), "content_hash": content, "receipt_hash": receipt_hash, "rating_id": rating_id},
    )
    if claimed.first() is not None:
        return None
    earlier = connection.execute(_EARLIER, {"wanted": digest(key)}).one()
    if earlier.content_hash != content:
        raise KeyUsed("这次提交和上一次内容不同,没有保存。要改评价,请用上一次的凭证号。")
    return connection.execute(_ROOT, {"wanted": earlier.rating_id}).scalar_one()


def half_day(at: datetime) -> str:
    """'am' or 'pm' on the hall's clock."""
    return "am" if clock.local(at).time() < NOON else "pm"


def kept_moment(at: datetime, evidence: str) -> datetime:
    """How finely a moment is kept beside a rating: to the minute, an unbound kiosk's to the half-day."""
    if evidence != "D":
        return at.replace(second=0, microsecond=0)
    return clock.at(clock.day_of(at), NOON if half_day(at) == "pm" else time())


def add_attribution(connection: Connection, root: int, seq: int, whose: Whose, at: datetime) -> None:
    """Add a decision of the system whose work a rating is."""
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


def locked(connection: Connection, receipt_hash: str) -> ratings.Said:
    """What stands behind a receipt, with its root locked, so that two changes at once come one by one."""
    root = ratings.root_of_receipt(connection, receipt_hash)
    if root is not None:
        connection.execute(_LOCK, {"wanted": root})
    said = None if root is None else ratings.said(connection, root)
    if said is None:
        raise LookupError("no rating behind this receipt")
    return said


def add_reasons_row(
    connection: Connection,
    rating_id: int,
    seq: int,
    explanation: Explanation,
    *,
    salt: bytes,
    at: datetime,
    skip: str | None = None,
) -> None:
    """Add one set of reasons with its tags and words."""
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
