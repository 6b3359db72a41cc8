"""Turns on one SQLite file: who waits comes before who has just written, in whatever process."""

import fcntl
import subprocess
import sys
import time
from pathlib import Path

from evalsys.kernel.turns import Turn

LONG = 60  # seconds

ANOTHER = """
import pathlib, sys
from evalsys.kernel.turns import Turn
file, journal = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
turn = Turn(file)
for _ in range(int(sys.argv[4])):
    turn.take(None)
    with journal.open("a") as written:
        written.write(sys.argv[3])
    turn.leave()
"""


def another(file: Path, journal: Path, sign: str, times: int = 1) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", ANOTHER, str(file), str(journal), sign, str(times)]
    return subprocess.Popen(command)


def somebody_is_at_the_door(file: Path) -> bool:
    with file.with_name(f"{file.name}.next").open("ab") as door:
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_who_waits_at_the_door_comes_before_who_has_just_written(tmp_path: Path) -> None:
    file, journal = tmp_path / "site", tmp_path / "journal"
    own = Turn(file)
    for _ in range(5):
        assert own.take(None)
        other = another(file, journal, "b")
        patience_ends = time.monotonic() + LONG
        while not somebody_is_at_the_door(file):
            assert time.monotonic() < patience_ends
            time.sleep(0.01)
        own.leave()
        # Asked for at once: faster than anybody who had to be woken, and yet behind the one who waits.
        assert own.take(None)
        with journal.open("a") as written:
            written.write("a")
        own.leave()
        assert other.wait(LONG) == 0
    assert journal.read_text() == "ba" * 5


def test_two_processes_that_write_all_the_time_both_get_on(tmp_path: Path) -> None:
    file, journal = tmp_path / "site", tmp_path / "journal"
    both = [another(file, journal, sign, times=200) for sign in "ab"]
    assert [process.wait(LONG) for process in both] == [0, 0]
    assert sorted(journal.read_text()) == ["a"] * 200 + ["b"] * 200


def test_who_does_not_get_a_turn_in_time_goes_without(tmp_path: Path) -> None:
    one, other = Turn(tmp_path / "site"), Turn(tmp_path / "site")
    assert one.take(None)
    assert not other.take(0.05)
    one.leave()
    assert other.take(0.05)
    other.leave()


def test_a_process_that_dies_gives_its_turn_back(tmp_path: Path) -> None:
    file, journal = tmp_path / "site", tmp_path / "journal"
    dies = another(file, tmp_path / "no folder" / "journal", "x")
    assert dies.wait(LONG) != 0
    assert another(file, journal, "a").wait(LONG) == 0
    assert journal.read_text() == "a"
