"""The second step of a sign-in: set up, taken, lost, set up anew."""

from base64 import b64decode, b64encode
from collections import Counter
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from evalsys.identity import codes
from evalsys.identity.actions.accounts import end_sessions
from evalsys.identity.models import Account, RecoveryCode, SignInSession
from evalsys.identity.rules import WrongCode
from evalsys.kernel import journal, sealing
from evalsys.kernel.access import Actor
from evalsys.kernel.refusals import Refused

RECOVERY_CODES = 10


def sealed_candidate(account_id: int) -> str:
    """A fresh secret for a page to show before it is anybody's: sealed, in base64."""
    return _sealed(codes.new_secret(), f"new second step of account {account_id}")


def opened_candidate(sealed: str, account_id: int) -> str:
    """The secret behind a candidate; raises CannotOpen."""
    return sealing.open_sealed(b64decode(sealed), f"new second step of account {account_id}")


def enrol(
    session: Session, account: Account, secret: str, code: str, *, by: Actor, now: datetime
) -> list[str]:
    """Set up an account's second step, once its telephone has shown the right code.

    Its other sign-ins end. Returns fresh recovery codes, shown this once; earlier ones are void. Raises
    WrongCode.
    """
    step = codes.step_of(secret, code, now)
    if step is None:
        raise WrongCode("动态码不对。请看手机上现在显示的6位数字;手机的时间要准。")
    account.totp_secret = _sealed(secret, _about(account.id))
    account.totp_step = step
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    made = codes.new_recovery_codes(RECOVERY_CODES)
    session.execute(
        insert(RecoveryCode),
        [{"account_id": account.id, "code_hash": codes.recovery_hash(code)} for code in made],
    )
    end_sessions(session, account.id, now, but=by.session_id)
    if by.session_id is not None:
        note_step(session, by.session_id, now)
    journal.record(session, by, "enrol-second-step", f"account {account.id}")
    return made


def take_code(session: Session, account_id: int, code: str, now: datetime) -> None:
    """Accept a code of an account, from its telephone or from its paper, once; raises WrongCode."""
    sealed = session.execute(select(Account.totp_secret).where(Account.id == account_id)).scalar()
    if sealed is None:
        raise WrongCode("这个账号还没有设置动态码。")
    secret = sealing.open_sealed(b64decode(sealed), _about(account_id))
    step = codes.step_of(secret, code, now)
    if step is None:
        _take_recovery_code(session, account_id, code, now)
        return
    newer = or_(Account.totp_step.is_(None), Account.totp_step < step)
    # Two at once with one code: the database lets one of them through.
    taken = update(Account).where(Account.id == account_id, newer).values(totp_step=step)
    if not session.connection().execute(taken).rowcount:
        raise WrongCode("这个动态码已经用过了。请等手机上显示下一个再输入。")


def _take_recovery_code(session: Session, account_id: int, code: str, now: datetime) -> None:
    taken = (
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == codes.recovery_hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    if not session.connection().execute(taken).rowcount:
        raise WrongCode("动态码不对。请看手机上现在显示的6位数字;手机的时间要准。")
    journal.record(session, None, "use-recovery-code", f"account {account_id}")


def note_step(session: Session, session_id: int, now: datetime) -> None:
    """Note that a code was given in a sign-in."""
    session.execute(update(SignInSession).where(SignInSession.id == session_id).values(stepped_at=now))


def drop(session: Session, account: Account, by: Actor | None, now: datetime) -> None:
    """Take an account's second step away, so that it is set up anew; its sign-ins end.

    Nobody does so for themselves: whoever sits at an unattended desk would.
    """
    if by is not None and by.account_id == account.id:
        raise Refused("不能取消自己的动态码。请让另一位系统管理员来做。")
    account.totp_secret = account.totp_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    end_sessions(session, account.id, now)
    journal.record(session, by, "drop-second-step", f"account {account.id}")


def reseal(session: Session) -> sealing.Resealed:
    """Put every secret under the site's first key; what does not open stays as it is and is counted."""
    done = sealing.Resealed()
    kept = select(Account).where(Account.totp_secret.is_not(None)).order_by(Account.id)
    # Nobody sets one up or takes one away meanwhile: what was sealed before would come back.
    for account in session.scalars(kept.with_for_update()):
        after = done.take(b64decode(account.totp_secret or ""), _about(account.id))
        if after is not None:
            account.totp_secret = b64encode(after).decode()
    session.flush()
    return done


def keys_in_use(session: Session) -> Counter[str]:
    """How many secrets were sealed under each key, by its id."""
    kept = select(Account.totp_secret).where(Account.totp_secret.is_not(None))
    return Counter(sealing.key_id_of(b64decode(sealed or "")) for sealed in session.scalars(kept))


def _sealed(secret: str, about: str) -> str:
    return b64encode(sealing.seal(secret, about)).decode()


def _about(account_id: int) -> str:
    return f"second step of account {account_id}"
