"""A data steward brings in a spreadsheet that is not right yet, mends it, and the hall has grown."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page

from tests.hall import Hall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SHEETS = {
    "窗口": [
        ["大厅", "编号", "区域", "部门", "类型"],
        ["ZX", "D01", "D区", "税务局", "专窗"],
        ["ZX", "D02", "D区", "水务局", "专窗"],  # no such department
    ],
    "人员": [
        ["工号", "姓名", "部门"],
        ["D9001", "导入甲", "税务局"],
        ["D9002", "", "税务局"],  # no name
    ],
}


def written(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    """A workbook of some sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def tried(steward: Page, path: Path) -> None:
    """Choose a file and see what importing it would do."""
    steward.goto("/admin/organisation/import")
    steward.set_input_files("input[type=file]", path)
    steward.get_by_role("button", name="试导入").click()
    steward.wait_for_url("**/import/*")


def test_a_faulty_file_comes_back_marked_is_mended_and_imported(
    hall: Hall, signed_in: Callable[[str], Page], tmp_path: Path
) -> None:
    steward = signed_in("data-steward")
    tried(steward, written(tmp_path / "新窗口.xlsx", SHEETS))
    assert steward.title().startswith("错误:")
    steward.get_by_text("有2处要改,一行都没有导入。").wait_for()
    assert "D01号窗口" not in windows_like(steward, "D01")

    mended = mend(marked_file(steward, tmp_path), tmp_path / "改好.xlsx")
    tried(steward, mended)
    steward.get_by_text("共4行:新增4").wait_for()
    steward.get_by_role("button", name="确认导入").click()
    steward.get_by_text("已导入4行").wait_for()
    assert "D01" in windows_like(steward, "D01")

    again = hall.run("organisation", "import", mended)
    assert "新增0" in again.splitlines()[-1]


def windows_like(steward: Page, words: str) -> str:
    """What the list of windows shows for a search."""
    steward.goto(f"/admin/organisation/windows?q={words}")
    return steward.inner_text("main table") if steward.locator("main table").count() else ""


def marked_file(steward: Page, folder: Path) -> Path:
    """The same file back, with a column 问题."""
    tried(steward, folder / "新窗口.xlsx")
    with steward.expect_download() as waiting:
        steward.get_by_text("下载标好问题的文件").click()
    path = folder / "标好.xlsx"
    waiting.value.save_as(path)
    return path


def mend(marked: Path, path: Path) -> Path:
    """Change exactly what the file says is wrong, and leave its extra column in."""
    book = openpyxl.load_workbook(marked)
    faults = {
        (sheet.title, row[0].row): str(row[-1].value)
        for sheet in book.worksheets
        for row in sheet.iter_rows(min_row=2)
        if row[-1].value
    }
    assert set(faults) == {("窗口", 3), ("人员", 3)}
    assert "水务局" in faults["窗口", 3]
    book["窗口"]["D3"] = "医疗保障局"
    book["人员"]["B3"] = "导入乙"
    book.save(path)
    return path


def test_the_same_file_in_the_terminal_names_the_same_faults(hall: Hall, tmp_path: Path) -> None:
    sheets = {"窗口": [*SHEETS["窗口"], ["ZX", "", "D区", "税务局", "专窗"]]}
    refused = hall.attempt("organisation", "import", written(tmp_path / "坏.xlsx", sheets))
    assert refused.returncode == 1
    assert "有2处要改,一行都没有导入。" in refused.stdout
