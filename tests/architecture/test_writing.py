"""House style that a machine can check: docs/house-style.md says why."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path for path in (CHECKOUT / "evalsys").rglob("*.py") if "versions" not in path.parts
)  # a migration is as long as the schema

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
LONGEST_VIEW = 20
LONGEST_TEMPLATE = 150

EMPTY_WORDS = frozenset({"data", "info", "handler", "util", "utils", "helpers", "common", "process", "misc"})
# What SQLAlchemy and WTForms call.
GIVEN_NAMES = frozenset({"process_bind_param", "process_result_value", "process_formdata"})
FETCHING = re.compile(r"(get|fetch|list|find|load|retrieve)_")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, Function))


def lines_of(function: Function) -> int:
    """Lines of the body, its docstring not counted."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def modules_named(noun: str) -> list[Path]:
    """The modules of that name, and those of a package of that name."""
    return [path for path in MODULES if path.stem == noun or noun in path.parent.parts]


def test_a_transaction_ends_in_one_place() -> None:
    commits = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert commits <= {"evalsys/kernel/database.py", "evalsys/kernel/writer.py"}


def test_no_fault_is_swallowed() -> None:
    swallowed = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    ]
    assert swallowed == []


def catches_everything(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_modules_can_be_seen_whole() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_functions_can_be_seen_whole() -> None:
    too_long = [
        f"{name_of(path)}:{function.lineno} {function.name} has {lines_of(function)} lines"
        for path in MODULES
        for function in functions(path)
        if lines_of(function) > (LONGEST_VIEW if path in modules_named("views") else LONGEST_FUNCTION)
    ]
    assert too_long == []


def test_templates_can_be_seen_whole() -> None:
    templates = (CHECKOUT / "templates").rglob("*.html")
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in templates}
    assert {name: length for name, length in lengths.items() if length > LONGEST_TEMPLATE} == {}


def test_names_say_something() -> None:
    empty = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, Function | ast.ClassDef)
        and node.name not in GIVEN_NAMES
        and EMPTY_WORDS & words_of(node.name)
    ]
    assert empty + [name_of(path) for path in MODULES if EMPTY_WORDS & words_of(path.stem)] == []


def words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)}


def test_queries_are_nouns() -> None:
    fetching = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path in modules_named("queries")
        for function in functions(path)
        if FETCHING.match(function.name)
    ]
    assert fetching == []


def test_events_are_past() -> None:
    present = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules_named("events")
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not re.search(r"(ed|en|eft|ut|ought|id|old)$", node.name)
    ]
    assert present == []


def test_views_do_no_queries() -> None:
    asking = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules_named("views")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("select", "insert", "update", "delete")
    ]
    assert asking == []


@pytest.mark.parametrize("noun", ["rules", "queries", "actions"])
def test_what_others_call_says_what_it_is(noun: str) -> None:
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules_named(noun)
        for node in tree_of(path).body
        if isinstance(node, Function | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert silent == []


def test_what_a_formula_begins_with_and_the_channels_are_said_once() -> None:
    for words in ('"＝"', r"\uff1d", '"face-to-face", "back-to-back"'):
        said = [name_of(path) for path in MODULES if words in path.read_text(encoding="utf-8")]
        assert len(said) <= 1, (words, said)


def test_no_module_remembers_the_day_it_was_imported_on() -> None:
    """After midnight that day is yesterday, to a server and to a run of tests alike."""
    remembered = [
        f"{name_of(path)}:{node.lineno}"
        for path in [*MODULES, *sorted((CHECKOUT / "tests").rglob("*.py"))]
        for node in done_on_import(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("clock.today", "clock.now")
    ]
    assert remembered == []


def done_on_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: its statements, and the decorators and defaults of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            at_once = [*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)]
            for part in at_once:
                yield from ast.walk(part)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from done_on_import(child)
