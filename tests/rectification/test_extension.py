"""The rater is told of a granted extension, and not of one that was refused or taken back."""

from datetime import timedelta

from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.rectification.actions.moving import move_case, undo
from evalsys.rectification.queries import facts, messages
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State
from tests.builders import a_rating, a_window
from tests.rectification.people import MONDAY, present, somebody, walk


def asked(session: Session) -> tuple[int, int]:
    """A case whose owner asks for more time, and its rating."""
    rating = a_rating(session, a_window(session), 1, entry="ticket", evidence="B", at=MONDAY)
    case_id = facts.case_of_rating(session, rating.root)
    assert case_id is not None
    walk(session, case_id, State.RECTIFYING)
    given: dict[str, FieldValue] = {"days": 5, "reason": "要等设备"}
    owner = somebody(session, "owner", "TAX")
    move_case(session.connection(), case_id, State.EXTENSION_REQUESTED, owner, given, now=MONDAY)
    return case_id, rating.root


def answer(session: Session, case_id: int, granted: str) -> None:
    given: dict[str, FieldValue] = {"granted": granted, "reason": "看过了"}
    supervisor = somebody(session, "supervisor")
    move_case(session.connection(), case_id, State.RECTIFYING, supervisor, given, now=MONDAY)


def read(session: Session, case_id: int, root: int) -> list[str]:
    """What the rater reads on the receipt."""
    return [message.text for message in messages.of_citizen(session, case_id, root)]


def test_a_granted_extension_stands_on_the_receipt_with_its_new_end(session: Session) -> None:
    case_id, root = asked(session)
    assert read(session, case_id, root) == []
    answer(session, case_id, "yes")
    end = present(session, case_id).finish_by
    assert end is not None
    (text,) = read(session, case_id, root)
    assert clock.deadline(end) in text
    assert "5个工作日" in text
    assert "要等设备" not in text


def test_a_refused_extension_tells_the_rater_nothing(session: Session) -> None:
    case_id, root = asked(session)
    answer(session, case_id, "no")
    assert read(session, case_id, root) == []


def test_an_extension_taken_back_takes_its_message_back(session: Session) -> None:
    case_id, root = asked(session)
    answer(session, case_id, "yes")
    supervisor = somebody(session, "supervisor")
    undo(session.connection(), case_id, supervisor, now=MONDAY + timedelta(minutes=1))
    assert read(session, case_id, root) == []
    answer(session, case_id, "yes")
    assert len(read(session, case_id, root)) == 1
