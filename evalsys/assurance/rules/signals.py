"""The eight signals: alike for good ratings and bad ones; they mark, and stop no rating from counting."""

from collections.abc import Callable, Iterator, Sequence

from evalsys.assurance.rules.likeness import one_device, one_terminal, same_again
from evalsys.assurance.rules.pace import repeats, too_many, too_quick
from evalsys.assurance.rules.taps import HallDay, Hit
from evalsys.assurance.rules.times import before_close, closed_hours

SIGNALS: Sequence[Callable[[HallDay], Iterator[Hit]]] = (
    too_quick,
    one_device,
    repeats,
    same_again,
    closed_hours,
    before_close,
    one_terminal,
    too_many,
)


def hits_of(hall: HallDay) -> list[Hit]:
    """Everything suspicious about one hall's closed day."""
    return [hit for signal in SIGNALS for hit in signal(hall)]
