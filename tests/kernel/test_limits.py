"""Nothing that is sent is larger, deeper or longer than what it is for."""

import re

import pytest
from flask import Flask

from tests.builders import a_token, signed_in
from tests.pages import PageClient

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

TANGLED = {
    "nested lists": "[" * 100_000,
    "nested objects": '{"a":' * 20_000 + "1" + "}" * 20_000,
    "a long number": '{"business_ref":' + "9" * 5000 + "}",
    "half a list": "[1, 2",
    "no JSON at all": "level=1",
    "not even text": "\udcff",
}


def test_what_no_program_can_read_is_refused_in_words(app: Flask) -> None:
    headers = a_token(app, "business-system") | {"Content-Type": "application/json"}
    for what, sent in TANGLED.items():
        body = sent.encode("utf-8", "surrogateescape")
        answer = app.test_client().post("/api/v1/services", data=body, headers=headers)
        assert (what, answer.status_code) == (what, 400)
        assert answer.json["error"]["message"] == "这次发来的内容读不懂,没有保存。"


def test_a_system_sends_a_quarter_of_a_megabyte_at_most(app: Flask) -> None:
    bearer = a_token(app, "business-system")
    for length, status in ((200_000, 422), (300_000, 413)):
        answer = app.test_client().post("/api/v1/services", json={"a": "x" * length}, headers=bearer)
        assert answer.status_code == status


def test_a_citizens_form_has_a_hundred_parts_and_16_kb_at_most(client: PageClient) -> None:
    for fields, length, status in ((100, 10, 422), (101, 10, 413), (1, 17_000, 413)):
        parts = {f"field{number}": "x" * length for number in range(fields)}
        answer = client.post("/receipt", data=parts, content_type="multipart/form-data")
        assert (fields, answer.status_code) == (fields, status)
    assert client.post("/receipt", data={"receipt": "x" * 17_000}).status_code == 413


def test_a_form_of_somebody_signed_in_has_a_thousand_parts_at_most(app: Flask) -> None:
    client = signed_in(app, "system-admin")
    page = client.get("/account").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    parts = {"csrf_token": token[1]} | {f"field{number}": "x" for number in range(1000)}
    answer = client.post("/password", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_a_password_of_ten_thousand_signs_is_not_hashed(client: PageClient) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "name": "a\0b", "password": "x" * 10_000}
    assert client.post("/sign-in", data=form).status_code == 422


def test_who_is_not_signed_in_sends_16_kb_at_most(client: PageClient) -> None:
    for address in ("/sign-in", "/admin/organisation/import", "/password"):
        assert client.post(address, data={"anything": "x" * 17_000}).status_code == 413
