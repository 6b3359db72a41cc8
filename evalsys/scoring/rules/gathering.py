"""Sums by channel, and services, gathered into one tally for each row of a ranking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from evalsys.scoring.rules.ranking import CHANNELS, STAFF, Tally
from evalsys.scoring.rules.rates import EMPTY, Split
from evalsys.scoring.rules.served import Served

NOBODY = 0


class Summed(NamedTuple):
    """The sums of one subject in one channel."""

    key: int
    channel: str
    counted: Split
    unscored: Split
    held: int
    excluded: int
    on_leader_duty: int
    bound: int = 0
    assisted: int = 0


def summed(columns: Sequence[int]) -> Summed:
    """The sums of a selected row: key, channel, five counted, five unscored, then the others in order."""
    key, channel, *counts = columns
    return Summed(key, str(channel), Split(*counts[:5]), Split(*counts[5:10]), *counts[10:])


@dataclass
class Gathered:
    """The tallies of a period by subject, and what does not count."""

    splits: dict[int, dict[str, Split]] = field(default_factory=dict)
    everything: dict[str, Split] = field(default_factory=lambda: dict.fromkeys(CHANNELS, EMPTY))
    led: dict[int, int] = field(default_factory=dict)
    held: int = 0
    excluded: int = 0
    assisted: int = 0
    bound: dict[int, int] = field(default_factory=dict)
    services: dict[int, int] = field(default_factory=dict)
    prompted: dict[int, int] = field(default_factory=dict)

    def add(self, key: int, channel: str, split: Split) -> None:
        """Add a split to a subject's channel."""
        for channels in (self.splits.setdefault(key, dict.fromkeys(CHANNELS, EMPTY)), self.everything):
            channels[channel] = channels.get(channel, EMPTY) + split

    def tally(self, key: int) -> Tally:
        """One subject's tally; empty for one nobody rated."""
        return _tally(self.splits.get(key, dict.fromkeys(CHANNELS, EMPTY)))

    def add_services(self, key: int, services: int, prompted: int) -> None:
        """Note how many services a subject had to be rated, and how many a tablet asked about."""
        self.services[key] = services
        self.prompted[key] = prompted

    @property
    def subjects(self) -> Iterable[int]:
        """Everything with ratings or services, each once."""
        return dict.fromkeys((*self.splits, *self.services))

    def served(self, key: int) -> Served:
        """One subject's services; unknown where none was ever noted."""
        known = self.services.get(key)
        return Served(known, self.prompted.get(key, 0), self.bound.get(key, 0))

    @property
    def served_in_all(self) -> Served:
        """All services together; unknown where nobody's are known."""
        known = sum(self.services.values()) if self.services else None
        return Served(known, sum(self.prompted.values()), sum(self.bound.values()))

    def leads_only(self, key: int) -> bool:
        """Whether all a subject's ratings come from leader duty: shown, but not ranked."""
        led = self.led.get(key, 0)
        return led > 0 and led >= self.tally(key).split.n

    @property
    def total(self) -> Tally:
        """Everything together."""
        return _tally(self.everything)


def _tally(channels: dict[str, Split]) -> Tally:
    return Tally(sum(channels.values(), start=EMPTY), channels)


def gathered(subject: str, rows: Iterable[Summed]) -> Gathered:
    """The sums by subject.

    A rating whose cause was found to be rule, process or platform leaves its clerk's sums: among staff
    it stands with those matched to nobody, so that staff add up to windows and departments.
    """
    found = Gathered()
    for row in rows:
        own = row.counted
        if subject == STAFF and row.key != NOBODY and row.unscored != EMPTY:
            own -= row.unscored
            found.add(NOBODY, row.channel, row.unscored)
        found.add(row.key, row.channel, own)
        found.led[row.key] = found.led.get(row.key, 0) + row.on_leader_duty
        found.bound[row.key] = found.bound.get(row.key, 0) + row.bound
        found.assisted += row.assisted
        found.held += row.held
        found.excluded += row.excluded
    return found
