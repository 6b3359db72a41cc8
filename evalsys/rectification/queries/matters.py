"""What cases of other features are about, as those features tell; which ones, `evalsys.wiring` says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Matter:
    """What a case is about, as the directory knows it; `words` of any kind that came with it."""

    item: tuple[str, str] | None = None
    category: str = ""
    words: str = ""


# Given some cases: what those are about that are the feature's own.
MatterSource = Callable[[Session | Connection, Sequence[int]], Mapping[int, Matter]]

_sources: list[MatterSource] = []


def know(sources: Sequence[MatterSource]) -> None:
    """Say which features tell what their cases are about, in place of what was said before."""
    _sources[:] = sources


def matters(session: Session | Connection, case_ids: Sequence[int]) -> Mapping[int, Matter]:
    """What those of some cases are about that came from another feature."""
    found: dict[int, Matter] = {}
    for source in _sources:
        found.update(source(session, case_ids))
    return found
