"""What each library holds in memory once it is loaded: a process of its own.

`python -m benchmarks.imports LOADED …` with the names of the modules that a worker has loaded at the start.
Loaded in this order, each after those it is built on; then the product itself with whatever more it loads.
Prints JSON: megabytes by name.
"""

import importlib
import json
import sys
from pathlib import Path

FIRST = "Python"
LIBRARIES = {
    "granian": ("granian",),
    "Flask with its extensions": ("flask_sqlalchemy", "flask_wtf", "flask_babel", "flask_smorest"),
    "SQLAlchemy": ("sqlalchemy.orm", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite"),
    "cryptography and argon2": ("cryptography.hazmat.primitives.ciphers.aead", "argon2"),
    "the drivers": ("pysqlite3", "psycopg"),
}
# What a worker could do without until somebody wants a file or a figure; counted where the product loads it.
FOR_FILES = {
    "numpy": ("numpy",),
    "typst": ("typst",),
    "pillow and qrcode": ("PIL.Image", "qrcode"),
    "spreadsheets": ("xlsxwriter", "python_calamine"),
}
PRODUCT = "the product's own code and the rest"


def _held() -> float:
    """Megabytes this process holds."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["VmRSS"].split()[0]) * 1024 / 1e6


def main() -> None:
    """Load everything in order."""
    loaded = set(sys.argv[1:])
    held = {FIRST: _held()}
    for name, modules in {**LIBRARIES, **FOR_FILES, PRODUCT: ("evalsys.app",)}.items():
        if name in FOR_FILES and not loaded & set(modules):
            continue
        before = _held()
        for module in modules:
            importlib.import_module(module)
        held[name] = _held() - before
    print(json.dumps(held))


if __name__ == "__main__":
    main()
