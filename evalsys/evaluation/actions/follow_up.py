"""Taking a follow-up rating (追评): once, beside the first, which it never replaces; it counts in no sum."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, select

from evalsys.evaluation.actions import rows
from evalsys.evaluation.actions.rows import RANDOM, Chance
from evalsys.evaluation.events import FollowUpRecorded
from evalsys.evaluation.models import Rating
from evalsys.evaluation.queries import follow_ups, ratings
from evalsys.evaluation.queries.ratings import Said
from evalsys.evaluation.rules import Answer, Explanation, WrongTags
from evalsys.evaluation.rules.following_up import FollowedUp
from evalsys.kernel import reactions
from evalsys.kernel.statements import Prepared

_NEW_RATINGS = Prepared(Rating)


def follow_up_rating(
    connection: Connection, receipt_hash: str, answer: Answer, *, now: datetime, chance: Chance = RANDOM
) -> int:
    """Store the one follow-up of a rating; a replay of its key finds it. Returns the first rating's id.

    Whether an answer was given and how long ago is for the caller to ask. Raises FollowedUp for a second
    one, KeyUsed where the key has carried something else, WrongTags for tags of another level.
    """
    said = rows.locked(connection, receipt_hash)
    rating_id = chance.new_id()
    if rows.claim_key(connection, answer.key, _content(said, answer), rating_id, None) is not None:
        return said.root
    if follow_ups.follow_ups(connection, [said.root]):
        raise FollowedUp("这条评价已经追评过,追评只有一次。您可以凭凭证号查看或给办理人员留言。")
    offered = {tag.code for tag in ratings.tags_of_level(connection, answer.level)}
    if not offered.issuperset(answer.tags or ()):
        raise WrongTags("选的原因和评价等级对不上,请重新选。")
    salt = chance.salt()
    _store(connection, said, rating_id, level=answer.level, salt=salt, now=now)
    if answer.tags or answer.text:
        explanation = Explanation(tags=answer.tags or (), text=answer.text or "")
        at = rows.kept_moment(now, said.evidence)
        rows.add_reasons_row(connection, rating_id, 1, explanation, salt=salt, at=at)
    reactions.publish(connection, FollowUpRecorded(said.root, answer.level, now))
    return said.root


def _content(said: Said, answer: Answer) -> str:
    """What a replay of the same key must agree in."""
    parts = ("follow-up", said.root, answer.level, sorted(answer.tags or ()), answer.text or "")
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _store(
    connection: Connection, said: Said, rating_id: int, *, level: int, salt: bytes, now: datetime
) -> None:
    """Add a row like the one that counts, but of another kind, level and moment."""
    columns = Rating.__table__.c
    row = dict(connection.execute(select(*columns).where(columns.id == said.current)).one()._mapping)
    row |= {
        "id": rating_id,
        "kind": "follow_up",
        "replaces": None,
        "level": level,
        "salt": salt,
        "received_at": row["received_at"] and now.replace(second=0, microsecond=0),
        "half_day": rows.half_day(now),
    }
    _NEW_RATINGS.run(connection, [row])
