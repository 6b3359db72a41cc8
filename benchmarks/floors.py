"""For every figure missed a paragraph: where the time goes and what the floor is, by a profile just taken."""

from collections.abc import Callable, Iterable, Iterator

from benchmarks import profile
from benchmarks.pairs import Figure
from benchmarks.parts import Costs
from benchmarks.sites import Site

SHOWN = 6  # parts

# The profile that explains each figure; P4, P5 and P9 are explained by the writer's and the engine's own.
SUBJECT_OF = {
    "P1": "post",
    "P2": "post",
    "P3": "form",
    "P4": "post",
    "P5": "post",
    "P7": "ranking",
    "P8": "page",
}


def paragraphs(sites: Iterable[tuple[Site, str]], figures: Iterable[Figure]) -> Iterator[str]:
    """One paragraph for each numbered figure with something missed, on the engine where it was missed."""
    missed: dict[tuple[str, str], list[Figure]] = {}
    servers = {site.engine: (site, server) for site, server in sites}
    for figure in figures:
        if figure.reached is False:
            engine = next((name for name in servers if name in figure.name), next(iter(servers)))
            missed.setdefault((figure.number, engine), []).append(figure)
    known: dict[tuple[str, str], Costs] = {}
    for (number, engine), found in missed.items():
        subject = SUBJECT_OF.get(number)
        if subject is not None and (subject, engine) not in known:
            measure: Callable[..., Costs] = profile.SUBJECTS[subject]
            known[subject, engine] = measure(*servers[engine])
        yield paragraph(number, engine, found, known.get((subject or "", engine)))


def paragraph(number: str, engine: str, missed: list[Figure], costs: Costs | None) -> str:
    """What was missed by how much, then the parts of the time, then the floor."""
    names = "; ".join(
        f"{figure.name}: {figure.ratio or figure.measured} ({figure.reach})" for figure in missed
    )
    said = f"**{number}, {engine}.** Not reached: {names}."
    if costs is None:
        return said
    greatest = sorted(costs.parts.items(), key=lambda pair: -pair[1])[:SHOWN]
    parts = ", ".join(f"{name} {ms:.3f}" for name, ms in greatest)
    floor = " + ".join(f"{name} {ms:.3f}" for name, ms in costs.floor.items())
    return (
        f"{said} {costs.name} costs {costs.each:.3f} ms of processor time: {parts}. "
        f"The floor is {costs.at_least:.3f} ms ({floor}): with everything else free it would be "
        f"{costs.each / costs.at_least:.1f} times as fast."
    )
