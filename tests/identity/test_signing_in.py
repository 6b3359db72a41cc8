"""Signing in, being slowed down, and ending a sign-in."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.identity import cli, passwords
from evalsys.identity.actions import accounts as actions
from evalsys.identity.actions.accounts import NewAccount
from evalsys.identity.models import Account, SignInFailure
from evalsys.identity.queries import accounts as queries
from evalsys.identity.rules import UnfitRoles, check_roles, wait_after
from evalsys.kernel import clock
from evalsys.kernel.database import db, sqlite_library
from evalsys.kernel.models import JournalEntry
from evalsys.organisation.models import Unit, UnitName
from tests.builders import signed_in
from tests.conftest import Inside
from tests.pages import PageClient

PASSWORD = "correct horse battery staple"


@pytest.fixture
def known(committed: Inside) -> None:
    def make(session):
        unit = Unit(code="TAX", kind="窗口单位", compare_group="")
        session.add(unit)
        session.flush()
        session.add(UnitName(unit_id=unit.id, from_day=date(2020, 1, 1), name="税务局", short_name="税务"))
        for name, role in (("admin", "system-admin"), ("manager", "window-manager")):
            actions.create_account(
                session, NewAccount(name, name, unit.id, frozenset({role})), None, password=PASSWORD
            )

    committed(make)


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def sign_in(client: PageClient, name: str, password: str = PASSWORD):
    page = client.get("/sign-in").get_data(as_text=True)
    return client.post("/sign-in", data={"name": name, "password": password, "csrf_token": token_in(page)})


def test_the_right_password_signs_in(client: PageClient, known: None) -> None:
    assert sign_in(client, "admin").status_code == 302
    assert client.get("/admin/accounts").status_code == 200


def test_a_wrong_password_and_a_wrong_name_read_alike(client: PageClient, known: None) -> None:
    pages = [sign_in(client, name, "wrong password").get_data(as_text=True) for name in ("admin", "nobody")]
    assert all("账号或密码不对。" in page for page in pages)


@pytest.mark.parametrize("name", ["admin", "nobody"])
def test_guessing_is_slowed_down_alike_whether_the_name_exists_or_not(
    client: PageClient, known: None, name: str
) -> None:
    for _ in range(5):
        assert "账号或密码不对。" in sign_in(client, name, "wrong password").get_data(as_text=True)
    assert "连续输错多次" in sign_in(client, name).get_data(as_text=True)


def test_nobody_is_locked_out_by_guesses_from_elsewhere(client: PageClient, app: Flask, known: None) -> None:
    stranger = app.test_client()
    assert isinstance(stranger, PageClient)
    stranger.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for _ in range(6):
        sign_in(stranger, "admin", "wrong password")
    assert "连续输错多次" in sign_in(stranger, "admin").get_data(as_text=True)
    assert sign_in(client, "admin").status_code == 302


def test_the_right_password_ends_the_counting(client: PageClient, known: None) -> None:
    for _ in range(2):
        for _ in range(4):
            sign_in(client, "admin", "wrong password")
        assert sign_in(client, "admin").status_code == 302
        client.delete_cookie("evalsys")


def test_an_account_without_a_password_takes_as_long_to_refuse() -> None:
    def seconds(password_hash: str | None) -> float:
        begun = time.perf_counter()
        assert not passwords.fits("wrong password", password_hash)
        return time.perf_counter() - begun

    assert seconds(passwords.UNUSABLE) > seconds(None) / 5


def test_a_password_is_changed_even_while_guesses_are_slowed_down(client: PageClient, known: None) -> None:
    sign_in(client, "admin")
    guesser = client.application.test_client()
    assert isinstance(guesser, PageClient)
    for _ in range(6):
        sign_in(guesser, "admin", "wrong password")
    page = client.get("/password").get_data(as_text=True)
    new = "another horse battery staple"
    data = {"old": PASSWORD, "new": new, "again": new, "csrf_token": token_in(page)}
    assert client.post("/password", data=data).status_code == 302
    assert client.get("/account").status_code == 200


def test_guesses_at_once_are_all_counted(app: Flask, committed: Inside) -> None:
    def guess(_: int) -> None:
        committed(lambda session: actions.note_failure(session, "0" * 64, clock.now()))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(guess, range(8)))
    assert committed(lambda session: session.scalars(select(SignInFailure.failures)).all()) == [8]


def test_guesses_of_yesterday_are_forgotten(session: Session) -> None:
    actions.note_failure(session, "0" * 64, clock.now() - timedelta(days=2))
    actions.note_failure(session, "1" * 64, clock.now())
    assert session.scalars(select(SignInFailure.attempt_hash)).all() == ["1" * 64]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_others_may_write_while_a_password_is_verified(
    client: PageClient, known: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    verify, written = passwords.fits, []

    def fits(password: str, password_hash: str | None) -> bool:
        with closing(sqlite_library().connect(db.engine.url.database, timeout=0)) as other, other:
            other.execute("DELETE FROM sign_in_failures")
        written.append(True)
        return verify(password, password_hash)

    monkeypatch.setattr(passwords, "fits", fits)
    data = {"name": "admin", "password": PASSWORD, "csrf_token": token_in(page)}
    assert client.post("/sign-in", data=data).status_code == 302
    assert written == [True]


def hashed_aside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is hashed from now on, each while somebody else can write at once."""
    make, made = passwords.hashed, []

    def hashed(password: str) -> str:
        with closing(sqlite_library().connect(db.engine.url.database, timeout=0)) as other, other:
            other.execute("DELETE FROM sign_in_failures")
        made.append(password)
        return make(password)

    monkeypatch.setattr(passwords, "hashed", hashed)
    return made


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_others_may_write_while_a_page_of_first_passwords_is_made(
    app: Flask, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = [signed_in(app, role) for role in ("clerk", "helper", "system-admin")]
    form = token_in(clients[-1].get("/account").get_data(as_text=True))
    chosen = committed(lambda session: sorted(session.scalars(select(Account.id))))
    made = hashed_aside(monkeypatch)
    data = {"csrf_token": form, "account": chosen}
    page = clients[-1].post("/admin/accounts/slips", data=data).get_data(as_text=True)
    assert len(made) == 3
    assert sorted(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)) == sorted(made)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_others_may_write_while_accounts_of_a_file_are_made(
    app: Flask, known: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("账号,姓名,单位,角色\nnew.one,新人,TAX,leadership\nnew.two,旧人,TAX,auditor\n", "utf-8")
    made = hashed_aside(monkeypatch)
    with app.app_context():
        done = CliRunner().invoke(cli.group, ["import", str(file)])
    assert done.exit_code == 0, done.output
    assert [line.split()[-1] for line in done.output.splitlines()] == made


def test_waiting_grows_but_never_locks_out() -> None:
    waits = [wait_after(failures).total_seconds() for failures in range(40)]
    assert waits[:6] == [0, 0, 0, 0, 0, 15]
    assert max(waits) == 15 * 60


def test_without_a_form_token_nobody_signs_in(client: PageClient, known: None) -> None:
    assert client.post("/sign-in", data={"name": "admin", "password": PASSWORD}).status_code == 422
    assert client.get("/admin/accounts").status_code == 302


def test_signing_out_ends_the_session_on_the_server(client: PageClient, known: None) -> None:
    sign_in(client, "admin")
    cookie = client.get_cookie("evalsys")
    assert cookie is not None
    page = client.get("/admin/accounts").get_data(as_text=True)
    client.post("/sign-out", data={"csrf_token": token_in(page)})
    client.set_cookie("evalsys", cookie.value)
    assert client.get("/admin/accounts").status_code == 302


def test_a_manager_cannot_manage_accounts(client: PageClient, known: None) -> None:
    sign_in(client, "manager")
    assert client.get("/admin/accounts").status_code == 403


def test_changing_roles_ends_sign_ins(client: PageClient, app: Flask, known: None) -> None:
    sign_in(client, "manager")
    admin = app.test_client()
    assert isinstance(admin, PageClient)
    sign_in(admin, "admin")
    page = admin.get("/admin/accounts?q=manager").get_data(as_text=True)
    account = re.search(r"/admin/accounts/(\d+)", page)
    assert account
    form = admin.get(account[0]).get_data(as_text=True)
    changed = admin.post(account[0] + "/roles", data={"roles": ["leadership"], "csrf_token": token_in(form)})
    assert changed.status_code == 302
    assert client.get("/account").status_code == 302


def test_a_new_account_gets_a_slip_and_must_change_its_password(
    client: PageClient, app: Flask, known: None
) -> None:
    sign_in(client, "admin")
    form = client.get("/admin/accounts/new").get_data(as_text=True)
    unit = re.search(r'<option[^>]*value="(\d+)"', form)
    assert unit
    page = client.post(
        "/admin/accounts/new",
        data={
            "name": "new.one",
            "display_name": "新人",
            "unit": unit[1],
            "roles": ["clerk"],
            "csrf_token": token_in(form),
        },
    ).get_data(as_text=True)
    first = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)
    assert first
    newcomer = app.test_client()
    assert isinstance(newcomer, PageClient)
    sign_in(newcomer, "new.one", first[0])
    assert newcomer.get("/account").headers["Location"] == "/password"
    change = newcomer.get("/password").get_data(as_text=True)
    answer = newcomer.post(
        "/password",
        data={"old": first[0], "new": PASSWORD, "again": PASSWORD, "csrf_token": token_in(change)},
    )
    assert answer.status_code == 302
    assert newcomer.get("/account").status_code == 200


