"""Workbooks that go out: the template to fill in, and the same file back with what is wrong."""

from collections.abc import Iterable
from typing import Any

from evalsys.kernel.sheets import annotated as answers
from evalsys.kernel.sheets.files import Fault, Workbook
from evalsys.kernel.workbooks import in_memory
from evalsys.organisation.workbook.columns import SHEETS, Column
from evalsys.organisation.workbook.tables import Reading


def annotated(book: Workbook, reading: Reading, faults: Iterable[Fault]) -> bytes:
    """The workbook as it was read, as xlsx, each faulty row ending in what to do about it."""
    return answers.annotated(book, {table.sheet: table.header for table in reading.tables}, faults)


def template() -> bytes:
    """An empty workbook with the six sheets, their headers, and a sheet that says how to fill them in."""
    out, written = in_memory()
    header = written.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EFF8"})
    wrapped = written.add_format({"text_wrap": True, "valign": "top"})
    _write_guide(written.add_worksheet("说明"), header, wrapped)
    formats = {
        "text": written.add_format({"num_format": "@"}),
        "day": written.add_format({"num_format": "yyyy-mm-dd"}),
        "hour": written.add_format({"num_format": "hh:mm"}),
    }
    for name, columns in SHEETS.items():
        page = written.add_worksheet(name)
        page.freeze_panes(1, 0)
        for n, column in enumerate(columns):
            page.set_column(n, n, 16, formats[column.shape])
            page.write_string(0, n, column.name, header)
            if column.choices:
                page.data_validation(1, n, 5_000, n, {"validate": "list", "source": list(column.choices)})
    written.close()
    return out.getvalue()


def _write_guide(page: Any, header: Any, wrapped: Any) -> None:
    page.set_column(0, 1, 18)
    page.set_column(2, 2, 70)
    for n, words in enumerate(_GUIDE):
        page.write_string(n, 0, words)
    for n, words in enumerate(("工作表", "列", "怎么填")):
        page.write_string(len(_GUIDE), n, words, header)
    rows = [(name, column) for name, columns in SHEETS.items() for column in columns]
    for n, (name, column) in enumerate(rows, start=len(_GUIDE) + 1):
        page.write_string(n, 0, name)
        page.write_string(n, 1, column.name)
        page.write_string(n, 2, _how_to_fill(column), wrapped)


def _how_to_fill(column: Column) -> str:
    must = "必填" if column.is_key else "新增时必填" if column.is_required else "可不填"
    clearing = "写“无”表示清空" if column.may_be_cleared else ""
    return "。".join(words for words in (must, column.note, clearing) if words)


_GUIDE = (
    "不用的工作表可以空着或删掉;列的顺序随意,多出来的列不会读。",
    "空白格表示不改;已有的记录按代码、编号、工号、编码对上,只改填了的格。",
    "“排班”会整个替换它写到的每一天每个窗口的排班,没写到的不动。",
)
