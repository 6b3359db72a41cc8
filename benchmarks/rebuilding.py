"""P9: deriving all sums anew, beside the engine's own SQL doing the same."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.pairs import Figure, timed_in_turn
from evalsys.kernel.periods import Period
from evalsys.scoring.actions import rebuild_sums, rebuild_totals
from evalsys.scoring.queries import checks

REACH = 0.8
ROUNDS = 3  # the greater part is the running totals, as many as there are days
LEVELS = (5, 4, 3, 2, 1)
COUNTS = (*(f"n{n}" for n in LEVELS), "held", "excluded", "bound", "assisted", "services", "prompted")

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
        f"LEFT JOIN {latest('reasons', 'done, item_id, item_type')} x ON x.rating_id = r.id "
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
        "DELETE FROM item_sums",
        f"INSERT INTO item_sums SELECT day, item_id, unit_id, said, COUNT(*) FROM ({_of_items(joined)}) i "
        "WHERE item_id IS NOT NULL AND said IS NOT NULL GROUP BY 1, 2, 3, 4",
        "DELETE FROM service_sums",
        "INSERT INTO service_sums SELECT v.day, v.window_id, COALESCE(v.staff_id, 0), v.unit_id, "
        "v.item_type, COUNT(*), "
        f"{_if('EXISTS (SELECT 1 FROM prompts p WHERE p.service_id = v.id)')} FROM services v "
        "WHERE v.cancelled_at IS NULL OR EXISTS "
        "(SELECT 1 FROM service_ratings g WHERE g.service_id = v.id) GROUP BY 1, 2, 3, 4, 5",
        "DELETE FROM total_days",
        "INSERT INTO total_days SELECT day FROM daily_sums UNION SELECT day FROM service_sums",
        "DELETE FROM window_totals",
        _totals("window_totals", ("window_id", "unit_id")),
        "DELETE FROM staff_totals",
        _totals("staff_totals", ("staff_id", "unit_id", "hall_id")),
    ]


def _of_items(joined: str) -> str:
    """Each thing said of an item in a counted rating: its level, the answer to 办成了吗?, and its tags."""
    tags = "JOIN rating_tags t ON t.rating_id = r.id AND t.seq = x.seq"
    item = "COALESCE(x.item_id, r.item_id) AS item_id"
    return " UNION ALL ".join(
        f"SELECT r.counts_on AS day, {item}, r.unit_id, {said} AS said {joined} {more} "
        f"WHERE {_STANDS} AND COALESCE(s.standing, 'counted') = 'counted'"
        for said, more in (("CAST(r.level AS VARCHAR(10))", ""), ("x.done", ""), ("t.tag", tags))
    )


def _totals(table: str, keys: tuple[str, ...]) -> str:
    """Running totals by a window function over the days since each cell first moved."""
    places = "JOIN service_windows w ON w.id = window_id" if "hall_id" in keys else ""
    key = ("entry", "channel", *keys)
    several = ["held", "excluded"]
    counted = [f"SUM(n{level})" for level in LEVELS]
    counted += [" + ".join(f"SUM({name}{level})" for level in LEVELS) for name in several]
    counted += ["SUM(bound)", "SUM(assisted)", "0", "0"]
    served = ["0"] * 9 + ["SUM(services)", "SUM(prompted)"]
    moves = " UNION ALL ".join(
        f"SELECT day, {entry} AS entry, {channel} AS channel, {', '.join(keys)}, "
        f"{', '.join(f'{value} AS {name}' for value, name in zip(values, COUNTS, strict=True))} "
        f"FROM {sums} {places} GROUP BY 1, 2, 3, {', '.join(keys)}"
        for sums, entry, channel, values in (
            ("daily_sums", "entry", "channel", counted),
            ("daily_sums", "''", "channel", counted),
            ("service_sums", "''", "''", served),
        )
    )
    own = ", ".join(f"c.{name}" for name in key)
    return (
        f"INSERT INTO {table} (day, {', '.join((*key, *COUNTS))}) WITH moves AS ({moves}), "
        f"cells AS (SELECT {', '.join(key)}, MIN(day) AS since FROM moves GROUP BY {', '.join(key)}) "
        f"SELECT t.day, {own}, {', '.join(f'SUM(COALESCE(m.{name}, 0)) OVER so_far' for name in COUNTS)} "
        "FROM cells c JOIN total_days t ON t.day >= c.since LEFT JOIN moves m ON m.day = t.day AND "
        f"{' AND '.join(f'm.{name} = c.{name}' for name in key)} "
        f"WINDOW so_far AS (PARTITION BY {own} ORDER BY t.day)"
    )


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
        rebuild_sums(session, period)
    rebuild_totals(session)


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
