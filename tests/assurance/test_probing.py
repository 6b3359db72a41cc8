"""The synthetic probe: every way, all five levels, nothing left of it, and what is broken is seen at once."""

from dataclasses import replace
from datetime import timedelta
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from evalsys.app import create_app
from evalsys.assurance.actions import asking, probing
from evalsys.assurance.queries import probes
from evalsys.assurance.rules.probes import ALL, ENTRIES, Tried
from evalsys.kernel import clock, rehearsal
from evalsys.kernel.database import db
from evalsys.kernel.settings import Settings
from tests.assurance.probed_sites import a_hall_with_every_way, everything, run, served, ways_of
from tests.conftest import Inside
from tests.pages import PageClient

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
NO_ONES = (
    "CREATE TRIGGER no_ones BEFORE INSERT ON ratings WHEN NEW.level = 1 BEGIN SELECT RAISE(ABORT, 'x'); END"
)
NO_CASES = "CREATE TRIGGER no_cases BEFORE INSERT ON loop_cases BEGIN SELECT RAISE(ABORT, 'x'); END"


@pytest.fixture
def code(committed: Inside) -> str:
    return a_hall_with_every_way(committed)


def round_of(app: Flask) -> dict[str, Tried]:
    """What every way takes now."""
    with served(app) as site, app.app_context():
        return {one.entry: one for one in asking.tried(site, ways_of(app, clock.now()))}


def test_every_way_takes_all_five_levels_and_nothing_is_left_of_them(app: Flask, code: str) -> None:
    before = everything(app)
    found = round_of(app)
    assert {entry: (one.taken, one.fault) for entry, one in found.items()} == dict.fromkeys(
        ENTRIES, (ALL, "")
    )
    # Every page, sum, export, seal and message is made of these rows.
    assert everything(app) == before


@on_sqlite
def test_a_real_rating_beside_the_probe_stays(app: Flask, code: str) -> None:
    client = app.test_client()
    round_of(app)
    assert client.post(f"/q/{code}", data={"level": "1", "key": "k" * 20}).status_code == 303
    round_of(app)
    with app.app_context():
        rows = {
            name: len(found) for name, found in everything(app).items() if name in ("ratings", "loop_cases")
        }
    assert rows == {"ratings": 2, "loop_cases": 1}


@on_sqlite
@pytest.mark.parametrize(
    ("broken", "taken"),
    [(NO_ONES, "2345"), (NO_CASES, "345")],
    ids=["it cannot be stored", "its case cannot be opened"],
)
def test_a_level_that_is_refused_is_seen_on_every_way(app: Flask, code: str, broken: str, taken: str) -> None:
    run(app, broken)
    found = round_of(app)
    assert {entry: (one.taken, one.fault) for entry, one in found.items()} == {
        entry: (taken, "refused") for entry in ENTRIES
    }


@on_sqlite
def test_what_is_wrong_is_said_by_its_name(app: Flask, code: str) -> None:
    run(app, "UPDATE window_codes SET revoked_at = '2020-01-01 00:00:00'")
    with served(app) as site, app.app_context():
        (way,) = (one for one in ways_of(app, clock.now()) if one.entry == "link")
        by_code = replace(way, entry="window-code", code=code)
        assert asking.tried(site, [by_code]) == [
            Tried("window-code", "", "page", pytest.approx(0, abs=10**6))
        ]
    with app.app_context():
        silent = asking.tried(asking.Site("http://127.0.0.1:1"), [way, by_code])
    assert [one.fault for one in silent] == ["no-answer", "no-answer"]


class BreaksOff(BaseRequestHandler):
    """Promises more than it sends, as a front does whose site has just died."""

    def handle(self) -> None:
        self.request.recv(65536)
        said = f"HTTP/1.1 200 OK\r\n{rehearsal.HEADER}: {rehearsal.ON}\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.request.sendall(said.encode() + b"400\r\n<form")


@on_sqlite
def test_an_answer_that_breaks_off_is_said_and_ends_nothing(app: Flask, code: str) -> None:
    with ThreadingTCPServer(("127.0.0.1", 0), BreaksOff) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        site = asking.Site(f"http://127.0.0.1:{server.server_address[1]}")
        with app.app_context():
            found = asking.tried(site, ways_of(app, clock.now()))
        server.shutdown()
    assert {(one.taken, one.fault) for one in found} == {("", "no-answer")}


