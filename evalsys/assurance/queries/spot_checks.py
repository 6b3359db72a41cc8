"""What is drawn from a sealed day, and a rating with all that hangs off it, without anybody's identity."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.assurance.models import SealedEntry
from evalsys.assurance.queries import journal, proposals, seal_proofs, seals
from evalsys.assurance.queries.seal_checks import named
from evalsys.assurance.queries.seal_proofs import Proof
from evalsys.assurance.rules import drawing
from evalsys.assurance.rules.journal import DRAW
from evalsys.assurance.rules.seals import SealedDay
from evalsys.evaluation.queries import entries
from evalsys.evaluation.queries.entries import Entry
from evalsys.rectification.queries import facts, steps
from evalsys.rectification.queries.steps import StepTaken

DRAWS_SHOWN = 30
ENTRIES_SHOWN = 60  # of the journal about one rating
AT_ONCE = 100  # rows looked at by one statement


@dataclass(frozen=True)
class Drawn:
    """One rating that was drawn, by the place of its first row in the day; it may have gone since."""

    root: int
    place: int
    is_there: bool


def drawn(session: Session, day: SealedDay, count: int) -> list[Drawn]:
    """The first ratings of a day in the order its root draws them; fewer where the day has fewer."""
    leaves = select(SealedEntry.place, SealedEntry.rating_id).where(
        SealedEntry.day == day.day, SealedEntry.kind == "rating", SealedEntry.seq == 0
    )
    ids = {place: rating_id for place, rating_id in session.execute(leaves)}
    places = drawing.in_order(day.root, ids)
    found: list[Drawn] = []
    for start in range(0, len(places), AT_ONCE):
        some = places[start : start + AT_ONCE]
        roots = entries.roots_of(session, [ids[place] for place in some])
        for place in some:
            # A sealed row that has gone is drawn like the others: that it is missing is what is looked for.
            root = roots.get(ids[place])
            if root is None or root == ids[place]:
                found.append(Drawn(ids[place], place, root is not None))
            if len(found) == count:
                return found
    return found


@dataclass(frozen=True)
class Draw:
    """A draw as the journal keeps it."""

    day: date
    count: int
    at: datetime
    actor_id: int | None


def draws(session: Session) -> list[Draw]:
    """The latest draws."""
    return list(_draws(journal.latest(session, DRAW, DRAWS_SHOWN)))


def is_drawn(session: Session, day: date, count: int) -> bool:
    """Whether somebody has drawn so many ratings of a day, and the journal knows."""
    known = journal.about(session, [f"day {day}"], DRAWS_SHOWN, DRAW)
    return any(draw.count == count for draw in _draws(known))


def _draws(known: Sequence[journal.Entry]) -> Iterator[Draw]:
    for entry in known:
        day = date.fromisoformat(entry.object.removeprefix("day "))
        yield Draw(day, int(json.loads(entry.details)["ratings"]), entry.at, entry.actor_id)


@dataclass(frozen=True)
class Link:
    """One row of a rating with its proof; None where its day is not sealed yet."""

    entry: Entry
    proof: Proof | None


@dataclass(frozen=True)
class Chain:
    """A rating with all that hangs off it. `missing`: rows that were sealed and are no longer there."""

    root: int
    links: tuple[Link, ...]
    missing: tuple[str, ...]
    case_no: str | None
    steps: Sequence[StepTaken]
    journal: Sequence[journal.Entry]


def chain(session: Session, root: int, now: datetime) -> Chain:
    """Everything that was kept about a rating, but for who gave it."""
    rows = [rating_id for rating_id, _salt in entries.chain_of(session, root)] or [root]
    said = entries.entries_of(session, rows)
    proofs = {_key(proof.entry): proof for proof in seal_proofs.proofs_of_entries(session, rows, said)}
    present = {_key(entry) for entry in said}
    gone = sorted(seals.sealed_keys(session, rows) - present)
    case_id = facts.case_of_rating(session, root)
    case = None if case_id is None else facts.case_row(session, case_id)
    about = [f"standing={root}", *(f"proposal {number}" for number in proposals.of_rating(session, root))]
    if case is not None:
        about += [f"case {case.no}", f"case={case.no}"]
    return Chain(
        root,
        tuple(Link(entry, proofs.get(_key(entry))) for entry in said),
        tuple(named(kind, rating_id, seq) for rating_id, kind, seq in gone),
        None if case is None else str(case.no),
        () if case is None else steps.steps(session, case.id, now),
        journal.about(session, about, ENTRIES_SHOWN),
    )


def _key(entry: Entry) -> tuple[int, str, int]:
    return entry.rating_id, entry.kind, entry.seq
