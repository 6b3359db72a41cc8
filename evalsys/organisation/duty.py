"""Whose work it was: deciding from duty who sat at a window, without ever guessing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# A change of clerk this shortly before makes the receipt ask when it happened.
ASKED_AFTER = timedelta(hours=1)
# Whoever sits down this long before a planned shift sits down for that shift.
EARLY = timedelta(minutes=30)


@dataclass(frozen=True)
class Sitting:
    """One stretch of duty at a window, as attribution reads it."""

    staff_id: int
    starts_at: datetime
    ends_at: datetime
    kind: str
    source: str


_SOURCES = ("queue", "sign-in", "rota")
_KINDS = ("relief", "leader", "weekend", "regular")


@dataclass(frozen=True)
class Whose:
    """Whose work a rating is, and how that was found; nobody with 'gap' or 'conflict'."""

    staff_id: int | None
    how: str


def whose_work(duties: Iterable[Sitting], at: datetime) -> Whose:
    """The member of staff on duty at an instant.

    A queue call outweighs a sign-in, a sign-in the rota; then relief outweighs leader, weekend and
    regular duty. Two people equally placed are a conflict, nobody is a gap; neither is guessed.
    """
    present = [duty for duty in duties if duty.starts_at <= at < duty.ends_at]
    if not present:
        return Whose(None, "gap")
    best = min((_SOURCES.index(duty.source), _KINDS.index(duty.kind)) for duty in present)
    first = {
        duty.staff_id for duty in present if (_SOURCES.index(duty.source), _KINDS.index(duty.kind)) == best
    }
    return Whose(first.pop(), _SOURCES[best[0]]) if len(first) == 1 else Whose(None, "conflict")


def changed_hands(duties: Sequence[Sitting], at: datetime) -> bool:
    """Whether somebody else sat at the window within the hour before an instant."""
    here = whose_work(duties, at).staff_id
    return any(
        duty.staff_id != here and duty.starts_at < at and duty.ends_at > at - ASKED_AFTER for duty in duties
    )


def whose_then(duties: Sequence[Sitting], since: datetime, until: datetime) -> Whose:
    """The one member of staff on duty between two instants, as chosen by the citizen's 什么时候办的."""
    people = {duty.staff_id for duty in duties if duty.starts_at < until and duty.ends_at > since}
    if not people:
        return Whose(None, "gap")
    return Whose(people.pop(), "chosen") if len(people) == 1 else Whose(None, "conflict")


def planned_for(
    shifts: Iterable[Sitting], staff_id: int, now: datetime
) -> tuple[datetime | None, str | None]:
    """Until when, and on what kind of duty, somebody who sits down now is to sit, by a window's rota.

    It is the shift that runs or is about to begin, but ends where a later shift of somebody else begins;
    None where the rota sets no end, or no kind.
    """
    ahead = [shift for shift in shifts if shift.ends_at > now]
    present = [shift for shift in ahead if shift.starts_at <= now]
    present = present or [shift for shift in ahead if shift.starts_at <= now + EARLY]
    last = max(present, key=lambda shift: shift.ends_at, default=None)
    ends = [shift.starts_at for shift in ahead if shift not in present and shift.staff_id != staff_id]
    if last is not None:
        ends.append(last.ends_at)
    return min(ends, default=None), None if last is None else last.kind
