"""Words go out of sight by two people; counts and seals stay, and the rated side has no hand in it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from evalsys.assurance.queries import seal_checks
from evalsys.evaluation.models import Rating, RatingText
from evalsys.kernel import clock
from evalsys.kernel.database import transaction
from evalsys.kernel.models import JournalEntry
from evalsys.scoring.queries.checks import differences
from tests.assurance.sealed_sites import sealed_all
from tests.builders import signed_in
from tests.pages import PageClient
from tests.privacy.leavings import SAYS, a_citizen, a_code, rated
from tests.rectification.desks import form_token
from tests.rectification.people import MONDAY

# What is of one engine's making is tested on both; the pages are the same.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def receipt(app: Flask) -> str:
    return rated(a_citizen(app), a_code(app))


def root(app: Flask) -> int:
    with app.app_context(), transaction() as session:
        return session.execute(select(Rating.root)).scalar_one()


def text(app: Flask) -> str:
    with app.app_context(), transaction() as session:
        return session.execute(select(RatingText.text)).scalar_one()


def sent(client: PageClient, address: str, **form: str) -> TestResponse:
    return client.post(address, data=form | {"csrf_token": form_token(client, "/account")})


def proposed(app: Flask, client: PageClient, reason: str = "写了本人的电话和证件号") -> str:
    """The address of a proposal."""
    answer = sent(client, f"/redactions/ratings/{root(app)}", reason=reason)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_two_people_put_words_out_of_sight(app: Flask, receipt: str) -> None:
    supervisor, auditor = signed_in(app, "supervisor", "GOV"), signed_in(app, "auditor", "CALL")
    with app.app_context(), transaction() as session:
        sealed_all(session, clock.now() + timedelta(days=1))
    listed = supervisor.get("/comments").text
    found = re.search(r'href="(/redactions/ratings/\d+)"', listed)
    assert found is not None
    assert SAYS in supervisor.get(found[1]).text
    address = proposed(app, supervisor)
    assert "由另一位同事决定" in supervisor.get(address).text
    assert text(app) == SAYS
    assert address.rpartition("/")[2] in auditor.get("/redactions").text
    assert SAYS in auditor.get(address).text
    done = sent(auditor, address, verdict="agree")
    assert done.status_code == 303
    assert text(app) == "已隐去"
    assert SAYS not in supervisor.get("/comments").text
    assert "已隐去" in a_citizen(app).get(f"/receipt/{receipt}/mine").text
    assert "同意隐去" in supervisor.get("/redactions").text
    with app.app_context():
        with transaction() as session:
            verbs = session.execute(select(JournalEntry.verb, JournalEntry.details)).all()
            assert "agree-redaction" in {row.verb for row in verbs}
            assert SAYS not in str(verbs)
            assert differences(session).differences == 0
            sealed_all(session, clock.now() + timedelta(days=2))
        with transaction() as session:
            assert list(seal_checks.faults(session, None, lambda days: days)) == []


@ON_SQLITE
def test_one_person_alone_cannot(app: Flask, receipt: str) -> None:
    supervisor = signed_in(app, "supervisor", "GOV")
    address = proposed(app, supervisor)
    refused = sent(supervisor, address, verdict="agree")
    assert refused.status_code in (403, 409, 422)
    assert text(app) == SAYS
    again = sent(supervisor, f"/redactions/ratings/{root(app)}", reason="再提一次")
    assert (again.status_code, "正等另一位决定" in again.text) == (409, True)


@ON_SQLITE
def test_a_refused_proposal_leaves_the_words_and_is_decided_once(app: Flask, receipt: str) -> None:
    supervisor, auditor = signed_in(app, "supervisor", "GOV"), signed_in(app, "auditor", "CALL")
    address = proposed(app, supervisor)
    assert sent(auditor, address, verdict="refuse").status_code == 303
    assert sent(auditor, address, verdict="agree").status_code == 409
    assert text(app) == SAYS


@ON_SQLITE
def test_somebody_of_the_rated_unit_has_no_hand_in_it(app: Flask, receipt: str) -> None:
    of_the_unit = signed_in(app, "supervisor", "TAX")
    assert sent(of_the_unit, f"/redactions/ratings/{root(app)}", reason="不好看").status_code == 403
    address = proposed(app, signed_in(app, "supervisor", "GOV"))
    assert sent(of_the_unit, address, verdict="agree").status_code == 403
    assert text(app) == SAYS


@ON_SQLITE
def test_a_reason_is_needed_and_repeats_no_number(app: Flask, receipt: str) -> None:
    supervisor = signed_in(app, "supervisor", "GOV")
    assert sent(supervisor, f"/redactions/ratings/{root(app)}", reason=" ").status_code == 422
    address = proposed(app, supervisor, "写了13812341234这个号")
    assert "13812341234" not in supervisor.get(address).text.partition("<blockquote")[0]
    assert supervisor.get("/redactions/ratings/1").status_code == 404
    assert supervisor.get("/redactions/999").status_code == 404


@ON_SQLITE
def test_words_that_are_gone_cannot_be_proposed(app: Flask, receipt: str) -> None:
    a_citizen(app).post(f"/receipt/{receipt}/erasure")
    supervisor = signed_in(app, "supervisor", "GOV")
    assert "没有可隐去的原话" in supervisor.get(f"/redactions/ratings/{root(app)}").text
    assert sent(supervisor, f"/redactions/ratings/{root(app)}", reason="号码").status_code == 422
