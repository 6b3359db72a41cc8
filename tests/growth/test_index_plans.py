"""Every index is there for a query that the site asks, and no page reads a growing table from end to end."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from evalsys.assurance.queries import hits, journal, proposals
from evalsys.desk.queries import marks as report_marks
from evalsys.desk.queries import on_call, refusals
from evalsys.evaluation.actions.traces import destroy_traces
from evalsys.evaluation.queries import prompts, ratings, records, services, standings
from evalsys.identity.actions.accounts import note_failure
from evalsys.identity.queries import accounts, devices
from evalsys.kernel import clock, notices, outbox, settings
from evalsys.kernel.access import EVERYTHING, Actor, Scope
from evalsys.kernel.database import db, transaction
from evalsys.kernel.periods import Period
from evalsys.kernel.types import Base
from evalsys.organisation.actions.rota import take_over
from evalsys.organisation.queries import directory, places
from evalsys.privacy.queries import redactions
from evalsys.rectification.queries import (
    appeals,
    behind_figures,
    contacts,
    facts,
    figures,
    joining,
    messages,
    queue,
    supervision,
)
from evalsys.rectification.queries.behind_figures import Part, Wanted
from evalsys.rectification.rules.figures import Figure
from evalsys.scoring.queries import said_of_items, sums
from evalsys.scoring.rules.asking import filter_asked
from evalsys.scoring.rules.ranking import STAFF
from tests.growth.hall import BigHall
from tests.growth.plans import Said, plan_of, recorded
from tests.growth.walk import everything_asked

# What a year brings more of; everything else is as large as the hall.
GROWING = frozenset(
    {
        *("ratings", "submissions", "reasons", "rating_tags", "rating_texts", "rating_traces"),
        *("attributions", "standings", "services", "service_ratings", "invitations", "prompts"),
        *("duties", "journal", "daily_sums", "tag_sums", "service_sums", "item_sums"),
        *("loop_cases", "case_steps", "case_ratings", "case_tags", "case_files", "case_assistants"),
        *("case_links", "case_messages", "contacts", "confirmations", "supervision_notices", "findings"),
        *("appeals", "appeal_files", "appeal_reviews", "files"),
        *("orders", "not_done_reports", "on_call", "order_calls", "refusal_drafts", "report_marks"),
        *("outbox", "deliveries", "notices", "notice_reads"),
        *("sealed_entries", "seal_blocks"),
        *("signal_days", "signal_hits", "marked_ratings"),
    }
)
# Nothing is read for a condition that is never true, nor for one row's foreign keys while none is broken.
READS_NOTHING = re.compile(r"WHERE 0 = 1\b|^INSERT INTO \w+ \([^()]*\) VALUES \(")
# Read from the end, a row or a page: the chain goes on from there, a list begins with the latest.
FROM_THE_END = re.compile(
    r"ORDER BY (journal\.id|loop_cases\.id|orders\.case_id|signal_days\.day) DESC\s+LIMIT"
)
FROM_AN_INDEX_END = re.compile(
    r"ORDER BY (signal_hits\.day DESC, signal_hits\.id"
    r"|standings\.at DESC, standings\.rating_id DESC, standings\.seq) DESC\s+LIMIT"
)


pytestmark = pytest.mark.xdist_group("index-plans")


@pytest.fixture(scope="module", autouse=True)
def grown(hall: BigHall) -> None:
    """Enough ratings for an index to be worth its while."""
    hall.grow(10, 20_000, 300)
    tokens = "INSERT INTO api_tokens (token_hash, account_id, label, created_at) VALUES (:hash, 2, '', :at)"
    with hall.app.app_context(), transaction() as session:
        session.execute(text(tokens), [{"hash": str(n), "at": "2026-01-01"} for n in range(500)])


def said(what: str, hall: BigHall) -> dict[str, str]:
    """What the query of an address says."""
    return dict(pair.split("=") for pair in what.format(window=hall.code.place.code).split("&") if pair)


def asked(what: str) -> Callable[[Session, BigHall], object]:
    """Rating rows as an address asks for them."""

    def ask(session: Session, hall: BigHall) -> object:
        return records.records(session, records.asked_of(said(what, hall), clock.today()), EVERYTHING, None)

    return ask


def in_journal(**what: str) -> Callable[[Session, BigHall], object]:
    """Entries of the journal as an address asks for them."""

    def ask(session: Session, _: BigHall) -> object:
        return journal.entries(session, journal.asked_of(what, clock.today()), None, journal.A_PAGE)

    return ask


def staff_ranking(what: str) -> Callable[[Session, BigHall], object]:
    """The staff as an address asks for them."""

    def ask(session: Session, hall: BigHall) -> object:
        wanted = filter_asked(said(what, hall), clock.today())
        return sums.ranking(session, STAFF, wanted, EVERYTHING, settings.current())

    return ask


def now() -> datetime:
    return clock.now()


def somebody(role: str, unit_id: int, scope: Scope = EVERYTHING) -> Actor:
    return Actor(1, "somebody", "somebody", frozenset({role}), unit_id, None, scope)


SUPERVISOR = somebody("supervisor", 1)


def of_unit(role: str, hall: BigHall) -> Actor:
    unit_id = hall.code.place.unit_id
    return somebody(role, unit_id, Scope(units=frozenset({unit_id})))


def behind_figure(figure: Figure) -> Callable[[Session, BigHall], object]:
    """The latest cases behind a figure."""

    def ask(session: Session, _: BigHall) -> object:
        today = Period(clock.today(), clock.today())
        wanted = Wanted(figure, today, figures.BAD_REVIEW, "", Part.COUNTED)
        return behind_figures.cases_behind(session, wanted, SUPERVISOR, now())

    return ask


def code_of_unit(session: Session, hall: BigHall) -> str:
    return directory.units_on(session, clock.today())[hall.code.place.unit_id].code


# Each index beside the query, the feature's own, for which every write keeps it up to date.
JUSTIFIED: dict[str, Callable[[Session, BigHall], object]] = {
    "ix_api_tokens_account_id": lambda s, _: accounts.tokens_of(s, 1),
    "ix_appeals_case_id": behind_figure(Figure.APPEALED),
    "ix_appeals_decided": lambda s, _: appeals.decided(s, SUPERVISOR, now()),
    "ix_appeals_state": lambda s, _: appeals.undecided(s, SUPERVISOR, now()),
    "ix_case_messages_case_id": lambda s, _: messages.of_case(s, 1, is_supervisor=True),
    "ix_case_messages_root": lambda s, _: messages.of_citizen(s, 1, 20),
    "ix_case_messages_waiting": lambda s, _: messages.waiting(s),
    "ix_case_ratings_root": lambda s, _: facts.case_of_rating(s, 20),
    "ix_contacts_case_id": lambda s, _: contacts.contacts_of(s, 1),
    "ix_daily_sums_staff": staff_ranking(""),
    "ix_daily_sums_window": staff_ranking("window={window}"),
    "ix_deliveries_waiting": lambda s, _: outbox.waiting(s, now()),
    "ix_devices_window_id": lambda s, hall: devices.tablet_of_window(s, hall.code.place.window_id),
    "ix_duties_staff_starts": lambda s, hall: take_over(s, hall.code.place.window_id, 1, now(), None),
    "ix_duties_window_starts": lambda s, hall: places.sittings(
        s, hall.code.place.window_id, now() - timedelta(minutes=30), now()
    ),
    "ix_item_sums_item": lambda s, _: said_of_items.times(
        s, [said_of_items.Wanted((1, 0), 1, "207", Period(clock.today(), clock.today()))]
    ),
    "ix_invitations_service_id": lambda s, _: services.invited_to(s, 12, "link"),
    "ix_item_windows_window_id": lambda s, hall: places.matters_of_window(
        s, hall.code.place.window_id, clock.today()
    ),
    "ix_journal_actor": in_journal(actor="auditor"),
    "ix_journal_at": in_journal(),
    "ix_journal_object": lambda s, _: journal.about(s, ["case 1"], 20),
    "ix_journal_verb": in_journal(verb="read-contact"),
    "ix_loop_cases_day": lambda s, _: figures.figures(
        s, Period(clock.today(), clock.today()), figures.BAD_REVIEW, 1, now()
    ),
    "ix_loop_cases_owned": lambda s, hall: queue.cases(
        s, queue.Asked(department=code_of_unit(s, hall)), SUPERVISOR, now()
    ),
    "ix_loop_cases_owner": lambda s, hall: queue.queue(
        s, queue.Asked(mine=True), of_unit("owner", hall), now()
    ),
    "ix_loop_cases_queue": lambda s, _: queue.queue(s, queue.Asked(), SUPERVISOR, now()),
    "ix_loop_cases_state": lambda s, _: queue.cases(s, queue.Asked(state="CLOSED"), SUPERVISOR, now()),
    "ix_loop_cases_unit": lambda s, hall: queue.about_unit(s, of_unit("clerk", hall), now()),
    "ix_loop_cases_window": lambda s, hall: joining.pattern_case(
        s.connection(), hall.code.place.window_id, clock.today()
    ),
    "ix_notices_account_id": lambda s, _: notices.unread_count(s, SUPERVISOR, now()),
    "ix_notices_meant": lambda s, _: notices.unread_count(s, SUPERVISOR, now()),
    "ix_on_call_ends_at": lambda s, _: on_call.turns_from(s, now()),
    "ix_outbox_waiting": lambda s, _: outbox.waiting(s, now()),
    "ix_prompts_device_state": lambda s, _: prompts.open_prompt(s, 1),
    "ix_rating_traces_at": lambda s, _: destroy_traces(s, now()),
    "ix_ratings_day_root": asked(""),
    "ix_ratings_root": lambda s, _: ratings.said(s, 12),
    "ix_ratings_window_day": asked("window={window}"),
    "ix_proposed_ratings_root": lambda s, _: proposals.waiting_among(s, [20]),
    "ix_signal_hits_day": lambda s, _: hits.latest(s, "", None),
    "ix_redaction_proposals_root": lambda s, _: redactions.waiting_on(s, 20),
    "ix_redaction_proposals_decided": lambda s, _: redactions.decided(s),
    "ix_standing_proposals_hit_id": lambda s, _: proposals.of_hit(s, 1),
    "ix_standings_at": lambda s, _: standings.decided(s, None, 30),
    "ix_refusal_drafts_hall": lambda s, _: refusals.drafts(s, 1),
    "ix_report_marks_at": lambda s, _: report_marks.came_since(s, now(), 1, ""),
    "ix_services_window_day": lambda s, hall: prompts.waiting_service(
        s, hall.code.place.window_id, clock.today(), clock.at(clock.today(), time())
    ),
    "ix_sessions_account_id": lambda s, _: accounts.open_sessions(s, 1, now()),
    "ix_sign_in_failures_failed_at": lambda s, _: note_failure(s, "hash", now()),
    "ix_supervision_notices_changed_at": lambda s, _: supervision.notices(
        s, supervision.AskedNotices(standing=False), now()
    ),
}


@pytest.fixture
def connection(hall: BigHall) -> Iterator[Connection]:
    """A connection that is told to prefer indexes: the tables are small here, and will not stay so."""
    with hall.app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            for way in ("seqscan", "hashjoin", "mergejoin"):
                connection.execute(text(f"SET enable_{way} = off"))
            # Nor is an index read from end to end for the sake of the few entries it has here.
            connection.execute(text("SET cpu_index_tuple_cost = 1"))
        yield connection
        connection.rollback()


def test_every_index_is_there_for_a_query(hall: BigHall, connection: Connection) -> None:
    heard: dict[str, list[Said]] = {}
    for index, ask in JUSTIFIED.items():
        with recorded() as heard[index], transaction() as session:
            ask(session, hall)
            session.rollback()
    used = {
        index: {name for one in heard[index] for name in plan_of(connection, one).indexes} for index in heard
    }
    assert [index for index in used if index not in used[index]] == []


def test_no_index_is_there_for_nobody(address: str) -> None:
    present = {index.name for table in Base.metadata.tables.values() for index in table.indexes}
    assert present == set(JUSTIFIED)


def scans(connection: Connection, said: list[Said]) -> set[str]:
    return {
        f"{table}: {one.statement[:300]}"
        for one in said
        for table in plan_of(connection, one).scanned & GROWING
        if not FROM_THE_END.search(one.statement)
        and not FROM_AN_INDEX_END.search(one.statement)
        and not READS_NOTHING.search(one.statement)
    }


def test_no_page_reads_a_growing_table_wholly(hall: BigHall, connection: Connection) -> None:
    asked = everything_asked(hall, each_role=False)
    with recorded() as said:
        answers = {one.answer() for one in asked}
    assert 200 in answers
    assert not answers & {500, 503}
    assert scans(connection, said) == set()


def test_nothing_a_citizen_does_reads_a_growing_table_wholly(hall: BigHall, connection: Connection) -> None:
    client, at = hall.app.test_client(), f"/receipt/{hall.receipt}"
    with recorded() as said:
        for address, form in (
            (f"/q/{hall.code.text}", {"level": "1", "key": uuid4().hex}),
            (f"{at}/correction", {"level": "2", "key": uuid4().hex}),
            (f"{at}/reasons", {"tags": "214", "text": "等了很久"}),
            (hall.service["rating_url"].split("/", 3)[3], {"level": "4", "key": uuid4().hex}),
        ):
            assert client.post(address, data=form).status_code == 303, address
    assert scans(connection, said) == set()


def test_a_scan_is_seen(hall: BigHall, connection: Connection) -> None:
    with recorded() as said, transaction() as session:
        session.execute(text("SELECT COUNT(*) FROM ratings WHERE salt = :salt"), {"salt": b""})
    assert any(found.startswith("ratings") for found in scans(connection, said))
