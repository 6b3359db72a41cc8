"""What evaluation announces. Every event that moves a sum says how the rating stood before and after.

`at` is the moment as finely as it may be kept beside the rating, no finer.
"""

from dataclasses import dataclass
from datetime import date, datetime

from evalsys.evaluation.rules import CountedAs


@dataclass(frozen=True)
class RatingRecorded:
    """A citizen's first rating was stored; `after` is None where it counts in no sum (a probe, an import)."""

    rating_id: int
    level: int
    before: CountedAs | None
    after: CountedAs | None
    at: datetime


@dataclass(frozen=True)
class RatingCorrected:
    """The rater changed the level on the same day; the new row counts in place of the old."""

    rating_id: int
    level: int
    before: CountedAs | None
    after: CountedAs | None
    at: datetime


@dataclass(frozen=True)
class RatingRepeated:
    """A freer rating of the same service was given; it counts in place of the tablet's, and both stay."""

    rating_id: int
    level: int
    before: CountedAs | None
    after: CountedAs | None
    at: datetime


@dataclass(frozen=True)
class ServiceEnded:
    """Somebody was served and may rate it."""

    day: date
    window_id: int
    staff_id: int
    unit_id: int
    item_type: str


@dataclass(frozen=True)
class ServiceRefused:
    """Something could not be done at a window, and it was noted there; `noted_by` None: a paired console.

    `key` stands for the form, so that a double tap is one note; `matter` may be ''.
    """

    hall_id: int
    window_id: int
    matter: str
    words: str
    noted_by: int | None
    key: str
    at: datetime


@dataclass(frozen=True)
class ServicePrompted:
    """A counter tablet was asked to show one service's question, for the first time."""

    day: date
    window_id: int
    staff_id: int
    unit_id: int
    item_type: str


@dataclass(frozen=True)
class ServiceCancelled:
    """A service noted by mistake was taken out before anybody rated it; `prompted`: a tablet had asked."""

    day: date
    window_id: int
    staff_id: int
    unit_id: int
    item_type: str
    prompted: bool


@dataclass(frozen=True)
class RatingExplained:
    """The rater added reasons, named the matter, or said when it happened."""

    rating_id: int
    level: int
    before: CountedAs | None
    after: CountedAs | None
    at: datetime


@dataclass(frozen=True)
class RatingReattributed:
    """Two people mended whose work a rating was."""

    rating_id: int
    level: int
    before: CountedAs | None
    after: CountedAs | None


@dataclass(frozen=True)
class StandingDecided:
    """Two people decided whether a rating counts."""

    rating_id: int
    level: int
    before: CountedAs | None
    after: CountedAs | None


@dataclass(frozen=True)
class FindingNoted:
    """A closed case found where the cause of a rating lay, or was taken up again."""

    rating_id: int
    level: int
    before: CountedAs | None
    after: CountedAs | None


@dataclass(frozen=True)
class FollowUpRecorded:
    """The rater of an answered bad rating said once more how it is; it stands beside, in no sum."""

    rating_id: int
    level: int
    at: datetime


MOVING_SUMS = (
    RatingRecorded,
    RatingCorrected,
    RatingRepeated,
    RatingExplained,
    RatingReattributed,
    StandingDecided,
    FindingNoted,
)

MOVING_SERVICES = (ServiceEnded, ServicePrompted, ServiceCancelled)
