"""R1: killed at any write, nothing thanked for is lost and nothing is half there (SQLite).

A child of the posting program is killed by strace on entering its n-th pwrite64 or fsync. The sweep begins
short of a checkpoint, so that it goes through recovery, the log, the checkpoint and the log begun anew.
Seen failing: with the receipt said before the commit (kept below, and in the product itself: receipts lost);
with a commit after each INSERT of the writer and foreign keys off (55 ratings but 57 submissions).
"""

import re
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.conftest import Note
from tests.faults.poster import Poster, posting
from tests.faults.sites import Found, Site
from tests.faults.strace import traced

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

ENOUGH = 400  # ratings, of which one alone writes more than one page
SOME_WRITES = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 200)
WRITES = range(1, 201)
SYNCS = range(1, 21)


@dataclass(frozen=True)
class Aftermath:
    """What a kill left: the file it was writing, and what the next process finds."""

    file: str
    thanked: int
    found: Found


@dataclass(frozen=True)
class Ground:
    """A site, the program that posts there, and the database as it lies before each kill."""

    site: Site
    poster: Poster
    kept: Path

    def kills(self, call: str, numbers: Iterable[int], folder: Path) -> Iterator[Aftermath]:
        """Kill one child after the other at the calls numbered."""
        for number in numbers:
            self.site.put_back(self.kept)
            output = folder / f"{call}-{number}"
            inject = f"inject={call}:signal=KILL:when={number}"
            with (
                self.poster.child() as child,
                traced(child.pid, output, "-e", f"trace={call}", "-e", inject),
            ):
                said = child.post(ENOUGH)
            assert said.exit_code == -signal.SIGKILL, f"not killed at {call} {number}: {said}"
            yield Aftermath(last_file(output, call), len(said.receipts), self.site.look(said.receipts))

    def before(self) -> Found:
        """What stands there before any kill."""
        self.site.put_back(self.kept)
        return self.site.look()


@pytest.fixture
def ground(site: Site, poster: Poster, brink: Path) -> Ground:
    """The site shortly before a checkpoint."""
    return Ground(site, poster, brink)


def last_file(output: Path, call: str) -> str:
    """The name of the file whose call was the last; a name without the site's is that of its folder."""
    name = re.findall(rf"{call}\(\d+<(.*?)>", output.read_text(errors="replace"))[-1].rpartition("/")[2]
    return str(name) if name.startswith("evalsys") else "the folder"


def assert_nothing_lost(aftermaths: list[Aftermath], before: Found) -> None:
    for aftermath in aftermaths:
        assert aftermath.found.lost == frozenset()
        assert aftermath.found.faults == ()
        assert aftermath.found.ratings >= before.ratings + aftermath.thanked


def test_killed_at_some_of_its_writes_it_keeps_what_it_thanked_for(ground: Ground, tmp_path: Path) -> None:
    before = ground.before()
    found = list(ground.kills("pwrite64", SOME_WRITES, tmp_path))
    assert_nothing_lost(found, before)
    assert any(aftermath.thanked for aftermath in found)


@pytest.mark.long
@pytest.mark.parametrize(("call", "numbers"), [("pwrite64", WRITES), ("fsync", SYNCS)])
def test_killed_at_any_of_its_writes_it_keeps_what_it_thanked_for(
    ground: Ground, tmp_path: Path, noted: Note, call: str, numbers: range
) -> None:
    before = ground.before()
    found = list(ground.kills(call, numbers, tmp_path))
    assert_nothing_lost(found, before)
    files = Counter(aftermath.file for aftermath in found)
    # The sweep went through the log and through the database itself.
    assert {"evalsys.sqlite3", "evalsys.sqlite3-wal"} <= files.keys()
    thanked = sum(aftermath.thanked for aftermath in found)
    hit = ", ".join(f"{number} in {name}" for name, number in sorted(files.items()))
    done = f"kill -9 at {call} 1…{numbers[-1]} of the writing process, SQLite ({hit})"
    noted(("R1", done, f"0 of {thanked:,} thanked for lost, none half there"))


def test_a_thank_you_said_too_early_would_be_found_out(ground: Ground, tmp_path: Path) -> None:
    with posting(ground.site, "--early") as hasty:
        found = list(Ground(ground.site, hasty, ground.kept).kills("pwrite64", [40], tmp_path))
    assert found[0].found.lost
