"""The string files: what the pages say, gathered from the code, beside what they say in English.

`python -m tests.strings` brings the English file up to date and compiles it; new texts wait untranslated.
"""

import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "evalsys" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
COMPILED = ENGLISH.with_suffix(".mo")
KEYWORDS: dict[str, Any] = dict.fromkeys(("_", "N_", "gettext", "lazy_gettext"))
KEYWORDS |= dict.fromkeys(("NP_", "pgettext"), ((1, "c"), 2))  # the context, then the text
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def gathered() -> Catalog:
    """Every text the code shows: marked ones, and the sentences of refusals."""
    catalog = Catalog(project="evalsys", charset="utf-8")
    places = [
        (ROOT / "evalsys", [("**.py", "python")], {}),
        (ROOT / "templates", [("**.html", "jinja2")], {"**.html": {"trimmed": "false", "silent": "false"}}),
    ]
    for folder, methods, options in places:
        found = extract_from_dir(str(folder), methods, options, keywords=KEYWORDS)
        for name, line, message, _comments, context in found:
            catalog.add(message, locations=[(f"{folder.name}/{name}", line)], context=context)
    for path in sorted((ROOT / "evalsys").rglob("*.py")):
        for line, message in refusals(path):
            catalog.add(message, locations=[(str(path.relative_to(ROOT)), line)])
    return catalog


def refusals(path: Path) -> Iterator[tuple[int, str]]:
    """The Chinese sentences a module raises with: they are translated when they are shown."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            first = node.exc.args[0]
            said = first.value if isinstance(first, ast.Constant) else None
            if isinstance(said, str) and CHINESE.search(said):
                yield node.lineno, said


def english() -> Catalog:
    """The English string file as it stands."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def compiled(catalog: Catalog) -> bytes:
    """A catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update() -> int:
    """Bring the English file up to date, keeping its translations; returns how many texts wait."""
    wanted = gathered()
    standing = english() if ENGLISH.exists() else Catalog(locale="en", charset="utf-8")
    standing.update(wanted, no_fuzzy_matching=True)
    standing.obsolete.clear()
    standing.header_comment = "# What the pages say in English; kept complete by `python -m tests.strings`."
    # No dates and no names: the file changes only when a text does.
    standing.creation_date = standing.revision_date = BEGINNING
    standing.fuzzy = False
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, standing, width=100, omit_header=False, sort_by_file=False, no_location=True)
    COMPILED.write_bytes(compiled(english()))
    return sum(1 for message in standing if message.id and not message.string)


if __name__ == "__main__":
    print(f"{update()} texts wait for their English")
