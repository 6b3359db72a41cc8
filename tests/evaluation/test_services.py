"""One service, one counting rating; the freer one counts."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.services import rate_service
from evalsys.evaluation.models import Attribution, Invitation, Rating, ServedTime
from evalsys.evaluation.queries import counted, services
from evalsys.evaluation.rules import AlreadyRated, Answer
from evalsys.evaluation.views.links import visit_of
from evalsys.kernel import clock
from evalsys.scoring.queries.checks import differences
from tests.builders import a_clerk, a_token, a_window, an_item, signed_in
from tests.conftest import Inside

URL = "/api/v1/services"


@pytest.fixture
def window(committed: Inside) -> None:
    def make(session: Session) -> None:
        built = a_window(session)
        a_window(session, "25")
        a_clerk(session)
        an_item(session, built)

    committed(make)


@pytest.fixture
def headers(app: Flask, window: None) -> dict[str, str]:
    return a_token(app, "business-system")


def a_service(**more: object) -> dict[str, object]:
    ended_at = (clock.now() - timedelta(minutes=1)).isoformat()
    return {"window": "C-24", "staff": "1001", "kind": "case", "ended_at": ended_at, **more}


def note(app: Flask, headers: dict[str, str], **more: object) -> Any:
    return app.test_client().post(URL, json=a_service(**more), headers=headers)


def path(address: str) -> str:
    return address.removeprefix("http://127.0.0.1:8000")


def how_many(committed: Inside, model: type = Rating) -> object:
    return committed(lambda session: session.scalar(select(func.count()).select_from(model)))


def test_the_same_service_noted_again_is_the_same(app: Flask, headers: dict, committed: Inside) -> None:
    first = note(app, headers, project_no="P1", service_number=1)
    again = note(app, headers, project_no="P1", service_number=1)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert how_many(committed, ServedTime) == 1
    elsewhere = note(app, headers, project_no="P1", service_number=1, window="C-25")
    assert elsewhere.status_code == 409
    assert note(app, headers, project_no="P1", service_number=2).status_code == 201


def test_a_consultation_is_a_service_and_its_key_makes_it_one(
    app: Flask, headers: dict, committed: Inside
) -> None:
    for status in (201, 200):
        answer = note(app, headers, kind="consultation", idempotency_key="call-17")
        assert answer.status_code == status
    assert how_many(committed, ServedTime) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": "C-99"},
        {"staff": "9999"},
        {"item": "none"},
        {"kind": "visit"},
        {"ended_at": "yesterday"},
        {"ended_at": "2999-01-01T00:00:00"},
        {"project_no": "P1"},
        {"service_number": 1},
    ],
)
def test_unusable_facts_are_refused(app: Flask, headers: dict, committed: Inside, wrong: dict) -> None:
    answer = note(app, headers, **wrong)
    assert answer.status_code == 422
    assert answer.get_json()["error"]["message"]
    assert how_many(committed, ServedTime) == 0


def test_only_a_business_system_notes_services(app: Flask, window: None) -> None:
    assert note(app, a_token(app, "clerk")).status_code == 403
    assert note(app, {}).status_code == 401


def test_a_link_rates_its_service_once(app: Flask, headers: dict, committed: Inside) -> None:
    link = path(note(app, headers, project_no="P1", service_number=1).get_json()["rating_url"])
    client = app.test_client()
    assert "本次办件编号" in client.get(link).get_data(as_text=True)
    first = client.post(link, data={"level": "2", "key": "key-of-the-first-tap"})
    replay = client.post(link, data={"level": "2", "key": "key-of-the-first-tap"})
    assert first.status_code == replay.status_code == 303
    assert first.headers["Location"] == replay.headers["Location"]
    second = client.post(link, data={"level": "5", "key": "key-of-another-tap"})
    assert second.status_code == 410
    assert "已经评过" in second.get_data(as_text=True)
    assert client.get(link).status_code == 410

    def stands(session: Session) -> None:
        row = session.execute(counted.counted_ratings()).one()
        assert (row.level, row.bound, row.entry) == (2, True, "link")
        assert session.scalar(select(Attribution.how)) == "queue"
        assert session.scalar(select(Rating.evidence)) == "A"

    committed(stands)


def test_ticket_and_link_are_two_ways_to_one_service(app: Flask, headers: dict, committed: Inside) -> None:
    ways = note(app, headers, idempotency_key="k1", ticket="A017").get_json()
    client = app.test_client()
    client.post(path(ways["ticket_url"]), data={"level": "5", "key": "key-from-the-ticket"})
    second = client.post(path(ways["rating_url"]), data={"level": "1", "key": "key-from-the-link"})
    assert second.status_code == 410
    assert client.get(path(ways["rating_url"]).replace("/s/", "/t/")).status_code == 404
    assert how_many(committed) == 1


def test_after_five_working_days_the_link_says_so(
    app: Flask, headers: dict, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = path(note(app, headers, idempotency_key="k1").get_json()["rating_url"])
    later = clock.now() + timedelta(days=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = app.test_client().post(link, data={"level": "1", "key": "key-that-is-late"})
    assert answer.status_code == 410
    assert "过期" in answer.get_data(as_text=True)
    assert how_many(committed) == 0


def on_the_tablet(session: Session, public_id: str, level: int) -> None:
    service_id = services.service_by_public_id(session, public_id)
    assert service_id
    invited = services.invited_to(session, service_id, "tablet")
    assert invited
    visit = visit_of(invited, "tablet", "tablet")
    rate_service(session.connection(), visit, Answer(level, f"tablet-{public_id}"), None)


def test_away_from_the_counter_the_freer_rating_counts_and_both_stay(
    app: Flask, headers: dict, committed: Inside
) -> None:
    noted = note(app, headers, idempotency_key="k1").get_json()
    committed(lambda session: on_the_tablet(session, noted["id"], 5))
    client = app.test_client()
    page = client.get(path(noted["rating_url"]))
    assert "窗口不会知道" in page.get_data(as_text=True)
    answer = client.post(path(noted["rating_url"]), data={"level": "1", "key": "key-on-the-way-home"})
    assert answer.status_code == 303
    receipt = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "您选的是“非常不满意”" in receipt
    assert "改之前" not in receipt
    third = client.post(path(noted["ticket_url"]), data={"level": "4", "key": "a-third-rating-x"})
    assert third.status_code == 410

    def stands(session: Session) -> None:
        rows = session.execute(counted.counted_ratings()).all()
        assert [(row.level, row.channel, row.entry) for row in rows] == [(1, "on-the-go", "link")]
        assert [rating.kind for rating in session.scalars(select(Rating).order_by(Rating.kind))] == [
            "again",
            "first",
        ]
        today = clock.today()
        pair = services.pairs(session, today, today)[0]
        assert (pair.at_the_counter, pair.away) == (5, 1)
        assert differences(session).differences == 0

    committed(stands)


def test_the_tablet_never_replaces_a_freer_rating(app: Flask, headers: dict, committed: Inside) -> None:
    noted = note(app, headers, idempotency_key="k1").get_json()
    app.test_client().post(path(noted["rating_url"]), data={"level": "1", "key": "key-from-the-phone"})
    with pytest.raises(AlreadyRated):
        committed(lambda session: on_the_tablet(session, noted["id"], 5))
    assert how_many(committed) == 1


def test_a_correction_of_the_freer_rating_counts(app: Flask, headers: dict, committed: Inside) -> None:
    noted = note(app, headers, idempotency_key="k1").get_json()
    committed(lambda session: on_the_tablet(session, noted["id"], 5))
    client = app.test_client()
    answer = client.post(path(noted["rating_url"]), data={"level": "1", "key": "key-on-the-way-home"})
    receipt = answer.headers["Location"]
    client.post(receipt + "/correction", data={"level": "2", "key": "key-of-the-correction"})

    def stands(session: Session) -> None:
        assert session.execute(counted.counted_ratings()).one().level == 2
        assert differences(session).differences == 0

    committed(stands)


def test_services_are_counted_as_they_end(app: Flask, headers: dict, committed: Inside) -> None:
    for number in range(3):
        note(app, headers, idempotency_key=f"k{number}")
    assert committed(lambda s: s.execute(text("SELECT sum(services) FROM service_sums")).scalar()) == 3


def test_no_link_leads_the_clerks_side_from_a_service_to_its_level(app: Flask, headers: dict) -> None:
    noted = note(app, headers, idempotency_key="k1").get_json()
    app.test_client().post(path(noted["rating_url"]), data={"level": "1", "key": "key-from-the-phone"})
    state = app.test_client().get(f"{URL}/{noted['id']}/prompt", headers=headers).get_json()
    assert state == {"state": "rated"}
    assert signed_in(app, "clerk").get(f"{URL}/{noted['id']}/prompt").status_code == 403


def test_without_a_tablet_a_prompt_is_refused(app: Flask, headers: dict) -> None:
    noted = note(app, headers, idempotency_key="k1").get_json()
    answer = app.test_client().put(f"{URL}/{noted['id']}/prompt", headers=headers)
    assert answer.status_code == 409
    assert "扫窗口码" in answer.get_json()["error"]["message"]


def test_a_cancelled_service_says_so_and_takes_no_rating(
    app: Flask, headers: dict, committed: Inside
) -> None:
    noted = note(app, headers, idempotency_key="k1").get_json()
    assert app.test_client().delete(f"{URL}/{noted['id']}", headers=headers).status_code == 204
    answer = app.test_client().post(
        path(noted["rating_url"]), data={"level": "1", "key": "key-too-late-for-it"}
    )
    assert answer.status_code == 410
    assert "已经取消" in answer.get_data(as_text=True)
    assert how_many(committed) == 0
    assert committed(lambda session: differences(session).differences) == 0


def test_only_a_business_system_cancels_services(app: Flask, headers: dict) -> None:
    noted = note(app, headers, idempotency_key="k1").get_json()
    answer = app.test_client().delete(f"{URL}/{noted['id']}", headers=a_token(app, "supervisor"))
    assert answer.status_code == 403


def test_an_expired_link_takes_no_freer_rating_either(
    app: Flask, headers: dict, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = note(app, headers, idempotency_key="k1").get_json()
    committed(lambda session: on_the_tablet(session, noted["id"], 5))
    later = clock.now() + timedelta(days=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = app.test_client().post(path(noted["rating_url"]), data={"level": "1", "key": "key-that-is-late"})
    assert answer.status_code == 410
    assert how_many(committed) == 1


def test_an_invitation_knows_that_it_was_used(app: Flask, headers: dict, committed: Inside) -> None:
    noted = note(app, headers, idempotency_key="k1").get_json()
    app.test_client().post(path(noted["rating_url"]), data={"level": "1", "key": "key-from-the-phone"})
    used = select(Invitation.kind).where(Invitation.used_at.is_not(None))
    assert committed(lambda session: session.scalars(used).all()) == ["link"]
