"""Figures for programs that watch the site: added up over all processes, and of nobody."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.assurance.queries.figures import MEANINGS
from evalsys.kernel import metrics
from evalsys.kernel.metrics import Metrics
from tests.builders import a_window, code_of
from tests.conftest import Inside
from tests.pages import PageClient
from tests.server import clean_environment, serving

HERE = Path(__file__).resolve().parents[2]
TAPS, LOOKS = 6, 40
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def figure(text: str, name: str, **labels: str) -> float:
    """One figure, added up over the labels that are not asked for."""
    found = 0.0
    for line in text.splitlines():
        which, _, value = line.rpartition(" ")
        given = dict(re.findall(r'(\w+)="([^"]*)"', which))
        if which.partition("{")[0] == name and labels.items() <= given.items():
            found += float(value)
    return found


def read(client: PageClient) -> str:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return answer.get_data(as_text=True)


@pytest.fixture
def code(committed: Inside) -> str:
    def make(session: Session) -> str:
        return code_of(session, a_window(session))

    return str(committed(make))


def test_what_was_answered_and_written_is_counted(app: Flask, code: str) -> None:
    client = app.test_client()
    assert isinstance(client, PageClient)
    before = read(client)
    for tap in range(TAPS):
        client.post(f"/q/{code}", data={"level": "1", "key": f"{tap:020}"})
    client.get(f"/nothing/{code}")
    text = read(client)
    posted = {"method": "POST", "route": "/q/<code>", "status": "303"}
    assert figure(text, "evalsys_requests_total", **posted) == TAPS
    assert figure(text, "evalsys_requests_total", route="-", status="404") == 1
    assert figure(text, "evalsys_request_seconds_count", route="/q/<code>") == TAPS
    assert figure(text, "evalsys_request_seconds_bucket", route="/q/<code>", le="+Inf") == TAPS
    assert figure(text, "evalsys_writes_total") - figure(before, "evalsys_writes_total") >= TAPS
    assert figure(text, "evalsys_ready") == 1
    assert figure(text, "evalsys_check_ok", check="write") == 1
    # No window, no code, no level.
    assert code not in text
    assert {name for name in re.findall(r"\{(.*)\}", text) if "level" in name or "window_id" in name} <= {
        labels for labels in re.findall(r"\{(.*)\}", text) if "rehearsal" in labels
    }


def test_every_figure_says_what_it_means(client: PageClient) -> None:
    text = read(client)
    for name, (kind, meaning) in MEANINGS.items():
        assert f"# HELP {name} {meaning}\n# TYPE {name} {kind}\n" in text
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-+.e\d]+', line), line


@on_sqlite
def test_others_find_nothing(client: PageClient) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


class TestTheFile:
    """Each process's numbers, and those of all of them."""

    COUNT = """
import sys
from pathlib import Path
from evalsys.kernel.metrics import Metrics
counted = Metrics(Path(sys.argv[1]))
for _ in range(1000):
    counted.count("taps", way="phone")
counted.show("waiting", 5)
"""

    def elsewhere(self, folder: Path) -> None:
        """Count in a process that ends."""
        subprocess.run([sys.executable, "-c", self.COUNT, folder], cwd=HERE, check=True)

    def test_processes_that_ended_still_count_but_show_nothing(self, tmp_path: Path) -> None:
        ours = Metrics(tmp_path)
        ours.count("taps", way="phone")
        ours.show("waiting", 3)
        ours.show("waiting", 2)
        self.elsewhere(tmp_path)
        found = metrics.read(tmp_path, frozenset({"waiting"}))
        assert found["taps", 'way="phone"'] == [1001.0]
        assert found["waiting", ""] == [2.0]

    def test_a_full_file_loses_new_names_and_keeps_the_old(self, tmp_path: Path) -> None:
        counted = Metrics(tmp_path)
        counted.count("first")
        for number in range(metrics.SIZE // 64):
            counted.count("other", number=number)
        counted.count("first")
        assert metrics.read(tmp_path, frozenset())["first", ""] == [2.0]

    def test_without_room_for_a_file_it_counts_on(self, tmp_path: Path) -> None:
        (tmp_path / metrics.FOLDER).write_text("no folder")
        counted = Metrics(tmp_path)
        counted.count("first")
        assert metrics.read(tmp_path, frozenset()) == {}

    def test_a_new_server_begins_anew(self, tmp_path: Path) -> None:
        self.elsewhere(tmp_path)
        metrics.forget(tmp_path)
        assert metrics.read(tmp_path, frozenset()) == {}


@pytest.fixture
def two_workers(site_settings: object, tmp_path: Path, app: Flask) -> Iterator[str]:
    """The real server with two workers."""
    environment = clean_environment() | {
        "EVALSYS_INSTANCE": str(tmp_path),
        "EVALSYS_SECRET_KEY": app.config["SECRET_KEY"],
        "PYTHONPATH": str(HERE),
    }
    options = ["--no-work", "--workers", "2"]
    with serving(Path(sys.executable).parent, tmp_path, environment, options=options) as address:
        yield address


@on_sqlite
def test_several_workers_are_added_up(two_workers: str) -> None:
    for _ in range(LOOKS):
        with urllib.request.urlopen(f"{two_workers}/seals", timeout=30) as answer:
            answer.read()
    with urllib.request.urlopen(f"{two_workers}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    assert figure(text, "evalsys_requests_total", route="/seals") == LOOKS
