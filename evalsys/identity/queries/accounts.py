"""Who an account is, what it may and how far it sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select
from sqlalchemy.orm import Session

from evalsys.identity.models import Account, AccountRole, ApiToken, SignInFailure, SignInSession
from evalsys.identity.rules import (
    Demands,
    demands,
    ends_at,
    has_ended,
    has_fresh_step,
    is_outdated,
    sees_whole_site,
)
from evalsys.kernel import settings, site
from evalsys.kernel.access import EVERYTHING, Actor
from evalsys.kernel.models import SiteFact
from evalsys.organisation.queries import units

PAGE = 50


def asked_here() -> Demands:
    """What the present site asks of passwords and sign-ins."""
    return demands(mlps3=settings.current().mlps3)


def account_by_name(session: Session, name: str) -> Account | None:
    """An account by its name, as typed, edges trimmed."""
    return session.scalar(select(Account).where(Account.name == name.strip()))


@dataclass(frozen=True)
class Known:
    """What a sign-in is checked against; of a name without a usable account only the failures are known."""

    account_id: int | None
    password_hash: str | None
    is_enrolled: bool
    failures: int
    failed_at: datetime | None


def known_of(session: Session, name: str, attempt_hash: str) -> Known:
    """What is known of a name somebody wants to sign in with, and of earlier attempts like this one."""
    account = session.execute(
        select(Account.id, Account.password_hash, Account.totp_secret.is_not(None)).where(
            Account.name == name.strip(), Account.disabled_at.is_(None)
        )
    ).first()
    failures, failed_at = failures_of(session, attempt_hash)
    if account is None:
        return Known(None, None, False, failures, failed_at)
    account_id, password_hash, is_enrolled = account
    return Known(account_id, password_hash, is_enrolled, failures, failed_at)


def failures_of(session: Session, attempt_hash: str) -> tuple[int, datetime | None]:
    """How often in a row something was tried and failed, and when last."""
    failed = session.execute(
        select(SignInFailure.failures, SignInFailure.failed_at).where(
            SignInFailure.attempt_hash == attempt_hash
        )
    ).first()
    return (failed[0], failed[1]) if failed else (0, None)


def account_by_id(session: Session, account_id: int) -> Account | None:
    """An account by its id."""
    return session.get(Account, account_id)


def accounts_by_id(session: Session, account_ids: Sequence[int]) -> Sequence[Account]:
    """Several accounts by their ids, by name."""
    return session.scalars(select(Account).where(Account.id.in_(account_ids)).order_by(Account.name)).all()


def roles_of(session: Session | Connection, account_id: int) -> frozenset[str]:
    """The roles an account holds."""
    return frozenset(
        session.execute(select(AccountRole.role).where(AccountRole.account_id == account_id)).scalars()
    )


_ACCOUNT = (
    Account.id,
    Account.name,
    Account.display_name,
    Account.unit_id,
    Account.staff_id,
    Account.must_change,
    Account.password_set_at,
    Account.totp_secret.is_not(None).label("is_enrolled"),
)
# A demo asks no code of who has not set one up; read with the sign-in, at no question's cost.
_KIND = select(SiteFact.value).where(SiteFact.name == site.KIND).scalar_subquery().label("kind_of_site")


def actor_of_session(session: Session, token_hash: str, now: datetime) -> tuple[Actor, datetime] | None:
    """The actor behind a sign-in and when it was last seen; None where it has ended."""
    row = session.execute(
        select(
            *_ACCOUNT,
            SignInSession.id.label("session_id"),
            SignInSession.started_at,
            SignInSession.seen_at,
            SignInSession.stepped_at,
            _KIND,
        )
        .join(SignInSession, SignInSession.account_id == Account.id)
        .where(
            SignInSession.token_hash == token_hash,
            SignInSession.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
    ).first()
    asked = asked_here()
    if row is None or has_ended(row.started_at, row.seen_at, now, asked):
        return None
    actor = replace(
        _actor(session, row),
        session_id=row.session_id,
        must_change=row.must_change or is_outdated(row.password_set_at, now, asked),
        must_enrol=asked.everybody_steps and not row.is_enrolled,
        has_second_step=has_fresh_step(row.stepped_at, now)
        or (row.kind_of_site == site.DEMO and not row.is_enrolled and not asked.everybody_steps),
    )
    return actor, row.seen_at


def end_of_session(session: Session, session_id: int) -> datetime:
    """When a sign-in ends by itself unless it is used again."""
    times = select(SignInSession.started_at, SignInSession.seen_at).where(SignInSession.id == session_id)
    started_at, seen_at = session.execute(times).one()
    return ends_at(started_at, seen_at, asked_here())


def stepped_at(session: Session, session_id: int | None) -> datetime | None:
    """When a code was last given in a sign-in."""
    return session.scalar(select(SignInSession.stepped_at).where(SignInSession.id == session_id))


def is_open(session_id: int) -> ColumnElement[bool]:
    """Whether nobody has ended a sign-in, as a part of somebody's statement."""
    return (
        select(SignInSession.id)
        .join(Account, Account.id == SignInSession.account_id)
        .where(
            SignInSession.id == session_id, SignInSession.ended_at.is_(None), Account.disabled_at.is_(None)
        )
        .exists()
    )


