"""For every figure missed a paragraph: where the time goes and what the floor is, by a profile just taken."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from benchmarks import memory, page, paint, profile
from benchmarks.pairs import Figure
from benchmarks.sites import Site


class Explanation(Protocol):
    """What a profile found."""

    def in_words(self) -> str:
        """Sentences: where it goes, and what cannot be saved."""


# The profile that explains each figure; P9 is explained by the engine's own.
SUBJECT_OF = {
    "P1": "post",
    "P2": "post",
    "P3": "form",
    "P4": "post",
    "P5": "post",
    "P7": "ranking",
    "P8": "page",
    "memory": "memory",
}
MEASURES: dict[str, Callable[..., Explanation]] = {**profile.SUBJECTS, "memory": memory.parts_of_worker}


def paragraphs(sites: Iterable[tuple[Site, str]], figures: Iterable[Figure]) -> Iterator[str]:
    """One paragraph for what was missed of each number, on the engine where it was missed."""
    missed: dict[tuple[str, str, str], list[Figure]] = {}
    servers = {site.engine: (site, server) for site, server in sites}
    for figure in figures:
        if figure.reached is False:
            engine = next((name for name in servers if name in figure.name), next(iter(servers)))
            missed.setdefault((figure.number, engine, subject_of(figure)), []).append(figure)
    known: dict[tuple[str, str], Explanation] = {}
    for (number, engine, subject), found in missed.items():
        if subject and (subject, engine) not in known:
            known[subject, engine] = MEASURES[subject](*servers[engine])
        yield paragraph(number, engine, found, known.get((subject, engine)))


def subject_of(figure: Figure) -> str:
    """What is to be profiled to explain a figure; '' where nothing is."""
    if page.AGAIN in figure.name:
        return "again"
    if paint.NAME in figure.name:
        return ""
    return SUBJECT_OF.get(figure.number, "")


def paragraph(number: str, engine: str, missed: list[Figure], costs: Explanation | None) -> str:
    """What was missed by how much and what is known of it, then the parts, then the floor."""
    names = "; ".join(
        f"{figure.name}: {figure.ratio or figure.measured} ({figure.reach})" for figure in missed
    )
    known = [figure.note for figure in missed if figure.note]
    said = " ".join((f"**{number}, {engine}.** Not reached: {names}.", *known))
    return said if costs is None else f"{said} {costs.in_words()}"
