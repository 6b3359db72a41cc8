"""A server's process does not load what only a child of it, or a test, ever needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evalsys.kernel import memory
from tests.server import clean_environment

HERE = Path(__file__).resolve().parents[2]
HEAVY = (
    *("pypinyin", "numpy", "lxml", "PIL", "qrcode.main", "xlsxwriter"),
    *("playwright", "openpyxl", "psycopg", "alembic", "mako", "pygments"),
    *("python_calamine", "tqdm", "evalsys.demo", "cryptography", "sqlalchemy.dialects.postgresql"),
)


def test_a_server_loads_nothing_heavy() -> None:
    # Workers are forked from the command `serve` and hold what it holds.
    looking = f"import sys, evalsys.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", looking], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_server_begins_with_a_library_that_holds_little(tmp_path: Path) -> None:
    environment = clean_environment() | {"EVALSYS_INSTANCE": str(tmp_path), "PYTHONPATH": str(HERE)}
    # What an operator has set for other reasons stays.
    environment |= {memory.TUNABLES: "glibc.malloc.perturb=0"}
    begins = "from evalsys.__main__ import main; main()"
    # Refused, for there is no database: after the words of the beginning.
    looks = f"import os; print(os.environ['{memory.TUNABLES}'], flush=True)"
    done = subprocess.run(
        [sys.executable, "-c", f"{looks}\n{begins}", "serve"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    given = "glibc.malloc.perturb=0"
    assert done.stdout.splitlines() == [given, ":".join([given, *memory.OURS])]
    assert "evalsys upgrade" in done.stderr


def test_a_server_begins_anew_once_whatever_becomes_of_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    monkeypatch.setattr(os, "execv", lambda *words: begun.append(words))
    monkeypatch.delenv(memory.TUNABLES, raising=False)
    monkeypatch.delenv(memory.BEGAN, raising=False)
    memory.hold_little()
    monkeypatch.delenv(memory.TUNABLES)
    memory.hold_little()
    assert len(begun) == 1


@pytest.mark.parametrize("command", ["settings", "upgrade"])
def test_no_other_command_begins_twice(tmp_path: Path, command: str) -> None:
    environment = clean_environment() | {"EVALSYS_INSTANCE": str(tmp_path), "PYTHONPATH": str(HERE)}
    begins = "print('once')\nfrom evalsys.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", begins, command], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines().count("once") == 1
