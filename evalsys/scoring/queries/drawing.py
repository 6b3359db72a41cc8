"""Draws made by a process of their own: numpy goes with it, and no rating waits while it works.

Run as a program it reads the groups from its input and writes the places of their rows, both as JSON.
"""

import json
import os
import sys
from collections.abc import Sequence

from evalsys.kernel import apart
from evalsys.scoring.rules.drawing import Among, Placed, drawn_here
from evalsys.scoring.rules.shrinkage import Prior

LONGEST = 60  # seconds, after which drawing is given up; a county's hall takes half of one
_COURTESY = 10  # how far the others go first, as `nice` counts


def drawn_apart(groups: Sequence[Among]) -> list[list[Placed]]:
    """The places of the rows of several groups, drawn by another process: the same as drawn here.

    Raises subprocess.TimeoutExpired after LONGEST, and ValueError where that process broke.
    """
    if not groups:
        return []
    told = json.dumps(
        [(group.counts, (group.prior.shares, group.prior.weight), group.points) for group in groups]
    )
    answer = apart.answer_of(__name__, told.encode(), LONGEST)
    return [[Placed(*row) for row in rows] for rows in answer]


def _main() -> None:
    os.nice(_COURTESY)
    groups = [
        Among(counts, Prior(tuple(shares), weight), points)
        for counts, (shares, weight), points in json.load(sys.stdin)
    ]
    json.dump(drawn_here(groups), sys.stdout)


if __name__ == "__main__":
    _main()
