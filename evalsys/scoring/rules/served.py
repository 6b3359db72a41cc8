"""Services to rate, and how many of them were asked about and rated."""

from dataclasses import dataclass

from evalsys.kernel.proportions import Rate, rate_of


@dataclass(frozen=True)
class Served:
    """The services of one row: V of them (None: none are known), prompted by a tablet, and Es rated."""

    services: int | None = None
    prompted: int = 0
    rated: int = 0

    @property
    def known(self) -> bool:
        """Whether V can be a denominator: known, and not fewer than were rated (a place half connected)."""
        return self.services is not None and self.services >= max(self.rated, self.prompted)

    @property
    def unrated(self) -> int | None:
        """U = V - Es: what was not rated stays 未评, and is never taken for satisfied."""
        return self.services - self.rated if self.services is not None and self.known else None

    def share(self, part: int | None, least: int) -> Rate | None:
        """A part of all services as a rate, None where V is not known."""
        if part is None or self.services is None or not self.known:
            return None
        return rate_of(part, self.services, least)


UNKNOWN = Served()
