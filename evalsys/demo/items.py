"""The demo hall's items with their codes, words, papers and windows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalsys.demo.catalogue.frequent import FREQUENT
from evalsys.demo.hall import DEPARTMENTS, ENTERPRISE, GENERAL, Counter, Department, unit_credit_code

_WINDOWS_OF_A_RARE_ITEM = 4

_GUIDE = {entry.name: entry for entry in FREQUENT}


@dataclass(frozen=True)
class Item:
    """A service item as a row of the import's sheet 事项."""

    task_code: str
    name: str
    task_type: str
    department: str
    desk: str
    aliases: tuple[str, ...]
    windows: tuple[str, ...]
    papers: tuple[str, ...]
    time_limit: str
    high_frequency: bool


def task_code(credit_code: str, task_type: str, place: int) -> str:
    """A task code of 31 signs: the unit's credit code (18), type (2), item (8), variant (3)."""
    return f"{credit_code}{task_type}{place:08d}001"


def items(windows: Sequence[Counter]) -> list[Item]:
    """Every item of the catalogue, in its order, at the windows of its desk and its department's 综合 one."""
    return [
        item
        for place, department in enumerate(DEPARTMENTS, start=1)
        for item in _items_of(department, unit_credit_code(place), windows)
    ]


def _items_of(department: Department, credit_code: str, windows: Sequence[Counter]) -> Iterator[Item]:
    own = [counter for counter in windows if counter.department == department.code]
    named = [(family, name) for family in department.families for name in family.names]
    for place, (family, name) in enumerate(named, start=1):
        guide = _GUIDE.get(name)
        at = _serving(own, family.desk, department.desks[0].name)
        yield Item(
            task_code=task_code(credit_code, family.task_type, place),
            name=name,
            task_type=family.task_type,
            department=department.code,
            desk=family.desk,
            aliases=guide.aliases if guide else (),
            windows=tuple(sorted(at if guide else _some(at, place)) + _everywhere(own)),
            papers=guide.papers if guide else family.papers,
            time_limit=family.time_limit,
            high_frequency=guide is not None,
        )


def _serving(own: Sequence[Counter], desk: str, first_desk: str) -> list[str]:
    """The windows of a desk; the 涉企 windows belong to the department's first desk."""
    return [c.number for c in own if c.desk == desk or (c.kind == ENTERPRISE and desk == first_desk)]


def _some(numbers: list[str], place: int) -> list[str]:
    """A few of a desk's windows: a rare item is not done at all sixteen."""
    start = place % len(numbers)
    return (numbers + numbers)[start : start + min(_WINDOWS_OF_A_RARE_ITEM, len(numbers))]


def _everywhere(own: Sequence[Counter]) -> list[str]:
    return [counter.number for counter in own if counter.kind == GENERAL]
