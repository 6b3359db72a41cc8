"""`python -m evalsys` is the `evalsys` command."""

from evalsys.cli import main

main()
