"""R2: whatever a power cut leaves of what was not synced, nothing thanked for is lost (SQLite).

Recorded is the real writing process; cut off is its disk, after every thank-you and in the midst of every
sync. The same recording with synchronous=NORMAL loses, which shows that the disk can forget.
"""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from random import Random

import pytest

from tests.faults.conftest import Note
from tests.faults.poster import posting
from tests.faults.powercut import RECORDING, Disk, cuts, events
from tests.faults.sites import Site
from tests.faults.strace import traced

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

SOME, MANY = 24, 100  # ratings recorded


class Cuts:
    """How many cuts were looked at, what they lost, and what they left broken."""

    def __init__(self) -> None:
        self.number = 0
        self.lost: list[frozenset[str]] = []
        self.faults: list[str] = []
        self.thanked = 0


def cut_off(site: Site, brink: Path, ratings: int, folder: Path, *options: str, every: int = 1) -> Cuts:
    """Record a program that posts ratings, then look at what each `every`-th cut leaves."""
    recording = folder / "recording"
    with posting(site, *options) as poster:
        # Only now: the program looks into the database as it starts, and tidies up what it finds.
        site.put_back(brink)
        disk = Disk({file.name: file.read_bytes() for file in site.files})
        with poster.child() as child, traced(child.pid, recording, *RECORDING):
            said = child.post(ratings)
    assert len(said.receipts) == ratings, said.refusals
    seen = Cuts()
    happened = events(recording, site.settings.instance)
    for thanked, files in cuts(disk, happened, Random(1), every_nth(every)):
        for file in site.files:
            file.unlink()
        for name, content in files.items():
            (site.settings.instance / name).write_bytes(content)
        found = site.look(thanked)
        seen.number += 1
        seen.thanked = len(thanked)
        seen.lost += [found.lost] * bool(found.lost)
        seen.faults += found.faults
    return seen


def every_nth(number: int) -> Callable[[], bool]:
    turns = cycle(range(number))
    return lambda: next(turns) == 0


def test_what_was_thanked_for_outlives_a_power_cut(site: Site, brink: Path, tmp_path: Path) -> None:
    seen = cut_off(site, brink, SOME, tmp_path, every=3)
    assert (seen.lost, seen.faults) == ([], [])
    assert seen.number >= SOME / 3


def test_a_database_that_does_not_sync_each_commit_would_be_found_out(
    site: Site, brink: Path, tmp_path: Path
) -> None:
    seen = cut_off(site, brink, SOME, tmp_path, "--synchronous", "NORMAL", every=6)
    assert seen.lost


@pytest.mark.long
def test_a_rollback_journal_whose_folder_is_not_synced_would_be_found_out(
    site: Site, brink: Path, tmp_path: Path
) -> None:
    seen = cut_off(site, brink, SOME, tmp_path, "--library", "sqlite3", "--synchronous", "FULL")
    assert seen.lost


@pytest.mark.long
@pytest.mark.parametrize("library", ["", "sqlite3"], ids=["log", "rollback-journal"])
def test_what_was_thanked_for_outlives_every_power_cut(
    site: Site, brink: Path, tmp_path: Path, noted: Note, library: str
) -> None:
    seen = cut_off(site, brink, MANY, tmp_path, "--library", library)
    assert (seen.lost, seen.faults) == ([], [])
    journal = "a rollback journal (a library whose log is not sound)" if library else "the log"
    done = f"power cut at {seen.number} moments of {seen.thanked} ratings, SQLite with {journal}"
    noted(("R2", done, "0 cuts lost anything thanked for, 0 left damage"))
