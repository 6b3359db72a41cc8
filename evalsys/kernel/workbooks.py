"""Workbooks to be written, in which words stay words."""

import importlib
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xlsxwriter


def new_workbook(file: io.BytesIO, **options: bool) -> "xlsxwriter.Workbook":
    """A workbook that is written into a file when it is closed; nothing in it becomes a formula or a link."""
    # Loaded on first need: most workers never write one, and would hold it, some 3 MB, for ever.
    writing = importlib.import_module("xlsxwriter")
    book: xlsxwriter.Workbook = writing.Workbook(
        file, {"strings_to_formulas": False, "strings_to_urls": False, **options}
    )
    return book


def in_memory() -> tuple[io.BytesIO, "xlsxwriter.Workbook"]:
    """A workbook whose cells come in any order, and where it is to be read once it is closed."""
    file = io.BytesIO()
    return file, new_workbook(file, in_memory=True, nan_inf_to_errors=True)
