"""Filling a site with a million ratings in seconds: plain SQL for the rows, `rebuild` for their sums.

The rows are what the tables demand and no more; nothing but the sums is read by what is measured.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.periods import Period
from evalsys.kernel.types import Instant
from evalsys.scoring.actions import rebuild, rebuild_totals
from evalsys.scoring.queries import checks

# A multiplicative hash (Knuth) spreads the ratings over windows, days, channels and levels without chance.
_ROWS = """
WITH RECURSIVE numbers(n) AS (
    SELECT CAST(:first AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < :last
), drawn AS (
    SELECT n, n * 2654435761 % 4294967296 AS h FROM numbers
), days AS (
    SELECT day, ROW_NUMBER() OVER (ORDER BY day) - 1 AS place FROM calendar_days
    WHERE day BETWEEN :from_day AND :to_day
), places AS (
    SELECT w.id AS window_id, w.hall_id, u.unit_id, ROW_NUMBER() OVER (ORDER BY w.id) - 1 AS place
    FROM service_windows w JOIN window_units u ON u.window_id = w.id
)
"""
_RATINGS = (
    _ROWS
    + """
INSERT INTO ratings (id, root, kind, level, channel, entry, origin, evidence, window_id, hall_id, unit_id,
                     item_type, counts_on, received_at, half_day, dictionary_version, salt)
SELECT d.n, d.n, 'first',
    CASE WHEN h / 7 % 1000 < 6 THEN 1 WHEN h / 7 % 1000 < 12 THEN 2 WHEN h / 7 % 1000 < 30 THEN 3
         WHEN h / 7 % 1000 < 110 THEN 4 ELSE 5 END,
    CASE WHEN h / 11 % 100 < 70 THEN 'face-to-face' WHEN h / 11 % 100 < 82 THEN 'back-to-back'
         ELSE 'on-the-go' END,
    CASE WHEN h / 11 % 100 < 70 THEN 'tablet' WHEN h / 11 % 100 < 82 THEN 'kiosk' ELSE 'window-code' END,
    'citizen', 'C', p.window_id, p.hall_id, p.unit_id, '', y.day, :at, 'am', 'national-2020', :salt
FROM drawn d
JOIN places p ON p.place = d.h % (SELECT COUNT(*) FROM places)
JOIN days y ON y.place = d.h / 256 % (SELECT COUNT(*) FROM days)
"""
)
_ATTRIBUTIONS = """
INSERT INTO attributions (rating_id, seq, staff_id, how, at, reason)
SELECT r.id, 1, d.staff_id, 'rota', :at, ''
FROM ratings r JOIN (SELECT window_id, MIN(staff_id) AS staff_id FROM duties GROUP BY window_id) d
ON d.window_id = r.window_id
WHERE r.id BETWEEN :first AND :last
"""


def fill(session: Session, first: int, last: int, today: date, days: int) -> Period:
    """Add the ratings numbered from first to last over the days up to today, and derive all sums anew."""
    period = Period(today - timedelta(days=days - 1), today)
    at: datetime = clock.at(today, time(10))
    ratings = text(_RATINGS).bindparams(bindparam("at", type_=Instant()))
    attributions = text(_ATTRIBUTIONS).bindparams(bindparam("at", type_=Instant()))
    numbers = {"first": first, "last": last, "at": at}
    session.execute(
        ratings, numbers | {"from_day": period.first, "to_day": period.last, "salt": b"benchmark's salt"}
    )
    session.execute(attributions, numbers)
    rebuild(session, period)
    _know_sizes(session)
    return period


def _know_sizes(session: Session) -> None:
    """What PostgreSQL does by itself within a minute of so many new rows."""
    if session.connection().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))


_EVERY_CELL = """
INSERT INTO daily_sums (day, window_id, staff_id, unit_id, item_type, channel, entry, {columns})
SELECT c.day, p.window_id, p.staff_id, p.unit_id, '', d.channel, d.entry, {values}
FROM calendar_days c
JOIN (SELECT DISTINCT window_id, staff_id, unit_id FROM daily_sums) p ON c.day BETWEEN :first AND :last
JOIN (SELECT DISTINCT channel, entry FROM daily_sums) d ON 1 = 1
WHERE 1 = 1
ON CONFLICT (day, window_id, staff_id, unit_id, item_type, channel, entry) DO NOTHING
"""


def multiply_sums(session: Session, period: Period, times: int) -> None:
    """Let the sums stand as if there were so many times the ratings: every cell filled, and greater.

    Rankings read sums alone; the ratings themselves stay as few as they are.
    """
    columns = checks.SUMS
    values = ["1" if name == "n5" else "0" for name in columns]
    statement = _EVERY_CELL.format(columns=", ".join(columns), values=", ".join(values))
    session.execute(text(statement), {"first": period.first, "last": period.last})
    session.execute(text(f"UPDATE daily_sums SET {', '.join(f'{n} = {n} * {times}' for n in columns)}"))
    rebuild_totals(session)
    _know_sizes(session)
