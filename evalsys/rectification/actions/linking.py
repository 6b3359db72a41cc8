"""Noting that two cases are about the same thing."""

from datetime import datetime

from sqlalchemy import Connection

from evalsys.kernel.access import Actor
from evalsys.kernel.database import insert_once
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.models import CaseLink
from evalsys.rectification.queries import facts
from evalsys.rectification.rules import NotAllowed, NotYours
from evalsys.rectification.rules.hands import check_not_rated, is_of_unit


def link_same(connection: Connection, case_id: int, same_as: str, actor: Actor, *, now: datetime) -> None:
    """Link a case to another (by its number) about the same thing; a second time changes nothing.

    By the dispatcher, the supervisor, or the owner. Raises NotYours, or NotAllowed for itself or no number.
    """
    row = locked(connection, case_id)
    check_not_rated(facts.rated_staff(connection, case_id), actor)
    if not actor.roles & {"dispatcher", "supervisor"} and not (
        "owner" in actor.roles and is_of_unit(actor, row.owner_unit_id)
    ):
        raise NotYours("重复件由派单员、督查员或承办人关联。")
    other = facts.case_id_of(connection, same_as.strip())
    if other is None or other == case_id:
        raise NotAllowed("没有单号“{no}”,或者就是这件本身。", no=same_as[:20])
    once = insert_once(connection, CaseLink).returning(CaseLink.case_id)
    values = {"case_id": case_id, "same_as": other, "at": now, "by": actor.account_id}
    if connection.execute(once, values).first() is None:
        return
    add_step(connection, row, Step("link", now, actor, f"与{same_as.strip()}反映同一件事"), {})
