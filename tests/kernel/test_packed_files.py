"""Spreadsheets are packed: what would unpack to too much is not unpacked."""

import io
import zipfile

from evalsys.kernel.sheets import files, opening


def test_a_spreadsheet_that_would_fill_the_memory_is_refused_unread() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        with bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(opening.MOST_UNPACKED // 2**20 + 1):
                sheet.write(b"0" * 2**20)
    assert len(packed.getvalue()) < files.MOST_BYTES
    book = files.read([("bomb.xlsx", packed.getvalue())])
    assert book.sheets == ()
    assert "太大" in str(book.faults[0])
