"""一次办成率: what people said when asked whether it got done, by window, by department and by item."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session

from evalsys.kernel.access import within
from evalsys.organisation.queries import directory
from evalsys.scoring.models import DailySum, ItemSum
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.rules.answers import Done
from evalsys.scoring.rules.ranking import Named


def done_at_windows(session: Session | Connection, ground: Ground) -> list[Done]:
    """The answers at each window with ratings in the period, by window code; one SELECT."""
    counts = (
        sum(getattr(DailySum, f"n{level}") for level in (5, 4, 3, 2, 1)),
        DailySum.done_yes,
        DailySum.done_no,
        DailySum.done_asking,
    )
    statement = _limited(
        select(DailySum.window_id, *map(func.sum, counts)).group_by(DailySum.window_id), DailySum, ground
    )
    asked = ground.asked
    if ground.windows is not None:
        statement = statement.where(DailySum.window_id.in_(sorted(ground.windows)))
    if asked.channel:
        statement = statement.where(DailySum.channel == asked.channel)
    if asked.entry:
        statement = statement.where(DailySum.entry == asked.entry)
    found = [
        Done(ground.named(window, leads_only=False), *counted)
        for window, *counted in session.execute(statement)
        if any(counted)
    ]
    return sorted(found, key=lambda done: done.named.code)


def done_by_item(session: Session | Connection, ground: Ground) -> list[Done]:
    """The answers of each item somebody named in the period, by item code; one SELECT and the items' names.

    Items have no window and no channel: of a filter only the days, the department and the scope count.
    """
    statement = _limited(
        select(ItemSum.item_id, ItemSum.said, func.sum(ItemSum.n))
        .group_by(ItemSum.item_id, ItemSum.said)
        # A cell whose ratings were taken out stays at 0; derived again it is gone.
        .having(func.sum(ItemSum.n) != 0),
        ItemSum,
        ground,
    )
    said: dict[int, dict[str, int]] = {}
    for item, words, n in session.execute(statement):
        said.setdefault(item, {})[words] = n
    names = directory.items_named(session, said)
    found = [Done(Named(*names[item], department=""), *_answers(counted)) for item, counted in said.items()]
    return sorted(found, key=lambda done: done.named.code)


def _answers(said: Mapping[str, int]) -> Iterable[int]:
    yield sum(said.get(level, 0) for level in "54321")
    yield from (said.get(answer, 0) for answer in ("yes", "no", "asking"))


def _limited(statement: Any, sums: Any, ground: Ground) -> Select[Any]:
    """The statement limited to the days, the departments and the scope asked for."""
    period = ground.asked.period
    statement = statement.where(sums.day.between(period.first, period.last))
    if ground.units is not None:
        statement = statement.where(sums.unit_id.in_(sorted(ground.units)))
    return within(statement, sums.unit_id, ground.scope)
