"""The clerk's console: how far the last prompt has come, never the level; 请评 and 接班."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Prompt, ServedTime
from evalsys.evaluation.rules import LEVELS
from evalsys.identity.rules import DEAD_AFTER
from evalsys.kernel import clock
from evalsys.organisation.models import Duty, Staff, Window
from tests.builders import BuiltWindow, a_clerk, a_window, around, on_duty, signed_in
from tests.conftest import Inside
from tests.evaluation.counters import Machine, System, a_counter, a_system, paired
from tests.pages import PageClient

CONSOLE = "/console/prompt"
STATE = re.compile(r'<h1 class="console-state">([^<]*)</h1>')


@pytest.fixture
def counter(committed: Inside) -> None:
    committed(a_counter)


@pytest.fixture
def tablet(app: Flask, counter: None) -> Machine:
    return paired(app, "tablet")


@pytest.fixture
def console(app: Flask, counter: None) -> PageClient:
    return paired(app, "console").client


@pytest.fixture
def system(app: Flask, counter: None) -> System:
    return a_system(app)


def page_of(client: PageClient, window: str = "") -> str:
    return client.get(CONSOLE + (f"?window={window}" if window else "")).get_data(as_text=True)


def state(client: PageClient, window: str = "") -> str:
    found = STATE.search(page_of(client, window))
    assert found
    return found[1]


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the form that asks."""
    form = page[page.index('<form method="post" action="/console/prompt"') :]
    form = form[: form.index("</form>")]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def number_of(committed: Inside, model: type) -> object:
    return committed(lambda session: session.scalar(select(func.count()).select_from(model)))


def test_the_console_says_how_far_a_prompt_has_come_and_never_the_level(
    console: PageClient, tablet: Machine, system: System
) -> None:
    seen = [state(console)]
    service = system.asks()
    seen.append(state(console))
    for level in LEVELS:
        tablet.post("rate", service, level=str(level.value), key=f"key-of-level-{level.value}-x")
        page = page_of(console)
        assert not any(level.words in page or level.english in page for level in LEVELS)
        assert "level" not in page
    seen.append(state(console))
    tablet.post("leave", system.asks("k2"))
    seen.append(state(console))
    assert seen == ["可以请评", "已发起", "已评价", "未评,不必再请"]


def test_a_code_taken_along_stays_unrated_on_the_console(
    app: Flask, console: PageClient, tablet: Machine, system: System
) -> None:
    service = system.notes("k1")
    system.prompts(service["id"])
    tablet.post("take-away", service["id"])
    phone = app.test_client()
    phone.post(
        service["ticket_url"].removeprefix("http://127.0.0.1:8000"),
        data={"level": "1", "key": "key-on-the-way-home"},
    )
    assert system.state(service["id"]) == "rated"
    assert state(console) == "未评,不必再请"


def test_asking_notes_a_consultation_and_prompts_it_once(
    console: PageClient, tablet: Machine, committed: Inside
) -> None:
    sent = fields(page_of(console))
    for _ in range(2):
        assert console.post(CONSOLE, data=sent).status_code == 303
    assert (number_of(committed, ServedTime), number_of(committed, Prompt)) == (1, 1)
    assert state(console) == "已发起"
    assert "请您对本次服务作出评价" in tablet.shows()
    assert committed(lambda session: session.scalar(select(ServedTime.kind))) == "consultation"


def test_asking_prompts_the_service_that_waits(
    console: PageClient, tablet: Machine, system: System, committed: Inside
) -> None:
    service = system.notes("k1")["id"]
    sent = fields(page_of(console))
    assert sent["waiting"] == service
    for _ in range(2):
        assert console.post(CONSOLE, data=sent).status_code == 303
    assert number_of(committed, ServedTime) == 1
    assert service in tablet.shows()


def test_whoever_is_on_duty_is_the_one_asked_about(
    console: PageClient, tablet: Machine, committed: Inside
) -> None:
    def duty(session: Session) -> int:
        person = a_clerk(session)
        window = session.scalars(select(Window)).one()
        on_duty(session, BuiltWindow(window.id, window.hall_id, 0), person, *around(clock.now()))
        return person

    person = committed(duty)
    assert "现在当班:王敏" in page_of(console)
    console.post(CONSOLE, data=fields(page_of(console)))
    assert committed(lambda session: session.scalar(select(ServedTime.staff_id))) == person


