"""At the counter: the tablet's taps, and the clerk's two buttons. Each ends in a signal to the screens."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from evalsys.evaluation.actions import prompts, rows, services
from evalsys.evaluation.queries import prompts as queries
from evalsys.evaluation.queries.prompts import Prompted
from evalsys.evaluation.rules import STILL_THERE, Answer, NewService, PromptOver, Visit
from evalsys.identity.actions import devices
from evalsys.identity.queries.devices import PairedDevice
from evalsys.kernel import clock, signals
from evalsys.organisation.actions import rota
from evalsys.organisation.duty import whose_work
from evalsys.organisation.queries import places


def note_look(connection: Connection, device: PairedDevice, version: str, now: datetime) -> None:
    """Note that a device asked what it is to show: its sign of life."""
    devices.note_seen(connection, device.id, version, now)


def note_shown(connection: Connection, service_id: int, now: datetime) -> None:
    """Note that the tablet shows a service's question."""
    prompts.note_shown(connection, service_id, now)


def rate_on_tablet(
    connection: Connection, tablet: PairedDevice, visit: Visit, answer: Answer, now: datetime
) -> None:
    """Store what was tapped on a window's tablet and end its prompt; a replay changes nothing.

    Raises PromptOver where the prompt ended before the tap, AlreadyRated where the service was rated
    elsewhere.
    """
    # Without a receipt: neither level nor code is ever shown on the tablet.
    recorded = services.rate_service(connection, visit, answer, None)
    if not recorded.is_new:
        return
    if visit.service_id is None or _open(connection, tablet, visit.service_id) is None:
        raise PromptOver("这次评价已经结束,刚才的点选没有提交。想评价,可以扫窗口码。")
    _end(connection, tablet, visit.service_id, "rated", now)
    devices.note_rated(connection, tablet.id, clock.day_of(now), rows.half_day(now))


def end_unrated(connection: Connection, tablet: PairedDevice, service_id: int, now: datetime) -> None:
    """End a prompt without a rating: nobody tapped, or the code was taken along; 未评 stays 未评."""
    if _open(connection, tablet, service_id) is not None:
        _end(connection, tablet, service_id, "unrated", now)


def _open(connection: Connection, tablet: PairedDevice, service_id: int) -> Prompted | None:
    found = queries.open_prompt(connection, tablet.id)
    return found if found is not None and found.service_id == service_id else None


def _end(connection: Connection, tablet: PairedDevice, service_id: int, state: str, now: datetime) -> None:
    prompts.end_prompt(connection, service_id, state, now)
    signals.after_commit(connection, tablet.public_id)


def ask_to_rate(connection: Connection, new: NewService, waiting: str) -> None:
    """Send the question of the service that waits at a window, or note one that ended now and send its own.

    A form sent twice changes nothing the second time: its waiting service has been prompted, or its
    idempotency key is known. Raises NoTablet where no tablet is paired there.
    """
    at = new.ended_at
    if waiting:
        since = at - STILL_THERE
        found = queries.waiting_service(connection, new.window_id, clock.day_of(at), since)
        if found is not None and found.public_id == waiting:
            prompts.send_prompt(connection, found.service_id, at)
        return
    sittings = places.sittings(connection, new.window_id, at, at + clock.INSTANT)
    noted = services.note_service(connection, replace(new, staff_id=whose_work(sittings, at).staff_id))
    if noted.is_new:
        prompts.send_prompt(connection, noted.service_id, at)


def take_seat(connection: Connection, window_id: int, staff_id: int, now: datetime) -> None:
    """Let a person take over at a paired console's window (接班): two taps, nobody signs in or out."""
    rota.take_over(connection, window_id, staff_id, now, None)
