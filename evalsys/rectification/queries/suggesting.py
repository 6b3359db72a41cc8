"""Which unit a case may belong to, and why: from what an owner said, the directory, and the window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.words import N_
from evalsys.organisation.queries import directory
from evalsys.rectification.models import CaseStep, Responsibility
from evalsys.rectification.queries.duplicates import words_of
from evalsys.rectification.queries.matters import Matter, matters
from evalsys.rectification.queries.steps import facts_of
from evalsys.rectification.rules.states import State

_OF_ITEM = N_("责任目录:事项“{what}”归该单位")
_OF_CATEGORY = N_("责任目录:类别“{what}”归该单位")
_OF_WORD = N_("责任目录:提到“{what}”的归该单位")
_NAMED = N_("上一承办单位退单时认为应由该单位办")
_OF_WINDOW = N_("反映的窗口属于该单位")


@dataclass(frozen=True)
class Suggestion:
    """A unit that may be in charge, with the sentence that says why."""

    unit_id: int
    code: str
    name: str
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)


def suggestions(session: Session | Connection, row: Row[Any], now: datetime) -> Sequence[Suggestion]:
    """The units that may be in charge, the likeliest first, each once; the last is the window's own."""
    units = directory.units_on(session, clock.day_of(now))
    told = matters(session, [row.id]).get(row.id, Matter())
    asked = Matter(_item(session, row), told.category, words_of(session, [row.id]).get(row.id, ""))
    found: list[tuple[int, str, dict[str, str]]] = []
    if row.state == State.RETURN_REQUESTED and (named := _named(session, row)):
        found.append((named, _NAMED, {}))
    found += _from_directory(session, asked)
    if row.unit_id is not None:
        found.append((row.unit_id, _OF_WINDOW, {}))
    offered: dict[int, Suggestion] = {}
    for unit_id, sentence, values in found:
        unit = units[unit_id]
        offered.setdefault(unit_id, Suggestion(unit_id, unit.code, unit.name, sentence, values))
    return list(offered.values())


def _item(session: Session | Connection, row: Row[Any]) -> tuple[str, str] | None:
    return None if row.item_id is None else directory.items_named(session, [row.item_id])[row.item_id]


def _named(session: Session | Connection, row: Row[Any]) -> int | None:
    """The unit that whoever gives the case back named."""
    last = session.execute(
        select(CaseStep.facts)
        .where(CaseStep.case_id == row.id, CaseStep.to_state == State.RETURN_REQUESTED.value)
        .order_by(CaseStep.seq.desc())
        .limit(1)
    ).scalar()
    named = None if last is None else facts_of(last).get("right_owner")
    return named if isinstance(named, int) else None


def _from_directory(session: Session | Connection, asked: Matter) -> list[tuple[int, str, dict[str, str]]]:
    rows = session.execute(
        select(Responsibility.about, Responsibility.what, Responsibility.unit_id).order_by(
            Responsibility.what, Responsibility.unit_id
        )
    ).all()
    found = []
    if asked.item is not None:
        code, name = asked.item
        found += [(row.unit_id, _OF_ITEM, {"what": name}) for row in rows if row[:2] == ("item", code)]
    if asked.category:
        of_category = [row for row in rows if row[:2] == ("category", asked.category)]
        found += [(row.unit_id, _OF_CATEGORY, {"what": row.what}) for row in of_category]
    named = [row for row in rows if row.about == "word" and row.what in asked.words]
    return found + [(row.unit_id, _OF_WORD, {"what": row.what}) for row in named]
