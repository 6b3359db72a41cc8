"""What other pages show of orders and reports: on a case's page, and where a receipt's code is typed."""

from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from evalsys.desk.queries import orders, reports
from evalsys.kernel.access import Actor
from evalsys.kernel.secrets import spelled


def panel(session: Session, case_id: int, _actor: Actor) -> tuple[str, dict[str, Any]] | None:
    """The facts of the order or the report a case came from; None where it came from none."""
    order = orders.order_of_case(session, case_id)
    if order is not None:
        return "desk/order_block.html", {"order": order}
    report = reports.report_of_case(session, case_id)
    return None if report is None else ("desk/report_block.html", {"report": report})


def report_of_receipt(session: Session, typed: str) -> str | None:
    """The address at which a report is followed, by its code; with language and letter size as chosen."""
    if reports.case_of_receipt(session, typed) is None:
        return None
    ways: dict[str, Any] = {name: request.args[name] for name in ("lang", "size") if name in request.args}
    return url_for("desk.followed_report", receipt=spelled(typed), **ways)
