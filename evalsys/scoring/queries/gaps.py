"""The channel gap of windows, staff and departments: the tablet's ratings against those given elsewhere."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from evalsys.evaluation.queries import pairs
from evalsys.kernel.access import Scope
from evalsys.kernel.settings import Settings
from evalsys.scoring.queries import naming, running
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.queries.sums import formulas_of
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.gaps import ENTRIES, NO_PAIRS, Gap, GapRow, Gaps, PairGap
from evalsys.scoring.rules.gathering import NOBODY, Gathered
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, TOTAL, WINDOWS
from evalsys.scoring.rules.rates import EMPTY, Split


def gaps(session: Session, subject: str, asked: Filter, scope: Scope, settings: Settings) -> Gaps:
    """The channel gaps of live sums, limited to a scope; entries are the two sides, so none is asked for.

    Raises BadFilter for a code there is not.
    """
    formulas = formulas_of(settings)
    ground = naming.ground(session, subject, asked, scope)
    by_entry = {entry: _of_entry(session, ground, entry) for entry in ENTRIES}
    twice = _pairs(session, ground, formulas)
    everybody = {key for gathered in by_entry.values() for key in gathered.rated} - {NOBODY}
    rows = [
        GapRow(ground.named(key, leads_only=False), _gap(by_entry, key, formulas), twice.get(key, NO_PAIRS))
        for key in everybody
    ]
    whole = Gap({entry: gathered.total.split for entry, gathered in by_entry.items()}, formulas)
    total = GapRow(TOTAL, whole, sum(twice.values(), start=NO_PAIRS))
    return Gaps(subject, asked.period, formulas, tuple(sorted(rows, key=_place)), total)


def _place(row: GapRow) -> tuple[bool, bool, float, str]:
    return (not row.gap.enough, not row.gap.proven, -(row.gap.score or 0.0), row.named.code)


def _gap(by_entry: Mapping[str, Gathered], key: int, formulas: Formulas) -> Gap:
    return Gap({entry: _split(gathered, key) for entry, gathered in by_entry.items()}, formulas)


def _split(gathered: Gathered, key: int) -> Split:
    return gathered.tally(key).split if key in gathered.rated else EMPTY


def _of_entry(session: Session, ground: Ground, entry: str) -> Gathered:
    of_entry = replace(ground, asked=replace(ground.asked, entry=entry, channel=""))
    return Gathered(running.let_through(ground, running.sums(session, of_entry)), frozenset())


def _pairs(session: Session, ground: Ground, formulas: Formulas) -> dict[int, PairGap]:
    points = dict(zip((5, 4, 3, 2, 1), formulas.points, strict=True))
    found: dict[int, PairGap] = defaultdict(lambda: NO_PAIRS)
    for pair in pairs.counted_pairs(session, ground.asked.period):
        at_window = ground.windows is None or pair.window_id in ground.windows
        if not at_window or not ground.lets_through(pair.unit_id):
            continue
        own = pair.staff_id if pair.scored else NOBODY
        key = {WINDOWS: pair.window_id, STAFF: own, DEPARTMENTS: pair.unit_id}[ground.subject]
        difference = points[pair.tablet] - points[pair.freer]
        found[key] += PairGap(1, difference, difference**2)
    return dict(found)
