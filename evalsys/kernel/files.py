"""Files that were handed in: made harmless, kept in the site's folder under what they hold."""

import hashlib
import importlib
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from flask import Response, abort, send_file
from sqlalchemy import Column, Connection, bindparam, delete, exists, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from evalsys.kernel import settings
from evalsys.kernel.database import insert_once
from evalsys.kernel.models import StoredFile
from evalsys.kernel.refusals import Refused
from evalsys.kernel.types import Base
from evalsys.kernel.words import N_

FOLDER = "files"
MB = 1024 * 1024
LARGEST = 5 * MB  # of a scan
LARGEST_OF_SEVERAL = 10 * MB  # of each file of a step
MOST_AT_ONCE = 9
MEDIA = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
SWEPT_AFTER = timedelta(days=1)  # a file nothing refers to may still be on its way into a transaction
_PDF = b"%PDF-"


class UnfitFile(Refused):
    """A file of a kind or size that is not taken."""


@dataclass(frozen=True)
class Kept:
    """A file as it is kept: its name is the SHA-256 of its bytes."""

    sha256: str
    kind: str
    content: bytes


def harmless(content: bytes, largest: int = LARGEST) -> Kept:
    """A picture drawn anew without its EXIF data, or a PDF as it is; raises UnfitFile for anything else.

    `largest` is in bytes, whole megabytes.
    """
    if not content:
        raise UnfitFile(N_("文件是空的。请重新扫描或拍照。"))
    if len(content) > largest:
        raise UnfitFile(N_("文件超过{mb}MB。请降低清晰度后重新扫描。"), mb=largest // MB)
    kind, content = ("pdf", content) if content.startswith(_PDF) else _redrawn(content)
    return Kept(hashlib.sha256(content).hexdigest(), kind, content)


def received(uploads: Iterable[FileStorage]) -> tuple[Kept, ...]:
    """The files of a form's one field, made harmless; fields left empty are passed over.

    At most 9 of at most 10 MB. Decoding takes time: ask before anything is read from the database. Raises
    UnfitFile, naming the file.
    """
    sent = [upload for upload in uploads if upload.filename]
    if len(sent) > MOST_AT_ONCE:
        raise UnfitFile(
            N_("一次最多传{most}个文件,这次有{n}个。请分几次传。"), most=MOST_AT_ONCE, n=len(sent)
        )
    return tuple(_received(upload, upload.filename or "") for upload in sent)


def _received(upload: FileStorage, name: str) -> Kept:
    with closing(upload):
        content = upload.read(LARGEST_OF_SEVERAL + 1)
    try:
        return harmless(content, LARGEST_OF_SEVERAL)
    except UnfitFile as refusal:
        raise UnfitFile(N_("“{name}”:{refusal}"), name=name[:60], refusal=refusal) from refusal


def _redrawn(content: bytes) -> tuple[str, bytes]:
    # Loaded on first need: most workers never see a picture, and would hold what reads it, for ever.
    pictures = importlib.import_module("evalsys.kernel.pictures")
    try:
        kind, drawn = pictures.redrawn(content)
    except pictures.TooLarge as fault:
        raise UnfitFile(N_("图片太大(超过4000万像素)。请降低清晰度后重新扫描。")) from fault
    except pictures.Unreadable as fault:
        raise UnfitFile(N_("这个文件打不开,或不是jpg、png、pdf。请重新扫描。")) from fault
    return kind, drawn


def store(session: Session | Connection, kept: Kept, by: int | None) -> str:
    """Keep a harmless file in the present site's folder; its SHA-256, by which other tables name it."""
    connection = session.connection() if isinstance(session, Session) else session
    keep(connection, settings.current().instance, kept, by)
    return kept.sha256


def keep(connection: Connection, instance: Path, kept: Kept, by: int | None) -> None:
    """Keep a file and note who handed it in first; the same file again changes nothing."""
    place = place_of(instance, kept.sha256, kept.kind)
    if place.exists():
        os.utime(place)  # no sweep takes what is being handed in again
    else:
        _write(place, kept.content)
    connection.execute(
        insert_once(connection, StoredFile, "sha256"),
        {"sha256": kept.sha256, "kind": kept.kind, "size": len(kept.content), "by": by},
    )


def place_of(instance: Path, sha256: str, kind: str) -> Path:
    """Where a file lies: never under a name that somebody chose."""
    return instance / FOLDER / sha256[:2] / f"{sha256}.{kind}"


def path_of(session: Session | Connection, sha256: str) -> Path | None:
    """Where a stored file lies in the present site's folder; None for a file that was never stored."""
    kind = session.execute(select(StoredFile.kind).where(StoredFile.sha256 == sha256)).scalar()
    return None if kind is None else place_of(settings.current().instance, sha256, kind)


def send(session: Session | Connection, sha256: str, name: str) -> Response:
    """A stored file as an answer: a picture is shown, a PDF downloaded as `name`; 404 where there is none.

    Whether the reader may have it is asked by the view before.
    """
    path = path_of(session, sha256)
    if path is None or not path.exists():
        abort(404)
    kind = path.suffix.removeprefix(".")
    answer = send_file(path, MEDIA[kind], as_attachment=kind == "pdf", download_name=f"{name}.{kind}")
    # The kind is said and believed; nobody between here and the reader keeps a copy.
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _write(place: Path, content: bytes) -> None:
    """Write all of a file or nothing, and have it on the disk before the row that names it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, place)


def sweep(session: Session, now: datetime) -> int:
    """Remove files that no row of any table refers to and that are a day old; how many.

    Such a file was handed in with a form that was refused, or what named it is gone.
    """
    limit = (now - SWEPT_AFTER).timestamp()
    lying = [path for path in _lying(settings.current().instance) if path.stat().st_mtime < limit]
    unnamed = select(StoredFile.sha256).where(*(~exists().where(c == StoredFile.sha256) for c in _naming()))
    gone = {path.stem for path in lying} & set(session.execute(unnamed).scalars())
    if gone:
        this = delete(StoredFile).where(StoredFile.sha256 == bindparam("gone"))
        session.connection().execute(this, [{"gone": name} for name in sorted(gone)])
    stored = set(session.execute(select(StoredFile.sha256)).scalars())
    swept = [path for path in lying if path.stem not in stored]
    for path in swept:
        path.unlink(missing_ok=True)
    return len(swept)


def _lying(instance: Path) -> Iterator[Path]:
    """Every file in the folder, half-written ones too."""
    return (path for path in (instance / FOLDER).rglob("*") if path.is_file())


def _naming() -> Iterator[Column[str]]:
    """The columns of all tables that name a stored file."""
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.target_fullname == f"{StoredFile.__tablename__}.sha256":
                yield key.parent
