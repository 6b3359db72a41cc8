"""A hall with its windows, staff, rota and devices, filled with as many ratings as a test wants."""

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from flask import Flask
from sqlalchemy import text

from benchmarks.filling import fill
from evalsys.demo.build import build
from evalsys.demo.plan import DemoPlan
from evalsys.evaluation.queries import codes
from evalsys.evaluation.queries.codes import CurrentCode
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.database import db, transaction
from evalsys.scoring.actions import rebuild
from tests.builders import a_token
from tests.evaluation.counters import Machine, paired
from tests.growth import cases, opened
from tests.pages import PageClient

# What hangs off a rating, for every rating or for some of them.
_FOLLOWING = (
    "INSERT INTO submissions (key, content_hash, receipt_hash, rating_id) "
    "SELECT 'key-' || id, '', 'receipt-' || id, id FROM ratings WHERE id BETWEEN :first AND :last",
    "INSERT INTO attributions (rating_id, seq, how, at, reason) SELECT id, 1, 'gap', received_at, '' "
    "FROM ratings WHERE id BETWEEN :first AND :last AND id NOT IN (SELECT rating_id FROM attributions)",
    "INSERT INTO reasons (rating_id, seq, item_type, skip, at) "
    "SELECT id, 1, '', 'given', received_at FROM ratings WHERE id BETWEEN :first AND :last AND id % 8 = 0",
    "INSERT INTO rating_tags (rating_id, seq, tag) "
    "SELECT id, 1, '115' FROM ratings WHERE id BETWEEN :first AND :last AND id % 8 = 0",
    "INSERT INTO rating_texts (rating_id, seq, text) "
    "SELECT id, 1, '好' FROM ratings WHERE id BETWEEN :first AND :last AND id % 8 = 0",
    "INSERT INTO standings (rating_id, seq, standing, reason, proposed_by, decided_by, at) "
    "SELECT r.id, 1, 'held', '重复', a.one, a.other, r.received_at FROM ratings r "
    "CROSS JOIN (SELECT MIN(id) AS one, MAX(id) AS other FROM accounts) a "
    "WHERE r.id BETWEEN :first AND :last AND r.id % 40 = 0",
    "INSERT INTO rating_traces (rating_id, at, terminal) "
    "SELECT id, received_at, '' FROM ratings WHERE id BETWEEN :first AND :last AND id % 50 = 0",
    "INSERT INTO services (id, public_id, window_id, hall_id, unit_id, item_type, kind, network, ended_at, "
    "day) SELECT id, 'service-' || id, window_id, hall_id, unit_id, '', 'consultation', false, received_at, "
    "counts_on FROM ratings WHERE id BETWEEN :first AND :last AND id % 3 = 0",
    "INSERT INTO service_ratings (service_id, rating_id) "
    "SELECT id, id FROM ratings WHERE id BETWEEN :first AND :last AND id % 6 = 0",
    "INSERT INTO invitations (token_hash, kind, service_id, expires_on) "
    "SELECT 'token-' || id, 'link', id, counts_on FROM ratings "
    "WHERE id BETWEEN :first AND :last AND id % 3 = 0",
    "INSERT INTO prompts (service_id, device_id, state, sent_at) "
    "SELECT r.id, d.id, 'unrated', r.received_at FROM ratings r JOIN devices d ON d.kind = 'tablet' "
    "WHERE r.id BETWEEN :first AND :last AND r.id % 9 = 0",
    "INSERT INTO journal (at, actor_kind, verb, object, details, prev_hash, hash) "
    "SELECT received_at, 'system', 'read-ratings', '', '{}', 'before-' || id, 'hash-' || id FROM ratings "
    "WHERE id BETWEEN :first AND :last AND id % 5 = 0",
    *cases.FOLLOWING,
)


@dataclass(frozen=True)
class BigHall:
    """A site whose ratings can be multiplied, and what its addresses are made from."""

    app: Flask
    code: CurrentCode
    tablet: Machine
    kiosk: Machine
    receipt: str
    service: dict[str, str]
    case_no: str
    board: str
    bulletin: str

    def grow(self, first: int, last: int, days: int) -> None:
        """Add the ratings numbered from first to last, over the days up to today."""
        with self.app.app_context(), transaction() as session:
            period = fill(session, first, last, clock.today(), days)
            for statement in _FOLLOWING:
                session.execute(text(statement), {"first": first, "last": last})
            rebuild(session, period)
        with self.app.app_context(), db.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def a_big_hall(app: Flask) -> BigHall:
    """The demo's hall with one rating, service, tablet, kiosk and a case in each state; the rest grows."""
    today: date = clock.today()
    with app.app_context():
        build(DemoPlan(1, today, 0, 2), lambda _: None)
        with transaction() as session:
            code = codes.current_codes(session, EVERYTHING, today)[0]
            code_unit = code.place.unit_id
            unit = session.execute(
                text("SELECT code FROM units WHERE id = :id"), {"id": code_unit}
            ).scalar_one()
    tablet, kiosk = (paired(app, kind, code.place.number) for kind in ("tablet", "kiosk"))
    client = app.test_client()
    assert isinstance(client, PageClient)
    rated = client.post(f"/q/{code.text}", data={"level": "5", "key": uuid4().hex})
    noted = client.post(
        "/api/v1/services",
        json={"window": code.place.code, "kind": "consultation", "ended_at": clock.now().isoformat()},
        headers=a_token(app, "business-system", unit),
    )
    case_no = cases.in_each_state(app, code.place.window_id, unit)
    receipt = rated.headers["Location"].rsplit("/", 1)[1]
    shown = opened.display_and_bulletin(app)
    return BigHall(app, code, tablet, kiosk, receipt, noted.get_json(), case_no, *shown)
