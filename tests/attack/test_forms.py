"""Whatever is sent to any address by anybody: no fault of ours, and every refusal is a sentence."""

import pytest

from tests.attack.access import cells
from tests.attack.attacking import Attacker
from tests.attack.conftest import Note
from tests.attack.halls import Furnished

pytestmark = pytest.mark.xdist_group("attack")

TIMES = 35  # requests to each of some 300 addresses


@pytest.fixture
def attacker(hall: Furnished) -> Attacker:
    """Somebody who holds every account; faults of ours are answered as on a real site."""
    hall.app.config["PROPAGATE_EXCEPTIONS"] = False
    return Attacker(hall)


def test_no_form_fails_whatever_is_sent(attacker: Attacker) -> None:
    attacker.look_around(as_everybody=False)
    for cell in cells(attacker.hall.app):
        if cell.method != "GET":
            attacker.attack(cell, 1, afresh=False)
    assert attacker.sent > 100
    assert attacker.faults == []


def test_no_address_fails_when_it_is_asked_otherwise(attacker: Attacker) -> None:
    for cell in cells(attacker.hall.app):
        attacker.ask_otherwise(cell)
    assert attacker.faults == []


@pytest.mark.attack
def test_no_address_fails_however_often(attacker: Attacker, noted: Note) -> None:
    attacker.look_around(as_everybody=True)
    posts = [cell for cell in cells(attacker.hall.app) if cell.method != "GET"]
    known = [cell for cell in posts if (cell.rule.rule, cell.method) in attacker.forms]
    assert len(known) > len(posts) * 2 / 3, "forms that no page shows are sent nothing they know"
    for cell in cells(attacker.hall.app):
        attacker.attack(cell, TIMES, afresh=True)
    assert attacker.faults == []
    addresses = len(list(cells(attacker.hall.app)))
    noted(("wild requests to every address, as every role", f"{addresses} addresses", attacker.sent, 0))
