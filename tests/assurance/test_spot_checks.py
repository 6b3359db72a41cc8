"""抽查: the root of a sealed day draws its ratings, and each is shown with all that became of it."""

import hashlib
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.assurance.queries import seals, spot_checks
from evalsys.assurance.rules import drawing
from evalsys.evaluation.actions.ratings import correct_rating
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.actions.standing import Decision, decide_standing
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.rules import Explanation
from evalsys.kernel import secrets
from evalsys.kernel.models import JournalEntry
from evalsys.kernel.types import Base
from tests.assurance.sealed_sites import MORNING, rated, sealed_all, two_people
from tests.assurance.tampering import KEPT, TABLES, laid_open
from tests.builders import a_clerk, a_rating, a_window, around, on_duty, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

CODE = "7K3M9QXD4TWZ"
DAY = "2026-03-02"
DESK = "/admin/spot-checks"
# How pages look and refuse is the same on every engine.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
def sealed(committed: Inside) -> None:
    """A sealed day of a dozen ratings; one is corrected, explained with a telephone number, held by two."""

    def make(session: Session) -> None:
        window = a_window(session)
        on_duty(session, window, a_clerk(session), *around(MORNING))
        receipt = secrets.digest(secrets.spelled(CODE))
        root = a_rating(session, window, 1, at=MORNING, receipt_hash=receipt).root
        connection = session.connection()
        tag = ratings.tags_of_level(session, 1)[0].code
        words = Explanation(tags=(tag,), text="等了两小时,电话13812345678")
        explain_rating(connection, receipt, words, MORNING)
        correct_rating(connection, receipt, 2, "another key of the rating", now=MORNING)
        for _ in range(11):
            rated(session, window, at=MORNING)
        one, other = two_people(session)
        decide_standing(connection, root, "held", Decision("正在核实", one, other, MORNING))
        sealed_all(session, MORNING + timedelta(days=1))

    committed(make)


