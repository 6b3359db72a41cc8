"""The printed sheets: everything that is drawn is read back by machines that are not ours."""

import io
import subprocess
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import PIL.Image
import pypdf
import pytest
import typst
import zxingcpp

from evalsys.evaluation.codes import check, printing, sheets
from evalsys.evaluation.codes.sheets import Format, Layout, Poster, Sheet
from evalsys.kernel import qr

KEY = b"k" * 32
AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DEPARTMENTS = ("行政审批服务局", "税务局", "自然资源和规划局(不动产登记)")


def poster(number: int, department: str = "", shown: str = "") -> Poster:
    code = check.window_code(number, KEY)
    return Poster(
        window=f"C-{shown or number}",
        hall="C县政务服务中心",
        number=shown or str(number),
        department=department or DEPARTMENTS[number % 3],
        code=check.grouped(code),
        version=1,
        address=sheets.rating_address("https://hpj.example.gov.cn", code),
    )


def posters(how_many: int) -> list[Poster]:
    return [poster(number) for number in range(1, how_many + 1)]


def sheet(layout: Layout = Layout.A4, start: int = 1, *, demo: bool = False) -> Sheet:
    return Sheet(layout=layout, at=AT, demo=demo, start=start)


def pdf(wanted: list[Poster], on: Sheet) -> bytes:
    (file,) = printing.files(wanted, on, Format.PDF)
    return file.content


def read(picture: bytes) -> list[zxingcpp.Barcode]:
    image = PIL.Image.open(io.BytesIO(picture))
    return list(zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode))


def addresses(picture: bytes) -> list[str]:
    return [code.text for code in read(picture)]


def pages(content: bytes, folder: Path, dots: int = 45) -> list[bytes]:
    """The pages as poppler prints them, so many dots an inch."""
    (folder / "sheet.pdf").write_bytes(content)
    subprocess.run(
        ["pdftoppm", "-gray", "-r", str(dots), "-png", folder / "sheet.pdf", folder / "page"], check=True
    )
    return [page.read_bytes() for page in sorted(folder.glob("page*.png"))]


def rasterised(svg: str) -> bytes:
    return typst.compile(
        b'#set page(width: auto, height: auto)\n#image(bytes(sys.inputs.svg), format: "svg")',
        format="png",
        sys_inputs={"svg": svg},
    )


