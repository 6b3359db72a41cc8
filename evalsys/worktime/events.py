"""What worktime announces."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CalendarChanged:
    """Working days or office hours are others now: terms that run over these days end elsewhere."""

    first: date
    last: date
