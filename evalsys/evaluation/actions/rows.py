"""The rows that taking a rating writes, whichever action writes them."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from evalsys.evaluation.models import Attribution, Rating, RatingTag, RatingText, Reasons, Submission
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.rules import Explanation, KeyUsed
from evalsys.evaluation.rules.keys import text_hash
from evalsys.kernel import clock
from evalsys.kernel.secrets import digest, random_id
from evalsys.kernel.statements import Prepared
from evalsys.organisation.duty import Whose

NOON = time(12)


@dataclass(frozen=True)
class Chance:
    """Where ids and salts come from; the demo brings its own, so that the same seed gives the same rows."""

    new_id: Callable[[], int] = random_id
    salt: Callable[[], bytes] = lambda: secrets.token_bytes(16)


RANDOM = Chance()

_NEW_SUBMISSIONS = Prepared(Submission, lambda new: new.on_conflict_do_nothing(index_elements=["key"]))
_NEW_ATTRIBUTIONS = Prepared(Attribution)
_NEW_REASONS = Prepared(Reasons)
_NEW_TAGS = Prepared(RatingTag)
_NEW_TEXTS = Prepared(RatingText)
_CLAIMED = (
    select(Submission.key, Submission.rating_id, Submission.content_hash, Rating.root)
    .outerjoin(Rating, Rating.id == Submission.rating_id)
    .where(Submission.key.in_(bindparam("keys", expanding=True)))
)
_LOCK = select(Rating.id).where(Rating.id == bindparam("wanted")).with_for_update()


@dataclass(frozen=True)
class Claim:
    """A key wanted for a new row: what a replay must agree in, the row's id, and its receipt's hash."""

    key: str
    content: str
    rating_id: int
    receipt_hash: str | None


def claim_keys(connection: Connection, claims: Sequence[Claim]) -> list[int | KeyUsed | None]:
    """Take each key for its new row: None where it was taken, else the root of the row it stands for.

    The refusal KeyUsed stands where the key has carried something else. Of claims for the same key the
    first one takes it.
    """
    wanted = [(digest(claim.key), claim) for claim in claims]
    # In a fixed order, so that two writers with the same keys never wait for each other crosswise.
    new = {key: claim for key, claim in reversed(wanted)}
    _NEW_SUBMISSIONS.run(
        connection,
        [
            {
                "key": key,
                "content_hash": new[key].content,
                "receipt_hash": new[key].receipt_hash,
                "rating_id": new[key].rating_id,
            }
            for key in sorted(new)
        ],
    )
    # Ids are drawn anew for every attempt: whose id stands there has the key.
    standing = {row.key: row for row in connection.execute(_CLAIMED, {"keys": sorted(new)})}
    return [_outcome(claim, standing[key]) for key, claim in wanted]


def _outcome(claim: Claim, standing: Row[*tuple[Any, ...]]) -> int | KeyUsed | None:
    if standing.rating_id == claim.rating_id:
        return None
    if standing.content_hash != claim.content:
        return KeyUsed("这次提交和上一次内容不同,没有保存。要改评价,请用上一次的凭证号。")
    # Without a row yet it is one of these very claims that comes first.
    root: int = standing.rating_id if standing.root is None else standing.root
    return root


def claim_key(
    connection: Connection, key: str, content: str, rating_id: int, receipt_hash: str | None
) -> int | None:
    """Take one key for a new row; the root of the row it already stands for, where it does."""
    (outcome,) = claim_keys(connection, [Claim(key, content, rating_id, receipt_hash)])
    if isinstance(outcome, KeyUsed):
        raise outcome
    return outcome


def half_day(at: datetime) -> str:
    """'am' or 'pm' on the hall's clock."""
    return "am" if clock.local(at).time() < NOON else "pm"


def kept_moment(at: datetime, evidence: str) -> datetime:
    """How finely a moment is kept beside a rating: to the minute, an unbound kiosk's to the half-day."""
    if evidence != "D":
        return at.replace(second=0, microsecond=0)
    return clock.at(clock.day_of(at), NOON if half_day(at) == "pm" else time())


def attribution(root: int, seq: int, whose: Whose, at: datetime) -> dict[str, object]:
    """The row of a decision of the system whose work a rating is."""
    return {
        "rating_id": root,
        "seq": seq,
        "staff_id": whose.staff_id,
        "how": whose.how,
        "at": at.replace(second=0, microsecond=0),
        "proposed_by": None,
        "decided_by": None,
        "reason": "",
    }


def add_attributions(connection: Connection, attributions: Sequence[dict[str, object]]) -> None:
    """Add decisions of the system whose work each rating is."""
    _NEW_ATTRIBUTIONS.run(connection, attributions)


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
    reasons = key | {
        "done": explanation.done,
        "efficiency": explanation.efficiency,
        "manner": explanation.manner,
        "item_id": explanation.item_id,
        "item_type": explanation.item_type,
        "happened": explanation.happened,
        "skip": skip or ("skipped" if explanation.skip else "given"),
        "text_hash": text_hash(salt, explanation.text) if explanation.text else None,
        "at": at.replace(second=0, microsecond=0),
    }
    _NEW_REASONS.run(connection, [reasons])
    _NEW_TAGS.run(connection, [key | {"tag": tag} for tag in sorted(explanation.tags)])
    if explanation.text:
        _NEW_TEXTS.run(connection, [key | {"text": explanation.text, "redacted_at": None}])
