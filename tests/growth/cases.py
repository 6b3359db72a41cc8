"""Cases in several states, gone there by the real moves, and copies of them: one for every tenth rating."""

from flask import Flask
from sqlalchemy import Table, select

from evalsys.kernel import clock
from evalsys.kernel.database import transaction
from evalsys.kernel.types import Base
from evalsys.organisation.models import Hall, Unit, Window
from evalsys.rectification.actions.opening import NewCase, open_case
from evalsys.rectification.models import Case
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import Kind
from tests.rectification.people import walk

STATES = (
    *(State.NEW, State.TRIAGED, State.DISPATCHED, State.ACCEPTED, State.CONTACTED, State.RECTIFYING),
    *(State.SUBMITTED, State.ACCEPTANCE, State.CALLBACK, State.CLOSED),
)
_APART = 10_000_000  # the copies' ids lie beyond those that the site gives out


def in_each_state(app: Flask, window_id: int, unit: str) -> str:
    """One case of a window and its unit in each of STATES, numbered from 1; the number of the closed one."""
    now = clock.now()
    with app.app_context(), transaction() as session:
        unit_id = session.execute(select(Unit.id).where(Unit.code == unit)).scalar_one()
        hall_id = session.execute(
            select(Hall.id).join(Window, Window.hall_id == Hall.id).where(Window.id == window_id)
        ).scalar_one()
        about = {"level": 1, "window_id": window_id, "hall_id": hall_id, "unit_id": unit_id}
        for state in STATES:
            new = NewCase(Kind.RATING, "bad-review", now, **about)
            case_id = open_case(session.connection(), new)
            if state is not State.NEW:
                walk(session, case_id, state, owner=unit, at=now)
        return session.execute(select(Case.no).where(Case.id == case_id)).scalar_one()


def _copied(table: Table, **own: str) -> str:
    """The columns of a table and what a copy holds in them: its own, or what the case `c` holds."""
    names = [f'"{column.name}"' for column in table.columns]
    values = [own.get(column.name, f'c."{column.name}"') for column in table.columns]
    return f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(values)}"


_TABLES = Base.metadata.tables
_ID = f"r.id + {_APART}"
# Every tenth rating has a case; the ratings of a hundred have one in each state.
_RATINGS = "r.id BETWEEN :first AND :last AND r.id % 10 = 0"
_CASE = f"FROM ratings r JOIN loop_cases c ON c.id = r.id / 10 % {len(STATES)} + 1 WHERE {_RATINGS}"
_STEPS = f"FROM ratings r JOIN case_steps c ON c.case_id = r.id / 10 % {len(STATES)} + 1 WHERE {_RATINGS}"
_PEOPLE = "CROSS JOIN (SELECT MIN(id) AS one FROM accounts) a CROSS JOIN (SELECT MIN(id) AS id FROM units) u"

