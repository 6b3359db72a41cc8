"""Files as they come from real halls."""

import io
import zipfile
from datetime import date, time

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from evalsys.kernel.sheets import files
from tests.organisation.books import SMALL_HALL, as_csv, as_xlsx

STAFF = SMALL_HALL["人员"]


def the_only_rows(name: str, content: bytes) -> list[list[object]]:
    book = files.read([(name, content)])
    assert book.faults == ()
    (sheet,) = book.sheets
    return [list(row) for row in sheet.rows]


def complaint(name: str, content: bytes) -> str:
    book = files.read([(name, content)])
    assert book.sheets == ()
    (fault,) = book.faults
    return str(fault)


def test_a_cell_knows_its_row_although_the_first_ones_are_empty() -> None:
    written = openpyxl.Workbook()
    written["Sheet"]["C3"] = "工号"
    out = io.BytesIO()
    written.save(out)
    rows = the_only_rows("a.xlsx", out.getvalue())
    assert rows[2][2] == "工号"
    assert files.column_letter(2) == "C"


@pytest.mark.parametrize(("place", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_called_as_the_spreadsheet_calls_them(place: int, letters: str) -> None:
    assert files.column_letter(place) == letters


def test_a_merged_cell_fills_all_it_covers() -> None:
    written = openpyxl.Workbook()
    page = written["Sheet"]
    for row in (["部门", "工号"], ["税务局", 1], [None, 2], [None, 3], ["人社局", 4]):
        page.append(row)
    page.merge_cells("A2:A4")
    out = io.BytesIO()
    written.save(out)
    assert [row[0] for row in the_only_rows("a.xlsx", out.getvalue())] == ["部门", *["税务局"] * 3, "人社局"]


def test_an_old_spreadsheet_is_read_with_its_merged_cells_and_dates() -> None:
    written = xlwt.Workbook(encoding="utf-8")
    page = written.add_sheet("排班")
    page.write_merge(0, 1, 0, 0, "24")
    page.write(0, 1, date(2026, 3, 1), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    page.write(1, 1, time(9, 30), xlwt.easyxf(num_format_str="hh:mm"))
    out = io.BytesIO()
    written.save(out)
    assert the_only_rows("a.xls", out.getvalue()) == [["24", date(2026, 3, 1)], ["24", time(9, 30)]]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_file_is_read_in_any_encoding(encoding: str, separator: str) -> None:
    assert the_only_rows("人员.csv", as_csv(STAFF, encoding, separator)) == [list(row) for row in STAFF]


def test_a_rare_name_survives_gb18030() -> None:
    assert the_only_rows("人员.csv", as_csv([["姓名"], ["\U00020bb7䶮"]], "gb18030"))[1] == ["\U00020bb7䶮"]


def test_a_csv_file_gives_its_name_to_its_sheet() -> None:
    book = files.read([("/somewhere/人员.csv", as_csv(STAFF)), ("大厅.csv", as_csv(SMALL_HALL["大厅"]))])
    assert [sheet.title for sheet in book.sheets] == ["人员", "大厅"]


def test_two_sheets_of_one_name_can_be_told_apart() -> None:
    book = files.read([("一.xlsx", as_xlsx({"人员": STAFF})), ("二.xlsx", as_xlsx({"人员": STAFF}))])
    assert [(sheet.name, sheet.title) for sheet in book.sheets] == [("人员", "人员"), ("二·人员", "人员")]


def test_a_hidden_sheet_is_left_aside_with_a_notice() -> None:
    written = openpyxl.Workbook()
    written["Sheet"].append(["工号"])
    written.create_sheet("旧人员").sheet_state = "hidden"
    out = io.BytesIO()
    written.save(out)
    book = files.read([("a.xlsx", out.getvalue())])
    assert [sheet.title for sheet in book.sheets] == ["Sheet"]
    assert book.notices == ("工作表“旧人员”是隐藏的,没有读",)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "文件是空的"),
        (b"  \r\n ", "文件是空的"),
        (b"<html><table>", "其实是网页格式"),
        (b"PK\x03\x04 and then nothing", "可能已损坏"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "可能已损坏"),
        (b"\xff\xff\x81\x00\xfe", "文字编码不认识"),
        (b'"' + b"x" * 200_000 + b'"', "不是完好的csv文件"),
        (bytes(files.MOST_BYTES + 1).replace(b"\0", b"x"), "文件超过20MB"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(content: bytes, why: str) -> None:
    assert why in complaint("人员.xlsx", content)
    assert complaint("人员.xlsx", content).startswith("“人员.xlsx”:")


def packed(parts: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(as_xlsx({"人员": STAFF}))) as plain:
        kept = {name: plain.read(name) for name in plain.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {**kept, **parts}.items():
            package.writestr(name, content)
    return out.getvalue()


def test_a_sheet_that_stretches_to_the_last_cell_is_refused_before_it_fills_the_memory() -> None:
    far = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    far += b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    far += b"</sheetData></worksheet>"
    assert "请删掉远处多余的内容" in complaint("a.xlsx", packed({"xl/worksheets/sheet1.xml": far}))


def test_a_file_that_unpacks_without_end_is_refused() -> None:
    assert "解开后太大" in complaint("a.xlsx", packed({"xl/media/x.xml": bytes(101 * 1024 * 1024)}))


def read_when_broken(kind: str, place: int, stuff: bytes) -> None:
    whole = WHOLE[kind]
    at = place % len(whole)
    for broken in (whole[:at] + stuff + whole[at + len(stuff) :], whole[:at]):
        book = files.read([(f"人员.{kind}", broken)])
        assert book.sheets or book.faults


BREAKS = {"place": st.integers(0, 1_000_000), "stuff": st.binary(min_size=1, max_size=40)}


@settings(max_examples=10, deadline=None)
@given(**BREAKS)
@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_no_broken_spreadsheet_crashes_the_reader(kind: str, place: int, stuff: bytes) -> None:
    read_when_broken(kind, place, stuff)


@given(**BREAKS)
def test_no_broken_csv_crashes_the_reader(place: int, stuff: bytes) -> None:
    read_when_broken("csv", place, stuff)


def _old() -> bytes:
    written = xlwt.Workbook(encoding="utf-8")
    page = written.add_sheet("人员")
    for n, row in enumerate(STAFF):
        for place, cell in enumerate(row):
            page.write(n, place, cell)
    out = io.BytesIO()
    written.save(out)
    return out.getvalue()


WHOLE = {"xlsx": as_xlsx(), "xls": _old(), "csv": as_csv(STAFF)}
