"""Services to rate: noted in the same transaction, derived again, one sum whichever way they are added."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.prompts import send_prompt
from evalsys.evaluation.actions.services import cancel_service, note_service, rate_service
from evalsys.evaluation.queries import services
from evalsys.evaluation.rules import AlreadyPrompted, Answer, NewService, ServiceWithdrawn
from evalsys.evaluation.views.links import visit_of
from evalsys.identity.models import Device
from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.settings import Settings
from evalsys.scoring import actions
from evalsys.scoring.models import ServiceSum
from evalsys.scoring.queries import checks, sums
from evalsys.scoring.rules.asking import filter_asked
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, SUBJECTS, WINDOWS, Ranking, json_of
from evalsys.scoring.rules.served import Served
from tests.builders import BuiltWindow, a_clerk, a_rating, a_window
from tests.scoring.halls import DAY, served, summed

AT = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)


def a_service(session: Session, window: BuiltWindow, key: str, staff_id: int | None = None) -> int:
    new = NewService(
        window.window_id, window.hall_id, window.unit_id, AT, staff_id=staff_id, idempotency_key=key
    )
    return note_service(session.connection(), new).service_id


def a_tablet(session: Session, window: BuiltWindow) -> None:
    device = Device(
        public_id=f"T{window.window_id}",
        kind="tablet",
        hall_id=window.hall_id,
        window_id=window.window_id,
        paired_at=AT,
    )
    session.add(device)
    session.flush()


def rate(session: Session, service_id: int, level: int, entry: str = "link") -> None:
    invited = services.invited_to(session, service_id, "link")
    assert invited
    rate_service(
        session.connection(), visit_of(invited, entry, "phone"), Answer(level, f"rate-{service_id}"), None
    )


def ranking(session: Session, subject: str = WINDOWS, scope: Scope = EVERYTHING, **asked: str) -> Ranking:
    said = {name.rstrip("_"): value for name, value in asked.items()}
    return sums.ranking(session, subject, filter_asked(said, DAY + timedelta(days=3)), scope, Settings())


def kept(session: Session) -> tuple[int, int]:
    row = session.execute(select(func.sum(ServiceSum.services), func.sum(ServiceSum.prompted))).one()
    return row[0] or 0, row[1] or 0


def test_what_services_and_prompts_add_is_what_they_derive(session: Session) -> None:
    window, clerk = a_window(session), a_clerk(session)
    a_tablet(session, window)
    ids = [a_service(session, window, f"k{n}", clerk if n % 2 else None) for n in range(5)]
    for one in ids[:3]:
        send_prompt(session.connection(), one, AT)
        send_prompt(session.connection(), one, AT)
    assert kept(session) == (5, 3)
    assert checks.differences(session).differences == 0


def test_a_service_sum_that_was_tampered_with_is_named(session: Session) -> None:
    a_service(session, a_window(session), "k")
    session.execute(update(ServiceSum).values(prompted=1))
    verdict = checks.differences(session)
    # The cell, and the totals of its window and of its clerk that no longer agree with it.
    assert verdict.differences == 3
    assert "2026-03-02" in verdict.examples[0]
    session.execute(delete(ServiceSum))
    assert checks.differences(session).differences == 3


def test_rebuilding_derives_the_services_too(session: Session) -> None:
    window = a_window(session)
    a_tablet(session, window)
    send_prompt(session.connection(), a_service(session, window, "k"), AT)
    session.execute(delete(ServiceSum))
    for period in checks.chunks(session):
        actions.rebuild(session, period)
    assert kept(session) == (1, 1)


def test_a_cancelled_service_is_no_longer_one_to_rate(session: Session) -> None:
    window = a_window(session)
    a_tablet(session, window)
    plain, asked, rated = (a_service(session, window, f"k{n}") for n in range(3))
    send_prompt(session.connection(), asked, AT)
    rate(session, rated, 5)
    for one in (plain, asked, rated, plain):
        cancel_service(session.connection(), one, AT)
    # What was rated stays, and stays counted.
    assert kept(session) == (1, 0)
    assert checks.differences(session).differences == 0
    with pytest.raises(ServiceWithdrawn), session.begin_nested():
        rate(session, plain, 1)
    with pytest.raises(ServiceWithdrawn):
        send_prompt(session.connection(), plain, AT)


@pytest.fixture
def hall(session: Session) -> Callable[..., Ranking]:
    """Two windows of two departments, a clerk and nobody; a third window without a noted service."""
    one, two, three = a_window(session), a_window(session, "25", "SOC"), a_window(session, "26", "SOC")
    clerk = a_clerk(session)
    served(session, one, 100, 80, staff_id=clerk)
    served(session, one, 40, 10)
    served(session, two, 60, 0)
    summed(session, one, 70, staff_id=clerk, bound=50)
    summed(session, two, 40, bound=30)
    summed(session, three, 35)
    return lambda subject=WINDOWS, **asked: ranking(session, subject, **asked)


def test_windows_staff_and_departments_add_up_in_services(hall: Callable[..., Ranking]) -> None:
    for subject in SUBJECTS:
        found = hall(subject)
        lines = [*found.rows, *([found.unmatched] if found.unmatched else [])]
        for count in (
            lambda row: row.served.services or 0,
            lambda row: row.served.prompted,
            lambda row: row.served.rated,
            lambda row: row.unbound,
        ):
            assert sum(map(count, lines)) == count(found.total)
        assert found.total.served == Served(200, 90, 80)
    staff = hall(STAFF)
    assert [(row.served.services, row.n) for row in staff.rows] == [(100, 70)]
    assert staff.unmatched
    assert staff.unmatched.served == Served(100, 10, 30)


def test_a_row_says_what_was_given_left_and_asked(hall: Callable[..., Ranking]) -> None:
    row = next(row for row in hall(DEPARTMENTS).rows if row.named.code == "TAX")
    assert json_of(row)["services"] == 140
    assert row.given
    assert (row.given.numerator, row.given.denominator) == (50, 140)
    assert row.unrated
    assert (row.unrated.numerator, row.unrated.denominator) == (90, 140)
    assert row.asked
    assert (row.asked.numerator, row.asked.denominator) == (90, 140)
    assert row.unbound == 20


def test_where_no_service_is_known_nothing_is_said(hall: Callable[..., Ranking]) -> None:
    row = next(row for row in hall().rows if row.named.code == "C-26")
    assert json_of(row)["services"] is row.given is row.unrated is row.asked is row.served.unrated is None
    assert row.n == 35


@pytest.mark.parametrize("asked", [{"channel": "on-the-go"}, {"entry": "window-code"}])
def test_services_have_no_channel_and_no_entry(hall: Callable[..., Ranking], asked: dict[str, str]) -> None:
    found = hall(**asked)
    assert found.total.n == 145
    assert [row.served.services for row in (*found.rows, found.total)] == [None] * 4


def test_services_follow_department_window_period_and_scope(
    session: Session, hall: Callable[..., Ranking]
) -> None:
    assert hall(department="SOC").total.served.services == 60
    assert hall(window="C-24").total.served.services == 140
    assert hall(from_="2026-03-03", to="2026-03-04").total.served.services is None
    own = a_window(session, "27").unit_id
    assert ranking(session, scope=Scope(units=frozenset({own}))).total.served.services == 140


def test_fewer_services_than_ratings_make_no_rate() -> None:
    """A place whose services are noted for part of the time has no denominator."""
    half = Served(10, 0, 12)
    assert half.share(12, 0) is half.unrated is None


def test_services_alone_make_a_row(session: Session) -> None:
    served(session, a_window(session), 7, 0)
    (row,) = ranking(session).rows
    assert (row.n, row.served.services, row.given and row.given.enough) == (0, 7, False)


def take(session: Session, step: str, service_id: int, level: int) -> None:
    if step == "prompt":
        send_prompt(session.connection(), service_id, AT)
    elif step == "rate":
        rate(session, service_id, level)
    else:
        cancel_service(session.connection(), service_id, AT)


def test_random_services_leave_no_difference(session: Session) -> None:
    chance = random.Random(20260302)
    windows = [a_window(session), a_window(session, "25", "SOC")]
    clerk = a_clerk(session)
    for window in windows:
        a_tablet(session, window)
    for number in range(60):
        one = a_service(session, chance.choice(windows), f"k{number}", chance.choice([clerk, None]))
        steps = chance.sample(["prompt", "rate", "cancel"], chance.randint(0, 2))
        for step in steps:
            try:
                with session.begin_nested():
                    take(session, step, one, chance.randint(1, 5))
            except ServiceWithdrawn:
                assert steps.index("cancel") < steps.index(step)
            except AlreadyPrompted:
                assert steps.index("rate") < steps.index(step)
    a_rating(session, windows[0], at=AT)
    assert checks.differences(session).differences == 0
    found = ranking(session)
    assert found.total.served.services == kept(session)[0]
