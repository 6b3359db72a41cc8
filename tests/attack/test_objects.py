"""Nobody reaches what is another's by its address, however far their role reaches: the column `objects`."""

import io
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from evalsys.kernel.database import db
from tests.attack.access import DEVICE, SECRET, SITE, UNIT, Cell, cells
from tests.attack.halls import Furnished, address_of
from tests.pages import PageClient
from tests.rectification.desks import form_token

pytestmark = pytest.mark.xdist_group("attack")

HIDDEN = {403, 404}
MOVE = {"to": "TRIAGED", "version": 1}  # a move of a case at the JSON interface
# Whoever may reach these is told by more than the address: a rating to appeal against, one's own last move,
# a person who sits down.
WANT_MORE = {"/cases/<no>/appeal", "/cases/<no>/undo", "/console/hand-over/<code>"}
# Signs of a receipt, a link or a display that nobody was ever given.
GUESSED = {
    "receipt": "0000-0000-0000",
    "report": "0000-0000-0000",
    "board": "0" * 26,
    "link": "0" * 26,
    "ticket": "0" * 26,
    "token": "0" * 26,
    "public_id": "00000000",
    "hall": "XX",
    "code": "00000000000",
}


def bounded_cells(hall: Furnished, far: str) -> Iterator[Cell]:
    """The cells of one kind; what only looks comes before what changes."""
    chosen = [cell for cell in cells(hall.app) if cell.objects == far]
    yield from sorted(chosen, key=lambda cell: cell.method != "GET")


class Person:
    """Somebody of one role and department, on the pages and at the JSON interface."""

    def __init__(self, hall: Furnished, role: str, unit: str) -> None:
        self.client = hall.account(role, unit)
        self.token = hall.token(role, unit)
        self.form = {"csrf_token": form_token(self.client, "/account")}

    def status(self, cell: Cell, address: str) -> int:
        """What the address answers."""
        if address.startswith("/api/"):
            sent = {"json": MOVE} if cell.method == "POST" else {}
            answer = self.client.open(address, method=cell.method, headers=self.token, buffered=True, **sent)
        else:
            form = None if cell.method == "GET" else self.form
            answer = self.client.open(address, method=cell.method, data=form, buffered=True)
        return int(answer.status_code)


def test_whoever_sees_their_units_only_finds_nothing_of_another(hall: Furnished) -> None:
    found = list(bounded_cells(hall, UNIT))
    roles = sorted({role for cell in found for role in cell.bounded})
    assert roles == ["clerk", "department-lead", "head", "owner", "window-manager"]
    people = {(role, unit): Person(hall, role, unit) for role in roles for unit in (hall.unit, hall.other)}
    open_to_others, closed_to_all = [], []
    for cell in found:
        here, there = address_of(cell.rule, hall.here), address_of(cell.rule, hall.there)
        assert here != there, f"{cell.rule.rule} names nothing that differs"
        reached = False
        for role in cell.bounded:
            strange = people[role, hall.other].status(cell, here), people[role, hall.unit].status(cell, there)
            if not set(strange) <= HIDDEN:
                open_to_others.append(f"{role} {cell.method} {here}: {strange}")
            reached = reached or people[role, hall.unit].status(cell, here) not in HIDDEN
        if cell.bounded and not reached and cell.rule.rule not in WANT_MORE:
            closed_to_all.append(f"{cell.method} {here}")
    assert open_to_others == []
    # Otherwise the refusals above would say nothing.
    assert closed_to_all == []


def test_things_of_the_whole_site_are_for_roles_of_the_whole_site(hall: Furnished) -> None:
    found = list(bounded_cells(hall, SITE))
    assert [f"{cell.rule.rule} {cell.bounded}" for cell in found if cell.bounded] == []
    # From another department all the same.
    people = {role: Person(hall, role, hall.other) for cell in found for role in sorted(cell.roles)[:1]}
    unseen = [
        f"{role} {address_of(cell.rule, hall.here)}: {status}"
        for cell in found
        if cell.method == "GET" and (role := sorted(cell.roles)[0])
        if (status := people[role].status(cell, address_of(cell.rule, hall.here))) == 403
    ]
    assert unseen == []


