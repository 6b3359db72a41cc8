"""Files kept between the dry run and the import: in the site's own folder, by account, for a day."""

import io
import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

from evalsys.organisation.actions.imports import source_of

KEPT_FOR = timedelta(days=1)
_KEY = re.compile(r"[0-9a-f]{64}")
Files = list[tuple[str, bytes]]


def keep_upload(folder: Path, account_id: int, files: Files, now: datetime) -> str:
    """Keep files for the second step; returns the key that finds them again."""
    key = source_of(files).sha256
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("*.zip"):
        if datetime.fromtimestamp(old.stat().st_mtime, now.tzinfo) < now - KEPT_FOR:
            old.unlink(missing_ok=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for n, (name, content) in enumerate(files):
            # The number keeps two files of one name apart; the name says which sheet a csv file is.
            package.writestr(f"{n}/{Path(name).name}", content)
    _place(folder, account_id, key).write_bytes(packed.getvalue())
    return key


def kept_upload(folder: Path, account_id: int, key: str) -> Files | None:
    """The files an account kept under a key, unless there are none any more."""
    if not _KEY.fullmatch(key) or not (place := _place(folder, account_id, key)).exists():
        return None
    with zipfile.ZipFile(place) as package:
        return [(name.partition("/")[2], package.read(name)) for name in package.namelist()]


def forget_upload(folder: Path, account_id: int, key: str) -> None:
    """Drop files that are no longer needed."""
    _place(folder, account_id, key).unlink(missing_ok=True)


def _place(folder: Path, account_id: int, key: str) -> Path:
    return folder / f"{account_id}-{key}.zip"
