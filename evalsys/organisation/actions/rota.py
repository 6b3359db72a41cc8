"""What changes about the rota during the day: shifts added, withdrawn, given away, and taken over."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import Session

from evalsys.kernel import clock, journal
from evalsys.kernel.access import Actor
from evalsys.kernel.words import N_
from evalsys.organisation import duty, rules
from evalsys.organisation.models import Duty, Window
from evalsys.organisation.queries import places
from evalsys.organisation.queries.rota import Shift
from evalsys.worktime import rules as worktime


def add_shift(session: Session, shift: rules.NewShift, now: datetime, by: Actor) -> None:
    """Put somebody on the rota."""
    if shift.starts_at >= shift.ends_at:
        raise rules.NotThen(N_("结束要晚于开始。"))
    rules.check_still_ahead(shift.ends_at, now)
    _add(session, shift)
    journal.record(
        session,
        by,
        "add-shift",
        f"window {shift.window_id}",
        staff_id=shift.staff_id,
        starts_at=shift.starts_at,
    )


def withdraw_shift(session: Session, shift: Shift, now: datetime, by: Actor) -> None:
    """Take a shift off the rota; the row stays, marked as withdrawn."""
    rules.check_still_ahead(shift.ends_at, now)
    _withdraw(session, shift, now)
    journal.record(session, by, "withdraw-shift", f"duty {shift.duty_id}")


def give_shift(session: Session, shift: Shift, staff_id: int, now: datetime, by: Actor) -> None:
    """Let somebody else do a shift; what has passed of it stays with the first."""
    rules.check_still_ahead(shift.ends_at, now)
    _give(session, shift, staff_id, now)
    journal.record(session, by, "give-shift", f"duty {shift.duty_id}", staff_id=staff_id)


def swap_shifts(session: Session, shift: Shift, other: Shift, now: datetime, by: Actor) -> None:
    """Let two people do each other's shifts."""
    for each in (shift, other):
        rules.check_still_ahead(each.ends_at, now)
    _give(session, shift, other.staff_id, now)
    _give(session, other, shift.staff_id, now)
    journal.record(session, by, "swap-shifts", f"duty {shift.duty_id}", other=other.duty_id)


def _give(session: Session, shift: Shift, staff_id: int, now: datetime) -> None:
    if shift.starts_at >= now:
        _withdraw(session, shift, now)
    else:
        session.execute(update(Duty).where(Duty.id == shift.duty_id).values(ends_at=now))
    starts_at = max(shift.starts_at, now)
    _add(session, rules.NewShift(shift.window_id, staff_id, starts_at, shift.ends_at, shift.kind))


def _withdraw(session: Session, shift: Shift, now: datetime) -> None:
    session.execute(update(Duty).where(Duty.id == shift.duty_id).values(withdrawn_at=now))


def _add(session: Session | Connection, shift: rules.NewShift) -> None:
    session.execute(insert(Duty), asdict(shift))


def take_over(
    session: Session | Connection, window_id: int, staff_id: int, now: datetime, by: Actor | None
) -> None:
    """Let a person sit at a window from now on (接班), whatever the rota says.

    Sittings that were signed in and still run, at the window or of the person, end now, and so does what the
    rota has the person do at another window. The new one lasts as `duty.planned_for` says, else to the end of
    the office hours, else to the end of the day. From a paired console, where nobody is signed in, it is done
    by nobody.
    """
    # Two people taking over at once wait for each other.
    session.execute(select(Window.id).where(Window.id == window_id).with_for_update())
    elsewhere = (Duty.staff_id == staff_id) & (Duty.window_id != window_id) & (Duty.starts_at <= now)
    signed_in = (Duty.source == rules.SIGN_IN) & ((Duty.window_id == window_id) | (Duty.staff_id == staff_id))
    running = (Duty.withdrawn_at.is_(None), Duty.ends_at > now, signed_in | elsewhere)
    # One that began at this very instant would end before it began: it is withdrawn instead.
    session.execute(update(Duty).where(*running, Duty.starts_at >= now).values(withdrawn_at=now))
    session.execute(update(Duty).where(*running, Duty.starts_at < now).values(ends_at=now))
    until, kind = _planned_sitting(session, window_id, staff_id, now)
    _add(session, rules.NewShift(window_id, staff_id, now, until, kind, rules.SIGN_IN))
    journal.record(session, by, "take-over", f"window {window_id}", staff_id=staff_id)


def _planned_sitting(
    session: Session | Connection, window_id: int, staff_id: int, now: datetime
) -> tuple[datetime, str]:
    """Until when, and on what kind of duty, somebody who sits down at a window now is to sit."""
    day = clock.day_of(now)
    shifts = places.sittings(session, window_id, now, clock.end_of(day))
    planned = [shift for shift in shifts if shift.source == rules.ROTA]
    until, kind = duty.planned_for(planned, staff_id, now)
    closing = clock.at(day, worktime.OFFICE_HOURS[-1][1])
    if kind is None:
        until = min(until or closing, closing) if closing > now else until
    return until or clock.end_of(day), kind or rules.DutyKind.REGULAR.value
