"""P7, P8 and P9: three sites with more and more ratings, read in turn."""

from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks import page, ranking, rebuilding
from benchmarks.filling import fill, multiply_sums
from benchmarks.pairs import Figure
from benchmarks.sites import Site, copy_of, demo_site, inside
from evalsys.kernel import clock, database
from evalsys.kernel.periods import Period

FEW, MANY, TIMES = 100_000, 1_000_000, 10
SPREAD_OVER = 365


def figures(server: str = "") -> Iterator[Figure]:
    """Everything that reads or derives sums, on SQLite or on a server."""
    with ExitStack() as opened:
        few = opened.enter_context(demo_site(0, server))
        whole = _filled(few, 1, FEW)
        many = opened.enter_context(copy_of(few, server))
        _filled(many, FEW + 1, MANY)
        huge = opened.enter_context(copy_of(many, server))
        with inside(huge.environment), database.transaction() as session:
            multiply_sums(session, whole, TIMES)
        yield from _rankings([few, many, huge], whole)
        with inside(few.environment), database.transaction() as session:
            yield rebuilding.figure(session, few.engine, f"{FEW:,} ratings")
        yield from page.figures(many, whole.last)


def _filled(site: Site, first: int, last: int) -> Period:
    with inside(site.environment), database.transaction() as session:
        return fill(session, first, last, clock.today(), SPREAD_OVER)


def _rankings(sites: list[Site], whole: Period) -> Iterator[Figure]:
    """The speed of every question at each size, how it grows with the ratings and with the days."""
    engine = sites[0].engine
    sizes = (f"{FEW:,} ratings", f"{MANY:,} ratings", f"sums of {TIMES * MANY:,} ratings")
    with ExitStack() as opened:
        filled = [opened.enter_context(ranking.opened(site.environment, whole)) for site in sites]
        found = ranking.asked(filled)
        bare = [ranking.bare_sums(site) for site in filled]
    for size, ours, theirs in zip(sizes, found, bare, strict=True):
        yield ranking.speed(engine, size, ours, theirs)
        yield ranking.length(engine, size, ours)
    for size, ours in zip(sizes[1:], found[1:], strict=True):
        yield ranking.growth(engine, (sizes[0], size), found[0], ours)
