"""Files kept between the dry run and the import: in the site's own folder, by account, for a day."""

import io
import os
import re
import zipfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from evalsys.kernel import settings
from evalsys.organisation.actions.imports import source_of

FOLDER = "uploads"  # in the site's own folder
KEPT_FOR = timedelta(days=1)
_KEY = re.compile(r"[0-9a-f]{64}")
Files = list[tuple[str, bytes]]


def keep_upload(folder: Path, account_id: int, files: Files, now: datetime) -> str:
    """Keep files for the second step; returns the key that finds them again."""
    key = source_of(files).sha256
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for n, (name, content) in enumerate(files):
            # The number keeps two files of one name apart; the name says which sheet a csv file is.
            package.writestr(f"{n}/{Path(name).name}", content)
    place = _place(folder, account_id, key)
    place.write_bytes(packed.getvalue())
    os.utime(place, (now.timestamp(), now.timestamp()))
    return key


def kept_upload(folder: Path, account_id: int, key: str, now: datetime) -> Files | None:
    """The files an account kept under a key; None once the day is over, or where there are none."""
    if not _KEY.fullmatch(key):
        return None
    place = _place(folder, account_id, key)
    if not place.exists() or _is_old(place, now):
        return None
    with zipfile.ZipFile(place) as package:
        return [(name.partition("/")[2], package.read(name)) for name in package.namelist()]


def forget_upload(folder: Path, account_id: int, key: str) -> None:
    """Drop files that are no longer needed."""
    _place(folder, account_id, key).unlink(missing_ok=True)


def drop_old(folder: Path, now: datetime) -> None:
    """Drop the files nobody came back for within the day: there may be telephone numbers in them."""
    for place in folder.glob("*.zip"):
        # Whoever came back may have taken one away meanwhile.
        with suppress(FileNotFoundError):
            if _is_old(place, now):
                place.unlink()


def drop_uploads(_session: Session, now: datetime) -> None:
    """Drop old files in the site's own folder, by the clock."""
    drop_old(settings.current().instance / FOLDER, now)


def _is_old(place: Path, now: datetime) -> bool:
    return datetime.fromtimestamp(place.stat().st_mtime, now.tzinfo) < now - KEPT_FOR


def _place(folder: Path, account_id: int, key: str) -> Path:
    return folder / f"{account_id}-{key}.zip"