def actor_of_token(session: Session, token_hash: str) -> Actor | None:
    """The actor behind a bearer token; None where it is unknown or revoked."""
    row = session.execute(
        select(*_ACCOUNT)
        .join(ApiToken, ApiToken.account_id == Account.id)
        .where(
            ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None), Account.disabled_at.is_(None)
        )
    ).first()
    return None if row is None else _actor(session, row, by_token=True)


def actor_named(session: Session, name: str) -> Actor | None:
    """The actor an account would be, by its name; None where there is none in use."""
    row = session.execute(
        select(*_ACCOUNT).where(Account.name == name, Account.disabled_at.is_(None))
    ).first()
    return None if row is None else _actor(session, row)


def _actor(session: Session, row: Row[*tuple[Any, ...]], *, by_token: bool = False) -> Actor:
    roles = roles_of(session, row.id)
    scope = EVERYTHING if sees_whole_site(roles) else units.scope_below(session, row.unit_id)
    return Actor(
        account_id=row.id,
        name=row.name,
        display_name=row.display_name,
        roles=roles,
        unit_id=row.unit_id,
        staff_id=row.staff_id,
        scope=scope,
        must_change=row.must_change and not by_token,
        by_token=by_token,
    )


@dataclass(frozen=True)
class AccountRow:
    """One account in the list."""

    id: int
    name: str
    display_name: str
    unit: str
    roles: tuple[str, ...]
    must_change: bool
    disabled: bool


def accounts(session: Session, on: date, wanted: str = "", page: int = 1) -> tuple[Sequence[AccountRow], int]:
    """A page of accounts by name, 50 a page, with the number of all that match."""
    matching = select(Account)
    if wanted:
        like = f"%{wanted}%"
        matching = matching.where(or_(Account.name.like(like), Account.display_name.like(like)))
    total = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    found = session.scalars(matching.order_by(Account.name).limit(PAGE).offset((page - 1) * PAGE)).all()
    names = units.unit_names(session, on)
    held: dict[int, list[str]] = {}
    for account_id, role in session.execute(
        select(AccountRole.account_id, AccountRole.role)
        .where(AccountRole.account_id.in_([account.id for account in found]))
        .order_by(AccountRole.role)
    ):
        held.setdefault(account_id, []).append(role)
    rows = [
        AccountRow(
            account.id,
            account.name,
            account.display_name,
            names.get(account.unit_id, ""),
            tuple(held.get(account.id, ())),
            account.must_change,
            account.disabled_at is not None,
        )
        for account in found
    ]
    return rows, total


def open_sessions(session: Session, account_id: int, now: datetime) -> list[SignInSession]:
    """The sign-ins of an account that still last, the latest used first."""
    rows = session.scalars(
        select(SignInSession)
        .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
        .order_by(SignInSession.seen_at.desc(), SignInSession.id)
    )
    asked = asked_here()
    return [row for row in rows if not has_ended(row.started_at, row.seen_at, now, asked)]


def tokens_of(session: Session, account_id: int) -> Sequence[ApiToken]:
    """The bearer tokens of an account that still work, the newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id.desc())
    ).all()
