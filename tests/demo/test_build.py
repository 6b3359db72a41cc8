"""The demo is built through the real import and the real actions, once, and the same for the same seed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.demo import accounts, build
from evalsys.demo.command import command
from evalsys.demo.plan import DemoPlan
from evalsys.evaluation.queries import codes
from evalsys.identity import passwords
from evalsys.identity.queries import accounts as identities
from evalsys.identity.rules import ROLES
from evalsys.kernel import clock, site
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.database import db, transaction
from evalsys.kernel.periods import Period
from evalsys.kernel.settings import Settings
from evalsys.organisation.queries import directory, places
from evalsys.organisation.queries.halls import hall_by_code
from evalsys.rectification.queries import figures
from evalsys.rectification.rules.figures import Figure
from evalsys.scoring.queries import checks
from evalsys.worktime import queries as calendar

TODAY = date(2026, 10, 21)
SMALL = DemoPlan(seed=7, today=TODAY, ratings=900, days=30)
ROWS = (
    "SELECT id, root, kind, level, entry, origin, window_id, counts_on, received_at, salt FROM ratings",
    "SELECT rating_id, seq, staff_id, how FROM attributions",
    "SELECT rating_id, seq, done, efficiency, item_id, happened, skip FROM reasons",
    "SELECT rating_id, seq, tag FROM rating_tags",
    "SELECT rating_id, seq, text FROM rating_texts",
    "SELECT rating_id, seq, standing, reason FROM standings",
    "SELECT key, rating_id FROM submissions",
    "SELECT * FROM daily_sums",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Settings:
    """A site with the small demo, built in one go; tests leave it as it is."""
    settings = empty_site(tmp_path_factory.mktemp("whole"), sqlite_template)
    with opened(settings):
        build.build(SMALL, silent)
    return settings


@pytest.fixture
def empty(tmp_path: Path, sqlite_template: Path) -> Settings:
    """An empty site."""
    return empty_site(tmp_path, sqlite_template)


def empty_site(folder: Path, template: Path) -> Settings:
    shutil.copyfile(template, folder / "evalsys.sqlite3")
    return Settings(instance=folder, secret_key="a secret for tests, long enough to be one")


@contextmanager
def opened(settings: Settings) -> Iterator[None]:
    with create_app(settings).app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def silent(_: int) -> None:
    """Nobody watches the progress."""


def everything(settings: Settings) -> list[list[tuple[object, ...]]]:
    """All rows of a demo that must follow from its seed, in an order of their own."""
    with opened(settings), transaction() as session:
        return [sorted(map(tuple, session.execute(text(rows))), key=repr) for rows in ROWS]


def count(session: Session, table: str, where: str = "1 = 1") -> int:
    return int(session.execute(text(f"SELECT COUNT(*) FROM {table} WHERE {where}")).scalar_one())


def test_the_demo_stands_on_both_engines(app: Flask):
    told: list[int] = []
    with app.app_context():
        build.build(SMALL, told.append)
        with transaction() as session:
            assert sum(told) == SMALL.ratings
            assert site.kind(session) == site.DEMO
            assert len(places.places_in(session, EVERYTHING, TODAY)) == 210
            assert len(codes.current_codes(session, EVERYTHING, TODAY)) == 210
            assert len(directory.staff_on(session, TODAY)) == 318
            assert len(directory.units_on(session, TODAY)) == 12
            assert count(session, "items") > 500
            assert count(session, "ratings", "kind = 'first'") == SMALL.ratings
            assert count(session, "ratings", "kind = 'correction'") > 0
            assert count(session, "rating_texts") > 0
            assert count(session, "standings") > 0
            assert count(session, "services") > count(session, "service_ratings") > 0
            assert checks.differences(session).differences == 0


def test_every_role_has_an_account_whose_password_fits(whole: Settings):
    made = accounts.demo_accounts(SMALL.seed)
    assert {account.role for account in made} == set(ROLES)
    with opened(whole), transaction() as session:
        for account in made:
            found = identities.account_by_name(session, account.name)
            assert found is not None
            assert identities.roles_of(session, found.id) == {account.role}
            assert passwords.fits(account.password, found.password_hash)
            assert not found.must_change


def test_the_hall_opens_when_its_rota_begins_and_earlier_closes_at_weekends(whole: Settings):
    with opened(whole), transaction() as session:
        hall = hall_by_code(session, "ZX")
        assert hall is not None
        open_at = [
            calendar.hall_is_open(session, hall.id, clock.at(date(2026, 10, day), time(hour, 30)))
            for day, hour in ((21, 8), (21, 9), (21, 17), (24, 15), (24, 16))
        ]
    assert open_at == [False, True, False, True, False]


def test_the_same_seed_gives_the_same_rows(whole: Settings, empty: Settings):
    with opened(empty):
        build.build(SMALL, silent)
    rows = everything(empty)
    assert rows == everything(whole)
    assert all(rows)


def test_a_demo_broken_off_half_way_is_finished_as_if_nothing_had_happened(
    whole: Settings, empty: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(build, "BATCH", 100)

    def break_off(size: int) -> None:
        if size:
            raise KeyboardInterrupt

    with opened(empty), pytest.raises(KeyboardInterrupt):
        build.build(SMALL, break_off)
    assert 0 < len(everything(empty)[0]) < len(everything(whole)[0])
    with opened(empty):
        build.build(SMALL, silent)
    assert everything(empty) == everything(whole)


def test_cases_of_every_kind_stand_in_every_stage(whole: Settings):
    with opened(whole), transaction() as session:
        states = {
            kind: {
                state
                for (state,) in session.execute(
                    text("SELECT state FROM loop_cases WHERE kind = :kind"), {"kind": kind}
                )
            }
            for kind in ("not-done", "order")
        }
        decided = {state for (state,) in session.execute(text("SELECT state FROM appeals"))}
        urgent = session.execute(text("SELECT due_at FROM orders WHERE category = 'waterlogging'")).all()
        called_back = figures.figures(
            session, Period(SMALL.first_day, TODAY), "order", 1, clock.now()
        ).total.rates[Figure.CALLED_BACK]
    assert {"NEW", "ACCEPTED", "RECTIFYING", "CALLBACK", "CLOSED"} <= states["not-done"]
    assert {"TRIAGED", "RETURN_REQUESTED", "REDO", "CLOSED"} <= states["order"]
    assert {"filed", "upheld"} <= decided
    assert len(urgent) == 1
    assert called_back.numerator > 0


def test_running_again_keeps_what_is_there_and_prints_the_accounts(whole: Settings):
    before = everything(whole)
    with opened(whole):
        result = CliRunner().invoke(command, ["--ratings", "99", "--seed", "8", "--days", "5"])
    assert result.exit_code == 0
    assert "已有演示数据" in result.output
    lines = [line.split() for line in result.output.splitlines() if line.startswith("account ")]
    assert lines == [
        ["account", account.role, account.name, account.password]
        for account in accounts.demo_accounts(SMALL.seed)
    ]
    assert everything(whole) == before


def test_a_real_site_takes_no_demo(empty: Settings):
    with opened(empty):
        with transaction() as session:
            site.declare(session, site.REAL)
        result = CliRunner().invoke(command, ["--ratings", "10"])
        assert result.exit_code == 1
        assert "正式站点" in result.output
        with transaction() as session:
            assert count(session, "units") == 0
