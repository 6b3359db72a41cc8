"""The log: a line of JSON for each request and each fault, and nobody in it."""

import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from select import PIPE_BUF
from typing import Any, ClassVar

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from evalsys.kernel import logs, watching
from evalsys.kernel.access import citizen
from evalsys.kernel.database import db
from tests.builders import a_rating, a_token, a_window, code_of
from tests.conftest import Inside
from tests.logs import told_of_somebody
from tests.pages import PageClient
from tests.server import clean_environment, read, serving

PHONE, IDENTITY, NAME = "13812345678", "11010519491231002X", "王小明"
WORDS = f"{NAME} {PHONE} {IDENTITY}"
RECEIPT = "7K3M-9QXD-4TWZ"
HERE = Path(__file__).resolve().parents[2]


class Heard:
    """What was written down, as it would stand in the log."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.writer = logs.Writer(self.stream)

    @property
    def text(self) -> str:
        self.writer.flush()
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The log of this test, at the level and in the form it has under `evalsys serve`."""
    found, log = Heard(), logging.getLogger("evalsys")
    level = log.level
    found.writer.setFormatter(logs.Lines())
    log.addHandler(found.writer)
    log.setLevel(logging.INFO)
    yield found
    log.setLevel(level)
    log.removeHandler(found.writer)
    found.writer.close()


@pytest.fixture
def code(committed: Inside) -> str:
    """A window's code, and a rating with a receipt."""

    def make(session: Session) -> str:
        window = a_window(session)
        a_rating(session, window, 1)
        return code_of(session, window)

    return str(committed(make))


def test_a_walk_leaves_routes_and_nobody(app: Flask, code: str, heard: Heard) -> None:
    client = app.test_client()
    token = a_token(app, "auditor")
    key = "k" * 20
    client.get(f"/q/{code}?lang=en", headers={"User-Agent": f"Mozilla/5.0 {PHONE}"})
    client.get(f"/q/{code}")
    taken = client.post(f"/q/{code}", data={"level": "1", "key": key, "text": WORDS})
    receipt = taken.headers["Location"]
    for path in (
        receipt,
        f"/receipt/{RECEIPT}",
        f"/s/{'A' * 26}",
        f"/{PHONE}",
        f"/receipt/{RECEIPT}/contact",
    ):
        client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.77"})
    client.post(f"{receipt}/reasons", data={"text": WORDS})
    client.post("/sign-in", data={"name": NAME, "password": "a password somebody typed"})
    client.get("/api/v1/ratings", headers=token)
    client.get("/api/v1/ratings", headers={"Authorization": f"Bearer {IDENTITY}"})
    secrets = [
        *(PHONE, IDENTITY, NAME, RECEIPT, code, key, "a password somebody typed", "192.0.2.77", "王"),
        *(receipt.rpartition("/")[2], token["Authorization"].removeprefix("Bearer ")),
    ]
    assert told_of_somebody(heard.text, secrets) == []
    routes = [(line["method"], line["route"], line["status"]) for line in heard.lines if "route" in line]
    assert routes[:4] == [
        ("GET", "/q/<code>", 200),
        ("GET", "/q/<code>", 200),
        ("POST", "/q/<code>", 303),
        ("GET", "/receipt/<receipt>", 200),
    ]
    assert ("GET", "-", 404) in routes
    assert len(routes) == 12


def test_what_must_not_be_told_is_found(app: Flask) -> None:
    lines = [
        f'{{"said": "{PHONE}"}}',
        f'{{"said": "{IDENTITY}"}}',
        '{"route": "/receipt/7K3M9QXD4TWZ"}',
        '{"route": "/sign-in?next=/cases"}',
        '{"said": "192.0.2.77"}',
        '{"said": "Mozilla/5.0"}',
        f'{{"said": "{RECEIPT}"}}',
        '{"said": "something secret"}',
    ]
    for line in lines:
        assert told_of_somebody(line, ["something secret"]), line


