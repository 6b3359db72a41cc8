"""`make bench`: every figure beside its ceiling, printed and written to docs/benchmarks.md.

`python -m benchmarks P1 P7` measures those alone and writes nothing; `memory-of-a-million` does so with ten
times as many ratings and five times as many requests.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

from benchmarks import fairness, floors, form, kills, memory, own, rating, reading, report, restoring, writing
from benchmarks.pairs import Figure
from benchmarks.sites import Site, demo_site, postgresql

Part = Callable[[], Iterable[Figure]]


def main(wanted: list[str]) -> int:
    """Measure everything, or what is named."""
    began = time.monotonic()
    figures: list[Figure] = []
    with ExitStack() as opened:
        server = opened.enter_context(postgresql())
        sites = [(opened.enter_context(demo_site()), "")]
        if server:
            sites.append((opened.enter_context(demo_site(0, server)), server))
        for numbers, part in _parts(sites):
            if set(wanted or report.TITLES) & set(numbers):
                figures += _shown(part())
        floor = [] if wanted else list(floors.paragraphs(sites, figures))
    minutes = (time.monotonic() - began) / 60
    print(f"{minutes:.1f} minutes")
    if not wanted:
        report.write(figures, floor, minutes)
        print(f"written to {report.FILE.name}")
    return 0


def _parts(sites: list[tuple[Site, str]]) -> Iterator[tuple[tuple[str, ...], Part]]:
    """What is measured, in order, and which figures each part brings."""
    yield ("client",), lambda: own.figures(sites[0][0])
    for site, server in sites:
        yield ("P1",), lambda site=site, server=server: rating.figures(site, server)
    yield ("P2",), lambda: fairness.figures(sites[0][0])
    for site, server in sites:
        yield ("P3",), lambda site=site, server=server: form.figures(site, server)
    yield ("P4",), lambda: writing.on_sqlite(sites[0][0])
    for site, server in sites[1:]:
        yield ("P5",), lambda site=site, server=server: writing.on_postgresql(site, server)
    for site, server in sites:
        yield ("P6",), lambda site=site, server=server: kills.figures(site, server)
    for _, server in sites:
        yield ("P7", "P8", "P9"), lambda server=server: reading.figures(server)
    for _, server in sites:
        yield ("R13",), lambda server=server: restoring.figures(server)
    yield ("memory",), lambda: memory.figures(sites[0][0])
    yield ("memory-of-a-million",), lambda: memory.figures(sites[0][0], 1_000_000, 100_000)


def _shown(figures: Iterable[Figure]) -> Iterator[Figure]:
    for figure in figures:
        print(
            f"{figure.number} {figure.name}\n  {figure.measured}\n  ceiling {figure.ceiling or '–'}\n"
            f"  ratio {figure.ratio or '–'} (reach {figure.reach}) {figure.verdict}",
            flush=True,
        )
        yield figure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
