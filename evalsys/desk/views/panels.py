"""What a case's page shows of the order or the report it came from."""

from typing import Any

from sqlalchemy.orm import Session

from evalsys.desk.queries import orders
from evalsys.kernel.access import Actor


def panel(session: Session, case_id: int, _actor: Actor) -> tuple[str, dict[str, Any]] | None:
    """The facts of the order a case came from; None where it came from none."""
    order = orders.order_of_case(session, case_id)
    return None if order is None else ("desk/order_block.html", {"order": order})