FOLLOWING = (
    _copied(
        _TABLES["loop_cases"],
        id=_ID,
        no="'copy-' || r.id",
        window_id="r.window_id",
        unit_id="r.unit_id",
        opened_at="r.received_at",
        opened_on="r.counts_on",
        visible_from="r.counts_on",
        # All of them overdue, at whatever time of the day this runs.
        due_at="CASE WHEN c.due_at IS NOT NULL THEN r.received_at END",
    )
    + f" {_CASE}",
    _copied(_TABLES["case_steps"], case_id=_ID, at="r.received_at") + f" {_STEPS}",
    f"INSERT INTO case_ratings (case_id, root, joined_at) SELECT {_ID}, id, received_at "
    f"FROM ratings r WHERE {_RATINGS}",
    f"INSERT INTO case_tags (case_id, tag) SELECT {_ID}, '115' FROM ratings r WHERE {_RATINGS}",
    "INSERT INTO supervision_notices (case_id, seq, light, state, due_at, changed_at, made_at) "
    f"SELECT {_ID}, 1, 'red', 'NEW', received_at, received_at, received_at FROM ratings r WHERE {_RATINGS}",
    f"INSERT INTO contacts (case_id, root, masked, given_at) SELECT {_ID}, id, '王**', received_at "
    f"FROM ratings r WHERE {_RATINGS}",
    f"INSERT INTO confirmations (case_id, root, seq, solved, at) SELECT {_ID}, id, 1, 'yes', received_at "
    f"FROM ratings r WHERE {_RATINGS}",
    "INSERT INTO case_messages "
    '(case_id, root, sender, text, at, "by", relayed_at, relayed_by, "key") '
    f"SELECT {_ID}, r.id, 'citizen', '好', r.received_at, a.one, r.received_at, a.one, 'message-' || r.id "
    f"FROM ratings r {_PEOPLE} WHERE {_RATINGS}",
    "INSERT INTO appeals "
    "(case_id, root, rated_unit_id, filed_by, ground, evidence, filed_at, due_at, state, decided_at) "
    f"SELECT {_ID}, r.id, r.unit_id, a.one, 'mistake', '误点', r.received_at, r.received_at, "
    f"'rejected', r.received_at FROM ratings r {_PEOPLE} WHERE {_RATINGS}",
    "INSERT INTO signal_days (day, ratings, traced, found_at) "
    "SELECT counts_on, COUNT(*), 0, MIN(received_at) FROM ratings r "
    "WHERE r.id BETWEEN :first AND :last AND counts_on NOT IN (SELECT day FROM signal_days) "
    "GROUP BY counts_on",
    "INSERT INTO signal_hits "
    "(id, day, hall_id, kind, subject, window_id, version, evidence, ratings, found_at) "
    f"SELECT {_ID}, counts_on, hall_id, 'too-many', 'copy-' || id, window_id, '', "
    '\'{"ratings": 12, "minutes": 10, "expected": 0.5}\', 1, received_at '
    f"FROM ratings r WHERE {_RATINGS}",
    f"INSERT INTO marked_ratings (hit_id, root) SELECT {_ID}, id FROM ratings r WHERE {_RATINGS}",
    # A few: they are made by hand.
    "INSERT INTO standing_proposals (id, hit_id, standing, ground, reason, proposed_by, proposed_at) "
    f"SELECT {_ID}, {_ID}, 'held', 'checking', '核对', a.one, r.received_at FROM ratings r {_PEOPLE} "
    f"WHERE {_RATINGS} AND r.id % 1000 = 0",
    f"INSERT INTO proposed_ratings (proposal_id, root) SELECT {_ID}, id FROM ratings r "
    f"WHERE {_RATINGS} AND r.id % 1000 = 0",
    "INSERT INTO sealed_entries (rating_id, kind, seq, day, place, hash) "
    "SELECT id, 'rating', 0, counts_on, id, salt FROM ratings WHERE id BETWEEN :first AND :last",
    f"INSERT INTO seal_blocks (day, number, root) SELECT counts_on, id, salt FROM ratings r WHERE {_RATINGS}",
    "INSERT INTO findings (rating_id, seq, cause, at) SELECT id, 1, 'person', received_at "
    f"FROM ratings r WHERE {_RATINGS}",
    "INSERT INTO not_done_reports (case_id, type, text, matter, receipt_hash, reported_at) "
    f"SELECT {_ID}, 'refused', '', '', 'report-' || id, received_at FROM ratings r WHERE {_RATINGS}",
    "INSERT INTO refusal_drafts "
    '(hall_id, window_id, matter, words, noted_at, "key", settled_at, dropped_because) '
    "SELECT h.id, r.window_id, '', '', r.received_at, 'draft-' || r.id, r.received_at, '重复' "
    f"FROM ratings r CROSS JOIN (SELECT MIN(id) AS id FROM halls) h WHERE {_RATINGS}",
    "INSERT INTO report_marks (hall_id, mark, at) SELECT h.id, 'mark-' || r.id, r.received_at "
    f"FROM ratings r CROSS JOIN (SELECT MIN(id) AS id FROM halls) h WHERE {_RATINGS}",
    "INSERT INTO orders "
    "(case_id, source, category, text, place, received_at, due_at, finish_by, content, taken_by) "
    f"SELECT {_ID}, 'phone', o.code, '', '', r.received_at, r.received_at, r.received_at, '', a.one "
    f"FROM ratings r {_PEOPLE} CROSS JOIN (SELECT MIN(code) AS code FROM order_categories) o "
    f"WHERE {_RATINGS}",
    "INSERT INTO outbox (topic, payload, dedupe_key, due_at, handed_at) "
    "SELECT 'case', '{}', 'copy-' || id, received_at, received_at "
    f"FROM ratings r WHERE {_RATINGS}",
    "INSERT INTO deliveries (message_id, receiver, next_at, attempts, sent_at) "
    "SELECT o.id, 'elsewhere', o.due_at, 1, o.due_at FROM outbox o "
    "WHERE o.id NOT IN (SELECT message_id FROM deliveries) AND o.dedupe_key LIKE 'copy-%' "
    "AND :first <= :last",
    # To a unit, to a role, to a role in a unit, to one account.
    "INSERT INTO notices (account_id, role, unit_id, sentence, facts, link, at, dedupe_key) "
    "SELECT CASE WHEN r.id / 10 % 4 = 0 THEN a.one END, "
    "CASE WHEN r.id / 10 % 4 IN (1, 2) THEN 'supervisor' END, "
    "CASE WHEN r.id / 10 % 4 IN (2, 3) THEN u.id END, '有新的单子', '{}', '/cases', r.received_at, "
    f"'copy-' || r.id FROM ratings r {_PEOPLE} WHERE {_RATINGS}",
)