def test_without_a_living_tablet_the_console_names_the_window_code(
    console: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = "平板未连接,请告知可扫窗口码"
    assert state(console) == nobody
    paired(app, "tablet")
    assert state(console) == "可以请评"
    later = clock.now() + DEAD_AFTER + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert DEAD_AFTER + timedelta(seconds=20) <= timedelta(minutes=2)
    page = page_of(console)
    assert nobody in page
    assert 'action="/console/prompt"' not in page


def test_hand_over_takes_two_taps(console: PageClient, committed: Inside) -> None:
    committed(lambda session: a_clerk(session, "1001", "王敏"))
    committed(lambda session: a_clerk(session, "1002", "李静"))
    committed(lambda session: a_clerk(session, "2001", "赵强", unit="HRSS"))
    first = console.get(f"{CONSOLE}/hand-over").get_data(as_text=True)
    assert "王敏" in first
    assert "赵强" not in first
    staff = re.search(r'value="(\d+)">李静', first)
    assert staff
    assert console.post(f"{CONSOLE}/hand-over", data={"staff": staff[1]}).status_code == 303
    assert "现在当班:李静" in page_of(console)

    def seat(session: Session) -> list[object]:
        return list(
            session.execute(select(Staff.name, Duty.source).join(Staff, Staff.id == Duty.staff_id)).one()
        )

    assert committed(seat) == ["李静", "sign-in"]


def test_nobody_of_another_department_is_put_on_duty(console: PageClient, committed: Inside) -> None:
    stranger = committed(lambda session: a_clerk(session, "2001", "赵强", unit="HRSS"))
    for person in (stranger, "", "x", 999_999):
        assert console.post(f"{CONSOLE}/hand-over", data={"staff": str(person)}).status_code == 404


def test_a_paired_console_asks_only_at_its_own_window(
    console: PageClient, tablet: Machine, committed: Inside
) -> None:
    committed(lambda session: a_window(session, "25"))
    assert console.get(f"{CONSOLE}?window=C-25").status_code == 404
    sent = fields(page_of(console)) | {"window": "C-25"}
    assert console.post(CONSOLE, data=sent).status_code == 404


def test_a_clerk_asks_at_windows_of_the_own_department(
    app: Flask, tablet: Machine, committed: Inside
) -> None:
    committed(lambda session: a_window(session, "31", unit="HRSS"))
    clerk = signed_in(app, "clerk", unit="TAX")
    assert state(clerk, "C-24") == "可以请评"
    assert clerk.get(f"{CONSOLE}?window=C-31").status_code == 404
    sent = fields(page_of(clerk, "C-24"))
    assert clerk.post(CONSOLE, data=sent).status_code == 303
    assert state(clerk, "C-24") == "已发起"


def test_with_a_sign_in_the_form_token_is_asked_for(app: Flask, tablet: Machine, committed: Inside) -> None:
    clerk = signed_in(app, "clerk", unit="TAX")
    sent = fields(page_of(clerk, "C-24"))
    sent.pop("csrf_token")
    assert clerk.post(CONSOLE, data=sent).status_code == 422
    assert number_of(committed, ServedTime) == 0


def test_several_windows_are_a_choice(app: Flask, counter: None, committed: Inside) -> None:
    committed(lambda session: a_window(session, "25"))
    page = page_of(signed_in(app, "window-manager", unit="TAX"))
    assert "window=C-24" in page
    assert "window=C-25" in page


@pytest.mark.parametrize("role", ["leadership", "supervisor", "auditor", "helper", "system-admin"])
def test_others_are_refused(app: Flask, counter: None, role: str) -> None:
    assert signed_in(app, role).get(CONSOLE).status_code == 403


def test_nobody_unknown_sees_a_console(client: PageClient, counter: None) -> None:
    assert "/sign-in" in client.get(CONSOLE).headers["Location"]
    assert client.post(CONSOLE, data={"key": "k" * 20}).status_code in (302, 422)
    assert client.get(f"{CONSOLE}/hand-over").status_code == 403


def test_a_tablet_is_no_console(tablet: Machine) -> None:
    assert "/sign-in" in tablet.client.get(CONSOLE).headers["Location"]
    assert tablet.client.post(f"{CONSOLE}/hand-over", data={"staff": "1"}).status_code == 403
