"""Services: noting that somebody was served, inviting them to rate it, and taking that rating."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from evalsys.evaluation.actions import ratings, rows
from evalsys.evaluation.actions.ratings import Recorded
from evalsys.evaluation.actions.rows import RANDOM, Chance
from evalsys.evaluation.events import ServiceCancelled, ServiceEnded
from evalsys.evaluation.models import Invitation, Rating, ServedTime, ServiceRating
from evalsys.evaluation.queries import services
from evalsys.evaluation.rules import (
    INVITED_DAYS,
    AlreadyRated,
    Answer,
    NewService,
    ServiceDiffers,
    ServiceWithdrawn,
    Visit,
    content_hash,
    may_follow,
)
from evalsys.kernel import clock, reactions
from evalsys.kernel.secrets import derived_code, digest, receipt_key
from evalsys.worktime import queries as worktime

TOKEN_LENGTH = 26  # 130 bits
KINDS = ("link", "ticket", "tablet", "take-away")


@dataclass(frozen=True)
class NotedService:
    """A service that was noted, and whether this very call noted it or an earlier one had."""

    service_id: int
    public_id: str
    is_new: bool


def note_service(connection: Connection, new: NewService, chance: Chance = RANDOM) -> NotedService:
    """Note that somebody was served, once for each (project_no, service_number) or idempotency key.

    Raises ServiceDiffers where the same service was noted at another window.
    """
    earlier = services.same_service(connection, new)
    if earlier is not None:
        if earlier.window_id != new.window_id:
            raise ServiceDiffers("这次服务已经登记在另一个窗口,没有重复登记。")
        return NotedService(earlier.id, earlier.public_id, is_new=False)
    service_id = chance.new_id()
    public_id = f"{chance.new_id():016x}{chance.new_id():016x}"
    day = clock.day_of(new.ended_at)
    row = vars(new) | {"id": service_id, "public_id": public_id, "day": day, "cancelled_at": None}
    connection.execute(insert(ServedTime), row)
    _invite(connection, service_id, public_id, new.ended_at)
    event = ServiceEnded(day, new.window_id, new.staff_id or 0, new.unit_id, new.item_type)
    reactions.publish(connection, event)
    return NotedService(service_id, public_id, is_new=True)


def token_of(key: bytes, public_id: str, kind: str) -> str:
    """The token of one way in to a service: it follows from the service, so that a replay shows the same."""
    return derived_code(key, f"{kind} {public_id}", TOKEN_LENGTH)


def _invite(connection: Connection, service_id: int, public_id: str, ended_at: datetime) -> None:
    key = receipt_key(connection)
    expires_on = worktime.working_days_after(connection, clock.day_of(ended_at), INVITED_DAYS)
    connection.execute(
        insert(Invitation),
        [
            {
                "token_hash": digest(token_of(key, public_id, kind)),
                "kind": kind,
                "service_id": service_id,
                "expires_on": expires_on,
            }
            for kind in KINDS
        ],
    )


_LOCK = select(ServedTime.cancelled_at).where(ServedTime.id == bindparam("wanted")).with_for_update()
_FIRST = select(ServiceRating.rating_id).where(ServiceRating.service_id == bindparam("wanted"))
_FIRST_ENTRY = select(Rating.entry).where(Rating.id == bindparam("wanted"))
_AGAIN = select(Rating.id).where(Rating.root == bindparam("wanted"), Rating.kind == "again")


def rate_service(
    connection: Connection, visit: Visit, answer: Answer, receipt_hash: str | None, chance: Chance = RANDOM
) -> Recorded:
    """Store the rating of one service: the first one, or one freer rating after the tablet's.

    Raises AlreadyRated for any other second one, ServiceWithdrawn for a cancelled service, KeyUsed where
    the key has carried another answer.
    """
    service_id = visit.service_id
    rating_id = chance.new_id()
    earlier = rows.claim_key(connection, answer.key, content_hash(answer, visit), rating_id, receipt_hash)
    if earlier is not None:
        return Recorded(earlier, is_new=False)
    cancelled_at = connection.execute(_LOCK, {"wanted": service_id}).scalar()
    root = connection.execute(_FIRST, {"wanted": service_id}).scalar()
    if root is None:
        if cancelled_at is not None:
            raise ServiceWithdrawn("这次服务的评价已经取消,没有提交任何评价。")
        ratings.store_first(connection, [ratings.New(rating_id, visit, answer)], chance)
        connection.execute(insert(ServiceRating), {"service_id": service_id, "rating_id": rating_id})
        return Recorded(rating_id, is_new=True)
    if not may_rate_again(connection, root, visit.entry):
        raise AlreadyRated("这次服务已经评过。可凭凭证号查看。")
    ratings.store_again(connection, root, rating_id, visit=visit, answer=answer, chance=chance)
    return Recorded(root, is_new=True)


def may_rate_again(connection: Connection, root: int, entry: str) -> bool:
    """Whether a service rated once may be rated again: once, away from the counter, after the tablet."""
    first_entry = connection.execute(_FIRST_ENTRY, {"wanted": root}).scalar_one()
    given_again = connection.execute(_AGAIN, {"wanted": root}).first() is not None
    return not given_again and may_follow(first_entry, entry)


def rate_by_invitation(
    connection: Connection, visit: Visit, answer: Answer, receipt_hash: str, token_hash: str
) -> Recorded:
    """Store the rating of one service that came by an invitation, and note the invitation as used."""
    recorded = rate_service(connection, visit, answer, receipt_hash)
    used_at = visit.received_at.replace(second=0, microsecond=0)
    connection.execute(
        update(Invitation)
        .where(Invitation.token_hash == token_hash, Invitation.used_at.is_(None))
        .values(used_at=used_at)
    )
    return recorded


def cancel_service(connection: Connection, service_id: int, now: datetime) -> None:
    """Take a service noted by mistake out of the ways to rate; what was rated stays, and stays counted."""
    columns = ServedTime.__table__.c
    served = connection.execute(select(*columns).where(columns.id == service_id).with_for_update()).one()
    if served.cancelled_at is not None:
        return
    connection.execute(update(ServedTime).where(ServedTime.id == service_id).values(cancelled_at=now))
    state = services.state_of(connection, service_id)
    if connection.execute(_FIRST, {"wanted": service_id}).first() is None:
        cell = (served.day, served.window_id, served.staff_id or 0, served.unit_id, served.item_type)
        reactions.publish(connection, ServiceCancelled(*cell, prompted=state != "ready"))
