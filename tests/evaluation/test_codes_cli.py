"""`evalsys evaluation codes`: files in a folder, refusals in sentences."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import PIL.Image
import pypdf
import pytest
import zxingcpp
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.evaluation.actions import codes as actions
from evalsys.evaluation.cli import group
from evalsys.evaluation.queries import codes
from evalsys.kernel import clock, site
from evalsys.kernel.access import EVERYTHING
from tests.builders import a_unit, a_window
from tests.conftest import Inside
from tests.pages import PageClient

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

NUMBERS = ("1", "2", "24", "A1")
Printing = Callable[..., Result]


@pytest.fixture
def printing(app: Flask, committed: Inside, tmp_path: Path) -> Printing:
    """The command on a hall of four windows, with files in `tmp_path / "out"`."""

    def make(session: Session) -> None:
        a_unit(session)
        for number in NUMBERS:
            a_window(session, number)

    committed(make)

    def run(*arguments: str, kind: str = site.DEMO, base: str = "http://127.0.0.1:8000") -> Result:
        committed(lambda session: site.declare(session, kind))
        app.extensions["evalsys.settings"] = replace(app.extensions["evalsys.settings"], base_url=base)
        with app.app_context():
            return CliRunner().invoke(group, ["codes", "--out", str(tmp_path / "out"), *arguments])

    return run


def written(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "out").glob("*"))


def address_in(picture: Path) -> str:
    (found,) = zxingcpp.read_barcodes(PIL.Image.open(picture))
    return str(found.text)


def test_each_picture_leads_to_the_form_of_the_window_it_is_named_after(
    printing: Printing, tmp_path: Path, client: PageClient
) -> None:
    assert printing("--format", "png").exit_code == 0
    assert written(tmp_path) == ["C-1.png", "C-2.png", "C-24.png", "C-A1.png"]
    for number in NUMBERS:
        address = address_in(tmp_path / "out" / f"C-{number}.png")
        assert address.startswith("http://127.0.0.1:8000/q/")
        page = client.get(urlsplit(address).path)
        assert page.status_code == 200
        assert f"<b>{number}号窗口</b>" in page.get_data(as_text=True)


def test_without_more_said_one_document_holds_every_window(printing: Printing, tmp_path: Path) -> None:
    done = printing()
    assert "4个窗口的码" in done.output
    assert written(tmp_path) == ["codes-a4.pdf"]
    outline = pypdf.PdfReader(tmp_path / "out" / "codes-a4.pdf").outline
    assert [item.title for item in outline] == ["1号窗口", "2号窗口", "24号窗口", "A1号窗口"]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--window", "24", "--format", "svg"), ["C-24.svg"]),
        (("--window", "C-1", "--window", "A1", "--format", "png"), ["C-1.png", "C-A1.png"]),
        (("--hall", "C", "--layout", "tent"), ["codes-tent.pdf"]),
        (("--layout", "labels", "--start", "23"), ["codes-labels.pdf"]),
        (("--format", "zip", "--layout", "a5"), ["codes-a5.zip"]),
    ],
)
def test_one_gets_what_one_asks_for(
    printing: Printing, tmp_path: Path, arguments: tuple[str, ...], names: list[str]
) -> None:
    assert printing(*arguments).exit_code == 0
    assert written(tmp_path) == names


def test_labels_begin_where_they_are_told(printing: Printing, tmp_path: Path) -> None:
    printing("--layout", "labels", "--start", "23")
    pages = pypdf.PdfReader(tmp_path / "out" / "codes-labels.pdf").pages
    numbers = [[n for n in NUMBERS if f"C-{n} 第1版" in page.extract_text()] for page in pages]
    assert numbers == [["1", "2"], ["24", "A1"]]


def test_progress_is_shown_beside_the_result(printing: Printing) -> None:
    done = printing("--format", "svg")
    assert "绘制评价码: 100%" in done.stderr
    assert "绘制评价码" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--hall", "X"), "没有代码是“X”的大厅"),
        (("--window", "1", "--window", "77", "--window", "B9"), "没有这些窗口:77、B9。"),
        (("--layout", "labels", "--start", "25"), "--start"),
        (("--format", "docx"), "--format"),
    ],
)
def test_what_cannot_be_printed_writes_nothing(
    printing: Printing, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = printing(*arguments)
    assert done.exit_code != 0
    assert says in done.output
    assert written(tmp_path) == []


@pytest.mark.parametrize(
    ("base", "says"),
    [
        ("http://127.0.0.1:8000", "只有本机能打开"),
        ("https://192.168.3.4", "只在内部网络里能打开"),
        ("http://hpj.example.gov.cn", "不是https"),
    ],
)
def test_a_real_hall_is_not_given_codes_nobody_can_open(
    printing: Printing, tmp_path: Path, base: str, says: str
) -> None:
    refused = printing(kind=site.REAL, base=base)
    assert refused.exit_code == 1
    assert says in refused.output
    assert "--yes" in refused.output
    assert written(tmp_path) == []
    assert printing("--yes", kind=site.REAL, base=base).exit_code == 0
    assert written(tmp_path) == ["codes-a4.pdf"]


def test_a_real_hall_with_a_public_address_prints_without_being_asked(
    printing: Printing, tmp_path: Path
) -> None:
    assert printing(kind=site.REAL, base="https://hpj.example.gov.cn").exit_code == 0
    (page, *_) = pypdf.PdfReader(tmp_path / "out" / "codes-a4.pdf").pages
    assert "hpj.example.gov.cn" in page.extract_text()
    assert "演示数据" not in page.extract_text()


def test_a_demo_says_so_on_every_sheet(printing: Printing, tmp_path: Path) -> None:
    printing("--format", "zip")
    with zipfile.ZipFile(tmp_path / "out" / "codes-a4.zip") as archive:
        document = pypdf.PdfReader(io.BytesIO(archive.read("codes-a4.pdf")))
    assert all("演示数据" in page.extract_text() for page in document.pages)


def test_a_revoked_code_is_not_printed_again(printing: Printing, tmp_path: Path, committed: Inside) -> None:
    printing()

    def revoke_all(session: Session) -> None:
        for code in codes.current_codes(session, EVERYTHING, clock.today()):
            actions.revoke_code(session, code.code_id, "换新址", clock.now(), None)

    committed(revoke_all)
    refused = printing()
    assert refused.exit_code == 1
    assert "都停用了" in refused.output
