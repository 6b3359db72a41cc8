"""Everybody of a hall in one hand: sends what nobody means, and looks at what comes back."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from evalsys.rectification.rules.states import State
from tests.attack import wild
from tests.attack.access import Cell, cells
from tests.attack.forms import TOKEN, Form, by_route, forms_of
from tests.attack.halls import COOKIE, Furnished, address_of
from tests.pages import faults_of
from tests.rectification.desks import form_token

ANYBODY = "anybody"
DEVICES = {"/counter": "tablet", "/kiosk": "kiosk", "/console/prompt": "tablet"}
CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")
TAGS = re.compile(r"<(style|script)[^>]*>.*?</\1>|<[^>]*>", re.DOTALL)
FILES = re.compile(r"^/api/|\.|/figure$|/files/|/sheets$")  # they hold no forms
SUMS = re.compile(r"^/(rankings|indicators|funnels|gaps|cases/figures|bulletins|board)\b")  # only questions
# A script that asks by itself, and reads the status only.
WORDLESS = "/kiosk/<hall>/alive"
# What forms send that no page of this hall shows: they stand behind another form, or in another state.
HIDDEN_FIELDS = {
    "/admin/bulletins": {"kind": "month", "period": "2026-09", "scope": "all", "of": ""},
    "/admin/calendar/notice/load": {"words": "2026-10-01 放假"},
    "/admin/codes/issue": {"window": "ZX-A01", "then": "sheets"},
    "/admin/devices/slips": {"device": "1"},
    "/cases/<no>/appeal": {"rating": "1", "ground": "mistake", "evidence": "误点", "staff_no": ""},
    "/cases/<no>/assistants": {"unit": "SP", "reason": "一起办"},
    "/cases/<no>/contact": {"contact": "1", "reason": "回访"},
    "/cases/<no>/messages": {"words": "您好", "key": "k"},
    "/cases/<no>/notes": {"note": "已联系", "how": "phone", "outcome": "无人接听"},
    "/cases/<no>/tries": {"how": "phone", "outcome": "无人接听"},
    "/cases/<no>/same": {"same_as": "20261021-0001", "reason": "同一件事"},
    "/cases/messages/<int:message_id>/<any(relay,withhold,answer):what>": {"words": "您好"},
    "/cases/together": {"no": "20261021-0001", "seen": "1", "step": "TRIAGED"},
    "/console/prompt/hand-over": {"staff": "1", "window": "ZX-A01"},
    "/counter/<public_id>/leave": {"service": "x"},
    "/counter/<public_id>/rate": {"service": "x", "level": "5", "key": "k"},
    "/counter/<public_id>/take-away": {"service": "x"},
    "/desk/<hall>/drafts/<int:draft_id>/drop": {"reason": "重复"},
    "/fixes": {"item": "1", "tag": "115", "words": "改了", "since": "2026-10-01"},
    "/help/<code>/rate": {"level": "5", "key": "k", "person": "unknown", "mode": "voice"},
    "/kiosk/<hall>/level": {"level": "1", "key": "k"},
    "/kiosk/<hall>/reasons": {"tags": "101", "text": "好", "done": "yes", "item": "", "key": "k"},
    "/kiosk/<hall>/who": {"person": "1"},
    "/kiosk/<hall>/windows": {"window": "1"},
    "/notices/read": {"up_to": "1"},
    "/api/v1/orders": {"source": "phone", "category": "1", "text": "投诉", "upstream_no": "1"},
    "/api/v1/services": {"window": "ZX-A01", "kind": "consultation", "ended_at": "2026-10-21T10:00:00+08:00"},
    "/api/v1/cases/<no>/steps": {"to": "TRIAGED", "version": "1"},
}


@dataclass
class Attacker:
    """Who asks, with which form token, and what was found."""

    hall: Furnished
    forms: dict[tuple[str, str], Form] = field(default_factory=dict)
    people: dict[str, tuple[FlaskClient, str]] = field(default_factory=dict)
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    sent: int = 0

    def look_around(self, *, as_everybody: bool) -> None:
        """See each page once, or as each role that may, for the forms it has."""
        found: list[Form] = []
        for cell in cells(self.hall.app):
            if cell.method != "GET" or FILES.search(cell.rule.rule):
                continue
            if SUMS.search(cell.rule.rule) and not as_everybody:
                continue
            roles = (sorted(cell.roles) if as_everybody else sorted(cell.roles)[-1:]) or [ANYBODY]
            numbers = self.hall.cases if as_everybody and "<no>" in cell.rule.rule else self.hall.cases[:1]
            for role, no in ((role, no) for role in roles for no in numbers):
                address = address_of(cell.rule, {**self.hall.here, "no": no})
                client = self.person(role, cell)[0]
                answer = client.get(address, follow_redirects=True, buffered=True)
                if answer.mimetype == "text/html":
                    found += forms_of(address, answer.text)
        self.forms = by_route(found, self.hall.app.url_map.bind("localhost"))

    def person(self, role: str, cell: Cell) -> tuple[FlaskClient, str]:
        """The browser of a role and the token of its forms; of nobody: a device's, where there is one."""
        if role == ANYBODY:
            machine = next((d for start, d in DEVICES.items() if cell.rule.rule.startswith(start)), "")
            client = self.hall.machine(machine) if machine else self.hall.anybody()
            token = form_token(client, "/sign-in") if cell.rule.rule == "/sign-in" else ""
            return bare(client), token
        if role not in self.people:
            client = self.hall.account(role)
            self.people[role] = bare(client), form_token(client, "/account")
            self.tokens[role] = self.hall.token(role)
        return self.people[role]

    def send(self, cell: Cell, role: str, address: str, body: wild.Body | None) -> None:
        """Send one request and look at the answer."""
        client, _ = self.person(role, cell)
        answer = client.open(
            address,
            method=cell.method,
            data=body.content if body else None,
            content_type=body.kind if body else None,
            headers=self.tokens.get(role) if address.startswith("/api/") else None,
            buffered=True,
        )
        self.sent += 1
        if found := faults_in(answer, cell.rule.rule):
            self.faults.append(f"{role} {cell.method} {address} {body}: {answer.status_code} {found}"[:600])
        if answer.status_code == 302 and "/sign-in" in answer.headers["Location"]:
            self.people.pop(role, None)  # it was their own sign-in that ended

    def ask_otherwise(self, cell: Cell) -> None:
        """Ask an address in every way it does not take."""
        client = self.person(ANYBODY, cell)[0]
        address = address_of(cell.rule, self.hall.here)
        for method in ("POST", "TRACE"):
            if method not in (cell.rule.methods or ()):
                answer = client.open(address, method=method, buffered=True)
                self.sent += 1
                if found := faults_in(answer, cell.rule.rule):
                    self.faults.append(f"{method} {address}: {answer.status_code} {found}")

    def attack(self, cell: Cell, times: int, *, afresh: bool) -> None:
        """Send a route as many wild requests, the same each time unless afresh."""
        hidden = HIDDEN_FIELDS.get(cell.rule.rule, {}) if cell.method != "GET" else {}
        shown = self.forms.get((cell.rule.rule, cell.method), Form(cell.method, ""))
        form = Form(cell.method, "", {**hidden, **shown.fields}, shown.files)
        quiet = settings(
            max_examples=times,
            derandomize=not afresh,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        quiet(given(st.data())(lambda draw: self._one(draw, cell, form)))()

    def _one(self, draw: st.DataObject, cell: Cell, form: Form) -> None:
        role, address = _role(draw, cell), _address(draw, self.hall, cell)
        if cell.method == "GET":
            query = wild.encoded(draw.draw(wild.changed(form.fields)))
            self.send(cell, role, f"{address}?{query}", None)
            return
        known = dict(form.fields)
        if "key" in known:
            known["key"] = secrets.token_hex(16)
        if (TOKEN in known or cell.roles) and draw.draw(st.integers(0, 19)):
            known[TOKEN] = self.person(role, cell)[1]
        self.send(cell, role, address, draw.draw(wild.bodies(known, form.files)))


def _role(draw: st.DataObject, cell: Cell) -> str:
    """Mostly somebody who may."""
    if not cell.roles or draw.draw(st.integers(0, 19)) == 0:
        return ANYBODY
    return draw.draw(st.sampled_from(sorted(cell.roles)))


def _address(draw: st.DataObject, hall: Furnished, cell: Cell) -> str:
    """Mostly an address of something there is."""
    if draw.draw(st.integers(0, 4)) == 0:
        return address_of(cell.rule, {}, otherwise=lambda: wild.quoted(draw.draw(wild.texts)) or "x")
    parts: Mapping[str, str] = hall.here
    if "<no>" in cell.rule.rule:
        target = draw.draw(st.sampled_from([state.value for state in State]))
        parts = {**parts, "no": draw.draw(st.sampled_from(hall.cases)), "target": target}
    return address_of(cell.rule, parts)


def bare(client: FlaskClient) -> FlaskClient:
    """The same browser, whose answers are looked at here."""
    found = FlaskClient(client.application, client.response_wrapper, use_cookies=True)
    for name in (COOKIE, client.application.config["SESSION_COOKIE_NAME"]):
        if cookie := client.get_cookie(name):
            found.set_cookie(name, cookie.value)
    return found


def faults_in(answer: TestResponse, route: str) -> str:
    """What is wrong with an answer, or nothing."""
    if answer.status_code >= 500:
        return "a fault of ours"
    if "Access-Control-Allow-Origin" in answer.headers:
        return "lets pages of other sites read it"
    text = answer.get_data(as_text=True) if answer.mimetype in ("text/html", "application/json") else ""
    if answer.mimetype == "text/html":
        if wild.SCRIPT in text:
            return "runs a script that somebody sent"
        if not 300 <= answer.status_code < 400:
            # What somebody sent may stand in the words; it must not change the page.
            broken = [f for f in faults_of(text, answer.status_code) if "stands in the words" not in f]
            if broken:
                return f"a broken page: {broken}"
    if answer.status_code >= 400 and route != WORDLESS:
        said = json.loads(text)["error"]["message"] if answer.is_json else TAGS.sub(" ", text)
        if not CHINESE.search(said):
            return f"refuses without a sentence: {said[:80]}"
    return ""
