"""Whatever is sent to any address by anybody: no fault of ours, and every refusal is a sentence."""

import pytest
from sqlalchemy import func, select

from evalsys.kernel.database import db
from evalsys.kernel.types import Base
from tests.attack.access import cells
from tests.attack.attacking import Attacker
from tests.attack.conftest import Note
from tests.attack.halls import Furnished

pytestmark = pytest.mark.xdist_group("attack")

TIMES = 35  # requests to each of some 300 addresses


@pytest.fixture(scope="module")
def attacker(hall: Furnished) -> Attacker:
    """Somebody who holds every account; faults of ours are answered as on a real site."""
    hall.app.config["PROPAGATE_EXCEPTIONS"] = False
    return Attacker(hall)


@pytest.fixture(scope="module")
def moved(attacker: Attacker) -> set[str]:
    """See every page once, for its forms: the tables that have other rows afterwards."""
    before = rows(attacker.hall)
    attacker.look_around(as_everybody=False)
    after = rows(attacker.hall)
    return {name for name in after if after[name] != before[name]}


# Whoever reads single ratings, words or the journal leaves a mark; signing in, calculating and trying whether
# the database can be written (`jobs`) do, too.
MARKS = {
    "jobs",
    "accounts",
    "account_roles",
    "sessions",
    "api_tokens",
    "journal",
    "rank_runs",
    "rank_places",
    "formula_versions",
}


def test_looking_changes_nothing(moved: set[str]) -> None:
    assert moved - MARKS == set()


def rows(hall: Furnished) -> dict[str, int]:
    """How many rows each table has."""
    with hall.app.app_context(), db.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Base.metadata.tables.items()
        }


def test_no_folder_is_listed(hall: Furnished) -> None:
    anybody = hall.anybody()
    for folder in ("/static", "/static/", "/static/css/", "/static/js/", "/templates/", "/docs/", "/.git/"):
        assert anybody.get(folder).status_code in (404, 405), folder


def test_no_form_fails_whatever_is_sent(attacker: Attacker, moved: set[str]) -> None:
    assert attacker.forms, f"looking around came before, and moved {moved}"
    for cell in cells(attacker.hall.app):
        if cell.method != "GET":
            attacker.attack(cell, 1, afresh=False)
    assert attacker.sent > 100
    assert attacker.faults == []


def test_no_address_fails_when_it_is_asked_otherwise(attacker: Attacker) -> None:
    for cell in {cell.rule.rule: cell for cell in cells(attacker.hall.app)}.values():
        attacker.ask_otherwise(cell)
    assert attacker.faults == []


@pytest.mark.attack
def test_no_address_fails_however_often(attacker: Attacker, noted: Note) -> None:
    attacker.look_around(as_everybody=True)
    posts = [cell for cell in cells(attacker.hall.app) if cell.method != "GET"]
    known = [cell for cell in posts if (cell.rule.rule, cell.method) in attacker.forms]
    assert len(known) > len(posts) / 2, "forms that no page shows are sent nothing they know"
    for cell in cells(attacker.hall.app):
        attacker.attack(cell, TIMES, afresh=True)
    assert attacker.faults == []
    addresses = len(list(cells(attacker.hall.app)))
    noted(("wild requests to every address, as every role", f"{addresses} addresses", attacker.sent, 0))