@on_sqlite
def test_a_round_ends_in_time_however_slowly_the_site_answers(
    app: Flask, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROUND", -1.0)
    assert {(one.taken, one.fault) for one in round_of(app).values()} == {("", "no-answer")}


@on_sqlite
def test_where_the_mark_is_not_known_nothing_is_sent(app: Flask, code: str, site_settings: Settings) -> None:
    elsewhere = create_app(replace(site_settings, secret_key="another key than the serving process has"))
    before = everything(app)
    with served(app) as site, elsewhere.app_context():
        found = asking.tried(site, ways_of(elsewhere, clock.now()))
    assert {(one.taken, one.fault) for one in found} == {("", "unmarked")}
    assert everything(app) == before
    with elsewhere.app_context():
        db.engine.dispose()


class TestTheMark:
    """Nobody but the site itself can have a request rehearsed, and a wrong mark is never a rating."""

    pytestmark = on_sqlite

    @pytest.fixture
    def sent(self, app: Flask, code: str) -> dict[str, Any]:
        with app.app_context():
            return {
                "mark": rehearsal.mark("POST", f"/q/{code}"),
                "path": f"/q/{code}",
                "before": everything(app),
            }

    def post(self, app: Flask, path: str, mark: str) -> int:
        given = {"level": "1", "key": "k" * 20}
        return app.test_client().post(path, data=given, headers={rehearsal.HEADER: mark}).status_code

    def test_a_right_one_is_thanked_and_nothing_is_stored(self, app: Flask, sent: dict[str, Any]) -> None:
        assert self.post(app, sent["path"], sent["mark"]) == 303
        assert everything(app) == sent["before"]

    def test_a_wrong_one_is_refused_and_nothing_is_stored(self, app: Flask, sent: dict[str, Any]) -> None:
        at, device, signed = sent["mark"].split(".")
        for wrong in (
            "",
            "on",
            f"{at}.{device}.{'0' * 64}",
            f"{int(at) + 1}.{device}.{signed}",
            f"{at}.x.{signed}",
        ):
            assert self.post(app, sent["path"], wrong) == 403, wrong
        assert self.post(app, f"{sent['path'][:-1]}X", sent["mark"]) == 403
        assert everything(app) == sent["before"]

    def test_an_old_one_is_refused(self, app: Flask, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with app.app_context(), monkeypatch.context() as earlier:
            then = rehearsal.time.time() - rehearsal.LASTS - 5
            earlier.setattr(rehearsal.time, "time", lambda: then)
            mark = rehearsal.mark("POST", f"/q/{code}")
        assert self.post(app, f"/q/{code}", mark) == 403

    def test_staff_cannot_have_their_own_pages_rehearsed(self, app: Flask, client: PageClient) -> None:
        with app.app_context():
            marks = {path: rehearsal.mark("GET", path) for path in ("/sign-in", "/account", "/admin/codes")}
        for path, mark in marks.items():
            assert client.get(path, headers={rehearsal.HEADER: mark}).status_code == 403, path

    def test_without_a_mark_services_cannot_be_rated_out_of_nothing(self, app: Flask, code: str) -> None:
        before = everything(app)
        for entry in ("tablet", "link", "ticket"):
            given = {"level": "5", "key": "k" * 20}
            assert app.test_client().post(f"/rehearsal/{entry}/1", data=given).status_code == 404
        assert everything(app) == before


@on_sqlite
def test_a_round_is_kept_once_for_each_quarter_of_an_hour(
    app: Flask, code: str, site_settings: Settings
) -> None:
    with served(app) as site, app.app_context():
        app.extensions["evalsys.settings"] = replace(site_settings, probe_url=site.address)
        for _ in range(2):
            assert probing.probe_in_time(clock.now(), is_settled=False) == []
        found = probes.latest(db.session())
        db.session.rollback()
        assert {entry: one.tried.is_well for entry, one in found.items()} == dict.fromkeys(ENTRIES, True)
        later = clock.now() + timedelta(days=91)
        probing.probe_in_time(later, is_settled=True)
        assert {one.at for one in probes.latest(db.session()).values()} == {later}
        kept = probes.days(db.session(), clock.today())
    assert {day.day for days in kept.values() for day in days} == {clock.day_of(later)}


@on_sqlite
def test_a_server_that_starts_is_waited_for_and_one_that_is_silent_is_said(
    app: Flask, code: str, site_settings: Settings
) -> None:
    with app.app_context():
        app.extensions["evalsys.settings"] = replace(site_settings, probe_url="http://127.0.0.1:1")
        assert probing.probe_in_time(clock.now(), is_settled=False) == []
        assert probes.latest(db.session()) == {}
        db.session.rollback()
        assert sorted(probing.probe_in_time(clock.now(), is_settled=True)) == sorted(ENTRIES)
