"""A furnished hall with two departments: of everything there is one that is theirs, and one of the others."""

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from flask import Flask
from sqlalchemy import Connection, text
from werkzeug.routing import Rule

from evalsys.app import create_app
from evalsys.kernel import files
from evalsys.kernel.database import db, transaction
from tests.builders import a_token, signed_in
from tests.conftest import settings_for
from tests.evaluation.counters import Machine, paired
from tests.growth import cases
from tests.growth.hall import BigHall, a_big_hall
from tests.growth.walk import OWN_PARTS, _parts
from tests.pages import PageClient
from tests.rectification.test_evidence import a_picture

FIRST, LAST, DAYS = 801, 1_000, 3  # ratings; every thousandth has a proposal
COOKIE = "evalsys-device"
Parts = Mapping[str, str]
_PICTURE = a_picture()

# One thing of a department, by the name it has in an address.
_OF_UNIT = {
    "no": "SELECT MAX(no) FROM loop_cases WHERE unit_id = :unit AND state = 'CLOSED' "
    "AND no NOT LIKE 'copy-%'",
    "code_id": "SELECT MAX(c.id) FROM window_codes c JOIN window_units w ON w.window_id = c.window_id "
    "WHERE w.unit_id = :unit",
    "code": "SELECT MAX(h.code || '-' || w.number) FROM service_windows w JOIN halls h ON h.id = w.hall_id "
    "JOIN window_units u ON u.window_id = w.id WHERE u.unit_id = :unit",
    "duty_id": "SELECT MAX(d.id) FROM duties d JOIN window_units w ON w.window_id = d.window_id "
    "WHERE w.unit_id = :unit",
    "device_id": "SELECT MAX(d.id) FROM devices d JOIN window_units w ON w.window_id = d.window_id "
    "WHERE w.unit_id = :unit",
    "fix_id": "SELECT MAX(f.id) FROM fixes f JOIN items i ON i.id = f.item_id WHERE i.unit_id = :unit",
}
_CASES = (
    "SELECT no FROM loop_cases WHERE no NOT LIKE 'copy-%' "
    "AND unit_id = (SELECT id FROM units WHERE code = :unit)"
)
_FURNISH = (
    "INSERT INTO case_files (case_id, seq, sha256, name) "
    "SELECT id, 1, :sha256, '照片.png' FROM loop_cases WHERE no NOT LIKE 'copy-%'",
    "INSERT INTO fixes (item_id, tag, words, since, noted_at, noted_by) "
    "SELECT MIN(id), '115', '改了', '2026-01-01', '2026-01-01 00:00:00.000000', 1 FROM items "
    "GROUP BY unit_id",
    "INSERT INTO on_call (unit_id, account_id, place, starts_at, ends_at) "
    "SELECT unit_id, id, 1, '2026-01-01 00:00:00.000000', '2040-01-01 00:00:00.000000' FROM accounts "
    "WHERE id = 1",
    "INSERT INTO reply_templates (name, text) VALUES ('致歉', '对不起')",
    # What the rated side may see, it sees today.
    "UPDATE loop_cases SET visible_from = opened_on",
    "UPDATE loop_cases SET visible_from = '2020-01-01' WHERE no NOT LIKE 'copy-%'",
)


@dataclass(frozen=True)
class Furnished:
    """An application on a hall of its own, and what its addresses are made from."""

    app: Flask
    unit: str  # the code of one department
    other: str  # and of another
    here: Parts  # things of the first
    there: Parts  # things of the second, where they are anybody's
    machines: Mapping[str, tuple[str, str]]  # kind → the value of its cookie, its public id
    cases: Sequence[str]  # of the first, one in each state

    def account(self, role: str, unit: str | None = None) -> PageClient:
        """A client signed in with one role in a department."""
        return signed_in(self.app, role, unit or self.unit)

    def token(self, role: str, unit: str | None = None) -> dict[str, str]:
        """The header of a token of one role in a department."""
        return a_token(self.app, role, unit or self.unit)

    def machine(self, kind: str) -> PageClient:
        """The browser of a paired device."""
        client = self.anybody()
        client.set_cookie(COOKIE, self.machines[kind][0])
        return client

    def anybody(self) -> PageClient:
        """A client without sign-in or pairing."""
        client = self.app.test_client()
        assert isinstance(client, PageClient)
        return client


def address_of(rule: Rule, parts: Parts, otherwise: Callable[[], str] | None = None) -> str:
    """The address of a route with these things in it, or with others where they are none of these."""
    known = (*OWN_PARTS, ("/desk/report/", "receipt", "report"))
    own = {place: name for start, place, name in known if rule.rule.startswith(start)}
    chosen = re.sub(r"<any\('?([^,')]+)[^>]*>", r"\1", rule.rule)

    def part(found: re.Match[str]) -> str:
        if otherwise is not None:
            return otherwise()
        return parts.get(own.get(found[1], found[1]), "1")

    return re.sub(r"<(?:int:)?(\w+)>", part, chosen)


