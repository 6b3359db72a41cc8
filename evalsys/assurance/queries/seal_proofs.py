"""The proof that what a receipt stands for is in its sealed days."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.assurance.models import Seal, SealBlock, SealedEntry
from evalsys.assurance.queries import seals
from evalsys.assurance.rules import seals as rules
from evalsys.assurance.rules.seals import SealedDay, Step
from evalsys.evaluation.queries import entries
from evalsys.evaluation.queries.entries import Entry

# What a rater may see of their own rating; whose work it was, and what a case found, is not theirs to know.
SHOWN = ("rating", "reasons", "standing")
MOST = 40  # entries in one proof: nobody who rates has more to say


@dataclass(frozen=True)
class Proof:
    """One entry, its place in a sealed day, and the steps from its leaf to that day's root."""

    entry: Entry
    text: str
    day: SealedDay
    place: int
    steps: tuple[Step, ...]

    @property
    def holds(self) -> bool:
        """Whether the steps lead from the entry as it is now to the root of its day."""
        start = rules.leaf(self.text, self.day.algorithm)
        return rules.climbed(start, self.steps, self.day.algorithm) == self.day.root

    def public(self) -> dict[str, Any]:
        """The proof as it stands in a file."""
        path = [["left" if step.left else "right", step.hash.hex()] for step in self.steps]
        return {"entry": self.text, "place": self.place, "path": path, "seal": self.day.public()}


@dataclass(frozen=True)
class Sealed:
    """What of a rating is sealed, with its proofs, and how many of its entries still wait for a seal."""

    proofs: tuple[Proof, ...]
    waiting: int

    def public(self) -> dict[str, Any]:
        """The file of proofs."""
        return {"form": rules.FORM, "proofs": [proof.public() for proof in self.proofs]}


def is_sealed(session: Session, root: int) -> bool:
    """Whether the first row of a rating is in a sealed day."""
    leaf = (
        select(SealedEntry.day)
        .join(Seal, Seal.day == SealedEntry.day)
        .where(SealedEntry.rating_id == root, SealedEntry.kind == "rating", SealedEntry.seq == 0)
    )
    return session.execute(leaf).first() is not None


def proofs_of(session: Session, root: int) -> Sealed:
    """The proofs of what a rater said, and of what was decided about whether it counts."""
    chain = [rating_id for rating_id, _salt in entries.chain_of(session, root)]
    said = [entry for entry in entries.entries_of(session, chain) if entry.kind in SHOWN]
    tree = _Trees(session)
    proofs = tuple(tree.proofs(chain, said[:MOST]))
    return Sealed(proofs, len(said[:MOST]) - len(proofs))


def proofs_of_entries(session: Session, chain: list[int], said: list[Entry]) -> list[Proof]:
    """The proofs of all that is given of a rating, whatever kind it is; not for a rater's eyes."""
    return list(_Trees(session).proofs(chain, said))


class _Trees:
    """The trees of days as far as proofs need them: each block is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._leaves: dict[tuple[Any, int], list[bytes]] = {}
        self._roots: dict[Any, list[bytes]] = {}

    def proofs(self, chain: list[int], said: list[Entry]) -> Iterator[Proof]:
        """The proof of each entry whose day has been sealed."""
        leaves = (
            select(SealedEntry.rating_id, SealedEntry.kind, SealedEntry.seq, SealedEntry.place, *seals.DAY)
            .join(Seal, Seal.day == SealedEntry.day)
            .where(SealedEntry.rating_id.in_(chain))
        )
        found = {(row[0], row[1], row[2]): row for row in self._session.execute(leaves)}
        for entry in said:
            row = found.get((entry.rating_id, entry.kind, entry.seq))
            if row is not None:
                day = SealedDay(*row[4:])
                text = rules.text_of(entry.kind, entry.rating_id, entry.seq, entry.says, entry.salt)
                yield Proof(entry, text, day, row.place, tuple(self._steps(day, row.place)))

    def _steps(self, day: SealedDay, place: int) -> list[Step]:
        number, within = divmod(place, rules.BLOCK)
        block, roots = self._block(day, number), self._blocks(day)
        return [
            *rules.path_of(block, within, day.algorithm),
            *rules.path_of(roots, number, day.algorithm),
        ]

    def _block(self, day: SealedDay, number: int) -> list[bytes]:
        if (day.day, number) not in self._leaves:
            first = number * rules.BLOCK
            leaves = (
                select(SealedEntry.hash)
                .where(SealedEntry.day == day.day, SealedEntry.place.between(first, first + rules.BLOCK - 1))
                .order_by(SealedEntry.place)
            )
            self._leaves[day.day, number] = list(self._session.execute(leaves).scalars())
        return self._leaves[day.day, number]

    def _blocks(self, day: SealedDay) -> list[bytes]:
        if day.day not in self._roots:
            roots = select(SealBlock.root).where(SealBlock.day == day.day).order_by(SealBlock.number)
            self._roots[day.day] = list(self._session.execute(roots).scalars())
        return self._roots[day.day]
