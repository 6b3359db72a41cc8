"""Reports of what could not be done, for the desk and for whoever made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import Session

from evalsys.desk.models import NotDoneReport
from evalsys.desk.rules.reports import ReportType
from evalsys.kernel import clock
from evalsys.kernel.secrets import digest, spelled
from evalsys.organisation.queries import directory
from evalsys.rectification.queries.citizen import may_reopen, reply_to
from evalsys.rectification.queries.standing import STANDING
from evalsys.rectification.rules.citizens import CITIZEN_WORDS, WITHOUT_A_DAY
from evalsys.rectification.rules.states import OPEN, State

_CASES = STANDING.c
MOST_SHOWN = 100


@dataclass(frozen=True)
class Report:
    """A report as the desk reads it."""

    case_id: int
    no: str
    type: ReportType
    text: str
    matter: str
    window_id: int | None
    reported_at: datetime


@dataclass(frozen=True)
class FollowedReport:
    """A report as whoever made it follows it; `unit` may be '', `answer_by` a day or none."""

    case_id: int
    no: str
    type: ReportType
    words: str
    unit: str
    answer_by: date | None
    reply: str
    may_confirm: bool


def _reports() -> Select[int, str, str, str, str, int | None, datetime]:
    return select(
        NotDoneReport.case_id,
        _CASES.no,
        NotDoneReport.type,
        NotDoneReport.text,
        NotDoneReport.matter,
        _CASES.window_id,
        NotDoneReport.reported_at,
    ).join(STANDING, _CASES.id == NotDoneReport.case_id)


def waiting(session: Session | Connection, hall_id: int) -> Sequence[Report]:
    """The reports of a hall nobody has given a term yet, the oldest first; at most MOST_SHOWN."""
    of_hall = _reports().where(_CASES.state == State.NEW, _CASES.hall_id == hall_id)
    found = session.execute(of_hall.order_by(NotDoneReport.case_id).limit(MOST_SHOWN))
    return [Report(row[0], row[1], ReportType(row[2]), *row[3:]) for row in found]


def report_of_case(session: Session | Connection, case_id: int) -> Report | None:
    """The report a case came from."""
    row = session.execute(_reports().where(NotDoneReport.case_id == case_id)).first()
    return None if row is None else Report(row[0], row[1], ReportType(row[2]), *row[3:])


def case_of_receipt(session: Session | Connection, receipt: str) -> int | None:
    """The case of a report by its receipt, however it was typed."""
    return session.execute(
        select(NotDoneReport.case_id).where(NotDoneReport.receipt_hash == digest(spelled(receipt)))
    ).scalar()


def followed(session: Session | Connection, receipt: str, now: datetime) -> FollowedReport | None:
    """A report as whoever holds its receipt sees it: by days, without names of staff."""
    case_id = case_of_receipt(session, receipt)
    if case_id is None:
        return None
    case = session.execute(
        select(_CASES.no, _CASES.state, _CASES.owner_unit_id, _CASES.finish_by, _CASES.closed_at).where(
            _CASES.id == case_id
        )
    ).one()
    report_type = session.execute(
        select(NotDoneReport.type).where(NotDoneReport.case_id == case_id)
    ).scalar_one()
    state, units = State(case.state), directory.units_on(session, clock.day_of(now))
    promises = state in OPEN and state not in WITHOUT_A_DAY
    return FollowedReport(
        case_id,
        case.no,
        ReportType(report_type),
        CITIZEN_WORDS[state],
        units[case.owner_unit_id].name if case.owner_unit_id else "",
        # A term ends at 24:00, which is the next day's first instant.
        clock.day_of(case.finish_by - clock.INSTANT) if promises else None,
        reply_to(session, case_id),
        state is State.CALLBACK or (state is State.CLOSED and may_reopen(case.closed_at, now)),
    )