def furnish(folder: Path, template: Path) -> Callable[[Path], Furnished]:
    """Build the hall once; what is returned opens a copy of it in an empty folder."""
    shutil.copyfile(template, folder / "evalsys.sqlite3")
    app = _opened(folder)
    hall = a_big_hall(app)
    with app.app_context():
        parts = dict(_parts(hall)) | _receipts(hall)
    with app.app_context(), db.engine.connect() as connection:
        other, number, window = _another(connection, parts["unit"])
    cases.in_each_state(app, window, other)
    hall.grow(FIRST, LAST, DAYS)
    tablet = paired(app, "tablet", number)
    with app.app_context(), transaction() as session:
        parts["sha256"] = files.store(session, files.harmless(_PICTURE), None)
        for statement in _FURNISH:
            session.execute(text(statement), {"sha256": parts["sha256"]})
    with app.app_context(), db.engine.connect() as connection:
        parts |= _latest(connection)
        numbers = connection.execute(text(_CASES), {"unit": parts["unit"]}).scalars().all()
        here, there = (parts | _of_unit(connection, code) for code in (parts["unit"], other))
        machines = _machines(hall, tablet)
        db.engine.dispose()

    def copy(place: Path) -> Furnished:
        shutil.copytree(folder, place, dirs_exist_ok=True)
        return Furnished(_opened(place), parts["unit"], other, here, there, machines, numbers)

    return copy


def _opened(folder: Path) -> Flask:
    app = create_app(settings_for(folder))
    app.test_client_class = PageClient
    return app


def _another(connection: Connection, unit: str) -> tuple[str, str, int]:
    """Another department: its code, and the number and id of a window of its own."""
    row = connection.execute(
        text(
            "SELECT u.code, w.number, w.id FROM units u JOIN window_units p ON p.unit_id = u.id "
            "JOIN service_windows w ON w.id = p.window_id WHERE u.code <> :unit ORDER BY w.id DESC LIMIT 1"
        ),
        {"unit": unit},
    ).one()
    return str(row[0]), str(row[1]), int(row[2])


def _latest(connection: Connection) -> dict[str, str]:
    found = {
        "proposal_id": "SELECT MAX(id) FROM standing_proposals",
        "hit_id": "SELECT MAX(id) FROM signal_hits",
        "appeal_id": "SELECT MAX(id) FROM appeals",
        "draft_id": "SELECT MAX(id) FROM refusal_drafts",
        "message_id": "SELECT MAX(id) FROM case_messages",
        "root": "SELECT MAX(id) FROM ratings",
        "board_id": "SELECT MAX(id) FROM boards",
        "account_id": "SELECT MAX(id) FROM accounts",
        "notice_id": "SELECT MAX(id) FROM notices WHERE account_id IS NOT NULL",
        "template_id": "SELECT MAX(id) FROM reply_templates",
        "turn_id": "SELECT MAX(id) FROM on_call",
    }
    kept = {name: str(connection.execute(text(query)).scalar()) for name, query in found.items()}
    return kept | {"session_id": "1", "token_id": "1", "key": "0" * 64, "target": "TRIAGED"}


def _of_unit(connection: Connection, code: str) -> dict[str, str]:
    unit = connection.execute(text("SELECT id FROM units WHERE code = :code"), {"code": code}).scalar_one()
    found = {
        name: str(connection.execute(text(query), {"unit": unit}).scalar())
        for name, query in _OF_UNIT.items()
    }
    return found | {"unit": code}


def _machines(hall: BigHall, other: Machine) -> dict[str, tuple[str, str]]:
    """What each device proves itself with, and what it is called."""
    found = {}
    for kind, machine in (("tablet", hall.tablet), ("kiosk", hall.kiosk), ("other tablet", other)):
        cookie = machine.client.get_cookie(COOKIE)
        assert cookie is not None
        found[kind] = (cookie.value, machine.public_id)
    return found


def _receipts(hall: BigHall) -> dict[str, str]:
    """The receipts of a bad review, which has a case, and of a report that something was not done."""
    anybody, place = hall.app.test_client(), hall.code.place
    rated = anybody.post(f"/q/{hall.code.text}", data={"level": "1", "key": uuid4().hex})
    report = {"type": "refused", "text": "没有办成", "matter": "开证明", "key": uuid4().hex}
    reported = anybody.post(
        f"/desk/{place.hall_code}", data={**report, "phone": "", "name": "", "window": ""}
    )
    return {
        "receipt": rated.headers["Location"].rsplit("/", 1)[1],
        "report": reported.headers["Location"].rsplit("/", 1)[1].partition("?")[0],
    }
