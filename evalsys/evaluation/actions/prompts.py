"""Prompts: asking a window's tablet, once for each service, to show its question."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from evalsys.evaluation.events import ServicePrompted
from evalsys.evaluation.models import Prompt, ServedTime
from evalsys.evaluation.queries import services
from evalsys.evaluation.rules import AlreadyPrompted, NoTablet, ServiceWithdrawn
from evalsys.identity.queries import devices
from evalsys.kernel import reactions, signals


def send_prompt(connection: Connection, service_id: int, now: datetime) -> None:
    """Send a service's question to its window's tablet.

    Raises NoTablet where no tablet is paired there, AlreadyPrompted for a second prompt of one service,
    ServiceWithdrawn for a cancelled one.
    A replay of the first one, not yet shown, changes nothing.
    """
    served = connection.execute(
        select(*ServedTime.__table__.c).where(ServedTime.__table__.c.id == service_id).with_for_update()
    ).one()
    tablet = devices.tablet_of_window(connection, served.window_id)
    if served.cancelled_at is not None:
        raise ServiceWithdrawn("这次服务已经取消,不能请评。")
    if tablet is None:
        raise NoTablet("这个窗口没有连接的平板,请告知可扫窗口码。")
    state = services.state_of(connection, service_id)
    if state == "sent":
        return
    if state != "ready":
        raise AlreadyPrompted("这次服务已经请评过,不必再请。")
    end_prompts(connection, tablet.id, now)
    connection.execute(
        insert(Prompt),
        {"service_id": service_id, "device_id": tablet.id, "state": "sent", "sent_at": now},
    )
    event = ServicePrompted(
        served.day, served.window_id, served.staff_id or 0, served.unit_id, served.item_type
    )
    reactions.publish(connection, event)
    signals.after_commit(connection, tablet.public_id)


def end_prompts(connection: Connection, device_id: int, now: datetime) -> None:
    """End what a tablet still shows: the next customer's prompt takes its place, 未评 stays 未评."""
    connection.execute(
        update(Prompt)
        .where(Prompt.device_id == device_id, Prompt.state.in_(("sent", "shown")))
        .values(state="unrated", ended_at=now)
    )


def note_shown(connection: Connection, service_id: int, now: datetime) -> None:
    """Note that the tablet shows the question."""
    connection.execute(
        update(Prompt)
        .where(Prompt.service_id == service_id, Prompt.state == "sent")
        .values(state="shown", shown_at=now)
    )


def end_prompt(connection: Connection, service_id: int, state: str, now: datetime) -> None:
    """End one service's prompt as rated or unrated (left, timed out, or taken along to rate later)."""
    connection.execute(
        update(Prompt)
        .where(Prompt.service_id == service_id, Prompt.state.in_(("sent", "shown")))
        .values(state=state, ended_at=now)
    )
