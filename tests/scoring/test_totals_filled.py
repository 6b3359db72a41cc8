"""The migration that brings the running totals fills them from the sums a site has."""

from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import Connection, column, func, insert, select, table, text

from evalsys.kernel import schema
from evalsys.kernel.database import db
from evalsys.kernel.periods import Period
from evalsys.kernel.settings import Settings
from evalsys.scoring import totals
from evalsys.scoring.models import DailySum, ServiceSum, StaffTotal, WindowTotal
from evalsys.scoring.queries import moves
from evalsys.scoring.queries.checks import SUMS
from tests.migrations.places import an_empty_place

FIRST = date(2026, 3, 2)
EVER = Period(date(2000, 1, 1), date(2100, 1, 1))
PLACES = (
    "INSERT INTO units (id, code, kind, compare_group) VALUES (1, 'TAX', '承办', ''), (2, 'SOC', '承办', '')",
    "INSERT INTO halls (id, code, name, address) VALUES (5, 'C', '大厅', ''), (6, 'D', '大厅', '')",
    "INSERT INTO service_windows (id, hall_id, number, kind) VALUES (24, 5, '24', ''), (25, 6, '25', '')",
)


def fill(connection: Connection) -> None:
    """Sums of some days, of two windows in two halls, in a site of the release before."""
    for statement in PLACES:
        connection.execute(text(statement))
    none = dict.fromkeys(SUMS, 0)
    for number, (days, window, staff, entry) in enumerate(
        product((0, 1, 4), (24, 25), (0, 7), ("tablet", "link")), start=1
    ):
        where = {"day": FIRST + timedelta(days=days), "window_id": window, "staff_id": staff}
        where |= {"unit_id": window - 23, "item_type": ""}
        counts = {"n5": number, "n1": 1, "held2": number % 3, "excluded1": number % 2, "bound": 1}
        channel = "face-to-face" if entry == "tablet" else "on-the-go"
        connection.execute(
            insert(DailySum).values(where | none | counts | {"channel": channel, "entry": entry})
        )
        if entry == "link" and days != 1:
            connection.execute(insert(ServiceSum).values(where | {"services": number, "prompted": 1}))


def kept(connection: Connection) -> list[list[tuple[object, ...]]]:
    return [
        sorted(tuple(row) for row in connection.execute(select(model.__table__)))
        for model in (WindowTotal, StaffTotal)
    ]


def test_the_totals_of_a_site_at_work_are_those_of_its_sums(site_settings: Settings) -> None:
    with an_empty_place(site_settings):
        schema.upgrade("0002")
        with db.engine.begin() as connection:
            fill(connection)
        schema.upgrade("0003")
        with db.engine.begin() as connection:
            filled = kept(connection)
            assert all(filled)
            for model in moves.TOTALS:
                assert connection.execute(moves.faults(model, EVER)).all() == []
            totals.derive(connection)
            assert kept(connection) == filled
            connection.rollback()


@pytest.mark.parametrize("place", ["units", "staff", "service_windows"])
def test_every_change_of_the_organisation_is_stamped(site_settings: Settings, place: str) -> None:
    change = f"UPDATE {place} SET id = id"
    stamp = select(column("value")).select_from(table("stamps")).where(column("name") == "organisation")
    with an_empty_place(site_settings):
        schema.upgrade("0003")
        with db.engine.begin() as connection:
            for statement in PLACES:
                connection.execute(text(statement))
            connection.execute(
                text("INSERT INTO staff (id, staff_no, name, party_post) VALUES (7, '1001', '王敏', false)")
            )
            before = connection.execute(stamp).scalar_one()
            connection.execute(text(change))
            assert connection.execute(stamp).scalar_one() != before
            assert connection.execute(select(func.count()).select_from(table("stamps"))).scalar() == 2
