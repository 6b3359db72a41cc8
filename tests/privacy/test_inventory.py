"""docs/privacy.md says of every column what it holds; the notice on the form is short and leads on."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from evalsys.kernel.types import Base
from evalsys.privacy.actions.purging import TERMS, WORDS
from evalsys.privacy.rules import KIND_WORDS
from tests.pages import PageClient
from tests.privacy.leavings import a_code

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

DOCUMENT = Path(__file__).parents[2] / "docs" / "privacy.md"
SHORT = 120  # signs of the notice on the form
FORM = 14 * 1024  # bytes of the whole form


def columns_said(document: str) -> list[str]:
    """Every table.column the document's lists name."""
    found = re.findall(r"`(\w+)`: ((?:\w+, )*\w+)", document)
    return [f"{table}.{column}" for table, columns in found for column in columns.split(", ")]


def test_every_column_is_said_to_hold_something_and_only_once(app: Flask) -> None:
    there = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.c}
    said = columns_said(DOCUMENT.read_text(encoding="utf-8"))
    assert sorted(there - set(said)) == [], "say in docs/privacy.md what they hold of whom, and how long"
    assert sorted(set(said) - there) == [], "docs/privacy.md names what there is not"
    assert len(said) == len(set(said))


def test_a_column_that_is_not_listed_would_be_missed(app: Flask) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert "contacts.sealed" in columns_said(document)
    assert "contacts.sealed" not in columns_said(document.replace("root, sealed, masked", "root, masked"))


def test_every_kind_that_is_forgotten_has_words(app: Flask) -> None:
    assert TERMS.keys() | WORDS.keys() == KIND_WORDS.keys()


def notice_of(page: str) -> str:
    (found,) = re.findall(r'<p class="quiet">(.*?)</p>', page, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", found)).strip()


def test_the_notice_on_the_form_is_short_and_leads_to_the_page(app: Flask, client: PageClient) -> None:
    form = client.get(f"/q/{a_code(app)}")
    notice = notice_of(form.text)
    assert "不取定位" in notice
    assert "48小时" in notice
    assert len(notice) <= SHORT
    assert 'href="/privacy"' in form.text
    assert len(form.data) <= FORM
    page = client.get("/privacy")
    assert page.status_code == 200
    assert "<script" not in page.text
    for said in ("谁能看到", "90天", "48小时", "凭凭证号查看、下载"):
        assert said in page.text


def test_the_notice_comes_along_in_english(app: Flask, client: PageClient) -> None:
    assert 'href="/privacy?lang=en"' in client.get(f"/q/{a_code(app)}?lang=en").text
