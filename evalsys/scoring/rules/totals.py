"""Which running totals a change of the daily sums moves, and by how much."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from evalsys.scoring.rules.gathering import NOBODY
from evalsys.scoring.rules.tallies import LEVELS, Cell, ServiceCell

ALL_ENTRIES = ""
NO_CHANNEL = ""  # of a service, before it is rated

COUNTS = (*(f"n{level}" for level in LEVELS), "held", "excluded", "bound", "assisted", "services", "prompted")

# Where a column of the daily sums is counted; what was done is not.
_PLACES = {f"n{level}": place for place, level in enumerate(LEVELS)}
_PLACES |= {f"{name}{level}": COUNTS.index(name) for name in ("held", "excluded") for level in LEVELS}
_PLACES |= {name: COUNTS.index(name) for name in ("bound", "assisted")}
_UNSCORED = tuple(f"unscored{level}" for level in LEVELS)

Counts = list[int]  # in the order of COUNTS
K = TypeVar("K")


class WindowCell(NamedTuple):
    """One cell of the windows' running totals on one day."""

    day: date
    entry: str
    channel: str
    window_id: int
    unit_id: int


class StaffCell(NamedTuple):
    """One cell of the clerks' running totals on one day."""

    day: date
    entry: str
    channel: str
    staff_id: int
    unit_id: int
    hall_id: int


class Moves:
    """By how much each running total moves on its day, by the halls of the windows."""

    def __init__(self, hall_of: Mapping[int, int]) -> None:
        self._hall_of = hall_of
        self.windows: dict[WindowCell, Counts] = {}
        self.staff: dict[StaffCell, Counts] = {}

    @property
    def days(self) -> set[date]:
        """The days on which something moves."""
        return {cell.day for cell in self.windows} | {cell.day for cell in self.staff}

    def add_sums(self, moved: Mapping[Cell, Mapping[str, int]]) -> None:
        """Add what the cells of the daily sums change by."""
        for cell, change in moved.items():
            counts = _counts(change)
            for entry in (cell.entry, ALL_ENTRIES):
                self._add_to_window(cell, entry, cell.channel, counts)
                for staff, own in _whose(cell.staff_id, counts, change):
                    self._add_to_staff(cell, staff, (entry, cell.channel), own)

    def add_services(self, moved: Mapping[ServiceCell, tuple[int, int]]) -> None:
        """Add what the cells of the service sums change by: services, and prompted ones."""
        for cell, change in moved.items():
            counts = [*[0] * (len(COUNTS) - 2), *change]
            self._add_to_window(cell, ALL_ENTRIES, NO_CHANNEL, counts)
            self._add_to_staff(cell, cell.staff_id, (ALL_ENTRIES, NO_CHANNEL), counts)

    def _add_to_window(self, cell: Cell | ServiceCell, entry: str, channel: str, counts: Counts) -> None:
        key = WindowCell(cell.day, entry, channel, cell.window_id, cell.unit_id)
        add(self.windows, key, counts)

    def _add_to_staff(
        self, cell: Cell | ServiceCell, staff: int, door: tuple[str, str], counts: Counts
    ) -> None:
        key = StaffCell(cell.day, *door, staff, cell.unit_id, self._hall_of[cell.window_id])
        add(self.staff, key, counts)


def add(totals: dict[K, Counts], key: K, counts: Counts) -> None:
    """Add counts to those of a cell, if they are any."""
    if any(counts):
        found = totals.get(key)
        totals[key] = counts if found is None else [a + b for a, b in zip(found, counts, strict=True)]


def _counts(change: Mapping[str, int]) -> Counts:
    counts = [0] * len(COUNTS)
    for column, by in change.items():
        place = _PLACES.get(column)
        if place is not None:
            counts[place] += by
    return counts


def _whose(staff: int, counts: Counts, change: Mapping[str, int]) -> Sequence[tuple[int, Counts]]:
    """A clerk's own counts, and what stands with nobody's because the clerk is not scored for it."""
    unscored = [change.get(column, 0) for column in _UNSCORED]
    if staff == NOBODY or not any(unscored):
        return [(staff, counts)]
    nobodys = unscored + [0] * (len(COUNTS) - len(LEVELS))
    return [(staff, [n - taken for n, taken in zip(counts, nobodys, strict=True)]), (NOBODY, nobodys)]
