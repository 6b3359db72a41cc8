"""A site to hurt: its folder, a way back to how it stood, and the proof that nothing thanked for was lost."""

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.evaluation.models import Attribution, Rating, RatingTrace, Submission
from evalsys.kernel import clock
from evalsys.kernel.database import db, sqlite_library, transaction
from evalsys.kernel.secrets import digest, spelled
from evalsys.kernel.settings import Settings
from evalsys.scoring.queries import checks
from tests.builders import a_clerk, a_window, around, code_of, on_duty
from tests.server import clean_environment

CHECKOUT = Path(__file__).resolve().parents[2]
WINDOWS = 4


@dataclass(frozen=True)
class Found:
    """What stands in a database: how many ratings, which thank-yous have none, and what is not whole."""

    ratings: int
    lost: frozenset[str]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """A real site with four windows and people at them."""

    settings: Settings
    codes: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this site is started with."""
        chosen = {
            "EVALSYS_INSTANCE": str(self.settings.instance),
            "EVALSYS_SECRET_KEY": self.settings.secret_key,
            "PYTHONPATH": str(CHECKOUT),
        }
        if self.settings.database_url:
            chosen["EVALSYS_DATABASE_URL"] = self.settings.database_url
        return clean_environment() | chosen

    @property
    def files(self) -> list[Path]:
        """The files SQLite keeps of this site at this moment."""
        folder = self.settings.instance
        return sorted([*folder.glob("evalsys.sqlite3"), *folder.glob("evalsys.sqlite3-*")])

    @cached_property
    def app(self) -> Flask:
        """An application to look at the site with, from outside of whatever is being hurt."""
        return create_app(self.settings)

    def keep(self, folder: Path) -> None:
        """Keep the database as it lies there; what is shared in memory is made anew by whoever opens it."""
        folder.mkdir()
        for file in self.files:
            if not file.name.endswith("-shm"):
                shutil.copyfile(file, folder / file.name)

    def put_back(self, folder: Path) -> None:
        """Lay the database as it was kept."""
        for file in self.files:
            file.unlink()
        for file in folder.iterdir():
            shutil.copyfile(file, self.settings.instance / file.name)

    def look(self, thanked: Collection[str] = ()) -> Found:
        """Open the database as the next process would, and look for every receipt given out."""
        with self.app.app_context():
            try:
                with transaction() as session:
                    return _found(session, thanked)
            finally:
                db.session.remove()
                db.engine.dispose()


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Somebody holds the SQLite file for writing and does not let go."""
    holder = sqlite_library().connect(site.settings.instance / "evalsys.sqlite3", isolation_level=None)
    holder.execute("PRAGMA busy_timeout=60000")
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.close()


def furnish(settings: Settings) -> Site:
    """Put four windows with their codes and a clerk each into an empty site."""
    app = create_app(settings)
    with app.app_context():
        with transaction() as session:
            codes = tuple(_window(session, str(number)) for number in range(1, WINDOWS + 1))
        db.engine.dispose()
    return Site(settings, codes)


def _window(session: Session, number: str) -> str:
    window = a_window(session, number)
    on_duty(session, window, a_clerk(session, f"100{number}", f"工作人员{number}"), *around(clock.now(), 12))
    return code_of(session, window)


def _found(session: Session, thanked: Collection[str]) -> Found:
    stored = set(session.scalars(select(Submission.receipt_hash)))
    lost = frozenset(receipt for receipt in thanked if digest(spelled(receipt)) not in stored)
    return Found(_rows(session, Rating), lost, (*_faults_of_the_file(session), *_faults_of_the_rows(session)))


def _rows(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _faults_of_the_file(session: Session) -> list[str]:
    """What the engine itself finds wrong; PostgreSQL has no such question, it refuses to read."""
    if session.connection().dialect.name != "sqlite":
        return []
    said = session.scalars(text("PRAGMA integrity_check")).all()
    loose = session.execute(text("PRAGMA foreign_key_check")).all()
    return [*(line for line in said if line != "ok"), *(f"points nowhere: {row}" for row in loose)]


def _faults_of_the_rows(session: Session) -> list[str]:
    """Half-written ratings, and sums that say something else than the ratings."""
    ratings = _rows(session, Rating)
    faults = [
        f"{ratings} ratings but {rows} {table.__tablename__}"
        for table in (Submission, Attribution, RatingTrace)
        if (rows := _rows(session, table)) != ratings
    ]
    verdict = checks.differences(session)
    if verdict.differences:
        faults.append(f"{verdict.differences} sums differ: {verdict.examples}")
    return faults
