"""R5, R6: a full disk and a disk with errors: told in plain words, never thanked for, well again by itself.

A small file system of our own is filled to the brim; where none can be mounted, and for what a full one
cannot show, strace answers the writes in the disk's place. Seen failing: with the answer given before the
commit, every tap on a full or failing disk is thanked for.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import settings_for
from tests.faults.conftest import Note
from tests.faults.phones import Answer, ask, new_key, rate
from tests.faults.poster import Poster
from tests.faults.servers import serving, wait_until
from tests.faults.sites import Site, furnish
from tests.faults.strace import traced

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

SIZE = 24  # MiB of the small disk
PLAIN_WORDS = ("还没提交", "没有保存", "还不能确定是否已保存")


def assert_plain(words: str) -> None:
    assert any(said in words for said in PLAIN_WORDS), words[:400]


@pytest.mark.parametrize(
    "injected",
    [("ENOSPC", "pwrite64"), ("EIO", "pwrite64"), ("EIO", "fsync,fdatasync"), ("ENOSPC", "fsync,fdatasync")],
    ids=["full", "write-error", "sync-error", "full-at-sync"],
)
def test_a_disk_that_refuses_is_never_thanked_for(
    site: Site, poster: Poster, tmp_path: Path, noted: Note, injected: tuple[str, str]
) -> None:
    fault, calls = injected
    before = site.look()
    with poster.child() as child:
        said = child.post(8)
        thanked = len(said.receipts)
        with traced(
            child.pid, tmp_path / "calls", "-e", f"trace={calls}", "-e", f"inject={calls}:error={fault}"
        ):
            child.post(8)
            child.look(8)
        # Nobody was thanked, everybody was told, and forms went on being shown.
        assert len(said.receipts) == thanked == 8
        assert len(said.refusals) == 8
        assert said.shown == [200] * 8
        for refusal in said.refusals:
            status, _, words = refusal.partition(" ")
            assert status == "503"
            assert_plain(words)
        child.post(8)
        assert len(said.receipts) == 16, said.refusals[8:]
    found = site.look(said.receipts)
    assert (found.lost, found.faults) == (frozenset(), ())
    assert found.ratings >= before.ratings + 16
    done = f"{calls} answers {fault} to the writing process, SQLite"
    promise = "R5" if fault == "ENOSPC" else "R6"
    noted((promise, done, "8 of 8 refused in plain words, forms shown, well again by itself"))


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a few MiB at a folder, gone afterwards."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte is left on a file system."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 1):
            while True:
                try:
                    file.write(bytes(size))
                except OSError:
                    break
    try:
        yield
    finally:
        ballast.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_is_said_in_plain_words_and_mends_itself(
    sqlite_template: Path, tmp_path: Path, noted: Note
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        shutil.copyfile(sqlite_template, disk / "evalsys.sqlite3")
        site = furnish(settings_for(disk))
        with serving(site, log=tmp_path / "log") as server:

            def tap() -> Answer:
                return rate(server.address, site.codes[0], new_key())

            thanked = [tap() for _ in range(10)]
            with filled(disk):
                # What has room left in a page already there may still be kept; soon nothing is.
                full = [tap() for _ in range(20)]
                forms = [ask(server.address, "GET", f"/q/{code}") for code in site.codes]
                watched = [ask(server.address, "GET", path).status for path in ("/healthz", "/readyz")]
            after = [tap() for _ in range(10)]
            # What was found is kept for a second.
            wait_until(lambda: ask(server.address, "GET", "/readyz").status == 200, server.log)
        assert {answer.status for answer in forms} == {200}
        assert watched == [200, 503]
        refused = [answer for answer in full if answer.status != 303]
        assert full[-1] in refused
        for answer in refused:
            assert answer.status == 503
            assert int(answer.headers["retry-after"]) > 0
            assert_plain(answer.words)
        assert {answer.status for answer in (*thanked, *after)} == {303}
        found = site.look([answer.receipt for answer in (*thanked, *full, *after) if answer.receipt])
        assert (found.lost, found.faults) == (frozenset(), ())
    done = f"disk of {SIZE} MiB filled to the last byte under `evalsys serve`, SQLite, and freed again"
    told = f"{len(refused)} of 20 refused with 503 in plain words, forms shown, /readyz 503, /healthz 200"
    noted(("R5", done, f"{told}, 10 of 10 stored afterwards"))
