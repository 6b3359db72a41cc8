"""How a page of the catalogue is written: items of one desk that share type, time limit and papers."""

from collections.abc import Iterable
from dataclasses import dataclass

# Task types (taskType of the province's interface).
LICENCE, BENEFIT, CONFIRMATION, OTHER_POWER, PUBLIC_SERVICE = "01", "05", "07", "10", "20"

AT_ONCE = "即办"


@dataclass(frozen=True)
class Family:
    """Items handled at one desk under the same type, promised time and papers."""

    desk: str
    task_type: str
    time_limit: str
    papers: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Frequent:
    """What the guide says about a high-frequency item: the words people use for it, and the exact papers."""

    name: str
    aliases: tuple[str, ...]
    papers: tuple[str, ...]


def listed(desk: str, task_type: str, time_limit: str, papers: str, names: str) -> Family:
    """Return a family whose papers and names are written as words between spaces."""
    return Family(desk, task_type, time_limit, tuple(papers.split()), tuple(names.split()))


def crossed(subjects: str, matters: str) -> str:
    """Return every subject with every matter, as 有限责任公司 with 设立登记."""
    return " ".join(subject + matter for subject in subjects.split() for matter in matters.split())


def frequent(name: str, aliases: str, papers: str) -> Frequent:
    """Return a high-frequency item written as words between spaces."""
    return Frequent(name, tuple(aliases.split()), tuple(papers.split()))


def names_of(families: Iterable[Family]) -> list[str]:
    """Return the names of all items of the families, in their order."""
    return [name for family in families for name in family.names]
