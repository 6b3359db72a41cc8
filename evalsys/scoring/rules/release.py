"""What the clerk's side may see: sums of closed periods from which no group of one to four can be found.

Each released cell is a set of ratings. Whole cells nest (weeks in months, months in quarters), so they are
safe as long as every ring, a cell without the released cells inside it, is empty or holds at least five.
Staff and channels cut across one another and across weeks: see `hiding` for when that is safe.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from evalsys.kernel.periods import KINDS, Closing, closing_of
from evalsys.scoring.rules.hiding import LEAST, Vector, hides_few
from evalsys.scoring.rules.rates import EMPTY, Split

ALL, STAFF, CHANNEL, TAG, EARLIER = "all", "staff", "channel", "tag", "earlier"
# Where only one way of cutting a cell is safe, the channels come first: they stand in every row.
PARTS = (CHANNEL, STAFF)


class Atom(NamedTuple):
    """Ratings that every cell holds together or not at all: one week, one member of staff, one channel."""

    week: date
    staff: str
    channel: str


class ReleasedPart(NamedTuple):
    """One released cell of a window: a closed period, whole or one part of it."""

    kind: str
    starts: date
    part: str
    key: str

    @property
    def closing(self) -> Closing:
        """The closed period."""
        return Closing(self.kind, self.starts)


Sums = Mapping[Atom, Split]
Released = Mapping[ReleasedPart, Split]


def whole(closing: Closing) -> ReleasedPart:
    """The cell that is a closed period as a whole."""
    return ReleasedPart(closing.kind, closing.starts, ALL, "")


def newly_released(sums: Sums, released: Released, today: date) -> dict[ReleasedPart, Split]:
    """The cells of one window and one quarter to release now, on top of those released before."""
    seen = dict(released)
    for closing in _closings(sums):
        if closing.closed(today) and not _is_frozen(closing, seen):
            seen.update(_release(closing, sums, seen))
    return {cell: split for cell, split in seen.items() if released.get(cell) != split}


def _closings(sums: Sums) -> Iterator[Closing]:
    weeks = sorted({atom.week for atom in sums})
    for kind in KINDS:
        yield from dict.fromkeys(closing_of(kind, week) for week in weeks)


def _is_frozen(closing: Closing, seen: Released) -> bool:
    """Whether a period around this one is out: from then on a new figure inside could be subtracted."""
    coarser = KINDS[KINDS.index(closing.kind) + 1 :]
    return any(whole(closing_of(kind, closing.starts)) in seen for kind in coarser)


def _release(closing: Closing, sums: Sums, seen: Released) -> dict[ReleasedPart, Split]:
    cell = whole(closing)
    now = _total(sums, cell)
    last = seen.get(cell)
    if last is None:
        inside = _total_of(seen[whole(inner)] for inner in _released_inside(closing, seen))
        if now.n < LEAST or not _may_stand_alone(now - inside):
            return {}
        return {cell: now} | _parts(closing, sums, {**seen, cell: now})
    growth = now - last
    if growth.n < LEAST or not _may_stand_alone(growth):
        return {}
    versions = sum(1 for old in seen if old[:3] == (closing.kind, closing.starts, EARLIER))
    return {cell: now, ReleasedPart(closing.kind, closing.starts, EARLIER, str(versions + 1)): last}


def _may_stand_alone(ring: Split) -> bool:
    """Whether a difference of two released figures says nothing about a few: no rating, or five and more.

    A level that shrank shows that ratings left the sum, and which: that is no five either.
    """
    return min(ring.levels) >= 0 and (ring.n == 0 or ring.n >= LEAST)


def _released_inside(closing: Closing, seen: Released) -> list[Closing]:
    """The largest released periods inside one."""
    return [c.closing for c in _outermost([c for c in seen if c.part == ALL and closing.holds(c.closing)])]


def _inside(cell: ReleasedPart) -> Callable[[Atom], bool]:
    """Whether an atom's ratings are in a cell."""
    period, part, key = cell.closing.period, cell.part, cell.key
    first, last = period.first, period.last

    def holds(atom: Atom) -> bool:
        if not first <= atom.week <= last:
            return False
        return part == ALL or key == (atom.staff if part == STAFF else atom.channel)

    return holds


