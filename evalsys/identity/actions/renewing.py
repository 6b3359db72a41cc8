"""Passwords: given anew, or changed by their owner."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.identity import passwords
from evalsys.identity.actions.accounts import end_sessions
from evalsys.identity.models import Account, FormerPassword
from evalsys.identity.queries.accounts import asked_here
from evalsys.identity.rules import Demands, UnfitPassword, check_password
from evalsys.kernel import journal
from evalsys.kernel.access import Actor


def reset_password(
    session: Session, account: Account, first: passwords.First, by: Actor, now: datetime
) -> None:
    """Give an account a new first password, and end its sign-ins; the one before counts as used."""
    if asked_here().former and account.password_hash != passwords.UNUSABLE:
        session.add(FormerPassword(account_id=account.id, password_hash=account.password_hash, until=now))
    account.password_hash = first.hash
    account.must_change = True
    account.password_set_at = now
    end_sessions(session, account.id, now)
    journal.record(session, by, "reset-password", f"account {account.id}")


def change_password(
    session: Session, account: Account, old: str, new: str, *, by: Actor, now: datetime
) -> None:
    """Let a person change the own password; every sign-in of the account ends."""
    if not passwords.fits(old, account.password_hash):
        raise UnfitPassword("原密码不对。")
    if old == new:
        raise UnfitPassword("新密码和原密码一样。请换一个。")
    asked = asked_here()
    check_password(new, account.name, asked)
    _check_former(session, account.id, new, asked)
    if asked.former:
        session.add(FormerPassword(account_id=account.id, password_hash=account.password_hash, until=now))
    account.password_hash = passwords.hashed(new)
    account.must_change = False
    account.password_set_at = now
    end_sessions(session, account.id, now)
    journal.record(session, by, "change-password", f"account {account.id}")


def _check_former(session: Session, account_id: int, new: str, asked: Demands) -> None:
    """Refuse to go back to one of the last passwords, the present one among them."""
    latest = (
        select(FormerPassword.password_hash)
        .where(FormerPassword.account_id == account_id)
        .order_by(FormerPassword.until.desc(), FormerPassword.password_hash)
        .limit(max(asked.former - 1, 0))
    )
    if any(passwords.fits(new, former) for former in session.scalars(latest)):
        raise UnfitPassword("本网站按等保三级要求:不能再用最近{n}次用过的密码。", n=asked.former)
