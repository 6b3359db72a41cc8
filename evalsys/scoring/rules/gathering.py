"""Sums by channel, and services, gathered into one tally for each row of a ranking."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from evalsys.scoring.rules.ranking import CHANNELS, Tally
from evalsys.scoring.rules.rates import EMPTY, Split
from evalsys.scoring.rules.served import UNKNOWN, Served

NOBODY = 0

# A selected row: key, place, unit, channel; five levels, held, excluded, bound, assisted, services, prompted;
# the five levels of the period before. The place is the window, or of staff the hall.
Summed = Sequence[Any]
_COUNTS, _LEVELS = slice(4, 20), slice(4, 9)


class _Channels(Mapping[str, Split | None]):
    """Splits by channel, added up when somebody looks."""

    def __init__(self, rows: Sequence[Summed]) -> None:
        self._rows = rows

    def __getitem__(self, channel: str) -> Split:
        if channel not in CHANNELS:
            raise KeyError(channel)
        # There can be more than one of a channel: in another unit or hall.
        levels = [row[_LEVELS] for row in self._rows if row[3] == channel]
        return Split(*_summed(levels)) if levels else EMPTY

    def __iter__(self) -> Iterator[str]:
        return iter(CHANNELS)

    def __len__(self) -> int:
        return len(CHANNELS)


def _summed(counts: Sequence[Sequence[int]]) -> Sequence[int]:
    return tuple(map(sum, zip(*counts, strict=True))) if len(counts) > 1 else counts[0]


class _Found(NamedTuple):
    """The sums of one subject: its rows, their counts together, and the five levels before."""

    rows: Sequence[Summed]
    counts: Sequence[int]
    before: Sequence[int]

    @property
    def tally(self) -> Tally:
        return Tally(Split(*self.counts[:5]), _Channels(self.rows))


_NOTHING = _Found((), (0,) * 11, (0,) * 5)


def _found(rows: Sequence[Summed]) -> _Found:
    counts = _summed([row[_COUNTS] for row in rows])
    return _Found(rows, counts[:11], counts[11:])


def _led(rows: Sequence[Summed], leader_windows: frozenset[int]) -> Mapping[int, int]:
    led: dict[int, int] = defaultdict(int)
    for row in rows:
        if row[1] in leader_windows:
            led[row[0]] += sum(row[_LEVELS])
    return led


class Gathered:
    """The tallies of a period by subject, and what does not count.

    Subjects without any ratings or services in the period only count in the period before.
    """

    def __init__(self, rows: Sequence[Summed], leader_windows: frozenset[int]) -> None:
        by_key: dict[int, list[Summed]] = defaultdict(list)
        for row in rows:
            by_key[row[0]].append(row)
        everybody = {key: _found(own) for key, own in by_key.items()}
        self._all = _found(rows) if rows else _NOTHING
        self._led = _led(rows, leader_windows)
        self.subjects = {key: found for key, found in everybody.items() if any(found.counts)}
        self.rated = {key for key, found in self.subjects.items() if any(found.counts[:5])}

    @property
    def held(self) -> int:
        """Ratings held back."""
        return self._all.counts[5]

    @property
    def excluded(self) -> int:
        """Ratings excluded."""
        return self._all.counts[6]

    @property
    def assisted(self) -> int:
        """Counted ratings that a helper of another unit assisted with."""
        return self._all.counts[8]

    def tally(self, key: int) -> Tally:
        """One subject's tally; empty for one nobody rated."""
        return self.subjects.get(key, _NOTHING).tally

    def before(self, key: int) -> Split:
        """One subject's split of the period before."""
        return Split(*self.subjects[key].before) if key in self.subjects else EMPTY

    def served(self, key: int) -> Served:
        """One subject's services; unknown where none was ever noted."""
        counts = self.subjects.get(key, _NOTHING).counts
        bound, services, prompted = counts[7], counts[9], counts[10]
        return Served(services, prompted, bound) if services else Served(rated=bound) if bound else UNKNOWN

    def leads_only(self, key: int) -> bool:
        """Whether all a subject's ratings come from leader duty: shown, but not ranked."""
        led = self._led.get(key, 0)
        return led > 0 and led >= sum(self.subjects[key].counts[:5])

    @property
    def total(self) -> Tally:
        """Everything together."""
        return self._all.tally

    @property
    def total_before(self) -> Split:
        """Everything of the period before together."""
        return Split(*self._all.before)

    @property
    def served_in_all(self) -> Served:
        """All services together; unknown where nobody's are known."""
        counts = self._all.counts
        return Served(counts[9], counts[10], counts[7]) if counts[9] else Served(rated=counts[7])
