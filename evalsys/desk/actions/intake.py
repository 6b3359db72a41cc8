"""Taking in an order: its case is opened and classified at once, since the category is the class."""

from datetime import datetime

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from evalsys.desk.actions.on_call import dispatch_to_on_call
from evalsys.desk.models import Order
from evalsys.desk.queries import categories, orders
from evalsys.desk.rules import NewOrder, OtherContent, Taken, UnfitOrder, check_order, content_of
from evalsys.kernel import clock
from evalsys.kernel.access import Actor
from evalsys.organisation.queries import places, rota
from evalsys.rectification.actions.contacts import keep_contact
from evalsys.rectification.actions.moving import move_by_system
from evalsys.rectification.actions.opening import NewCase, open_case
from evalsys.rectification.actions.steps import locked
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import Kind


def take_order(connection: Connection, new: NewOrder, actor: Actor, *, now: datetime) -> Taken:
    """Take in an order; the same number of the same source again answers what was answered first.

    Raises UnfitOrder, or OtherContent where the number stands for something else.
    """
    check_order(new, now)
    earlier = _sent_before(connection, new)
    if earlier is not None:
        return earlier
    try:
        with connection.begin_nested():
            return _opened(connection, new, actor, now)
    except IntegrityError:
        # Somebody sent the same number at the same moment.
        earlier = _sent_before(connection, new)
        if earlier is None:
            raise
        return earlier


def _sent_before(connection: Connection, new: NewOrder) -> Taken | None:
    earlier = orders.by_upstream_no(connection, new.source, new.upstream_no)
    if earlier is None:
        return None
    taken, content = earlier
    if content != content_of(new):
        raise OtherContent(
            "编号“{no}”已收过一件,内容与这次不同。请核对编号,或用新编号再发。", no=new.upstream_no
        )
    return taken


def _opened(connection: Connection, new: NewOrder, actor: Actor, now: datetime) -> Taken:
    category = categories.category(connection, new.category)
    if category is None:
        raise UnfitOrder("没有类别“{code}”。", code=new.category)
    case_id = open_case(connection, _case_of(connection, new, category.profile, actor, now))
    if new.contact is not None:
        keep_contact(connection, case_id, None, new.contact, at=now)
    move_by_system(
        connection,
        case_id,
        State.TRIAGED,
        f"类别“{category.name}”",
        now=now,
        given={"category": new.category},
    )
    case = locked(connection, case_id)
    connection.execute(
        insert(Order).values(
            case_id=case_id,
            source=new.source.value,
            category=new.category,
            text=new.text,
            place=new.place,
            upstream_no=new.upstream_no,
            upstream_due=new.upstream_due,
            received_at=new.received_at,
            duty_id=_duty_of(connection, new),
            due_at=case.due_at,
            finish_by=case.finish_by,
            content=content_of(new),
            taken_by=actor.account_id,
        )
    )
    dispatch_to_on_call(connection, case_id, now=now)
    return Taken(case.no, case.profile, case.due_at, case.finish_by, is_new=True)


def _case_of(connection: Connection, new: NewOrder, profile: str, actor: Actor, now: datetime) -> NewCase:
    place = None
    if new.window_id is not None:
        place = places.place_of_window(connection, new.window_id, clock.day_of(new.received_at))
    return NewCase(
        Kind.ORDER,
        profile,
        now,
        window_id=new.window_id,
        hall_id=None if place is None else place.hall_id,
        unit_id=None if place is None else place.unit_id,
        is_reachable=new.contact is not None,
        not_after=new.upstream_due,
        runs_from=new.received_at,
        by=actor,
    )


def _duty_of(connection: Connection, new: NewOrder) -> int | None:
    """The duty at the window then; None where nobody or more than one sat there."""
    if new.window_id is None:
        return None
    found = rota.staff_on_duty(connection, new.window_id, new.received_at)
    return found[0].duty_id if len(found) == 1 else None
