"""Reports of what could not be done: taken in, given a term by the desk, confirmed by whoever made them."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import IntegrityError

from evalsys.desk.models import NotDoneReport, ReportMark
from evalsys.desk.queries import marks, reports
from evalsys.desk.rules.reports import (
    JUST_NOW,
    RECEIPT_LENGTH,
    REPORT_PROFILES,
    TYPE_WORDS,
    UNTIL_TRIAGED,
    NewReport,
    check_came,
)
from evalsys.evaluation.actions import traces
from evalsys.evaluation.rules.keys import device_mark
from evalsys.kernel import clock, secrets
from evalsys.kernel.access import Actor
from evalsys.organisation.queries import places
from evalsys.rectification.actions.contacts import keep_contact
from evalsys.rectification.actions.moving import move_by_system
from evalsys.rectification.actions.opening import NewCase, open_case
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.queries.citizen import may_reopen
from evalsys.rectification.rules import Missing, NotAllowed
from evalsys.rectification.rules.citizens import to_the_minute
from evalsys.rectification.rules.fields import SOLVED_WORDS
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import PROFILES, Kind


def take_report(connection: Connection, new: NewReport, taken_by: Actor | None, now: datetime) -> str:
    """Take in a report; returns the receipt, the same one for the same form again."""
    receipt = receipt_of(connection, new.key)
    if reports.case_of_receipt(connection, receipt) is not None:
        return receipt
    try:
        with connection.begin_nested():
            _opened(connection, new, secrets.digest(receipt), taken_by, to_the_minute(now))
    except IntegrityError:
        # The same form came twice at the same moment.
        if reports.case_of_receipt(connection, receipt) is None:
            raise
    return receipt


def take_public_report(connection: Connection, new: NewReport, device: str, now: datetime) -> str:
    """Take in a report from the public page; raises TooManyReports. The same form again is never too many.

    `device` is what the sender's machine says of itself; only its mark under the key of the day is kept.
    """
    mark = device_mark(traces.key_of_day(connection, clock.day_of(now)), device)
    if reports.case_of_receipt(connection, receipt_of(connection, new.key)) is None:
        came = marks.came_since(connection, now - JUST_NOW, new.hall_id, mark)
        check_came(came.of_device, came.of_hall)
        connection.execute(delete(ReportMark).where(ReportMark.at <= now - JUST_NOW))
        connection.execute(insert(ReportMark).values(hall_id=new.hall_id, mark=mark, at=now))
    return take_report(connection, new, None, now)


def receipt_of(connection: Connection, key: str) -> str:
    """The receipt of the report made on a form, by the form's key."""
    return secrets.derived_code(secrets.receipt_key(connection), f"not-done {key}", RECEIPT_LENGTH)


def _opened(
    connection: Connection, new: NewReport, receipt_hash: str, taken_by: Actor | None, at: datetime
) -> None:
    case_id = open_case(connection, _case_of(connection, new, taken_by, at))
    if new.contact is not None:
        keep_contact(connection, case_id, None, new.contact, at=at)
    connection.execute(
        insert(NotDoneReport).values(
            case_id=case_id,
            type=new.type.value,
            text=new.text,
            matter=new.matter,
            receipt_hash=receipt_hash,
            reported_at=at,
            taken_by=None if taken_by is None else taken_by.account_id,
        )
    )


def _case_of(connection: Connection, new: NewReport, taken_by: Actor | None, at: datetime) -> NewCase:
    place = None
    if new.window_id is not None:
        place = places.place_of_window(connection, new.window_id, clock.day_of(at))
    return NewCase(
        Kind.NOT_DONE,
        UNTIL_TRIAGED,
        at,
        window_id=new.window_id,
        hall_id=new.hall_id,
        unit_id=None if place is None else place.unit_id,
        is_reachable=new.contact is not None,
        by=taken_by,
        reason=TYPE_WORDS[new.type],
    )


def give_term(connection: Connection, case_id: int, profile: str, actor: Actor, *, now: datetime) -> None:
    """Let the desk say by when a report has to be done with; it then waits to be dispatched.

    Raises Missing without one of the three terms, NotAllowed where it has been given one.
    """
    if profile not in REPORT_PROFILES:
        raise Missing({"profile": "请选办理时限"})
    if locked(connection, case_id).state != State.NEW:
        raise NotAllowed("这件已经分类,不用再选时限。")
    words = PROFILES[profile].words
    move_by_system(connection, case_id, State.TRIAGED, words, now=now, given={"profile": profile}, by=actor)


def confirm_report(connection: Connection, case_id: int, solved: str, now: datetime) -> None:
    """Keep the word of whoever made a report; 没解决 within thirty days of closing takes it up again.

    Raises NotAllowed before there is an answer, and when it is too late.
    """
    row = locked(connection, case_id)
    at, words = to_the_minute(now), f"反映人说:{SOLVED_WORDS[solved]}"
    if row.state == State.CALLBACK:
        add_step(connection, row, Step("note", at, reason=words, facts={"solved": solved}), {})
    elif row.state == State.CLOSED and may_reopen(row.closed_at, now):
        if solved == "no":
            move_by_system(connection, case_id, State.REDO, words, now=at, given={"solved": solved})
        else:
            add_step(connection, row, Step("note", at, reason=words, facts={"solved": solved}), {})
    else:
        raise NotAllowed("现在还不用确认,或办结已超过30天。还没解决,请到“办不成事”窗口或打12345。")
