"""What the program never does, read from its source: each a door that attacks come through elsewhere."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from evalsys.identity import passwords, rules
from tests.pages import PageClient

ROOT = Path(__file__).resolve().parents[2]
# Released migrations are SQL of fixed words; the demo draws its chance from a seed.
MODULES = [path for path in sorted((ROOT / "evalsys").rglob("*.py")) if "migrations" not in path.parts]
UNSAFE = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "yaml", "dill", "xml", "telnetlib", "ftplib"}
FROM_STRINGS = {"render_template_string", "from_string"}
SHELLS = {"system", "popen", "getoutput", "getstatusoutput"}
# Where names of tables stand in a statement: they come from the models.
STATEMENTS_OF_NAMES = {
    *("kernel/upserts.py", "kernel/backups/sqlite.py", "kernel/database.py"),
    "kernel/schema.py",  # the number of a lock
}
PATTERNS_OF_WORDS = {"identity/guessable.py"}  # a list of its own, escaped
# Blocks of a page that our own server has escaped; nothing else becomes markup.
OWN_BLOCKS = {
    "board.js": "holder.innerHTML = asking.responseText;",
    "counter.js": "holder.innerHTML = markup;",
    "kiosk.js": "results.innerHTML = found.innerHTML;",
}
WEAK = {"md5", "sha1", "new", "ARC4", "TripleDES", "Blowfish", "ECB", "PKCS1v15", "DES"}
OF_CHANCE = "random"
SCRIPTS = [path for path in sorted((ROOT / "static").rglob("*.js"))]
MARKUP = re.compile(
    r"\.(innerHTML|outerHTML)\b|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage"
    r"|localStorage|sessionStorage|indexedDB|__proto__|document\.cookie"
)
# A script of words; values for a script stand in JSON, written by `tojson` alone.
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(?!\s*</script>)(?!\{\{ [\w.()]+\|tojson \}\}</script>)")


@cache
def read(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def found(wrong: Callable[[ast.AST], Iterator[str]], *beside: str) -> list[str]:
    """Where a module does what none may, except those beside."""
    return [
        f"{path.relative_to(ROOT / 'evalsys')}: {what}"
        for path in MODULES
        if str(path.relative_to(ROOT / "evalsys")) not in beside
        for what in wrong(read(path))
    ]


def evaluated(tree: ast.AST) -> Iterator[str]:
    for name, call in calls(tree):
        plain = isinstance(call.func, ast.Name) and name in UNSAFE
        if plain or name in FROM_STRINGS:
            yield name
    yield from UNSAFE_MODULES.intersection(imported(tree))


def test_nothing_is_evaluated_or_unpickled() -> None:
    assert found(evaluated) == []


def shells(tree: ast.AST) -> Iterator[str]:
    for name, call in calls(tree):
        if name in SHELLS or any(word.arg == "shell" for word in call.keywords):
            yield name


def test_no_command_goes_through_a_shell() -> None:
    assert found(shells) == []


def built_statements(tree: ast.AST) -> Iterator[str]:
    for name, call in calls(tree):
        if name in ("text", "execute", "exec_driver_sql") and call.args:
            given = call.args[0]
            built = isinstance(given, ast.JoinedStr) or (
                isinstance(given, ast.BinOp) and isinstance(given.op, ast.Add | ast.Mod)
            )
            if built:
                yield f"line {call.lineno}"


def test_no_statement_is_built_from_what_is_sent() -> None:
    assert found(built_statements, *STATEMENTS_OF_NAMES) == []


def built_patterns(tree: ast.AST) -> Iterator[str]:
    for name, call in calls(tree):
        of_re = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "re"
        if not of_re or name in ("escape",) or not call.args:
            continue
        given = call.args[0]
        of_constants = isinstance(given, ast.JoinedStr) and all(
            isinstance(part, ast.Constant)
            or (isinstance(part, ast.FormattedValue) and getattr(part.value, "id", "").isupper())
            for part in given.values
        )
        fixed = isinstance(given, ast.Constant) or getattr(given, "id", "").isupper() or of_constants
        if not fixed:
            yield f"line {call.lineno}"


def test_no_pattern_is_built_from_input() -> None:
    assert found(built_patterns, *PATTERNS_OF_WORDS) == []


def weak(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in WEAK:
            owner = getattr(node.value, "id", "")
            if node.attr != "new" or owner == "hashlib":
                yield f"{owner}.{node.attr}"


def test_no_weak_hash_and_no_cipher_of_our_own() -> None:
    assert found(weak, "assurance/rules/seals.py") == []


def of_chance(tree: ast.AST) -> Iterator[str]:
    if OF_CHANCE in set(imported(tree)):
        yield OF_CHANCE


def test_chance_comes_from_the_system() -> None:
    assert [place for place in found(of_chance) if not place.startswith("demo/")] == []
    assert len({passwords.new_token() for _ in range(100)}) == 100
    assert len(passwords.new_token()) >= 43, "256 bits"


def test_passwords_are_kept_by_argon2id() -> None:
    kept = passwords.hashed("one long enough to be kept")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert kept != passwords.hashed("one long enough to be kept")


def test_short_passwords_are_refused() -> None:
    shortest, longest = rules.PASSWORD_LENGTH
    assert shortest >= 8
    assert longest >= 64
    with pytest.raises(rules.UnfitPassword):
        rules.check_password("x7Kq9"[: shortest - 1], "somebody")


@pytest.mark.parametrize("demands", [rules.NIST, rules.MLPS3])
def test_a_sign_in_ends_when_it_is_idle_or_old(demands: rules.Demands) -> None:
    began = datetime(2026, 10, 21, 1, tzinfo=UTC)
    moment = timedelta(seconds=1)
    idle = began + demands.idle
    assert not rules.has_ended(began, began, idle - moment, demands)
    assert rules.has_ended(began, began, idle, demands)
    old = began + rules.ABSOLUTE
    assert not rules.has_ended(began, old - moment, old - moment, demands)
    assert rules.has_ended(began, old - moment, old, demands)


def test_no_script_writes_markup_of_its_own() -> None:
    own = [path for path in SCRIPTS if "plotly" not in path.name]
    assert own
    texts = {path.name: path.read_text().replace(OWN_BLOCKS.get(path.name, " "), "", 1) for path in own}
    assert [f"{name}: {hit[0]}" for name, text in texts.items() for hit in MARKUP.finditer(text)] == []


def test_no_template_writes_values_into_a_script() -> None:
    pages = sorted((ROOT / "templates").rglob("*.html"))
    assert [page.name for page in pages if INLINE.search(page.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_password_field_hides_and_takes_what_is_pasted(app: Flask, client: PageClient) -> None:
    page = client.get("/sign-in").text
    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in page
