"""The small hall in a real database, and actors to change it."""

from datetime import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING, Actor
from evalsys.organisation.actions.imports import Source, apply_import
from evalsys.organisation.models import Staff, Window
from evalsys.organisation.queries.imports import import_draft
from tests.organisation.books import SMALL_HALL, TODAY, book

NOW = clock.at(TODAY, time(10))
STEWARD = Actor(1, "steward", "数据管理员", frozenset({"data-steward"}), 1, scope=EVERYTHING)


def small_hall(session: Session, sheets: Any = SMALL_HALL, now: Any = NOW) -> None:
    """Bring the small hall in through the real import."""
    plan = import_draft(session, book(sheets), clock.day_of(now)).plan
    assert plan.faults == ()
    apply_import(session, plan, Source("大厅.xlsx", "0" * 64), None, now)


def staff_id(session: Session, number: str) -> int:
    return session.scalars(select(Staff.id).where(Staff.staff_no == number)).one()


def window_id(session: Session, number: str) -> int:
    return session.scalars(select(Window.id).where(Window.number == number)).one()
