"""The short way to a form: the same answer as the long way, and never an outdated one."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, request, request_started
from flask.testing import FlaskClient
from sqlalchemy import ColumnClause, TableClause, event, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from evalsys.app import create_app
from evalsys.evaluation.actions.codes import revoke_code
from evalsys.evaluation.models import WindowCode
from evalsys.evaluation.rules.keys import opened_at_of
from evalsys.evaluation.views import short_way
from evalsys.kernel import clock, kept
from evalsys.kernel.database import db, transaction
from evalsys.kernel.models import Stamp
from evalsys.kernel.settings import Settings
from evalsys.organisation.models import Hall, UnitName, Window, WindowUnit, Zone
from tests.builders import a_unit, a_window, code_of, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

# The day a code was last scanned decides whether a scan is noted; no form shows it.
NOT_SHOWN = ("window_codes", "last_scanned_day")
VERBS = ("insert", "delete")
KEY = re.compile(r'name="key" value="([\w-]+)"')


@pytest.fixture
def code(committed: Inside) -> str:
    return str(committed(lambda session: code_of(session, a_window(session))))


@contextmanager
def another_process(settings: Settings) -> Iterator[Flask]:
    """What another worker is to this one: the same site, a memory of its own."""
    app = create_app(settings)
    app.test_client_class = PageClient
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def long_ways(*apps: Flask) -> Iterator[list[str]]:
    """The addresses of the questions that reached an application."""
    seen: list[str] = []

    def note(_app: Flask, **_more: object) -> None:
        seen.append(request.full_path)

    with ExitStack() as listening:
        for app in apps:
            listening.enter_context(request_started.connected_to(note, app))
        yield seen


def scanned(client: PageClient, address: str, times: int = 3) -> str:
    """What the last of several phones sees; the first one's scan is noted, the second one's form is kept."""
    page = ""
    for _ in range(times):
        answer = client.get(address)
        page = answer.get_data(as_text=True)
        answer.close()
    return page


def test_the_third_phone_of_a_day_goes_the_short_way(app: Flask, client: PageClient, code: str) -> None:
    with long_ways(app) as seen:
        scanned(client, f"/q/{code}", times=5)
    assert len(seen) == 2


def test_a_page_that_says_the_database_is_away_is_never_kept(
    app: Flask, client: PageClient, code: str
) -> None:
    def fail(_connection: object) -> None:
        raise OperationalError("COMMIT", None, Exception("gone"))

    scanned(client, f"/q/{code}", times=1)
    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", fail)
    try:
        assert client.get(f"/q/{code}").status_code == 503
    finally:
        event.remove(engine, "commit", fail)
    assert "点一下就提交" in scanned(client, f"/q/{code}", times=1)


@pytest.mark.parametrize("query", sorted(short_way.QUERIES))
def test_both_ways_answer_the_same_but_for_the_key(
    app: Flask, client: PageClient, site_settings: Settings, code: str, query: str
) -> None:
    address = f"/q/{code}?{query}" if query else f"/q/{code}"
    for kept_before in (f"/q/{code}?lang=en", f"/q/{code}", address):
        scanned(client, kept_before)
    headers = {"User-Agent": "phone", "Accept-Language": "en", "Accept-Encoding": "gzip, br"}
    with long_ways(app) as seen:
        short = client.get(address, headers=headers)
    with another_process(site_settings) as fresh, long_ways(fresh) as asked:
        long = fresh.test_client().get(address, headers=headers)
    assert (seen, len(asked)) == ([], 1)
    assert short.status == long.status
    # Each request has an id of its own, on either way.
    assert short.headers.pop("X-Request-Id") != long.headers.pop("X-Request-Id")
    assert list(short.headers) == list(long.headers)
    keys = [KEY.findall(answer.get_data(as_text=True)) for answer in (short, long)]
    assert [len(found) for found in keys] == [1, 1]
    assert short.get_data(as_text=True).replace(keys[0][0], "") == long.get_data(as_text=True).replace(
        keys[1][0], ""
    )


def test_every_kept_form_has_a_key_of_its_own_that_knows_its_moment(
    app: Flask, client: PageClient, code: str
) -> None:
    scanned(client, f"/q/{code}")
    since = clock.now().replace(microsecond=0)
    with long_ways(app) as seen:
        keys = {KEY.findall(scanned(client, f"/q/{code}", times=1))[0] for _ in range(50)}
    assert (seen, len(keys)) == ([], 50)
    until, secret = clock.now(), str(app.config["SECRET_KEY"]).encode()
    # A key that is not believed counts as opened now: in an hour, that is not between the two.
    opened = [opened_at_of(key, secret, until + timedelta(hours=1)) for key in keys]
    assert all(since <= moment <= until for moment in opened)


def test_a_rating_from_a_kept_form_is_taken(client: PageClient, code: str) -> None:
    key = KEY.findall(scanned(client, f"/q/{code}"))[0]
    assert client.post(f"/q/{code}", data={"level": 5, "key": key}).status_code == 303


def test_the_first_scan_of_a_day_is_noted_before_a_form_is_kept(
    app: Flask, client: PageClient, code: str, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned(client, f"/q/{code}")
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    scanned(client, f"/q/{code}")
    assert committed(lambda session: session.scalar(select(WindowCode.last_scanned_day))) == clock.day_of(
        tomorrow
    )


def rename_the_unit(session: Session) -> None:
    session.add(UnitName(unit_id=a_unit(session), from_day=clock.today(), name="人社局", short_name="人社"))


def mend_the_name(session: Session) -> None:
    session.execute(update(UnitName).values(name="人社局"))


def rename_the_hall(session: Session) -> None:
    session.execute(update(Hall).values(name="人社局分厅"))


def name_the_zone(session: Session) -> None:
    window = session.scalars(select(Window)).one()
    zone = Zone(hall_id=window.hall_id, name="人社局专区")
    session.add(zone)
    session.flush()
    window.zone_id = zone.id


def give_to_another_unit(session: Session) -> None:
    row = session.scalars(select(WindowUnit)).one()
    unit_id = a_unit(session, "HRSS", "人社局")
    session.add(WindowUnit(window_id=row.window_id, from_day=clock.today(), unit_id=unit_id))


def close_the_window(session: Session) -> None:
    session.scalars(select(Window)).one().to_day = clock.today() - timedelta(days=1)


def reopen_the_window(session: Session) -> None:
    session.scalars(select(Window)).one().to_day = None


def revoke_the_code(session: Session) -> None:
    revoke_code(session, session.scalars(select(WindowCode.id)).one(), "换新码", clock.now(), None)


@dataclass(frozen=True)
class Change:
    """What is done, and how a scan is answered then: by words that did not stand there before."""

    do: Callable[[Session], None]
    status: int
    words: str


CHANGES = (
    Change(rename_the_unit, 200, "人社局"),
    Change(mend_the_name, 200, "人社局"),
    Change(rename_the_hall, 200, "人社局"),
    Change(name_the_zone, 200, "人社局"),
    Change(give_to_another_unit, 200, "人社局"),
    Change(close_the_window, 410, "这个窗口已经停用"),
    Change(revoke_the_code, 410, "这张码已停用"),
)


@pytest.fixture
def processes(app: Flask, site_settings: Settings) -> Iterator[list[Flask]]:
    """Two workers of one site."""
    with another_process(site_settings) as other:
        yield [app, other]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.do.__name__)
def test_a_change_is_on_the_next_form_of_every_process(
    processes: list[Flask], code: str, committed: Inside, change: Change
) -> None:
    clients = [app.test_client() for app in processes]
    for client in clients:
        assert change.words not in scanned(client, f"/q/{code}")
    with long_ways(*processes) as seen:
        for client in clients:
            scanned(client, f"/q/{code}", times=1)
    assert seen == []
    committed(change.do)
    for client in clients:
        answer = client.get(f"/q/{code}")
        assert answer.status_code == change.status
        assert change.words in answer.get_data(as_text=True)


@pytest.mark.parametrize("do", [close_the_window, revoke_the_code])
def test_a_change_holds_for_the_next_tap_in_every_process(
    processes: list[Flask], code: str, committed: Inside, do: Callable[[Session], None]
) -> None:
    def tap(client: FlaskClient, key: str) -> int:
        return client.post(f"/q/{code}", data={"level": 5, "key": key}).status_code

    clients = [app.test_client() for app in processes]
    assert [tap(client, f"key-before-{n:010}") for n, client in enumerate(clients)] == [303, 303]
    committed(do)
    assert [tap(client, f"key-after-{n:010}") for n, client in enumerate(clients)] == [410, 410]
    # A reply that got lost: what was stored is still thanked for.
    assert [tap(client, "key-before-0000000000") for client in clients] == [303, 303]


def test_a_tap_reads_nothing_before_it_is_written(
    app: Flask, client: PageClient, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which window a code stands for is kept; what the writer reads, it reads on an engine of its own."""
    monkeypatch.setattr(kept, "LOOK_EVERY", 3600.0)
    assert client.post(f"/q/{code}", data={"level": 5, "key": "k" * 24}).status_code == 303
    with columns_read(app) as read:
        assert client.post(f"/q/{code}", data={"level": 5, "key": "l" * 24}).status_code == 303
    assert read == set()


