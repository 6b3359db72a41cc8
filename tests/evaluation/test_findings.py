"""A cause beyond the clerk leaves the clerk's figures, and only those."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from evalsys.evaluation.actions.findings import note_finding
from evalsys.evaluation.queries import counted
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.periods import Period
from evalsys.kernel.settings import Settings
from evalsys.scoring.queries import checks, sums
from evalsys.scoring.rules.asking import Filter
from tests.builders import a_clerk, a_rating, a_window, around, on_duty

AT = datetime(2026, 10, 19, 2, tzinfo=UTC)


def test_a_rule_that_is_at_fault_is_not_the_clerks(session: Session, site_settings: Settings) -> None:
    window = a_window(session)
    clerk = a_clerk(session)
    on_duty(session, window, clerk, *around(AT))
    root = a_rating(session, window, 1, at=AT).root
    note_finding(session.connection(), [root], "requirement", AT)
    rating = counted.counted_as(session, root)
    assert rating is not None
    assert rating.scored is False
    assert checks.differences(session).differences == 0
    day = clock.day_of(AT)
    asked = Filter(Period(day, day))
    staff = sums.ranking(session, "staff", asked, EVERYTHING, site_settings)
    assert staff.unmatched is not None
    assert staff.unmatched.n == 1
    windows = sums.ranking(session, "windows", asked, EVERYTHING, site_settings)
    assert windows.total.n == 1


def test_a_case_taken_up_again_gives_the_rating_back(session: Session) -> None:
    root = a_rating(session, a_window(session), 2, at=AT).root
    for cause in ("process", None):
        note_finding(session.connection(), [root], cause, AT)
    rating = counted.counted_as(session, root)
    assert rating is not None
    assert rating.scored is True
    assert checks.differences(session).differences == 0


def test_the_clerks_own_fault_stays_the_clerks(session: Session) -> None:
    root = a_rating(session, a_window(session), 2, at=AT).root
    note_finding(session.connection(), [root], "person", AT)
    rating = counted.counted_as(session, root)
    assert rating is not None
    assert rating.scored is True
