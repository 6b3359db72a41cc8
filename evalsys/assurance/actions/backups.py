"""Backing a site up and getting it back, looked through before anybody relies on it."""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evalsys.kernel import clock, revision
from evalsys.kernel.backups import making
from evalsys.kernel.backups.archive import Manifest, Watch
from evalsys.kernel.refusals import Refused
from evalsys.kernel.settings import PREFIX, Settings

# Destroyed within 48 hours, whatever happens: no backup keeps them longer. Nobody stays signed in by one.
LEFT_OUT = ("rating_traces", "trace_keys", "sessions")
_OURS = re.compile(r"evalsys-\d{8}-\d{6}\.zip")


class NotLookedAt(Refused):
    """What was restored could not be upgraded or looked through."""


@dataclass(frozen=True)
class Restored:
    """A backup that was laid into a place and looked through.

    `seconds` until all of it lay there in the present schema; `verdict` is the last line of `evalsys verify`.
    """

    manifest: Manifest
    size: int  # bytes of the backup
    seconds: float
    verdict: dict[str, int]

    @property
    def differences(self) -> int:
        """What does not agree with the ratings, with the seals or among itself."""
        return self.verdict["differences"]

    def figures(self) -> dict[str, object]:
        """For programs."""
        return figures(self.manifest) | {
            "size": self.size,
            "seconds": round(self.seconds, 1),
            **self.verdict,
        }


def figures(manifest: Manifest) -> dict[str, object]:
    """What a backup holds, for programs."""
    return {
        "made_at": manifest.made_at.isoformat(),
        "engine": manifest.engine,
        "revision": manifest.revision,
        "tables": len(manifest.rows),
        "table_rows": sum(manifest.rows.values()),
        "files": len(manifest.files),
        "missing_files": len(manifest.missing),
    }


def back_up(site: Settings, file: Path, now: datetime, watch: Watch) -> Manifest:
    """Back a site up into a new file; see `kernel.backups.making` for what it refuses."""
    return making.back_up(site, file, LEFT_OUT, now, watch)


def back_up_into(folder: Path, site: Settings, now: datetime, watch: Watch, keep: int) -> Path:
    """A new backup in a folder, after which the newest `keep` of ours stay there; where it lies."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / f"evalsys-{clock.local(now):%Y%m%d-%H%M%S}.zip"
    back_up(site, file, now, watch)
    for one in kept_in(folder)[max(1, keep) :]:
        one.unlink()
    for one in folder.glob("evalsys-*.zip.part"):
        one.unlink()  # of a backup that was killed: only one is made at a time
    return file


def kept_in(folder: Path) -> list[Path]:
    """The backups in a folder that were made by the clock, the newest first."""
    return sorted((one for one in folder.glob("evalsys-*.zip") if _OURS.fullmatch(one.name)), reverse=True)


def restore(place: Settings, file: Path, watch: Watch) -> Restored:
    """Lay a backup into an empty place, bring it to the present schema, and look all of it through.

    Raises what `kernel.backups.making.restore` raises, which leaves the place as it was, and NotLookedAt.
    """
    began = time.monotonic()
    manifest = making.restore(place, file, watch)
    if manifest.revision != revision.newest():
        _told_by(place, "upgrade")
    seconds = time.monotonic() - began
    verdict = json.loads(_told_by(place, "verify", "--json"))
    return Restored(manifest, file.stat().st_size, seconds, verdict)


def _told_by(place: Settings, *command: str) -> str:
    """The last line an `evalsys` command says about a place; its progress is seen by whoever watches ours."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {f"{PREFIX}INSTANCE": str(place.instance), f"{PREFIX}DATABASE_URL": place.database}
    done = subprocess.run(
        [sys.executable, "-m", "evalsys", *command],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if not lines or (done.returncode and not lines[-1].startswith("{")):
        raise NotLookedAt(
            "数据已经恢复,但 evalsys {command} 没有做完。请在那里再运行一次。", command=command[0]
        )
    return lines[-1]