def test_what_is_a_secret_is_not_guessed(hall: Furnished) -> None:
    anybody = hall.anybody()
    for cell in bounded_cells(hall, SECRET):
        address = address_of(cell.rule, {**hall.here, **GUESSED})
        status = anybody.open(address, method=cell.method, data={}).status_code
        assert status in (404, 410, 422), f"{cell.method} {address}: {status}"


def test_a_device_is_nobody_without_its_cookie_and_never_another(hall: Furnished) -> None:
    tablets = hall.machine("tablet"), hall.machine("other tablet"), hall.anybody()
    ids = hall.machines["tablet"][1], hall.machines["other tablet"][1]
    rating = {"level": "1", "key": "0" * 32, "service": hall.here["service"]}
    for cell in bounded_cells(hall, DEVICE):
        address = address_of(cell.rule, hall.here | {"public_id": ids[0]})
        for stranger in tablets[1:]:
            answer = stranger.open(address, method=cell.method, data=None if cell.method == "GET" else rating)
            unknown = answer.status_code in (302, 303, 403, 404) or "配对" in answer.text
            assert unknown, f"{cell.method} {address}: {answer.status_code}"
    assert tablets[0].get(f"/counter/{ids[0]}").status_code == 200
    assert tablets[0].get(f"/counter/{ids[1]}").status_code != 200


def test_neither_a_device_nor_a_token_opens_a_page_of_the_staff(hall: Furnished) -> None:
    token = hall.token("supervisor")
    opened = []
    for cell in cells(hall.app):
        if not cell.roles or cell.method != "GET":
            continue
        address = address_of(cell.rule, hall.here)
        by_device = hall.machine("tablet").get(address).status_code
        api = address.startswith("/api/")
        by_token = 302 if api else hall.anybody().get(address, headers=token).status_code
        if by_device != (401 if api else 302) or by_token != 302:
            opened.append(f"{address}: device {by_device}, token {by_token}")
    assert opened == []


def other_session(hall: Furnished, owner: str) -> str:
    """The number of a sign-in that is open for an account."""
    query = (
        "SELECT MAX(s.id) FROM sessions s JOIN accounts a ON a.id = s.account_id "
        "WHERE a.name = :name AND s.ended_at IS NULL"
    )
    with hall.app.app_context():
        return str(db.session.execute(text(query), {"name": owner}).scalar_one())


def test_a_sign_in_is_ended_by_nobody_else(hall: Furnished) -> None:
    mine = hall.account("leadership")
    stranger = Person(hall, "supervisor", hall.other)
    ending = f"/account/sessions/{other_session(hall, f'leadership.{hall.unit}')}/end"
    assert stranger.client.post(ending, data=stranger.form).status_code in {302, 303, *HIDDEN}
    assert mine.get("/account").status_code == 200


def test_a_notice_is_opened_by_nobody_else(hall: Furnished) -> None:
    stranger = Person(hall, "clerk", hall.other)
    opening = f"/notices/{hall.here['notice_id']}/open"
    assert stranger.client.post(opening, data=stranger.form).status_code in HIDDEN


SHEET = "大厅,编号,部门,类型\nZX,E01,水务局,专窗\n".encode()


def dry_run(client: PageClient, form: dict[str, str]) -> str:
    """Where a dry run of an import waits for its second step."""
    sent = {**form, "files": (io.BytesIO(SHEET), "窗口.csv")}
    answer = client.post("/admin/organisation/import", data=sent)
    assert answer.status_code in (302, 303), answer.text
    return str(answer.headers["Location"])


def test_an_import_waits_for_who_began_it_only(hall: Furnished) -> None:
    mine, stranger = (Person(hall, "data-steward", unit) for unit in (hall.unit, hall.other))
    waiting = dry_run(mine.client, mine.form)
    assert mine.client.get(waiting).status_code == 200
    for address in (waiting, f"{waiting}/annotated.xlsx"):
        assert stranger.client.get(address).status_code == 422, "they are told that nothing waits"
    assert stranger.client.post(waiting, data=stranger.form).status_code == 422
