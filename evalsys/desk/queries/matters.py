"""What orders and reports are about, for whoever asks whose they may be and what is the same again."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.desk.models import NotDoneReport, Order, OrderCategory
from evalsys.rectification.queries.matters import Matter


def matters_of_orders(session: Session | Connection, case_ids: Sequence[int]) -> Mapping[int, Matter]:
    """Category and text, with the place, of those of some cases that are orders."""
    found = session.execute(
        select(Order.case_id, OrderCategory.name, Order.text, Order.place)
        .join(OrderCategory, OrderCategory.code == Order.category)
        .where(Order.case_id.in_(case_ids))
    )
    return {
        case_id: Matter(category=name, words=f"{text} {place}".strip())
        for case_id, name, text, place in found
    }


def matters_of_reports(session: Session | Connection, case_ids: Sequence[int]) -> Mapping[int, Matter]:
    """Text and matter of those of some cases that are reports of what could not be done."""
    found = session.execute(
        select(NotDoneReport.case_id, NotDoneReport.text, NotDoneReport.matter).where(
            NotDoneReport.case_id.in_(case_ids)
        )
    )
    return {case_id: Matter(words=f"{text} {matter}".strip()) for case_id, text, matter in found}
