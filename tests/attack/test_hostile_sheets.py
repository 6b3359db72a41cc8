"""Workbooks made to do harm: one that names files of ours, one that unpacks without end."""

import io
import zipfile
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from evalsys.kernel.sheets import opening

SECRET = "nobody outside reads this"


def a_workbook() -> bytes:
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet("窗口").write(0, 0, "大厅")
    return file.getvalue()


def changed(content: bytes, part: str, written: str | None = None) -> bytes:
    """The workbook with one of its parts written anew, or with a long one beside the others."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, written if name == part and written is not None else old.read(name))
        if written is None:
            with new.open(part, "w", force_zip64=True) as long:
                for _ in range(opening.MOST_UNPACKED // 2**20 + 1):
                    long.write(bytes(2**20))
    return made.getvalue()


def test_a_workbook_that_names_a_file_of_ours_is_told_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    words = (
        f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1">'
        "<si><t>大厅&x;</t></si></sst>"
    )
    hostile = changed(a_workbook(), "xl/sharedStrings.xml", words)
    assert opening.opened(a_workbook())[0].rows == [["大厅"]]
    try:
        told = str(opening.opened(hostile))
    except opening.CannotOpen as refused:
        told = str(refused)
    assert SECRET not in told


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened() -> None:
    hostile = changed(a_workbook(), "xl/media/image1.bin")
    assert len(hostile) < 2**20
    with pytest.raises(opening.CannotOpen, match="解开后太大"):
        opening.opened(hostile)
