"""Taking in a file of orders: all of them, or nothing."""

from datetime import datetime

from sqlalchemy import Connection

from evalsys.desk.actions.intake import take_order
from evalsys.desk.queries.importing import OrdersDraft
from evalsys.kernel import journal
from evalsys.kernel.access import Actor
from evalsys.kernel.refusals import Refused


class FaultyOrders(Refused):
    """The file has faults: none of its orders is taken in."""


def take_orders(connection: Connection, draft: OrdersDraft, actor: Actor, *, now: datetime) -> int:
    """Take in the new orders of a file in its order; says how many. Raises FaultyOrders."""
    if draft.faults:
        raise FaultyOrders("文件里有{n}处要改,一件都没有受理。", n=len(draft.faults))
    for new in draft.new:
        take_order(connection, new, actor, now=now)
    journal.record(connection, actor, "take-orders", f"{len(draft.new)} orders")
    return len(draft.new)