@pytest.mark.parametrize(
    "beyond",
    [
        "leadership",
        "supervisor",
        "auditor",
        "dispatcher",
        "callback-officer",
        "appeal-reviewer",
        "helper",
    ],
)
def test_nobody_sits_on_both_sides_of_the_counter(beyond: str) -> None:
    with pytest.raises(UnfitRoles, match="窗口一方"):
        check_roles(frozenset({"clerk", beyond}))


def test_a_revoked_token_no_longer_works(committed: Inside, app: Flask, known: None) -> None:
    def make(session):
        account = queries.account_by_name(session, "admin")
        assert account is not None
        return actions.create_token(session, account, "test", None, clock.now())

    token = str(committed(make))
    client = app.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/none", headers=headers).status_code == 404
    assert client.get("/api/v1/none", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_page_asked_for_with_a_line_break_in_it_is_not_ours(client: PageClient, known: None) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    data = {"name": "admin", "password": PASSWORD, "csrf_token": token_in(page)}
    answer = client.post("/sign-in?next=/a%0d%0aX", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("number", ["9" * 19, "9" * 30, "9" * 5000])
@pytest.mark.parametrize(
    "address",
    ["/admin/accounts/{n}", "/admin/accounts?page={n}", "/admin/codes?department={n}", "/admin/codes/{n}"],
)
def test_a_number_beyond_all_numbers_in_an_address_is_not_our_fault(
    app: Flask, address: str, number: str
) -> None:
    role = "system-admin" if "accounts" in address else "data-steward"
    assert signed_in(app, role).get(address.format(n=number)).status_code in {200, 404, 422}


def test_the_change_of_a_password_is_journaled_as_the_persons_own(
    client: PageClient, known: None, committed: Inside
) -> None:
    sign_in(client, "admin")
    page = client.get("/password").get_data(as_text=True)
    new = "another horse battery staple"
    data = {"old": PASSWORD, "new": new, "again": new, "csrf_token": token_in(page)}
    assert client.post("/password", data=data).status_code == 302

    def entry(session):
        kind, actor = session.execute(
            select(JournalEntry.actor_kind, JournalEntry.actor_id).where(
                JournalEntry.verb == "change-password"
            )
        ).one()
        account = queries.account_by_name(session, "admin")
        assert (kind, actor) == ("account", account.id)

    committed(entry)
