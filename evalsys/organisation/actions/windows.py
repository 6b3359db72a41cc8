"""What changes about windows and departments from one day to the next."""

from datetime import date

from sqlalchemy.orm import Session

from evalsys.kernel import journal
from evalsys.kernel.access import Actor
from evalsys.kernel.words import N_
from evalsys.organisation import rules
from evalsys.organisation.actions import belonging
from evalsys.organisation.actions.imported_places import write_names
from evalsys.organisation.models import Window
from evalsys.organisation.queries.histories import UnitHistory, WindowHistory


def close_window(session: Session, window: WindowHistory, stop: date, by: Actor) -> None:
    """Let a window be used no longer from a day on; its code then answers that it is closed."""
    rules.check_stop(window.from_day, stop)
    session.get_one(Window, window.id).to_day = rules.last_day_before(stop)
    journal.record(session, by, "close-window", window.code, stops_on=stop)


def reopen_window(session: Session, window: WindowHistory, start: date, today: date, by: Actor) -> None:
    """Let a window be used again from a day on; until a day still to come it stays closed.

    The days it was closed are kept by the journal. Raises NotThen where no closing day is set.
    """
    rules.check_is_stopped(window.to_day)
    row = session.get_one(Window, window.id)
    row.to_day = None
    if start > today:
        row.from_day = start
    journal.record(
        session, by, "reopen-window", window.code, starts_on=start, was_closed_from=window.stops_on
    )


def move_window(session: Session, window: WindowHistory, unit_id: int, day: date, by: Actor) -> None:
    """Let a window belong to another department from a day on; earlier ratings stay where they were."""
    if unit_id == window.unit_id:
        raise rules.NotThen(N_("这个窗口现在就属于{unit},请选另一个部门。"), unit=window.unit)
    belonging.move_windows(session, {window.id: unit_id}, day)
    journal.record(session, by, "move-window", window.code, unit_id=unit_id, from_day=day)


def rename_unit(
    session: Session, unit: UnitHistory, name: str, short_name: str, day: date, *, by: Actor
) -> None:
    """Give a department another name from a day on; before it, it keeps the old one."""
    new = {"unit_id": unit.id, "from_day": day, "name": name, "short_name": short_name or name[:60]}
    if (new["name"], new["short_name"]) == (unit.name, unit.short_name):
        raise rules.NotThen(N_("名称没有变。"))
    write_names(session, [new])
    journal.record(session, by, "rename-unit", unit.code, name=name, from_day=day)
