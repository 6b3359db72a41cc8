"""What a rating was at a moment, what it is now, and what befell it between."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from evalsys.evaluation.rules import BAD_LEVELS, CAUSES_BEYOND_THE_CLERK
from evalsys.kernel.words import N_

LATE, EXCLUDED, CORRECTED, ATTRIBUTED, FOUND = "late", "excluded", "corrected", "attributed", "found"
BEFALLEN_WORDS = {
    LATE: N_("结期以后才收到"),
    EXCLUDED: N_("是否计入有改动"),
    CORRECTED: N_("等级有更正"),
    ATTRIBUTED: N_("改对应的人"),
    FOUND: N_("办结查明原因"),
}


@dataclass(frozen=True)
class Said:
    """One row of a rating's chain: its level and when it came (None: not kept, an unbound kiosk's)."""

    id: int
    replaces: int | None
    level: int
    at: datetime | None


@dataclass(frozen=True)
class Decided:
    """One decision on a rating: what it says, when, and why."""

    seq: int
    what: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class State:
    """How a rating stood at one moment; `who` is the clerk's id as text, '' for nobody found."""

    level: int
    standing: str
    who: str
    scored: bool

    @property
    def n(self) -> int:
        """1 where it counted."""
        return int(self.standing == "counted")

    @property
    def bad(self) -> int:
        """1 where it counted as bad."""
        return int(self.standing == "counted" and self.level in BAD_LEVELS)


@dataclass
class History:
    """All rows of one rating, each kind in its order."""

    root: int
    said: list[Said] = field(default_factory=list)
    standings: list[Decided] = field(default_factory=list)
    attributions: list[Decided] = field(default_factory=list)
    findings: list[Decided] = field(default_factory=list)

    def state(self, before: datetime | None = None) -> State | None:
        """How it stood just before a moment, or how it stands now; None where it was not there yet."""
        said = [one for one in self.said if before is None or self._came_before(one, before)]
        if not said:
            return None
        replaced = {one.replaces for one in said}
        who = _last(self.attributions, before)
        current = next(one for one in said if one.id not in replaced)
        return State(
            current.level,
            _last(self.standings, before) or "counted",
            # Whose work it was is decided with the rating itself, and noted a moment later.
            _first(self.attributions) if who is None else who,
            _last(self.findings, before) not in CAUSES_BEYOND_THE_CLERK,
        )

    def _came_before(self, one: Said, moment: datetime) -> bool:
        """Where its moment is not kept, by when it was noted whose work it was: at once, to the half-day."""
        at = one.at
        if at is None and self.attributions:
            at = min(self.attributions, key=lambda noted: noted.seq).at
        return at is None or at < moment

    def reason_since(self, moment: datetime) -> str:
        """Why, in the words of the last decision since then that gave a reason."""
        decided = [*self.standings, *self.attributions]
        since = [one for one in decided if one.at >= moment and one.reason]
        return max(since, key=lambda one: one.at).reason if since else ""


def _last(decided: Sequence[Decided], before: datetime | None) -> str | None:
    known = [one for one in decided if before is None or one.at < before]
    return max(known, key=lambda one: one.seq).what if known else None


def _first(decided: Sequence[Decided]) -> str:
    return min(decided, key=lambda one: one.seq).what if decided else ""


def befallen(then: State | None, now: State | None) -> tuple[str, ...]:
    """What befell a rating between two states, in the order in which it is told; nothing where they agree."""
    if now is None or then == now:
        return ()
    if then is None:
        return (LATE,)
    said = (
        (EXCLUDED, then.standing != now.standing),
        (CORRECTED, then.level != now.level),
        (ATTRIBUTED, then.who != now.who),
        (FOUND, then.scored != now.scored),
    )
    return tuple(kind for kind, holds in said if holds)
