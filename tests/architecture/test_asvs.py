"""docs/asvs.csv answers each requirement of OWASP ASVS 5.0, levels 1 and 2: a test there is, or a reason."""

import ast
import csv
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "asvs.csv"
HEAD = ["id", "level", "what", "applies", "why_not", "test", "where", "open"]
OF_LEVEL = {"1": 70, "2": 183}  # the standard's own count
LONGEST = 20  # words
OPEN_AT_MOST = 11  # fewer with time, never more


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the tests in a file; none where there is no such file."""
    if not (ROOT / path).is_file():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def fault_of(row: dict[str, str]) -> str:
    """What is missing of a line, or nothing."""
    path, _, name = row["test"].partition("::")
    if row["applies"] == "no":
        return (
            "" if row["why_not"] and not row["test"] and not row["open"] else "says not why it does not apply"
        )
    if row["applies"] != "yes" or not row["where"]:
        return "says neither yes nor no, or not where"
    if row["test"] and (not name.startswith("test_") or name not in names_in(path)):
        return f"names no test there is: {row['test']}"
    return "" if row["test"] or row["open"] else "has neither a test nor a word why it is open"


def test_each_requirement_of_both_levels_has_its_line() -> None:
    levels = [row["level"] for row in rows()]
    assert {level: levels.count(level) for level in sorted(set(levels))} == OF_LEVEL
    assert len({row["id"] for row in rows()}) == len(levels)
    assert list(rows()[0]) == HEAD


def test_each_line_names_a_test_there_is_or_says_why_not() -> None:
    assert [f"{row['id']} {fault}" for row in rows() if (fault := fault_of(row))] == []
    assert [row["id"] for row in rows() if not 0 < len(row["what"].split()) <= LONGEST] == []


def test_what_is_open_does_not_grow() -> None:
    assert sum(bool(row["open"]) for row in rows()) <= OPEN_AT_MOST


def test_a_line_without_a_test_is_seen() -> None:
    line = dict.fromkeys(HEAD, "") | {"applies": "yes", "where": "somewhere"}
    assert "neither a test" in fault_of(line)
    assert "no test there is" in fault_of(line | {"test": "tests/architecture/test_asvs.py::test_nothing"})
    assert (
        fault_of(line | {"test": "tests/architecture/test_asvs.py::test_a_line_without_a_test_is_seen"}) == ""
    )
    assert "not why" in fault_of(line | {"applies": "no"})
