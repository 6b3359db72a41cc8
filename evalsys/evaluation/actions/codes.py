"""Issuing, revoking and reissuing the codes on the windows, and noting that one was scanned."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.orm import Session

from evalsys.evaluation.codes.orders import LONGEST_REASON
from evalsys.evaluation.codes.refusals import AlreadyRevoked, ReasonNeeded, StillValid
from evalsys.evaluation.models import WindowCode
from evalsys.evaluation.queries import codes
from evalsys.kernel import clock, journal
from evalsys.kernel.access import EVERYTHING, Actor, Scope
from evalsys.kernel.batches import together
from evalsys.kernel.database import insert_once
from evalsys.organisation.events import WindowsImported


def ensure_codes(
    session: Session | Connection, at: datetime, actor: Actor | None = None, scope: Scope = EVERYTHING
) -> int:
    """Give every window of a scope that never had a code its first one; returns how many were issued.

    Doing it again does nothing; two at once issue each code once.
    """
    bare = codes.windows_without_code(session, scope, clock.day_of(at))
    if not bare:
        return 0
    rows = [{"window_id": place.window_id, "version": 1, "issued_at": at, "reason": ""} for place in bare]
    connection = session.connection() if isinstance(session, Session) else session
    connection.execute(insert_once(connection, WindowCode), rows)
    journal.record(session, actor, "issue-codes", "window codes", windows=len(rows))
    return len(rows)


def follow_windows(connection: Connection, _event: WindowsImported) -> None:
    """Give windows that have just been imported their first codes."""
    ensure_codes(connection, clock.now())


def issue_code(session: Session, window_id: int, at: datetime, actor: Actor | None = None) -> int:
    """Give a window its next code and return the code's id; StillValid while the last one is in force."""
    last = session.execute(
        select(WindowCode.version, WindowCode.revoked_at)
        .where(WindowCode.window_id == window_id)
        .order_by(WindowCode.version.desc())
        .limit(1)
    ).first()
    if last is not None and last.revoked_at is None:
        raise StillValid("这个窗口的码还有效,请先停用再发新码。")
    version = 1 if last is None else last.version + 1
    code = WindowCode(window_id=window_id, version=version, issued_at=at)
    session.add(code)
    session.flush()
    journal.record(session, actor, "issue-code", f"window-code {code.id}", window=window_id, version=version)
    return code.id


def revoke_code(session: Session, code_id: int, reason: str, at: datetime, actor: Actor | None) -> None:
    """Put a code out of force for good: who scans it is told, and nothing is stored.

    Raises ReasonNeeded without a reason of 1–200 signs, AlreadyRevoked where somebody was quicker.
    """
    reason = "".join(sign for sign in " ".join(reason.split()) if sign.isprintable())
    if not reason:
        raise ReasonNeeded("请写明停用的原因。")
    if len(reason) > LONGEST_REASON:
        raise ReasonNeeded("原因最多{most}个字,现在{n}个。", most=LONGEST_REASON, n=len(reason))
    revoked = session.execute(
        update(WindowCode)
        .where(WindowCode.id == code_id, WindowCode.revoked_at.is_(None))
        .values(revoked_at=at, reason=reason)
        .returning(WindowCode.id)
    ).scalar()
    if revoked is None:
        raise AlreadyRevoked("这张码已经停用了。")
    journal.record(session, actor, "revoke-code", f"window-code {code_id}", reason=reason)


def reissue_code(session: Session, code_id: int, reason: str, at: datetime, actor: Actor | None) -> int:
    """Revoke a code and give its window the next one; returns the new code's id."""
    window_id = session.execute(select(WindowCode.window_id).where(WindowCode.id == code_id)).scalar_one()
    revoke_code(session, code_id, reason, at, actor)
    return issue_code(session, window_id, at, actor)


def _mark_all_scanned(connection: Connection, asked: Sequence[tuple[int, date]]) -> Sequence[None]:
    # In one order everywhere: two workers that took them crosswise would wait for each other.
    for code_id, day in sorted(set(asked)):
        mark_scanned(connection, code_id, day)
    return [None] * len(asked)


@together(_mark_all_scanned)
def mark_scanned(connection: Connection, code_id: int, day: date) -> None:
    """Note that a code was scanned on a day; the row changes at most once a day, and tells no hour."""
    connection.execute(
        update(WindowCode)
        .where(
            WindowCode.id == code_id,
            or_(WindowCode.last_scanned_day.is_(None), WindowCode.last_scanned_day < day),
        )
        .values(last_scanned_day=day)
    )
