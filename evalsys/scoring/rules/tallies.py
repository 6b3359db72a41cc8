"""Which sums an event moves, and by how much."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from evalsys.evaluation.rules import CountedAs

LEVELS = (5, 4, 3, 2, 1)
COLUMN_OF_STANDING = {"counted": "n", "held": "held", "excluded": "excluded"}


class Cell(NamedTuple):
    """One cell of the daily sums; staff 0 and item type '' stand for not known."""

    day: date
    window_id: int
    staff_id: int
    unit_id: int
    item_type: str
    channel: str
    entry: str


class ServiceCell(NamedTuple):
    """One cell of the service sums; staff 0 and item type '' stand for not known."""

    day: date
    window_id: int
    staff_id: int
    unit_id: int
    item_type: str


class TagCell(NamedTuple):
    """One cell of the tag sums."""

    day: date
    window_id: int
    staff_id: int
    unit_id: int
    channel: str
    tag: str


def cell_of(rating: CountedAs) -> Cell:
    """The cell a rating is counted in."""
    return Cell(
        rating.day,
        rating.window_id,
        rating.staff_id,
        rating.unit_id,
        rating.item_type,
        rating.channel,
        rating.entry,
    )


def columns_of(rating: CountedAs) -> tuple[str, ...]:
    """The columns of its cell a rating adds one to; what does not count is only kept apart by level."""
    level = f"{COLUMN_OF_STANDING[rating.standing]}{rating.level}"
    if rating.standing != "counted":
        return (level,)
    also = (
        "bound" if rating.bound else "",
        "assisted" if rating.assisted else "",
        f"done_{rating.done}" if rating.done else "",
        "" if rating.scored else f"unscored{rating.level}",
    )
    return (level, *(column for column in also if column))


def tag_cells_of(rating: CountedAs) -> tuple[TagCell, ...]:
    """The tag cells a rating adds one to: none unless it counts."""
    if rating.standing != "counted":
        return ()
    return tuple(
        TagCell(rating.day, rating.window_id, rating.staff_id, rating.unit_id, rating.channel, tag)
        for tag in rating.tags
    )


def movements(before: CountedAs | None, after: CountedAs | None) -> dict[Cell, Counter[str]]:
    """By how much each cell's columns change.

    Cells come in a fixed order, so that two writers never lock them crosswise.
    """
    moved: dict[Cell, Counter[str]] = {}
    for rating, sign in ((before, -1), (after, 1)):
        if rating is not None:
            cell = moved.setdefault(cell_of(rating), Counter())
            for column in columns_of(rating):
                cell[column] += sign
    return {cell: moved[cell] for cell in sorted(moved) if any(moved[cell].values())}


def tag_movements(before: CountedAs | None, after: CountedAs | None) -> list[tuple[TagCell, int]]:
    """By how much each tag cell changes, in a fixed order."""
    moved = Counter[TagCell]()
    moved.update(_tag_cells(after))
    moved.subtract(_tag_cells(before))
    return sorted((cell, by) for cell, by in moved.items() if by)


def _tag_cells(rating: CountedAs | None) -> Iterable[TagCell]:
    return () if rating is None else tag_cells_of(rating)
