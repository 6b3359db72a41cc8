"""Which tags were chosen, what they are about, and the items they point to."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import ratings
from evalsys.evaluation.queries.ratings import TagOffer
from evalsys.kernel.access import within
from evalsys.organisation.queries import directory
from evalsys.scoring.models import ItemSum, TagSum
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.rules.answers import ChosenTag, PointedTo

POINTED_TO = 3  # items named beside a tag at most


def chosen_tags(session: Session | Connection, ground: Ground) -> list[ChosenTag]:
    """The tags chosen in a period, bad levels first, by what they are about and how often.

    One SELECT of the tags' sums, one of the items', and the names.
    """
    times = _times(session, ground)
    by_item = _by_item(session, ground, frozenset(times))
    names = directory.items_named(session, {item for items in by_item.values() for item in items})
    totals = _ratings_of(session, ground, sorted(names))
    found = []
    for level in (1, 2, 3, 4, 5):
        for tag in ratings.tags_of_level(session, level):
            if times.get(tag.code):
                counted = by_item.get(tag.code, {})
                items = [PointedTo(*names[i], n, totals.get(i, 0)) for i, n in counted.items()]
                items.sort(key=lambda item: (-item.times, item.code))
                pointed = items[:POINTED_TO]
                found.append(
                    ChosenTag(tag.code, tag.plain, tag.en, tag.attribution, level, times[tag.code], pointed)
                )
    return sorted(found, key=lambda tag: (tag.level > 2, tag.about, -tag.times, tag.code))


def bad_tags(session: Session | Connection) -> Sequence[TagOffer]:
    """The tags of the two bad levels, by code."""
    return ratings.tags_of_bad_levels(session)


def _times(session: Session | Connection, ground: Ground) -> dict[str, int]:
    statement = _limited(select(TagSum.tag, func.sum(TagSum.n)).group_by(TagSum.tag), TagSum, ground)
    if ground.windows is not None:
        statement = statement.where(TagSum.window_id.in_(sorted(ground.windows)))
    if ground.asked.channel:
        statement = statement.where(TagSum.channel == ground.asked.channel)
    return {tag: n for tag, n in session.execute(statement) if n}


def _by_item(
    session: Session | Connection, ground: Ground, tags: frozenset[str]
) -> Mapping[str, dict[int, int]]:
    statement = _limited(
        select(ItemSum.said, ItemSum.item_id, func.sum(ItemSum.n)).group_by(ItemSum.said, ItemSum.item_id),
        ItemSum,
        ground,
    )
    found: dict[str, dict[int, int]] = {}
    for tag, item, n in session.execute(statement.where(ItemSum.said.in_(sorted(tags)))):
        if n:
            found.setdefault(tag, {})[item] = n
    return found


def _ratings_of(session: Session | Connection, ground: Ground, items: Sequence[int]) -> dict[int, int]:
    statement = _limited(
        select(ItemSum.item_id, func.sum(ItemSum.n)).group_by(ItemSum.item_id), ItemSum, ground
    )
    rows = session.execute(statement.where(ItemSum.said.in_(tuple("54321")), ItemSum.item_id.in_(items)))
    return {item: n for item, n in rows}


def _limited(statement: Any, sums: Any, ground: Ground) -> Select[Any]:
    """The statement limited to the days, the departments and the scope asked for."""
    period = ground.asked.period
    statement = statement.where(sums.day.between(period.first, period.last))
    if ground.units is not None:
        statement = statement.where(sums.unit_id.in_(sorted(ground.units)))
    return within(statement, sums.unit_id, ground.scope)
