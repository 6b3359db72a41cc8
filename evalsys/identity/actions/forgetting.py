"""What is left of people's sign-ins and of devices: forgotten when nobody needs it any more."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, update
from sqlalchemy.orm import Session

from evalsys.identity.models import Device, SignInFailure, SignInSession
from evalsys.identity.rules import FAILURES_KEPT

SESSIONS_KEPT = timedelta(days=183)  # half a year, as the law wants of logs of who was on a network


def forget_sessions(session: Session, now: datetime) -> int:
    """Forget sign-ins that were last used half a year ago, with what their browsers called themselves."""
    last = func.coalesce(SignInSession.ended_at, SignInSession.seen_at)
    return session.connection().execute(delete(SignInSession).where(last <= now - SESSIONS_KEPT)).rowcount


def forget_failures(session: Session, now: datetime) -> int:
    """Forget failed sign-ins of yesterday: the hashes of names and addresses."""
    old = SignInFailure.failed_at <= now - FAILURES_KEPT
    return session.connection().execute(delete(SignInFailure).where(old)).rowcount


def forget_pairing_codes(session: Session, now: datetime) -> int:
    """Forget pairing codes nobody used in time."""
    unused = Device.pairing_hash.is_not(None) & or_(
        Device.pairing_until.is_(None), Device.pairing_until <= now
    )
    gone = update(Device).where(unused).values(pairing_hash=None, pairing_until=None)
    return session.connection().execute(gone).rowcount
