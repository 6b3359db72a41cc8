"""Files that are handed in are made harmless, found by what they hold, swept when nothing names them."""

import io
import os
import random
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from evalsys.evaluation.models import PaperForm
from evalsys.identity.queries.accounts import account_by_name
from evalsys.identity.rules import OWN_ACCOUNT
from evalsys.kernel import clock, files, forms, writer
from evalsys.kernel.access import requires
from evalsys.kernel.database import transaction
from evalsys.kernel.files import Kept, UnfitFile, harmless
from evalsys.kernel.language import say
from evalsys.kernel.models import StoredFile
from evalsys.kernel.settings import Settings
from tests.builders import a_rating, a_window, an_account, signed_in
from tests.conftest import Inside

PDF = b"%PDF-1.7\n" + b"x" * 100


def a_photograph(kind: str = "JPEG", **more: Any) -> bytes:
    """A picture that says where it was taken and which way up it is."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "the-camera"
    exif.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(file, kind, exif=exif, **more)
    return file.getvalue()


def an_upload(content: bytes, name: str = "证据.jpg") -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_is_kept_upright_and_without_what_the_camera_wrote(kind: str) -> None:
    kept = harmless(a_photograph(kind))
    assert b"the-camera" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert picture.size == (48, 64)
        assert not picture.getexif()


def test_a_photograph_with_a_second_one_inside_is_kept_as_the_first() -> None:
    file = io.BytesIO()
    first, second = (Image.new("RGB", (40, 30), colour) for colour in ("red", "blue"))
    first.save(file, "MPO", save_all=True, append_images=[second])
    kept = harmless(file.getvalue())
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert (kept.kind, picture.format) == ("jpg", "JPEG")
        red, _, blue = picture.convert("RGB").getpixel((20, 15))  # type: ignore[misc]
        assert red > blue + 150


def a_bomb(side: int) -> bytes:
    """A small PNG that says it is very large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"0" * 100)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("side", [6_400, 12_000, 30_000])
def test_a_picture_that_would_fill_the_memory_is_refused_unseen(side: int) -> None:
    with pytest.raises(UnfitFile, match="4000万像素"):
        harmless(a_bomb(side))


@pytest.mark.parametrize(
    "content", [b"GIF89a" + b"x" * 50, b"<html>", b"PK\x03\x04", b"MZ", a_photograph()[:300]]
)
def test_what_is_no_picture_and_no_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(UnfitFile, match=r"jpg、png、pdf"):
        harmless(content)


def test_a_damaged_picture_is_kept_or_refused_and_never_a_fault_of_ours() -> None:
    chance = random.Random(5)
    for content in (a_photograph(), a_photograph("PNG"), a_photograph("JPEG", progressive=True)):
        for _ in range(150):
            damaged = bytearray(content)
            for _ in range(chance.randint(1, 6)):
                damaged[chance.randrange(min(len(damaged), chance.choice((80, 200, 10_000))))] = (
                    chance.randrange(256)
                )
            try:
                harmless(bytes(damaged))
            except UnfitFile:
                continue


def test_nine_files_of_ten_megabytes_come_at_once_and_no_more() -> None:
    nine = [an_upload(PDF + bytes([n]), f"{n}.pdf") for n in range(9)]
    assert len({kept.sha256 for kept in files.received(nine)}) == 9
    with pytest.raises(UnfitFile, match="最多传9个文件,这次有10个"):
        files.received([an_upload(PDF) for _ in range(10)])
    large = b"%PDF-" + b"x" * (files.LARGEST_OF_SEVERAL - 5)
    assert len(files.received([an_upload(large)])[0].content) == files.LARGEST_OF_SEVERAL
    with pytest.raises(UnfitFile, match=r"“大.pdf”:文件超过10MB"):
        files.received([an_upload(PDF), an_upload(large + b"x", "大.pdf")])
    with pytest.raises(UnfitFile, match=r"“空.pdf”:文件是空的"):
        files.received([an_upload(b"", "空.pdf")])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_file_that_is_refused_is_named_in_the_readers_language(app: Flask) -> None:
    with pytest.raises(UnfitFile) as refused:
        files.received([an_upload(b"", "空.pdf")])
    with app.test_request_context("/?lang=en"):
        assert "The file is empty" in say(refused.value)


def test_a_field_left_empty_is_no_file() -> None:
    assert files.received([an_upload(b"", "")]) == ()


def stored(app: Flask, content: bytes = PDF, by: int | None = 7) -> str:
    (kept,) = files.received([an_upload(content)])
    with app.app_context():
        return writer.run(files.store, kept, by)


