"""Files that were handed in: made harmless, kept in the site's folder under what they hold."""

import hashlib
import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from evalsys.kernel.models import StoredFile
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

FOLDER = "files"
LARGEST = 5 * 1024 * 1024  # bytes
MOST_PIXELS = 40_000_000
FORMATS = {"JPEG": "jpg", "PNG": "png"}
_PDF = b"%PDF-"


class UnfitFile(Refused):
    """A file of a kind or size that is not taken."""


@dataclass(frozen=True)
class Kept:
    """A file as it is kept: its name is the SHA-256 of its bytes."""

    sha256: str
    kind: str
    content: bytes


def harmless(content: bytes) -> Kept:
    """A picture drawn anew without its EXIF data, or a PDF as it is; raises UnfitFile for anything else."""
    if not content:
        raise UnfitFile(N_("文件是空的。请重新扫描或拍照。"))
    if len(content) > LARGEST:
        raise UnfitFile(N_("文件超过5MB。请降低清晰度后重新扫描。"))
    kind, content = ("pdf", content) if content.startswith(_PDF) else _redrawn(content)
    return Kept(hashlib.sha256(content).hexdigest(), kind, content)


def _redrawn(content: bytes) -> tuple[str, bytes]:
    """The pixels of a picture and nothing else of it: no place, no camera, no owner."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of pictures that would fill the memory; they are measured before they are decoded.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as picture:
                kind = FORMATS[picture.format or ""]
                if picture.width * picture.height > MOST_PIXELS:
                    raise UnfitFile(N_("图片太大(超过4000万像素)。请降低清晰度后重新扫描。"))
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombWarning,
    ) as fault:
        raise UnfitFile(N_("这个文件打不开,或不是jpg、png、pdf。请重新扫描。")) from fault
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    drawn = io.BytesIO()
    bare.save(drawn, "JPEG" if kind == "jpg" else "PNG", quality=85)
    return kind, drawn.getvalue()


def keep(connection: Connection, instance: Path, kept: Kept, by: int | None) -> None:
    """Keep a file and note who handed it in first; the same file again changes nothing."""
    place = place_of(instance, kept.sha256, kept.kind)
    if not place.exists():
        _write(place, kept.content)
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(StoredFile).on_conflict_do_nothing(index_elements=["sha256"]),
        {"sha256": kept.sha256, "kind": kept.kind, "size": len(kept.content), "by": by},
    )


def place_of(instance: Path, sha256: str, kind: str) -> Path:
    """Where a file lies: never under a name that somebody chose."""
    return instance / FOLDER / sha256[:2] / f"{sha256}.{kind}"


def _write(place: Path, content: bytes) -> None:
    """Write all of a file or nothing, and have it on the disk before the row that names it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, place)
