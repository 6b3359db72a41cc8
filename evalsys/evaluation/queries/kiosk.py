"""What the rating zone's kiosk asks: which window was meant, which matter, and who served there today."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.organisation.queries import halls, rota
from evalsys.organisation.queries.halls import NamedItem
from evalsys.organisation.queries.places import Place
from evalsys.organisation.queries.rota import Shift

MATTERS_SHOWN = 12


@dataclass(frozen=True)
class Serving:
    """A member of staff as the kiosk offers them."""

    staff_id: int
    name: str
    staff_no: str


@dataclass(frozen=True)
class People:
    """Who sits at a window now, and who sat there earlier on the same day."""

    now: tuple[Serving, ...]
    earlier: tuple[Serving, ...]

    def named(self, staff_id: int | None) -> Serving | None:
        """The one of them with an id."""
        return next((one for one in (*self.now, *self.earlier) if one.staff_id == staff_id), None)


def people_at(session: Session | Connection, window_id: int, at: datetime) -> People:
    """The people on duty at a window at an instant, and those whose duty there ended earlier that day."""
    shifts = rota.duties_of(session, [window_id], clock.day_of(at))
    now = _people(shift for shift in shifts if shift.starts_at <= at < shift.ends_at)
    over = _people(shift for shift in reversed(shifts) if shift.ends_at <= at)
    return People(now, tuple(one for one in over if one not in now))


def _people(shifts: Iterable[Shift]) -> tuple[Serving, ...]:
    return tuple(dict.fromkeys(Serving(shift.staff_id, shift.name, shift.staff_no) for shift in shifts))


def windows_called(windows: Sequence[Place], typed: str) -> list[Place]:
    """The windows a typed number may mean: the very one, or each one whose digits alone were typed."""
    exact = [window for window in windows if _plain(window.number) == _plain(typed)]
    if exact or not typed.strip().isdigit():
        return exact
    return [window for window in windows if _plain(re.sub(r"\D", "", window.number)) == _plain(typed)]


def _plain(number: str) -> str:
    """A window's number as it is said: A08 and a8 are the same."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[^0-9A-Z]", "", number.upper()))


@dataclass(frozen=True)
class Spelled:
    """One name in the two ways it is looked for: as written, and by its syllables or their first letters."""

    written: str
    syllables: tuple[str, ...]


@dataclass(frozen=True)
class Findable:
    """An item with all its names spelled."""

    item: NamedItem
    names: tuple[Spelled, ...]


def findable_matters(session: Session | Connection, hall_id: int, day: date) -> list[Findable]:
    """Every item of a hall with its names spelled in pinyin; to be kept until the items change."""
    items = halls.named_items(session, hall_id, day)
    names = list(dict.fromkeys(name for item in items for name in (item.name, *item.aliases)))
    spelled = dict(zip(names, map(Spelled, map(str.lower, names), _spelled(names)), strict=True))
    return [Findable(item, tuple(spelled[name] for name in (item.name, *item.aliases))) for item in items]


def _spelled(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The syllables of each name, in small letters; spelled by a process that ends with its dictionary."""
    if not names:
        return []
    done = subprocess.run(
        [sys.executable, "-P", "-m", "evalsys.evaluation.queries.pinyin"],
        input=json.dumps(names).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    heard = ((_letters(part) for part in parts) for parts in json.loads(done.stdout))
    return [tuple(part for part in parts if part) for parts in heard]


def _letters(text: str) -> str:
    """Small letters and digits alone; ü is typed as u or v."""
    return re.sub(r"[^a-z0-9]", "", text.lower()).replace("v", "u")


def matters_like(findable: Sequence[Findable], sought: str) -> list[NamedItem]:
    """The items of which a name holds what was typed: signs, full pinyin, or first letters.

    Names that begin with it come first, then by the order given (frequent items first); 12 at most.
    """
    if not sought.strip():
        return [one.item for one in findable[:MATTERS_SHOWN]]
    ranked = [(_nearness(one, sought.strip().lower()), one.item) for one in findable]
    near = sorted((pair for pair in ranked if pair[0] is not None), key=lambda pair: pair[0] or 0)
    return [item for _, item in near[:MATTERS_SHOWN]]


def _nearness(one: Findable, sought: str) -> int | None:
    """0 where a name begins with it, 1 where a later part of one does, None where none does."""
    places = [place for name in one.names if (place := _place(name, sought)) is not None]
    return min(places) if places else None


def _place(name: Spelled, sought: str) -> int | None:
    letters = _letters(sought)
    if not letters or not sought.isascii():
        found = name.written.find(sought)
        return None if found < 0 else min(found, 1)
    heard = name.syllables
    starts = (place for place in range(len(heard)) if _is_said(letters, heard[place:]))
    first = next(starts, None)
    return None if first is None else min(first, 1)


def _is_said(letters: str, syllables: tuple[str, ...]) -> bool:
    """Whether letters stand for the beginning of syllables, each in full or by its first letter."""
    if not syllables or not letters:
        return not letters
    first, rest = syllables[0], syllables[1:]
    return (
        first.startswith(letters)
        or (letters.startswith(first) and _is_said(letters[len(first) :], rest))
        or (letters[0] == first[0] and _is_said(letters[1:], rest))
    )
