"""Bad ratings that wait together are stored together, each with its case, and one failure stays alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys import wiring
from evalsys.evaluation.models import Rating
from evalsys.kernel import reactions
from evalsys.organisation.models import Window
from evalsys.rectification.events import CaseOpened
from evalsys.rectification.models import Case, CaseRating, CaseStep
from evalsys.scoring.queries import checks
from tests.builders import a_window, code_of
from tests.conftest import Inside

WINDOWS, CITIZENS = 5, 10  # so many at each window
Standing = tuple[int, list[tuple[str, int, int, int]]]


@pytest.fixture
def codes(committed: Inside) -> list[str]:
    """The codes of some windows, each of another unit."""

    def make(session: Session) -> list[str]:
        numbers = range(1, WINDOWS + 1)
        return [code_of(session, a_window(session, f"{number}", f"UNIT{number}")) for number in numbers]

    made = committed(make)
    assert isinstance(made, list)
    return made


@contextmanager
def failing_for(number: str) -> Iterator[None]:
    """A reaction that fails for the cases of one window, beside all those there are."""

    def fail(connection: Connection, event: CaseOpened) -> None:
        about = select(Window.number).join(Case, Case.window_id == Window.id).where(Case.id == event.case_id)
        if connection.execute(about).scalar_one() == number:
            raise LookupError("a fault in a reaction")

    table = {**wiring.REACTIONS, CaseOpened: (*wiring.REACTIONS[CaseOpened], fail)}
    reactions.follow(table)
    try:
        yield
    finally:
        reactions.follow(wiring.REACTIONS)


def all_at_once(app: Flask, codes: list[str]) -> list[int]:
    """The answers to one bad rating of each citizen at each window, all sent on threads of their own."""

    def rate(code: str) -> int:
        form = {"level": "1", "key": uuid4().hex}
        return app.test_client().post(f"/q/{code}", data=form).status_code

    with ThreadPoolExecutor(WINDOWS * CITIZENS) as pool:
        return list(pool.map(rate, codes * CITIZENS))


def standing(session: Session) -> Standing:
    """How many ratings there are, and of each case its kind, version, steps and ratings."""
    assert not checks.differences(session).differences
    steps = select(func.count()).where(CaseStep.case_id == Case.id).scalar_subquery()
    roots = select(func.count()).where(CaseRating.case_id == Case.id).scalar_subquery()
    cases = session.execute(select(Case.kind, Case.version, steps, roots).order_by(Case.id)).all()
    n = session.execute(select(func.count()).select_from(Rating)).scalar_one()
    return n, [(kind, version, taken, of) for kind, version, taken, of in cases]


def test_fifty_bad_ratings_at_once_have_their_cases(app: Flask, codes: list[str], committed: Inside) -> None:
    assert all_at_once(app, codes) == [303] * (WINDOWS * CITIZENS)
    # Ratings that say nothing are one case a week and window; each further one is a step of it.
    each = ("pattern", CITIZENS, CITIZENS, CITIZENS)
    assert committed(standing) == (WINDOWS * CITIZENS, [each] * WINDOWS)


def test_a_reaction_that_fails_takes_its_own_rating_back_and_no_other(
    app: Flask, codes: list[str], committed: Inside
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with failing_for("3"):
        answers = all_at_once(app, codes)
    failed = [answers[place] for place in range(len(answers)) if place % WINDOWS == 2]
    assert failed == [500] * CITIZENS
    assert answers.count(303) == (WINDOWS - 1) * CITIZENS
    each = ("pattern", CITIZENS, CITIZENS, CITIZENS)
    assert committed(standing) == ((WINDOWS - 1) * CITIZENS, [each] * (WINDOWS - 1))
