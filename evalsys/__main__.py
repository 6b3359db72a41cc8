"""The `evalsys` command, also as `python -m evalsys`."""

import importlib
import sys

from evalsys.kernel import memory


def main() -> None:
    """Run the command; what serves does so with little memory."""
    if sys.argv[1:2] == ["serve"]:
        memory.hold_little()
    importlib.import_module("evalsys.cli").main()


if __name__ == "__main__":
    main()
