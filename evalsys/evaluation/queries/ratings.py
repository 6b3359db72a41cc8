"""One rating as its rater sees it, found by the receipt; and the tags a level offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import (
    Attribution,
    Rating,
    RatingTag,
    RatingText,
    Reasons,
    Standing,
    Submission,
    Tag,
)
from evalsys.evaluation.rules import DICTIONARY
from evalsys.kernel import clock
from evalsys.kernel.secrets import digest
from evalsys.organisation.duty import Whose


@dataclass(frozen=True)
class Said:
    """What stands behind a receipt now: the chain's last row, its latest reasons, and its standing."""

    root: int
    current: int
    level: int
    first_level: int
    window_id: int
    unit_id: int
    entry: str
    channel: str
    counts_on: date
    given_on: date
    received_at: datetime | None
    origin: str
    evidence: str
    salt: bytes
    how: str
    standing: str
    standing_reason: str
    done: str | None
    happened: str | None
    item_id: int | None
    item_type: str
    efficiency: int | None
    manner: int | None
    skip: str
    reasons_seq: int
    tags: tuple[str, ...]
    text: str


_CHAIN = ("first", "correction", "again")
_ROOT = (
    select(Rating.root)
    .join(Submission, Submission.rating_id == Rating.id)
    .where(Submission.receipt_hash == bindparam("receipt_hash"))
)
_KEY = select(Submission.key).where(Submission.key == bindparam("key_hash"))
_LAST_ATTRIBUTION = (
    select(Attribution.how)
    .where(Attribution.rating_id == bindparam("rating_id"))
    .order_by(Attribution.seq.desc())
    .limit(1)
)
_LAST_STANDING = (
    select(Standing.standing, Standing.reason)
    .where(Standing.rating_id == bindparam("rating_id"))
    .order_by(Standing.seq.desc())
    .limit(1)
)
_LAST_REASONS = (
    select(
        Reasons.seq,
        Reasons.done,
        Reasons.happened,
        Reasons.item_id,
        Reasons.item_type,
        Reasons.efficiency,
        Reasons.manner,
        Reasons.skip,
    )
    .where(Reasons.rating_id == bindparam("rating_id"))
    .order_by(Reasons.seq.desc())
    .limit(1)
)
_CHOSEN = (
    select(RatingTag.tag)
    .where(RatingTag.rating_id == bindparam("rating_id"), RatingTag.seq == bindparam("seq"))
    .order_by(RatingTag.tag)
)
# Whoever adds to them later begins with none: what was put out of sight is nobody's words.
_WORDS = select(RatingText.text).where(
    RatingText.rating_id == bindparam("rating_id"),
    RatingText.seq == bindparam("seq"),
    RatingText.redacted_at.is_(None),
)


def root_of_receipt(session: Session | Connection, receipt_hash: str) -> int | None:
    """The root rating behind a receipt, by the receipt's hash."""
    return session.execute(_ROOT, {"receipt_hash": receipt_hash}).scalar()


def is_key_known(session: Session | Connection, key: str) -> bool:
    """Whether a form's key has already brought a rating."""
    return session.execute(_KEY, {"key_hash": digest(key)}).first() is not None


def said_behind(session: Session | Connection, receipt_hash: str) -> Said | None:
    """What was said behind a receipt, or None where no rating has it."""
    root = root_of_receipt(session, receipt_hash)
    return None if root is None else said(session, root)


def _ends(chain: Sequence[Any]) -> tuple[Any, Any]:
    """What the rater of the last word said at first (the rating, or the one given again), and at last."""
    replaced = {row.replaces for row in chain}
    last = next(row for row in chain if row.id not in replaced and row.kind in _CHAIN)
    given = [row for row in chain if row.kind in ("first", "again") and row.entry == last.entry]
    return next((row for row in given if row.kind == "again"), given[0]), last


def said(session: Session | Connection, root: int) -> Said | None:
    """What one rating says now, after its corrections; None where there is no such root."""
    columns = Rating.__table__.c
    chain = session.execute(select(*columns).where(columns.root == root)).all()
    if not chain:
        return None
    first, last = _ends(chain)
    how = session.execute(_LAST_ATTRIBUTION, {"rating_id": root}).scalar() or "gap"
    standing = session.execute(_LAST_STANDING, {"rating_id": root}).first()
    reasons = session.execute(_LAST_REASONS, {"rating_id": last.id}).first()
    key = {"rating_id": last.id, "seq": reasons.seq if reasons else 0}
    return Said(
        root=root,
        current=last.id,
        level=last.level,
        first_level=first.level,
        window_id=last.window_id,
        unit_id=last.unit_id,
        entry=last.entry,
        channel=last.channel,
        counts_on=last.counts_on,
        given_on=clock.day_of(first.received_at) if first.received_at else last.counts_on,
        received_at=first.received_at,
        origin=last.origin,
        evidence=last.evidence,
        salt=first.salt,
        how=how,
        standing=standing.standing if standing else "counted",
        standing_reason=standing.reason if standing else "",
        done=reasons.done if reasons else None,
        happened=reasons.happened if reasons else None,
        item_id=reasons.item_id if reasons else None,
        item_type=reasons.item_type if reasons else "",
        efficiency=reasons.efficiency if reasons else None,
        manner=reasons.manner if reasons else None,
        skip=reasons.skip if reasons else "left",
        reasons_seq=key["seq"],
        tags=tuple(session.execute(_CHOSEN, key).scalars()),
        text=session.execute(_WORDS, key).scalar() or "",
    )


@dataclass(frozen=True)
class TagOffer:
    """A tag as a level's form offers it, in plain words."""

    code: str
    plain: str
    en: str
    shown_first: bool
    attribution: str


def tags_of_level(session: Session | Connection, level: int) -> Sequence[TagOffer]:
    """The eight tags of one level in the dictionary in force, by code."""
    rows = session.execute(
        select(Tag.code, Tag.plain, Tag.en, Tag.shown_first, Tag.attribution)
        .where(Tag.version == DICTIONARY, Tag.level == level)
        .order_by(Tag.code)
    )
    return [TagOffer(*row) for row in rows]


def tags_of_bad_levels(session: Session | Connection) -> Sequence[TagOffer]:
    """The tags of the two bad levels in the dictionary in force, by code."""
    rows = session.execute(
        select(Tag.code, Tag.plain, Tag.en, Tag.shown_first, Tag.attribution)
        .where(Tag.version == DICTIONARY, Tag.level <= 2)
        .order_by(Tag.code)
    )
    return [TagOffer(*row) for row in rows]


def first_attribution(session: Session | Connection, root: int) -> Whose:
    """Whose work a rating was found to be when it was recorded."""
    row = session.execute(
        select(Attribution.staff_id, Attribution.how).where(
            Attribution.rating_id == root, Attribution.seq == 1
        )
    ).one()
    return Whose(*row)


def attributions_so_far(session: Session | Connection, root: int) -> int:
    """How many attributions a rating has had."""
    return session.execute(
        select(func.count()).select_from(Attribution).where(Attribution.rating_id == root)
    ).scalar_one()
