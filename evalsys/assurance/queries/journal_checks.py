"""Whether the journal is the chain that was written: every entry, and where the sealed days say it ended."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.assurance.queries import journal as reading
from evalsys.assurance.queries.seal_checks import Fault
from evalsys.assurance.rules.seals import SealedDay
from evalsys.kernel import clock, journal
from evalsys.kernel.models import JournalEntry

STRETCH = 10_000  # entries by their numbers that one look takes in


def stretches(session: Session) -> Sequence[range]:
    """The numbers of all entries there are now, in stretches."""
    numbers = func.coalesce(func.min(JournalEntry.id), 0), func.coalesce(func.max(JournalEntry.id), -1)
    first, last = session.execute(select(*numbers)).one()
    return [range(start, min(start + STRETCH, last + 1)) for start in range(first, last + 1, STRETCH)]


def faults(
    session: Session,
    days: Iterable[SealedDay],
    watched: Callable[[Sequence[range]], Iterable[range]] = iter,
) -> Iterator[Fault]:
    """Everything in the journal that is not as it was written, the first bad entry first.

    `days` are sealed days, read before: what a seal says the journal ended with must stand in it. Without a
    seal nothing tells of a tail that was cut off, and without an anchor kept elsewhere nothing tells of a
    journal and seals that were both made anew.
    """
    ended = {day.journal.hex(): day for day in sorted(days, key=lambda day: day.day) if day.journal}
    before = journal.BEGINNING
    for stretch in watched(stretches(session)):
        for entry in reading.numbered(session, stretch):
            about = f"流水第{entry.id}条"
            day = clock.day_of(entry.at)
            if entry.prev_hash != before:
                yield Fault(day, f"{about}没有接在前一条之后:中间少了、多了或换过")
            if entry.derived() != entry.hash:
                yield Fault(day, f"{about}与写下时不同")
            before = entry.hash
            ended.pop(before, None)
    for day_sealed in ended.values():
        yield Fault(day_sealed.day, "封存时流水的最后一条没有了:流水被截断或重写过")


def entries_in_all(session: Session) -> int:
    """How many entries the journal has."""
    return session.execute(select(func.count()).select_from(JournalEntry)).scalar_one()
