"""`evalsys organisation` in the terminal, and how much it may cost."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.database import db, transaction
from evalsys.kernel.settings import Settings
from evalsys.organisation.actions.imports import Source, apply_import
from evalsys.organisation.cli import group
from evalsys.organisation.models import Import, Item, Window
from evalsys.organisation.queries.imports import import_draft
from tests.organisation.books import SMALL_HALL, as_csv, as_xlsx, book, changed
from tests.server import clean_environment

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    def invoke(*arguments: object) -> Result:
        with app.app_context():
            return CliRunner().invoke(group, [str(each) for each in arguments], catch_exceptions=False)

    return invoke


@pytest.fixture
def windows(app: Flask) -> Callable[[], int]:
    def count() -> int:
        with app.app_context(), transaction() as session:
            return session.scalar(select(func.count()).select_from(Window)) or 0

    return count


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_hall_is_imported_and_again_nothing_changes(
    run: Run, windows: Callable[[], int], tmp_path: Path
) -> None:
    file = written(tmp_path / "大厅.xlsx", as_xlsx())
    first, second = run("import", file), run("import", file)
    assert (first.exit_code, second.exit_code, windows()) == (0, 0, 3)
    assert first.stdout.splitlines()[-1] == "已导入:共15行,新增15,改动0,不变0。"
    assert second.stdout.splitlines()[-1] == "已导入:共15行,新增0,改动0,不变15。"
    assert "窗口:新增3,改动0,不变0" in first.stdout


def test_several_csv_files_are_one_import(run: Run, windows: Callable[[], int], tmp_path: Path) -> None:
    files = [written(tmp_path / f"{name}.csv", as_csv(rows)) for name, rows in SMALL_HALL.items()]
    assert run("import", *files).exit_code == 0
    assert windows() == 3


def test_a_dry_run_changes_nothing(run: Run, windows: Callable[[], int], tmp_path: Path) -> None:
    tried = run("import", written(tmp_path / "大厅.xlsx", as_xlsx()), "--dry-run")
    assert tried.exit_code == 0
    assert tried.stdout.splitlines()[-1] == "试导入,没有写入:共15行,新增15,改动0,不变0。"
    assert windows() == 0


def test_faults_are_all_named_and_nothing_is_imported(
    run: Run, windows: Callable[[], int], tmp_path: Path
) -> None:
    sheets = changed("人员", 3, "部门", "税务居") | {"排班": [["日期"]]}
    out = tmp_path / "问题.xlsx"
    refused = run("import", written(tmp_path / "大厅.xlsx", as_xlsx(sheets)), "--annotated", out)
    assert refused.exit_code == 1
    assert windows() == 0
    assert "“人员”第3行C列“部门”:没有部门“税务居”,是不是“税务局”?请核对" in refused.stdout
    assert "“排班”:没有找到表头" in refused.stdout
    assert "有2处要改,一行都没有导入。" in refused.stdout
    assert next(cell.value for cell in openpyxl.load_workbook(out)["人员"]["H"]) == "问题"


def test_a_notice_stops_nothing(run: Run, windows: Callable[[], int], tmp_path: Path) -> None:
    done = run("import", written(tmp_path / "大厅.xlsx", as_xlsx({**SMALL_HALL, "统计": [["x"]]})))
    assert done.exit_code == 0
    assert "提示:工作表“统计”不在导入范围" in done.stdout
    assert windows() == 3


def test_the_template_is_written(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "模板.xlsx"
    assert run("template", out).exit_code == 0
    assert openpyxl.load_workbook(io.BytesIO(out.read_bytes())).sheetnames[1:] == list(SMALL_HALL)


def many_items(number: int) -> dict[str, list[list[object]]]:
    header = ["编码", "名称", "别名", "部门", "类型", "窗口", "材料"]
    rows = [
        [
            f"11{n:029d}",
            f"第{n}号事项",
            f"别名{n}、另名{n}",
            "税务局",
            "公共服务",
            "24、A12",
            "身份证、申请表、执照",
        ]
        for n in range(number)
    ]
    return {**SMALL_HALL, "事项": [header, *rows]}


def test_five_thousand_items_take_few_statements(session: Session) -> None:
    statements: list[str] = []

    def noted(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", noted)
    try:
        draft = import_draft(session, book(many_items(5_000)), clock.today())
        apply_import(session, draft.plan, Source("事项.xlsx", "0" * 64), None, clock.now())
    finally:
        event.remove(db.engine, "before_cursor_execute", noted)
    assert session.scalar(select(func.count()).select_from(Item)) == 5_000
    assert session.scalar(select(Import.created)) == 5_013
    assert len(statements) < 100


# The command, and at its end how much it took. Asked from outside, the most memory would be that of the
# tests: the kernel lets a new process begin with the mark of its parent.
MEASURED = """
import atexit, re, resource, time
from pathlib import Path
from evalsys.cli import main

def report():
    own = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(max(own, children.ru_maxrss), time.process_time() + children.ru_utime + children.ru_stime)

atexit.register(report)
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_five_thousand_items_take_ten_seconds_and_300_megabytes_at_most(
    site_settings: Settings, tmp_path: Path
) -> None:
    file = written(tmp_path / "事项.xlsx", as_xlsx(many_items(5_000)))
    environment = clean_environment() | {
        "EVALSYS_INSTANCE": str(site_settings.instance),
        "EVALSYS_SECRET_KEY": site_settings.secret_key,
    }
    command = [sys.executable, "-c", MEASURED, "organisation", "import", str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "新增5013" in done.stdout
    kilobytes, seconds = done.stdout.split()[-2:]
    assert int(kilobytes) < 300 * 1024  # the process that opens the file among them
    # Seconds of processor time, so that a busy machine does not count.
    assert float(seconds) < 10
