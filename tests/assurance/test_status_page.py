"""评价通道健康: what everybody reads about the ways to rate, in plain words and with nobody's figures."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from evalsys.assurance.actions import probing
from evalsys.assurance.models import Probe
from evalsys.assurance.rules.probes import ENTRIES, Day, Tried, overall, strip
from evalsys.kernel import clock
from evalsys.kernel.settings import Settings
from tests.assurance.probed_sites import a_hall_with_every_way, run, served
from tests.assurance.test_probing import NO_ONES
from tests.conftest import Inside
from tests.pages import PageClient

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def tried(
    committed: Inside,
    at: datetime,
    taken: str = "12345",
    fault: str = "",
    *,
    entries: Iterable[str] = ENTRIES,
) -> None:
    """A round that every way, or some, went through in the same way."""

    def make(session: Session) -> None:
        rows = [{"entry": entry, "taken": taken, "fault": fault, "slowest": 5} for entry in entries]
        session.execute(insert(Probe), [{"day": clock.day_of(at), "at": at, **row} for row in rows])

    committed(make)


def read(client: PageClient, query: str = "") -> str:
    return client.get(f"/status{query}").get_data(as_text=True)


def test_a_site_that_was_never_tried_says_so(client: PageClient) -> None:
    page = read(client)
    assert "最近没有试过" in page
    assert "最近封存的一天:—" in page
    assert "最近一次用备份演练恢复:—" in page


def test_all_is_well_where_every_way_takes_every_level(client: PageClient, committed: Inside) -> None:
    tried(committed, clock.now())
    page = read(client)
    assert "现在每条评价途径都能用" in page
    assert page.count("正常:五个等级都收。") == len(ENTRIES)
    assert page.count("近30天:1天正常,0天有时有问题,0天一直有问题。") == len(ENTRIES)


def test_what_was_tried_long_ago_says_nothing_of_now(client: PageClient, committed: Inside) -> None:
    tried(committed, clock.now() - timedelta(hours=2))
    assert "最近没有试过" in read(client)


def test_a_way_that_is_given_up_is_no_longer_said_to_be_broken(client: PageClient, committed: Inside) -> None:
    tried(committed, clock.now() - timedelta(minutes=15), "", "page")
    tried(committed, clock.now(), entries=ENTRIES.keys() - {"kiosk"})
    page = read(client)
    assert ("现在每条评价途径都能用" in page, ENTRIES["kiosk"] in page) == (True, False)
    assert 'evalsys_way_ok{entry="kiosk"}' not in client.get("/metrics").get_data(as_text=True)


def test_a_day_with_good_and_bad_rounds_is_partly_well(client: PageClient, committed: Inside) -> None:
    tried(committed, clock.now())
    tried(committed, clock.now() - timedelta(microseconds=1), "2345", "refused")
    assert read(client).count("0天正常,1天有时有问题,0天一直有问题。") == len(ENTRIES)


@on_sqlite
def test_a_refused_level_is_public_within_one_round(
    app: Flask, committed: Inside, client: PageClient, site_settings: Settings
) -> None:
    a_hall_with_every_way(committed)
    run(app, NO_ONES)
    with served(app) as site, app.app_context():
        app.extensions["evalsys.settings"] = replace(site_settings, probe_url=site.address)
        assert sorted(probing.probe_in_time(clock.now(), is_settled=True)) == sorted(ENTRIES)
    page = read(client)
    assert page.count("有问题:评价没有被接收。") == len(ENTRIES)
    assert page.count("还收的等级:非常满意、满意、基本满意、不满意 <") == len(ENTRIES)


@on_sqlite
def test_a_message_that_waits_for_long_is_said_without_naming_the_receiver(
    app: Flask, client: PageClient
) -> None:
    assert "都在按时送" in read(client)
    run(
        app,
        "INSERT INTO outbox (topic, payload, dedupe_key, due_at) "
        "VALUES ('x', '{}', 'k', '2020-01-01 00:00:00')",
    )
    assert "有的晚了1小时以上" in read(client)


class TestRules:
    """What is told of many rounds."""

    now = datetime(2026, 3, 2, 4, tzinfo=clock.UTC)

    @pytest.mark.parametrize(
        ("taken", "said"),
        [
            (["12345", "12345"], "well"),
            (["12345", "2345"], "partly"),
            (["", "2345"], "broken"),
            ([], "unknown"),
        ],
    )
    def test_all_ways_together(self, taken: list[str], said: str) -> None:
        assert overall([(self.now, Tried("link", one)) for one in taken], self.now) == said

    def test_a_strip_has_thirty_days_and_ends_today(self) -> None:
        today = self.now.date()
        days = strip([Day(today, 4, 4), Day(today - timedelta(days=1), 4, 0)], today)
        assert [len(days), days[-1].state, days[-2].state, days[0].state] == [30, "well", "broken", "none"]
