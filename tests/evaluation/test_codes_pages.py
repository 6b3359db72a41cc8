"""The page of codes: find, download, revoke, reissue; each in one's own scope."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pypdf
import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.evaluation.actions import codes as actions
from evalsys.evaluation.queries import codes
from evalsys.identity.actions import accounts as identity
from evalsys.identity.actions.accounts import NewAccount
from evalsys.kernel import clock, site
from evalsys.kernel.access import EVERYTHING
from tests.builders import a_unit, a_window
from tests.conftest import Inside
from tests.pages import PageClient

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

PASSWORD = "correct horse battery staple"
SignedIn = Callable[[str], PageClient]


@pytest.fixture
def hall(committed: Inside) -> None:
    """Windows 1 and 2 of 税务局, window 3 of 行政审批服务局."""

    def make(session: Session) -> None:
        site.declare(session, site.DEMO)
        a_unit(session, "XZSP", "行政审批服务局")
        for number, unit in (("1", "TAX"), ("2", "TAX"), ("3", "XZSP")):
            a_window(session, number, unit)
        actions.ensure_codes(session, clock.now())

    committed(make)


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def signed_in(client: PageClient, committed: Inside) -> SignedIn:
    """A client signed in with a role, of 税务局."""

    def sign_in(role: str) -> PageClient:
        def add(session: Session) -> None:
            account = NewAccount(role, role, a_unit(session), frozenset({role}))
            identity.create_account(session, account, None, PASSWORD)

        committed(add)
        page = client.get("/sign-in").get_data(as_text=True)
        client.post("/sign-in", data={"name": role, "password": PASSWORD, "csrf_token": token_in(page)})
        return client

    return sign_in


@pytest.fixture
def steward(hall: None, signed_in: SignedIn) -> PageClient:
    return signed_in("data-steward")


def text(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def code_ids(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'href="/admin/codes/(\d+)"', page)]


def post(client: PageClient, code_id: int, what: str, **fields: str) -> TestResponse:
    page = text(client.get(f"/admin/codes/{code_id}"))
    return client.post(f"/admin/codes/{code_id}/{what}", data={"csrf_token": token_in(page), **fields})


def windows_in(pdf: bytes) -> list[str]:
    return [item.title for item in pypdf.PdfReader(io.BytesIO(pdf)).outline]


@pytest.mark.parametrize(
    ("role", "seen"),
    [("data-steward", 3), ("supervisor", 3), ("window-manager", 2), ("department-lead", 2)],
)
def test_each_role_sees_the_codes_of_its_scope(signed_in: SignedIn, hall: None, role: str, seen: int) -> None:
    client = signed_in(role)
    page = client.get("/admin/codes")
    assert page.status_code == 200
    assert len(code_ids(text(page))) == seen
    download = client.get("/admin/codes/sheets?all=1")
    assert len(windows_in(download.data)) == seen


@pytest.mark.parametrize("role", ["clerk", "leadership"])
def test_nobody_else_comes_near_the_codes(signed_in: SignedIn, hall: None, role: str) -> None:
    client = signed_in(role)
    assert client.get("/admin/codes").status_code == 403
    assert client.get("/admin/codes/sheets?all=1").status_code == 403


def test_a_foreign_window_cannot_be_printed_or_revoked(
    signed_in: SignedIn, hall: None, committed: Inside
) -> None:
    everything = committed(lambda session: codes.current_codes(session, EVERYTHING, clock.today()))
    assert isinstance(everything, list)
    foreign = next(code for code in everything if code.place.number == "3")
    own = next(code for code in everything if code.place.number == "1")
    client = signed_in("window-manager")
    assert client.get(f"/admin/codes/{foreign.code_id}").status_code == 404
    assert client.get(f"/admin/codes/sheets?window={foreign.place.code}").status_code == 422
    token = token_in(text(client.get(f"/admin/codes/{own.code_id}")))
    revoking = {"csrf_token": token, "reason": "印错"}
    assert client.post(f"/admin/codes/{foreign.code_id}/revoke", data=revoking).status_code == 404


def test_the_chosen_windows_come_on_the_chosen_paper(steward: PageClient) -> None:
    answer = steward.get("/admin/codes/sheets?window=C-1&window=C-3&layout=a5&format=pdf")
    assert answer.mimetype == "application/pdf"
    assert "codes-a5.pdf" in answer.headers["Content-Disposition"]
    assert windows_in(answer.data) == ["1号窗口", "3号窗口"]
    width, height = pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].mediabox[2:]
    assert (round(float(width) / 72 * 25.4), round(float(height) / 72 * 25.4)) == (148, 210)


def test_one_picture_comes_as_it_is_and_several_in_an_archive(steward: PageClient) -> None:
    assert steward.get("/admin/codes/sheets?window=C-1&format=png").mimetype == "image/png"
    several = steward.get("/admin/codes/sheets?all=1&format=svg")
    with zipfile.ZipFile(io.BytesIO(several.data)) as archive:
        assert archive.namelist() == ["C-1.svg", "C-2.svg", "C-3.svg"]


def test_a_filter_holds_for_the_download_of_all_too(steward: PageClient, committed: Inside) -> None:
    def scan(session: Session) -> None:
        first = codes.current_codes(session, EVERYTHING, clock.today())[0]
        actions.mark_scanned(session.connection(), first.code_id, clock.today())

    committed(scan)
    page = text(steward.get("/admin/codes?state=never-scanned"))
    assert len(code_ids(page)) == 2
    assert 'name="state" value="never-scanned"' in page
    answer = steward.get("/admin/codes/sheets?all=1&state=never-scanned")
    assert windows_in(answer.data) == ["2号窗口", "3号窗口"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "没有选中"),
        ("window=C-99", "没有选中"),
        ("window=C-1&layout=a3", "没有“a3”这种版式"),
        ("window=C-1&format=docx", "没有“docx”这种文件"),
        ("window=C-1&layout=labels&start=25", "1到24"),
        ("window=C-1&layout=labels&start=x", "1到24"),
    ],
)
def test_what_cannot_be_printed_is_said_in_a_sentence(steward: PageClient, query: str, says: str) -> None:
    answer = steward.get(f"/admin/codes/sheets?{query}")
    assert answer.status_code == 422
    assert says in text(answer)


def test_a_code_is_not_revoked_without_a_reason(steward: PageClient) -> None:
    code_id = code_ids(text(steward.get("/admin/codes")))[0]
    for reason in ("", "   "):
        answer = post(steward, code_id, "revoke", reason=reason)
        assert answer.status_code == 422
        assert "请写明停用的原因。" in text(answer)
        assert "<title>错误:" in text(answer)
    answer = post(steward, code_id, "revoke", reason="长" * 201)
    assert answer.status_code == 422
    assert "长" * 201 in text(answer)
    assert steward.get("/admin/codes?state=revoked").status_code == 200
    assert code_ids(text(steward.get("/admin/codes?state=revoked"))) == []


def test_a_revoked_code_says_so_and_can_be_followed_by_a_new_one(steward: PageClient) -> None:
    code_id = code_ids(text(steward.get("/admin/codes")))[0]
    assert post(steward, code_id, "revoke", reason="海报丢失").status_code == 303
    page = text(steward.get(f"/admin/codes/{code_id}"))
    assert "这张码已停用:海报丢失" in page
    assert post(steward, code_id, "revoke", reason="再来").status_code == 409
    answer = post(steward, code_id, "reissue")
    assert "第2版" in text(steward.get(answer.headers["Location"]))
    assert post_again(steward, code_id) == 404


def post_again(client: PageClient, code_id: int) -> int:
    token = token_in(text(client.get("/admin/codes")))
    return client.post(f"/admin/codes/{code_id}/reissue", data={"csrf_token": token}).status_code


def test_revoking_and_reissuing_is_one_step(steward: PageClient) -> None:
    code_id = code_ids(text(steward.get("/admin/codes")))[0]
    answer = post(steward, code_id, "revoke", reason="被人换过", then="reissue")
    page = text(steward.get(answer.headers["Location"]))
    assert "第2版" in page
    assert "原来的码已停用" in page
    assert code_ids(text(steward.get("/admin/codes?state=revoked"))) == []


def test_windows_without_a_code_are_named_and_given_one(steward: PageClient, committed: Inside) -> None:
    committed(lambda session: a_window(session, "4"))
    page = text(steward.get("/admin/codes"))
    assert "1个窗口还没有码:C-4" in page
    assert steward.post("/admin/codes/issue", data={"csrf_token": token_in(page)}).status_code == 303
    assert len(code_ids(text(steward.get("/admin/codes")))) == 4


def test_a_form_without_its_token_changes_nothing(steward: PageClient) -> None:
    code_id = code_ids(text(steward.get("/admin/codes")))[0]
    assert steward.post(f"/admin/codes/{code_id}/revoke", data={"reason": "印错"}).status_code == 422
    assert code_ids(text(steward.get("/admin/codes?state=revoked"))) == []


def test_a_real_site_with_an_address_nobody_can_open_is_warned(
    signed_in: SignedIn, app: Flask, committed: Inside
) -> None:
    def make(session: Session) -> None:
        site.declare(session, site.REAL)
        a_window(session, "1")
        actions.ensure_codes(session, clock.now())

    committed(make)
    client = signed_in("data-steward")
    assert "只有本机能打开" in text(client.get("/admin/codes"))
    refused = client.get("/admin/codes/sheets?all=1")
    assert refused.status_code == 422
    assert "只有本机能打开" in text(refused)
    assert client.get("/admin/codes/sheets?all=1&insisted=1").mimetype == "application/pdf"
    present = app.extensions["evalsys.settings"]
    app.extensions["evalsys.settings"] = replace(present, base_url="https://hpj.example.gov.cn")
    assert "只有本机能打开" not in text(client.get("/admin/codes"))
    sheet = client.get("/admin/codes/sheets?all=1").data
    assert "演示数据" not in pypdf.PdfReader(io.BytesIO(sheet)).pages[0].extract_text()
