"""When sums that cut across one another still hide every group of one to four.

A rating is taken as the set of released sums (views) it is in. A combination of views that concerns only a
few ratings exists exactly if those few are needed to span all such sets, seen as vectors. So if five disjoint
choices of ratings each span them all, no four are needed, and no sum or difference shows fewer than five.
"""

from collections.abc import Iterable, Mapping
from math import gcd

LEAST = 5

Vector = frozenset[int]


def hides_few(ratings: Mapping[Vector, int]) -> bool:
    """Whether no linear combination of the views concerns one to four ratings only.

    `ratings` says for each set of views how many ratings lie in exactly those. Sufficient, not necessary:
    five disjoint bases are looked for greedily.
    """
    many = [vector for vector, n in ratings.items() if n >= LEAST]
    few = {vector: n for vector, n in ratings.items() if 0 < n < LEAST}
    shared = Basis(many)
    full = Basis([*many, *few]).rank
    for _ in range(LEAST):
        basis = shared.copy()
        for vector in sorted(few, key=lambda v: (-few[v], sorted(v))):
            if few[vector] and basis.add(vector):
                few[vector] -= 1
        if basis.rank < full:
            return False
    return True


class Basis:
    """Independent vectors of 0 and 1, kept in echelon form over whole numbers."""

    def __init__(self, vectors: Iterable[Vector] = ()) -> None:
        self.rows: dict[int, dict[int, int]] = {}
        for vector in vectors:
            self.add(vector)

    @property
    def rank(self) -> int:
        """How many independent vectors there are."""
        return len(self.rows)

    def copy(self) -> "Basis":
        """The same vectors, to be added to separately."""
        other = Basis()
        other.rows = dict(self.rows)
        return other

    def add(self, vector: Vector) -> bool:
        """Add a vector if it is independent of those there; says whether it was."""
        left = dict.fromkeys(vector, 1)
        while left:
            pivot = min(left)
            row = self.rows.get(pivot)
            if row is None:
                self.rows[pivot] = left
                return True
            left = _cancel(left, row, pivot)
        return False


def _cancel(left: Mapping[int, int], row: Mapping[int, int], pivot: int) -> dict[int, int]:
    by, times = left[pivot], row[pivot]
    mixed = {i: times * left.get(i, 0) - by * row.get(i, 0) for i in left.keys() | row.keys()}
    kept = {i: value for i, value in mixed.items() if value}
    shared = gcd(*kept.values()) if kept else 1
    return {i: value // shared for i, value in kept.items()}
