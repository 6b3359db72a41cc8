"""A small hall for tests: one hall, windows, departments, people on duty, each made on first need."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from uuid import uuid4

from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.codes import ensure_codes
from evalsys.evaluation.actions.ratings import Recorded, record_rating
from evalsys.evaluation.queries import codes
from evalsys.evaluation.rules import CHANNEL_OF_ENTRY, Answer, Visit
from evalsys.identity import passwords
from evalsys.identity.actions.accounts import NewAccount, begin_sign_in, create_account, create_token
from evalsys.identity.queries.accounts import account_by_name
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.database import transaction
from evalsys.organisation.models import (
    Duty,
    Hall,
    Item,
    ItemWindow,
    Staff,
    StaffUnit,
    Unit,
    UnitName,
    Window,
    WindowUnit,
)
from tests.pages import PageClient

LONG_AGO = date(2020, 1, 1)


@dataclass(frozen=True)
class BuiltWindow:
    """The ids of a window that was built."""

    window_id: int
    hall_id: int
    unit_id: int


def a_unit(session: Session, code: str = "TAX", name: str = "税务局", group: str = "窗口") -> int:
    found = session.scalar(select(Unit.id).where(Unit.code == code))
    if found is not None:
        return found
    unit = Unit(code=code, kind="窗口单位", compare_group=group)
    session.add(unit)
    session.flush()
    session.add(UnitName(unit_id=unit.id, from_day=LONG_AGO, name=name, short_name=name))
    session.flush()
    return unit.id


def a_window(session: Session, number: str = "24", unit: str = "TAX", kind: str = "专窗") -> BuiltWindow:
    hall = session.scalar(select(Hall).where(Hall.code == "C"))
    if hall is None:
        hall = Hall(code="C", name="政务服务中心", address="")
        session.add(hall)
        session.flush()
    unit_id = a_unit(session, unit)
    window = Window(hall_id=hall.id, number=number, kind=kind)
    session.add(window)
    session.flush()
    session.add(WindowUnit(window_id=window.id, from_day=LONG_AGO, unit_id=unit_id))
    session.flush()
    return BuiltWindow(window.id, hall.id, unit_id)


def a_clerk(session: Session, staff_no: str = "1001", name: str = "王敏", unit: str = "TAX") -> int:
    staff = Staff(staff_no=staff_no, name=name)
    session.add(staff)
    session.flush()
    session.add(StaffUnit(staff_id=staff.id, from_day=LONG_AGO, unit_id=a_unit(session, unit)))
    session.flush()
    return staff.id


def on_duty(
    session: Session,
    window: BuiltWindow,
    staff_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    kind: str = "regular",
    source: str = "rota",
) -> int:
    duty = Duty(
        window_id=window.window_id,
        staff_id=staff_id,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        source=source,
    )
    session.add(duty)
    session.flush()
    return duty.id


def an_item(session: Session, window: BuiltWindow, name: str = "开具完税证明", item_type: str = "07") -> int:
    item = Item(task_code=uuid4().hex, name=name, item_type=item_type, unit_id=window.unit_id)
    session.add(item)
    session.flush()
    session.add(ItemWindow(item_id=item.id, window_id=window.window_id))
    session.flush()
    return item.id


def code_of(session: Session, window: BuiltWindow) -> str:
    """The code that hangs at a window, issued on first need."""
    ensure_codes(session, clock.now())
    present = codes.current_codes(session, EVERYTHING, clock.today())
    return next(code.text for code in present if code.place.window_id == window.window_id)


def a_rating(
    session: Session | Connection,
    window: BuiltWindow,
    level: int = 5,
    *,
    at: datetime | None = None,
    entry: str = "window-code",
    evidence: str = "C",
    origin: str = "citizen",
    key: str | None = None,
    receipt_hash: str | None = None,
    tags: tuple[str, ...] | None = None,
) -> Recorded:
    """A rating through the real action."""
    at = at or clock.now()
    connection = session.connection() if isinstance(session, Session) else session
    visit = Visit(
        window_id=window.window_id,
        hall_id=window.hall_id,
        unit_id=window.unit_id,
        entry=entry,
        channel=CHANNEL_OF_ENTRY[entry],
        opened_at=at,
        received_at=at,
        origin=origin,
        evidence=evidence,
    )
    answer = Answer(level, key or uuid4().hex, tags=tags)
    return record_rating(connection, visit, answer, receipt_hash or uuid4().hex)


def around(at: datetime, hours: float = 4) -> tuple[datetime, datetime]:
    """A shift around an instant."""
    return at - timedelta(hours=hours), at + timedelta(hours=hours)


PASSWORD = "correct horse battery staple"


@cache
def first_password() -> passwords.First:
    """The password of every account, hashed once: a hash is slow on purpose."""
    return passwords.first(PASSWORD)


def an_account(session: Session, role: str, unit: str = "TAX") -> str:
    """An account of one role, made on first need; its name."""
    name = f"{role}.{unit}"
    if account_by_name(session, name) is None:
        new = NewAccount(name, role, a_unit(session, unit, unit), frozenset({role}))
        create_account(session, new, None, PASSWORD, first=first_password())
    return name


def signed_in(app: Flask, role: str, unit: str = "TAX") -> PageClient:
    """A client with a sign-in of its own, whose account has one role and has just given its code."""
    with app.app_context(), transaction() as session:
        account = account_by_name(session, an_account(session, role, unit))
        assert account is not None
        now = clock.now()
        token = begin_sign_in(session, account.id, "test", now, stepped_at=now)
    client = app.test_client()
    assert isinstance(client, PageClient)
    with client.session_transaction() as cookie:
        cookie["sign_in"] = token
    return client


def a_token(app: Flask, role: str, unit: str = "TAX") -> dict[str, str]:
    """The header of a bearer token whose account has one role."""
    with app.app_context(), transaction() as session:
        account = account_by_name(session, an_account(session, role, unit))
        assert account is not None
        token = create_token(session, account, "test", None, clock.now())
    return {"Authorization": f"Bearer {token}"}