def _total_of(splits: Iterable[Split]) -> Split:
    return sum(splits, start=EMPTY)


def _total(sums: Sums, cell: ReleasedPart) -> Split:
    holds = _inside(cell)
    return _total_of(split for atom, split in sums.items() if holds(atom))


def _parts(closing: Closing, sums: Sums, seen: Released) -> dict[ReleasedPart, Split]:
    """The ways of cutting a period's first release into parts that are safe together."""
    here = {c: split for c, split in seen.items() if c.closing == closing or closing.holds(c.closing)}
    if any(c.part == EARLIER for c in here) or not _unmoved(sums, here):
        return {}
    atoms = {
        atom: split.n
        for atom, split in sums.items()
        if split.n and closing.period.first <= atom.week <= closing.period.last
    }
    accepted: dict[ReleasedPart, Split] = {}
    for part in PARTS:
        keys = {atom.staff if part == STAFF else atom.channel for atom in atoms}
        cells = [ReleasedPart(closing.kind, closing.starts, part, key) for key in sorted(keys)]
        cut = {cell: _total(sums, cell) for cell in cells}
        views = [c for c in (*here, *accepted, *cut) if c.part in (ALL, *PARTS)]
        if all(_may_stand_alone(split) for split in cut.values()) and hides_few(_vectors(atoms, views)):
            accepted |= cut
    return accepted


def _unmoved(sums: Sums, released: Released) -> bool:
    """Whether the released figures are still what the sums say; else nobody knows which ratings they hold."""
    return all(_total(sums, c) == split for c, split in released.items() if c.part in (ALL, *PARTS))


def _vectors(atoms: Mapping[Atom, int], views: list[ReleasedPart]) -> dict[Vector, int]:
    """How many ratings are in the same views, by the set of those views."""
    alike = Counter[Vector]()
    tests = [_inside(view) for view in views]
    for atom, n in atoms.items():
        alike[frozenset(i for i, holds in enumerate(tests) if holds(atom))] += n
    return alike


TagCounts = Mapping[tuple[date, str], Mapping[str, int]]


def newly_released_tags(tags: TagCounts, cells: Released, released: Released) -> dict[ReleasedPart, Split]:
    """How often each group of tags was chosen in newly released whole cells, where at least five chose.

    `tags` says by week and group how often each tag was chosen. A rater chooses a tag once, so a tag chosen
    five times was chosen by five. `cells` are the cells being released now, `released` all those before.
    """
    found: dict[ReleasedPart, Split] = {}
    fresh = [cell for cell in cells if cell.part == ALL and cell not in released]
    for cell in sorted(fresh, key=lambda c: (KINDS.index(c.kind), c.starts)):
        for group in sorted({group for _, group in tags}):
            counts = _tags_of(tags, group, cell.closing)
            known = {**released, **found}
            inside = [c for c in known if (c.part, c.key) == (TAG, group) and cell.closing.holds(c.closing)]
            within = {c: _tags_of(tags, group, c.closing) for c in inside}
            ring = counts - sum((within[c] for c in _outermost(inside)), start=Counter[str]())
            unmoved = all(_by_level(within[c]) == known[c] for c in inside)
            if counts and unmoved and (not ring or max(ring.values()) >= LEAST):
                found[ReleasedPart(cell.kind, cell.starts, TAG, group)] = _by_level(counts)
    return found


def _outermost(cells: list[ReleasedPart]) -> list[ReleasedPart]:
    return [c for c in cells if not any(other.closing.holds(c.closing) for other in cells)]


def _tags_of(tags: TagCounts, group: str, closing: Closing) -> Counter[str]:
    counted = Counter[str]()
    for (week, of_group), counts in tags.items():
        if of_group == group and closing.period.first <= week <= closing.period.last:
            counted.update(counts)
    return +counted


def _by_level(counts: Mapping[str, int]) -> Split:
    """Choices by the level their tags belong to: the first digit of a tag's code."""
    levels = Counter[str]()
    for tag, n in counts.items():
        levels[tag[0]] += n
    return Split(*(levels[level] for level in "54321"))
