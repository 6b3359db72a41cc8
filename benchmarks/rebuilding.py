"""P9: deriving all sums anew, beside the engine's own SQL doing the same."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.pairs import Figure, timed_in_turn
from evalsys.kernel.periods import Period
from evalsys.scoring.actions import rebuild
from evalsys.scoring.queries import checks

ROUNDS = 3
REACH = 0.8
LEVELS = (5, 4, 3, 2, 1)

_LATEST = {
    # SQLite: the bare column beside MAX is that of the same row.
    "sqlite": "SELECT rating_id, {columns}, MAX(seq) AS seq FROM {table} GROUP BY rating_id",
    "postgresql": "SELECT DISTINCT ON (rating_id) rating_id, {columns}, seq FROM {table} "
    "ORDER BY rating_id, seq DESC",
}
_STANDS = (
    "r.origin IN ('citizen', 'assisted') AND r.kind IN ('first', 'correction', 'again') "
    "AND NOT EXISTS (SELECT 1 FROM ratings n WHERE n.replaces = r.id)"
)


def _if(condition: str) -> str:
    return f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def statements(engine: str) -> list[str]:
    """The engine's own: every table of sums emptied and filled by one statement each."""
    counted = "COALESCE(s.standing, 'counted')"
    counts = [
        _if(f"{counted} = '{standing}' AND r.level = {level}")
        for standing in ("counted", "held", "excluded")
        for level in LEVELS
    ]
    counts += ["0"] * len(LEVELS)
    counts += [
        _if(f"{counted} = 'counted' AND {condition}")
        for condition in (
            "r.evidence IN ('A', 'B')",
            "r.origin = 'assisted'",
            "x.done = 'yes'",
            "x.done = 'no'",
            "x.done = 'asking'",
        )
    ]

    def latest(table: str, columns: str) -> str:
        return f"({_LATEST[engine].format(table=table, columns=columns)})"

    joined = (
        f"FROM ratings r LEFT JOIN {latest('attributions', 'staff_id')} a ON a.rating_id = r.root "
        f"LEFT JOIN {latest('standings', 'standing')} s ON s.rating_id = r.root "
        f"LEFT JOIN {latest('reasons', 'done, item_type')} x ON x.rating_id = r.id "
    )
    return [
        "DELETE FROM daily_sums",
        "INSERT INTO daily_sums SELECT r.counts_on, r.window_id, COALESCE(a.staff_id, 0), r.unit_id, "
        "CASE WHEN COALESCE(x.item_type, '') <> '' THEN x.item_type ELSE r.item_type END, r.channel, "
        f"r.entry, {', '.join(counts)} {joined} WHERE {_STANDS} GROUP BY 1, 2, 3, 4, 5, 6, 7",
        "DELETE FROM tag_sums",
        "INSERT INTO tag_sums SELECT r.counts_on, r.window_id, COALESCE(a.staff_id, 0), r.unit_id, "
        f"r.channel, t.tag, COUNT(*) {joined} JOIN rating_tags t ON t.rating_id = r.id AND t.seq = x.seq "
        f"WHERE {_STANDS} AND {counted} = 'counted' GROUP BY 1, 2, 3, 4, 5, 6",
        "DELETE FROM service_sums",
        "INSERT INTO service_sums SELECT v.day, v.window_id, COALESCE(v.staff_id, 0), v.unit_id, "
        "v.item_type, COUNT(*), "
        f"{_if('EXISTS (SELECT 1 FROM prompts p WHERE p.service_id = v.id)')} FROM services v "
        "WHERE v.cancelled_at IS NULL OR EXISTS "
        "(SELECT 1 FROM service_ratings g WHERE g.service_id = v.id) GROUP BY 1, 2, 3, 4, 5",
    ]


def _seconds(session: Session, work: Callable[[], object]) -> float:
    """How long something takes inside a transaction, which is taken back."""
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    session.rollback()
    return took


def by_the_engine(session: Session) -> None:
    """Derive all sums by hand-written SQL."""
    connection = session.connection()
    for statement in statements(connection.dialect.name):
        connection.execute(text(statement))


def by_the_product(session: Session, periods: Sequence[Period]) -> None:
    """Derive all sums as `evalsys scoring rebuild` does."""
    for period in periods:
        rebuild(session, period)


def figure(session: Session, engine: str, size: str) -> Figure:
    """Both in turn; nothing stays changed."""
    periods = checks.chunks(session)
    ours, bare, ratio = timed_in_turn(
        lambda: _seconds(session, lambda: by_the_product(session, periods)),
        lambda: _seconds(session, lambda: by_the_engine(session)),
        ROUNDS,
    )
    return Figure(
        "P9",
        f"rebuild of all sums, {size}, {engine} ÷ the engine's own SQL",
        f"{ours:.1f} s",
        f"{bare:.1f} s",
        f"{ratio:.2f}",
        f"≥ {REACH}",
        ratio >= REACH,
    )
