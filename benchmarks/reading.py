"""P7, P8 and P9 on one site that is filled further and further."""

from collections.abc import Iterator

from benchmarks import page, ranking, rebuilding
from benchmarks.filling import fill, multiply_sums
from benchmarks.pairs import Figure
from benchmarks.ranking import Question
from benchmarks.sites import demo_site, inside
from evalsys.kernel import clock, database

FEW, MANY, TIMES = 100_000, 1_000_000, 10
SPREAD_OVER = 365


def figures(server: str = "") -> Iterator[Figure]:
    """Everything that reads or derives sums, on SQLite or on a server."""
    with demo_site(0, server) as site:
        engine = site.engine
        found: dict[int, dict[Question, float]] = {}
        filled = 0
        for size in (FEW, MANY):
            with inside(site.environment), database.transaction() as session:
                period = fill(session, filled + 1, size, clock.today(), SPREAD_OVER)
                session.commit()
                filled = size
                found[size] = ranking.asked(session, period)
                yield ranking.speed(
                    engine, f"{size:,} ratings", found[size], ranking.bare_sums(session, period)
                )
                yield ranking.length(engine, f"{size:,} ratings", found[size])
        with inside(site.environment), database.transaction() as session:
            yield rebuilding.figure(session, engine, f"{MANY:,} ratings")
        yield from page.figures(site, period.last)
        with inside(site.environment), database.transaction() as session:
            multiply_sums(session, period, TIMES)
            session.commit()
            found[TIMES * MANY] = ranking.asked(session, period)
            yield ranking.speed(
                engine,
                f"sums of {TIMES * MANY:,} ratings",
                found[TIMES * MANY],
                ranking.bare_sums(session, period),
            )
        for size in (MANY, TIMES * MANY):
            yield ranking.growth(engine, (f"{FEW:,}", f"{size:,} ratings"), found[FEW], found[size])
