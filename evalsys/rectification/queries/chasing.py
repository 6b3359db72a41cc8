"""日督催: what is due on a day and what is overdue, for each unit that holds it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.words import N_
from evalsys.rectification.models import Case
from evalsys.rectification.queries import lines
from evalsys.rectification.queries.lines import CaseLine
from evalsys.rectification.rules.lights import LIGHT_WORDS
from evalsys.rectification.rules.states import OPEN, STATE_WORDS, WITH_THE_OWNER

COLUMNS = ("单位", "单号", "状态", "时限", "到期", "窗口", "部门")
_AT_ONCE = 500  # cases in one statement
DESK = N_("工作台(研判、派单、验收、回访)")


@dataclass(frozen=True)
class Chased:
    """What one unit is to be reminded of; '' is the desk's own: triage, dispatch, acceptance, call-back."""

    unit_code: str
    unit: str
    lines: Sequence[CaseLine]


def chase_list(session: Session | Connection, on: date, now: datetime) -> Sequence[Chased]:
    """Every open case that is overdue or ends its present clock by the end of a day, by unit, worst first.

    Lights are those of `now`, or of the end of the day where it lies in the past or the future.
    """
    moment = now if clock.day_of(now) == on else clock.end_of(on) - clock.INSTANT
    rows = session.execute(
        select(*Case.__table__.c)
        .where(Case.state.in_(sorted(OPEN)), Case.due_at <= clock.end_of(on))
        .order_by(Case.due_at, Case.id)
    ).all()
    by_unit: dict[tuple[str, str], list[CaseLine]] = {}
    found = (
        line
        for start in range(0, len(rows), _AT_ONCE)
        for line in lines.lines(session, rows[start : start + _AT_ONCE], moment)
    )
    for line in found:
        with_owner = line.state in WITH_THE_OWNER and line.owner is not None
        key = (line.owner_code or "", line.owner or "") if with_owner else ("", DESK)
        by_unit.setdefault(key, []).append(line)
    return [Chased(code, name, lines) for (code, name), lines in sorted(by_unit.items())]


def rows_of(chased: Sequence[Chased]) -> list[list[str]]:
    """The list as rows under COLUMNS, as it goes into a file and onto a terminal."""
    return [
        [
            unit.unit,
            line.no,
            STATE_WORDS[line.state],
            LIGHT_WORDS[line.light],
            clock.shown(line.due_at) if line.due_at else "",
            line.window or "",
            line.department or "",
        ]
        for unit in chased
        for line in unit.lines
    ]


def sheets_of(chased: Sequence[Chased]) -> dict[str, tuple[Sequence[str], list[list[str]]]]:
    """The list as the sheets of a workbook: all of it, then each unit's."""
    sheets: dict[str, tuple[Sequence[str], list[list[str]]]] = {"全部": (COLUMNS, rows_of(chased))}
    for unit in chased:
        sheets[_sheet_name(unit.unit_code or "工作台", sheets)] = (COLUMNS, rows_of([unit]))
    return sheets


def _sheet_name(code: str, taken: Collection[str]) -> str:
    """A name a workbook takes: 31 signs at most, none of []:*?/ or backslash, and each once."""
    plain = re.sub(r"[\[\]:*?/\\]", "_", code).strip("'") or "_"
    lowered = {name.lower() for name in taken}
    names = (plain[:31], *(f"{plain[:27]}~{n}" for n in range(2, len(taken) + 3)))
    return next(name for name in names if name.lower() not in lowered)