def words(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_a_picture_of_an_address_is_read_back_with_a_strong_check_and_its_quiet_zone() -> None:
    address = poster(7).address
    picture = qr.png(address)
    (code,) = read(picture)
    assert (code.text, code.ec_level) == (address, "Q")
    pixels = PIL.Image.open(io.BytesIO(picture)).convert("L")
    assert pixels.crop((0, 0, pixels.width, 4 * 12)).getextrema() == (255, 255)
    assert pixels.getpixel((4 * 12, 4 * 12)) == 0


def test_the_vector_picture_is_one_path_on_white_and_is_read_back() -> None:
    svg = qr.svg(poster(7).address)
    assert svg.count("<path") == 1
    assert 'fill="white"' in svg
    assert addresses(rasterised(svg)) == [poster(7).address]


@pytest.mark.slow
def test_every_poster_of_210_leads_to_its_window(tmp_path: Path) -> None:
    wanted = posters(210)
    seen = [addresses(page) for page in pages(pdf(wanted, sheet()), tmp_path)]
    assert seen == [[one.address] for one in wanted]


def test_a_small_poster_leads_to_its_window(tmp_path: Path) -> None:
    seen = [addresses(page) for page in pages(pdf(posters(3), sheet(Layout.A5)), tmp_path, dots=72)]
    assert seen == [[one.address] for one in posters(3)]


def test_both_faces_of_a_tent_lead_to_its_window_and_one_stands_upside_down(tmp_path: Path) -> None:
    wanted = posters(3)
    for one, page in zip(wanted, pages(pdf(wanted, sheet(Layout.TENT)), tmp_path), strict=True):
        upper, lower = sorted(read(page), key=lambda code: code.position.top_left.y)
        assert upper.text == lower.text == one.address
        assert abs(upper.orientation) == 180
        assert lower.orientation == 0


def test_210_labels_stand_on_nine_sheets_and_all_are_read(tmp_path: Path) -> None:
    printed = pages(pdf(posters(210), sheet(Layout.LABELS)), tmp_path, dots=110)
    seen = [code for page in printed for code in addresses(page)]
    assert len(printed) == 9
    assert Counter(seen) == Counter(one.address for one in posters(210))


def test_a_label_is_large_enough_for_any_phone(tmp_path: Path) -> None:
    (page,) = pages(pdf(posters(1), sheet(Layout.LABELS)), tmp_path, dots=254)
    (code,) = read(page)
    assert (code.position.top_right.x - code.position.top_left.x) / 10 >= 25  # ten dots a millimetre


def test_labels_begin_at_the_first_free_place_of_a_begun_sheet(tmp_path: Path) -> None:
    printed = pages(pdf(posters(21), sheet(Layout.LABELS, start=5)), tmp_path, dots=150)
    assert [len(addresses(page)) for page in printed] == [20, 1]
    first = min(read(printed[0]), key=lambda c: (c.position.top_left.y // 100, c.position.top_left.x))
    assert first.text == poster(1).address
    millimetre = 150 / 25.4
    # The fifth place: second row, second column.
    assert 70 < first.position.top_left.x / millimetre < 140
    assert 37 < first.position.top_left.y / millimetre < 74


@pytest.mark.parametrize("layout", [Layout.A4, Layout.A5, Layout.TENT])
def test_a_poster_says_what_the_person_before_it_needs(layout: Layout) -> None:
    (text,) = words(pdf([poster(24)], sheet(layout)))
    flat = text.replace("\n", "")
    for said in (
        "C县政务服务中心",
        "24号窗口",
        "行政审批服务局",
        "微信扫一扫",
        "给本次服务作评价",
        "Scan to rate this service",
        "本页不收费、不要密码、不要验证码",
        "没有智能手机",
        "hpj.example.gov.cn",
        poster(24).code,
        "C-24",
        "第1版",
    ):
        assert said in flat
    assert "演示数据" not in flat


def test_a_label_says_the_same_in_short() -> None:
    (text,) = words(pdf([poster(24)], sheet(Layout.LABELS)))
    flat = text.replace("\n", "")
    for said in (
        "24号窗口",
        "C县政务服务中心",
        "行政审批服务局",
        "微信扫一扫，作评价",
        "不收费、不要密码、不要验证码",
        "hpj.example.gov.cn",
        poster(24).code,
        "C-24 第1版",
    ):
        assert said in flat


@pytest.mark.parametrize("layout", Layout)
def test_every_sheet_of_a_demo_says_so(layout: Layout) -> None:
    assert all("演示数据" in page for page in words(pdf(posters(2), sheet(layout, demo=True))))


@pytest.mark.parametrize("layout", Layout)
def test_the_chinese_font_is_embedded_and_subset(layout: Layout) -> None:
    content = pdf(posters(2), sheet(layout))
    fonts = {
        font["/BaseFont"]: font["/DescendantFonts"][0]["/FontDescriptor"]
        for page in pypdf.PdfReader(io.BytesIO(content)).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    for name, descriptor in fonts.items():
        assert name[1:].split("+")[1].startswith("NotoSansCJKsc")
        assert "/FontFile3" in descriptor
    assert len(content) < 200_000  # the whole font is 15 MB


def test_the_document_is_tagged_lists_its_windows_and_claims_the_standards() -> None:
    document = pypdf.PdfReader(io.BytesIO(pdf(posters(2), sheet())))
    root = document.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert [item.title for item in document.outline] == ["1号窗口", "2号窗口"]
    claims = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in claims
    assert "<pdfuaid:part>1</pdfuaid:part>" in claims


@pytest.mark.parametrize("layout", Layout)
def test_long_names_and_numbers_stay_on_their_page(layout: Layout, tmp_path: Path) -> None:
    name = "自然资源和规划局不动产登记和交易服务中心综合受理分中心(含税务联办窗口)"
    long = poster(3, department=name, shown="B-1203")
    content = pdf([long], sheet(layout))
    (page,) = pages(content, tmp_path, dots=150)
    assert set(addresses(page)) == {long.address}
    assert name in words(content)[0].replace("\n", "")


@pytest.mark.parametrize("layout", Layout)
def test_each_window_has_a_picture_named_after_it(layout: Layout) -> None:
    drawn = list(printing.files(posters(2), sheet(layout), Format.PNG))
    assert [file.name for file in drawn] == ["C-1.png", "C-2.png"]
    assert [set(addresses(file.content)) for file in drawn] == [{poster(1).address}, {poster(2).address}]
    drawn = list(printing.files(posters(2), sheet(layout), Format.SVG))
    assert [file.name for file in drawn] == ["C-1.svg", "C-2.svg"]


def test_the_archive_holds_the_document_and_both_pictures_of_every_window() -> None:
    (file,) = printing.files(posters(2), sheet(), Format.ZIP)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            "codes-a4.pdf", "png/C-1.png", "png/C-2.png", "svg/C-1.svg", "svg/C-2.svg",
        ]  # fmt: skip
        assert addresses(archive.read("png/C-2.png")) == [poster(2).address]


def test_several_pictures_come_down_as_one_archive_and_one_comes_as_it_is() -> None:
    assert printing.one_file(posters(1), sheet(), Format.PNG).name == "C-1.png"
    assert printing.one_file(posters(2), sheet(), Format.PNG).name == "codes-a4-png.zip"


def test_the_same_print_is_the_same_file() -> None:
    assert pdf(posters(2), sheet()) == pdf(posters(2), sheet())


@pytest.mark.parametrize(
    ("base", "doubt"),
    [
        ("http://127.0.0.1:8000", "本机"),
        ("https://localhost", "本机"),
        ("https://[::1]", "本机"),
        ("https://0.0.0.0", "本机"),
        ("https://192.168.1.20", "内部网络"),
        ("https://10.1.2.3:8443", "内部网络"),
        ("https://hall-server", "内部网络"),
        ("https://pj.lan", "内部网络"),
        ("http://hpj.example.gov.cn", "https"),
    ],
)
def test_an_address_no_citizen_can_open_is_doubted(base: str, doubt: str) -> None:
    assert doubt in (sheets.doubt_about(base) or "")


def test_a_public_https_address_is_not_doubted() -> None:
    assert sheets.doubt_about("https://hpj.example.gov.cn") is None
    assert sheets.doubt_about("https://1.2.4.8") is None
