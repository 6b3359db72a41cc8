"""Which sums an event moves, and by how much."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, Protocol

from evalsys.evaluation.events import ServiceCancelled, ServiceEnded, ServicePrompted
from evalsys.evaluation.rules import CountedAs

# A service that ended, was asked about, or was cancelled before it was rated.
MovesServices = ServiceEnded | ServicePrompted | ServiceCancelled

LEVELS = (5, 4, 3, 2, 1)
COLUMN_OF_STANDING = {"counted": "n", "held": "held", "excluded": "excluded"}


class MovesSums(Protocol):
    """An event that changes how a rating is counted."""

    @property
    def before(self) -> CountedAs | None:
        """How it stood; None for what stood nowhere."""

    @property
    def after(self) -> CountedAs | None:
        """How it stands now; None for what stands nowhere."""


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


class ItemCell(NamedTuple):
    """One cell of the item sums: a level's digit, an answer to 办成了吗? or a tag's code, said of an item."""

    day: date
    item_id: int
    unit_id: int
    said: str


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


def item_cells_of(rating: CountedAs) -> tuple[ItemCell, ...]:
    """The item cells a rating adds one to: none unless it counts and its item is known."""
    if rating.standing != "counted" or not rating.item_id:
        return ()
    said = (str(rating.level), *((rating.done,) if rating.done else ()), *rating.tags)
    return tuple(ItemCell(rating.day, rating.item_id, rating.unit_id, words) for words in said)


def movements(changes: Iterable[MovesSums]) -> dict[Cell, Counter[str]]:
    """By how much each cell's columns change in all.

    Cells come in a fixed order, so that two writers never lock them crosswise.
    """
    moved: dict[Cell, Counter[str]] = {}
    for change in changes:
        for rating, sign in ((change.before, -1), (change.after, 1)):
            if rating is not None:
                cell = moved.setdefault(cell_of(rating), Counter())
                for column in columns_of(rating):
                    cell[column] += sign
    return {cell: moved[cell] for cell in sorted(moved) if any(moved[cell].values())}


def tag_movements(changes: Iterable[MovesSums]) -> list[tuple[TagCell, int]]:
    """By how much each tag cell changes in all, in a fixed order."""
    moved = Counter[TagCell]()
    for change in changes:
        moved.update(_tag_cells(change.after))
        moved.subtract(_tag_cells(change.before))
    return sorted((cell, by) for cell, by in moved.items() if by)


def item_movements(changes: Iterable[MovesSums]) -> list[tuple[ItemCell, int]]:
    """By how much each item cell changes in all, in a fixed order."""
    moved = Counter[ItemCell]()
    for change in changes:
        if change.after is not None:
            moved.update(item_cells_of(change.after))
        if change.before is not None:
            moved.subtract(item_cells_of(change.before))
    return sorted((cell, by) for cell, by in moved.items() if by)


def _tag_cells(rating: CountedAs | None) -> Iterable[TagCell]:
    return () if rating is None else tag_cells_of(rating)


def service_movements(events: Iterable[MovesServices]) -> dict[ServiceCell, tuple[int, int]]:
    """By how much the services, and the prompted ones, of each cell change, in a fixed order."""
    moved: dict[ServiceCell, tuple[int, int]] = {}
    for event in events:
        cell = ServiceCell(event.day, event.window_id, event.staff_id, event.unit_id, event.item_type)
        services, prompted = moved.get(cell, (0, 0))
        more, asked = _services_of(event)
        moved[cell] = (services + more, prompted + asked)
    return {cell: moved[cell] for cell in sorted(moved) if any(moved[cell])}


def _services_of(event: MovesServices) -> tuple[int, int]:
    if isinstance(event, ServiceEnded):
        return 1, 0
    if isinstance(event, ServicePrompted):
        return 0, 1
    return -1, -1 if event.prompted else 0
