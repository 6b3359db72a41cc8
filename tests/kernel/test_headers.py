"""What goes with every answer, whatever it is and whoever asks."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from evalsys.app import create_app
from evalsys.identity.actions.accounts import begin_sign_in
from evalsys.identity.queries.accounts import account_by_name
from evalsys.kernel import clock, headers
from evalsys.kernel.access import Permission, access_of
from evalsys.kernel.database import db, transaction
from evalsys.kernel.settings import Settings
from tests.builders import a_token, an_account

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

HOST = "https://pj.example.gov.cn"


@pytest.fixture
def secure(site_settings: Settings) -> Iterator[Flask]:
    """A site with https that answers to one name."""
    app = create_app(replace(site_settings, base_url=HOST, trusted_hosts=("pj.example.gov.cn",)))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def known(app: Flask, role: str) -> FlaskClient:
    """A client of somebody signed in over https."""
    with app.app_context(), transaction() as session:
        account = account_by_name(session, an_account(session, role))
        assert account is not None
        token = begin_sign_in(session, account.id, "test", clock.now(), stepped_at=clock.now())
    client = app.test_client()
    with client.session_transaction(base_url=HOST) as cookie:
        cookie["sign_in"] = token
    return client


def faults_of(answer: TestResponse) -> list[str]:
    """What is missing or wrong among the headers of an answer."""
    said, expected = answer.headers, headers.ALWAYS | headers.ONLY_HTTPS
    faults = [name for name, value in expected.items() if said.getlist(name) != [value]]
    policy = said.get("Content-Security-Policy", "")
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";") if part.strip())
    for name, value in (("default-src", "'none'"), ("base-uri", "'none'"), ("frame-ancestors", "'none'")):
        if parts.get(name) != value:
            faults.append(f"{name}: {parts.get(name)}")
    if "form-action" not in parts or parts.get("script-src", "'self'") != "'self'" or "unsafe-eval" in policy:
        faults.append(policy)
    if "Cache-Control" not in said:
        faults.append("Cache-Control")
    if answer.mimetype == "text/html":
        faults += faults_of_page(answer.get_data(as_text=True), parts)
    return faults


def faults_of_page(page: str, parts: dict[str, str]) -> list[str]:
    """What a page carries that its policy keeps from working, or should not carry."""
    faults = [f"inline script: {found[:60]}" for found in re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page)]
    faults = [fault for fault in faults if "application/json" not in fault]
    style = parts.get("style-src", "")
    for sheet in re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
        if f"'sha256-{digest}'" not in style and "'unsafe-inline'" not in style:
            faults.append("a style sheet its policy refuses")
    if re.search(r"<[^>]+\sstyle=", page) and "'unsafe-inline'" not in style:
        faults.append("a style its policy refuses")
    return faults


def address_of(rule: Rule) -> str:
    choices = re.sub(r"<any\('?([^,')]+)[^>]*>", r"\1", rule.rule)
    return re.sub(r"<(?:int:)?[^>]+>", "1", choices)


def test_every_answer_of_every_address_is_guarded(secure: Flask) -> None:
    broken, kinds = [], set()
    anybody, person = secure.test_client(), cache(partial(known, secure))
    for rule in secure.url_map.iter_rules():
        guard = access_of(secure.view_functions[rule.endpoint]) if rule.endpoint != "static" else None
        asked = [(anybody, "GET")]
        if isinstance(guard, Permission):
            asked += [(person(min(guard.roles)), method) for method in ("GET", "POST")]
        else:
            asked += [(anybody, method) for method in ("HEAD", "POST", "PUT", "OPTIONS")]
        for client, method in asked:
            answer = client.open(address_of(rule), method=method, base_url=HOST, buffered=True)
            kinds.add(answer.status_code)
            broken += [f"{method} {rule.rule} ({answer.status_code}): {f}" for f in faults_of(answer)]
            if guard in ("citizen", "device") and "unsafe" in answer.headers["Content-Security-Policy"]:
                broken.append(f"{method} {rule.rule}: {answer.headers['Content-Security-Policy']}")
    assert broken == []
    assert {200, 302, 401, 403, 404, 405, 422} <= kinds


def test_so_is_what_is_no_answer_of_a_view(secure: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = secure.test_client()
    sheet = re.search(r'href="(/static/[^"]+\.css)"', client.get("/sign-in", base_url=HOST).get_data(True))
    assert sheet
    served = client.get(sheet[1], base_url=HOST, buffered=True)
    known_already = {"If-None-Match": served.headers["ETag"]}
    again = client.get(sheet[1], base_url=HOST, headers=known_already, buffered=True)
    assert (served.status_code, again.status_code) == (200, 304)
    assert "Access-Control-Allow-Origin" not in served.headers
    large = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = {
        200: served,
        404: client.get("/static/none.css", base_url=HOST),
        422: client.get("/", base_url="https://evil.example.org"),
        413: client.post("/receipt", data="a=" + "b" * 20_000, base_url=HOST, headers=large),
        401: client.get("/api/v1/cases", base_url=HOST),
    }
    with monkeypatch.context() as broken:
        broken.setattr("evalsys.identity.views.signing_in.SignInForm", None)
        secure.config["PROPAGATE_EXCEPTIONS"] = False
        answers[500] = client.get("/sign-in", base_url=HOST)
    assert {status: answer.status_code for status, answer in answers.items()} == {s: s for s in answers}
    assert {status: faults_of(answer) for status, answer in answers.items() if faults_of(answer)} == {}


def test_a_form_out_of_the_short_way_is_guarded_alike(secure: Flask) -> None:
    client = secure.test_client()
    first, second = (client.get("/q/1", base_url=HOST) for _ in range(2))
    assert faults_of(first) == faults_of(second) == []
    assert client.get("/q/1", base_url="https://evil.example.org").status_code == 422


def test_without_https_nobody_is_told_to_stay_with_it(app: Flask) -> None:
    assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers


SENT_FROM = (
    ({}, 302),
    ({"Sec-Fetch-Site": "same-origin"}, 302),
    ({"Sec-Fetch-Site": "none"}, 302),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Origin": HOST}, 302),
    ({"Origin": "https://evil.example.org"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 302),
)


def test_what_another_site_sends_changes_nothing(secure: Flask) -> None:
    for said, expected in SENT_FROM:
        client = known(secure, "clerk")
        page = client.get("/account", base_url=HOST).get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token
        form, here = {"csrf_token": token[1]}, {"Referer": f"{HOST}/account"}
        answer = client.post("/sign-out", data=form, base_url=HOST, headers=here | said)
        assert (said, answer.status_code) == (said, expected)


def test_a_citizens_form_is_refused_only_where_the_browser_says_another_site_sent_it(secure: Flask) -> None:
    client, elsewhere = secure.test_client(), {"Origin": "https://evil.example.org"}
    for said, refused in (
        ({"Sec-Fetch-Site": "cross-site"} | elsewhere, True),
        ({"Sec-Fetch-Site": "same-site"} | elsewhere, False),
        (elsewhere, False),
        ({"Origin": "null"}, False),
    ):
        answer = client.post("/q/1", data={"level": "1"}, base_url=HOST, headers=said)
        assert (said, answer.status_code == 403) == (said, refused)


def test_a_system_says_nothing_of_where_it_stands(app: Flask) -> None:
    bearer = a_token(app, "business-system")
    answer = app.test_client().post("/api/v1/services", json={}, headers=bearer)
    assert answer.status_code == 422
