"""docs/access.csv says who reaches what, as the routes and permissions have it."""

import pytest
from flask import Flask

from tests.attack import access

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def test_the_table_of_access_is_current(app: Flask) -> None:
    written = access.TABLE.read_text(encoding="utf-8")
    assert written == access.table(app), "write it anew: .venv/bin/python -m tests.attack.access"


def test_every_thing_an_address_names_has_its_bounds(app: Flask) -> None:
    named = [cell for cell in access.cells(app) if cell.bounded and cell.objects == access.SITE]
    assert [f"{cell.method} {cell.rule.rule}: {cell.bounded}" for cell in named] == []
