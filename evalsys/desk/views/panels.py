"""What a case's page shows of the order or the report it came from."""

from typing import Any

from sqlalchemy.orm import Session

from evalsys.desk.queries import orders, reports
from evalsys.kernel.access import Actor


def panel(session: Session, case_id: int, _actor: Actor) -> tuple[str, dict[str, Any]] | None:
    """The facts of the order or the report a case came from; None where it came from none."""
    order = orders.order_of_case(session, case_id)
    if order is not None:
        return "desk/order_block.html", {"order": order}
    report = reports.report_of_case(session, case_id)
    return None if report is None else ("desk/report_block.html", {"report": report})
