"""What anybody may see: released cells, as long as no two views of them differ by fewer than ten ratings.

Only weeks and months of whole windows are opened, and only as they were released to the clerk's side: whoever
sees both learns nothing new. Weeks nest in months, so it is enough that every ring (a month without the open
weeks in it, a cell without its own last opened state) is empty or holds ten.
"""

from collections.abc import Mapping

from evalsys.kernel.periods import MONTHS, WEEKS, Closing, closing_of
from evalsys.scoring.rules.rates import EMPTY, Split

LEAST = 10

Cells = Mapping[Closing, Split]


def newly_open(released: Cells, opened: Cells) -> dict[Closing, Split]:
    """The weeks and months of one window to open now, on top of those opened before."""
    seen = dict(opened)
    for kind in (WEEKS, MONTHS):
        for closing in sorted((c for c in released if c.kind == kind), key=lambda c: c.starts):
            if not _is_frozen(closing, seen) and _may_open(closing, released[closing], seen):
                seen[closing] = released[closing]
    return {closing: split for closing, split in seen.items() if opened.get(closing) != split}


def _is_frozen(closing: Closing, seen: Cells) -> bool:
    """Whether the month around a week is out: a new figure inside could be subtracted from it."""
    return closing.kind == WEEKS and closing_of(MONTHS, closing.starts) in seen


def _may_open(closing: Closing, now: Split, seen: Cells) -> bool:
    last = seen.get(closing)
    if last is not None:
        return (now - last).n >= LEAST and _may_stand_alone(now - last)
    inside = sum((split for other, split in seen.items() if closing.holds(other)), start=EMPTY)
    return now.n >= LEAST and _may_stand_alone(now - inside)


def _may_stand_alone(ring: Split) -> bool:
    """Whether a difference of two open figures says nothing about a few: no rating, or ten and more."""
    return min(ring.levels) >= 0 and (ring.n == 0 or ring.n >= LEAST)
