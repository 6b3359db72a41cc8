"""strace on a running process: what it does to its files, and faults put into its system calls.

Where strace may not trace, a test that needs it fails: a guard that is skipped guards nothing.
"""

import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ATTACHED_WITHIN = 60.0  # seconds
CHANGES = "pwrite64,write,pwritev,pwritev2,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,openat,fallocate"


@contextmanager
def traced(pid: int, output: Path, *options: str) -> Iterator[None]:
    """Follow a process and all its threads, writing to `output`; returns to the block once attached."""
    if shutil.which("strace") is None:
        pytest.fail("strace is not installed: run .ci/prepare test")
    command = ["strace", "-f", "-y", "-p", str(pid), "-o", str(output), *options]
    strace = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        _wait_until_attached(strace)
        yield
    finally:
        strace.terminate()
        strace.wait(ATTACHED_WITHIN)
        assert strace.stderr is not None
        strace.stderr.close()


def _wait_until_attached(strace: subprocess.Popen[bytes]) -> None:
    assert strace.stderr is not None
    said, patience_ends = b"", time.monotonic() + ATTACHED_WITHIN
    while b"attached" not in said:
        ready, _, _ = select.select([strace.stderr], [], [], max(0.0, patience_ends - time.monotonic()))
        chunk = os.read(strace.stderr.fileno(), 4096) if ready else b""
        if not chunk:
            pytest.fail(f"strace cannot trace here: {said.decode()}")
        said += chunk
