"""A server's process does not load what only a child of it, or a test, ever needs."""

import subprocess
import sys

HEAVY = ("pypinyin", "numpy", "playwright", "openpyxl", "psycopg")


def test_an_application_loads_nothing_heavy() -> None:
    looking = f"import sys, evalsys.app; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", looking], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