def test_what_was_closed_by_mistake_is_open_at_once(
    app: Flask, client: PageClient, code: str, committed: Inside
) -> None:
    scanned(client, f"/q/{code}")
    committed(close_the_window)
    assert client.get(f"/q/{code}").status_code == 410
    committed(reopen_the_window)
    assert client.get(f"/q/{code}").status_code == 200


def test_a_window_closes_at_midnight_without_any_change(
    client: PageClient, code: str, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close_tonight(session: Session) -> None:
        session.scalars(select(Window)).one().to_day = clock.today()

    committed(close_tonight)
    assert "点一下就提交" in scanned(client, f"/q/{code}")
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert client.get(f"/q/{code}").status_code == 410
    assert client.post(f"/q/{code}", data={"level": 5, "key": "k" * 24}).status_code == 410


def test_staff_on_patrol_go_the_long_way(app: Flask, client: PageClient, code: str) -> None:
    scanned(client, f"/q/{code}")
    patrol = signed_in(app, "supervisor").get(f"/q/{code}").get_data(as_text=True)
    assert "点一下就提交" not in patrol
    assert "点一下就提交" in scanned(client, f"/q/{code}", times=1)


def test_a_cookie_of_whatever_kind_goes_the_long_way(app: Flask, client: PageClient, code: str) -> None:
    scanned(client, f"/q/{code}")
    client.set_cookie("visited", "1")
    with long_ways(app) as seen:
        client.get(f"/q/{code}")
    assert len(seen) == 1


@pytest.mark.parametrize("query", ["utm_source=x", "lang=fr", "lang=en&lang=en", "a" * 1000, "size=large&"])
def test_invented_queries_are_answered_and_never_kept(
    app: Flask, client: PageClient, code: str, query: str
) -> None:
    with long_ways(app) as seen:
        scanned(client, f"/q/{code}?{query}", times=4)
    assert len(seen) == 4


def test_only_the_printed_spelling_is_kept(app: Flask, client: PageClient, code: str) -> None:
    with long_ways(app) as seen:
        for spelled in (code.lower(), f"{code[:5]}-{code[5:]}", f"{code} "):
            assert "点一下就提交" in scanned(client, f"/q/{spelled}", times=4)
    assert len(seen) == 12


def test_a_mistyped_code_is_not_found_however_often(app: Flask, client: PageClient, code: str) -> None:
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    with long_ways(app) as seen:
        for _ in range(4):
            assert client.get(f"/q/{wrong}").status_code == 404
    assert len(seen) == 4


def test_a_question_for_the_head_alone_is_answered_as_ever(client: PageClient, code: str) -> None:
    scanned(client, f"/q/{code}")
    kept, head = client.get(f"/q/{code}"), client.head(f"/q/{code}")
    assert (head.status_code, head.get_data()) == (200, b"")
    for answer in (kept, head):
        answer.headers.pop("X-Request-Id")
    assert list(head.headers) == list(kept.headers)


def test_another_host_is_refused_before_and_after_a_form_is_kept(site_settings: Settings, code: str) -> None:
    settings = replace(site_settings, trusted_hosts=("pj.example.gov.cn", "localhost"))
    with another_process(settings) as app:
        client = app.test_client()
        foreign = {"Host": "elsewhere.example"}
        assert client.get(f"/q/{code}", headers=foreign).status_code == 422
        scanned(client, f"/q/{code}")
        assert client.get(f"/q/{code}", headers=foreign).status_code == 422
        with long_ways(app) as seen:
            assert client.get(f"/q/{code}", headers={"Host": "pj.example.gov.cn"}).status_code == 200
        assert seen == []


def test_a_change_made_on_another_machine_is_seen_within_a_second(
    app: Flask, site_settings: Settings, tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines share a database, not a folder: no signal arrives, the count of changes does."""
    elsewhere = replace(site_settings, instance=tmp_path / "elsewhere", database_url=site_settings.database)
    client = app.test_client()
    scanned(client, f"/q/{code}")
    with another_process(elsewhere) as other, other.app_context(), transaction() as session:
        mend_the_name(session)
    monkeypatch.setattr(kept, "LOOK_EVERY", 0.0)
    assert "人社局" in scanned(client, f"/q/{code}", times=1)


@contextmanager
def columns_read(app: Flask) -> Iterator[set[tuple[str, str]]]:
    """Every column, with its table, that statements ask for meanwhile, wherever it stands."""
    read: set[tuple[str, str]] = set()

    def note(_connection: object, statement: object, *_rest: object) -> None:
        for part in visitors.iterate(statement):
            if isinstance(part, ColumnClause) and isinstance(part.table, TableClause):
                read.add((part.table.name, part.name))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_execute", note)
    yield read
    event.remove(engine, "before_execute", note)


def test_whatever_a_form_is_made_of_is_stamped(
    app: Flask, client: PageClient, code: str, committed: Inside
) -> None:
    """A form that begins to read something else is found here, until a migration stamps that too."""
    committed(name_the_zone)
    with columns_read(app) as read:
        scanned(client, f"/q/{code}", times=1)
    shown = {(table, column) for table, column in read if table != "stamps"} - {NOT_SHOWN}
    assert {("service_windows", "number"), ("unit_names", "name"), ("window_codes", "revoked_at")} < shown
    unseen = {
        column for column in shown if not committed(lambda session, at=column: is_stamped(session, *at))
    }
    assert unseen == set()
    tables = {table for table, _column in shown}
    assert {
        table for table in tables if not committed(lambda session, at=table: grows_stamped(session, at))
    } == set()


def stamp(session: Session) -> int:
    return session.scalars(select(Stamp.value).where(Stamp.name == "organisation")).one()


def is_stamped(session: Session, table: str, column: str) -> bool:
    """Whether writing to one column of a table draws a new stamp."""
    before = stamp(session)
    assert session.execute(text(f"UPDATE {table} SET {column} = {column}")).rowcount, f"{table} is empty"
    return stamp(session) != before


def grows_stamped(session: Session, table: str) -> bool:
    """Whether rows that come and go draw a new stamp, as the database itself knows it."""
    if session.get_bind().dialect.name == "sqlite":
        wanted = "SELECT lower(sql) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        made = session.scalars(text(wanted), {"table": table}).all()
        return all(any(f"after {verb} on" in one and "stamps" in one for one in made) for verb in VERBS)
    wanted = (
        "SELECT lower(pg_get_triggerdef(oid)) FROM pg_trigger WHERE tgrelid = to_regclass(:table) "
        "AND tgfoid = 'evalsys_stamp_organisation'::regproc"
    )
    made = session.scalars(text(wanted), {"table": table}).all()
    return any(all(verb in one for verb in VERBS) for one in made)
