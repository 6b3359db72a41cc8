"""The `evalsys` command as an operator meets it."""

import json
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.orm import Session

from evalsys import wiring
from evalsys.app import create_app
from evalsys.cli import main
from evalsys.kernel import clock, jobs, outbox, writer
from evalsys.kernel.database import transaction
from evalsys.kernel.settings import Settings, SettingsFault
from tests.builders import a_unit
from tests.server import clean_environment


@pytest.fixture
def run(tmp_path: Path):
    def at_this_place(*arguments: str, **settings: str) -> Result:
        environment = {"EVALSYS_INSTANCE": str(tmp_path / "site"), **settings}
        return CliRunner().invoke(main, arguments, env=environment)

    return at_this_place


def test_every_faulty_setting_is_named_at_once(run) -> None:
    answer = run("upgrade", EVALSYS_PROXY_HOPS="many", EVALSYS_NO_SUCH="1", EVALSYS_LEVEL_POINTS="1,2")
    assert answer.exit_code == 1
    for name in ("EVALSYS_PROXY_HOPS", "EVALSYS_NO_SUCH", "EVALSYS_LEVEL_POINTS"):
        assert name in answer.output


def test_upgrading_twice_changes_nothing(run) -> None:
    assert run("upgrade").exit_code == 0
    assert run("upgrade").exit_code == 0


def test_a_real_site_starts_with_one_administrator(run) -> None:
    answer = run("start")
    assert answer.exit_code == 0
    password = answer.output.strip().splitlines()[-1]
    assert len(password.split("-")) == 3
    assert "EVALSYS_SECRET_KEY=" in answer.output


def test_a_real_site_is_started_once_and_takes_no_demo(run) -> None:
    run("start")
    assert run("start").exit_code == 1
    refusal = run("demo", "--ratings", "0")
    assert refusal.exit_code == 1
    assert "正式站点" in refusal.output


def test_serving_an_outdated_database_is_refused(run) -> None:
    answer = run("serve")
    assert answer.exit_code == 1
    assert "evalsys upgrade" in answer.output


def test_serving_a_real_site_needs_a_secret(run) -> None:
    run("start")
    answer = run("serve")
    assert answer.exit_code == 1
    assert "EVALSYS_SECRET_KEY" in answer.output


def test_two_servers_never_share_a_port(run) -> None:
    run("upgrade")
    with socket.socket() as other:
        # As another server of ours listens: it would let a second one listen beside it.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        answer = run("serve", "--port", str(other.getsockname()[1]))
    assert (answer.exit_code, "换一个端口" in answer.output) == (1, True)


def test_an_account_and_a_token_stand_alone_on_the_last_line(run) -> None:
    run("start")
    assert run("identity", "add", "bob", "--role", "auditor").output.strip().count("-") == 2
    token = run("identity", "token", "bob").output.strip().splitlines()[-1]
    assert len(token) >= 40
    assert run("identity", "token", "nobody").exit_code == 1


def test_accounts_are_imported_all_or_none(run, tmp_path: Path) -> None:
    run("start")
    roster = tmp_path / "账号.csv"
    lines = ["名单", "账号,姓名,单位,角色", "zhang,张三,GL,督查员、派单员", "li,李四,没有,审计员"]
    roster.write_text("\n".join(lines), encoding="gb18030")
    refused = run("identity", "import", str(roster))
    assert refused.exit_code == 1
    assert "第4行:没有单位“没有”" in refused.output
    roster.write_text("账号,姓名,单位,角色\nzhang,张三,GL,督查员、派单员\n", encoding="utf-8-sig")
    done = run("identity", "import", str(roster))
    assert done.output.startswith("account zhang ")
    again = run("identity", "import", str(roster))
    assert again.exit_code == 1
    assert "zhang" in again.output


def test_both_sides_of_the_counter_in_one_account_are_refused(run, tmp_path: Path) -> None:
    run("start")
    roster = tmp_path / "账号.csv"
    roster.write_text("账号,姓名,单位,角色\nwang,王五,GL,窗口人员、领导\n", encoding="utf-8")
    assert "窗口一方" in run("identity", "import", str(roster)).output


def test_timed_work_is_done_once_for_its_period(run) -> None:
    run("upgrade")
    assert run("work", "--once").exit_code == 0
    assert run("work", "--once").exit_code == 0


