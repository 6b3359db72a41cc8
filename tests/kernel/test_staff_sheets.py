"""Staff pages have their rules in one sheet where it is prepared, and in the same order without."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from evalsys.app import create_app
from evalsys.kernel import assets
from evalsys.kernel.database import db
from evalsys.kernel.settings import Settings

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


@contextmanager
def made_anew(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def sheets_of(app: Flask) -> list[tuple[str, str]]:
    """The sheets a staff page links, each with its content."""
    client = app.test_client()
    linked = re.findall(r'<link rel="stylesheet" href="([^"]+)">', client.get("/sign-in").text)
    found = []
    for address in linked:
        with client.get(address) as answer:
            assert (answer.status_code, answer.mimetype) == (200, "text/css")
            assert "immutable" in answer.headers["Cache-Control"]
            found.append((address, answer.text))
    return found


def squeezed(css: str) -> str:
    return re.sub(r"\s", "", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))


def test_one_sheet_holds_every_rule_in_the_same_order(site_settings: Settings) -> None:
    with made_anew(site_settings) as app:
        apart = sheets_of(app)
    assets.prepare(site_settings.instance)
    with made_anew(site_settings) as app:
        ((address, together),) = sheets_of(app)
    assert len(apart) == len(assets.OFFICE)
    assert squeezed(together) == "".join(squeezed(css) for _, css in apart)
    assert assets.version() in address


def test_a_sheet_of_another_version_is_not_linked(site_settings: Settings) -> None:
    folder = assets.prepare(site_settings.instance)
    for file in list(folder.glob("office-*")):
        file.rename(folder / file.name.replace(assets.version(), "000000000000"))
    with made_anew(site_settings) as app:
        assert len(sheets_of(app)) == len(assets.OFFICE)
