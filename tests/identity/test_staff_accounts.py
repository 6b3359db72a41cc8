"""An import that names roles opens accounts; a first password makes them usable."""

from collections.abc import Callable
from datetime import time, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.identity import passwords
from evalsys.identity.actions import accounts as actions
from evalsys.identity.models import Account
from evalsys.identity.queries.accounts import roles_of
from evalsys.kernel import clock
from evalsys.kernel.sheets.files import Sheet, Workbook
from evalsys.organisation.actions.imports import Source, apply_import
from evalsys.organisation.models import Unit
from evalsys.organisation.queries.imports import import_draft
from tests.conftest import Inside

UNITS = Sheet("部门", "部门", (("代码", "名称"), ("TAX", "税务局"), ("SS", "人社局")))
PEOPLE = Sheet(
    "人员", "人员", (("工号", "姓名", "部门", "角色"), ("1001", "王敏", "TAX", "窗口人员、窗口管理员"))
)


def imported(session: Session, people: Sheet = PEOPLE) -> None:
    draft = import_draft(session, Workbook((UNITS, people)), clock.today())
    apply_import(session, draft.plan, Source("人员.xlsx", "0" * 64), None, clock.now())


def test_roles_in_the_staff_sheet_open_an_account(app: Flask, committed: Inside) -> None:
    committed(imported)

    def stands(session: Session) -> None:
        account = session.scalars(select(Account)).one()
        assert (account.name, account.display_name, account.must_change) == ("1001", "王敏", True)
        assert roles_of(session, account.id) == {"clerk", "window-manager"}
        assert account.staff_id is not None
        assert not passwords.fits(passwords.UNUSABLE, account.password_hash)

    committed(stands)


def test_importing_again_opens_no_second_account(app: Flask, committed: Inside) -> None:
    committed(imported)
    committed(imported)
    assert len(committed(lambda session: session.scalars(select(Account)).all())) == 1


def people(*columns: str) -> Callable[[str], Sheet]:
    return lambda value: Sheet("人员", "人员", (("工号", *columns), ("1001", value)))


def the_account(session: Session) -> Account:
    return session.scalars(select(Account)).one()


def test_an_account_moves_with_its_member_of_staff(app: Flask, committed: Inside) -> None:
    committed(imported)
    committed(lambda session: imported(session, people("部门")("SS")))

    def stands(session: Session) -> None:
        assert the_account(session).unit_id == session.scalar(select(Unit.id).where(Unit.code == "SS"))

    committed(stands)


def test_the_account_of_somebody_who_has_left_is_disabled(app: Flask, committed: Inside) -> None:
    committed(imported)
    committed(lambda session: imported(session, people("停用日期")(clock.today().isoformat())))
    assert committed(lambda session: the_account(session).disabled_at) is not None


def test_whoever_leaves_later_keeps_the_account_until_then(app: Flask, committed: Inside) -> None:
    committed(imported)
    leaving = clock.today() + timedelta(days=1)
    committed(lambda session: imported(session, people("停用日期")(leaving.isoformat())))
    assert committed(lambda session: the_account(session).disabled_at) is None
    committed(lambda session: actions.disable_accounts_of_leavers(session, clock.at(leaving, time(1))))
    assert committed(lambda session: the_account(session).disabled_at) is not None
