"""Putting displays up and taking them down."""

import secrets
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from evalsys.dashboards.models import Board
from evalsys.dashboards.rules.boards import NoSuchHall
from evalsys.kernel import journal
from evalsys.kernel.access import Actor
from evalsys.kernel.secrets import digest
from evalsys.organisation.queries import halls


def put_up_board(session: Session, name: str, hall_code: str, by: Actor, now: datetime) -> str:
    """Make a display of a hall, or of all of them (''), and return the token of its address, this once."""
    hall = halls.hall_by_code(session, hall_code) if hall_code else None
    if hall_code and hall is None:
        raise NoSuchHall("没有代码为“{code}”的大厅。", code=hall_code[:40])
    token = secrets.token_urlsafe(24)
    session.execute(
        insert(Board).values(
            token_hash=digest(token),
            name=name,
            hall_id=hall and hall.id,
            created_at=now,
            created_by=by.account_id,
        )
    )
    journal.record(session, by, "put-up-board", f"board {name}", hall=hall_code)
    return token


def take_down_board(session: Session, board_id: int, by: Actor, now: datetime) -> bool:
    """Let a display's address end; False where there is no such display, or it has ended already."""
    still_up = update(Board).where(Board.id == board_id, Board.revoked_at.is_(None))
    if session.execute(still_up.values(revoked_at=now).returning(Board.id)).first() is None:
        return False
    journal.record(session, by, "take-down-board", f"board {board_id}")
    return True
