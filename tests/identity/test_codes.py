"""Codes taken at once, on both engines: each opens one door only."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from evalsys.identity.actions import second_step
from evalsys.identity.models import Account
from evalsys.identity.queries.accounts import account_by_name, actor_named
from evalsys.identity.rules import WrongCode
from evalsys.kernel import clock
from evalsys.kernel.database import db, transaction
from tests.builders import an_account
from tests.conftest import Inside

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MONDAY = datetime(2026, 10, 19, 2, 0, tzinfo=UTC)


@pytest.fixture
def account(committed: Inside) -> tuple[int, list[str]]:
    """An account with a telephone, set up a minute ago, and its recovery codes."""

    def make(session):
        name = an_account(session, "supervisor")
        one, by = account_by_name(session, name), actor_named(session, name)
        code = pyotp.TOTP(SECRET).at(clock.now())
        return one.id, second_step.enrol(session, one, SECRET, code, by=by, now=clock.now())

    with time_machine.travel(MONDAY, tick=False):
        made = committed(make)
    assert isinstance(made, tuple)
    return made


@pytest.fixture(autouse=True)
def a_minute_later(account: tuple[int, list[str]]) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 10, 19, 2, 1, tzinfo=UTC), tick=False):
        yield


@pytest.mark.parametrize("kind", ["telephone", "paper"])
def test_of_four_at_once_with_one_code_one_comes_in(
    app: Flask, account: tuple[int, list[str]], kind: str
) -> None:
    account_id, recovery = account
    code = pyotp.TOTP(SECRET).at(clock.now()) if kind == "telephone" else recovery[0]

    def take(_: int) -> bool:
        try:
            with app.app_context(), transaction() as session:
                second_step.take_code(session, account_id, code, clock.now())
        except WrongCode:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(take, range(4))) == [False, False, False, True]


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_while_it_is_sealed_anew_nobody_changes_a_second_step(
    app: Flask, account: tuple[int, list[str]]
) -> None:
    free = select(Account.id).where(Account.id == account[0]).with_for_update(skip_locked=True)
    with app.app_context(), transaction() as session:
        second_step.reseal(session)
        with db.engine.connect() as other:
            assert other.execute(free).all() == []
    with app.app_context(), transaction() as session:
        assert session.execute(free).scalars().all() == [account[0]]
