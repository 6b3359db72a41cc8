"""Every `evalsys` command in the operations page and in the files beside it is one, with options it knows.

Seen failing: with `evalsys organisation imprt`, and with `--dryrun`.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from evalsys.cli import main
from tests.deploying.fronts import DEPLOYING

OPERATIONS = DEPLOYING.parent / "operations.md"
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`evalsys( [a-z][^`]*)`")
TOLD = re.compile(r"(?:EVALSYS_\w+=\S+ )*evalsys( .*?)(?:  #|$)")
STARTED = re.compile(r"^ExecStart\w*=\S*/evalsys( .*)$", re.MULTILINE)
IN_LISTS = re.compile(r"^\s*(?:command:|CMD) \[(.*)\]$", re.MULTILINE)


def commands() -> Iterator[str]:
    """What stands behind the word evalsys, wherever somebody is told to run it."""
    page = OPERATIONS.read_text(encoding="utf-8")
    for block in BLOCK.findall(page):
        for line in block.splitlines():
            if found := TOLD.match(line):
                yield found[1].strip()
    yield from (found.strip() for found in INLINE.findall(page))
    for unit in DEPLOYING.glob("*.service"):
        yield from (found.strip() for found in STARTED.findall(unit.read_text(encoding="utf-8")))
    for name in ("compose.yaml", "Containerfile"):
        for listed in IN_LISTS.findall((DEPLOYING / name).read_text(encoding="utf-8")):
            if "python3" not in listed and "CMD" not in listed:
                yield " ".join(word.strip(' "') for word in listed.split(","))


def fault_of(line: str) -> str:
    """What is wrong with a command; '' where it could be run."""
    command: click.Command = main
    words = shlex.split(line)
    while isinstance(command, click.Group):
        word = words.pop(0) if words else ""
        following = command.get_command(click.Context(command), word)
        if following is None:
            return f"no command {word!r}"
        command = following
        if not words and isinstance(command, click.Group):
            return ""
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    return f"no option {unknown}" if unknown else ""


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_a_command_somebody_is_told_to_run_is_one(line: str) -> None:
    assert fault_of(line) == ""


def test_the_commands_are_found() -> None:
    found = {line.split()[0] for line in commands()}
    assert {"upgrade", "start", "serve", "work", "backup", "restore", "verify", "identity"} <= found


def test_every_file_beside_the_page_is_named_in_it() -> None:
    page = OPERATIONS.read_text(encoding="utf-8")
    assert [file.name for file in DEPLOYING.iterdir() if f"deploying/{file.name}" not in page] == []


def test_whoever_installs_is_shown_folders_that_the_units_may_write_into() -> None:
    page = OPERATIONS.read_text(encoding="utf-8")
    units = [unit.read_text(encoding="utf-8") for unit in DEPLOYING.glob("*.service")]
    for folder in ("/var/lib/evalsys", "/var/backups/evalsys"):
        assert folder in page
        allowed = (
            f"ReadWritePaths=-{folder}" if "backups" in folder else f"StateDirectory={Path(folder).name}"
        )
        assert all(allowed in unit for unit in units)
