"""What is said of an item follows every change of its ratings, and is derived again alike."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.ratings import correct_rating
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.actions.standing import Decision, decide_standing
from evalsys.evaluation.rules import Explanation
from evalsys.identity.actions.accounts import NewAccount, create_account
from evalsys.identity.models import Account
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.periods import Period
from evalsys.scoring import actions
from evalsys.scoring.models import ItemSum
from evalsys.scoring.queries import checks, done, naming
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.ranking import WINDOWS
from tests.builders import BuiltWindow, a_rating, a_window, an_item

AT = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)


@pytest.fixture
def window(session: Session) -> BuiltWindow:
    return a_window(session)


def of(session: Session, item: int) -> dict[str, int]:
    """What stands of an item in all."""
    rows = session.execute(select(ItemSum.said, ItemSum.n).where(ItemSum.item_id == item, ItemSum.n != 0))
    return {said: n for said, n in rows}


def test_a_rating_stands_with_the_item_its_rater_names(session: Session, window: BuiltWindow) -> None:
    item = an_item(session, window)
    a_rating(session, window, 2, at=AT, receipt_hash="r")
    assert of(session, item) == {}
    told = Explanation(tags=("207",), done="no", item_id=item, item_type="07")
    explain_rating(session.connection(), "r", told, AT)
    assert of(session, item) == {"2": 1, "no": 1, "207": 1}
    correct_rating(session.connection(), "r", 4, "k", now=AT + timedelta(minutes=5))
    assert of(session, item) == {"4": 1, "no": 1}, "the tags belonged to the other level"
    assert checks.differences(session).differences == 0


def test_what_is_excluded_says_nothing_of_its_item(session: Session, window: BuiltWindow) -> None:
    item = an_item(session, window)
    root = a_rating(session, window, 1, at=AT, receipt_hash="r").root
    explain_rating(session.connection(), "r", Explanation(done="yes", item_id=item, item_type="07"), AT)
    for name in ("one", "two"):
        create_account(session, NewAccount(name, name, window.unit_id, frozenset({"supervisor"})), None)
    one, two = session.scalars(select(Account.id).order_by(Account.name))
    ground = naming.ground(session, WINDOWS, Filter(Period(clock.day_of(AT), clock.day_of(AT))), EVERYTHING)
    assert [each.yes for each in done.done_by_item(session, ground)] == [1]
    decide_standing(session.connection(), root, "excluded", Decision("重复提交", one, two, AT))
    assert of(session, item) == {}
    assert done.done_by_item(session, ground) == [], "no item is listed for what stands at 0"
    assert checks.differences(session).differences == 0


def test_sums_of_items_that_were_lost_are_found_and_derived_again(
    session: Session, window: BuiltWindow
) -> None:
    item = an_item(session, window)
    a_rating(session, window, 5, at=AT, receipt_hash="r")
    told = Explanation(tags=("517", "510"), done="asking", item_id=item, item_type="07")
    explain_rating(session.connection(), "r", told, AT)
    session.execute(delete(ItemSum))
    assert checks.differences(session).differences == 4
    for period in checks.chunks(session):
        actions.rebuild(session, period)
    assert of(session, item) == {"5": 1, "asking": 1, "510": 1, "517": 1}
    assert checks.differences(session).differences == 0


def test_all_that_differs_is_counted_and_the_first_of_it_shown(session: Session, window: BuiltWindow) -> None:
    item = an_item(session, window)
    place = {"day": clock.day_of(AT), "item_id": item, "unit_id": window.unit_id}
    said = [f"{tag:02}" for tag in range(checks.SHOWN + 2)]
    session.add_all(ItemSum(**place, said=tag, n=1) for tag in said)
    session.flush()
    found = checks.differences(session)
    assert found.differences == len(said)
    assert [example.rpartition(" ")[2] for example in found.examples] == said[: checks.SHOWN]
