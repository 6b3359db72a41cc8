"""The ceilings of the benchmarks do the work they stand for, and the client tells truth from refusals."""

import importlib
import io
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import ModuleType
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask
from sqlalchemy import text

from benchmarks import client, filling, hello, pairs
from evalsys.demo.build import build
from evalsys.demo.plan import DemoPlan
from evalsys.evaluation.queries import codes
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


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_bare_program_does_what_the_product_would_have_to(
    hall: Flask, site_settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    with hall.app_context(), transaction() as session:
        places = {
            code.text: (code.place.window_id, code.place.hall_id, code.place.unit_id)
            for code in codes.current_codes(session, EVERYTHING, TODAY)[:3]
        }
    monkeypatch.setenv("BENCHMARK_FILE", str(site_settings.instance / "evalsys.sqlite3"))
    monkeypatch.setenv("BENCHMARK_PLACES", json.dumps(places))
    bare = importlib.import_module("benchmarks.bare")
    code = next(iter(places))
    assert [posted(bare, code, level) for level in (5, 5, 2, 1)] == ["303 See Other"] * 4
    assert posted(bare, code, 6) == posted(bare, "no-such-code", 5) == "422 Unprocessable Content"
    with hall.app_context(), transaction() as session:
        verdict = checks.differences(session)
        assert (verdict.ratings, verdict.differences) == (4, 0)
        for table in ("submissions", "attributions", "rating_traces"):
            assert session.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one() == 4


def posted(bare: ModuleType, code: str, level: int) -> str:
    body = f"level={level}&key=benchmark-key-{next(_numbers):04}".encode()
    environ = {"PATH_INFO": f"/q/{code}", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    statuses: list[str] = []
    bare.application(environ, lambda status, _: statuses.append(status))
    return statuses[0]


def test_a_filled_site_adds_up(hall: Flask):
    with hall.app_context(), transaction() as session:
        filling.fill(session, 1, 3_000, TODAY, 60)
        filling.fill(session, 3_001, 5_000, TODAY, 60)
        verdict = checks.differences(session)
        assert (verdict.ratings, verdict.differences) == (5_000, 0)
        windows, days = session.execute(
            text("SELECT COUNT(DISTINCT window_id), COUNT(DISTINCT counts_on) FROM ratings")
        ).one()
        assert (windows, days) == (210, 60)


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
