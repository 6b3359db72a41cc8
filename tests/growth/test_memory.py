"""A server's process does not load what only a child of it, or a test, ever needs."""

import subprocess
import sys

HEAVY = (
    *("pypinyin", "numpy", "lxml", "PIL", "qrcode.main", "xlsxwriter"),
    *("playwright", "openpyxl", "psycopg", "alembic", "mako", "pygments"),
    *("python_calamine", "tqdm", "evalsys.demo"),
)


def test_a_server_loads_nothing_heavy() -> None:
    # Workers are forked from the command `serve` and hold what it holds.
    looking = f"import sys, evalsys.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", looking], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
