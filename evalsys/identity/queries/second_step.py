"""What is known of an account's second step."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.identity.models import Account, RecoveryCode


@dataclass(frozen=True)
class SecondStep:
    """Whether a telephone is known, and how many recovery codes are left."""

    is_enrolled: bool
    recovery_codes: int


def second_step(session: Session, account_id: int) -> SecondStep:
    """How an account stands."""
    enrolled = select(Account.totp_secret.is_not(None)).where(Account.id == account_id)
    left = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return SecondStep(bool(session.scalar(enrolled)), session.scalar(left) or 0)
