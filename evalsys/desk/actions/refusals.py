"""Refusals noted at windows: kept as drafts, made into reports, or dropped with a reason."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from evalsys.desk.actions.reports import take_report
from evalsys.desk.models import RefusalDraft
from evalsys.desk.queries import reports
from evalsys.desk.rules.refusals import DraftGone, check_reason
from evalsys.desk.rules.reports import NewReport
from evalsys.evaluation.events import ServiceRefused
from evalsys.kernel import journal
from evalsys.kernel.access import Actor
from evalsys.kernel.database import insert_once


def keep_draft(connection: Connection, refused: ServiceRefused) -> None:
    """Keep what was refused at a window for the hall's desk; the same form again changes nothing."""
    connection.execute(
        insert_once(connection, RefusalDraft, "key"),
        {
            "hall_id": refused.hall_id,
            "window_id": refused.window_id,
            "matter": refused.matter,
            "words": refused.words,
            "noted_at": refused.at,
            "noted_by": refused.noted_by,
            "key": refused.key,
        },
    )


def report_draft(
    connection: Connection, draft_id: int, new: NewReport, actor: Actor, *, now: datetime
) -> str:
    """Make a report of a draft; returns its receipt. Raises DraftGone where it was dealt with."""
    _hold(connection, draft_id)
    receipt = take_report(connection, new, actor, now)
    case_id = reports.case_of_receipt(connection, receipt)
    _settle(connection, draft_id, actor, now, case_id=case_id)
    return receipt


def drop_draft(connection: Connection, draft_id: int, reason: str, actor: Actor, *, now: datetime) -> None:
    """Drop a draft for a reason, which is kept and journalled. Raises NoReason, DraftGone."""
    check_reason(reason)
    _hold(connection, draft_id)
    _settle(connection, draft_id, actor, now, dropped_because=reason)
    journal.record(connection, actor, "drop-refusal", f"draft {draft_id}")


def _hold(connection: Connection, draft_id: int) -> None:
    """Hold a draft until the transaction ends."""
    waiting = select(RefusalDraft.id).where(RefusalDraft.id == draft_id, RefusalDraft.settled_at.is_(None))
    if connection.execute(waiting.with_for_update()).first() is None:
        raise DraftGone("这一条刚才已有人处理。请看最新的列表。")


def _settle(connection: Connection, draft_id: int, actor: Actor, now: datetime, **outcome: Any) -> None:
    connection.execute(
        update(RefusalDraft)
        .where(RefusalDraft.id == draft_id)
        .values(settled_at=now, settled_by=actor.account_id, **outcome)
    )
