"""Documents that speak of code are held to it."""

import importlib
import re
from pathlib import Path

import pytest

from evalsys.kernel import settings
from evalsys.rectification.rules import manual

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMED = re.compile(r"`(evalsys(?:\.\w+)+)`")
LINKED = re.compile(r"""(?:\]\(|src=")(?!https?:|#)([^)#"]+)""")


def test_the_page_of_settings_is_current() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings.as_markdown(), (
        "run: evalsys settings > docs/settings.md"
    )


def test_the_manual_of_the_loop_is_current() -> None:
    assert (DOCS / "loop.md").read_text(encoding="utf-8") == manual.as_markdown(), (
        "run: evalsys rectification manual > docs/loop.md"
    )


@pytest.mark.parametrize("document", ["journey.md", "house-style.md", "operations.md", "glossary.md"])
def test_what_a_document_names_in_the_code_exists(document: str) -> None:
    for dotted in NAMED.findall((DOCS / document).read_text(encoding="utf-8")):
        assert is_there(dotted), dotted


def test_the_journey_names_functions_of_three_features() -> None:
    named = NAMED.findall((DOCS / "journey.md").read_text(encoding="utf-8"))
    assert {"evaluation", "scoring", "dashboards"} <= {name.split(".")[1] for name in named}


def test_every_link_between_documents_leads_somewhere() -> None:
    documents = [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in LINKED.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_the_readme_can_be_read_in_one_go() -> None:
    assert len((DOCS.parent / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def is_there(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False
