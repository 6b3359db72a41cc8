"""Refusals noted at windows: kept as drafts, made into reports, or dropped with a reason."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from evalsys.desk.actions.reports import receipt_of, take_report
from evalsys.desk.models import RefusalDraft
from evalsys.desk.queries import reports
from evalsys.desk.queries.refusals import Draft
from evalsys.desk.rules.refusals import DraftGone, NotTheirs, check_reason
from evalsys.desk.rules.reports import NewReport
from evalsys.evaluation.actions.paper import check_outside
from evalsys.evaluation.events import ServiceRefused
from evalsys.evaluation.rules import NotOutside
from evalsys.kernel import clock, journal
from evalsys.kernel.access import Actor
from evalsys.kernel.database import insert_once
from evalsys.kernel.masking import masked
from evalsys.organisation.queries import places


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
    """Make a report of a draft; returns its receipt, the same one for the same form again.

    Raises DraftGone where it was dealt with otherwise.
    """
    try:
        _hold(connection, draft_id, new.hall_id)
    except DraftGone:
        # The first answer may have been lost on its way: without it nobody has the receipt.
        given = _given(connection, draft_id, new)
        if given is None:
            raise
        return given
    receipt = take_report(connection, new, actor, now)
    case_id = reports.case_of_receipt(connection, receipt)
    _settle(connection, draft_id, actor, now, case_id=case_id)
    return receipt


def drop_draft(connection: Connection, draft: Draft, reason: str, actor: Actor, *, now: datetime) -> None:
    """Drop a draft for a reason, which is kept and journalled. Raises NoReason, NotTheirs, DraftGone."""
    check_reason(reason)
    _check_outside(connection, draft, actor)
    _hold(connection, draft.id, draft.hall_id)
    _settle(connection, draft.id, actor, now, dropped_because=masked(reason))
    journal.record(connection, actor, "drop-refusal", f"draft {draft.id}", reason)


def _check_outside(connection: Connection, draft: Draft, actor: Actor) -> None:
    """Refuse whoever is of the unit that refused: it does not decide alone that nothing comes of it."""
    place = places.place_of_window(connection, draft.window_id, clock.day_of(draft.noted_at))
    if place is None:
        return
    try:
        check_outside(connection, actor, place.unit_id)
    except NotOutside as refusal:
        raise NotTheirs("窗口一方和这个窗口本单位的人不能决定不办。请交给其他单位的同事。") from refusal


def _given(connection: Connection, draft_id: int, new: NewReport) -> str | None:
    """The receipt that was given for a draft when the same form came before; None where it did not."""
    receipt = receipt_of(connection, new.key)
    case_id = reports.case_of_receipt(connection, receipt)
    this = select(RefusalDraft.id).where(RefusalDraft.id == draft_id, RefusalDraft.case_id == case_id)
    return None if case_id is None or connection.execute(this).first() is None else receipt


def _hold(connection: Connection, draft_id: int, hall_id: int) -> None:
    """Hold a draft of a hall until the transaction ends."""
    waiting = select(RefusalDraft.id).where(
        RefusalDraft.id == draft_id, RefusalDraft.hall_id == hall_id, RefusalDraft.settled_at.is_(None)
    )
    if connection.execute(waiting.with_for_update()).first() is None:
        raise DraftGone("这一条刚才已有人处理。请看最新的列表。")


def _settle(connection: Connection, draft_id: int, actor: Actor, now: datetime, **outcome: Any) -> None:
    connection.execute(
        update(RefusalDraft)
        .where(RefusalDraft.id == draft_id)
        .values(settled_at=now, settled_by=actor.account_id, **outcome)
    )
