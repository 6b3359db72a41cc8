"""P2: whether anybody waits much longer than the others, with many clients and processes on SQLite."""

from collections.abc import Iterator
from statistics import median

from benchmarks.pairs import Figure, in_words
from benchmarks.rating import rated
from benchmarks.sites import Served, Site, copy_of, product

CLIENTS, WORKERS = (32, 64), (1, 2, 4)
ROUNDS, SECONDS = 3, 2.0
WARM = 0.5  # seconds
SPREAD, LONGEST = 3.0, 500.0  # p99 ÷ p50; milliseconds


def figures(site: Site, server: str = "") -> Iterator[Figure]:
    """One figure for each number of workers and clients."""
    for workers in WORKERS:
        with copy_of(site, server) as ours, product(ours, workers) as served:
            for clients in CLIENTS:
                yield _spread(served, site, workers, clients)


def _spread(served: Served, site: Site, workers: int, clients: int) -> Figure:
    rated(served, site, clients, WARM)
    runs = tuple(rated(served, site, clients, SECONDS) for _ in range(ROUNDS))
    spread = median(run.p99 / run.p50 for run in runs)
    longest = max(run.longest for run in runs)
    return Figure(
        "P2",
        f"fairness: {clients} clients, {workers} worker{'s' * (workers > 1)}, {site.engine}: p99 ÷ p50",
        f"{in_words(runs)} · longest {longest:.0f} ms",
        "",
        f"{spread:.1f}",
        "≤ 3, longest ≤ 500 ms",
        spread <= SPREAD and longest <= LONGEST,
    )
