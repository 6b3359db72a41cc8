"""Writing the staff and the rota an import brings."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from evalsys.kernel import clock, reactions
from evalsys.kernel.sheets.cells import END_OF_DAY
from evalsys.organisation import rules
from evalsys.organisation.actions import belonging
from evalsys.organisation.actions.bulk import Values, ids_by, insert_rows, update_rows
from evalsys.organisation.actions.imported_places import window_ids
from evalsys.organisation.events import StaffImported, StaffLeft, StaffMoved
from evalsys.organisation.models import Duty, Staff, StaffUnit, Unit
from evalsys.organisation.plan.rows import Changes, DutyRow, RotaChanges, StaffRow


def write_staff(session: Session, changes: Changes[StaffRow], today: date) -> None:
    """Create and change staff; another unit holds from today; roles are announced, not kept."""
    insert_rows(session, Staff, [_values(person) for person in changes.created])
    ids, units = ids_by(session, Staff.staff_no, Staff.id), ids_by(session, Unit.code, Unit.id)
    first = [
        belonging.first_stretch("staff_id", ids[person.staff_no], units[person.unit], person.from_day)
        for person in changes.created
    ]
    insert_rows(session, StaffUnit, first)
    changed = [{**_values(after), "id": ids[after.staff_no]} for _, after in changes.changed]
    update_rows(session, Staff, changed)
    moved = {
        ids[after.staff_no]: units[after.unit] for was, after in changes.changed if was.unit != after.unit
    }
    belonging.move_staff(session, moved, today)
    for staff_id, unit_id in moved.items():
        reactions.publish(session.connection(), StaffMoved(staff_id, unit_id))
    for person in changes.after:
        if person.roles:
            number, unit_id = person.staff_no, units[person.unit]
            event = StaffImported(ids[number], number, person.name, unit_id, person.roles)
            reactions.publish(session.connection(), event)
        if person.to_day is not None and person.to_day < today:
            reactions.publish(session.connection(), StaffLeft(ids[person.staff_no]))


def _values(person: StaffRow) -> Values:
    return {
        "staff_no": person.staff_no,
        "name": person.name,
        "party_post": person.party_post,
        "from_day": person.from_day,
        "to_day": person.to_day,
    }


def write_rota(session: Session, changes: RotaChanges, import_id: int, now: datetime) -> None:
    """Withdraw the duties that are replaced, never deleting one, and add the new ones."""
    update_rows(session, Duty, [{"id": duty_id, "withdrawn_at": now} for duty_id in changes.withdrawn])
    windows, staff = window_ids(session), ids_by(session, Staff.staff_no, Staff.id)
    added = [
        {
            "window_id": windows[duty.window],
            "staff_id": staff[duty.staff_no],
            "starts_at": clock.at(duty.day, duty.starts),
            "ends_at": _end(duty),
            "kind": duty.kind,
            "source": rules.ROTA,
            "import_id": import_id,
        }
        for duty in changes.added
    ]
    insert_rows(session, Duty, added)


def _end(duty: DutyRow) -> datetime:
    return clock.end_of(duty.day) if duty.ends == END_OF_DAY else clock.at(duty.day, duty.ends)