def failing(app: Flask, fault: str) -> PageClient:
    """A client of an application with a page that fails with somebody's words in its mouth."""

    @app.get("/failing/<code>")
    @citizen
    def fail(code: str) -> str:
        if fault == "database":
            db.session.execute(text("INSERT INTO site (name, value) VALUES (:name, :name)"), {"name": WORDS})
            db.session.execute(text("INSERT INTO site (name, value) VALUES (:name, :name)"), {"name": WORDS})
        raise ValueError(WORDS)

    client = app.test_client()
    assert isinstance(client, PageClient)
    return client


@pytest.mark.parametrize("fault", ["program", "database"])
def test_a_fault_is_told_by_its_kind_and_place_without_values(app: Flask, heard: Heard, fault: str) -> None:
    page = failing(app, fault).get(f"/failing/{RECEIPT}")
    assert page.status_code == 500
    assert told_of_somebody(heard.text, [WORDS, NAME, RECEIPT]) == []
    (line,) = (line for line in heard.lines if line["level"] == "error")
    kinds = [one["kind"] for one in line["fault"]]
    assert kinds[0] == ("builtins.ValueError" if fault == "program" else "sqlalchemy.exc.IntegrityError")
    assert re.search(r"test_logs\.py:\d+", " ".join(line["fault"][0]["at"]))
    # The number on the page finds the line, and the line of the request.
    number = page.headers["X-Request-Id"]
    assert f"编号{number}" in page.get_data(as_text=True)
    assert number in line["said"]
    assert number in [one.get("request") for one in heard.lines]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_citizens_moment_is_told_to_the_minute(app: Flask, code: str, heard: Heard) -> None:
    app.test_client().get(f"/q/{code}")
    app.test_client().get("/sign-in")
    told = {line["route"]: line["at"] for line in heard.lines}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d\+00:00", told["/q/<code>"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", told["/sign-in"])


def test_the_number_of_a_request_has_no_digits_and_comes_once() -> None:
    numbers = {watching.fresh_id() for _ in range(5_000)}
    assert len(numbers) == 5_000
    assert all(re.fullmatch("[a-z]{12}", number) for number in numbers)


def test_the_last_lines_are_written_when_the_server_ends(tmp_path: Path) -> None:
    environment = clean_environment() | {"EVALSYS_INSTANCE": str(tmp_path / "instance")}
    subprocess.run([sys.executable, "-m", "evalsys", "upgrade"], env=environment, cwd=HERE, check=True)
    with serving(
        Path(sys.executable).parent, tmp_path, environment | {"PYTHONPATH": str(HERE)}, options=["--no-work"]
    ) as address:
        for _ in range(30):
            read(f"{address}/sign-in")
    assert (tmp_path / "log").read_text(encoding="utf-8").count('"route": "/sign-in"') == 30


def test_lines_keep_their_order_around_a_fault(heard: Heard) -> None:
    logs.note_request("first", "GET", "/", 200, 0.001, coarse=False)
    logging.getLogger("evalsys").warning("between")
    logs.note_request("last", "GET", "/", 200, 0.001, coarse=False)
    assert [line.get("request", line.get("said")) for line in heard.lines] == ["first", "between", "last"]


def test_lines_of_several_processes_stay_whole() -> None:
    class Heard(io.StringIO):
        pieces: ClassVar[list[str]] = []

        def write(self, text: str) -> int:
            self.pieces.append(text)
            return super().write(text)

    writer = logs.Writer(Heard())
    for number in range(200):
        writer.put(f"{number:0100}\n")
    writer.close()
    assert "".join(Heard.pieces) == "".join(f"{number:0100}\n" for number in range(200))
    assert all(len(piece) <= PIPE_BUF and piece[-1:] in ("", "\n") for piece in Heard.pieces)
    assert len(Heard.pieces) < 20


def test_a_stream_that_takes_nothing_ends_no_request() -> None:
    stream = io.StringIO()
    writer = logs.Writer(stream)
    stream.close()
    for _ in range(logs.MOST_LINES + 10):
        writer.put("a line\n")
    writer.flush()
    writer.close()
