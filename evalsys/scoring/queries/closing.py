"""What a quarter holds and what of it has been released: the ground on which more is released."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import ratings
from evalsys.kernel.periods import QUARTERS, Closing, closing_of, monday_of
from evalsys.scoring.models import DailySum, ReleasedCell, TagSum
from evalsys.scoring.rules.gathering import NOBODY
from evalsys.scoring.rules.rates import EMPTY, Split
from evalsys.scoring.rules.release import Atom, ReleasedPart

REVISITED = timedelta(days=190)  # late ratings are still taken in for about two closed quarters
DAY = timedelta(days=1)


@dataclass
class Place:
    """One window in one unit during one quarter: its sums, its tags, and what has been released."""

    sums: dict[Atom, Split] = field(default_factory=dict)
    tags: dict[tuple[date, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    released: dict[ReleasedPart, Split] = field(default_factory=dict)

    def add(self, atom: Atom, split: Split) -> None:
        """Add the ratings of a day to the week they belong to."""
        if split != EMPTY:
            self.sums[atom] = self.sums.get(atom, EMPTY) + split


def quarters_to_visit(session: Session | Connection, today: date) -> list[Closing]:
    """The quarters in which something may be released: the recent ones, and older ones never visited."""
    first = session.execute(select(func.min(DailySum.day))).scalar()
    if first is None:
        return []
    visited = set(
        session.execute(select(ReleasedCell.starts).where(ReleasedCell.kind == QUARTERS).distinct()).scalars()
    )
    found = []
    quarter = closing_of(QUARTERS, first)
    while quarter.starts <= today:
        if quarter.period.last > today - REVISITED or quarter.starts not in visited:
            found.append(quarter)
        quarter = closing_of(QUARTERS, quarter.period.last + DAY)
    return found


def places_in(session: Session | Connection, quarter: Closing) -> Mapping[tuple[int, int], Place]:
    """Every window and unit with ratings in a quarter, by their ids."""
    places: dict[tuple[int, int], Place] = defaultdict(Place)
    _add_sums(session, quarter, places)
    _add_tags(session, quarter, places)
    first, last = quarter.period.first, quarter.period.last
    cells = session.execute(
        select(ReleasedCell)
        .where(ReleasedCell.starts.between(first, last))
        .with_only_columns(
            ReleasedCell.window_id,
            ReleasedCell.unit_id,
            ReleasedCell.kind,
            ReleasedCell.starts,
            ReleasedCell.part,
            ReleasedCell.part_key,
            *(getattr(ReleasedCell, f"n{level}") for level in (5, 4, 3, 2, 1)),
        )
    )
    for window, unit, kind, starts, part, key, *levels in cells:
        places[window, unit].released[ReleasedPart(kind, starts, part, key)] = Split(*levels)
    return places


def _add_sums(session: Session | Connection, quarter: Closing, places: dict[tuple[int, int], Place]) -> None:
    columns = [getattr(DailySum, f"{name}{level}") for name in ("n", "unscored") for level in (5, 4, 3, 2, 1)]
    keys = (DailySum.window_id, DailySum.unit_id, DailySum.day, DailySum.staff_id, DailySum.channel)
    rows = session.execute(
        select(*keys, *map(func.sum, columns))
        .where(DailySum.day.between(quarter.period.first, quarter.period.last))
        .group_by(*keys)
    )
    for window, unit, day, staff, channel, *counts in rows:
        unscored = Split(*counts[5:])
        place, week = places[window, unit], monday_of(day)
        # What a clerk is not scored for stands with what is matched to nobody, here as in the rankings.
        place.add(Atom(week, str(staff), channel), Split(*counts[:5]) - unscored)
        place.add(Atom(week, str(NOBODY), channel), unscored)


def _add_tags(session: Session | Connection, quarter: Closing, places: dict[tuple[int, int], Place]) -> None:
    groups = tag_groups(session)
    keys = (TagSum.window_id, TagSum.unit_id, TagSum.day, TagSum.tag)
    rows = session.execute(
        select(*keys, func.sum(TagSum.n))
        .where(TagSum.day.between(quarter.period.first, quarter.period.last), TagSum.n != 0)
        .group_by(*keys)
    )
    for window, unit, day, tag, n in rows:
        if tag in groups:
            places[window, unit].tags[monday_of(day), groups[tag]][tag] += n


def tag_groups(session: Session | Connection) -> dict[str, str]:
    """For each tag the group it is shown in to the clerk's side: what it is about, and good or bad."""
    return {
        tag.code: f"{tag.attribution}:{'good' if level >= 3 else 'bad'}"
        for level in (5, 4, 3, 2, 1)
        for tag in ratings.tags_of_level(session, level)
    }
