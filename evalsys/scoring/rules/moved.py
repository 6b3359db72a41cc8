"""Why the figures of a closed period are not what they were: what befell which ratings since."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from evalsys.evaluation.rules.befallen import BEFALLEN_WORDS, State


@dataclass(frozen=True)
class MovedRow:
    """One rating whose part in the sums has changed; clerks by name, `why` as the last decision gave it."""

    root: int
    day: date
    half_day: str
    window: str
    department: str
    channel: str
    kinds: tuple[str, ...]
    then: State | None
    now: State
    staff_then: str
    staff_now: str
    why: str

    @property
    def more(self) -> int:
        """By how much it moved the number of counted ratings."""
        return self.now.n - (self.then.n if self.then else 0)

    @property
    def more_bad(self) -> int:
        """By how much it moved the number of bad ones."""
        return self.now.bad - (self.then.bad if self.then else 0)


@dataclass(frozen=True)
class Effect:
    """What one kind of change did: ratings it befell, and by how much the sums moved."""

    kind: str
    ratings: int
    more: int
    more_bad: int


@dataclass(frozen=True)
class Moved:
    """A period's counted and bad ratings at its close and now, and the rows between them."""

    n: int
    bad: int
    rows: Sequence[MovedRow]

    @property
    def n_then(self) -> int:
        """Counted ratings when the period closed."""
        return self.n - sum(row.more for row in self.rows)

    @property
    def bad_then(self) -> int:
        """Bad ratings when the period closed."""
        return self.bad - sum(row.more_bad for row in self.rows)

    @property
    def effects(self) -> list[Effect]:
        """Each kind of change; a rating stands under the first that befell it, so that they add up."""
        ratings, more, more_bad = Counter[str](), Counter[str](), Counter[str]()
        for row in self.rows:
            kind = row.kinds[0]
            ratings[kind] += 1
            more[kind] += row.more
            more_bad[kind] += row.more_bad
        return [Effect(kind, ratings[kind], more[kind], more_bad[kind]) for kind in BEFALLEN_WORDS]
