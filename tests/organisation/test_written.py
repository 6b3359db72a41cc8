"""The workbooks that go out: the template, and the same file back with what is wrong."""

import io
import zipfile
from datetime import date, time, timedelta

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalsys.kernel.sheets import files
from evalsys.kernel.sheets.files import Fault, Sheet, Workbook
from evalsys.organisation.plan.drawing import draw
from evalsys.organisation.plan.rows import Known
from evalsys.organisation.workbook import tables, written
from evalsys.organisation.workbook.columns import SHEETS
from tests.kernel.test_cells import CELLS
from tests.organisation.books import SMALL_HALL, TODAY, as_csv, book, changed


def given_back(whole: Workbook) -> openpyxl.Workbook:
    reading = tables.read(whole)
    plan = draw(reading, Known(), TODAY)
    return openpyxl.load_workbook(io.BytesIO(written.annotated(whole, reading, plan.faults)))


def rows_of(workbook: openpyxl.Workbook, sheet: str) -> list[list[object]]:
    return [list(row) for row in workbook[sheet].iter_rows(values_only=True)]


def test_the_same_file_comes_back_with_a_last_column_on_every_faulty_row() -> None:
    rows = rows_of(given_back(book(changed("人员", 3, "部门", "没有的局"))), "人员")
    header, first, second, third = (row[-1] for row in rows)
    assert header == "问题"
    assert (first, third) == (None, None)
    assert second == "C列“部门”:没有部门“没有的局”,请核对,或先把它加上"
    assert [cell or "" for cell in rows[2][:3]] == ["1002", "李二", "没有的局"]


def test_a_row_with_two_faults_says_both() -> None:
    sheets = changed("人员", 3, "部门", "没有的局")
    sheets["人员"][2][5] = "某天"
    rows = rows_of(given_back(book(sheets)), "人员")
    assert rows[2][-1] == (
        "C列“部门”:没有部门“没有的局”,请核对,或先把它加上;F列“启用日期”:看不懂日期“某天”,请写成2026-03-01这样的日期"
    )


def test_sheets_without_fault_and_unknown_sheets_come_back_too() -> None:
    back = given_back(book(changed("人员", 3, "部门", "x"), 统计=[["随便", 1]]))
    assert back.sheetnames == [*SMALL_HALL, "统计"]
    assert rows_of(back, "统计") == [["随便", 1]]
    assert "问题" not in rows_of(back, "部门")[0]


def test_a_fault_of_the_header_stands_in_the_header() -> None:
    rows = rows_of(given_back(book({"人员": [["姓名", "部门"], ["张一", "SW"]]})), "人员")
    assert rows[0][-1] == "问题;表头缺少“工号”这一列,请补上"


def test_mended_and_read_again_the_file_is_whole() -> None:
    back = given_back(book(changed("人员", 3, "部门", "没有的局")))
    back["人员"]["C3"] = "SW"
    out = io.BytesIO()
    back.save(out)
    reading = tables.read(files.read([("again.xlsx", out.getvalue())]))
    plan = draw(reading, Known(), TODAY)
    assert (plan.faults, plan.notices, plan.created) == ((), (), 15)


def test_faults_that_remain_take_the_place_of_those_before() -> None:
    back = given_back(book(changed("人员", 3, "部门", "没有的局")))
    back["人员"]["C3"] = "SW"
    back["人员"]["C2"] = "又错"
    out = io.BytesIO()
    back.save(out)
    whole = files.read([("again.xlsx", out.getvalue())])
    rows = rows_of(given_back(whole), "人员")
    assert rows[0].count("问题") == 1
    assert [row[-1] is None for row in rows] == [False, False, True, True]


def test_what_people_write_is_not_taken_for_the_column_of_problems() -> None:
    """Only an earlier answer's own heading is: a text may begin with the same word."""
    sheets = changed("人员", 3, "部门", "没有的局")
    sheets["人员"][1][1] = "问题反映多次"
    rows = rows_of(given_back(book(sheets)), "人员")
    assert rows[0][:2] == SMALL_HALL["人员"][0][:2]
    assert rows[1][1] == "问题反映多次"
    assert rows[0][-1] == "问题"


def test_a_file_that_could_not_be_read_is_named_on_a_sheet_of_its_own() -> None:
    whole = files.read([("大厅.csv", as_csv(SMALL_HALL["大厅"])), ("人员.xlsx", b"PK\x03\x04")])
    assert rows_of(given_back(whole), "问题")[0][0].startswith("“人员.xlsx”:打不开")


def test_what_looks_like_a_formula_comes_back_as_text() -> None:
    whole = book({"人员": [["工号", "姓名"], ["1001", '=HYPERLINK("http://x")'], ["1002", "@SUM(A1)"]]})
    reading = tables.read(whole)
    content = written.annotated(whole, reading, draw(reading, Known(), TODAY).faults)
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    back = openpyxl.load_workbook(io.BytesIO(content))["人员"]
    assert back["B2"].data_type == "s"
    assert back["B2"].quotePrefix


def test_dates_hours_and_numbers_come_back_as_what_they_were() -> None:
    row = [date(2026, 3, 1), time(9, 30), 24, 1.5, True, timedelta(hours=30), date(1899, 12, 30)]
    back = rows_of(given_back(Workbook((Sheet("杂", "杂", [row]), Sheet("x", "人员", [["工号"]])))), "杂")[0]
    assert back[0].date() == row[0]
    assert back[1:5] == [time(9, 30), 24, 1.5, True]
    assert back[6] == "1899-12-30"


def test_names_that_a_sheet_cannot_bear_are_shortened_and_kept_apart() -> None:
    names = ["a/b" * 20, "a:b" * 20, "", "'x'", "人员"]
    back = given_back(Workbook(tuple(Sheet(f"{name}", name, [["工号", "姓名"]]) for name in names)))
    assert len(set(back.sheetnames)) == len(names)


def test_the_template_holds_the_six_sheets_and_can_be_read_back() -> None:
    content = written.template()
    back = openpyxl.load_workbook(io.BytesIO(content))
    assert back.sheetnames == ["说明", *SHEETS]
    assert [cell.value for cell in back["窗口"][1]] == [column.name for column in SHEETS["窗口"]]
    assert back["窗口"].column_dimensions["A"].number_format == "@"
    reading = tables.read(files.read([("template.xlsx", content)]))
    assert (reading.faults, reading.notices, reading.rows) == ([], [], 0)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.lists(CELLS, max_size=5), max_size=5), where=st.integers(0, 6))
@pytest.mark.filterwarnings("ignore:Ignoring URL")
def test_no_cell_crashes_the_writer(rows: list[list[object]], where: int) -> None:
    whole = Workbook((Sheet("人员", "人员", rows),))
    reading = tables.read(whole)
    content = written.annotated(whole, reading, [*reading.faults, Fault("人员", where or None, None, "!")])
    assert content.startswith(b"PK")