def test_a_job_that_fails_keeps_no_other_from_being_done(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(session: Session, _now: datetime) -> None:
        session.execute(text("SELECT no_such_thing"))

    done: list[datetime] = []
    timed = (
        jobs.Timed("fails", jobs.daily, fail),
        jobs.Timed("works", jobs.daily, lambda _session, now: done.append(now)),
    )
    monkeypatch.setattr(wiring, "TIMED", timed)
    run("upgrade")
    assert run("work", "--once").exit_code == 1
    assert len(done) == 1
    # It is tried again at the next look, the other is not.
    assert run("work", "--once").exit_code == 1
    assert len(done) == 1


def settings_of(tmp_path: Path, **more: str) -> Settings:
    return Settings(instance=tmp_path / "site", **more)


def test_no_server_serves_a_real_site_without_a_secret(run, tmp_path: Path) -> None:
    run("start")
    with pytest.raises(SettingsFault, match="EVALSYS_SECRET_KEY"):
        create_app(settings_of(tmp_path))
    create_app(settings_of(tmp_path, secret_key="x" * 32))


def test_a_place_with_departments_is_no_demo_for_want_of_a_word(run, tmp_path: Path) -> None:
    run("upgrade")
    app = create_app(settings_of(tmp_path))
    with app.app_context(), transaction() as session:
        a_unit(session)
    with pytest.raises(SettingsFault, match="EVALSYS_SECRET_KEY"):
        create_app(settings_of(tmp_path))
    assert "EVALSYS_SECRET_KEY" in run("serve").output
    refusal = run("demo", "--ratings", "0")
    assert (refusal.exit_code, "正式站点" in refusal.output) == (1, True)


def test_an_empty_place_needs_no_secret_yet(tmp_path: Path) -> None:
    assert create_app(settings_of(tmp_path)).config["SECRET_KEY"]


@pytest.mark.parametrize(
    ("base", "warned"),
    [
        ("http://pj.example.gov.cn", True),
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
        ("https://pj.example.gov.cn", False),
    ],
)
def test_cookies_on_a_road_without_locks_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, base: str, *, warned: bool
) -> None:
    create_app(settings_of(tmp_path, base_url=base))
    assert any("EVALSYS_BASE_URL" in record.message for record in caplog.records) == warned


def test_what_stands_in_the_outbox_is_sent_by_the_worker(run, tmp_path: Path) -> None:
    run("upgrade")
    with create_app(settings_of(tmp_path)).app_context():
        writer.run(outbox.put, "cases.opened", {"no": "C-1"}, "case 1", clock.now())
    sent = tmp_path / "sent"
    assert run("work", "--once", EVALSYS_WEBHOOKS=f"cases file://{sent}").exit_code == 0
    assert run("work", "--once", EVALSYS_WEBHOOKS=f"cases file://{sent}").exit_code == 0
    ((line,),) = [file.read_text().splitlines() for file in sent.iterdir()]
    assert json.loads(line)["key"] == "case 1"


def test_a_worker_that_goes_on_sends_what_comes_later(run, tmp_path: Path) -> None:
    run("upgrade")
    sent = tmp_path / "sent"
    environment = clean_environment() | {
        "EVALSYS_INSTANCE": str(tmp_path / "site"),
        "EVALSYS_WEBHOOKS": f"cases file://{sent}",
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }
    worker = subprocess.Popen([sys.executable, "-m", "evalsys", "work"], env=environment, cwd=tmp_path)
    try:
        with create_app(settings_of(tmp_path)).app_context():
            for key in ("case 1", "case 2"):
                writer.run(outbox.put, "cases.opened", {"no": "C-1"}, key, clock.now())
                until = time.monotonic() + 60
                while not any(key in file.read_text() for file in sent.glob("*")):
                    assert worker.poll() is None
                    assert time.monotonic() < until
                    time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait()


def test_every_faulty_receiver_is_named_at_the_start(run) -> None:
    answer = run("upgrade", EVALSYS_WEBHOOKS="nonsense", EVALSYS_SMTP_URL="mail", EVALSYS_CONTACT_KEYS="key")
    assert answer.exit_code == 1
    for name in ("EVALSYS_WEBHOOKS", "EVALSYS_SMTP_URL", "EVALSYS_CONTACT_KEYS"):
        assert name in answer.output