def rows(committed: Inside) -> int:
    return int(str(committed(lambda s: s.scalar(select(func.count()).select_from(StoredFile)))))


def test_the_same_file_twice_is_one_and_belongs_to_the_first(app: Flask, committed: Inside) -> None:
    name = stored(app, by=7)
    assert stored(app, by=8) == name
    assert rows(committed) == 1
    assert committed(lambda session: session.get(StoredFile, name).by) == 7

    def content(session: Session) -> bytes:
        path = files.path_of(session, name)
        assert path is not None
        return path.read_bytes()

    assert committed(content) == PDF
    assert committed(lambda session: files.path_of(session, "0" * 64)) is None


@pytest.mark.parametrize(
    ("content", "media", "shown"),
    [(PDF, "application/pdf", "attachment"), (a_photograph("PNG"), "image/png", "inline")],
)
def test_a_file_is_sent_as_what_it_is_and_nobody_keeps_it(
    app: Flask, content: bytes, media: str, shown: str
) -> None:
    name = stored(app, content)
    with app.test_request_context(), transaction() as session:
        answer = files.send(session, name, "C-1")
        answer.direct_passthrough = False
        assert answer.mimetype == media
        assert answer.headers["Content-Disposition"].startswith(shown)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.get_data()[:4] == content[:4]
        answer.close()


def old(path: Path) -> None:
    """Let a file be as if it had lain there for two days."""
    since = (clock.now() - timedelta(days=2)).timestamp()
    os.utime(path, (since, since))


def age_all(settings: Settings) -> list[Path]:
    lying = [path for path in (settings.instance / files.FOLDER).rglob("*") if path.is_file()]
    for path in lying:
        old(path)
    return lying


def sweep(committed: Inside) -> int:
    return int(str(committed(lambda session: files.sweep(session, clock.now()))))


def test_a_file_nothing_names_is_swept_after_a_day(
    app: Flask, site_settings: Settings, committed: Inside
) -> None:
    named, unnamed = stored(app, PDF), stored(app, PDF + b"unnamed")

    def name_it(session: Session) -> None:
        root = a_rating(session, a_window(session)).root
        helper = account_by_name(session, an_account(session, "helper"))
        assert helper is not None
        facts = {"serial": "P-1", "entered_by": helper.id, "entered_at": clock.now()}
        session.add(PaperForm(rating_id=root, scan=named, **facts))

    committed(name_it)
    assert sweep(committed) == 0
    folder = site_settings.instance / files.FOLDER
    (folder / "ab").mkdir()
    (folder / "ab" / "tmphalfwritten").write_bytes(b"x")
    age_all(site_settings)
    assert sweep(committed) == 2
    assert [path.stem for path in folder.rglob("*") if path.is_file()] == [named]
    assert committed(lambda session: session.scalars(select(StoredFile.sha256)).all()) == [named]
    assert unnamed != named


def test_what_is_handed_in_again_is_not_swept(app: Flask, site_settings: Settings, committed: Inside) -> None:
    stored(app)
    age_all(site_settings)
    stored(app)
    assert sweep(committed) == 0
    assert rows(committed) == 1


def test_a_refused_form_leaves_a_file_that_is_swept(
    app: Flask, site_settings: Settings, committed: Inside
) -> None:
    def store_and_fail(connection: Any, kept: Kept) -> None:
        files.store(connection, kept, None)
        raise LookupError

    with app.app_context(), pytest.raises(LookupError):
        writer.run(store_and_fail, harmless(PDF))
    assert rows(committed) == 0
    assert len(age_all(site_settings)) == 1
    assert sweep(committed) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_page_that_takes_files_takes_more_than_others_and_only_of_people_signed_in(app: Flask) -> None:
    @requires(OWN_ACCOUNT)
    def plain() -> str:
        return ""

    app.add_url_rule("/several", "several", forms.takes_files(plain), methods=["POST"])
    app.add_url_rule("/one", "one", requires(OWN_ACCOUNT)(lambda: ""), methods=["POST"])
    client = signed_in(app, "owner")
    page = client.get("/account").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    head = b'--part\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
    form = head % (b"csrf_token", b"") + token.encode() + b"\r\n"
    form += head % (b"file", b'; filename="large.pdf"') + b"x" * forms.UPLOAD_LIMIT + b"\r\n--part--\r\n"

    def post(who: Any, address: str) -> int:
        kind = "multipart/form-data; boundary=part"
        return int(who.post(address, data=form, content_type=kind).status_code)

    assert (post(client, "/several"), post(client, "/one")) == (200, 413)
    assert post(app.test_client(), "/several") == 413
