"""Accounts, sign-ins and tokens: made, changed, ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.orm import Session

from evalsys.identity import passwords
from evalsys.identity.models import Account, AccountRole, ApiToken, SignInFailure, SignInSession
from evalsys.identity.rules import FAILURES_KEPT, check_roles
from evalsys.kernel import clock, journal
from evalsys.kernel.access import Actor
from evalsys.kernel.refusals import Refused
from evalsys.kernel.statements import insert_into
from evalsys.organisation.events import StaffImported, StaffLeft, StaffMoved
from evalsys.organisation.queries import directory


@dataclass(frozen=True)
class NewAccount:
    """What an account is made from."""

    name: str
    display_name: str
    unit_id: int
    roles: frozenset[str]
    staff_id: int | None = None


def create_account(
    session: Session,
    new: NewAccount,
    by: Actor | None,
    password: str | None = None,
    *,
    first: passwords.First | None = None,
) -> str:
    """Make an account and return its first password, random unless given; it must be changed at first use.

    Raises Refused for a name already taken, UnfitRoles for roles nobody may hold together.
    """
    check_roles(new.roles)
    if session.scalar(select(Account.id).where(Account.name == new.name)):
        raise Refused("账号“{name}”已经有了。请换一个账号名。", name=new.name)
    made = first or passwords.first(password or "")
    account = Account(
        name=new.name,
        display_name=new.display_name,
        unit_id=new.unit_id,
        staff_id=new.staff_id,
        password_hash=made.hash,
        must_change=password is None,
        password_set_at=clock.now(),
    )
    session.add(account)
    session.flush()
    session.add_all(AccountRole(account_id=account.id, role=role) for role in sorted(new.roles))
    session.flush()
    journal.record(session, by, "create-account", f"account {account.id}", roles=sorted(new.roles))
    return made.words


def create_accounts(
    session: Session, wanted: Sequence[tuple[NewAccount, passwords.First]], by: Actor | None
) -> list[str]:
    """Make several accounts, all or none, and return their first passwords in order.

    Raises Refused naming every account that cannot be made, each on a line of its own.
    """
    passwords_made, faults = [], []
    for new, first in wanted:
        try:
            passwords_made.append(create_account(session, new, by, first=first))
        except Refused as refusal:
            faults.append(f"{new.name}:{refusal}")
    if faults:
        raise Refused("\n".join(faults))
    return passwords_made


def open_account_of_staff(connection: Connection, staff: StaffImported) -> None:
    """Follow an import that named a member of staff with roles: an account under the 工号.

    It cannot be used until a system administrator prints its first password. An account that is there
    already stays as it is.
    """
    check_roles(frozenset(staff.roles))
    if connection.execute(select(Account.id).where(Account.name == staff.staff_no)).first():
        return
    account_id = connection.execute(
        insert(Account)
        .values(
            name=staff.staff_no,
            display_name=staff.name,
            unit_id=staff.unit_id,
            staff_id=staff.staff_id,
            password_hash=passwords.UNUSABLE,
            must_change=True,
            version=1,
        )
        .returning(Account.id)
    ).scalar_one()
    connection.execute(
        insert(AccountRole), [{"account_id": account_id, "role": role} for role in sorted(staff.roles)]
    )
    journal.record(connection, None, "create-account", f"account {account_id}", roles=sorted(staff.roles))


def move_account_of_staff(connection: Connection, moved: StaffMoved) -> None:
    """Follow a member of staff to another unit: the account, and how far it sees, moves along."""
    account_ids = connection.execute(
        update(Account)
        .where(Account.staff_id == moved.staff_id, Account.unit_id != moved.unit_id)
        .values(unit_id=moved.unit_id)
        .returning(Account.id)
    ).scalars()
    for account_id in account_ids.all():
        journal.record(connection, None, "move-account", f"account {account_id}", unit_id=moved.unit_id)


def disable_account_of_staff(connection: Connection, left: StaffLeft) -> None:
    """Follow a member of staff who has left: the account is disabled, its sign-ins and tokens end."""
    _disable_accounts_of(connection, {left.staff_id}, clock.now())


def disable_accounts_of_leavers(session: Session, now: datetime) -> None:
    """Disable the accounts of everybody whose last day in office has passed."""
    _disable_accounts_of(session, directory.staff_gone(session, clock.day_of(now)), now)


def _disable_accounts_of(session: Session | Connection, staff_ids: Collection[int], now: datetime) -> None:
    open_accounts = select(Account.id).where(Account.staff_id.in_(staff_ids), Account.disabled_at.is_(None))
    for account_id in session.execute(open_accounts).scalars().all():
        session.execute(update(Account).where(Account.id == account_id).values(disabled_at=now))
        _end_access(session, account_id, now)
        journal.record(session, None, "disable", f"account {account_id}")


def _end_access(session: Session | Connection, account_id: int, now: datetime) -> None:
    end_sessions(session, account_id, now)
    session.execute(
        update(ApiToken)
        .where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def set_roles(session: Session, account: Account, roles: frozenset[str], by: Actor, now: datetime) -> None:
    """Give an account other roles and end its sign-ins."""
    check_roles(roles)
    session.execute(delete(AccountRole).where(AccountRole.account_id == account.id))
    session.add_all(AccountRole(account_id=account.id, role=role) for role in sorted(roles))
    account.version += 1
    end_sessions(session, account.id, now)
    journal.record(session, by, "set-roles", f"account {account.id}", roles=sorted(roles))


def set_disabled(session: Session, account: Account, *, disabled: bool, by: Actor, now: datetime) -> None:
    """Disable an account, ending its sign-ins and tokens, or let it in again."""
    if account.id == by.account_id:
        raise Refused("不能停用自己正在用的账号。请让另一位系统管理员来做。")
    account.disabled_at = now if disabled else None
    if disabled:
        _end_access(session, account.id, now)
    journal.record(session, by, "disable" if disabled else "enable", f"account {account.id}")


def begin_sign_in(
    session: Session, account_id: int, agent: str, now: datetime, *, stepped_at: datetime | None = None
) -> str:
    """Begin a sign-in of an account whose password was right, and return its token.

    `stepped_at` is when a code was given with it.
    """
    token = passwords.new_token()
    session.execute(
        insert(SignInSession).values(
            token_hash=passwords.token_hash(token),
            account_id=account_id,
            started_at=now,
            seen_at=now,
            agent=agent[:200],
            stepped_at=stepped_at,
        )
    )
    return token


def note_failure(session: Session, attempt_hash: str, now: datetime) -> None:
    """Count a failed sign-in; what is a day old is forgotten."""
    session.execute(delete(SignInFailure).where(SignInFailure.failed_at < now - FAILURES_KEPT))
    new = insert_into(session.connection().dialect.name, SignInFailure).values(
        attempt_hash=attempt_hash, failures=1, failed_at=now
    )
    counted = {"failures": SignInFailure.failures + 1, "failed_at": now}
    session.execute(new.on_conflict_do_update(index_elements=["attempt_hash"], set_=counted))


def forget_failures(session: Session, attempt_hash: str) -> None:
    """Count from the beginning again: the password was right."""
    session.execute(delete(SignInFailure).where(SignInFailure.attempt_hash == attempt_hash))


def note_use(connection: Connection, session_id: int, now: datetime) -> None:
    """Note that a sign-in is still in use."""
    connection.execute(update(SignInSession).where(SignInSession.id == session_id).values(seen_at=now))


def end_session(session: Session, account_id: int, session_id: int, now: datetime) -> None:
    """End one sign-in of an account."""
    session.execute(
        update(SignInSession)
        .where(
            SignInSession.id == session_id,
            SignInSession.account_id == account_id,
            SignInSession.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def end_sessions(
    session: Session | Connection, account_id: int, now: datetime, *, but: int | None = None
) -> None:
    """End every sign-in of an account, or every other one."""
    lasting = (SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
    session.execute(
        update(SignInSession).where(*lasting, SignInSession.id != (but or 0)).values(ended_at=now)
    )


def create_token(session: Session, account: Account, label: str, by: Actor | None, now: datetime) -> str:
    """Make a bearer token for an account and return it, this once."""
    token = passwords.new_token()
    session.execute(
        insert(ApiToken).values(
            account_id=account.id, token_hash=passwords.token_hash(token), label=label, created_at=now
        )
    )
    journal.record(session, by, "create-token", f"account {account.id}", label=label)
    return token


def revoke_token(session: Session, account_id: int, token_id: int, by: Actor, now: datetime) -> None:
    """Revoke a bearer token of an account."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    journal.record(session, by, "revoke-token", f"account {account_id}")
