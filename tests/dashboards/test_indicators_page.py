"""The definitions stand in one table."""

from pathlib import Path

from evalsys.scoring.rules.indicators import as_markdown

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_indicators_is_current() -> None:
    assert (DOCS / "indicators.md").read_text(encoding="utf-8") == as_markdown(), (
        "write evalsys.scoring.rules.indicators.as_markdown() to docs/indicators.md"
    )
