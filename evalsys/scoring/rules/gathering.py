"""Sums by channel, and services, gathered into one tally for each row of a ranking."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import add
from typing import Any

from evalsys.scoring.rules.ranking import CHANNELS, Tally
from evalsys.scoring.rules.rates import EMPTY, Split
from evalsys.scoring.rules.served import UNKNOWN, Served

NOBODY = 0

# A selected row: key, place, unit, channel; five levels, held, excluded, bound, assisted, services, prompted;
# the five levels of the period before. The place is the window, or of staff the hall.
Summed = Sequence[Any]
_COUNTS, _LEVELS = slice(4, 20), slice(4, 9)


class _Channels(Mapping[str, Split | None]):
    """Splits by channel, made when somebody looks."""

    def __init__(self, counts: Mapping[str, Sequence[int]]) -> None:
        self._counts = counts

    def __getitem__(self, channel: str) -> Split:
        if channel not in CHANNELS:
            raise KeyError(channel)
        counts = self._counts.get(channel)
        return EMPTY if counts is None else Split(*counts)

    def __iter__(self) -> Iterator[str]:
        return iter(CHANNELS)

    def __len__(self) -> int:
        return len(CHANNELS)


@dataclass(slots=True)
class _Found:
    """The sums of one subject: eleven counts, the five levels before, the levels by channel, led ratings."""

    counts: Sequence[int]
    before: Sequence[int]
    channels: Mapping[str, Sequence[int]]
    led: int


def _both(one: Sequence[int], other: Sequence[int]) -> Sequence[int]:
    return tuple(map(add, one, other))


def _by_channel(rows: Sequence[Summed]) -> dict[str, Sequence[int]]:
    channels: dict[str, Sequence[int]] = {}
    for row in rows:
        levels, channel = row[_LEVELS], row[3]
        # There already: in another unit or hall.
        channels[channel] = _both(channels[channel], levels) if channel in channels else levels
    return channels


def _found(rows: Sequence[Summed], leader_windows: frozenset[int]) -> _Found:
    counts = rows[0][_COUNTS]
    for row in rows[1:]:
        counts = _both(counts, row[_COUNTS])
    led = sum(sum(row[_LEVELS]) for row in rows if row[1] in leader_windows) if leader_windows else 0
    return _Found(counts[:11], counts[11:], _by_channel(rows), led)


class Gathered:
    """The tallies of a period by subject, and what does not count.

    Subjects without any ratings or services in the period only count in the period before.
    """

    def __init__(self, rows: Sequence[Summed], leader_windows: frozenset[int]) -> None:
        by_key: dict[int, list[Summed]] = defaultdict(list)
        for row in rows:
            by_key[row[0]].append(row)
        everybody = {key: _found(own, leader_windows) for key, own in by_key.items()}
        self._all = _found(rows, frozenset()) if rows else _NOTHING
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
        return _tally(self.subjects.get(key, _NOTHING))

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
        found = self.subjects.get(key, _NOTHING)
        return found.led > 0 and found.led >= sum(found.counts[:5])

    @property
    def total(self) -> Tally:
        """Everything together."""
        return _tally(self._all)

    @property
    def total_before(self) -> Split:
        """Everything of the period before together."""
        return Split(*self._all.before)

    @property
    def served_in_all(self) -> Served:
        """All services together; unknown where nobody's are known."""
        counts = self._all.counts
        return Served(counts[9], counts[10], counts[7]) if counts[9] else Served(rated=counts[7])


_NOTHING = _Found((0,) * 11, (0,) * 5, {}, 0)


def _tally(found: _Found) -> Tally:
    return Tally(Split(*found.counts[:5]), _Channels(found.channels))