def page(client: PageClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def drew(client: PageClient, day: str, count: int | str) -> tuple[int, str]:
    """Draw; the status, and where the answer leads."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page(client, DESK))
    assert found
    form = {"day": day, "count": str(count), "csrf_token": found[1]}
    answer = client.post(DESK, data=form)
    return answer.status_code, answer.headers.get("Location", "")


def test_anybody_can_tell_from_root_and_places_which_are_drawn(session: Session) -> None:
    window = a_window(session)
    for _ in range(30):
        rated(session, window, at=MORNING)
    sealed_all(session, MORNING + timedelta(days=1))
    (day,) = seals.sealed_days(session)
    tickets = {
        hashlib.sha256(f"evalsys-draw-1 {day.root.hex()} {place}".encode()).hexdigest(): place
        for place in range(day.entries)
    }
    leaves = TABLES["sealed_entries"]
    of_ratings = session.execute(select(leaves.c.place).where(leaves.c.kind == "rating")).scalars().all()
    wanted = [tickets[ticket] for ticket in sorted(tickets) if tickets[ticket] in of_ratings]
    assert [one.place for one in spot_checks.drawn(session, day, 30)] == wanted
    assert [one.place for one in spot_checks.drawn(session, day, 5)] == wanted[:5]


@ON_SQLITE
def test_each_rating_is_drawn_once_whatever_became_of_it(app: Flask, sealed: None, committed: Inside) -> None:
    def look(session: Session) -> None:
        (day,) = seals.sealed_days(session)
        found = spot_checks.drawn(session, day, drawing.MOST)
        assert len({one.root for one in found}) == len(found) == 12

    committed(look)


def test_another_root_draws_others() -> None:
    places = range(1000)
    one, other = drawing.in_order(b"\1" * 32, places), drawing.in_order(b"\2" * 32, places)
    assert sorted(one) == sorted(other) == list(places)
    assert one[:20] != other[:20]


def whole(client: PageClient) -> str:
    """The pages of all ratings of the day."""
    status, address = drew(client, DAY, 12)
    assert status == 303
    return "".join(page(client, f"{address}/{nth}") for nth in range(1, 13))


def test_a_drawn_rating_is_shown_with_all_that_hangs_off_it(app: Flask, sealed: None) -> None:
    text = whole(signed_in(app, "auditor"))
    for what in ("更正", "等了两小时", "正在核实", "计入与否的决定", "王敏", "非常不满意", "和封存时一样"):
        assert what in text, what
    assert "与封存时不同" not in text


@ON_SQLITE
def test_nobody_is_known_by_a_spot_check(app: Flask, sealed: None) -> None:
    text = whole(signed_in(app, "auditor"))
    assert "13812345678" not in text
    assert CODE not in text
    assert secrets.digest(secrets.spelled(CODE)) not in text


@ON_SQLITE
def test_what_was_changed_since_is_seen(app: Flask, sealed: None, committed: Inside) -> None:
    def tamper(session: Session) -> None:
        laid_open(session)
        table = TABLES["ratings"]
        session.execute(update(table).where(table.c.level == 1).values(level=5))

    committed(tamper)
    text = whole(signed_in(app, "auditor"))
    assert text.count("▲ 与封存时不同") == 1


@ON_SQLITE
def test_a_rating_that_has_gone_is_drawn_like_the_others(app: Flask, sealed: None, committed: Inside) -> None:
    def tamper(session: Session) -> None:
        laid_open(session)
        rows = TABLES["ratings"]
        root = select(rows.c.root).where(rows.c.level == 1).scalar_subquery()
        ids = session.execute(select(rows.c.id).where(rows.c.root == root)).scalars().all()
        for table in reversed(Base.metadata.sorted_tables):
            for column in table.c:
                if column.references(rows.c.id) and table.name not in KEPT:
                    session.execute(table.delete().where(column.in_(ids)))
        session.execute(rows.delete().where(rows.c.id.in_(ids)))

    committed(tamper)
    auditor = signed_in(app, "auditor")
    # Its correction is gone as well, and no longer known to be one.
    text = whole(auditor)
    assert "封存过的内容没有了" in text
    assert "这条评价没有了" in page(auditor, f"{DESK}/{DAY}/12")


def test_draws_and_looks_are_journaled_and_only_what_was_drawn_is_shown(
    app: Flask, sealed: None, committed: Inside
) -> None:
    auditor = signed_in(app, "auditor")
    assert auditor.get(f"{DESK}/{DAY}/3").status_code == 404
    status, address = drew(auditor, DAY, 3)
    assert (status, address) == (303, f"{DESK}/{DAY}/3")
    assert auditor.get(f"{DESK}/{DAY}/4").status_code == 404
    page(auditor, f"{address}/2")
    for nowhere in (f"{address}/0", f"{address}/4", f"{DESK}/nonsense/3", f"{DESK}/{DAY}/3/99999999999"):
        assert auditor.get(nowhere).status_code == 404, nowhere
    seen = select(JournalEntry.verb, JournalEntry.object).where(JournalEntry.object == f"day {DAY}")
    rows = committed(lambda s: s.execute(seen.order_by(JournalEntry.id)).all())
    assert rows == [("draw-ratings", f"day {DAY}"), ("read-spot-check", f"day {DAY}")]
    assert f'href="{address}"' in page(auditor, DESK)


@ON_SQLITE
@pytest.mark.parametrize(("day", "count"), [("2026-03-01", 3), (DAY, 0), (DAY, 51), ("", 3), (DAY, "")])
def test_what_cannot_be_drawn_is_refused(app: Flask, sealed: None, day: str, count: int | str) -> None:
    assert drew(signed_in(app, "auditor"), day, count)[0] == 422


@ON_SQLITE
def test_nobody_but_the_auditor_draws(app: Flask) -> None:
    for role in ("supervisor", "leadership", "window-manager", "system-admin", "data-steward"):
        assert signed_in(app, role).get(DESK).status_code == 403, role
