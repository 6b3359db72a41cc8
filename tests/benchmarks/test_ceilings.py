"""The ceilings of the benchmarks do the work they stand for, and the client tells truth from refusals."""

import importlib
import io
import itertools
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time, timedelta
from types import ModuleType
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask
from sqlalchemy import text

from benchmarks import (
    client,
    filling,
    floors,
    hello,
    imports,
    memory,
    page,
    paint,
    pairs,
    parts,
    rating,
    rebuilding,
    report,
)
from evalsys.demo.build import build
from evalsys.demo.plan import DemoPlan
from evalsys.evaluation.queries import codes
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.database import transaction
from evalsys.kernel.settings import Settings
from evalsys.scoring.queries import checks

TODAY = date(2026, 10, 21)
_numbers = itertools.count()


@pytest.fixture
def hall(app: Flask) -> Flask:
    """The demo hall without ratings."""
    with app.app_context():
        build(DemoPlan(1, TODAY, 0, 2), bool)
    return app


@pytest.fixture
def places(hall: Flask, site_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The codes of three windows, named to the programs that stand beside the product."""
    with hall.app_context(), transaction() as session:
        places = {
            code.text: (code.place.window_id, code.place.hall_id, code.place.unit_id)
            for code in codes.current_codes(session, EVERYTHING, TODAY)[:3]
        }
    file = site_settings.instance / "evalsys.sqlite3"
    monkeypatch.setenv("BENCHMARK_DATABASE", site_settings.database_url or str(file))
    monkeypatch.setenv("BENCHMARK_FOLDER", str(site_settings.instance))
    monkeypatch.setenv("BENCHMARK_PLACES", json.dumps(places))
    yield list(places)
    for name in ("bare", "naive"):
        sys.modules.pop(f"benchmarks.{name}", None)


def test_the_bare_program_does_what_the_product_would_have_to(hall: Flask, places: list[str]):
    bare = importlib.import_module("benchmarks.bare")
    code = places[0]
    assert [posted(bare, code, level) for level in (5, 5, 2, 1)] == ["303 See Other"] * 4
    assert posted(bare, code, 6) == posted(bare, "no-such-code", 5) == "422 Unprocessable Content"
    with hall.app_context(), transaction() as session:
        verdict = checks.differences(session)
        assert (verdict.ratings, verdict.differences) == (4, 0)
        for table in ("submissions", "attributions", "rating_traces"):
            assert session.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one() == 4
    bare.close()


def test_the_bare_program_carries_its_totals_from_day_to_day(hall: Flask, places: list[str]):
    bare = importlib.import_module("benchmarks.bare")
    for number, days in enumerate((3, 1, 1, 0)):
        now = clock.at(TODAY - timedelta(days=days), time(10))
        bare.rate(bare.PLACES[places[number % 2]], "5", (f"key {number}", f"receipt {number}", ""), now)
    bare.close()
    with hall.app_context(), transaction() as session:
        verdict = checks.differences(session)
        assert (verdict.ratings, verdict.differences) == (4, 0)
        days = text("SELECT COUNT(*) FROM total_days")
        assert session.execute(days).scalar_one() == 3


def test_the_naive_program_stores_and_adds_up(hall: Flask, places: list[str]):
    naive = importlib.import_module("benchmarks.naive")
    client = naive.application.test_client()
    page = client.get(f"/q/{places[0]}").get_data()
    token = rating.TOKEN.search(page)
    assert token is not None
    said = {"csrf_token": token[1].decode(), "text": ""}
    for number, (code, level) in enumerate(zip(places, (5, 5, 2), strict=True)):
        answer = client.post(f"/q/{code}", data=said | {"level": level, "key": f"benchmark-key-{number}00"})
        assert answer.status_code == 303
    assert client.post(f"/q/{places[0]}", data={"level": 5, "key": "without a token"}).status_code == 422
    assert client.post(f"/q/{places[0]}", data=said | {"level": 6, "key": "x" * 16}).status_code == 422
    with hall.app_context(), transaction() as session:
        levels = session.execute(text("SELECT level, COUNT(*) FROM naive_ratings GROUP BY level ORDER BY 1"))
        assert levels.all() == [(2, 1), (5, 2)]
        for name in ("window", "staff", "unit"):
            sums = session.execute(text(f"SELECT SUM(n5), SUM(n4), SUM(n2) FROM naive_{name}_sums"))
            assert sums.one() == (2, 0, 1)
    naive.close()


def posted(bare: ModuleType, code: str, level: int) -> str:
    body = f"level={level}&key=benchmark-key-{next(_numbers):04}".encode()
    environ = {"PATH_INFO": f"/q/{code}", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    statuses: list[str] = []
    bare.application(environ, lambda status, _: statuses.append(status))
    return statuses[0]


def test_a_filled_site_adds_up_and_the_engines_own_sql_derives_the_same(hall: Flask):
    with hall.app_context(), transaction() as session:
        period = filling.fill(session, 1, 3_000, TODAY, 60)
        filling.fill(session, 3_001, 5_000, TODAY, 60)
        verdict = checks.differences(session)
        assert (verdict.ratings, verdict.differences) == (5_000, 0)
        windows, days = session.execute(
            text("SELECT COUNT(DISTINCT window_id), COUNT(DISTINCT counts_on) FROM ratings")
        ).one()
        assert (windows, days) == (210, 60)
        session.execute(text("DELETE FROM daily_sums WHERE window_id % 2 = 0"))
        assert checks.differences(session).differences > 0
        rebuilding.by_the_engine(session)
        assert checks.differences(session).differences == 0
        filling.multiply_sums(session, period, 10)
        cells, ratings = session.execute(
            text("SELECT COUNT(*), SUM(n5 + n4 + n3 + n2 + n1) FROM daily_sums")
        ).one()
        total = session.execute(
            text("SELECT SUM(n5 + n4 + n3 + n2 + n1) FROM window_totals WHERE entry = '' AND day = :day"),
            {"day": TODAY},
        ).scalar_one()
        assert cells >= 210 * 60 * 3
        assert ratings == total > 50_000


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def answering() -> Iterator[int]:
    server = make_server("127.0.0.1", 0, hello.application, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_client_counts_every_answer():
    with answering() as port:
        found = client.load(port, [client.get("/")] * 4, clients=4, status=200)
    assert found.rate > 0
    assert 0 < found.p50 <= found.p99 <= found.longest


def test_an_unexpected_answer_is_no_figure():
    with answering() as port, pytest.raises(client.Unexpected, match="404"):
        client.load(port, [client.get("/nowhere")], clients=1, status=200)


def test_a_pair_is_compared_round_by_round():
    rates = iter((1, 1, 10, 100, 400, 20, 30, 100))
    order = iter(("here", "there", "here", "there", "there", "here", "here", "there"))

    def side(name: str) -> client.Load:
        assert next(order) == name
        return client.Load(next(rates), 0, 0, 0)

    pair = pairs.measured_in_turn(lambda: side("here"), lambda: side("there"), rounds=3)
    assert pair.ratio == pytest.approx(0.1)


def missed(number: str, ratio: str, *, reached: bool | None) -> pairs.Figure:
    return pairs.Figure(number, f"something, SQLite {number}", "1 ms", "2 ms", ratio, "≥ 1", reached)


def test_the_report_groups_figures_by_number_and_says_what_was_missed():
    figures = [
        missed("P7", "0.5", reached=False),
        missed("P1", "2.0", reached=True),
        missed("P1", "3.0", reached=None),
    ]
    words = report.text(figures, ["Where it goes."], "a machine", 3.2)
    assert words.index("## P1") < words.index("## P7") < words.index("Where it goes.")
    assert words.count("**missed**") == words.count("reached |") == 1
    assert report.text(figures[1:], [], "a machine", 3.2).count("##") == 1


def test_a_missed_figure_is_explained_by_the_parts_and_the_floor():
    costs = parts.Costs("a rating", 0.9, {"small": 0.2, "great": 0.7}, {"the engine": 0.3})
    words = floors.paragraph("P1", "SQLite", [missed("P1", "0.4", reached=False)], costs)
    assert "great 0.700, small 0.200" in words
    assert "floor is 0.300 ms" in words
    assert "3.0 times as fast" in words


def test_a_missed_figure_says_what_the_run_showed_of_its_reach():
    figure = replace(missed("P5", "0.4", reached=False), note="The driver alone reaches 0.9.")
    assert "0.4 (≥ 1). The driver alone reaches 0.9." in floors.paragraph("P5", "PostgreSQL", [figure], None)


def test_memory_is_told_by_what_is_loaded_and_the_floor():
    held = memory.Parts(dict.fromkeys((imports.FIRST, *imports.LIBRARIES), 10.0) | {"numpy": 12.0})
    words = held.in_words()
    assert "holds 72 MB: numpy 12," in words
    assert "floor is 60 MB" in words


def test_a_page_asked_for_again_or_painted_is_explained_otherwise_than_one_rendered_anew():
    assert floors.subject_of(missed("P8", "0.4", reached=False)) == "page"
    again = replace(missed("P8", "0.4", reached=False), name=f"page, {page.AGAIN}")
    assert floors.subject_of(again) == "again"
    painted = replace(missed("P8", "0.4", reached=False), name=f"{paint.NAME}, SQLite")
    assert floors.subject_of(painted) == ""
    assert {*floors.SUBJECT_OF.values(), "again"} <= floors.MEASURES.keys()
    assert floors.SUBJECT_OF.keys() <= report.TITLES.keys()


def test_time_is_told_by_the_part_that_spends_it():
    assert parts.part_of(json.dumps.__code__) == "Python's library"
    assert parts.part_of(codes.current_codes.__code__) == "evalsys.evaluation"
    assert parts.part_of(Flask.add_url_rule.__code__) == "Flask and Werkzeug"
    driver = "<method 'execute' of 'pysqlite3.dbapi2.Cursor' objects>"
    assert parts.part_of_call(driver, Flask.__init__.__code__) == parts.DRIVER
    assert (
        parts.part_of_call("<built-in method builtins.len>", Flask.__init__.__code__) == "Flask and Werkzeug"
    )
